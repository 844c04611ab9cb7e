package node

import (
	"context"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyJuror       = "juror/"
	keyJurorSecret = "secret/juror" // y; the file is the node's own, mode 0600
)

// juror drives jury.Juror: requests wait in its queue, one at a time is served.
type juror struct {
	keys     *jury.KeyRing
	arrivals arrivals
	intake   intake
	replies  held // answers that wait for others to be told

	mu        sync.Mutex
	queue     jury.Queue[*waiting]
	serving   bool // somebody serves what waits
	abandoned int  // requests that wait without an asker

	machine sync.Mutex // guards what follows
	m       *jury.Juror
	disk    outage            // m is nil while it lasts
	held    map[sxp.Hash]bool // records on disk
}

// waiting is a request in the queue. The queue itself holds an event without
// content, so that what nobody waits for can be let go.
type waiting struct {
	done chan struct{} // closed when it is answered; nil for what nobody waits for

	// guarded by juror.mu until it is taken from the queue
	ev   jury.Event // nil: dropped
	left bool       // the asker is gone

	from   netip.Addr // whom a new session counts for; invalid: nobody
	answer contract.Answer
	hold   *holding // what the answer waits for; nil: it may leave at once
	err    error
}

// addJuror restores the juror and serves its requests.
func (n *Node) addJuror() error {
	if !n.p.Roles.Juror {
		return nil
	}
	n.p.Serves = n.p.Serves.fill()
	keys, err := n.jurorKeys()
	if err != nil {
		return err
	}
	n.juror = &juror{keys: keys}
	if err := n.restoreJuror(); err != nil {
		return err
	}
	relay.Serve(n.router, contract.RequestClaim, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.ClaimRequest) (contract.Answer, error) {
		return n.judge(ctx, jury.Claim{At: now, Request: r})
	})
	relay.Serve(n.router, contract.RequestForward, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.ForwardRequest) (contract.Answer, error) {
		return n.judge(ctx, jury.Forward{At: now, Request: r})
	})
	relay.Serve(n.router, contract.RequestShares, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.SharesRequest) (contract.Answer, error) {
		return n.judge(ctx, jury.Shares{At: now, Request: r})
	})
	relay.Serve(n.router, contract.RequestQuery, func(ctx context.Context, now sxp.Time, _ sxp.ID, _ []byte, r contract.QueryRequest) (contract.Answer, error) {
		return n.judge(ctx, jury.Query{At: now, Request: r})
	})
	relay.Serve(n.router, contract.RequestUp, func(_ context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r contract.UpRequest) (sxp.Bytes, error) {
		return contract.SignUp(n.p.Key, r.Nonce, n.p.Now())
	})
	return nil
}

// jurorKeys returns the node's keys as a juror, the share key made once.
func (n *Node) jurorKeys() (k *jury.KeyRing, err error) {
	err = n.p.KV.Update(func(tx kv.Tx) error {
		if b := tx.Get(keyJurorSecret); b != nil {
			k, err = jury.ParseKeyRing(n.p.Key, b)
			clear(b)
			return err
		}
		if k, err = jury.NewKeyRing(n.p.Key, n.p.Rand); err != nil {
			return err
		}
		b := k.Bytes()
		defer clear(b)
		return tx.Put(keyJurorSecret, b)
	})
	return k, err
}

// restoreJuror makes the machine from what is on disk and starts it. The
// caller holds juror.machine, or nobody else knows the juror yet.
func (n *Node) restoreJuror() error {
	n.juror.m, n.juror.held = nil, map[sxp.Hash]bool{}
	m := jury.New(jury.Config{
		Algebra: n.p.Algebra, Keys: n.juror.keys, MaxGap: max(n.p.Serves.DeltaMin/2, sxp.Millisecond), // a forward that waited out a gap is still in time
	})
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyJuror, func(key string, value []byte) error {
			h, err := sxp.ParseHash(key[len(keyJuror):])
			if err != nil {
				return err
			}
			n.juror.held[h] = true
			return m.Restore(h, value)
		})
	}); err != nil {
		return err
	}
	// Not the start of the process: while the records were read nobody was
	// listening.
	n.juror.m = m
	return n.doJuror(jury.Start{Now: n.p.Now()}, nil)
}

