package contract

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A FileKind says what a file is.
type FileKind string

// The kinds of files, appended only. They are part of a file's first line.
const (
	ContractFile FileKind = "CONTRACT"
	VoidFile     FileKind = "VOID CERTIFICATE"
)

// maxFileRoll is the largest signed roll that is put into a file, in bytes. A
// file without it verifies all the same, except for the draw of the jury.
const maxFileRoll = 256 << 10

// contents are what a file holds behind its text.
type contents struct {
	Proposal sxp.Bytes   `json:"proposal"` // signed
	Preimage Preimage    `json:"preimage"`
	S        bls.G1      `json:"s,omitzero"`     // of a contract
	Voids    []sxp.Bytes `json:"voids,omitzero"` // of a void certificate
	Roll     sxp.Bytes   `json:"roll,omitempty"` // signed; may be left out
}

// Build returns the self-contained contract file of a completed session. The
// roll is included if it is not nil and small enough, so that the draw can be
// verified too.
func Build(p *OpenedProposal, r *OpenedRoll, pre *Preimage, s bls.G1) ([]byte, error) {
	c := &contents{Proposal: p.Raw, Preimage: *pre, S: s}
	c.addRoll(r)
	return c.file(ContractFile, p.Terms.Text)
}

func (c *contents) addRoll(r *OpenedRoll) {
	if r != nil && len(r.Raw) <= maxFileRoll {
		c.Roll = r.Raw
	}
}

// BuildVoid returns the certificate that the jury will never complete the
// session, with the proposal it is about. It takes the first t of voids, which
// are in seat order.
func BuildVoid(p *OpenedProposal, r *OpenedRoll, pre *Preimage, voids []sxp.Bytes) ([]byte, error) {
	if len(voids) < pre.T {
		return nil, sxp.Errorf("contract.BuildVoid", sxp.Early, p.Digest, "a void certificate needs %d voids, there are %d", pre.T, len(voids))
	}
	c := &contents{Proposal: p.Raw, Preimage: *pre, Voids: voids[:pre.T]}
	c.addRoll(r)
	return c.file(VoidFile, p.Terms.Text)
}

// lineLength is how many base64 digits stand on a line of a file.
const lineLength = 64

// file writes the text for people, then the contents for machines. There is
// one file for the same contents (spec/contract.md, "The file").
func (c *contents) file(kind FileKind, text string) ([]byte, error) {
	payload, err := envelope.Marshal(c)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "SXP %s 1\n\n%s\n%s", kind, text, border("BEGIN", kind))
	digits := base64.StdEncoding.EncodeToString(payload)
	for line := range slices.Chunk([]byte(digits), lineLength) {
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteString(border("END", kind))
	return b.Bytes(), nil
}

func border(which string, kind FileKind) string {
	return "-----" + which + " SXP " + string(kind) + "-----\n"
}

// readFile decodes a file without verifying what it says.
func readFile(raw []byte) (FileKind, *contents, error) {
	const op = "contract.Verify"
	if len(raw) > MaxFile {
		return "", nil, sxp.Errorf(op, sxp.TooLarge, nil, "a contract file has at most %d bytes, this has %d", MaxFile, len(raw))
	}
	for _, kind := range []FileKind{ContractFile, VoidFile} {
		if !bytes.HasPrefix(raw, []byte("SXP "+string(kind)+" 1\n")) {
			continue
		}
		start := bytes.LastIndex(raw, []byte(border("BEGIN", kind)))
		end := bytes.LastIndex(raw, []byte(border("END", kind)))
		if start < 0 || end < start {
			return "", nil, sxp.Errorf(op, sxp.Invalid, nil, "the file is damaged: its machine-readable part is missing")
		}
		digits := bytes.ReplaceAll(raw[start+len(border("BEGIN", kind)):end], []byte("\n"), nil)
		payload, err := base64.StdEncoding.Strict().DecodeString(string(digits))
		if err != nil {
			return "", nil, sxp.Errorf(op, sxp.Invalid, nil, "the file is damaged: %w", err)
		}
		c := new(contents)
		if err := envelope.Unmarshal(payload, c); err != nil {
			return "", nil, sxp.Errorf(op, sxp.KindOf(err), nil, "the file is damaged: %w", err)
		}
		return kind, c, nil
	}
	return "", nil, sxp.Errorf(op, sxp.Invalid, nil, "not an SXP contract file: its first line says something else")
}

// A Report says what a file proves.
type Report struct {
	Kind     FileKind
	Proposal sxp.Hash // digest of the proposal
	M        sxp.Hash // what was signed
	Proposer sxp.ID
	Title    string
	Text     string // what the parties read
	Parties  []ReportParty
	Jury     []Seat
	T, F     int
	Mode     Mode
	Attempt  int
	Deadline sxp.Time
	Drawn    bool // the jury was verified to be the one drawn from the roll; else the file holds no roll
	Roll     sxp.Hash
	RollBy   sxp.ID // issuer of the roll; zero unless Drawn
	Terms    Terms
	S        bls.G1
}

// A ReportParty is one party of a Report.
type ReportParty struct {
	ID       sxp.ID
	Label    string // its own choice of name; proves nothing
	Accepted bool   // its acceptance of the proposal is in the file and verified
	Signed   bool   // the contract's signature is verified and holds its own
}

