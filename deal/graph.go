package deal

import (
	"fmt"
	"slices"

	"sxp"
)

// A Node is the number of an offer or a group in its graph: 0, 1, 2 … in the
// order in which they were added.
type Node int32

// An Arc says that the owner of the node it leaves would take what To stands
// for. Cost is how far down the owner's list it is: 0 and up, lower is better.
type Arc struct {
	To   Node
	Cost int64
}

// A Graph is a market as the solver sees it. The zero Graph is empty and ready
// for use. It is not safe for concurrent use while it is being built.
type Graph struct {
	owner    []int32 // per node
	capacity []int32 // per node: k for a group, else isOffer, isGift or isNeed
	arcs     [][]Arc // per node, leaving it
	offers   int     // groups not counted
	narcs    int
	room     []Arc // for Reserve
	limits   []limit
	keeps    map[int]int64 // reliability of a person, where it is not certain
	top      int64         // see SetTop
}

// Capacities of nodes that are no groups.
const (
	isOffer = 0
	isGift  = -1
	isNeed  = -2
)

// AddOffer adds one item that the person gives away at most once. People are
// numbered by the caller, from 0.
func (g *Graph) AddOffer(person int) Node {
	g.offers++
	return g.add(person, isOffer)
}

// AddGift adds one item that the person gives away and asks nothing for: a
// chain ends with it.
func (g *Graph) AddGift(person int) Node {
	g.offers++
	return g.add(person, isGift)
}

// AddNeed adds a person who would take one thing and gives nothing for it: a
// chain may begin with it.
func (g *Graph) AddNeed(person int) Node {
	g.offers++
	return g.add(person, isNeed)
}

// AddGroup adds a private condition of the person: at most k of what its arcs
// lead to (k of 1 or more).
func (g *Graph) AddGroup(person, k int) Node {
	return g.add(person, min(max(k, 1), MaxCapacity))
}

func (g *Graph) add(person, capacity int) Node {
	g.owner = append(g.owner, int32(person))
	g.capacity = append(g.capacity, int32(capacity))
	g.arcs = append(g.arcs, nil)
	return Node(len(g.owner) - 1)
}

// AddArc says that the owner of from would take to for it. It fails with
// Invalid where that makes no sense: an unknown node, an offer of one's own, a
// group of somebody else, a gift that asks for something, a need as a thing to
// take, a cost below 0 or above MaxCost. A second arc between
// the same nodes is kept but useless unless it costs less.
func (g *Graph) AddArc(from, to Node, cost int64) error {
	const op = "deal.AddArc"
	if !g.has(from) || !g.has(to) {
		return sxp.Errorf(op, sxp.Invalid, nil, "arc %d to %d: the graph has %d nodes", from, to, len(g.owner))
	}
	same := g.owner[from] == g.owner[to]
	switch {
	case from == to:
		return sxp.Errorf(op, sxp.Invalid, from, "nothing is taken for itself")
	case g.IsGift(from):
		return sxp.Errorf(op, sxp.Invalid, from, "a gift asks for nothing")
	case g.IsNeed(to):
		return sxp.Errorf(op, sxp.Invalid, from, "need %d gives nothing that could be taken", to)
	case g.IsGroup(to) && !same:
		return sxp.Errorf(op, sxp.Invalid, from, "group %d belongs to somebody else", to)
	case !g.IsGroup(to) && same:
		return sxp.Errorf(op, sxp.Invalid, from, "offer %d belongs to the same person: that is no trade", to)
	case cost < 0 || cost > MaxCost:
		return sxp.Errorf(op, sxp.Invalid, from, "cost %d is not within 0 and %d", cost, int64(MaxCost))
	}
	g.arcs[from] = append(g.arcs[from], Arc{to, cost})
	g.narcs++
	return nil
}

// Reserve makes room for so many more arcs that leave a node, which saves time
// and memory where their number is known.
func (g *Graph) Reserve(from Node, arcs int) {
	switch {
	case !g.has(from) || arcs <= 0:
	case g.arcs[from] != nil || arcs > arcBlock/4:
		g.arcs[from] = slices.Grow(g.arcs[from], min(arcs, MaxArcs))
	default: // many short lists in one block
		if len(g.room) < arcs {
			g.room = make([]Arc, arcBlock)
		}
		g.arcs[from], g.room = g.room[:0:arcs], g.room[arcs:]
	}
}

