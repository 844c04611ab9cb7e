package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A RollEntry is one juror of a roll: its keys, whom it depends on, where it
// is, and what it serves. A juror must serve everything inside these numbers.
type RollEntry struct {
	ID         sxp.ID       `json:"id"`
	Y          bls.G1       `json:"y"`                 // y·g1
	Z          bls.G2       `json:"z"`                 // y·g2
	Proof      bls.G1       `json:"proof"`             // of possession, see bls.VerifyJurorKey
	Operator   sxp.ID       `json:"operator,omitzero"` // who runs the machine; zero: the juror itself
	Tribes     []sxp.ID     `json:"tribes,omitempty"`  // who endorses it; drawn by lot, by the issuer's word alone
	Address    string       `json:"address"`           // of its node, for direct requests
	DeltaMin   sxp.Duration `json:"deltaMin"`          // the smallest Δ it keeps
	MaxN       int          `json:"maxN"`              // the largest jury
	MaxParties int          `json:"maxParties"`        // the largest number of parties
	MaxHorizon sxp.Duration `json:"maxHorizon"`        // the longest time from proposal to D

	Vouched []sxp.Bytes `json:"vouched,omitempty"` // drawn by strata: a signed Vouch of the operator, if another is named, then of each of Tribes
	Conduct Conduct     `json:"conduct,omitzero"`  // what the issuer has seen of it, its word alone
}

// RunBy returns who runs the juror: its operator, or the juror itself where
// none is named. A jury has one seat for each.
func (e *RollEntry) RunBy() sxp.ID {
	if e.Operator.IsZero() {
		return e.ID
	}
	return e.Operator
}

// A Roll is a signed, numbered list of jurors that its issuer vouches for: a
// market, a tribe, a circle. The spans are its defaults for proposals; an
// agent treats L, ε and W as the least it accepts.
type Roll struct {
	Issuer   sxp.ID       `json:"issuer"` // the signer
	Number   uint64       `json:"number"` // from 1, higher with every change
	Issued   sxp.Time     `json:"issued"`
	Entries  []RollEntry  `json:"entries"`
	Delta    sxp.Duration `json:"delta"`
	L        sxp.Duration `json:"l"`
	Epsilon  sxp.Duration `json:"epsilon"`
	Patience sxp.Duration `json:"patience"`
	Horizon  sxp.Duration `json:"horizon"` // from proposal to D

	Draw DrawRule `json:"draw,omitempty"` // how juries are drawn; absent: DrawByLot
}

// Rule returns how juries are drawn from the roll.
func (r *Roll) Rule() DrawRule {
	if r.Draw == 0 {
		return DrawByLot
	}
	return r.Draw
}

// Default spans of a roll, for machines that people run at home.
const (
	DefaultDelta    = 30 * sxp.Second
	DefaultL        = 10 * sxp.Minute
	DefaultEpsilon  = 2 * sxp.Minute
	DefaultPatience = 5 * sxp.Minute
	DefaultHorizon  = sxp.Day
)

// An OpenedRoll is a roll whose signature and juror keys have been verified.
// It is read only; one may serve all sessions of a process.
type OpenedRoll struct {
	Roll
	Digest sxp.Hash // what proposals name it by
	Raw    []byte   // the signed message
}

// SignRoll checks r and signs it for its issuer.
func SignRoll(a Algebra, s envelope.Signer, r *Roll) ([]byte, error) {
	r.Issuer = s.ID()
	if err := r.check(a); err != nil {
		return nil, err
	}
	return envelope.Sign(s, TypeRoll, r)
}

// OpenRoll verifies a signed roll once: signature, distinct identities and
// keys, and every juror's proof, which takes about 3 ms for each.
func OpenRoll(a Algebra, raw []byte) (*OpenedRoll, error) {
	const op = "contract.OpenRoll"
	o := &OpenedRoll{Digest: envelope.Digest(raw), Raw: raw}
	signer, err := openPlain(raw, TypeRoll, &o.Roll)
	if err != nil {
		return nil, err
	}
	if signer != o.Issuer {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a roll is signed by its issuer")
	}
	if err := o.check(a); err != nil {
		return nil, err
	}
	return o, nil
}

