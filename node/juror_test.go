package node

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/relay"
)

// A peer is another node, as a juror's node reaches it.
type peer struct {
	mu    sync.Mutex
	asked []envelope.Type
	raws  [][]byte
	do    func(ctx context.Context, raw []byte) ([]byte, error)
}

func (p *peer) Call(ctx context.Context, raw []byte) ([]byte, error) {
	typ, _, _ := envelope.Peek(raw)
	p.mu.Lock()
	p.asked, p.raws = append(p.asked, typ), append(p.raws, raw)
	p.mu.Unlock()
	return p.do(ctx, raw)
}

func (p *peer) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

// answers is a node that answers nonsense, hangs is one that never does.
func answers(text string) *peer {
	return &peer{do: func(context.Context, []byte) ([]byte, error) { return []byte(text), nil }}
}

func hangs() *peer {
	return &peer{do: func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%w", ctx.Err())
	}}
}

// TestOtherJurorsHangOrTalkNonsense: neither keeps a juror from opening its
// shares, from telling the others at once, or from its next Step.
func TestOtherJurorsHangOrTalkNonsense(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := func() sxp.Time { return sxp.TimeOf(time.Now()) }
		p := parts(t, now, Roles{Juror: true})
		peers := map[string]*peer{"http://hangs": hangs(), "http://html": answers("<html>"), "http://empty": answers(""), "http://well": hangs()}
		p.Dial = func(url string) relay.Caller { return peers[url] }
		p.Parallel = 0
		n := must(New(p))
		var well *Node // a juror that works
		{
			q := parts(t, now, Roles{Juror: true})
			well = must(New(q))
			peers["http://well"].do = func(ctx context.Context, raw []byte) ([]byte, error) {
				return well.Handle(ctx, now(), raw), nil
			}
		}
		s := newSigning(n, now().Add(sxp.Minute), 2*sxp.Second, "http://hangs", "http://html", "http://empty", "http://well")
		filed := now()
		stop := stepping(t, n)
		a, err := s.fileAt(n)
		stop()
		if err != nil || a.Standing != contract.Completed || len(a.Shares) != 1 {
			t.Fatalf("a claim: %+v, %v; want completed with the own shares", a.Standing, err)
		}
		if took := now().Sub(filed); took < 500*sxp.Millisecond || took > 700*sxp.Millisecond {
			t.Errorf("where a juror hangs, the answer with shares left after %v, want Δ/4", took)
		}
		synctest.Wait()
		began := now()
		if peers["http://well"].count() < 1 {
			t.Error("the juror that works was not asked at once")
		}
		for range 20 {
			if _, err := n.Step(t.Context()); err != nil {
				t.Errorf("Step: %v", err)
			}
			time.Sleep(500 * time.Millisecond)
		}
		if took := now().Sub(began); took != 10*sxp.Second {
			t.Errorf("20 steps took %s more than the pauses between them", took-10*sxp.Second)
		}
		if k := peers["http://hangs"].count(); k < 2 || k > 30 {
			t.Errorf("the juror that hangs was asked %d times in ten seconds", k)
		}
		if k := n.sends.count(); k > 2*perTarget {
			t.Errorf("%d requests wait for jurors that do not answer: they pile up", k)
		}
		// A claim that comes meanwhile leaves at once, too.
		before := peers["http://well"].count()
		defer stepping(t, n)()
		if _, err := newSigning(n, now().Add(sxp.Minute), 2*sxp.Second, "http://hangs", "http://well").fileAt(n); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if peers["http://well"].count() < before+1 {
			t.Error("a second claim waits behind the first")
		}
		if err := n.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		well.Close()
	})
}

// stepping steps the node when it wants to be, as Run does, until it is stopped.
func stepping(t *testing.T, n *Node) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := n.Step(t.Context()); err != nil {
				t.Errorf("Step: %v", err)
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ended:
				return
			}
		}
	}()
	return func() { close(ended); <-done }
}

