(** The assumptions can be met, and the numbers are needed: written-down
    executions of a jury of three, one of them corrupt. *)

Require Import List Arith Lia Bool.
Require Import Seats Juror Execution Agreement Certificates Checker.
Import ListNotations.

(** n = 3, f = 1, t = 2, D = 10, Δ = 2; seat 2 is corrupt; 7 is the valid claim.
    r is the number of rounds, 2 in the protocol; a is whether jurors abstain. *)
Definition three_of (r : nat) (a : bool) : jury := {|
  seats := 3; faults := 1; threshold := 2; rounds := r; abstains := a;
  deadline := 10; delta := 2;
  honest := fun j => negb (j =? 2);
  valid := fun c => c =? 7;
|}.

Definition three (r : nat) : jury := three_of r true.

Definition to (j : seat) (now : time) (e : event) : happening :=
  {| who := j; at_ := now; what := e |}.

Lemma three_thresholds : forall r, thresholds (three r).
Proof. intro r. split; simpl; lia. Qed.

Ltac seats_of L :=
  split; [repeat constructor; simpl; intuition discriminate|]; split; [simpl; lia|];
  let j := fresh "j" in let inj := fresh "inj" in
  intros j inj; simpl in inj;
  repeat (destruct inj as [<-|inj]; [split; [simpl; lia|intro; try discriminate; unfold voided, accepted; vm_compute; eauto]|]); try destruct inj.

(** ** The assumptions can be met *)

(** A claim reaches juror 0 at its D; it opens, and so does 1. *)
Definition claimed : history :=
  [ to 0 9 Rise; to 1 9 Rise;
    to 0 10 (Arrive 7 []);
    to 1 12 (Arrive 7 [0]); to 0 14 (Arrive 7 [1; 0]);
    to 0 15 (Ask false); to 1 15 (Ask false) ].

Theorem claimed_opens : protocol (three 2) /\ lawful (three 2) claimed /\ opened (three 2) claimed [0; 1].
Proof. split; [now split|]. split; [now apply check_sound|]. seats_of [0; 1]. Qed.

(** The corrupt juror endorses late, at D + Δ, to one juror only: all open. *)
Definition late : history :=
  [ to 0 9 Rise; to 1 9 Rise;
    to 0 12 (Arrive 7 [2]);
    to 1 14 (Arrive 7 [0; 2]); to 0 16 (Arrive 7 [1; 0; 2]);
    to 0 17 (Ask false); to 1 17 (Ask false) ].

Theorem late_opens : lawful (three 2) late /\ opened (three 2) late [0; 1].
Proof. split; [now apply check_sound|]. seats_of [0; 1]. Qed.

(** Nobody claims, or too late: both void. *)
Definition unclaimed : history :=
  [ to 0 9 Rise; to 1 9 Rise; to 0 11 (Arrive 7 []);
    to 0 15 (Ask false); to 1 15 (Ask false) ].

Theorem unclaimed_voids : lawful (three 2) unclaimed /\ void_certificate (three 2) unclaimed [0; 1].
Proof. split; [now apply check_sound|]. seats_of [0; 1]. Qed.

(** A juror that was down after D neither opens nor voids, though it is asked. *)
Definition away : history :=
  [ to 0 9 Rise; to 1 9 Rise; to 0 10 (Arrive 7 []);
    to 1 13 Rise; to 1 20 (Ask false) ].

Theorem away_abstains : lawful (three 2) away /\
  accepted (run (three 2) away 0) /\ stands (run (three 2) away 1) = Waiting.
Proof. split; [now apply check_sound|]. split; [unfold accepted; vm_compute; eauto|reflexivity]. Qed.

(** ** The numbers are needed *)

(** With f rounds, voids after D + fΔ, a corrupt juror's endorsement at D + fΔ
    splits the honest ones: t shares and a void certificate both exist. *)
Definition split_by_rounds : history :=
  [ to 0 9 Rise; to 1 9 Rise;
    to 0 12 (Arrive 7 [2]);
    to 1 13 (Ask false);
    to 1 14 (Arrive 7 [0; 2]) ].

Theorem f_rounds_break : exists J h L L',
  rounds J = faults J /\ thresholds J /\ lawful J h /\
  opened J h L /\ void_certificate J h L'.
Proof.
  exists (three 1), split_by_rounds, [0; 2], [1; 2].
  split; [reflexivity|]. split; [apply three_thresholds|]. split; [now apply check_sound|].
  split; [seats_of [0; 2]|seats_of [1; 2]].
