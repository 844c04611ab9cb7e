package node

import (
	"context"
	"slices"
	"sync"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/relay"
)

const keyProposal = "proposal/" // the finder's proposals, under their digest, as long as their ring is remembered

// A sent is the record of one proposal of the finder.
//
// What the node can know of it: nothing, unless a party speaks. A proposal that
// nobody can accept any more (from ReleaseBefore on) may be promised by all, and
// the claim on its way to the jury until D; the node sees neither. So silence
// holds the things until D. One party's word that it made no promise is enough
// to free them before: without all promises there is no contract. A party may
// lie, as it may decline although it has promised: the others' ledgers then
// keep them from promising the same things again, and all that it has cost is a
// proposal that cannot be signed.
type sent struct {
	Market   sxp.ID   `json:"market"`
	Ring     string   `json:"ring"` // its key
	Parties  []sxp.ID `json:"parties"`
	Accept   sxp.Time `json:"accept"`             // until then it can be accepted
	Over     sxp.Time `json:"over,omitempty"`     // when a party said so first; 0: nobody has
	Declined bool     `json:"declined,omitempty"` // somebody does not want it
	Words    []word   `json:"words,omitempty"`    // what parties say, one each, in the order in which they came
}

// A word is what one party says of by whom a deal ended.
type word struct {
	By    sxp.ID   `json:"by"`
	Broke []sxp.ID `json:"broke,omitempty"`
}

// broke returns who is taken to have broken a deal.
func (s *sent) broke() []sxp.ID {
	words := map[sxp.ID][]sxp.ID{}
	for _, w := range s.Words {
		words[w.By] = w.Broke
	}
	return draft.Blames(s.Parties, words)
}

// says adds what a party says; ok is false where that is nothing new.
func (s *sent) says(by sxp.ID, broke []sxp.ID) bool {
	if slices.ContainsFunc(s.Words, func(w word) bool { return w.By == by }) {
		return false
	}
	s.Words = append(s.Words, word{by, broke})
	return true
}

// overs are the notices that the finder has not looked at yet. They are durable
// by then; here they only wake it.
type overs struct {
	mu       sync.Mutex
	news     []notice
	checking sync.Mutex // one piece of evidence is verified at a time
}

type notice struct {
	market   sxp.ID
	ring     string
	proposal sxp.Hash
	declined bool
	at       sxp.Time
	broke    []sxp.ID
}

// add queues a notice: there is at most one of each party, and two more, of a
// proposal that is remembered.
func (o *overs) add(s notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.news = append(o.news, s)
}

// take returns the notices of one market.
func (o *overs) take(market sxp.ID) (out []notice) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.news = slices.DeleteFunc(o.news, func(s notice) bool {
		if s.market == market {
			out = append(out, s)
		}
		return s.market == market
	})
	return out
}

// addOvers serves the notices about the finder's proposals.
func (n *Node) addOvers() {
	relay.Serve(n.router, draft.RequestOver, func(_ context.Context, now sxp.Time, from sxp.ID, _ []byte, r draft.Over) (bool, error) {
		return n.over(now, from, r)
	})
}

// over takes a party's notice that a proposal is over. The same again changes
// nothing; a decline counts for more than that time has passed.
func (n *Node) over(now sxp.Time, from sxp.ID, r draft.Over) (bool, error) {
	const op = "node.over"
	key := keyProposal + r.Proposal.String()
	var s sent
	read := func(tx kv.Tx) error {
		raw := tx.Get(key)
		if raw == nil {
			return sxp.Errorf(op, sxp.NotFound, r.Proposal, "this node has not proposed that, or has forgotten it")
		}
		s = sent{}
		return envelope.Unmarshal(raw, &s)
	}
	if err := n.p.KV.View(read); err != nil {
		return false, err
	}
	if slices.Contains(s.Parties, from) && s.Declined && !s.says(from, nil) {
		return true, nil // there is nothing to add
	}
	ending, err := n.checkOver(&r, from, s.Parties)
	if err != nil {
		return false, err
	}
	// Who leaves before the time is up does not want it, or cannot.
	declined := ending == draft.Declined || ending == draft.Left && now < s.Accept
	by, broke := from, r.Broke
	if ending == draft.Declined {
		if by = signerOf(r.Evidence); by != from || len(broke) == 0 {
			broke = []sxp.ID{by} // who says no does so for themself
		}
	}
	news := true
	if err := n.p.KV.Update(func(tx kv.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		if fresh := s.says(by, broke); !fresh && s.Over != 0 && (s.Declined || !declined) {
			news = false
			return nil
		}
		if s.Over == 0 {
			s.Over = now
		}
		s.Declined = s.Declined || declined
		raw, err := envelope.Marshal(&s)
		if err != nil {
			return err
		}
		return tx.Put(key, raw)
	}); err != nil {
		return false, err
	}
	if !news {
		return true, nil
	}
	n.p.Log.Info("a proposal is over", "market", s.Market, "proposal", r.Proposal, "ending", ending, "by", from)
	n.finder.overs.add(notice{s.Market, s.Ring, r.Proposal, s.Declined, s.Over, s.broke()})
	n.finder.dirty.Store(true)
	n.ring()
	return true, nil
}

