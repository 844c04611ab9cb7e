package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
)

// Listen opens the socket with mode 0600. The caller must hold the folder's
// lock: a socket that is there already was left by a process that died, and is
// replaced.
func Listen(path string) (net.Listener, error) {
	const op = "control.Listen"
	if len(path) > MaxPath {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "%s is too long for a socket (at most %d bytes): use a folder with a shorter path", path, MaxPath)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != os.ModeSocket {
		return nil, sxp.Errorf(op, sxp.Conflict, nil, "%s is in the way: remove it", path)
	}
	os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "%w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, sxp.Errorf(op, sxp.Internal, nil, "%w", err)
	}
	return l, nil
}

// Serve answers from d until ctx is done, then waits for running answers at
// most a second. It closes l, which removes the socket.
func Serve(ctx context.Context, l net.Listener, d Doer) error {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &http.Server{
		Handler:           Handler(d),
		BaseContext:       func(net.Listener) context.Context { return running },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		end, cancelEnd := context.WithTimeout(running, time.Second)
		defer cancelEnd()
		if s.Shutdown(end) != nil {
			s.Close()
		}
	})
	err := s.Serve(l)
	if !stop() {
		<-done
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return sxp.Errorf("control.Serve", sxp.Internal, nil, "%w", err)
}

// Handler answers POST /v1/<op> from d.
func Handler(d Doer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/{op}", func(w http.ResponseWriter, r *http.Request) {
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			err = sxp.Errorf("control", sxp.TooLarge, nil, "a request has at most %d bytes", MaxBody)
		}
		var out []byte
		if err == nil {
			out, err = d.Do(r.Context(), r.PathValue("op"), in)
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			out, _ = json.Marshal(cli.FailureOf(err)) // three strings always marshal
		}
		w.Write(out)
	})
	return mux
}
