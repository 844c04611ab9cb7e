package world

import (
	"context"
	"fmt"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/deal/tm"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

// found makes the market: somebody founds it on the hub, the jurors enrol, and
// the founder publishes them as the roll.
func (s *sim) foundMarket(ctx context.Context) error {
	s.show.phase("founding the market", len(s.jurors))
	rand := newSeeded(s.cfg.Seed, "founder")
	root, err := identity.NewRoot(rand)
	if err != nil {
		return err
	}
	founder, err := s.newAgent(root, "the founder", rand, nil)
	if err != nil {
		return err
	}
	defer founder.Close()
	view, err := agent.Call[agent.MarketView](ctx, founder, "market.create", agent.CreateMarket{
		Name: clip(cleanLabel(s.cfg.name()), sxp.MaxLabel), At: s.hub.Address().String(),
	})
	if err != nil {
		return err
	}
	if s.link, err = market.ParseLink(view.Link); err != nil {
		return err
	}
	for i, j := range s.jurors {
		if err := j.node.Enrol(ctx, s.link); err != nil {
			return err
		}
		s.tick()
		s.show.at(i+1, len(s.jurors), "jurors enrolled")
	}
	if _, err := agent.Call[agent.MarketView](ctx, founder, "market.roll", agent.PublishRoll{Size: s.cfg.Jury, D: s.cfg.horizon}); err != nil {
		return err
	}
	if s.cfg.deals != nil {
		if _, err := agent.Call[agent.MarketView](ctx, founder, "market.rules", agent.SetRules{Deals: s.cfg.deals}); err != nil {
			return err
		}
	}
	raw, err := s.client().Roll(ctx, sxp.Hash{})
	if err != nil {
		return err
	}
	a := s.algebra
	if a == nil {
		a = contract.NewAlgebra(rand)
	}
	s.roll, err = contract.OpenRoll(a, raw)
	return err
}

// tick lets the time of one operation pass.
func (s *sim) tick() { s.clock = s.clock.Add(opTime) }

// client is the finder's way to the board: a stranger's, with no right.
func (s *sim) client() *market.Client {
	return market.NewClient(s.net.dial(nil)(hubURL), s.finder, s.hub.ID(), s.link.Market, s.now, s.rand)
}

// announce lets everybody join and publish what the list says. Items come
// first, because wants name them; then each person's groups; then the wants.
func (s *sim) announce(ctx context.Context) error {
	s.show.phase("joining the market", len(s.folk))
	for i, c := range s.folk {
		if _, err := agent.Call[agent.MarketView](ctx, c.agent, "market.join", agent.JoinMarket{Link: s.link.String()}); err != nil {
			return fmt.Errorf("%s joins: %w", c.name, err)
		}
		s.tick()
		s.show.at(i+1, len(s.folk), "people")
	}
	s.show.phase("announcing items", len(s.list.Items))
	s.items = make([]market.ItemID, len(s.list.Items))
	done := 0
	for _, c := range s.folk {
		for _, i := range c.items {
			v, err := agent.Call[agent.AnnouncementView](ctx, c.agent, "offer", agent.Announce{Title: titleOf(&s.list.Items[i]), Kind: market.Good})
			if err != nil {
				return fmt.Errorf("%s offers %s: %w", c.name, s.list.Items[i].Name, err)
			}
			s.items[i] = v.ID
			s.tick()
			done++
			s.show.at(done, len(s.list.Items), "items")
		}
	}
	groups, err := s.publishGroups(ctx)
	if err != nil {
		return err
	}
	return s.publishWants(ctx, groups)
}

// publishGroups signs and publishes the want-list dummies: groups of which
// their owner takes at most one.
func (s *sim) publishGroups(ctx context.Context) ([]market.ItemID, error) {
	s.show.phase("announcing groups", len(s.list.Dummies))
	ids := make([]market.ItemID, len(s.list.Dummies))
	nonces := make([]market.Nonce, len(s.list.Dummies))
	for i := range nonces {
		if _, err := s.rand.Read(nonces[i][:]); err != nil {
			return nil, err
		}
	}
	for _, c := range s.folk {
		for _, i := range c.groups {
			ids[i] = market.NewGroupID(c.id(), nonces[i])
		}
	}
	done := 0
	for _, c := range s.folk {
		var raws [][]byte
		for _, i := range c.groups {
			wants := s.wants(s.list.Dummies[i].Wants, ids)
			if len(wants) == 0 {
				continue
			}
			g := market.Group{
				Market: s.link.Market, Owner: c.id(), Nonce: nonces[i], Version: 1, K: 1, Wants: wants,
				Created: s.clock, Expires: s.clock.Add(90 * sxp.Day),
			}
			raw, err := market.SignGroup(c.key, g)
			if err != nil {
				return nil, fmt.Errorf("%s groups %s: %w", c.name, s.list.Dummies[i].Name, err)
			}
			raws = append(raws, raw)
		}
		client := market.NewClient(s.net.dial(nil)(hubURL), c.key, s.hub.ID(), s.link.Market, s.now, s.rand)
		_, errs := client.PublishAll(ctx, raws)
		for _, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("%s publishes groups: %w", c.name, err)
			}
		}
		s.tick()
		done += len(c.groups)
		s.show.at(done, len(s.list.Dummies), "groups")
	}
	return ids, nil
}

// wants translates a want list; groups that say nothing are left out.
func (s *sim) wants(list []tm.Want, groups []market.ItemID) []market.Want {
	var out []market.Want
	for _, w := range list {
		switch {
		case w.Dummy < 0:
			out = append(out, market.Want{Item: s.items[w.Item]})
		case len(s.list.Dummies[w.Dummy].Wants) > 0:
			out = append(out, market.Want{Group: groups[w.Dummy]})
		}
		if len(out) == market.MaxWants {
			break
		}
	}
	return out
}

// publishWants edits every item: what its owner takes for it.
func (s *sim) publishWants(ctx context.Context, groups []market.ItemID) error {
	s.show.phase("announcing wants", len(s.list.Items))
	done := 0
	for _, c := range s.folk {
		for _, i := range c.items {
			done++
			wants := s.wants(s.list.Items[i].Wants, groups)
			if len(wants) == 0 {
				continue
			}
			in := agent.EditItem{Item: s.items[i].String()}
			for _, w := range wants {
				if w.Group.IsZero() {
					in.Wants = append(in.Wants, w.Item.String())
				} else {
					in.Wants = append(in.Wants, "group:"+w.Group.String())
				}
			}
			if _, err := agent.Call[agent.AnnouncementView](ctx, c.agent, "edit", in); err != nil {
				return fmt.Errorf("%s says what they want for %s: %w", c.name, s.list.Items[i].Name, err)
			}
			s.tick()
			s.show.at(done, len(s.list.Items), "items")
		}
	}
	return nil
}

// cards asks the board's node for people's cards.
func (s *sim) cards(ctx context.Context, ids []sxp.ID) (map[sxp.ID][]byte, error) {
	out := make(map[sxp.ID][]byte)
	for len(ids) > 0 {
		n := min(len(ids), market.MaxCards)
		got, err := relay.Ask[market.GetCards, market.Cards](ctx, s.net.dial(nil)(hubURL), s.finder, s.hub.ID(), s.clock, s.rand, market.RequestGetCards, market.GetCards{IDs: ids[:n]})
		if err != nil {
			return nil, err
		}
		for _, raw := range got.Cards {
			card, err := identity.OpenCard(raw)
			if err != nil {
				return nil, err
			}
			out[card.ID] = raw
		}
		ids = ids[n:]
	}
	return out, nil
}