// TestSharesLeaveAfterTheClaim: the answer to a claim waits for the other
// jurors to be told, for Δ/4 at most, and does not leave a node that ends.
func TestSharesLeaveAfterTheClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := func() sxp.Time { return sxp.TimeOf(time.Now()) }
		p := parts(t, now, Roles{Juror: true})
		p.Parallel = 0
		way := 100 * time.Millisecond
		p.Dial = func(string) relay.Caller {
			return callFunc(func(ctx context.Context, raw []byte) ([]byte, error) {
				select {
				case <-time.After(way):
				case <-ctx.Done():
				}
				return nil, sxp.Errorf("test", sxp.Unavailable, nil, "nobody is there")
			})
		}
		n := must(New(p))
		stop := stepping(t, n)
		for _, delta := range []sxp.Duration{4 * sxp.Second, sxp.Minute} {
			began := now()
			a, err := newSigning(n, now().Add(sxp.Hour), delta, "http://one", "http://two").fileAt(n)
			if took, want := now().Sub(began), min(delta/4, 2*sxp.Second); err != nil || len(a.Shares) != 1 || took < want || took > want+100*sxp.Millisecond {
				t.Errorf("Δ %v, nobody answers: %d shares after %v, %v; want them after %v", delta, len(a.Shares), took, err, want)
			}
		}
		stop()
		s := newSigning(n, now().Add(sxp.Hour), 4*sxp.Second, "http://one", "http://two")
		ended := make(chan contract.Answer)
		go func() {
			a, _ := s.fileAt(n)
			ended <- a
		}()
		synctest.Wait()
		go n.Close()
		if a := <-ended; len(a.Shares) != 0 {
			t.Error("the node ends, and its shares leave before the claim")
		}
		synctest.Wait()
	})
}

// TestWithdrawnAnswersAreForgotten: a juror that was away while its claim was
// under way abstains. Who waits for its shares is told to ask again, and nothing
// of the wait is kept.
func TestWithdrawnAnswersAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asleep sxp.Duration
		now := func() sxp.Time { return sxp.TimeOf(time.Now()).Add(asleep) }
		p := parts(t, now, Roles{Juror: true})
		p.Parallel = 0
		p.Dial = func(string) relay.Caller { return hangs() }
		n := must(New(p))
		defer func() { n.Close(); synctest.Wait() }()
		s := newSigning(n, now().Add(sxp.Minute), 4*sxp.Second, "http://one", "http://two")
		ended := make(chan error)
		go func() {
			_, err := s.fileAt(n)
			ended <- err
		}()
		synctest.Wait()
		if len(n.juror.replies.open) != 1 {
			t.Fatalf("%d sessions have answers that wait, want 1: this test shows nothing", len(n.juror.replies.open))
		}
		asleep = sxp.Hour
		if _, err := n.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "the shares of a juror that was away", <-ended, sxp.Busy)
		if len(n.juror.replies.open) != 0 {
			t.Errorf("%d sessions have answers that wait for ever", len(n.juror.replies.open))
		}
		if a, err := s.fileAt(n); err != nil || a.Standing != contract.Abstains || len(a.Shares) != 0 {
			t.Errorf("asked again it answers %v with %d shares, %v; want that it abstains", a.Standing, len(a.Shares), err)
		}
	})
}

// A callFunc is a relay.Caller.
type callFunc func(ctx context.Context, raw []byte) ([]byte, error)

func (f callFunc) Call(ctx context.Context, raw []byte) ([]byte, error) { return f(ctx, raw) }

// TestUrgentGoesFirst: forwards overtake claims and shares for the same node,
// and what is under way is not sent again.
func TestUrgentGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := parts(t, func() sxp.Time { return sxp.TimeOf(time.Now()) }, Roles{})
		p.Parallel = 100
		n := must(New(p))
		defer n.Close()
		var mu sync.Mutex
		var order []int
		add := func(i int, urgent bool) {
			n.sends.add(send{contract.Contact{Address: "x"}, sendKey{"t", sxp.Hash{byte(i)}}, urgent, func(context.Context) error {
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Second)
				return nil
			}})
		}
		for i := range perTarget {
			add(i, false)
		}
		synctest.Wait()
		add(10, false)
		add(11, false)
		add(12, true)
		add(12, true)
		for range 2 * maxWaiting {
			add(12, true)
		}
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(order) != perTarget+3 || !(order[perTarget] == 12 || order[perTarget+1] == 12 || order[perTarget+2] == 12) {
			t.Errorf("done in the order %v", order)
		}
		if k := n.sends.count(); k != 0 {
			t.Errorf("%d wait", k)
		}
	})
}

