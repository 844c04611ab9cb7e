package contract

import (
	"errors"
	"fmt"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A FaultKind says which rule of spec/signing.md or spec/jury.md a signed
// message breaks.
type FaultKind string

// The kinds of faults, appended only. Raw holds one signed message where
// nothing else is said.
const (
	FaultTwice         FaultKind = "twice"         // two different acceptances, promises, releases or locks of one session
	FaultAcceptance    FaultKind = "acceptance"    // its δ or K does not hold
	FaultPromise       FaultKind = "promise"       // it does not fit K and the jury's keys
	FaultLock          FaultKind = "lock"          // it does not hold the giver's signature and the key of the secret
	FaultRelease       FaultKind = "release"       // what it holds is no signature of m
	FaultResult        FaultKind = "result"        // what it holds is not the contract's signature
	FaultClaim         FaultKind = "claim"         // signed by a party, and not valid
	FaultSecret        FaultKind = "secret"        // what was sealed does not open, or is not what was declared: the lock, and σ of its author as bytes
	FaultContradiction FaultKind = "contradiction" // a juror that voided and also endorsed or opened: two messages
	FaultShares        FaultKind = "shares"        // a juror opened what is not its share of a signature
)

// A Fault is a breach of the rules that its author's own signature proves to
// anybody. Check convicts; whoever shows a fault need not be trusted.
type Fault struct {
	Kind FaultKind   `json:"kind"`
	By   sxp.ID      `json:"by"`  // the guilty identity key
	Raw  []sxp.Bytes `json:"raw"` // the messages it signed, see FaultKind
}

// maxFaultRaw is how many messages one fault holds at most.
const maxFaultRaw = 2

// String returns what By did, for people: "it signed two different promises of one session".
func (f *Fault) String() string {
	switch f.Kind {
	case FaultTwice:
		if len(f.Raw) > 0 {
			return fmt.Sprintf("it signed two different messages %s of one session", TypeOf(f.Raw[0]))
		}
	case FaultAcceptance:
		return "the points of its acceptance are wrong"
	case FaultPromise:
		return "its promise is wrong"
	case FaultLock:
		return "its lock is wrong"
	case FaultRelease:
		return "its signature is wrong"
	case FaultResult:
		return "what it gave as the contract's signature is none"
	case FaultClaim:
		return "the claim that it signed is not valid"
	case FaultSecret:
		return "what it sealed does not open, or is not what it declared"
	case FaultContradiction:
		return "it voided, and endorsed or opened too"
	case FaultShares:
		return "the shares that it opened are wrong"
	}
	return "it broke the rules"
}

// Check convicts before a third person: it returns nil if the messages prove
// the fault, and fails with sxp.Invalid if they do not. FaultTwice,
// FaultContradiction and FaultClaim need neither o nor pre, FaultAcceptance
// needs o, FaultLock and FaultSecret both, the others pre. What is given must
// be of the session that the messages name, and pre is verified in full, so
// that nobody is convicted by a session that never was. FaultResult convicts
// whoever signed, a party or not.
func (f *Fault) Check(a Algebra, o *OpenedProposal, pre *Preimage) error {
	const op = "contract.Fault"
	if err := f.form(); err != nil {
		return err
	}
	switch f.Kind {
	case FaultTwice:
		return f.checkTwice(o)
	case FaultContradiction:
		return f.checkContradiction(pre)
	case FaultClaim:
		return f.checkClaim(a)
	case FaultAcceptance:
		return f.checkAcceptance(a, o)
	}
	if pre == nil {
		return sxp.Errorf(op, sxp.Invalid, f.By, "the session's preimage is needed to judge this")
	}
	accepts, err := pre.Check(a)
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, f.By, "the session does not hold: %w", err)
	}
	switch f.Kind {
	case FaultPromise:
		return f.checkPromise(a, pre, accepts)
	case FaultRelease:
		return f.checkRelease(a, pre)
	case FaultResult:
		return f.checkResult(a, pre)
	case FaultShares:
		return f.checkShares(a, pre, accepts)
	case FaultLock, FaultSecret:
		return f.checkSecret(a, o, pre)
	}
	return sxp.Errorf(op, sxp.Unsupported, f.By, "faults of the kind %.40q are not known here", string(f.Kind))
}

