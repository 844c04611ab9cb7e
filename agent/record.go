package agent

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

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
	tell  func() // called after a change of what operations answer
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
	news bool // something was changed that operations answer
}

// update runs f in one durable transaction. Its error is f's, or one that
// isLocal knows.
func (m *memory) update(f func(*tx) error) error {
	news := false
	err := m.run(m.store.Update, func(t *tx) error {
		err := f(t)
		news = t.news
		return err
	})
	if err == nil && news {
		m.tell()
	}
	return err
}

// shown are the prefixes of the records that operations answer from; the
// others are bookkeeping.
var shown = []string{keyProfile, keyPeer, keyMarket, keyFounding, keyItem, keyGroup, keyDeal, keyInbox, keySent, keyDevice, keyUnread}

// note marks, in the transaction that changes key, what has to follow.
func (t *tx) note(key string) {
	t.markDirty(key)
	t.news = t.news || slices.ContainsFunc(shown, func(p string) bool { return strings.HasPrefix(key, p) })
}

// view runs f on one consistent state, with errors like update.
func (m *memory) view(f func(*tx) error) error { return m.run(m.store.View, f) }

func (m *memory) run(do func(func(kv.Tx) error) error, f func(*tx) error) error {
	var own error // of f, about what it was asked to do
	err := do(func(k kv.Tx) error {
		t := &tx{kv: k, key: m.key, rand: m.rand}
		err := f(t)
		if t.err != nil {
			return t.err // whatever f made of it
		}
		own = err
		return err
	})
	if err == nil || own != nil {
		return err
	}
	return local(err)
}

// errLocal marks a failure of this device's own store, after which a round
// ends.
var errLocal = errors.New("this device's own storage failed")

func local(err error) error {
	if err == nil || isLocal(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errLocal, err)
}

func isLocal(err error) bool { return errors.Is(err, errLocal) }

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
	t.note(key)
}

// putSealed stores a copy as it is: sealed under the same key's name, and at
// the relays already.
func (t *tx) putSealed(key string, sealed []byte) {
	t.fail(t.kv.Put(key, sealed))
	t.news = true
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
		return sxp.Errorf("agent.load", sxp.Internal, nil, "the stored record %s is damaged: sxp restore in another home brings back a copy: %w", key, err)
	}
	return nil
}

// mark stores a name without content, which is not sealed.
func (t *tx) mark(key string) { t.fail(t.kv.Put(key, nil)) }

func (t *tx) delete(key string) {
	if err := t.kv.Delete(key); err != nil {
		t.fail(err)
	}
	t.note(key)
}

const (
	keyNumber    = "counter/"
	numberOutbox = "outbox" // of one device, so in no copy
)

// next returns 1, 2, 3 … for each name, never the same twice.
func (t *tx) next(name string) int {
	var n int
	t.get(keyNumber+name, &n)
	n++
	t.put(keyNumber+name, n)
	return n
}

// scan opens every record under prefix into a new T, in order of key.
func scan[T any](t *tx, prefix string, f func(key string, v *T) error) error {
	return t.kv.Scan(prefix, func(key string, sealed []byte) error {
		v := new(T)
		if err := t.open(key, sealed, v); err != nil {
			t.fail(err)
			return err
		}
		return f(key, v)
	})
}

// keys returns the names of all records under prefix.
func (t *tx) keys(prefix string) (out []string) {
	t.fail(t.kv.Scan(prefix, func(key string, _ []byte) error {
		out = append(out, key)
		return nil
	}))
	return out
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
	known := make([]called, len(list))
	for i, v := range list {
		known[i] = called{number: number(v), id: id(v)}
		if name != nil {
			known[i].name = name(v)
		}
	}
	i, err := meant(what, ref, known)
	if err != nil {
		return nil, err
	}
	return list[i], nil
}

// called is what a person may call a record.
type called struct {
	number   int
	id, name string // "": none
}

// meant returns which of the known a person means by ref.
func meant(what, ref string, known []called) (int, error) {
	const op = "agent"
	if ref == "" && len(known) == 1 {
		return 0, nil
	}
	if ref == "" {
		return 0, sxp.Errorf(op, sxp.Invalid, nil, "there are %d %ss: say which by its number", len(known), what)
	}
	var found []int
	n, err := strconv.Atoi(ref)
	for i, v := range known {
		if err == nil && v.number == n {
			return i, nil
		}
		if v.id == ref || v.name == ref || len(ref) >= 4 && len(v.id) > len(ref) && v.id[:len(ref)] == ref {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, sxp.Errorf(op, sxp.NotFound, nil, "there is no %s %q", what, ref)
	}
	by := "number"
	if known[found[0]].number == 0 {
		by = "id"
	}
	return 0, sxp.Errorf(op, sxp.Invalid, nil, "%q fits %d %ss: use the %s", ref, len(found), what, by)
}
