package pebblestore

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// Put implements relay.Store.
func (s *Store) Put(ctx context.Context, now sxp.Time, e *relay.Entry, quota relay.Quota) (relay.Stamp, error) {
	var stamp relay.Stamp
	err := s.enqueue(ctx, "pebblestore.Put", func(t *tx) (err error) {
		stamp, err = t.put(now, e, quota)
		return err
	})
	if err != nil {
		return 0, err
	}
	return stamp, nil
}

func (t *tx) put(now sxp.Time, e *relay.Entry, quota relay.Quota) (relay.Stamp, error) {
	const op = "pebblestore.Put"
	key := keyPath(e.Path)
	old, err := t.meta(key)
	if err != nil {
		return 0, err
	}
	switch {
	case old == nil:
	case old.tombstone:
		if e.Timestamp <= old.timestamp && now < old.until {
			return 0, sxp.Errorf(op, sxp.Replay, e.Path, "this record was deleted: to write it again, sign it again")
		}
	case old.expires > now:
		if old.body == e.Body {
			return old.stamp, nil
		}
		return 0, sxp.Errorf(op, sxp.Conflict, e.Path, "another record rests at this path: give a new one a new record id")
	}
	if err := t.wantRoom(); err != nil {
		return 0, err
	}
	u, err := t.usageOf(e.Path.Sender)
	if err != nil {
		return 0, err
	}
	if err := quota.Allows(u, e.Size); err != nil {
		return 0, err
	}
	if old != nil && !old.tombstone {
		if err := t.remove(e.Path, old); err != nil {
			return 0, err
		}
	}
	t.last = t.last.Next(now)
	m := &meta{timestamp: e.Timestamp, stamp: t.last, expires: e.Expires, maxReads: e.MaxReads, size: uint32(e.Size), body: e.Body, tag: e.Tag}
	t.setMeta(key, m)
	must(t.batch.Set(keyBox(prefixInbox, e.Path.Receiver, m.stamp), inboxValue(e.Path, m), nil))
	must(t.batch.Set(keyBox(prefixOutbox, e.Path.Sender, m.stamp), outboxValue(e.Path), nil))
	must(t.batch.Set(m.bucketKey(prefixMessage), e.Message, nil))
	must(t.batch.Set(m.bucketKey(prefixExpiry), append([]byte{kindRecord}, e.Path.Sender[:]...), nil))
	return m.stamp, t.charge(e.Path.Sender, 1, int64(e.Size))
}

func (t *tx) setMeta(key []byte, m *meta) {
	t.metas[string(key)] = m
	if m == nil {
		must(t.batch.Delete(key, nil))
		return
	}
	t.s.paths.add(key)
	must(t.batch.Set(key, m.append(nil), nil))
}

// remove deletes a record but what stands at its path.
func (t *tx) remove(p relay.Path, m *meta) error {
	must(t.batch.Delete(keyBox(prefixInbox, p.Receiver, m.stamp), nil))
	must(t.batch.Delete(keyBox(prefixOutbox, p.Sender, m.stamp), nil))
	must(t.batch.Delete(m.bucketKey(prefixMessage), nil))
	must(t.batch.Delete(m.bucketKey(prefixCount), nil))
	must(t.batch.Delete(m.bucketKey(prefixExpiry), nil))
	return t.charge(p.Sender, -1, -int64(m.size))
}

