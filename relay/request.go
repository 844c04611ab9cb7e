package relay

import (
	"context"
	"encoding/hex"
	"io"
	"strings"

	"sxp"
	"sxp/envelope"
)

// A Nonce makes a request unique: 16 random bytes. Its text is 32 lower-case
// hex digits.
type Nonce [16]byte

// String returns the text form.
func (n Nonce) String() string { return hex.EncodeToString(n[:]) }

// MarshalText returns the text form (for JSON; CBOR carries the 16 bytes).
func (n Nonce) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads the text form; anything else fails with Invalid.
func (n *Nonce) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(n) || hex.EncodeToString(b) != string(text) {
		return sxp.Errorf("relay.Nonce", sxp.Invalid, nil, "%.40q is not a nonce: it must be %d lower-case hex digits", text, 2*len(n))
	}
	copy(n[:], b)
	return nil
}

// NewNonce draws a nonce.
func NewNonce(rand io.Reader) (Nonce, error) {
	var n Nonce
	if _, err := io.ReadFull(rand, n[:]); err != nil {
		return n, sxp.Errorf("relay.NewNonce", sxp.Internal, nil, "no randomness: %w", err)
	}
	return n, nil
}

// A Request is what a person or a node asks of a node, with the field names of
// seed 004. It is signed by From with the type RequestType(Type).
type Request[R any] struct {
	Type      string   `json:"type"`      // what is asked: "write", "market.search"
	From      sxp.ID   `json:"from"`      // who asks and signs
	To        sxp.ID   `json:"to"`        // the node; in a write, the record's receiver
	Timestamp sxp.Time `json:"timestamp"` // the asker's clock
	Nonce     Nonce    `json:"nonce"`     // never used twice by From
	Request   R        `json:"request"`   // the fields of this type
}

// A Response is a node's answer to a request that succeeded. It is signed by
// From with the type ResponseType(Type).
type Response[A any] struct {
	Type      string   `json:"type"`      // the request's type
	From      sxp.ID   `json:"from"`      // the node
	To        sxp.ID   `json:"to"`        // who asked
	Timestamp sxp.Time `json:"timestamp"` // the node's clock
	Re        sxp.Hash `json:"re"`        // envelope.Digest of the request
	Result    A        `json:"result"`    // the answer: true, a record or null, paths, …
}

// A Failure is a node's answer to a request that failed. It is signed by From
// with the type TypeFailure.
type Failure struct {
	Type      string   `json:"type"`      // "error"
	From      sxp.ID   `json:"from"`      // the node
	To        sxp.ID   `json:"to"`        // who asked; the zero ID where that could not be read
	Timestamp sxp.Time `json:"timestamp"` // the node's clock
	Re        sxp.Hash `json:"re"`        // envelope.Digest of the request
	Error     Problem  `json:"error"`
}

// A Problem is an error as it travels.
type Problem struct {
	Kind sxp.Kind `json:"kind"` // for programs
	Text string   `json:"text"` // for people; at most MaxProblemText bytes
}

// TypeFailure is the type of a signed Failure.
const TypeFailure envelope.Type = "sxp.error/1"

const (
	requestPrefix  = "sxp.request."
	responsePrefix = "sxp.response."
	versionSuffix  = "/1"
	failureType    = "error"
)

// RequestType is the message type of requests of the given type.
func RequestType(typ string) envelope.Type {
	return envelope.Type(requestPrefix + typ + versionSuffix)
}

// ResponseType is the message type of answers to requests of the given type.
func ResponseType(typ string) envelope.Type {
	return envelope.Type(responsePrefix + typ + versionSuffix)
}

