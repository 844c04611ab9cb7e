(** One honest juror in one session, as spec/jury.md has it and
    contract/jury.Juror does it: a function from what arrives to a state.

    Time is a natural number, in ms say, on the juror's OWN clock. A claim is
    whatever bytes arrive; whether they are valid is a fixed function of them
    ("nothing local or external may decide"). Signatures are ideal: an event
    lists the seats whose endorsement of m verifies, and Execution.v says which
    can be there. *)

Require Import List Arith Lia Bool.
Require Import Seats.
Import ListNotations.

Definition time := nat.
Definition claim := nat.

(** A jury. [rounds] is f + 1 and [abstains] true in the protocol; they are
    fields so that Tight.v can show what happens otherwise. *)
Record jury := {
  seats : nat;               (* n *)
  faults : nat;              (* f *)
  threshold : nat;           (* t *)
  rounds : nat;              (* f + 1 *)
  abstains : bool;           (* who was not up throughout never voids *)
  deadline : time;           (* D *)
  delta : time;              (* Δ *)
  honest : seat -> bool;
  valid : claim -> bool;
}.

(** D + (f+1)Δ: the last moment at which any claim is good. *)
Definition close (J : jury) : time := deadline J + rounds J * delta J.

(** What happens to a juror. *)
Inductive event :=
| Arrive (c : claim) (es : list seat) (* a claim with the endorsements that verify; none: straight from outside *)
| Ask (own : bool)                    (* a question with m's preimage; own: it shows this juror's own ENDORSE(m) *)
| Rise                                (* the program starts, or was silent too long, or its clock jumped *)
| Pass.                               (* time passes *)

(** Completed at s: accepted at its time s, and endorsed and sent on with the
    endorsements es, its own first. Acceptance, endorsement, sending and opening
    are one durable step in the code (Juror.accept), and one here. *)
Inductive standing :=
| Waiting
| Completed (s : time) (es : list seat)
| Voided.

Record state := {
  stands : standing;
  barred : bool;             (* has seen its own endorsement *)
  spans : list (time * time) (* recorded uptime, the present span first *)
}.

Definition fresh : state := {| stands := Waiting; barred := false; spans := [] |}.

(** The present span now reaches at least to now. *)
Definition touch (now : time) (l : list (time * time)) : list (time * time) :=
  match l with
  | [] => [(now, now)]
  | (a, b) :: rest => (a, Nat.max b now) :: rest
  end.

(** One recorded span has both moments in it (uptime.covers). *)
Definition covers (st : state) (a b : time) : bool :=
  existsb (fun s => (fst s <=? a) && (b <=? snd s)) (spans st).

(** The endorsements that count for juror j: of distinct other seats of this
    jury, at most f + 1 of them (Juror.endorsements). *)
Definition counted (J : jury) (j : seat) (es : list seat) : list seat :=
  firstn (rounds J) (filter (fun i => (i <? seats J) && negb (i =? j)) (nodup Nat.eq_dec es)).

(** "Good": k endorsements are good until D + kΔ. *)
Definition good (J : jury) (j : seat) (now : time) (es : list seat) : bool :=
  now <=? deadline J + length (counted J j es) * delta J.

Definition with_stands (st : state) (x : standing) : state :=
  {| stands := x; barred := barred st; spans := spans st |}.

Definition bar (st : state) (b : bool) : state :=
  {| stands := stands st; barred := barred st || b; spans := spans st |}.

