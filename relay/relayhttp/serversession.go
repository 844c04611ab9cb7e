//go:build !js

package relayhttp

import (
	"context"
	"net/http"
	"runtime"
	"sync"

	"github.com/coder/websocket"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A session is the node's end of one Session.
type session struct {
	s    *Server
	h    relay.SessionHandler
	conn *websocket.Conn
	keys *keys
	peer sxp.ID
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	room    sync.Cond // of mu: signalled when a request is done
	working map[uint64]context.CancelFunc
	pending int // requests whose answer is not sent
	held    int // bytes of these requests, or of their answers once these are ready
	ready   []part
	wake    chan struct{} // has room for one

	jobs chan job // to idle workers
	idle int      // workers that wait for a job
}

// A job is one request for a worker.
type job struct {
	ctx context.Context
	part
}

// maxIdle is how many workers of a session wait for more to do: goroutines
// that live longer do not grow their stacks anew.
const maxIdle = 32

func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	allowOrigins(w, r)
	if !s.rates.allow(w, r) {
		return
	}
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h, ok := s.cfg.Handler.(relay.SessionHandler)
	if !ok {
		refuse(w, http.StatusNotImplemented, sxp.Unsupported, "this node has no sessions")
		return
	}
	select {
	case s.sessions <- struct{}{}:
		defer func() { <-s.sessions }()
	default:
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusServiceUnavailable, sxp.Busy, "all sessions are taken")
		return
	}
	// Any origin: a session's right comes from a signature.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{Subprotocol}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(MaxFrame + 64)
	ctx, stop := context.WithCancel(context.WithoutCancel(r.Context()))
	defer stop()
	ss := &session{s: s, h: h, conn: conn, ctx: ctx, stop: stop, working: make(map[uint64]context.CancelFunc), wake: make(chan struct{}, 1), jobs: make(chan job)}
	ss.room.L = &ss.mu
	if !s.enter(ss) {
		_ = conn.Close(websocket.StatusGoingAway, "the node stops")
		return
	}
	defer s.leave(ss)
	if err := ss.handshake(); err != nil {
		s.cfg.Log.Debug("session refused", "from", r.RemoteAddr, "error", err)
		_ = conn.Close(websocket.StatusPolicyViolation, "no session")
		return
	}
	ss.run()
}

// enter notes an open session, unless the server stops.
func (s *Server) enter(ss *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return false
	}
	s.open[ss] = struct{}{}
	s.running.Add(1)
	return true
}

func (s *Server) leave(ss *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, ss)
	s.running.Done()
}

// handshake says hello and reads who opens the session.
func (ss *session) handshake() error {
	ctx, stop := context.WithTimeout(ss.ctx, headTime)
	defer stop()
	cfg := &ss.s.cfg
	mine, public, err := newKey(cfg.Rand)
	if err != nil {
		return err
	}
	nonce, err := relay.NewNonce(cfg.Rand)
	if err != nil {
		return err
	}
	hello, err := envelope.Sign(cfg.Signer, TypeHello, Hello{Type: "hello", From: cfg.Signer.ID(), Timestamp: cfg.Now(), Nonce: nonce, Key: public})
	if err != nil {
		return err
	}
	if err := ss.conn.Write(ctx, websocket.MessageBinary, hello); err != nil {
		return err
	}
	_, raw, err := ss.conn.Read(ctx)
	if err != nil {
		return err
	}
	var o Open
	signer, err := envelope.Open(raw, TypeOpen, &o)
	if err == nil {
		err = ss.check(&o, signer, hello)
	}
	if err == nil {
		ss.keys, err = derive(mine, o.Key, hello, raw)
	}
	if err != nil {
		return ss.refuse(ctx, raw, signer, err)
	}
	ss.peer = signer
	return ss.conn.Write(ctx, websocket.MessageBinary, ss.keys.toClient.seal(nil))
}

// check applies the rules of an Open.
func (ss *session) check(o *Open, signer sxp.ID, hello []byte) error {
	const op = "relayhttp.Session"
	now, self := ss.s.cfg.Now(), ss.s.cfg.Signer.ID()
	switch ahead := o.Timestamp.Sub(now); {
	case o.Type != "open" || o.From != signer || o.Re != envelope.Digest(hello):
		return sxp.Errorf(op, sxp.Invalid, signer, "the second message does not open this session")
	case o.To != self:
		return sxp.Errorf(op, sxp.Denied, signer, "the session is for %s, but this node is %s", o.To, self)
	case ahead > sxp.ClockSkew || ahead < -sxp.ClockSkew:
		return sxp.Errorf(op, sxp.Clock, signer, "your clock says %s, this node's says %s; they may differ by at most %s: set the clock of your device, or tell the node's operator if yours is right", o.Timestamp, now, sxp.Duration(sxp.ClockSkew))
	}
	return nil
}