// arcBlock is how many arcs Reserve allocates at once.
const arcBlock = 1 << 12

// String returns the number, for messages.
func (n Node) String() string { return fmt.Sprintf("node %d", int32(n)) }

func (g *Graph) has(n Node) bool { return n >= 0 && int(n) < len(g.owner) }

// Len returns the number of nodes, offers and groups together.
func (g *Graph) Len() int { return len(g.owner) }

// Offers returns how many of the nodes are offers, gifts and needs: all but the
// groups.
func (g *Graph) Offers() int { return g.offers }

// NumArcs returns the number of arcs.
func (g *Graph) NumArcs() int { return g.narcs }

// IsGroup reports whether n is a group.
func (g *Graph) IsGroup(n Node) bool { return g.capacity[n] > 0 }

// IsGift reports whether n is a gift.
func (g *Graph) IsGift(n Node) bool { return g.capacity[n] == isGift }

// IsNeed reports whether n is a need.
func (g *Graph) IsNeed(n Node) bool { return g.capacity[n] == isNeed }

// Capacity returns how often n is passed at most: k for a group, 1 for others.
func (g *Graph) Capacity(n Node) int { return max(int(g.capacity[n]), 1) }

// Owner returns the person who owns n.
func (g *Graph) Owner(n Node) int { return int(g.owner[n]) }

// Arcs returns what the owner of n would take for it. The caller must not
// change it.
func (g *Graph) Arcs(n Node) []Arc { return g.arcs[n] }

// Takes returns the offers and gifts that the owner of n would take for it,
// groups passed, each once, ascending. The caller owns the slice.
func (g *Graph) Takes(n Node) []Node {
	seen := map[Node]bool{}
	stack, items := []Node{n}, []Node(nil)
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, a := range g.arcs[v] {
			switch {
			case seen[a.To]:
				continue
			case g.IsGroup(a.To):
				stack = append(stack, a.To)
			default:
				items = append(items, a.To)
			}
			seen[a.To] = true
		}
	}
	slices.Sort(items)
	return items
}

// cost returns the least cost of an arc from one node to another, and whether
// there is one.
func (g *Graph) cost(from, to Node) (int64, bool) {
	best, found := int64(0), false
	for _, a := range g.arcs[from] {
		if a.To == to && (!found || a.Cost < best) {
			best, found = a.Cost, true
		}
	}
	return best, found
}

// A Ring is a closed walk: the owner of each offer gives it away and takes the
// next offer; between two offers stand the groups through which the first
// owner's wish goes. It starts at its lowest offer.
//
// A chain is a walk that ends with a gift and is not closed: the owner of the
// first node, an offer or a need, takes without giving, and an offer there is
// kept. It moves one item less than it has nodes that are no groups.
type Ring []Node

// A Step is one transfer of a ring: Item goes from its owner to To, who gives
// For in return.
type Step struct {
	Item, For Node
	From, To  int    // people
	Via       []Node // the groups of To that the wish went through
}

// IsChain reports whether r ends with a gift.
func (g *Graph) IsChain(r Ring) bool { return len(r) > 0 && g.IsGift(r[len(r)-1]) }

// Steps returns the transfers of r in the order in which r passes the items.
func (g *Graph) Steps(r Ring) []Step {
	var steps []Step
	n := len(r)
	for i := 0; i < n; i++ {
		if g.IsGroup(r[i]) || g.IsGift(r[i]) {
			continue
		}
		j := (i + 1) % n
		var via []Node
		for g.IsGroup(r[j]) {
			via = append(via, r[j])
			j = (j + 1) % n
		}
		steps = append(steps, Step{Item: r[j], For: r[i], From: g.Owner(r[j]), To: g.Owner(r[i]), Via: via})
	}
	return steps
}

// Items returns the nodes of r without the groups; the first one of a chain
// does not change hands.
func (g *Graph) Items(r Ring) []Node {
	var items []Node
	for _, n := range r {
		if !g.IsGroup(n) {
			items = append(items, n)
		}
	}
	return items
}
