package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

const keyDeal = "deal/"

// The states of a deal, as DealView documents them.
const (
	dealProposed  = "proposed"
	dealAccepted  = "accepted"
	dealDeclined  = "declined"
	dealPromised  = "promised"
	dealSigned    = "signed"
	dealVoid      = "void"
	dealUnsettled = "unsettled"
	dealExpired   = "expired"
	dealRefused   = "refused"
)

// dealRecord is one proposal under "deal/<digest>".
type dealRecord struct {
	Number   int       `json:"number"`
	ID       sxp.Hash  `json:"id"`
	Proposal sxp.Bytes `json:"proposal"` // signed
	Session  sxp.Bytes `json:"session"`  // contract.Save.State; empty: refused at sight
	State    string    `json:"state"`
	Why      string    `json:"why,omitempty"`
	ByJury   bool      `json:"byJury,omitempty"`
	M        sxp.Hash  `json:"m,omitzero"`
	Seen     sxp.Time  `json:"seen"`
	Stale    bool      `json:"stale,omitempty"` // of a backup

	// How far each party is, as the machine knew when it last moved.
	Accepted []bool      `json:"accepted,omitempty"`
	Promised []bool      `json:"promised,omitempty"`
	Released []bool      `json:"released,omitempty"`
	Events   []DealEvent `json:"events"`
}

func (d *dealRecord) note(at sxp.Time, e DealEvent) {
	e.At = at
	d.Events = append(d.Events, e)
	if len(d.Events) > maxEvents {
		d.Events = d.Events[len(d.Events)-maxEvents:]
	}
}

// stateOf maps a session's phase to the person's words.
func stateOf(p contract.Phase) string {
	switch p {
	case contract.PhaseProposed:
		return dealProposed
	case contract.PhaseAccepted:
		return dealAccepted
	case contract.PhasePromised, contract.PhaseReleased:
		return dealPromised
	case contract.PhaseDone:
		return dealSigned
	case contract.PhaseVoid:
		return dealVoid
	case contract.PhaseUnsettled:
		return dealUnsettled
	case contract.PhaseLapsed:
		return dealExpired
	}
	return dealDeclined
}

// describe brings a record up to its machine and notes what is new.
func (a *Agent) describe(t *tx, l *live, rec *dealRecord) {
	v := l.s.View()
	before := rec.State
	rec.State, rec.M, rec.ByJury = stateOf(v.Phase), v.M, v.ByJury
	rec.Accepted, rec.Promised, rec.Released = v.Accepted, v.Promised, v.Released
	if v.Reason != "" {
		rec.Why = v.Reason
	}
	for _, line := range progress(l.s.Proposal(), v) {
		if !rec.noted(line.Text) {
			rec.note(a.now(), line)
		}
	}
	if rec.State == before {
		return
	}
	if line := lastEvent(l.s.Proposal(), rec); line.Text != "" {
		rec.note(a.now(), line)
	}
	if rec.State == dealSigned {
		a.given(t, l)
	}
}

func (d *dealRecord) noted(line string) bool {
	for _, e := range d.Events {
		if e.Text == line {
			return true
		}
	}
	return false
}

