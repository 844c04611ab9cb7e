// Package filekeys keeps one-time keys that can be destroyed: one file of 32
// random bytes per key, in a folder of its own, so that no other record, log
// or backup of a store ever holds them.
//
// The agent encrypts a promise's secrets (p and r) under such a key and
// destroys the key when the promise is made: what is left of the record is
// noise. Destroy overwrites and unlinks; on flash memory and on file systems
// that copy on write, the disk itself may keep old bytes for a while, so the
// folder should lie on an encrypted disk.
package filekeys

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"sxp"
)

// Size is the length of a key in bytes.
const Size = 32

// MaxName is the longest name of a key in bytes; a name is a path of words and
// hashes, like the keys of package kv.
const MaxName = 512

// Keys is a folder of one-time keys. It is safe for concurrent use by one
// process; the home's lock keeps other processes away. It passes oncetest.Run.
type Keys struct {
	dir  string
	rand io.Reader

	mu sync.Mutex // held while files change, so that Make and Destroy do not mix
}

// Open creates the folder with mode 0700 where it is missing. rand is where
// the keys come from: crypto/rand.Reader, or a seeded reader in simulations.
func Open(dir string, rand io.Reader) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, failed("filekeys.Open", err)
	}
	return &Keys{dir: dir, rand: rand}, nil
}

// Make draws a key, and returns it once it is on disk. A name that has a key
// already fails with sxp.Conflict: a key is never replaced silently.
func (k *Keys) Make(name string) (key [Size]byte, err error) {
	const op = "filekeys.Make"
	path, err := k.path(op, name)
	if err != nil {
		return key, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch _, ok, err := read(path); {
	case err != nil:
		return key, failed(op, err)
	case ok:
		return key, sxp.Errorf(op, sxp.Conflict, nil, "there is a one-time key %q already: it serves once", name)
	}
	if _, err := io.ReadFull(k.rand, key[:]); err != nil {
		return key, sxp.Errorf(op, sxp.Internal, nil, "no randomness: %w", err)
	}
	if err := write(path, key[:]); err != nil {
		clear(key[:])
		os.Remove(path) // what is left of it was never used
		return key, failed(op, err)
	}
	if err := syncDir(k.dir); err != nil {
		clear(key[:])
		return key, failed(op, err)
	}
	return key, nil
}

// Get returns the key, and whether there is one: a key that was never made,
// was destroyed, or was left half written or half destroyed by a crash is not
// there. The caller clears its copy.
func (k *Keys) Get(name string) (key [Size]byte, ok bool, err error) {
	const op = "filekeys.Get"
	path, err := k.path(op, name)
	if err != nil {
		return key, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok, err = read(path)
	if err != nil {
		return key, false, failed(op, err)
	}
	return key, ok, nil
}

// Destroy overwrites the key with zeros, waits until the disk has them,
// removes the file and waits for the folder. When it returns nil the key is
// gone for ever; destroying it again is no error.
func (k *Keys) Destroy(name string) error {
	const op = "filekeys.Destroy"
	path, err := k.path(op, name)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var zeros [Size]byte
	err = overwrite(path, zeros[:])
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		err = syncDir(k.dir)
	}
	if err != nil {
		return failed(op, err)
	}
	return nil
}

// path maps any name to a file name, so that a name cannot leave the folder.
func (k *Keys) path(op, name string) (string, error) {
	if name == "" || len(name) > MaxName {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "a name has 1 to %d bytes, this has %d", MaxName, len(name))
	}
	h := sxp.Sum([]byte(name))
	return filepath.Join(k.dir, hex.EncodeToString(h[:16])+".key"), nil
}

// read returns the key in the file. A short file or one of zeros is what a
// crash in the middle of write or overwrite leaves: no key.
func read(path string) (key [Size]byte, ok bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return key, false, nil
	}
	if err != nil {
		return key, false, err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, key[:]); err != nil {
		clear(key[:])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return key, false, nil
		}
		return key, false, err
	}
	var zeros [Size]byte
	return key, subtle.ConstantTimeCompare(key[:], zeros[:]) == 0, nil
}

// write makes the file hold data, on disk.
func write(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return finish(f, data)
}

// overwrite replaces the first bytes of an existing file in place: truncating
// it would give its old blocks back to the file system unchanged.
func overwrite(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return finish(f, data)
}

func finish(f *os.File, data []byte) error {
	_, err := f.WriteAt(data, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// failed gives a disk error its kind. The text names the file, never bytes.
func failed(op string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return sxp.Errorf(op, sxp.Full, nil, "the disk is full: free some space and repeat: %w", err)
	case errors.Is(err, fs.ErrPermission):
		return sxp.Errorf(op, sxp.Denied, nil, "%w", err)
	}
	return sxp.Errorf(op, sxp.Internal, nil, "%w", err)
}