func (r *Roll) check(a Algebra) error {
	const op = "contract.Roll"
	if len(r.Entries) == 0 || len(r.Entries) > MaxRoll {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a roll lists 1 to %d jurors, this lists %d", MaxRoll, len(r.Entries))
	}
	if r.Number == 0 || r.Issued <= 0 || r.Issued > MaxTime {
		return sxp.Errorf(op, sxp.Invalid, nil, "a roll has a number from 1 and a date")
	}
	for _, d := range []sxp.Duration{r.Delta, r.L, r.Epsilon, r.Patience} {
		if d <= 0 || d > MaxSpan {
			return sxp.Errorf(op, sxp.Invalid, nil, "the spans Δ, L, ε and W of a roll are above 0 and at most %v, not %v", MaxSpan, d)
		}
	}
	if r.Horizon <= r.L+r.Epsilon+r.Patience {
		return sxp.Errorf(op, sxp.Invalid, nil, "the default horizon %v of a roll is not longer than L+ε+W", r.Horizon)
	}
	if r.Draw != 0 && r.Draw != DrawByStrata {
		return sxp.Errorf(op, sxp.Unsupported, nil, "the roll is drawn by rule %d, here only %d, which is left out, and %d are known", r.Draw, DrawByLot, DrawByStrata)
	}
	ids, ys := map[sxp.ID]bool{}, map[bls.G1]bool{}
	for i := range r.Entries {
		e := &r.Entries[i]
		if ids[e.ID] || ys[e.Y] {
			return sxp.Errorf(op, sxp.Invalid, e.ID, "a roll lists a juror and a key once")
		}
		ids[e.ID], ys[e.Y] = true, true
		if err := e.check(a); err != nil {
			return err
		}
		if err := e.checkWord(r); err != nil {
			return err
		}
	}
	return nil
}

// checkWord verifies what others say of the juror: that each of its tribes
// vouches for it, and that the issuer's figures can be.
func (e *RollEntry) checkWord(r *Roll) error {
	const op = "contract.RollEntry"
	if r.Rule() == DrawByLot {
		if len(e.Vouched) != 0 || !e.Conduct.IsZero() {
			return sxp.Errorf(op, sxp.Invalid, e.ID, "only a roll drawn by strata says who vouches for a juror, and its conduct")
		}
		return nil
	}
	if err := e.checkVouched(r.Issued); err != nil {
		return err
	}
	return e.Conduct.check(e.ID, r.Issued)
}

// vouchers returns whose word a juror of a roll by strata needs: its
// operator's, if it names another than itself, then its tribes'.
func (e *RollEntry) vouchers() []sxp.ID {
	if e.RunBy() == e.ID {
		return e.Tribes
	}
	return slices.Concat([]sxp.ID{e.Operator}, e.Tribes)
}

// checkVouched verifies that everybody whom the entry names vouches for the
// juror with this key and operator at a moment. ⚠ A name alone would let an
// issuer spread its own over invented tribes, and a stranger's nodes name honest
// operators and take their seats. A word for whatever operator would let who has
// a tribe's name that tribe, or say that each of its nodes runs by itself.
func (e *RollEntry) checkVouched(at sxp.Time) error {
	const op = "contract.RollEntry"
	names := e.vouchers()
	if len(e.Vouched) != len(names) {
		return sxp.Errorf(op, sxp.Invalid, e.ID, "a juror has the signed word of its operator and each of its tribes, %d in all, this has %d", len(names), len(e.Vouched))
	}
	for i, raw := range e.Vouched {
		if err := e.checkWordOf(names[i], raw, at); err != nil {
			return err
		}
		if slices.Contains(e.Tribes[:max(0, i-len(names)+len(e.Tribes))], names[i]) {
			return sxp.Errorf(op, sxp.Invalid, e.ID, "a tribe vouches for it once")
		}
	}
	return nil
}

