(** One honest party in one session, as far as fairness depends on it
    (contract.Session): when it promises, when it gives its signature away, and
    when it holds the contract. *)

Require Import List Arith Lia Bool.
Require Import Juror.
Import ListNotations.

(** What happens to a party, on its own clock. *)
Inductive happens :=
| Bind     (* all have accepted, and nothing forbids it: it promises *)
| Gather   (* the last of all N promises is here, and they verify *)
| Receipt  (* its watcher's durable receipt for the claim *)
| Others   (* the signatures of all others are here, and verify *)
| Result   (* a verifying S, from anybody *)
| Wake.    (* a restart, or just a later moment *)

Record party := {
  promised : bool;
  gathered : bool;
  receipt : bool;
  late : bool;              (* its clock has once shown T_c − W: durable *)
  released : option time;   (* when it gave σ away *)
  made : bool;              (* it made S from the others' signatures and its own *)
  has : bool;               (* it holds S *)
}.

Definition outset : party := {|
  promised := false; gathered := false; receipt := false; late := false;
  released := None; made := false; has := false |}.

(** limit is T_c − W. What Session.noteTime does comes first, then the event,
    then Session.release. *)
Definition act (limit : time) (now : time) (e : happens) (p : party) : party :=
  let l := late p || (limit <=? now) in
  let pr := promised p || match e with Bind => negb l | _ => false end in
  let ga := gathered p || match e with Gather => pr && negb l | _ => false end in
  let re := receipt p || match e with Receipt => ga | _ => false end in
  let ma := made p || match e with Others => pr | _ => false end in
  {| promised := pr; gathered := ga; receipt := re; late := l;
     released := match released p with
                 | Some s => Some s
                 | None => if ga && re && negb l then Some now else None
                 end;
     made := ma;
     has := has p || ma || match e with Result => true | _ => false end |}.

Definition life (limit : time) (l : list (time * happens)) : party :=
  fold_left (fun p x => act limit (fst x) (snd x) p) l outset.

(** Who releases does so before T_c − W, with all promises and a receipt, having
    promised; restarts and clocks that are set back change nothing. Who made S
    has promised, and holds it. *)
Definition sound (limit : time) (p : party) : Prop :=
  (gathered p = true -> promised p = true) /\
  (receipt p = true -> gathered p = true) /\
  (forall s, released p = Some s -> s < limit /\ receipt p = true) /\
  (made p = true -> promised p = true /\ has p = true).

Lemma act_sound : forall limit now e p, sound limit p -> sound limit (act limit now e p).
Proof.
  intros limit now e p [g [r [s m]]]. unfold sound. cbn [promised gathered receipt late released made has act].
  split; [|split; [|split]].
  - intro H. apply orb_true_iff in H. destruct H as [H|H]; [now rewrite (g H)|].
    destruct e; try discriminate. now apply andb_prop in H.
  - intro H. apply orb_true_iff in H. destruct H as [H|H]; [now rewrite (r H)|].
    destruct e; try discriminate. exact H.
  - intros x H. destruct (released p) as [y|].
    + injection H as <-. destruct (s y eq_refl) as [before re]. split; [exact before|now rewrite re].
    + match type of H with context [if ?c then _ else _] => destruct c eqn:cond end; [|discriminate].
      injection H as <-. apply andb_prop in cond. destruct cond as [both intime].
      apply andb_prop in both. destruct both as [_ re]. split; [|exact re].
      apply negb_true_iff, orb_false_iff in intime. now apply Nat.leb_gt.
  - intro H. apply orb_true_iff in H. destruct H as [H|H].
    + destruct (m H) as [pr ha]. rewrite pr, ha. now split.
    + destruct e; try discriminate. rewrite H. split; [reflexivity|]. now rewrite !orb_true_r.
Qed.

Theorem life_sound : forall limit l, sound limit (life limit l).
Proof.
  intros limit l. induction l as [|x l IH] using rev_ind.
  - unfold sound. simpl. repeat split; intros; discriminate.
  - unfold life. rewrite fold_left_app. now apply act_sound.
Qed.
