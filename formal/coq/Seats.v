(** Counting seats: among more than f distinct seats of a jury of which at most
    f are corrupt, one is honest. Everything in this folder rests on this. *)

Require Import List Arith Lia Bool.
Import ListNotations.

(** A seat is a number below n (the code counts from 1). *)
Definition seat := nat.

(** The corrupt seats of a jury of n. *)
Definition corrupt_seats (n : nat) (honest : seat -> bool) : list seat :=
  filter (fun j => negb (honest j)) (seq 0 n).

(** Distinct corrupt seats are no more than the corrupt seats. *)
Lemma corrupt_count : forall n honest L,
  NoDup L -> (forall j, In j L -> j < n /\ honest j = false) ->
  length L <= length (corrupt_seats n honest).
Proof.
  intros n honest L nd all.
  apply NoDup_incl_length; [exact nd|].
  intros j inL. destruct (all j inL) as [lt corrupt].
  apply filter_In. split; [apply in_seq; lia|]. now rewrite corrupt.
Qed.

(** More than f distinct seats: one of them is honest. *)
Lemma one_is_honest : forall n f honest L,
  length (corrupt_seats n honest) <= f ->
  NoDup L -> (forall j, In j L -> j < n) -> f < length L ->
  exists j, In j L /\ honest j = true.
Proof.
  intros n f honest L few nd all more.
  destruct (existsb honest L) eqn:some.
  - apply existsb_exists in some. firstorder.
  - exfalso.
    assert (length L <= length (corrupt_seats n honest)); [|lia].
    apply corrupt_count; [exact nd|].
    intros j inL. split; [now apply all|].
    destruct (honest j) eqn:h; [|reflexivity].
    assert (existsb honest L = true) by (apply existsb_exists; eauto).
    congruence.
Qed.

(** The honest seats: at least n - f. *)
Definition honest_seats (n : nat) (honest : seat -> bool) : list seat :=
  filter honest (seq 0 n).

Lemma honest_seats_spec : forall n honest j,
  In j (honest_seats n honest) <-> j < n /\ honest j = true.
Proof.
  intros. unfold honest_seats. rewrite filter_In, in_seq. intuition lia.
Qed.

Lemma honest_seats_distinct : forall n honest, NoDup (honest_seats n honest).
Proof. intros. apply NoDup_filter, seq_NoDup. Qed.

Lemma partition_length : forall (p : seat -> bool) L,
  length (filter p L) + length (filter (fun j => negb (p j)) L) = length L.
Proof.
  induction L as [|a L IH]; simpl; [reflexivity|].
  destruct (p a); simpl; lia.
Qed.

Lemma honest_count : forall n f honest,
  length (corrupt_seats n honest) <= f -> n - f <= length (honest_seats n honest).
Proof.
  intros n f honest few.
  pose proof (partition_length honest (seq 0 n)) as both.
  rewrite seq_length in both.
  unfold corrupt_seats, honest_seats in *. lia.
Qed.
