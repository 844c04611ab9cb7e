//go:build cgo

package sxpverify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	blst "github.com/supranational/blst/bindings/go"
)

// A Preimage is what m is the hash of (spec/signing.md, "m").
type Preimage struct {
	Version  int      `cbor:"version"`
	Proposal [32]byte `cbor:"proposal"`
	Parties  []Signer `cbor:"parties"`
	Jury     []Seat   `cbor:"jury"`
	T        int      `cbor:"t"`
	F        int      `cbor:"f"`
	Deadline int64    `cbor:"deadline"`
	Delta    int64    `cbor:"delta"`
	Roll     [32]byte `cbor:"roll"`
	Seed     [32]byte `cbor:"seed"`
}

// A Signer is one party of a session.
type Signer struct {
	ID         [32]byte `cbor:"id"`
	X          G2       `cbor:"x"`
	Proof      G1       `cbor:"proof"`
	Acceptance []byte   `cbor:"acceptance"`
}

// A Seat is one juror of a session.
type Seat struct {
	ID      [32]byte `cbor:"id"`
	Y       G1       `cbor:"y"`
	Z       G2       `cbor:"z"`
	Proof   G1       `cbor:"proof"`
	Address string   `cbor:"address"`
}

type acceptance struct {
	Proposal   [32]byte `cbor:"proposal"`
	Commitment struct {
		A []G2 `cbor:"a"`
		U G1   `cbor:"u"`
	} `cbor:"commitment"`
	Draw    G1 `cbor:"draw"`
	Watcher *struct {
		ID      [32]byte `cbor:"id"`
		Address string   `cbor:"address"`
	} `cbor:"watcher,omitempty"`
}

// A Session is a preimage that holds in every point.
type Session struct {
	Preimage
	M       [32]byte
	parties []*commitment
	zs      []*blst.P2Affine
}

const (
	day     = 86_400_000
	lastDay = 253_402_300_799_999
)

func openSession(raw []byte) (*Session, error) {
	var p Preimage
	if err := decode(raw, &p); err != nil {
		return nil, err
	}
	return checkSession(p)
}

func checkSession(p Preimage) (*Session, error) {
	s := &Session{Preimage: p, M: sha256.Sum256(must(enc.Marshal(p)))}
	n := len(p.Jury)
	switch {
	case p.Version != 1 || len(p.Parties) < 2 || len(p.Parties) > 12 || n < 1 || n > 101:
		return nil, errors.New("another version, or numbers out of bounds")
	case p.F < 0 || p.T <= p.F || p.T > n-p.F:
		return nil, errors.New("f < t ≤ n − f does not hold")
	case p.Deadline < 1 || p.Deadline > lastDay || p.Delta < 1 || p.Delta > day:
		return nil, errors.New("times out of bounds")
	}
	ids, keys := map[[32]byte]bool{}, map[G2]bool{}
	var draws []G1
	for i, q := range p.Parties {
		ids[q.ID], keys[q.X] = true, true
		a, c, err := checkAcceptance(q.Acceptance, q.ID, q.X, p.Proposal, n, p.T)
		if err == nil {
			err = checkPossession("party", q.ID, q.X, q.Proof)
		}
		if err != nil {
			return nil, fmt.Errorf("party %d: %w", i+1, err)
		}
		s.parties, draws = append(s.parties, c), append(draws, a.Draw)
	}
	if len(ids) != len(p.Parties) || len(keys) != len(p.Parties) {
		return nil, errors.New("parties are distinct")
	}
	if err := s.checkJury(); err != nil {
		return nil, err
	}
	if got, err := seed(draws); err != nil || got != p.Seed {
		return nil, errors.New("the seed is not that of the draw shares")
	}
	return s, nil
}

func (s *Session) checkJury() error {
	ids, keys := map[[32]byte]bool{}, map[G1]bool{}
	for j, q := range s.Jury {
		ids[q.ID], keys[q.Y] = true, true
		err := checkJurorKey(q.ID, q.Y, q.Z, q.Proof)
		if err == nil {
			err = checkLine(q.Address)
		}
		if err != nil {
			return fmt.Errorf("seat %d: %w", j+1, err)
		}
		s.zs = append(s.zs, must(q.Z.read()))
	}
	if len(ids) != len(s.Jury) || len(keys) != len(s.Jury) {
		return errors.New("seats are distinct")
	}
	return nil
}

// checkLine is the rule for an address: one line of text of at most 256 bytes.
func checkLine(s string) error {
	if len(s) > 256 || !utf8.ValidString(s) {
		return errors.New("an address is text of at most 256 bytes")
	}
	for _, r := range s {
		hides := r == 0x61c || r >= 0x200b && r <= 0x200f && r != 0x200c && r != 0x200d || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff
		if unicode.IsControl(r) || hides {
			return errors.New("a character that hides or reorders text")
		}
	}
	return nil
}

// checkAcceptance reads and checks an acceptance by a party with the key x.
func checkAcceptance(raw []byte, by [32]byte, x G2, proposal [32]byte, n, t int) (*acceptance, *commitment, error) {
	a := new(acceptance)
	m, err := open(raw, "sxp.acceptance/1", a)
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > 8192 || m.signer != by || a.Proposal != proposal {
		return nil, nil, errors.New("too large, by another, or of another proposal")
	}
	if a.Watcher != nil {
		if err := checkLine(a.Watcher.Address); err != nil {
			return nil, nil, err
		}
		if a.Watcher.ID == [32]byte{} && a.Watcher.Address == "" {
			return nil, nil, errors.New("a watcher that is nobody is left out")
		}
	}
	c, err := openCommitment(x, a.Commitment.A, a.Commitment.U, n, t)
	if err != nil {
		return nil, nil, err
	}
	return a, c, verify(tagDraw, c.x, a.Draw, proposal[:])
}

