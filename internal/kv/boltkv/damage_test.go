package boltkv_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sxp"
	"sxp/internal/kv"
	"sxp/internal/kv/boltkv"
)

// childDir is set for the process that TestFullDisk and TestKill start.
const childDir = "SXP_TEST_KV_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childDir); path != "" {
		fmt.Println(fill(path))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fill writes for ever, and prints each key that was acknowledged. Where the
// disk is full it prints the kind of error, goes on with half as much, and ends.
func fill(path string) error {
	limit := uint64(4 << 20)
	if os.Getenv("SXP_TEST_KV_FULL") == "" {
		limit = 1 << 40
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	s, err := boltkv.Open(path)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		key := fmt.Sprintf("k%06d", i)
		err := s.Update(func(tx kv.Tx) error { return tx.Put(key, bytes.Repeat([]byte(key), 8000)) })
		if err == nil {
			fmt.Println(key)
			continue
		}
		fmt.Println("error", sxp.KindOf(err))
		// What is there can be read, and room can be made.
		if err := s.View(func(tx kv.Tx) error {
			if tx.Get("k000000") == nil {
				return errors.New("k000000 is lost")
			}
			return nil
		}); err != nil {
			return err
		}
		if err := s.Update(func(tx kv.Tx) error { return tx.Delete("k000000") }); err != nil {
			return fmt.Errorf("a deletion: %w", err)
		}
		if err := s.Update(func(tx kv.Tx) error { return tx.Put("again", []byte("yes")) }); err != nil {
			return fmt.Errorf("a change when there is room again: %w", err)
		}
		return s.Close()
	}
}

// child runs fill, kills it after so many keys (0: not at all), and returns the
// lines that it printed.
func child(t *testing.T, path, full string, kill int) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+path, "SXP_TEST_KV_FULL="+full)
	cmd.Stderr = os.Stderr
	var out bytes.Buffer
	cmd.Stdout = writer(func(b []byte) (int, error) {
		out.Write(b)
		if kill > 0 && bytes.Count(out.Bytes(), []byte("\n")) >= kill {
			_ = cmd.Process.Kill()
		}
		return len(b), nil
	})
	if err := cmd.Run(); err != nil && kill == 0 {
		t.Fatal(err)
	}
	return strings.Fields(strings.ReplaceAll(out.String(), "error ", "error:"))
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	lines := child(t, path, "yes", 0)
	if n := len(lines); n < 3 || lines[n-2] != "error:full" || lines[n-1] != "<nil>" {
		t.Fatalf("the child ended with %q, want the kind full and no error after it", lines[max(0, n-3):])
	}
	s := open(t, path)
	defer s.Close()
	keys := append(lines[1:len(lines)-2], "again")
	if err := s.View(func(tx kv.Tx) error {
		for _, key := range keys {
			if tx.Get(key) == nil {
				t.Errorf("%s was acknowledged and is lost", key)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	for _, n := range []int{1, 20, 60} {
		lines := child(t, path, "", n)
		s := open(t, path)
		if err := s.View(func(tx kv.Tx) error {
			for _, key := range lines {
				if len(key) == len("k000000") && tx.Get(key) == nil {
					t.Errorf("%s was acknowledged and is lost", key)
				}
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		s.Close()
	}
}

// TestDamage turns bytes of a store, and cuts it: what is met is an error,
// never a crash.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	s := open(t, path)
	if err := s.Update(func(tx kv.Tx) error {
		for i := range 300 {
			if err := tx.Put(fmt.Sprint("k", i), make([]byte, 700)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	use(t, path, good[:len(good)/4])
	for i := range 40 {
		bad, r := bytes.Clone(good), rand.New(rand.NewPCG(1, uint64(i)))
		for range 1 + 4*i {
			bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
		}
		use(t, path, bad)
	}
}

// use opens a store, reads all and writes something.
func use(t *testing.T, path string, content []byte) {
	t.Helper()
	defer os.Remove(path)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := boltkv.Open(path)
	if err == nil {
		err = s.View(func(tx kv.Tx) error { return tx.Scan("", func(string, []byte) error { return nil }) })
		err = errors.Join(err, s.Update(func(tx kv.Tx) error { return tx.Put("k", nil) }))
		s.Close()
	}
	if kind := sxp.KindOf(err); kind != "" && kind != sxp.Invalid {
		t.Errorf("a damaged store gives %v, want kind %q", err, sxp.Invalid)
	}
	if err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("a damaged store stays locked: %v", err)
	}
}

func TestClosedStoreFails(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	s.Close()
	if err := s.Update(func(tx kv.Tx) error { return tx.Put("a", nil) }); !errors.Is(err, sxp.Unavailable) {
		t.Errorf("Update after Close: %v, want %v", err, sxp.Unavailable)
	}
	if err := s.View(func(tx kv.Tx) error { return nil }); !errors.Is(err, sxp.Unavailable) {
		t.Errorf("View after Close: %v, want %v", err, sxp.Unavailable)
	}
}

func TestFileIsItsOwnersOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	open(t, path).Close()
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the file has %v, %v; want mode 0600", fi.Mode(), err)
	}
}
