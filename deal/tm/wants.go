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
	self   int32 // index of the item, or -1
	dummy  int32 // index of the dummy, or -1
	rank   int64
	last   int32 // place in seen of the name met last
}

// resolve turns the words of a list into wants.
func (b *builder) resolve(l line, person int, self, dummy int32) error {
	r := &resolver{builder: b, name: l.item, person: person, self: self, dummy: dummy, rank: 1, last: int32(len(b.seen))}
	b.number = l.number
	b.stamp++
	b.begin()
	for rest := l.wants; rest != ""; {
		if w, tail, ok := r.again(rest); ok {
			rest = tail
			if err := r.add(w, r.spelt(w)); err != nil {
				return err
			}
			continue
		}
		word, tail := nextWord(rest)
		rest = tail
		switch word {
		case "":
		case ";":
			r.advance(b.opt.BigStep)
		default:
			if err := r.word(word); err != nil {
				return err
			}
		}
	}
	if self >= 0 {
		b.list.Items[self].Wants = b.end()
	} else {
		b.list.Dummies[dummy].Wants = b.end()
	}
	return nil
}

// wantBlock is how many wants are allocated at once.
const wantBlock = 1 << 13

// begin makes room for the wants of a list behind those of the list before.
func (b *builder) begin() {
	if len(b.wants) == cap(b.wants) {
		b.wants = make([]Want, 0, wantBlock)
	}
	b.wants = b.wants[len(b.wants):]
}

// end returns the wants of a list.
func (b *builder) end() []Want {
	return b.wants[:len(b.wants):len(b.wants)]
}

// again guesses the next name: people want the same things for several of
// theirs, in the same order. It returns the text behind it.
func (r *resolver) again(s string) (w Want, tail string, ok bool) {
	at := r.follow[r.last] - 1
	if at < 0 || s[0] != ' ' {
		return w, s, false
	}
	w = Want{Item: at, Dummy: -1}
	if d := at - int32(len(r.list.Items)); d >= 0 {
		w = Want{Item: -1, Dummy: d}
		if r.list.Dummies[d].Person != r.person {
			return w, s, false
		}
	}
	tail, ok = strings.CutPrefix(s[1:], r.spelt(w))
	if !ok || tail != "" && tail[0] != ' ' {
		return w, s, false
	}
	r.last = at
	return w, tail, true
}

// spelt is the name of what is wanted.
func (r *resolver) spelt(w Want) string {
	if w.Dummy >= 0 {
		return r.list.Dummies[w.Dummy].Name
	}
	return r.list.Items[w.Item].Name
}

// advance moves the rank, which stops growing before it overflows.
func (r *resolver) advance(step int64) { r.rank = min(r.rank+step, maxRank) }

func (r *resolver) word(word string) error {
	name := word
	if strings.IndexByte(word, '=') >= 0 {
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
	k, ok := 0, false
	if name[0] == '%' {
		k, ok = r.builder.dummy[dummyName{r.person, name}]
		w.Dummy = int32(k)
	} else {
		k, ok = r.item[name]
		w.Item = int32(k)
	}
	if !ok {
		return r.miss(name)
	}
	if len(name) == len(word) {
		at := r.at(w)
		r.follow[r.last], r.last = at+1, at
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
	if len(name) > MaxName {
		return r.complain(ruleTooLarge, "the name %s has more than %d bytes: it is ignored", clip(name), MaxName)
	}
	u := r.unknown[name]
	if u == nil {
		u = &unknown{line: r.number}
		r.unknown[strings.Clone(name)] = u
	}
	u.times++
	return nil
}

// at is the place of a want in seen.
func (r *resolver) at(w Want) int32 {
	if w.Dummy >= 0 {
		return int32(len(r.list.Items)) + w.Dummy
	}
	return w.Item
}

// add appends a want unless it repeats or is the person's own.
func (r *resolver) add(w Want, name string) error {
	switch {
	case w.Item >= 0 && w.Item == r.self, w.Dummy >= 0 && w.Dummy == r.dummy:
		return r.complain(ruleSelf, "%s stands in its own want list", clip(name))
	case r.seen[r.at(w)] == r.stamp:
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
		return r.fatal("more than %d wants", MaxWants)
	}
	r.seen[r.at(w)] = r.stamp
	if r.self >= 0 {
		cost, fits := r.opt.costOf(r.rank)
		if !fits && !r.clipped {
			r.clipped = true
			if err := r.complain(ruleCost, "in the list of %s a cost is above %d: it counts as that, as do all above it", clip(r.name), int64(deal.MaxCost)); err != nil {
				return err
			}
		}
		w.Cost = cost
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
		w := Want{Item: int32(i), Dummy: -1}
		if bid.Bid < cents || bid.Person == r.person || r.seen[r.at(w)] == r.stamp {
			continue
		}
		r.rank = rank // all bids that suffice are equally good
		if err := r.take(w); err != nil {
			return err
		}
	}
	return nil
}

// nesting complains about dummies that lead back to themselves or through more
// dummies than the graph allows: such wishes come to nothing.
func (b *builder) nesting() error {
	depth := make([]int, len(b.list.Dummies)) // of the deepest wish; 0: not seen
	const open, circle = -1, -2
	var visit func(i int) error
	visit = func(i int) error {
		depth[i] = open
		deepest := 0
		for _, w := range b.list.Dummies[i].Wants {
			if w.Dummy < 0 {
				continue
			}
			if depth[w.Dummy] == 0 {
				if err := visit(int(w.Dummy)); err != nil {
					return err
				}
			}
			if depth[w.Dummy] == open || depth[w.Dummy] == circle {
				deepest = circle
				break
			}
			deepest = max(deepest, depth[w.Dummy])
		}
		d := b.list.Dummies[i]
		switch {
		case deepest == circle:
			depth[i] = circle
			return b.problem(d.Line, ruleNesting, false, "dummy %s leads back to itself or to one that does", clip(d.Name))
		case deepest == deal.MaxNesting:
			depth[i] = deepest
			return b.problem(d.Line, ruleNesting, false, "dummy %s leads through more than %d dummies", clip(d.Name), deal.MaxNesting)
		}
		depth[i] = deepest + 1
		return nil
	}
	for i := range depth {
		if depth[i] == 0 {
			if err := visit(i); err != nil {
				return err
			}
		}
	}
	return nil
}
