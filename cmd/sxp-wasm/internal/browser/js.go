//go:build js

package browser

import (
	"syscall/js"

	"sxp"
)

// settled is how a promise or request ended.
type settled struct {
	value js.Value
	err   error
}

// await waits for a promise. It must not be called from a callback of
// JavaScript, which would wait for itself.
func await(op string, promise js.Value) (js.Value, error) {
	done := make(chan settled, 1)
	var ok, bad js.Func
	ok = js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{value: first(args)}
		return nil
	})
	defer ok.Release()
	bad = js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{err: failure(op, first(args))}
		return nil
	})
	defer bad.Release()
	promise.Call("then", ok, bad)
	s := <-done
	return s.value, s.err
}

func first(args []js.Value) js.Value {
	if len(args) == 0 {
		return js.Undefined()
	}
	return args[0]
}

// try calls f, which may throw.
func try(op string, f func() js.Value) (v js.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(js.Error)
			if !ok {
				panic(p)
			}
			err = failure(op, e.Value)
		}
	}()
	return f(), nil
}

// A thrown is an error of JavaScript.
type thrown struct{ name, text string }

func (e *thrown) Error() string {
	if e.text == "" {
		return e.name
	}
	return e.text + " (" + e.name + ")"
}

// failure gives an error of the browser its kind.
func failure(op string, v js.Value) error {
	e := &thrown{name: "Error"}
	if v.Type() == js.TypeObject {
		if n := v.Get("name"); n.Type() == js.TypeString {
			e.name = n.String()
		}
		if m := v.Get("message"); m.Type() == js.TypeString {
			e.text = m.String()
		}
		if k := v.Get("kind"); k.Type() == js.TypeString { // an error of ours
			return sxp.Errorf(op, sxp.Kind(k.String()), nil, "%s", e.text)
		}
	} else {
		e.text = v.String()
	}
	switch e.name {
	case "QuotaExceededError":
		return sxp.Errorf(op, sxp.Full, nil, "the browser gives this app no more room: free some space on the device, then it goes on: %w", e)
	case "NotFoundError":
		return sxp.Errorf(op, sxp.NotFound, nil, "%w", e)
	case "NotAllowedError", "SecurityError":
		return sxp.Errorf(op, sxp.Denied, nil, "the browser refuses storage to this page: allow it in the site's settings, or leave private mode: %w", e)
	case "NoModificationAllowedError":
		return sxp.Errorf(op, sxp.Busy, nil, "another tab uses it: %w", e)
	case "VersionError":
		return sxp.Errorf(op, sxp.Unsupported, nil, "what is stored here was written by a newer version of the app: reload the page to get that version")
	case "InvalidStateError", "UnknownError":
		return sxp.Errorf(op, sxp.Unavailable, nil, "the browser's storage does not work now, as in some private modes: %w", e)
	}
	return sxp.Errorf(op, sxp.Internal, nil, "the browser's storage failed: %w", e)
}

// toJS copies bytes into a new Uint8Array.
func toJS(b []byte) js.Value {
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

// fromJS copies the bytes of a Uint8Array.
func fromJS(v js.Value) []byte {
	b := make([]byte, v.Get("byteLength").Int())
	js.CopyBytesToGo(b, v)
	return b
}
