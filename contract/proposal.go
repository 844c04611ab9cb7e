package contract

import (
	"fmt"
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
)

// Version is the version of the signing protocol, part of every proposal and
// of every m. History: 1, the first.
const Version = 1

// A Mode says how the jury is used.
type Mode string

// The modes, appended only.
const (
	Optimistic Mode = "optimistic" // the jury is asked only when somebody fails
	Notary     Mode = "notary"     // one juror completes every contract; nobody releases
)

// A Party is one signer as the proposal names it.
type Party struct {
	Card     sxp.Bytes `json:"card"`              // signed identity card, with the contract key X and its proof
	Operator sxp.ID    `json:"operator,omitzero"` // who runs this party's machines; zero: the party
	Tribes   []sxp.ID  `json:"tribes,omitempty"`  // who vouches for it
}

// A Proposal is everything that is decided before anybody accepts. Its digest
// names the session and is what the draw's seed is made from, so that nothing
// in it can be changed afterwards to obtain another jury. Whoever found the
// deal signs it; that signature binds nobody.
type Proposal struct {
	Version  int          `json:"version"`
	Terms    Terms        `json:"terms"`
	Parties  []Party      `json:"parties"`
	Nonce    market.Nonce `json:"nonce"`
	Attempt  int          `json:"attempt"`           // 1, 2, …: among the same people over the same transfers
	Market   sxp.ID       `json:"market,omitzero"`   // where the deal was found
	Replaces sxp.Hash     `json:"replaces,omitzero"` // digest of the proposal that this one answers with other terms; zero: none
	Roll     sxp.Hash     `json:"roll"`              // digest of the signed roll the jury is drawn from
	Mode     Mode         `json:"mode"`              // Optimistic or Notary
	N        int          `json:"n"`                 // jurors
	T        int          `json:"t"`                 // shares that complete a signature
	F        int          `json:"f"`                 // jurors that may be corrupt
	Created  sxp.Time     `json:"created"`           // the proposer's clock
	Deadline sxp.Time     `json:"deadline"`          // D: no claim from outside after it
	Delta    sxp.Duration `json:"delta"`             // Δ: bound among honest jurors
	L        sxp.Duration `json:"l"`                 // watcher → one honest juror
	Epsilon  sxp.Duration `json:"epsilon"`           // ε: clocks of party, watcher and jurors
	Patience sxp.Duration `json:"patience"`          // W: how long an agent waits before it claims
}

// ClaimAt is T_c = D − L − ε, when a claim is filed at the latest.
func (p *Proposal) ClaimAt() sxp.Time { return p.Deadline.Add(-p.L - p.Epsilon) }

// ReleaseBefore is T_c − W. An agent promises and releases only while its
// clock is before it.
func (p *Proposal) ReleaseBefore() sxp.Time { return p.ClaimAt().Add(-p.Patience) }

// VoidAfter is D + (f+1)Δ: a juror that has no good claim then votes void.
func (p *Proposal) VoidAfter() sxp.Time { return voidAfter(p.Deadline, p.F, p.Delta) }

func voidAfter(d sxp.Time, f int, delta sxp.Duration) sxp.Time {
	return d.Add(sxp.Duration(f+1) * delta)
}

// Cards opens the parties' identity cards, which verifies their proofs of
// possession. An error names the party, counted from 1.
func (p *Proposal) Cards() ([]identity.Card, error) {
	const op = "contract.Proposal"
	if len(p.Parties) < 2 || len(p.Parties) > sxp.MaxParties {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a contract has 2 to %d parties, this has %d", sxp.MaxParties, len(p.Parties))
	}
	cards := make([]identity.Card, len(p.Parties))
	for i := range p.Parties {
		c, err := identity.OpenCard(p.Parties[i].Card)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "the card of party %d: %w", i+1, err)
		}
		cards[i] = c
	}
	return cards, nil
}

// Prepare fills Version and the rendered text, so that a proposer sets the
// rest and signs.
func (p *Proposal) Prepare() error {
	cards, err := p.Cards()
	if err != nil {
		return err
	}
	if err := p.Terms.check(len(cards)); err != nil {
		return err
	}
	if err := p.Terms.checkSecrets(cards); err != nil {
		return err
	}
	p.Version = Version
	p.Terms.Text = Render(&p.Terms, cards)
	return nil
}

// SignProposal prepares p, checks it and signs it for the proposer.
func SignProposal(s envelope.Signer, p *Proposal) ([]byte, error) {
	if err := p.Prepare(); err != nil {
		return nil, err
	}
	cards, err := p.Cards()
	if err != nil {
		return nil, err
	}
	if err := p.check(cards); err != nil {
		return nil, err
	}
	return envelope.Sign(s, TypeProposal, p)
}

// An OpenedProposal is a proposal whose form has been verified.
type OpenedProposal struct {
	Proposal
	Digest   sxp.Hash        // names the session
	Proposer sxp.ID          // who signed it; any party or a stranger
	Cards    []identity.Card // of the parties, in order
	Raw      []byte          // the signed message
}

// OpenProposal verifies a signed proposal: signature, cards with their proofs
// of possession, terms and their rendering, numbers. Whether to accept it is
// for CheckProposal and then for the person.
func OpenProposal(raw []byte) (*OpenedProposal, error) {
	o := &OpenedProposal{Digest: envelope.Digest(raw), Raw: raw}
	var err error
	if o.Proposer, err = openPlain(raw, TypeProposal, &o.Proposal); err != nil {
		return nil, err
	}
	if o.Cards, err = o.Proposal.Cards(); err != nil {
		return nil, err
	}
	if err := o.check(o.Cards); err != nil {
		return nil, err
	}
	return o, nil
}

