//go:build cgo

package sxpverify

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"math/big"
	"testing"

	blst "github.com/supranational/blst/bindings/go"
)

// fields cuts the input of a vector of vectors/bls (spec/bls.md, "Vectors").
type fields struct{ b []byte }

var errShort = errors.New("the input is too short")

// take panics with errShort where too little is left.
func (f *fields) take(n int) []byte {
	if n > len(f.b) {
		panic(errShort)
	}
	out := f.b[:n]
	f.b = f.b[n:]
	return out
}

func (f *fields) one() int         { return int(f.take(1)[0]) }
func (f *fields) hash() [32]byte   { return [32]byte(f.take(32)) }
func (f *fields) g1() G1           { return G1(f.take(48)) }
func (f *fields) g2() G2           { return G2(f.take(96)) }
func (f *fields) role() string     { return string(f.take(f.one())) }
func (f *fields) number() *big.Int { return new(big.Int).SetBytes(f.take(32)) }
func (f *fields) secret() *big.Int {
	x := f.number()
	if x.Sign() == 0 || x.Cmp(order) >= 0 {
		panic(errors.New("a secret is between 0 and the order"))
	}
	return x
}

func (f *fields) g2s(n int) (out []G2) {
	for range n {
		out = append(out, f.g2())
	}
	return out
}

func (f *fields) g1s(n int) (out []G1) {
	for range n {
		out = append(out, f.g1())
	}
	return out
}

func (f *fields) commitment(n, t int) (*commitment, error) {
	x := f.g2()
	return openCommitment(x, f.g2s(t-1), f.g1(), n, t)
}

// opening reads p and r.
func (f *fields) opening() (p []*big.Int, r *big.Int) {
	p = append(p, f.secret())
	t := f.one()
	r = f.secret()
	for range t - 1 {
		p = append(p, f.secret())
	}
	return p, r
}

func at(p []*big.Int, j int) *big.Int {
	out := new(big.Int)
	for k := len(p) - 1; k >= 0; k-- {
		out.Add(out.Mul(out, big.NewInt(int64(j))), p[k])
	}
	return out.Mod(out, order)
}

func compress1(p *blst.P1) []byte { return p.ToAffine().Compress() }

func signed(x *big.Int, tag string, message ...[]byte) []byte {
	return compress1(times1(hash(tag, message...), x))
}

func verified(f *fields, tag string) error {
	x, err := f.g2().read()
	if err != nil {
		return err
	}
	m := f.hash()
	return verify(tag, x, f.g1(), m[:])
}

func derive(ikm []byte) ([]byte, error) {
	if len(ikm) < 32 {
		return nil, errors.New("too little key material")
	}
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	for {
		okm := must(hkdf.Expand(sha256.New, must(hkdf.Extract(sha256.New, append(bytes.Clone(ikm), 0), salt[:])), "\x00\x30", 48))
		if x := new(big.Int).Mod(new(big.Int).SetBytes(okm), order); x.Sign() != 0 {
			return x.FillBytes(make([]byte, 32)), nil
		}
		salt = sha256.Sum256(salt[:])
	}
}

func prove(f *fields) ([]byte, error) {
	x, name, id := f.secret(), f.role(), f.take(32)
	y, z := compress1(times1(g1(), x)), times2(g2(), x).ToAffine().Compress()
	if name == "juror" {
		return signed(x, tagJurorPossession, role(name), y, z, id), nil
	}
	return signed(x, tagPossession, role(name), z, id), nil
}

func commit(f *fields) (out []byte, err error) {
	p, r := f.opening()
	for _, a := range p[1:] {
		out = append(out, times2(g2(), a).ToAffine().Compress()...)
	}
	return append(out, compress1(times1(g1(), r))...), nil
}

func makePromise(f *fields) (out []byte, err error) {
	p, r := f.opening()
	h := hash(tagSession, f.take(32))
	for j := 1; len(f.b) > 0; j++ {
		y, err := f.g1().read()
		if err != nil {
			return nil, err
		}
		out = append(out, compress1(times1(h, at(p, j)).Add(times1(y, r).ToAffine()))...)
	}
	return out, nil
}

func openShare(f *fields) ([]byte, error) {
	y := f.secret()
	c, err := f.g1().read()
	if err != nil {
		return nil, err
	}
	u, err := f.g1().read()
	if err != nil {
		return nil, err
	}
	return compress1(times1(c, big.NewInt(1)).Add(times1(u, y.Sub(order, y)).ToAffine())), nil
}

