package jury

import (
	"sxp"
	"sxp/contract"
)

// An audience is who gets an answer.
type audience int

const (
	toParty audience = iota // who filed the claim: the own shares
	toJuror                 // who passed on the claim or shares: the own shares once they are open to all
	toAsker                 // who asks for the outcome: all shares
)

// fromWhom returns who filed a claim: jurors show endorsements.
func fromWhom(endorsements []sxp.Bytes) audience {
	if len(endorsements) > 0 {
		return toJuror
	}
	return toParty
}

// answer says what this juror holds of a session.
func (j *Juror) answer(s *session, to audience) error {
	r := Reply{Answer: contract.Answer{M: s.M, Standing: s.Standing, Void: s.Void}}
	switch {
	case s.Standing == contract.Abstains:
		r.Answer.Reason = "this juror was away or busy while it should have passed on the claim"
	case s.Standing != contract.Completed, to == toJuror && s.Unpassed:
	default:
		r.Answer.Shares = s.sharesOwnFirst(to != toAsker)
		r.Hold = s.Unpassed
	}
	j.do(r)
	return nil
}
