(** The assumptions of Fairness.v can be met, and its conditions are needed: two
    parties, 0 honest and 1 corrupt, before the jury of three of Tight.v.
    D = 10, L = 3, ε = 1, W = 2: T_c = 6, releases before 4. *)

Require Import List Arith ZArith Lia Bool.
Require Import Seats Juror Execution Agreement Certificates Party Watcher Fairness Checker Tight.
Import ListNotations.

Definition two (h : history) (l : list (time * happens)) (w : list (time * notice)) : signing := {|
  jurors := three 2; story := h; parties := 2; decent := fun p => p =? 0;
  course := fun _ => l; reach := 3; skew := 1; patience := 2; claim_at := 6; limit := 4;
  guard := fun _ => w |}.

(** A watcher that hears nothing files at T_c; one that is shown the contract does not. *)
Definition alone : list (time * notice) := [(3, Lodge); (6, Look)].
Definition shown : list (time * notice) := [(3, Lodge); (4, Learn); (6, Look)].

Lemma alone_files : filed (vigil 6 alone) = Some 6 /\ filed (vigil 6 shown) = None. Proof. split; reflexivity. Qed.

(** Promised, all promises held, lodged: released at 3. Later events release nothing more. *)
Definition releases : list (time * happens) := [(1, Bind); (2, Gather); (3, Receipt)].

(** The same, but the receipt comes at T_c − W: never released, also not with a clock set back. *)
Definition too_late : list (time * happens) := [(1, Bind); (2, Gather); (4, Receipt); (2, Wake)].

Lemma releases_at_3 : released (life 4 releases) = Some 3. Proof. reflexivity. Qed.
Lemma too_late_releases_nothing : released (life 4 too_late) = None. Proof. reflexivity. Qed.

(** The other vanishes after 0's release: the watcher's claim comes at D. *)
Lemma claimed_is_assumed : assumed (two claimed releases alone).
Proof.
  split.
  - now split.
  - apply (three_thresholds 2).
  - now apply check_sound.
  - intros h1 j now c es h2 [|p] _ _ [_ d]; [reflexivity|discriminate].
  - simpl. lia.
  - intros p s [_ d] rel. simpl in d. apply Nat.eqb_eq in d. subst p.
    simpl in rel. injection rel as <-.
    exists [], 3, [(6, Look)], 0%Z, 0%Z. split; [reflexivity|]. split; [reflexivity|]. split; [reflexivity|].
    split; [simpl; lia|]. split.
    { right. exists [], []. split; [reflexivity|]. split; [simpl; lia|]. intros x []. }
    intros x f. vm_compute in f. injection f as <-.
    exists 1%Z, 9%Z, 0, 10, 7, [], [to 0 9 Rise; to 1 9 Rise].
    eexists. split; [simpl; lia|]. split; [split; [simpl; lia|reflexivity]|]. split; reflexivity.
Qed.

Lemma served : forall h l w,
  up_throughout (three 2) h 0 -> up_throughout (three 2) h 1 -> serving (two h l w) [0; 1].
Proof.
  intros h l w u0 u1. split; [repeat constructor; simpl; intuition discriminate|].
  split; [simpl; lia|]. intros j [<-|[<-|[]]]; (split; [split; [simpl; lia|reflexivity]|assumption]).
Qed.

Theorem both_obtain : contract_exists (two claimed releases alone) /\
  obtains (two claimed releases alone) [0; 1] 0.
Proof.
  assert (ex : contract_exists (two claimed releases alone)).
  { intros [|[|p]] lt; [eapply by_release; reflexivity|now apply not_decent|simpl in lt; lia]. }
  split; [exact ex|].
  apply fairness; [exact claimed_is_assumed|now apply served|split; [simpl; lia|reflexivity]|exact ex].
Qed.

(** All complete directly, party 0 is away: its watcher has S, nobody claims, the
    jury voids. The void certificate stands beside a contract, and so for a
    party that released it does not mean "never". *)
