package evidence

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
)

// A Report says what a file proves.
type Report struct {
	Proposal   sxp.Hash         `json:"proposal"`
	M          sxp.Hash         `json:"m,omitzero"` // the session; zero: not all accepted, as far as the file goes
	Title      string           `json:"title"`
	Text       string           `json:"text"` // what the parties read
	Parties    []Person         `json:"parties"`
	Outcome    Outcome          `json:"outcome"`
	Arbitrator sxp.ID           `json:"arbitrator,omitzero"` // whom the parties named in the terms; zero: nobody
	Contract   *contract.Report `json:"-"`                   // nil where there is neither contract nor void certificate
	Said       []Line           `json:"said"`
	Broken     []Breach         `json:"broken"`   // rules broken, each proved by what its author signed
	Proven     []string         `json:"proven"`   // in words
	Unproven   []string         `json:"unproven"` // in words: what no message here shows
}

// An Outcome is what became of the signing, as far as the file proves it.
type Outcome string

// The outcomes, appended only.
const (
	OutcomeContract Outcome = "contract" // all have signed
	OutcomeVoid     Outcome = "void"     // the jury opened nothing and never will
	OutcomeOpen     Outcome = "open"     // neither is in the file
)

// A Person is one party.
type Person struct {
	ID    sxp.ID `json:"id"`
	Label string `json:"label"` // its own choice of name; proves nothing
}

// A Line is what one verified message says.
type Line struct {
	At   sxp.Time      `json:"at,omitzero"` // by its author's clock; 0: it names no time
	By   sxp.ID        `json:"by"`
	Who  string        `json:"who"` // for people: "party 1 (Alice)", "juror 3"
	Type envelope.Type `json:"type"`
	Text string        `json:"text"` // what it says, for people
	Name string        `json:"name"` // the part of the folder
}

// A Breach is one broken rule.
type Breach struct {
	By    sxp.ID             `json:"by"`
	Who   string             `json:"who"`
	Kind  contract.FaultKind `json:"kind"`
	Text  string             `json:"text"`
	Proof string             `json:"proof"` // the part of the folder
}

// opened is a bundle whose proposal, session and contract were verified.
type opened struct {
	a    contract.Algebra
	b    *Bundle
	o    *contract.OpenedProposal
	pre  *contract.Preimage // nil: not in the file
	file *contract.Report   // nil: none

	ratings []*rating.Opened // those that judge has found right: replies come behind them
}

// open verifies what all else is judged by.
func (b *Bundle) open(rand io.Reader) (*opened, error) {
	const op = "evidence.Open"
	c := &opened{a: contract.NewAlgebra(rand), b: b}
	i := slices.IndexFunc(b.Messages, func(m sxp.Bytes) bool { return contract.TypeOf(m) == contract.TypeProposal })
	if i < 0 {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "there is no proposal among the messages: nothing can be judged without it")
	}
	var err error
	if c.o, err = contract.OpenProposal(b.Messages[i]); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "the proposal: %w", err)
	}
	if len(b.Session) > 0 {
		if c.pre, err = contract.OpenPreimage(c.a, c.o, b.Session); err != nil {
			return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %w", sessionName, err)
		}
	}
	if len(b.File) == 0 {
		return c, nil
	}
	if c.file, err = contract.Verify(b.File); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "the contract file: %w", err)
	}
	if c.pre == nil || c.file.Proposal != c.o.Digest || c.file.M != c.pre.M() {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the contract file is of another signing than the messages, or its session is missing")
	}
	return c, nil
}

// judge verifies one message and says what it says.
func (c *opened) judge(raw []byte) (Line, error) {
	switch contract.TypeOf(raw) {
	case rating.Type:
		r, err := rating.Open(raw)
		if err == nil && c.file == nil {
			err = sxp.Errorf("evidence.Open", sxp.Invalid, nil, "a rating without the contract that it is about")
		}
		if err == nil {
			err = r.Of(c.file)
		}
		if err != nil {
			return Line{}, err
		}
		c.ratings = append(c.ratings, r)
		return Line{At: r.Published, By: r.By, Who: c.who(r.By), Type: rating.Type, Text: c.rated(r)}, nil
	case rating.TypeReply:
		return c.judgeReply(raw)
	}
	s, err := contract.Judge(c.a, c.o, c.pre, raw)
	if err != nil {
		return Line{}, err
	}
	l := Line{At: s.At, By: s.By, Who: c.who(s.By), Type: s.Type, Text: says(s.Type)}
	if s.Text != "" {
		l.Text += ": " + s.Text
	}
	return l, nil
}

