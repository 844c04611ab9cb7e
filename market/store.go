package market

import (
	"context"

	"sxp"
)

// A Class says what an entry of a board is. Its text is on the wire.
type Class string

// The classes, appended only.
const (
	ClassAnnouncement Class = "announcement"
	ClassGroup        Class = "group"
	ClassCharter      Class = "charter"
	ClassRoll         Class = "roll"
	ClassJuror        Class = "juror"
	ClassNotice       Class = "notice"
	ClassMail         Class = "mail" // the only one that is not public
)

// publicClasses are what anybody may read.
func publicClasses() []Class {
	return []Class{ClassAnnouncement, ClassGroup, ClassCharter, ClassRoll, ClassJuror, ClassNotice}
}

// A Key names an entry of a store. An ItemID fills the first 16 bytes.
type Key struct {
	Class Class
	ID    [32]byte
}

// String returns the class and the ID in hex.
func (k Key) String() string { return string(k.Class) + " " + sxp.Hash(k.ID).String() }

// itemKey returns the key of an announcement, group or notice.
func itemKey(c Class, id ItemID) Key {
	k := Key{Class: c}
	copy(k.ID[:], id[:])
	return k
}

// An Entry is one signed message on a board, with what a store needs to find
// it without reading it.
type Entry struct {
	Key     Key
	Seq     uint64 // set by the store: later entries have higher ones, none is used twice
	Raw     []byte
	Owner   sxp.ID   // who published it; of mail, who may read it; zero: the market
	Peer    sxp.ID   // of mail, who sent it
	Version uint64   // of announcements, groups, charters
	Expires sxp.Time // not shown from then on; 0: never
	Keep    sxp.Time // may be deleted from then on, at or after Expires; 0: never

	// Direction and Item are there for announcements that can be found by
	// Search. Stores need not return Item.
	Direction Direction
	Item      *Item
}

// A Search asks for announcements, newest first.
type Search struct {
	Query     Query     // the zero Query: all
	Direction Direction // "": both
	Owner     sxp.ID    // zero: everybody's
	Before    uint64    // only with a lower Seq; 0: from the newest
	Now       sxp.Time  // only those that expire later
	Limit     int       // at most this many, above 0
	Bytes     int       // stop before this many bytes of Raw are passed, but never before the first; 0: no bound
}

// A Filter asks for entries of any class, oldest first.
type Filter struct {
	Classes []Class  // none: all
	Owner   sxp.ID   // zero: everybody's
	Peer    sxp.ID   // zero: everybody's
	After   uint64   // only with a higher Seq
	LiveAt  sxp.Time // not 0: only those that expire later or never
	DeadBy  sxp.Time // not 0: only those that may be deleted at this time
	Limit   int      // at most this many, above 0; Count ignores it
	Bytes   int      // as in Search; 0: no bound
}

// A Store keeps the entries of one board. It is safe for concurrent use; only
// the board writes. It neither keeps nor changes what it is given, and what it
// returns belongs to the caller. Every Store passes storetest.Run.
type Store interface {
	// Apply deletes del, then puts the entries of put in order, each replacing
	// one of the same Key and getting the next Seq. It does all or nothing,
	// and has made it durable when it returns. Deleting what is not there is
	// no error. It fails with Full where there is no room.
	Apply(ctx context.Context, put []Entry, del []Key) error

	// Get returns the entry, or fails with NotFound.
	Get(ctx context.Context, key Key) (Entry, error)

	// Search returns the announcements whose Item meets the search: exactly
	// those that Query.Match accepts. more says that Limit or Bytes left out
	// some.
	Search(ctx context.Context, s Search) (found []Entry, more bool, err error)

	// Scan returns the entries that pass the filter. more is as in Search.
	Scan(ctx context.Context, f Filter) (found []Entry, more bool, err error)

	// Count returns how many entries pass the filter.
	Count(ctx context.Context, f Filter) (int, error)
}
