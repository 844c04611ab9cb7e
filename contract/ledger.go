package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/market"
)

// A Stage is how far one person is bound by a session.
type Stage string

// The stages, appended only.
const (
	StageProposed  Stage = "proposed"  // never accepted: nothing
	StageAccepted  Stage = "accepted"  // binds nothing, but counts as an attempt
	StagePromised  Stage = "promised"  // bound until the outcome
	StageReleased  Stage = "released"  // bound for ever, unless completed: a void does not free
	StageCompleted Stage = "completed" // done: what was given is given
	StageVoid      Stage = "void"      // certified void and never released: free again
	StageLapsed    Stage = "lapsed"    // accepted but never promised: free, counts as an attempt
)

// An Entry is what the ledger knows of one session. Session.Entry makes it.
type Entry struct {
	Session sxp.Hash   `json:"session"`
	People  sxp.Hash   `json:"people"` // names the set of parties
	Things  []sxp.Hash `json:"things"` // what the person would give and can give once: announced, indivisible items
	Acts    []sxp.Hash `json:"acts"`   // what they would give and may give again: what was only described, parts of a quantity
	Stage   Stage      `json:"stage"`
	At      sxp.Time   `json:"at"` // when the person accepted, by the own clock; before that, when the proposal says it was made
}

// A Ledger keeps one person from binding the same thing twice.
//
// ⚠ No promise for a later attempt or another session over the same transfers
// until the earlier one is certified void and nothing was released in it: two
// contracts over one thing could both complete.
//
// It is an index of the states of all sessions and holds nothing else: after a
// restart a driver puts every session's Entry back before it steps any of
// them. It is not safe for concurrent use.
type Ledger struct {
	entries map[sxp.Hash]Entry
}

// NewLedger returns an empty ledger.
func NewLedger() *Ledger { return &Ledger{entries: map[sxp.Hash]Entry{}} }

// Put records a session's entry, replacing an older one of the same session.
func (l *Ledger) Put(e Entry) { l.entries[e.Session] = e }

// Blocked returns a session other than e.Session that binds something that e
// would give. A completed contract binds things for ever; acts that it has
// promised can be promised again.
func (l *Ledger) Blocked(e Entry) (sxp.Hash, bool) {
	var first sxp.Hash
	found := false
	for id, o := range l.entries {
		if id == e.Session || !o.binds() || !o.overlaps(&e) {
			continue
		}
		if !found || slices.Compare(id[:], first[:]) < 0 { // the same answer whatever the map's order
			first, found = id, true
		}
	}
	return first, found
}

// overlaps reports whether two sessions give the same; acts count only while
// neither is completed.
func (e *Entry) overlaps(o *Entry) bool {
	if slices.ContainsFunc(e.Things, func(t sxp.Hash) bool { return slices.Contains(o.Things, t) }) {
		return true
	}
	return e.Stage != StageCompleted && o.Stage != StageCompleted &&
		slices.ContainsFunc(e.Acts, func(t sxp.Hash) bool { return slices.Contains(o.Acts, t) })
}

func (e *Entry) binds() bool {
	return e.Stage == StagePromised || e.Stage == StageReleased || e.Stage == StageCompleted
}

// Attempts counts the sessions since a moment among the same people as e that
// did not lead to a contract, after the last that did. e's own is not counted.
func (l *Ledger) Attempts(e Entry, since sxp.Time) int {
	n := 0
	for id, o := range l.entries {
		if id != e.Session && o.People == e.People && o.Stage == StageCompleted {
			since = max(since, o.At+1)
		}
	}
	for id, o := range l.entries {
		if id != e.Session && o.People == e.People && o.Stage != StageCompleted && o.Stage != StageProposed && o.At >= since && !o.apart(e) {
			n++
		}
	}
	return n
}

// apart reports whether o is still under way and about other things than e:
// the same people may sign two contracts at once, which is no second attempt.
// Once it has ended without a contract it counts, whatever it was about.
func (o *Entry) apart(e Entry) bool {
	switch o.Stage {
	case StageAccepted, StagePromised, StageReleased:
		return !o.overlaps(&e)
	}
	return false
}

// peopleOf names the set of parties whatever their order.
func peopleOf(p *OpenedProposal) sxp.Hash {
	ids := make([]sxp.ID, len(p.Cards))
	for i := range p.Cards {
		ids[i] = p.Cards[i].ID
	}
	ids = distinct(ids)
	parts := [][]byte{[]byte("sxp people")}
	for i := range ids {
		parts = append(parts, ids[i][:])
	}
	return sxp.Sum(parts...)
}

// givenBy names what party me would give: things, the announced items that can
// be given once; acts, everything else by the item and who gets it.
func givenBy(p *OpenedProposal, me int) (things, acts []sxp.Hash) {
	type named struct {
		Item market.Item
		From sxp.ID
		To   sxp.ID
	}
	for i := range p.Terms.Transfers {
		x := &p.Terms.Transfers[i]
		if x.From != me {
			continue
		}
		if !x.ItemRef.IsZero() && !x.Item.Divisible {
			things = append(things, sxp.Sum([]byte("sxp item "), x.ItemRef[:]))
			continue
		}
		b, err := envelope.Marshal(named{x.Item, p.Cards[x.From].ID, p.Cards[x.To].ID})
		if err != nil {
			continue // an item that was encoded in the proposal always is
		}
		acts = append(acts, sxp.Sum([]byte("sxp transfer "), b))
	}
	return things, acts
}
