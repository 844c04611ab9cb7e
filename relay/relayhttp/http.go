//go:build !js

package relayhttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/coder/websocket"

	"sxp"
)

// A ClientConfig says how to reach nodes. The zero value is good.
type ClientConfig struct {
	// HTTP does the requests, with its own TLS settings; nil means one with
	// the system's certificates. Redirects are never followed.
	HTTP *http.Client

	// Plain allows http without TLS to any host, which shows others on the way
	// with whom one talks.
	Plain bool
}

// A way does requests over HTTP.
type way struct{ http *http.Client }

func newWay(cfg ClientConfig) way {
	h := http.Client{Transport: newTransport()}
	if cfg.HTTP != nil {
		h = *cfg.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return way{&h}
}

// newTransport keeps as many connections to a node as one client uses at a
// time; the standard library keeps two.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}

// fetch sends one request and reads the answer, up to limit bytes of it.
func (w way) fetch(ctx context.Context, method, at string, body []byte, want string, limit int64) (*page, error) {
	q, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, sxp.Errorf("relayhttp.Call", sxp.Invalid, nil, "%w", err)
	}
	if method == http.MethodPost {
		q.Header.Set("Content-Type", MediaType)
	}
	q.Header.Set("Accept", want)
	r, err := w.http.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case int64(len(answer)) > limit:
		return nil, errTooMuch
	case err != nil:
		return nil, &cutOff{len(answer), err}
	}
	return &page{code: r.StatusCode, status: r.Status, media: r.Header.Get("Content-Type"), body: answer}, nil
}

// plain leaves out what a person does not want to read of an error of the
// network: the request, the address once more, the name of the system call.
func plain(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	if o := (*net.OpError)(nil); errors.As(err, &o) {
		err = o.Err
	}
	if s := (*os.SyscallError)(nil); errors.As(err, &s) {
		err = s.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return silent{err}
	}
	return err
}

// wire is one WebSocket of a Session.
type wire struct{ conn *websocket.Conn }

// dialWire opens a WebSocket. Where the node refuses, refused is the status of
// its answer.
func dialWire(ctx context.Context, at string, cfg ClientConfig) (w *wire, refused string, err error) {
	conn, response, err := websocket.Dial(ctx, at, &websocket.DialOptions{HTTPClient: cfg.HTTP, Subprotocols: []string{Subprotocol}})
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols && response.StatusCode != 0 {
			refused = response.Status
		}
		return nil, refused, err
	}
	conn.SetReadLimit(MaxFrame + 64)
	return &wire{conn}, "", nil
}

func (w *wire) read(ctx context.Context) ([]byte, error) {
	_, b, err := w.conn.Read(ctx)
	return b, err
}

func (w *wire) write(ctx context.Context, b []byte) error {
	return w.conn.Write(ctx, websocket.MessageBinary, b)
}

// end says goodbye; drop does not.
func (w *wire) end()  { _ = w.conn.Close(websocket.StatusNormalClosure, "") }
func (w *wire) drop() { _ = w.conn.CloseNow() }
