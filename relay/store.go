package relay

import (
	"context"

	"sxp"
)

// A Store keeps records. It is safe for concurrent use, and neither keeps nor
// changes a slice that it is given; what it returns belongs to the caller.
// Durable means: also after the process is killed, for stores on disk also
// after a power cut. Every Store passes storetest.Run.
//
// Where there is no room on disk, a method fails with Full and leaves all as
// it was; it works again when there is room.
type Store interface {
	// Put keeps e at e.Path with a new Stamp, greater than all before and not
	// before now. It returns once the record is durable. If a record with the
	// same Body rests there, its stamp is returned and nothing changes. It
	// fails with Conflict if one with another Body rests there; with Replay
	// if the record of this Timestamp or a later one was deleted there less
	// than TombstoneTime ago; with Full if e would exceed the sender's quota.
	Put(ctx context.Context, now sxp.Time, e *Entry, quota Quota) (Stamp, error)

	// Read returns the record at p with its Message and counts that it was
	// read. It fails with NotFound where nothing rests that expires after now,
	// and with Denied if it was read MaxReads times. The count of a record with
	// MaxReads is durable before Read returns, the others' soon after.
	Read(ctx context.Context, now sxp.Time, p Path) (*Entry, error)

	// List returns entries without Message, in the order of their stamps. What
	// Put has returned is listed; once a stamp is listed, all smaller ones are.
	List(ctx context.Context, q Query) (List, error)

	// Delete removes the record at p, durably. It fails with NotFound where
	// nothing rests that expires after now.
	Delete(ctx context.Context, now sxp.Time, p Path) error

	// Expire frees the room of records that expire at or before now, at least
	// of those that did so two hours ago, and returns how many they were.
	Expire(ctx context.Context, now sxp.Time) (int, error)

	// Usage returns what a sender has in the store, what has expired but is not
	// yet freed included.
	Usage(ctx context.Context, sender sxp.ID) (Usage, error)
}

// TombstoneTime is how long a Store remembers that a record was deleted, so
// that nobody who saw the sender's signed write can bring it back: as long as
// a Router may accept that message.
const TombstoneTime = 2 * sxp.ClockSkew

// An Entry is a record in a Store.
type Entry struct {
	Path      Path
	Body      sxp.Hash // of the request's fields: the same for the same Write
	Timestamp sxp.Time // of the sender's message
	Expires   sxp.Time // from then on it is not there
	Tag       string
	MaxReads  uint32 // 0 is any number
	Message   []byte // the sender's signed message
	Size      uint64 // len(Message)

	Stamp Stamp  // given by Put
	Reads uint32 // how often it was read; from List of a Sender, and from Read if MaxReads is set
}

// A Query selects entries of one Receiver or of one Sender; exactly one is set.
type Query struct {
	Receiver sxp.ID
	Sender   sxp.ID
	After    Stamp    // only greater ones
	Before   Stamp    // only smaller ones; 0 is no end
	Tag      string   // only with this tag; "" is any
	Now      sxp.Time // only what expires after it
	Limit    int      // at most so many; at least 1
}

// A List is a Store's answer to a Query.
type List struct {
	Entries []Entry
	Next    Stamp // all up to here were looked at; at least After of the Query
	More    bool  // there may be more after Next
}
