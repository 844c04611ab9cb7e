package bls_test

import (
	"bytes"
	"crypto/rand"
	"flag"
	"math"
	"math/big"
	mrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp/internal/bls"
)

// dudectFor makes TestDudect measure each pair of classes for as long; without
// it, it takes a few hundred measurements of each.
var dudectFor = flag.Duration("dudect", 0, "how long TestDudect measures each operation with each class of secrets")

const (
	// leak is the |t| from which dudect calls an operation leaky, beyond doubt
	// of noise (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant
	// time?", DATE 2017; its first warning is at 4.5).
	leak = 10

	// tries is how often a suspicion is measured again: a leak is there each
	// time, what else runs on the machine is not.
	tries = 6
)

// A leakOp is an operation on a secret. prepare, which is not measured, returns
// what is, for the 32 bytes of a secret.
type leakOp struct {
	name    string
	prepare func(secret []byte) func()
}

// TestDudect looks for secrets that time tells of: it measures an operation in
// random order on secrets of two classes, one fixed secret and random ones, and
// compares by Welch's t-test. That the method finds what there is to find, the
// control shows: the library's multiplication, which we use for public numbers
// only. ProvePossession is not among the operations: it hashes the public key,
// in a time that tells of that, and is otherwise Public, PublicG1 and what
// SignSession does.
func TestDudect(t *testing.T) {
	ops := leakOps(t)
	for name, fixed := range leakClasses() {
		if name == "small" {
			if worst := suspicion(t, controlOp(), fixed, func(x float64) bool { return x >= 2*leak }); worst < 2*leak {
				t.Errorf("control: |t| = %.1f: a leak is not found, so that this test says nothing", worst)
			}
		}
		for _, op := range ops {
			if worst := suspicion(t, op, fixed, func(x float64) bool { return x < leak }); worst >= leak {
				t.Errorf("%s, %s: |t| = %.1f: time tells of the secret", op.name, name, worst)
			}
		}
	}
}

// leakClasses are the fixed secrets: small, of few bits, and of many.
func leakClasses() map[string][]byte {
	one := big.NewInt(1)
	return map[string][]byte{
		"small":    big.NewInt(2).FillBytes(make([]byte, 32)),
		"few bits": new(big.Int).Lsh(one, 200).FillBytes(make([]byte, 32)),
		"r-1":      new(big.Int).Sub(fr.Modulus(), one).FillBytes(make([]byte, 32)),
	}
}

// controlOp multiplies with the library, whose time depends on the number.
func controlOp() leakOp {
	_, _, g1, _ := gnark.Generators()
	return leakOp{"control", func(secret []byte) func() {
		k := new(big.Int).SetBytes(secret)
		return func() { new(gnark.G1Affine).ScalarMultiplication(&g1, k) }
	}}
}

func leakOps(t *testing.T) []leakOp {
	t.Helper()
	s := newSession(t, rand.Reader, 5, 3, 1)
	c, u := s.checks[0].Promise[0], s.checks[0].Commitment.U
	parse := func(secret []byte) *bls.Secret {
		x, err := bls.ParseSecret(secret)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	opening := func(secret []byte) *bls.Opening {
		record := append([]byte{1, 0, 3}, bytes.Repeat(secret, 3)...) // r, a_1, a_2
		o, err := bls.ParseOpening(record)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	onKey := func(name string, f func(x *bls.Secret)) leakOp {
		return leakOp{name, func(secret []byte) func() {
			x := parse(secret)
			return func() { f(x) }
		}}
	}
	return []leakOp{
		onKey("SignSession", func(x *bls.Secret) { x.SignSession(s.m) }),
		onKey("PublicG1", func(x *bls.Secret) { x.PublicG1() }),
		onKey("Public", func(x *bls.Secret) { x.Public() }),
		onKey("OpenShare", func(x *bls.Secret) {
			if _, err := x.OpenShare(c, u); err != nil {
				t.Error(err)
			}
		}),
		{"Commit", func(secret []byte) func() {
			x, drawn := parse(secret), bytes.Repeat(append(make([]byte, 32), secret...), 3)
			return func() {
				if _, _, err := bls.Commit(bytes.NewReader(drawn), x, 3); err != nil {
					t.Error(err)
				}
			}
		}},
		{"MakePromise", func(secret []byte) func() {
			x, o := parse(secret), opening(secret)
			return func() {
				if _, err := bls.MakePromise(x, o, s.m, s.ys); err != nil {
					t.Error(err)
				}
			}
		}},
	}
}

// suspicion measures until |t| is as hoped, tries times at most, and returns
// the last |t|.
func suspicion(t *testing.T, op leakOp, fixed []byte, hoped func(float64) bool) (worst float64) {
	t.Helper()
	for range tries {
		worst = welch(measure(op, fixed))
		if *dudectFor > 0 {
			t.Logf("%s: |t| = %.2f", op.name, worst)
		}
		if hoped(worst) {
			break
		}
	}
	return worst
}

// measure returns times in nanoseconds: of the fixed secret and of random ones,
// in random order.
func measure(op leakOp, fixed []byte) (times [2][]float64) {
	const few = 240
	random := make([]byte, 32)
	for start := time.Now(); ; {
		if n := len(times[0]) + len(times[1]); n >= few && time.Since(start) >= *dudectFor {
			return times
		}
		class := mrand.IntN(2)
		var k fr.Element
		k.MustSetRandom()
		b := k.Bytes()
		copy(random, b[:])
		if class == 0 {
			copy(random, fixed) // both classes come from the same memory
		}
		run := op.prepare(random)
		before := time.Now()
		run()
		times[class] = append(times[class], float64(time.Since(before)))
	}
}

// crops are the shares of all measurements that are kept, the quickest ones: as
// dudect, because what else runs makes the slow ones slower.
var crops = []float64{0.3, 0.5, 0.7, 0.9, 1}

// welch returns the largest |t| of Welch's test over all crops.
func welch(times [2][]float64) (worst float64) {
	all := slices.Concat(times[0], times[1])
	slices.Sort(all)
	for _, share := range crops {
		limit := all[int(share*float64(len(all)-1))]
		var mean, variance, n [2]float64
		for class := range times {
			for _, x := range times[class] {
				if x <= limit {
					n[class]++
					delta := x - mean[class]
					mean[class] += delta / n[class]
					variance[class] += delta * (x - mean[class])
				}
			}
		}
		if n[0] < 2 || n[1] < 2 {
			return math.Inf(1) // the slower class has no quick measurement at all
		}
		spread := math.Sqrt(variance[0]/(n[0]-1)/n[0] + variance[1]/(n[1]-1)/n[1])
		if spread > 0 {
			worst = max(worst, math.Abs(mean[0]-mean[1])/spread)
		}
	}
	return worst
}

// TestWelch finds a difference of one part in fifty that noise of one in ten
// hides from the eye, and none where there is none.
func TestWelch(t *testing.T) {
	t.Parallel()
	source := mrand.New(mrand.NewPCG(1, 2))
	sample := func(mean float64) []float64 {
		out := make([]float64, 5000)
		for i := range out {
			out[i] = mean * (1 + 0.1*source.NormFloat64())
		}
		return out
	}
	if x := welch([2][]float64{sample(100), sample(100)}); x >= 4.5 {
		t.Errorf("no difference: |t| = %.1f, want less than 4.5", x)
	}
	if x := welch([2][]float64{sample(100), sample(102)}); x < leak/2 {
		t.Errorf("a difference of 2 %%: |t| = %.1f, want at least %d", x, leak/2)
	}
}
