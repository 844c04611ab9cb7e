package agent

import (
	"fmt"
	"io"
	"sort"
	"strconv"

	"sxp"
	"sxp/envelope"
	"sxp/internal/kv"
)

// memory is the agent's durable state: typed records in a kv.Store, each
// sealed under the person's storage key with its own name as associated data,
// so that a stolen file shows names and sizes only, and a record moved to
// another name does not open.
type memory struct {
	store kv.Store
	key   sealer
	rand  io.Reader
}

// sealer is what identity.StorageKey offers.
type sealer interface {
	Seal(rand io.Reader, aad, plaintext []byte) ([]byte, error)
	Open(aad, sealed []byte) ([]byte, error)
}

// tx is one transaction on sealed records. Its error sticks: the first failure
// of a put is what update returns, so that callers need not check each.
type tx struct {
	kv   kv.Tx
	key  sealer
	rand io.Reader
	err  error
}

// update runs f in one durable transaction.
func (m *memory) update(f func(*tx) error) error {
	return m.store.Update(func(k kv.Tx) error {
		t := &tx{kv: k, key: m.key, rand: m.rand}
		if err := f(t); err != nil {
			return err
		}
		return t.err
	})
}

// view runs f on one consistent state.
func (m *memory) view(f func(*tx) error) error {
	return m.store.View(func(k kv.Tx) error {
		t := &tx{kv: k, key: m.key, rand: m.rand}
		if err := f(t); err != nil {
			return err
		}
		return t.err
	})
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// put seals v under key.
func (t *tx) put(key string, v any) {
	b, err := envelope.Marshal(v)
	if err == nil {
		b, err = t.key.Seal(t.rand, []byte(key), b)
	}
	if err == nil {
		err = t.kv.Put(key, b)
	}
	if err != nil {
		t.fail(fmt.Errorf("agent: store %s: %w", key, err))
	}
	t.markDirty(key)
}

// get opens the record under key into v and reports whether there is one.
func (t *tx) get(key string, v any) bool {
	b := t.kv.Get(key)
	if b == nil {
		return false
	}
	if err := t.open(key, b, v); err != nil {
		t.fail(err)
		return false
	}
	return true
}

func (t *tx) open(key string, sealed []byte, v any) error {
	b, err := t.key.Open([]byte(key), sealed)
	if err == nil {
		err = envelope.Unmarshal(b, v)
	}
	if err != nil {
		return sxp.Errorf("agent.load", sxp.Internal, nil, "the stored record %s is damaged: restore a backup: %w", key, err)
	}
	return nil
}

func (t *tx) delete(key string) {
	if err := t.kv.Delete(key); err != nil {
		t.fail(err)
	}
	t.markDirty(key)
}

// next returns 1, 2, 3 … for each name, never the same twice.
func (t *tx) next(name string) int {
	var n int
	t.get("counter/"+name, &n)
	n++
	t.put("counter/"+name, n)
	return n
}

// scan opens every record under prefix into a new T, in order of key.
func scan[T any](t *tx, prefix string, f func(key string, v *T) error) error {
	return t.kv.Scan(prefix, func(key string, sealed []byte) error {
		v := new(T)
		if err := t.open(key, sealed, v); err != nil {
			return err
		}
		return f(key, v)
	})
}

// all returns every record under prefix, sorted by less.
func all[T any](m *memory, prefix string, less func(a, b *T) bool) ([]*T, error) {
	var out []*T
	err := m.view(func(t *tx) error {
		return scan(t, prefix, func(_ string, v *T) error {
			out = append(out, v)
			return nil
		})
	})
	sort.SliceStable(out, func(i, j int) bool { return less(out[i], out[j]) })
	return out, err
}

// pick finds the one record that a person means by ref: its number, its exact
// name, or the first digits of its id (four or more).
func pick[T any](what, ref string, list []*T, number func(*T) int, id, name func(*T) string) (*T, error) {
	const op = "agent"
	if ref == "" && len(list) == 1 {
		return list[0], nil
	}
	if ref == "" {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "there are %d %ss: say which by its number", len(list), what)
	}
	var found []*T
	for _, v := range list {
		if n, err := strconv.Atoi(ref); err == nil && number(v) == n {
			return v, nil
		}
		if id(v) == ref || name != nil && name(v) == ref || len(ref) >= 4 && len(id(v)) > len(ref) && id(v)[:len(ref)] == ref {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "there is no %s %q", what, ref)
	}
	return nil, sxp.Errorf(op, sxp.Invalid, nil, "%q fits %d %ss: use the number", ref, len(found), what)
}
