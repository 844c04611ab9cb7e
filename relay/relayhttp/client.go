package relayhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"sxp"
	"sxp/relay"
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

// callTimeout is how long a call takes at most where its context has no
// deadline: longer than a node holds a listen request.
const callTimeout = relay.MaxWait + 20*sxp.Second

// A Client is a relay.Caller that sends each request as one HTTPS POST. It is
// safe for concurrent use.
type Client struct {
	url  *url.URL
	http *http.Client
}

var _ relay.Caller = (*Client)(nil)

// NewClient returns a Client for the node at address: https://host, with a
// port if need be. It does not connect yet. It fails with Invalid for what is
// no address.
func NewClient(address string, cfg ClientConfig) (*Client, error) {
	u, err := parseAddress(address, cfg.Plain)
	if err != nil {
		return nil, err
	}
	u.Path += Path
	h := http.Client{Transport: newTransport()}
	if cfg.HTTP != nil {
		h = *cfg.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{url: u, http: &h}, nil
}

// String returns the node's address.
func (c *Client) String() string { return c.url.Scheme + "://" + c.url.Host }

// Call implements relay.Caller.
func (c *Client) Call(ctx context.Context, raw []byte) ([]byte, error) {
	return c.do(ctx, http.MethodPost, raw, MediaType, sxp.MaxMessage)
}

// Info asks the node what it is.
func (c *Client) Info(ctx context.Context) (Info, error) {
	var info Info
	b, err := c.do(ctx, http.MethodGet, nil, "application/json", MaxInfo)
	if err != nil {
		return info, err
	}
	if err := json.Unmarshal(b, &info); err != nil || info.ID.IsZero() {
		return Info{}, c.nonsense("answered with JSON that is not an SXP node's")
	}
	return info, nil
}

// nonsense is an error about a node that does not answer as a node does.
func (c *Client) nonsense(format string, args ...any) error {
	return sxp.Errorf("relayhttp.Call", sxp.Unavailable, c, "the node %s: is this the address of an SXP node?", fmt.Sprintf(format, args...))
}

func (c *Client) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = context.Cause(ctx)
	}
	return sxp.Errorf("relayhttp.Call", sxp.Unavailable, c, "node %s cannot be reached: %w", c, plain(err))
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

// silent is a deadline in words for people.
type silent struct{ error }

func (silent) Error() string   { return "no answer in time" }
func (s silent) Unwrap() error { return s.error }

// do sends one request and returns a body of the media type and size wanted.
func (c *Client) do(ctx context.Context, method string, body []byte, want string, limit int64) ([]byte, error) {
	if _, ok := ctx.Deadline(); !ok {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, callTimeout.Std())
		defer stop()
	}
	q, err := http.NewRequestWithContext(ctx, method, c.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, sxp.Errorf("relayhttp.Call", sxp.Invalid, c, "%w", err)
	}
	if method == http.MethodPost {
		q.Header.Set("Content-Type", MediaType)
	}
	q.Header.Set("Accept", want)
	r, err := c.http.Do(q)
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	defer r.Body.Close()
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	answer, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case int64(len(answer)) > limit:
		return nil, c.nonsense("sent more than %d bytes", limit)
	case err != nil:
		return nil, c.unreachable(ctx, fmt.Errorf("the answer was cut off after %d bytes: %w", len(answer), err))
	case r.StatusCode != http.StatusOK:
		return nil, c.refused(r, media, answer)
	case media != want:
		return nil, c.nonsense("answered with %.100q instead of %s", r.Header.Get("Content-Type"), want)
	}
	return answer, nil
}

// refused reads an answer that has another status than 200. What it says is
// not signed, so only kinds that a proxy may say too are taken from it.
func (c *Client) refused(r *http.Response, media string, body []byte) error {
	var p problem
	if media != "application/json" || json.Unmarshal(body, &p) != nil || p.Text == "" {
		if r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500 {
			return sxp.Errorf("relayhttp.Call", sxp.Unavailable, c, "node %s answered %q", c, r.Status)
		}
		return c.nonsense("answered %q", r.Status)
	}
	kind := sxp.Unavailable
	switch p.Kind {
	case sxp.Invalid, sxp.TooLarge, sxp.Busy, sxp.Unsupported:
		kind = p.Kind
	}
	if len(p.Text) > relay.MaxProblemText {
		p.Text = p.Text[:relay.MaxProblemText]
	}
	return sxp.Errorf("relayhttp.Call", kind, c, "node %s says: %s", c, p.Text)
}

// Sleep waits for d, or fails when ctx ends first: for relay.Retry.
func Sleep(ctx context.Context, d sxp.Duration) error {
	t := time.NewTimer(d.Std())
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
