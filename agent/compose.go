package agent

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/identity"
	"sxp/market"
)

// compose does "propose.deal": it proposes what the person has made up, through
// the market's mail, and to contacts through relays too.
func (a *Agent) compose(ctx context.Context, in ComposeDeal) (v DealView, err error) {
	if len(in.Transfers) == 0 {
		return v, sxp.Errorf("agent.compose", sxp.Invalid, nil, "a deal says who gives what to whom")
	}
	c, err := a.newComposer(ctx, in.Market)
	if err != nil {
		return v, err
	}
	d := draft.Input{
		Cards: c.cards, Market: c.m.ID, Roll: c.roll, Jury: in.Jury, Due: in.Due, Within: in.Within, Notes: in.Notes, Clauses: in.clauses, Mode: modeOf(in.Notary),
		Charters: map[sxp.ID]market.Charter{c.m.ID: c.charter},
	}
	if d.Jury == 0 {
		d.Jury = c.charter.Terms.N
	}
	for _, x := range in.Transfers {
		mv, err := c.move(ctx, x)
		if err != nil {
			return v, err
		}
		d.Moves = append(d.Moves, mv)
	}
	seal := &seller{a: a, moves: in.Transfers}
	defer seal.erase()
	d.Seal = seal.seal
	p, err := a.signDraft(d)
	if err != nil {
		return v, err
	}
	if err := seal.keep(p); err != nil {
		return v, err
	}
	if err := c.send(ctx, p); err != nil {
		return v, err
	}
	a.nudge()
	return a.takeOwn(ctx, p, in.Accept)
}

// takeOwn shows a proposal to its proposer, and accepts it if asked to.
func (a *Agent) takeOwn(ctx context.Context, p *contract.OpenedProposal, accept bool) (v DealView, err error) {
	if _, party := p.Party(a.ID()); !party {
		err = a.mem.view(func(t *tx) error {
			v, err = a.dealView(t, &dealRecord{ID: p.Digest, Proposal: p.Raw, State: dealProposed})
			return err
		})
		return v, err
	}
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	if err := a.takeProposal(ctx, p.Raw); err != nil {
		return v, err
	}
	ref := DealRef{Deal: p.Digest.String()}
	if accept {
		return a.answer(ctx, ref, true)
	}
	return a.deal(ctx, ref)
}

// maxLooks is how many pages of somebody's announcements are looked through for
// one that a proposal means.
const maxLooks = 20

// A composer finds what a person means by the words of a ComposeDeal.
type composer struct {
	a       *Agent
	m       *membership
	charter market.Charter
	roll    *contract.OpenedRoll
	client  *market.Client
	cards   map[sxp.ID][]byte
	names   map[string][]sxp.ID // of the people who announce at the market; nil: not asked for yet
}

func (a *Agent) newComposer(ctx context.Context, ref string) (c *composer, err error) {
	c = &composer{a: a, cards: map[sxp.ID][]byte{}}
	if c.m, err = a.findMarket(ref); err != nil {
		return nil, err
	}
	if err := a.refresh(ctx, c.m); err != nil && !unreachable(err) {
		return nil, err // contacts can do without the market's node, if its roll is here
	}
	if c.charter, err = c.m.charter(); err != nil {
		return nil, err
	}
	if c.roll, err = a.proposalRoll(ctx, c.m, c.charter); err != nil {
		return nil, err
	}
	c.client, err = a.client(c.m)
	return c, err
}

func (c *composer) move(ctx context.Context, x ComposeMove) (mv draft.Move, err error) {
	mv.Due, mv.Delivery = x.Due, x.Delivery
	if mv.From, err = c.person(ctx, x.From); err != nil {
		return mv, err
	}
	if mv.To, err = c.person(ctx, x.To); err != nil {
		return mv, err
	}
	if mv.From == mv.To {
		return mv, sxp.Errorf("agent.compose", sxp.Invalid, nil, "%q goes from somebody to the same person: say from whom and to whom", x.Item)
	}
	return mv, c.item(ctx, &mv, x.Item)
}

// person finds somebody and their card: this person, who is known here, then
// who is known at the market.
func (c *composer) person(ctx context.Context, ref string) (id sxp.ID, err error) {
	if ref == "" || ref == "me" || ref == c.a.ID().String() {
		p, err := c.a.profile()
		c.cards[c.a.ID()] = p.Card
		return c.a.ID(), err
	}
	var card identity.Card
	var raw sxp.Bytes
	err = c.a.mem.view(func(t *tx) (err error) {
		if card, err = c.a.findContact(t, ref); err != nil {
			return err
		}
		var p peer
		t.get(keyPeer+card.ID.String(), &p)
		raw = p.Card
		return nil
	})
	switch {
	case err == nil:
		c.cards[card.ID] = raw
		return card.ID, nil
	case isLocal(err) || sxp.KindOf(err) != sxp.NotFound:
		return id, err
	}
	if id, err = sxp.ParseID(ref); err != nil {
		if id, err = c.atMarket(ctx, ref); err != nil {
			return id, err
		}
	}
	found, err := c.a.cards(ctx, c.m, []sxp.ID{id})
	if err == nil && found[id] == nil {
		err = sxp.Errorf("agent.compose", sxp.NotFound, id, "nobody knows the card of %s: ask for it, and sxp card add FILE", id.Short())
	}
	c.cards[id] = found[id]
	return id, err
}

