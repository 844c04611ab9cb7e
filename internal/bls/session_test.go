package bls_test

import (
	"io"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

// A session is everything one signing needs, secrets included.
type session struct {
	n, t    int
	m       sxp.Hash
	parties []*bls.Secret
	jurors  []*bls.Secret
	ys      []bls.G1
	zs      []bls.G2
	checks  []bls.PromiseCheck // one per party, all valid
}

func newSession(tb testing.TB, rand io.Reader, n, t, parties int) *session {
	tb.Helper()
	s := &session{n: n, t: t, m: sxp.Sum([]byte("a contract"))}
	for range n {
		y := newSecret(tb, rand)
		s.jurors = append(s.jurors, y)
		s.ys, s.zs = append(s.ys, y.PublicG1()), append(s.zs, y.Public())
	}
	for range parties {
		x := newSecret(tb, rand)
		c, o, err := bls.Commit(rand, x, t)
		if err != nil {
			tb.Fatalf("Commit: %v", err)
		}
		p, err := bls.MakePromise(x, o, s.m, s.ys)
		if err != nil {
			tb.Fatalf("MakePromise: %v", err)
		}
		s.parties = append(s.parties, x)
		s.checks = append(s.checks, bls.PromiseCheck{X: x.Public(), Commitment: c, Promise: p})
	}
	return s
}

func newSecret(tb testing.TB, rand io.Reader) *bls.Secret {
	tb.Helper()
	k, err := bls.NewSecret(rand)
	if err != nil {
		tb.Fatalf("NewSecret: %v", err)
	}
	return k
}

// shares opens the last t seats' shares of one party's signature.
func (s *session) shares(tb testing.TB, party int) map[int]bls.G1 {
	tb.Helper()
	out := make(map[int]bls.G1)
	for seat := s.n; seat > s.n-s.t; seat-- {
		out[seat] = s.open(tb, party, seat)
	}
	return out
}

func (s *session) open(tb testing.TB, party, seat int) bls.G1 {
	tb.Helper()
	c := s.checks[party]
	share, err := s.jurors[seat-1].OpenShare(c.Promise[seat-1], c.Commitment.U)
	if err != nil {
		tb.Fatalf("OpenShare of seat %d: %v", seat, err)
	}
	return share
}

func (s *session) shareChecks(tb testing.TB) []bls.SharesCheck {
	tb.Helper()
	var out []bls.SharesCheck
	for i, c := range s.checks {
		out = append(out, bls.SharesCheck{X: c.X, Commitment: c.Commitment, Shares: s.shares(tb, i)})
	}
	return out
}

// jurorID is the identity of a seat.
func jurorID(seat int) sxp.ID { return sxp.ID{byte(seat), 'j'} }

func (s *session) jurorKeys() []bls.JurorKey {
	var out []bls.JurorKey
	for j, y := range s.jurors {
		id := jurorID(j + 1)
		out = append(out, bls.JurorKey{ID: id, Y: s.ys[j], Z: s.zs[j], Proof: y.ProvePossession(bls.RoleJuror, id)})
	}
	return out
}
