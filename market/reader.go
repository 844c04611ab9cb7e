package market

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// A Listing is one message of a board whose signature was verified.
type Listing struct {
	Seq    uint64 // place on this node's board
	Class  Class
	Signer sxp.ID
	Raw    []byte

	ID           ItemID        // of announcements, groups and notices
	Announcement *Announcement // one of these where Class says so; none for rolls and jurors
	Group        *Group
	Charter      *Charter
	Notice       *Notice // whether its signer may moderate, see Charter.Moderates
}

// Listings are a part of a board.
type Listings struct {
	All      []Listing
	Next     uint64 // the cursor for more; 0: there is none now
	Rejected int    // records that the node sent and that are not what they should be: left out
}

// Get returns an announcement or a group as it was last published, a
// withdrawal included.
func (c *Client) Get(ctx context.Context, id ItemID) (Listing, error) {
	r, err := ask[AskItem, Record](ctx, c, RequestGet, AskItem{Market: c.market, ID: id})
	if err != nil {
		return Listing{}, err
	}
	all, _ := c.open([]Record{r})
	if len(all) != 1 || all[0].ID != id {
		return Listing{}, c.lied("it is not the announcement %s", id)
	}
	return all[0], nil
}

// Search returns the announcements that meet the query, newest first; see
// [Board.Find]. What does not verify, does not meet the query or has expired
// is left out.
func (c *Client) Search(ctx context.Context, q Query, d Direction, before uint64, limit int) (Listings, error) {
	r := AskSearch{Market: c.market, Direction: d, Before: before, Limit: limit}
	var match *Matcher
	if !q.IsZero() {
		var err error
		if match, err = q.Compile(); err != nil {
			return Listings{}, err
		}
		r.Query = &q
	}
	p, err := ask[AskSearch, Page](ctx, c, RequestSearch, r)
	if err != nil {
		return Listings{}, err
	}
	all, rejected := c.open(p.Records)
	now := c.now()
	out := Listings{Next: p.Next, Rejected: rejected}
	for _, l := range all {
		a := l.Announcement
		if a == nil || !a.Live(now) || d != "" && a.Direction != d || match != nil && !match.Match(NewDocument(*a.Item)) {
			out.Rejected++
			continue
		}
		out.All = append(out.All, l)
	}
	return out, nil
}

// Since returns everything public after the cursor; see [Board.Since].
func (c *Client) Since(ctx context.Context, after uint64, limit int) (Listings, error) {
	return c.pages(ctx, RequestSince, AskPage{Market: c.market, After: after, Limit: limit})
}

// AwaitSince is Since that waits, where there is nothing, until there is or
// wait is over; the node cuts it to relay.MaxWait.
func (c *Client) AwaitSince(ctx context.Context, after uint64, wait sxp.Duration) (Listings, error) {
	return c.pages(ctx, RequestSince, AskPage{Market: c.market, After: after, Wait: wait})
}

// Mine returns what an owner has on the board, withdrawals included, from the
// cursor on.
func (c *Client) Mine(ctx context.Context, owner sxp.ID, after uint64) (Listings, error) {
	return c.pages(ctx, RequestSince, AskPage{Market: c.market, After: after, Owner: owner})
}

// List returns the records of one class, such as jurors or notices.
func (c *Client) List(ctx context.Context, class Class, after uint64) (Listings, error) {
	return c.pages(ctx, RequestList, AskPage{Market: c.market, After: after, Class: class})
}

func (c *Client) pages(ctx context.Context, typ string, r AskPage) (Listings, error) {
	p, err := ask[AskPage, Page](ctx, c, typ, r)
	if err != nil {
		return Listings{}, err
	}
	if p.Next != 0 && p.Next <= r.After {
		return Listings{}, c.lied("the cursor goes back from %d to %d", r.After, p.Next)
	}
	all, rejected := c.open(p.Records)
	return Listings{All: all, Next: p.Next, Rejected: rejected}, nil
}

// Each calls f for everything public after the cursor, in order, and returns
// the cursor to go on from another time. It ends early where f fails.
func (c *Client) Each(ctx context.Context, after uint64, f func(Listing) error) (uint64, error) {
	for {
		page, err := c.Since(ctx, after, 0)
		if err != nil {
			return after, err
		}
		for _, l := range page.All {
			if err := f(l); err != nil {
				return after, err
			}
			after = max(after, l.Seq)
		}
		if page.Next == 0 {
			return after, nil
		}
		after = page.Next
	}
}

