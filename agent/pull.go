package agent

import (
	"context"
	"errors"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

const (
	keyCursor = "cursor/" // + relay address: how far its listing was read
	keySeen   = "seen/"   // + start of a path's hash: it was taken
)

// relayAt returns the way to a relay.
func (a *Agent) relayAt(at relay.Address) *relay.Client {
	return relay.NewClient(a.caller(at), a.id, at.ID, a.now, a.cfg.Rand)
}

// sources returns the relays where something for this person may rest: those
// of everybody whose records are pulled, and the own.
func (a *Agent) sources() (people map[sxp.ID]bool, relays []relay.Address, err error) {
	people = map[sxp.ID]bool{}
	seen := map[relay.Address]bool{}
	add := func(texts []string) {
		for _, s := range texts {
			at, err := relay.ParseAddress(s)
			if err == nil && !seen[at] {
				seen[at] = true
				relays = append(relays, at)
			}
		}
	}
	err = a.mem.view(func(t *tx) error {
		var me profile
		t.get(keyProfile, &me)
		add(addressTexts(me.Relays))
		return scan(t, keyPeer, func(_ string, p *peer) error {
			card, err := a.openCard(p.Card)
			if err != nil {
				return err
			}
			people[card.ID] = true
			add(card.Relays)
			return nil
		})
	})
	return people, relays, err
}

// pull takes what rests at relays for this person. A relay that does not
// answer is tried again next time and keeps nobody else's from being read.
func (a *Agent) pull(ctx context.Context) error {
	people, relays, err := a.sources()
	if err != nil {
		return err
	}
	for _, at := range relays {
		if err := a.pullFrom(ctx, at, people); err != nil {
			if isLocal(err) {
				return err
			}
			a.noteNode(at.URL, err)
		}
	}
	return nil
}

// errLocal marks a failure of this device's own store: the round ends.
var errLocal = errors.New("the agent's own store failed")

func isLocal(err error) bool { return errors.Is(err, errLocal) }

func (a *Agent) pullFrom(ctx context.Context, at relay.Address, people map[sxp.ID]bool) error {
	var cursor relay.Stamp
	if err := a.mem.view(func(t *tx) error { t.get(keyCursor+at.String(), &cursor); return nil }); err != nil {
		return errors.Join(errLocal, err)
	}
	c := a.relayAt(at)
	for {
		page, err := c.Inventory(ctx, relay.Inventory{After: cursor})
		if err != nil {
			return err
		}
		a.noteNode(at.URL, nil)
		for _, path := range page.Paths {
			if !people[path.Sender] {
				continue // a stranger's stay unread; see meet for when they are no stranger any more
			}
			if err := a.take(ctx, c, path); err != nil {
				return err
			}
		}
		if page.Next != cursor {
			cursor = page.Next
			if err := a.mem.update(func(t *tx) error { t.put(keyCursor+at.String(), cursor); return nil }); err != nil {
				return errors.Join(errLocal, err)
			}
		}
		if !page.More {
			return nil
		}
	}
}

// take reads one record and passes on what it holds, once.
func (a *Agent) take(ctx context.Context, c *relay.Client, path relay.Path) error {
	mark := keySeen + sxp.Sum([]byte(path.String())).String()[:32]
	seen := false
	if err := a.mem.view(func(t *tx) error { seen = t.kv.Get(mark) != nil; return nil }); err != nil || seen {
		return err
	}
	rec, err := c.Read(ctx, path)
	switch {
	case errors.Is(err, sxp.NotFound):
		return nil
	case errors.Is(err, sxp.Unavailable), errors.Is(err, sxp.Busy):
		return err
	case err != nil:
		a.log.Warn("a record is refused", "path", path, "err", err)
		return nil
	}
	raw, err := a.unseal(recordInfo, rec.Write.Content)
	if err == nil && rec.Write.Tag != relay.TagReceipt {
		err = a.dispatch(ctx, raw)
	}
	if isLocal(err) {
		return err
	}
	if err != nil {
		a.log.Warn("a record is of no use", "path", path, "err", err)
	}
	if err := a.mem.update(func(t *tx) error { t.put(mark, a.now()); return nil }); err != nil {
		return errors.Join(errLocal, err)
	}
	return nil
}

// dispatch gives a signed message to whom it concerns.
func (a *Agent) dispatch(ctx context.Context, raw []byte) error {
	typ, _, err := envelope.Peek(raw)
	if err != nil {
		return err
	}
	switch typ {
	case TypeLetter:
		return a.mem.update(func(t *tx) error { return a.takeLetter(t, raw) })
	case identity.TypeCard:
		return a.mem.update(func(t *tx) error {
			card, err := a.openCard(raw)
			if err != nil {
				return err
			}
			_, _, err = a.meet(t, raw, false)
			a.log.Info("a card was renewed", "of", card.ID, "seq", card.Seq)
			return err
		})
	case contract.TypeProposal:
		return a.takeProposal(ctx, raw)
	}
	peek, err := contract.Peek(raw)
	if err != nil {
		return err
	}
	l := a.live[peek.Proposal]
	if l == nil {
		return sxp.Errorf("agent.dispatch", sxp.NotFound, peek.Proposal, "a %s of a deal that is not known here", typ)
	}
	return a.apply(ctx, l, contract.Received{Now: a.now(), Raw: raw})
}

// pullMail takes proposals from the boards of all joined markets.
func (a *Agent) pullMail(ctx context.Context) error {
	list, err := a.memberships()
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := a.tellMarket(ctx, m); err == nil {
			err = a.mailOf(ctx, m)
			if isLocal(err) {
				return err
			}
			a.noteNode(m.Name, err)
		} else {
			a.noteNode(m.Name, err)
		}
	}
	return nil
}

// mailOf takes one board's mail: what was understood or never will be is
// deleted there.
func (a *Agent) mailOf(ctx context.Context, m *membership) error {
	c, err := a.client(m)
	if err != nil {
		return err
	}
	for cursor := uint64(0); ; {
		letters, next, err := c.Mail(ctx, cursor)
		if err != nil {
			return err
		}
		var done []sxp.Hash
		for _, l := range letters {
			if err := a.takeMail(ctx, l); isLocal(err) {
				return err
			} else if err != nil {
				a.log.Warn("mail is of no use", "market", m.Name, "from", l.From, "err", err)
			}
			done = append(done, l.ID)
		}
		if len(done) > 0 {
			if err := c.DeleteMail(ctx, done...); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

func (a *Agent) takeMail(ctx context.Context, l market.Letter) error {
	raw, err := a.unseal(draft.SealInfo, l.Sealed)
	if err != nil {
		return err
	}
	return a.takeProposal(ctx, raw)
}