(** The juror's step. *)
Definition step (J : jury) (j : seat) (now : time) (e : event) (st0 : state) : state :=
  let up l := {| stands := stands st0; barred := barred st0; spans := l |} in
  match e with
  | Rise => up ((now, now) :: spans st0)
  | Pass => up (touch now (spans st0))
  | Arrive c es =>
      let st := bar (up (touch now (spans st0))) (existsb (Nat.eqb j) es) in
      match stands st with
      | Waiting =>
          if valid J c && good J j now es
          then with_stands st (Completed now (j :: counted J j es))
          else st
      | _ => st
      end
  | Ask own =>
      let st := bar (up (touch now (spans st0))) own in
      match stands st with
      | Waiting =>
          if (close J <? now) && (covers st (deadline J) (close J) || negb (abstains J)) && negb (barred st)
          then with_stands st Voided
          else st
      | _ => st
      end
  end.

Definition accepted (st : state) : Prop := exists s es, stands st = Completed s es.
Definition voided (st : state) : Prop := stands st = Voided.

(** ** What the step keeps *)

Lemma counted_spec : forall J j es i,
  In i (counted J j es) -> In i es /\ i < seats J /\ i <> j.
Proof.
  intros J j es i inC. unfold counted in inC.
  assert (inF : In i (filter (fun i => (i <? seats J) && negb (i =? j)) (nodup Nat.eq_dec es))).
  { rewrite <- (firstn_skipn (rounds J)). apply in_or_app. now left. }
  apply filter_In in inF. destruct inF as [inN cond].
  apply nodup_In in inN. apply andb_prop in cond. destruct cond as [lt ne].
  apply Nat.ltb_lt in lt. apply negb_true_iff, Nat.eqb_neq in ne. auto.
Qed.

Lemma NoDup_firstn : forall (A : Type) k (l : list A), NoDup l -> NoDup (firstn k l).
Proof.
  intros A k l nd. rewrite <- (firstn_skipn k l) in nd.
  revert nd. generalize (skipn k l). induction (firstn k l) as [|a x IH]; intros r nd; [constructor|].
  simpl in nd. inversion nd as [|? ? notin nd']; subst. constructor; [|now apply IH with r].
  intro inx. apply notin, in_or_app. now left.
Qed.

Lemma counted_distinct : forall J j es, NoDup (counted J j es).
Proof. intros. apply NoDup_firstn, NoDup_filter, NoDup_nodup. Qed.

(** Whoever holds k distinct endorsements of others can count min(k, f+1). *)
Lemma counted_at_least : forall J j es L,
  NoDup L -> incl L es -> (forall i, In i L -> i < seats J /\ i <> j) ->
  Nat.min (length L) (rounds J) <= length (counted J j es).
Proof.
  intros J j es L nd sub all. unfold counted. rewrite firstn_length.
  assert (length L <= length (filter (fun i => (i <? seats J) && negb (i =? j)) (nodup Nat.eq_dec es))); [|lia].
  apply NoDup_incl_length; [exact nd|]. intros i inL. apply filter_In.
  destruct (all i inL) as [lt ne]. split; [now apply nodup_In, sub|].
  apply andb_true_intro. split; [now apply Nat.ltb_lt|].
  now apply negb_true_iff, Nat.eqb_neq.
Qed.

(** A decision is for ever. *)
Lemma step_completed : forall J j now e st s es,
  stands st = Completed s es -> stands (step J j now e st) = Completed s es.
Proof. intros J j now e st s es H. destruct e; simpl; rewrite ?H; simpl; auto. Qed.

Lemma step_voided : forall J j now e st,
  stands st = Voided -> stands (step J j now e st) = Voided.
Proof. intros J j now e st H. destruct e; simpl; rewrite ?H; simpl; auto. Qed.

(** Recorded uptime is not forgotten. *)
Lemma step_spans : forall J j now e st,
  spans (step J j now e st) = (now, now) :: spans st \/
  spans (step J j now e st) = touch now (spans st).
Proof.
  intros J j now e st. destruct e; simpl; auto; right;
    destruct (stands st); simpl; auto;
    match goal with |- context [if ?b then _ else _] => destruct b end; reflexivity.
Qed.

Lemma covers_touch : forall a b now l,
  existsb (fun s => (fst s <=? a) && (b <=? snd s)) l = true ->
  existsb (fun s => (fst s <=? a) && (b <=? snd s)) (touch now l) = true.
Proof.
  intros a b now [|[x y] rest] H; simpl in *; [discriminate|].
  apply orb_true_iff in H. apply orb_true_iff. destruct H as [H|H]; [left|now right].
  apply andb_prop in H. destruct H as [l r]. rewrite l. simpl.
  apply Nat.leb_le in r. apply Nat.leb_le. lia.
Qed.

Lemma step_covers : forall J j now e st a b,
  covers st a b = true -> covers (step J j now e st) a b = true.
Proof.
  intros J j now e st a b H. unfold covers in *.
  destruct (step_spans J j now e st) as [-> | ->].
  - simpl. rewrite H. apply orb_true_r.
  - now apply covers_touch.
Qed.

(** Less is covered if more is. *)
Lemma covers_less : forall st a b b', b' <= b -> covers st a b = true -> covers st a b' = true.
Proof.
  intros st a b b' le H. unfold covers in *. apply existsb_exists in H.
  destruct H as [s [inS ok]]. apply existsb_exists. exists s. split; [exact inS|].
  apply andb_prop in ok. destruct ok as [l r]. rewrite l. simpl.
  apply Nat.leb_le in r. apply Nat.leb_le. lia.
Qed.

(** How a juror comes to accept. *)
Lemma step_accepts : forall J j now e st s es,
  stands st = Waiting -> stands (step J j now e st) = Completed s es ->
  exists c es0, e = Arrive c es0 /\ valid J c = true /\ s = now /\ es = j :: counted J j es0 /\
    now <= deadline J + length (counted J j es0) * delta J.
Proof.
  intros J j now e st s es W C. destruct e as [c es0|own| |]; simpl in C; rewrite W in C; simpl in C; try congruence.
  - destruct (valid J c && good J j now es0) eqn:ok; simpl in C; [|congruence].
    apply andb_prop in ok. destruct ok as [v g]. apply Nat.leb_le in g.
    inversion C; subst. exists c, es0. auto.
  - match type of C with context [if ?b then _ else _] => destruct b end; simpl in C; congruence.
Qed.

(** How a juror comes to void: asked after D + (f+1)Δ, having been up throughout. *)
Lemma step_voids : forall J j now e st,
  stands st = Waiting -> stands (step J j now e st) = Voided ->
  exists own, e = Ask own /\ close J < now /\
    (abstains J = true -> covers (step J j now e st) (deadline J) (close J) = true).
Proof.
  intros J j now e st W V. destruct e as [c es0|own| |]; simpl in V; rewrite W in V; simpl in V; try congruence.
  - destruct (valid J c && good J j now es0); simpl in V; congruence.
  - match type of V with context [if ?b then _ else _] => destruct b eqn:ok end; simpl in V; [|congruence].
    exists own. simpl. rewrite W. simpl. rewrite ok.
    apply andb_prop in ok. destruct ok as [ok _]. apply andb_prop in ok. destruct ok as [l c].
    apply Nat.ltb_lt in l. split; [reflexivity|]. split; [exact l|]. intro ab.
    rewrite ab in c. simpl in c. now rewrite orb_false_r in c.
Qed.

(** A good and valid claim is accepted by whoever still waits. *)
Lemma step_must_accept : forall J j now c es st,
  stands st = Waiting -> valid J c = true -> good J j now es = true ->
  accepted (step J j now (Arrive c es) st).
Proof.
  intros J j now c es st W v g. unfold accepted. simpl. rewrite W, v, g. simpl. eauto.
Qed.

(** Asked after D + (f+1)Δ a juror that was up throughout, waits, and is not
    barred, voids. *)
Lemma step_must_void : forall J j now own st,
  stands st = Waiting -> barred (step J j now (Ask own) st) = false -> close J < now ->
  covers (step J j now (Ask own) st) (deadline J) (close J) = true ->
  voided (step J j now (Ask own) st).
Proof.
  intros J j now own st W nb late cov. unfold voided. revert nb cov. simpl. rewrite W. simpl.
  assert (E : (close J <? now) = true) by now apply Nat.ltb_lt. rewrite E. simpl.
  match goal with |- context [if ?b then _ else _] => destruct b eqn:x end; [reflexivity|].
  simpl. intros nb cov. unfold covers in x, cov. simpl in x, cov. rewrite cov, nb in x. discriminate.
Qed.
