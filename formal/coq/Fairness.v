(** The whole signing, for any number of parties: from the jury's agreement to
    what a person cares for. *)

Require Import List Arith ZArith Lia Bool.
Require Import Seats Juror Execution Agreement Certificates Repeats Party Watcher.
Import ListNotations.

(** One session: a jury and what happens to it, the parties and what happens to
    the honest ones of them. The spans are those of spec/signing.md. *)
Record signing := {
  jurors : jury;
  story : history;                        (* of the jury, to its end *)
  parties : nat;                          (* N *)
  decent : nat -> bool;                   (* this party is honest *)
  course : nat -> list (time * happens);  (* of an honest party *)
  reach : Z;                              (* L *)
  skew : Z;                               (* ε *)
  patience : Z;                           (* W *)
  claim_at : time;                        (* T_c = D − L − ε *)
  limit : time;                           (* T_c − W *)
  guard : nat -> list (time * notice);    (* what happens to an honest party's watcher *)
}.

Definition who_is (S : signing) (p : nat) : party := life (limit S) (course S p).

(** p's watcher holds S. It gives it to who lodged with it. *)
Definition watcher_has (S : signing) (p : nat) : Prop :=
  knows (vigil (claim_at S) (guard S p)) = true.

Definition is_decent (S : signing) (p : nat) : Prop := p < parties S /\ decent S p = true.

(** Juror j's share of p's promise is out: a corrupt juror can open it as soon
    as there is the promise, an honest one does when it accepts a claim. *)
Definition share_out (S : signing) (p : nat) (j : seat) : Prop :=
  j < seats (jurors S) /\
  if honest (jurors S) j then accepted (run (jurors S) (story S) j)
  else decent S p = true -> promised (who_is S p) = true.

(** Whether anybody else can come to hold party p's signature of m. That this
    is the only way is the opacity of promises and the unforgeability of σ:
    docs/signing-proof.md, "Opacity". *)
Inductive signature_out (S : signing) (p : nat) : Prop :=
| not_decent : decent S p = false -> signature_out S p
| by_release : forall s, released (who_is S p) = Some s -> signature_out S p
| by_completing : made (who_is S p) = true -> signature_out S p
| by_shares : forall L, NoDup L -> threshold (jurors S) <= length L ->
    (forall j, In j L -> share_out S p j) -> signature_out S p.

(** Somebody, somewhere, at some time can show the complete contract: only if
    all signatures are out. *)
Definition contract_exists (S : signing) : Prop :=
  forall p, p < parties S -> signature_out S p.

(** The assumptions. *)
Record assumed (S : signing) : Prop := {
  the_protocol : protocol (jurors S);
  the_thresholds : thresholds (jurors S);
  the_jury : lawful (jurors S) (story S);

  (** Promises are not forged: in a valid claim are all N promises, and the
      honest party's own is made by it alone. *)
  unforged_promises : forall h1 j now c es h2 p,
    story S = h1 ++ {| who := j; at_ := now; what := Arrive c es |} :: h2 ->
    valid (jurors S) c = true -> is_decent S p -> promised (who_is S p) = true;

  (** 3. A party that released was given the receipt before; its watcher's
      driver ticks at T_c (if that is not past); and what the watcher files at
      its time x reaches one honest juror within L. Clocks of party, watcher and
      jurors (o_p, o_w, o_j ahead of real time) differ by at most ε. *)
  the_times : (Z.of_nat (claim_at S) = Z.of_nat (deadline (jurors S)) - reach S - skew S /\
    Z.of_nat (limit S) = Z.of_nat (claim_at S) - patience S /\ 0 <= patience S)%Z;
  watched : forall p s, is_decent S p -> released (who_is S p) = Some s ->
    exists (l1 : list (time * notice)) (a : time) (l2 : list (time * notice)) o_p o_w,
      guard S p = l1 ++ (a, Lodge) :: l2 /\
      held (vigil (claim_at S) l1) = false /\ filed (vigil (claim_at S) l1) = None /\
      (Z.of_nat a - o_w + o_p <= Z.of_nat s)%Z /\
      (claim_at S <= a \/ exists m1 m2, l2 = m1 ++ (claim_at S, Look) :: m2 /\ a <= claim_at S /\
         forall x, In x m1 -> fst x <= claim_at S) /\
      (forall x, filed (vigil (claim_at S) (guard S p)) = Some x ->
         exists o_j arrived j now c es h1 h2,
           ((- skew S <= o_p - o_j <= skew S) /\ (- skew S <= o_w - o_j <= skew S) /\
            arrived <= Z.of_nat x - o_w + reach S /\ Z.of_nat now = arrived + o_j)%Z /\
           is_honest (jurors S) j /\ valid (jurors S) c = true /\
           story S = h1 ++ {| who := j; at_ := now; what := Arrive c es |} :: h2);
}.

(** t honest jurors are up throughout [D, D + (f+1)Δ]. *)
Definition serving (S : signing) (U : list seat) : Prop :=
  NoDup U /\ threshold (jurors S) <= length U /\
  forall j, In j U -> is_honest (jurors S) j /\ up_throughout (jurors S) (story S) j.

(** S, or what it takes to make it, is there for an honest party that asks: at
    home, at its watcher, or with the jury. *)
Definition obtains (S : signing) (U : list seat) (p : nat) : Prop :=
  has (who_is S p) = true \/ watcher_has S p \/
  forall j, In j U -> accepted (run (jurors S) (story S) j).

(** An honest party that released: its watcher holds S, or an honest juror accepted. *)
Lemma released_is_watched : forall S p s,
  assumed S -> is_decent S p -> released (who_is S p) = Some s ->
  watcher_has S p \/ exists j, is_honest (jurors S) j /\ accepted (run (jurors S) (story S) j).
Proof.
  intros S p s A dp rel.
  destruct (watched S A p s dp rel) as [l1 [a [l2 [o_p [o_w [eqg [nh [nf [before [tick way]]]]]]]]]].
  pose proof (vigilance (claim_at S) l1 a l2 nh nf tick) as V. cbv zeta in V.
  rewrite <- eqg in V.
  destruct V as [k|file]; [now left|right].
  destruct (life_sound (limit S) (course S p)) as [_ [_ [rules _]]].
  destruct (rules s rel) as [intime _].
  destruct (the_times S A) as [tc [lim pat]].
  assert (F : exists x, filed (vigil (claim_at S) (guard S p)) = Some x /\ (x = a \/ x = claim_at S)).
  { destruct file as [f|f]; eauto. }
  destruct F as [x [f when]].
  destruct (way x f) as [o_j [arrived [j [now [c [es [h1 [h2 [[k1 [k2 [k3 k4]]] [hj [v eq]]]]]]]]]]].
  exists j. split; [exact hj|].
  assert (good : now <= deadline (jurors S)).
  { assert (arrived + o_j <= Z.of_nat (deadline (jurors S)))%Z; [|lia].
    apply (claim_in_time _ (reach S) (skew S) o_p o_w o_j (Z.of_nat a - o_w) (Z.of_nat x - o_w)); auto; lia. }
  rewrite eq. apply in_time_accepted; auto. rewrite <- eq. exact (the_jury S A).
Qed.

Lemma accepted_serves : forall S U i,
  assumed S -> serving S U ->
  is_honest (jurors S) i -> accepted (run (jurors S) (story S) i) ->
  forall j, In j U -> accepted (run (jurors S) (story S) j).
Proof.
  intros S U i A [_ [_ all]] hi ai j inU. destruct (all j inU) as [hj up].
  exact (agreement _ _ i j (the_protocol S A) (the_jury S A) hi ai hj up).
Qed.

(** t shares of a decent party's signature are out only if an honest juror accepted. *)
Lemma shares_need_an_honest_one : forall S p L,
  assumed S -> NoDup L -> threshold (jurors S) <= length L ->
  (forall j, In j L -> share_out S p j) ->
  exists j, is_honest (jurors S) j /\ accepted (run (jurors S) (story S) j).
Proof.
  intros S p L A nd len all.
  destruct (the_thresholds S A) as [low _].
  destruct (one_is_honest (seats (jurors S)) (faults (jurors S)) (honest (jurors S)) L
              (few _ _ (the_jury S A)) nd (fun j inL => proj1 (all j inL))
              (Nat.lt_le_trans _ _ _ low len)) as [j [inL hj]].
  destruct (all j inL) as [lt out]. rewrite hj in out.
  exists j. split; [now split|exact out].
Qed.

(** FAIRNESS. If anybody ever holds the contract, every honest party obtains it. *)
Theorem fairness : forall S U p,
  assumed S -> serving S U -> is_decent S p ->
  contract_exists S -> obtains S U p.
Proof.
  intros S U p A serve dp ex. destruct dp as [inN dec].
  assert (dp : is_decent S p) by now split.
  destruct (ex p inN) as [bad|s rel|m|L nd len all].
  - congruence.
  - destruct (released_is_watched S p s A dp rel) as [w|[j [hj aj]]].
    + right. now left.
    + right. right. exact (accepted_serves S U j A serve hj aj).
  - left. now destruct (life_sound (limit S) (course S p)) as [_ [_ [_ mh]]]; apply mh.
  - right. right. destruct (shares_need_an_honest_one S p L A nd len all) as [j [hj aj]].
    exact (accepted_serves S U j A serve hj aj).
Qed.

(** NEVER. A party that did not release, and did not complete itself: beside a
    void certificate its signature never comes out, so nobody ever completes. *)
Theorem void_means_never : forall S L p,
  assumed S -> is_decent S p ->
  released (who_is S p) = None -> made (who_is S p) = false ->
  void_certificate (jurors S) (story S) L ->
  ~ contract_exists S.
Proof.
  intros S L p A [inN dec] rel nm cert ex.
  destruct (ex p inN) as [bad|s rel'|m|L' nd len all]; try congruence.
  destruct (shares_need_an_honest_one S p L' A nd len all) as [j [hj aj]].
  exact (one_open_excludes_void _ _ L j (the_protocol S A) (the_thresholds S A) (the_jury S A) hj aj cert).
Qed.

(** A void certificate beside an own release: the watcher holds the contract. So
    "void" is no "never" there, and the party asks its watcher. *)
Theorem void_after_release : forall S L p s,
  assumed S -> is_decent S p -> released (who_is S p) = Some s ->
  void_certificate (jurors S) (story S) L -> watcher_has S p.
Proof.
  intros S L p s A dp rel cert.
  destruct (released_is_watched S p s A dp rel) as [w|[j [hj aj]]]; [exact w|].
  exfalso.
  exact (one_open_excludes_void _ _ L j (the_protocol S A) (the_thresholds S A) (the_jury S A) hj aj cert).
Qed.

(** NON-FORGERY. No complete contract without every honest party's promise. *)
Theorem non_forgery : forall S p,
  assumed S -> is_decent S p -> contract_exists S -> promised (who_is S p) = true.
Proof.
  intros S p A [inN dec] ex.
  destruct (life_sound (limit S) (course S p)) as [g [r [rules mh]]].
  destruct (ex p inN) as [bad|s rel|m|L nd len all].
  - congruence.
  - apply g, r. now apply (rules s).
  - now apply mh.
  - destruct (shares_need_an_honest_one S p L A nd len all) as [j [hj aj]].
    destruct (no_invention _ _ _ aj) as [h1 [now [c [es [h2 [eq v]]]]]].
    apply (unforged_promises S A h1 j now c es h2 p eq v). now split.
Qed.

(** TIMELINESS. Who asks t honest jurors after D + (f+1)Δ has the outcome, with
    nobody else's help: the contract, or the certainty that there never is one. *)
Theorem timeliness : forall S U p,
  assumed S -> is_decent S p ->
  NoDup U -> threshold (jurors S) <= length U ->
  (forall j, In j U -> is_honest (jurors S) j /\ asked (jurors S) (story S) j) ->
  obtains S U p \/
  (void_certificate (jurors S) (story S) U /\ released (who_is S p) = None /\ ~ contract_exists S).
Proof.
  intros S U p A dp nd len all.
  destruct (outcome _ _ U (the_protocol S A) (the_jury S A) nd len all) as [open|cert].
  - left. right. right. intros j inU. destruct open as [_ [_ open]].
    destruct (all j inU) as [[_ hj] _]. now apply open.
  - destruct (released (who_is S p)) as [s|] eqn:rel.
    + left. right. left. exact (void_after_release S U p s A dp rel cert).
    + destruct (made (who_is S p)) eqn:m.
      * left. left. now destruct (life_sound (limit S) (course S p)) as [_ [_ [_ mh]]]; apply mh.
      * right. split; [exact cert|]. split; [reflexivity|].
        exact (void_means_never S U p A dp rel m cert).
Qed.

(** NOT TWICE. Two sessions over the same things, with an honest party in both,
    that promises in the second only beside a void certificate of the first in
    which it released and made nothing: never two contracts. *)
Theorem never_two : forall S1 S2 p1 p2,
  assumed S1 -> assumed S2 -> is_decent S1 p1 -> is_decent S2 p2 ->
  (promised (who_is S2 p2) = true ->
     promised (who_is S1 p1) = false \/
     (released (who_is S1 p1) = None /\ made (who_is S1 p1) = false /\
      exists L, void_certificate (jurors S1) (story S1) L)) ->
  contract_exists S1 -> contract_exists S2 -> False.
Proof.
  intros S1 S2 p1 p2 A1 A2 d1 d2 rule ex1 ex2.
  destruct (rule (non_forgery S2 p2 A2 d2 ex2)) as [no|[rel [m [L cert]]]].
  - rewrite (non_forgery S1 p1 A1 d1 ex1) in no. discriminate.
  - exact (void_means_never S1 L p1 A1 d1 rel m cert ex1).
Qed.

(** Online notary: where nobody releases, as with a jury of one in that mode,
    the contract exists only if an honest juror opened; and then, by [fairness],
    all honest parties obtain it. *)
Theorem notary : forall S p,
  assumed S -> is_decent S p ->
  released (who_is S p) = None -> made (who_is S p) = false ->
  contract_exists S ->
  exists j, is_honest (jurors S) j /\ accepted (run (jurors S) (story S) j).
Proof.
  intros S p A [inN dec] rel m ex.
  destruct (ex p inN) as [bad|s rel'|m'|L nd len all]; try congruence.
  exact (shares_need_an_honest_one S p L A nd len all).
Qed.
