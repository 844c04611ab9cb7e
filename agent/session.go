package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"sxp"
	"sxp/contract"
	"sxp/identity"
)

const keyOpening = "opening/"

// A live is one deal with its machine, as long as the agent runs. rec may be
// read under Agent.mu by whoever does not hold stepping.
type live struct {
	number   int
	id       sxp.Hash
	rec      *dealRecord
	s        *contract.Session
	started  bool     // the machine has had its Start
	decliner sxp.ID   // who sent the last decline, whatever it says
	decline  []byte   // of another party, the last that came without a reason; evidence where it ended the deal
	blocked  sxp.Hash // the deal that keeps an accepted one from going on, as of the last round; under Agent.mu
}

// sessionConfig is what all sessions of the person share.
func (a *Agent) sessionConfig(p *profile) contract.Config {
	cfg := contract.Config{Algebra: a.algebra, Keys: a.ring, Ledger: a.ledger, Limits: a.limits}
	if len(p.Relays) > 0 {
		cfg.Watcher = contract.Contact{ID: p.Relays[0].ID, Address: p.Relays[0].URL}
	}
	return cfg
}

// reload restores every deal's machine from disk: at the start, and after a
// write failed, when the machines in memory may know more than the disk.
func (a *Agent) reload() error {
	a.torn = true
	a.ledger = contract.NewLedger()
	a.ring = contract.NewKeyRing(a.id, a.cfg.Root.Contract(), a.cfg.Rand)
	fresh := map[sxp.Hash]*live{}
	var forgotten []string
	err := a.mem.view(func(t *tx) error {
		var me profile
		t.get(keyProfile, &me)
		if err := a.trustMarkets(t); err != nil {
			return err
		}
		cfg := a.sessionConfig(&me)
		return scan(t, keyDeal, func(_ string, d *dealRecord) error {
			if len(d.Session) == 0 {
				return nil // refused at sight
			}
			l, err := a.restore(t, cfg, d)
			if err != nil {
				return err
			}
			fresh[d.ID] = l
			if l.s.GivesSecret() && !t.get(keySecret+d.ID.String(), &keptSecret{}) {
				forgotten = append(forgotten, secretName(d.ID))
			}
			var sealed sxp.Bytes
			if !t.get(keyOpening+d.ID.String(), &sealed) {
				forgotten = append(forgotten, d.ID.String())
				return nil
			}
			return a.loadOpening(d.ID, sealed)
		})
	})
	if err == nil {
		err = a.loadSecrets()
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.live = fresh
	a.mu.Unlock()
	// A crash between the write that forgot an opening and the destruction of
	// its key: finish it, before the promise can leave.
	for _, name := range forgotten {
		if err := a.once.Destroy(name); err != nil {
			return local(err)
		}
	}
	a.torn = false
	return nil
}

func (a *Agent) restore(t *tx, cfg contract.Config, d *dealRecord) (*live, error) {
	p, err := contract.OpenProposal(d.Proposal)
	if err != nil {
		return nil, err
	}
	roll, err := a.roll(t, p.Roll)
	if err != nil {
		return nil, err
	}
	s, err := contract.RestoreSession(cfg, p, roll, d.Session)
	if err != nil {
		return nil, err
	}
	if d.Stale {
		s.AssumeStale()
	}
	v := s.View()
	d.Accepted, d.Promised, d.Released = v.Accepted, v.Promised, v.Released
	return &live{number: d.Number, id: d.ID, rec: d, s: s}, nil
}

// loadOpening gives the key ring the secret of a promise that was not made yet.
func (a *Agent) loadOpening(session sxp.Hash, sealed []byte) error {
	b, err := a.openOnce(session.String(), session, sealed)
	if err != nil || b == nil {
		return err // nil where it was restored from a backup: the commitment is dead, MakePromise says so
	}
	a.ring.Load(session, b)
	clear(b)
	return nil
}

// openOnce reads what sealOnce made; nil if its one-time key is not here.
func (a *Agent) openOnce(name string, session sxp.Hash, sealed []byte) ([]byte, error) {
	const op = "agent.openOnce"
	key, ok, err := a.once.Get(name)
	if err != nil || !ok {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	clear(key[:])
	if len(sealed) < aead.NonceSize() {
		return nil, sxp.Errorf(op, sxp.Internal, session, "the stored secret is damaged")
	}
	b, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], session[:])
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, session, "the stored secret is damaged: %w", err)
	}
	return b, nil
}

