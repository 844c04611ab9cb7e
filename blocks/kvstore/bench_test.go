package kvstore_test

import (
	"encoding/binary"
	"path/filepath"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/blocks/kvstore"
	"sxp/internal/kv/boltkv"
)

// BenchmarkFile puts and gets blocks of 100 KB in a file, each put flushed.
func BenchmarkFile(b *testing.B) {
	db, err := boltkv.Open(filepath.Join(b.TempDir(), "blocks.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	s := kvstore.New(db)
	limits := blocks.Limits{OwnerBlocks: 1 << 40, OwnerBytes: 1 << 50, Bytes: 1 << 50}
	var n uint64
	var last blocks.Holding
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			data := make([]byte, 100_000)
			binary.BigEndian.PutUint64(data, n)
			n++
			last = blocks.Holding{Owner: sxp.ID{1}, Hash: blocks.Sum(data), Until: 1}
			if err := s.Put(b.Context(), last, data, limits); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Get(b.Context(), last.Hash); err != nil {
				b.Fatal(err)
			}
		}
	})
}
