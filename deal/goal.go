package deal

import (
	"cmp"
	"slices"

	"sxp"
)

// A Goal is one thing to be had as much of as possible, or as little. Goals are
// followed in an order: a later one decides only between answers that are equal
// in all before it.
type Goal uint8

// The goals.
const (
	Items    Goal = iota // more items change hands
	People               // more people trade
	Cost                 // a lower sum of costs
	Worth                // more of what SetTop says an item is worth, less its cost
	Expected             // more items that are expected to change hands, see SetReliability
)

var goalNames = [...]string{"items", "people", "cost", "worth", "expected"}

// String returns the goal's name: items, people, cost, worth or expected.
func (o Goal) String() string {
	if int(o) < len(goalNames) {
		return goalNames[o]
	}
	return "unknown"
}

// GoalOf returns the goal of that name.
func GoalOf(name string) (Goal, bool) {
	i := slices.Index(goalNames[:], name)
	return Goal(max(i, 0)), i >= 0
}

// checkGoals fails with Invalid where goals make no sense.
func checkGoals(goals []Goal) error {
	for i, goal := range goals {
		if int(goal) >= len(goalNames) {
			return sxp.Errorf("deal.Find", sxp.Invalid, nil, "goal %d: there is none of that number", goal)
		}
		if slices.Contains(goals[:i], goal) {
			return sxp.Errorf("deal.Find", sxp.Invalid, nil, "goal %q stands twice", goal.String())
		}
	}
	return nil
}

// DefaultGoals is what Find follows where Options name nothing else.
func DefaultGoals() []Goal { return []Goal{Items, People, Cost} }

// Value is what a set of rings is worth.
type Value struct {
	Items    int   `json:"items"`              // that change hands
	People   int   `json:"people"`             // who give or take
	Cost     int64 `json:"cost"`               // of the arcs
	Worth    int64 `json:"worth,omitempty"`    // Items times the top less Cost; 0 without SetTop
	Expected int64 `json:"expected,omitempty"` // in millionths of an item; 0 without SetReliability
}

// Of returns the part of v that a goal looks at; more is better but for Cost.
func (v Value) Of(o Goal) int64 {
	switch o {
	case Items:
		return int64(v.Items)
	case People:
		return int64(v.People)
	case Cost:
		return v.Cost
	case Worth:
		return v.Worth
	}
	return v.Expected
}

// Compare returns which of two values is better by the goals in their order: 1
// where v is, -1 where o is, 0 where they are equal.
func (v Value) Compare(o Value, goals []Goal) int {
	for _, goal := range goals {
		c := cmp.Compare(v.Of(goal), o.Of(goal))
		if goal == Cost {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// Better reports whether v is worth more than o by the default goals.
func (v Value) Better(o Value) bool { return v.Compare(o, DefaultGoals()) > 0 }

// Certain is the reliability of somebody who always keeps their word.
const Certain = 1_000_000

// SetReliability says how likely a person keeps their word, in millionths: 0
// to Certain, which is what everybody has who is not set.
func (g *Graph) SetReliability(person int, millionths int64) {
	if g.keeps == nil {
		g.keeps = make(map[int]int64)
	}
	g.keeps[person] = min(max(millionths, 0), Certain)
}

// Reliability returns how likely a person keeps their word, in millionths.
func (g *Graph) Reliability(person int) int64 {
	if p, ok := g.keeps[person]; ok {
		return p
	}
	return Certain
}

// SetTop says what an item is worth to its taker before the cost of the arcs
// that lead to it, 0 to MaxCost: weights w that are to be as great as possible
// become costs top - w.
func (g *Graph) SetTop(top int64) { g.top = min(max(top, 0), MaxCost) }

// Top returns what SetTop said.
func (g *Graph) Top() int64 { return g.top }

// expected returns how many items of r are expected to change hands, in
// millionths: a ring's all or none, as its people keep their word or one does
// not; a chain's up to the first who does not, from its gift on.
func (g *Graph) expected(r Ring) int64 {
	var seen []int
	p := int64(Certain)
	meet := func(n Node) {
		if u := g.Owner(n); !slices.Contains(seen, u) {
			seen = append(seen, u)
			p = p * g.Reliability(u) / Certain
		}
	}
	items := g.Items(r)
	if !g.IsChain(r) {
		for _, n := range items {
			meet(n)
		}
		return p * int64(len(items))
	}
	sum := int64(0)
	for i, n := range slices.Backward(items) {
		meet(n)
		if i < len(items)-1 {
			sum += p
		}
	}
	return sum
}
