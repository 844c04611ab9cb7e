//go:build cgo

package sxpverify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/big"
	"slices"
	"sort"
)

// A Roll is a list of jurors (spec/roll.md).
type Roll struct {
	Issuer   [32]byte `cbor:"issuer"`
	Number   uint64   `cbor:"number"`
	Issued   int64    `cbor:"issued"`
	Entries  []entry  `cbor:"entries"`
	Delta    int64    `cbor:"delta"`
	L        int64    `cbor:"l"`
	Epsilon  int64    `cbor:"epsilon"`
	Patience int64    `cbor:"patience"`
	Horizon  int64    `cbor:"horizon"`
	Draw     int      `cbor:"draw,omitempty"`
}

type entry struct {
	ID         [32]byte   `cbor:"id"`
	Y          G1         `cbor:"y"`
	Z          G2         `cbor:"z"`
	Proof      G1         `cbor:"proof"`
	Operator   *[32]byte  `cbor:"operator,omitempty"`
	Tribes     [][32]byte `cbor:"tribes,omitempty"`
	Address    string     `cbor:"address"`
	DeltaMin   int64      `cbor:"deltaMin"`
	MaxN       int64      `cbor:"maxN"`
	MaxParties int64      `cbor:"maxParties"`
	MaxHorizon int64      `cbor:"maxHorizon"`
	Vouched    [][]byte   `cbor:"vouched,omitempty"`
	Conduct    *struct {
		Since  int64     `cbor:"since"`
		Asked  int64     `cbor:"asked"`
		Up     int64     `cbor:"up"`
		Cases  int64     `cbor:"cases"`
		Faults int64     `cbor:"faults"`
		Proof  *[32]byte `cbor:"proof,omitempty"`
	} `cbor:"conduct,omitempty"`
}

func (e *entry) operator() [32]byte {
	if e.Operator != nil {
		return *e.Operator
	}
	return e.ID
}

func (e *entry) seat() Seat {
	return Seat{ID: e.ID, Y: e.Y, Z: e.Z, Proof: e.Proof, Address: e.Address}
}

const byStrata = 2

func openRoll(raw []byte) (*Roll, [32]byte, error) {
	r := new(Roll)
	m, err := open(raw, "sxp.roll/1", r)
	if err != nil {
		return nil, [32]byte{}, err
	}
	span := func(all ...int64) bool {
		return !slices.ContainsFunc(all, func(v int64) bool { return v < 1 || v > day })
	}
	switch {
	case m.signer != r.Issuer, r.Number < 1, r.Issued < 1, r.Issued > lastDay, len(r.Entries) < 1, len(r.Entries) > 1024, r.Draw != 0 && r.Draw != byStrata,
		!span(r.Delta, r.L, r.Epsilon, r.Patience), r.Horizon <= r.L+r.Epsilon+r.Patience:
		return nil, [32]byte{}, errors.New("a roll out of its bounds, or not by its issuer")
	}
	ids, ys := map[[32]byte]bool{}, map[G1]bool{}
	for i := range r.Entries {
		e := &r.Entries[i]
		if ids[e.ID] || ys[e.Y] || e.Address == "" || !span(e.DeltaMin) || e.MaxN < 1 || e.MaxParties < 2 || e.MaxHorizon < 1 || len(e.Tribes) > 8 {
			return nil, [32]byte{}, errors.New("a juror twice, or out of its bounds")
		}
		ids[e.ID], ys[e.Y] = true, true
		if err := firstOf(e.ID != [32]byte{} && (e.Operator == nil || *e.Operator != [32]byte{}), checkLine(e.Address), checkJurorKey(e.ID, e.Y, e.Z, e.Proof), e.checkWord(r)); err != nil {
			return nil, [32]byte{}, err
		}
	}
	return r, m.digest, nil
}

// firstOf returns the first error, the first of all that ok is false.
func firstOf(ok bool, errs ...error) error {
	if !ok {
		return errors.New("a name of zeros")
	}
	return errors.Join(errs...)
}

// checkWord is what others say of a juror: by strata only.
func (e *entry) checkWord(r *Roll) error {
	if r.Draw != byStrata {
		if e.Vouched != nil || e.Conduct != nil {
			return errors.New("only a roll by strata says who vouches")
		}
		return nil
	}
	named := slices.Clone(e.Tribes)
	if e.operator() != e.ID {
		named = slices.Insert(named, 0, e.operator())
	}
	tribes := map[[32]byte]bool{}
	for _, t := range e.Tribes {
		tribes[t] = true
	}
	if len(named) != len(e.Vouched) || len(tribes) != len(e.Tribes) {
		return errors.New("one word of everybody whom it names")
	}
	for i, raw := range e.Vouched {
		var v struct {
			Juror    [32]byte  `cbor:"juror"`
			Y        G1        `cbor:"y"`
			Operator *[32]byte `cbor:"operator,omitempty"`
			Until    int64     `cbor:"until"`
		}
		m, err := open(raw, "sxp.vouch/1", &v)
		if err != nil || m.signer != named[i] || v.Juror != e.ID || v.Y != e.Y || v.Until <= r.Issued ||
			(v.Operator == nil) != (e.Operator == nil) || v.Operator != nil && *v.Operator != *e.Operator {
			return errors.New("not the word of who is named")
		}
	}
	c := e.Conduct
	if c == nil {
		return nil
	}
	for _, n := range []int64{c.Asked, c.Up, c.Cases, c.Faults} {
		if n < 0 || n > 100_000_000 {
			return errors.New("a figure out of its bounds")
		}
	}
	if c.Since < 1 || c.Since > r.Issued || c.Up > c.Asked || (c.Faults > 0) != (c.Proof != nil) {
		return errors.New("conduct that contradicts itself")
	}
	return nil
}

