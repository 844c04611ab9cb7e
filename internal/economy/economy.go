// Package economy asks two questions of economists with the real solver: where
// people swap by rings, does one good still become a medium of exchange, and do
// local currencies come about beside it?
//
// People each make one good and need others. What they have stands on the board
// of their region, and the solver closes rings among those who meet. Somebody
// may also take what they do not need, because they have learned that it is
// easier to swap than what they give (Menger 1892; Kiyotaki and Wright 1989,
// with learning as in Marimon, McGrattan and Sargent 1990). Nobody is told what
// money is; what is measured is what people take in order to give it on.
//
// A simulation is pure: the same Config gives the same Result on every machine.
package economy

import (
	"math/bits"

	"sxp"
)

// A Config says what is simulated. Shares are in thousandths.
type Config struct {
	People  int // in all regions together, 2 to MaxPeople
	Goods   int // kinds, 3 to MaxGoods
	Regions int // 1 to MaxRegions; people trade within theirs
	Rounds  int // 1 to MaxRounds; everybody makes and may swap once a round
	MaxRing int // items per ring, 2 or more
	Travel  int // the share of people who meet another region's board in a round

	// Indirect lets people take what they do not need themselves.
	Indirect bool

	// Effort is what one swap more costs: so much greater must be the chance to
	// get what one needs for a medium than for what is given for it, in
	// thousandths.
	Effort int

	// Explore is the share of people who try a good that they have not learned
	// about in a round.
	Explore int

	// Perish is the share of units that spoil in a round, of the most durable
	// and the least durable good; those between lie between.
	PerishLeast, PerishMost int

	// Credit is how many tokens each of Issuers people in every region may have
	// issued. The tokens of a region are alike: each of its issuers gives a unit
	// of what they make for one. They do not spoil. 0: no tokens.
	Credit, Issuers int

	// Work is what the solver may spend on one round, in units of
	// deal.Options.Budget; 0: DefaultWork.
	Work int64

	Seed uint64
}

// Limits of a simulation.
const (
	MaxPeople   = 100_000
	MaxGoods    = 1000
	MaxRegions  = 100
	MaxRounds   = 100_000
	DefaultWork = 4_000_000
)

// Defaults is a village: 240 people, 12 goods, one region, rings of four.
func Defaults() Config {
	return Config{People: 240, Goods: 12, Regions: 1, Rounds: 200, MaxRing: 4, Indirect: true, Effort: 200, Explore: 20, PerishLeast: 5, PerishMost: 250, Seed: 1}
}

func (c Config) check() error {
	bad := func(what string, x, least, most int) error {
		return sxp.Errorf("economy.Run", sxp.Invalid, nil, "%s: %d is not within %d and %d", what, x, least, most)
	}
	for _, f := range []struct {
		what           string
		x, least, most int
	}{
		{"people", c.People, 2, MaxPeople},
		{"goods", c.Goods, 3, MaxGoods},
		{"regions", c.Regions, 1, min(MaxRegions, c.People)},
		{"rounds", c.Rounds, 1, MaxRounds},
		{"items per ring", c.MaxRing, 2, 16},
		{"travel", c.Travel, 0, 1000},
		{"effort", c.Effort, 0, 1000},
		{"explore", c.Explore, 0, 1000},
		{"perish of the most durable", c.PerishLeast, 0, 1000},
		{"perish of the least durable", c.PerishMost, c.PerishLeast, 1000},
		{"credit", c.Credit, 0, 1000},
		{"issuers per region", c.Issuers, 0, c.People / max(1, c.Regions)},
	} {
		if f.x < f.least || f.x > f.most {
			return bad(f.what, f.x, f.least, f.most)
		}
	}
	return nil
}

// A Round is what happened in one round.
type Round struct {
	Rings    int
	Items    int   // that changed hands
	Consumed int   // of them that the taker needed
	Taken    []int // per good: times it was taken in order to be given on
	Part     []int // per good: rings in which it was a medium, taken so by somebody or given on
	Made     int
	Spoiled  int
	Stock    int // units at the end, tokens not counted
}

// A Result is a whole simulation.
type Result struct {
	Config Config
	Rounds []Round
	Names  []string // of goods; tokens come last
	Spoils []int    // share of each that spoils in a round, in thousandths

	// ByRegion counts what was taken as a medium in the second half, per region
	// and good.
	ByRegion [][]int
}

// late are the rounds of the second half, in which people have learned.
func (r *Result) late() []Round { return r.Rounds[len(r.Rounds)/2:] }

// Consumption is how much of what people need they got per person and round in
// the second half, 0 to 1.
func (r *Result) Consumption() float64 {
	sum := 0
	for _, x := range r.late() {
		sum += x.Consumed
	}
	return float64(sum) / float64(len(r.late())) / float64(r.Config.People)
}

// IndirectShare is which part of what changed hands in the second half was
// taken in order to be given on.
func (r *Result) IndirectShare() float64 {
	taken, items := 0, 0
	for _, x := range r.late() {
		items += x.Items
		for _, n := range x.Taken {
			taken += n
		}
	}
	if items == 0 {
		return 0
	}
	return float64(taken) / float64(items)
}

// Medium is the good that was most often taken in order to be given on in the
// second half, and its part of all such takings; -1 where there were none.
func (r *Result) Medium() (good int, share float64) {
	sum := make([]int, len(r.Names))
	for _, x := range r.late() {
		for g, n := range x.Taken {
			sum[g] += n
		}
	}
	return most(sum)
}

// MediumOf is the same for one region.
func (r *Result) MediumOf(region int) (good int, share float64) { return most(r.ByRegion[region]) }

func most(sum []int) (good int, share float64) {
	all, best := 0, -1
	for g, n := range sum {
		all += n
		if n > 0 && (best < 0 || n > sum[best]) {
			best = g
		}
	}
	if best < 0 {
		return -1, 0
	}
	return best, float64(sum[best]) / float64(all)
}

// PartOfRings is the share of the rings of the second half in which a good was
// a medium.
func (r *Result) PartOfRings(good int) float64 {
	part, rings := 0, 0
	for _, x := range r.late() {
		rings += x.Rings
		part += x.Part[good]
	}
	if rings == 0 {
		return 0
	}
	return float64(part) / float64(rings)
}

// rng is SplitMix64.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// chance is true so many times in a thousand.
func (r *rng) chance(thousandths int) bool { return r.below(1000) < thousandths }
