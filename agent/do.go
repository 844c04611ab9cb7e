package agent

import (
	"context"
	"encoding/json"
	"sort"

	"sxp"
)

// A Doer answers operations: an *Agent in the same process, or the client of
// one in another.
type Doer interface {
	// Do answers one operation. in is its JSON request ("" stands for {}), the
	// result its JSON answer. An unknown operation is sxp.Unsupported, an
	// unknown field of the request sxp.Invalid.
	Do(ctx context.Context, op string, in []byte) ([]byte, error)
}

// Call asks d for an operation with typed request and answer.
func Call[Out any](ctx context.Context, d Doer, op string, in any) (out Out, err error) {
	b, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	if b, err = d.Do(ctx, op, b); err != nil {
		return out, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return out, sxp.Errorf("agent.Call", sxp.Invalid, nil, "the answer to %s is not understood: %w", op, err)
	}
	return out, nil
}

// operations is the table that Do uses.
func (a *Agent) operations() Table {
	return Table{
		"status":         Typed(a.status),
		"card":           Typed(a.cardView),
		"contact.add":    Typed(a.addContact),
		"contacts":       Typed(a.contacts),
		"contact.verify": Typed(a.verifyContact),
		"contact.remove": Typed(a.removeContact),
		"person":         Typed(a.person),
		"relay.account":  Typed(a.relayAccount),
		"relays.set":     Typed(a.setRelays),
		"relays":         Typed(a.relays),
		"relay.look":     Typed(a.lookAtRelay),
		"devices":        Typed(a.devices),
		"device.forget":  Typed(a.forgetDevice),
		"retire":         Typed(a.retire),
		"market.create":  Typed(a.createMarket),
		"market.sign":    Typed(a.signMarket),
		"market.found":   Typed(a.foundMarket),
		"market.invite":  Typed(a.inviteToMarket),
		"market.remove":  Typed(a.removeItem),
		"market.notices": Typed(a.notices),
		"market.rules":   Typed(a.setRules),
		"market.report":  Typed(a.report),
		"why":            Typed(a.why),
		"market.join":    Typed(a.joinMarket),
		"market.leave":   Typed(a.leaveMarket),
		"market.roll":    Typed(a.publishRoll),
		"jury.vouch":     Typed(a.vouchJuror),
		"markets":        Typed(a.markets),
		"market.look":    Typed(a.lookAtMarket),
		"offer":          Typed(a.offer),
		"need":           Typed(a.need),
		"gift":           Typed(a.gift),
		"reoffer":        Typed(a.reoffer),
		"edit":           Typed(a.edit),
		"group":          Typed(a.group),
		"groups":         Typed(a.groups),
		"withdraw":       Typed(a.withdraw),
		"list":           Typed(a.list),
		"search":         Typed(a.search),
		"browse":         Typed(a.browse),
		"announcement":   Typed(a.announcement),
		"photo.put":      Typed(a.putPhoto),
		"photo.get":      Typed(a.getPhoto),
		"deals":          Typed(a.deals),
		"deal":           Typed(a.deal),
		"propose":        Typed(a.propose),
		"propose.deal":   Typed(a.compose),
		"deal.counter":   Typed(a.counter),
		"accept":         Typed(a.accept),
		"decline":        Typed(a.decline),
		"contracts":      Typed(a.contracts),
		"contract.file":  Typed(a.contractFile),
		"secret":         Typed(a.secret),
		"secret.proof":   Typed(a.secretProof),
		"rate":           Typed(a.Rate),
		"rating.publish": Typed(a.publishRating),
		"ratings":        Typed(a.ratings),
		"send":           Typed(a.send),
		"threads":        Typed(a.threads),
		"thread":         Typed(a.thread),
		"thread.read":    Typed(a.readThread),
		"inbox":          Typed(a.inbox),
		"inbox.file":     Typed(a.inboxFile),
	}
}

// OpTypes returns the types of all operations by name: what other languages
// generate their types from.
func OpTypes() map[string]OpType { return (*Agent)(nil).operations().Types() }

// Ops returns the names of all operations, sorted.
func Ops() []string {
	var names []string
	for name := range (*Agent)(nil).operations() {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Do implements Doer.
func (a *Agent) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	return a.operations().Do(ctx, op, in)
}

// status answers "status".
func (a *Agent) status(context.Context, None) (s Status, err error) {
	p, err := a.profile()
	if err != nil {
		return s, err
	}
	s = Status{ID: a.ID(), Label: p.Label, Relays: addressTexts(p.Relays), Now: a.now(), Trouble: a.troubles()}
	err = a.mem.view(func(t *tx) error { return a.count(t, &s) })
	return s, err
}

func (a *Agent) count(t *tx, s *Status) error {
	if err := scan(t, keyMarket, func(string, *membership) error { s.Markets++; return nil }); err != nil {
		return err
	}
	if err := scan(t, keyItem, func(_ string, it *item) error {
		if it.state(s.Now) == itemActive {
			s.Offers++
		}
		return nil
	}); err != nil {
		return err
	}
	if err := scan(t, keyDeal, func(_ string, d *dealRecord) error {
		switch d.State {
		case dealProposed:
			s.Deals++
		case dealPromised, dealSigned:
			s.Contracts++
		}
		return nil
	}); err != nil {
		return err
	}
	s.Messages = len(t.keys(keyUnread))
	return nil
}
