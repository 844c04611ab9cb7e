package compare

import (
	"fmt"
	"testing"

	"github.com/drand/kyber"
	"github.com/drand/kyber/group/edwards25519"
	"github.com/drand/kyber/share"
	"github.com/drand/kyber/share/pvss"
	"github.com/drand/kyber/util/random"
)

// A dealing is a secret that was shared among n trustees.
type dealing struct {
	suite  *edwards25519.SuiteEd25519
	h      kyber.Point
	secret kyber.Scalar
	keys   []kyber.Scalar
	public []kyber.Point
	t      int
	shares []*pvss.PubVerShare
	commit *share.PubPoly
	sh     []kyber.Point
}

func deal(tb testing.TB, n, t int) *dealing {
	tb.Helper()
	s := edwards25519.NewBlakeSHA256Ed25519()
	d := &dealing{suite: s, h: s.Point().Pick(s.XOF([]byte("H"))), secret: s.Scalar().Pick(random.New()), t: t}
	for range n {
		x := s.Scalar().Pick(random.New())
		d.keys, d.public = append(d.keys, x), append(d.public, s.Point().Mul(x, nil))
	}
	d.again(tb)
	for i := range n {
		d.sh = append(d.sh, d.commit.Eval(i).V)
	}
	return d
}

func (d *dealing) again(tb testing.TB) {
	var err error
	if d.shares, d.commit, err = pvss.EncShares(d.suite, d.h, d.public, d.secret, d.t); err != nil {
		tb.Fatal(err)
	}
}

// verify evaluates the polynomial for each trustee and checks each proof.
func (d *dealing) verify(tb testing.TB) {
	sh := make([]kyber.Point, len(d.shares))
	for i := range sh {
		sh[i] = d.commit.Eval(i).V
	}
	if _, good, err := pvss.VerifyEncShareBatch(d.suite, d.h, d.public, sh, d.shares); err != nil || len(good) != len(d.shares) {
		tb.Fatalf("%d of %d shares verify: %v", len(good), len(d.shares), err)
	}
}

var sizes = []struct{ n, t int }{{1, 1}, {15, 8}, {51, 26}, {101, 51}}

// TestDealing shows that what is measured works, and that a wrong share is
// found.
func TestDealing(t *testing.T) {
	d := deal(t, 5, 3)
	d.verify(t)
	d.shares[2].S.V = d.suite.Point().Add(d.shares[2].S.V, d.h)
	if _, good, _ := pvss.VerifyEncShareBatch(d.suite, d.h, d.public, d.sh, d.shares); len(good) != 4 {
		t.Errorf("%d shares verify, want 4 of 5", len(good))
	}
}

func benchmark(b *testing.B, f func(b *testing.B, d *dealing)) {
	for _, s := range sizes {
		b.Run(fmt.Sprintf("n=%d", s.n), func(b *testing.B) { f(b, deal(b, s.n, s.t)) })
	}
}

// BenchmarkPromise deals one secret.
func BenchmarkPromise(b *testing.B) {
	benchmark(b, func(b *testing.B, d *dealing) {
		for b.Loop() {
			d.again(b)
		}
	})
}

// BenchmarkVerify verifies three dealings.
func BenchmarkVerify(b *testing.B) {
	benchmark(b, func(b *testing.B, d *dealing) {
		for b.Loop() {
			for range 3 {
				d.verify(b)
			}
		}
	})
}

// BenchmarkOpen verifies and decrypts one trustee's share.
func BenchmarkOpen(b *testing.B) {
	benchmark(b, func(b *testing.B, d *dealing) {
		for b.Loop() {
			if _, err := pvss.DecShare(d.suite, d.h, d.public[0], d.sh[0], d.keys[0], d.shares[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRecover verifies t decrypted shares and puts them together.
func BenchmarkRecover(b *testing.B) {
	benchmark(b, func(b *testing.B, d *dealing) {
		g := d.suite.Point().Base()
		var keys []kyber.Point
		var enc, dec []*pvss.PubVerShare
		for i := range d.t {
			s, err := pvss.DecShare(d.suite, d.h, d.public[i], d.sh[i], d.keys[i], d.shares[i])
			if err != nil {
				b.Fatal(err)
			}
			keys, enc, dec = append(keys, d.public[i]), append(enc, d.shares[i]), append(dec, s)
		}
		for b.Loop() {
			if _, err := pvss.RecoverSecret(d.suite, g, keys, enc, dec, d.t, len(d.public)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
