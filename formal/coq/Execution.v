(** What may happen to a whole jury: one list of events, in the order of real
    time, with each event's moment on the clock of the juror it happens to.
    Corrupt jurors and parties are not programs here: they are whatever puts
    claims into the list. [lawful] says what they cannot do. *)

Require Import List Arith Lia Bool.
Require Import Seats Juror.
Import ListNotations.

Record happening := { who : seat; at_ : time; what : event }.

Definition history := list happening.

(** What one juror is after a history. *)
Definition move (J : jury) (j : seat) (st : state) (g : happening) : state :=
  if who g =? j then step J j (at_ g) (what g) st else st.

Definition run (J : jury) (h : history) (j : seat) : state := fold_left (move J j) h fresh.

Definition is_honest (J : jury) (j : seat) : Prop := j < seats J /\ honest J j = true.

(** The assumptions of spec/signing.md, and nothing else. *)
Record lawful (J : jury) (h : history) : Prop := {
  (** 1. At most f jurors are corrupt. *)
  few : length (corrupt_seats (seats J) (honest J)) <= faults J;

  (** 4. Endorsements are not forged: an honest juror's endorsement arrives
      anywhere only after that juror has accepted. *)
  unforged : forall h1 i now c es h2,
    h = h1 ++ {| who := i; at_ := now; what := Arrive c es |} :: h2 -> is_honest J i ->
    forall j, In j es -> is_honest J j -> accepted (run J h1 j);
  unforged_shown : forall h1 i now h2,
    h = h1 ++ {| who := i; at_ := now; what := Ask true |} :: h2 -> is_honest J i ->
    accepted (run J h1 i);

  (** "Having drained what had arrived in time": of a question and a claim, the
      one that arrived first is handled first if the claim did (jury.Queue). *)
  drained : forall h1 i asked own h2 now c es h3,
    h = h1 ++ {| who := i; at_ := asked; what := Ask own |} :: h2 ++
             {| who := i; at_ := now; what := Arrive c es |} :: h3 -> is_honest J i ->
    asked <= now;

  (** 2. Δ: what an honest juror accepted at s on its clock, with its own and
      all counted endorsements, reaches every other honest juror by
      max(s, D) + Δ on that one's clock, if it was up from D until then.
      Repeats.v derives this from clocks, one delivery and the repeats. *)
  relayed : forall i j s es,
    is_honest J i -> is_honest J j -> i <> j ->
    stands (run J h i) = Completed s es ->
    covers (run J h j) (deadline J) (Nat.max s (deadline J) + delta J) = true ->
    exists h1 now c es' h2,
      h = h1 ++ {| who := j; at_ := now; what := Arrive c es' |} :: h2 /\
      valid J c = true /\ incl es es' /\ now <= Nat.max s (deadline J) + delta J;
}.

(** Up throughout [D, D + (f+1)Δ], as the juror itself has recorded it. *)
Definition up_throughout (J : jury) (h : history) (j : seat) : Prop :=
  covers (run J h j) (deadline J) (close J) = true.

(** ** Runs *)

Lemma run_app : forall J h g j, run J (h ++ g) j = fold_left (move J j) g (run J h j).
Proof. intros. unfold run. apply fold_left_app. Qed.

Lemma run_next : forall J h g j, run J (h ++ [g]) j = move J j (run J h j) g.
Proof. intros. rewrite run_app. reflexivity. Qed.

Lemma completed_stays : forall J g j st s es,
  stands st = Completed s es -> stands (fold_left (move J j) g st) = Completed s es.
Proof.
  induction g as [|a g IH]; intros j st s es H; simpl; [exact H|].
  apply IH. unfold move. destruct (who a =? j); [now apply step_completed|exact H].
Qed.

Lemma voided_stays : forall J g j st,
  stands st = Voided -> stands (fold_left (move J j) g st) = Voided.
Proof.
  induction g as [|a g IH]; intros j st H; simpl; [exact H|].
  apply IH. unfold move. destruct (who a =? j); [now apply step_voided|exact H].
Qed.

Lemma covers_stays : forall J g j st a b,
  covers st a b = true -> covers (fold_left (move J j) g st) a b = true.
Proof.
  induction g as [|x g IH]; intros j st a b H; simpl; [exact H|].
  apply IH. unfold move. destruct (who x =? j); [now apply step_covers|exact H].
Qed.

Lemma accepted_later : forall J h g j, accepted (run J h j) -> accepted (run J (h ++ g) j).
Proof.
  intros J h g j [s [es H]]. rewrite run_app. exists s, es. now apply completed_stays.
Qed.

Lemma voided_later : forall J h g j, voided (run J h j) -> voided (run J (h ++ g) j).
Proof. intros J h g j H. rewrite run_app. unfold voided. now apply voided_stays. Qed.

(** A juror never both opens and voids. *)
Lemma not_both : forall st, accepted st -> voided st -> False.
Proof. intros st [s [es a]] v. unfold voided in v. congruence. Qed.

(** The moment at which a juror accepted. *)
Lemma accepting_event : forall J h j s es,
  stands (run J h j) = Completed s es ->
  exists h1 c es0 h2,
    h = h1 ++ {| who := j; at_ := s; what := Arrive c es0 |} :: h2 /\
    valid J c = true /\ es = j :: counted J j es0 /\
    s <= deadline J + length (counted J j es0) * delta J.
Proof.
  induction h as [|g h IH] using rev_ind; intros j s es H.
  - discriminate.
  - rewrite run_next in H. unfold move in H.
    destruct (who g =? j) eqn:mine.
    + apply Nat.eqb_eq in mine.
      destruct (stands (run J h j)) as [|s' es'|] eqn:before.
      * destruct (step_accepts _ _ _ _ _ _ _ before H) as [c [es0 [ev [v [now [e lim]]]]]].
        exists h, c, es0, []. destruct g as [w a e']; simpl in *. subst. auto.
      * assert (H' : stands (step J j (at_ g) (what g) (run J h j)) = Completed s' es') by now apply step_completed.
        rewrite H' in H. injection H as -> ->.
        destruct (IH _ _ _ before) as [h1 [c [es0 [h2 [eq rest]]]]].
        exists h1, c, es0, (h2 ++ [g]). split; [|exact rest]. now rewrite eq, <- app_assoc.
      * assert (H' : stands (step J j (at_ g) (what g) (run J h j)) = Voided) by now apply step_voided.
        congruence.
    + destruct (IH _ _ _ H) as [h1 [c [es0 [h2 [eq rest]]]]].
      exists h1, c, es0, (h2 ++ [g]). split; [|exact rest]. now rewrite eq, <- app_assoc.
Qed.

(** The moment at which a juror voided: a question after D + (f+1)Δ, put to a
    juror that was up throughout. *)
Lemma voiding_event : forall J h j,
  voided (run J h j) ->
  exists h1 now own h2,
    h = h1 ++ {| who := j; at_ := now; what := Ask own |} :: h2 /\
    close J < now /\ (abstains J = true -> up_throughout J h j).
Proof.
  induction h as [|g h IH] using rev_ind; intros j H.
  - discriminate.
  - assert (old : voided (run J h j) -> exists h1 now own h2,
      h ++ [g] = h1 ++ {| who := j; at_ := now; what := Ask own |} :: h2 /\
      close J < now /\ (abstains J = true -> up_throughout J (h ++ [g]) j)).
    { intro v. destruct (IH _ v) as [h1 [now [own [h2 [eq [late up]]]]]].
      exists h1, now, own, (h2 ++ [g]). split; [now rewrite eq, <- app_assoc|]. split; [exact late|].
      intro ab. specialize (up ab). unfold up_throughout in *. rewrite run_app. now apply covers_stays. }
    unfold voided in H. rewrite run_next in H. unfold move in H.
    destruct (who g =? j) eqn:mine; [|now apply old].
    apply Nat.eqb_eq in mine.
    destruct (stands (run J h j)) as [|s' es'|] eqn:before.
    + destruct (step_voids _ _ _ _ _ before H) as [own [ev [late cov]]].
      exists h, (at_ g), own, []. split; [destruct g as [w a e]; simpl in *; now subst|].
      split; [exact late|]. intro ab. specialize (cov ab). unfold up_throughout. rewrite run_next. unfold move.
      rewrite mine, Nat.eqb_refl. exact cov.
    + assert (H' : stands (step J j (at_ g) (what g) (run J h j)) = Completed s' es') by now apply step_completed.
      congruence.
    + now apply old.
Qed.

(** Only who saw its own endorsement is barred, and that one has accepted. *)
Lemma barred_accepted : forall J h j h1,
  lawful J h -> is_honest J j -> (exists h2, h = h1 ++ h2) ->
  barred (run J h1 j) = true -> accepted (run J h1 j).
Proof.
  intros J h j h1 law hon. induction h1 as [|g h1 IH] using rev_ind; intros [h2 eq] b; [discriminate|].
  rewrite <- app_assoc in eq. simpl in eq.
  destruct (barred (run J h1 j)) eqn:before.
  { apply accepted_later. apply IH; [now exists (g :: h2)|reflexivity]. }
  rewrite run_next in b. unfold move in b. destruct (who g =? j) eqn:mine; [|congruence].
  apply Nat.eqb_eq in mine. apply accepted_later.
  destruct g as [w a [c es|own| |]]; simpl in *; subst w; try congruence.
  - apply (unforged J h law h1 j a c es h2); auto.
    destruct (existsb (Nat.eqb j) es) eqn:own.
    + apply existsb_exists in own. destruct own as [x [inx e]]. apply Nat.eqb_eq in e. now subst.
    + destruct (stands (run J h1 j)); simpl in b; try destruct (valid J c && good J j a es);
        simpl in b; rewrite before in b; simpl in b; congruence.
  - destruct own.
    + now apply (unforged_shown J h law h1 j a h2).
    + destruct (stands (run J h1 j)); simpl in b;
        try match type of b with context [if ?x then _ else _] => destruct x end;
        simpl in b; rewrite before in b; simpl in b; congruence.
Qed.
