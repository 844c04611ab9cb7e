package contract_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/vectors"
)

// signed returns a finished contract file of a world.
func signed(t testing.TB, w *world) []byte {
	t.Helper()
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	raw, err := s.parties[0].m.File()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// voided returns a void certificate of a world.
func voided(t testing.TB, w *world) []byte {
	t.Helper()
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(3)}})
	s.run(s.end())
	raw, err := s.parties[0].m.File()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFileSaysWhoSignedWhat(t *testing.T) {
	w := worldOf(t, 2, 3)
	r, err := contract.Verify(signed(t, w))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != contract.ContractFile || !r.Drawn || r.Title != w.p.Terms.Title || r.Text != w.p.Terms.Text || len(r.Parties) != 2 {
		t.Errorf("the report is %+v", r)
	}
	for i, p := range r.Parties {
		if !p.Signed || !p.Accepted || p.ID != w.people[i].id.ID() {
			t.Errorf("party %d: %+v, want signed", i+1, p)
		}
	}
	if s := r.String(); !strings.Contains(s, "Alice") || !strings.Contains(s, "signed") {
		t.Errorf("the report reads\n%s", s)
	}
	v, err := contract.Verify(voided(t, w))
	if err != nil {
		t.Fatal(err)
	}
	if v.Kind != contract.VoidFile || v.Parties[0].Signed || !v.Parties[0].Accepted {
		t.Errorf("the report of a void certificate is %+v", v)
	}
}

// TestFileIsTheSameByJury: the result does not tell whether the jury was used.
func TestFileIsTheSameByJury(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(s.end())
	if s.toJurors == 0 {
		t.Fatal("the jury was not used")
	}
	raw, err := s.parties[0].m.File()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, signed(t, w)) {
		t.Error("the file of a contract that the jury completed differs from that of one without")
	}
}

// TestEveryFlippedBitIsDetected flips one bit of every byte of a file; which
// bit changes from byte to byte.
func TestEveryFlippedBitIsDetected(t *testing.T) {
	w := worldOf(t, 2, 1)
	for name, raw := range map[string][]byte{"contract": signed(t, w), "void": voided(t, w)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := contract.Verify(raw); err != nil {
				t.Fatalf("the file itself: %v", err)
			}
			for i := range raw {
				if underRace && i%16 != 0 {
					continue
				}
				bad := bytes.Clone(raw)
				bad[i] ^= 1 << ((i + i/16) % 8)
				if _, err := contract.Verify(bad); err == nil {
					t.Fatalf("a bit of byte %d is flipped and the file still verifies", i)
				}
			}
		})
	}
}

func TestFilesThatAreNone(t *testing.T) {
	w := worldOf(t, 2, 1)
	raw := signed(t, w)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"empty":                 {nil, sxp.Invalid},
		"something else":        {[]byte("%PDF-1.7\n"), sxp.Invalid},
		"cut off":               {raw[:len(raw)/2], sxp.Invalid},
		"a word added":          {append(bytes.Clone(raw), "and"...), sxp.Invalid},
		"line ends of Windows":  {bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")), sxp.Invalid},
		"a contract named void": {bytes.ReplaceAll(raw, []byte("SXP CONTRACT"), []byte("SXP VOID CERTIFICATE")), sxp.Invalid},
		"too large":             {make([]byte, contract.MaxFile+1), sxp.TooLarge},
	} {
		if _, err := contract.Verify(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

// FuzzVerify: bytes that verify are exactly those that were built.
func FuzzVerify(f *testing.F) {
	all := vectors.All("contract")
	good := []byte(all["file-valid"].Input)
	f.Add(good)
	f.Add([]byte(all["void-valid"].Input))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := contract.Verify(raw); err == nil && r.Kind == contract.ContractFile && !bytes.Equal(raw, good) {
			t.Errorf("another file verifies:\n%s", raw)
		} else {
			reasoned(t, err)
		}
	})
}
