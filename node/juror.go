package node

import (
	"context"
	"errors"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

const (
	keyJuror       = "juror/"
	keyJurorSecret = "secret/juror" // y; the file is the node's own, mode 0600
)

// juror drives jury.Juror: requests wait in its queue, one at a time is
// served, and whoever finds nobody serving serves all that wait.
type juror struct {
	secret *bls.Secret

	mu    sync.Mutex
	queue jury.Queue[*waiting]

	serving sync.Mutex
	m       *jury.Juror // guarded by serving
}

// waiting is a request in the queue; done is closed when it is answered.
type waiting struct {
	answer contract.Answer
	err    error
	done   chan struct{}
}

// jurorKeys implements jury.Keys.
type jurorKeys struct {
	envelope.Signer
	y *bls.Secret
}

// OpenShare is jury.Keys.OpenShare.
func (k jurorKeys) OpenShare(c, u bls.G1) (bls.G1, error) { return k.y.OpenShare(c, u) }

// addJuror restores the juror and serves its requests.
func (n *Node) addJuror() error {
	if !n.p.Roles.Juror {
		return nil
	}
	n.p.Serves = n.p.Serves.fill()
	y, err := n.jurorSecret()
	if err != nil {
		return err
	}
	n.juror = &juror{secret: y}
	if err := n.restoreJuror(n.start); err != nil {
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
	return nil
}

// jurorSecret returns the node's share key: fresh randomness, made once.
func (n *Node) jurorSecret() (y *bls.Secret, err error) {
	err = n.p.KV.Update(func(tx kv.Tx) error {
		if b := tx.Get(keyJurorSecret); b != nil {
			y, err = bls.ParseSecret(b)
			clear(b)
			return err
		}
		if y, err = bls.NewSecret(n.p.Rand); err != nil {
			return err
		}
		b := y.Bytes()
		defer clear(b)
		return tx.Put(keyJurorSecret, b)
	})
	return y, err
}

// restoreJuror makes the machine from what is on disk and starts it.
func (n *Node) restoreJuror(now sxp.Time) error {
	n.juror.m = jury.New(jury.Config{
		Algebra: n.p.Algebra, Keys: jurorKeys{n.p.Key, n.juror.secret}, MaxGap: n.p.Serves.DeltaMin,
	})
	if err := n.p.KV.View(func(tx kv.Tx) error {
		return tx.Scan(keyJuror, func(key string, value []byte) error {
			h, err := sxp.ParseHash(key[len(keyJuror):])
			if err != nil {
				return err
			}
			return n.juror.m.Restore(h, value)
		})
	}); err != nil {
		return err
	}
	return n.applyJuror(jury.Start{Now: now}, nil)
}

// judge queues a request and returns its answer.
func (n *Node) judge(ctx context.Context, ev jury.Event) (contract.Answer, error) {
	w := &waiting{done: make(chan struct{})}
	n.juror.mu.Lock()
	err := n.juror.queue.Push(ev, w)
	n.juror.mu.Unlock()
	if err != nil {
		return contract.Answer{}, err
	}
	n.serve()
	select {
	case <-w.done:
		return w.answer, w.err
	case <-ctx.Done():
		return contract.Answer{}, sxp.Errorf("node.judge", sxp.Busy, nil, "the juror is busy: ask again")
	}
}

// serve answers all that waits, one at a time.
func (n *Node) serve() {
	n.juror.serving.Lock()
	defer n.juror.serving.Unlock()
	for {
		n.juror.mu.Lock()
		ev, w, ok := n.juror.queue.Pop()
		n.juror.mu.Unlock()
		if !ok {
			return
		}
		err := n.applyJuror(at(ev, n.p.Now()), w)
		if w != nil {
			w.err = err
			close(w.done)
		} else if err != nil {
			n.p.Log.Debug("a juror's answer does not fit", "err", err)
		}
	}
}

// at sets when an event is applied.
func at(ev jury.Event, now sxp.Time) jury.Event {
	switch e := ev.(type) {
	case jury.Claim:
		e.Now = now
		return e
	case jury.Forward:
		e.Now = now
		return e
	case jury.Shares:
		e.Now = now
		return e
	case jury.Query:
		e.Now = now
		return e
	case jury.Delivered:
		e.Now = now
		return e
	}
	return ev
}

// applyJuror applies one event and does what follows, in order. A step that
// fails may still ask for a Save.
func (n *Node) applyJuror(ev jury.Event, w *waiting) error {
	actions, failed := n.juror.m.Step(ev)
	for _, act := range actions {
		switch act := act.(type) {
		case jury.Save:
			if err := n.saveRecord(keyJuror, act.Key, act.Value); err != nil {
				n.p.Log.Error("the juror cannot write: it starts again from disk", "err", err)
				return errors.Join(err, n.restoreJuror(n.p.Now()))
			}
		case jury.Reply:
			if w != nil {
				w.answer = act.Answer
			}
		case jury.SendForward:
			n.p.Log.Info("a claim is endorsed and passed on", "m", act.M, "jurors", len(act.To))
			for _, to := range act.To {
				n.queue.add(func(ctx context.Context) {
					a, err := askJuror(ctx, n, to.Contact, contract.RequestForward, act.Request)
					n.delivered(act.M, to, false, a, err)
				})
			}
		case jury.SendShares:
			for _, to := range act.To {
				n.queue.add(func(ctx context.Context) {
					a, err := askJuror(ctx, n, to.Contact, contract.RequestShares, act.Request)
					n.delivered(act.M, to, true, a, err)
				})
			}
		}
	}
	return failed
}

// delivered gives the machine another juror's answer.
func (n *Node) delivered(m sxp.Hash, to contract.SeatContact, shares bool, a contract.Answer, err error) {
	if err != nil {
		n.p.Log.Debug("a juror does not answer", "m", m, "seat", to.Seat, "err", err)
		return
	}
	n.juror.mu.Lock()
	err = n.juror.queue.Push(jury.Delivered{M: m, Seat: to.Seat, Shares: shares, Answer: a}, nil)
	n.juror.mu.Unlock()
	if err == nil {
		n.serve()
	}
}

// stepJuror tells the juror the time.
func (n *Node) stepJuror(context.Context) (sxp.Time, error) {
	if n.juror == nil {
		return 0, nil
	}
	n.serve()
	n.juror.serving.Lock()
	defer n.juror.serving.Unlock()
	if err := n.applyJuror(jury.Tick{Now: n.p.Now()}, nil); err != nil {
		return 0, err
	}
	return n.juror.m.Next(), nil
}

// Standing returns what the juror thinks of a session, for people who look at
// its node.
func (n *Node) Standing(m sxp.Hash) contract.Standing {
	n.juror.serving.Lock()
	defer n.juror.serving.Unlock()
	return n.juror.m.Standing(m)
}

// Enrol offers the juror to a market: its signed entry goes onto the list from
// which the market makes its roll.
func (n *Node) Enrol(ctx context.Context, l market.Link) error {
	const op = "node.Enrol"
	if n.juror == nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "this node is no juror: start it with the juror's role")
	}
	y := n.juror.secret
	raw, err := contract.SignJuror(n.p.Algebra, n.p.Key, contract.RollEntry{
		Y: y.PublicG1(), Z: y.Public(), Proof: y.ProvePossession(bls.RoleJuror, n.ID()), Operator: n.p.Operator, Address: n.p.URL,
		DeltaMin: n.p.Serves.DeltaMin, MaxN: n.p.Serves.MaxN, MaxParties: n.p.Serves.MaxParties, MaxHorizon: n.p.Serves.MaxHorizon,
	})
	if err != nil {
		return err
	}
	dial := func(_ context.Context, at market.Node) (relay.Caller, error) { return n.caller(at.Address), nil }
	client, _, err := market.Locate(ctx, l, dial, n.p.Key, n.p.Now, n.p.Rand)
	if err != nil {
		return err
	}
	return client.Enrol(ctx, raw)
}
