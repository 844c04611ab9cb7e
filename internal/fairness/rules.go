package fairness

import (
	"sxp/contract"
	"sxp/contract/jury"
)

// rules switches rules of the protocol off, to show that a plot finds what
// breaks without them. Only tests set it; the zero rules are the protocol.
type rules struct {
	algebra func(contract.Algebra) contract.Algebra // in the place of what verifies points
	session func(s *contract.Session)               // each machine of an honest party, when it starts
	juror   func(j *jury.Juror)                     // each machine of an honest juror, when it starts
	all     bool                                    // sessions of corrupt parties, too
	copied  bool                                    // openings of commitments are in backups
	fresh   bool                                    // what comes from a backup is taken for the newest
	sends   func(r *run, o *out) bool               // what an honest member sends; false: it does not
}

// verifier returns what verifies the points of a world.
func (l *Lab) verifier(a contract.Algebra) contract.Algebra {
	if l.off.algebra != nil {
		return l.off.algebra(a)
	}
	return a
}

// sends reports whether an honest member sends a message that the protocol
// would have it send.
func (r *run) sends(o *out) bool { return r.w.lab.off.sends == nil || r.w.lab.off.sends(r, o) }

// session gives an honest party's machine the rules of this laboratory.
func (p *party) session(s *contract.Session) *contract.Session {
	if off := p.r.w.lab.off.session; off != nil && (!p.corrupt || p.r.w.lab.off.all) {
		off(s)
	}
	return s
}

// machine returns a new machine of a juror, with the rules of this laboratory.
func (j *juror) machine() *jury.Juror {
	m := jury.New(j.config())
	if off := j.r.w.lab.off.juror; off != nil && !j.corrupt {
		off(m)
	}
	return m
}
