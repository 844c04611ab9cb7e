package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/identity"
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../vectors")

// root is the root of 31 zeros and a number.
func root(n byte) *identity.Root {
	r, err := identity.ParseRoot(append(make([]byte, 31), n))
	if err != nil {
		panic(err)
	}
	return r
}

const now sxp.Time = 1_780_000_000_000 // 2026-05-28

// card is a good card of root(1).
func card() identity.Card {
	c := identity.NewCard(root(1), "Ann", now, now.Add(identity.KEMPeriod))
	c.Relays = []string{"https://relay.example/", "http://abcdefghijklmnop.onion/sxp"}
	return c
}

func signCard(t testing.TB, c identity.Card) []byte {
	t.Helper()
	raw, err := identity.SignCard(root(1).Signing(), c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func wantKind(t *testing.T, err error, want sxp.Kind) {
	t.Helper()
	if want == "" && err != nil || want != "" && !errors.Is(err, want) {
		t.Errorf("error %v, want kind %q", err, want)
	}
}

// checkVectors compares the files of a folder with what the test makes, or
// writes them, and runs decode on each: it returns what must be in With.
func checkVectors(t *testing.T, folder string, made []vectors.Vector, decode func(t *testing.T, v vectors.Vector) error) {
	t.Helper()
	if *update {
		writeVectors(t, folder, made)
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All(folder)
	if len(all) != len(made) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(made))
	}
	for _, want := range made {
		v := all[want.Name]
		t.Run(want.Name, func(t *testing.T) {
			a, errA := json.Marshal(want)
			b, errB := json.Marshal(v)
			if errA != nil || errB != nil || !bytes.Equal(a, b) {
				t.Error("the file is not what this test writes: run with -update and read the diff")
			}
			if err := decode(t, v); string(sxp.KindOf(err)) != v.Expect {
				t.Errorf("%s: error %v, want kind %q", v.Why, err, v.Expect)
			} else if err != nil {
				t.Log(err)
			}
		})
	}
}

func writeVectors(t *testing.T, folder string, made []vectors.Vector) {
	t.Helper()
	dir := filepath.Join("..", "vectors", folder)
	old, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range made {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, v.Name+".json"), append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func words(s string) []string { return strings.Fields(s) }
