package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/home"
)

// sxpAt runs one command in this process, with its own clock, and returns its
// exit code and output.
func sxpAt(t *testing.T, now func() sxp.Time, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &o, err: &e, now: now, getenv: func(string) string { return "" }, patience: 100 * time.Millisecond}
	code = a.run(t.Context(), args)
	return code, o.String(), e.String()
}

func realTime() sxp.Time { return sxp.TimeOf(time.Now()) }

func TestSecondProcessOnAHomeIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	if code, _, errs := sxpAt(t, realTime, "--home", dir, "init", "--no-passphrase", "--label", "alice"); code != cli.ExitOK {
		t.Fatal(errs)
	}
	h, err := home.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list"}, {"agent"}, {"accept", "1"}} {
		code, _, errs := sxpAt(t, realTime, append([]string{"--home", dir}, args...)...)
		if code != cli.ExitFailure || !strings.HasPrefix(errs, "sxp: another sxp has ") {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	h.Close()
	if code, _, errs := sxpAt(t, realTime, "--home", dir, "list"); code != cli.ExitOK {
		t.Errorf("list when the home is free again: exit %d, %q", code, errs)
	}
}

// serveNode runs a node in this process until the test ends and returns its
// address.
func serveNode(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "addr")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int)
	go func() {
		a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, now: realTime, getenv: func(string) string { return "" }}
		done <- a.run(ctx, []string{"node", "--dir", filepath.Join(dir, "node"), "--listen", "127.0.0.1:0", "--addr-file", file})
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != cli.ExitOK {
			t.Errorf("the node exits %d", code)
		}
	})
	for range 500 {
		if b, err := os.ReadFile(file); err == nil {
			return strings.TrimSpace(string(b))
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the node does not serve")
	return ""
}

func newHomeFor(t *testing.T, relay string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if code, _, errs := sxpAt(t, realTime, "--home", dir, "init", "--no-passphrase", "--label", "alice", "--relay", relay); code != cli.ExitOK {
		t.Fatal(errs)
	}
	return dir
}

func TestClockOffByADayIsSaid(t *testing.T) {
	address := serveNode(t)
	for name, off := range map[string]sxp.Duration{"ahead": sxp.Day, "behind": -sxp.Day} {
		t.Run(name, func(t *testing.T) {
			dir := newHomeFor(t, address)
			code, _, errs := sxpAt(t, func() sxp.Time { return realTime().Add(off) }, "--home", dir, "market", "create", "m", "--at", address)
			if code != cli.ExitFailure || !strings.Contains(errs, "clock") {
				t.Errorf("exit %d, %q: want the two clocks and which to set", code, errs)
			}
			if code, _, errs := sxpAt(t, realTime, "--home", dir, "market", "create", "m", "--at", address); code != cli.ExitOK {
				t.Errorf("with the clock set: exit %d, %q", code, errs)
			}
		})
	}
}

// Whatever answers in the place of a node, the person is told which node it
// was, and the home is as before.
func TestNodeThatAnswersNonsense(t *testing.T) {
	good := serveNode(t)
	_, id, _ := strings.Cut(good, "#")
	for name, handler := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>Welcome</html>") },
		"nothing":    func(http.ResponseWriter, *http.Request) {},
		"an error":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) },
		"noise as COSE": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/cose")
			io.WriteString(w, "noise")
		},
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/cose")
			for range 3 << 20 / 1024 {
				w.Write(make([]byte, 1024))
			}
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"a broken line": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"another's echo": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/cose")
			io.Copy(w, r.Body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handler)
			defer s.Close()
			dir := newHomeFor(t, good)
			code, out, errs := sxpAt(t, realTime, "--home", dir, "market", "create", "m", "--at", s.URL+"#"+id)
			host := strings.TrimPrefix(s.URL, "http://")
			if code != cli.ExitFailure || out != "" || !strings.HasPrefix(errs, "sxp: ") || !strings.Contains(errs, host) && !strings.Contains(errs, id) {

				t.Errorf("exit %d, %q, %q: want an error that names the node", code, out, errs)
			}
			if code, out, _ := sxpAt(t, realTime, "--home", dir, "market", "list"); code != cli.ExitOK || !strings.HasPrefix(out, "No market yet") {
				t.Errorf("afterwards the home has markets: %q", out)
			}
		})
	}
	dir := newHomeFor(t, good)
	code, _, errs := sxpAt(t, realTime, "--home", dir, "market", "create", "m", "--at", "http://127.0.0.1:1#"+id)
	if code != cli.ExitFailure || !strings.Contains(errs, "Check that you are online") {
		t.Errorf("nobody there: exit %d, %q", code, errs)
	}
}
