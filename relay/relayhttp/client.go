package relayhttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"sxp"
	"sxp/relay"
)

// callTimeout is how long a call takes at most where its context has no
// deadline: longer than a node holds a listen request.
const callTimeout = relay.MaxWait + 20*sxp.Second

// A Client is a relay.Caller that sends each request as one HTTPS POST. It is
// safe for concurrent use.
type Client struct {
	url *url.URL
	way way
}

// A page is what came back over HTTP.
type page struct {
	code   int
	status string // "404 Not Found"
	media  string // the whole Content-Type
	body   []byte
}

// errTooMuch is a way's error about a body beyond the limit.
var errTooMuch = errors.New("the answer is too long")

// cutOff is a way's error about an answer that ended too early.
type cutOff struct {
	after int
	err   error
}

func (c *cutOff) Error() string {
	return fmt.Sprintf("the answer was cut off after %d bytes: %v", c.after, c.err)
}
func (c *cutOff) Unwrap() error { return c.err }

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
	return &Client{url: u, way: newWay(cfg)}, nil
}

// String returns the node's address.
func (c *Client) String() string { return c.url.Scheme + "://" + c.url.Host }

// Call implements relay.Caller.
func (c *Client) Call(ctx context.Context, raw []byte) ([]byte, error) {
	return c.do(ctx, "POST", raw, MediaType, sxp.MaxMessage)
}

// Info asks the node what it is.
func (c *Client) Info(ctx context.Context) (Info, error) {
	var info Info
	b, err := c.do(ctx, "GET", nil, "application/json", MaxInfo)
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
	p, err := c.way.fetch(ctx, method, c.url.String(), body, want, limit)
	switch {
	case errors.Is(err, errTooMuch):
		return nil, c.nonsense("sent more than %d bytes", limit)
	case err != nil:
		return nil, c.unreachable(ctx, err)
	}
	media, _, _ := strings.Cut(p.media, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	switch {
	case p.code != 200:
		return nil, c.refused(p, media)
	case media != want:
		return nil, c.nonsense("answered with %.100q instead of %s", p.media, want)
	}
	return p.body, nil
}

// refused reads an answer that has another status than 200. What it says is
// not signed, so only kinds that a proxy may say too are taken from it.
func (c *Client) refused(a *page, media string) error {
	var p problem
	if media != "application/json" || json.Unmarshal(a.body, &p) != nil || p.Text == "" {
		if a.code == 429 || a.code >= 500 {
			return sxp.Errorf("relayhttp.Call", sxp.Unavailable, c, "node %s answered %q", c, a.status)
		}
		return c.nonsense("answered %q", a.status)
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
