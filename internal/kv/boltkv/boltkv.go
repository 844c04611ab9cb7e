// Package boltkv keeps a kv.Store in one file with bbolt: every Update is
// fsynced before it returns, and the file is locked, so that a second process
// on the same folder is refused.
package boltkv

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
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
// is damaged or something else. Damage inside of it may be found only later, by
// the transaction that meets it: that one fails with sxp.Invalid.
func Open(path string) (*Store, error) {
	const op = "boltkv.Open"
	db, err := open(path)
	switch {
	case err == nil:
		return &Store{db: db}, nil
	case errors.Is(err, berrors.ErrTimeout):
		return nil, sxp.Errorf(op, sxp.Busy, nil, "%s is in use by another process: stop it, or use another folder", path)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, errDamaged):
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%s is damaged or not a store of SXP: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%s: %w", path, err)
	}
	return nil, failed(op, err)
}

// open keeps the list of free pages in the file: without it bbolt walks all
// pages when it opens, in a goroutine of its own in which nobody can catch what
// a damaged page causes.
func open(path string) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer caught(&err)
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 50 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// errDamaged is a page that is not what it should be.
var errDamaged = errors.New("the file is damaged")

// caught turns what bbolt does on damaged pages, a panic, into an error. It is
// deferred around code of bbolt only. A page beyond the end of a file that was
// cut is a fault, which SetPanicOnFault makes a panic too.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errDamaged, p)
	}
}

// failed gives a disk error its kind.
func failed(op string, err error) error {
	switch e := (*sxp.Error)(nil); {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return err
	case full(err):
		return sxp.Errorf(op, sxp.Full, nil, "the disk is full: free some space and repeat: %w", err)
	case errors.Is(err, errDamaged):
		return sxp.Errorf(op, sxp.Invalid, nil, "%w: restore it from a backup", err)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return sxp.Errorf(op, sxp.Unavailable, nil, "the store is closed")
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}

// full reports whether there was no room. bbolt gives only the text of what
// kept the file from growing.
func full(err error) bool {
	for _, no := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, no) || strings.HasSuffix(err.Error(), no.Error()) {
			return true
		}
	}
	return false
}

// Update is kv.Store.Update.
func (s *Store) Update(f func(kv.Tx) error) error {
	return run("boltkv.Update", s.db.Update, f)
}

// View is kv.Store.View.
func (s *Store) View(f func(kv.Tx) error) error {
	return run("boltkv.View", s.db.View, f)
}

// run does one transaction. f's error passes unchanged, the disk's gets a kind.
func run(op string, do func(func(*bbolt.Tx) error) error, f func(kv.Tx) error) error {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var own error
	var broken any // f's own panic, which is nobody else's to hide
	err := guarded(func() error {
		return do(func(tx *bbolt.Tx) error {
			t := &transaction{b: tx.Bucket(bucket)}
			broken, own = call(f, t)
			if own == nil {
				own = t.damage
			}
			if broken != nil {
				return errDamaged // which rolls back
			}
			return own
		})
	})
	switch {
	case broken != nil:
		panic(broken)
	case err != nil && err == own && !errors.Is(err, errDamaged):
		return err
	}
	return failed(op, err)
}

func guarded(f func() error) (err error) {
	defer caught(&err)
	return f()
}

func call(f func(kv.Tx) error, t *transaction) (broken any, err error) {
	defer func() { broken = recover() }()
	return nil, f(t)
}

// Close is kv.Store.Close.
func (s *Store) Close() error { return failed("boltkv.Close", s.db.Close()) }

// transaction is a kv.Tx; damage is the first damaged page that it met.
type transaction struct {
	b      *bbolt.Bucket
	damage error
}

// page does what touches the file.
func (t *transaction) page(f func() error) error {
	err := guarded(f)
	if errors.Is(err, errDamaged) {
		t.damage = err
	}
	return err
}

func (t *transaction) Get(key string) (value []byte) {
	_ = t.page(func() error {
		if v := t.b.Get([]byte(key)); v != nil {
			value = append([]byte{}, v...)
		}
		return nil
	})
	return value
}

func (t *transaction) Put(key string, value []byte) error {
	if err := kv.CheckEntry(key, value); err != nil {
		return err
	}
	return failed("kv.Put", t.page(func() error { return t.b.Put([]byte(key), append([]byte{}, value...)) }))
}

func (t *transaction) Delete(key string) error {
	return failed("kv.Delete", t.page(func() error { return t.b.Delete([]byte(key)) }))
}

func (t *transaction) Scan(prefix string, f func(string, []byte) error) error {
	c := t.b.Cursor()
	var key string
	var value []byte
	more := true
	move := func(to func() (k, v []byte)) error {
		return failed("kv.Scan", t.page(func() error {
			k, v := to()
			if more = k != nil && bytes.HasPrefix(k, []byte(prefix)); more {
				key, value = string(k), append([]byte{}, v...)
			}
			return nil
		}))
	}
	for err := move(func() (k, v []byte) { return c.Seek([]byte(prefix)) }); ; err = move(c.Next) {
		if err != nil || !more {
			return err
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
}
