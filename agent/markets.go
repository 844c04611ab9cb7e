package agent

import (
	"context"
	"errors"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

const (
	keyMarket = "market/"
	keyRoll   = "roll/"
)

// membership is one joined market under "market/<id>".
type membership struct {
	Number  int       `json:"number"`
	ID      sxp.ID    `json:"id"`
	Name    string    `json:"name"`
	Charter sxp.Bytes `json:"charter"`       // signed, the newest seen
	Key     sxp.Bytes `json:"key,omitempty"` // seed of the market's key, for its founder
	Jurors  int       `json:"jurors"`        // entries of the roll that the charter names
	Told    uint64    `json:"told"`          // Seq of the own card that its node has
}

// charter opens the stored charter.
func (m *membership) charter() (market.Charter, error) { return market.OpenCharter(m.Charter) }

// node returns where the market's board is.
func (m *membership) node() (relay.Address, error) {
	c, err := m.charter()
	return relay.Address{ID: c.Node.ID, URL: c.Node.Address}, err
}

// memberships returns the joined markets by number.
func (a *Agent) memberships() ([]*membership, error) {
	return all(&a.mem, keyMarket, func(x, y *membership) bool { return x.Number < y.Number })
}

func (a *Agent) findMarket(ref string) (*membership, error) {
	list, err := a.memberships()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, sxp.Errorf("agent.findMarket", sxp.NotFound, nil, "you are in no market yet: sxp market join LINK, or found one with sxp market create")
	}
	return pick("market", ref, list, func(m *membership) int { return m.Number },
		func(m *membership) string { return m.ID.String() }, func(m *membership) string { return m.Name })
}

// trustMarkets makes the rolls of joined markets those that the person trusts.
func (a *Agent) trustMarkets(t *tx) error {
	limits := a.cfg.Limits
	limits.Rolls = append([]sxp.ID{}, limits.Rolls...)
	limits.RollNumbers = map[sxp.ID]uint64{}
	err := scan(t, keyMarket, func(_ string, m *membership) error {
		limits.Rolls = append(limits.Rolls, m.ID)
		return nil
	})
	if err != nil {
		return err
	}
	a.limits = limits
	if err := a.trustNeighbours(t); err != nil {
		return err
	}
	return a.openRolls(t)
}

// createMarket does "market.create".
func (a *Agent) createMarket(ctx context.Context, in CreateMarket) (v MarketView, err error) {
	at, err := relay.ParseAddress(in.At)
	if err != nil {
		return v, err
	}
	key, err := identity.NewSigningKey(a.cfg.Rand)
	if err != nil {
		return v, err
	}
	defer key.Erase()
	charter := market.Charter{
		Market: key.ID(), Name: in.Name, Text: in.Text, Categories: in.Categories, Admission: in.Admission,
		Node: market.Node{ID: at.ID, Address: at.URL}, Seq: 1, Created: a.now(),
	}
	if charter.Founders, err = a.peopleOf(in.Founders); err != nil {
		return v, err
	}
	charter.Founders = append([]sxp.ID{a.ID()}, charter.Founders...)
	if charter.Invited, err = a.peopleOf(in.Invited); err != nil {
		return v, err
	}
	switch {
	case charter.Admission == "" && len(charter.Invited) > 0:
		charter.Admission = market.Invited
	case charter.Admission == "":
		charter.Admission = market.Open
	}
	return a.putCharter(ctx, &membership{ID: key.ID(), Name: in.Name, Key: key.Seed()}, key, charter)
}

// enter stores a membership, trusts its roll and tells its node the own card.
func (a *Agent) enter(ctx context.Context, m *membership) (v MarketView, err error) {
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	err = a.mem.update(func(t *tx) error {
		var old membership
		if t.get(keyMarket+m.ID.String(), &old) {
			m.Number, m.Told = old.Number, old.Told
			if len(m.Key) == 0 {
				m.Key = old.Key
			}
		} else {
			m.Number = t.next("market")
		}
		t.put(keyMarket+m.ID.String(), m)
		return a.trustMarkets(t)
	})
	if err != nil {
		return v, err
	}
	if err := a.tellMarket(ctx, m); err != nil {
		a.log.Warn("the market's node does not have your card yet", "market", m.Name, "err", err)
	}
	// The machines were made with the limits of before.
	if err := a.reload(); err != nil {
		return v, err
	}
	a.nudge()
	return a.marketView(ctx, m)
}

// tellMarket leaves the newest card with the market's node, for whoever finds
// a deal.
func (a *Agent) tellMarket(ctx context.Context, m *membership) error {
	p, err := a.profile()
	if err != nil || m.Told == p.Seq {
		return err
	}
	at, err := m.node()
	if err != nil {
		return err
	}
	if _, err := ask[market.PutCard, bool](ctx, a, at, market.RequestPutCard, market.PutCard{Card: p.Card}); err != nil {
		return err
	}
	m.Told = p.Seq
	return a.mem.update(func(t *tx) error {
		var now membership
		if t.get(keyMarket+m.ID.String(), &now) {
			now.Told = p.Seq
			t.put(keyMarket+m.ID.String(), &now)
		}
		return nil
	})
}

// joinMarket does "market.join".
func (a *Agent) joinMarket(ctx context.Context, in JoinMarket) (v MarketView, err error) {
	m, err := a.locate(ctx, in.Link)
	if err != nil {
		return v, err
	}
	return a.enter(ctx, m)
}

