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
	owned   []int32 // the place in parser.wants of the line of each item, then …
	hidden  []int32 // … of each dummy
	place   int32   // of the line being declared
	bids    []int   // items that are cash bids, lowest first
	unknown map[string]*unknown
	wanted  int
	seen    []int32 // per item, then per dummy: the last list that wants it
	follow  []int32 // per place in seen, and before the first: 1 + the place of the name that came next last time
	stamp   int32
	clipped bool   // a cost was too high
	wants   []Want // of the list being read, at the end of a block of many
	noted   bool   // the remark on money was made
}

type dummyName struct {
	person int
	name   string
}

// An unknown name is complained about once, where it is met first.
type unknown struct{ line, times int }

func (b *builder) build() error {
	dummies := 0
	for _, l := range b.parser.wants {
		if l.item[0] == '%' {
			dummies++
		}
	}
	items := len(b.parser.wants) - dummies
	b.item, b.dummy = make(map[string]int, items), make(map[dummyName]int, dummies)
	b.list.Items, b.list.Dummies = make([]Item, 0, items), make([]Dummy, 0, dummies)
	b.owned, b.hidden = make([]int32, 0, items), make([]int32, 0, dummies)
	b.person, b.unknown = make(map[string]int), make(map[string]*unknown)
	for i, l := range b.parser.wants {
		b.number, b.place = l.number, int32(i)
		if err := b.declare(l); err != nil {
			return err
		}
	}
	slices.SortStableFunc(b.bids, func(x, y int) int { return cmp.Compare(b.list.Items[x].Bid, b.list.Items[y].Bid) })
	b.seen = make([]int32, len(b.list.Items)+len(b.list.Dummies))
	b.follow = make([]int32, len(b.seen)+1)
	for i, at := range b.owned {
		if err := b.resolve(b.parser.wants[at], b.list.Items[i].Person, int32(i), -1); err != nil {
			return err
		}
	}
	for i, at := range b.hidden {
		if err := b.resolve(b.parser.wants[at], b.list.Dummies[i].Person, -1, int32(i)); err != nil {
			return err
		}
	}
	if err := b.nesting(); err != nil {
		return err
	}
	return b.finish()
}

