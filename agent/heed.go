package agent

import (
	"context"

	"sxp"
	"sxp/market"
)

const (
	// keyHeeded is when and how far a market's notices were read, under
	// "heeded/<market>".
	keyHeeded = "heeded/"

	// heedEvery is how often the agent looks whether a market has removed
	// something of this person.
	heedEvery = sxp.Hour
)

type heeded struct {
	At    sxp.Time `json:"at"`
	After uint64   `json:"after,omitempty"`
}

// removal is the newest notice about an own announcement.
type removal struct {
	Why     string `json:"why"`
	Version uint64 `json:"version,omitempty"` // this one and those before; 0: every one
	Lifted  bool   `json:"lifted,omitempty"`
}

// covers returns why a version of the announcement is removed, or "".
func (r *removal) covers(version uint64) string {
	if r == nil || !(market.Notice{Version: r.Version, Lifted: r.Lifted}).Covers(version) {
		return ""
	}
	return "the market has removed it: " + r.Why
}

// heedNotices learns which own announcements markets have removed, so that
// their owner does not wait for an answer to them.
func (a *Agent) heedNotices(ctx context.Context) error {
	if a.now() < a.heedNext {
		return nil
	}
	a.heedNext = a.now().Add(heedEvery)
	items, err := a.items()
	if err != nil {
		return err
	}
	mine := map[sxp.ID]map[market.ItemID]bool{}
	for _, it := range items {
		if mine[it.Market] == nil {
			mine[it.Market] = map[market.ItemID]bool{}
		}
		mine[it.Market][it.ID] = true
	}
	list, err := a.memberships()
	if err != nil {
		return err
	}
	for _, m := range list {
		at, err := m.node()
		if err != nil || mine[m.ID] == nil || a.rests(at.URL) {
			continue
		}
		if err := a.heedMarket(ctx, m, mine[m.ID]); isLocal(err) {
			return err
		} else if err != nil {
			a.log.Debug("a market's notices cannot be had", "market", m.Name, "err", err)
		}
	}
	return nil
}

func (a *Agent) heedMarket(ctx context.Context, m *membership, mine map[market.ItemID]bool) error {
	charter, err := m.charter()
	if err != nil {
		return err
	}
	client, err := a.client(m)
	if err != nil {
		return err
	}
	var last heeded
	if err := a.mem.view(func(t *tx) error { t.get(keyHeeded+m.ID.String(), &last); return nil }); err != nil {
		return err
	}
	if since := a.now().Sub(last.At); since >= 0 && since < heedEvery {
		return nil // by an earlier process of this device
	}
	last.At = a.now()
	found := map[market.ItemID]*removal{}
	for {
		page, err := client.List(ctx, market.ClassNotice, last.After)
		if err != nil {
			return err
		}
		for _, l := range page.All {
			last.After = max(last.After, l.Seq)
			if n := l.Notice; n != nil && mine[n.Item] && charter.Moderates(l.Signer) {
				found[n.Item] = &removal{Why: n.Reason, Version: n.Version, Lifted: n.Lifted}
			}
		}
		if page.Next == 0 {
			break
		}
		last.After = max(last.After, page.Next)
	}
	return a.mem.update(func(t *tx) error {
		for id, r := range found {
			var it item
			if t.get(keyItem+id.String(), &it) {
				it.Removed = r
				t.put(keyItem+id.String(), &it)
			}
		}
		t.put(keyHeeded+m.ID.String(), &last)
		return nil
	})
}
