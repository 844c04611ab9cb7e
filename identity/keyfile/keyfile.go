// Package keyfile keeps a secret in a file that only a passphrase opens:
// Argon2id (RFC 9106) turns the passphrase into a key, XChaCha20-Poly1305 seals
// the secret with it. A file is replaced whole or not at all, also when the
// power fails. Spec/keyfile.md has the bytes.
//
// Who has the file can try passphrases, each at the price of one Argon2id.
// Nobody can recover a forgotten one; a person's root also stands on paper as
// 24 words.
package keyfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
)

// Limits on files that come from outside.
const (
	// MaxSecret is the largest secret in bytes: any key, or a small bundle.
	MaxSecret = 64 << 10

	// MaxFile is the largest key file in bytes: a secret and its header.
	MaxFile = MaxSecret + 1<<10

	// MaxMemoryKiB is the most memory that a file may ask for, in KiB: 512 MiB,
	// what a phone can still give.
	MaxMemoryKiB = 512 << 10

	// MaxPasses and MaxThreads bound the time: with them a damaged file takes
	// ten seconds at most, not for ever.
	MaxPasses  = 10
	MaxThreads = 4
)

// typ marks key files and their version.
const typ = "sxp.keyfile/1"

const saltSize = 16

// Params is the price of one guess. They are written into the file.
type Params struct {
	MemoryKiB uint32 `json:"memoryKiB"` // 8·Threads to MaxMemoryKiB
	Passes    uint32 `json:"passes"`    // 1 to MaxPasses
	Threads   uint8  `json:"threads"`   // 1 to MaxThreads
}

// DefaultParams is the second choice of RFC 9106 section 4 with one thread,
// which a browser has too: 64 MiB, 3 passes, about 0.4 s.
func DefaultParams() Params { return Params{MemoryKiB: 64 << 10, Passes: 3, Threads: 1} }

func (p Params) check(op string) error {
	if p.Threads < 1 || p.Passes < 1 || p.MemoryKiB < 8*uint32(p.Threads) {
		return sxp.Errorf(op, sxp.Invalid, nil, "a key file needs 1 pass, 1 thread and 8 KiB for each thread at least")
	}
	if p.MemoryKiB > MaxMemoryKiB || p.Passes > MaxPasses || p.Threads > MaxThreads {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the key file asks for %d KiB, %d passes, %d threads; at most %d, %d, %d are allowed",
			p.MemoryKiB, p.Passes, p.Threads, MaxMemoryKiB, MaxPasses, MaxThreads)
	}
	return nil
}

// header is what the secret is bound to.
type header struct {
	Typ    string    `json:"typ"`
	Params Params    `json:"argon2id"`
	Salt   sxp.Bytes `json:"salt"`
	Nonce  sxp.Bytes `json:"nonce"`
}

// file is the wire form (spec/keyfile.md).
type file struct {
	header
	Data sxp.Bytes `json:"data"`
}

// Seal returns the bytes of a key file. It fails with Invalid for an empty
// passphrase, and with TooLarge beyond a limit.
func Seal(p Params, secret, passphrase []byte) ([]byte, error) {
	const op = "keyfile.Seal"
	if err := p.check(op); err != nil {
		return nil, err
	}
	if len(secret) > MaxSecret {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a key file holds at most %d bytes, not %d", MaxSecret, len(secret))
	}
	if len(passphrase) == 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "an empty passphrase protects nothing")
	}
	f := file{header: header{Typ: typ, Params: p, Salt: make([]byte, saltSize), Nonce: make([]byte, chacha20poly1305.NonceSizeX)}}
	rand.Read(f.Salt) // never fails: crypto/rand
	rand.Read(f.Nonce)
	aad, err := envelope.Marshal(f.header)
	if err != nil {
		return nil, err
	}
	key := f.key(passphrase)
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	f.Data = aead.Seal(nil, f.Nonce, secret, aad)
	return envelope.Marshal(f)
}

// Open returns the secret; the caller clears it. It fails with Denied for a
// wrong passphrase or a damaged file, which look the same, with Invalid for
// bytes that are not a key file, and with TooLarge beyond a limit, before it
// spends memory or time.
func Open(data, passphrase []byte) ([]byte, error) {
	const op = "keyfile.Open"
	if len(data) > MaxFile {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a key file has at most %d bytes, this has %d", MaxFile, len(data))
	}
	var f file
	if err := envelope.Unmarshal(data, &f); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "not a key file: %w", err)
	}
	if f.Typ != typ {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "the key file is a %.40q; this release knows %q", f.Typ, typ)
	}
	if err := f.Params.check(op); err != nil {
		return nil, err
	}
	if len(f.Salt) != saltSize || len(f.Nonce) != chacha20poly1305.NonceSizeX {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a key file has %d bytes of salt and %d of nonce", saltSize, chacha20poly1305.NonceSizeX)
	}
	aad, err := envelope.Marshal(f.header)
	if err != nil {
		return nil, err
	}
	key := f.key(passphrase)
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	secret, err := aead.Open(nil, f.Nonce, f.Data, aad)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Denied, nil, "wrong passphrase or damaged file")
	}
	return secret, nil
}

func (h *header) key(passphrase []byte) []byte {
	return argon2.IDKey(passphrase, h.Salt, h.Params.Passes, h.Params.MemoryKiB, h.Params.Threads, chacha20poly1305.KeySize)
}

// Save writes the secret to path with DefaultParams, readable by its owner
// only. When it returns nil the file survives a power cut; when it fails the
// file is as before. It fails like Seal, with Full if the disk is, with Denied
// if the folder may not be written, else with Internal.
func Save(path string, secret, passphrase []byte) error {
	return SaveParams(path, secret, passphrase, DefaultParams())
}

// SaveParams is Save at another price: tests pay less, a vault pays more.
func SaveParams(path string, secret, passphrase []byte, p Params) error {
	b, err := Seal(p, secret, passphrase)
	if err != nil {
		return err
	}
	if err := replace(path, b); err != nil {
		return sxp.Errorf("keyfile.Save", diskKind(err), name(path), "%w", err)
	}
	return nil
}

// Load returns the secret in the file; the caller clears it. It fails like
// Open, and with NotFound if there is no file.
func Load(path string, passphrase []byte) ([]byte, error) {
	const op = "keyfile.Load"
	f, err := os.Open(path)
	if err != nil {
		return nil, sxp.Errorf(op, diskKind(err), name(path), "%w", err)
	}
	defer f.Close() // read only: nothing to lose
	b, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, sxp.Errorf(op, diskKind(err), name(path), "%w", err)
	}
	secret, err := Open(b, passphrase)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), name(path), "%w", err)
	}
	return secret, nil
}

// name makes a path the On of an error.
type name string

func (n name) String() string { return strconv.Quote(string(n)) }

func diskKind(err error) sxp.Kind {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sxp.NotFound
	case errors.Is(err, fs.ErrPermission):
		return sxp.Denied
	case errors.Is(err, syscall.ENOSPC):
		return sxp.Full
	}
	return sxp.Internal
}

// replace puts b at path: a temporary file beside it, fsync, rename, and fsync
// of the folder, without which the rename may be forgotten.
func replace(path string, b []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keyfile-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()           // a second close is harmless
			os.Remove(f.Name()) // best effort: the error is already reported
		}
	}()
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		return nil // folders cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}