// open verifies records together and returns those that are what they should
// be, and how many are not.
func (c *Client) open(records []Record) (all []Listing, rejected int) {
	var batch envelope.Batch
	for _, r := range records {
		batch.Add(r.Raw)
	}
	for i, err := range batch.Verify() {
		if err == nil {
			var l Listing
			if l, err = read(c.market, records[i], batch.Message(i)); err == nil {
				all = append(all, l)
				continue
			}
		}
		rejected++
	}
	return all, rejected
}

// OpenRecord verifies one record of a market's board, for who keeps a copy of
// the board beside it; on is the [Board] or a [Client]. It fails with Invalid,
// TooLarge or Denied.
func OpenRecord(on interface{ Market() sxp.ID }, r Record) (Listing, error) {
	m, err := envelope.Parse(r.Raw)
	if err != nil {
		return Listing{}, err
	}
	return read(on.Market(), r, m)
}

// read makes a listing of a record whose signature was verified.
func read(market sxp.ID, r Record, m *envelope.Message) (Listing, error) {
	const op = "market.OpenRecord"
	l := Listing{Seq: r.Seq, Class: r.Class, Signer: m.Signer, Raw: r.Raw}
	of := market
	switch r.Class {
	case ClassAnnouncement, ClassGroup:
		p, err := readPublication(op, m)
		if err != nil {
			return l, err
		}
		if p.class != r.Class {
			return l, sxp.Errorf(op, sxp.Invalid, p.id, "a %s stands as a %s", p.class, r.Class)
		}
		l.ID, l.Announcement, l.Group, of = p.id, p.announcement, p.group, p.market
	case ClassNotice:
		n, _, err := OpenNotice(r.Raw)
		if err != nil {
			return l, err
		}
		l.ID, l.Notice, of = n.Item, &n, n.Market
	case ClassCharter:
		c, err := OpenCharter(r.Raw)
		if err != nil {
			return l, err
		}
		l.Charter, of = &c, c.Market
	case ClassRoll, ClassJuror:
		// Read by package contract.
	default:
		return l, sxp.Errorf(op, sxp.Invalid, nil, "a board shows no %.40q", string(r.Class))
	}
	if of != market {
		return l, sxp.Errorf(op, sxp.Denied, nil, "it is of the market %s, not of %s", of.Short(), market.Short())
	}
	return l, nil
}

// A Letter is mail for the signer, whose sender was verified.
type Letter struct {
	Mail
	ID  sxp.Hash // for DeleteMail
	Seq uint64
}

// Post posts bytes sealed to a person (envelope.Seal to the keys of their
// card) for as long as life, and returns the digest of the mail.
func (c *Client) Post(ctx context.Context, to sxp.ID, sealed []byte, life sxp.Duration) (sxp.Hash, error) {
	now := c.now()
	raw, err := SignMail(c.signer, Mail{Market: c.market, From: c.signer.ID(), To: to, Sealed: sealed, Created: now, Expires: now.Add(life)})
	if err != nil {
		return sxp.Hash{}, err
	}
	id, err := ask[Put, sxp.Hash](ctx, c, RequestPost, Put{Market: c.market, Message: raw})
	if err == nil && id != envelope.Digest(raw) {
		err = c.lied("it kept another letter")
	}
	return id, err
}

// Mail returns the letters that wait for the signer, oldest first, after the
// cursor, and the cursor for more (0: none now). They stay until DeleteMail.
func (c *Client) Mail(ctx context.Context, after uint64) ([]Letter, uint64, error) {
	return c.AwaitMail(ctx, after, 0)
}

// AwaitMail is Mail that waits, where there is none, until there is or wait is
// over; the node cuts it to relay.MaxWait.
func (c *Client) AwaitMail(ctx context.Context, after uint64, wait sxp.Duration) ([]Letter, uint64, error) {
	p, err := ask[AskPage, Page](ctx, c, RequestMail, AskPage{Market: c.market, After: after, Wait: wait})
	if err != nil {
		return nil, 0, err
	}
	if p.Next != 0 && p.Next <= after {
		return nil, 0, c.lied("the cursor goes back from %d to %d", after, p.Next)
	}
	var letters []Letter
	for _, r := range p.Records {
		m, err := OpenMail(r.Raw)
		if err != nil || m.To != c.signer.ID() || m.Market != c.market {
			continue
		}
		letters = append(letters, Letter{Mail: m, ID: envelope.Digest(r.Raw), Seq: r.Seq})
	}
	return letters, p.Next, nil
}

// DeleteMail deletes letters that were fetched and kept.
func (c *Client) DeleteMail(ctx context.Context, ids ...sxp.Hash) error {
	for len(ids) > 0 {
		n := min(len(ids), MaxPage)
		if _, err := ask[DropMail, bool](ctx, c, RequestDeleteMail, DropMail{Market: c.market, IDs: ids[:n]}); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}
