(** A program that decides whether a written-down history is lawful, with the
    proof that its yes can be trusted. Tight.v runs it. *)

Require Import List Arith Lia Bool.
Require Import Seats Juror Execution.
Import ListNotations.

Definition honestb (J : jury) (j : seat) : bool := (j <? seats J) && honest J j.
Definition acceptedb (st : state) : bool := match stands st with Completed _ _ => true | _ => false end.
Definition has (es : list seat) (j : seat) : bool := existsb (Nat.eqb j) es.

(** All ways to cut a history at one event: before, it, after. *)
Fixpoint cuts (h1 h : history) : list (history * happening * history) :=
  match h with
  | [] => []
  | x :: h2 => (h1, x, h2) :: cuts (h1 ++ [x]) h2
  end.

Definition few_check (J : jury) : bool := length (corrupt_seats (seats J) (honest J)) <=? faults J.

Definition unforged_check (J : jury) (h : history) : bool :=
  forallb (fun cut => let '(h1, x, _) := cut in
    negb (honestb J (who x)) ||
    match what x with
    | Arrive _ es => forallb (fun j => negb (honestb J j) || acceptedb (run J h1 j)) es
    | Ask true => acceptedb (run J h1 (who x))
    | _ => true
    end) (cuts [] h).

Definition drained_check (J : jury) (h : history) : bool :=
  forallb (fun cut => let '(_, x, h2) := cut in
    negb (honestb J (who x)) ||
    match what x with
    | Ask _ => forallb (fun y => match what y with
                                 | Arrive _ _ => negb (who y =? who x) || (at_ x <=? at_ y)
                                 | _ => true
                                 end) h2
    | _ => true
    end) (cuts [] h).

Definition relayed_check (J : jury) (h : history) : bool :=
  forallb (fun i => forallb (fun j =>
    match stands (run J h i) with
    | Completed s es =>
        let limit := Nat.max s (deadline J) + delta J in
        negb (honestb J i && honestb J j && negb (i =? j) && covers (run J h j) (deadline J) limit) ||
        existsb (fun x => match what x with
                          | Arrive c es' => (who x =? j) && valid J c && forallb (has es') es && (at_ x <=? limit)
                          | _ => false
                          end) h
    | _ => true
    end) (seq 0 (seats J))) (seq 0 (seats J)).

(** ** Its yes can be trusted *)

Lemma cuts_all : forall h h0 h1 x h2, h = h1 ++ x :: h2 -> In (h0 ++ h1, x, h2) (cuts h0 h).
Proof.
  induction h as [|a h IH]; intros h0 h1 x h2 eq; [destruct h1; discriminate|].
  destruct h1 as [|b h1]; simpl in eq; injection eq as <- eq; simpl.
  - left. now rewrite app_nil_r, eq.
  - right. specialize (IH (h0 ++ [a]) h1 x h2 eq). now rewrite <- app_assoc in IH.
Qed.

Lemma honestb_spec : forall J j, is_honest J j -> honestb J j = true.
Proof. intros J j [lt h]. unfold honestb. rewrite h. apply andb_true_intro. split; [now apply Nat.ltb_lt|reflexivity]. Qed.

Lemma acceptedb_spec : forall st, acceptedb st = true -> accepted st.
Proof. intros st H. unfold acceptedb in H. unfold accepted. destruct (stands st); try discriminate. eauto. Qed.

Lemma has_spec : forall es j, has es j = true -> In j es.
Proof. intros es j H. apply existsb_exists in H. destruct H as [x [inx e]]. apply Nat.eqb_eq in e. now subst. Qed.

Lemma unforged_check_sound : forall J h, unforged_check J h = true ->
  (forall h1 i now c es h2, h = h1 ++ {| who := i; at_ := now; what := Arrive c es |} :: h2 -> is_honest J i ->
     forall j, In j es -> is_honest J j -> accepted (run J h1 j)) /\
  (forall h1 i now h2, h = h1 ++ {| who := i; at_ := now; what := Ask true |} :: h2 -> is_honest J i ->
     accepted (run J h1 i)).
