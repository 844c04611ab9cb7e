package board

import (
	"sxp/deal"
	"sxp/market"
)

// ID returns the announcement or group that a node of the graph stands for. A
// need stands twice in a graph with gifts: as what meets it, and as who begins
// a chain.
func (p *Picture) ID(n deal.Node) market.ItemID {
	if int(n) < len(p.Offers) {
		return p.Offers[n].ID()
	}
	if id, ok := p.names[n]; ok {
		return id
	}
	if arcs := p.Graph.Arcs(n); len(arcs) == 1 {
		return p.names[arcs[0].To]
	}
	return market.ItemID{}
}
