package tm

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sxp/deal"
)

// A builder resolves names, in two passes as TradeMaximizer does: first all
// lists, then their wants.
type builder struct {
	*parser
	list    *List
	item    map[string]int
	dummy   map[dummyName]int
	person  map[string]int
	owned   []line // the line of each item, then …
	hidden  []line // … of each dummy
	bids    []int  // items that are cash bids, lowest first
	unknown map[string]*unknown
	wanted  int
	noted   bool // the remark on money was made
}

type dummyName struct {
	person int
	name   string
}

// An unknown name is complained about once, where it is met first.
type unknown struct{ line, times int }

func (b *builder) build() error {
	b.item, b.dummy = make(map[string]int), make(map[dummyName]int)
	b.person, b.unknown = make(map[string]int), make(map[string]*unknown)
	for _, l := range b.parser.wants {
		b.number = l.number
		if err := b.declare(l); err != nil {
			return err
		}
	}
	slices.SortStableFunc(b.bids, func(x, y int) int { return cmp.Compare(b.list.Items[x].Bid, b.list.Items[y].Bid) })
	for i, l := range b.owned {
		if err := b.resolve(l, b.list.Items[i].Person, i, -1); err != nil {
			return err
		}
	}
	for i, l := range b.hidden {
		if err := b.resolve(l, b.list.Dummies[i].Person, -1, i); err != nil {
			return err
		}
	}
	return b.finish()
}

// declare makes a list's item or dummy known.
func (b *builder) declare(l line) error {
	name := l.words[0]
	switch {
	case name == "LIMIT" && l.user != "" && len(l.words) == 2 && l.words[1][0] == '$':
		return b.budget(l)
	case name[0] == '$':
		return b.bid(l)
	case name[0] == '%':
		return b.declareDummy(l)
	}
	if b.official != nil {
		if _, ok := b.official[name]; !ok {
			return b.complain(ruleNotOfficial, "%s is not an official name: its want list is ignored", clip(name))
		}
	}
	if _, twice := b.item[name]; twice {
		return b.complain(ruleRepeatedList, "%s has a want list already: this one is ignored", clip(name))
	}
	b.item[name] = len(b.list.Items)
	b.list.Items = append(b.list.Items, Item{Name: name, Text: b.official[name], Person: b.who(l.user, name), Line: l.number})
	b.owned = append(b.owned, l)
	return nil
}

func (b *builder) declareDummy(l line) error {
	name := l.words[0]
	if l.user == "" {
		return b.complain(ruleDummyUser, "dummy %s has no username: it is ignored", clip(name))
	}
	if !b.opt.AllowDummies {
		return b.complain(ruleDummyAllowed, "dummy %s is ignored: the list does not say ALLOW-DUMMIES", clip(name))
	}
	key := dummyName{b.who(l.user, ""), name}
	if _, twice := b.dummy[key]; twice {
		return b.complain(ruleRepeatedList, "%s has a want list already: this one is ignored", clip(name))
	}
	b.dummy[key] = len(b.list.Dummies)
	b.list.Dummies = append(b.list.Dummies, Dummy{Name: name, Person: key.person, Line: l.number})
	b.hidden = append(b.hidden, l)
	return nil
}

// who returns the number of a person; without a name, the item is its own.
func (b *builder) who(user, item string) int {
	key, label := "("+b.fold(user), user
	if user == "" {
		key, label = item, item
	}
	if n, ok := b.person[key]; ok {
		return n
	}
	n := len(b.list.People)
	b.person[key] = n
	b.list.People = append(b.list.People, label)
	b.list.Named = append(b.list.Named, user != "")
	return n
}

// bid makes an item of a cash bid.
func (b *builder) bid(l line) error {
	cents, ok := money(l.words[0])
	switch {
	case !ok:
		return b.complain(ruleMoney, "%q is not an amount: its list is ignored", clip(l.words[0]))
	case b.set.Money == MoneyLeftOut:
		return b.leaveOutMoney()
	case l.user == "":
		return b.complain(ruleMoney, "a cash bid needs a username: it is ignored")
	}
	name := "BID" + strconv.Itoa(len(b.bids)+1) + "-" + strings.TrimPrefix(l.words[0], "$")
	b.bids = append(b.bids, len(b.list.Items))
	b.list.Items = append(b.list.Items, Item{Name: name, Text: l.words[0], Person: b.who(l.user, ""), Line: l.number, Bid: cents})
	b.owned = append(b.owned, l)
	return nil
}

func (b *builder) leaveOutMoney() error {
	if b.noted {
		return nil
	}
	b.noted = true
	return b.problem(b.number, ruleMoney, true, "this list bids cash: bids and wants of money are left out")
}

func (b *builder) budget(l line) error {
	cents, ok := money(l.words[1])
	if !ok {
		return b.complain(ruleMoney, "%q is not an amount: the limit is ignored", clip(l.words[1]))
	}
	if b.set.Money == MoneyLeftOut {
		return b.leaveOutMoney()
	}
	b.list.Budgets[b.who(l.user, "")] = cents
	return nil
}

// finish sorts the complaints and reports the missing lists.
func (b *builder) finish() error {
	for _, name := range slices.Sorted(maps.Keys(b.unknown)) {
		u := b.unknown[name]
		if err := b.problem(u.line, ruleUnknownItem, false, "unknown item %s, wanted %d times", clip(name), u.times); err != nil {
			return err
		}
	}
	for _, name := range b.order {
		if _, ok := b.item[name]; ok {
			continue
		}
		b.list.Official = append(b.list.Official, name)
		if b.opt.ShowMissing {
			if err := b.problem(b.lineOf[name], ruleMissing, true, "official item %s has no want list", clip(name)); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(b.problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Text, y.Text))
	})
	b.list.officials = len(b.official)
	b.list.Problems, b.list.More = b.problems, b.more
	return nil
}

// maxRank keeps rank² within an int64.
const maxRank = 1 << 31

// costOf is the cost of a want at a rank.
func (o Options) costOf(rank int64) int64 {
	rank = min(rank, maxRank)
	cost := int64(1)
	switch o.Priorities {
	case LinearPriorities, ExplicitPriorities:
		cost = rank
	case TrianglePriorities:
		cost = rank * (rank + 1) / 2
	case SquarePriorities:
		cost = rank * rank
	}
	return min(cost, deal.MaxCost)
}
