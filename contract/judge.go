package contract

import (
	"bytes"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// Kept returns the signed messages of this signing that the machine holds and
// may show to others, in no order. Those that bring no secret are all of them:
// a lock is left out, since with its giver's signature it opens the secret.
// What was verified and is not needed any more, such as the other parties'
// promises, is no longer held as it was signed; the claim has it. A message
// that came too early to be verified may be wrong.
func (s *Session) Kept() []sxp.Bytes {
	out := []sxp.Bytes{s.p.Raw, s.st.Promise, s.st.Receipt, s.st.Release, s.st.Result}
	for _, list := range [][]sxp.Bytes{s.st.Accepts, s.st.Promised, s.st.Signed, s.st.Shares, s.st.Voids, s.st.Early} {
		out = append(out, list...)
	}
	if s.st.Complete && s.pre != nil && s.prepareClaim() == nil {
		out = append(out, s.claim)
	}
	kept := out[:0]
	for _, raw := range out {
		if len(raw) > 0 {
			kept = append(kept, bytes.Clone(raw))
		}
	}
	return kept
}

// OpenPreimage reads the deterministic encoding of a session's preimage and
// verifies all of it but the draw: that it is of this proposal, the parties'
// acceptances, keys and proofs, the jurors' keys, the seed. It fails with
// sxp.Invalid.
func OpenPreimage(a Algebra, o *OpenedProposal, encoded []byte) (*Preimage, error) {
	pre := new(Preimage)
	if err := envelope.Unmarshal(encoded, pre); err != nil {
		return nil, sxp.Errorf("contract.OpenPreimage", sxp.KindOf(err), o.Digest, "the session cannot be read: %w", err)
	}
	if _, err := pre.CheckForm(); err != nil {
		return nil, err
	}
	if err := pre.matches(o); err != nil {
		return nil, err
	}
	_, err := pre.Check(a)
	return pre, err
}

// A Statement is what one signed message of a signing says, once Judge has
// found it right.
type Statement struct {
	Type  envelope.Type
	By    sxp.ID
	Party int      // index of the author among the parties; −1: none of them
	Seat  int      // of the author in the jury, 1..n; 0: none
	At    sxp.Time // when, by the author's own clock; 0: the message says no time
	Text  string   // a decline's reason
}

// Judge verifies one signed message before a third person: that it is of this
// signing, by somebody who may say it, and right in all that can be computed.
// The preimage comes from OpenPreimage; it is nil where no session is known,
// and then proposals, acceptances and declines alone are understood. A wrong
// message fails with sxp.Invalid: whether it convicts its author is for
// Fault.Check to say. Locks are not judged.
func Judge(a Algebra, o *OpenedProposal, pre *Preimage, raw []byte) (*Statement, error) {
	const op = "contract.Judge"
	typ, by, err := envelope.Peek(raw)
	if err != nil {
		return nil, err
	}
	j := &judgement{a: a, o: o, pre: pre, raw: raw, s: &Statement{Type: typ, By: by, Party: -1}}
	if i, ok := o.Party(by); ok {
		j.s.Party = i
	}
	switch typ {
	case TypeProposal:
		j.s.At = o.Created
		if !bytes.Equal(raw, o.Raw) {
			err = sxp.Errorf(op, sxp.Invalid, nil, "another proposal")
		}
	case TypeAcceptance, TypeDecline:
		err = j.answer()
	default:
		if pre == nil {
			return nil, sxp.Errorf(op, sxp.Invalid, by, "the session's preimage is needed to judge a %s", typ)
		}
		j.s.Seat = pre.Seat(by)
		err = j.inSession()
	}
	return j.s, err
}

// judgement is a message before Judge.
type judgement struct {
	a   Algebra
	o   *OpenedProposal
	pre *Preimage
	raw []byte
	s   *Statement
}

func (j *judgement) invalid(why string) error {
	return sxp.Errorf("contract.Judge", sxp.Invalid, j.s.By, "%s", why)
}

// answer judges what a party says to the proposal.
func (j *judgement) answer() error {
	if j.s.Party < 0 {
		return j.invalid("its author is no party of this contract")
	}
	if j.s.Type == TypeAcceptance {
		acc, err := OpenAcceptance(j.raw, j.s.By, j.o.Digest)
		if err != nil {
			return err
		}
		return checkAcceptancePoints(j.a, j.o.Cards[j.s.Party].ContractKey, acc, j.o.N, j.o.T)
	}
	var d Decline
	if _, err := openPlain(j.raw, TypeDecline, &d); err != nil {
		return err
	}
	if d.Proposal != j.o.Digest {
		return j.invalid("it declines another proposal")
	}
	j.s.Text = d.Reason
	return checkText("contract.Decline", "the reason", d.Reason, MaxReason)
}

// inSession judges what is said of m.
func (j *judgement) inSession() error {
	m := j.pre.M()
	switch j.s.Type {
	case TypePromise, TypeRelease:
		return j.signing(m)
	case TypeResult:
		var r Result
		if _, err := openPlain(j.raw, TypeResult, &r); err != nil {
			return err
		}
		if r.M != m || r.Proposal != j.o.Digest {
			return j.invalid("it is of another session")
		}
		return j.a.Aggregate(m, j.pre.keys(), r.Signature)
	case TypeClaim:
		c, _, accepts, err := OpenClaim(j.raw)
		if err != nil {
			return err
		}
		if c.Preimage.M() != m {
			return j.invalid("it is of another session")
		}
		return c.CheckPoints(j.a, accepts)
	case TypeLodged:
		var l Lodged
		if _, err := openPlain(j.raw, TypeLodged, &l); err != nil {
			return err
		}
		if l.M != m || j.pre.Party(l.Party) < 0 {
			return j.invalid("it is of another session")
		}
		j.s.At = l.At
		return nil
	}
	return j.juror(m)
}

// signing judges a party's promise or release.
func (j *judgement) signing(m sxp.Hash) error {
	if j.s.Party < 0 {
		return j.invalid("its author is no party of this contract")
	}
	x := j.pre.Parties[j.s.Party].X
	if j.s.Type == TypeRelease {
		var r Release
		if _, err := openPlain(j.raw, TypeRelease, &r); err != nil {
			return err
		}
		if r.M != m || r.Proposal != j.o.Digest {
			return j.invalid("it is of another session")
		}
		return j.a.Session(x, m, r.Signature)
	}
	var p Promise
	if _, err := openPlain(j.raw, TypePromise, &p); err != nil {
		return err
	}
	_, zs := j.pre.jurorKeys()
	if p.M != m || p.Proposal != j.o.Digest || len(p.Points) != len(zs) {
		return j.invalid("it is of another session")
	}
	accepts, err := j.pre.openAcceptances()
	if err != nil {
		return err
	}
	return j.a.Promises(m, zs, []bls.PromiseCheck{{X: x, Commitment: accepts[j.s.Party].Commitment, Promise: p.Points}})
}

// juror judges what the jury says.
func (j *judgement) juror(m sxp.Hash) error {
	if j.s.Seat == 0 {
		return j.invalid("its author has no seat in the jury of this session, or nobody says this in a signing")
	}
	switch j.s.Type {
	case TypeEndorse:
		_, err := OpenEndorse(j.raw, m)
		return err
	case TypeVoid:
		_, err := OpenVoid(j.raw, m)
		return err
	case TypeShares:
		sh, err := OpenShares(j.raw, j.pre, m)
		if err != nil {
			return err
		}
		accepts, err := j.pre.openAcceptances()
		if err != nil {
			return err
		}
		return j.a.Shares(m, sharesChecks(j.pre, accepts, sh))
	}
	return j.invalid("a " + string(j.s.Type) + " is no part of a signing")
}
