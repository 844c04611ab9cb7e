package pebblestore

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2"

	"sxp"
	"sxp/relay"
)

// The keys. Numbers are big-endian; bucket is the hour of expiry (4 bytes),
// stamp the record's Stamp (8 bytes), IDs have 32 bytes.
//
//	s                                 the last stamp given (8)
//	u sender                          usage: records (8) bytes (8)
//	p sender receiver recordId        a record's data (meta) or a tombstone
//	i receiver stamp                  expires (8) tag length (1) tag sender recordId
//	o sender stamp                    receiver recordId
//	r bucket stamp                    the message
//	c bucket stamp                    how often it was read (4)
//	e bucket stamp                    what expires in bucket: record: 1 sender; tombstone: 2 p's key after the p
//	a id                              an account (CBOR)
//	v invitation                      how many accounts it has opened (4)
//	v invitation id                   1: it has opened id's
const (
	prefixUsage   = 'u'
	prefixPath    = 'p'
	prefixInbox   = 'i'
	prefixOutbox  = 'o'
	prefixMessage = 'r'
	prefixCount   = 'c'
	prefixExpiry  = 'e'
	prefixAccount = 'a'
	prefixInvited = 'v'
)

var keyLast = []byte{'s'}

const (
	kindRecord    = 1
	kindTombstone = 2
)

func bucketOf(t sxp.Time) uint32 { return uint32(max(0, min(int64(t)/int64(sxp.Hour), 1<<32-1))) }

func keyUsage(id sxp.ID) []byte { return append([]byte{prefixUsage}, id[:]...) }

func keyAccount(id sxp.ID) []byte { return append([]byte{prefixAccount}, id[:]...) }

func keyInvitation(inv sxp.Hash) []byte { return append([]byte{prefixInvited}, inv[:]...) }

func keyInvited(inv sxp.Hash, id sxp.ID) []byte { return append(keyInvitation(inv), id[:]...) }

func keyPath(p relay.Path) []byte {
	b := make([]byte, 0, 1+2*sxp.IDSize+len(p.RecordID))
	b = append(b, prefixPath)
	b = append(b, p.Sender[:]...)
	b = append(b, p.Receiver[:]...)
	return append(b, p.RecordID...)
}