// refuse tells the other end, signed, why there is no session.
func (ss *session) refuse(ctx context.Context, open []byte, to sxp.ID, cause error) error {
	cfg := &ss.s.cfg
	raw, err := envelope.Sign(cfg.Signer, relay.TypeFailure, relay.Failure{
		Type: "error", From: cfg.Signer.ID(), To: to, Timestamp: cfg.Now(), Re: envelope.Digest(open),
		Error: relay.Problem{Kind: sxp.KindOf(cause), Text: sxp.Reason(cause)},
	})
	if err == nil {
		_ = ss.conn.Write(ctx, websocket.MessageBinary, raw)
	}
	return cause
}

// run reads requests until the connection ends; workers answer them.
func (ss *session) run() {
	var helpers sync.WaitGroup
	helpers.Go(ss.write)
	helpers.Go(ss.ping)
	helpers.Go(func() { // wakes take when the session ends
		<-ss.ctx.Done()
		ss.mu.Lock()
		ss.room.Broadcast()
		ss.mu.Unlock()
	})
	for {
		_, sealed, err := ss.conn.Read(ss.ctx)
		if err != nil {
			break
		}
		frame, err := ss.keys.toServer.open(sealed)
		if err != nil {
			break
		}
		parts, err := parseFrame(frame)
		if err != nil || !ss.startAll(parts, &helpers) {
			break
		}
	}
	ss.stop()
	helpers.Wait()
}

func (ss *session) startAll(parts []part, helpers *sync.WaitGroup) bool {
	for _, p := range parts {
		if p.flags&flagCancel != 0 {
			ss.mu.Lock()
			cancel := ss.working[p.id]
			ss.mu.Unlock()
			if cancel != nil {
				cancel()
			}
			continue
		}
		ctx, ok := ss.take(&p)
		if !ok {
			return false
		}
		select {
		case ss.jobs <- job{ctx, p}:
		default:
			helpers.Go(func() { ss.work(job{ctx, p}) })
		}
	}
	return true
}

// work does jobs until there are enough idle workers, or the session ends.
func (ss *session) work(j job) {
	for {
		enough := ss.answer(j.ctx, j.part)
		if enough {
			return
		}
		select {
		case j = <-ss.jobs:
			ss.mu.Lock()
			ss.idle--
			ss.mu.Unlock()
		case <-ss.ctx.Done():
			return
		}
	}
}

// take waits for room for one more request: who does not take answers cannot
// ask on. It fails for an id that is under way, and when the session ends.
func (ss *session) take(p *part) (context.Context, bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for ss.pending >= MaxInFlight || ss.held > 0 && ss.held+len(p.body) > MaxInFlightBytes {
		if ss.ctx.Err() != nil {
			return nil, false
		}
		ss.room.Wait()
	}
	if ss.ctx.Err() != nil || ss.working[p.id] != nil {
		return nil, false
	}
	ctx, cancel := context.WithCancel(ss.ctx)
	ss.working[p.id] = cancel
	ss.pending++
	ss.held += len(p.body)
	return ctx, true
}

// answer does one request and queues its answer. It reports whether enough
// workers are idle; if not, the caller is one more.
func (ss *session) answer(ctx context.Context, p part) (enough bool) {
	a := part{id: p.id}
	now := ss.s.cfg.Now()
	if p.flags&flagSigned != 0 && p.typ == "" {
		a.body = ss.h.Handle(ctx, now, p.body)
	} else {
		a.typ, a.body = ss.h.HandleSession(ctx, now, ss.peer, p.typ, p.body)
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.working[p.id]()
	delete(ss.working, p.id)
	ss.held += len(a.body) - len(p.body)
	ss.ready = append(ss.ready, a)
	select {
	case ss.wake <- struct{}{}:
	default:
	}
	if ss.idle == maxIdle {
		return true
	}
	ss.idle++
	return false
}

// write sends answers; those that become ready meanwhile share the next frame.
func (ss *session) write() {
	for {
		runtime.Gosched() // whoever has an answer now shares the frame
		ss.mu.Lock()
		var frame []byte
		var sent []part
		if all := ss.ready; len(all) > 0 {
			frame, ss.ready = fill(all)
			sent = all[:len(all)-len(ss.ready)]
		}
		ss.mu.Unlock()
		if frame == nil {
			select {
			case <-ss.wake:
			case <-ss.ctx.Done():
				return
			}
			continue
		}
		ctx, stop := context.WithTimeout(ss.ctx, writeTime)
		err := ss.conn.Write(ctx, websocket.MessageBinary, ss.keys.toClient.seal(frame))
		stop()
		if err != nil {
			ss.stop()
			return
		}
		ss.mu.Lock()
		for i := range sent {
			ss.pending--
			ss.held -= len(sent[i].body)
			sent[i].body = nil
		}
		ss.room.Signal()
		ss.mu.Unlock()
	}
}

// ping ends a session whose other end is gone.
func (ss *session) ping() {
	for Sleep(ss.ctx, sxp.DurationOf(pingTime)) == nil {
		ctx, stop := context.WithTimeout(ss.ctx, pingTime)
		err := ss.conn.Ping(ctx)
		stop()
		if err != nil {
			ss.stop()
			return
		}
	}
}
