package relay

import (
	"context"
	"io"
	"iter"

	"sxp"
	"sxp/envelope"
)

// A Client speaks for one person to one node. It is safe for concurrent use.
type Client struct {
	caller Caller
	signer envelope.Signer
	server sxp.ID
	now    func() sxp.Time
	rand   io.Reader
	retry  Retry
}

// A Retry says what to do when a node cannot be reached or is busy. The zero
// Retry does nothing.
type Retry struct {
	// Tries is how often a request is sent at most; 0 and 1 mean once.
	Tries int

	// Wait is the pause before the second try; it doubles each time, up to a
	// minute. Zero means 200 ms.
	Wait sxp.Duration

	// Sleep waits, or returns an error when ctx ends. It is needed for more
	// than one try.
	Sleep func(ctx context.Context, d sxp.Duration) error
}

// NewClient returns a Client that speaks for s's owner to the node with the ID
// server through c. now is the person's clock; rand gives nonces and record
// ids and must be safe for concurrent use.
func NewClient(c Caller, s envelope.Signer, server sxp.ID, now func() sxp.Time, rand io.Reader) *Client {
	return &Client{caller: c, signer: s, server: server, now: now, rand: rand}
}

// WithRetry returns a Client that is c but for r.
func (c *Client) WithRetry(r Retry) *Client {
	again := *c
	again.retry = r
	return &again
}

// Server is the node's ID.
func (c *Client) Server() sxp.ID { return c.server }

// again calls f until it succeeds, fails for good, or has been tried enough.
// If f signs anew, what was refused as a replay, maybe since the node has
// restarted, is also tried again.
func (r *Retry) again(ctx context.Context, anew bool, f func() error) error {
	pause := r.Wait
	if pause <= 0 {
		pause = 200 * sxp.Millisecond
	}
	for try := 1; ; try++ {
		err := f()
		switch sxp.KindOf(err) {
		case sxp.Unavailable, sxp.Busy:
		case sxp.Replay:
			if !anew {
				return err
			}
		default:
			return err
		}
		if try >= r.Tries || r.Sleep == nil || ctx.Err() != nil {
			return err
		}
		if r.Sleep(ctx, pause) != nil {
			return err
		}
		pause = min(2*pause, sxp.Minute)
	}
}

// Do asks c's node, as Ask does, and tries again as c's Retry says. A request
// that is tried again may have been done the first time: typ must be one where
// that does no harm.
func Do[R, A any](ctx context.Context, c *Client, typ string, r R) (A, error) {
	var a A
	err := c.retry.again(ctx, true, func() (err error) {
		a, err = Ask[R, A](ctx, c.caller, c.signer, c.server, c.now(), c.rand, typ, r)
		return err
	})
	return a, err
}

// Write signs a record for to, writes it and returns its path. A record id is
// drawn if w has none.
func (c *Client) Write(ctx context.Context, to sxp.ID, w Write) (Path, error) {
	if w.RecordID == "" {
		id, err := NewRecordID(c.rand)
		if err != nil {
			return Path{}, err
		}
		w.RecordID = id
	}
	p := Path{c.signer.ID(), to, w.RecordID}
	raw, err := Sign(c.signer, TypeWrite, to, c.now(), c.rand, w)
	if err != nil {
		return p, err
	}
	return p, c.WriteSigned(ctx, raw)
}

// WriteSigned writes a record that its sender has signed, as Sign with
// TypeWrite does: the same message can go to several relays. Writing it again
// does no harm.
func (c *Client) WriteSigned(ctx context.Context, raw []byte) error {
	_, sender, err := envelope.Peek(raw)
	if err != nil {
		return err
	}
	return c.retry.again(ctx, false, func() error {
		var a Response[bool]
		if ss, ok := c.caller.(Session); ok {
			t, payload, err := ss.Exchange(ctx, "", raw)
			if err != nil {
				return err
			}
			return a.expected().open(sender, c.server, TypeWrite, envelope.Digest(raw), t, payload)
		}
		return askSigned(ctx, c.caller, sender, c.server, TypeWrite, raw, a.expected())
	})
}

// A Received is a record whose sender was verified.
type Received struct {
	Path      Path
	Timestamp sxp.Time // the sender's clock
	Write     Write    // its fields; Content is still sealed
	Message   []byte   // the sender's signed message
	Stored    Stamp    // when the relay stored it
}

// Read pulls the record at p and verifies that it is the sender's. It fails
// with NotFound if the node does not have it.
func (c *Client) Read(ctx context.Context, p Path) (*Received, error) {
	rec, err := Do[Read, *Record](ctx, c, TypeRead, Read{Path: p.String()})
	if err != nil {
		return nil, err
	}
	if rec == nil {
		return nil, sxp.Errorf("relay.Read", sxp.NotFound, p, "node %s has no such record", c.server)
	}
	q, err := OpenRecord(p, rec.Message)
	if err != nil {
		return nil, err
	}
	return &Received{Path: p, Timestamp: q.Timestamp, Write: q.Request, Message: rec.Message, Stored: rec.Stored}, nil
}

// A Page is a Listing with its paths read.
type Page struct {
	Paths []Path
	Next  Stamp
	More  bool
}

