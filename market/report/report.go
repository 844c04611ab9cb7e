// Package report says how a market treats its people: who waits and how long,
// who never trades. It reads nothing but the public board (spec/market.md), so
// anybody can check it. What it says of trades is the owners' own word.
package report

import (
	"cmp"
	"slices"
	"sort"

	"sxp"
	"sxp/market"
)

// A Person is what somebody's announcements on one market say.
type Person struct {
	ID     sxp.ID       `json:"id"`
	Stands int          `json:"stands"` // announcements that stand now
	Swaps  int          `json:"swaps"`  // of what they offered and gave, what went into a contract
	Met    int          `json:"met"`    // needs that a contract met
	Waits  sxp.Duration `json:"waits"`  // how long the oldest of what stands has stood
	Waited sxp.Duration `json:"waited"` // how long what went into contracts had stood, on average
}

// Trades reports whether a contract has come about for them at all.
func (p Person) Trades() bool { return p.Swaps+p.Met > 0 }

// Times are how long things took or take: the one in the middle, the one that
// nine of ten are not longer than, and the longest.
type Times struct {
	Count   int          `json:"count"`
	Median  sxp.Duration `json:"median"`
	Nine    sxp.Duration `json:"nine"`
	Longest sxp.Duration `json:"longest"`
}

// A Report is a market at one moment. What has expired is not on the board any
// more and counts for nothing.
type Report struct {
	Market  sxp.ID   `json:"market"`
	At      sxp.Time `json:"at"`
	People  []Person `json:"people"`  // who waits longest first; then by id
	Traders int      `json:"traders"` // people for whom a contract came about
	Never   int      `json:"never"`   // people for whom none did, though something of theirs stands
	Waits   Times    `json:"waits"`   // of what stands
	Waited  Times    `json:"waited"`  // of what went into contracts
	Uneven  int      `json:"uneven"`  // Gini coefficient of trades per person in thousandths: 0 where all trade as often, near 1000 where one does everything
}

// A Builder takes note of the records of a board.
type Builder struct {
	charter market.Charter
	newest  map[market.ItemID]market.Announcement
	removed map[market.ItemID]market.Notice
}

// New returns a Builder for the market of a charter.
func New(c market.Charter) *Builder {
	return &Builder{charter: c, newest: map[market.ItemID]market.Announcement{}, removed: map[market.ItemID]market.Notice{}}
}

// Apply takes one verified record, in the order of the board.
func (b *Builder) Apply(l market.Listing) error {
	switch {
	case l.Announcement != nil && l.Announcement.Version >= b.newest[l.ID].Version:
		b.newest[l.ID] = *l.Announcement
	case l.Notice != nil && b.charter.Moderates(l.Signer):
		b.removed[l.ID] = *l.Notice
	}
	return nil
}

// Report returns how things are at now.
func (b *Builder) Report(now sxp.Time) Report {
	r := Report{Market: b.charter.Market, At: now, People: []Person{}}
	people := map[sxp.ID]*Person{}
	var waits, waited []sxp.Duration
	for id, a := range b.newest {
		n, moderated := b.removed[id]
		stands := a.Live(now) && !(moderated && n.Covers(a.Version))
		if !stands && !a.Swapped {
			continue
		}
		p := people[a.Owner]
		if p == nil {
			p = &Person{ID: a.Owner}
			people[a.Owner] = p
		}
		if stands {
			p.Stands++
			p.Waits = max(p.Waits, now.Sub(a.First()))
			waits = append(waits, now.Sub(a.First()))
			continue
		}
		if a.Direction == market.Need {
			p.Met++
		} else {
			p.Swaps++
		}
		p.Waited += a.Created.Sub(a.First())
		waited = append(waited, a.Created.Sub(a.First()))
	}
	var trades []int
	for _, p := range people {
		n := p.Swaps + p.Met
		trades = append(trades, n)
		switch {
		case n > 0:
			r.Traders++
			p.Waited /= sxp.Duration(n)
		default:
			r.Never++
		}
		r.People = append(r.People, *p)
	}
	sort.Slice(r.People, func(i, j int) bool {
		x, y := &r.People[i], &r.People[j]
		return cmp.Or(-cmp.Compare(x.Waits, y.Waits), slices.Compare(x.ID[:], y.ID[:])) < 0
	})
	r.Waits, r.Waited, r.Uneven = timesOf(waits), timesOf(waited), gini(trades)
	return r
}

func timesOf(list []sxp.Duration) Times {
	if len(list) == 0 {
		return Times{}
	}
	slices.Sort(list)
	at := func(percent int) sxp.Duration { return list[(len(list)*percent+99)/100-1] }
	return Times{Count: len(list), Median: at(50), Nine: at(90), Longest: list[len(list)-1]}
}

// gini is Σ(2i − n − 1)·x_i / (n·Σx) over the sorted x_i, in thousandths
// rounded down.
func gini(list []int) int {
	slices.Sort(list)
	n, sum, weighted := len(list), 0, 0
	for i, x := range list {
		sum += x
		weighted += (2*(i+1) - n - 1) * x
	}
	if sum == 0 {
		return 0
	}
	return 1000 * weighted / (n * sum)
}
