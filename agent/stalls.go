package agent

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/market"
)

// stalls are the markets whose people may be in one ring. The first one's jury
// referees.
type stalls struct {
	a   *Agent
	all []*stall
}

// stall is one of them.
type stall struct {
	m       *membership
	charter market.Charter
	client  *market.Client
	board   *draft.Board
}

// newStalls opens the first market and those that a person names beside it.
func (a *Agent) newStalls(ctx context.Context, first *membership, with []string) (*stalls, error) {
	s := &stalls{a: a}
	if err := s.add(first); err != nil {
		return nil, err
	}
	for _, ref := range with {
		m, err := a.neighbour(ctx, s.all[0].charter, ref)
		if err != nil {
			return nil, err
		}
		if err := s.add(m); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *stalls) add(m *membership) error {
	const op = "agent.propose"
	if slices.ContainsFunc(s.all, func(o *stall) bool { return o.m.ID == m.ID }) {
		return sxp.Errorf(op, sxp.Invalid, m.ID, "%q is named twice", m.Name)
	}
	if len(s.all) == contract.MaxMarkets {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a contract names at most %d markets", contract.MaxMarkets)
	}
	c, err := m.charter()
	if err != nil {
		return err
	}
	client, err := s.a.client(m) // signed by this person, who leaves mail there
	if err != nil {
		return err
	}
	s.all = append(s.all, &stall{m: m, charter: c, client: client})
	return nil
}

// neighbour finds a market beside that of c: a joined one, one that c names as
// its neighbour, or any by its link.
func (a *Agent) neighbour(ctx context.Context, c market.Charter, ref string) (*membership, error) {
	for _, n := range c.Neighbours {
		if ref == n.Name || ref == n.Market.String() {
			return a.marketOf(ctx, linkOf(n))
		}
	}
	m, err := a.marketOf(ctx, ref)
	if err != nil {
		return nil, err
	}
	if m.Number != 0 {
		err = a.refresh(ctx, m)
	}
	return m, err
}

// linkOf is the link of a neighbour, which follows it where it has moved.
func linkOf(n market.Neighbour) string {
	return market.Charter{Market: n.Market, Node: n.Node}.Link().String()
}

// rings reads all boards and finds the best rings among them.
func (s *stalls) rings(ctx context.Context, now sxp.Time, opt draft.Options) (draft.Found, error) {
	if err := s.read(ctx); err != nil {
		return draft.Found{}, err
	}
	var boards []*draft.Board
	for _, st := range s.all {
		boards = append(boards, st.board)
	}
	return draft.Rings(now, opt, boards...)
}

// read copies the boards.
func (s *stalls) read(ctx context.Context) error {
	for _, st := range s.all {
		st.board = draft.NewBoard(st.charter)
		if _, err := st.client.Each(ctx, 0, st.board.Apply); err != nil {
			return err
		}
	}
	return nil
}

// charters returns what the markets declare, for contracts.
func (s *stalls) charters() map[sxp.ID]market.Charter {
	out := map[sxp.ID]market.Charter{}
	for _, st := range s.all {
		out[st.m.ID] = st.charter
	}
	return out
}

// propose signs one proposal and posts it to all its people, each at a market
// whose node knows them. It returns the ring in a line.
func (s *stalls) propose(ctx context.Context, in draft.Input) (string, error) {
	var people []sxp.ID
	for _, mv := range in.Moves {
		people = append(people, mv.From, mv.To)
	}
	in.Cards = map[sxp.ID][]byte{}
	at := map[sxp.ID]*stall{}
	for _, st := range s.all {
		cards, err := s.a.cards(ctx, st.m, people)
		if err != nil {
			return "", err
		}
		for id, raw := range cards {
			if raw != nil && at[id] == nil {
				in.Cards[id], at[id] = raw, st
			}
		}
	}
	p, err := s.a.signDraft(in)
	if err != nil {
		return "", err
	}
	for _, card := range p.Cards {
		if err := s.a.mail(ctx, at[card.ID].client, card, p); err != nil {
			return "", err
		}
	}
	return ringLine(in.Moves, p.Cards), nil
}

// trusted returns the markets whose rolls this person trusts beside the joined
// ones: the neighbours that those name.
func trusted(t *tx) (out []market.Neighbour, err error) {
	err = scan(t, keyMarket, func(_ string, m *membership) error {
		c, err := m.charter()
		if err == nil {
			out = append(out, c.Neighbours...)
		}
		return nil // a damaged charter is reported by whoever needs the market
	})
	return out, err
}

// trustNeighbours trusts the rolls of neighbours that markets have named since.
func (a *Agent) trustNeighbours(t *tx) error {
	near, err := trusted(t)
	for _, n := range near {
		if !slices.Contains(a.limits.Rolls, n.Market) {
			a.limits.Rolls = append(slices.Clip(a.limits.Rolls), n.Market) // sessions have the list of before
		}
	}
	return err
}

// rollMarket finds the market whose jury a proposal names: a joined one, or a
// neighbour of one, looked at now.
func (a *Agent) rollMarket(ctx context.Context, id sxp.ID) (*membership, error) {
	m, err := a.findMarket(id.String())
	if err == nil || sxp.KindOf(err) != sxp.NotFound {
		return m, err
	}
	var near []market.Neighbour
	if err := a.mem.view(func(t *tx) (err error) { near, err = trusted(t); return err }); err != nil {
		return nil, err
	}
	for _, n := range near {
		if n.Market == id {
			return a.locate(ctx, linkOf(n))
		}
	}
	return nil, err
}

// checkPolicy refuses a contract over something announced on a market that
// does not say what the market's charter asks.
func (a *Agent) checkPolicy(t *tx, p *contract.OpenedProposal, x *contract.Transfer, at sxp.ID) error {
	const op = "agent.checkMine"
	var m membership
	if !t.get(keyMarket+at.String(), &m) {
		return nil // left meanwhile: the contract is between the people
	}
	c, err := m.charter()
	if err != nil {
		return err
	}
	if x.Market != at && (!x.Market.IsZero() || !c.Policy.IsZero()) {
		return sxp.Errorf(op, sxp.Denied, x.ItemRef, "the contract leaves out what the market %q asks: %q is announced there", c.Name, x.Item.Title)
	}
	if i := slices.IndexFunc(p.Terms.Markets, func(o contract.MarketTerms) bool { return o.Market == at }); i >= 0 && !says(p.Terms.Markets[i], c) {
		return sxp.Errorf(op, sxp.Denied, at, "the contract does not say of the market %q what its charter says", c.Name)
	}
	return nil
}

// says reports whether a contract says of a market what its charter does.
func says(m contract.MarketTerms, c market.Charter) bool {
	return m.Name == c.Name && m.Policy.Guarantee == c.Policy.Guarantee &&
		slices.EqualFunc(m.Policy.Levies, c.Policy.Levies, func(x, y market.Levy) bool {
			return x.Name == y.Name && x.Rate == y.Rate && x.Category == y.Category && x.To == y.To && slices.Equal(x.Kinds, y.Kinds)
		})
}

// trustEvery is how often unknown juries make the agent look at the charters of
// its markets: whoever proposes names a market.
const trustEvery = sxp.Minute

// renewPolicies fetches the charters of joined markets of which a proposal says
// something else than is known here, or of all where its jury is of a market
// that none of them names.
func (a *Agent) renewPolicies(ctx context.Context, p *contract.OpenedProposal) error {
	list, err := a.memberships()
	if err != nil {
		return err
	}
	if !slices.Contains(a.limits.Rolls, p.Market) && a.trustNext <= a.now() {
		// A market may have named the one whose jury this is since.
		a.trustNext = a.now().Add(trustEvery)
		for _, m := range list {
			if err := a.refresh(ctx, m); isLocal(err) {
				return err
			}
		}
		return a.mem.view(a.trustNeighbours)
	}
	for _, m := range list {
		c, err := m.charter()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(p.Terms.Markets, func(o contract.MarketTerms) bool { return o.Market == m.ID })
		if i >= 0 && says(p.Terms.Markets[i], c) || i < 0 && (c.Policy.IsZero() || p.Market != m.ID) {
			continue
		}
		if err := a.refresh(ctx, m); err != nil && !unreachable(err) {
			return err
		}
	}
	return nil
}
