package market

import (
	"context"

	"sxp"
	"sxp/blocks"
	"sxp/envelope"
)

// Photos returns the blocks that an owner's announcements on this board name,
// and until when the last of those stands: what a node must keep. Withdrawn,
// expired and removed announcements name none.
func (b *Board) Photos(ctx context.Context, now sxp.Time, owner sxp.ID) (map[sxp.Hash]sxp.Time, error) {
	named := map[sxp.Hash]sxp.Time{}
	f := Filter{Classes: []Class{ClassAnnouncement}, Owner: owner, LiveAt: now, Limit: MaxPage, Bytes: MaxPageBytes}
	for more := true; more; {
		var found []Entry
		var err error
		if found, more, err = b.store.Scan(ctx, f); err != nil {
			return nil, err
		}
		for _, e := range found {
			f.After = e.Seq
			// The signature was verified when it came.
			m, err := envelope.Parse(e.Raw)
			if err != nil {
				return nil, err
			}
			p, err := readPublication("market.Photos", m)
			if err != nil {
				return nil, err
			}
			if p.item == nil {
				continue
			}
			for _, text := range p.item.Photos {
				u, err := blocks.ParseURL(text)
				if err != nil {
					return nil, err
				}
				named[u.Hash] = max(named[u.Hash], p.expires)
			}
		}
	}
	return named, nil
}