// atMarket finds who announces at the market under a name.
func (c *composer) atMarket(ctx context.Context, name string) (id sxp.ID, err error) {
	const op = "agent.compose"
	if c.names == nil {
		var owners []sxp.ID
		if _, err := c.client.Each(ctx, 0, func(l market.Listing) error {
			if l.Announcement != nil && !slices.Contains(owners, l.Announcement.Owner) {
				owners = append(owners, l.Announcement.Owner)
			}
			return nil
		}); err != nil {
			return id, err
		}
		labels, err := c.a.names(ctx, c.m, owners)
		if err != nil {
			return id, err
		}
		c.names = map[string][]sxp.ID{}
		for id, label := range labels {
			c.names[label] = append(c.names[label], id)
		}
	}
	switch who := c.names[name]; len(who) {
	case 0:
		return id, sxp.Errorf(op, sxp.NotFound, nil, "nobody is named %q among your contacts and those who announce at %q", name, c.m.Name)
	case 1:
		return who[0], nil
	default:
		return id, sxp.Errorf(op, sxp.Invalid, nil, "%d people at %q are named %q: use the id", len(who), c.m.Name, name)
	}
}

// item reads what is given: words, the number of an own announcement, or the
// id of anybody's.
func (c *composer) item(ctx context.Context, mv *draft.Move, text string) error {
	const op = "agent.compose"
	var raw []byte
	id, err := market.ParseItemID(text)
	number, isNumber := strings.CutPrefix(text, "#")
	switch {
	case isNumber:
		if _, err := strconv.Atoi(number); err != nil || mv.From != c.a.ID() {
			return sxp.Errorf(op, sxp.Invalid, nil, "%q is the number of an announcement: only your own have one", text)
		}
		it, err := c.a.findItem(number)
		if err != nil {
			return err
		}
		raw = it.Raw
	case err == nil:
		l, err := c.client.Get(ctx, id)
		if err != nil {
			return err
		}
		raw = l.Raw
	default:
		if mv.Item, err = market.ParseItem(text); err != nil {
			return err
		}
		return c.checkWords(ctx, mv)
	}
	ann, err := market.OpenAnnouncement(raw)
	switch {
	case err != nil:
		return err
	case ann.Owner != mv.From:
		return sxp.Errorf(op, sxp.Denied, ann.ID(), "the announcement is of %s, not of who is to give it", ann.Owner.Short())
	case !ann.Live(c.a.now()) || ann.Item == nil || !ann.Gives():
		return sxp.Errorf(op, sxp.Late, ann.ID(), "this is no offer or gift that stands")
	}
	mv.Item, mv.Ref, mv.Market, mv.Source = *ann.Item, ann.ID(), ann.Market, ann.Source
	return nil
}

// checkWords refuses words for what their giver has announced just so: their
// agent would refuse the proposal, since an announced thing that is not named by
// its id could be given twice. What the market's node does not tell is left to
// them.
func (c *composer) checkWords(ctx context.Context, mv *draft.Move) error {
	const op = "agent.compose"
	if mv.From == c.a.ID() {
		items, err := c.a.items()
		if err != nil {
			return err
		}
		for _, it := range items {
			if ann, err := market.OpenAnnouncement(it.Raw); err == nil && it.state(c.a.now()) == itemActive && ann.Gives() && sameItem(*ann.Item, mv.Item) {
				return sxp.Errorf(op, sxp.Denied, it.ID, "you have announced %q as number %d: an announced thing is given under its number, or it could be given twice. Write #%d instead of words", mv.Item.Title, it.Number, it.Number)
			}
		}
		return nil
	}
	var after uint64
	for range maxLooks {
		page, err := c.client.Mine(ctx, mv.From, after)
		if err != nil {
			return nil
		}
		for _, l := range page.All {
			ann := l.Announcement
			if ann != nil && ann.Owner == mv.From && ann.Live(c.a.now()) && ann.Item != nil && ann.Gives() && sameItem(*ann.Item, mv.Item) {
				return sxp.Errorf(op, sxp.Denied, ann.ID(), "they have announced %q at %q: an announced thing is given under its id, or it could be given twice. Write %s instead of words", mv.Item.Title, c.m.Name, ann.ID())
			}
		}
		if after = page.Next; after == 0 {
			return nil
		}
	}
	return nil
}

// send brings a proposal to everybody else. Who is known neither to the
// market's node nor here cannot be asked, and then nobody signs.
func (c *composer) send(ctx context.Context, p *contract.OpenedProposal) error {
	for _, card := range p.Cards {
		if card.ID == c.a.ID() {
			continue
		}
		byMail := c.a.mail(ctx, c.client, card, p)
		err := c.a.mem.update(func(t *tx) error {
			var known peer
			if t.get(keyPeer+card.ID.String(), &known); !known.Contact {
				return byMail
			}
			return c.a.post(t, card, letter{raw: p.Raw, notAfter: p.ReleaseBefore()})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
