package deal

import (
	"testing"

	"sxp/deal/internal/random"
)

// someMarket is a market of so many offers, made by chance, dense enough that
// the relaxation is fractional now and then.
func someMarket(seed uint64, offers int) *finder {
	rng := random.Source(seed)
	g := &Graph{}
	for i := range offers {
		g.AddOffer(i * 2 / 3) // some people have two
	}
	for a := range offers {
		for b := range offers {
			if a*2/3 != b*2/3 && rng.Below(100) < 22 {
				if err := g.AddArc(Node(a), Node(b), int64(rng.Below(5))); err != nil {
					panic(err)
				}
			}
		}
	}
	opt := Options{MaxRing: 3}
	return &finder{g: g, opt: opt, goals: opt.goals(), work: newMeter(opt), core: newCore(g, opt.chain() != 0)}
}

// eachChoice calls f for every set of columns that fit together.
func eachChoice(p *packing, f func(cols []int32)) {
	use := make(map[int32]int64)
	var cols []int32
	var from func(j int32)
	from = func(j int32) {
		if int(j) == p.len() {
			f(cols)
			return
		}
		from(j + 1)
		if p.fits(j, use, nil) {
			cols = append(cols, j)
			from(j + 1)
			cols = cols[:len(cols)-1]
			p.leave(j, use)
		}
	}
	from(0)
}

// load is how much of a cut a choice uses.
func (q *program) load(c cut, cols []int32) (sum int32) {
	for _, j := range cols {
		n := int32(0)
		for _, r := range q.p.rowsOf(j) {
			for _, s := range c.rows {
				if r == s {
					n++
				}
			}
		}
		sum += n / 2
	}
	return sum
}

// TestCutsHoldForEveryChoice: a cut takes away fractions, never a choice, and
// the relaxation with cuts, reached by the dual method from where it stood,
// still bounds the best choice, and from below the one without.
func TestCutsHoldForEveryChoice(t *testing.T) {
	cuts, closed := 0, 0
	for seed := range uint64(1500) {
		f := someMarket(seed, 11)
		p := newPacking(f.core, f.list())
		if p.len() < 4 || p.len() > 40 {
			continue
		}
		q := program{p: p, gain: make([]int64, p.len())}
		cols := make([]int32, p.len())
		for j := range cols {
			cols[j], q.gain[j] = int32(j), int64(p.items[j])
		}
		rel := q.relax(cols, nil, f.work)
		q.cuts = q.separate(cols, rel.x, f.work)
		if len(q.cuts) == 0 {
			continue
		}
		best := int64(0)
		eachChoice(p, func(some []int32) {
			best = max(best, q.worth(some))
			for _, c := range q.cuts {
				if n := q.load(c, some); n > c.room {
					t.Fatalf("seed %d: the choice %v uses %d of the cut %v, which has room for %d", seed, some, n, c.rows, c.room)
				}
			}
		})
		tr := newTree(&prover{q: q, work: f.work}, cols, rel.basis)
		if !tr.refit() {
			t.Fatalf("seed %d: the dual method broke down", seed)
		}
		cut := tr.bound()
		fresh := q.relax(cols, nil, f.work)
		before, after, again := share(rel), share(cut), share(fresh)
		if cut.most() < best {
			t.Fatalf("seed %d: the bound %d is below the choice worth %d", seed, cut.most(), best)
		}
		if after > before+1e-2 || after > again+1e-2 || again > after+1e-2 {
			t.Errorf("seed %d: bounds %.4f without cuts, %.4f with them by the dual method, %.4f by the primal one", seed, before, after, again)
		}
		cuts += len(q.cuts)
		if after < before-0.1 {
			closed++
		}
	}
	if cuts < 50 || closed < 20 {
		t.Errorf("%d cuts, %d bounds lowered: too few to say anything", cuts, closed)
	}
}

func share(r *relaxed) float64 { return float64(r.total) / float64(r.scale) }

// TestTreeEndsWithTheBest: what the tree proves is what trying every choice
// finds, and it leaves the relaxation as it was.
func TestTreeEndsWithTheBest(t *testing.T) {
	for seed := range uint64(200) {
		f := someMarket(seed+1000, 10)
		p := newPacking(f.core, f.list())
		if p.len() == 0 || p.len() > 30 {
			continue
		}
		q := program{p: p, gain: make([]int64, p.len()), person: 1}
		cols := make([]int32, p.len())
		for j := range cols {
			cols[j], q.gain[j] = int32(j), int64(p.items[j])*int64(p.people+1)
		}
		best := int64(0)
		eachChoice(p, func(some []int32) { best = max(best, q.worth(some)) })
		v := &prover{q: q, work: f.work}
		v.know([]int32{})
		rel := q.relax(cols, nil, f.work)
		if !newTree(v, cols, rel.basis).run() || v.best != best {
			t.Fatalf("seed %d: proved %d, the best is %d", seed, v.best, best)
		}
	}
}
