package contract

import (
	"errors"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A Signer is one party inside m's preimage.
type Signer struct {
	ID         sxp.ID    `json:"id"`
	X          bls.G2    `json:"x"`          // contract key
	Proof      bls.G1    `json:"proof"`      // of possession by ID
	Acceptance sxp.Bytes `json:"acceptance"` // signed, with K and δ
}

// A Seat is one juror inside m's preimage. Seats are counted from 1 in this
// order, which is not the roll's.
type Seat struct {
	ID      sxp.ID `json:"id"`
	Y       bls.G1 `json:"y"`
	Z       bls.G2 `json:"z"`
	Proof   bls.G1 `json:"proof"`
	Address string `json:"address"` // of the juror's node
}

// Contact says where the juror is.
func (s *Seat) Contact() Contact { return Contact{ID: s.ID, Address: s.Address} }

// A Preimage is what m, the name of a session, is the hash of. It is all that
// a juror or a watcher ever sees of a contract besides promises: digests, keys
// and points, never the text.
//
// ⚠ The commitments are inside, in the acceptances, so that a session has
// exactly one valid promise for each party and one claim.
type Preimage struct {
	Version  int          `json:"version"`
	Proposal sxp.Hash     `json:"proposal"`
	Parties  []Signer     `json:"parties"`
	Jury     []Seat       `json:"jury"`
	T        int          `json:"t"`
	F        int          `json:"f"`
	Deadline sxp.Time     `json:"deadline"` // D
	Delta    sxp.Duration `json:"delta"`    // Δ
	Roll     sxp.Hash     `json:"roll"`     // the draw's evidence: the roll, and with it
	Seed     sxp.Hash     `json:"seed"`     // SHA-256 of the sum of the draw shares
}

// M returns SHA-256 of the deterministic encoding. A preimage that cannot be
// encoded has the zero hash, which no check accepts.
func (p *Preimage) M() sxp.Hash {
	b, err := envelope.Marshal(p)
	if err != nil {
		return sxp.Hash{}
	}
	return sxp.Sum(b)
}

// VoidAfter is D + (f+1)Δ.
func (p *Preimage) VoidAfter() sxp.Time { return voidAfter(p.Deadline, p.F, p.Delta) }

// Seat returns the seat number of id, 1..n, or 0.
func (p *Preimage) Seat(id sxp.ID) int {
	for j := range p.Jury {
		if p.Jury[j].ID == id {
			return j + 1
		}
	}
	return 0
}

// Party returns the index of id among the parties, or -1.
func (p *Preimage) Party(id sxp.ID) int {
	for i := range p.Parties {
		if p.Parties[i].ID == id {
			return i
		}
	}
	return -1
}

// keys returns the parties' contract keys in order.
func (p *Preimage) keys() []bls.G2 {
	out := make([]bls.G2, len(p.Parties))
	for i := range p.Parties {
		out[i] = p.Parties[i].X
	}
	return out
}

// jurorKeys returns the seats' keys in order.
func (p *Preimage) jurorKeys() (ys []bls.G1, zs []bls.G2) {
	for j := range p.Jury {
		ys, zs = append(ys, p.Jury[j].Y), append(zs, p.Jury[j].Z)
	}
	return ys, zs
}

// Check verifies the preimage: form, then signatures, then points. It is a
// fixed function of the preimage: any two machines agree on the result.
func (p *Preimage) Check(a Algebra) ([]Acceptance, error) {
	accepts, err := p.CheckForm()
	if err != nil {
		return nil, err
	}
	return accepts, p.checkPoints(a, accepts)
}

// CheckForm is the cheap part of Check: sizes, distinct identities and keys,
// and the Ed25519 signatures of the acceptances, which it returns.
func (p *Preimage) CheckForm() ([]Acceptance, error) {
	const op = "contract.Preimage"
	if p.Version != Version {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "version %d of the signing protocol is not known here, only %d", p.Version, Version)
	}
	if len(p.Parties) < 2 || len(p.Parties) > sxp.MaxParties {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "a contract has 2 to %d parties, this has %d", sxp.MaxParties, len(p.Parties))
	}
	if err := checkJurySizes(op, len(p.Jury), p.T, p.F); err != nil {
		return nil, err
	}
	if p.Deadline <= 0 || p.Deadline > MaxTime || p.Delta <= 0 || p.Delta > MaxSpan {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the deadline or Δ is out of range")
	}
	if err := p.checkDistinct(); err != nil {
		return nil, err
	}
	return p.openAcceptances()
}

func (p *Preimage) checkDistinct() error {
	const op = "contract.Preimage"
	ids := map[sxp.ID]bool{}
	for i := range p.Parties {
		ids[p.Parties[i].ID] = true
	}
	if len(ids) != len(p.Parties) || !bls.Distinct(p.keys()) {
		return sxp.Errorf(op, sxp.Invalid, nil, "two parties have the same identity or contract key")
	}
	clear(ids)
	for j := range p.Jury {
		ids[p.Jury[j].ID] = true
		if err := checkLine(op, "a juror's address", p.Jury[j].Address, MaxAddress); err != nil {
			return err
		}
	}
	ys, _ := p.jurorKeys()
	if len(ids) != len(p.Jury) || !bls.Distinct(ys) {
		return sxp.Errorf(op, sxp.Invalid, nil, "two seats of the jury have the same identity or key")
	}
	return nil
}