// form checks how many messages there are.
func (f *Fault) form() error {
	want := 1
	switch f.Kind {
	case FaultTwice, FaultContradiction, FaultSecret:
		want = maxFaultRaw
	}
	if len(f.Raw) != want {
		return sxp.Errorf("contract.Fault", sxp.Invalid, f.By, "evidence of this kind holds %d messages, not %d", want, len(f.Raw))
	}
	return nil
}

// open reads one message, which By must have signed.
func (f *Fault) open(i int, typ envelope.Type, v any) error {
	const op = "contract.Fault"
	signer, err := openPlain(f.Raw[i], typ, v)
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, f.By, "not evidence: %w", err)
	}
	if signer != f.By {
		return sxp.Errorf(op, sxp.Invalid, f.By, "not evidence: the message is signed by %s", signer)
	}
	return nil
}

// innocent is the answer to evidence that proves nothing.
func (f *Fault) innocent(why string) error {
	return sxp.Errorf("contract.Fault", sxp.Invalid, f.By, "not evidence: %s", why)
}

// party returns By's index among the parties of pre.
func (f *Fault) party(pre *Preimage) (int, error) {
	i := pre.Party(f.By)
	if i < 0 {
		return 0, f.innocent("it is no party of this session")
	}
	return i, nil
}

// proved turns the failure of a check into a conviction. Only sxp.Invalid
// proves something: everything else is this machine's own trouble.
func (f *Fault) proved(err error) error {
	if err == nil {
		return f.innocent("what it signed is right")
	}
	var b *bls.BlameError
	if sxp.KindOf(err) == sxp.Invalid || errors.As(err, &b) {
		return nil
	}
	return err
}

// checkTwice needs nothing but the two signatures: an honest party makes one
// acceptance, one promise, one lock and one release for a proposal, and sends
// only those bytes again.
func (f *Fault) checkTwice(o *OpenedProposal) error {
	var m [maxFaultRaw]*envelope.Message
	for i, raw := range f.Raw {
		var err error
		if m[i], err = envelope.Parse(raw); err != nil || m[i].Signer != f.By || len(m[i].Countersignatures) != 0 {
			return f.innocent("a message is not signed by it")
		}
	}
	session, why := contradict(m[0], m[1])
	if why == "" && o != nil && o.Digest != session {
		why = "the messages are of another session"
	}
	if why != "" {
		return f.innocent(why)
	}
	return nil
}

// contradict returns the session of which two messages of one party are, or
// why it may have signed both.
func contradict(a, b *envelope.Message) (session sxp.Hash, why string) {
	switch {
	case a.Type != b.Type:
		return session, "the messages are of two kinds"
	case a.Type != TypeAcceptance && a.Type != TypeLock && a.Type != TypePromise && a.Type != TypeRelease:
		return session, "a party may sign several messages of this kind"
	case string(a.Payload) == string(b.Payload):
		return session, "the messages say the same"
	}
	session, err := sessionOf(a.Type, a.Payload)
	other, err2 := sessionOf(b.Type, b.Payload)
	switch {
	case err != nil || err2 != nil:
		return session, "a message cannot be read"
	case session != other:
		return session, "the messages are of two sessions"
	}
	return session, ""
}

