package lot

import (
	"slices"

	"sxp"
	"sxp/deal"
)

// A model is a valid problem in integers: names are places in its lists,
// amounts of items are pieces, amounts of money its smallest unit.
type model struct {
	p      *Problem
	cent   int64 // millionths of the smallest unit of money
	person map[string]int32
	item   map[string]int32
	group  map[string]int32
	bid    map[string]int32

	people []person
	items  []item
	groups []group
	bids   []bid
	limits []limit
	unsure bool // somebody's reliability is given, or it is a goal
}

type person struct {
	keeps  int64 // reliability in millionths
	budget int64 // below 0: none
	most   int   // items taken; 0: any number
}

type item struct {
	owner  int32
	pieces int64
	step   int64 // millionths per piece
	gift   bool
}

// A portion is so many pieces of an item.
type portion struct {
	item   int32
	pieces int64
}

// An option either has portions or leads to a group.
type option struct {
	portions []portion
	group    int32 // -1: none
	cost     int64
	value    int64 // paid at most; below 0: got at least
	money    bool  // an amount is named
}

type side struct {
	pick int // 0: nothing
	of   []option
}

type bid struct {
	by         int32
	give, take side
	value      int64
	money      bool // takes part in payments
	times      int64
}

type group struct {
	by    int32
	most  int64
	of    []option
	depth int  // groups that follow one another, this one included; 0: not known yet
	money bool // an amount is named in it or below
}

// A limit is as in the problem; a weight's bid or item is -1 where it has none.
type limit struct {
	most int64
	of   []weight
}

type weight struct {
	bid, item int32
	weight    int64
}

