package sxp

import (
	"errors"
	"fmt"
)

// A Kind is the part of an error that a program may act on. Its text is its
// wire code (spec/errors.md), so a Kind is never renamed and never reused.
type Kind string

// The kinds, appended only.
const (
	Invalid     Kind = "invalid"     // the bytes break a rule of the spec; do not retry
	TooLarge    Kind = "toolarge"    // beyond a limit of limits.go; do not retry
	NotFound    Kind = "notfound"    // not here; another node may have it
	Denied      Kind = "denied"      // the asker has no right to this
	Replay      Kind = "replay"      // seen before, or too old to tell
	Clock       Kind = "clock"       // the two clocks differ by more than is allowed
	Late        Kind = "late"        // the protocol's deadline has passed; final
	Early       Kind = "early"       // not yet; the same call may work later
	Conflict    Kind = "conflict"    // contradicts something signed or stored before
	Full        Kind = "full"        // no room: disk, quota or table
	Busy        Kind = "busy"        // rate limited or locked by another process; retry later
	Unavailable Kind = "unavailable" // the other side could not be reached; retry later
	Unsupported Kind = "unsupported" // a version or option that this release does not know
	Internal    Kind = "internal"    // a defect or a broken machine; see the operator's log
)

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return string(k) }

// An Error says which operation failed, how, on what, and why.
type Error struct {
	Op   string       // package and function: "relay.Write"
	Kind Kind         // what a peer is told
	On   fmt.Stringer // the hash, key or path concerned; may be nil
	Err  error        // the cause, for the operator's log; a peer gets its text only where it quotes the peer's own input
}

// Errorf returns an *Error whose cause is formatted like fmt.Errorf, so %w
// keeps a cause that errors.Is and errors.As find. on may be nil.
func Errorf(op string, kind Kind, on fmt.Stringer, format string, args ...any) error {
	return &Error{Op: op, Kind: kind, On: on, Err: fmt.Errorf(format, args...)}
}

// Error returns "op on: cause", or the kind where there is no cause.
func (e *Error) Error() string {
	s := e.Op
	if e.On != nil {
		s += " " + e.On.String()
	}
	if e.Err != nil {
		return s + ": " + e.Err.Error()
	}
	return s + ": " + string(e.Kind)
}

// Is reports whether target is the error's Kind: errors.Is(err, sxp.NotFound).
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k == e.Kind
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost *Error in err, "" for nil, and
// Internal for an error that carries none.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind
	}
	if k := Kind(""); errors.As(err, &k) {
		return k
	}
	return Internal
}

// Reason returns the text that a person or a peer should read: the innermost
// causes without the chain of operations.
func Reason(err error) string {
	for {
		e := (*Error)(nil)
		if !errors.As(err, &e) {
			return err.Error()
		}
		if e.Err == nil {
			return string(e.Kind)
		}
		inner := (*Error)(nil)
		if !errors.As(e.Err, &inner) {
			return e.Err.Error()
		}
		err = e.Err
	}
}