Qed.

(** If a juror that was down after D voids all the same, both exist too. *)
Theorem void_after_outage_breaks : exists J h L L',
  rounds J = faults J + 1 /\ abstains J = false /\ thresholds J /\ lawful J h /\
  opened J h L /\ void_certificate J h L'.
Proof.
  exists (three_of 2 false), away, [0; 2], [1; 2].
  split; [reflexivity|]. split; [reflexivity|]. split; [split; simpl; lia|].
  split; [now apply check_sound|]. split; [seats_of [0; 2]|seats_of [1; 2]].
Qed.

(** With t = f, or less, the corrupt jurors alone make both certificates. *)
Theorem threshold_f_breaks : forall J h,
  threshold J <= length (corrupt_seats (seats J) (honest J)) ->
  opened J h (corrupt_seats (seats J) (honest J)) /\
  void_certificate J h (corrupt_seats (seats J) (honest J)).
Proof.
  intros J h low.
  assert (all : forall j, In j (corrupt_seats (seats J) (honest J)) -> j < seats J /\ honest J j = false).
  { intros j inj. apply filter_In in inj. destruct inj as [ins ne]. apply in_seq in ins.
    split; [lia|]. now apply negb_true_iff. }
  assert (nd : NoDup (corrupt_seats (seats J) (honest J))) by apply NoDup_filter, seq_NoDup.
  split; (split; [exact nd|split; [exact low|]]); intros j inj; destruct (all j inj) as [lt c];
    (split; [exact lt|intro; congruence]).
Qed.

(** With t > n − f, f silent jurors leave no certificate of either kind. *)
Theorem threshold_above_never_ends : forall J,
  length (honest_seats (seats J) (honest J)) < threshold J ->
  forall L, NoDup L -> (forall j, In j L -> is_honest J j) -> length L < threshold J.
Proof.
  intros J high L nd all. eapply Nat.le_lt_trans; [|exact high].
  apply NoDup_incl_length; [exact nd|]. intros j inj. apply honest_seats_spec. now apply all.
Qed.

(** [relayed] is needed of every honest juror that accepts: one that writes,
    shows its share to somebody, and is down before its claim has got out, is one
    of the f (here the corrupt seat is a second). Everything else is lawful. *)
Definition fell_silent : history :=
  [ to 0 9 Rise; to 1 9 Rise; to 0 10 (Arrive 7 []); to 1 15 (Ask false) ].

Theorem silent_after_accepting_breaks :
  few_check (three 2) && unforged_check (three 2) fell_silent && drained_check (three 2) fell_silent = true /\
  relayed_check (three 2) fell_silent = false /\
  opened (three 2) fell_silent [0; 2] /\ void_certificate (three 2) fell_silent [1; 2].
Proof.
  split; [reflexivity|]. split; [reflexivity|]. split; [seats_of [0; 2]|seats_of [1; 2]].
Qed.

(** [drained] is needed: a question handled before a claim that came in time. *)
Definition undrained : history :=
  [ to 0 9 Rise; to 1 9 Rise; to 0 10 (Arrive 7 []);
    to 1 15 (Ask false); to 1 12 (Arrive 7 [0]) ].

Theorem undrained_breaks :
  few_check (three 2) && unforged_check (three 2) undrained && relayed_check (three 2) undrained = true /\
  drained_check (three 2) undrained = false /\
  opened (three 2) undrained [0; 2] /\ void_certificate (three 2) undrained [1; 2].
Proof.
  split; [reflexivity|]. split; [reflexivity|]. split; [seats_of [0; 2]|seats_of [1; 2]].
Qed.

(** [few] is needed: two corrupt of three, with f = 1. *)
Definition too_many : jury := {|
  seats := 3; faults := 1; threshold := 2; rounds := 2; abstains := true; deadline := 10; delta := 2;
  honest := fun j => j =? 0; valid := fun c => c =? 7;
|}.

Theorem too_many_break : exists h,
  protocol too_many /\ thresholds too_many /\
  unforged_check too_many h && drained_check too_many h && relayed_check too_many h = true /\
  opened too_many h [1; 2] /\ void_certificate too_many h [1; 2].
Proof.
  exists []. split; [now split|]. split; [split; simpl; lia|]. split; [reflexivity|].
  split; [seats_of [1; 2]|seats_of [1; 2]].
Qed.
