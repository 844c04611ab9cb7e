package agent

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/market"
)

// roll returns a jury roll that is known here, or nil.
func (a *Agent) roll(t *tx, digest sxp.Hash) (*contract.OpenedRoll, error) {
	a.mu.Lock()
	r := a.rolls[digest]
	a.mu.Unlock()
	if r != nil {
		return r, nil
	}
	var raw sxp.Bytes
	if !t.get(keyRoll+digest.String(), &raw) {
		return nil, nil
	}
	return a.openRoll(raw)
}

func (a *Agent) openRoll(raw []byte) (*contract.OpenedRoll, error) {
	r, err := contract.OpenRoll(a.algebra, raw)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.rolls[r.Digest] = r
	a.mu.Unlock()
	return r, nil
}

// fetchRoll gets the roll that a proposal names from its market, and keeps it:
// contracts name it by digest for ever. Where several people founded the
// market, one of them has its key and could sign a roll alone: only the one
// that the charter names, which all have signed, is taken.
func (a *Agent) fetchRoll(ctx context.Context, p *contract.OpenedProposal) (*contract.OpenedRoll, error) {
	m, err := a.rollMarket(ctx, p.Market)
	if err != nil {
		return nil, err
	}
	c, err := m.charter()
	if err == nil && m.Number != 0 && len(c.Founders) > 1 && c.Roll != p.Roll {
		if err = a.refresh(ctx, m); err == nil {
			c, err = m.charter()
		}
	}
	if err != nil {
		return nil, err
	}
	if len(c.Founders) > 1 && c.Roll != p.Roll {
		return nil, sxp.Errorf("agent.fetchRoll", sxp.NotFound, p.Roll, "the founders of %q have not all signed this jury roll", m.Name)
	}
	return a.marketRoll(ctx, m, p.Roll)
}

func (a *Agent) marketRoll(ctx context.Context, m *membership, digest sxp.Hash) (r *contract.OpenedRoll, err error) {
	if err := a.mem.view(func(t *tx) error { r, err = a.roll(t, digest); return err }); err != nil || r != nil {
		return r, err
	}
	c, err := a.readClient(m)
	if err != nil {
		return nil, err
	}
	raw, err := c.Roll(ctx, digest)
	if err != nil {
		return nil, err
	}
	if r, err = a.openRoll(raw); err != nil {
		return nil, err
	}
	return r, a.mem.update(func(t *tx) error { t.put(keyRoll+digest.String(), sxp.Bytes(raw)); return nil })
}

// openRolls opens every roll that is stored, so that noteRolls knows them.
func (a *Agent) openRolls(t *tx) error {
	var digests []sxp.Hash
	if err := t.kv.Scan(keyRoll, func(key string, _ []byte) error {
		digest, err := sxp.ParseHash(key[len(keyRoll):])
		digests = append(digests, digest)
		return err
	}); err != nil {
		return err
	}
	for _, digest := range digests {
		if _, err := a.roll(t, digest); err != nil {
			return err
		}
	}
	a.noteRolls()
	return nil
}

// noteRolls remembers the newest roll of each issuer: a proposer may not go
// back to one from which jurors were removed since. The map is shared with the
// machines, so it changes only under stepping.
func (a *Agent) noteRolls() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.rolls {
		a.limits.RollNumbers[r.Issuer] = max(a.limits.RollNumbers[r.Issuer], r.Number)
	}
}

// publishRoll does "market.roll".
func (a *Agent) publishRoll(ctx context.Context, in PublishRoll) (v MarketView, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	key, err := m.key("publish its jury roll")
	if err != nil {
		return v, err
	}
	defer key.Erase()
	if err := a.refresh(ctx, m); err != nil {
		return v, err
	}
	charter, err := m.charter()
	if err != nil {
		return v, err
	}
	roll, left, err := a.draftRoll(ctx, m, charter, in)
	if err != nil {
		return v, err
	}
	raw, err := contract.SignRoll(a.algebra, key, roll)
	if err != nil {
		return v, err
	}
	client, err := a.client(m)
	if err != nil {
		return v, err
	}
	if err := client.PutRoll(ctx, raw); err != nil {
		return v, err
	}
	charter.Roll, charter.Seq, charter.Created = envelope.Digest(raw), charter.Seq+1, max(a.now(), charter.Created)
	charter.Terms = market.Terms{Horizon: roll.Horizon}
	if in.Size != 0 {
		charter.Terms.N = in.Size
		charter.Terms.F, charter.Terms.T = contract.DefaultFaults(in.Size)
	}
	v, err = a.putCharter(ctx, m, key, charter)
	v.LeftOut = left
	return v, err
}

