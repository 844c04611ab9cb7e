package filekeys_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/agent/filekeys"
	"sxp/agent/filekeys/oncetest"
)

func open(t *testing.T, dir string) *filekeys.Keys {
	t.Helper()
	k, err := filekeys.Open(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestConformance(t *testing.T) {
	oncetest.Run(t, func(t *testing.T) oncetest.Once { return open(t, t.TempDir()) })
}

// only returns the path of the one file in dir.
func only(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v, want 1", len(files), err)
	}
	return filepath.Join(dir, files[0].Name())
}

func TestKeySurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	want, _ := open(t, dir).Make("a")
	if got, ok, err := open(t, dir).Get("a"); got != want || !ok || err != nil {
		t.Errorf("Get: same %v, there %v, error %v", got == want, ok, err)
	}
	if info, _ := os.Stat(only(t, dir)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

// A second name for the same file shows what Destroy leaves on the disk.
func TestDestroyOverwritesInPlace(t *testing.T) {
	dir := t.TempDir()
	k := open(t, dir)
	k.Make("a")
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.Link(only(t, dir), kept); err != nil {
		t.Skip(err)
	}
	if err := k.Destroy("a"); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(kept); err != nil || !bytes.Equal(b, make([]byte, filekeys.Size)) {
		t.Errorf("the file held %x, %v, want zeros", b, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files left", len(files))
	}
}

func TestHalfWrittenKeyIsNoKey(t *testing.T) {
	for name, left := range map[string][]byte{
		"empty":              {},
		"half written":       make([]byte, 5),
		"zeroed, not linked": make([]byte, filekeys.Size),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			k := open(t, dir)
			k.Make("a")
			os.WriteFile(only(t, dir), left, 0o600)
			if _, ok, err := k.Get("a"); ok || err != nil {
				t.Errorf("Get: there %v, error %v", ok, err)
			}
			if _, err := k.Make("a"); err != nil {
				t.Errorf("Make over it: %v", err)
			}
			if _, ok, _ := k.Get("a"); !ok {
				t.Error("the key made over it is not there")
			}
		})
	}
}

func TestErrorsHaveKinds(t *testing.T) {
	k := open(t, t.TempDir())
	for _, name := range []string{"", strings.Repeat("x", filekeys.MaxName+1)} {
		if _, err := k.Make(name); !errors.Is(err, sxp.TooLarge) {
			t.Errorf("Make of a name of %d bytes: %v, want %v", len(name), err, sxp.TooLarge)
		}
	}
	dry, _ := filekeys.Open(t.TempDir(), strings.NewReader("short"))
	if _, err := dry.Make("a"); !errors.Is(err, sxp.Internal) {
		t.Errorf("Make without randomness: %v, want %v", err, sxp.Internal)
	}
	if _, ok, _ := dry.Get("a"); ok {
		t.Error("a key without randomness is there")
	}
	if _, err := filekeys.Open(filepath.Join(os.DevNull, "x"), rand.Reader); err == nil {
		t.Error("Open of a folder inside a file succeeded")
	}
}
