//go:build cgo

package sxpverify

import (
	"bytes"
	"errors"
	"slices"
)

// A Fault is what convicts somebody by its own signature (spec/evidence.md).
type Fault struct {
	Kind string   `cbor:"kind"`
	By   [32]byte `cbor:"by"`
	Raw  [][]byte `cbor:"raw"`
}

// A court judges faults of one session.
type court struct {
	p *Proposal
	s *Session
}

var errInnocent = errors.New("what it signed is right, or of another session")

// convicts returns nil where what should hold does not.
func convicts(err error) error {
	if err != nil {
		return nil
	}
	return errInnocent
}

// judge reads a fault and returns it where it convicts its author.
func (c court) judge(raw []byte) (*Fault, error) {
	f := new(Fault)
	if err := decode(raw, f); err != nil {
		return nil, err
	}
	kinds := map[string]struct {
		messages int
		judge    func(f *Fault) error
	}{
		"twice": {2, c.twice}, "contradiction": {2, c.contradiction}, "secret": {2, c.secret}, "lock": {1, c.lock}, "acceptance": {1, c.acceptance},
		"promise": {1, c.promise}, "release": {1, c.release}, "result": {1, c.result}, "claim": {1, c.claim}, "shares": {1, c.shares},
	}
	k, ok := kinds[f.Kind]
	if !ok || len(f.Raw) != k.messages {
		return nil, errors.New("an unknown rule, or another number of messages")
	}
	return f, k.judge(f)
}

// opened reads one of a fault's messages, which the accused must have signed.
func (f *Fault) opened(i int, typ string, v any) error {
	m, err := open(f.Raw[i], typ, v)
	if err == nil && m.signer != f.By {
		err = errors.New("another signed it")
	}
	return err
}

// of reads a party's message of the session and returns who it is.
func (c court) of(f *Fault, typ string, v any, proposal, m *[32]byte) (int, error) {
	i := slices.IndexFunc(c.s.Parties, func(p Signer) bool { return p.ID == f.By })
	if i < 0 {
		return 0, errors.New("no party of this session")
	}
	if err := f.opened(0, typ, v); err != nil {
		return 0, err
	}
	return i, c.s.is(*proposal, *m)
}

// twice: two that say different things where one may be signed in a session.
func (c court) twice(f *Fault) error {
	first, err := parse(f.Raw[0])
	if err != nil {
		return err
	}
	second, err := parse(f.Raw[1])
	if err != nil {
		return err
	}
	if first.typ != second.typ || bytes.Equal(first.payload, second.payload) {
		return errors.New("of two types, or both say the same")
	}
	for i := range f.Raw {
		proposal, err := f.proposalOf(i, first.typ)
		if err != nil {
			return err
		}
		if proposal != c.p.digest {
			return errors.New("of another session")
		}
	}
	return nil
}

// proposalOf reads a message of which there is one in a session.
func (f *Fault) proposalOf(i int, typ string) ([32]byte, error) {
	switch typ {
	case "sxp.acceptance/1":
		var v acceptance
		err := f.opened(i, typ, &v)
		return v.Proposal, err
	case "sxp.promise/1":
		var v promise
		err := f.opened(i, typ, &v)
		return v.Proposal, err
	case "sxp.release/1":
		var v release
		err := f.opened(i, typ, &v)
		return v.Proposal, err
	case "sxp.lock/1":
		var v lock
		err := f.opened(i, typ, &v)
		return v.Proposal, err
	}
	return [32]byte{}, errors.New("it may have signed both")
}

// contradiction: a juror that voids has not endorsed and does not open.
func (c court) contradiction(f *Fault) error {
	var void, endorsed struct {
		M [32]byte `cbor:"m"`
	}
	if err := f.opened(0, "sxp.void/1", &void); err != nil {
		return err
	}
	m, err := parse(f.Raw[1])
	if err != nil {
		return err
	}
	switch said := (shares{}); m.typ {
	case "sxp.endorse/1":
		err = f.opened(1, m.typ, &endorsed)
	case "sxp.shares/1":
		err = f.opened(1, m.typ, &said)
		endorsed.M = said.M
	default:
		err = errors.New("neither an endorsement nor shares")
	}
	if err != nil {
		return err
	}
	if void.M != endorsed.M || void.M != c.s.M || c.s.seat(f.By) == 0 {
		return errors.New("of two sessions, or by no seat of this one")
	}
	return nil
}

func (c court) acceptance(f *Fault) error {
	var a acceptance
	if err := f.opened(0, "sxp.acceptance/1", &a); err != nil {
		return err
	}
	i := slices.IndexFunc(c.p.cards, func(x card) bool { return x.ID == f.By })
	if i < 0 || a.Proposal != c.p.digest {
		return errors.New("not its acceptance of this proposal")
	}
	k, err := openCommitment(c.p.cards[i].ContractKey, a.Commitment.A, a.Commitment.U, c.p.N, c.p.T)
	if err == nil {
		err = verify(tagDraw, k.x, a.Draw, c.p.digest[:])
	}
	return convicts(err)
}

func (c court) promise(f *Fault) error {
	var v promise
	i, err := c.of(f, "sxp.promise/1", &v, &v.Proposal, &v.M)
	if err != nil {
		return err
	}
	return convicts(c.s.parties[i].checkPromise(c.s.M, c.s.zs, v.Points))
}

func (c court) release(f *Fault) error {
	var v release
	i, err := c.of(f, "sxp.release/1", &v, &v.Proposal, &v.M)
	if err != nil {
		return err
	}
	return convicts(verify(tagSession, c.s.parties[i].x, v.Signature, c.s.M[:]))
}

func (c court) result(f *Fault) error {
	var v result
	if err := f.opened(0, "sxp.result/1", &v); err != nil {
		return err
	}
	if err := c.s.is(v.Proposal, v.M); err != nil {
		return err
	}
	return convicts(c.s.checkAggregate(v.Signature))
}

func (c court) shares(f *Fault) error {
	var v shares
	seat := c.s.seat(f.By)
	if err := f.opened(0, "sxp.shares/1", &v); err != nil {
		return err
	}
	if seat == 0 || v.M != c.s.M {
		return errors.New("of another session, or by no seat of it")
	}
	return convicts(c.s.checkShares(&v, seat))
}

// claim needs no session: a claim carries its own.
func (c court) claim(f *Fault) error {
	var v claim
	if err := f.opened(0, "sxp.claim/1", &v); err != nil {
		return err
	}
	if p := &v.Preimage; p.Version != 1 || len(p.Parties) > 12 || p.T < 1 || p.T > 101 || p.F < 0 || p.F > 101 || p.Deadline < 1 || p.Deadline > lastDay || p.Delta < 1 || p.Delta > day {
		return errors.New("not a claim of this version and its limits: nothing to judge")
	}
	return convicts(v.check())
}

func (c court) lock(f *Fault) error {
	l, err := c.ownLock(f)
	if err != nil {
		return err
	}
	return convicts(l.check())
}

// secret: a lock and a signature that open no secret as it was declared.
func (c court) secret(f *Fault) error {
	l, err := c.ownLock(f)
	if err != nil {
		return err
	}
	if len(f.Raw[1]) != len(G1{}) {
		return errors.New("the second part is no signature")
	}
	_, wrong, err := l.open(G1(f.Raw[1]))
	if err == nil && wrong == "" {
		err = errInnocent
	}
	return err
}

func (c court) ownLock(f *Fault) (*givenLock, error) {
	l, err := c.p.readLock(f.Raw[0], c.s.M)
	if err == nil && l.giver.ID != f.By {
		err = errors.New("another signed it")
	}
	return l, err
}