// draftRoll makes a roll of the jurors who enrolled at the market, and says who
// is left out.
func (a *Agent) draftRoll(ctx context.Context, m *membership, c market.Charter, in PublishRoll) (*contract.Roll, []LeftOut, error) {
	const op = "agent.publishRoll"
	roll := &contract.Roll{
		Number: 1, Issued: a.now(),
		Delta: or(in.Delta, contract.DefaultDelta), L: or(in.L, contract.DefaultL), Epsilon: or(in.Epsilon, contract.DefaultEpsilon),
		Patience: or(in.W, contract.DefaultPatience), Horizon: or(in.D, contract.DefaultHorizon),
	}
	if !in.ByLot {
		roll.Draw = contract.DrawByStrata
	}
	if !c.Roll.IsZero() {
		old, err := a.marketRoll(ctx, m, c.Roll)
		if err != nil {
			return nil, nil, err
		}
		roll.Number = old.Number + 1
	}
	client, err := a.client(m)
	if err != nil {
		return nil, nil, err
	}
	known, err := a.conductOf(ctx, client)
	if err != nil {
		return nil, nil, err
	}
	var left []LeftOut
	for after := uint64(0); ; {
		page, err := client.List(ctx, market.ClassJuror, after)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range page.All {
			e, err := contract.OpenJuror(l.Raw)
			if err != nil {
				a.log.Warn("a juror's card is left out", "juror", l.Signer, "err", err)
				continue
			}
			if why := enter(roll, e, known[e.ID], in); why != "" {
				left = append(left, LeftOut{e.ID, why})
			}
		}
		if after = page.Next; after == 0 {
			break
		}
	}
	if len(roll.Entries) == 0 && len(left) > 0 {
		return nil, nil, sxp.Errorf(op, sxp.NotFound, m.ID, "all %d jurors who enrolled at %q are left out, the first as %q", len(left), m.Name, left[0].Why)
	}
	if len(roll.Entries) == 0 {
		return nil, nil, sxp.Errorf(op, sxp.NotFound, m.ID, "no juror has enrolled at %q yet: sxp jury enrol", m.Name)
	}
	return roll, left, nil
}

// conductOf returns what the market's node knows of its jurors. What it says
// without proof of a fault is not taken from it.
func (a *Agent) conductOf(ctx context.Context, client *market.Client) (map[sxp.ID]contract.Conduct, error) {
	out := map[sxp.ID]contract.Conduct{}
	for after := (sxp.ID{}); ; {
		raw, err := client.Records(ctx, after)
		if sxp.KindOf(err) == sxp.Unsupported {
			return nil, nil // a node of before
		}
		var page []contract.JurorRecord
		if err == nil {
			err = envelope.Unmarshal(raw, &page)
		}
		if err != nil {
			return nil, err
		}
		last := after
		for i := range page {
			if last = page[i].ID; slices.Compare(last[:], after[:]) <= 0 || len(out) > contract.MaxRoll {
				return nil, sxp.Errorf("agent.conductOf", sxp.Invalid, last, "the market's node tells of jurors in no order, or of too many")
			}
			after = last
			if err := page[i].Check(a.now().Add(sxp.ClockSkew)); err != nil {
				a.log.Warn("what is said of a juror is left out", "juror", last, "err", err)
				continue
			}
			out[last] = page[i].Conduct
		}
		if len(page) == 0 {
			return out, nil
		}
	}
}

// leastAsked is how often a juror was asked before it is called down.
const leastAsked = 50

// enter puts a juror on the roll, or says why not.
func enter(roll *contract.Roll, e *contract.RollEntry, c contract.Conduct, in PublishRoll) (why string) {
	switch {
	case in.DropFaulty && c.Faults > 0:
		return "faulty"
	case c.Asked >= leastAsked && 100*c.Up < in.MinUp*c.Asked:
		return "down"
	}
	e.Conduct = contract.Conduct{} // what it says itself does not count
	c.Since = min(c.Since, roll.Issued)
	if in.ByLot {
		e.Vouched = nil
	} else if e.Conduct = c; !e.ForStrata(roll.Issued) {
		return "operator"
	}
	roll.Entries = append(roll.Entries, *e)
	return ""
}

// vouchJuror does "jury.vouch".
func (a *Agent) vouchJuror(_ context.Context, in VouchJuror) (v VouchView, err error) {
	e, err := contract.OpenJuror(in.Card)
	if err != nil {
		return v, err
	}
	if in.For <= 0 {
		return v, sxp.Errorf("agent.vouchJuror", sxp.Invalid, e.ID, "a word for a juror holds for some time, above 0")
	}
	v = VouchView{Juror: e.ID, Until: a.now().Add(in.For)}
	v.Raw, err = contract.SignVouch(a.id, contract.Vouch{Juror: e.ID, Y: e.Y, Operator: e.Operator, Until: v.Until})
	return v, err
}

func or(d, usual sxp.Duration) sxp.Duration {
	if d == 0 {
		return usual
	}
	return d
}
