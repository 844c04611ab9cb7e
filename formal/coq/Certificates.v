(** What the jury's answers are worth to others: t opened seats, and t VOIDs. *)

Require Import List Arith Lia Bool.
Require Import Seats Juror Execution Agreement.
Import ListNotations.

(** The rule of spec/signing.md: f < t ≤ n − f. *)
Definition thresholds (J : jury) : Prop :=
  faults J < threshold J /\ threshold J <= seats J - faults J.

(** t distinct seats have opened their shares: corrupt ones open what they like,
    honest ones (whose shares verify, and VOIDs are signed) only as the machine
    does. t of them complete every signature. *)
Definition opened (J : jury) (h : history) (L : list seat) : Prop :=
  NoDup L /\ threshold J <= length L /\
  forall j, In j L -> j < seats J /\ (honest J j = true -> accepted (run J h j)).

(** A void certificate: t distinct seats have signed VOID(m). *)
Definition void_certificate (J : jury) (h : history) (L : list seat) : Prop :=
  NoDup L /\ threshold J <= length L /\
  forall j, In j L -> j < seats J /\ (honest J j = true -> voided (run J h j)).

(** Each contains an honest seat. *)
Lemma opened_by_an_honest_one : forall J h L,
  lawful J h -> thresholds J -> opened J h L ->
  exists i, is_honest J i /\ accepted (run J h i).
Proof.
  intros J h L law [low _] [nd [len all]].
  destruct (one_is_honest (seats J) (faults J) (honest J) L (few J h law) nd
              (fun j inL => proj1 (all j inL)) (Nat.lt_le_trans _ _ _ low len)) as [i [inL hi]].
  destruct (all i inL) as [lt a]. exists i. split; [now split|now apply a].
Qed.

Lemma voided_by_an_honest_one : forall J h L,
  lawful J h -> thresholds J -> void_certificate J h L ->
  exists i, is_honest J i /\ voided (run J h i).
Proof.
  intros J h L law [low _] [nd [len all]].
  destruct (one_is_honest (seats J) (faults J) (honest J) L (few J h law) nd
              (fun j inL => proj1 (all j inL)) (Nat.lt_le_trans _ _ _ low len)) as [i [inL hi]].
  destruct (all i inL) as [lt a]. exists i. split; [now split|now apply a].
Qed.

(** NO CONTRADICTION. Where a void certificate exists nobody ever has t shares:
    h is the history until then, g whatever comes later. *)
Theorem certificates_exclude : forall J h g L L',
  protocol J -> thresholds J -> lawful J (h ++ g) ->
  void_certificate J h L -> opened J (h ++ g) L' -> False.
Proof.
  intros J h g L L' proto th law [nd [len all]] o.
  destruct (opened_by_an_honest_one J (h ++ g) L' law th o) as [i [hi ai]].
  assert (cert : void_certificate J (h ++ g) L).
  { split; [exact nd|]. split; [exact len|]. intros j inL. destruct (all j inL) as [lt v].
    split; [exact lt|]. intro hj. now apply voided_later, v. }
  destruct (voided_by_an_honest_one J (h ++ g) L law th cert) as [j [hj vj]].
  exact (no_void_beside_open J (h ++ g) i j proto law hi ai hj vj).
Qed.

(** Even one honest juror's opening excludes it, whatever else is open. *)
Theorem one_open_excludes_void : forall J h L i,
  protocol J -> thresholds J -> lawful J h ->
  is_honest J i -> accepted (run J h i) -> void_certificate J h L -> False.
Proof.
  intros J h L i proto th law hi ai c.
  destruct (voided_by_an_honest_one J h L law th c) as [j [hj vj]].
  exact (no_void_beside_open J h i j proto law hi ai hj vj).
Qed.

(** Asked after D + (f+1)Δ, and up throughout by then. *)
Definition asked (J : jury) (h : history) (j : seat) : Prop :=
  exists h1 now own h2,
    h = h1 ++ {| who := j; at_ := now; what := Ask own |} :: h2 /\ close J < now /\
    up_throughout J (h1 ++ [{| who := j; at_ := now; what := Ask own |}]) j.

(** TERMINATION. Who is asked answers: opened, or void. *)
Theorem answers : forall J h j,
  lawful J h -> is_honest J j -> asked J h j ->
  accepted (run J h j) \/ voided (run J h j).
Proof.
  intros J h j law hj [h1 [now [own [h2 [eq [late up]]]]]].
  assert (eq' : h = (h1 ++ [{| who := j; at_ := now; what := Ask own |}]) ++ h2)
    by (rewrite eq, <- app_assoc; reflexivity).
  rewrite eq'. unfold up_throughout in up. rewrite run_next in up. unfold move in up.
  simpl who in up. rewrite Nat.eqb_refl in up. simpl at_ in up. simpl what in up.
  destruct (stands (run J h1 j)) as [|s es|] eqn:before.
  - destruct (barred (step J j now (Ask own) (run J h1 j))) eqn:b.
    + (* barred: it has seen its own endorsement, so it has accepted *)
      left. apply accepted_later.
      destruct (barred (run J h1 j)) eqn:b1.
      * exfalso.
        assert (W : accepted (run J h1 j)).
        { apply (barred_accepted J h j h1 law hj); [|exact b1].
          now exists ({| who := j; at_ := now; what := Ask own |} :: h2). }
        destruct W as [? [? W]]. congruence.
      * destruct own.
        -- exfalso. destruct (unforged_shown J h law h1 j now h2 eq hj) as [s [es W]]. congruence.
        -- exfalso. simpl in b. rewrite before in b. simpl in b.
           match type of b with context [if ?x then _ else _] => destruct x end; simpl in b; rewrite b1 in b; discriminate.
    + right. apply voided_later. unfold voided. rewrite run_next. unfold move.
      cbn [who at_ what]. rewrite Nat.eqb_refl. apply (step_must_void J j now own); assumption.
  - left. do 2 apply accepted_later. unfold accepted. eauto.
  - right. do 2 apply voided_later. exact before.
Qed.

(** Where t honest jurors are up throughout, asking them after D + (f+1)Δ gives
    a certificate: of one kind or the other. *)
Theorem outcome : forall J h U,
  protocol J -> lawful J h ->
  NoDup U -> threshold J <= length U -> (forall j, In j U -> is_honest J j /\ asked J h j) ->
  opened J h U \/ void_certificate J h U.
Proof.
  intros J h U proto law nd len all.
  destruct (somebody_accepted J h) as [[i [hi ai]]|none].
  - left. split; [exact nd|]. split; [exact len|]. intros j inU.
    destruct (all j inU) as [hj aj]. split; [now destruct hj|]. intros _.
    destruct (answers J h j law hj aj) as [a|v]; [exact a|].
    exfalso. exact (no_void_beside_open J h i j proto law hi ai hj v).
  - right. split; [exact nd|]. split; [exact len|]. intros j inU.
    destruct (all j inU) as [hj aj]. split; [now destruct hj|]. intros _.
    destruct (answers J h j law hj aj) as [a|v]; [|exact v].
    exfalso. apply none. eauto.
Qed.

(** If all honest jurors are, there are t of them: t ≤ n − f. *)
Corollary outcome_of_all : forall J h,
  protocol J -> thresholds J -> lawful J h ->
  (forall j, is_honest J j -> asked J h j) ->
  opened J h (honest_seats (seats J) (honest J)) \/
  void_certificate J h (honest_seats (seats J) (honest J)).
Proof.
  intros J h proto [_ high] law all. apply outcome; auto.
  - apply honest_seats_distinct.
  - eapply Nat.le_trans; [exact high|]. apply honest_count. exact (few J h law).
  - intros j inU. apply honest_seats_spec in inU. split; [exact inU|now apply all].
Qed.