func (c *opened) judgeReply(raw []byte) (Line, error) {
	for _, to := range c.ratings {
		if r, err := rating.OpenReply(raw, to); err == nil {
			return Line{At: r.At, By: to.About, Who: c.who(to.About), Type: rating.TypeReply, Text: "replied to the rating: " + r.Text}, nil
		}
	}
	return Line{}, sxp.Errorf("evidence.Open", sxp.Invalid, nil, "a reply to a rating that is not here")
}

func (c *opened) rated(r *rating.Opened) string {
	text := "wrote about " + c.who(r.About) + ":"
	for _, m := range r.Marks {
		word := "not given as promised"
		if m.Kept {
			word = "given as promised"
		}
		text += fmt.Sprintf(" transfer %d %s;", m.Transfer, word)
	}
	if r.Text != "" {
		text += " " + r.Text
	}
	return text
}

// says tells what a message of a signing means.
func says(t envelope.Type) string {
	switch t {
	case contract.TypeProposal:
		return "wrote the proposal; that binds nobody"
	case contract.TypeAcceptance:
		return "accepted the proposal; that alone binds nobody"
	case contract.TypeDecline:
		return "declined"
	case contract.TypePromise:
		return "promised: gave its signature in the form that only the jury completes"
	case contract.TypeClaim:
		return "held the promises of all parties, each verified"
	case contract.TypeLodged:
		return "took the claim into custody as a watcher"
	case contract.TypeRelease:
		return "signed: this is its signature of the contract, verified"
	case contract.TypeEndorse:
		return "endorsed the claim as a juror"
	case contract.TypeShares:
		return "opened its shares of all signatures as a juror, verified"
	case contract.TypeResult:
		return "held the contract's signature, verified: all parties signed"
	case contract.TypeVoid:
		return "declared that it opened nothing and never will, as a juror"
	}
	return string(t)
}

// who names an identity by its place in the session.
func (c *opened) who(id sxp.ID) string {
	if i, ok := c.o.Party(id); ok {
		return fmt.Sprintf("party %d (%s)", i+1, c.o.Cards[i].Label)
	}
	if c.pre != nil && c.pre.Seat(id) > 0 {
		return fmt.Sprintf("juror %d", c.pre.Seat(id))
	}
	return "somebody else"
}

// faultIn makes a fault of a message that is wrong, if that convicts its
// author, and returns its encoding; else nil.
func (c *opened) faultIn(raw sxp.Bytes) sxp.Bytes {
	kinds := map[envelope.Type]contract.FaultKind{
		contract.TypeAcceptance: contract.FaultAcceptance, contract.TypePromise: contract.FaultPromise, contract.TypeRelease: contract.FaultRelease,
		contract.TypeResult: contract.FaultResult, contract.TypeClaim: contract.FaultClaim, contract.TypeShares: contract.FaultShares,
	}
	typ, by, err := envelope.Peek(raw)
	if err != nil || kinds[typ] == "" {
		return nil
	}
	f := contract.Fault{Kind: kinds[typ], By: by, Raw: []sxp.Bytes{raw}}
	if f.Check(c.a, c.o, c.pre) != nil {
		return nil
	}
	b, err := envelope.Marshal(&f)
	if err != nil {
		return nil
	}
	return b
}

// convict verifies one fault.
func (c *opened) convict(encoded []byte) (Breach, error) {
	var f contract.Fault
	if err := envelope.Unmarshal(encoded, &f); err != nil {
		return Breach{}, err
	}
	if again, err := envelope.Marshal(&f); err != nil || !bytes.Equal(again, encoded) {
		return Breach{}, sxp.Errorf("evidence.Open", sxp.Invalid, f.By, "the fault is not in its one encoding")
	}
	if err := c.ours(&f); err != nil {
		return Breach{}, err
	}
	if err := f.Check(c.a, c.o, c.pre); err != nil {
		return Breach{}, err
	}
	return Breach{By: f.By, Who: c.who(f.By), Kind: f.Kind, Text: f.String()}, nil
}

// ours refuses a fault that is proved, but of somebody or something that is
// not of this signing: it would colour the case.
func (c *opened) ours(f *contract.Fault) error {
	const op = "evidence.Open"
	_, party := c.o.Party(f.By)
	if !party && (c.pre == nil || c.pre.Seat(f.By) == 0) {
		return sxp.Errorf(op, sxp.Invalid, f.By, "a fault of somebody who is neither party nor juror here")
	}
	if f.Kind == contract.FaultClaim {
		var claim contract.Claim
		if len(f.Raw) != 1 || c.pre == nil {
			return sxp.Errorf(op, sxp.Invalid, f.By, "a claim of no session that is here")
		}
		if _, err := envelope.Open(f.Raw[0], contract.TypeClaim, &claim); err != nil {
			return err
		}
		if claim.Preimage.Proposal != c.o.Digest {
			return sxp.Errorf(op, sxp.Invalid, f.By, "the claim is of another signing")
		}
	}
	return nil
}

