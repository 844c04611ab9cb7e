package relay

import (
	"context"
	"runtime"
	"runtime/debug"
	"unicode/utf8"

	"sxp"
	"sxp/envelope"
)

// A RouterConfig has what a Router depends on. The zero value is good for
// tests; a node sets Start.
type RouterConfig struct {
	// Start is the node's clock when the process started. Requests signed
	// before are refused as Replay: the memory against replays is not kept on
	// disk. Zero refuses none, and a request from before a restart could then
	// be replayed within the window.
	Start sxp.Time

	// Skew is by how much a request's timestamp may differ from the node's
	// clock; zero means sxp.ClockSkew.
	Skew sxp.Duration

	// MaxNonces is how many requests are remembered; zero means MaxNonces.
	MaxNonces int

	// Observer is told of every request; nil means nobody.
	Observer Observer
}

// An Observer is told what a Router does, for metrics and logs. It is called
// often and concurrently and must be quick.
type Observer interface {
	// Handled is told of every request answered: its type ("" if it could not
	// be read), the kind of error ("" for success), and the sizes in bytes of
	// request and answer.
	Handled(typ string, kind sxp.Kind, in, out int)

	// Failed is told the cause of every answer of kind Internal: a defect or a
	// broken machine, of which the asker learns nothing more.
	Failed(typ string, err error)
}

// A Router answers requests with the functions that Serve gives it. Register
// all before the first request; then it is safe for concurrent use.
type Router struct {
	self     envelope.Signer
	skew     sxp.Duration
	replays  *replays
	verifier verifier
	observer Observer
	routes   map[envelope.Type]route
}

var _ SessionHandler = (*Router)(nil)

// A call is one request on its way through a Router.
type call struct {
	now     sxp.Time
	raw     []byte // the signed message; nil inside a session
	from    sxp.ID // proved by signature or session
	payload []byte
	re      sxp.Hash
}

// A route decodes, checks and does what is asked, and returns a pointer to a
// Response.
type route struct {
	typ string
	do  func(ctx context.Context, c *call) (any, error)
}

// A reply is a Response or a Failure on its way out.
type reply struct {
	typ  string   // the request's; "" if it could not be read
	kind sxp.Kind // "" for success
	as   envelope.Type
	body any
}

// A Rule says how requests of one type are checked before they are served.
type Rule struct {
	// Anyone lets To be anybody: the request is a record that names its
	// receiver. Otherwise To must be the node.
	Anyone bool

	// Repeatable lets the same request come again, so that a sender who got no
	// answer can send the same bytes: the function sees to it that a repetition
	// changes nothing. Otherwise the second one is refused as Replay.
	Repeatable bool

	// Signed demands a signature also inside sessions: the message is kept.
	Signed bool
}

// NewRouter returns a Router that signs its answers with self.
func NewRouter(self envelope.Signer, cfg RouterConfig) *Router {
	if cfg.Skew == 0 {
		cfg.Skew = sxp.ClockSkew
	}
	if cfg.MaxNonces == 0 {
		cfg.MaxNonces = MaxNonces
	}
	return &Router{
		self:    self,
		skew:    cfg.Skew,
		replays: newReplays(cfg.Start, cfg.Skew, cfg.MaxNonces),
		// Half of the cores may verify: the other half reads and stores, and
		// with fewer leaders batches grow.
		verifier: verifier{limit: max(1, runtime.GOMAXPROCS(0)/2)},
		observer: cfg.Observer,
		routes:   make(map[envelope.Type]route),
	}
}

// ID is the node's ID.
func (rt *Router) ID() sxp.ID { return rt.self.ID() }

// Serve registers f for requests of type typ: a new one, addressed to this
// node, each served once. f gets the node's clock, who asks (proved), the
// signed message (nil inside a session) and the request's fields. Its error's
// Kind and Reason go to the asker, except that Internal goes without a reason.
// Serving one type twice panics.
func Serve[R, A any](rt *Router, typ string, f func(ctx context.Context, now sxp.Time, from sxp.ID, raw []byte, r R) (A, error)) {
	ServeRule(rt, typ, Rule{}, func(ctx context.Context, now sxp.Time, raw []byte, q *Request[R]) (A, error) {
		return f(ctx, now, q.From, raw, q.Request)
	})
}

// ServeRule is Serve with a Rule, for f that needs the whole request.
func ServeRule[R, A any](rt *Router, typ string, rule Rule, f func(ctx context.Context, now sxp.Time, raw []byte, q *Request[R]) (A, error)) {
	key := RequestType(typ)
	if _, twice := rt.routes[key]; twice || len(typ) == 0 || len(typ) > MaxRequestType {
		panic("relay: request type " + typ + " is served twice, empty or too long")
	}
	rt.routes[key] = route{typ, func(ctx context.Context, c *call) (any, error) {
		q := new(Request[R])
		if err := envelope.Unmarshal(c.payload, q); err != nil {
			return nil, err
		}
		if err := rt.check(c, typ, rule, q.Type, q.From, q.To, q.Timestamp, q.Nonce); err != nil {
			return nil, err
		}
		result, err := f(ctx, c.now, c.raw, q)
		if err != nil {
			return nil, err
		}
		return &Response[A]{Type: typ, From: rt.ID(), To: c.from, Timestamp: c.now, Re: c.re, Result: result}, nil
	}}
}

