package contract

import (
	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// Conduct is what a roll's issuer has seen of a juror. Only what nobody can
// make up about another counts: the issuer's own questions, and what the juror
// itself signed (spec/roll.md, "Conduct").
type Conduct struct {
	Since  sxp.Time `json:"since"`          // when the issuer first asked it
	Asked  int      `json:"asked"`          // how often the issuer asked its node whether it is up, at most MaxFigure
	Up     int      `json:"up"`             // how often it answered in time, with a clock that was right
	Cases  int      `json:"cases"`          // sessions in which it is shown to have answered; ⚠ it can make them up itself, so they decide nothing
	Faults int      `json:"faults"`         // sessions in which it is proved to have broken its word
	Proof  sxp.Hash `json:"proof,omitzero"` // SHA-256 of the first proof, an encoded Fault; zero: no faults
}

// IsZero reports whether nothing is said.
func (c Conduct) IsZero() bool { return c == Conduct{} }

// A juror has a record that was known for two weeks, and asked 500 times.
const (
	provenAge   = 14 * sxp.Day
	provenAsked = 500
)

// Proven reports whether the juror had a record when a roll was issued: known
// for two weeks, asked 500 times, up nine times of ten, and no proved fault.
// That costs whoever wants many seats two weeks of as many machines.
func (c Conduct) Proven(issued sxp.Time) bool {
	return c.Faults == 0 && c.Since > 0 && issued.Sub(c.Since) >= provenAge && c.Asked >= provenAsked && 10*c.Up >= 9*c.Asked
}

func (c Conduct) check(id sxp.ID, issued sxp.Time) error {
	const op = "contract.Conduct"
	if c.IsZero() {
		return nil
	}
	for _, n := range []int{c.Asked, c.Up, c.Cases, c.Faults} {
		if n < 0 || n > MaxFigure {
			return sxp.Errorf(op, sxp.TooLarge, id, "a figure of a juror's conduct is from 0 to %d, not %d", MaxFigure, n)
		}
	}
	if c.Since <= 0 || c.Since > issued || c.Up > c.Asked || (c.Faults > 0) == c.Proof.IsZero() {
		return sxp.Errorf(op, sxp.Invalid, id, "conduct begins before the roll, a juror is up at most as often as it was asked, and faults have a proof")
	}
	return nil
}

// A Vouch is the signed word of a juror's tribe or operator: it knows who runs
// it, or runs it itself. Any key can be a tribe; what its word is worth is for
// who reads a roll to judge.
type Vouch struct {
	Juror    sxp.ID   `json:"juror"`
	Y        bls.G1   `json:"y"`                 // the juror's key
	Operator sxp.ID   `json:"operator,omitzero"` // whom the juror names as its operator: the word holds for no other
	Until    sxp.Time `json:"until"`             // a roll issued later does not count it
}

// SignVouch signs a tribe's word for a juror.
func SignVouch(tribe envelope.Signer, v Vouch) ([]byte, error) {
	if v.Juror.IsZero() || v.Until <= 0 || v.Until > MaxTime {
		return nil, sxp.Errorf("contract.SignVouch", sxp.Invalid, v.Juror, "a tribe vouches for a juror until some date")
	}
	return envelope.Sign(tribe, TypeVouch, &v)
}

// OpenVouch reads what SignVouch gave, and returns the tribe that signed it.
func OpenVouch(raw []byte) (v Vouch, tribe sxp.ID, err error) {
	tribe, err = openPlain(raw, TypeVouch, &v)
	return v, tribe, err
}

// An Up message is a juror's signed answer to the question whether it is up.
type Up struct {
	Nonce sxp.Hash `json:"nonce"` // the question's
	At    sxp.Time `json:"at"`    // the juror's clock
}

// SignUp answers the question of an UpRequest.
func SignUp(s envelope.Signer, nonce sxp.Hash, now sxp.Time) ([]byte, error) {
	return envelope.Sign(s, TypeUp, &Up{Nonce: nonce, At: now})
}

// OpenUp verifies that a juror answered this question, and returns its clock.
func OpenUp(raw []byte, juror sxp.ID, nonce sxp.Hash) (sxp.Time, error) {
	var u Up
	signer, err := openPlain(raw, TypeUp, &u)
	if err == nil && (signer != juror || u.Nonce != nonce) {
		err = sxp.Errorf("contract.OpenUp", sxp.Invalid, juror, "the answer is another's, or to another question")
	}
	return u.At, err
}

// A ConductReport tells the issuer of a roll what jurors signed about one
// session: endorsements, shares and voids. It names the session and jurors,
// never a party or the text. Who reports does not matter: the words prove
// themselves, and what nobody signed is not counted, so no stranger can smear
// a juror. That one stayed silent is for the issuer's own questions to find.
type ConductReport struct {
	M     sxp.Hash    `json:"m"`
	Words []sxp.Bytes `json:"words"` // 1 to MaxWords signed Endorse, Shares and Void messages about M, of at most MaxWord bytes each
}

// A JurorWord is one signed message of a juror about a session.
type JurorWord struct {
	Juror sxp.ID
	Void  bool // else it opened, or said so
	Raw   sxp.Bytes
}

// SignConduct makes a report. The signer is whoever sends it.
func SignConduct(s envelope.Signer, r *ConductReport) ([]byte, error) {
	if _, err := r.open(); err != nil {
		return nil, err
	}
	return envelope.Sign(s, TypeConduct, r)
}

// OpenConduct verifies a report and every word in it. It fails for the whole
// report if one word is no juror's word about its session.
func OpenConduct(raw []byte) (m sxp.Hash, words []JurorWord, err error) {
	var r ConductReport
	if _, err = openPlain(raw, TypeConduct, &r); err != nil {
		return m, nil, err
	}
	words, err = r.open()
	return r.M, words, err
}

func (r *ConductReport) open() ([]JurorWord, error) {
	if len(r.Words) == 0 || len(r.Words) > MaxWords {
		return nil, sxp.Errorf("contract.OpenConduct", sxp.TooLarge, r.M, "a report holds 1 to %d words of jurors, this holds %d", MaxWords, len(r.Words))
	}
	words := make([]JurorWord, len(r.Words))
	for i, raw := range r.Words {
		var err error
		if words[i], err = openWord(raw, r.M); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// openWord reads what a juror said about m.
func openWord(raw []byte, m sxp.Hash) (w JurorWord, err error) {
	const op = "contract.JurorWord"
	w.Raw = raw
	if len(raw) > MaxWord {
		return w, sxp.Errorf(op, sxp.TooLarge, nil, "a juror's word has at most %d bytes, this has %d", MaxWord, len(raw))
	}
	typ, _, err := envelope.Peek(raw)
	if err != nil {
		return w, err
	}
	switch typ {
	case TypeVoid:
		w.Void = true
		w.Juror, err = OpenVoid(raw, m)
	case TypeEndorse:
		w.Juror, err = OpenEndorse(raw, m)
	case TypeShares:
		var sh Shares
		if w.Juror, err = openPlain(raw, TypeShares, &sh); err == nil && sh.M != m {
			err = sxp.Errorf(op, sxp.Invalid, w.Juror, "the shares are of another session")
		}
	default:
		err = sxp.Errorf(op, sxp.Invalid, nil, "a %s is no juror's word", typ)
	}
	return w, err
}

// Contradiction returns the proof that a juror broke its word about a session,
// from two of its words, or false if they do not contradict each other.
func Contradiction(a, b JurorWord) (Fault, bool) {
	if !a.Void {
		a, b = b, a
	}
	f := Fault{Kind: FaultContradiction, By: a.Juror, Raw: []sxp.Bytes{a.Raw, b.Raw}}
	return f, f.Check(nil, nil, nil) == nil
}

// proofDigest names a fault in a roll: SHA-256 of its deterministic encoding.
func proofDigest(f *Fault) sxp.Hash {
	b, err := envelope.Marshal(f)
	if err != nil {
		return sxp.Hash{} // no check accepts it
	}
	return sxp.Sum(b)
}

// A JurorRecord is what the node of a roll's issuer answers about one juror
// (RequestRecords).
type JurorRecord struct {
	ID      sxp.ID  `json:"id"`
	Conduct Conduct `json:"conduct"`
	Fault   *Fault  `json:"fault,omitempty"` // the proof that Conduct names, a FaultContradiction
}

// Convict counts one more session in which the juror is proved to have broken
// its word; the first proof stays.
func (r *JurorRecord) Convict(f Fault) {
	if r.Conduct.Faults++; r.Fault == nil {
		r.Fault, r.Conduct.Proof = &f, proofDigest(&f)
	}
}

// Check verifies the record as far as it can be: the proof convicts the juror.
func (r *JurorRecord) Check(now sxp.Time) error {
	const op = "contract.JurorRecord"
	if err := r.Conduct.check(r.ID, now); err != nil {
		return err
	}
	if r.Fault == nil {
		if r.Conduct.Faults > 0 {
			return sxp.Errorf(op, sxp.Invalid, r.ID, "a fault is counted that is not proved")
		}
		return nil
	}
	if err := r.Fault.Check(nil, nil, nil); err != nil {
		return err
	}
	if r.Fault.Kind != FaultContradiction || r.Fault.By != r.ID || proofDigest(r.Fault) != r.Conduct.Proof {
		return sxp.Errorf(op, sxp.Invalid, r.ID, "the proof is of another kind, about another juror, or not the one that is counted")
	}
	return nil
}
