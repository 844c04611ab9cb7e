package relayhttp

import (
	"context"
	"io"
	"net/url"
	"runtime"
	"slices"
	"sync"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// A SessionConfig says who talks to which node.
type SessionConfig struct {
	Address string          // https://host, as for NewClient
	Server  sxp.ID          // the node's ID
	Signer  envelope.Signer // for whom the session speaks
	Now     func() sxp.Time // that person's clock
	Rand    io.Reader       // safe for concurrent use
	Client  ClientConfig
}

// A Session is a relay.Session over one WebSocket. It connects at the first
// call, and again at the first call after the connection has broken; what was
// under way then fails with Unavailable. It is safe for concurrent use.
type Session struct {
	cfg SessionConfig
	url *url.URL

	mu     sync.Mutex
	line   *line
	closed bool
}

var _ relay.Session = (*Session)(nil)

// NewSession returns a session that is not connected yet. It fails with
// Invalid for what is no address.
func NewSession(cfg SessionConfig) (*Session, error) {
	u, err := parseAddress(cfg.Address, cfg.Client.Plain)
	if err != nil {
		return nil, err
	}
	u.Path += SessionPath
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	return &Session{cfg: cfg, url: u}, nil
}

// String returns the node's address.
func (s *Session) String() string { return s.cfg.Address }

// Peers implements relay.Session.
func (s *Session) Peers() (self, server sxp.ID) { return s.cfg.Signer.ID(), s.cfg.Server }

// Call implements relay.Caller.
func (s *Session) Call(ctx context.Context, raw []byte) ([]byte, error) {
	a, err := s.ask(ctx, part{flags: flagSigned, body: raw})
	return a.body, err
}

// Exchange implements relay.Session.
func (s *Session) Exchange(ctx context.Context, typ envelope.Type, body []byte) (envelope.Type, []byte, error) {
	a, err := s.ask(ctx, part{typ: typ, body: body})
	return a.typ, a.body, err
}

// Open connects where no connection stands, so that a caller who has another
// way can take it before anything was sent.
func (s *Session) Open(ctx context.Context) error {
	_, err := s.connect(ctx)
	return err
}

// Close ends the session; what is under way fails with Unavailable.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.line != nil {
		s.line.fail(s.unavailable("the session was closed"))
		s.line = nil
	}
	return nil
}

func (s *Session) unavailable(format string, args ...any) error {
	return sxp.Errorf("relayhttp.Session", sxp.Unavailable, s, format, args...)
}

// ask sends one part and waits for its answer.
func (s *Session) ask(ctx context.Context, p part) (part, error) {
	if len(p.body) > sxp.MaxMessage {
		return part{}, sxp.Errorf("relayhttp.Session", sxp.TooLarge, s, "a message has at most %d bytes, this has %d", sxp.MaxMessage, len(p.body))
	}
	if _, ok := ctx.Deadline(); !ok {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, callTimeout.Std())
		defer stop()
	}
	l, err := s.connect(ctx)
	if err != nil {
		return part{}, err
	}
	answer, err := l.send(p)
	if err != nil {
		return part{}, err
	}
	select {
	case a := <-answer.got:
		return a, nil
	case <-l.done:
		select { // it may have come just before the end
		case a := <-answer.got:
			return a, nil
		default:
			return part{}, l.err
		}
	case <-ctx.Done():
		l.forget(answer.id)
		return part{}, s.unavailable("node %s did not answer: %w", s, context.Cause(ctx))
	}
}

// connect returns the line to the node, a new one if need be.
func (s *Session) connect(ctx context.Context) (*line, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, s.unavailable("the session was closed")
	}
	if s.line != nil {
		select {
		case <-s.line.done:
		default:
			return s.line, nil
		}
	}
	l, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	s.line = l
	return l, nil
}

// dial opens a connection and a session on it.
func (s *Session) dial(ctx context.Context) (*line, error) {
	conn, refused, err := dialWire(ctx, s.url.String(), s.cfg.Client)
	if err != nil {
		if refused != "" {
			return nil, s.unavailable("node %s answered %q: is this the address of an SXP node?", s, refused)
		}
		return nil, s.unavailable("node %s cannot be reached: %w", s, err)
	}
	k, err := s.handshake(ctx, conn)
	if err != nil {
		conn.drop()
		return nil, err
	}
	l := newLine(s, conn, k)
	go l.read()
	go l.write()
	return l, nil
}

