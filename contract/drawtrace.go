package contract

import (
	"slices"

	"sxp"
	"sxp/internal/bls"
)

// A DrawTrace is a draw step by step, so that a person can follow it.
type DrawTrace struct {
	Rule     DrawRule   `json:"rule"`
	Excluded []DrawStep `json:"excluded"` // who could not be drawn, and why, in the roll's order
	Try      int        `json:"try"`      // the order that gave the jury, from 0
	Steps    []DrawStep `json:"steps"`    // of that order: who got a seat, who was passed over, as it happened
}

// A DrawStep is what happened to one juror.
type DrawStep struct {
	ID       sxp.ID   `json:"id"`
	Operator sxp.ID   `json:"operator"` // who runs it, itself where nobody else is named
	Tribes   []sxp.ID `json:"tribes"`
	Stratum  sxp.ID   `json:"stratum,omitzero"` // the tribe that it was drawn for; zero: none, or drawn by lot
	Rank     sxp.Hash `json:"rank,omitzero"`    // zero for who was excluded
	Seat     int      `json:"seat"`             // 1..n; 0: none
	Why      string   `json:"why,omitempty"`    // no seat, in words
}

// The methods that record do nothing for nil: a draw that nobody follows.

func (t *DrawTrace) exclude(e *RollEntry, why string) {
	if t != nil {
		t.Excluded = append(t.Excluded, stepOf(ranked{RollEntry: e}, 0, why))
	}
}

func (t *DrawTrace) begin(try int) {
	if t != nil {
		t.Try, t.Steps = try, nil
	}
}

func (t *DrawTrace) pass(e ranked, why string) {
	if t != nil {
		t.Steps = append(t.Steps, stepOf(e, 0, why))
	}
}

func (t *DrawTrace) seat(e ranked, seat int) {
	if t != nil {
		t.Steps = append(t.Steps, stepOf(e, seat, ""))
	}
}

func stepOf(e ranked, seat int, why string) DrawStep {
	return DrawStep{ID: e.ID, Operator: e.RunBy(), Tribes: append([]sxp.ID{}, distinct(e.Tribes)...), Stratum: e.stratum, Rank: e.rank, Seat: seat, Why: why}
}

// A DrawReport is a draw that was computed again from a contract file.
type DrawReport struct {
	Proposal sxp.Hash    `json:"proposal"`
	Parties  []DrawShare `json:"parties"`
	Seed     sxp.Hash    `json:"seed"` // SHA-256 of the sum of the shares
	Roll     sxp.Hash    `json:"roll"`
	RollBy   sxp.ID      `json:"rollBy"`
	Number   uint64      `json:"number"` // of the roll
	Issued   sxp.Time    `json:"issued"`
	Listed   int         `json:"listed"` // jurors on the roll
	N        int         `json:"n"`
	PerTribe int         `json:"perTribe"` // seats that one tribe may have
	Trace    DrawTrace   `json:"trace"`
	Jury     []sxp.ID    `json:"jury"`    // as drawn, in seat order
	Signed   []sxp.ID    `json:"signed"`  // as the file's session has it
	Matches  bool        `json:"matches"` // both are the same, with all keys and addresses
}

// A DrawShare is one party's share of a draw's seed.
type DrawShare struct {
	ID    sxp.ID `json:"id"`
	Label string `json:"label"` // the party's own choice
	Draw  bls.G1 `json:"draw"`  // δ, verified against the party's contract key
}

// Redraw computes the jury of a contract file again, step by step. roll is the
// signed roll; nil: the one in the file. It fails with sxp.NotFound if there is
// none, and like Verify for a file whose session does not belong together. A
// jury that is another than the one drawn is no error: Matches tells. That the
// file's signature is good is for Verify.
func Redraw(file, roll []byte) (*DrawReport, error) {
	const op = "contract.Redraw"
	_, c, err := readFile(file)
	if err != nil {
		return nil, err
	}
	o, err := OpenProposal(c.Proposal)
	if err != nil {
		return nil, err
	}
	if err := c.Preimage.matches(o); err != nil {
		return nil, err
	}
	a := NewAlgebra(nil)
	accepts, err := c.Preimage.Check(a)
	if err != nil {
		return nil, err
	}
	if roll == nil {
		roll = c.Roll
	}
	if len(roll) == 0 {
		return nil, sxp.Errorf(op, sxp.NotFound, o.Roll, "the file does not hold the roll %v, from which its jury was drawn", o.Roll)
	}
	r, err := OpenRoll(a, roll)
	if err != nil {
		return nil, err
	}
	if r.Digest != o.Roll {
		return nil, sxp.Errorf(op, sxp.Invalid, r.Digest, "this is roll %v, the proposal names %v", r.Digest, o.Roll)
	}
	d := &DrawReport{
		Proposal: o.Digest, Seed: c.Preimage.Seed, Roll: r.Digest, RollBy: r.Issuer, Number: r.Number, Issued: r.Issued, Listed: len(r.Entries),
		N: o.N, PerTribe: max(o.F, 1), Trace: DrawTrace{Rule: r.Rule(), Excluded: []DrawStep{}}, Jury: []sxp.ID{}, Signed: idsOf(c.Preimage.Jury),
	}
	for i := range accepts {
		d.Parties = append(d.Parties, DrawShare{ID: o.Cards[i].ID, Label: o.Cards[i].Label, Draw: accepts[i].Draw})
	}
	seats, err := draw(r, o, c.Preimage.Seed, &d.Trace)
	if err != nil {
		return d, err
	}
	d.Jury, d.Matches = idsOf(seats), slices.Equal(seats, c.Preimage.Jury)
	return d, nil
}

func idsOf(seats []Seat) []sxp.ID {
	ids := make([]sxp.ID, len(seats))
	for j := range seats {
		ids[j] = seats[j].ID
	}
	return ids
}
