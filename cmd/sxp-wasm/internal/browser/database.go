//go:build js

package browser

import (
	"crypto/rand"
	"encoding/hex"
	"syscall/js"

	"sxp"
)

// The layout of the database. A newer one is refused by the browser itself.
const (
	databaseVersion = 1

	storeRecords = "records" // of the agent, sealed
	storeHost    = "host"    // small records of the host
	storeOnce    = "once"    // one-time keys where there is no file system
)

const keyEpoch = "epoch" // in storeHost: which Database writes

// A Database is the app's IndexedDB. Only the one that was opened last can
// write: an older one, of a tab that another has taken over from, fails with
// Conflict and changes nothing.
type Database struct {
	db     js.Value
	epoch  string
	closed bool
	lost   func(error) // called once when another tab needs a newer version
	drop   []js.Func
}

// OpenDatabase opens or makes the database with the name and becomes its only
// writer. lost is called if the browser takes it away.
func OpenDatabase(name string, lost func(error)) (*Database, error) {
	const op = "browser.OpenDatabase"
	factory := js.Global().Get("indexedDB")
	if factory.IsUndefined() || factory.IsNull() {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "this browser offers no storage to this page: allow it in the site's settings, or leave private mode")
	}
	req, err := try(op, func() js.Value { return factory.Call("open", name, databaseVersion) })
	if err != nil {
		return nil, err
	}
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		db := req.Get("result")
		for _, s := range []string{storeRecords, storeHost, storeOnce} {
			if !db.Get("objectStoreNames").Call("contains", s).Bool() {
				db.Call("createObjectStore", s)
			}
		}
		return nil
	})
	defer upgrade.Release()
	req.Set("onupgradeneeded", upgrade)
	v, err := wait(op, req)
	if err != nil {
		return nil, err
	}
	d := &Database{db: v, lost: lost}
	d.watch()
	var id [16]byte
	rand.Read(id[:])
	d.epoch = hex.EncodeToString(id[:])
	t, err := d.begin(op, "readwrite", storeHost)
	if err != nil {
		return nil, err
	}
	t.tx.Call("objectStore", storeHost).Call("put", d.epoch, keyEpoch)
	if err := t.end(op); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// watch closes the database when a newer version of the app wants to change
// its layout, or the browser clears it.
func (d *Database) watch() {
	on := func(event, text string, kind sxp.Kind) {
		f := js.FuncOf(func(js.Value, []js.Value) any {
			if !d.closed {
				d.closed = true
				d.db.Call("close")
				if d.lost != nil {
					go d.lost(sxp.Errorf("browser.Database", kind, nil, "%s", text))
				}
			}
			return nil
		})
		d.db.Set(event, f)
		d.drop = append(d.drop, f)
	}
	on("onversionchange", "a newer version of the app was opened in another tab: reload this page", sxp.Unsupported)
	on("onclose", "the browser has closed the app's storage, or somebody cleared it: reload this page", sxp.Unavailable)
}

// Close releases the database.
func (d *Database) Close() {
	if !d.closed {
		d.closed = true
		d.db.Call("close")
	}
	d.db.Set("onversionchange", js.Null())
	d.db.Set("onclose", js.Null())
	for _, f := range d.drop {
		f.Release()
	}
	d.drop = nil
}

// wait waits for an IDBRequest.
func wait(op string, req js.Value) (js.Value, error) {
	done := make(chan settled, 1)
	ok := js.FuncOf(func(js.Value, []js.Value) any {
		done <- settled{value: req.Get("result")}
		return nil
	})
	defer ok.Release()
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		first(args).Call("preventDefault") // handled here, not on the console
		done <- settled{err: failure(op, req.Get("error"))}
		return nil
	})
	defer bad.Release()
	req.Set("onsuccess", ok)
	req.Set("onerror", bad)
	s := <-done
	req.Set("onsuccess", js.Null())
	req.Set("onerror", js.Null())
	return s.value, s.err
}

// transaction is one IDBTransaction. Nothing in Go may wait between begin and
// end: the browser commits a transaction that has nothing to do.
type transaction struct {
	tx   js.Value
	done chan error
	drop []js.Func
}

// begin starts a transaction. One that writes is durable when it ends well, and
// ends with Conflict where another Database has been opened since.
func (d *Database) begin(op, mode string, stores ...any) (*transaction, error) {
	if d.closed {
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "the storage was closed")
	}
	options := js.Global().Get("Object").New()
	options.Set("durability", "strict")
	tx, err := try(op, func() js.Value { return d.db.Call("transaction", js.ValueOf(stores), mode, options) })
	if err != nil {
		return nil, err
	}
	t := &transaction{tx: tx, done: make(chan error, 1)}
	end := func(f func() error) js.Func {
		fn := js.FuncOf(func(js.Value, []js.Value) any {
			select {
			case t.done <- f():
			default:
			}
			return nil
		})
		t.drop = append(t.drop, fn)
		return fn
	}
	tx.Set("oncomplete", end(func() error { return nil }))
	tx.Set("onabort", end(func() error {
		if e := tx.Get("error"); !e.IsNull() {
			return failure(op, e)
		}
		return sxp.Errorf(op, sxp.Unavailable, nil, "the browser gave up the change: nothing of it was stored")
	}))
	return t, nil
}

// own makes the transaction fail unless this Database is still the writer.
func (t *transaction) own(op string, d *Database) {
	req := t.tx.Call("objectStore", storeHost).Call("get", keyEpoch)
	f := js.FuncOf(func(js.Value, []js.Value) any {
		if v := req.Get("result"); v.Type() != js.TypeString || v.String() != d.epoch {
			select {
			case t.done <- sxp.Errorf(op, sxp.Conflict, nil, "another tab has taken over: nothing was stored here"):
			default:
			}
			t.tx.Call("abort")
		}
		return nil
	})
	t.drop = append(t.drop, f)
	req.Set("onsuccess", f)
}

// end waits until the transaction is complete, on disk if it wrote.
func (t *transaction) end(string) error {
	err := <-t.done
	t.tx.Set("oncomplete", js.Null())
	t.tx.Set("onabort", js.Null())
	for _, f := range t.drop {
		f.Release()
	}
	return err
}
