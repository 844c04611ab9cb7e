package kvstore_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/blocks/kvstore"
	"sxp/blocks/storetest"
	"sxp/internal/kv"
	"sxp/internal/kv/boltkv"
)

func open(t *testing.T, path string) *boltkv.Store {
	t.Helper()
	db, err := boltkv.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("Memory", func(t *testing.T) {
		storetest.Run(t, func(*testing.T) blocks.Store { return kvstore.New(&kv.Memory{}) })
	})
	t.Run("File", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) blocks.Store { return kvstore.New(open(t, filepath.Join(t.TempDir(), "blocks.db"))) })
	})
}

var roomy = blocks.Limits{}.Fill()

// What was answered is there when the file is opened again.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "blocks.db")
	db := open(t, path)
	data := []byte("a photo")
	h := blocks.Holding{Owner: sxp.ID{1}, Hash: blocks.Sum(data), Until: 7}
	if err := kvstore.New(db).Put(t.Context(), h, data, roomy); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := kvstore.New(open(t, path))
	if got, err := s.Get(t.Context(), h.Hash); err != nil || !bytes.Equal(got, data) {
		t.Errorf("after opening again: %q, %v", got, err)
	}
	if due, err := s.Due(t.Context(), 7, 9); err != nil || len(due) != 1 || due[0] != h {
		t.Errorf("after opening again it is held as %v, %v", due, err)
	}
}

// fullDisk is a kv.Store whose commits fail as those of boltkv do.
type fullDisk struct{ kv.Memory }

func (d *fullDisk) Update(f func(kv.Tx) error) error {
	return d.Memory.Update(func(tx kv.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return sxp.Errorf("boltkv.Update", sxp.Full, nil, "the disk is full: free some space and repeat: %w", syscall.ENOSPC)
	})
}

// On a full disk nothing is kept, nothing is counted, and the error says so.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := kvstore.New(&fullDisk{})
	data := []byte("a photo")
	err := s.Put(t.Context(), blocks.Holding{Owner: sxp.ID{1}, Hash: blocks.Sum(data), Until: 7}, data, roomy)
	if !errors.Is(err, sxp.Full) {
		t.Errorf("Put on a full disk: %v, want %v", err, sxp.Full)
	}
	if _, err := s.Get(t.Context(), blocks.Sum(data)); !errors.Is(err, sxp.NotFound) {
		t.Errorf("after a failed Put: %v, want %v", err, sxp.NotFound)
	}
	if u, err := s.Usage(t.Context(), sxp.ID{}); err != nil || u != (blocks.Usage{}) {
		t.Errorf("after a failed Put %+v is used, %v", u, err)
	}
}