// party returns the index of who signed m.
func (s *Session) party(m *message) (int, error) {
	for i, p := range s.Parties {
		if p.ID == m.signer {
			return i, nil
		}
	}
	return 0, errors.New("not by a party")
}

// seat returns the seat of an id, 1 to n, or 0.
func (s *Session) seat(id [32]byte) int {
	for j, q := range s.Jury {
		if q.ID == id {
			return j + 1
		}
	}
	return 0
}

// byParty opens a message that only a party signs.
func (s *Session) byParty(raw []byte, typ string, v any) (int, error) {
	m, err := open(raw, typ, v)
	if err != nil {
		return 0, err
	}
	return s.party(m)
}

func (s *Session) is(proposal, m [32]byte) error {
	if proposal != s.Proposal || m != s.M {
		return errors.New("of another session")
	}
	return nil
}

func (s *Session) openAcceptance(raw []byte) error {
	i, err := s.byParty(raw, "sxp.acceptance/1", new(acceptance))
	if err != nil {
		return err
	}
	_, _, err = checkAcceptance(raw, s.Parties[i].ID, s.Parties[i].X, s.Proposal, len(s.Jury), s.T)
	return err
}

type promise struct {
	Proposal [32]byte `cbor:"proposal"`
	M        [32]byte `cbor:"m"`
	Points   []G1     `cbor:"points"`
}

func (s *Session) openPromise(raw []byte) (int, error) {
	var p promise
	i, err := s.byParty(raw, "sxp.promise/1", &p)
	if err != nil {
		return 0, err
	}
	if err := s.is(p.Proposal, p.M); err != nil {
		return 0, err
	}
	return i, s.parties[i].checkPromise(s.M, s.zs, p.Points)
}

type release struct {
	Proposal  [32]byte `cbor:"proposal"`
	M         [32]byte `cbor:"m"`
	Signature G1       `cbor:"signature"`
}

func (s *Session) openRelease(raw []byte) (int, G1, error) {
	var v release
	i, err := s.byParty(raw, "sxp.release/1", &v)
	if err != nil {
		return 0, v.Signature, err
	}
	if err := s.is(v.Proposal, v.M); err != nil {
		return 0, v.Signature, err
	}
	return i, v.Signature, verify(tagSession, s.parties[i].x, v.Signature, s.M[:])
}

type result struct {
	release
	Jury bool `cbor:"jury,omitempty"`
}

func (s *Session) openResult(raw []byte) error {
	var v result
	if _, err := open(raw, "sxp.result/1", &v); err != nil {
		return err
	}
	if err := s.is(v.Proposal, v.M); err != nil {
		return err
	}
	return s.checkAggregate(v.Signature)
}

func (s *Session) checkAggregate(sum G1) error {
	var keys []G2
	for _, p := range s.Parties {
		keys = append(keys, p.X)
	}
	return checkAggregate(s.M, keys, sum)
}

// openVote reads an endorsement or a void and returns the seat.
func (s *Session) openVote(raw []byte, typ string) (int, error) {
	var v struct {
		M [32]byte `cbor:"m"`
	}
	m, err := open(raw, typ, &v)
	if err != nil {
		return 0, err
	}
	seat := s.seat(m.signer)
	if v.M != s.M || seat == 0 {
		return 0, errors.New("of another session, or not by a seat of it")
	}
	return seat, nil
}

type shares struct {
	M      [32]byte `cbor:"m"`
	Seat   int      `cbor:"seat"`
	Shares []G1     `cbor:"shares"`
}

func (s *Session) openShares(raw []byte) (*shares, error) {
	v := new(shares)
	m, err := open(raw, "sxp.shares/1", v)
	if err != nil {
		return nil, err
	}
	seat := s.seat(m.signer)
	if v.M != s.M || seat == 0 {
		return nil, errors.New("of another session, or not by a seat of it")
	}
	return v, s.checkShares(v, seat)
}

// checkShares checks what the juror of a seat opened.
func (s *Session) checkShares(v *shares, seat int) error {
	if v.Seat != seat || len(v.Shares) != len(s.parties) {
		return errors.New("of another seat, or not all shares")
	}
	for i, share := range v.Shares {
		if err := s.parties[i].checkShare(s.M, seat, share); err != nil {
			return err
		}
	}
	return nil
}

type claim struct {
	Preimage Preimage `cbor:"preimage"`
	Promises [][]G1   `cbor:"promises"`
}

func openClaim(raw []byte) error {
	var c claim
	m, err := open(raw, "sxp.claim/1", &c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Preimage.Parties, func(p Signer) bool { return p.ID == m.signer }) {
		return errors.New("not by a party")
	}
	return c.check()
}

// check checks all of a claim but who signed it.
func (c *claim) check() error {
	s, err := checkSession(c.Preimage)
	if err != nil {
		return err
	}
	if len(c.Promises) != len(s.parties) {
		return errors.New("a promise of every party")
	}
	for i, points := range c.Promises {
		if err := s.parties[i].checkPromise(s.M, s.zs, points); err != nil {
			return err
		}
	}
	return nil
}