// checkOver verifies a notice. A file takes milliseconds of pairings, so one is
// looked at at a time, and only for a party.
func (n *Node) checkOver(r *draft.Over, from sxp.ID, parties []sxp.ID) (draft.Ending, error) {
	if len(r.Evidence) > 0 && contract.TypeOf(r.Evidence) != contract.TypeDecline {
		if !n.finder.overs.checking.TryLock() {
			return "", sxp.Errorf("node.over", sxp.Busy, r.Proposal, "evidence of somebody else is looked at: ask again")
		}
		defer n.finder.overs.checking.Unlock()
	}
	return r.Check(from, parties)
}

// heed lets the rings end of which a party has said so.
func (n *Node) heed(f *found, market sxp.ID) {
	for _, s := range n.finder.overs.take(market) {
		if r := f.rings[s.ring]; r != nil && r.Proposal == s.proposal {
			r.told, r.declined, r.ended, r.broke, f.stale = true, r.declined || s.declined, s.at, s.broke, true
		}
	}
}

// recall reads what parties have said of a ring's proposal.
func (r *ring) recall(tx kv.Tx) error {
	raw := tx.Get(keyProposal + r.Proposal.String())
	if raw == nil {
		return nil
	}
	var s sent
	if err := envelope.Unmarshal(raw, &s); err != nil {
		return err
	}
	r.told, r.declined, r.ended, r.broke = s.Over != 0, s.Declined, s.Over, s.broke()
	return nil
}

// signerOf returns who signed evidence that was verified.
func signerOf(raw []byte) sxp.ID {
	_, id, err := envelope.Peek(raw)
	if err != nil {
		return sxp.ID{}
	}
	return id
}

// avoided are the people by whom deals have ended lately: what is proposed next
// is looked for without them first, so that the others are not kept waiting
// twice.
func (f *found) avoided(now sxp.Time) map[sxp.ID]bool {
	out := map[sxp.ID]bool{}
	for _, r := range f.rings {
		if r.told && now < r.ended.Add(avoidFor) {
			for _, id := range r.broke {
				out[id] = true
			}
		}
	}
	return out
}

// barred returns the rings that are not proposed now: as often as is allowed,
// or declined by somebody and still the same.
func (f *found) barred() (out [][]draft.Give) {
	for _, r := range f.rings {
		if !f.bars(r) || len(r.Takers) != len(r.Items) {
			continue
		}
		var gives []draft.Give
		for i, id := range r.Items {
			gives = append(gives, draft.Give{Ref: id, To: r.Takers[i]})
		}
		out = append(out, gives)
	}
	return out
}

// bars reports whether a ring of items that are all offered is not proposed now.
func (f *found) bars(r *ring) bool {
	same := true
	for i, id := range r.Items {
		it, offered := f.items[id]
		if !offered {
			return false // nobody finds it
		}
		same = same && it.version == r.Versions[i]
	}
	return r.Attempts >= maxAttempts || r.declined && same
}

// attempt is the number of an attempt among the takers of a ring: agents that
// accepted an earlier one refuse a number that they have had.
func (f *found) attempt(takers []sxp.ID) int {
	people, n := sortedIDs(takers), 1
	for _, r := range f.rings {
		if r.told && slices.Equal(sortedIDs(r.Takers), people) {
			n += r.Attempts
		}
	}
	return min(n, maxAttempts)
}

func sortedIDs(ids []sxp.ID) []sxp.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b sxp.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}
