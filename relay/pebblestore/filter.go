package pebblestore

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// filterWords is the size of a filter: 8 MiB, ten bits for each of seven
// million paths. With more, more lookups are for nothing; none is wrong.
const filterWords = 1 << 20

// A filter remembers which paths may be taken, so that a write to a free one,
// as nearly all are, need not look on disk. It is a Bloom filter (Bloom 1970)
// whose bits for one path stand in one 512-bit block. What is deleted stays in
// it until the next start. It is safe for concurrent use.
type filter struct {
	seed  maphash.Seed
	words []uint64
	ready atomic.Bool // all paths of the database are in
	abort atomic.Bool // loading shall end
}

func newFilter() *filter {
	return &filter{seed: maphash.MakeSeed(), words: make([]uint64, filterWords)}
}

// bits calls f with the four bits of a path.
func (x *filter) bits(key []byte, f func(word *uint64, mask uint64) bool) bool {
	h := maphash.Bytes(x.seed, key)
	block := h >> 36 % (filterWords / 8) * 8
	for range 4 {
		if !f(&x.words[block+h>>6&7], 1<<(h&63)) {
			return false
		}
		h >>= 9
	}
	return true
}

func (x *filter) add(key []byte) {
	x.bits(key, func(w *uint64, mask uint64) bool { atomic.OrUint64(w, mask); return true })
}

// free reports that a path is certainly free.
func (x *filter) free(key []byte) bool {
	return x.ready.Load() && !x.bits(key, func(w *uint64, mask uint64) bool { return atomic.LoadUint64(w)&mask != 0 })
}

// load adds all paths of the database, unless it is aborted.
func (x *filter) load(db *pebble.DB) error {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefixPath}, UpperBound: []byte{prefixPath + 1}})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		if x.abort.Load() {
			return it.Close()
		}
		x.add(it.Key())
	}
	if err := it.Close(); err != nil {
		return err
	}
	x.ready.Store(true)
	return nil
}