// declare makes a list's item or dummy known.
func (b *builder) declare(l line) error {
	name := l.item
	switch {
	case name == "LIMIT" && l.user != "" && isBudget(l.wants):
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
	name = strings.Clone(name)
	b.item[name] = len(b.list.Items)
	b.list.Items = append(b.list.Items, Item{Name: name, Text: b.official[name], Person: b.who(l.user, name), Line: l.number})
	b.owned = append(b.owned, b.place)
	return nil
}

func (b *builder) declareDummy(l line) error {
	name := l.item
	if l.user == "" {
		return b.complain(ruleDummyUser, "dummy %s has no username: it is ignored", clip(name))
	}
	if !b.opt.AllowDummies {
		return b.complain(ruleDummyAllowed, "dummy %s is ignored: the list does not say ALLOW-DUMMIES", clip(name))
	}
	key := dummyName{b.who(l.user, ""), strings.Clone(name)}
	if _, twice := b.dummy[key]; twice {
		return b.complain(ruleRepeatedList, "%s has a want list already: this one is ignored", clip(name))
	}
	b.dummy[key] = len(b.list.Dummies)
	b.list.Dummies = append(b.list.Dummies, Dummy{Name: key.name, Person: key.person, Line: l.number})
	b.hidden = append(b.hidden, b.place)
	return nil
}

// who returns the number of a person; without a name, the item is its own.
func (b *builder) who(user, item string) int {
	named, key, label := user != "", b.fold(user), user
	if !named { // items are no people's names: a parenthesis cannot be part of them
		key, label = ")"+item, item
	}
	if n, ok := b.person[key]; ok {
		return n
	}
	n := len(b.list.People)
	label = strings.Clone(label)
	b.person[strings.Clone(key)] = n
	b.list.People = append(b.list.People, label)
	b.list.Named = append(b.list.Named, named)
	return n
}

// bid makes an item of a cash bid.
func (b *builder) bid(l line) error {
	cents, ok := money(l.item)
	switch {
	case !ok:
		return b.complain(ruleMoney, "%q is not an amount: its list is ignored", clip(l.item))
	case b.set.Money == MoneyLeftOut:
		return b.leaveOutMoney()
	case l.user == "":
		return b.complain(ruleMoney, "a cash bid needs a username: it is ignored")
	}
	name := "BID" + strconv.Itoa(len(b.bids)+1) + "-" + strings.TrimPrefix(l.item, "$")
	b.bids = append(b.bids, len(b.list.Items))
	b.list.Items = append(b.list.Items, Item{Name: name, Text: l.item, Person: b.who(l.user, ""), Line: l.number, Bid: cents})
	b.owned = append(b.owned, b.place)
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
	word, _ := nextWord(l.wants)
	cents, ok := money(word)
	if !ok {
		return b.complain(ruleMoney, "%q is not an amount: the limit is ignored", clip(word))
	}
	if b.set.Money == MoneyLeftOut {
		return b.leaveOutMoney()
	}
	person := b.who(l.user, "")
	if _, twice := b.list.Budgets[person]; twice {
		return b.complain(ruleMoney, "%s has a limit already: this one is ignored", clip(l.user))
	}
	b.list.Budgets[person] = cents
	return nil
}

// isBudget reports whether what follows LIMIT is one amount.
func isBudget(wants string) bool {
	word, rest := nextWord(wants)
	more, _ := nextWord(rest)
	return strings.HasPrefix(word, "$") && more == ""
}

// highestBids sets the budgets that are not given, see Settings.HighestBid.
func (b *builder) highestBids() {
	bids, highest := make(map[int]int), make(map[int]int64)
	for _, it := range b.list.Items {
		if it.Bid > 0 {
			bids[it.Person]++
			highest[it.Person] = max(highest[it.Person], it.Bid)
		}
	}
	for person := range b.list.People {
		if _, ok := b.list.Budgets[person]; !ok && bids[person] > 1 {
			b.list.Budgets[person] = highest[person]
		}
	}
}

// favor complains where METRIC=FAVOR-USER cannot be followed.
func (b *builder) favor() error {
	switch {
	case b.opt.Metric != FavorUser:
		return nil
	case b.list.favored() < 0:
		return b.problem(b.metricLine, ruleMetric, false, "METRIC=FAVOR-USER names %s, who has no list: nobody is favored", clip(b.opt.Favored))
	case b.list.favorScale() == 1:
		return b.problem(b.metricLine, ruleMetric, false, "costs are so high that nobody can be favored")
	}
	return nil
}

// finish sorts the complaints and reports the missing lists.
func (b *builder) finish() error {
	for _, name := range slices.Sorted(maps.Keys(b.unknown)) {
		u := b.unknown[name]
		if err := b.problem(u.line, ruleUnknownItem, false, "unknown item %s, wanted %s", clip(name), times(u.times)); err != nil {
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
	if b.set.HighestBid {
		b.highestBids()
	}
	b.list.officials, b.list.Checksum = len(b.official), b.checksum()
	if err := b.favor(); err != nil {
		return err
	}
	slices.SortStableFunc(b.problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Text, y.Text))
	})
	b.list.Problems, b.list.More = b.problems, b.more
	return nil
}

// maxRank keeps rank² within an int64.
const maxRank = 1 << 31

// costOf is the cost of a want at a rank, and whether it is as high as it
// should be.
func (o Options) costOf(rank int64) (cost int64, fits bool) {
	rank = min(rank, maxRank)
	cost = 1
	switch o.Priorities {
	case LinearPriorities, ExplicitPriorities:
		cost = rank
	case TrianglePriorities:
		cost = rank * (rank + 1) / 2
	case SquarePriorities:
		cost = rank * rank
	}
	return min(cost, deal.MaxCost), cost <= deal.MaxCost && rank < maxRank
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
