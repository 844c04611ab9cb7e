// Package oncetest holds the conformance test of agent.Once.
package oncetest

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"sxp"
)

// Once is agent.Once, repeated so that this package does not pull in an agent.
type Once interface {
	Make(name string) ([32]byte, error)
	Get(name string) ([32]byte, bool, error)
	Destroy(name string) error
}

// Run checks that the empty stores of one-time keys which open returns keep
// the contract of agent.Once.
func Run(t *testing.T, open func(*testing.T) Once) {
	for name, test := range map[string]func(*testing.T, Once){
		"what was made is got":               made,
		"a key is never replaced":            replaced,
		"a destroyed key is gone":            destroyed,
		"a missing key is no error":          missing,
		"names do not mix":                   names,
		"concurrent makers get one key":      concurrent,
		"a name may be made again once gone": again,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func made(t *testing.T, o Once) {
	want, err := o.Make("a")
	if err != nil || want == [32]byte{} {
		t.Fatalf("Make: zero %v, error %v", want == [32]byte{}, err)
	}
	if got, ok, err := o.Get("a"); got != want || !ok || err != nil {
		t.Errorf("Get: same %v, there %v, error %v", got == want, ok, err)
	}
}

func replaced(t *testing.T, o Once) {
	want, _ := o.Make("a")
	if _, err := o.Make("a"); !errors.Is(err, sxp.Conflict) {
		t.Errorf("second Make: error %v, want %v", err, sxp.Conflict)
	}
	if got, ok, err := o.Get("a"); got != want || !ok || err != nil {
		t.Errorf("Get after a refused Make: same %v, there %v, error %v", got == want, ok, err)
	}
}

func destroyed(t *testing.T, o Once) {
	o.Make("a")
	for range 2 { // a repeat is no error
		if err := o.Destroy("a"); err != nil {
			t.Fatalf("Destroy: %v", err)
		}
	}
	if key, ok, err := o.Get("a"); ok || err != nil || key != [32]byte{} {
		t.Errorf("Get after Destroy: there %v, zero %v, error %v", ok, key == [32]byte{}, err)
	}
}

func missing(t *testing.T, o Once) {
	if _, ok, err := o.Get("never"); ok || err != nil {
		t.Errorf("Get: there %v, error %v", ok, err)
	}
	if err := o.Destroy("never"); err != nil {
		t.Errorf("Destroy: %v", err)
	}
}

func names(t *testing.T, o Once) {
	long := strings.Repeat("x", 100)
	all := []string{"a", "A", "a/b", "a.b", "../a", "a b", "ä", long, long + "1", "."}
	seen := map[[32]byte]string{}
	for _, n := range all {
		key, err := o.Make(n)
		if err != nil {
			t.Fatalf("Make(%q): %v", n, err)
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have one key", n, other)
		}
		seen[key] = n
	}
	o.Destroy("a/b")
	for _, n := range all {
		if _, ok, _ := o.Get(n); ok != (n != "a/b") {
			t.Errorf("after Destroy(a/b): %q there %v", n, ok)
		}
	}
}

func concurrent(t *testing.T, o Once) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		wg.Go(func() {
			if _, err := o.Make("a"); err == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d makers of one name succeeded, want 1", won)
	}
}

func again(t *testing.T, o Once) {
	old, _ := o.Make("a")
	o.Destroy("a")
	fresh, err := o.Make("a")
	if err != nil || fresh == old {
		t.Errorf("Make after Destroy: same key %v, error %v", fresh == old, err)
	}
}
