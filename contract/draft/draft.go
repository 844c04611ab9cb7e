// Package draft turns a ring that somebody found into a proposal that its
// people can sign: the market's node and any agent that computes deals write
// the same one for the same ring, apart from nonce and date.
package draft

import (
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/identity"
	"sxp/market"
)

// DeliverWithin is how long after the signing deadline things are due unless
// the Input says otherwise.
const DeliverWithin = 14 * sxp.Day

// UsualJury is how many jurors a contract has where neither the Input nor the
// market says otherwise and the roll has enough: wrong with probability 0.42 %
// when a fifth of the pool is corrupt (spec/jury.md).
const UsualJury = 15

// A Move is one arrow of a ring, or one transfer of a deal that somebody made
// by hand: From gives Item to To.
type Move struct {
	Item     market.Item
	Ref      market.ItemID // the announcement of the item; zero: none
	From     sxp.ID
	To       sxp.ID
	Due      sxp.Duration // after the deadline; 0: the Input's
	Delivery string       // how it is handed over, in words; may be empty

	Market sxp.ID         // where it is announced; zero: nowhere
	Source *market.Source // of an announcement of what the owner is to get

	For market.ItemID   // what To gives for it or, as the first of a chain, keeps; zero: nothing
	Via []market.ItemID // To's groups and needs that it counts against
}

// An Input is what a proposal is made from.
type Input struct {
	Moves   []Move
	Cards   map[sxp.ID][]byte // signed cards of all people of the moves
	Market  sxp.ID
	Roll    *contract.OpenedRoll
	Jury    int             // jurors, odd; 0: UsualJury, or the largest odd number that the roll can seat; with Notary always 1
	Within  sxp.Duration    // time to sign; 0: the roll's
	Notes   string          // what the parties add in their own words
	Clauses *contract.Terms // whose Breach, Conflict and Law stand in the contract; nil: none
	Attempt int             // 0: the first
	Due     sxp.Duration    // after the deadline; 0: DeliverWithin
	Now     sxp.Time
	Nonce   market.Nonce // drawn at random
	Mode    contract.Mode

	Replaces sxp.Hash // the proposal that this one answers; zero: none

	// Seal seals the secret that the giver of a move sells, for the proposal
	// with this nonce; nil where none does, and it answers nil for other moves.
	Seal func(nonce market.Nonce, move int) (*contract.Sealed, error)

	// Charters are of the markets of Moves, by market. Those with a policy are
	// named in the contract, and all where there are several.
	Charters map[sxp.ID]market.Charter
}

// Proposal returns the proposal, ready for contract.SignProposal. It fails
// with NotFound where a card is missing and with Invalid where the moves do
// leave somebody out.
func Proposal(in Input) (*contract.Proposal, error) {
	const op = "draft.Proposal"
	p := &contract.Proposal{
		Nonce: in.Nonce, Attempt: max(in.Attempt, 1), Market: in.Market, Replaces: in.Replaces, Roll: in.Roll.Digest,
		Mode: in.Mode, Created: in.Now, Deadline: in.Now.Add(or(in.Within, in.Roll.Horizon)),
		Delta: in.Roll.Delta, L: in.Roll.L, Epsilon: in.Roll.Epsilon, Patience: in.Roll.Patience,
	}
	if p.Mode == "" {
		p.Mode = contract.Optimistic
	}
	var people []sxp.ID
	for _, m := range in.Moves {
		for _, id := range []sxp.ID{m.From, m.To} {
			if !slices.Contains(people, id) {
				people = append(people, id)
			}
		}
	}
	var names []string
	for _, id := range people {
		raw := in.Cards[id]
		if raw == nil {
			return nil, sxp.Errorf(op, sxp.NotFound, id, "the card of %s is not known: nobody can propose to them yet", id.Short())
		}
		card, err := identity.OpenCard(raw)
		if err != nil {
			return nil, err
		}
		p.Parties = append(p.Parties, contract.Party{Card: raw})
		names = append(names, card.Label)
	}
	p.Terms.Title = clip(title(in.Moves, people)+join(names), contract.MaxTitle)
	p.Terms.Markets = in.markets()
	for i, m := range in.Moves {
		x := contract.Transfer{
			Item: m.Item, ItemRef: m.Ref, From: slices.Index(people, m.From), To: slices.Index(people, m.To),
			Due: max(p.Deadline.Add(or(m.Due, or(in.Due, DeliverWithin))), m.Item.From), Delivery: m.Delivery, Source: m.Source,
		}
		if slices.ContainsFunc(p.Terms.Markets, func(t contract.MarketTerms) bool { return t.Market == m.Market }) {
			x.Market = m.Market
		}
		if in.Seal != nil {
			var err error
			if x.Secret, err = in.Seal(in.Nonce, i); err != nil {
				return nil, err
			}
		}
		p.Terms.Transfers = append(p.Terms.Transfers, x)
	}
	p.Terms.Notes = in.Notes
	if c := in.Clauses; c != nil {
		p.Terms.Breach, p.Terms.Conflict, p.Terms.Law = c.Breach, c.Conflict, c.Law
	}
	p.N = in.Jury
	switch {
	case p.Mode == contract.Notary:
		p.N = 1
	case p.N == 0:
		p.N = jurySize(in.Roll, people)
	}
	p.F, p.T = contract.DefaultFaults(p.N)
	return p, nil
}

// title says what a deal is: a swap, or where somebody only gives or only gets,
// a chain of gifts.
func title(moves []Move, people []sxp.ID) string {
	for _, id := range people {
		if !slices.ContainsFunc(moves, func(m Move) bool { return m.From == id }) || !slices.ContainsFunc(moves, func(m Move) bool { return m.To == id }) {
			if len(people) == 2 {
				return "Gift among "
			}
			return "Chain from a gift among "
		}
	}
	return "Swap among "
}

// markets returns what the contract says of markets, in the order of the moves:
// the market that the deal was found at first.
func (in *Input) markets() []contract.MarketTerms {
	ids := []sxp.ID{in.Market}
	for _, m := range in.Moves {
		if !m.Market.IsZero() && !slices.Contains(ids, m.Market) {
			ids = append(ids, m.Market)
		}
	}
	several := len(ids) > 1
	var out []contract.MarketTerms
	for _, id := range ids {
		if c, ok := in.Charters[id]; ok && (several || !c.Policy.IsZero()) {
			out = append(out, contract.MarketTerms{Market: id, Name: c.Name, Policy: c.Policy})
		}
	}
	return out
}

// jurySize is UsualJury, or the largest odd number of operators on the roll
// who are not parties, but at least 1.
func jurySize(r *contract.OpenedRoll, people []sxp.ID) int {
	var operators []sxp.ID
	for i := range r.Entries {
		id := r.Entries[i].RunBy()
		if !slices.Contains(people, id) && !slices.Contains(people, r.Entries[i].ID) && !slices.Contains(operators, id) {
			operators = append(operators, id)
		}
	}
	n := min(len(operators), UsualJury)
	if n%2 == 0 {
		n--
	}
	return max(n, 1)
}

func or(d, usual sxp.Duration) sxp.Duration {
	if d == 0 {
		return usual
	}
	return d
}

func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit - len("…")
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return fmt.Sprintf("%s…", s[:cut])
}
