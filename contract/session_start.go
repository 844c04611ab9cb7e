package contract

import "sxp"

// start repeats what a crash may have kept from being sent. ⚠ The own
// signature is not sent again after T_c − W: the crash may have come before
// anybody got it, and a release is late then like any other.
func (s *Session) start() error {
	s.lodgedAt, s.claimedAt, s.queriedAt, s.claims, s.queries = 0, 0, 0, 0, 0
	s.backAgain = len(s.st.Receipt) > 0
	if s.st.Phase == PhaseProposed {
		s.save() // that the proposal is known
		return nil
	}
	if h, ok := s.cfg.Keys.(Holder); ok && s.st.Phase == PhaseAccepted && !s.st.Stale && !h.Holds(s.p.Digest) {
		s.st.Stale = true // a backup, or another device's: see AssumeStale
		s.save()
	}
	switch s.st.Phase {
	case PhaseAccepted, PhasePromised, PhaseReleased:
		if !s.mayRelease() {
			return nil // nothing of it would help any more
		}
		for _, raw := range []sxp.Bytes{s.st.Accepts[s.me], held(s.st.Locks, s.me), s.st.Promise} {
			if len(raw) > 0 {
				s.do(SendParties{To: s.others(), Raw: raw})
			}
		}
		if s.st.Phase == PhaseReleased {
			s.sendRelease()
		}
	case PhaseDone:
		if s.now < s.queryFrom().Add(s.p.L) { // later the others ask
			s.sendResult()
		}
		return s.askForLock()
	}
	return nil
}