// TestJurorOnAFullDisk: nothing is answered or sent that is not written,
// nothing is lost, and it goes on.
func TestJurorOnAFullDisk(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Juror: true, Watcher: true})
	disk := &full{Store: p.KV}
	other := answers("")
	p.KV, p.Dial = disk, func(string) relay.Caller { return other }
	n := must(New(p))
	defer n.Close()
	first, second := newSigning(n, c.now().Add(sxp.Minute), sxp.Second, "http://other"), newSigning(n, c.now().Add(sxp.Minute), sxp.Second, "http://other")
	if _, err := first.fileAt(n); err != nil {
		t.Fatal(err)
	}
	n.sends.flush(t.Context())
	sent := other.count()

	disk.is.Store(true)
	for range 3 {
		_, err := second.fileAt(n)
		wantKind(t, "a claim on a full disk", err, sxp.Full)
		_, err = lodge(n, second)
		wantKind(t, "a lodging on a full disk", err, sxp.Full)
		c.move(2 * sxp.Second)
		if next, err := n.Step(t.Context()); err != nil || next <= c.now().Add(-sxp.Second) {
			t.Errorf("Step on a full disk: %v, %v", next, err)
		}
	}
	if other.count() != sent {
		t.Error("something was sent that is not written")
	}
	disk.is.Store(false)
	c.move(2 * sxp.Second)
	a, err := first.queryAt(n)
	if err != nil || a.Standing != contract.Completed {
		t.Errorf("the first claim after there was room again: %v, %v", a.Standing, err)
	}
	if a, err = second.fileAt(n); err != nil || a.Standing != contract.Completed {
		t.Errorf("the second claim when there is room again: %v, %v", a.Standing, err)
	}
	if _, err := lodge(n, second); err != nil {
		t.Errorf("a lodging when there is room again: %v", err)
	}
}

// lodge lodges a claim as its first party.
func lodge(n *Node, s *signing) (contract.WatchAnswer, error) {
	d := s.claim.Preimage.Deadline
	return do[contract.LodgeRequest, contract.WatchAnswer](n, n.p.Now, s.parties[0], n.ID(), contract.RequestLodge,
		contract.LodgeRequest{Claim: s.signed(0), ClaimAt: d.Add(-10 * sxp.Second), Patience: sxp.Second})
}

// TestJurorOverRestarts: an endorsement outlives the process; a juror that was
// up throughout votes void, one that was not abstains.
func TestJurorOverRestarts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		claim, restart bool
		back           bool // the clock goes back at the restart
		want           contract.Standing
	}{
		{"up throughout: void", false, false, false, contract.Voided},
		{"restarted within the window: abstains", false, true, false, contract.Abstains},
		{"restarted with a clock set back: abstains", false, true, true, contract.Abstains},
		{"endorsed, then restarted: completed", true, true, false, contract.Completed},
		{"endorsed, then restarted with a clock set back: completed", true, true, true, contract.Completed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := stopped()
			p := parts(t, c.now, Roles{Juror: true})
			p.Serves.DeltaMin = 2 * sxp.Second
			store := p.KV
			n := must(New(p))
			s := newSigning(n, c.now().Add(10*sxp.Second), 2*sxp.Second, "http://other")
			run := func(d sxp.Duration) {
				for end := c.now().Add(d); c.now() < end; c.move(sxp.Second) {
					if _, err := n.Step(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			run(9 * sxp.Second)
			if tc.claim {
				if a, err := s.fileAt(n); err != nil || a.Standing != contract.Completed {
					t.Fatalf("the claim: %v, %v", a.Standing, err)
				}
			}
			run(2 * sxp.Second)
			if tc.restart {
				n.Close()
				c.move(3 * sxp.Second)
				if tc.back {
					c.move(-6 * sxp.Second)
				}
				p.KV = store
				n = must(New(p))
			}
			defer n.Close()
			run(20 * sxp.Second)
			if a, err := s.queryAt(n); err != nil || a.Standing != tc.want {
				t.Errorf("the answer is %v %q, %v; want %v", a.Standing, a.Reason, err, tc.want)
			}
		})
	}
}

// TestRelayedClaims: what jurors tell each other has its own line, and junk in
// it is refused before it costs a juror's time.
func TestRelayedClaims(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Juror: true})))
	defer n.Close()
	s := newSigning(n, c.now().Add(sxp.Minute), sxp.Second, "http://a", "http://b")
	endorse := func(seat int, m sxp.Hash) sxp.Bytes {
		return must(envelope.Sign(s.seats[seat-1], contract.TypeEndorse, &contract.Endorse{M: m}))
	}
	forward := func(claim contract.Claim, e ...sxp.Bytes) (contract.Answer, error) {
		return do[contract.ForwardRequest, contract.Answer](n, c.now, s.parties[0], n.ID(), contract.RequestForward, contract.ForwardRequest{Claim: claim, Endorsements: e})
	}
	stranger := newSigning(n, c.now().Add(sxp.Minute), sxp.Second, "http://a").claim
	stranger.Preimage.Jury = stranger.Preimage.Jury[1:]
	for _, tc := range []struct {
		name  string
		claim contract.Claim
		e     []sxp.Bytes
		want  sxp.Kind
	}{
		{"no endorsement", s.claim, nil, sxp.Denied},
		{"an endorsement of another session", s.claim, []sxp.Bytes{endorse(2, sxp.Hash{1})}, sxp.Denied},
		{"noise for an endorsement", s.claim, []sxp.Bytes{{1, 2, 3}}, sxp.Denied},
		{"more endorsements than seats", s.claim, make([]sxp.Bytes, 4), sxp.TooLarge},
		{"a jury without this juror", stranger, []sxp.Bytes{endorse(2, s.m)}, sxp.Denied},
	} {
		_, err := forward(tc.claim, tc.e...)
		wantKind(t, tc.name, err, tc.want)
	}
	if st := n.Standing(s.m); st != "" {
		t.Fatalf("junk made the juror think %q", st)
	}
	// The queue for others is full: jurors are heard all the same.
	n.juror.mu.Lock()
	for range jury.MaxOutside {
		if err := n.juror.queue.Push(jury.Query{}, &waiting{}); err != nil {
			t.Fatal(err)
		}
	}
	n.juror.serving = true // by nobody, for now
	n.juror.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.judge(ctx, jury.Claim{At: c.now(), Request: contract.ClaimRequest{Claim: s.signed(0)}}); sxp.KindOf(err) != sxp.Busy {
		t.Errorf("a claim from outside into a full queue: %v, want kind %q", err, sxp.Busy)
	}
	if _, err := n.judge(ctx, jury.Forward{At: c.now(), Request: contract.ForwardRequest{Claim: s.claim, Endorsements: []sxp.Bytes{endorse(2, s.m)}}}); sxp.KindOf(err) != sxp.Busy {
		t.Errorf("who leaves is told %v, want kind %q", err, sxp.Busy)
	}
	n.serve()
	if st := n.Standing(s.m); st != contract.Completed {
		t.Errorf("a relayed claim whose asker left was not served: %q", st)
	}
	if n.juror.abandoned != 0 || n.juror.queue.Len() != 0 {
		t.Errorf("%d abandoned, %d wait after all was served", n.juror.abandoned, n.juror.queue.Len())
	}
}