// check applies the rules that hold for every request.
func (rt *Router) check(c *call, want string, rule Rule, typ string, from, to sxp.ID, timestamp sxp.Time, nonce Nonce) error {
	const op = "relay.Router"
	if typ != want {
		return sxp.Errorf(op, sxp.Invalid, from, "the message type says %s, the field type says %q", want, typ)
	}
	if from != c.from {
		return sxp.Errorf(op, sxp.Denied, from, "the request is from %s but %s vouches for it", from, c.from)
	}
	if rule.Anyone {
		if to.IsZero() {
			return sxp.Errorf(op, sxp.Invalid, from, "the request names nobody in the field to")
		}
	} else if to != rt.ID() {
		return sxp.Errorf(op, sxp.Denied, from, "the request is to %s, but this node is %s", to, rt.ID())
	}
	if c.raw == nil {
		if rule.Signed {
			return sxp.Errorf(op, sxp.Denied, from, "a %s must be signed also inside a session", want)
		}
		return nil // the session refuses replays
	}
	if ahead := timestamp.Sub(c.now); ahead > rt.skew || ahead < -rt.skew {
		return sxp.Errorf(op, sxp.Clock, from, "your clock says %s, this node's says %s; they may differ by at most %s: set the clock of your device, or tell the node's operator if yours is right", timestamp, c.now, rt.skew)
	}
	if rule.Repeatable {
		return nil
	}
	return rt.replays.admit(c.now, timestamp, from, nonce)
}

// Handle implements Handler: it verifies the signature, then answers.
func (rt *Router) Handle(ctx context.Context, now sxp.Time, raw []byte) []byte {
	c := &call{now: now, raw: raw, re: envelope.Digest(raw)}
	r := rt.signed(ctx, c)
	answer, err := envelope.Sign(rt.self, r.as, r.body)
	if err != nil && r.kind == "" { // a result that cannot be sent
		r = rt.fail(r.typ, c, err)
		answer, err = envelope.Sign(rt.self, r.as, r.body)
	}
	if err != nil {
		rt.failed(r.typ, err)
		return nil
	}
	rt.handled(r, len(raw), len(answer))
	return answer
}

// HandleSession implements SessionHandler.
func (rt *Router) HandleSession(ctx context.Context, now sxp.Time, from sxp.ID, typ envelope.Type, body []byte) (envelope.Type, []byte) {
	var c *call
	var r reply
	if typ == "" {
		c = &call{now: now, raw: body, re: envelope.Digest(body)}
		r = rt.signed(ctx, c)
	} else {
		c = &call{now: now, from: from, payload: body, re: sxp.Sum(body)}
		r = rt.dispatch(ctx, typ, c)
	}
	payload, err := envelope.Marshal(r.body)
	if err != nil {
		r = rt.fail(r.typ, c, err)
		if payload, err = envelope.Marshal(r.body); err != nil {
			panic("relay: a Failure always encodes: " + err.Error())
		}
	}
	rt.handled(r, len(body), len(payload))
	return r.as, payload
}

// signed verifies a message and dispatches it.
func (rt *Router) signed(ctx context.Context, c *call) reply {
	// What nobody serves costs no verification.
	t, _, err := envelope.Peek(c.raw)
	if _, served := rt.routes[t]; err == nil && !served {
		err = unserved(t)
	}
	if err != nil {
		return rt.fail("", c, err)
	}
	m, err := rt.verifier.verify(c.raw)
	if err != nil {
		return rt.fail("", c, err)
	}
	c.from, c.payload = m.Signer, m.Payload
	return rt.dispatch(ctx, t, c)
}

func unserved(t envelope.Type) error {
	typ, ok := requestOf(t)
	if !ok {
		return sxp.Errorf("relay.Router", sxp.Invalid, nil, "a %s is not a request", t)
	}
	return sxp.Errorf("relay.Router", sxp.Unsupported, nil, "this node does not serve requests of type %q", typ)
}

// dispatch does what c asks, of whom it is known who asks.
func (rt *Router) dispatch(ctx context.Context, t envelope.Type, c *call) reply {
	r, served := rt.routes[t]
	if !served {
		return rt.fail("", c, unserved(t))
	}
	body, err := r.safely(ctx, c)
	if err != nil {
		return rt.fail(r.typ, c, err)
	}
	return reply{r.typ, "", ResponseType(r.typ), body}
}

// safely makes a panic an Internal error: one bad request must not end the
// service for everybody else.
func (r *route) safely(ctx context.Context, c *call) (body any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = sxp.Errorf("relay."+r.typ, sxp.Internal, c.from, "panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.do(ctx, c)
}

// fail makes a Failure of err.
func (rt *Router) fail(typ string, c *call, err error) reply {
	kind, text := sxp.KindOf(err), sxp.Reason(err)
	if kind == sxp.Internal {
		rt.failed(typ, err)
		text = "the node has a defect or its machine is broken: its operator's log says more"
	}
	return reply{typ, kind, TypeFailure, &Failure{
		Type: failureType, From: rt.ID(), To: c.from, Timestamp: c.now, Re: c.re,
		Error: Problem{Kind: kind, Text: clip(text)},
	}}
}

// clip makes text fit into a Problem.
func clip(s string) string {
	if !utf8.ValidString(s) {
		return "the error cannot be shown"
	}
	if len(s) <= MaxProblemText {
		return s
	}
	s = s[:MaxProblemText-len("…")]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

func (rt *Router) handled(r reply, in, out int) {
	if rt.observer != nil {
		rt.observer.Handled(r.typ, r.kind, in, out)
	}
}

func (rt *Router) failed(typ string, err error) {
	if rt.observer != nil {
		rt.observer.Failed(typ, err)
	}
}
