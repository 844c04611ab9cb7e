package contract

import (
	"encoding/binary"
	"slices"
	"sort"

	"sxp"
)

// A DrawRule is how a roll's jurors are drawn. A roll names its rule, and a
// proposal the roll, so that a file verifies for ever by the rule it was made
// under (spec/roll.md, "From the seed to the seats").
type DrawRule int

// The rules, appended only.
const (
	DrawByLot    DrawRule = 1 // the eligible in the order of their rank
	DrawByStrata DrawRule = 2 // one juror of each operator, spread over the tribes; few without a record
)

// drawTries is how many orders of the pool are tried before a draw is refused:
// taking jurors in order can paint itself into a corner that another order
// avoids.
const drawTries = 64

// Tags of the hashes that order the pool: by rank, and where a stratum begins.
const (
	drawTag   = "sxp draw/1"
	drawTag2  = "sxp draw/2"
	strataTag = "sxp strata/2"
)

// Draw returns the jury that seed selects from the roll for p, in seat order:
// parties, their operators and tribes excluded, one seat for each operator, no
// tribe in more than max(f, 1) seats. It fails with sxp.NotFound if the roll
// cannot give such a jury (spec/roll.md, "From the seed to the seats").
func Draw(r *OpenedRoll, p *OpenedProposal, seed sxp.Hash) ([]Seat, error) {
	return draw(r, p, seed, nil)
}

// draw is Draw; it notes each step in t unless that is nil.
func draw(r *OpenedRoll, p *OpenedProposal, seed sxp.Hash, t *DrawTrace) ([]Seat, error) {
	const op = "contract.Draw"
	pool := eligible(r, p, t)
	for try := range drawTries {
		t.begin(try)
		list := order(pool, r.Rule(), seed, try, t)
		if seats := take(list, capsOf(r, p, list, try), t); seats != nil {
			return seats, nil
		}
	}
	return nil, sxp.Errorf(op, sxp.NotFound, r.Digest, "the roll cannot give %d jurors with one seat for each operator and at most %d of a tribe: %d of its %d are eligible",
		p.N, max(p.F, 1), len(pool), len(r.Entries))
}

// canDraw reports whether the roll gives a jury for p: the draw's success
// hardly depends on the seed, so a fixed one tells.
func canDraw(r *OpenedRoll, p *OpenedProposal) error {
	_, err := Draw(r, p, sxp.Sum([]byte(drawTag), p.Digest[:]))
	return err
}

// eligible returns the entries that have nothing to do with a party and have
// not been proved to break their word.
func eligible(r *OpenedRoll, p *OpenedProposal, t *DrawTrace) []*RollEntry {
	near := map[sxp.ID]string{}
	for i := range p.Parties {
		for _, id := range p.Parties[i].Tribes {
			near[id] = "tribe of " + describeParty(i)
		}
		if !p.Parties[i].Operator.IsZero() {
			near[p.Parties[i].Operator] = "operator of " + describeParty(i)
		}
	}
	for i := range p.Parties {
		near[p.Cards[i].ID] = describeParty(i)
	}
	var pool []*RollEntry
	for i := range r.Entries {
		e := &r.Entries[i]
		why := near[e.ID]
		if who := near[e.RunBy()]; why == "" && who != "" {
			why = "run by the " + who
		}
		if why == "" && r.Rule() == DrawByStrata && e.Conduct.Faults > 0 {
			why = "proved to break its word"
		}
		if why != "" {
			t.exclude(e, why)
			continue
		}
		pool = append(pool, e)
	}
	return pool
}

// ranked is an entry of the pool with its place in an order.
type ranked struct {
	*RollEntry
	rank  sxp.Hash // decides first, and among equals; by strata, its operator's
	own   sxp.Hash // decides among the jurors of one operator
	known bool     // it has a record

	// By strata: the place is (index·2^32 + offset) / size of its stratum.
	stratum sxp.ID // the tribe that it is drawn for; zero: it has none
	place   uint64
	size    uint64
}

// order sorts the pool by SHA-256(tag ‖ seed ‖ try ‖ id). By strata the id is
// the operator's, so that who runs many jurors is drawn no more often than who
// runs one; then by place.
func order(pool []*RollEntry, rule DrawRule, seed sxp.Hash, try int, t *DrawTrace) []ranked {
	list := make([]ranked, len(pool))
	for i, e := range pool {
		list[i] = ranked{RollEntry: e, rank: hashOf(drawTag, seed, try, e.ID)}
		if rule == DrawByStrata {
			list[i].rank, list[i].own = hashOf(drawTag2, seed, try, e.RunBy()), hashOf(drawTag2, seed, try, e.ID)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if c := slices.Compare(list[i].rank[:], list[j].rank[:]); c != 0 {
			return c < 0
		}
		return slices.Compare(list[i].own[:], list[j].own[:]) < 0
	})
	if rule == DrawByStrata {
		return spread(onePerOperator(list, t), seed, try)
	}
	return list
}

