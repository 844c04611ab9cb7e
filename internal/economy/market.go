package economy

import "sxp/deal"

// A lot is a unit on a board.
type lot struct {
	person int
	place  int // in the person's stock; -1: a new token
	good   int
}

// A board is one region's market of a round, as the solver sees it.
type board struct {
	*deal.Graph
	lots  []lot // by node
	given []bool
}

// What somebody gets is worth top less the cost of the arc: what is needed is
// worth twenty times what is only a medium.
const (
	top    = 20
	needed = 0
	medium = 19
)

// round lets everybody make, swap, consume and learn.
func (w *world) round(n int) (Round, error) {
	r := Round{Taken: make([]int, len(w.names)), Part: make([]int, len(w.names))}
	w.morning(&r)
	offered, swapped := make([][]int, w.Regions), make([][]int, w.Regions)
	for region := range w.Regions {
		b, err := w.board(region)
		if err != nil {
			return r, err
		}
		offered[region], swapped[region] = make([]int, len(w.names)), make([]int, len(w.names))
		for _, l := range b.lots {
			offered[region][l.good]++
		}
		found, err := deal.Find(b.Graph, deal.Options{MaxRing: w.MaxRing, Goals: []deal.Goal{deal.Worth}, Budget: w.Work, Seed: w.Seed + uint64(n)})
		if err != nil {
			return r, err
		}
		for _, ring := range found.Rings {
			w.swap(b, ring, region, n, &r, swapped[region])
		}
		w.remove(b)
	}
	w.learn(offered, swapped)
	w.evening(&r)
	return r, nil
}

// board puts up what the people who meet in a region have and want.
func (w *world) board(region int) (*board, error) {
	b := &board{Graph: new(deal.Graph)}
	b.SetTop(top)
	byGood := make([][]deal.Node, len(w.names))
	put := func(i, place, good int) {
		byGood[good] = append(byGood[good], b.AddOffer(i))
		b.lots = append(b.lots, lot{i, place, good})
	}
	for i := range w.people {
		p := &w.people[i]
		if p.visits != region {
			continue
		}
		shown := make(map[int]bool)
		for k, u := range p.stock {
			if !shown[u.good] { // one unit of a kind at a time
				shown[u.good] = true
				put(i, k, u.good)
			}
		}
		if p.issues >= 0 && p.issued < w.Credit {
			put(i, -1, p.issues)
		}
	}
	b.given = make([]bool, len(b.lots))
	return b, w.wants(b, byGood)
}

// wants adds what each lot is given for: what its owner needs, each need once,
// and media.
func (w *world) wants(b *board, byGood [][]deal.Node) error {
	groups := make(map[int][]deal.Node)
	for n := range deal.Node(len(b.lots)) {
		i := b.lots[n].person
		p := &w.people[i]
		if groups[i] == nil {
			var err error
			if groups[i], err = w.needs(b, byGood, i); err != nil {
				return err
			}
		}
		for _, group := range groups[i] {
			if err := b.AddArc(n, group, needed); err != nil {
				return err
			}
		}
		if p.issues >= 0 && b.lots[n].good == p.makes { // a promise is kept
			if err := b.link(n, byGood[p.issues], needed, i); err != nil {
				return err
			}
		}
		for g := range w.names {
			if !w.takes(p, g, b.lots[n].good) {
				continue
			}
			if err := b.link(n, byGood[g], medium, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// needs makes a group of one for each thing that person i needs now.
func (w *world) needs(b *board, byGood [][]deal.Node, i int) (groups []deal.Node, err error) {
	for _, t := range w.people[i].tastes {
		if !t.hungry {
			continue
		}
		g := b.AddGroup(i, 1)
		if err := b.link(g, byGood[t.good], needed, i); err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// link leads from a node to all lots of others.
func (b *board) link(from deal.Node, to []deal.Node, cost int64, person int) error {
	for _, n := range to {
		if b.lots[n].person == person {
			continue
		}
		if err := b.AddArc(from, n, cost); err != nil {
			return err
		}
	}
	return nil
}

// swap carries a ring out.
func (w *world) swap(b *board, ring deal.Ring, region, n int, r *Round, swapped []int) {
	r.Rings++
	part := make(map[int]bool)
	for _, s := range b.Steps(ring) {
		from, to := b.lots[s.Item], &w.people[s.To]
		b.given[s.Item] = true
		swapped[from.good]++
		r.Items++
		if from.place < 0 {
			w.people[from.person].issued++
		} else if w.people[from.person].stock[from.place].medium {
			part[from.good] = true
		}
		switch {
		case from.good == to.issues: // the promise is kept, the token is gone
			to.issued--
		case len(s.Via) > 0:
			r.Consumed++
			to.eat(from.good)
		default:
			to.stock = append(to.stock, unit{good: from.good, medium: true})
			r.Taken[from.good]++
			part[from.good] = true
			if n >= w.Rounds/2 {
				w.result.ByRegion[region][from.good]++
			}
		}
	}
	for g := range w.names {
		if part[g] {
			r.Part[g]++
		}
	}
}

// remove takes what was given out of the stocks.
func (w *world) remove(b *board) {
	gone := make(map[int]map[int]bool)
	for k, l := range b.lots {
		if !b.given[k] || l.place < 0 {
			continue
		}
		if gone[l.person] == nil {
			gone[l.person] = make(map[int]bool)
		}
		gone[l.person][l.place] = true
	}
	for i, places := range gone {
		p := &w.people[i]
		kept := p.stock[:0]
		for k, u := range p.stock {
			if !places[k] {
				kept = append(kept, u)
			}
		}
		p.stock = kept
	}
}

// eat satisfies a need.
func (p *person) eat(good int) {
	for k := range p.tastes {
		if p.tastes[k].good == good {
			p.tastes[k].hungry = false
		}
	}
}
