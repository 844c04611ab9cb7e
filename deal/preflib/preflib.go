// Package preflib reads pools of kidney exchanges: the files of PrefLib's
// collection 00036 (.wmd, both its first form and the one with metadata) and
// pairs of .input and .ndds files.
//
// A pool holds pairs, a patient and a donor each, and altruists, donors who ask
// for nothing. An arc says whose kidney a patient could get. It becomes a graph
// of package deal in which a pair is an offer, an altruist a gift, and chains
// begin at the gifts. The formats and the rules are in spec/pools.md.
package preflib

import (
	"fmt"
	"io"

	"sxp"
	"sxp/deal"
)

// Limits of a pool. What is beyond is refused with sxp.TooLarge.
const (
	// MaxFile is the largest file in bytes; 2,048 pairs take 20 MB.
	MaxFile = 256 << 20
	// MaxLine is the longest line in bytes.
	MaxLine = 64 << 10
	// MaxNodes is how many pairs and altruists there are; the largest pools
	// published have 11,000.
	MaxNodes = 100_000
	// MaxArcs is how many arcs there are.
	MaxArcs = 1 << 24
	// MaxWeight is the greatest weight of an arc.
	MaxWeight = 1_000_000
	// MaxProblems is how many complaints are kept; the rest is only counted.
	MaxProblems = 10_000
)

// A Pool is what a file says, checked. Node i of the graph, from 0, is Nodes[i]
// and belongs to person i.
type Pool struct {
	Nodes    []Node
	Arcs     []Arc // in the order of the file, without those that count for nothing
	Scale    int64 // weights are in units of 1/Scale: 1, 10, … 1,000,000
	Problems []Problem
	More     int // problems beyond those
}

// A Node is a pair, or an altruist.
type Node struct {
	Name     string
	Altruist bool
}

// An Arc says that the patient of To could get the kidney of From's donor.
type Arc struct {
	From, To int   // indices of Nodes
	Weight   int64 // 0 or more, in units of 1/Scale
}

// A Problem is a complaint about one line.
type Problem struct {
	File string
	Line int    // from 1
	Rule string // name of the rule, as in spec/pools.md
	Text string
	Note bool // a remark on something that is legal, not an error
}

// String returns "pool.wmd:7: text (rule)".
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s (%s)", p.File, p.Line, p.Text, p.Rule)
}

// Error makes a Problem usable as the cause of an error.
func (p Problem) Error() string { return p.String() }

// Settings steer the reading.
type Settings struct {
	Strict bool // the first problem that is not a remark ends the reading
}

// A File is something to read and what complaints call it.
type File struct {
	Name string
	io.Reader
}

// Altruists returns how many of the nodes are altruists.
func (p *Pool) Altruists() int {
	n := 0
	for _, x := range p.Nodes {
		if x.Altruist {
			n++
		}
	}
	return n
}

// Graph returns the pool as a graph. A weight w becomes the cost top - w, where
// top is the greatest weight and set as the graph's top: the goal Worth then
// sums the weights.
func (p *Pool) Graph() (*deal.Graph, error) {
	g := new(deal.Graph)
	for i, n := range p.Nodes {
		if n.Altruist {
			g.AddGift(i)
		} else {
			g.AddOffer(i)
		}
	}
	top := int64(0)
	for _, a := range p.Arcs {
		top = max(top, a.Weight)
	}
	g.SetTop(top)
	for _, a := range p.Arcs {
		if err := g.AddArc(deal.Node(a.To), deal.Node(a.From), top-a.Weight); err != nil {
			return nil, sxp.Errorf("preflib.Graph", sxp.Invalid, nil, "arc %d to %d: %w", a.From, a.To, err)
		}
	}
	return g, nil
}