func hashOf(tag string, seed sxp.Hash, try int, id sxp.ID) sxp.Hash {
	return sxp.Sum([]byte(tag), seed[:], binary.BigEndian.AppendUint32(nil, uint32(try)), id[:])
}

// onePerOperator keeps the first juror of each operator.
func onePerOperator(list []ranked, t *DrawTrace) []ranked {
	seen := map[sxp.ID]bool{}
	out := make([]ranked, 0, len(list))
	for _, e := range list {
		if seen[e.RunBy()] {
			t.pass(e, "its operator has another in the draw")
			continue
		}
		seen[e.RunBy()] = true
		out = append(out, e)
	}
	return out
}

// spread orders a list so that any number of its first has of each stratum as
// many as its share, to within one, while everybody is as likely to be among
// them: the k of a stratum are put at a random offset and then 1/k apart.
func spread(list []ranked, seed sxp.Hash, try int) []ranked {
	members := map[sxp.ID]int{}
	for _, e := range list {
		for _, tribe := range distinct(e.Tribes) {
			members[tribe]++
		}
	}
	index := map[sxp.ID]uint64{}
	for i := range list {
		e := &list[i]
		for _, tribe := range distinct(e.Tribes) { // ascending: the lowest of equals stays
			if e.stratum.IsZero() || members[tribe] > members[e.stratum] {
				e.stratum = tribe
			}
		}
		offset := hashOf(strataTag, seed, try, e.stratum)
		e.place = index[e.stratum]<<32 | uint64(binary.BigEndian.Uint32(offset[:]))
		index[e.stratum]++
	}
	for i := range list {
		list[i].size = index[list[i].stratum]
	}
	// Both products are below 2^52: a roll has at most 1024 entries.
	sort.SliceStable(list, func(i, j int) bool { return list[i].place*list[j].size < list[j].place*list[i].size })
	return list
}

// caps bound who may sit together.
type caps struct {
	n     int // seats
	tribe int // seats of one tribe
	fresh int // seats of jurors without a record
}

// capsOf returns the bounds of one try. Jurors without a record have a third
// of the seats, and more only where those with one are too few; ⚠ else who
// enrols many new nodes at once would have as many seats. The later half of the
// tries lets them have more: tribes may leave no other way.
func capsOf(r *OpenedRoll, p *OpenedProposal, list []ranked, try int) caps {
	c := caps{n: p.N, tribe: max(p.F, 1), fresh: p.N}
	if r.Rule() != DrawByStrata || try >= drawTries/2 {
		return c
	}
	known := 0
	for i := range list {
		if list[i].known = list[i].Conduct.Proven(r.Issued); list[i].known {
			known++
		}
	}
	c.fresh = max(p.N/3, p.N-known)
	return c
}

// take seats jurors in order, passing over those that a rule forbids; nil if
// fewer than n remain.
func take(list []ranked, c caps, t *DrawTrace) []Seat {
	operators, tribes, fresh := map[sxp.ID]bool{}, map[sxp.ID]int{}, 0
	var seats []Seat
	for _, e := range list {
		switch {
		case operators[e.RunBy()]:
			t.pass(e, "its operator has a seat")
			continue
		case slices.ContainsFunc(e.Tribes, func(id sxp.ID) bool { return tribes[id] >= c.tribe }):
			t.pass(e, "its tribe has all seats that one may have")
			continue
		case !e.known && fresh >= c.fresh:
			t.pass(e, "jurors without a record have all seats that they may have")
			continue
		}
		operators[e.RunBy()] = true
		for _, id := range distinct(e.Tribes) {
			tribes[id]++
		}
		if !e.known {
			fresh++
		}
		seats = append(seats, e.seat())
		t.seat(e, len(seats))
		if len(seats) == c.n {
			return seats
		}
	}
	return nil
}

func (e *RollEntry) seat() Seat {
	return Seat{ID: e.ID, Y: e.Y, Z: e.Z, Proof: e.Proof, Address: e.Address}
}

func distinct(ids []sxp.ID) []sxp.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b sxp.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}
