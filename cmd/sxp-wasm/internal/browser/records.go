//go:build js

package browser

import (
	"slices"
	"strings"
	"sync"
	"syscall/js"
	"unicode/utf8"

	"sxp"
	"sxp/internal/kv"
)

// Records is a kv.Store in IndexedDB. All records, which are sealed, are also
// in memory: a transaction of IndexedDB ends as soon as nothing is asked of it,
// so it could not stay open while the agent works on one. What is read is what
// is on disk: memory changes only after the disk has.
type Records struct {
	d *Database

	writer sync.Mutex // held by one Update at a time

	mu     sync.RWMutex // guards what follows; changed only by who also has writer
	data   map[string][]byte
	keys   []string // of data, sorted
	closed bool
}

var _ kv.Store = (*Records)(nil)

// OpenRecords reads all records of the database, which stays the caller's.
func OpenRecords(d *Database) (*Records, error) {
	const op = "browser.OpenRecords"
	t, err := d.begin(op, "readonly", storeRecords)
	if err != nil {
		return nil, err
	}
	s := t.tx.Call("objectStore", storeRecords)
	keys, values := s.Call("getAllKeys"), s.Call("getAll")
	if err := t.end(op); err != nil {
		return nil, err
	}
	k, v := keys.Get("result"), values.Get("result")
	n := k.Length()
	r := &Records{d: d, data: make(map[string][]byte, n), keys: make([]string, 0, n)}
	for i := range n {
		key := k.Index(i).String()
		r.data[key] = fromJS(v.Index(i))
		r.keys = append(r.keys, key)
	}
	slices.Sort(r.keys) // the browser sorts by UTF-16
	return r, nil
}

// Len returns how many records there are.
func (r *Records) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.data)
}

// Update is kv.Store.Update.
func (r *Records) Update(f func(kv.Tx) error) error {
	r.writer.Lock()
	defer r.writer.Unlock()
	if err := r.open("browser.Update"); err != nil {
		return err
	}
	tx := &recordsTx{r: r, changed: map[string][]byte{}, writable: true}
	if err := f(tx); err != nil {
		return err
	}
	if len(tx.changed) == 0 {
		return nil
	}
	if err := r.store(tx.changed); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, v := range tx.changed {
		i, has := slices.BinarySearch(r.keys, k)
		switch {
		case v == nil && has:
			r.keys = slices.Delete(r.keys, i, i+1)
			delete(r.data, k)
		case v != nil:
			if !has {
				r.keys = slices.Insert(r.keys, i, k)
			}
			r.data[k] = v
		}
	}
	return nil
}

// store makes the changes durable, all or none.
func (r *Records) store(changed map[string][]byte) error {
	const op = "browser.Update"
	t, err := r.d.begin(op, "readwrite", storeRecords, storeHost)
	if err != nil {
		return err
	}
	t.own(op, r.d)
	_, err = try(op, func() js.Value {
		s := t.tx.Call("objectStore", storeRecords)
		for k, v := range changed {
			if v == nil {
				s.Call("delete", k)
			} else {
				s.Call("put", toJS(v), k)
			}
		}
		return js.Undefined()
	})
	if err != nil {
		t.tx.Call("abort")
		t.end(op) // the first failure is the one to tell
		return err
	}
	return t.end(op)
}

func (r *Records) open(op string) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return sxp.Errorf(op, sxp.Unavailable, nil, "the storage was closed")
	}
	return nil
}

// View is kv.Store.View.
func (r *Records) View(f func(kv.Tx) error) error {
	if err := r.open("browser.View"); err != nil {
		return err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return f(&recordsTx{r: r})
}

// Close ends the use of the records; the database stays open.
func (r *Records) Close() error {
	r.writer.Lock()
	defer r.writer.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.data, r.keys = nil, nil
	return nil
}

// recordsTx overlays the changes of one transaction; a nil value is a deletion.
type recordsTx struct {
	r        *Records
	changed  map[string][]byte
	writable bool
}

func (t *recordsTx) value(key string) []byte {
	if v, ok := t.changed[key]; ok {
		return v
	}
	return t.r.data[key]
}

func (t *recordsTx) Get(key string) []byte {
	v := t.value(key)
	if v == nil {
		return nil
	}
	return append([]byte{}, v...)
}

func (t *recordsTx) Put(key string, value []byte) error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	if err := kv.CheckEntry(key, value); err != nil {
		return err
	}
	if !utf8.ValidString(key) {
		return sxp.Errorf("browser.Put", sxp.Invalid, nil, "the key %q is not UTF-8: a browser would change it", key)
	}
	t.changed[key] = append([]byte{}, value...)
	return nil
}

func (t *recordsTx) Delete(key string) error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	t.changed[key] = nil
	return nil
}

func (t *recordsTx) mayWrite() error {
	if !t.writable {
		return sxp.Errorf("browser.View", sxp.Internal, nil, "a view changes nothing")
	}
	return nil
}

func (t *recordsTx) Scan(prefix string, f func(string, []byte) error) error {
	i, _ := slices.BinarySearch(t.r.keys, prefix)
	j := i
	for j < len(t.r.keys) && strings.HasPrefix(t.r.keys[j], prefix) {
		j++
	}
	keys := slices.Clone(t.r.keys[i:j])
	if len(t.changed) > 0 {
		for k, v := range t.changed {
			if v != nil && strings.HasPrefix(k, prefix) && t.r.data[k] == nil {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
	}
	for _, k := range keys {
		v := t.Get(k)
		if v == nil {
			continue // deleted in this transaction
		}
		if err := f(k, v); err != nil {
			return err
		}
	}
	return nil
}
