package blocks

import (
	"context"
	"io"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A Client is one person's way to the blocks of a node. It is safe for
// concurrent use.
type Client struct {
	caller relay.Caller
	signer envelope.Signer
	at     relay.Address
	now    func() sxp.Time
	rand   io.Reader
}

// NewClient returns the client of the node at an address, which c reaches. The
// signer is who asks; now is their clock; rand gives the nonces of requests.
func NewClient(c relay.Caller, s envelope.Signer, at relay.Address, now func() sxp.Time, rand io.Reader) *Client {
	return &Client{caller: c, signer: s, at: at, now: now, rand: rand}
}

// Put keeps a block at the node and returns its URL. Unless an announcement of
// the signer on a board of the node names it within [Grace], it is removed.
func (c *Client) Put(ctx context.Context, data []byte) (URL, error) {
	u := URL{Hash: Sum(data), At: c.at}
	if err := checkBlock("blocks.Put", data); err != nil {
		return URL{}, err
	}
	if err := u.Validate(); err != nil {
		return URL{}, err
	}
	got, err := ask[Put, sxp.Hash](ctx, c, RequestPut, Put{Data: data})
	if err != nil {
		return URL{}, err
	}
	if got != u.Hash {
		return URL{}, sxp.Errorf("blocks.Put", sxp.Invalid, c.at.ID, "the node's answer is wrong: it kept %s, not %s", got.Short(), u.Hash.Short())
	}
	return u, nil
}

// Get returns the block with that hash. It fails with Invalid where the node
// sends other bytes, and with NotFound where it has none. What it returns is a
// stranger's: show it as an image and nothing else.
func (c *Client) Get(ctx context.Context, hash sxp.Hash) ([]byte, error) {
	data, err := ask[Get, sxp.Bytes](ctx, c, RequestGet, Get{Hash: hash})
	if err != nil {
		return nil, err
	}
	if err := (URL{Hash: hash, At: c.at}).Check(data); err != nil {
		return nil, err
	}
	return data, nil
}

// Drop ends the signer's hold on a block. Dropping what is not held is no
// error.
func (c *Client) Drop(ctx context.Context, hash sxp.Hash) error {
	_, err := ask[Get, bool](ctx, c, RequestDrop, Get{Hash: hash})
	return err
}

func ask[R, A any](ctx context.Context, c *Client, typ string, r R) (A, error) {
	return relay.Ask[R, A](ctx, c.caller, c.signer, c.at.ID, c.now(), c.rand, typ, r)
}

// checkBlock reports whether data can be a block.
func checkBlock(op string, data []byte) error {
	if len(data) == 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a block has at least one byte")
	}
	if len(data) > MaxBlock {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a block has at most %d bytes, this has %d", MaxBlock, len(data))
	}
	return nil
}
