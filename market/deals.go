package market

import (
	"slices"

	"sxp"
)

// A Rhythm says when a market's node proposes rings.
type Rhythm string

// The rhythms, appended only.
const (
	Continuous Rhythm = "continuous" // as soon as a ring is worth more than waiting
	Rounds     Rhythm = "rounds"     // the best choice of rings, at fixed times
)

// Deals are what a market declares about the rings that it proposes, so that
// anybody can tell which of two choices is the better one there. Zero fields
// mean what the reader does by itself.
type Deals struct {
	Rhythm      Rhythm       `json:"rhythm,omitempty"`      // empty: continuous
	Every       sxp.Duration `json:"every,omitempty"`       // rounds only, always: between two
	First       sxp.Time     `json:"first,omitempty"`       // rounds only: when one is, and so all others
	Goals       []string     `json:"goals,omitempty"`       // in their order: items, people, cost, expected; none: items, people, cost
	MaxRing     int          `json:"maxRing,omitempty"`     // items in one ring; 0: 4
	MaxChain    int          `json:"maxChain,omitempty"`    // items that a chain from a gift moves; 0: as many people as in a ring
	Reliability int          `json:"reliability,omitempty"` // chance that somebody of whom nothing is known keeps their word, in millionths; 0: 900,000
	Patience    sxp.Duration `json:"patience,omitempty"`    // how long people wait on average before they look elsewhere; 0: 30 days
}

// What Deals mean where they say nothing.
const (
	DefaultReliability = 900_000
	DefaultPatience    = 30 * sxp.Day
)

// dealGoals are the names that Deals.Goals may have (package deal knows more,
// which a board says nothing about).
var dealGoals = []string{"items", "people", "cost", "expected"}

func (d Deals) validate(field string) error {
	switch d.Rhythm {
	case "", Continuous:
		if d.Every != 0 || d.First != 0 {
			return invalid(field+".every", "only where the rhythm is rounds")
		}
	case Rounds:
		if d.Every < MinRound || d.Every > MaxRound {
			return invalid(field+".every", "must be from %v to %d days", MinRound, MaxRound/sxp.Day)
		}
		if d.First < 0 {
			return invalid(field+".first", "must be after 1970")
		}
	default:
		return invalid(field+".rhythm", "%.40q must be continuous or rounds", string(d.Rhythm))
	}
	for i, g := range d.Goals {
		if !slices.Contains(dealGoals, g) || slices.Contains(d.Goals[:i], g) {
			return invalid(field+".goals", "%.40q must be items, people, cost or expected, each once", g)
		}
	}
	switch {
	case d.MaxRing != 0 && (d.MaxRing < 2 || d.MaxRing > MaxRingItems):
		return invalid(field+".maxRing", "must be from 2 to %d, this is %d", MaxRingItems, d.MaxRing)
	case d.MaxChain < 0 || d.MaxChain > MaxRingItems-1:
		return invalid(field+".maxChain", "must be from 1 to %d, this is %d", MaxRingItems-1, d.MaxChain)
	case d.Reliability < 0 || d.Reliability > 1_000_000:
		return invalid(field+".reliability", "must be from 1 to 1000000, this is %d", d.Reliability)
	case d.Patience < 0 || d.Patience > MaxLife:
		return invalid(field+".patience", "must be at most %d days", MaxLife/sxp.Day)
	}
	return nil
}

// NextRound returns the first round after now; 0 for a market without rounds.
func (d Deals) NextRound(now sxp.Time) sxp.Time {
	if d.Rhythm != Rounds || d.Every <= 0 {
		return 0
	}
	every := int64(d.Every)
	since := int64(now) - int64(d.First)
	n := since / every
	if since%every != 0 && since < 0 {
		n-- // rounded down
	}
	return sxp.Time(int64(d.First) + (n+1)*every)
}

// A Neighbour is another market whose people this market's people deal with:
// its jury is trusted as this one's is.
type Neighbour struct {
	Market sxp.ID `json:"market"`
	Name   string `json:"name"` // at most sxp.MaxLabel bytes
	Node   Node   `json:"node"` // where it was when the charter was signed
}

// checkNeighbours checks a list of markets, each once, self not among them.
func checkNeighbours(field string, self sxp.ID, list []Neighbour) error {
	if len(list) > MaxNeighbours {
		return tooLarge(field, "markets", MaxNeighbours, len(list))
	}
	for i, n := range list {
		name := field + "[" + itoa(int64(i)) + "]"
		if n.Market.IsZero() || n.Market == self || slices.ContainsFunc(list[:i], func(o Neighbour) bool { return o.Market == n.Market }) {
			return invalid(name+".market", "must name another market, once")
		}
		if err := checkTitle(name+".name", n.Name, sxp.MaxLabel); err != nil {
			return err
		}
		if err := n.Node.validate(name + ".node"); err != nil {
			return err
		}
	}
	return nil
}
