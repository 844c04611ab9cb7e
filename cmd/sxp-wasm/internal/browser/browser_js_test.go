package browser

import (
	"errors"
	"fmt"
	"syscall/js"
	"testing"

	"sxp"
	"sxp/agent/filekeys/oncetest"
	"sxp/internal/kv"
	"sxp/internal/kv/kvtest"
)

var databases int

// fresh opens a new database, which is deleted afterwards.
func fresh(t *testing.T) (*Database, string) {
	t.Helper()
	databases++
	name := fmt.Sprintf("test-%d", databases)
	d := reopen(t, name)
	t.Cleanup(func() { js.Global().Get("indexedDB").Call("deleteDatabase", name) })
	return d, name
}

func reopen(t *testing.T, name string) *Database {
	t.Helper()
	d, err := OpenDatabase(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func records(t *testing.T, d *Database) *Records {
	t.Helper()
	r, err := OpenRecords(d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(s kv.Store, key, value string) error {
	return s.Update(func(tx kv.Tx) error { return tx.Put(key, []byte(value)) })
}

func get(t *testing.T, s kv.Store, key string) (v string) {
	t.Helper()
	if err := s.View(func(tx kv.Tx) error { v = string(tx.Get(key)); return nil }); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRecords(t *testing.T) {
	kvtest.Run(t, func(t *testing.T) kv.Store {
		d, _ := fresh(t)
		return records(t, d)
	})
}

func TestRecordsAreThereAfterwards(t *testing.T) {
	d, name := fresh(t)
	r := records(t, d)
	for i := range 300 {
		if err := put(r, fmt.Sprintf("k/%03d", i), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Update(func(tx kv.Tx) error { return tx.Delete("k/007") }); err != nil {
		t.Fatal(err)
	}
	again := records(t, reopen(t, name))
	n := 0
	again.View(func(tx kv.Tx) error {
		return tx.Scan("k/", func(string, []byte) error { n++; return nil })
	})
	if n != 299 || get(t, again, "k/299") != "299" || get(t, again, "k/007") != "" {
		t.Errorf("%d records, k/299 = %q, k/007 = %q", n, get(t, again, "k/299"), get(t, again, "k/007"))
	}
}

// TestAnOldWriterChangesNothing: a tab that was frozen and wakes up must not
// write over what its successor did.
func TestAnOldWriterChangesNothing(t *testing.T) {
	d, name := fresh(t)
	old := records(t, d)
	if err := put(old, "a", "1"); err != nil {
		t.Fatal(err)
	}
	now := records(t, reopen(t, name))
	if err := put(now, "a", "2"); err != nil {
		t.Fatal(err)
	}
	if err := put(old, "a", "3"); !errors.Is(err, sxp.Conflict) {
		t.Errorf("the old writer got %v, want %v", err, sxp.Conflict)
	}
	if v := get(t, old, "a"); v != "1" {
		t.Errorf("the old writer now sees %q", v)
	}
	if v := get(t, records(t, reopen(t, name)), "a"); v != "2" {
		t.Errorf("on disk is %q, want 2", v)
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	d, _ := fresh(t)
	if err := put(records(t, d), "a\xff", "1"); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a key that is no text: %v, want %v", err, sxp.Invalid)
	}
}

// TestStoreOfTheFuture: a newer version of the app changed the layout.
func TestStoreOfTheFuture(t *testing.T) {
	databases++
	name := fmt.Sprintf("test-%d", databases)
	req := js.Global().Get("indexedDB").Call("open", name, databaseVersion+1)
	db, err := wait("test", req)
	if err != nil {
		t.Fatal(err)
	}
	db.Call("close")
	if _, err := OpenDatabase(name, nil); !errors.Is(err, sxp.Unsupported) {
		t.Errorf("OpenDatabase: %v, want %v", err, sxp.Unsupported)
	}
}

// TestNewerVersionTakesOver: another tab opens a newer version of the app.
func TestNewerVersionTakesOver(t *testing.T) {
	databases++
	name := fmt.Sprintf("test-%d", databases)
	lost := make(chan error, 1)
	d, err := OpenDatabase(name, func(err error) { lost <- err })
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := records(t, d)
	db, err := wait("test", js.Global().Get("indexedDB").Call("open", name, databaseVersion+1))
	if err != nil {
		t.Fatal(err)
	}
	db.Call("close")
	if err := <-lost; !errors.Is(err, sxp.Unsupported) {
		t.Errorf("lost: %v, want %v", err, sxp.Unsupported)
	}
	if err := put(r, "a", "1"); !errors.Is(err, sxp.Unavailable) {
		t.Errorf("a write afterwards: %v, want %v", err, sxp.Unavailable)
	}
}

func TestOnceFiles(t *testing.T) {
	n := 0
	oncetest.Run(t, func(t *testing.T) oncetest.Once {
		n++
		o, err := OpenOnceFiles(fmt.Sprint("once-", n))
		if err != nil {
			t.Fatal(err)
		}
		return o
	})
}

func TestOnceRecords(t *testing.T) {
	oncetest.Run(t, func(t *testing.T) oncetest.Once {
		d, _ := fresh(t)
		return &OnceRecords{d: d}
	})
}

func TestOnceFilesAreThereAfterwards(t *testing.T) {
	open := func() *OnceFiles {
		o, err := OpenOnceFiles("once-kept")
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	k, err := open().Make("a")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok, err := open().Get("a"); got != k || !ok || err != nil {
		t.Errorf("afterwards: the same %t, %t, %v", got == k, ok, err)
	}
	if err := open().erase("test"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := open().Get("a"); ok || err != nil {
		t.Errorf("a key is there after everything was erased: %t, %v", ok, err)
	}
}

// BenchmarkUpdate is what one durable change of the agent's costs.
func BenchmarkUpdate(b *testing.B) {
	d, err := OpenDatabase("bench", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	r, err := OpenRecords(d)
	if err != nil {
		b.Fatal(err)
	}
	value := make([]byte, 2000)
	for i := 0; b.Loop(); i++ {
		if err := r.Update(func(tx kv.Tx) error { return tx.Put(fmt.Sprint("k", i%100), value) }); err != nil {
			b.Fatal(err)
		}
	}
}
