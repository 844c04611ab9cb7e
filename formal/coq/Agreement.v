(** The jury's signed broadcast, for any n and f: all honest jurors accept the
    claim, or none does (Dolev and Strong, 1983, with a deadline for each number
    of endorsements). *)

Require Import List Arith Lia Bool.
Require Import Seats Juror Execution.
Import ListNotations.

(** The protocol: f + 1 rounds, and who was not up throughout abstains. *)
Definition protocol (J : jury) : Prop := rounds J = faults J + 1 /\ abstains J = true.

(** Whether an honest juror has accepted can be looked up. *)
Lemma somebody_accepted : forall J h,
  (exists x, is_honest J x /\ accepted (run J h x)) \/
  ~ (exists x, is_honest J x /\ accepted (run J h x)).
Proof.
  intros J h.
  set (is_done := fun x => match stands (run J h x) with Completed _ _ => true | _ => false end).
  destruct (existsb is_done (honest_seats (seats J) (honest J))) eqn:found.
  - left. apply existsb_exists in found. destruct found as [x [inx done]].
    apply honest_seats_spec in inx. exists x. split; [exact inx|].
    unfold is_done in done. unfold accepted. destruct (stands (run J h x)); try discriminate. eauto.
  - right. intros [x [hx [s [es a]]]].
    assert (existsb is_done (honest_seats (seats J) (honest J)) = true); [|congruence].
    apply existsb_exists. exists x. split; [now apply honest_seats_spec|].
    unfold is_done. now rewrite a.
Qed.

(** If an honest juror has accepted, one has accepted with at most f
    endorsements: the first did, since all of its endorsers were corrupt. *)
Lemma first_acceptance : forall J h,
  lawful J h -> (exists i, is_honest J i /\ accepted (run J h i)) ->
  exists i s es, is_honest J i /\ stands (run J h i) = Completed s es /\
    length es <= faults J + 1 /\ In i es /\ NoDup es /\
    (forall x, In x es -> x < seats J) /\
    s <= deadline J + (length es - 1) * delta J.
Proof.
  intros J h law.
  assert (P : forall h1 h2, h = h1 ++ h2 -> (exists i, is_honest J i /\ accepted (run J h1 i)) ->
    exists i s es, is_honest J i /\ stands (run J h1 i) = Completed s es /\
      length es <= faults J + 1 /\ In i es /\ NoDup es /\ (forall x, In x es -> x < seats J) /\
      s <= deadline J + (length es - 1) * delta J).
  2: { apply (P h []). now rewrite app_nil_r. }
  induction h1 as [|g h1 IH] using rev_ind; intros h2 eq [i [hon [s [es acc]]]]; [discriminate|].
  rewrite <- app_assoc in eq. simpl in eq.
  destruct (somebody_accepted J h1) as [some|none].
  - destruct (IH _ eq some) as [i0 [s0 [es0 [h0 [st [rest]]]]]].
    exists i0, s0, es0. split; [exact h0|]. split; [|auto].
    rewrite run_app. now apply completed_stays.
  - assert (W : ~ accepted (run J h1 i)) by eauto.
    rewrite run_next in acc. unfold move in acc.
    destruct (who g =? i) eqn:mine; [|exfalso; apply W; unfold accepted; eauto].
    apply Nat.eqb_eq in mine.
    destruct (stands (run J h1 i)) as [|s' es'|] eqn:before.
    2: { exfalso. apply W. unfold accepted. eauto. }
    2: { rewrite step_voided in acc; congruence. }
    destruct (step_accepts _ _ _ _ _ _ _ before acc) as [c [es0 [ev [v [now [e lim]]]]]].
    exists i, s, es. split; [exact hon|]. split.
    { rewrite run_next. unfold move. rewrite mine, Nat.eqb_refl. exact acc. }
    subst s es.
    assert (corrupt : forall x, In x (counted J i es0) -> x < seats J /\ honest J x = false).
    { intros x inC. destruct (counted_spec _ _ _ _ inC) as [inE [lt ne]]. split; [exact lt|].
      destruct (honest J x) eqn:hx; [|reflexivity]. exfalso. apply none. exists x.
      assert (hx' : is_honest J x) by now split. split; [exact hx'|].
      apply (unforged J h law h1 i (at_ g) c es0 h2); auto.
      rewrite eq. destruct g; simpl in *. now subst. }
    assert (le : length (counted J i es0) <= faults J).
    { eapply Nat.le_trans; [|exact (few J h law)].
      now apply corrupt_count; [apply counted_distinct|]. }
    split; [simpl; lia|]. split; [now left|]. split.
    { constructor; [|apply counted_distinct]. intro inC. apply counted_spec in inC. now destruct inC as [_ [_ ne]]. }
    split.
    { intros x [->|inC]; [now destruct hon|]. now apply corrupt in inC. }
    simpl. now rewrite Nat.sub_0_r.
Qed.

(** AGREEMENT. If one honest juror has accepted, every honest juror that was up
    throughout [D, D + (f+1)Δ] has accepted. *)
Theorem agreement : forall J h i j,
  protocol J -> lawful J h ->
  is_honest J i -> accepted (run J h i) ->
  is_honest J j -> up_throughout J h j ->
  accepted (run J h j).
