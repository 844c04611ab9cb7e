// Package boltkv keeps a kv.Store in one file with bbolt: every Update is
// fsynced before it returns, and the file is locked, so that a second process
// on the same home is refused.
package boltkv

import (
	"bytes"
	"errors"
	"io/fs"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"sxp"
	"sxp/internal/kv"
)

// bucket is the only one: keys are paths, so a tree of buckets adds nothing.
var bucket = []byte("sxp/1")

// Store is a kv.Store in a file.
type Store struct{ db *bbolt.DB }

// Open opens or creates the file with mode 0600. It fails at once with
// sxp.Busy where another process has it open, with sxp.Invalid where the file
// is something else.
func Open(path string) (*Store, error) {
	const op = "boltkv.Open"
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 50 * time.Millisecond, NoFreelistSync: true})
	if err == nil {
		err = db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists(bucket)
			return err
		})
		if err != nil {
			db.Close()
		}
	}
	switch {
	case err == nil:
		return &Store{db: db}, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, sxp.Errorf(op, sxp.Busy, nil, "%s is in use by another process: stop it, or use another home", path)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s is damaged or not a store of SXP: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%s: %w", path, err)
	}
	return nil, failed(op, err)
}

// failed gives a disk error its kind.
func failed(op string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return sxp.Errorf(op, sxp.Full, nil, "the disk is full: free some space and repeat: %w", err)
	}
	if e := (*sxp.Error)(nil); errors.As(err, &e) {
		return err
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}

// Update is kv.Store.Update.
func (s *Store) Update(f func(kv.Tx) error) error {
	var own error // f's error passes unchanged, the disk's gets a kind
	err := s.db.Update(func(tx *bbolt.Tx) error {
		own = f(&transaction{tx.Bucket(bucket)})
		return own
	})
	if err != nil && err == own {
		return err
	}
	if err != nil {
		return failed("boltkv.Update", err)
	}
	return nil
}

// View is kv.Store.View.
func (s *Store) View(f func(kv.Tx) error) error {
	return s.db.View(func(tx *bbolt.Tx) error { return f(&transaction{tx.Bucket(bucket)}) })
}

// Close is kv.Store.Close.
func (s *Store) Close() error { return s.db.Close() }

type transaction struct{ b *bbolt.Bucket }

func (t *transaction) Get(key string) []byte {
	v := t.b.Get([]byte(key))
	if v == nil {
		return nil
	}
	return append([]byte{}, v...)
}

func (t *transaction) Put(key string, value []byte) error {
	if err := kv.CheckEntry(key, value); err != nil {
		return err
	}
	if err := t.b.Put([]byte(key), append([]byte{}, value...)); err != nil {
		return failed("kv.Put", err)
	}
	return nil
}

func (t *transaction) Delete(key string) error {
	if err := t.b.Delete([]byte(key)); err != nil {
		return failed("kv.Delete", err)
	}
	return nil
}

func (t *transaction) Scan(prefix string, f func(string, []byte) error) error {
	c := t.b.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
		if err := f(string(k), append([]byte{}, v...)); err != nil {
			return err
		}
	}
	return nil
}