func (e *entry) known(r *Roll) bool {
	c := e.Conduct
	return c != nil && c.Faults == 0 && r.Issued-c.Since >= 14*day && c.Asked >= 500 && 10*c.Up >= 9*c.Asked
}

// draw returns the seats that a seed gives; named are the ids that the proposal
// excludes.
func (r *Roll) draw(named map[[32]byte]bool, n, f int, seed [32]byte) ([]Seat, error) {
	var pool []*entry
	for i := range r.Entries {
		e := &r.Entries[i]
		faulty := r.Draw == byStrata && e.Conduct != nil && e.Conduct.Faults > 0
		if !named[e.ID] && !named[e.operator()] && !faulty {
			pool = append(pool, e)
		}
	}
	for try := range uint32(64) {
		list := r.order(pool, seed, try)
		known := func(e *entry) bool { return r.Draw != byStrata || try >= 32 || e.known(r) }
		records := 0
		for _, e := range list {
			if known(e) {
				records++
			}
		}
		if seats := take(list, n, max(f, 1), max(n/3, n-records), known); len(seats) == n {
			return seats, nil
		}
	}
	return nil, errors.New("the roll gives no such jury")
}

func rank(tag string, seed [32]byte, try uint32, ids ...[32]byte) []byte {
	var out []byte
	for _, id := range ids {
		h := sha256.Sum256(slices.Concat([]byte(tag), seed[:], binary.BigEndian.AppendUint32(nil, try), id[:]))
		out = append(out, h[:]...)
	}
	return out
}

func (r *Roll) order(pool []*entry, seed [32]byte, try uint32) []*entry {
	key := func(e *entry) []byte { return rank("sxp draw/1", seed, try, e.ID) }
	if r.Draw == byStrata {
		key = func(e *entry) []byte { return rank("sxp draw/2", seed, try, e.operator(), e.ID) }
	}
	list := slices.Clone(pool)
	sort.Slice(list, func(i, k int) bool { return bytes.Compare(key(list[i]), key(list[k])) < 0 })
	if r.Draw != byStrata {
		return list
	}
	operators := map[[32]byte]bool{}
	list = slices.DeleteFunc(list, func(e *entry) bool {
		again := operators[e.operator()]
		operators[e.operator()] = true
		return again
	})
	return spread(list, seed, try)
}

// spread puts the members of each stratum at even distances.
func spread(list []*entry, seed [32]byte, try uint32) []*entry {
	members := map[[32]byte]int{}
	for _, e := range list {
		for _, t := range e.Tribes {
			members[t]++
		}
	}
	stratum := func(e *entry) (best [32]byte) {
		for _, t := range e.Tribes {
			if members[t] > members[best] || members[t] == members[best] && bytes.Compare(t[:], best[:]) < 0 {
				best = t
			}
		}
		return best
	}
	type placed struct {
		*entry
		at *big.Rat
	}
	index, size := map[[32]byte]int64{}, map[[32]byte]int64{}
	for _, e := range list {
		size[stratum(e)]++
	}
	var out []placed
	for _, e := range list {
		s := stratum(e)
		offset := int64(binary.BigEndian.Uint32(rank("sxp strata/2", seed, try, s)))
		out = append(out, placed{e, big.NewRat(index[s]<<32+offset, size[s])})
		index[s]++
	}
	sort.SliceStable(out, func(i, k int) bool { return out[i].at.Cmp(out[k].at) < 0 })
	for i := range out {
		list[i] = out[i].entry
	}
	return list
}

func take(list []*entry, n, perTribe, mostFresh int, known func(*entry) bool) (seats []Seat) {
	operators, tribes, fresh := map[[32]byte]bool{}, map[[32]byte]int{}, 0
	for _, e := range list {
		full := slices.ContainsFunc(e.Tribes, func(t [32]byte) bool { return tribes[t] >= perTribe })
		if operators[e.operator()] || full || !known(e) && fresh >= mostFresh {
			continue
		}
		operators[e.operator()] = true
		counted := map[[32]byte]bool{}
		for _, t := range e.Tribes {
			if !counted[t] {
				counted[t] = true
				tribes[t]++
			}
		}
		if !known(e) {
			fresh++
		}
		if seats = append(seats, e.seat()); len(seats) == n {
			return seats
		}
	}
	return nil
}