// keyBox is the key of a record in an inbox or outbox.
func keyBox(prefix byte, id sxp.ID, stamp relay.Stamp) []byte {
	b := make([]byte, 0, 1+sxp.IDSize+8)
	b = append(b, prefix)
	b = append(b, id[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(stamp))
}

// keyBucket is a key that stands with others of the same hour of expiry.
func keyBucket(prefix byte, bucket uint32, stamp relay.Stamp) []byte {
	b := make([]byte, 0, 1+4+8)
	b = append(b, prefix)
	b = binary.BigEndian.AppendUint32(b, bucket)
	return binary.BigEndian.AppendUint64(b, uint64(stamp))
}

// bucketKeyOf is the inverse of keyBucket.
func bucketKeyOf(b []byte) (bucket uint32, stamp relay.Stamp) {
	return binary.BigEndian.Uint32(b[1:]), relay.Stamp(binary.BigEndian.Uint64(b[5:]))
}

func stampOfBox(key []byte) relay.Stamp {
	return relay.Stamp(binary.BigEndian.Uint64(key[1+sxp.IDSize:]))
}

// A meta is what stands at a path.
type meta struct {
	tombstone bool
	timestamp sxp.Time // of the sender's message
	until     sxp.Time // tombstone: when it may be forgotten
	stamp     relay.Stamp
	expires   sxp.Time
	maxReads  uint32
	size      uint32
	body      sxp.Hash
	tag       string
}

func (m *meta) append(b []byte) []byte {
	if m.tombstone {
		b = append(b, kindTombstone)
		b = binary.BigEndian.AppendUint64(b, uint64(m.timestamp))
		return binary.BigEndian.AppendUint64(b, uint64(m.until))
	}
	b = append(b, kindRecord)
	b = binary.BigEndian.AppendUint64(b, uint64(m.timestamp))
	b = binary.BigEndian.AppendUint64(b, uint64(m.stamp))
	b = binary.BigEndian.AppendUint64(b, uint64(m.expires))
	b = binary.BigEndian.AppendUint32(b, m.maxReads)
	b = binary.BigEndian.AppendUint32(b, m.size)
	b = append(b, m.body[:]...)
	return append(b, m.tag...)
}

const metaSize = 1 + 3*8 + 2*4 + sxp.HashSize

func metaOf(b []byte) (*meta, error) {
	m := new(meta)
	switch {
	case len(b) == 17 && b[0] == kindTombstone:
		m.tombstone = true
		m.timestamp = sxp.Time(binary.BigEndian.Uint64(b[1:]))
		m.until = sxp.Time(binary.BigEndian.Uint64(b[9:]))
	case len(b) >= metaSize && b[0] == kindRecord:
		m.timestamp = sxp.Time(binary.BigEndian.Uint64(b[1:]))
		m.stamp = relay.Stamp(binary.BigEndian.Uint64(b[9:]))
		m.expires = sxp.Time(binary.BigEndian.Uint64(b[17:]))
		m.maxReads = binary.BigEndian.Uint32(b[25:])
		m.size = binary.BigEndian.Uint32(b[29:])
		copy(m.body[:], b[33:])
		m.tag = string(b[metaSize:])
	default:
		return nil, damaged("a record's data", b)
	}
	return m, nil
}

func (m *meta) bucketKey(prefix byte) []byte { return keyBucket(prefix, bucketOf(m.expires), m.stamp) }

func damaged(what string, b []byte) error {
	return sxp.Errorf("pebblestore", sxp.Internal, nil, "the database is damaged: %.100x is not %s", b, what)
}

// inboxValue is what stands at i receiver stamp.
func inboxValue(p relay.Path, m *meta) []byte {
	b := make([]byte, 0, 8+1+len(m.tag)+sxp.IDSize+len(p.RecordID))
	b = binary.BigEndian.AppendUint64(b, uint64(m.expires))
	b = append(b, byte(len(m.tag)))
	b = append(b, m.tag...)
	b = append(b, p.Sender[:]...)
	return append(b, p.RecordID...)
}

// inboxEntry is the inverse of inboxValue, receiver not set.
func inboxEntry(b []byte) (relay.Entry, error) {
	var e relay.Entry
	if len(b) < 9 || len(b) < 9+int(b[8])+sxp.IDSize {
		return e, damaged("an inbox entry", b)
	}
	e.Expires = sxp.Time(binary.BigEndian.Uint64(b))
	n := int(b[8])
	e.Tag = string(b[9 : 9+n])
	copy(e.Path.Sender[:], b[9+n:])
	e.Path.RecordID = relay.RecordID(b[9+n+sxp.IDSize:])
	return e, nil
}

// outboxValue is what stands at o sender stamp.
func outboxValue(p relay.Path) []byte {
	return append(append(make([]byte, 0, sxp.IDSize+len(p.RecordID)), p.Receiver[:]...), p.RecordID...)
}

// outboxPath is the inverse of outboxValue.
func outboxPath(sender sxp.ID, b []byte) (relay.Path, error) {
	p := relay.Path{Sender: sender}
	if len(b) < sxp.IDSize {
		return p, damaged("an outbox entry", b)
	}
	copy(p.Receiver[:], b)
	p.RecordID = relay.RecordID(b[sxp.IDSize:])
	return p, nil
}

// get returns a copy of a value, nil if there is none.
func get(db *pebble.DB, key []byte) ([]byte, error) {
	v, closer, err := db.Get(key)
	if err == pebble.ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b := append([]byte{}, v...)
	return b, closer.Close()
}

// getMeta returns what stands at a path, nil if nothing does.
func getMeta(db *pebble.DB, key []byte) (*meta, error) {
	v, closer, err := db.Get(key)
	if err == pebble.ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := metaOf(v)
	if cerr := closer.Close(); err == nil {
		err = cerr
	}
	return m, err
}

func getUint64(db *pebble.DB, key []byte) (uint64, error) {
	b, err := get(db, key)
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, damaged("a number", b)
	}
	return binary.BigEndian.Uint64(b), nil
}

// getCount returns how often a record was read.
func getCount(db *pebble.DB, key []byte) (uint32, error) {
	b, err := get(db, key)
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 4 {
		return 0, damaged("a count", b)
	}
	return binary.BigEndian.Uint32(b), nil
}

func countValue(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

const mergerName = "sxp.count"

// A count merges counts by adding, up to the greatest uint32.
type count uint32

func newCount(_, value []byte) (pebble.ValueMerger, error) {
	c := new(count)
	return c, c.add(value)
}

func (c *count) add(value []byte) error {
	if len(value) != 4 {
		return damaged("a count", value)
	}
	*c = count(min(uint64(*c)+uint64(binary.BigEndian.Uint32(value)), 1<<32-1))
	return nil
}

func (c *count) MergeNewer(value []byte) error { return c.add(value) }
func (c *count) MergeOlder(value []byte) error { return c.add(value) }

func (c *count) Finish(bool) ([]byte, io.Closer, error) { return countValue(uint32(*c)), nil, nil }

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
