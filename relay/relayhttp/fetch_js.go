package relayhttp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall/js"

	"sxp"
)

// In a browser, the browser connects: by fetch and WebSocket, without the HTTP
// and TLS of Go, which would be a fifth of the program.

// A ClientConfig says how to reach nodes. The zero value is good.
type ClientConfig struct {
	// Plain allows http without TLS to any host, which shows others on the way
	// with whom one talks.
	Plain bool
}

// A way does requests over HTTP.
type way struct{}

func newWay(ClientConfig) way { return way{} }

// thrown is an error of JavaScript.
func thrown(v js.Value) error {
	if v.Type() == js.TypeObject && v.Get("message").Type() == js.TypeString {
		return errors.New(v.Get("message").String())
	}
	return errors.New(v.String())
}

// await waits for a promise; when ctx ends first it calls give up, which makes
// the promise fail soon.
func await(ctx context.Context, promise js.Value, giveUp func()) (js.Value, error) {
	type settled struct {
		v   js.Value
		err error
	}
	done := make(chan settled, 1)
	one := func(args []js.Value) js.Value {
		if len(args) == 0 {
			return js.Undefined()
		}
		return args[0]
	}
	ok := js.FuncOf(func(_ js.Value, args []js.Value) any { done <- settled{v: one(args)}; return nil })
	defer ok.Release()
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any { done <- settled{err: thrown(one(args))}; return nil })
	defer bad.Release()
	promise.Call("then", ok, bad)
	select {
	case s := <-done:
		return s.v, s.err
	case <-ctx.Done():
		giveUp()
		<-done // the functions must not be released before
		return js.Value{}, context.Cause(ctx)
	}
}

// fetch sends one request and reads the answer, up to limit bytes of it.
func (way) fetch(ctx context.Context, method, at string, body []byte, want string, limit int64) (*page, error) {
	abort := js.Global().Get("AbortController").New()
	giveUp := func() { abort.Call("abort") }
	defer giveUp() // ends the connection where the answer was not read to its end
	headers := map[string]any{"Accept": want}
	options := map[string]any{
		"method": method, "mode": "cors", "credentials": "omit", "cache": "no-store",
		"redirect": "manual", "referrerPolicy": "no-referrer", "signal": abort.Get("signal"),
	}
	if method == "POST" {
		headers["Content-Type"] = MediaType
		b := js.Global().Get("Uint8Array").New(len(body))
		js.CopyBytesToJS(b, body)
		options["body"] = b
	}
	options["headers"] = headers
	r, err := await(ctx, js.Global().Call("fetch", at, options), giveUp)
	if err != nil {
		return nil, err
	}
	code := r.Get("status").Int()
	if r.Get("type").String() == "opaqueredirect" {
		return &page{code: 302, status: "302 a redirect"}, nil
	}
	p := &page{code: code, status: strings.TrimSpace(fmt.Sprint(code, " ", r.Get("statusText").String()))}
	if m := r.Get("headers").Call("get", "Content-Type"); m.Type() == js.TypeString {
		p.media = m.String()
	}
	if r.Get("body").IsNull() {
		return p, nil
	}
	reader := r.Get("body").Call("getReader")
	for {
		next, err := await(ctx, reader.Call("read"), giveUp)
		if err != nil {
			return nil, &cutOff{len(p.body), err}
		}
		if next.Get("done").Bool() {
			return p, nil
		}
		chunk := next.Get("value")
		n, had := chunk.Get("byteLength").Int(), len(p.body)
		if int64(had+n) > limit {
			return nil, errTooMuch
		}
		p.body = append(p.body, make([]byte, n)...)
		js.CopyBytesToGo(p.body[had:], chunk)
	}
}

// plain gives the browser's words for a failure, which name no reason, one.
func plain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return silent{err}
	}
	return fmt.Errorf("it or the network is down, or its certificate is not valid (%w)", err)
}

// maxQueued is how many bytes may wait in the browser to be sent.
const maxQueued = 2 * MaxFrame

// wire is one WebSocket of a Session.
type wire struct {
	v     js.Value
	funcs []js.Func

	mu     sync.Mutex
	frames [][]byte
	err    error         // why nothing comes any more
	wake   chan struct{} // has room for one
}

// dialWire opens a WebSocket. A browser does not say why a node refuses.
func dialWire(ctx context.Context, at string, _ ClientConfig) (w *wire, refused string, err error) {
	defer func() { // an address that the browser does not take throws
		if p := recover(); p != nil {
			e, ok := p.(js.Error)
			if !ok {
				panic(p)
			}
			w, err = nil, thrown(e.Value)
		}
	}()
	w = &wire{v: js.Global().Get("WebSocket").New(at, []any{Subprotocol}), wake: make(chan struct{}, 1)}
	w.v.Set("binaryType", "arraybuffer")
	opened := make(chan struct{}, 1)
	w.on("onopen", func(js.Value) { opened <- struct{}{} })
	w.on("onmessage", func(e js.Value) { w.take(e.Get("data")) })
	w.on("onclose", func(e js.Value) {
		w.fail(fmt.Errorf("the connection was closed (%d)", e.Get("code").Int()))
	})
	select {
	case <-opened:
		return w, "", nil
	case <-w.wake:
		w.drop()
		return nil, "", w.err
	case <-ctx.Done():
		w.drop()
		return nil, "", context.Cause(ctx)
	}
}

// on sets a handler of events until the wire is dropped.
func (w *wire) on(event string, f func(e js.Value)) {
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any { f(args[0]); return nil })
	w.funcs = append(w.funcs, fn)
	w.v.Set(event, fn)
}

func (w *wire) take(data js.Value) {
	if data.Type() != js.TypeObject || data.Get("byteLength").Int() > MaxFrame+64 {
		w.fail(errors.New("the node sent text, or too much"))
		return
	}
	a := js.Global().Get("Uint8Array").New(data)
	b := make([]byte, a.Get("byteLength").Int())
	js.CopyBytesToGo(b, a)
	w.mu.Lock()
	w.frames = append(w.frames, b)
	w.mu.Unlock()
	w.ring()
}

func (w *wire) fail(err error) {
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
	w.ring()
}

func (w *wire) ring() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// read returns the next frame; one goroutine reads at a time.
func (w *wire) read(ctx context.Context) ([]byte, error) {
	for {
		w.mu.Lock()
		var b []byte
		err := w.err
		if len(w.frames) > 0 {
			b, w.frames = w.frames[0], w.frames[1:]
			err = nil
		}
		more := len(w.frames) > 0 || w.err != nil
		w.mu.Unlock()
		if b != nil && more {
			w.ring()
		}
		if b != nil || err != nil {
			return b, err
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (w *wire) write(_ context.Context, b []byte) error {
	w.mu.Lock()
	err := w.err
	w.mu.Unlock()
	if err != nil {
		return err
	}
	if w.v.Get("bufferedAmount").Int() > maxQueued {
		return sxp.Errorf("relayhttp.Session", sxp.Busy, nil, "the network is slower than what is sent")
	}
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	w.v.Call("send", a)
	return nil
}

// end says goodbye, as drop does: a browser knows no other way.
func (w *wire) end() { w.drop() }

func (w *wire) drop() {
	for _, event := range []string{"onopen", "onmessage", "onclose"} {
		w.v.Set(event, js.Null())
	}
	w.fail(errors.New("the connection was closed"))
	w.v.Call("close")
	for _, f := range w.funcs {
		f.Release()
	}
	w.funcs = nil
}
