//go:build js

package browser

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"sync"
	"syscall/js"

	"sxp"
	"sxp/agent"
)

const (
	onceSize    = 32
	maxOnceName = 512
)

// OnceFiles is an agent.Once in the origin's private file system: one file of
// 32 bytes for each key. Destroy overwrites the bytes in place, has the browser
// write them to the disk, and removes the file; on flash memory the disk itself
// may keep old bytes for a while.
type OnceFiles struct {
	dir js.Value
	mu  sync.Mutex // an access handle excludes others
}

// OpenOnceFiles opens the folder. It fails with Unsupported where the browser
// has no such files, and with Denied where it refuses them.
func OpenOnceFiles(name string) (*OnceFiles, error) {
	const op = "browser.OpenOnceFiles"
	storage := js.Global().Get("navigator").Get("storage")
	if storage.IsUndefined() || storage.Get("getDirectory").IsUndefined() {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "this browser has no private files")
	}
	if js.Global().Get("FileSystemFileHandle").IsUndefined() || js.Global().Get("FileSystemFileHandle").Get("prototype").Get("createSyncAccessHandle").IsUndefined() {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "this browser cannot overwrite private files")
	}
	p, err := try(op, func() js.Value { return storage.Call("getDirectory") })
	if err != nil {
		return nil, err
	}
	root, err := await(op, p)
	if err != nil {
		return nil, err
	}
	dir, err := await(op, root.Call("getDirectoryHandle", name, map[string]any{"create": true}))
	if err != nil {
		return nil, err
	}
	return &OnceFiles{dir: dir}, nil
}

func onceName(op, name string) (string, error) {
	if name == "" || len(name) > maxOnceName {
		return "", sxp.Errorf(op, sxp.TooLarge, nil, "a name has 1 to %d bytes, this has %d", maxOnceName, len(name))
	}
	h := sxp.Sum([]byte(name))
	return hex.EncodeToString(h[:16]) + ".key", nil
}

// access opens a file for f; sxp.NotFound where there is none.
func (o *OnceFiles) access(op, name string, create bool, f func(h js.Value) error) error {
	file, err := await(op, o.dir.Call("getFileHandle", name, map[string]any{"create": create}))
	if err != nil {
		return err
	}
	h, err := await(op, file.Call("createSyncAccessHandle"))
	if err != nil {
		return err
	}
	_, err = try(op, func() js.Value {
		defer h.Call("close")
		err = f(h)
		return js.Undefined()
	})
	return err
}

// at is the option of read and write: from the beginning.
func at() map[string]any { return map[string]any{"at": 0} }

func (o *OnceFiles) read(op, name string) (key [onceSize]byte, ok bool, err error) {
	err = o.access(op, name, false, func(h js.Value) error {
		b := js.Global().Get("Uint8Array").New(onceSize)
		if n := h.Call("read", b, at()).Int(); n == onceSize {
			js.CopyBytesToGo(key[:], b)
			b.Call("fill", 0)
		}
		return nil
	})
	if errors.Is(err, sxp.NotFound) {
		return key, false, nil
	}
	var zeros [onceSize]byte
	return key, subtle.ConstantTimeCompare(key[:], zeros[:]) == 0, err
}

// write puts bytes at the beginning of the file, and has them on disk.
func (o *OnceFiles) write(op, name string, create bool, b []byte) error {
	return o.access(op, name, create, func(h js.Value) error {
		a := toJS(b)
		defer a.Call("fill", 0)
		n, err := try(op, func() js.Value { return h.Call("write", a, at()) })
		if err != nil {
			return err
		}
		if n.Int() != len(b) {
			return sxp.Errorf(op, sxp.Full, nil, "the browser gives this app no more room: free some space on the device, then it goes on")
		}
		_, err = try(op, func() js.Value { return h.Call("flush") })
		return err
	})
}

