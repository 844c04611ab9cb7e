package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
)

// Client is a Doer that asks the process behind a socket. It is safe for
// concurrent use.
type Client struct {
	path string
	http *http.Client
}

// Dial finds out whether a process serves the socket. Where there is none, or
// it has died and left its socket behind, it fails with sxp.NotFound.
func Dial(ctx context.Context, path string) (*Client, error) {
	const op = "control.Dial"
	if len(path) > MaxPath {
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "%s is too long to be a socket", path)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "nobody serves %s", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, sxp.Errorf(op, sxp.Denied, nil, "%s belongs to another user", path)
	case err != nil:
		return nil, sxp.Errorf(op, sxp.Unavailable, nil, "%w", err)
	}
	conn.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "unix", path)
	}}
	return &Client{path: path, http: &http.Client{Transport: transport}}, nil
}

// Do is Doer.Do. A process that stopped meanwhile is sxp.Unavailable.
func (c *Client) Do(ctx context.Context, op string, in []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/v1/"+url.PathEscape(op), bytes.NewReader(in))
	if err != nil {
		return nil, sxp.Errorf("control.Do", sxp.Internal, nil, "%w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	if len(body) > MaxBody {
		return nil, sxp.Errorf("control.Do", sxp.TooLarge, nil, "%s: the answer has more than %d bytes", op, MaxBody)
	}
	if res.StatusCode == http.StatusOK {
		return body, nil
	}
	var f cli.Failure
	if err := json.Unmarshal(body, &f); err != nil || f.Error.Kind == "" {
		return nil, sxp.Errorf("control.Do", sxp.Internal, nil, "%s: the process behind %s answered %s", op, c.path, res.Status)
	}
	return nil, f.Err()
}

// Close drops idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

func (c *Client) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return sxp.Errorf("control.Do", sxp.Unavailable, nil, "the process behind %s has stopped: start it again, or repeat without it: %w", c.path, err)
}
