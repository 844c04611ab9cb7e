package relay

import (
	"maps"

	"sxp"
	"sxp/envelope"
)

// The types of requests that a relay serves.
const (
	TypeWrite     = "write"
	TypeRead      = "read"
	TypeInventory = "inventory"
	TypeListen    = "listen"
	TypeDelete    = "delete"
	TypeAccount   = "account"
)

// A Write puts a record on a relay: it is the request of a signed message from
// the sender to the receiver, and that message is the record. Answer: true.
// The same Write to the same path again is answered true and changes nothing;
// another Write to a path that is taken fails with Conflict. Since a Write
// names no relay, the same message may rest on several.
type Write struct {
	RecordID RecordID     `json:"recordId"`
	TTL      sxp.Duration `json:"ttl"`                // how long it rests, from the message's timestamp; 1 to MaxTTL
	Tag      string       `json:"tag,omitempty"`      // for inventory and listen; the relay sees it
	MaxReads uint32       `json:"maxReads,omitempty"` // how often it can be read; 0 is any number
	Content  sxp.Bytes    `json:"content"`            // sealed for the receiver; up to MaxContent
}

// A Read asks for one record. Only its receiver may. Answer: a Record, or null
// if there is none.
type Read struct {
	Path string `json:"path"`
}

// A Record is a sender's signed write as it rests on a relay.
type Record struct {
	Message sxp.Bytes `json:"message"` // the signed message of the sender
	Stored  Stamp     `json:"stored"`  // when the relay stored it
}

// A Stamp is when a relay stored a record, on the relay's own scale: a Time in
// units of 1/1024 ms. Every record of a relay has its own, and a later record
// a greater one also if the relay's clock is set back.
type Stamp uint64

// stampUnit is how many stamps one millisecond has.
const stampUnit = 1024

// StampOf returns the first stamp of the millisecond t.
func StampOf(t sxp.Time) Stamp { return Stamp(max(t, 0)) * stampUnit }

// Time returns the millisecond of s.
func (s Stamp) Time() sxp.Time { return sxp.Time(s / stampUnit) }

// Next returns a stamp after s and not before now: what a Store gives the next
// record.
func (s Stamp) Next(now sxp.Time) Stamp { return max(s+1, StampOf(now)) }

// An Inventory asks which records rest for the asker, oldest first. Answer: a
// Listing. The times are the relay's, at which it stored the records.
type Inventory struct {
	AfterTs  sxp.Time `json:"afterTs,omitempty"`  // from this millisecond on
	BeforeTs sxp.Time `json:"beforeTs,omitempty"` // before this millisecond; 0 is no end
	After    Stamp    `json:"after,omitempty"`    // only later ones: Next of the page before
	Tag      string   `json:"tag,omitempty"`      // only with this tag
	Limit    uint32   `json:"limit,omitempty"`    // at most so many; 0 is MaxListing
	Outbox   bool     `json:"outbox,omitempty"`   // instead those that the asker sent
}

// A Listen is an Inventory that waits: the answer comes as soon as there is a
// record, or after Wait with none. Asking again with After set to Next misses
// nothing and sees nothing twice, also on another connection.
type Listen struct {
	AfterTs sxp.Time     `json:"afterTs,omitempty"`
	After   Stamp        `json:"after,omitempty"`
	Tag     string       `json:"tag,omitempty"`
	Limit   uint32       `json:"limit,omitempty"`
	Wait    sxp.Duration `json:"wait,omitempty"` // at most MaxWait; 0 answers at once
}

// A Listing has the paths of records in the order in which they were stored.
type Listing struct {
	Paths []string `json:"paths"`          // texts of Path
	Next  Stamp    `json:"next"`           // ask after this one for more
	More  bool     `json:"more,omitempty"` // there may be more already
}

// A Delete removes a record for everybody: the sender any record of its
// outbox, the receiver its copy, which is the same record. Exactly one field is
// set. Answer: true; a record that is not there is NotFound.
type Delete struct {
	RecordID RecordID `json:"recordId,omitempty"` // all records with this id in the asker's outbox
	Path     string   `json:"path,omitempty"`     // one record that the asker sent or received
}

// A Receipt is a receiver's statement that it pulled a record. The receiver
// signs it and puts it into its own outbox for the sender, so that both can
// compare what a relay charges with what was delivered.
type Receipt struct {
	Path   string   `json:"path"`   // the record
	Record sxp.Hash `json:"record"` // envelope.Digest of the sender's message
	Size   uint64   `json:"size"`   // of the message in bytes
	Read   sxp.Time `json:"read"`   // the receiver's clock when it had the record
}

// TypeReceipt is the type of a signed Receipt.
const TypeReceipt envelope.Type = "sxp.receipt/1"

// TagReceipt is the tag of records whose content is a signed Receipt.
const TagReceipt = "receipt"

// Types returns the constructors of all messages of this package, for the JSON
// view.
func Types() map[envelope.Type]func() any {
	t := map[envelope.Type]func() any{
		TypeFailure:    func() any { return new(Failure) },
		TypeReceipt:    func() any { return new(Receipt) },
		TypeInvitation: func() any { return new(Invitation) },
	}
	maps.Copy(t, TypesOf[Write, bool](TypeWrite))
	maps.Copy(t, TypesOf[Read, *Record](TypeRead))
	maps.Copy(t, TypesOf[Inventory, Listing](TypeInventory))
	maps.Copy(t, TypesOf[Listen, Listing](TypeListen))
	maps.Copy(t, TypesOf[Delete, bool](TypeDelete))
	maps.Copy(t, TypesOf[OpenAccount, AccountState](TypeAccount))
	return t
}

// Check fails with Invalid or TooLarge if w breaks a rule.
func (w *Write) Check() error {
	const op = "relay.Write"
	if err := w.RecordID.Check(); err != nil {
		return err
	}
	if w.TTL < 1 || w.TTL > MaxTTL {
		return sxp.Errorf(op, sxp.Invalid, nil, "the ttl must be 1 to %d ms, this is %d", MaxTTL, w.TTL)
	}
	if len(w.Tag) > MaxTag {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a tag has at most %d bytes, this has %d", MaxTag, len(w.Tag))
	}
	if len(w.Content) > MaxContent {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the content has at most %d bytes, this has %d", MaxContent, len(w.Content))
	}
	return nil
}

// OpenRecord verifies a record that a relay says rests at p: it must be the
// sender's signed write to this path. It returns the message's fields.
func OpenRecord(p Path, message []byte) (*Request[Write], error) {
	const op = "relay.OpenRecord"
	q := new(Request[Write])
	signer, err := envelope.Open(message, RequestType(TypeWrite), q)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, p, "the relay gave something else than a record: %w", err)
	}
	if err := q.Request.Check(); err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, p, "the record breaks a rule: %w", err)
	}
	if signer != p.Sender || q.From != p.Sender || q.To != p.Receiver || q.Request.RecordID != p.RecordID || q.Type != TypeWrite {
		return nil, sxp.Errorf(op, sxp.Invalid, p, "the relay gave another record, signed by %s", signer)
	}
	return q, nil
}
