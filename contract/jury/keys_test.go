package jury_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/identity"
)

// TestKeyRingOnDisk: a juror that comes back has the keys of its entry, and
// prints none of them.
func TestKeyRingOnDisk(t *testing.T) {
	id := must(identity.NewSigningKey(seeded("juror")))
	k := must(jury.NewKeyRing(id, seeded("share key")))
	e := k.Entry()
	if err := contract.NewAlgebra(seeded("algebra")).JurorKey(id.ID(), e.Y, e.Z, e.Proof); err != nil || e.ID != id.ID() {
		t.Errorf("the entry of %s: error %v", e.ID.Short(), err)
	}
	back := must(jury.ParseKeyRing(id, k.Bytes()))
	if again := back.Entry(); again.Y != e.Y || again.Z != e.Z {
		t.Error("the keys that came back are others")
	}
	if _, err := jury.ParseKeyRing(id, k.Bytes()[1:]); !errors.Is(err, sxp.Invalid) {
		t.Errorf("31 bytes: %v, want invalid", err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", k, *k, *k, k); strings.Count(text, "hidden") != 4 || strings.Contains(text, "[") {
		t.Errorf("a key ring prints as %s", text)
	}
}

// FuzzKeyRing: what is read as a share key is written the same.
func FuzzKeyRing(f *testing.F) {
	id := must(identity.NewSigningKey(seeded("juror")))
	for _, b := range [][]byte{must(jury.NewKeyRing(id, seeded("share key"))).Bytes(), make([]byte, 32), {1}, bytes.Repeat([]byte{255}, 32)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := jury.ParseKeyRing(id, b)
		if err != nil {
			if !errors.Is(err, sxp.Invalid) {
				t.Errorf("%d bytes: %v, want invalid", len(b), err)
			}
			return
		}
		if !bytes.Equal(k.Bytes(), b) {
			t.Errorf("%x is read as another key", b)
		}
	})
}