Proof.
  intros J h ok. unfold unforged_check in ok. rewrite forallb_forall in ok. split.
  - intros h1 i now c es h2 eq hi j inj hj. specialize (ok _ (cuts_all h [] h1 _ h2 eq)). simpl in ok.
    rewrite (honestb_spec J i hi) in ok. simpl in ok. rewrite forallb_forall in ok. specialize (ok j inj).
    rewrite (honestb_spec J j hj) in ok. now apply acceptedb_spec.
  - intros h1 i now h2 eq hi. specialize (ok _ (cuts_all h [] h1 _ h2 eq)). simpl in ok.
    rewrite (honestb_spec J i hi) in ok. now apply acceptedb_spec.
Qed.

Lemma drained_check_sound : forall J h, drained_check J h = true ->
  forall h1 i asked own h2 now c es h3,
    h = h1 ++ {| who := i; at_ := asked; what := Ask own |} :: h2 ++
             {| who := i; at_ := now; what := Arrive c es |} :: h3 -> is_honest J i -> asked <= now.
Proof.
  intros J h ok h1 i asked own h2 now c es h3 eq hi.
  unfold drained_check in ok. rewrite forallb_forall in ok.
  specialize (ok _ (cuts_all h [] h1 _ _ eq)). simpl in ok.
  rewrite (honestb_spec J i hi) in ok. simpl in ok. rewrite forallb_forall in ok.
  specialize (ok {| who := i; at_ := now; what := Arrive c es |}). simpl in ok.
  rewrite Nat.eqb_refl in ok. apply Nat.leb_le, ok, in_or_app. right. now left.
Qed.

Lemma relayed_check_sound : forall J h, relayed_check J h = true ->
  forall i j s es, is_honest J i -> is_honest J j -> i <> j -> stands (run J h i) = Completed s es ->
    covers (run J h j) (deadline J) (Nat.max s (deadline J) + delta J) = true ->
    exists h1 now c es' h2,
      h = h1 ++ {| who := j; at_ := now; what := Arrive c es' |} :: h2 /\
      valid J c = true /\ incl es es' /\ now <= Nat.max s (deadline J) + delta J.
Proof.
  intros J h ok i j s es hi hj ne st cov. unfold relayed_check in ok. rewrite forallb_forall in ok.
  assert (inI : In i (seq 0 (seats J))) by (destruct hi; apply in_seq; lia).
  assert (inJ : In j (seq 0 (seats J))) by (destruct hj; apply in_seq; lia).
  specialize (ok i inI). rewrite forallb_forall in ok. specialize (ok j inJ).
  rewrite st, (honestb_spec J i hi), (honestb_spec J j hj) in ok. simpl in ok.
  apply Nat.eqb_neq in ne. rewrite ne, cov in ok. simpl in ok.
  apply existsb_exists in ok. destruct ok as [x [inx ok]].
  destruct x as [w a [c es'|own| |]]; simpl in ok; try discriminate.
  repeat (apply andb_prop in ok; destruct ok as [ok ?]).
  apply Nat.eqb_eq in ok. subst w.
  destruct (in_split _ _ inx) as [h1 [h2 eq]].
  exists h1, a, c, es', h2. split; [exact eq|]. split; [assumption|]. split.
  - intros y iny. apply has_spec. match goal with H : forallb _ es = true |- _ => rewrite forallb_forall in H; now apply H end.
  - now apply Nat.leb_le.
Qed.

Theorem check_sound : forall J h,
  few_check J && unforged_check J h && drained_check J h && relayed_check J h = true -> lawful J h.
Proof.
  intros J h ok. repeat (apply andb_prop in ok; destruct ok as [ok ?]).
  split.
  - now apply Nat.leb_le.
  - now apply unforged_check_sound.
  - now apply unforged_check_sound.
  - now apply drained_check_sound.
  - now apply relayed_check_sound.
Qed.
