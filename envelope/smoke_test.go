package envelope

import (
	"crypto/ed25519"
	"testing"

	"sxp"
)

type testKey struct{ k ed25519.PrivateKey }

func (t testKey) ID() sxp.ID                    { return sxp.ID(t.k.Public().(ed25519.PublicKey)) }
func (t testKey) Sign(m []byte) ([]byte, error) { return ed25519.Sign(t.k, m), nil }

func key(n byte) testKey { return testKey{ed25519.NewKeyFromSeed(append(make([]byte, 31), n))} }

type thing struct {
	Name string            `json:"name"`
	IDs  []sxp.ID          `json:"ids"`
	M    map[string]string `json:"m,omitempty"`
	N    int64             `json:"n"`
}

func TestSmoke(t *testing.T) {
	in := thing{Name: "x", IDs: []sxp.ID{{1}, {2}}, M: map[string]string{"bb": "1", "a": "2"}, N: -5}
	raw, err := Sign(key(1), "sxp.thing/1", in)
	if err != nil {
		t.Fatal(err)
	}
	var out thing
	id, err := Open(raw, "sxp.thing/1", &out)
	if err != nil || id != key(1).ID() || out.N != -5 {
		t.Fatal(err, out)
	}
	d := Digest(raw)
	over := OverMessage
	for i := range 6 {
		if raw, err = Countersign(key(byte(10+i)), raw, over, map[string]string{"a": "b", "longer": "c"}); err != nil {
			t.Fatal(err)
		}
		over = i - 1 - i%2
		if Digest(raw) != d {
			t.Fatal("digest moved")
		}
	}
	m, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", m.Countersignatures)
	k1, k2 := NewKEMSecret([32]byte{1}), NewKEMSecret([32]byte{2})
	s, err := Seal([]KEMPublic{k1.Public(), k2.Public()}, "x", raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Unseal(func(h sxp.Hash) (*KEMSecret, bool) { return k2, h == k2.KeyID() }, "x", s)
	if err != nil || string(p) != string(raw) {
		t.Fatal(err)
	}
}

func BenchmarkParse(b *testing.B) {
	raw, _ := Sign(key(1), "sxp.thing/1", thing{Name: string(make([]byte, 700))})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}