// sealOpening makes the record of a promise's secret under a new one-time key.
func (a *Agent) sealOpening(session sxp.Hash) ([]byte, error) {
	opening := a.ring.Opening(session)
	defer clear(opening)
	return a.sealOnce(session.String(), session, opening)
}

// sealOnce seals what serves once under a new one-time key of that name.
func (a *Agent) sealOnce(name string, session sxp.Hash, secret []byte) ([]byte, error) {
	if err := a.once.Destroy(name); err != nil {
		return nil, err
	}
	key, err := a.once.Make(name)
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := a.cfg.Rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, secret, session[:]), nil
}

// apply gives an event to a deal's machine and does what it asks, the direct
// requests included, whose answers are events again.
func (a *Agent) apply(ctx context.Context, l *live, ev contract.Event) error {
	if a.torn {
		return errLocal
	}
	actions, err := l.s.Step(ev)
	if err != nil {
		return err
	}
	if r, ok := ev.(contract.Received); ok && contract.TypeOf(r.Raw) == contract.TypeDecline {
		l.decline, l.decliner = silent(r.Raw), signerOf(r.Raw)
	}
	return a.perform(ctx, l, actions, nil)
}

// perform does the actions of one step. What is for the store and the outbox
// is one transaction, with also if it is not nil, so that nothing leaves before
// the Save is durable and nothing that should leave is lost. After a failure no
// machine moves until begin has restored all from disk.
func (a *Agent) perform(ctx context.Context, l *live, actions []contract.Action, also func(*tx, *dealRecord) error) error {
	err := a.commit(l, actions, also)
	if err == nil {
		err = local(a.destroy(l.id, actions)) // the records are gone; now their keys, before what they made leaves
	}
	if err != nil {
		a.torn = true
		a.log.Error("a deal could not be stored: its machines will be restored from disk", "deal", l.id, "err", err)
		if errors.Is(err, sxp.TooLarge) {
			return err // one deal that outgrows the store must not stop the others
		}
		return local(err)
	}
	for _, act := range actions {
		if err := a.request(ctx, l, act); err != nil {
			return err
		}
	}
	return nil
}