func (e *RollEntry) checkWordOf(who sxp.ID, raw []byte, at sxp.Time) error {
	const op = "contract.RollEntry"
	v, signer, err := OpenVouch(raw)
	switch {
	case err != nil:
		return err
	case signer != who || v.Juror != e.ID || v.Y != e.Y || v.Operator != e.Operator:
		return sxp.Errorf(op, sxp.Invalid, e.ID, "the word of %s is another's, or about another juror, key or operator", who.Short())
	case v.Until <= at:
		return sxp.Errorf(op, sxp.Late, e.ID, "%s vouched for it until %v", who.Short(), v.Until)
	}
	return nil
}

// ForStrata readies what a juror says of itself for a roll by strata that is
// issued at a moment: tribes whose word has run out or does not verify are left
// away. It reports false if its operator's does: such a juror cannot be listed.
func (e *RollEntry) ForStrata(issued sxp.Time) bool {
	names, words := e.vouchers(), e.Vouched
	own := len(names) - len(e.Tribes) // 1 if an operator is named
	e.Tribes, e.Vouched = nil, nil
	for i, who := range names {
		var raw sxp.Bytes
		if i < len(words) {
			raw = words[i]
		}
		err := e.checkWordOf(who, raw, issued)
		switch {
		case err != nil && i < own:
			return false
		case err != nil || slices.Contains(e.Tribes, who):
			continue
		case i >= own:
			e.Tribes = append(e.Tribes, who)
		}
		e.Vouched = append(e.Vouched, raw)
	}
	return true
}

func (e *RollEntry) check(a Algebra) error {
	const op = "contract.RollEntry"
	switch {
	case e.ID.IsZero():
		return sxp.Errorf(op, sxp.Invalid, nil, "a juror has an id")
	case len(e.Tribes) > MaxTribes:
		return sxp.Errorf(op, sxp.TooLarge, e.ID, "a juror names at most %d tribes", MaxTribes)
	case e.Address == "":
		return sxp.Errorf(op, sxp.Invalid, e.ID, "a juror has the address of its node")
	case e.DeltaMin <= 0 || e.DeltaMin > MaxSpan || e.MaxN < 1 || e.MaxParties < 2 || e.MaxHorizon <= 0:
		return sxp.Errorf(op, sxp.Invalid, e.ID, "a juror says the least Δ, the largest n (from 1), the most parties (from 2) and the longest horizon that it serves")
	}
	if err := checkLine(op, "the address", e.Address, MaxAddress); err != nil {
		return err
	}
	if err := a.JurorKey(e.ID, e.Y, e.Z, e.Proof); err != nil {
		return sxp.Errorf(op, sxp.Invalid, e.ID, "the juror's key: %w", err)
	}
	return nil
}

// serves says why the juror does not serve p, or nil.
func (e *RollEntry) serves(p *Proposal) error {
	const op = "contract.RollEntry"
	switch {
	case p.Delta < e.DeltaMin:
		return sxp.Errorf(op, sxp.Denied, e.ID, "Δ of %v is less than the %v that this juror can keep: honest jurors could disagree", p.Delta, e.DeltaMin)
	case p.N > e.MaxN:
		return sxp.Errorf(op, sxp.Denied, e.ID, "a jury of %d is larger than the %d that this juror serves", p.N, e.MaxN)
	case len(p.Parties) > e.MaxParties:
		return sxp.Errorf(op, sxp.Denied, e.ID, "%d parties are more than the %d that this juror serves", len(p.Parties), e.MaxParties)
	case p.Deadline.Sub(p.Created) > e.MaxHorizon:
		return sxp.Errorf(op, sxp.Denied, e.ID, "the deadline is %v away, this juror serves at most %v", p.Deadline.Sub(p.Created), e.MaxHorizon)
	}
	return nil
}
