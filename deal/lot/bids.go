package lot

import "sxp/deal"

func (m *model) readBids() error {
	m.bid = make(map[string]int32, len(m.p.Bids))
	for i := range m.p.Bids {
		in, place := &m.p.Bids[i], at("bids", i)
		if err := enter(m.bid, place, in.ID, i); err != nil {
			return err
		}
		by, ok := m.person[in.By]
		if !ok {
			return bad(place+".by", "nobody is named %q", clip(in.By))
		}
		if in.Times < 0 || in.Times > MaxTimes {
			return bad(place+".times", "%d is not within 1 and %d", in.Times, MaxTimes)
		}
		b := bid{by: by, times: max(in.Times, 1)}
		var err error
		if b.value, b.money, err = m.worth(place, in.Pay, in.Get); err != nil {
			return err
		}
		if b.give, err = m.side(place+".give", &in.Give, &b, true); err != nil {
			return err
		}
		if b.take, err = m.side(place+".take", &in.Take, &b, false); err != nil {
			return err
		}
		switch {
		case b.give.pick == 0 && b.take.pick == 0:
			return bad(place, "gives nothing and takes nothing")
		case b.take.pick == 0 && !b.money:
			return bad(place+".take", "a bid that takes nothing must name what it gets; what is given for nothing is an item with gift")
		}
		m.bids = append(m.bids, b)
	}
	return nil
}

// side reads what b gives or takes, and notes whether it names money.
func (m *model) side(place string, in *Side, b *bid, gives bool) (side, error) {
	s := side{pick: in.Pick}
	switch {
	case len(in.Of) == 0 && in.Pick != 0:
		return s, bad(place+".pick", "%d of nothing", in.Pick)
	case len(in.Of) == 0:
		return s, nil
	case in.Pick < 0 || in.Pick > min(len(in.Of), MaxPick):
		return s, bad(place+".pick", "%d of %d options, at most %d", in.Pick, len(in.Of), MaxPick)
	}
	s.pick = max(in.Pick, 1)
	s.of = make([]option, 0, len(in.Of))
	for i := range in.Of {
		o, err := m.option(at(place+".of", i), &in.Of[i], b.by, gives)
		if err != nil {
			return s, err
		}
		b.money = b.money || o.money || o.group >= 0 && m.groups[o.group].money
		s.of = append(s.of, o)
	}
	return s, nil
}

func (m *model) readLimits() error {
	names := make(map[string]int32, len(m.p.Limits))
	for i := range m.p.Limits {
		in, place := &m.p.Limits[i], at("limits", i)
		if err := enter(names, place, in.ID, i); err != nil {
			return err
		}
		if in.Most < 0 || in.Most > deal.MaxWeight {
			return bad(place+".most", "%d is not within 0 and %d", in.Most, int64(deal.MaxWeight))
		}
		l := limit{most: in.Most}
		seen := make(map[weight]bool)
		for k, w := range in.Of {
			out, err := m.weight(at(place+".of", k), w)
			if err != nil {
				return err
			}
			key := weight{bid: out.bid, item: out.item}
			if seen[key] {
				return bad(at(place+".of", k), "stands twice")
			}
			seen[key] = true
			l.of = append(l.of, out)
		}
		m.limits = append(m.limits, l)
	}
	return nil
}

// weight reads one line of a limit.
func (m *model) weight(place string, in Weight) (weight, error) {
	w := weight{bid: -1, item: -1, weight: in.Weight}
	var ok bool
	switch {
	case (in.Bid == "") == (in.Item == ""):
		return w, bad(place, "must have exactly one of bid and item")
	case in.Weight < 0 || in.Weight > deal.MaxWeight:
		return w, bad(place+".weight", "%d is not within 0 and %d", in.Weight, int64(deal.MaxWeight))
	case in.Bid != "":
		if w.bid, ok = m.bid[in.Bid]; !ok {
			return w, bad(place+".bid", "no bid is named %q", clip(in.Bid))
		}
		return w, nil
	}
	if w.item, ok = m.item[in.Item]; !ok || !m.items[w.item].gift {
		return w, bad(place+".item", "no gift is named %q", clip(in.Item))
	}
	return w, nil
}