func TestAbandonedRequestsAreBounded(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(parts(t, c.now, Roles{Juror: true})))
	defer n.Close()
	n.juror.serving = true // by nobody, for now
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	claim := jury.Claim{At: c.now(), Request: contract.ClaimRequest{Claim: make([]byte, 1000)}}
	var left []*waiting
	for range maxAbandoned + 10 {
		_, _ = n.judge(ctx, claim)
	}
	for {
		_, w, ok := n.juror.queue.Pop()
		if !ok {
			break
		}
		if w.ev != nil {
			left = append(left, w)
		}
	}
	if len(left) != maxAbandoned {
		t.Errorf("%d requests without askers are kept, want %d", len(left), maxAbandoned)
	}
}

// TestQuestionsWaitForClaims: a question for the outcome is not answered
// before a claim that arrived earlier and is still being verified.
func TestQuestionsWaitForClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var a arrivals
		leave := a.enter(100)
		a.wait(99) // the claim came later
		passed := false
		go func() { a.wait(100); passed = true }()
		synctest.Wait()
		if passed {
			t.Error("a question passed a claim that came before it")
		}
		leave()
		leave()
		synctest.Wait()
		if !passed {
			t.Error("a question waits for ever")
		}
	})
}

// TestJurorWithADefect: a panic inside ends neither the node nor the juror.
func TestJurorWithADefect(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := parts(t, c.now, Roles{Juror: true, Watcher: true})
	algebra := &panicky{Algebra: contract.NewAlgebra(p.Rand)}
	p.Algebra = algebra
	n := must(New(p))
	defer n.Close()
	s := newSigning(n, c.now().Add(sxp.Minute), sxp.Second, "http://a")
	algebra.now = true
	_, err := s.fileAt(n)
	wantKind(t, "a claim that meets a defect", err, sxp.Internal)
	_, err = lodge(n, s)
	wantKind(t, "a lodging that meets a defect", err, sxp.Internal)
	algebra.now = false
	c.move(2 * restorePause)
	if a, err := s.fileAt(n); err != nil || a.Standing != contract.Completed {
		t.Errorf("after the defect: %v, %v", a.Standing, err)
	}
	if _, err := lodge(n, s); err != nil {
		t.Errorf("after the defect: %v", err)
	}
}

func TestDamagedRecordsAreNamed(t *testing.T) {
	t.Parallel()
	c := stopped()
	for _, key := range []string{keyJuror + sxp.Hash{1}.String(), keyWatch + sxp.Hash{1}.String(), keyBoard + "x"} {
		p := parts(t, c.now, Roles{Juror: true, Watcher: true, Board: true})
		if err := p.KV.Update(func(tx kv.Tx) error { return tx.Put(key, []byte{0xff}) }); err != nil {
			t.Fatal(err)
		}
		if n, err := New(p); err == nil {
			n.Close()
			t.Errorf("a damaged record %s is not noticed", key)
		}
	}
}