// Make is agent.Once.Make.
func (o *OnceFiles) Make(name string) (key [onceSize]byte, err error) {
	const op = "browser.Once"
	file, err := onceName(op, name)
	if err != nil {
		return key, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok, err := o.read(op, file); err != nil {
		return key, err
	} else if ok {
		return key, sxp.Errorf(op, sxp.Conflict, nil, "there is a one-time key %q already: it serves once", name)
	}
	rand.Read(key[:])
	if err := o.write(op, file, true, key[:]); err != nil {
		clear(key[:])
		o.remove(op, file) // what is left of it was never used
		return key, err
	}
	return key, nil
}

// Get is agent.Once.Get.
func (o *OnceFiles) Get(name string) (key [onceSize]byte, ok bool, err error) {
	const op = "browser.Once"
	file, err := onceName(op, name)
	if err != nil {
		return key, false, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.read(op, file)
}

// Destroy is agent.Once.Destroy.
func (o *OnceFiles) Destroy(name string) error {
	const op = "browser.Once"
	file, err := onceName(op, name)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var zeros [onceSize]byte
	switch err := o.write(op, file, false, zeros[:]); {
	case errors.Is(err, sxp.NotFound):
		return nil
	case err != nil:
		return err
	}
	return o.remove(op, file)
}

func (o *OnceFiles) remove(op, file string) error {
	_, err := await(op, o.dir.Call("removeEntry", file))
	if errors.Is(err, sxp.NotFound) {
		return nil
	}
	return err
}

// erase overwrites and removes all keys.
func (o *OnceFiles) erase(op string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	keys := o.dir.Call("keys")
	var names []string
	for {
		next, err := await(op, keys.Call("next"))
		if err != nil {
			return err
		}
		if next.Get("done").Bool() {
			break
		}
		names = append(names, next.Get("value").String())
	}
	var zeros [onceSize]byte
	for _, name := range names {
		if err := errors.Join(o.write(op, name, false, zeros[:]), o.remove(op, name)); err != nil {
			return err
		}
	}
	return nil
}

// OnceRecords is an agent.Once in IndexedDB, for browsers without private
// files. Destroy writes zeros over the value before it removes it; but the
// browser writes a log and may keep the old value in it until it tidies up, so
// that who copies the disk soon after may find it.
type OnceRecords struct {
	d  *Database
	mu sync.Mutex
}

var (
	_ agent.Once = (*OnceFiles)(nil)
	_ agent.Once = (*OnceRecords)(nil)
)

// Make is agent.Once.Make.
func (o *OnceRecords) Make(name string) (key [onceSize]byte, err error) {
	const op = "browser.Once"
	if _, ok, err := o.Get(name); err != nil {
		return key, err
	} else if ok {
		return key, sxp.Errorf(op, sxp.Conflict, nil, "there is a one-time key %q already: it serves once", name)
	}
	rand.Read(key[:])
	if err := o.d.put(op, storeOnce, sxp.Sum([]byte(name)).String(), key[:]); err != nil {
		clear(key[:])
		return key, err
	}
	return key, nil
}

// Get is agent.Once.Get.
func (o *OnceRecords) Get(name string) (key [onceSize]byte, ok bool, err error) {
	const op = "browser.Once"
	if _, err := onceName(op, name); err != nil {
		return key, false, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b, err := o.d.get(op, storeOnce, sxp.Sum([]byte(name)).String())
	if err != nil || len(b) != onceSize {
		return key, false, err
	}
	copy(key[:], b)
	clear(b)
	var zeros [onceSize]byte
	return key, subtle.ConstantTimeCompare(key[:], zeros[:]) == 0, nil
}

// Destroy is agent.Once.Destroy.
func (o *OnceRecords) Destroy(name string) error {
	const op = "browser.Once"
	if _, err := onceName(op, name); err != nil {
		return err
	}
	key := sxp.Sum([]byte(name)).String()
	var zeros [onceSize]byte
	if err := o.d.put(op, storeOnce, key, zeros[:]); err != nil {
		return err
	}
	return o.d.put(op, storeOnce, key, nil)
}