// Party returns the index of id among the parties, and whether it is one.
func (o *OpenedProposal) Party(id sxp.ID) (int, bool) {
	for i := range o.Cards {
		if o.Cards[i].ID == id {
			return i, true
		}
	}
	return 0, false
}

// openPlain is envelope.Open for messages that nobody may countersign: their
// bytes go into digests that must have one form.
func openPlain(raw []byte, typ envelope.Type, v any) (sxp.ID, error) {
	m, err := parsePlain(raw, typ)
	if err != nil {
		return sxp.ID{}, err
	}
	return m.Signer, envelope.Unmarshal(m.Payload, v)
}

// parsePlain is openPlain without reading the payload.
func parsePlain(raw []byte, typ envelope.Type) (*envelope.Message, error) {
	const op = "contract.open"
	m, err := envelope.Parse(raw)
	if err != nil {
		return nil, err
	}
	if m.Type != typ {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the message is a %s, not a %s", m.Type, typ)
	}
	if len(m.Countersignatures) != 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a %s carries no countersignatures", typ)
	}
	return m, nil
}

// check verifies the numbers and the text.
func (p *Proposal) check(cards []identity.Card) error {
	const op = "contract.Proposal"
	if p.Version != Version {
		return sxp.Errorf(op, sxp.Unsupported, nil, "version %d of the signing protocol is not known here, only %d", p.Version, Version)
	}
	for i := range cards {
		for k := range i {
			if cards[i].ID == cards[k].ID || cards[i].ContractKey == cards[k].ContractKey {
				return sxp.Errorf(op, sxp.Invalid, nil, "parties %d and %d are the same person or use the same contract key", k+1, i+1)
			}
		}
		if len(p.Parties[i].Tribes) > MaxTribes {
			return sxp.Errorf(op, sxp.TooLarge, nil, "party %d names %d tribes, at most %d are allowed", i+1, len(p.Parties[i].Tribes), MaxTribes)
		}
	}
	if err := p.checkNumbers(); err != nil {
		return err
	}
	if err := p.Terms.check(len(cards)); err != nil {
		return err
	}
	if err := p.Terms.checkSecrets(cards); err != nil {
		return err
	}
	if len(p.Terms.Markets) > 0 && !p.Market.IsZero() && !slices.ContainsFunc(p.Terms.Markets, func(m MarketTerms) bool { return m.Market == p.Market }) {
		return sxp.Errorf(op, sxp.Invalid, p.Market, "the market where it was found is not among those that the contract lists")
	}
	for i := range p.Terms.Transfers {
		if due := p.Terms.Transfers[i].Due; due < p.Created {
			return sxp.Errorf(op, sxp.Invalid, nil, "transfer %d is due at %v, before the proposal was made", i+1, due)
		}
	}
	// The clauses have been looked at; this also covers what an item or a name
	// brings into the text that people read.
	if err := checkText(op, "the text", p.Terms.Text, MaxText); err != nil {
		return err
	}
	if p.Terms.Text != Render(&p.Terms, cards) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the text is not what the terms say in words (spec/contract.md, rendering)")
	}
	return nil
}

func (p *Proposal) checkNumbers() error {
	const op = "contract.Proposal"
	if p.Mode != Optimistic && p.Mode != Notary {
		return sxp.Errorf(op, sxp.Unsupported, nil, "mode %.40q is not known here", string(p.Mode))
	}
	if p.Mode == Notary && p.N != 1 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a notary is one juror, not %d", p.N)
	}
	if p.Attempt < 1 || p.Attempt > MaxAttempt {
		return sxp.Errorf(op, sxp.Invalid, nil, "attempts are 1 to %d, not %d", MaxAttempt, p.Attempt)
	}
	if p.Roll.IsZero() {
		return sxp.Errorf(op, sxp.Invalid, nil, "a proposal names the roll of its jury")
	}
	if err := checkJurySizes(op, p.N, p.T, p.F); err != nil {
		return err
	}
	if p.Created <= 0 || p.Created > MaxTime {
		return sxp.Errorf(op, sxp.Invalid, nil, "a proposal says when it was made")
	}
	for _, d := range []struct {
		what string
		span sxp.Duration
	}{{"Δ", p.Delta}, {"L", p.L}, {"ε", p.Epsilon}, {"W", p.Patience}} {
		if d.span <= 0 || d.span > MaxSpan {
			return sxp.Errorf(op, sxp.Invalid, nil, "%s is above 0 and at most %v, not %v", d.what, MaxSpan, d.span)
		}
	}
	if p.Deadline > MaxTime || p.ReleaseBefore() <= p.Created {
		return sxp.Errorf(op, sxp.Invalid, nil, "the deadline leaves no time to sign: D must be later than %v, the time of the proposal plus L, ε and W", p.Created.Add(p.L+p.Epsilon+p.Patience))
	}
	return nil
}

// checkJurySizes verifies assumption 1: f < t ≤ n − f.
func checkJurySizes(op string, n, t, f int) error {
	if n < 1 || n > sxp.MaxJury {
		return sxp.Errorf(op, sxp.Invalid, nil, "a jury has 1 to %d seats, not %d", sxp.MaxJury, n)
	}
	if f < 0 || t <= f || t > n-f {
		return sxp.Errorf(op, sxp.Invalid, nil, "a jury of n=%d needs f < t ≤ n−f, not t=%d, f=%d", n, t, f)
	}
	return nil
}

// DefaultFaults returns f and t for a jury of n: n = 2f+1, t = f+1.
func DefaultFaults(n int) (f, t int) { return (n - 1) / 2, (n-1)/2 + 1 }

// describeParty names party i in an error.
func describeParty(i int) string { return fmt.Sprintf("party %d", i+1) }