// newModel checks all rules of a problem.
func newModel(p *Problem) (*model, error) {
	if err := p.checkOptions(); err != nil {
		return nil, err
	}
	m := &model{p: p, cent: 1, unsure: slices.Contains(p.Options.goals(), deal.Expected)}
	for range MaxDigits - p.Money.Digits {
		m.cent *= 10
	}
	for _, read := range []func() error{m.readPeople, m.readItems, m.readGroups, m.nest, m.readBids, m.readLimits} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// enter gives a name its place.
func enter(names map[string]int32, place, id string, i int) error {
	if err := checkID(place+".id", id); err != nil {
		return err
	}
	if first, ok := names[id]; ok {
		return bad(place+".id", "%q is the name of number %d already", clip(id), first)
	}
	names[id] = int32(i)
	return nil
}

func (m *model) readPeople() error {
	m.person = make(map[string]int32, len(m.p.People))
	for i, in := range m.p.People {
		place := at("people", i)
		if err := enter(m.person, place, in.ID, i); err != nil {
			return err
		}
		out := person{keeps: unit, budget: -1, most: in.MaxItems}
		var err error
		if in.Reliability != "" {
			if out.keeps, err = in.Reliability.parse(); err != nil {
				return within(place+".reliability", err)
			}
			m.unsure = true
		}
		if in.Budget != "" {
			if out.budget, err = m.amount(in.Budget); err != nil {
				return within(place+".budget", err)
			}
		}
		switch {
		case out.keeps > unit:
			return bad(place+".reliability", "%s is above 1", in.Reliability)
		case in.MaxItems < 0:
			return bad(place+".max_items", "%d is below 0", in.MaxItems)
		case len(in.Name) > MaxText:
			return bad(place+".name", "more than %d bytes", MaxText)
		}
		m.people = append(m.people, out)
	}
	return nil
}

// amount reads money in its smallest unit.
func (m *model) amount(d Decimal) (int64, error) {
	n, err := d.parse()
	switch {
	case err != nil:
		return 0, err
	case n%m.cent != 0:
		return 0, sxp.Errorf("lot.Validate", sxp.Invalid, nil, "%s has more than %d digits after the point, as money.digits says", d, m.p.Money.Digits)
	case n/m.cent > MaxMoney:
		return 0, sxp.Errorf("lot.Validate", sxp.TooLarge, nil, "%s is more than %s", d, m.money(MaxMoney))
	}
	return n / m.cent, nil
}

// money writes an amount.
func (m *model) money(cents int64) Decimal { return decimal(cents * m.cent) }

func (m *model) readItems() error {
	m.item = make(map[string]int32, len(m.p.Items))
	for i, in := range m.p.Items {
		place := at("items", i)
		if err := enter(m.item, place, in.ID, i); err != nil {
			return err
		}
		owner, ok := m.person[in.Owner]
		if !ok {
			return bad(place+".owner", "nobody is named %q", clip(in.Owner))
		}
		quantity, step := int64(unit), int64(0)
		var err error
		if in.Quantity != "" {
			if quantity, err = in.Quantity.parse(); err != nil {
				return within(place+".quantity", err)
			}
		}
		if step = quantity; in.Step != "" {
			if step, err = in.Step.parse(); err != nil {
				return within(place+".step", err)
			}
		}
		switch {
		case quantity == 0:
			return bad(place+".quantity", "must be more than 0")
		case step == 0 || quantity%step != 0:
			return bad(place+".step", "%s does not divide the quantity %s", decimal(step), decimal(quantity))
		case quantity/step > MaxPieces:
			return bad(place+".step", "the item has more than %d pieces", MaxPieces)
		case len(in.Title) > MaxText || len(in.Kind) > MaxText || len(in.Unit) > MaxText:
			return bad(place, "a text of more than %d bytes", MaxText)
		}
		m.items = append(m.items, item{owner: owner, pieces: quantity / step, step: step, gift: in.Gift})
	}
	return nil
}

func (m *model) readGroups() error {
	m.group = make(map[string]int32, len(m.p.Groups))
	for i, in := range m.p.Groups {
		if err := enter(m.group, at("groups", i), in.ID, i); err != nil {
			return err
		}
	}
	for i, in := range m.p.Groups {
		place := at("groups", i)
		by, ok := m.person[in.By]
		switch {
		case !ok:
			return bad(place+".by", "nobody is named %q", clip(in.By))
		case in.Most < 0 || in.Most > MaxTimes:
			return bad(place+".most", "%d is not within 1 and %d", in.Most, MaxTimes)
		}
		m.groups = append(m.groups, group{by: by, most: max(in.Most, 1)})
	}
	for i, in := range m.p.Groups {
		g := &m.groups[i]
		for k := range in.Of {
			o, err := m.option(at(at("groups", i)+".of", k), &in.Of[k], g.by, false)
			if err != nil {
				return err
			}
			g.of, g.money = append(g.of, o), g.money || o.money
		}
	}
	return nil
}

// nest finds cycles of groups, and which of them lead to money.
func (m *model) nest() error {
	var down func(i int32, above int) error
	down = func(i int32, above int) error {
		g := &m.groups[i]
		if above+max(g.depth, 1) > deal.MaxNesting {
			return bad(at("groups", int(i)), "more than %d groups follow one another, or they form a cycle", deal.MaxNesting)
		}
		if g.depth > 0 {
			return nil
		}
		depth := 1
		for _, o := range g.of {
			if o.group < 0 {
				continue
			}
			if err := down(o.group, above+1); err != nil {
				return err
			}
			depth = max(depth, m.groups[o.group].depth+1)
			g.money = g.money || m.groups[o.group].money
		}
		g.depth = depth
		return nil
	}
	for i := range m.groups {
		if err := down(int32(i), 0); err != nil {
			return err
		}
	}
	return nil
}

// option reads what may be picked by a person who gives or takes it.
func (m *model) option(place string, in *Option, by int32, gives bool) (option, error) {
	o := option{group: -1, cost: in.Cost}
	forms := 0
	for _, there := range []bool{in.Item != "", in.Items != nil, in.Group != ""} {
		if there {
			forms++
		}
	}
	switch {
	case forms != 1:
		return o, bad(place, "must have exactly one of item, items and group")
	case in.Item == "" && in.Amount != "":
		return o, bad(place+".amount", "stands beside item only")
	case in.Cost < 0 || in.Cost > deal.MaxCost:
		return o, bad(place+".cost", "%d is not within 0 and %d", in.Cost, int64(deal.MaxCost))
	case in.Group != "" && gives:
		return o, bad(place+".group", "groups stand only where something is taken")
	case len(in.Items) > MaxPortions || in.Items != nil && len(in.Items) == 0:
		return o, bad(place+".items", "%d items, must be 1 to %d", len(in.Items), MaxPortions)
	}
	var err error
	if o.value, o.money, err = m.worth(place, in.Pay, in.Get); err != nil {
		return o, err
	}
	if in.Group != "" {
		g, ok := m.group[in.Group]
		if !ok {
			return o, bad(place+".group", "no group is named %q", clip(in.Group))
		}
		if m.groups[g].by != by {
			return o, bad(place+".group", "%q belongs to somebody else", clip(in.Group))
		}
		o.group = g
		return o, nil
	}
	if in.Item != "" {
		p, err := m.portion(place, Portion{in.Item, in.Amount}, by, gives)
		o.portions = []portion{p}
		return o, err
	}
	for i, in := range in.Items {
		p, err := m.portion(at(place+".items", i), in, by, gives)
		if err != nil {
			return o, err
		}
		for _, q := range o.portions {
			if q.item == p.item {
				return o, bad(at(place+".items", i)+".item", "%q stands twice", clip(in.Item))
			}
		}
		o.portions = append(o.portions, p)
	}
	return o, nil
}

// portion reads so much of an item that is given or taken by a person.
func (m *model) portion(place string, in Portion, by int32, gives bool) (portion, error) {
	i, ok := m.item[in.Item]
	if !ok {
		return portion{}, bad(place+".item", "no item is named %q", clip(in.Item))
	}
	it := &m.items[i]
	switch {
	case gives && it.owner != by:
		return portion{}, bad(place+".item", "%q belongs to somebody else", clip(in.Item))
	case gives && it.gift:
		return portion{}, bad(place+".item", "%q is a gift, nothing is asked for it", clip(in.Item))
	case !gives && it.owner == by:
		return portion{}, bad(place+".item", "%q belongs to the same person: that is no trade", clip(in.Item))
	}
	if in.Amount == "" {
		return portion{i, 1}, nil
	}
	n, err := in.Amount.parse()
	switch {
	case err != nil:
		return portion{}, within(place+".amount", err)
	case n == 0 || n%it.step != 0:
		return portion{}, bad(place+".amount", "%s is not a multiple of the step %s", in.Amount, decimal(it.step))
	case n/it.step > it.pieces:
		return portion{}, bad(place+".amount", "%s is more than there is", in.Amount)
	}
	return portion{i, n / it.step}, nil
}

// worth reads what is paid at most (below 0: got at least), and whether an
// amount is named at all.
func (m *model) worth(place string, pay, get Decimal) (value int64, money bool, err error) {
	if pay != "" {
		n, err := m.amount(pay)
		if err != nil {
			return 0, false, within(place+".pay", err)
		}
		value += n
	}
	if get != "" {
		n, err := m.amount(get)
		if err != nil {
			return 0, false, within(place+".get", err)
		}
		value -= n
	}
	return value, pay != "" || get != "", nil
}
