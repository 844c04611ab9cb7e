package bls_test

import (
	"math/big"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp/internal/bls"
)

// TestShortSums compares the sums of a browser with those of all else, also
// where points are equal, opposite or the identity and scalars are 0, 1, −1 or
// of one digit.
func TestShortSums(t *testing.T) {
	t.Parallel()
	_, _, g1, g2 := gnark.Generators()
	scalars := []int64{0, 1, -1, 2, 15, 16, 17, -16, 1 << 40}
	for _, n := range []int{0, 1, 2, 3, 15, 40} {
		p, q, k := make([]gnark.G1Affine, n), make([]gnark.G2Affine, n), make([]fr.Element, n)
		for i := range n {
			switch i % 5 {
			case 3: // again, so that sums meet equal points
				p[i], q[i] = p[i-1], q[i-1]
			case 4: // and opposite ones
				p[i].Neg(&p[i-1])
				q[i].Neg(&q[i-1])
			case 2:
				if i > 5 {
					break // the identity
				}
				fallthrough
			default:
				by := big.NewInt(int64(i*i + 1))
				p[i].ScalarMultiplication(&g1, by)
				q[i].ScalarMultiplication(&g2, by)
			}
			if i%2 == 0 {
				k[i].SetInt64(scalars[i/2%len(scalars)])
			} else if _, err := k[i].SetRandom(); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := bls.ShortSumG1(p, k), bls.SumG1(p, k); !got.Equal(&want) {
			t.Errorf("%d points of G1, scalars %v: the short sum is another", n, k)
		}
		if got, want := bls.ShortSumG2(q, k), bls.SumG2(q, k); !got.Equal(&want) {
			t.Errorf("%d points of G2, scalars %v: the short sum is another", n, k)
		}
	}
}

// BenchmarkSums adds what the seats of a usual jury give.
func BenchmarkSums(b *testing.B) {
	_, _, g1, _ := gnark.Generators()
	p, k := make([]gnark.G1Affine, 15), make([]fr.Element, 15)
	for i := range p {
		p[i].ScalarMultiplication(&g1, big.NewInt(int64(i+7)))
		k[i].MustSetRandom()
	}
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			bls.SumG1(p, k)
		}
	})
	b.Run("short", func(b *testing.B) {
		for b.Loop() {
			bls.ShortSumG1(p, k)
		}
	})
}