// judge queues a request and returns its answer. A request whose asker leaves
// is served all the same, unless it was only a question.
func (n *Node) judge(ctx context.Context, ev jury.Event) (contract.Answer, error) {
	j := n.juror
	if f, ok := ev.(jury.Forward); ok {
		if err := checkForward(n.ID(), &f.Request); err != nil {
			return contract.Answer{}, err
		}
	}
	if q, ok := ev.(jury.Query); ok && !n.sequential() {
		j.arrivals.wait(q.At)
	}
	w := &waiting{ev: ev, done: make(chan struct{})}
	if makesCase(ev) {
		w.from = originOf(ctx)
		if err := n.admit(w.from, ev); err != nil {
			return contract.Answer{}, err
		}
	}
	if err := n.push(w); err != nil {
		return contract.Answer{}, err
	}
	leaveOf(ctx)()
	select {
	case <-w.done:
		if err := n.held(ctx, w); err != nil {
			return contract.Answer{}, err
		}
		return w.answer, nil
	case <-ctx.Done():
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if w.ev != nil {
		w.left = true
		if _, question := ev.(jury.Query); question || j.abandoned >= maxAbandoned {
			w.ev = nil
		} else {
			j.abandoned++
		}
	}
	return contract.Answer{}, sxp.Errorf("node.judge", sxp.Busy, nil, "the juror is busy: ask again")
}

// checkForward is what a juror checks first of a relayed claim, and needs no
// state for: done before the queue, junk does not hold up what jurors tell each
// other.
func checkForward(self sxp.ID, r *contract.ForwardRequest) error {
	const op = "node.checkForward"
	pre := &r.Claim.Preimage
	if len(r.Endorsements) > len(pre.Jury) {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a claim has at most one endorsement for each of %d seats, this has %d", len(pre.Jury), len(r.Endorsements))
	}
	m := pre.M()
	if pre.Seat(self) == 0 {
		return sxp.Errorf(op, sxp.Denied, m, "this juror has no seat in this jury")
	}
	for _, raw := range r.Endorsements {
		var v contract.Endorse
		signer, err := envelope.Open(raw, contract.TypeEndorse, &v)
		if err == nil && v.M == m && pre.Seat(signer) != 0 {
			return nil
		}
	}
	return sxp.Errorf(op, sxp.Denied, m, "a claim without an endorsement by a seat is signed by a party")
}

// push adds a request to its line and sees to it that somebody serves.
func (n *Node) push(w *waiting) error {
	j := n.juror
	j.mu.Lock()
	if err := j.queue.Push(hollow(w.ev), w); err != nil {
		j.mu.Unlock()
		return err
	}
	idle := !j.serving
	j.serving = true
	j.mu.Unlock()
	if idle {
		n.beside(n.ctx, func(context.Context) { n.serve() })
	}
	return nil
}

// hollow returns an event of the same line without its content.
func hollow(ev jury.Event) jury.Event {
	if jury.Relayed(ev) {
		return jury.Delivered{}
	}
	if _, ok := ev.(jury.Claim); ok {
		return jury.Claim{}
	}
	return jury.Query{}
}

// serve answers all that waits, one at a time.
func (n *Node) serve() {
	j := n.juror
	for {
		j.mu.Lock()
		_, w, ok := j.queue.Pop()
		if !ok {
			j.serving = false
			j.mu.Unlock()
			return
		}
		ev := w.ev
		w.ev = nil
		if w.left && ev != nil {
			j.abandoned--
		}
		j.mu.Unlock()
		if ev != nil {
			w.err = n.applyJuror(ev, w)
			if w.err != nil && w.done == nil {
				n.p.Log.Debug("a juror's answer does not fit", "err", w.err)
			}
		}
		if w.done != nil {
			close(w.done)
		}
	}
}

// applyJuror applies one event, to a machine that is brought back if its disk
// works again.
func (n *Node) applyJuror(ev jury.Event, w *waiting) error {
	j := n.juror
	j.machine.Lock()
	defer j.machine.Unlock()
	if j.m == nil {
		if err := n.recoverJuror(); err != nil {
			return err
		}
	}
	err := n.doJuror(jury.Served(ev, n.p.Now()), w)
	if j.m != nil {
		n.wanted(j.m.Next())
	}
	return err
}

// recoverJuror restores the juror after a failure, once the disk takes writes.
func (n *Node) recoverJuror() error {
	j := n.juror
	if err := j.disk.tried(n); err != nil {
		return err
	}
	if err := n.restoreJuror(); err != nil {
		j.m = nil
		j.disk.failed(n.p.Now(), err)
		return err
	}
	n.p.Log.Info("the juror works again")
	return nil
}

// doJuror does one step and what follows, in order. A step that fails may
// still ask for a Save. Where a Save fails, or the machine has a defect, the
// machine is dropped: it knows what the disk does not.
func (n *Node) doJuror(ev jury.Event, w *waiting) (err error) {
	j := n.juror
	defer func() {
		if p := recover(); p != nil {
			j.m = nil
			err = sxp.Errorf("node.juror", sxp.Internal, nil, "panic: %v\n%s", p, debug.Stack())
			n.p.Log.Error("the juror failed inside: it starts again from disk", "err", err)
			j.disk.failed(n.p.Now(), err)
		}
	}()
	actions, refused := j.m.Step(ev)
	var fresh []sxp.Hash
	for _, act := range actions {
		switch act := act.(type) {
		case jury.Save:
			if err := n.saveRecord(keyJuror, act.Key, act.Value); err != nil {
				n.p.Log.Error("the juror cannot write: it starts again from disk", "err", err)
				j.m = nil
				j.disk.failed(n.p.Now(), err)
				return err
			}
			if !j.held[act.Key] {
				fresh = append(fresh, act.Key)
			}
			j.held[act.Key] = true
		case jury.Reply:
			j.reply(w, act)
		case jury.Passed:
			j.replies.passed(act.M)
		case jury.SendForward:
			n.p.Log.Info("a claim is endorsed and passed on", "m", act.M, "jurors", len(act.To))
			n.sendForward(act)
		case jury.SendShares:
			n.sendShares(act)
		}
	}
	if w != nil && w.from.IsValid() && slices.Contains(fresh, w.answer.M) {
		j.intake.made(w.from, n.p.Now().Std())
	}
	j.replies.withdraw(j.m.Standing)
	return refused
}

func (n *Node) sendForward(act jury.SendForward) {
	for _, to := range act.To {
		n.sends.add(send{to.Contact, sendKey{contract.RequestForward, act.M}, true, func(ctx context.Context) error {
			a, err := askJuror(ctx, n, to.Contact, act.Request.Claim.Preimage.Delta, contract.RequestForward, act.Request)
			return n.delivered(act.M, to, false, a, err)
		}})
	}
}

func (n *Node) sendShares(act jury.SendShares) {
	for _, to := range act.To {
		n.sends.add(send{to.Contact, sendKey{contract.RequestShares, act.M}, false, func(ctx context.Context) error {
			a, err := askJuror(ctx, n, to.Contact, sendTimeout, contract.RequestShares, act.Request)
			return n.delivered(act.M, to, true, a, err)
		}})
	}
}

// delivered gives the machine another juror's answer.
func (n *Node) delivered(m sxp.Hash, to contract.SeatContact, shares bool, a contract.Answer, err error) error {
	if err != nil {
		n.p.Log.Debug("a juror does not answer", "m", m, "seat", to.Seat, "err", err)
		return err
	}
	return n.push(&waiting{ev: jury.Delivered{M: m, Seat: to.Seat, Shares: shares, Answer: a}})
}

// tickJuror tells the juror the time. A juror without a disk is no error of
// Step: it says so itself, and is tried again.
func (n *Node) tickJuror() error {
	if n.juror == nil {
		return nil
	}
	n.juror.machine.Lock()
	defer n.juror.machine.Unlock()
	if n.juror.m == nil {
		_ = n.recoverJuror()
		return nil
	}
	return n.doJuror(jury.Tick{Now: n.p.Now()}, nil)
}

// next returns when the juror wants to be stepped; 0: there is none.
func (j *juror) next() sxp.Time {
	if j == nil {
		return 0
	}
	j.machine.Lock()
	defer j.machine.Unlock()
	if j.m == nil {
		return j.disk.retry
	}
	return j.m.Next()
}

// Standing returns what the juror thinks of a session, for people who look at
// its node; "" if it knows nothing.
func (n *Node) Standing(m sxp.Hash) contract.Standing {
	if n.juror == nil {
		return ""
	}
	n.juror.machine.Lock()
	defer n.juror.machine.Unlock()
	if n.juror.m == nil {
		return ""
	}
	return n.juror.m.Standing(m)
}

// Card returns the juror's signed entry, with what others have signed for it
// (contract.SignVouch): its operator's word where one is configured, the others
// as its tribes'. It fails with sxp.Invalid if a word is about another juror or
// names another operator.
func (n *Node) Card(vouched ...[]byte) ([]byte, error) {
	const op = "node.Card"
	if n.juror == nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "this node is no juror: start it with the juror's role")
	}
	e := n.juror.keys.Entry()
	e.Operator, e.Address = n.p.Operator, n.p.URL
	e.DeltaMin, e.MaxN, e.MaxParties, e.MaxHorizon = n.p.Serves.DeltaMin, n.p.Serves.MaxN, n.p.Serves.MaxParties, n.p.Serves.MaxHorizon
	for _, raw := range vouched {
		v, who, err := contract.OpenVouch(raw)
		if err != nil {
			return nil, err
		}
		if v.Juror != n.ID() || v.Y != e.Y || v.Operator != e.Operator {
			return nil, sxp.Errorf(op, sxp.Invalid, v.Juror, "this word is for another juror than %s, or for a key or an operator that it has no more", n.ID().Short())
		}
		if who == n.p.Operator && who != n.ID() {
			e.Vouched = slices.Insert(e.Vouched, 0, sxp.Bytes(raw))
			continue
		}
		e.Tribes, e.Vouched = append(e.Tribes, who), append(e.Vouched, raw)
	}
	return contract.SignJuror(n.p.Algebra, n.p.Key, e)
}

// Enrol offers the juror to a market: its signed entry goes onto the list from
// which the market makes its roll. vouched is as for Card.
func (n *Node) Enrol(ctx context.Context, l market.Link, vouched ...[]byte) error {
	raw, err := n.Card(vouched...)
	if err != nil {
		return err
	}
	dial := func(_ context.Context, at market.Node) (relay.Caller, error) { return n.caller(at.Address), nil }
	client, _, err := market.Locate(ctx, l, dial, n.p.Key, n.p.Now, n.p.Rand)
	if err != nil {
		return err
	}
	if err := client.Enrol(ctx, raw); err != nil {
		return err
	}
	return n.enrolled(l)
}