// requestOf is the inverse of RequestType.
func requestOf(t envelope.Type) (string, bool) {
	s, ok := strings.CutPrefix(string(t), requestPrefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(s, versionSuffix)
}

// TypesOf returns the constructors of a request type's two messages, for the
// JSON view. R and A are those given to Serve.
func TypesOf[R, A any](typ string) map[envelope.Type]func() any {
	return map[envelope.Type]func() any{
		RequestType(typ):  func() any { return new(Request[R]) },
		ResponseType(typ): func() any { return new(Response[A]) },
	}
}

// fill names who asks, whom, what and when.
func (q *Request[R]) fill(from sxp.ID, typ string, to sxp.ID, now sxp.Time, rand io.Reader) (err error) {
	q.Type, q.From, q.To, q.Timestamp = typ, from, to, now
	q.Nonce, err = nonceFor(typ, rand)
	return err
}

// nonceFor draws the nonce of a request of a type.
func nonceFor(typ string, rand io.Reader) (Nonce, error) {
	if len(typ) > MaxRequestType {
		return Nonce{}, sxp.Errorf("relay.Sign", sxp.TooLarge, nil, "a request type has at most %d bytes, %.60q has %d", MaxRequestType, typ, len(typ))
	}
	return NewNonce(rand)
}

// Sign makes a signed request of s's owner: to is the node, or for a write the
// record's receiver; now is the asker's clock; rand gives the nonce.
func Sign[R any](s envelope.Signer, typ string, to sxp.ID, now sxp.Time, rand io.Reader, r R) ([]byte, error) {
	q := &Request[R]{Request: r}
	if err := q.fill(s.ID(), typ, to, now, rand); err != nil {
		return nil, err
	}
	return envelope.Sign(s, RequestType(typ), q)
}

// A RemoteError is what a node said went wrong: the cause of the *sxp.Error
// that Ask returns, whose Kind is the node's.
type RemoteError struct {
	Text string   // the node's words
	Time sxp.Time // the node's clock when it answered
}

// Error returns the node's words.
func (e *RemoteError) Error() string { return e.Text }

// Ask signs a request to the node with the ID server, sends it through c and
// returns the verified answer. An error that the node reports is an *sxp.Error
// of the node's Kind with a *RemoteError as its cause. An answer that is not by
// this node, or not to this request, fails with Invalid. Ask tries once.
//
// If c is a Session of s's owner with this node, the request is not signed:
// the session has proved who asks.
func Ask[R, A any](ctx context.Context, c Caller, s envelope.Signer, server sxp.ID, now sxp.Time, rand io.Reader, typ string, r R) (A, error) {
	q := &Request[R]{Request: r}
	if err := q.fill(s.ID(), typ, server, now, rand); err != nil {
		var none A
		return none, err
	}
	var a Response[A]
	if err := ask(ctx, c, s, server, typ, q, a.expected()); err != nil {
		var none A
		return none, err
	}
	return a.Result, nil
}

// expected is a Response to be read, whatever its result is: one function for
// all types of answers.
type expected struct {
	response any // a pointer to it
	from, to *sxp.ID
	re       *sxp.Hash
}

func (a *Response[A]) expected() expected { return expected{a, &a.From, &a.To, &a.Re} }

// ask sends a Request and fills the Response expected: inside a session with
// the server as it is, else signed.
func ask(ctx context.Context, c Caller, s envelope.Signer, server sxp.ID, typ string, q any, a expected) error {
	if ss, ok := c.(Session); ok {
		if self, node := ss.Peers(); self == s.ID() && node == server {
			payload, err := envelope.Marshal(q)
			if err != nil {
				return err
			}
			t, answer, err := ss.Exchange(ctx, RequestType(typ), payload)
			if err != nil {
				return err
			}
			return a.open(self, server, typ, sxp.Sum(payload), t, answer)
		}
	}
	raw, err := envelope.Sign(s, RequestType(typ), q)
	if err != nil {
		return err
	}
	return askSigned(ctx, c, s.ID(), server, typ, raw, a)
}

// askSigned sends a signed request and checks the signed answer.
func askSigned(ctx context.Context, c Caller, self, server sxp.ID, typ string, raw []byte, a expected) error {
	answer, err := c.Call(ctx, raw)
	if err != nil {
		return err
	}
	m, err := envelope.Parse(answer)
	if err != nil {
		return sxp.Errorf("relay.Ask", sxp.Invalid, server, "the node's answer cannot be read: %w", err)
	}
	if m.Signer != server {
		return sxp.Errorf("relay.Ask", sxp.Invalid, server, "the answer is signed by %s, not by this node", m.Signer)
	}
	return a.open(self, server, typ, envelope.Digest(raw), m.Type, m.Payload)
}

// open reads an answer of which it is known that server gave it. Where it fails
// the Response must not be used.
func (a expected) open(self, server sxp.ID, typ string, re sxp.Hash, t envelope.Type, payload []byte) error {
	const op = "relay.Ask"
	fits := func(from, to sxp.ID, about sxp.Hash) error {
		if from != server || about != re || to != self {
			return sxp.Errorf(op, sxp.Invalid, server, "the node answered another request than this %s", typ)
		}
		return nil
	}
	switch t {
	case ResponseType(typ):
		if err := envelope.Unmarshal(payload, a.response); err != nil {
			return sxp.Errorf(op, sxp.Invalid, server, "the node's answer to %s cannot be read: %w", typ, err)
		}
		return fits(*a.from, *a.to, *a.re)
	case TypeFailure:
		var f Failure
		if err := envelope.Unmarshal(payload, &f); err != nil {
			return sxp.Errorf(op, sxp.Invalid, server, "the node's error cannot be read: %w", err)
		}
		if f.To.IsZero() { // the node could not read who asked
			f.To = self
		}
		if err := fits(f.From, f.To, f.Re); err != nil {
			return err
		}
		return &sxp.Error{Op: "relay." + typ, Kind: f.Error.Kind, On: server, Err: &RemoteError{Text: f.Error.Text, Time: f.Timestamp}}
	}
	return sxp.Errorf(op, sxp.Invalid, server, "the node answered a %s to a request of type %s", t, typ)
}
