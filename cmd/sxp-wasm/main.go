//go:build js

// Command sxp-wasm is the agent for browsers: it runs in a Web Worker of the
// app, which talks to it by messages (web/app/src/lib/api). It keeps its state
// in the browser's storage and reaches nodes by fetch and WebSocket. Build it
// with GOOS=js GOARCH=wasm.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"sxp"
	"sxp/cmd/sxp-wasm/internal/browser"
	"sxp/cmd/sxp-wasm/internal/host"
)

// storageName is what the app's storage is called in the browser.
const storageName = "sxp"

func main() {
	s := browser.FindScript()
	switch task := s.Task(); task {
	case "seal":
		s.Answer(host.Local{}.Seal(context.Background(), s.Bytes("data"), s.Bytes("passphrase")))
	case "open":
		s.Answer(host.Local{}.Open(context.Background(), s.Bytes("data"), s.Bytes("passphrase")))
	default:
		serve(s)
		select {} // until the worker ends
	}
}

// serve opens what the browser keeps and answers the page from then on.
func serve(s browser.Script) {
	debug.SetGCPercent(200) // pairings allocate much and keep little
	var h *host.Host
	disk, err := browser.OpenDisk(storageName, func(err error) {
		s.Lost(err)
		if h != nil {
			h.Close() // nothing can be stored any more
		}
	})
	if err != nil {
		s.Serve(nil, err)
		return
	}
	t := &teller{script: s, wake: make(chan struct{}, 1)}
	root := s.Bytes("root")
	h, err = host.New(context.Background(), host.Config{
		Disk: disk, Stretch: s, Device: s,
		Served: s.Served(), Name: browser.Name(),
		Now:     func() sxp.Time { return sxp.TimeOf(time.Now()) },
		Rand:    rand.Reader,
		Changed: t.ring,
	}, root)
	clear(root)
	if err != nil {
		s.Serve(nil, err)
		return
	}
	t.set(h)
	s.Serve(func(op string, in []byte) ([]byte, error) {
		out, err := h.Do(context.Background(), op, in)
		if strings.HasPrefix(op, "host.") {
			t.tell() // the page knows the new state before the answer
		}
		return out, err
	}, nil)
}

// A teller tells the page of changes, several at once as one.
type teller struct {
	script browser.Script
	wake   chan struct{}
	mu     sync.Mutex
	host   *host.Host
}

// tellPause is how long changes are gathered.
const tellPause = 30 * time.Millisecond

func (t *teller) set(h *host.Host) {
	t.mu.Lock()
	t.host = h
	t.mu.Unlock()
	t.tell()
	go func() {
		for range t.wake {
			t.tell()
			time.Sleep(tellPause)
		}
	}()
}

func (t *teller) ring() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *teller) tell() {
	b, err := json.Marshal(t.host.State())
	if err == nil {
		t.script.State(string(b))
	}
}
