package contract

import (
	"sxp"
	"sxp/envelope"
)

// maxQueryDelay bounds the growing pause between questions to the jury and to
// the parties after D.
const maxQueryDelay = sxp.Hour

// claimFrom returns when the claim is filed: a patience W after the own
// release, at T_c at the latest, and at once with a notary.
func (s *Session) claimFrom() sxp.Time {
	switch {
	case s.p.Mode == Notary:
		return s.p.Created
	case s.st.Released != 0:
		return min(s.st.Released.Add(s.p.Patience), s.p.ClaimAt())
	}
	return s.p.ClaimAt()
}

// fileClaim files with all jurors that have not opened, and repeats until D or
// until there is S. ⚠ It asks the own watcher each time: a party that hears
// nobody else learns there that the others have completed the contract, long
// before the jury could tell it anything.
func (s *Session) fileClaim() {
	if s.now < s.claimFrom() || s.now > s.p.Deadline || s.claimedAt != 0 && s.now < s.claimAgain() {
		return
	}
	if tc := s.p.ClaimAt(); s.now >= tc && s.claimedAt < tc {
		s.claims = 0 // from T_c on it is urgent again
	}
	s.claimedAt = s.now
	s.claims++
	s.askWatcher()
	s.do(FileClaim{M: s.st.M, To: s.seats(s.box.HasShares), Claim: s.claim})
}

// claimAgain returns when the claim is repeated: soon at first, then with
// growing pauses, and from T_c on several times within L whatever was before.
func (s *Session) claimAgain() sxp.Time {
	tc := s.p.ClaimAt()
	at := s.claimedAt.Add(claimPause(s.p.Deadline.Sub(tc), s.claims, s.claimedAt >= tc))
	if s.claimedAt < tc {
		at = min(at, tc)
	}
	return at
}

// maxClaimPause bounds the growing pause between claims before T_c.
const maxClaimPause = sxp.Hour

// claimPause returns how long to wait after a claim was filed times times,
// where window is the span from T_c to D, at most 2·MaxSpan. It is counted
// anew from T_c on, when the claim is urgent.
func claimPause(window sxp.Duration, times int, urgent bool) sxp.Duration {
	pause := max(window/20, sxp.Millisecond) << min(times-1, 30)
	if urgent {
		return max(min(pause, window/4), sxp.Millisecond)
	}
	return min(pause, maxClaimPause)
}

// seats returns the contacts of the seats for which skip is false.
func (s *Session) seats(skip func(seat int) bool) []SeatContact {
	var out []SeatContact
	for j := range s.pre.Jury {
		if !skip(j + 1) {
			out = append(out, SeatContact{Seat: j + 1, Contact: s.pre.Jury[j].Contact()})
		}
	}
	return out
}

// queryFrom returns when jurors can answer with a void, by any honest clock.
func (s *Session) queryFrom() sxp.Time { return s.p.VoidAfter().Add(s.p.Epsilon) }

// queryAgain returns when the outcome is next asked for.
func (s *Session) queryAgain() sxp.Time {
	if s.queriedAt == 0 {
		return s.queryFrom()
	}
	pause := s.cfg.Retry << min(s.queries, 20)
	return s.queriedAt.Add(min(pause, max(maxQueryDelay, s.cfg.Retry)))
}

// query asks the jury for the outcome, and the parties for S, at any time after
// the jury can know.
func (s *Session) query() error {
	if s.now < s.queryAgain() {
		return nil
	}
	s.queriedAt = s.now
	s.queries++
	ask, err := envelope.Sign(s.cfg.Keys, TypeAsk, &Ask{Proposal: s.p.Digest})
	if err != nil {
		return err
	}
	if s.box != nil && s.box.Voids() < s.p.T {
		// Also those whose own shares are here: they hold the others' too, and may
		// be all that this party reaches.
		if to := s.seats(s.box.HasVoid); len(to) > 0 {
			s.do(QueryJury{To: to, Request: QueryRequest{M: s.st.M, Preimage: s.pre, Seen: s.box.voidList()}})
		}
	}
	s.askWatcher()
	s.do(SendParties{To: s.others(), Raw: ask})
	return nil
}

// answered takes a juror's answer. Everything in it proves itself; what does
// not is passed over, so that one bad share in an answer hides no good one.
func (s *Session) answered(e Answered) error {
	const op = "contract.Session"
	if s.box == nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "no question to the jury is open")
	}
	if s.ended() {
		return nil
	}
	if len(e.Answer.Shares) > s.p.N {
		return sxp.Errorf(op, sxp.TooLarge, nil, "an answer holds at most %d shares, one for each seat", s.p.N)
	}
	var bad error
	for _, raw := range e.Answer.Shares {
		seat, fresh, err := s.box.AddShares(raw)
		switch {
		case err != nil:
			bad = err
			s.wrongShares(raw)
		case fresh:
			s.st.Shares[seat-1] = raw
			s.save()
			s.contradicts(seat)
		}
	}
	if len(e.Answer.Void) > 0 {
		seat, fresh, err := s.box.AddVoid(e.Answer.Void)
		if err != nil {
			bad = err
		} else if fresh {
			s.st.Voids[seat-1] = e.Answer.Void
			s.save()
			s.contradicts(seat)
		}
	}
	if err := s.settle(); err != nil {
		return err
	}
	if !s.dirty {
		return bad
	}
	return nil
}

// settle concludes once the jury's answers suffice. ⚠ A void after the own
// release does not mean "never": the others may have signed and be silent.
func (s *Session) settle() error {
	if s.box.Opened() >= s.p.T {
		sigmas, sum, err := s.box.Recover()
		if err != nil {
			return err
		}
		s.st.ByJury = true
		return s.done(sum, sigmas)
	}
	if s.box.Voids() < s.p.T || s.st.Phase == PhaseUnsettled {
		return nil
	}
	if (s.st.Released != 0 || s.st.Stale) && !s.rules.voidMeansNever {
		s.end(PhaseUnsettled, "the jury voided it after you had signed; if the others complete it, it binds you")
		return nil
	}
	s.end(PhaseVoid, "the jury certified that it will never be complete; nothing binds you")
	return nil
}

// Next returns when the session wants a Tick at the latest; 0: it waits for
// events only.
func (s *Session) Next() sxp.Time {
	switch s.st.Phase {
	case PhaseProposed:
		return s.p.ReleaseBefore()
	case PhaseAccepted:
		if s.heldUpAt != 0 {
			return min(s.heldUpAt.Add(s.cfg.Retry), s.p.ReleaseBefore())
		}
		return s.p.ReleaseBefore()
	case PhaseUnsettled:
		return s.queryAgain()
	case PhasePromised, PhaseReleased:
		return s.nextBound()
	}
	return 0
}

// nextBound is Next while the outcome is open.
func (s *Session) nextBound() sxp.Time {
	next := s.queryAgain()
	if !s.st.Complete {
		return next
	}
	if s.p.Mode != Notary && !s.cfg.Watcher.IsZero() && len(s.st.Receipt) == 0 && s.now < s.p.Deadline {
		next = min(next, s.lodgedAt.Add(s.cfg.Retry))
	}
	at := s.claimFrom()
	if s.claimedAt != 0 {
		at = s.claimAgain()
	}
	if at <= s.p.Deadline && s.now <= s.p.Deadline {
		next = min(next, at)
	}
	return next
}
