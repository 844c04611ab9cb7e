// Package kvtest holds the conformance test of kv.Store.
package kvtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sxp"
	"sxp/internal/kv"
)

// Run checks that the empty stores which open returns keep the contract.
func Run(t *testing.T, open func(*testing.T) kv.Store) {
	for name, test := range map[string]func(*testing.T, kv.Store){
		"what was put is got":               putGet,
		"a failed update changes nothing":   failedUpdate,
		"scan is in order and by prefix":    scan,
		"no slice is shared":                noSharedSlice,
		"beyond the limits is refused":      limits,
		"a view changes nothing":            viewOnly,
		"a panic of f changes nothing":      panics,
		"the largest entry fits":            largest,
		"concurrent updates lose no change": concurrent,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test(t, s)
		})
	}
}

func get(t *testing.T, s kv.Store, key string) (v []byte) {
	t.Helper()
	if err := s.View(func(tx kv.Tx) error { v = tx.Get(key); return nil }); err != nil {
		t.Fatalf("View: %v", err)
	}
	return v
}

func put(t *testing.T, s kv.Store, key, value string) {
	t.Helper()
	if err := s.Update(func(tx kv.Tx) error { return tx.Put(key, []byte(value)) }); err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

func putGet(t *testing.T, s kv.Store) {
	put(t, s, "a", "1")
	put(t, s, "a", "2")
	put(t, s, "empty", "")
	if got := string(get(t, s, "a")); got != "2" {
		t.Errorf("Get(a) = %q, want 2", got)
	}
	if got := get(t, s, "empty"); got == nil || len(got) != 0 {
		t.Errorf("Get(empty) = %v, want an empty value, not none", got)
	}
	if got := get(t, s, "b"); got != nil {
		t.Errorf("Get of a missing key = %q, want nil", got)
	}
	err := s.Update(func(tx kv.Tx) error {
		if err := tx.Delete("a"); err != nil {
			return err
		}
		if v := tx.Get("a"); v != nil {
			t.Errorf("Get after Delete in one transaction = %q", v)
		}
		return tx.Delete("never there")
	})
	if err != nil || get(t, s, "a") != nil {
		t.Errorf("Delete: %v, left %q", err, get(t, s, "a"))
	}
}

func failedUpdate(t *testing.T, s kv.Store) {
	put(t, s, "a", "1")
	want := errors.New("no")
	err := s.Update(func(tx kv.Tx) error {
		tx.Put("a", []byte("2"))
		tx.Put("b", []byte("2"))
		return want
	})
	if err != want {
		t.Errorf("Update returned %v, want f's own error", err)
	}
	if a, b := string(get(t, s, "a")), get(t, s, "b"); a != "1" || b != nil {
		t.Errorf("after a failed update a = %q, b = %q", a, b)
	}
}

func scan(t *testing.T, s kv.Store) {
	for _, k := range []string{"p/2", "p/1", "q", "p", "p/10"} {
		put(t, s, k, "v"+k)
	}
	var got []string
	err := s.Update(func(tx kv.Tx) error {
		tx.Put("p/3", []byte("vp/3"))
		tx.Delete("p/2")
		return tx.Scan("p/", func(k string, v []byte) error {
			if string(v) != "v"+k {
				t.Errorf("value of %q = %q", k, v)
			}
			got = append(got, k)
			return nil
		})
	})
	if err != nil || strings.Join(got, " ") != "p/1 p/10 p/3" {
		t.Errorf("Scan = %v, %v", got, err)
	}
	stop := errors.New("stop")
	n := 0
	err = s.View(func(tx kv.Tx) error {
		return tx.Scan("", func(string, []byte) error { n++; return stop })
	})
	if err != stop || n != 1 {
		t.Errorf("Scan went on after an error: %d calls, %v", n, err)
	}
}

func noSharedSlice(t *testing.T, s kv.Store) {
	mine := []byte("x")
	s.Update(func(tx kv.Tx) error { return tx.Put("a", mine) })
	mine[0] = 'y'
	got := get(t, s, "a")
	got[0] = 'z'
	if v := string(get(t, s, "a")); v != "x" {
		t.Errorf("value became %q: the store shared a slice", v)
	}
}

func limits(t *testing.T, s kv.Store) {
	err := s.Update(func(tx kv.Tx) error { return tx.Put(strings.Repeat("k", kv.MaxKey+1), nil) })
	if !errors.Is(err, sxp.TooLarge) {
		t.Errorf("long key: %v, want %v", err, sxp.TooLarge)
	}
	err = s.Update(func(tx kv.Tx) error { return tx.Put("k", make([]byte, kv.MaxValue+1)) })
	if !errors.Is(err, sxp.TooLarge) {
		t.Errorf("large value: %v, want %v", err, sxp.TooLarge)
	}
}

func viewOnly(t *testing.T, s kv.Store) {
	err := s.View(func(tx kv.Tx) error { return tx.Put("a", []byte("1")) })
	if err == nil || get(t, s, "a") != nil {
		t.Errorf("Put inside View: %v, left %q", err, get(t, s, "a"))
	}
}

func panics(t *testing.T, s kv.Store) {
	put(t, s, "a", "1")
	func() {
		defer func() {
			if p := recover(); p != "mine" {
				t.Errorf("the panic of f became %v", p)
			}
		}()
		s.Update(func(tx kv.Tx) error {
			tx.Put("a", []byte("2"))
			panic("mine")
		})
	}()
	if a := string(get(t, s, "a")); a != "1" {
		t.Errorf("after a panic a = %q", a)
	}
	put(t, s, "a", "3") // the store is not locked
}

func largest(t *testing.T, s kv.Store) {
	key := strings.Repeat("k", kv.MaxKey)
	put(t, s, key, strings.Repeat("v", kv.MaxValue))
	if n := len(get(t, s, key)); n != kv.MaxValue {
		t.Errorf("the largest value came back with %d bytes, want %d", n, kv.MaxValue)
	}
	if err := s.Update(func(tx kv.Tx) error { return tx.Put("", nil) }); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("empty key: %v, want %v", err, sxp.TooLarge)
	}
}

func concurrent(t *testing.T, s kv.Store) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				s.Update(func(tx kv.Tx) error {
					return tx.Put(fmt.Sprintf("%d/%d", i, j), append(tx.Get("n"), '.'))
				})
				s.Update(func(tx kv.Tx) error { return tx.Put("n", append(tx.Get("n"), '.')) })
			}
		})
	}
	wg.Wait()
	if n := len(get(t, s, "n")); n != 80 {
		t.Errorf("80 updates counted %d", n)
	}
}
