package contract

import (
	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// secretProof is the file of SecretProof.
type secretProof struct {
	Version   int       `json:"version"`
	Contract  sxp.Bytes `json:"contract"`  // a contract file
	Lock      sxp.Bytes `json:"lock"`      // signed by the giver
	Signature bls.G1    `json:"signature"` // the giver's σ
}

// secretProofVersion is the version of the file. History: 1, the first.
const secretProofVersion = 1

// A SecretReport says what a file of SecretProof proves.
type SecretReport struct {
	Contract *Report
	Transfer int    // index of the transfer that gave the secret
	Giver    int    // index of the party that sealed it
	Taker    int    // index of the party that it was for
	Text     []byte // the secret; nil if what was sealed does not open
	Wrong    string // why the giver is convicted, for people; empty: the secret was given as declared
	Fault    *Fault // what convicts the giver; nil if nothing does
}

// OpenSecretProof checks, without any network, what a party shows of the
// secret that a contract gave: either the secret, or that its giver sealed
// something else. Whoever shows it need not be trusted. It fails with
// sxp.Invalid for a file that proves neither.
func OpenSecretProof(raw []byte) (*SecretReport, error) {
	const op = "contract.OpenSecretProof"
	if len(raw) > MaxSecretProof {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "such a file has at most %d bytes, this has %d", MaxSecretProof, len(raw))
	}
	var p secretProof
	if err := envelope.Unmarshal(raw, &p); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), nil, "not a file about a secret: %w", err)
	}
	if p.Version != secretProofVersion {
		return nil, sxp.Errorf(op, sxp.Unsupported, nil, "version %d of such files is not known here, only %d", p.Version, secretProofVersion)
	}
	report, err := Verify(p.Contract)
	if err != nil {
		return nil, err
	}
	if report.Kind != ContractFile {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "a %s gives no secret", report.Kind)
	}
	_, c, err := readFile(p.Contract)
	if err != nil {
		return nil, err
	}
	o, err := OpenProposal(c.Proposal)
	if err != nil {
		return nil, err
	}
	l, giver, err := openLock(p.Lock, o, report.M)
	if err != nil {
		return nil, err
	}
	out := &SecretReport{Contract: report, Transfer: l.Transfer, Giver: giver, Taker: o.Terms.Transfers[l.Transfer].To}
	if out.Text, out.Wrong, err = judge(NewAlgebra(nil), o, l, p.Signature); err != nil {
		return nil, err
	}
	if out.Wrong != "" {
		out.Fault = &Fault{Kind: FaultSecret, By: o.Cards[giver].ID, Raw: []sxp.Bytes{p.Lock, p.Signature[:]}}
	}
	return out, nil
}

// judge opens a secret before a third person: the lock and the signature must
// be what they are said to be.
func judge(a Algebra, o *OpenedProposal, l *Lock, sigma bls.G1) (text []byte, wrong string, err error) {
	if err := l.verify(o); err != nil {
		return nil, "", err
	}
	giver := o.Terms.Transfers[l.Transfer].From
	if err := a.Session(o.Cards[giver].ContractKey, l.M, sigma); err != nil {
		return nil, "", err
	}
	return l.open(o, sigma)
}

// checkSecret judges the two faults of who gives a secret. The session is
// verified.
func (f *Fault) checkSecret(a Algebra, o *OpenedProposal, pre *Preimage) error {
	if o == nil {
		return f.innocent("the proposal is needed to judge this")
	}
	if err := pre.matches(o); err != nil {
		return err
	}
	l, giver, err := openLock(f.Raw[0], o, pre.M())
	if err != nil {
		return f.innocent(sxp.Reason(err))
	}
	if o.Cards[giver].ID != f.By {
		return f.innocent("the lock is signed by another party")
	}
	if f.Kind == FaultLock {
		return f.proved(l.verify(o))
	}
	var sigma bls.G1
	if len(f.Raw[1]) != len(sigma) {
		return f.innocent("the second part is no signature")
	}
	copy(sigma[:], f.Raw[1])
	_, wrong, err := judge(a, o, l, sigma)
	switch {
	case err != nil:
		return f.innocent(sxp.Reason(err))
	case wrong == "":
		return f.innocent("what it sealed opens, and is what it declared")
	}
	return nil
}
