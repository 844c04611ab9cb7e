package tm

import (
	"strconv"
	"strings"

	"sxp/deal"
)

// A resolver walks over the wants of one list.
type resolver struct {
	*builder
	name   string
	person int
	self   int // index of the item, or -1
	dummy  int // index of the dummy, or -1
	rank   int64
	seen   map[Want]bool // Cost 0
	wants  []Want
}

// resolve turns the words of a list into wants.
func (b *builder) resolve(l line, person, self, dummy int) error {
	r := &resolver{builder: b, name: l.words[0], person: person, self: self, dummy: dummy, rank: 1, seen: make(map[Want]bool, len(l.words))}
	b.number = l.number
	for _, word := range l.words[1:] {
		if word == ";" {
			r.advance(b.opt.BigStep)
			continue
		}
		if err := r.word(word); err != nil {
			return err
		}
	}
	if self >= 0 {
		b.list.Items[self].Wants = r.wants
	} else {
		b.list.Dummies[dummy].Wants = r.wants
	}
	return nil
}

// advance moves the rank, which stops growing before it overflows.
func (r *resolver) advance(step int64) { r.rank = min(r.rank+step, maxRank) }

func (r *resolver) word(word string) error {
	name := word
	if strings.Contains(word, "=") {
		cost, bare, err := r.explicit(word)
		if bare == "" || err != nil {
			return err
		}
		name, r.rank = bare, cost
	}
	if name[0] == '$' {
		return r.money(name)
	}
	w := Want{Item: -1, Dummy: -1}
	ok := false
	if name[0] == '%' {
		w.Dummy, ok = r.builder.dummy[dummyName{r.person, name}]
	} else {
		w.Item, ok = r.item[name]
	}
	if !ok {
		return r.miss(name)
	}
	return r.add(w, name)
}

// explicit cuts WANT=cost; an empty name means that it was complained about.
func (r *resolver) explicit(word string) (cost int64, name string, err error) {
	if r.opt.Priorities != ExplicitPriorities {
		return 0, "", r.complain(rulePriority, "%s in the list of %s: '=' needs EXPLICIT-PRIORITIES; the want is ignored", clip(word), clip(r.name))
	}
	name, number, _ := strings.Cut(word, "=")
	cost, perr := strconv.ParseInt(number, 10, 64)
	if name == "" || perr != nil || cost < 1 || cost > deal.MaxCost || number[0] == '+' {
		return 0, "", r.complain(rulePriority, "%s in the list of %s: a want with a priority is NAME=number, from 1 to %d; it is ignored", clip(word), clip(r.name), int64(deal.MaxCost))
	}
	return cost, name, nil
}

// miss handles a name without a list: an official one still takes its rank.
func (r *resolver) miss(name string) error {
	if _, ok := r.official[name]; ok {
		r.advance(r.opt.SmallStep)
		return nil
	}
	u := r.unknown[name]
	if u == nil {
		u = &unknown{line: r.number}
		r.unknown[name] = u
	}
	u.times++
	return nil
}

// add appends a want unless it repeats or is the person's own.
func (r *resolver) add(w Want, name string) error {
	switch {
	case w.Item >= 0 && w.Item == r.self, w.Dummy >= 0 && w.Dummy == r.dummy:
		return r.complain(ruleSelf, "%s stands in its own want list", clip(name))
	case r.seen[w]:
		if r.opt.HideRepeats {
			return nil
		}
		return r.complain(ruleRepeatedWant, "%s is repeated in the list of %s", clip(name), clip(r.name))
	case w.Item >= 0 && r.list.Items[w.Item].Person == r.person:
		return r.complain(ruleOwnItem, "%s in the list of %s belongs to the same person", clip(name), clip(r.name))
	}
	return r.take(w)
}

// take appends a legal want at the current rank.
func (r *resolver) take(w Want) error {
	if r.wanted++; r.wanted > MaxWants {
		return r.fatal(ruleTooLarge, "more than %d wants", MaxWants)
	}
	r.seen[w] = true
	if r.self >= 0 {
		w.Cost = r.opt.costOf(r.rank)
	}
	r.wants = append(r.wants, w)
	r.advance(r.opt.SmallStep)
	return nil
}

// money wants all bids of others that are at least as high.
func (r *resolver) money(word string) error {
	cents, ok := money(word)
	switch {
	case !ok:
		return r.complain(ruleMoney, "%q in the list of %s is not an amount: it is ignored", clip(word), clip(r.name))
	case r.set.Money == MoneyLeftOut:
		return r.leaveOutMoney()
	}
	rank := r.rank
	for _, i := range r.bids {
		bid := r.list.Items[i]
		w := Want{Item: i, Dummy: -1}
		if bid.Bid < cents || bid.Person == r.person || r.seen[w] {
			continue
		}
		r.rank = rank // all bids that suffice are equally good
		if err := r.take(w); err != nil {
			return err
		}
	}
	return nil
}
