package relay

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// A Caller carries requests to one node. It is safe for concurrent use, keeps
// and changes no slice that it is given, and does not look into messages.
type Caller interface {
	// Call sends one signed request and returns the signed answer, which
	// belongs to the caller and is not verified. It fails with Unavailable if
	// the node could not be reached or answered nonsense (the node may or may
	// not have done what was asked), with ctx's cause when ctx ends first.
	Call(ctx context.Context, raw []byte) (answer []byte, err error)
}

// A Session is a Caller whose two ends have proved their keys to each other
// and whose bytes nobody between can change: there, requests and answers need
// no signature each.
type Session interface {
	Caller

	// Peers returns whom the session speaks for and the node.
	Peers() (self, server sxp.ID)

	// Exchange sends an unsigned request payload of type typ or, if typ is "",
	// a signed request, and returns the type and payload of the unsigned
	// answer. It fails as Call does.
	Exchange(ctx context.Context, typ envelope.Type, body []byte) (envelope.Type, []byte, error)
}

// A Handler answers signed requests. It is safe for concurrent use.
type Handler interface {
	// Handle returns the signed answer to one request; errors are answers too.
	// It returns nil only if the node cannot sign. now is the node's clock. It
	// may keep raw, which must not change afterwards.
	Handle(ctx context.Context, now sxp.Time, raw []byte) (answer []byte)
}

// A SessionHandler is a Handler that also answers inside sessions.
type SessionHandler interface {
	Handler

	// HandleSession answers a request of from, whom the session has proved:
	// an unsigned payload of type typ, or if typ is "" a signed request. The
	// answer is not signed. It may keep body, which must not change afterwards.
	HandleSession(ctx context.Context, now sxp.Time, from sxp.ID, typ envelope.Type, body []byte) (envelope.Type, []byte)
}

// Local returns a Caller that hands each request to h at once, in the same
// process, with the time that clock gives.
func Local(h Handler, clock func() sxp.Time) Caller { return local{h, clock} }

type local struct {
	h     Handler
	clock func() sxp.Time
}

func (l local) Call(ctx context.Context, raw []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, sxp.Errorf("relay.Local", sxp.Unavailable, nil, "%w", context.Cause(ctx))
	}
	// A copy, as a network would make: h may keep what it is given.
	answer := l.h.Handle(ctx, l.clock(), append([]byte(nil), raw...))
	if answer == nil {
		return nil, sxp.Errorf("relay.Local", sxp.Unavailable, nil, "the node cannot sign answers")
	}
	return answer, nil
}