Proof.
  intros J h i j proto law hi ai hj up.
  destruct (first_acceptance J h law (ex_intro _ i (conj hi ai)))
    as [x [s [es [hx [st [short [inx [nd [all lim]]]]]]]]].
  destruct (Nat.eq_dec x j) as [->|ne]; [unfold accepted; eauto|].
  destruct proto as [proto _]. unfold up_throughout in up.
  assert (len : 1 <= length es) by (destruct es; [inversion inx|simpl; lia]).
  (* the forward comes in time, with the endorsements of all of es *)
  assert (limit : Nat.max s (deadline J) + delta J <= deadline J + length es * delta J).
  { assert (length es * delta J = (length es - 1) * delta J + delta J) by nia. lia. }
  assert (before_close : Nat.max s (deadline J) + delta J <= close J).
  { unfold close. rewrite proto. nia. }
  destruct (relayed J h law x j s es hx hj ne st (covers_less _ _ _ _ before_close up))
    as [h1 [now [c [es' [h2 [eq [v [sub intime]]]]]]]].
  rewrite eq. change (h1 ++ {| who := j; at_ := now; what := Arrive c es' |} :: h2)
    with (h1 ++ [{| who := j; at_ := now; what := Arrive c es' |}] ++ h2).
  rewrite app_assoc. apply accepted_later.
  (* j itself is among es: it has endorsed, hence accepted, before *)
  destruct (in_dec Nat.eq_dec j es) as [inj|notin].
  { apply accepted_later. eapply (unforged J h law); eauto. }
  destruct (stands (run J h1 j)) as [|s' es''|] eqn:before.
  - unfold accepted. rewrite run_next. unfold move. simpl. rewrite Nat.eqb_refl.
    apply step_must_accept; [exact before|exact v|].
    apply Nat.leb_le.
    assert (k : Nat.min (length es) (rounds J) <= length (counted J j es')).
    { apply counted_at_least; [exact nd|exact sub|]. intros y iny. split; [now apply all|]. intros ->. contradiction. }
    rewrite Nat.min_l in k by lia.
    assert (length es * delta J <= length (counted J j es') * delta J) by nia. lia.
  - apply accepted_later. unfold accepted. eauto.
  - (* it had voided: asked after the close, before this claim was handled *)
    exfalso. destruct (voiding_event J h1 j before) as [g1 [asked [own [g2 [eq1 [late _]]]]]].
    assert (asked <= now).
    { apply (drained J h law g1 j asked own g2 now c es' h2); [|exact hj].
      rewrite eq, eq1. now rewrite <- app_assoc. }
    lia.
Qed.

(** All honest jurors that were up throughout accept, or none does. *)
Theorem all_or_none : forall J h i j,
  protocol J -> lawful J h ->
  is_honest J i -> up_throughout J h i -> is_honest J j -> up_throughout J h j ->
  (accepted (run J h i) <-> accepted (run J h j)).
Proof. intros J h i j. split; intro a; [apply agreement with i|apply agreement with j]; assumption. Qed.

(** If any honest juror has opened, no honest juror ever voids: not even one
    that was down, since it abstains. *)
Theorem no_void_beside_open : forall J h i j,
  protocol J -> lawful J h ->
  is_honest J i -> accepted (run J h i) -> is_honest J j -> ~ voided (run J h j).
Proof.
  intros J h i j proto law hi ai hj v.
  destruct (voiding_event J h j v) as [h1 [now [own [h2 [_ [_ up]]]]]].
  specialize (up (proj2 proto)).
  apply (not_both (run J h j)); [|exact v].
  now apply agreement with i.
Qed.

(** VALIDITY. A valid claim that reached an honest juror straight from outside
    by D is accepted there, *)
Theorem in_time_accepted : forall J h1 j now c es h2,
  let h := h1 ++ {| who := j; at_ := now; what := Arrive c es |} :: h2 in
  lawful J h -> is_honest J j -> valid J c = true -> now <= deadline J ->
  accepted (run J h j).
Proof.
  intros J h1 j now c es h2 h law hj v intime.
  unfold h. change (h1 ++ {| who := j; at_ := now; what := Arrive c es |} :: h2)
    with (h1 ++ [{| who := j; at_ := now; what := Arrive c es |}] ++ h2).
  rewrite app_assoc. apply accepted_later.
  destruct (stands (run J h1 j)) as [|s es'|] eqn:before.
  - rewrite run_next. unfold move. simpl. rewrite Nat.eqb_refl.
    apply step_must_accept; [exact before|exact v|]. apply Nat.leb_le. lia.
  - apply accepted_later. unfold accepted. eauto.
  - exfalso. destruct (voiding_event J h1 j before) as [g1 [asked [own [g2 [eq1 [late _]]]]]].
    assert (asked <= now).
    { apply (drained J h law g1 j asked own g2 now c es h2); [|exact hj].
      unfold h. rewrite eq1. now rewrite <- app_assoc. }
    unfold close in late. lia.
Qed.

(** and so by all honest jurors that were up throughout. *)
Theorem validity : forall J h1 i now c es h2 j,
  let h := h1 ++ {| who := i; at_ := now; what := Arrive c es |} :: h2 in
  protocol J -> lawful J h -> is_honest J i -> valid J c = true -> now <= deadline J ->
  is_honest J j -> up_throughout J h j -> accepted (run J h j).
Proof.
  intros J h1 i now c es h2 j h proto law hi v intime hj up.
  apply agreement with i; try assumption. now apply in_time_accepted.
Qed.

(** NO INVENTION. Nobody honest accepts without a valid claim. *)
Theorem no_invention : forall J h j,
  accepted (run J h j) ->
  exists h1 now c es h2, h = h1 ++ {| who := j; at_ := now; what := Arrive c es |} :: h2 /\ valid J c = true.
Proof.
  intros J h j [s [es a]].
  destruct (accepting_event J h j s es a) as [h1 [c [es0 [h2 [eq [v _]]]]]]. eauto 8.
Qed.