// Verify checks a contract file or a void certificate without any network: who
// signed what. The error says what is wrong. The report is nil unless text,
// signature and session belong together; with an error it then holds what was
// verified before.
func Verify(raw []byte) (*Report, error) {
	const op = "contract.Verify"
	kind, c, err := readFile(raw)
	if err != nil {
		return nil, err
	}
	var p Proposal
	if _, err := openPlain(c.Proposal, TypeProposal, &p); err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the proposal: %w", err)
	}
	again, err := c.file(kind, p.Terms.Text)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, raw) {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the file was changed: its readable part is not what was signed")
	}
	a := NewAlgebra(nil)
	if err := c.verifyOutcome(a, kind); err != nil {
		return nil, err
	}
	o, err := OpenProposal(c.Proposal)
	if err != nil {
		return nil, err
	}
	r := newReport(kind, c, o)
	return r, c.verifySession(a, kind, o, r)
}

func newReport(kind FileKind, c *contents, o *OpenedProposal) *Report {
	r := &Report{Kind: kind, Proposal: o.Digest, M: c.Preimage.M(), Proposer: o.Proposer, Title: o.Terms.Title, Text: o.Terms.Text,
		Jury: c.Preimage.Jury, T: o.T, F: o.F, Mode: o.Mode, Attempt: o.Attempt, Deadline: o.Deadline, Roll: o.Roll, Terms: o.Terms, S: c.S}
	for i := range o.Cards {
		r.Parties = append(r.Parties, ReportParty{ID: o.Cards[i].ID, Label: o.Cards[i].Label})
	}
	return r
}

// verifyOutcome checks what a damaged file fails first: that the parts are of
// one proposal and one roll, and the signature or the voids of the session.
func (c *contents) verifyOutcome(a Algebra, kind FileKind) error {
	const op = "contract.Verify"
	if c.Preimage.Proposal != envelope.Digest(c.Proposal) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the signed session is not of this proposal")
	}
	if len(c.Roll) > 0 && envelope.Digest(c.Roll) != c.Preimage.Roll {
		return sxp.Errorf(op, sxp.Invalid, nil, "the roll in the file is not the one that the proposal names")
	}
	if _, err := c.Preimage.CheckForm(); err != nil {
		return err
	}
	if kind == VoidFile {
		if c.S != (bls.G1{}) {
			return sxp.Errorf(op, sxp.Invalid, nil, "a void certificate holds no signature")
		}
		cert := VoidCertificate{Preimage: c.Preimage, Voids: c.Voids}
		return cert.Check()
	}
	if len(c.Voids) != 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a contract file holds no voids")
	}
	if err := a.Aggregate(c.Preimage.M(), c.Preimage.keys(), c.S); err != nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "not all parties have signed this: %w", err)
	}
	return nil
}

// verifySession checks everything that the outcome rests on.
func (c *contents) verifySession(a Algebra, kind FileKind, o *OpenedProposal, r *Report) error {
	if err := c.Preimage.matches(o); err != nil {
		return err
	}
	if _, err := c.Preimage.Check(a); err != nil {
		return err
	}
	for i := range r.Parties {
		r.Parties[i].Accepted, r.Parties[i].Signed = true, kind == ContractFile
	}
	if len(c.Roll) == 0 {
		return nil
	}
	return c.verifyDraw(a, o, r)
}

// matches checks that the session comes from the proposal.
func (p *Preimage) matches(o *OpenedProposal) error {
	const op = "contract.Verify"
	if p.Proposal != o.Digest || p.Version != o.Version || p.T != o.T || p.F != o.F || p.Deadline != o.Deadline ||
		p.Delta != o.Delta || p.Roll != o.Roll || len(p.Jury) != o.N || len(p.Parties) != len(o.Cards) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the signed session is not of this proposal")
	}
	for i := range o.Cards {
		s, card := &p.Parties[i], &o.Cards[i]
		if s.ID != card.ID || s.X != card.ContractKey || s.Proof != card.Proof {
			return sxp.Errorf(op, sxp.Invalid, card.ID, "%s of the signed session is not that of the proposal", describeParty(i))
		}
	}
	return nil
}

func (c *contents) verifyDraw(a Algebra, o *OpenedProposal, r *Report) error {
	const op = "contract.Verify"
	roll, err := OpenRoll(a, c.Roll)
	if err != nil {
		return err
	}
	seats, err := Draw(roll, o, c.Preimage.Seed)
	if err != nil {
		return err
	}
	if !slices.Equal(seats, c.Preimage.Jury) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the jury is not the one that was drawn from the roll")
	}
	r.Drawn, r.RollBy = true, roll.Issuer
	return nil
}

// String returns the report as people read it, without the text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nproposal %s\nsession  %s\n", r.Kind, r.Title, r.Proposal, r.M)
	for i, p := range r.Parties {
		state := "has not signed"
		switch {
		case p.Signed:
			state = "signed"
		case p.Accepted:
			state = "accepted, but no signature is proved"
		}
		fmt.Fprintf(&b, "party %d  %s (%s) %s\n", i+1, p.Label, p.ID, state)
	}
	drawn := "the file does not hold the roll, so the draw was not checked"
	if r.Drawn {
		drawn = "drawn from the roll of " + r.RollBy.String()
	}
	fmt.Fprintf(&b, "jury     %d, %d of them complete, up to %d may be corrupt; %s\n", len(r.Jury), r.T, r.F, drawn)
	return b.String()
}