func (p *Preimage) openAcceptances() ([]Acceptance, error) {
	accepts := make([]Acceptance, len(p.Parties))
	for i := range p.Parties {
		a, err := OpenAcceptance(p.Parties[i].Acceptance, p.Parties[i].ID, p.Proposal)
		if err != nil {
			return nil, &bls.BlameError{Index: i, Err: err}
		}
		accepts[i] = *a
	}
	return accepts, nil
}

// OpenAcceptance verifies the form of a signed acceptance: by whom and of what.
func OpenAcceptance(raw []byte, by sxp.ID, proposal sxp.Hash) (*Acceptance, error) {
	const op = "contract.OpenAcceptance"
	if len(raw) > MaxAcceptance {
		return nil, sxp.Errorf(op, sxp.TooLarge, by, "an acceptance has at most %d bytes, this has %d", MaxAcceptance, len(raw))
	}
	a := new(Acceptance)
	signer, err := openPlain(raw, TypeAcceptance, a)
	if err != nil {
		return nil, err
	}
	if signer != by || a.Proposal != proposal {
		return nil, sxp.Errorf(op, sxp.Invalid, by, "not this party's acceptance of this proposal")
	}
	return a, checkLine(op, "the watcher's address", a.Watcher.Address, MaxAddress)
}

// checkPoints is the expensive part of Check: every proof of possession, every
// commitment at every seat, every draw share, the seed, every juror's key.
func (p *Preimage) checkPoints(a Algebra, accepts []Acceptance) error {
	const op = "contract.Preimage"
	draws := make([]bls.G1, len(accepts))
	for i := range accepts {
		draws[i] = accepts[i].Draw
	}
	if err := p.checkParties(a, accepts, draws); err != nil {
		return err
	}
	seed, err := a.Seed(draws)
	if err != nil {
		return err
	}
	if seed != p.Seed {
		return sxp.Errorf(op, sxp.Invalid, nil, "the seed of the draw does not come from the parties' shares")
	}
	for j := range p.Jury {
		s := &p.Jury[j]
		if err := a.JurorKey(s.ID, s.Y, s.Z, s.Proof); err != nil {
			return sxp.Errorf(op, sxp.Invalid, s.ID, "seat %d: %w", j+1, err)
		}
	}
	return nil
}

// checkParties verifies what each party brought. The first guilty one is named.
func (p *Preimage) checkParties(a Algebra, accepts []Acceptance, draws []bls.G1) error {
	first, fault := len(accepts), error(nil)
	for i := range accepts {
		s := &p.Parties[i]
		if fault = errors.Join(a.Possession(s.ID, s.X, s.Proof), a.Commitment(s.X, accepts[i].Commitment, len(p.Jury), p.T)); fault != nil {
			first = i
			break
		}
	}
	if first > 0 { // of those before it, one may be guilty of its draw share
		if err := a.Draws(p.keys()[:first], p.Proposal, draws[:first]); err != nil {
			var blame *bls.BlameError
			if !errors.As(err, &blame) {
				return err
			}
			first, fault = blame.Index, blame.Err
		}
	}
	if fault == nil {
		return nil
	}
	id := p.Parties[first].ID
	return &bls.BlameError{Index: first, Err: sxp.Errorf("contract.Preimage", sxp.Invalid, id, "%s: %w", describeParty(first), fault)}
}

// checkAcceptancePoints verifies δ and K. ⚠ A commitment with P_j = identity
// for a seat is refused: that seat's share would be worthless. ⚠ Each δ is
// verified, by itself or among others with random numbers: a mere sum could be
// chosen by its last author.
func checkAcceptancePoints(a Algebra, x bls.G2, acc *Acceptance, n, t int) error {
	if err := a.Commitment(x, acc.Commitment, n, t); err != nil {
		return err
	}
	return a.Draw(x, acc.Proposal, acc.Draw)
}

// buildPreimage derives the session from all acceptances, in the parties'
// order and opened before: the same bytes for every party.
func buildPreimage(a Algebra, p *OpenedProposal, r *OpenedRoll, raws []sxp.Bytes, accepts []*Acceptance) (*Preimage, error) {
	const op = "contract.session"
	if r.Digest != p.Roll {
		return nil, sxp.Errorf(op, sxp.Invalid, r.Digest, "the proposal names another roll, %v", p.Roll)
	}
	draws := make([]bls.G1, len(raws))
	out := &Preimage{Version: Version, Proposal: p.Digest, T: p.T, F: p.F, Deadline: p.Deadline, Delta: p.Delta, Roll: p.Roll}
	for i, raw := range raws {
		c := &p.Cards[i]
		draws[i] = accepts[i].Draw
		out.Parties = append(out.Parties, Signer{ID: c.ID, X: c.ContractKey, Proof: c.Proof, Acceptance: raw})
	}
	var err error
	if out.Seed, err = a.Seed(draws); err != nil {
		return nil, err
	}
	if out.Jury, err = Draw(r, p, out.Seed); err != nil {
		return nil, err
	}
	return out, nil
}
