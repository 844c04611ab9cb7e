// Package home keeps what one person's agent keeps between two commands, in
// one folder:
//
//	home.json   version of the layout, whether there is a passphrase
//	root.key    the root secret, encrypted (package identity/keyfile)
//	agent.db    the agent's state, sealed records (package internal/kv/boltkv)
//	once/       one-time keys (package agent/filekeys)
//	agent.sock  while an agent runs (package control)
//
// The lock on agent.db is the lock of the home: one process at a time has it
// open. A home is made whole or not at all.
package home

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"sxp"
	"sxp/agent/filekeys"
	"sxp/identity"
	"sxp/identity/keyfile"
	"sxp/internal/kv"
	"sxp/internal/kv/boltkv"
)

// Version is the layout that this release makes and opens.
const Version = 1

// about is home.json.
type about struct {
	Version    int  `json:"version"`
	Passphrase bool `json:"passphrase"`
}

const (
	aboutFile  = "home.json"
	keyFile    = "root.key"
	storeFile  = "agent.db"
	onceDir    = "once"
	socketFile = "agent.sock"
)

// A Home is an open home. Close it.
type Home struct {
	Dir   string
	Root  *identity.Root
	Store kv.Store
	Once  *filekeys.Keys
}

// Socket is where an agent of the home in dir is served.
func Socket(dir string) string { return filepath.Join(dir, socketFile) }

// Close releases the lock and erases the root secret.
func (h *Home) Close() error {
	if h.Root != nil {
		h.Root.Erase()
	}
	return h.Store.Close()
}

// Create makes a home in dir, which does not exist or is empty, and calls make
// to put an agent into it. When make fails there is no home. The root secret
// is encrypted under the passphrase; a nil one means that the person wants
// none. The caller erases root.
func Create(dir string, root *identity.Root, passphrase []byte, make func(*Home) error) error {
	const op = "home.Create"
	if err := Free(dir); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	err := os.MkdirAll(parent, 0o700)
	var fresh string
	if err == nil {
		fresh, err = os.MkdirTemp(parent, ".sxp-home-") // mode 0700
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) && !full(err) {
		return sxp.Errorf(op, sxp.Denied, nil, "no home can be made in %s: %w", parent, pe.Err)
	}
	if err != nil {
		return failed(op, err)
	}
	defer os.RemoveAll(fresh)
	if err := fill(fresh, root, passphrase, make); err != nil {
		return err
	}
	os.Remove(dir) // an empty folder, if any; one with files stays, and Rename fails
	if err := os.Rename(fresh, dir); err != nil {
		return failed(op, err)
	}
	return syncDir(op, parent)
}

// Free fails with sxp.Conflict unless Create could make a home in dir.
func Free(dir string) error {
	const op = "home.Create"
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case errors.Is(err, syscall.ENOTDIR):
		return sxp.Errorf(op, sxp.Conflict, nil, "%s is a file, not a folder: choose another with --home DIR", dir)
	case err != nil:
		return failed(op, err)
	}
	for _, e := range entries {
		if e.Name() == aboutFile {
			return sxp.Errorf(op, sxp.Conflict, nil, "%s is a home already: use it, or choose another with --home DIR", dir)
		}
	}
	return sxp.Errorf(op, sxp.Conflict, nil, "%s is not empty and not a home: choose another folder with --home DIR", dir)
}

// fill makes the parts of a home in the empty folder dir.
func fill(dir string, root *identity.Root, passphrase []byte, make func(*Home) error) error {
	const op = "home.Create"
	text, err := json.Marshal(about{Version: Version, Passphrase: passphrase != nil})
	if err != nil {
		return failed(op, err)
	}
	if err := os.WriteFile(filepath.Join(dir, aboutFile), append(text, '\n'), 0o600); err != nil {
		return failed(op, err)
	}
	secret := root.Bytes()
	defer clear(secret)
	if err := saveKey(filepath.Join(dir, keyFile), secret, passphrase); err != nil {
		return err
	}
	own, err := identity.ParseRoot(secret) // h.Close erases it
	if err != nil {
		return err
	}
	h, err := open(dir)
	if err != nil {
		return err
	}
	h.Root = own
	return errors.Join(make(h), h.Close(), syncDir(op, dir))
}

// noPassphrase encrypts the key file of a person who wants no passphrase: a key
// file needs one. It protects nothing, so guesses may be cheap.
const noPassphrase = "sxp: this home has no passphrase"

func saveKey(path string, secret, passphrase []byte) error {
	if passphrase == nil {
		return keyfile.SaveParams(path, secret, []byte(noPassphrase), keyfile.Params{MemoryKiB: 8, Passes: 1, Threads: 1})
	}
	return keyfile.Save(path, secret, passphrase)
}

// Open locks the home and reads its secret. ask is called for the passphrase
// where there is one, after the lock is held; Open clears what it returns. It
// fails with sxp.NotFound where there is no home, sxp.Busy where another
// process has it open, sxp.Denied for a wrong passphrase.
func Open(dir string, ask func() ([]byte, error)) (*Home, error) {
	a, err := read(dir)
	if err != nil {
		return nil, err
	}
	h, err := open(dir)
	if err != nil {
		return nil, err
	}
	if h.Root, err = unlock(dir, a, ask); err != nil {
		h.Store.Close()
		return nil, err
	}
	return h, nil
}

func unlock(dir string, a about, ask func() ([]byte, error)) (*identity.Root, error) {
	passphrase := []byte(noPassphrase)
	if a.Passphrase {
		var err error
		if passphrase, err = ask(); err != nil {
			return nil, err
		}
		defer clear(passphrase)
	}
	secret, err := keyfile.Load(filepath.Join(dir, keyFile), passphrase)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	return identity.ParseRoot(secret)
}

// open opens the files of a home but for its secret.
func open(dir string) (*Home, error) {
	store, err := boltkv.Open(filepath.Join(dir, storeFile))
	if errors.Is(err, sxp.Busy) {
		return nil, sxp.Errorf("home.Open", sxp.Busy, nil, "another sxp has %s open: wait until it ends, or stop it (while `sxp agent` runs, all commands work)", dir)
	}
	if err != nil {
		return nil, err
	}
	once, err := filekeys.Open(filepath.Join(dir, onceDir), rand.Reader)
	if err != nil {
		store.Close()
		return nil, err
	}
	return &Home{Dir: dir, Store: store, Once: once}, nil
}

// read reads home.json strictly.
func read(dir string) (a about, err error) {
	const op = "home.Open"
	text, err := os.ReadFile(filepath.Join(dir, aboutFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return a, sxp.Errorf(op, sxp.NotFound, nil, "there is no home in %s: make one with `sxp init`, or `sxp restore` if you have your 24 words", dir)
	}
	if err != nil {
		return a, failed(op, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, sxp.Errorf(op, sxp.Invalid, nil, "%s is damaged: %v", filepath.Join(dir, aboutFile), err)
	}
	if a.Version != Version {
		return a, sxp.Errorf(op, sxp.Unsupported, nil, "%s has layout %d, this release knows %d: use a newer release", dir, a.Version, Version)
	}
	return a, nil
}

// Exists reports whether there is a home in dir; its error says what to do.
func Exists(dir string) error {
	_, err := read(dir)
	return err
}
