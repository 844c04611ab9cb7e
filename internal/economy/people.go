package economy

import "fmt"

// Beliefs are how likely a good is swapped for what one needs in a round, in
// millionths, as somebody has learned it.
const (
	certain  = 1_000_000
	atFirst  = 200_000
	slowness = 12  // one part in so much is learned a round
	mostHeld = 3   // units of the own good and of others that somebody keeps
	tastes   = 2   // goods that somebody needs
	hunger   = 500 // the chance in thousandths that a need returns in a round …
	whim     = 50  // … and that it becomes one for another good
)

// A person makes one good and needs others.
type person struct {
	region  int
	makes   int
	tastes  []taste
	stock   []unit
	belief  []int64
	issues  int // the token that the person issues, -1 for most
	issued  int // tokens out
	visits  int // the region whose board is met this round
	tries   int // a good that is tried as a medium this round, -1 mostly
	hoarded int // units held as a medium
}

// A taste is a good that is needed now and then.
type taste struct {
	good   int
	hungry bool
}

// A unit is one piece of a good.
type unit struct {
	good   int
	medium bool // taken in order to be given on
}

// A world is a simulation under way.
type world struct {
	Config
	rng
	people []person
	names  []string
	spoils []int
	result *Result
}

// Run simulates. It fails with Invalid for a Config that makes no sense.
func Run(c Config) (*Result, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Work == 0 {
		c.Work = DefaultWork
	}
	w := &world{Config: c, rng: rng(c.Seed)}
	w.goods()
	for i := range c.People {
		w.settle(i)
	}
	w.result = &Result{Config: c, Names: w.names, Spoils: w.spoils}
	for range c.Regions {
		w.result.ByRegion = append(w.result.ByRegion, make([]int, len(w.names)))
	}
	for n := range c.Rounds {
		r, err := w.round(n)
		if err != nil {
			return nil, err
		}
		w.result.Rounds = append(w.result.Rounds, r)
	}
	return w.result, nil
}

// goods names the goods and says how they spoil: good 0 least.
func (w *world) goods() {
	for g := range w.Goods {
		w.names = append(w.names, fmt.Sprintf("good %d", g+1))
		w.spoils = append(w.spoils, w.PerishLeast+(w.PerishMost-w.PerishLeast)*g/(w.Goods-1))
	}
	if w.Credit == 0 {
		return
	}
	for r := range w.Regions {
		w.names = append(w.names, fmt.Sprintf("token %d", r+1))
		w.spoils = append(w.spoils, 0)
	}
}

// settle makes person i. The first of each region issue its tokens.
func (w *world) settle(i int) {
	p := person{region: i % w.Regions, makes: w.below(w.Goods), issues: -1, tries: -1}
	for range tastes {
		p.tastes = append(p.tastes, taste{w.craving(&p), true})
	}
	for range w.names {
		p.belief = append(p.belief, atFirst+int64(w.below(atFirst/10)))
	}
	if w.Credit > 0 && i < w.Regions*w.Issuers {
		p.issues = w.Goods + p.region
	}
	w.people = append(w.people, p)
}

// craving draws a good that p does not make and does not need yet.
func (w *world) craving(p *person) int {
	for {
		g := w.below(w.Goods)
		if g != p.makes && !p.needs(g) {
			return g
		}
	}
}

// needs reports whether a good is one of p's tastes.
func (p *person) needs(good int) bool {
	for _, t := range p.tastes {
		if t.good == good {
			return true
		}
	}
	return false
}

// morning: everybody makes a unit if there is room for it, and decides where to
// look and what to try.
func (w *world) morning(r *Round) {
	for i := range w.people {
		p := &w.people[i]
		own := 0
		for _, u := range p.stock {
			if u.good == p.makes && !u.medium {
				own++
			}
		}
		if own < mostHeld {
			p.stock = append(p.stock, unit{good: p.makes})
			r.Made++
		}
		for k := range p.tastes {
			p.tastes[k].hungry = p.tastes[k].hungry || w.chance(hunger)
			if w.chance(whim) {
				p.tastes[k].good = w.craving(p)
			}
		}
		p.visits, p.tries = p.region, -1
		if w.Regions > 1 && w.chance(w.Travel) {
			p.visits = w.below(w.Regions)
		}
		if w.chance(w.Explore) {
			p.tries = w.below(len(w.names))
		}
	}
}

// evening: what spoils spoils.
func (w *world) evening(r *Round) {
	for i := range w.people {
		p := &w.people[i]
		kept := p.stock[:0]
		p.hoarded = 0
		for _, u := range p.stock {
			if w.chance(w.spoils[u.good]) {
				r.Spoiled++
				continue
			}
			kept = append(kept, u)
			if u.medium {
				p.hoarded++
			}
			if u.good < w.Goods {
				r.Stock++
			}
		}
		p.stock = kept
	}
}

// takes reports whether p would take a good that it does not need in return for
// another: because it keeps better and is swapped more easily, or as a trial.
func (w *world) takes(p *person, good, given int) bool {
	switch {
	case !w.Indirect || good == given || good == p.makes || p.needs(good) || good == p.issues || p.hoarded >= mostHeld:
		return false
	case good == p.tries:
		return true
	}
	worth := func(g int) int64 { return p.belief[g] * int64(1000-w.spoils[g]) / 1000 }
	return worth(good) > worth(given)+int64(w.Effort)*(certain/1000)
}

// learn moves every belief towards how often a good was swapped on the board
// that the person met: everybody sees the board.
func (w *world) learn(offered, swapped [][]int) {
	for i := range w.people {
		p := &w.people[i]
		for g := range p.belief {
			if n := offered[p.visits][g]; n > 0 {
				rate := int64(swapped[p.visits][g]) * certain / int64(n)
				p.belief[g] += (rate - p.belief[g]) / slowness
			}
		}
	}
}
