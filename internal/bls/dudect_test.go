package bls_test

import (
	"bytes"
	"crypto/rand"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/big"
	mrand "math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"

	"sxp/internal/bls"
)

// dudectFor makes TestDudect measure each operation for as long; without it, it
// takes a few hundred measurements of each.
var dudectFor = flag.Duration("dudect", 0, "how long TestDudect measures each operation, with all classes of secrets")

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
	name    string // as secretFunctions names it; behind a comma, which variant
	prepare func(secret []byte) func()
}

// TestDudect looks for secrets that time tells of: it measures each operation
// of the package on secrets of several classes, in random order, some fixed and
// one of random ones, and compares each fixed one with the random ones by
// Welch's t-test. That the method finds what there is to find, the control
// shows: the library's multiplication, which we use for public numbers only.
//
// Hashing to the curve takes a time that tells of what is hashed, and some
// operations hash the public key. There an identity or a context that is new
// each time makes what is hashed random in all classes, so that time could tell
// of the secret only by what is done with it.
func TestDudect(t *testing.T) {
	if worst := suspicion(t, controlOp(), leakClasses()[:1], func(x float64) bool { return x >= 2*leak }); worst["small"] < 2*leak {
		t.Errorf("control: |t| = %.1f: a leak is not found, so that this test says nothing", worst["small"])
	}
	for _, op := range leakOps(t) {
		t.Run(op.name, func(t *testing.T) {
			for class, worst := range suspicion(t, op, leakClasses(), func(x float64) bool { return x < leak }) {
				if worst >= leak {
					t.Errorf("%s: |t| = %.1f: time tells of the secret", class, worst)
				}
			}
		})
	}
}

// A leakClass is a fixed secret.
type leakClass struct {
	name   string
	secret []byte // 32
}