// Read implements relay.Store.
func (s *Store) Read(ctx context.Context, now sxp.Time, p relay.Path) (*relay.Entry, error) {
	const op = "pebblestore.Read"
	var e *relay.Entry
	var m *meta
	err := s.view(op, func(db *pebble.DB) (err error) {
		if m, err = getMeta(db, keyPath(p)); err != nil {
			return err
		}
		if m == nil || m.tombstone || m.expires <= now || uint64(m.stamp) > s.visible.Load() {
			return notFound(op, p)
		}
		message, err := get(db, m.bucketKey(prefixMessage))
		if err != nil {
			return err
		}
		if message == nil { // freed in this moment
			return notFound(op, p)
		}
		e = &relay.Entry{
			Path: p, Body: m.body, Timestamp: m.timestamp, Expires: m.expires, Tag: m.tag,
			MaxReads: m.maxReads, Message: message, Size: uint64(m.size), Stamp: m.stamp,
		}
		if m.maxReads == 0 {
			return db.Merge(m.bucketKey(prefixCount), countValue(1), pebble.NoSync)
		}
		return nil
	})
	if err == nil && e.MaxReads > 0 {
		err = s.enqueue(ctx, op, func(t *tx) (err error) {
			e.Reads, err = t.count(p, m)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

func notFound(op string, p relay.Path) error {
	return sxp.Errorf(op, sxp.NotFound, p, "no record rests here")
}

// count counts a read of a record that has a limit.
func (t *tx) count(p relay.Path, m *meta) (uint32, error) {
	const op = "pebblestore.Read"
	now, err := t.meta(keyPath(p))
	if err != nil {
		return 0, err
	}
	if now == nil || now.tombstone || now.stamp != m.stamp { // deleted meanwhile
		return 0, notFound(op, p)
	}
	key := m.bucketKey(prefixCount)
	n, ok := t.counts[string(key)]
	if !ok {
		if n, err = getCount(t.db, key); err != nil {
			return 0, err
		}
	}
	if n >= m.maxReads {
		return 0, sxp.Errorf(op, sxp.Denied, p, "this record was read %d times, as often as its sender allowed", m.maxReads)
	}
	n++
	if t.counts == nil {
		t.counts = make(map[string]uint32)
	}
	t.counts[string(key)] = n
	must(t.batch.Set(key, countValue(n), nil))
	return n, nil
}

// maxScan is how many keys one List looks at.
const maxScan = 5000

// List implements relay.Store.
func (s *Store) List(_ context.Context, q relay.Query) (relay.List, error) {
	l := relay.List{Next: q.After}
	prefix, id := byte(prefixInbox), q.Receiver
	if id.IsZero() {
		prefix, id = prefixOutbox, q.Sender
	}
	end := relay.Stamp(s.visible.Load()) + 1
	if q.Before != 0 {
		end = min(end, q.Before)
	}
	if end <= q.After {
		return l, nil
	}
	err := s.view("pebblestore.List", func(db *pebble.DB) error {
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: keyBox(prefix, id, q.After+1), UpperBound: keyBox(prefix, id, end)})
		if err != nil {
			return err
		}
		scanned := 0
		for ok := it.First(); ok; ok = it.Next() {
			if len(l.Entries) == q.Limit || scanned == maxScan {
				l.More = true
				break
			}
			scanned++
			e, err := s.entry(db, it, prefix, id)
			if err != nil {
				_ = it.Close()
				return err
			}
			l.Next = stampOfBox(it.Key())
			if e == nil || e.Expires <= q.Now || q.Tag != "" && e.Tag != q.Tag {
				continue
			}
			e.Stamp = l.Next
			l.Entries = append(l.Entries, *e)
		}
		return it.Close()
	})
	return l, err
}

// entry reads the entry at the iterator; nil if its record is gone.
func (s *Store) entry(db *pebble.DB, it *pebble.Iterator, prefix byte, id sxp.ID) (*relay.Entry, error) {
	if prefix == prefixInbox {
		e, err := inboxEntry(it.Value())
		e.Path.Receiver = id
		return &e, err
	}
	p, err := outboxPath(id, it.Value())
	if err != nil {
		return nil, err
	}
	m, err := getMeta(db, keyPath(p))
	if err != nil || m == nil || m.tombstone || m.stamp != stampOfBox(it.Key()) {
		return nil, err
	}
	reads, err := getCount(db, m.bucketKey(prefixCount))
	return &relay.Entry{
		Path: p, Body: m.body, Timestamp: m.timestamp, Expires: m.expires, Tag: m.tag,
		MaxReads: m.maxReads, Size: uint64(m.size), Reads: reads,
	}, err
}

// Delete implements relay.Store.
func (s *Store) Delete(ctx context.Context, now sxp.Time, p relay.Path) error {
	const op = "pebblestore.Delete"
	return s.enqueue(ctx, op, func(t *tx) error {
		key := keyPath(p)
		m, err := t.meta(key)
		if err != nil {
			return err
		}
		if m == nil || m.tombstone || m.expires <= now {
			return notFound(op, p)
		}
		if err := t.remove(p, m); err != nil {
			return err
		}
		d := &meta{tombstone: true, timestamp: m.timestamp, until: now.Add(relay.TombstoneTime)}
		t.setMeta(key, d)
		t.last = t.last.Next(now)
		must(t.batch.Set(keyBucket(prefixExpiry, bucketOf(d.until), t.last), append([]byte{kindTombstone}, key[1:]...), nil))
		return nil
	})
}

// expireAtOnce is how many records one task of Expire frees, so that writers
// wait for at most some milliseconds.
const expireAtOnce = 500

// Expire implements relay.Store.
func (s *Store) Expire(ctx context.Context, now sxp.Time) (int, error) {
	total := 0
	for {
		n, more := 0, false
		err := s.run(ctx, "pebblestore.Expire", &task{alone: true, do: func(t *tx) (err error) {
			n, more, err = t.expire(now)
			return err
		}})
		total += n
		if err != nil || !more {
			return total, err
		}
	}
}

// expire frees some of what expired in the hours before now's.
func (t *tx) expire(now sxp.Time) (n int, more bool, err error) {
	it, err := t.db.NewIter(&pebble.IterOptions{
		LowerBound: []byte{prefixExpiry}, UpperBound: keyBucket(prefixExpiry, bucketOf(now), 0),
	})
	if err != nil {
		return 0, false, err
	}
	var first, last []byte
	seen := 0
	for ok := it.First(); ok; ok = it.Next() {
		if seen == expireAtOnce {
			more = true
			break
		}
		seen++
		last = append(last[:0], it.Key()...)
		if first == nil {
			first = bytes.Clone(last)
		}
		freed, err := t.expireOne(now, last, it.Value())
		if err != nil {
			_ = it.Close()
			return 0, false, err
		}
		if freed {
			n++
		}
	}
	if err := it.Close(); err != nil {
		return 0, false, err
	}
	if first == nil {
		return 0, false, nil
	}
	end := append(last, 0) // just after last
	for _, prefix := range []byte{prefixExpiry, prefixMessage, prefixCount} {
		first[0], end[0] = prefix, prefix
		must(t.batch.DeleteRange(first, end, nil))
	}
	return n, more, nil
}

// expireOne frees what the value at an expiry key names, but what stands with
// it in its hour. It reports whether that was a record.
func (t *tx) expireOne(now sxp.Time, key, value []byte) (bool, error) {
	_, stamp := bucketKeyOf(key)
	switch {
	case len(value) > 0 && value[0] == kindTombstone:
		path := append([]byte{prefixPath}, value[1:]...)
		m, err := t.meta(path)
		if err == nil && m != nil && m.tombstone && m.until <= now {
			t.setMeta(path, nil)
		}
		return false, err
	case len(value) == 1+sxp.IDSize && value[0] == kindRecord:
		sender := sxp.ID(value[1:])
		box := keyBox(prefixOutbox, sender, stamp)
		v, err := get(t.db, box)
		if err != nil || v == nil { // replaced in this group
			return false, err
		}
		p, err := outboxPath(sender, v)
		if err != nil {
			return false, err
		}
		m, err := t.meta(keyPath(p))
		if err != nil || m == nil || m.tombstone || m.stamp != stamp {
			return false, err
		}
		must(t.batch.Delete(box, nil))
		must(t.batch.Delete(keyBox(prefixInbox, p.Receiver, stamp), nil))
		t.setMeta(keyPath(p), nil)
		return true, t.charge(sender, -1, -int64(m.size))
	}
	return false, damaged("an expiry entry", value)
}

// Usage implements relay.Store.
func (s *Store) Usage(_ context.Context, sender sxp.ID) (u relay.Usage, err error) {
	err = s.view("pebblestore.Usage", func(db *pebble.DB) (err error) {
		u, err = getUsage(db, sender)
		return err
	})
	return u, err
}

// Account implements relay.Accounts.
func (s *Store) Account(_ context.Context, id sxp.ID) (a relay.Account, err error) {
	const op = "pebblestore.Account"
	err = s.view(op, func(db *pebble.DB) error {
		b, err := get(db, keyAccount(id))
		if err != nil {
			return err
		}
		if b == nil {
			return sxp.Errorf(op, sxp.NotFound, id, "no account")
		}
		if envelope.Unmarshal(b, &a) != nil {
			return damaged("an account", b)
		}
		return nil
	})
	return a, err
}

// OpenAccount implements relay.Accounts.
func (s *Store) OpenAccount(ctx context.Context, a relay.Account, uses uint32) error {
	const op = "pebblestore.OpenAccount"
	value, err := envelope.Marshal(a)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, op, func(t *tx) error {
		mine := keyInvited(a.Invitation, a.ID)
		if v, err := t.other(mine); err != nil || v != nil {
			return err
		}
		counter := keyInvitation(a.Invitation)
		v, err := t.other(counter)
		if err != nil {
			return err
		}
		used := uint32(0)
		if len(v) == 4 {
			used = binary.BigEndian.Uint32(v)
		}
		if used >= uses {
			return sxp.Errorf(op, sxp.Denied, a.ID, "the invitation has opened %d accounts, as many as it may", uses)
		}
		if err := t.wantRoom(); err != nil {
			return err
		}
		t.setOther(counter, countValue(used+1))
		t.setOther(mine, []byte{1})
		t.setOther(keyAccount(a.ID), value)
		return nil
	})
}

func (t *tx) other(key []byte) ([]byte, error) {
	if v, ok := t.others[string(key)]; ok {
		return v, nil
	}
	return get(t.db, key)
}

func (t *tx) setOther(key, value []byte) {
	if t.others == nil {
		t.others = make(map[string][]byte)
	}
	t.others[string(key)] = value
	must(t.batch.Set(key, value, nil))
}