// destroy makes unrecoverable what the Saves among actions say has served.
func (a *Agent) destroy(id sxp.Hash, actions []contract.Action) error {
	for _, act := range actions {
		save, ok := act.(contract.Save)
		if ok && save.Erase {
			a.ring.Erase(id)
			if err := a.once.Destroy(id.String()); err != nil {
				return err
			}
		}
		if ok && save.Spend {
			a.ring.EraseSecret(id)
			if err := a.once.Destroy(secretName(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// commit makes the durable part of the actions durable.
func (a *Agent) commit(l *live, actions []contract.Action, also func(*tx, *dealRecord) error) error {
	rec := *l.rec // the machine's record changes only if the disk's does
	rec.Events = append([]DealEvent{}, l.rec.Events...)
	if len(actions) == 0 && also == nil {
		return nil
	}
	err := a.mem.update(func(t *tx) error {
		changed := also != nil
		if also != nil {
			if err := also(t, &rec); err != nil {
				return err
			}
		}
		for _, act := range actions {
			switch act := act.(type) {
			case contract.Save:
				changed = true
				if err := a.save(t, &rec, act); err != nil {
					return err
				}
			case contract.SendParties:
				if err := a.sendParties(t, l, act); err != nil {
					return err
				}
			case contract.Blame:
				changed = true
				rec.note(a.now(), brokeRules(l.s.Proposal(), act))
			case contract.Concluded:
				a.log.Info("a deal has an outcome", "deal", rec.ID, "phase", act.Phase, "why", act.Reason)
			}
		}
		if !changed {
			return nil
		}
		before := rec.State
		if a.describe(t, l, &rec); rec.State != before {
			a.noteEnd(t, l, rec.State)
		}
		t.put(keyDeal+rec.ID.String(), &rec)
		return nil
	})
	if err == nil {
		a.mu.Lock()
		*l.rec = rec
		a.mu.Unlock()
	}
	return err
}

// brokeRules says who broke the rules, a party or a juror.
func brokeRules(p *contract.OpenedProposal, b contract.Blame) DealEvent {
	e := DealEvent{What: "broke", Text: fmt.Sprintf("juror %d broke the rules: %s", b.Seat, b.Reason)}
	switch {
	case b.Party >= 0:
		e.Who, e.Text = p.Cards[b.Party].ID, p.Cards[b.Party].Label+" broke the rules: "+b.Reason
	case b.Fault != nil:
		e.Who = b.Fault.By
	}
	return e
}

func (a *Agent) save(t *tx, rec *dealRecord, act contract.Save) error {
	rec.Session = act.State
	key := keyOpening + rec.ID.String()
	if act.Keep {
		sealed, err := a.sealOpening(rec.ID)
		if err != nil {
			return local(err)
		}
		t.put(key, sxp.Bytes(sealed)) // under the words too: the one-time keys lie beside the store
	}
	if act.Erase {
		t.delete(key)
	}
	if act.Spend {
		t.delete(keySecret + rec.ID.String())
	}
	return nil
}

// sendParties queues a message for other parties. One who cannot be written
// to, because their card has run out, does not keep the others from theirs.
func (a *Agent) sendParties(t *tx, l *live, act contract.SendParties) error {
	p := l.s.Proposal()
	// Over the relays of the card that the others were given too: they need not
	// know a newer one.
	var me profile
	t.get(keyProfile, &me)
	own, _ := parseAddresses(p.Cards[l.s.View().Me].Relays)
	out := letter{raw: act.Raw, via: union(me.Relays, own)}
	if contract.TypeOf(act.Raw) == contract.TypeRelease {
		out.notAfter = p.ReleaseBefore()
	}
	for _, i := range act.To {
		card := p.Cards[i]
		if known, ok := a.newestCard(t, card.ID); ok && known.Seq > card.Seq {
			card = known
		}
		if err := a.post(t, card, out); err != nil {
			a.log.Error("a message to a party cannot be sealed", "deal", l.id, "to", card.ID, "err", err)
		}
	}
	return nil
}

// request does one action that asks another machine directly.
func (a *Agent) request(ctx context.Context, l *live, act contract.Action) error {
	switch act := act.(type) {
	case contract.AskWatcher:
		answer, err := askContact[contract.LodgeRequest, contract.WatchAnswer](ctx, a, act.To, contract.RequestLodge, act.Request)
		return a.heardWatcher(ctx, l, act.To, answer, err)
	case contract.QueryWatcher:
		answer, err := askContact[contract.AskRequest, contract.WatchAnswer](ctx, a, act.To, contract.RequestAsk, act.Request)
		return a.heardWatcher(ctx, l, act.To, answer, err)
	case contract.TellWatchers:
		answers := each(a, act.To, func(to contract.Contact) (contract.WatchAnswer, error) {
			return askContact[contract.TellRequest, contract.WatchAnswer](ctx, a, to, contract.RequestTell, contract.TellRequest{Message: act.Raw})
		})
		for i, r := range answers {
			if r.err != nil {
				a.log.Debug("a watcher does not answer", "deal", l.id, "watcher", act.To[i].Address, "err", r.err)
			} else if err := a.received(ctx, l, r.value.Result); err != nil {
				return err
			}
		}
	case contract.FileClaim:
		if !open(l) { // the watcher, asked just before, had the contract: no juror need hear of it
			return nil
		}
		return a.askJury(ctx, l, act.To, func(ctx context.Context, to contract.SeatContact) (contract.Answer, error) {
			return askContact[contract.ClaimRequest, contract.Answer](ctx, a, to.Contact, contract.RequestClaim, contract.ClaimRequest{Claim: act.Claim})
		})
	case contract.QueryJury:
		return a.askJury(ctx, l, act.To, func(ctx context.Context, to contract.SeatContact) (contract.Answer, error) {
			return askContact[contract.QueryRequest, contract.Answer](ctx, a, to.Contact, contract.RequestQuery, act.Request)
		})
	}
	return nil
}

// received passes on messages that came as answers.
func (a *Agent) received(ctx context.Context, l *live, raws ...sxp.Bytes) error {
	for _, raw := range raws {
		if len(raw) == 0 {
			continue
		}
		if err := a.apply(ctx, l, contract.Received{Now: a.now(), Raw: raw}); isLocal(err) {
			return err
		} else if err != nil {
			a.log.Warn("an answer does not fit", "deal", l.id, "err", err)
		}
	}
	return nil
}

// juryQuestion asks one juror.
type juryQuestion func(context.Context, contract.SeatContact) (contract.Answer, error)

// askJury asks jurors at the same time and passes their answers on as they
// come: those who answer need not wait for those who are silent, and once the
// deal is decided nobody is waited for.
func (a *Agent) askJury(ctx context.Context, l *live, to []contract.SeatContact, f juryQuestion) error {
	if a.cfg.Concurrency == 1 { // the order of a simulation
		for _, seat := range to {
			answer, err := f(ctx, seat)
			if err := a.heardJuror(ctx, l, seat, answer, err); err != nil {
				return err
			}
		}
		return nil
	}
	asking, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	type heard struct {
		seat contract.SeatContact
		outcome[contract.Answer]
	}
	todo, done := make(chan contract.SeatContact, len(to)), make(chan heard, len(to))
	for _, seat := range to {
		todo <- seat
	}
	close(todo)
	for range min(len(to), a.cfg.Concurrency+l.s.Proposal().F) { // f may be silent
		all.Go(func() {
			for seat := range todo {
				var r outcome[contract.Answer]
				r.value, r.err = f(asking, seat)
				done <- heard{seat, r}
			}
		})
	}
	for range to {
		r := <-done
		if err := a.heardJuror(ctx, l, r.seat, r.value, r.err); err != nil || !open(l) {
			return err
		}
	}
	return nil
}

// heardJuror passes on a juror's answer, if there is one. It fails only where
// the own store does.
func (a *Agent) heardJuror(ctx context.Context, l *live, from contract.SeatContact, answer contract.Answer, err error) error {
	if err != nil {
		a.log.Debug("a juror does not answer", "deal", l.id, "seat", from.Seat, "err", err)
		return nil
	}
	if answer.Standing == contract.Refused {
		a.log.Warn("a juror refuses the claim", "deal", l.id, "seat", from.Seat, "why", answer.Why())
	}
	err = a.apply(ctx, l, contract.Answered{Now: a.now(), Seat: from.Seat, Answer: answer})
	if isLocal(err) {
		return err
	}
	if err != nil {
		a.log.Warn("a juror's answer does not fit", "deal", l.id, "seat", from.Seat, "err", err)
	}
	return nil
}

// newestCard returns the newest card of a person that is known here.
func (a *Agent) newestCard(t *tx, id sxp.ID) (identity.Card, bool) {
	var p peer
	if !t.get(keyPeer+id.String(), &p) {
		return identity.Card{}, false
	}
	card, err := a.openCard(p.Card)
	return card, err == nil
}
