package keyfile_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/envelope"
	"sxp/identity/keyfile"
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../../vectors")

// cheap is what tests pay.
func cheap() keyfile.Params { return keyfile.Params{MemoryKiB: 64, Passes: 1, Threads: 1} }

var (
	passphrase = []byte("correct horse battery staple")
	secret     = bytes.Repeat([]byte{0xab}, 32)
)

func wantKind(t *testing.T, err error, want sxp.Kind) {
	t.Helper()
	if want == "" && err != nil || want != "" && !errors.Is(err, want) {
		t.Errorf("error %v, want kind %q", err, want)
	}
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "root.key")
	for _, want := range [][]byte{secret, nil, bytes.Repeat([]byte{1}, keyfile.MaxSecret)} {
		if err := keyfile.SaveParams(path, want, passphrase, cheap()); err != nil {
			t.Fatal(err)
		}
		got, err := keyfile.Load(path, passphrase)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d bytes, %v", len(want), len(got), err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: only the owner may read", info.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: nothing but the file may be left", entries, err)
	}
}

func TestDefaultPriceIsPaid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "root.key")
	if err := keyfile.Save(path, secret, passphrase); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := read(t, b)
	if w.Params != (keyfile.Params{MemoryKiB: 65536, Passes: 3, Threads: 1}) {
		t.Errorf("the file asks for %+v", w.Params)
	}
	if got, err := keyfile.Load(path, passphrase); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%x, %v", got, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "root.key")
	if err := keyfile.SaveParams(path, secret, passphrase, cheap()); err != nil {
		t.Fatal(err)
	}
	_, err := keyfile.Load(path, []byte("correct horse"))
	wantKind(t, err, sxp.Denied)
	if !strings.Contains(err.Error(), "wrong passphrase or damaged file") || !strings.Contains(err.Error(), "root.key") {
		t.Errorf("the error %q says neither what nor where", err)
	}
	_, err = keyfile.Load(path, nil)
	wantKind(t, err, sxp.Denied)
	_, err = keyfile.Load(filepath.Join(dir, "absent"), passphrase)
	wantKind(t, err, sxp.NotFound)
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, keyfile.MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = keyfile.Load(large, passphrase)
	wantKind(t, err, sxp.TooLarge)
	_, err = keyfile.Load(dir, passphrase)
	wantKind(t, err, sxp.Internal)
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "root.key")
	if err := keyfile.SaveParams(path, secret, passphrase, cheap()); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path       string
		secret     []byte
		passphrase []byte
		params     keyfile.Params
		want       sxp.Kind
	}{
		"an empty passphrase":   {path, secret, nil, cheap(), sxp.Invalid},
		"a secret of 64 KiB +1": {path, make([]byte, keyfile.MaxSecret+1), passphrase, cheap(), sxp.TooLarge},
		"no passes":             {path, secret, passphrase, keyfile.Params{MemoryKiB: 64, Threads: 1}, sxp.Invalid},
		"no memory":             {path, secret, passphrase, keyfile.Params{Passes: 1, Threads: 1}, sxp.Invalid},
		"too much memory":       {path, secret, passphrase, keyfile.Params{MemoryKiB: keyfile.MaxMemoryKiB + 1, Passes: 1, Threads: 1}, sxp.TooLarge},
		"no such folder":        {filepath.Join(dir, "absent", "root.key"), secret, passphrase, cheap(), sxp.NotFound},
		"a folder in the way":   {dir, secret, passphrase, cheap(), sxp.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			wantKind(t, keyfile.SaveParams(tt.path, tt.secret, tt.passphrase, tt.params), tt.want)
			if got, err := keyfile.Load(path, passphrase); err != nil || !bytes.Equal(got, secret) {
				t.Errorf("a failed save changed the file: %v", err)
			}
		})
	}
}

func TestSaveReplacesALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, target := filepath.Join(dir, "root.key"), filepath.Join(dir, "elsewhere")
	if err := os.WriteFile(target, []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip(err)
	}
	if err := keyfile.SaveParams(path, secret, passphrase, cheap()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(target); err != nil || string(b) != "kept" {
		t.Errorf("the link was written through: %q, %v", b, err)
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

// wire is the file as spec/keyfile.md describes it.
type wire struct {
	Typ    string         `json:"typ"`
	Params keyfile.Params `json:"argon2id"`
	Salt   sxp.Bytes      `json:"salt"`
	Nonce  sxp.Bytes      `json:"nonce"`
	Data   sxp.Bytes      `json:"data"`
}

type wireHeader struct {
	Typ    string         `json:"typ"`
	Params keyfile.Params `json:"argon2id"`
	Salt   sxp.Bytes      `json:"salt"`
	Nonce  sxp.Bytes      `json:"nonce"`
}

func read(t *testing.T, b []byte) wire {
	t.Helper()
	var w wire
	if err := envelope.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w wire) bytes(t *testing.T) []byte {
	t.Helper()
	b, err := envelope.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectorFiles are inputs of Open with the passphrase above. The good one is
// sealed here, by the page alone.
func vectorFiles(t *testing.T) []vectors.Vector {
	p := cheap()
	w := wire{Typ: "sxp.keyfile/1", Params: p, Salt: bytes.Repeat([]byte{1}, 16), Nonce: bytes.Repeat([]byte{2}, 24)}
	aad, err := envelope.Marshal(wireHeader{w.Typ, w.Params, w.Salt, w.Nonce})
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(argon2.IDKey(passphrase, w.Salt, p.Passes, p.MemoryKiB, p.Threads, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.Data = aead.Seal(nil, w.Nonce, secret, aad)
	with := map[string]string{"passphrase": string(passphrase), "secret": hex.EncodeToString(secret)}
	all := []vectors.Vector{{Name: "good", Why: "64 KiB, one pass", Input: w.bytes(t), With: with}}
	add := func(name, why string, expect sxp.Kind, change func(*wire)) {
		c := w
		c.Salt, c.Nonce, c.Data = bytes.Clone(w.Salt), bytes.Clone(w.Nonce), bytes.Clone(w.Data)
		change(&c)
		all = append(all, vectors.Vector{Name: name, Why: why, Input: c.bytes(t), Expect: string(expect), With: with})
	}
	add("other-version", "version 2", sxp.Unsupported, func(w *wire) { w.Typ = "sxp.keyfile/2" })
	add("data-damaged", "one bit of the secret is wrong", sxp.Denied, func(w *wire) { w.Data[0] ^= 1 })
	add("data-short", "the tag has 16 bytes", sxp.Denied, func(w *wire) { w.Data = w.Data[:15] })
	add("salt-changed", "one bit of the salt is wrong", sxp.Denied, func(w *wire) { w.Salt[0] ^= 1 })
	add("nonce-changed", "one bit of the nonce is wrong", sxp.Denied, func(w *wire) { w.Nonce[0] ^= 1 })
	add("passes-changed", "two passes instead of one", sxp.Denied, func(w *wire) { w.Params.Passes = 2 })
	add("salt-short", "a salt has 16 bytes", sxp.Invalid, func(w *wire) { w.Salt = w.Salt[1:] })
	add("nonce-short", "a nonce has 24 bytes", sxp.Invalid, func(w *wire) { w.Nonce = w.Nonce[1:] })
	add("memory-0", "a thread needs 8 KiB", sxp.Invalid, func(w *wire) { w.Params.MemoryKiB = 7 })
	add("passes-0", "there is one pass at least", sxp.Invalid, func(w *wire) { w.Params.Passes = 0 })
	add("threads-0", "there is one thread at least", sxp.Invalid, func(w *wire) { w.Params.Threads = 0 })
	add("memory-4-tib", "512 MiB at most", sxp.TooLarge, func(w *wire) { w.Params.MemoryKiB = 1<<32 - 1 })
	add("passes-11", "10 passes at most", sxp.TooLarge, func(w *wire) { w.Params.Passes = 11 })
	add("threads-5", "4 threads at most", sxp.TooLarge, func(w *wire) { w.Params.Threads = 5 })
	return append(all,
		vectors.Vector{Name: "trailing", Why: "one byte follows", Input: append(w.bytes(t), 0), Expect: string(sxp.Invalid), With: with},
		vectors.Vector{Name: "empty", Why: "no bytes at all", Expect: string(sxp.Invalid), With: with})
}

func TestVectors(t *testing.T) {
	made := vectorFiles(t)
	if *update {
		writeVectors(t, made)
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All("keyfile")
	if len(all) != len(made) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(made))
	}
	for _, want := range made {
		v := all[want.Name]
		t.Run(want.Name, func(t *testing.T) {
			if !bytes.Equal(want.Input, v.Input) || want.Expect != v.Expect || want.Why != v.Why {
				t.Error("the file is not what this test writes: run with -update and read the diff")
			}
			got, err := keyfile.Open(v.Input, []byte(v.With["passphrase"]))
			if string(sxp.KindOf(err)) != v.Expect {
				t.Fatalf("%s: error %v, want kind %q", v.Why, err, v.Expect)
			}
			if err == nil && hex.EncodeToString(got) != v.With["secret"] {
				t.Errorf("the secret is %x", got)
			}
		})
	}
}

func writeVectors(t *testing.T, made []vectors.Vector) {
	t.Helper()
	dir := filepath.Join("..", "..", "vectors", "keyfile")
	old, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range made {
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, v.Name+".json"), append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSealIsThePage: Seal, with fixed randomness, gives what the page says.
func TestSealIsThePage(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 7)
	b, err := keyfile.Seal(cheap(), secret, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	w := read(t, b)
	aad, err := envelope.Marshal(wireHeader{w.Typ, w.Params, w.Salt, w.Nonce})
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(argon2.IDKey(passphrase, w.Salt, 1, 64, 1, 32))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := aead.Open(nil, w.Nonce, w.Data, aad); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%x, %v", got, err)
	}
	if again, err := keyfile.Seal(cheap(), secret, passphrase); err != nil || bytes.Equal(again, b) {
		t.Errorf("two files with one salt (%v)", err)
	}
}

// FuzzOpen: no input panics or costs more than the limits allow.
func FuzzOpen(f *testing.F) {
	for _, v := range vectors.All("keyfile") {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var w wire
		if err := envelope.Unmarshal(in, &w); err == nil && (w.Params.MemoryKiB > 1024 || w.Params.Passes > 2) {
			return // allowed, but not worth the fuzzer's time
		}
		if got, err := keyfile.Open(in, passphrase); err == nil && !bytes.Equal(got, secret) {
			t.Errorf("opened to %x", got)
		}
	})
}
