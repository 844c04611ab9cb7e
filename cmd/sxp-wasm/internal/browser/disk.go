//go:build js

package browser

import (
	"context"
	"errors"
	"strings"
	"syscall/js"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp-wasm/internal/host"
	"sxp/internal/kv"
)

// Disk is the host.Disk of a browser.
type Disk struct {
	d     *Database
	files *OnceFiles // nil: the browser has none
	last  *Records
}

var _ host.Disk = (*Disk)(nil)

// OpenDisk opens all that the app named keeps. lost is called if the browser
// takes it away.
func OpenDisk(name string, lost func(error)) (*Disk, error) {
	d, err := OpenDatabase(name, lost)
	if err != nil {
		return nil, err
	}
	files, err := OpenOnceFiles(name + "-once")
	if err != nil && !errors.Is(err, sxp.Unsupported) && !errors.Is(err, sxp.Denied) && !errors.Is(err, sxp.Unavailable) {
		d.Close()
		return nil, err
	}
	return &Disk{d: d, files: files}, nil
}

// Close releases the storage.
func (k *Disk) Close() { k.d.Close() }

// Records is host.Disk.Records.
func (k *Disk) Records() (kv.Store, error) {
	r, err := OpenRecords(k.d)
	if err != nil {
		return nil, err
	}
	k.last = r
	return r, nil
}

// Once is host.Disk.Once.
func (k *Disk) Once() agent.Once {
	if k.files != nil {
		return k.files
	}
	return &OnceRecords{d: k.d}
}

// get reads one value; nil where there is none.
func (d *Database) get(op, store, key string) ([]byte, error) {
	t, err := d.begin(op, "readonly", store)
	if err != nil {
		return nil, err
	}
	req := t.tx.Call("objectStore", store).Call("get", key)
	if err := t.end(op); err != nil {
		return nil, err
	}
	if v := req.Get("result"); v.Type() == js.TypeObject {
		return fromJS(v), nil
	}
	return nil, nil
}

// put stores one value durably; nil removes it.
func (d *Database) put(op, store, key string, value []byte) error {
	t, err := d.begin(op, "readwrite", uniq(store, storeHost)...)
	if err != nil {
		return err
	}
	t.own(op, d)
	s := t.tx.Call("objectStore", store)
	if value == nil {
		s.Call("delete", key)
	} else {
		s.Call("put", toJS(value), key)
	}
	return t.end(op)
}

func uniq(a, b string) []any {
	if a == b {
		return []any{a}
	}
	return []any{a, b}
}

// Get is host.Disk.Get.
func (k *Disk) Get(name string) ([]byte, error) {
	return k.d.get("browser.Get", storeHost, "host/"+name)
}

// Put is host.Disk.Put.
func (k *Disk) Put(name string, value []byte) error {
	return k.d.put("browser.Put", storeHost, "host/"+name, value)
}

// Erase is host.Disk.Erase.
func (k *Disk) Erase() error {
	const op = "browser.Erase"
	if k.files != nil {
		if err := k.files.erase(op); err != nil {
			return err
		}
	}
	t, err := k.d.begin(op, "readwrite", storeRecords, storeOnce, storeHost)
	if err != nil {
		return err
	}
	t.own(op, k.d)
	t.tx.Call("objectStore", storeRecords).Call("clear")
	t.tx.Call("objectStore", storeOnce).Call("clear")
	t.tx.Call("objectStore", storeHost).Call("delete", js.Global().Get("IDBKeyRange").Call("bound", "host/", "host0"))
	return t.end(op)
}

// Describe is host.Disk.Describe.
func (k *Disk) Describe(context.Context) (host.Storage, error) {
	const op = "browser.Describe"
	out := host.Storage{Device: Name(), Erasable: k.files != nil}
	if k.last != nil {
		out.Records = k.last.Len()
	}
	storage := js.Global().Get("navigator").Get("storage")
	if storage.IsUndefined() {
		return out, nil
	}
	e, err := await(op, storage.Call("estimate"))
	if err != nil {
		return out, err
	}
	out.Used, out.Quota = number(e.Get("usage")), number(e.Get("quota"))
	p, err := await(op, storage.Call("persisted"))
	if err != nil {
		return out, err
	}
	out.Persisted = p.Truthy()
	return out, nil
}

func number(v js.Value) int64 {
	if v.Type() != js.TypeNumber {
		return 0
	}
	return int64(v.Float())
}

// Persist is host.Disk.Persist. Browsers ask the person or decide themselves;
// nobody waits for it.
func (k *Disk) Persist() {
	storage := js.Global().Get("navigator").Get("storage")
	if storage.IsUndefined() || storage.Get("persist").IsUndefined() {
		return // a worker has no such right in some browsers: the page asks
	}
	go await("browser.Persist", storage.Call("persist"))
}

// Name names this browser by what it says about itself: "Firefox on Android".
func Name() string {
	agent := js.Global().Get("navigator").Get("userAgent").String()
	find := func(names [][2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := find([][2]string{{"Firefox/", "Firefox"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := find([][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "" && system == "":
		return "browser"
	case browser == "" || system == "":
		return browser + system
	}
	return browser + " on " + system
}