// takeProposal stores a proposal that came in, and shows it or refuses it. The
// same one again changes nothing.
func (a *Agent) takeProposal(ctx context.Context, raw []byte) error {
	p, err := contract.OpenProposal(raw)
	if err != nil {
		return err
	}
	if a.live[p.Digest] != nil {
		return nil
	}
	if _, party := p.Party(a.ID()); !party {
		return sxp.Errorf("agent.takeProposal", sxp.Denied, p.Digest, "you are not a party of this contract")
	}
	var roll *contract.OpenedRoll
	var me profile
	var known bool
	if err := a.mem.view(func(t *tx) (err error) {
		known = t.get(keyDeal+p.Digest.String(), new(dealRecord))
		t.get(keyProfile, &me)
		roll, err = a.roll(t, p.Roll)
		return err
	}); err != nil || known {
		return err
	}
	if err := a.renewPolicies(ctx, p); err != nil {
		return err
	}
	if roll == nil {
		roll, err = a.fetchRoll(ctx, p)
		switch {
		case isLocal(err):
			return err
		case err != nil && !refuses(err) && !errors.Is(err, sxp.NotFound):
			return fmt.Errorf("%w: the jury roll of a proposal: %w", errLater, err)
		case err != nil:
			a.log.Warn("the jury roll of a proposal cannot be had", "deal", p.Digest, "err", err)
		}
	}
	s, err := contract.NewSession(a.sessionConfig(&me), p, roll)
	if err != nil {
		return err
	}
	rec := &dealRecord{ID: p.Digest, Proposal: raw, State: dealProposed, Seen: a.now()}
	rec.note(rec.Seen, DealEvent{What: "arrived", Text: "the proposal arrived"})
	a.noteRolls()
	if err := contract.CheckProposal(p, roll, a.limits, a.ID(), a.now()); err != nil {
		rec.State, rec.Why = dealRefused, sxp.Reason(err)
	} else if err := a.checkMine(p); err != nil {
		rec.State, rec.Why = dealRefused, sxp.Reason(err)
	}
	if rec.State == dealRefused {
		return a.keepRefused(rec, p)
	}
	if n := a.waiting(); n >= maxWaiting {
		return sxp.Errorf("agent.takeProposal", sxp.Full, p.Digest, "%d proposals wait for an answer already", n)
	}
	l := &live{id: p.Digest, rec: rec, s: s, started: true}
	actions, err := s.Step(contract.Start{Now: a.now()})
	if err != nil {
		return err
	}
	if err := a.perform(ctx, l, actions, func(t *tx, rec *dealRecord) error {
		rec.Number = t.next("deal")
		return a.meetParties(t, p, false)
	}); err != nil {
		return err
	}
	a.mu.Lock()
	l.number = l.rec.Number
	a.live[p.Digest] = l
	a.mu.Unlock()
	return a.applyEarly(ctx, l)
}

// waiting counts the proposals that wait for the person.
func (a *Agent) waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, l := range a.live {
		if l.rec.State == dealProposed {
			n++
		}
	}
	return n
}

// keepRefused stores a proposal that was refused at sight, without its
// machine, so that the person can see why, and tells its proposer.
func (a *Agent) keepRefused(rec *dealRecord, p *contract.OpenedProposal) error {
	return a.mem.update(func(t *tx) error {
		n := 0
		if err := scan(t, keyDeal, func(_ string, d *dealRecord) error {
			if d.State == dealRefused {
				n++
			}
			return nil
		}); err != nil {
			return err
		}
		if n >= maxRefused {
			return sxp.Errorf("agent.takeProposal", sxp.Full, rec.ID, "%d refused proposals are kept already; this was refused because: %s", n, rec.Why)
		}
		rec.Number = t.next("deal")
		t.put(keyDeal+rec.ID.String(), rec)
		a.noteOver(t, p, nil, a.ID())
		return nil
	})
}

// meetParties makes the people of a deal known. Once the person has accepted,
// their relays are asked for what they write about it; not before, because
// whoever proposes chooses the addresses.
func (a *Agent) meetParties(t *tx, p *contract.OpenedProposal, accepted bool) error {
	how := meeting{until: p.Deadline.Add(peerAfter), pull: accepted}
	for i := range p.Parties {
		if _, err := a.meet(t, p.Parties[i].Card, how); err != nil {
			return err
		}
	}
	return nil
}

// checkHeard refuses to accept for somebody who uses no relay. The others could
// not be told, so a promise would bind this person alone, and nothing come of it.
func (a *Agent) checkHeard(p *contract.OpenedProposal) error {
	return a.mem.view(func(t *tx) error {
		var me profile
		if t.get(keyProfile, &me); len(me.Relays) == 0 {
			return sxp.Errorf("agent.checkHeard", sxp.Denied, p.Digest, "you use no relay, so the others would not hear your yes: sxp card relays ADDRESS names one")
		}
		return nil
	})
}