// leakClasses are the fixed secrets: small, of few bits, and of many.
func leakClasses() []leakClass {
	one := big.NewInt(1)
	return []leakClass{
		{"small", big.NewInt(2).FillBytes(make([]byte, 32))},
		{"few bits", new(big.Int).Lsh(one, 200).FillBytes(make([]byte, 32))},
		{"r-1", new(big.Int).Sub(fr.Modulus(), one).FillBytes(make([]byte, 32))},
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

// quick repeats what takes a microsecond, of which a clock sees too little.
func quick(f func()) func() {
	return func() {
		for range 32 {
			f()
		}
	}
}

func leakOps(t *testing.T) []leakOp {
	t.Helper()
	s := newSession(t, rand.Reader, 5, 3, 1)
	c, u := s.checks[0].Promise[0], s.checks[0].Commitment.U
	other := newSecret(t, rand.Reader)
	onKey := func(name string, f func(x *bls.Secret, fresh [32]byte)) leakOp {
		return leakOp{name, func(secret []byte) func() {
			x, fresh := parsed(t, secret), freshBytes(t)
			return func() { f(x, fresh) }
		}}
	}
	return append([]leakOp{
		onKey("Secret.SignSession", func(x *bls.Secret, _ [32]byte) { x.SignSession(s.m) }),
		onKey("Secret.SignDraw", func(x *bls.Secret, _ [32]byte) { x.SignDraw(s.m) }),
		onKey("Secret.ProvePossession, party", func(x *bls.Secret, id [32]byte) { x.ProvePossession(bls.RoleParty, id) }),
		onKey("Secret.ProvePossession, juror", func(x *bls.Secret, id [32]byte) { x.ProvePossession(bls.RoleJuror, id) }),
		onKey("Secret.ProvePossession, secret", func(x *bls.Secret, id [32]byte) { x.ProvePossession(bls.RoleSecret, id) }),
		onKey("Secret.PublicG1", func(x *bls.Secret, _ [32]byte) { x.PublicG1() }),
		onKey("Secret.Public", func(x *bls.Secret, _ [32]byte) { x.Public() }),
		onKey("Secret.OpenShare", func(x *bls.Secret, _ [32]byte) {
			if _, err := x.OpenShare(c, u); err != nil {
				t.Error(err)
			}
		}),
		onKey("Secret.SealKey", func(w *bls.Secret, context [32]byte) { w.SealKey(context[:], s.m) }),
		onKey("Lock, w", func(w *bls.Secret, context [32]byte) { bls.Lock(w, other, context[:], s.m) }),
		onKey("Lock, x", func(x *bls.Secret, context [32]byte) { bls.Lock(other, x, context[:], s.m) }),
		{"Commit", func(secret []byte) func() {
			x, drawn := parsed(t, secret), bytes.Repeat(append(make([]byte, 32), secret...), 3)
			return func() {
				if _, _, err := bls.Commit(bytes.NewReader(drawn), x, 3); err != nil {
					t.Error(err)
				}
			}
		}},
		{"MakePromise", func(secret []byte) func() {
			x, o := parsed(t, secret), parsedOpening(t, secret)
			return func() {
				if _, err := bls.MakePromise(x, o, s.m, s.ys); err != nil {
					t.Error(err)
				}
			}
		}},
	}, leakCodecs(t)...)
}

// leakCodecs are the operations that multiply nothing, but read, write and draw.
func leakCodecs(t *testing.T) []leakOp {
	t.Helper()
	onBytes := func(name string, f func(secret []byte) error) leakOp {
		return leakOp{name, func(secret []byte) func() {
			own := bytes.Clone(secret)
			return quick(func() {
				if err := f(own); err != nil {
					t.Error(err)
				}
			})
		}}
	}
	return []leakOp{
		onBytes("ParseSecret", func(b []byte) error { return second(bls.ParseSecret(b)) }),
		onBytes("DeriveSecret", func(b []byte) error { return second(bls.DeriveSecret(b)) }),
		onBytes("NewSecret", func(b []byte) error {
			var drawn [64]byte
			copy(drawn[32:], b)
			return second(bls.NewSecret(bytes.NewReader(drawn[:])))
		}),
		onBytes("ParseOpening", func(b []byte) error { return second(bls.ParseOpening(openingOf(b))) }),
		{"Secret.Bytes", func(secret []byte) func() {
			x := parsed(t, secret)
			return quick(func() { x.Bytes() })
		}},
		{"Opening.Marshal", func(secret []byte) func() {
			o := parsedOpening(t, secret)
			return quick(func() {
				if _, err := o.Marshal(); err != nil {
					t.Error(err)
				}
			})
		}},
	}
}

func freshBytes(t *testing.T) (b [32]byte) {
	t.Helper()
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return b
}

func parsed(t *testing.T, secret []byte) *bls.Secret {
	t.Helper()
	x, err := bls.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// openingOf is the record of an opening of threshold 3 whose r, a_1 and a_2 are
// the secret.
func openingOf(secret []byte) []byte {
	return append([]byte{1, 0, 3}, bytes.Repeat(secret, 3)...)
}

func parsedOpening(t *testing.T, secret []byte) *bls.Opening {
	t.Helper()
	o, err := bls.ParseOpening(openingOf(secret))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// unmeasured are the exported functions that take or give secrets and are not
// in leakOps, with the reason.
var unmeasured = map[string]string{
	"Secret.Erase":   "writes zeros, reads nothing",
	"Secret.Format":  "writes a fixed text, reads nothing",
	"Opening.Erase":  "writes zeros, reads nothing but how many",
	"Opening.Format": "writes a fixed text, reads nothing",

	"Promiser.MakePromise": "is all of MakePromise, which is measured; what it remembers are public keys",
}

// TestDudectMeasuresAll: each exported function of the package that takes or
// gives a secret is measured, or excused above.
func TestDudectMeasuresAll(t *testing.T) {
	t.Parallel()
	measured := map[string]bool{}
	for _, op := range leakOps(t) {
		name, _, _ := strings.Cut(op.name, ",")
		measured[name] = true
	}
	known := secretFunctions(t)
	if len(known) < 15 {
		t.Errorf("only %d functions of secrets were found: %v", len(known), known)
	}
	for name := range known {
		switch _, excused := unmeasured[name]; {
		case !measured[name] && !excused:
			t.Errorf("%s takes or gives a secret: measure its time in leakOps", name)
		case measured[name] && excused:
			t.Errorf("%s is measured and excused", name)
		}
	}
	for name := range measured {
		if !known[name] {
			t.Errorf("%s is measured, but is no exported function of secrets", name)
		}
	}
	for name := range unmeasured {
		if !known[name] {
			t.Errorf("%s is excused, but is no exported function of secrets", name)
		}
	}
}

// secretFunctions returns the exported functions of the package's source that
// name Secret or Opening as receiver, parameter or result, as f or T.f.
func secretFunctions(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			if of := receiver(f); namesSecret(f.Recv) || namesSecret(f.Type.Params) || namesSecret(f.Type.Results) {
				out[of+f.Name.Name] = true
			}
		}
	}
	return out
}

// receiver returns "T." of a method.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	return of.(*ast.Ident).Name + "."
}

func namesSecret(list *ast.FieldList) (yes bool) {
	if list == nil {
		return false
	}
	for _, field := range list.List {
		ast.Inspect(field.Type, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			yes = yes || ok && (id.Name == "Secret" || id.Name == "Opening")
			return true
		})
	}
	return yes
}

// suspicion measures until |t| of each class is as hoped, tries times at most,
// and returns the last |t|.
func suspicion(t *testing.T, op leakOp, classes []leakClass, hoped func(float64) bool) map[string]float64 {
	t.Helper()
	worst := map[string]float64{}
	for range tries {
		times, good := measure(op, classes), true
		for i, class := range classes {
			x := welch([2][]float64{times[i], times[len(times)-1]})
			worst[class.name], good = x, good && hoped(x)
			if *dudectFor > 0 {
				t.Logf("%s: %d and %d measurements, |t| = %.2f", class.name, len(times[i]), len(times[len(times)-1]), x)
			}
		}
		if good {
			break
		}
	}
	return worst
}

// measure returns times in nanoseconds: of each fixed secret and at the end of
// random ones, in random order.
func measure(op leakOp, fixed []leakClass) [][]float64 {
	const few = 120 // of each
	times := make([][]float64, len(fixed)+1)
	var secrets []byte // of all classes, the random one last, so that all are read alike
	for _, class := range fixed {
		secrets = append(secrets, class.secret...)
	}
	secrets = append(secrets, make([]byte, 32)...)
	secret := make([]byte, 32)
	for start, n := time.Now(), 0; n < few*len(times) || time.Since(start) < *dudectFor; n++ {
		var k fr.Element
		k.MustSetRandom()
		b := k.Bytes()
		copy(secrets[32*len(fixed):], b[:])
		class := mrand.IntN(len(times))
		copy(secret, secrets[32*class:])
		run := op.prepare(secret)
		before := time.Now()
		run()
		times[class] = append(times[class], float64(time.Since(before)))
	}
	return times
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
