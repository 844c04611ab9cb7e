package market

import (
	"context"
	"io"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A Client is one person's view of one market through its node. It believes
// nothing that it cannot check: every message is opened again, with its
// signature, before it is returned. It is safe for concurrent use.
//
// Errors that the node reports have the node's Kind.
type Client struct {
	caller relay.Caller
	signer envelope.Signer
	node   sxp.ID
	market sxp.ID
	now    func() sxp.Time
	rand   io.Reader
}

// NewClient returns the client of the market that the node hosts. The signer
// is who asks; c reaches the node; now is the person's clock; rand gives the
// nonces of requests.
func NewClient(c relay.Caller, s envelope.Signer, node, market sxp.ID, now func() sxp.Time, rand io.Reader) *Client {
	return &Client{caller: c, signer: s, node: node, market: market, now: now, rand: rand}
}

// Market returns which market it is.
func (c *Client) Market() sxp.ID { return c.market }

func ask[R, A any](ctx context.Context, c *Client, typ string, r R) (A, error) {
	return relay.Ask[R, A](ctx, c.caller, c.signer, c.node, c.now(), c.rand, typ, r)
}

// Markets returns the charters of the markets on a node, all of them, after
// checking each; those that do not verify are left out.
func Markets(ctx context.Context, caller relay.Caller, s envelope.Signer, node sxp.ID, now func() sxp.Time, rand io.Reader) ([]Charter, error) {
	var all []Charter
	var after sxp.ID
	for {
		raws, err := relay.Ask[AskMarkets, []sxp.Bytes](ctx, caller, s, node, now(), rand, RequestMarkets, AskMarkets{After: after})
		if err != nil {
			return nil, err
		}
		progress := false
		for _, raw := range raws {
			c, err := OpenCharter(raw)
			if err != nil || string(c.Market[:]) <= string(after[:]) {
				continue
			}
			after, progress = c.Market, true
			all = append(all, c)
		}
		if !progress {
			return all, nil
		}
	}
}

// Charter returns the market's charter and its signed bytes. That it names
// another node says where the market went: see [Locate].
func (c *Client) Charter(ctx context.Context) (Charter, []byte, error) {
	raw, err := ask[AskMarket, sxp.Bytes](ctx, c, RequestCharter, AskMarket{Market: c.market})
	if err != nil {
		return Charter{}, nil, err
	}
	ch, err := OpenCharter(raw)
	if err == nil && ch.Market != c.market {
		err = c.lied("the charter is of another market, %s", ch.Market.Short())
	}
	if err != nil {
		return Charter{}, nil, err
	}
	return ch, raw, nil
}

// lied is the error of an answer that the node cannot have taken from a board.
func (c *Client) lied(format string, args ...any) error {
	return sxp.Errorf("market.Client", sxp.Invalid, c.node, "the node's answer is wrong: "+format, args...)
}

// maxMoves is how often Locate follows a market that has moved.
const maxMoves = 8

// Locate finds a market from a link, however often it has moved since the link
// was made: the market's ID stays, each charter must be signed by it, and each
// must be later than the one before. dial reaches a node. It returns the
// client and the charter.
func Locate(ctx context.Context, l Link, dial func(ctx context.Context, n Node) (relay.Caller, error), s envelope.Signer, now func() sxp.Time, rand io.Reader) (*Client, Charter, error) {
	const op = "market.Locate"
	node, seq := l.Node, uint64(0)
	for range maxMoves {
		caller, err := dial(ctx, node)
		if err != nil {
			return nil, Charter{}, err
		}
		c := NewClient(caller, s, node.ID, l.Market, now, rand)
		ch, _, err := c.Charter(ctx)
		if err != nil {
			return nil, Charter{}, err
		}
		if ch.Seq < seq {
			return nil, Charter{}, sxp.Errorf(op, sxp.Replay, node.ID, "the node has charter %d of the market, another has %d", ch.Seq, seq)
		}
		if ch.Node.ID == node.ID {
			return c, ch, nil
		}
		node, seq = ch.Node, ch.Seq
	}
	return nil, Charter{}, sxp.Errorf(op, sxp.Unavailable, l.Market, "the market moved more than %d times", maxMoves)
}

// PutCharter publishes a charter signed by the market and all its founders. To
// a node that does not host the market yet this is how a market is founded.
func (c *Client) PutCharter(ctx context.Context, raw []byte) error {
	return c.put(ctx, RequestPutCharter, raw)
}

// PutRoll publishes a jury roll, see [Board.PutRoll].
func (c *Client) PutRoll(ctx context.Context, raw []byte) error {
	return c.put(ctx, RequestPutRoll, raw)
}

// Roll returns the jury roll of that digest, or the charter's where it is
// zero, after checking the digest. Package contract reads it.
func (c *Client) Roll(ctx context.Context, digest sxp.Hash) ([]byte, error) {
	if digest.IsZero() {
		ch, _, err := c.Charter(ctx)
		if err != nil {
			return nil, err
		}
		if digest = ch.Roll; digest.IsZero() {
			return nil, sxp.Errorf("market.Roll", sxp.NotFound, c.market, "this market has no jury roll")
		}
	}
	raw, err := ask[AskRoll, sxp.Bytes](ctx, c, RequestRoll, AskRoll{Market: c.market, Digest: digest})
	if err != nil {
		return nil, err
	}
	if envelope.Digest(raw) != digest {
		return nil, c.lied("it is not the roll %s", digest.Short())
	}
	return raw, nil
}

// Enrol puts the signer's juror card on the market's list of jurors.
func (c *Client) Enrol(ctx context.Context, raw []byte) error { return c.put(ctx, RequestEnrol, raw) }

// Leave takes the signer off the list of jurors.
func (c *Client) Leave(ctx context.Context) error {
	_, err := ask[AskMarket, bool](ctx, c, RequestLeave, AskMarket{Market: c.market})
	return err
}

// Report passes on what jurors signed about a session, a signed
// contract.ConductReport: who signs the market's roll counts it.
func (c *Client) Report(ctx context.Context, raw []byte) error {
	return c.put(ctx, RequestConduct, raw)
}

// Records returns what the market's node knows of the jurors on its list with
// higher IDs than after, an encoded list of contract.JurorRecord in that order;
// an empty one at the end.
func (c *Client) Records(ctx context.Context, after sxp.ID) ([]byte, error) {
	return ask[AskRecords, sxp.Bytes](ctx, c, RequestRecords, AskRecords{Market: c.market, After: after})
}

// Rate publishes a signed rating or reply of this person's, which package
// contract/rating defines.
func (c *Client) Rate(ctx context.Context, raw []byte) error { return c.put(ctx, RequestRate, raw) }

// Ratings returns a page of what parties of contracts say of somebody, and the
// cursor for more, "" where there is none. Nothing of it is verified.
func (c *Client) Ratings(ctx context.Context, about sxp.ID, after string) (messages []sxp.Bytes, next string, err error) {
	p, err := ask[AskRatings, Ratings](ctx, c, RequestRatings, AskRatings{Market: c.market, About: about, After: after})
	return p.Messages, p.Next, err
}

// Remove publishes a notice that removes an announcement or group.
func (c *Client) Remove(ctx context.Context, raw []byte) error { return c.put(ctx, RequestRemove, raw) }

func (c *Client) put(ctx context.Context, typ string, raw []byte) error {
	_, err := ask[Put, bool](ctx, c, typ, Put{Market: c.market, Message: raw})
	return err
}

// Publish publishes one signed announcement or group, see [Board.Publish].
func (c *Client) Publish(ctx context.Context, raw []byte) (ItemID, error) {
	ids, errs := c.PublishAll(ctx, [][]byte{raw})
	return ids[0], errs[0]
}

// PublishAll publishes many, in as few requests as they need, and returns an
// ID or an error for each. A node that cannot be reached gives its error to
// all that were not sent yet.
func (c *Client) PublishAll(ctx context.Context, raws [][]byte) ([]ItemID, []error) {
	ids, errs := make([]ItemID, len(raws)), make([]error, len(raws))
	for start := 0; start < len(raws); {
		end, size := start, 0
		var batch []sxp.Bytes
		for end < len(raws) && len(batch) < MaxBatch && (len(batch) == 0 || size+len(raws[end]) <= MaxPageBytes) {
			batch = append(batch, raws[end])
			size += len(raws[end])
			end++
		}
		out, err := ask[PutMany, []Outcome](ctx, c, RequestPublish, PutMany{Market: c.market, Messages: batch})
		if err == nil && len(out) != len(batch) {
			err = c.lied("%d outcomes for %d messages", len(out), len(batch))
		}
		for i := start; i < end; i++ {
			if err != nil {
				errs[i] = err
				continue
			}
			ids[i] = out[i-start].ID
			if p := out[i-start].Error; p != nil {
				errs[i] = sxp.Errorf("market.Publish", p.Kind, c.node, "%s", p.Text)
			}
		}
		start = end
	}
	return ids, errs
}
