package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

// dealView is what a person sees of a record.
func (a *Agent) dealView(t *tx, d *dealRecord) (DealView, error) {
	p, err := a.proposalOf(d)
	if err != nil {
		return DealView{}, err
	}
	me, _ := p.Party(a.ID())
	v := DealView{
		Number: d.Number, ID: d.ID, Market: p.Market, Proposer: p.Proposer, Title: p.Terms.Title,
		Give: []string{}, Get: []string{}, Deadline: p.Deadline, Attempt: p.Attempt, Jury: p.N, Faults: p.F,
		State: d.State, Why: d.Why, ByJury: d.ByJury, Text: p.Terms.Text, Events: d.Events, M: d.M,
		ProposerName: a.nameOf(t, p.Proposer), Notary: p.Mode == contract.Notary, SignBefore: p.ReleaseBefore(),
		Risk: contract.Risk(p.N, p.F, usualCorrupt, p.Attempt), Warnings: contract.Warnings(p),
		Parties: a.dealParties(d, p), Replaces: p.Replaces, Notes: p.Terms.Notes,
	}
	if v.Worth, err = a.worth(t, p); err != nil {
		return v, err
	}
	if v.Differences, err = a.differencesOf(t, p); err != nil {
		return v, err
	}
	for _, c := range v.Differences {
		v.Changes = append(v.Changes, c.Text)
	}
	for _, m := range p.Terms.Markets {
		v.Markets = append(v.Markets, MarketTermsView{ID: m.Market, Name: m.Name, Policy: m.Policy})
	}
	for i := range p.Terms.Transfers {
		x := &p.Terms.Transfers[i]
		v.Transfers = append(v.Transfers, TransferView{
			Item: x.Item.String(), Kind: x.Item.Kind, Due: x.Due,
			From: p.Cards[x.From].ID, FromName: p.Cards[x.From].Label,
			To: p.Cards[x.To].ID, ToName: p.Cards[x.To].Label,
			Photos: x.Item.Photos, MineFrom: x.From == me, MineTo: x.To == me, Ref: x.ItemRef, Delivery: x.Delivery,
			Market: x.Market, Levies: p.Terms.Levies(x), Source: x.Source,
		})
		if x.Secret != nil {
			last := &v.Transfers[len(v.Transfers)-1]
			last.Secret, last.Declared = true, x.Secret.Digest
		}
		if x.From == me {
			v.Give = append(v.Give, x.Item.String())
		}
		if x.To == me {
			v.Get = append(v.Get, x.Item.String())
		}
	}
	v.Unusual = a.unusual(&v)
	switch {
	case v.Why != "":
	case d.State == dealProposed:
		v.Why = strings.Join(append(slices.Clip(v.Warnings), v.Unusual...), " ")
	case d.State == dealAccepted:
		v.Why = a.heldUp(d.ID)
	}
	return v, nil
}

// unusual says what a person may overlook in the transfers.
func (a *Agent) unusual(v *DealView) (w []string) {
	mine := slices.ContainsFunc(v.Parties, func(p DealParty) bool { return p.Me })
	if mine && len(v.Get) == 0 {
		w = append(w, "You give and get nothing in return.")
	}
	if slices.ContainsFunc(v.Transfers, func(x TransferView) bool { return x.Source != nil && !x.MineFrom }) {
		w = append(w, "Somebody gives what they are yet to get by another contract: if that is not delivered, this contract is not valid.")
	}
	if slices.ContainsFunc(v.Transfers, func(x TransferView) bool { return x.Secret && x.MineTo }) {
		w = append(w, "You get a secret that nobody can look at before all have signed. If it does not open then, or is not what was declared, you can prove that to anybody.")
	}
	return w
}

// dealParties says how far each of the people of a deal is. A complete contract
// has everybody's signature, also one that the jury supplied.
func (a *Agent) dealParties(d *dealRecord, p *contract.OpenedProposal) []DealParty {
	a.mu.Lock()
	if l := a.live[d.ID]; l != nil && len(d.Accepted) == 0 {
		d = l.rec // a record of before this was kept
	}
	accepted, promised, released, signed := d.Accepted, d.Promised, d.Released, d.State == dealSigned
	a.mu.Unlock()
	at := func(list []bool, i int) bool { return signed || i < len(list) && list[i] }
	out := make([]DealParty, len(p.Cards))
	for i, card := range p.Cards {
		out[i] = DealParty{
			ID: card.ID, Name: card.Label, Me: card.ID == a.ID(),
			Accepted: at(accepted, i), Promised: at(promised, i), Signed: at(released, i),
		}
	}
	return out
}

// usualCorrupt is the share of a roll that DealView.Risk takes to be corrupt.
const usualCorrupt = 0.2

// noteBlocked remembers which other deal keeps an accepted one from going on.
func (a *Agent) noteBlocked(l *live) {
	blocked := l.s.View().Blocked
	a.mu.Lock()
	defer a.mu.Unlock()
	l.blocked = blocked
}

