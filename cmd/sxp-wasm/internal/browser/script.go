//go:build js

package browser

import (
	"context"
	"errors"
	"syscall/js"

	"sxp"
	"sxp/cmd/sxp-wasm/internal/host"
)

// A Script is the worker's JavaScript (web/app/src/lib/api/worker.ts), as far
// as the agent needs it.
type Script struct{ v js.Value }

// FindScript returns the object that the worker's script left for Go.
func FindScript() Script { return Script{js.Global().Get("sxpScript")} }

// Task says what this program was started for: "agent", or "seal" or "open" in
// a worker that is thrown away afterwards.
func (s Script) Task() string { return s.v.Get("task").String() }

// Served is the URL of the node that served the page.
func (s Script) Served() string { return s.v.Get("served").String() }

// Bytes takes a byte string that the script left, and clears the script's copy.
func (s Script) Bytes(name string) []byte {
	v := s.v.Get(name)
	if v.Type() != js.TypeObject {
		return nil
	}
	b := fromJS(v)
	v.Call("fill", 0)
	s.v.Set(name, js.Null())
	return b
}

// Answer says how a task ended.
func (s Script) Answer(out []byte, err error) {
	if err != nil {
		s.v.Call("answer", js.Null(), string(sxp.KindOf(err)), sxp.Reason(err))
		return
	}
	s.v.Call("answer", toJS(out), "", "")
}

// Serve lets the script call do, each call in a goroutine of its own, and tells
// it that the agent is ready, or why it never will be.
func (s Script) Serve(do func(op string, in []byte) ([]byte, error), err error) {
	if err != nil {
		s.v.Call("ready", js.Null(), string(sxp.KindOf(err)), sxp.Reason(err))
		return
	}
	s.v.Call("ready", js.FuncOf(func(_ js.Value, args []js.Value) any {
		op, in, done := args[0].String(), args[1].String(), args[2]
		go func() {
			out, err := do(op, []byte(in))
			if err != nil {
				done.Invoke(js.Null(), string(sxp.KindOf(err)), sxp.Reason(err))
				return
			}
			done.Invoke(string(out), "", "")
		}()
		return nil
	}), "", "")
}

// State tells the page, in JSON, how things are.
func (s Script) State(text string) { s.v.Call("state", text) }

// Lost tells the page that this agent cannot go on.
func (s Script) Lost(err error) { s.v.Call("lost", string(sxp.KindOf(err)), sxp.Reason(err)) }

// Keep is host.Device.Keep: the script seals the root under a key of WebCrypto
// that cannot be read out.
func (s Script) Keep(root []byte, remember bool) error {
	_, err := await("browser.Keep", s.v.Call("keep", toJS(root), remember))
	return err
}

// Forget is host.Device.Forget.
func (s Script) Forget() error {
	_, err := await("browser.Forget", s.v.Call("forget"))
	return err
}

var (
	_ host.Device    = Script{}
	_ host.Stretcher = Script{}
)

// Seal is host.Stretcher.Seal, in a worker of its own.
func (s Script) Seal(ctx context.Context, secret, passphrase []byte) ([]byte, error) {
	return s.stretch(ctx, "seal", secret, passphrase)
}

// Open is host.Stretcher.Open, in a worker of its own.
func (s Script) Open(ctx context.Context, file, passphrase []byte) ([]byte, error) {
	return s.stretch(ctx, "open", file, passphrase)
}

func (s Script) stretch(ctx context.Context, task string, data, passphrase []byte) ([]byte, error) {
	v, err := await("browser.Stretch", s.v.Call("stretch", task, toJS(data), toJS(passphrase)))
	if errors.Is(err, sxp.Unsupported) { // a browser without workers in workers: here, then
		if task == "seal" {
			return host.Local{}.Seal(ctx, data, passphrase)
		}
		return host.Local{}.Open(ctx, data, passphrase)
	}
	if err != nil {
		return nil, err
	}
	out := fromJS(v)
	v.Call("fill", 0)
	return out, nil
}
