package lot

import (
	"slices"

	"sxp"
	"sxp/deal"
)

// Check verifies an answer from anybody against its problem, in time linear in
// the size of both, and returns what it is worth. It fails with Invalid or
// TooLarge, naming the exchange, where one of the rules of spec/problem.md is
// broken. It believes nothing that the answer says of itself; where transfers
// or payments are written down, they must be right.
func Check(p *Problem, a *Answer) (deal.Value, error) {
	m, err := newModel(p)
	if err != nil {
		return deal.Value{}, err
	}
	return m.check(a)
}

func (m *model) check(a *Answer) (deal.Value, error) {
	const op = "lot.Check"
	t := newTally(m)
	for i := range a.Exchanges {
		if err := m.checkExchange(t, &a.Exchanges[i]); err != nil {
			return deal.Value{}, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %s", at("exchanges", i), sxp.Reason(err))
		}
	}
	return t.value(), nil
}

func (m *model) checkExchange(t *tally, in *Exchange) error {
	const op = "lot.Check"
	if in.Times < 0 || in.Times > MaxTimes {
		return sxp.Errorf(op, sxp.Invalid, nil, "times: %d is not within 1 and %d", in.Times, MaxTimes)
	}
	if len(in.Uses) > MaxUses {
		return sxp.Errorf(op, sxp.TooLarge, nil, "%d uses, at most %d are allowed", len(in.Uses), MaxUses)
	}
	var moves []counted
	for i, u := range in.Uses {
		if u.Times < 0 || u.Times > MaxTimes {
			return sxp.Errorf(op, sxp.Invalid, nil, "%s.times: %d is not within 1 and %d", at("uses", i), u.Times, MaxTimes)
		}
		v, err := m.resolve(u)
		if err != nil {
			return sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %s", at("uses", i), sxp.Reason(err))
		}
		moves = append(moves, counted{v, max(u.Times, 1)})
	}
	e, err := m.settle(moves)
	if err != nil {
		return err
	}
	if in.Transfers != nil && !slices.Equal(in.Transfers, m.transfers(e)) {
		return sxp.Errorf(op, sxp.Invalid, nil, "transfers: not what the uses amount to (by item, then taker, in the order of the problem)")
	}
	if in.Payments != nil {
		if e.pays, err = m.payments(e, in.Payments); err != nil {
			return err
		}
	}
	return t.add(e, max(in.Times, 1))
}

// transfers writes down who gets what.
func (m *model) transfers(e *exchange) []Transfer {
	var all []Transfer
	for _, t := range e.transfers {
		it := &m.items[t.item]
		all = append(all, Transfer{
			Item: m.p.Items[t.item].ID, Amount: decimal(t.pieces * it.step),
			From: m.p.People[it.owner].ID, To: m.p.People[t.to].ID,
		})
	}
	return all
}

// payments reads how others split the money.
func (m *model) payments(e *exchange, in []Payment) ([]payment, error) {
	const op = "lot.Check"
	pays := make([]payment, len(e.value))
	said := make([]bool, len(e.value))
	for i, v := range e.value {
		pays[i].person = v.person
	}
	sum := int64(0)
	for i, p := range in {
		k := slices.IndexFunc(e.value, func(v payment) bool { return m.p.People[v.person].ID == p.Person })
		if k < 0 || said[k] {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: %q takes no part in payments, or stands twice", at("payments", i), clip(p.Person))
		}
		said[k] = true
		if (p.Pays == "") == (p.Gets == "") {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s: must have exactly one of pays and gets", at("payments", i))
		}
		cents, err := m.amount(p.Pays + p.Gets)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %s", at("payments", i), sxp.Reason(err))
		}
		if p.Gets != "" {
			cents = -cents
		}
		pays[k].cents = cents
		sum += cents
	}
	for i, v := range e.value {
		if pays[i].cents > v.cents {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "payments: %q would pay more, or get less, than they said", clip(m.p.People[v.person].ID))
		}
	}
	if sum != 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "payments: they do not sum to 0")
	}
	return pays, nil
}

// settled writes down who pays and who gets.
func (m *model) settled(e *exchange) []Payment {
	var all []Payment
	for _, p := range e.pays {
		switch {
		case p.cents > 0:
			all = append(all, Payment{Person: m.p.People[p.person].ID, Pays: m.money(p.cents)})
		case p.cents < 0:
			all = append(all, Payment{Person: m.p.People[p.person].ID, Gets: m.money(-p.cents)})
		}
	}
	return all
}