// checkContradiction: what a juror has voided it never endorses or opens.
func (f *Fault) checkContradiction(pre *Preimage) error {
	var v Void
	if err := f.open(0, TypeVoid, &v); err != nil {
		return err
	}
	var said sxp.Hash
	switch TypeOf(f.Raw[1]) {
	case TypeEndorse:
		var e Endorse
		if err := f.open(1, TypeEndorse, &e); err != nil {
			return err
		}
		said = e.M
	case TypeShares:
		var sh Shares
		if err := f.open(1, TypeShares, &sh); err != nil {
			return err
		}
		said = sh.M
	default:
		return f.innocent("beside a void it is an endorsement or shares that contradict it")
	}
	switch {
	case said != v.M:
		return f.innocent("the messages are of two sessions")
	case pre != nil && (pre.M() != said || pre.Seat(f.By) == 0):
		return f.innocent("it has no seat in this session's jury")
	}
	return nil
}

// checkClaim: a party signs a claim only after verifying all of it.
func (f *Fault) checkClaim(a Algebra) error {
	var c Claim
	if err := f.open(0, TypeClaim, &c); err != nil {
		return err
	}
	_, err := c.Check(a)
	return f.proved(err)
}

func (f *Fault) checkAcceptance(a Algebra, o *OpenedProposal) error {
	if o == nil {
		return f.innocent("the proposal is needed to judge this")
	}
	var acc Acceptance
	if err := f.open(0, TypeAcceptance, &acc); err != nil {
		return err
	}
	i, ok := o.Party(f.By)
	if !ok || acc.Proposal != o.Digest {
		return f.innocent("it is not its acceptance of this proposal")
	}
	return f.proved(checkAcceptancePoints(a, o.Cards[i].ContractKey, &acc, o.N, o.T))
}

func (f *Fault) checkPromise(a Algebra, pre *Preimage, accepts []Acceptance) error {
	i, err := f.party(pre)
	if err != nil {
		return err
	}
	var p Promise
	if err := f.open(0, TypePromise, &p); err != nil {
		return err
	}
	if m := pre.M(); p.M != m || p.Proposal != pre.Proposal {
		return f.innocent("it is of another session")
	}
	_, zs := pre.jurorKeys()
	if len(p.Points) != len(zs) {
		return nil
	}
	return f.proved(a.Promises(p.M, zs, []bls.PromiseCheck{{X: pre.Parties[i].X, Commitment: accepts[i].Commitment, Promise: p.Points}}))
}

func (f *Fault) checkRelease(a Algebra, pre *Preimage) error {
	i, err := f.party(pre)
	if err != nil {
		return err
	}
	var r Release
	if err := f.open(0, TypeRelease, &r); err != nil {
		return err
	}
	if m := pre.M(); r.M != m || r.Proposal != pre.Proposal {
		return f.innocent("it is of another session")
	}
	return f.proved(a.Session(pre.Parties[i].X, r.M, r.Signature))
}

func (f *Fault) checkResult(a Algebra, pre *Preimage) error {
	var r Result
	if err := f.open(0, TypeResult, &r); err != nil {
		return err
	}
	if m := pre.M(); r.M != m || r.Proposal != pre.Proposal {
		return f.innocent("it is of another session")
	}
	return f.proved(a.Aggregate(r.M, pre.keys(), r.Signature))
}

func (f *Fault) checkShares(a Algebra, pre *Preimage, accepts []Acceptance) error {
	seat := pre.Seat(f.By)
	if seat == 0 {
		return f.innocent("it has no seat in this session's jury")
	}
	var sh Shares
	if err := f.open(0, TypeShares, &sh); err != nil {
		return err
	}
	if sh.M != pre.M() {
		return f.innocent("it is of another session")
	}
	if sh.Seat != seat || len(sh.Shares) != len(pre.Parties) {
		return nil
	}
	return f.proved(a.Shares(sh.M, sharesChecks(pre, accepts, &sh)))
}

// sharesChecks returns what one juror's shares are checked against.
func sharesChecks(pre *Preimage, accepts []Acceptance, sh *Shares) []bls.SharesCheck {
	checks := make([]bls.SharesCheck, len(sh.Shares))
	for i, s := range sh.Shares {
		checks[i] = bls.SharesCheck{X: pre.Parties[i].X, Commitment: accepts[i].Commitment, Shares: map[int]bls.G1{sh.Seat: s}}
	}
	return checks
}