// page reads a listing and checks that all of it concerns the asker.
func (c *Client) page(l Listing, outbox bool) (Page, error) {
	const op = "relay.Inventory"
	page := Page{Paths: make([]Path, len(l.Paths)), Next: l.Next, More: l.More}
	var coder pathCoder
	for i, s := range l.Paths {
		p, err := coder.parse(s)
		if err != nil {
			return Page{}, sxp.Errorf(op, sxp.Invalid, c.server, "the node lists something else than a path: %w", err)
		}
		mine := p.Receiver
		if outbox {
			mine = p.Sender
		}
		if mine != c.signer.ID() {
			return Page{}, sxp.Errorf(op, sxp.Invalid, c.server, "the node lists a record that is not yours: %s", p)
		}
		page.Paths[i] = p
	}
	return page, nil
}

// Inventory returns one page of what rests for the client's person, oldest
// first.
func (c *Client) Inventory(ctx context.Context, q Inventory) (Page, error) {
	l, err := Do[Inventory, Listing](ctx, c, TypeInventory, q)
	if err != nil {
		return Page{}, err
	}
	return c.page(l, q.Outbox)
}

// All goes through all pages of an Inventory. It ends after the first error.
func (c *Client) All(ctx context.Context, q Inventory) iter.Seq2[Path, error] {
	return func(yield func(Path, error) bool) {
		for {
			page, err := c.Inventory(ctx, q)
			if err != nil {
				yield(Path{}, err)
				return
			}
			for _, p := range page.Paths {
				if !yield(p, nil) {
					return
				}
			}
			if !page.More {
				return
			}
			q.After = page.Next
		}
	}
}

// Listen calls f with every page of records that are stored after the stamp
// after, those that rest already first, until f or the node fails or ctx ends;
// it returns that error, or ctx's cause. No record is missed and none comes
// twice. To go on later, also through another connection, call it with the Next
// of the last page.
func (c *Client) Listen(ctx context.Context, after Stamp, f func(Page) error) error {
	q := Listen{After: after, Wait: MaxWait}
	for {
		l, err := Do[Listen, Listing](ctx, c, TypeListen, q)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		page, err := c.page(l, false)
		if err != nil {
			return err
		}
		if page.Next < q.After || len(page.Paths) > 0 && page.Next == q.After {
			return sxp.Errorf("relay.Listen", sxp.Invalid, c.server, "the node's listing goes backwards")
		}
		q.After = page.Next
		if len(page.Paths) == 0 {
			continue
		}
		if err := f(page); err != nil {
			return err
		}
	}
}

// Delete removes one record that the client's person sent or received. It
// fails with NotFound if it is not there, maybe since an earlier try removed it.
func (c *Client) Delete(ctx context.Context, p Path) error {
	_, err := Do[Delete, bool](ctx, c, TypeDelete, Delete{Path: p.String()})
	return err
}

// DeleteID removes all records with one id from the person's outbox.
func (c *Client) DeleteID(ctx context.Context, id RecordID) error {
	_, err := Do[Delete, bool](ctx, c, TypeDelete, Delete{RecordID: id})
	return err
}

// Account opens or prolongs the person's account with a signed invitation, or,
// with none, asks for its state.
func (c *Client) Account(ctx context.Context, invitation []byte) (AccountState, error) {
	return Do[OpenAccount, AccountState](ctx, c, TypeAccount, OpenAccount{Invitation: invitation})
}

// Acknowledge puts a signed receipt for r, which came from any relay, into the
// person's own outbox on c's node, for r's sender, to rest for ttl.
func (c *Client) Acknowledge(ctx context.Context, r *Received, ttl sxp.Duration) (Path, error) {
	digest := envelope.Digest(r.Message)
	receipt, err := envelope.Sign(c.signer, TypeReceipt, Receipt{
		Path: r.Path.String(), Record: digest, Size: uint64(len(r.Message)), Read: c.now(),
	})
	if err != nil {
		return Path{}, err
	}
	// The id follows from the record, so that acknowledging twice makes no
	// second receipt.
	id := RecordID("receipt-" + digest.String()[:32])
	p, err := c.Write(ctx, r.Path.Sender, Write{RecordID: id, TTL: ttl, Tag: TagReceipt, Content: receipt})
	if sxp.KindOf(err) == sxp.Conflict {
		return p, nil
	}
	return p, err
}

// OpenReceipt verifies a receipt for a message that was sent: it must
// be signed by the message's receiver and name it.
func OpenReceipt(raw, message []byte) (Receipt, error) {
	const op = "relay.OpenReceipt"
	var r Receipt
	signer, err := envelope.Open(raw, TypeReceipt, &r)
	if err != nil {
		return r, err
	}
	p, err := ParsePath(r.Path)
	if err != nil {
		return r, err
	}
	if signer != p.Receiver {
		return r, sxp.Errorf(op, sxp.Denied, p, "the receipt is signed by %s, not by the receiver", signer)
	}
	if _, err := OpenRecord(p, message); err != nil {
		return r, err
	}
	if r.Record != envelope.Digest(message) || r.Size != uint64(len(message)) {
		return r, sxp.Errorf(op, sxp.Invalid, p, "the receipt is for another message at this path")
	}
	return r, nil
}