// leaveMarket does "market.leave". Announcements there stand until they expire
// or are withdrawn; contracts stay.
func (a *Agent) leaveMarket(_ context.Context, in MarketRef) (v None, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	if len(m.Key) > 0 {
		return v, sxp.Errorf("agent.leaveMarket", sxp.Denied, m.ID, "you hold the key of %q: leaving would lose it", m.Name)
	}
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	if err := a.mem.update(func(t *tx) error {
		t.delete(keyMarket + m.ID.String())
		return a.trustMarkets(t)
	}); err != nil {
		return v, err
	}
	a.noteNode("market "+m.Name, nil)
	return v, a.reload() // the machines were made with the limits of before
}

// markets answers "markets".
func (a *Agent) markets(ctx context.Context, _ None) ([]MarketView, error) {
	list, err := a.memberships()
	if err != nil {
		return nil, err
	}
	out := []MarketView{}
	for _, m := range list {
		if err := a.refresh(ctx, m); err != nil {
			a.log.Warn("the market cannot be reached", "market", m.Name, "err", err)
		}
		v, err := a.marketView(ctx, m)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// refresh fetches a market's newest charter. Where the market has moved, its
// new node is told the own card and what is announced.
func (a *Agent) refresh(ctx context.Context, m *membership) error {
	client, err := a.client(m)
	if err != nil {
		return err
	}
	charter, raw, err := client.Charter(ctx)
	if err != nil {
		return err
	}
	known, err := m.charter()
	if err != nil || charter.Seq <= known.Seq {
		return err
	}
	moved := charter.Node != known.Node
	m.Charter, m.Name = raw, charter.Name
	if moved {
		m.Told = 0
	}
	return a.mem.update(func(t *tx) error {
		var now membership
		if !t.get(keyMarket+m.ID.String(), &now) {
			return nil
		}
		now.Charter, now.Name = m.Charter, m.Name
		if moved {
			now.Told = 0
		}
		t.put(keyMarket+m.ID.String(), &now)
		if !moved {
			return nil
		}
		var here []*item
		err := scan(t, keyItem, func(_ string, it *item) error {
			if it.Market == m.ID && it.Expires > a.now() {
				here = append(here, it)
			}
			return nil
		})
		for _, it := range here {
			it.Pending = true
			t.put(keyItem+it.ID.String(), it)
		}
		a.unsent.Store(true)
		return err
	})
}

func (a *Agent) marketView(ctx context.Context, m *membership) (v MarketView, err error) {
	c, err := m.charter()
	if err != nil {
		return v, err
	}
	if v, err = a.charterView(c, nil); err != nil {
		return v, err
	}
	v.Number, v.Mine, v.Joined = m.Number, len(m.Key) > 0, true
	at, err := m.node()
	if err != nil {
		return v, err
	}
	if !a.rests(at.URL) {
		a.nameFounders(ctx, m, &v)
		if v.Mine {
			if v.Enrolled, err = a.enrolled(ctx, m); err != nil {
				a.log.Debug("the enrolled jurors cannot be counted", "market", m.Name, "err", err)
			}
		}
	}
	if !c.Roll.IsZero() {
		r, err := a.marketRoll(ctx, m, c.Roll)
		if err != nil {
			a.log.Warn("the jury roll cannot be had", "market", m.Name, "err", err)
			return v, nil
		}
		v.Jurors = len(r.Entries)
	}
	return v, nil
}

// search answers "search".
func (a *Agent) search(ctx context.Context, in SearchMarket) ([]AnnouncementView, error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return nil, err
	}
	var q market.Query
	if in.Words != "" {
		if q, err = market.ParseQuery(in.Words); err != nil {
			return nil, err
		}
	}
	if in.Kind != "" {
		q.Kind = in.Kind
	}
	if in.Category != "" {
		q.Category = in.Category
	}
	limit := in.Limit
	if limit <= 0 {
		limit = 50
	}
	client, err := a.client(m)
	if err != nil {
		return nil, err
	}
	page, err := client.Search(ctx, q, in.Direction, 0, limit)
	if err != nil {
		return nil, err
	}
	out := []AnnouncementView{}
	var owners []sxp.ID
	for _, l := range page.All {
		out = append(out, viewOf(*l.Announcement))
		owners = append(owners, l.Announcement.Owner)
	}
	names, err := a.names(ctx, m, owners)
	for i := range out {
		out[i].OwnerName = names[out[i].Owner]
	}
	return out, err
}

// names returns how people call themselves, as far as the market's node knows
// their cards.
func (a *Agent) names(ctx context.Context, m *membership, ids []sxp.ID) (map[sxp.ID]string, error) {
	cards, err := a.cards(ctx, m, ids)
	if err != nil && !errors.Is(err, sxp.Unsupported) {
		return nil, err
	}
	out := map[sxp.ID]string{}
	for id, raw := range cards {
		if c, err := a.openCard(raw); err == nil {
			out[id] = c.Label
		}
	}
	return out, nil
}

// cards returns the newest signed cards of people from a market's node.
func (a *Agent) cards(ctx context.Context, m *membership, ids []sxp.ID) (map[sxp.ID][]byte, error) {
	at, err := m.node()
	if err != nil {
		return nil, err
	}
	who, err := a.reader(m)
	if err != nil {
		return nil, err
	}
	out := map[sxp.ID][]byte{}
	var want []sxp.ID
	for _, id := range ids {
		if _, ok := out[id]; !ok {
			out[id] = nil
			want = append(want, id)
		}
	}
	for len(want) > 0 {
		n := min(len(want), market.MaxCards)
		got, err := relay.Ask[market.GetCards, market.Cards](ctx, a.caller(at), who, at.ID, a.now(), a.cfg.Rand, market.RequestGetCards, market.GetCards{IDs: want[:n]})
		if err != nil {
			return nil, err
		}
		for _, raw := range got.Cards {
			// Peek suffices: whoever uses a card opens it.
			if _, id, err := envelope.Peek(raw); err == nil {
				out[id] = raw
			}
		}
		want = want[n:]
	}
	return out, nil
}
