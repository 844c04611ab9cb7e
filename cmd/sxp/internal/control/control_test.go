package control_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/control"
)

func echo(_ context.Context, op string, in []byte) ([]byte, error) {
	switch op {
	case "echo":
		return in, nil
	case "no":
		return nil, sxp.Errorf("agent.deal", sxp.NotFound, nil, "there is no deal 7")
	}
	return nil, sxp.Errorf("agent.Do", sxp.Unsupported, nil, "no operation %q", op)
}

// serve returns the path of a socket that is served until the test ends.
func serve(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- control.Serve(ctx, l, control.DoerFunc(echo)) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is still there: %v", err)
		}
	})
	return path
}

func TestCall(t *testing.T) {
	c, err := control.Dial(t.Context(), serve(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	big := strings.Repeat("x", 1<<20)
	got, err := c.Do(t.Context(), "echo", []byte(big))
	if err != nil || string(got) != big {
		t.Errorf("echo: %d bytes, error %v", len(got), err)
	}
	for op, want := range map[string]sxp.Kind{"no": sxp.NotFound, "else": sxp.Unsupported, "": sxp.Internal} {
		if _, err := c.Do(t.Context(), op, nil); !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", op, err, want)
		}
	}
	_, err = c.Do(t.Context(), "no", nil)
	if got := cli.FailureOf(err).Error; got != (cli.Problem{Kind: sxp.NotFound, Op: "agent.deal", Text: "there is no deal 7"}) {
		t.Errorf("an error came through as %+v", got)
	}
	if _, err := c.Do(t.Context(), "echo", make([]byte, control.MaxBody+1)); !errors.Is(err, sxp.TooLarge) && !errors.Is(err, sxp.Unavailable) {
		t.Errorf("an oversized request: %v", err)
	}
}

func TestSocketIsPrivate(t *testing.T) {
	info, err := os.Stat(serve(t))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestNobodyServes(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for name, path := range map[string]string{
		"no socket": filepath.Join(dir, "none"), "left by a dead process": stale, "too long": filepath.Join(dir, strings.Repeat("x", 110)),
	} {
		if _, err := control.Dial(t.Context(), path); !errors.Is(err, sxp.NotFound) {
			t.Errorf("Dial, %s: %v, want %v", name, err, sxp.NotFound)
		}
	}
	if l, err = control.Listen(stale); err != nil {
		t.Errorf("Listen on a stale socket: %v", err)
	} else {
		l.Close()
	}
}

func TestListenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	os.WriteFile(file, []byte("mine"), 0o600)
	if _, err := control.Listen(file); !errors.Is(err, sxp.Conflict) {
		t.Errorf("Listen on a file: %v, want %v", err, sxp.Conflict)
	}
	if b, _ := os.ReadFile(file); string(b) != "mine" {
		t.Error("the file in the way was removed")
	}
	if _, err := control.Listen(filepath.Join(dir, strings.Repeat("x", 110))); !errors.Is(err, sxp.TooLarge) {
		t.Errorf("Listen on a long path: %v, want %v", err, sxp.TooLarge)
	}
}

func TestStoppedProcessIsUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, _ := control.Listen(path)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- control.Serve(ctx, l, control.DoerFunc(echo)) }()
	c, err := control.Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	<-done
	if _, err := c.Do(t.Context(), "echo", []byte("{}")); !errors.Is(err, sxp.Unavailable) {
		t.Errorf("Do: %v, want %v", err, sxp.Unavailable)
	}
}
