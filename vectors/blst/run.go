//go:build cgo

package sxpverify

import (
	"errors"
	"strings"
)

// A run collects what was sent in one signing until its file can be written.
type run struct {
	p       *Proposal
	roll    *Roll
	rollRaw []byte
	raw     []byte // the proposal
	accepts map[[32]byte][]byte
	s       *Session
	promise map[int]bool
	sigmas  map[int]G1
	opened  map[int][]G1
	voids   map[int][]byte
}

// Replay computes jury, m, signatures and file from everything that was sent
// (spec/jury.md, "Vectors"). It checks what is signed, not when it was sent.
func Replay(raw []byte) ([]byte, error) {
	var steps []struct {
		At      int64  `cbor:"at"`
		Message []byte `cbor:"message"`
	}
	if err := decode(raw, &steps); err != nil {
		return nil, err
	}
	r := &run{accepts: map[[32]byte][]byte{}, promise: map[int]bool{}, sigmas: map[int]G1{}, opened: map[int][]G1{}, voids: map[int][]byte{}}
	for _, s := range steps {
		if err := r.step(s.Message); err != nil {
			return nil, err
		}
	}
	return r.file()
}

func (r *run) step(raw []byte) (err error) {
	m, err := parse(raw)
	if err != nil {
		return err
	}
	switch {
	case m.typ == "sxp.roll/1":
		r.rollRaw = raw
		r.roll, _, err = openRoll(raw)
	case m.typ == "sxp.proposal/1":
		r.raw = raw
		r.p, err = openProposal(raw)
	case m.typ == "sxp.acceptance/1":
		return r.accept(m.signer, raw)
	case r.s == nil:
		return errors.New("not all have accepted")
	case m.typ == "sxp.lock/1":
		_, err = r.p.openLock(raw, r.s.M)
	case m.typ == "sxp.promise/1":
		var i int
		i, err = r.s.openPromise(raw)
		r.promise[i] = true
	case m.typ == "sxp.release/1":
		var i int
		var sigma G1
		i, sigma, err = r.s.openRelease(raw)
		r.sigmas[i] = sigma
	case m.typ == "sxp.result/1":
		return r.s.openResult(raw)
	case strings.HasPrefix(m.typ, "sxp.response.jury."):
		return r.answer(m)
	case strings.HasPrefix(m.typ, "sxp.request.jury.claim/"), strings.HasPrefix(m.typ, "sxp.request.watch.lodge/"):
		var q struct {
			Request struct {
				Claim []byte `cbor:"claim"`
			} `cbor:"request"`
		}
		if err := loose.Unmarshal(m.payload, &q); err != nil {
			return err
		}
		return openClaim(q.Request.Claim)
	}
	return err
}

// accept keeps an acceptance; the last one gives the jury and m.
func (r *run) accept(by [32]byte, raw []byte) error {
	if r.p == nil || r.roll == nil {
		return errors.New("no proposal or no roll")
	}
	r.accepts[by] = raw
	p := Preimage{Version: 1, Proposal: r.p.digest, T: r.p.T, F: r.p.F, Deadline: r.p.Deadline, Delta: r.p.Delta, Roll: r.p.Roll}
	var draws []G1
	for _, c := range r.p.cards {
		raw, ok := r.accepts[c.ID]
		if !ok {
			return nil
		}
		a, _, err := checkAcceptance(raw, c.ID, c.ContractKey, r.p.digest, r.p.N, r.p.T)
		if err != nil {
			return err
		}
		draws = append(draws, a.Draw)
		p.Parties = append(p.Parties, Signer{c.ID, c.ContractKey, c.Proof, raw})
	}
	var err error
	if p.Seed, err = seed(draws); err != nil {
		return err
	}
	if p.Jury, err = r.roll.draw(r.p.named(), r.p.N, r.p.F, p.Seed); err != nil {
		return err
	}
	r.s, err = checkSession(p)
	return err
}

func (r *run) answer(m *message) error {
	var a struct {
		Result struct {
			Shares [][]byte `cbor:"shares"`
			Void   []byte   `cbor:"void"`
		} `cbor:"result"`
	}
	if err := loose.Unmarshal(m.payload, &a); err != nil {
		return err
	}
	for _, raw := range a.Result.Shares {
		v, err := r.s.openShares(raw)
		if err != nil {
			return err
		}
		r.opened[v.Seat] = v.Shares
	}
	if a.Result.Void == nil {
		return nil
	}
	seat, err := r.s.openVote(a.Result.Void, "sxp.void/1")
	r.voids[seat] = a.Result.Void
	return err
}

func (r *run) file() ([]byte, error) {
	if r.s == nil {
		return nil, errors.New("not all have accepted")
	}
	if len(r.opened) >= r.p.T {
		if err := r.recover(); err != nil {
			return nil, err
		}
	}
	c := contents{Proposal: r.raw, Preimage: r.s.Preimage, Roll: r.rollRaw}
	if len(r.sigmas) == len(r.p.cards) {
		var sigmas []G1
		for i := range r.p.cards {
			sigmas = append(sigmas, r.sigmas[i])
		}
		s, err := aggregate(r.s.M, sigmas)
		if err != nil {
			return nil, err
		}
		c.S = &s
		return frame(contractKind, r.p.Terms.Text, must(enc.Marshal(c))), nil
	}
	for j := 1; j <= r.p.N && len(c.Voids) < r.p.T; j++ {
		if raw, ok := r.voids[j]; ok {
			c.Voids = append(c.Voids, raw)
		}
	}
	if len(c.Voids) < r.p.T {
		return nil, errors.New("no outcome")
	}
	return frame(voidKind, r.p.Terms.Text, must(enc.Marshal(c))), nil
}

// recover completes all signatures from what the jury opened; one that was
// released must be the same.
func (r *run) recover() error {
	for i := range r.p.cards {
		var seats []int
		var points []G1
		for j := 1; j <= r.p.N && len(seats) < r.p.T; j++ {
			if all, ok := r.opened[j]; ok {
				seats, points = append(seats, j), append(points, all[i])
			}
		}
		sigma, err := recoverSignature(seats, points)
		if err != nil {
			return err
		}
		if was, ok := r.sigmas[i]; ok && was != sigma {
			return errors.New("the jury opened another signature")
		}
		r.sigmas[i] = sigma
	}
	return nil
}