Lemma unclaimed_is_assumed : forall l, promised (life 4 l) = true ->
  (forall s, released (life 4 l) = Some s -> (3 - 0 + 0 <= Z.of_nat s)%Z) ->
  assumed (two unclaimed l shown).
Proof.
  intros l pr after. split.
  - now split.
  - apply (three_thresholds 2).
  - now apply check_sound.
  - intros h1 j now c es h2 [|p] _ _ [_ d]; [exact pr|discriminate].
  - simpl. lia.
  - intros p s [_ d] rel. simpl in d. apply Nat.eqb_eq in d. subst p.
    exists [], 3, [(4, Learn); (6, Look)], 0%Z, 0%Z. split; [reflexivity|]. split; [reflexivity|]. split; [reflexivity|].
    split; [|split; [right; exists [(4, Learn)], []; split; [reflexivity|]; split; [simpl; lia|intros x [<-|[]]; simpl; lia]|]].
    + exact (after s rel).
    + intros x f. discriminate.
Qed.

Theorem void_is_not_never_after_release :
  assumed (two unclaimed releases shown) /\
  void_certificate (three 2) unclaimed [0; 1] /\ contract_exists (two unclaimed releases shown).
Proof.
  split; [apply unclaimed_is_assumed; [reflexivity|intros s rel; injection rel as <-; lia]|].
  split; [apply unclaimed_voids|].
  intros [|[|p]] lt; [eapply by_release; reflexivity|now apply not_decent|simpl in lt; lia].
Qed.

(** The other never promises: void, and nobody ever completes. *)
Theorem nobody_bound : ~ contract_exists (two unclaimed [(1, Bind)] shown).
Proof.
  apply (void_means_never _ [0; 1] 0).
  - apply unclaimed_is_assumed; [reflexivity|discriminate].
  - split; [simpl; lia|reflexivity].
  - reflexivity.
  - reflexivity.
  - apply unclaimed_voids.
Qed.

(** [serving] is needed for fairness, not only for an outcome. Juror 1 is honest
    and was down for a moment after D; 2 is corrupt. Party 1 claims at D at 0
    alone, takes 0's share and 2's, and holds the contract. Party 0 promised and
    did not release; of honest jurors it gets one share of the two it needs. So
    jurors that are corrupt and jurors that are down must together be at most
    n − t, which is f for n = 2f + 1, t = f + 1. *)
Theorem an_absent_juror_costs_fairness :
  let Z := two away [(1, Bind)] alone in
  assumed Z /\ contract_exists Z /\ Party.has (who_is Z 0) = false /\ ~ watcher_has Z 0 /\
  forall L, NoDup L ->
    (forall j, In j L -> is_honest (three 2) j /\ accepted (run (three 2) away j)) ->
    length L < threshold (three 2).
Proof.
  split; [|split; [|split; [reflexivity|split; [discriminate|]]]].
  - split.
    + now split.
    + apply (three_thresholds 2).
    + now apply check_sound.
    + intros h1 j now c es h2 [|p] _ _ [_ d]; [reflexivity|discriminate].
    + simpl. lia.
    + intros p s _ rel. discriminate.
  - intros [|[|p]] lt; [|now apply not_decent|simpl in lt; lia].
    apply by_shares with (L := [0; 2]); [repeat constructor; simpl; intuition discriminate|simpl; lia|].
    intros j [<-|[<-|[]]]; (split; [simpl; lia|]); [unfold accepted; vm_compute; eauto|now intros].
  - intros L nd all. apply (Nat.le_lt_trans _ (length [0])); [|simpl; lia].
    apply NoDup_incl_length; [exact nd|].
    intros j inj. destruct (all j inj) as [[lt hon] [s [es a]]].
    destruct j as [|[|[|j]]]; [now left|vm_compute in a; discriminate|discriminate|simpl in lt; lia].
Qed.
