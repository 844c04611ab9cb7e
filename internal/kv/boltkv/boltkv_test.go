package boltkv_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sxp"
	"sxp/internal/kv"
	"sxp/internal/kv/boltkv"
	"sxp/internal/kv/kvtest"
)

func open(t *testing.T, path string) *boltkv.Store {
	t.Helper()
	s, err := boltkv.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Store { return open(t, filepath.Join(t.TempDir(), "s.db")) })
}

func TestReopenKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	s.Update(func(tx kv.Tx) error { return tx.Put("a", []byte("1")) })
	s.Close()
	s = open(t, path)
	defer s.Close()
	s.View(func(tx kv.Tx) error {
		if v := string(tx.Get("a")); v != "1" {
			t.Errorf("after reopening a = %q", v)
		}
		return nil
	})
}

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	defer s.Close()
	if _, err := boltkv.Open(path); !errors.Is(err, sxp.Busy) {
		t.Errorf("second Open: %v, want %v", err, sxp.Busy)
	}
}

func TestForeignFileIsRefusedAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	os.WriteFile(path, make([]byte, 64<<10), 0o600)
	if _, err := boltkv.Open(path); !errors.Is(err, sxp.Invalid) {
		t.Errorf("Open of a foreign file: %v, want %v", err, sxp.Invalid)
	}
	if fi, err := os.Stat(path); err != nil || fi.Size() != 64<<10 {
		t.Errorf("the foreign file was changed: %v %v", fi, err)
	}
}
