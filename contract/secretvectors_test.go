package contract_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/vectors"
)

// TestSecretVectors reads vectors/secret as any implementation would
// (spec/secret.md, "Vectors").
func TestSecretVectors(t *testing.T) {
	want := secretVectors(t)
	if *update {
		for name, v := range want {
			b := append(must(json.MarshalIndent(v, "", "  ")), '\n')
			if err := os.WriteFile(filepath.Join("../vectors/secret", name+".json"), b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob("../vectors/secret/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d vectors, want %d: %v", len(files), len(want), err)
	}
	for name := range maps.Keys(want) {
		var v vectors.Vector
		if err := json.Unmarshal(must(os.ReadFile(filepath.Join("../vectors/secret", name+".json"))), &v); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(must(json.Marshal(v)), must(json.Marshal(want[name]))) {
			t.Errorf("%s is not what is written now: run with -update", name)
		}
		if err := readSecretVector(v); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
}

// readSecretVector checks a lock (48 bytes) or a proof file.
func readSecretVector(v vectors.Vector) error {
	if strings.HasPrefix(v.Name, "proof-") {
		r, err := contract.OpenSecretProof(v.Input)
		if err != nil {
			return err
		}
		return same(v.With["secret"]+v.With["wrong"], hex.EncodeToString(r.Text)+r.Wrong)
	}
	field := func(name string, out []byte) { copy(out, must(hex.DecodeString(v.With[name]))) }
	var w, x bls.G2
	var m, salt sxp.Hash
	var sigma bls.G1
	field("w", w[:])
	field("x", x[:])
	field("m", m[:])
	field("salt", salt[:])
	field("sigma", sigma[:])
	context := must(hex.DecodeString(v.With["context"]))
	if err := bls.VerifyLock(w, x, context, m, bls.G1(v.Input)); err != nil {
		return err
	}
	key, err := bls.OpenLock(w, context, bls.G1(v.Input), sigma, salt)
	if err != nil {
		return err
	}
	return same(v.With["key"], hex.EncodeToString(key[:]))
}

func secretVectors(t *testing.T) map[string]vectors.Vector {
	out := map[string]vectors.Vector{}
	add := func(name, why, expect string, input []byte, with map[string]string) {
		out[name] = vectors.Vector{Name: name, Why: why, Input: bytes.Clone(input), Expect: expect, With: with}
	}
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	buyer, raw := s.parties[1].m, lockOf(t, s)
	var l contract.Lock
	must(envelope.Open(raw, contract.TypeLock, &l))
	sealed, sigma := w.p.Terms.Transfers[0].Secret, w.people[0].secret.SignSession(l.M)
	context := append(w.p.Nonce[:], 0, 0, 0, 0)
	key := must(bls.OpenLock(sealed.Key, context, l.Lock, sigma, l.Salt))
	with := func(name, value string) map[string]string {
		all := map[string]string{
			"w": sealed.Key.String(), "x": w.p.Cards[0].ContractKey.String(), "m": l.M.String(), "context": hex.EncodeToString(context),
			"salt": l.Salt.String(), "sigma": sigma.String(), "key": hex.EncodeToString(key[:]),
		}
		if name != "" {
			all[name] = value
		}
		return all
	}
	add("lock-valid", "e(c, g2) = e(Q, W)·e(H(m), X); the key is HKDF of c − σ", "", l.Lock[:], with("", ""))
	add("lock-of-another-session", "m is in the equation", "invalid", l.Lock[:], with("m", sxp.Hash{1}.String()))
	add("lock-of-another-transfer", "the index is in the context", "invalid", l.Lock[:], with("context", hex.EncodeToString(append(w.p.Nonce[:], 0, 0, 0, 1))))
	add("lock-is-a-signature", "without D it opens nothing", "invalid", sigma[:], with("", ""))
	add("lock-opened-by-a-stranger", "only σ of the giver opens it", "invalid", l.Lock[:], with("sigma", w.people[1].secret.SignSession(l.M).String()))

	proof := must(buyer.SecretProof(0))
	add("proof-valid", "the secret was given as declared", "", proof, map[string]string{"secret": hex.EncodeToString([]byte(secretOf(0)))})
	add("proof-signature-of-the-taker", "the signature is the giver's", "invalid", replaceIn(proof, sigma[:], w.people[1].secret.SignSession(l.M)), nil)
	add("proof-lock-by-the-taker", "the lock is signed by the giver", "invalid", replaceIn(proof, raw, must(envelope.Sign(w.people[1].id, contract.TypeLock, &l))), nil)
	l.Salt[0] ^= 1
	add("proof-other-salt", "the proposal commits to the salt: nobody promises for another", "invalid", replaceIn(proof, raw, must(envelope.Sign(w.people[0].id, contract.TypeLock, &l))), nil)
	l.Salt[0] ^= 1
	l.Lock = sigma
	_, bought := garbage(t)
	add("proof-of-garbage", "a giver that sealed what does not open is convicted", "", must(bought.parties[1].m.SecretProof(0)), map[string]string{"wrong": "what was sealed does not open"})
	add("proof-wrong-lock", "whoever promises before the lock verifies has nothing to show", "invalid", replaceIn(proof, raw, must(envelope.Sign(w.people[0].id, contract.TypeLock, &l))), nil)
	return out
}

// garbage is a signing, over, in which Alice sold what does not open.
func garbage(t testing.TB) (*world, *sim) {
	w, key := worldOf(t, 2, 3), must(contract.NewSecretKey(seeded("garbage")))
	w.secrets = map[int][]byte{0: key.Marshal()}
	w.p = w.propose(3, func(p *contract.Proposal) {
		x := must(key.Seal(p.Nonce, 0, w.people[0].id.ID(), []byte(secretOf(0)), false))
		x.Sealed = bytes.Repeat([]byte{7}, len(x.Sealed))
		p.Terms.Transfers[0].Secret = x
	})
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	return w, s
}

// replaceIn replaces a byte string of a proof file by another of any length.
func replaceIn[T ~[]byte | bls.G1](proof, old []byte, by T) []byte {
	fields := map[string]any{}
	if err := envelope.Unmarshal(proof, &fields); err != nil {
		panic(err)
	}
	for k, v := range fields {
		if b, ok := v.([]byte); ok && bytes.Equal(b, old) {
			switch by := any(by).(type) {
			case bls.G1:
				fields[k] = by[:]
			default:
				fields[k] = by
			}
		}
	}
	return must(envelope.Marshal(fields))
}

// FuzzSecretProof: a file about a secret neither panics nor convicts anybody
// but who sealed wrongly.
func FuzzSecretProof(f *testing.F) {
	for _, v := range vectors.All("secret") {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := contract.OpenSecretProof(raw)
		if err != nil {
			return
		}
		if (r.Wrong == "") != (r.Fault == nil) || r.Wrong == "" && (len(r.Text) == 0 || len(r.Text) > contract.MaxSecret) {
			t.Errorf("a report that contradicts itself: %q, %v, %d bytes", r.Wrong, r.Fault, len(r.Text))
		}
	})
}

// FuzzSealed: what a corrupt seller seals opens to a secret of some size or to
// a reason, and costs no more than its size.
func FuzzSealed(f *testing.F) {
	w := secretWorld(f, 1, 0)
	f.Add([]byte(w.p.Terms.Transfers[0].Secret.Sealed))
	f.Add(bytes.Repeat([]byte{0}, 80))
	key := must(contract.NewSecretKey(seeded("fuzz")))
	f.Fuzz(func(t *testing.T, plain []byte) {
		s, err := key.SealRawForTest(w.p.Nonce, 0, w.people[0].id.ID(), plain)
		if err != nil {
			return
		}
		text, why := s.OpenForTest(key, w.p.Nonce, 0)
		if (len(text) == 0) == (why == "") {
			t.Errorf("%d bytes open to %d and %q", len(plain), len(text), why)
		}
	})
}
