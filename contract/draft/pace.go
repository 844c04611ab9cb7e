package draft

import (
	"math"

	"sxp"
	"sxp/market"
)

// A Pace says whether a ring is worth more now than waiting, by the rule of
// spec/market.md, "Deals". Whoever follows a market feeds it what happens
// there. The zero Pace knows of nothing, and then nothing is gained by
// waiting. It is not safe for concurrent use.
type Pace struct {
	arrivals []arrival // of the last patience, oldest first
	items    int       // their sum
	sure     float64   // sum of the chances of the rings proposed so far
	rings    int
}

// arrival is a new announcement that closed rings.
type arrival struct {
	at    sxp.Time
	items int
}

// maxArrivals is how many arrivals a Pace remembers; of busier markets the last
// ones say as much.
const maxArrivals = 10_000

// Arrived notes that at a moment a new announcement brought so many items into
// rings.
func (p *Pace) Arrived(at sxp.Time, items int) {
	if items <= 0 {
		return
	}
	p.arrivals = append(p.arrivals, arrival{at, items})
	p.items += items
	if len(p.arrivals) > maxArrivals {
		p.drop(1)
	}
}

// Proposed notes that a ring was proposed whose people all keep their word with
// so much of a chance, in millionths.
func (p *Pace) Proposed(chance int64) {
	p.sure += float64(chance) / 1e6
	p.rings++
}

func (p *Pace) drop(n int) {
	for _, a := range p.arrivals[:n] {
		p.items -= a.items
	}
	p.arrivals = p.arrivals[n:]
}

// A Waiting is what a decision depends on beside what the Pace has seen.
type Waiting struct {
	Deals   market.Deals
	Items   int          // that change hands in the ring
	Chance  int64        // that all of its people keep their word, in millionths
	Offers  int          // that stand on the market
	Horizon sxp.Duration // how long a proposal holds its items
	Now     sxp.Time
}

// Due reports whether the ring is to be proposed now: whether what is expected
// of it, with what its items are worth again where it fails, is at least what
// they are worth waiting. A market in rounds does not ask this.
func (p *Pace) Due(w Waiting) bool {
	patience := w.Deals.Patience
	if patience == 0 {
		patience = market.DefaultPatience
	}
	old := 0
	for old < len(p.arrivals) && p.arrivals[old].at <= w.Now.Add(-patience) {
		old++
	}
	p.drop(old)
	if w.Items <= 0 || w.Offers <= 0 || p.items == 0 {
		return true
	}
	leave := 1 / hours(patience)
	next := float64(p.items) / hours(patience) / float64(w.Offers)
	chance := float64(w.Chance) / 1e6
	usual := chance
	if p.rings > 0 {
		usual = p.sure / float64(p.rings)
	}
	n := float64(w.Items)
	waiting := float64(n*usual) * (next / (next + leave))
	again := float64((1 - chance) * math.Exp(-float64(leave*hours(w.Horizon))))
	// A hundredth of a millionth is no reason to wait.
	return float64(chance*n)+float64(again*waiting) >= waiting-1e-8
}

func hours(d sxp.Duration) float64 { return float64(d) / float64(sxp.Hour) }

// Chance returns how likely all people of a ring keep their word, in
// millionths.
func Chance(ring []Move, keeps func(sxp.ID) int64) int64 {
	seen := map[sxp.ID]bool{}
	p := int64(1_000_000)
	for _, m := range ring {
		for _, id := range []sxp.ID{m.From, m.To} {
			if !seen[id] {
				seen[id] = true
				p = p * min(max(keeps(id), 0), 1_000_000) / 1_000_000
			}
		}
	}
	return p
}
