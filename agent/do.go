package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"reflect"
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

// operation is one entry of the table: JSON in, JSON out, and the types of both.
type operation struct {
	do      func(ctx context.Context, in []byte) ([]byte, error)
	in, out reflect.Type
}

// An OpType says what an operation takes and answers.
type OpType struct{ In, Out reflect.Type }

// OpTypes returns the types of all operations by name: what other languages
// generate their types from.
func OpTypes() map[string]OpType {
	types := map[string]OpType{}
	for name, o := range (*Agent)(nil).operations() {
		types[name] = OpType{o.in, o.out}
	}
	return types
}

// typed makes an operation of a method.
func typed[In, Out any](f func(context.Context, In) (Out, error)) operation {
	return operation{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), do: func(ctx context.Context, b []byte) ([]byte, error) {
		var in In
		if len(b) > 0 {
			d := json.NewDecoder(bytes.NewReader(b))
			d.DisallowUnknownFields()
			if err := d.Decode(&in); err != nil {
				return nil, sxp.Errorf("agent.Do", sxp.Invalid, nil, "the request is not understood: %w", err)
			}
			if _, err := d.Token(); err != io.EOF {
				return nil, sxp.Errorf("agent.Do", sxp.Invalid, nil, "the request has something after its end")
			}
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}}
}

// operations is the table that Do uses.
func (a *Agent) operations() map[string]operation {
	return map[string]operation{
		"status":         typed(a.status),
		"card":           typed(a.cardView),
		"contact.add":    typed(a.addContact),
		"contacts":       typed(a.contacts),
		"contact.verify": typed(a.verifyContact),
		"contact.remove": typed(a.removeContact),
		"person":         typed(a.person),
		"relay.account":  typed(a.relayAccount),
		"relays.set":     typed(a.setRelays),
		"relays":         typed(a.relays),
		"relay.look":     typed(a.lookAtRelay),
		"devices":        typed(a.devices),
		"device.forget":  typed(a.forgetDevice),
		"retire":         typed(a.retire),
		"market.create":  typed(a.createMarket),
		"market.sign":    typed(a.signMarket),
		"market.found":   typed(a.foundMarket),
		"market.invite":  typed(a.inviteToMarket),
		"market.remove":  typed(a.removeItem),
		"market.notices": typed(a.notices),
		"market.join":    typed(a.joinMarket),
		"market.leave":   typed(a.leaveMarket),
		"market.roll":    typed(a.publishRoll),
		"markets":        typed(a.markets),
		"market.look":    typed(a.lookAtMarket),
		"offer":          typed(a.offer),
		"need":           typed(a.need),
		"edit":           typed(a.edit),
		"group":          typed(a.group),
		"groups":         typed(a.groups),
		"withdraw":       typed(a.withdraw),
		"list":           typed(a.list),
		"search":         typed(a.search),
		"browse":         typed(a.browse),
		"announcement":   typed(a.announcement),
		"photo.put":      typed(a.putPhoto),
		"photo.get":      typed(a.getPhoto),
		"deals":          typed(a.deals),
		"deal":           typed(a.deal),
		"propose":        typed(a.propose),
		"propose.deal":   typed(a.compose),
		"deal.counter":   typed(a.counter),
		"accept":         typed(a.accept),
		"decline":        typed(a.decline),
		"contracts":      typed(a.contracts),
		"contract.file":  typed(a.contractFile),
		"send":           typed(a.send),
		"threads":        typed(a.threads),
		"thread":         typed(a.thread),
		"thread.read":    typed(a.readThread),
		"inbox":          typed(a.inbox),
		"inbox.file":     typed(a.inboxFile),
	}
}

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
	o, ok := a.operations()[op]
	if !ok {
		return nil, sxp.Errorf("agent.Do", sxp.Unsupported, nil, "there is no operation %q", op)
	}
	return o.do(ctx, in)
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