// checkMine refuses a proposal that gives what the person did not announce, or
// that they have changed or given since: the machine cannot know.
func (a *Agent) checkMine(p *contract.OpenedProposal) error {
	const op = "agent.checkMine"
	me, _ := p.Party(a.ID())
	if p.Cards[me].ContractKey != a.ring.ContractKey() {
		return sxp.Errorf(op, sxp.Denied, p.Digest, "the proposal names a contract key that is not yours")
	}
	return a.mem.view(func(t *tx) error {
		for i := range p.Terms.Transfers {
			x := &p.Terms.Transfers[i]
			if x.From != me {
				continue
			}
			if x.ItemRef.IsZero() {
				if err := a.checkUnnamed(t, x); err != nil {
					return err
				}
				continue
			}
			var it item
			if !t.get(keyItem+x.ItemRef.String(), &it) {
				return sxp.Errorf(op, sxp.Denied, x.ItemRef, "you have not announced %q", x.Item.Title)
			}
			if st := it.state(a.now()); st != itemActive {
				return sxp.Errorf(op, sxp.Late, x.ItemRef, "your %q is %s", x.Item.Title, st)
			}
			ann, err := market.OpenAnnouncement(it.Raw)
			if err != nil {
				return err
			}
			if err := a.checkGiven(t, p, i, &ann); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkGiven refuses to give an announced thing on other terms than it was
// announced: twice, changed, for nothing where it is no gift, or without saying that
// its giver does not have it yet.
func (a *Agent) checkGiven(t *tx, p *contract.OpenedProposal, i int, ann *market.Announcement) error {
	const op = "agent.checkMine"
	x := &p.Terms.Transfers[i]
	gets := slices.ContainsFunc(p.Terms.Transfers, func(o contract.Transfer) bool { return o.To == x.From })
	twice := slices.ContainsFunc(p.Terms.Transfers[:i], func(o contract.Transfer) bool { return o.From == x.From && o.ItemRef == x.ItemRef })
	switch {
	case twice: // the ledger compares contracts, not what is in one
		return sxp.Errorf(op, sxp.Denied, x.ItemRef, "you announced %q once, and are to give it twice here", x.Item.Title)
	case !ann.Gives():
		return sxp.Errorf(op, sxp.Denied, x.ItemRef, "you need %q, you do not offer it", x.Item.Title)
	case !sameItem(*ann.Item, x.Item):
		return sxp.Errorf(op, sxp.Conflict, x.ItemRef, "you have changed %q since this was proposed", x.Item.Title)
	case ann.Direction == market.Offer && !gets:
		return sxp.Errorf(op, sxp.Denied, x.ItemRef, "you offer %q for something in return, and get nothing here", x.Item.Title)
	case (ann.Source == nil) != (x.Source == nil) || ann.Source != nil && *ann.Source != *x.Source:
		return sxp.Errorf(op, sxp.Denied, x.ItemRef, "the contract does not say, as your announcement does, by which other one you get %q", x.Item.Title)
	}
	if err := a.checkSource(t, x); err != nil {
		return err
	}
	return a.checkPolicy(t, p, x, ann.Market)
}

// checkUnnamed refuses to give an announced thing without its name: the ledger
// would not know it again in another deal. Only hand-made deals come here.
func (a *Agent) checkUnnamed(t *tx, x *contract.Transfer) error {
	return scan(t, keyItem, func(_ string, it *item) error {
		if it.state(a.now()) != itemActive {
			return nil
		}
		ann, err := market.OpenAnnouncement(it.Raw)
		if err == nil && ann.Gives() && sameItem(*ann.Item, x.Item) {
			err = sxp.Errorf("agent.checkMine", sxp.Denied, it.ID, "you have announced %q as number %d. A deal names an announced thing by its id, or it could be given twice, and this one does not: ask for a proposal over %s", x.Item.Title, it.Number, it.ID)
		}
		return err
	})
}

// given marks what this person gave in a contract, so that nobody proposes it
// again; Step withdraws it from its market.
func (a *Agent) given(t *tx, l *live) {
	a.unsent.Store(true)
	v := l.s.View()
	for i := range l.s.Proposal().Terms.Transfers {
		x := &l.s.Proposal().Terms.Transfers[i]
		var it item
		if x.From == v.Me && t.get(keyItem+x.ItemRef.String(), &it) {
			it.Swapped = l.rec.ID
			t.put(keyItem+x.ItemRef.String(), &it)
		}
	}
	a.fulfil(t, l)
}

// findDeal returns the record that a person means.
func (a *Agent) findDeal(ref string) (d *dealRecord, err error) {
	err = a.mem.view(func(t *tx) error { d, err = findDealIn(t, ref); return err })
	return d, err
}

func findDealIn(t *tx, ref string) (*dealRecord, error) {
	var recs []*dealRecord
	if err := scan(t, keyDeal, func(_ string, d *dealRecord) error { recs = append(recs, d); return nil }); err != nil {
		return nil, err
	}
	slices.SortFunc(recs, func(x, y *dealRecord) int { return x.Number - y.Number })
	return pick("deal", ref, recs, func(d *dealRecord) int { return d.Number }, func(d *dealRecord) string { return d.ID.String() }, nil)
}

// deal answers "deal".
func (a *Agent) deal(_ context.Context, in DealRef) (v DealView, err error) {
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return v, err
	}
	err = a.mem.view(func(t *tx) error {
		t.get(keyDeal+d.ID.String(), d)
		v, err = a.dealView(t, d)
		return err
	})
	return v, err
}

// accept does "accept": the person's one tap.
func (a *Agent) accept(ctx context.Context, in DealRef) (DealView, error) {
	return a.decide(ctx, in, true)
}

// decline does "decline".
func (a *Agent) decline(ctx context.Context, in DealRef) (DealView, error) {
	return a.decide(ctx, in, false)
}

func (a *Agent) decide(ctx context.Context, in DealRef, yes bool) (v DealView, err error) {
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	return a.answer(ctx, in, yes)
}

// answer is decide for who holds the stepping lock.
func (a *Agent) answer(ctx context.Context, in DealRef, yes bool) (v DealView, err error) {
	const op = "agent.decide"
	a.noteRolls()
	if err := a.startDeals(ctx); err != nil {
		return v, err
	}
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return v, err
	}
	l := a.live[d.ID]
	switch {
	case yes && d.State == dealAccepted || yes && d.State == dealPromised || yes && d.State == dealSigned, !yes && d.State == dealDeclined:
		return a.deal(ctx, in) // a second tap
	case l == nil || d.State != dealProposed:
		return v, sxp.Errorf(op, sxp.Late, d.ID, "deal %d is %s%s", d.Number, d.State, because(d.Why))
	}
	if yes {
		if err := a.checkHeard(l.s.Proposal()); err != nil {
			return v, err
		}
		if err := a.checkMine(l.s.Proposal()); err != nil {
			return v, err
		}
	}
	actions, err := l.s.Step(contract.Decide{Now: a.now(), Accept: yes, Reason: in.Why})
	if err != nil {
		return v, err
	}
	if err := a.perform(ctx, l, actions, func(t *tx, _ *dealRecord) error {
		if !yes {
			return nil
		}
		return a.hearParties(t, l.s.Proposal())
	}); err != nil {
		return v, err
	}
	a.nudge()
	return a.deal(ctx, in)
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// contractFile answers "contract.file".
func (a *Agent) contractFile(_ context.Context, in DealRef) (f ContractFile, err error) {
	end, err := a.begin()
	if err != nil {
		return f, err
	}
	defer end()
	d, err := a.findDeal(in.Deal)
	if err != nil {
		return f, err
	}
	l := a.live[d.ID]
	if l == nil {
		return f, sxp.Errorf("agent.contractFile", sxp.NotFound, d.ID, "deal %d was %s: there is no contract", d.Number, d.State)
	}
	data, err := l.s.File()
	return ContractFile{Name: d.ID.Short() + ".sxpc", Data: data}, err
}