// handshake reads the node's hello and answers it.
func (s *Session) handshake(ctx context.Context, conn *wire) (*keys, error) {
	const op = "relayhttp.Session"
	hello, err := conn.read(ctx)
	if err != nil {
		return nil, s.unavailable("node %s opened no session: %w", s, err)
	}
	var h Hello
	signer, err := envelope.Open(hello, TypeHello, &h)
	if err != nil || h.Type != "hello" {
		return nil, sxp.Errorf(op, sxp.Invalid, s, "node %s opened no session: its first message is no hello: %w", s, err)
	}
	if signer != s.cfg.Server || h.From != signer {
		return nil, sxp.Errorf(op, sxp.Invalid, s, "at %s answers node %s, not %s", s, signer, s.cfg.Server)
	}
	mine, public, err := newKey(s.cfg.Rand)
	if err != nil {
		return nil, err
	}
	open, err := envelope.Sign(s.cfg.Signer, TypeOpen, Open{
		Type: "open", From: s.cfg.Signer.ID(), To: s.cfg.Server, Timestamp: s.cfg.Now(), Re: envelope.Digest(hello), Key: public,
	})
	if err != nil {
		return nil, err
	}
	k, err := derive(mine, h.Key, hello, open)
	if err != nil {
		return nil, err
	}
	if err := conn.write(ctx, open); err != nil {
		return nil, s.unavailable("node %s cannot be reached: %w", s, err)
	}
	// The node answers with an empty frame, or says signed why not.
	first, err := conn.read(ctx)
	if err != nil {
		return nil, s.unavailable("node %s opened no session: %w", s, err)
	}
	if plain, err := k.toClient.open(first); err == nil && len(plain) == 0 {
		return k, nil
	}
	var f relay.Failure
	if signer, err := envelope.Open(first, relay.TypeFailure, &f); err == nil && signer == s.cfg.Server && f.Re == envelope.Digest(open) {
		return nil, &sxp.Error{Op: op, Kind: f.Error.Kind, On: s.cfg.Server, Err: &relay.RemoteError{Text: f.Error.Text, Time: f.Timestamp}}
	}
	return nil, sxp.Errorf(op, sxp.Invalid, s, "node %s opened no session: it has other keys", s)
}

// A line is one connection with a session on it.
type line struct {
	s    *Session
	conn *wire
	keys *keys
	stop context.CancelFunc
	ctx  context.Context

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan part
	queue   []part
	wake    chan struct{} // has room for one
	done    chan struct{} // closed when the line is dead
	err     error         // why; set before done is closed
}

// An expected answer.
type expected struct {
	id  uint64
	got chan part
}

func newLine(s *Session, conn *wire, k *keys) *line {
	ctx, stop := context.WithCancel(context.Background())
	return &line{
		s: s, conn: conn, keys: k, ctx: ctx, stop: stop,
		waiting: make(map[uint64]chan part), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// fail ends the line.
func (l *line) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.done:
		return
	default:
	}
	l.err = err
	close(l.done)
	l.stop()
	go l.conn.end()
}

func (l *line) send(p part) (expected, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.done:
		return expected{}, l.err
	default:
	}
	l.next++
	p.id = l.next
	e := expected{p.id, make(chan part, 1)}
	l.waiting[p.id] = e.got
	l.push(p)
	return e, nil
}

// push queues a part; l.mu is held.
func (l *line) push(p part) {
	l.queue = append(l.queue, p)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// forget tells the node that nobody waits for an answer any more.
func (l *line) forget(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.waiting[id]; !ok {
		return
	}
	delete(l.waiting, id)
	before := len(l.queue)
	l.queue = slices.DeleteFunc(l.queue, func(p part) bool { return p.id == id })
	if len(l.queue) == before { // it was sent
		l.push(part{id: id, flags: flagCancel})
	}
}

// write sends what is queued; what comes meanwhile goes into the next frame.
func (l *line) write() {
	for {
		runtime.Gosched() // whoever can queue something now shares the frame
		l.mu.Lock()
		var frame []byte
		if len(l.queue) > 0 {
			frame, l.queue = fill(l.queue)
		}
		l.mu.Unlock()
		if frame == nil {
			select {
			case <-l.wake:
			case <-l.done:
				return
			}
			continue
		}
		if err := l.conn.write(l.ctx, l.keys.toServer.seal(frame)); err != nil {
			l.fail(l.s.unavailable("the connection to node %s broke: %w", l.s, err))
			return
		}
	}
}

// read hands answers to those who wait.
func (l *line) read() {
	for {
		sealed, err := l.conn.read(l.ctx)
		if err != nil {
			l.fail(l.s.unavailable("the connection to node %s broke: %w", l.s, err))
			return
		}
		plain, err := l.keys.toClient.open(sealed)
		if err == nil {
			err = l.deliver(plain)
		}
		if err != nil {
			l.fail(l.s.unavailable("node %s answered nonsense: %w", l.s, err))
			return
		}
	}
}

func (l *line) deliver(frame []byte) error {
	parts, err := parseFrame(frame)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range parts {
		if got, ok := l.waiting[p.id]; ok { // else forgotten
			delete(l.waiting, p.id)
			got <- p
		}
	}
	return nil
}
