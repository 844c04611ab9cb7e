package contract

import (
	"sxp"
	"sxp/envelope"
)

// An Event is something that happens to a machine. Now is the driver's clock
// when it happens, never earlier than in the event before.
type Event interface{ event() }

// Start is the first event after NewSession, RestoreSession, NewWatcher: the
// machine repeats whatever may not have been sent.
type Start struct{ Now sxp.Time }

// Tick says that time has passed; it is due when Next has come, and harmless
// at any time.
type Tick struct{ Now sxp.Time }

// Decide is the person's tap.
type Decide struct {
	Now    sxp.Time
	Accept bool
	Reason string // of a decline; for the other people, at most MaxReason bytes
}

// Received is a signed message from a party, or from this party's watcher
// (its receipt, or a Result): whatever a relay or a node delivered. A message
// that does not fit gives an error and changes nothing.
type Received struct {
	Now sxp.Time
	Raw []byte
}

// Answered is a juror's answer to a FileClaim or a QueryJury.
type Answered struct {
	Now    sxp.Time
	Seat   int // 1..n
	Answer Answer
}

// Lodge is a party's request to its watcher.
type Lodge struct {
	Now     sxp.Time
	From    sxp.ID // who signed the request
	Request LodgeRequest
}

// Told is a message passed to a watcher.
type Told struct {
	Now sxp.Time
	Raw []byte
}

// Asked is a question to a watcher.
type Asked struct {
	Now  sxp.Time
	From sxp.ID
	M    sxp.Hash
}

// AnsweredFor is a juror's answer to a watcher's FileClaim.
type AnsweredFor struct {
	Now    sxp.Time
	M      sxp.Hash
	Seat   int // 1..n
	Answer Answer
}

func (Start) event()       {}
func (Tick) event()        {}
func (Decide) event()      {}
func (Received) event()    {}
func (Answered) event()    {}
func (Lodge) event()       {}
func (Told) event()        {}
func (Asked) event()       {}
func (AnsweredFor) event() {}

// An Action is something that the driver must do. Actions are done in order;
// whatever follows a Save is done only once the Save is durable. An action
// that fails or is forgotten in a crash, other than Save, needs no repair: the
// machine repeats it at Start or when Next comes.
type Action interface{ action() }

// Save asks for one atomic durable write. If it fails, the driver drops the
// machine, with all that share its ledger, and restores them from disk.
type Save struct {
	State []byte // replaces the session's state; holds no secret

	// Keep: the same write makes the session's opening (KeyRing.Opening) durable.
	Keep bool

	// Erase: the same write destroys the session's opening. ⚠ State holds m and
	// the promise's bytes; only they are sent from now on. Two promises on one
	// commitment would give the contract key's shares away.
	Erase bool

	// Spend: the same write destroys the key of the session's secret
	// (Locker). ⚠ State holds the lock; two locks of one key would give a
	// signature away.
	Spend bool
}

// SendParties passes a signed message to other parties, through their relays.
type SendParties struct {
	To  []int // indexes in Proposal.Parties, never the own
	Raw []byte

	// Before, unless 0, is when the message may no longer leave this machine: a
	// driver that could not send it by then drops it. ⚠ It is set for releases.
	Before sxp.Time
}

// AskWatcher lodges the claim with the own watcher, or asks it again for a
// result, by direct request (RequestLodge). The answer's Receipt and Result
// return as Received events.
type AskWatcher struct {
	To      Contact
	Request LodgeRequest
}

// QueryWatcher asks the own watcher for a result of a session of which this
// device holds no receipt, by direct request (RequestAsk). The answer's Receipt
// and Result return as Received events.
type QueryWatcher struct {
	To      Contact
	Request AskRequest
}

// TellWatchers passes a signed Release or Result to watchers, by direct
// request (RequestTell).
type TellWatchers struct {
	To     []Contact
	Raw    []byte
	Before sxp.Time // as in SendParties
}

// A SeatContact is a juror with its seat.
type SeatContact struct {
	Seat int // 1..n
	Contact
}

// FileClaim files the claim with jurors, by direct request (RequestClaim). The
// answers return as Answered events.
type FileClaim struct {
	M     sxp.Hash
	To    []SeatContact
	Claim []byte // signed by a party
}

// QueryJury asks jurors for the outcome, by direct request (RequestQuery). The
// answers return as Answered events.
type QueryJury struct {
	To      []SeatContact
	Request QueryRequest
}

// Blame says that a party or a juror broke the protocol, with the evidence that
// shows it to others, or nil where only this machine saw it.
type Blame struct {
	Party    int // index in Proposal.Parties; −1: a juror
	Seat     int // of the juror, 1..n; 0: a party
	Reason   string
	Evidence *Equivocation // of two acceptances
	Fault    *Fault        // of everything that a signature proves
}

// Concluded says that the session has an outcome. It is given once for each
// new outcome, after the Save that holds it.
type Concluded struct {
	Phase  Phase
	Reason string
}

// Reply is what a watcher answers to the Lodge, Told or Asked event at hand.
type Reply struct{ Answer WatchAnswer }

// SaveRecord asks a watcher's driver for one atomic durable write of one
// record; an empty Value deletes it.
type SaveRecord struct {
	Key   sxp.Hash // opaque
	Value []byte
}

func (Save) action()         {}
func (SendParties) action()  {}
func (AskWatcher) action()   {}
func (QueryWatcher) action() {}
func (TellWatchers) action() {}
func (FileClaim) action()    {}
func (QueryJury) action()    {}
func (Blame) action()        {}
func (Concluded) action()    {}
func (Reply) action()        {}
func (SaveRecord) action()   {}

// TypeOf returns the type of a signed message, "" for anything else: for logs.
func TypeOf(raw []byte) envelope.Type {
	t, _, err := envelope.Peek(raw)
	if err != nil {
		return ""
	}
	return t
}