func recoverShares(f *fields) ([]byte, error) {
	t := f.one()
	var seats []int
	var points []G1
	for len(f.b) > 0 {
		seats, points = append(seats, f.one()), append(points, f.g1())
	}
	if len(seats) < t {
		return nil, errors.New("fewer than t shares")
	}
	s, err := recoverSignature(seats[:t], points[:t])
	return s[:], err
}

func checkOnePromise(f *fields) error {
	n, t, m := f.one(), f.one(), f.hash()
	var zs []*blst.P2Affine
	for _, z := range f.g2s(n) {
		p, err := z.read()
		if err != nil {
			return err
		}
		zs = append(zs, p)
	}
	c, err := f.commitment(n, t)
	if err != nil {
		return err
	}
	return c.checkPromise(m, zs, f.g1s(n))
}

func checkOneShare(f *fields) error {
	t, seat, m := f.one(), f.one(), f.hash()
	c := new(commitment)
	var err error
	if c.x, err = f.g2().read(); err != nil {
		return err
	}
	for _, a := range f.g2s(t - 1) {
		p, err := a.read()
		if err != nil {
			return err
		}
		c.a = append(c.a, p)
	}
	return c.checkShare(m, seat, f.g1())
}

// operations are those of vectors/bls.
var operations = map[string]func(f *fields) ([]byte, error){
	"g1":     func(f *fields) ([]byte, error) { _, err := f.g1().read(); return nil, err },
	"g2":     func(f *fields) ([]byte, error) { _, err := f.g2().read(); return nil, err },
	"derive": func(f *fields) ([]byte, error) { return derive(f.b) },
	"public": func(f *fields) ([]byte, error) {
		x := f.secret()
		return append(times2(g2(), x).ToAffine().Compress(), compress1(times1(g1(), x))...), nil
	},
	"sign-session": func(f *fields) ([]byte, error) { return signed(f.secret(), tagSession, f.take(32)), nil },
	"sign-draw":    func(f *fields) ([]byte, error) { return signed(f.secret(), tagDraw, f.take(32)), nil },
	"prove":        prove,
	"session":      func(f *fields) ([]byte, error) { return nil, verified(f, tagSession) },
	"draw":         func(f *fields) ([]byte, error) { return nil, verified(f, tagDraw) },
	"possession":   func(f *fields) ([]byte, error) { return nil, checkPossession(f.role(), f.hash(), f.g2(), f.g1()) },
	"juror":        func(f *fields) ([]byte, error) { return nil, checkJurorKey(f.hash(), f.g1(), f.g2(), f.g1()) },
	"commit":       commit,
	"commitment": func(f *fields) ([]byte, error) {
		n, t := f.one(), f.one()
		_, err := f.commitment(n, t)
		return nil, err
	},
	"make-promise": makePromise,
	"promise":      func(f *fields) ([]byte, error) { return nil, checkOnePromise(f) },
	"open":         openShare,
	"share":        func(f *fields) ([]byte, error) { return nil, checkOneShare(f) },
	"recover":      recoverShares,
	"coefficients": func(f *fields) (out []byte, err error) {
		n, m := f.one(), f.hash()
		for i := range n {
			out = append(out, coefficient(m, i).FillBytes(make([]byte, 16))...)
		}
		return out, nil
	},
	"combine": func(f *fields) ([]byte, error) {
		m := f.hash()
		s, err := aggregate(m, f.g1s(len(f.b)/48))
		return s[:], err
	},
	"aggregate": func(f *fields) ([]byte, error) {
		m, n := f.hash(), f.one()
		return nil, checkAggregate(m, f.g2s(n), f.g1())
	},
	"seed": func(f *fields) ([]byte, error) { s, err := seed(f.g1s(len(f.b) / 48)); return s[:], err },
}

// TestPoints does each operation of vectors/bls.
func TestPoints(t *testing.T) {
	for name, v := range readVectors(t, "bls") {
		do := operations[v.Op]
		if do == nil {
			t.Errorf("%s: nobody does %q", name, v.Op)
			continue
		}
		out, err := attempt(do, v.Input)
		if (err == nil) != (v.Expect == "") {
			t.Errorf("%s: %v, want %q (%s)", name, err, v.Expect, v.Why)
		}
		if v.Expect == "" && v.Output != nil && !bytes.Equal(out, v.Output) && v.Op != "g1" && v.Op != "g2" {
			t.Errorf("%s = %x, want %x", name, out, v.Output)
		}
	}
}

// attempt turns what fields panics with into an error.
func attempt(do func(f *fields) ([]byte, error), input []byte) (out []byte, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	return do(&fields{input})
}
