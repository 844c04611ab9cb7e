(** Why retries within Δ suffice (spec/jury.md, "Repeats"): the hypothesis
    [relayed] of Execution.v, from clocks, one delivery, and the repeats.

    Here time is real, in Z; juror i's clock shows T + o_i at T. That clocks run
    at one rate is no loss over some Δ: what they drift is counted in c. *)

Require Import ZArith Lia.
Local Open Scope Z_scope.

Section Repeats.

Variables D Delta : Z.    (* the deadline and Δ *)
Variable c : Z.           (* two honest clocks differ by at most this *)
Variable d : Z.           (* one delivery to a juror that is up: way, queue, verification, durable write *)
Variable q : Z.           (* the pause between repeats: Δ/4 in the code *)
Variables o_i o_j : Z.    (* the sender's and the receiver's clock *)
Variable s : Z.           (* the sender's clock when it accepted *)
Variable attempt : Z -> Prop. (* the sender sends at this real moment, and is up *)

Hypothesis clocks : - c <= o_i - o_j <= c.
Hypothesis delays : 0 <= c /\ 0 <= d /\ 0 <= q /\ c + q + d <= Delta.

(** session.urgent, session.next: from [from] on, for 2Δ, there is an attempt in
    every stretch of q. It holds from the acceptance, and from D − Δ. *)
Definition often_from (from : Z) : Prop := forall T,
  from <= T + o_i -> T + o_i + q <= from + 2 * Delta ->
  exists T', T <= T' <= T + q /\ attempt T'.

Hypothesis since_accepted : often_from s.
Hypothesis around_deadline : s <= D - Delta -> often_from (D - Delta).

(** An attempt comes when the receiver's clock has reached D, from when on it is
    up, and has been delivered by max(s, D) + Δ on the receiver's clock. *)
Theorem repeats_suffice :
  exists T, attempt T /\ D <= T + o_j /\ T + o_j + d <= Z.max s D + Delta.
Proof.
  (* the first moment at which the sender has accepted and both clocks have reached D *)
  set (T0 := Z.max (Z.max s D - o_i) (D - o_j)).
  assert (HT : Z.max s D <= T0 + o_i /\ D <= T0 + o_j /\
               T0 + o_i <= Z.max s D + c /\ T0 + o_j <= Z.max s D + c) by lia.
  destruct (Z_le_gt_dec s (D - Delta)) as [early|late].
  - destruct (around_deadline early T0) as [T [near try]]; [lia|lia|].
    exists T. split; [exact try|]. lia.
  - destruct (since_accepted T0) as [T [near try]]; [lia|lia|].
    exists T. split; [exact try|]. lia.
Qed.

End Repeats.

(** With q = Δ/4 three quarters of Δ remain for clocks and one delivery. *)
Corollary quarter_pauses : forall D Delta c d o_i o_j s attempt,
  - c <= o_i - o_j <= c -> 0 <= c -> 0 <= d -> 0 <= Delta ->
  4 * (c + d) <= 3 * Delta ->
  often_from Delta (Delta / 4) o_i attempt s ->
  (s <= D - Delta -> often_from Delta (Delta / 4) o_i attempt (D - Delta)) ->
  exists T, attempt T /\ D <= T + o_j /\ T + o_j + d <= Z.max s D + Delta.
Proof.
  intros D Delta c d o_i o_j s attempt clocks c0 d0 D0 room now around.
  apply (repeats_suffice D Delta c d (Delta / 4) o_i o_j s attempt); auto.
  assert (4 * (Delta / 4) <= Delta) by (apply Z.mul_div_le; lia).
  assert (0 <= Delta / 4) by (apply Z.div_pos; lia). lia.
Qed.

(** T_c = D − L − ε: a claim that a watcher files when it gets it, or at T_c on
    its own clock, whichever is later, comes to a juror by D on that one's clock,
    if it was lodged before the party's clock showed T_c. Lodging may even come
    after T_c on the watcher's clock. *)
Theorem claim_in_time : forall D L eps o_p o_w o_j lodged filed arrived,
  - eps <= o_p - o_j <= eps -> - eps <= o_w - o_j <= eps ->
  lodged + o_p < D - L - eps ->
  (filed = lodged \/ filed + o_w <= D - L - eps) ->
  arrived <= filed + L ->
  arrived + o_j <= D.
Proof. intros. lia. Qed.
