package agent

import (
	"context"
	"errors"
	"fmt"

	"sxp"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/identity"
	"sxp/relay"
)

const (
	keyOutbox = "out/"

	// recordTTL is how long what the agent writes rests at relays.
	recordTTL = 30 * sxp.Day

	// recordInfo separates what is sealed into records from other sealed data
	// (spec/agent.md).
	recordInfo = "sxp record/1"

	// retryAfter is how long the agent waits before it tries a node again that
	// could not be reached; each failure doubles it up to retryAtMost.
	retryAfter  = 2 * sxp.Second
	retryAtMost = 5 * sxp.Minute
)

// outgoing is one record on its way to the person's relays, or one notice on its
// way to the node that proposed a deal, under "out/<n>". It is stored in the transaction that decides to send it and forgotten when
// every one has answered, so that a crash neither loses nor invents it.
type outgoing struct {
	To       sxp.ID          `json:"to"`
	RecordID relay.RecordID  `json:"recordId"`
	Content  sxp.Bytes       `json:"content"` // sealed
	Via      []relay.Address `json:"via"`     // relays that have not answered yet
	NotAfter sxp.Time        `json:"notAfter,omitempty"`
	Made     sxp.Time        `json:"made"`
	Tries    int             `json:"tries,omitempty"`
	Next     sxp.Time        `json:"next,omitempty"`
	Letter   string          `json:"letter,omitempty"` // key of the own letter that this carries
	Taken    bool            `json:"taken,omitempty"`  // a relay has it
	Over     *draft.Over     `json:"over,omitempty"`   // the notice; then there is no record
}

// letter is a signed message to be sealed and left at relays.
type letter struct {
	raw      []byte
	via      []relay.Address // nil: the person's relays
	notAfter sxp.Time        // 0, or when it must not leave any more
	key      string          // of a Letter that is kept here; may be empty
}

// post seals a message to somebody and queues it, inside the transaction that
// made it necessary.
func (a *Agent) post(t *tx, to identity.Card, l letter) error {
	key, err := to.SealKey(a.now())
	if err != nil {
		return err
	}
	content, err := envelope.Seal([]envelope.KEMPublic{key}, recordInfo, l.raw)
	if err != nil {
		return err
	}
	if l.via == nil {
		var p profile
		t.get(keyProfile, &p)
		l.via = p.Relays
	}
	if len(l.via) == 0 {
		return sxp.Errorf("agent.post", sxp.Invalid, nil, "you use no relay, so nobody can hear you: sxp card relays ADDRESS names one")
	}
	id := relay.RecordID(envelope.Digest(l.raw).String()[:40])
	t.put(fmt.Sprintf("%s%012d", keyOutbox, t.next(numberOutbox)), &outgoing{
		To: to.ID, RecordID: id, Content: content, Via: l.via, NotAfter: l.notAfter, Made: a.now(), Letter: l.key,
	})
	return nil
}

// flush tries to bring every queued record to its relays. It returns when it
// wants to be called again; 0 if nothing waits.
func (a *Agent) flush(ctx context.Context) (sxp.Time, error) {
	type item struct {
		key string
		o   *outgoing
	}
	var queue []item
	if err := a.mem.view(func(t *tx) error {
		return scan(t, keyOutbox, func(key string, o *outgoing) error {
			queue = append(queue, item{key, o})
			return nil
		})
	}); err != nil {
		return 0, err
	}
	hurry := a.hurry.Swap(false)
	var next sxp.Time
	for _, it := range queue {
		if it.o.Next > a.now() && !hurry {
			next = earliest(next, it.o.Next)
			continue
		}
		before := it.o.Taken
		done := a.deliver(ctx, it.o)
		if ctx.Err() != nil {
			return 0, nil // the agent ends: what was not answered stays as it was
		}
		if err := a.mem.update(func(t *tx) error {
			if done {
				t.delete(it.key)
			} else {
				t.put(it.key, it.o)
			}
			if it.o.Letter != "" && (done || it.o.Taken != before) {
				noteDelivery(t, it.o)
			}
			return nil
		}); err != nil {
			return 0, err
		}
		if !done {
			next = earliest(next, it.o.Next)
		}
	}
	return next, nil
}

// deliver brings one record to the relays that have not answered, and reports
// whether it is finished.
func (a *Agent) deliver(ctx context.Context, o *outgoing) bool {
	var left []relay.Address
	for _, at := range o.Via {
		now := a.now()
		if o.NotAfter != 0 && now >= o.NotAfter || now.Sub(o.Made) >= recordTTL {
			return true
		}
		if a.rests(at.URL) {
			left = append(left, at)
			continue
		}
		var err error
		if o.Over != nil {
			err = a.tellOver(ctx, at, o.Over)
		} else {
			_, err = a.relayAt(at).Write(ctx, o.To, relay.Write{RecordID: o.RecordID, TTL: recordTTL, Content: o.Content})
		}
		switch {
		case err == nil, errors.Is(err, sxp.Conflict): // Conflict: it was there before
			err, o.Taken = nil, true
		case refuses(err):
			a.log.Error("a relay refuses a record", "relay", at.URL, "to", o.To, "err", err)
		default:
			left = append(left, at)
		}
		a.noteNode(at.URL, err)
	}
	o.Via = left
	if len(left) == 0 {
		return true
	}
	o.Next = a.now().Add(min(retryAfter<<min(o.Tries, 10), retryAtMost))
	o.Tries++
	return false
}

// earliest returns the smaller of two moments, 0 meaning none.
func earliest(a, b sxp.Time) sxp.Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
