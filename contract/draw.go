package contract

import (
	"encoding/binary"
	"slices"
	"sort"

	"sxp"
	"sxp/internal/bls"
)

// drawTries is how many orders of the pool are tried before a draw is refused:
// taking jurors in order can paint itself into a corner that another order
// avoids.
const drawTries = 64

// drawTag starts the hash that orders the pool.
const drawTag = "sxp draw/1"

// Draw returns the jury that seed selects from the roll for p, in seat order:
// parties, their operators and tribes excluded, one seat for each operator, no
// tribe in more than max(f, 1) seats. It fails with sxp.NotFound if the roll
// cannot give such a jury (spec/roll.md, "From the seed to the seats").
func Draw(r *OpenedRoll, p *OpenedProposal, seed sxp.Hash) ([]Seat, error) {
	const op = "contract.Draw"
	pool := eligible(r, p)
	for try := range drawTries {
		if seats := take(order(pool, seed, try), p.N, max(p.F, 1)); seats != nil {
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

// eligible returns the entries that have nothing to do with a party.
func eligible(r *OpenedRoll, p *OpenedProposal) []*RollEntry {
	near := map[sxp.ID]bool{}
	for i := range p.Parties {
		near[p.Cards[i].ID] = true
		if !p.Parties[i].Operator.IsZero() {
			near[p.Parties[i].Operator] = true
		}
		for _, t := range p.Parties[i].Tribes {
			near[t] = true
		}
	}
	var pool []*RollEntry
	for i := range r.Entries {
		if e := &r.Entries[i]; !near[e.ID] && !near[e.RunBy()] {
			pool = append(pool, e)
		}
	}
	return pool
}

// order sorts the pool by SHA-256(tag ‖ seed ‖ try ‖ id).
func order(pool []*RollEntry, seed sxp.Hash, try int) []*RollEntry {
	type ranked struct {
		rank sxp.Hash
		e    *RollEntry
	}
	list := make([]ranked, len(pool))
	for i, e := range pool {
		list[i] = ranked{sxp.Sum([]byte(drawTag), seed[:], binary.BigEndian.AppendUint32(nil, uint32(try)), e.ID[:]), e}
	}
	sort.Slice(list, func(i, j int) bool { return slices.Compare(list[i].rank[:], list[j].rank[:]) < 0 })
	out := make([]*RollEntry, len(list))
	for i := range list {
		out[i] = list[i].e
	}
	return out
}

// take seats jurors in order, passing over those that a rule forbids; nil if
// fewer than n remain.
func take(list []*RollEntry, n, perTribe int) []Seat {
	operators, tribes := map[sxp.ID]bool{}, map[sxp.ID]int{}
	var seats []Seat
	for _, e := range list {
		full := slices.ContainsFunc(e.Tribes, func(t sxp.ID) bool { return tribes[t] >= perTribe })
		if operators[e.RunBy()] || full {
			continue
		}
		operators[e.RunBy()] = true
		for _, t := range distinct(e.Tribes) {
			tribes[t]++
		}
		seats = append(seats, Seat{ID: e.ID, Y: e.Y, Z: e.Z, Proof: e.Proof, Address: e.Address})
		if len(seats) == n {
			return seats
		}
	}
	return nil
}

func distinct(ids []sxp.ID) []sxp.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b sxp.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// seed is SHA-256 of the sum of the draw shares, in the parties' order.
func seedOf(draws []bls.G1) (sxp.Hash, error) { return bls.SumHash(draws) }