// Open verifies an evidence file without any network: every signature, every
// point, every fault. rand makes many equations one. It fails with sxp.Invalid or sxp.TooLarge if anything in
// it is not what it is put forward as, and names the part: half a file proves
// nothing, since nobody knows what the other half was to say.
func Open(rand io.Reader, file []byte) (*Report, error) {
	const op = "evidence.Open"
	b, err := read(file)
	if err != nil {
		return nil, err
	}
	c, err := b.open(rand)
	if err != nil {
		return nil, err
	}
	r := &Report{Proposal: c.o.Digest, Title: c.o.Terms.Title, Text: c.o.Terms.Text, Contract: c.file, Outcome: OutcomeOpen, Said: []Line{}, Broken: []Breach{}}
	r.Arbitrator, _ = c.o.Terms.Arbitrator()
	if c.pre != nil {
		r.M = c.pre.M()
	}
	for i := range c.o.Cards {
		r.Parties = append(r.Parties, Person{c.o.Cards[i].ID, c.o.Cards[i].Label})
	}
	for i, raw := range b.Messages {
		name := fmt.Sprintf(messageName, i+1)
		l, err := c.judge(raw)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %w", name, err)
		}
		l.Name = name
		r.Said = append(r.Said, l)
	}
	for i, raw := range b.Faults {
		name := fmt.Sprintf(faultName, i+1)
		f, err := c.convict(raw)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "%s: %w", name, err)
		}
		f.Proof = name
		r.Broken = append(r.Broken, f)
	}
	r.conclude()
	return r, nil
}

// conclude says what follows, and what does not.
func (r *Report) conclude() {
	all := func(t envelope.Type) (who []string) {
		for _, l := range r.Said {
			if l.Type == t && !slices.Contains(who, l.Who) {
				who = append(who, l.Who)
			}
		}
		return who
	}
	switch {
	case r.Contract != nil && r.Contract.Kind == contract.ContractFile:
		r.Outcome = OutcomeContract
		r.Proven = append(r.Proven, fmt.Sprintf("All %d parties signed this contract: its signature verifies under all their keys.", len(r.Parties)))
	case r.Contract != nil:
		r.Outcome = OutcomeVoid
		r.Proven = append(r.Proven, "The jury certifies that it opened nothing of this signing and never will.")
		r.Unproven = append(r.Unproven, "That no contract exists: parties may have exchanged their signatures directly. A contract file prevails over this certificate.")
	case len(all(contract.TypeResult)) > 0:
		r.Outcome = OutcomeContract
		r.Proven = append(r.Proven, "All parties signed: the signature in the result verifies under all their keys.")
	default:
		r.Unproven = append(r.Unproven, "That there is a contract, or that there is none: this file holds neither it nor the jury's certificate.")
	}
	if len(all(contract.TypeClaim)) > 0 {
		r.Proven = append(r.Proven, "Every party promised: the claim holds the promise of each, verified against what each accepted.")
	}
	for _, b := range r.Broken {
		r.Proven = append(r.Proven, fmt.Sprintf("%s broke a rule: %s. Its own signature proves it.", b.Who, b.Text))
	}
	if r.Contract != nil && !r.Contract.Drawn {
		r.Unproven = append(r.Unproven, "That the jury was drawn by lot: the roll is not in the file.")
	}
	if len(all(rating.Type)) > 0 {
		r.Unproven = append(r.Unproven, "What the ratings say: each is its author's word, and only that its author wrote it is proven.")
	}
	r.Unproven = append(r.Unproven,
		"Silence. That somebody did not answer, or that a message arrived too late or not at all, no message shows; and whoever made this file may have left messages out.",
		"When something was said: a time stands here as its author's clock had it, and most messages of a signing name none.",
		"Whether anything was delivered, and who the people behind the keys are: names are their own choice.")
}

// Timeline returns what was said: first in the order of a signing what names
// no time, since that order is proven by what each message rests on, then by
// time what was said of the contract afterwards.
func (r *Report) Timeline() []Line {
	out := slices.Clone(r.Said)
	slices.SortStableFunc(out, func(x, y Line) int {
		later := func(l Line) int {
			if l.Type == rating.Type || l.Type == rating.TypeReply {
				return 1
			}
			return 0
		}
		if d := later(x) - later(y); d != 0 || later(x) == 0 {
			return d
		}
		return cmp.Compare(x.At, y.At)
	})
	return out
}
