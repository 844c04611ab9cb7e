package home_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sxp"
	"sxp/cmd/sxp/internal/home"
	"sxp/identity"
	"sxp/internal/kv"
)

func newRoot(t *testing.T) *identity.Root {
	t.Helper()
	root, err := identity.NewRoot(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func put(h *home.Home) error {
	return h.Store.Update(func(tx kv.Tx) error { return tx.Put("k", []byte("v")) })
}

func never() ([]byte, error) { return nil, errors.New("asked for a passphrase") }

func answer(p string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(p), nil }
}

// made makes a home and returns its folder and root.
func made(t *testing.T, passphrase []byte) (string, *identity.Root) {
	t.Helper()
	dir, root := filepath.Join(t.TempDir(), "home"), newRoot(t)
	if err := home.Create(dir, root, passphrase, put); err != nil {
		t.Fatal(err)
	}
	return dir, root
}

func TestHomeIsTheSameWhenOpened(t *testing.T) {
	t.Parallel()
	for name, passphrase := range map[string][]byte{"with a passphrase": []byte("pass"), "without": nil} {
		t.Run(name, func(t *testing.T) {
			dir, root := made(t, passphrase)
			ask := never
			if passphrase != nil {
				ask = answer("pass")
			}
			h, err := home.Open(dir, ask)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()
			if !bytes.Equal(h.Root.Bytes(), root.Bytes()) {
				t.Error("the root is another")
			}
			h.Store.View(func(tx kv.Tx) error {
				if string(tx.Get("k")) != "v" {
					t.Error("the store is another")
				}
				return nil
			})
		})
	}
}

func TestHomeIsPrivate(t *testing.T) {
	t.Parallel()
	dir, root := made(t, nil)
	filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, root.Bytes()) {
			t.Errorf("%s holds the root in the clear", path)
		}
		return nil
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir, _ := made(t, []byte("pass"))
	edit := func(name, text string) string {
		d, _ := made(t, nil)
		if err := os.WriteFile(filepath.Join(d, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for name, tt := range map[string]struct {
		dir  string
		ask  func() ([]byte, error)
		want sxp.Kind
	}{
		"a wrong passphrase":         {dir, answer("word"), sxp.Denied},
		"no passphrase to be had":    {dir, never, sxp.Internal},
		"no home":                    {t.TempDir(), never, sxp.NotFound},
		"a layout of the future":     {edit("home.json", `{"version":2,"passphrase":false}`), never, sxp.Unsupported},
		"an unknown field":           {edit("home.json", `{"version":1,"pass":false}`), never, sxp.Invalid},
		"a key file of another kind": {edit("root.key", "key"), never, sxp.Invalid},
		"a store of another kind":    {edit("agent.db", "a text that is longer than a page? no"), never, sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := home.Open(tt.dir, tt.ask)
			if !errors.Is(err, tt.want) && sxp.KindOf(err) != tt.want {
				t.Errorf("Open: error %v, want %v", err, tt.want)
			}
			if err == nil {
				h.Close()
			}
		})
	}
	h, err := home.Open(dir, answer("pass")) // what failed before left no lock
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir, _ := made(t, nil)
	first, err := home.Open(dir, never)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := home.Open(dir, never); !errors.Is(err, sxp.Busy) {
		t.Errorf("second Open: %v, want %v", err, sxp.Busy)
	}
	first.Close()
	second, err := home.Open(dir, never)
	if err != nil {
		t.Fatalf("Open after Close: %v", err)
	}
	second.Close()
}

func TestCreateIsAllOrNothing(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "home")
	no := errors.New("no")
	if err := home.Create(dir, newRoot(t), nil, func(*home.Home) error { return no }); !errors.Is(err, no) {
		t.Errorf("Create: %v, want %v", err, no)
	}
	if left, _ := os.ReadDir(parent); len(left) != 0 {
		t.Errorf("a failed Create left %v", left)
	}
}

func TestCreateNeverTouchesWhatIsThere(t *testing.T) {
	t.Parallel()
	dir, root := made(t, nil)
	if err := home.Create(dir, newRoot(t), nil, put); !errors.Is(err, sxp.Conflict) {
		t.Errorf("Create over a home: %v, want %v", err, sxp.Conflict)
	}
	h, err := home.Open(dir, never)
	if err != nil || !bytes.Equal(h.Root.Bytes(), root.Bytes()) {
		t.Fatalf("the first home changed: %v", err)
	}
	h.Close()
	other := t.TempDir()
	os.WriteFile(filepath.Join(other, "letter"), []byte("dear"), 0o600)
	if err := home.Create(other, newRoot(t), nil, put); !errors.Is(err, sxp.Conflict) {
		t.Errorf("Create in a folder with files: %v, want %v", err, sxp.Conflict)
	}
	empty := t.TempDir()
	if err := home.Create(empty, newRoot(t), nil, put); err != nil {
		t.Errorf("Create in an empty folder: %v", err)
	}
}
