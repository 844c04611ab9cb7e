package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
	"sxp/relay"
)

const (
	keyCursor = "cursor/" // + relay address
	keySeen   = "seen/"   // + start of a path's hash: when it was taken
	keyEarly  = "early/"  // + proposal, message: of a deal that is not known yet
)

// cursor is how far a relay's listing was read, under "cursor/<address>".
type cursor struct {
	Next relay.Stamp `json:"next,omitempty"`
	Back int         `json:"back,omitempty"` // how often it was set back, because somebody became known
}

// earlyMessage is a message of a deal whose proposal has not come yet.
type earlyMessage struct {
	At  sxp.Time  `json:"at"`
	Raw sxp.Bytes `json:"raw"`
}

// errLater marks what could not be looked at yet and has to be taken again.
var errLater = errors.New("later")

// sources returns whose records are pulled, and the relays where those may
// rest: contacts', those of the people of accepted deals, and the own.
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
	now := a.now()
	err = a.mem.view(func(t *tx) error {
		var me profile
		t.get(keyProfile, &me)
		add(addressTexts(me.Relays))
		return scan(t, keyPeer, func(_ string, p *peer) error {
			card, err := a.openCard(p.Card)
			if err != nil || !p.heard(now) {
				return err
			}
			people[card.ID] = true
			if p.Contact || p.Pull {
				add(card.Relays)
			}
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
		if a.rests(at.URL) {
			continue
		}
		err := a.pullFrom(ctx, at, people)
		if isLocal(err) {
			return err
		}
		a.noteNode(at.URL, err)
	}
	return nil
}

// pullFrom reads a relay's listing from where it was left. What cannot be read
// now is read next time, and what comes after it now.
func (a *Agent) pullFrom(ctx context.Context, at relay.Address, people map[sxp.ID]bool) error {
	var kept cursor
	if err := a.mem.view(func(t *tx) error { t.get(keyCursor+at.String(), &kept); return nil }); err != nil {
		return err
	}
	c := a.relayAt(at)
	next, waits := kept.Next, false
	for {
		page, err := c.Inventory(ctx, relay.Inventory{After: next})
		if err != nil {
			return err
		}
		for _, path := range page.Paths {
			if path.Receiver != a.ID() || !people[path.Sender] {
				continue // a stranger's stay unread; see meet for when they are no stranger any more
			}
			switch err := a.take(ctx, c, path); {
			case errors.Is(err, errLater):
				a.log.Debug("a record is taken later", "path", path, "err", err)
				waits = true
			case err != nil:
				return err
			}
		}
		if page.Next <= next && page.More {
			return sxp.Errorf("agent.pull", sxp.Invalid, at.ID, "%s lists the same page again and again", at.URL)
		}
		next = max(next, page.Next)
		if !waits && next != kept.Next {
			if err := a.putCursor(at, &kept, next); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
	}
}

// putCursor moves a cursor on, unless it was set back meanwhile.
func (a *Agent) putCursor(at relay.Address, kept *cursor, next relay.Stamp) error {
	return a.mem.update(func(t *tx) error {
		var now cursor
		t.get(keyCursor+at.String(), &now)
		if now == *kept {
			kept.Next = next
			t.put(keyCursor+at.String(), kept)
		}
		return nil
	})
}

// take reads one record and passes on what it holds, once.
func (a *Agent) take(ctx context.Context, c *relay.Client, path relay.Path) error {
	mark := keySeen + sxp.Sum([]byte(path.String())).String()[:32]
	seen := false
	if err := a.mem.view(func(t *tx) error { seen = t.kv.Get(mark) != nil; return nil }); err != nil || seen {
		return err
	}
	rec, err := c.Read(ctx, path)
	switch sxp.KindOf(err) {
	case "":
		err = a.takeRecord(ctx, path.Sender, rec)
	case sxp.NotFound:
		return nil // gone meanwhile
	case sxp.Unavailable, sxp.Busy, sxp.Clock:
		return err // the node answers nothing now
	case sxp.Invalid, sxp.TooLarge:
		if !refuses(err) { // the node lies about this record; it may stop
			return fmt.Errorf("%w: %w", errLater, err)
		}
	default:
		return fmt.Errorf("%w: %w", errLater, err)
	}
	if isLocal(err) || errors.Is(err, errLater) {
		return err
	}
	if err != nil {
		a.log.Warn("a record is of no use", "path", path, "err", err)
	}
	return a.mem.update(func(t *tx) error { t.put(mark, a.now()); return nil })
}

func (a *Agent) takeRecord(ctx context.Context, from sxp.ID, rec *relay.Received) error {
	if rec.Write.Tag == relay.TagReceipt {
		return nil
	}
	raw, err := a.unseal(recordInfo, rec.Write.Content)
	if err != nil {
		return err
	}
	return a.dispatch(ctx, from, raw)
}

// dispatch gives a signed message, which came in a record of from, to whom it
// concerns.
func (a *Agent) dispatch(ctx context.Context, from sxp.ID, raw []byte) error {
	typ, _, err := envelope.Peek(raw)
	if err != nil {
		return err
	}
	switch typ {
	case TypeLetter:
		return a.mem.update(func(t *tx) error { return a.takeLetter(t, from, raw) })
	case identity.TypeCard:
		return a.takeCard(raw)
	case contract.TypeProposal:
		return a.takeProposal(ctx, raw)
	}
	peek, err := contract.Peek(raw)
	if err != nil {
		return err
	}
	if l := a.live[peek.Proposal]; l != nil {
		return a.apply(ctx, l, contract.Received{Now: a.now(), Raw: raw})
	}
	return a.keepEarly(peek.Proposal, raw)
}

// takeCard replaces the card of somebody who is known.
func (a *Agent) takeCard(raw []byte) error {
	card, err := a.openCard(raw)
	if err != nil {
		return err
	}
	return a.mem.update(func(t *tx) error {
		if t.kv.Get(keyPeer+card.ID.String()) == nil {
			return sxp.Errorf("agent.takeCard", sxp.Denied, card.ID, "the card of a stranger: who is to be known is for the person to say")
		}
		_, err := a.meet(t, raw, meeting{})
		return err
	})
}

// keepEarly keeps a message that has overtaken the proposal it is about.
func (a *Agent) keepEarly(proposal sxp.Hash, raw []byte) error {
	const op = "agent.keepEarly"
	return a.mem.update(func(t *tx) error {
		if t.kv.Get(keyDeal+proposal.String()) != nil {
			return sxp.Errorf(op, sxp.Late, proposal, "a message of a deal that was refused")
		}
		of := keyEarly + proposal.String() + "/"
		if len(t.keys(of)) >= maxEarlyOf || len(t.keys(keyEarly)) >= maxEarly {
			return sxp.Errorf(op, sxp.Full, proposal, "too many messages of deals that are not known here")
		}
		t.put(of+envelope.Digest(raw).String(), &earlyMessage{At: a.now(), Raw: raw})
		return nil
	})
}

// applyEarly gives a machine what came before its proposal.
func (a *Agent) applyEarly(ctx context.Context, l *live) error {
	of := keyEarly + l.id.String() + "/"
	var early []*earlyMessage
	var done []string
	letters := 0
	if err := a.mem.view(func(t *tx) error {
		return scan(t, of, func(key string, m *earlyMessage) error {
			if isLetter(m.Raw) {
				letters++
				return nil // see takeEarlyLetters
			}
			early, done = append(early, m), append(done, key)
			return nil
		})
	}); err != nil || len(early)+letters == 0 {
		return err
	}
	for _, m := range early {
		if err := a.apply(ctx, l, contract.Received{Now: a.now(), Raw: m.Raw}); isLocal(err) {
			return err
		} else if err != nil {
			a.log.Warn("an early message does not fit", "deal", l.id, "err", err)
		}
	}
	return a.mem.update(func(t *tx) error {
		for _, key := range done {
			t.delete(key)
		}
		return a.takeEarlyLetters(t, l.id)
	})
}

// pullMail takes proposals from the boards of all joined markets.
func (a *Agent) pullMail(ctx context.Context) error {
	list, err := a.memberships()
	if err != nil {
		return err
	}
	for _, m := range list {
		if at, err := m.node(); err != nil || a.rests(at.URL) {
			continue
		}
		err := a.tellMarket(ctx, m)
		if err == nil {
			err = a.mailOf(ctx, m)
		}
		if isLocal(err) {
			return err
		}
		a.noteNode("market "+m.Name, err)
		if at, _ := m.node(); err != nil && ctx.Err() == nil && !a.rests(at.URL) {
			if err := a.refresh(ctx, m); isLocal(err) { // it may have moved
				return err
			}
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
	for from := uint64(0); ; {
		letters, next, err := c.Mail(ctx, from)
		if err != nil {
			return err
		}
		var done []sxp.Hash
		for _, l := range letters {
			err := a.takeMail(ctx, l)
			switch {
			case isLocal(err):
				return err
			case errors.Is(err, errLater):
				a.log.Info("mail is taken later", "market", m.Name, "err", err)
				continue
			case err != nil:
				a.log.Warn("mail is of no use", "market", m.Name, "from", l.From, "err", err)
			}
			done = append(done, l.ID)
		}
		if len(done) > 0 {
			if err := c.DeleteMail(ctx, done...); err != nil {
				return err
			}
		}
		if next <= from {
			return nil
		}
		from = next
	}
}

func (a *Agent) takeMail(ctx context.Context, l market.Letter) error {
	raw, err := a.unseal(draft.SealInfo, l.Sealed)
	if err != nil {
		return err
	}
	return a.takeProposal(ctx, raw)
}

// tidyEvery is how often what has grown old is removed.
const tidyEvery = sxp.Day

// tidy removes what nothing can refer to any more, and lets what grows old at
// the relays be copied again.
func (a *Agent) tidy() error {
	now := a.now()
	if now < a.tidyNext {
		return nil
	}
	a.tidyNext = now.Add(tidyEvery)
	var dropped []sxp.Hash
	err := a.mem.update(func(t *tx) error {
		var old []string
		add := func(key string, at sxp.Time) {
			if at.Add(recordTTL+sxp.Day) < now {
				old = append(old, key)
			}
		}
		if err := errors.Join(
			scan(t, keySeen, func(key string, at *sxp.Time) error { add(key, *at); return nil }),
			scan(t, keyEarly, func(key string, m *earlyMessage) error { add(key, m.At); return nil }),
			scan(t, keyPeer, func(key string, p *peer) error {
				if !p.Contact && len(t.keys(keyLetters+strings.TrimPrefix(key, keyPeer)+"/")) == 0 {
					add(key, p.Until)
				}
				return nil
			}),
			scan(t, keyDeal, func(key string, d *dealRecord) error {
				if l := a.live[d.ID]; l == nil || l.s.Entry().Stage == contract.StageProposed && d.State != dealProposed {
					if add(key, d.Seen.Add(contractMemory)); len(old) > 0 && old[len(old)-1] == key {
						dropped = append(dropped, d.ID)
					}
				}
				return nil
			})); err != nil {
			return err
		}
		for _, key := range old {
			t.delete(key)
		}
		return a.ageVault(t, now)
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range dropped {
		delete(a.live, id)
	}
	for where, tr := range a.trouble { // of nodes that are no longer used; the others are noted again
		if tr.since.Add(tidyEvery) < now {
			delete(a.trouble, where)
		}
	}
	return nil
}

// contractMemory is how long a proposal that this person never accepted is
// shown, besides recordTTL: longer than any that could still be signed.
const contractMemory = 7 * sxp.Day
