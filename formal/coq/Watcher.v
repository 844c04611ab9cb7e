(** One watcher, for one party and session (contract.Watcher): it files the
    claim at T_c at the latest, unless it holds S. That it files earlier too, a
    patience after a release, is left out: fairness does not rest on it. *)

Require Import List Arith Lia Bool.
Require Import Juror.
Import ListNotations.

(** What happens to a watcher, on its own clock. *)
Inductive notice :=
| Lodge  (* the party lodges its claim: verified and written before the receipt is given *)
| Learn  (* all signatures, or a verifying S, or t shares *)
| Look.  (* the driver's tick *)

Record keeper := {
  held : bool;
  knows : bool;           (* it holds S *)
  filed : option time;    (* when it first filed the claim *)
}.

Definition idle : keeper := {| held := false; knows := false; filed := None |}.

(** tc is T_c. *)
Definition note (tc now : time) (e : notice) (k : keeper) : keeper :=
  let h := held k || match e with Lodge => true | _ => false end in
  let s := knows k || match e with Learn => true | _ => false end in
  {| held := h; knows := s;
     filed := match filed k with
              | Some x => Some x
              | None => if h && negb s && (tc <=? now) then Some now else None
              end |}.

Definition vigil_from (tc : time) (k : keeper) (l : list (time * notice)) : keeper :=
  fold_left (fun k x => note tc (fst x) (snd x) k) l k.

Definition vigil (tc : time) (l : list (time * notice)) : keeper := vigil_from tc idle l.

(** What it knows, holds or has filed it does not lose. *)
Lemma vigil_keeps : forall tc l k,
  (held k = true -> held (vigil_from tc k l) = true) /\
  (knows k = true -> knows (vigil_from tc k l) = true) /\
  (forall x, filed k = Some x -> filed (vigil_from tc k l) = Some x).
Proof.
  intros tc l. induction l as [|a l IH]; intro k; [simpl; auto|].
  destruct (IH (note tc (fst a) (snd a) k)) as [h [s f]]. simpl. split; [|split].
  - intro H. apply h. simpl. now rewrite H.
  - intro H. apply s. simpl. now rewrite H.
  - intros x H. apply f. simpl. now rewrite H.
Qed.

(** As long as its clock shows at most T_c, what it files it files at T_c. *)
Lemma filed_late_enough : forall tc l k,
  (forall x, In x l -> fst x <= tc) -> filed k = None ->
  filed (vigil_from tc k l) = None \/ filed (vigil_from tc k l) = Some tc.
Proof.
  intros tc l. induction l as [|[b e] l IH]; intros k early none; [simpl; auto|].
  change (vigil_from tc k ((b, e) :: l)) with (vigil_from tc (note tc b e k) l).
  destruct (filed (note tc b e k)) as [x|] eqn:f.
  - right. apply vigil_keeps. rewrite f. unfold note in f. cbn [filed] in f. rewrite none in f.
    match type of f with context [if ?c then _ else _] => destruct c eqn:cond end; [|discriminate].
    injection f as <-. apply andb_prop in cond. destruct cond as [_ late]. apply Nat.leb_le in late.
    specialize (early (b, e) (or_introl eq_refl)). simpl in early. f_equal. lia.
  - apply IH; [|exact f]. intros x inx. apply early. now right.
Qed.

(** VIGILANCE. First lodged at a; and a is not before T_c, or the driver ticks at
    T_c as [Watcher.Next] demands. Then it comes to hold S, or it files, at
    lodging or at T_c. *)
Theorem vigilance : forall (tc : time) (l1 : list (time * notice)) (a : time) (l2 : list (time * notice)),
  held (vigil tc l1) = false -> filed (vigil tc l1) = None ->
  (tc <= a \/ exists m1 m2, l2 = m1 ++ (tc, Look) :: m2 /\ a <= tc /\ forall x, In x m1 -> fst x <= tc) ->
  let k := vigil tc (l1 ++ (a, Lodge) :: l2) in
  knows k = true \/ filed k = Some a \/ filed k = Some tc.
Proof.
  intros tc l1 a l2 nh nf when. unfold vigil, vigil_from. rewrite fold_left_app. simpl.
  fold (vigil_from tc idle l1). fold (vigil tc l1).
  fold (vigil_from tc (note tc a Lodge (vigil tc l1)) l2).
  set (k1 := note tc a Lodge (vigil tc l1)).
  assert (h1 : held k1 = true) by (unfold k1; simpl; apply orb_true_r).
  destruct (knows k1) eqn:s1; [left; now apply vigil_keeps|].
  destruct when as [past|[m1 [m2 [eq [before early]]]]].
  - right. left. apply vigil_keeps. unfold k1 in *. simpl in *. rewrite nf, s1.
    apply Nat.leb_le in past. rewrite past, orb_true_r. reflexivity.
  - subst l2. unfold vigil_from. rewrite fold_left_app. simpl.
    fold (vigil_from tc k1 m1). set (k2 := vigil_from tc k1 m1).
    fold (vigil_from tc (note tc tc Look k2) m2).
    assert (h2 : held k2 = true) by now apply vigil_keeps.
    destruct (knows k2) eqn:s2.
    { left. apply vigil_keeps. simpl. now rewrite s2. }
    right. right. apply vigil_keeps. simpl. rewrite h2, s2, Nat.leb_refl. simpl.
    destruct (filed k1) as [x|] eqn:f1.
    + (* filed on lodging: then a is T_c *)
      unfold k2. rewrite (proj2 (proj2 (vigil_keeps tc m1 k1)) x f1).
      unfold k1 in f1. simpl in f1. rewrite nf in f1.
      match type of f1 with context [if ?b then _ else _] => destruct b eqn:c end; [|discriminate].
      injection f1 as <-. apply andb_prop in c. destruct c as [_ c]. apply Nat.leb_le in c. f_equal. lia.
    + unfold k2. destruct (filed_late_enough tc m1 k1 early f1) as [-> | ->]; reflexivity.
Qed.
