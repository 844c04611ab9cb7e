package market

import (
	"context"
	"slices"

	"sxp"
)

// A Record is one signed message of a board, as it is read.
type Record struct {
	Seq   uint64    `json:"seq"` // place on this board: later ones have higher
	Class Class     `json:"class"`
	Raw   sxp.Bytes `json:"raw"` // as published; open it again before believing it
}

// Get returns the announcement or group of that ID as it was last published,
// a withdrawal included. It fails with NotFound, also when it has expired.
func (b *Board) Get(ctx context.Context, now sxp.Time, id ItemID) (Record, error) {
	var last error
	for _, class := range counted() {
		e, err := b.store.Get(ctx, itemKey(class, id))
		if err == nil && e.Expires > now {
			return Record{Seq: e.Seq, Class: class, Raw: e.Raw}, nil
		}
		if err != nil && sxp.KindOf(err) != sxp.NotFound {
			last = err
		}
	}
	if last != nil {
		return Record{}, last
	}
	return Record{}, sxp.Errorf("market.Get", sxp.NotFound, id, "this board has no such announcement")
}

// Find returns the announcements that meet the query, newest first, below the
// cursor before (0: from the newest). The zero query finds all. next is the
// cursor for more, 0 where there is none. Limit is cut to MaxPage.
func (b *Board) Find(ctx context.Context, now sxp.Time, q Query, d Direction, before uint64, limit int) (page []Record, next uint64, err error) {
	if !q.IsZero() {
		if err := q.Validate(); err != nil {
			return nil, 0, err
		}
	}
	if d != "" && d != Offer && d != Need && d != Gift {
		return nil, 0, invalid("direction", "%.40q must be offer, need or gift, or absent for all", string(d))
	}
	return records(b.store.Search(ctx, Search{Query: q, Direction: d, Before: before, Now: now, Limit: clampPage(limit), Bytes: MaxPageBytes}))
}

// Since returns everything public in the order in which it came, after the
// cursor: announcements, withdrawals, groups, charters, rolls, jurors and
// notices. With the cursor of the last record anybody keeps a copy of the
// board and computes with it. An edit comes again with a new Seq; what has
// expired or was removed is left out. Owner, if not zero, is whose to return.
// next is the cursor for more, 0 where there is none now.
func (b *Board) Since(ctx context.Context, now sxp.Time, after uint64, owner sxp.ID, limit int) (page []Record, next uint64, err error) {
	return b.scan(ctx, Filter{Classes: publicClasses(), Owner: owner, After: after, LiveAt: now, Limit: limit})
}

// List returns the records of one public class, oldest first, as Since does.
func (b *Board) List(ctx context.Context, now sxp.Time, class Class, after uint64, limit int) (page []Record, next uint64, err error) {
	if class == ClassMail {
		return nil, 0, sxp.Errorf("market.List", sxp.Denied, nil, "mail is for its receiver")
	}
	if !slices.Contains(publicClasses(), class) {
		return nil, 0, sxp.Errorf("market.List", sxp.Invalid, nil, "there is no class %.40q", string(class))
	}
	return b.scan(ctx, Filter{Classes: []Class{class}, After: after, LiveAt: now, Limit: limit})
}

func (b *Board) scan(ctx context.Context, f Filter) ([]Record, uint64, error) {
	f.Limit = clampPage(f.Limit)
	f.Bytes = MaxPageBytes
	return records(b.store.Scan(ctx, f))
}

func clampPage(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// records turns a page of entries into records and the cursor for more.
func records(found []Entry, more bool, err error) ([]Record, uint64, error) {
	if err != nil || len(found) == 0 {
		return nil, 0, err
	}
	page := make([]Record, len(found))
	for i, e := range found {
		page[i] = Record{Seq: e.Seq, Class: e.Key.Class, Raw: e.Raw}
	}
	if !more {
		return page, 0, nil
	}
	return page, page[len(page)-1].Seq, nil
}
