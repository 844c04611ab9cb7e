package bls_test

import (
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp/internal/bls"
)

// TestSums compares both our sums of multiples with the library's, also where
// points are equal, opposite or the identity, and where scalars are 0, 1, −1,
// of one digit, at the edges of the base they are cut in, or the same for all.
func TestSums(t *testing.T) {
	t.Parallel()
	_, _, g1, g2 := gnark.Generators()
	u := new(big.Int).SetUint64(0xd201000000010000)
	var edges []fr.Element
	for _, base := range []*big.Int{big.NewInt(0), big.NewInt(16), u, new(big.Int).Exp(u, big.NewInt(2), nil),
		new(big.Int).Exp(u, big.NewInt(3), nil), new(big.Int).Lsh(big.NewInt(1), 64), new(big.Int).Lsh(big.NewInt(1), 128), fr.Modulus()} {
		for d := int64(-2); d <= 2; d++ {
			var k fr.Element
			edges = append(edges, *k.SetBigInt(new(big.Int).Add(base, big.NewInt(d))))
		}
	}
	for _, n := range []int{0, 1, 2, 3, 15, 40, 101} {
		for _, kind := range []string{"distinct", "same", "mixed"} {
			p, q, k := make([]gnark.G1Affine, n), make([]gnark.G2Affine, n), make([]fr.Element, n)
			for i := range n {
				by := big.NewInt(int64(i*i + 1))
				switch {
				case kind == "same":
					by = big.NewInt(5)
				case kind == "mixed" && i%5 == 3:
					by.SetInt64(int64((i-1)*(i-1) + 1)) // equal points meet
				case kind == "mixed" && i%5 == 4:
					by.SetInt64(-int64((i-2)*(i-2) + 1)) // opposite ones
				case kind == "mixed" && i%7 == 6:
					by.SetInt64(0)
				}
				p[i].ScalarMultiplication(&g1, by)
				q[i].ScalarMultiplication(&g2, by)
				switch {
				case i%2 == 0:
					k[i] = edges[i/2%len(edges)]
				case kind == "same":
					k[i] = edges[len(edges)/3]
				default:
					k[i].MustSetRandom()
				}
			}
			var want1 gnark.G1Affine
			var want2 gnark.G2Affine
			if _, err := want1.MultiExp(p, k, ecc.MultiExpConfig{NbTasks: 1}); err != nil {
				t.Fatal(err)
			}
			if _, err := want2.MultiExp(q, k, ecc.MultiExpConfig{NbTasks: 1}); err != nil {
				t.Fatal(err)
			}
			if a, b := bls.SumG1(p, k), bls.ShortSumG1(p, k); !a.Equal(&want1) || !b.Equal(&want1) {
				t.Errorf("%d %s points of G1: a sum is another", n, kind)
			}
			if a, b := bls.SumG2(q, k), bls.ShortSumG2(q, k); !a.Equal(&want2) || !b.Equal(&want2) {
				t.Errorf("%d %s points of G2: a sum is another", n, kind)
			}
		}
	}
}

// TestSumsOfOne multiplies one point by every edge.
func TestSumsOfOne(t *testing.T) {
	t.Parallel()
	_, _, g1, g2 := gnark.Generators()
	u := new(big.Int).SetUint64(0xd201000000010000)
	for power := range int64(5) {
		for d := int64(-40); d <= 40; d++ {
			k := new(big.Int).Add(new(big.Int).Exp(u, big.NewInt(power), nil), big.NewInt(d))
			var s fr.Element
			s.SetBigInt(k)
			var want1 gnark.G1Affine
			var want2 gnark.G2Affine
			want1.ScalarMultiplication(&g1, s.BigInt(new(big.Int)))
			want2.ScalarMultiplication(&g2, s.BigInt(new(big.Int)))
			p, q, ks := []gnark.G1Affine{g1}, []gnark.G2Affine{g2}, []fr.Element{s}
			if a, b := bls.SumG1(p, ks), bls.ShortSumG1(p, ks); !a.Equal(&want1) || !b.Equal(&want1) {
				t.Errorf("u^%d%+d times g1 is another", power, d)
			}
			if a, b := bls.SumG2(q, ks), bls.ShortSumG2(q, ks); !a.Equal(&want2) || !b.Equal(&want2) {
				t.Errorf("u^%d%+d times g2 is another", power, d)
			}
		}
	}
}

// BenchmarkSums adds what the seats of juries give.
func BenchmarkSums(b *testing.B) {
	_, _, g1, g2 := gnark.Generators()
	for _, n := range []int{1, 15, 101, 303} {
		p, q, k := make([]gnark.G1Affine, n), make([]gnark.G2Affine, n), make([]fr.Element, n)
		for i := range p {
			p[i].ScalarMultiplication(&g1, big.NewInt(int64(i+7)))
			q[i].ScalarMultiplication(&g2, big.NewInt(int64(i+7)))
			k[i].MustSetRandom()
		}
		one := ecc.MultiExpConfig{NbTasks: 1}
		name := big.NewInt(int64(n)).String()
		b.Run("G1/"+name, func(b *testing.B) {
			for b.Loop() {
				bls.SumG1(p, k)
			}
		})
		b.Run("G1/"+name+"/library", func(b *testing.B) {
			for b.Loop() {
				if _, err := new(gnark.G1Affine).MultiExp(p, k, one); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("G2/"+name, func(b *testing.B) {
			for b.Loop() {
				bls.SumG2(q, k)
			}
		})
		b.Run("G2/"+name+"/library", func(b *testing.B) {
			for b.Loop() {
				if _, err := new(gnark.G2Affine).MultiExp(q, k, one); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
