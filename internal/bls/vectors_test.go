package bls_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"sxp"
	"sxp/internal/bls"
)

var update = flag.Bool("update", false, "rewrite vectors/bls")

const vectorDir = "../../vectors/bls"

// A vector is one file of vectors/bls; spec/bls.md says what Input holds for
// each operation.
type vector struct {
	Name   string    `json:"name"`
	Op     string    `json:"op"`
	Input  hexString `json:"input"`
	Output hexString `json:"output,omitempty"` // what the operation returns
	Expect sxp.Kind  `json:"expect"`           // "" = accept
	Why    string    `json:"why"`
}

type hexString []byte

func (h hexString) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }
func (h *hexString) UnmarshalText(b []byte) (err error) {
	*h, err = hex.DecodeString(string(b))
	return err
}

func TestVectors(t *testing.T) {
	t.Parallel()
	if *update {
		writeVectors(t)
	}
	files, err := filepath.Glob(vectorDir + "/*.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files in %s (%v): the vectors are gone", len(files), vectorDir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			out, err := run(v.Op, v.Input)
			if sxp.KindOf(err) != v.Expect {
				t.Errorf("%s: error %v, want kind %q: %s", v.Op, err, v.Expect, v.Why)
			}
			if !bytes.Equal(out, v.Output) {
				t.Errorf("%s = %x, want %x: %s", v.Op, out, v.Output, v.Why)
			}
		})
	}
}

// reader is fixed: vectors never change unless this package does.
func reader(name string) *rand.ChaCha8 {
	return rand.NewChaCha8(sxp.Sum([]byte("sxp vectors " + name)))
}

// input cuts a vector's input into fields.
type input struct{ b []byte }

func (in *input) take(n int) []byte {
	if n > len(in.b) {
		n = len(in.b)
	}
	out := in.b[:n]
	in.b = in.b[n:]
	return out
}

func (in *input) one() int {
	if b := in.take(1); len(b) == 1 {
		return int(b[0])
	}
	return 0
}
func (in *input) hash() (h sxp.Hash) { copy(h[:], in.take(32)); return h }
func (in *input) id() (id sxp.ID)    { copy(id[:], in.take(32)); return id }
func (in *input) g1() (p bls.G1)     { copy(p[:], in.take(bls.G1Size)); return p }
func (in *input) g2() (p bls.G2)     { copy(p[:], in.take(bls.G2Size)); return p }
func (in *input) g1s(n int) (out []bls.G1) {
	for range n {
		out = append(out, in.g1())
	}
	return out
}
func (in *input) g2s(n int) (out []bls.G2) {
	for range n {
		out = append(out, in.g2())
	}
	return out
}
func (in *input) secret() (*bls.Secret, error) { return bls.ParseSecret(in.take(bls.SecretSize)) }
func (in *input) opening(t int) (*bls.Opening, error) {
	return bls.ParseOpening(append([]byte{1, 0, byte(t)}, in.take(t*bls.SecretSize)...))
}

func flat[P bls.G1 | bls.G2](points ...P) (out []byte) {
	for i := range points {
		switch p := any(points[i]).(type) {
		case bls.G1:
			out = append(out, p[:]...)
		case bls.G2:
			out = append(out, p[:]...)
		}
	}
	return out
}

// run executes one operation of spec/bls.md.
func run(op string, b []byte) ([]byte, error) {
	in := &input{bytes.Clone(b)}
	switch op {
	case "g1":
		return nil, in.g1().Check()
	case "g2":
		return nil, in.g2().Check()
	case "session":
		return nil, bls.VerifySession(in.g2(), in.hash(), in.g1())
	case "draw":
		return nil, bls.VerifyDraw(in.g2(), in.hash(), in.g1())
	case "possession":
		role := string(in.take(in.one()))
		return nil, bls.VerifyPossession(role, in.id(), in.g2(), in.g1())
	case "juror":
		return nil, bls.VerifyJurorKey(in.id(), in.g1(), in.g2(), in.g1())
	case "commitment":
		n, t := in.one(), in.one()
		return nil, bls.CheckCommitment(in.g2(), bls.Commitment{A: in.g2s(t - 1), U: in.g1()}, n, t)
	case "promise":
		n, t, m := in.one(), in.one(), in.hash()
		zs := in.g2s(n)
		check := bls.PromiseCheck{X: in.g2(), Commitment: bls.Commitment{A: in.g2s(t - 1), U: in.g1()}, Promise: in.g1s(n)}
		return nil, bls.VerifyPromises(reader("coefficients"), m, zs, []bls.PromiseCheck{check})
	case "share":
		t, seat, m := in.one(), in.one(), in.hash()
		return nil, bls.VerifyShare(m, in.g2(), bls.Commitment{A: in.g2s(t - 1)}, seat, in.g1())
	case "aggregate":
		m, n := in.hash(), in.one()
		return nil, bls.VerifyAggregate(m, in.g2s(n), in.g1())
	}
	return compute(op, in)
}

// compute executes the operations that have an output.
func compute(op string, in *input) ([]byte, error) {
	switch op {
	case "recover":
		t, shares := in.one(), make(map[int]bls.G1)
		for len(in.b) > 0 {
			seat := in.one()
			shares[seat] = in.g1()
		}
		return output(bls.Recover(shares, t))
	case "combine":
		return output(bls.Aggregate(in.hash(), in.g1s(len(in.b)/bls.G1Size)))
	case "seed":
		h, err := bls.SumHash(in.g1s(len(in.b) / bls.G1Size))
		if err != nil {
			return nil, err
		}
		return h[:], nil
	case "coefficients":
		n, m := in.one(), in.hash()
		var out []byte
		for _, c := range bls.Coefficients(m, n) {
			out = append(out, c[:]...)
		}
		return out, nil
	case "derive":
		x, err := bls.DeriveSecret(in.b)
		if err != nil {
			return nil, err
		}
		return x.Bytes(), nil
	}
	return computeSecret(op, in)
}

// computeSecret executes the operations whose input starts with a secret.
func computeSecret(op string, in *input) ([]byte, error) {
	x, err := in.secret()
	if err != nil {
		return nil, err
	}
	switch op {
	case "public":
		return append(flat(x.Public()), flat(x.PublicG1())...), nil
	case "sign-session":
		return flat(x.SignSession(in.hash())), nil
	case "sign-draw":
		return flat(x.SignDraw(in.hash())), nil
	case "prove":
		role := string(in.take(in.one()))
		return flat(x.ProvePossession(role, in.id())), nil
	case "commit":
		o, err := in.opening(in.one())
		if err != nil {
			return nil, err
		}
		c := o.Public()
		return append(flat(c.A...), flat(c.U)...), nil
	case "make-promise":
		o, err := in.opening(in.one())
		if err != nil {
			return nil, err
		}
		p, err := bls.MakePromise(x, o, in.hash(), in.g1s(len(in.b)/bls.G1Size))
		return flat(p...), err
	case "open":
		return output(x.OpenShare(in.g1(), in.g1()))
	}
	return nil, sxp.Errorf("bls_test.run", sxp.Unsupported, nil, "no operation %q", op)
}

func output(p bls.G1, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return p[:], nil
}