// heldUp says which other deal keeps one from going on, because both give the
// same thing; "" if none does.
func (a *Agent) heldUp(id sxp.Hash) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.live[id]
	if l == nil || a.live[l.blocked] == nil {
		return ""
	}
	o := a.live[l.blocked]
	return fmt.Sprintf("deal %d gives the same thing and came first (%s): this one goes on only if that one is void", o.number, o.rec.State)
}

// proposalOf returns what a deal is about.
func (a *Agent) proposalOf(d *dealRecord) (*contract.OpenedProposal, error) {
	a.mu.Lock()
	l := a.live[d.ID]
	a.mu.Unlock()
	if l != nil {
		return l.s.Proposal(), nil
	}
	return contract.OpenProposal(d.Proposal)
}

// gives lists the announced things that this person gives in a deal: always
// whole, see checkMine.
func (a *Agent) gives(l *live) (refs []market.ItemID) {
	p := l.s.Proposal()
	me, _ := p.Party(a.ID())
	for i := range p.Terms.Transfers {
		if x := &p.Terms.Transfers[i]; x.From == me && !x.ItemRef.IsZero() {
			refs = append(refs, x.ItemRef)
		}
	}
	return refs
}

// holding returns the number and state of the deal that an announced thing of
// this person is bound in, or accepted in; 0 for none.
func (a *Agent) holding(id market.ItemID) (number int, state string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range a.live {
		switch l.rec.State {
		case dealAccepted, dealPromised, dealUnsettled:
			if (number == 0 || state == dealAccepted) && slices.Contains(a.gives(l), id) {
				number, state = l.number, l.rec.State
			}
		}
	}
	return number, state
}

// listDeals returns the records that pass, by number.
func (a *Agent) listDeals(pass func(*dealRecord) bool) ([]DealView, error) {
	recs, err := all(&a.mem, keyDeal, func(x, y *dealRecord) bool { return x.Number < y.Number })
	if err != nil {
		return nil, err
	}
	out := []DealView{}
	err = a.mem.view(func(t *tx) error {
		for _, d := range recs {
			if !pass(d) {
				continue
			}
			v, err := a.dealView(t, d)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// deals answers "deals": what waits for the person or for others.
func (a *Agent) deals(context.Context, None) ([]DealView, error) {
	return a.listDeals(func(d *dealRecord) bool {
		return d.State == dealProposed || d.State == dealAccepted || d.State == dealRefused || d.State == dealDeclined || d.State == dealExpired
	})
}

// contracts answers "contracts": what binds, bound or was certified not to.
func (a *Agent) contracts(context.Context, None) ([]DealView, error) {
	return a.listDeals(func(d *dealRecord) bool {
		return d.State == dealPromised || d.State == dealSigned || d.State == dealVoid || d.State == dealUnsettled
	})
}

// progress lists what has happened among the parties so far, one line each.
func progress(p *contract.OpenedProposal, v contract.View) []DealEvent {
	var lines []DealEvent
	add := func(who int, did string) {
		name := p.Cards[who].Label
		if who == v.Me {
			name = "you"
		}
		lines = append(lines, DealEvent{What: did, Who: p.Cards[who].ID, Text: name + " " + did})
	}
	for i := range p.Cards {
		if v.Accepted[i] {
			add(i, "accepted")
		}
	}
	if len(v.Jury) > 0 && !v.M.IsZero() {
		line := fmt.Sprintf("the jury of %d is drawn", len(v.Jury))
		if p.Mode == contract.Notary {
			line = "the notary is drawn"
		}
		lines = append(lines, DealEvent{What: "drawn", Text: line})
	}
	for i := range p.Cards {
		if v.Promised[i] {
			add(i, "promised")
		}
	}
	if v.Lodged {
		lines = append(lines, DealEvent{What: "lodged", Text: "a watcher holds the claim"})
	}
	for i := range p.Cards {
		if v.Released[i] {
			add(i, "signed")
		}
	}
	return lines
}

// lastEvent is the last line of a deal's history; without text there is none.
func lastEvent(p *contract.OpenedProposal, d *dealRecord) DealEvent {
	switch d.State {
	case dealSigned:
		if p.Mode == contract.Notary {
			return DealEvent{What: "notary", Text: "the contract is complete: the notary gave all signatures out together"}
		}
		if d.ByJury {
			return DealEvent{What: "jury", Text: "the contract is complete: the jury supplied what was missing"}
		}
		return DealEvent{What: "complete", Text: "the contract is complete"}
	case dealVoid:
		return DealEvent{What: "void", Text: "the jury certified that there will be no contract"}
	case dealUnsettled:
		if d.Stale {
			return DealEvent{}
		}
		return DealEvent{What: "unsettled", Text: "the jury did nothing, but your signature is out: the agent keeps asking the others for the contract"}
	case dealExpired, dealDeclined:
		return DealEvent{What: "ended", Text: "this ended; nobody is bound"}
	}
	return DealEvent{}
}
