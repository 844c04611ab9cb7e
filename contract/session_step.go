package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// handle applies one event, then does all that has become possible.
func (s *Session) handle(ev Event) error {
	const op = "contract.Session"
	switch e := ev.(type) {
	case Start:
		s.now = e.Now
		if err := s.start(); err != nil {
			return err
		}
	case Tick:
		s.now = e.Now
	case Decide:
		s.now = e.Now
		if err := s.decide(e); err != nil {
			return err
		}
	case Received:
		s.now = e.Now
		if err := s.receive(e.Raw); err != nil {
			return err
		}
	case Answered:
		s.now = e.Now
		if err := s.answered(e); err != nil {
			return err
		}
	default:
		return sxp.Errorf(op, sxp.Internal, nil, "a session has no event %T", ev)
	}
	return s.advance()
}

// decide is the person's answer to the proposal.
func (s *Session) decide(e Decide) error {
	const op = "contract.Session"
	if s.st.Phase == PhaseLapsed {
		return sxp.Errorf(op, sxp.Late, nil, "this signing is over: %s", s.st.Reason)
	}
	if s.st.Phase != PhaseProposed {
		if e.Accept == (s.st.Phase != PhaseDeclined) {
			return nil // the same answer again
		}
		return sxp.Errorf(op, sxp.Conflict, nil, "you have answered this proposal already")
	}
	if s.st.Stale {
		return sxp.Errorf(op, sxp.Conflict, nil, "another device of yours has answered, or this is a backup: two acceptances would be evidence against you")
	}
	if !e.Accept {
		return s.decline(e.Reason)
	}
	if !s.rules.anyProposal {
		if err := CheckProposal(s.p, s.r, s.cfg.Limits, s.cfg.Keys.ID(), s.now); err != nil {
			return err
		}
	}
	if err := s.mayGive(); err != nil {
		return err
	}
	if s.p.Cards[s.me].ContractKey != s.cfg.Keys.ContractKey() {
		return sxp.Errorf(op, sxp.Denied, nil, "the proposal names a contract key that is not yours")
	}
	if err := s.checkAttempts(); err != nil {
		return err
	}
	return s.accept()
}

func (s *Session) checkAttempts() error {
	const op = "contract.Session"
	l := s.cfg.Limits
	if l.MaxAttempts <= 0 {
		return nil
	}
	before := s.cfg.Ledger.Attempts(s.Entry(), s.now.Add(-l.AttemptMemory))
	switch {
	case before >= l.MaxAttempts:
		return sxp.Errorf(op, sxp.Denied, nil, "these people have tried %d times without a contract, you allow %d", before, l.MaxAttempts)
	case s.p.Attempt <= before:
		return sxp.Errorf(op, sxp.Denied, nil, "the proposal says it is attempt %d, it is at least attempt %d", s.p.Attempt, before+1)
	}
	return nil
}

func (s *Session) decline(reason string) error {
	if err := checkText("contract.Session", "the reason", reason, MaxReason); err != nil {
		return err
	}
	raw, err := envelope.Sign(s.cfg.Keys, TypeDecline, &Decline{Proposal: s.p.Digest, Reason: reason})
	if err != nil {
		return err
	}
	s.end(PhaseDeclined, "you declined")
	s.do(SendParties{To: s.others(), Raw: raw})
	return nil
}

func (s *Session) accept() error {
	k, err := s.cfg.Keys.Commit(s.p.Digest, s.p.T)
	if err != nil {
		return err
	}
	draw, err := s.cfg.Keys.SignDraw(s.p.Digest)
	if err != nil {
		return err
	}
	a := &Acceptance{Proposal: s.p.Digest, Commitment: k, Draw: draw, Watcher: s.cfg.Watcher}
	raw, err := envelope.Sign(s.cfg.Keys, TypeAcceptance, a)
	if err != nil {
		return err
	}
	s.st.Accepts[s.me], s.accepts[s.me] = raw, a
	s.st.Phase, s.st.Accepted = PhaseAccepted, s.now
	s.save()
	s.keep = true
	s.do(SendParties{To: s.others(), Raw: raw})
	return nil
}

// end concludes the session.
func (s *Session) end(phase Phase, reason string) {
	s.st.Phase, s.st.Reason = phase, reason
	s.spend = s.spend || s.GivesSecret() // a secret's key serves one session
	s.save()
	s.do(Concluded{Phase: phase, Reason: reason})
}

// advance does whatever has become possible.
func (s *Session) advance() error {
	s.noteTime()
	switch s.st.Phase {
	case PhaseProposed:
		s.lapseIfPast()
	case PhaseAccepted:
		if err := s.promise(); err != nil {
			return err
		}
	}
	switch s.st.Phase {
	case PhasePromised, PhaseReleased, PhaseUnsettled:
		return s.pursue()
	}
	return nil
}

// noteTime remembers that T_c − W has passed: ⚠ whatever a clock says later,
// nothing is released any more.
func (s *Session) noteTime() {
	switch s.st.Phase {
	case PhasePromised, PhaseReleased:
		if s.now >= s.p.ReleaseBefore() && !s.st.Late {
			s.st.Late = true
			s.save()
		}
	}
}

// lapseIfPast ends a session that can no longer be promised in.
func (s *Session) lapseIfPast() bool {
	if s.now < s.p.ReleaseBefore() {
		return false
	}
	if s.st.Stale {
		s.unsettle()
	} else {
		s.end(PhaseLapsed, "not all people accepted in time; nothing binds you")
	}
	return true
}

// unsettle ends the part that this device can play in a session of which
// another, or a lost one, may know more: the outcome is asked for, and never
// taken to be "never".
func (s *Session) unsettle() {
	s.st.Stale = true
	s.end(PhaseUnsettled, "this session was restored from a backup or belongs to another device; what was promised there may bind you")
}

// promise makes the promise as soon as all have accepted and nothing forbids
// it. From then on the person is bound until the outcome.
func (s *Session) promise() error {
	switch {
	case s.st.Stale:
		return s.observe()
	case len(s.st.Evidence) > 0:
		s.end(PhaseLapsed, s.name(s.st.Evidence[0].Party)+" signed two different acceptances; nothing binds you")
		return nil
	case len(s.st.Declined) > 0:
		s.end(PhaseLapsed, s.name(s.st.Declined[0])+" declined; nothing binds you")
		return nil
	case s.lapseIfPast(), slices.Contains(s.accepts, nil):
		return nil
	}
	pre, err := s.session()
	if err != nil {
		s.end(PhaseLapsed, sxp.Reason(err))
		return nil
	}
	if _, blocked := s.cfg.Ledger.Blocked(s.Entry()); blocked && !s.rules.promiseTwice {
		s.heldUpAt = s.now
		return nil
	}
	ready, err := s.lockSecrets(pre)
	switch {
	case sxp.KindOf(err) == sxp.NotFound:
		return s.observe() // the secret's key is dead: another device or a backup
	case err != nil || !ready:
		return err
	}
	return s.makePromise(pre)
}

// observe follows a session in which this device does not promise.
func (s *Session) observe() error {
	if s.lapseIfPast() || slices.Contains(s.accepts, nil) {
		return nil
	}
	pre, err := s.session()
	if err != nil {
		return err
	}
	s.st.M = s.m
	s.box = newCollector(s.cfg.Algebra, pre, s.m, s.acceptances())
	s.unsettle()
	return s.receiveEarly()
}

// makePromise is the step that binds. ⚠ One atomic durable write stores m and
// the promise and erases the opening; the promise is sent only then.
func (s *Session) makePromise(pre *Preimage) error {
	m := s.m
	ys, _ := pre.jurorKeys()
	points, err := s.cfg.Keys.MakePromise(s.p.Digest, m, ys)
	if sxp.KindOf(err) == sxp.NotFound {
		return s.observe() // the commitment is dead: another device or a backup
	}
	if err != nil {
		return err
	}
	raw, err := envelope.Sign(s.cfg.Keys, TypePromise, &Promise{Proposal: s.p.Digest, M: m, Points: points})
	if err != nil {
		return err
	}
	s.st.M, s.st.Promise, s.st.Promises[s.me] = m, raw, points
	s.st.Phase = PhasePromised
	s.box = newCollector(s.cfg.Algebra, pre, s.m, s.acceptances())
	s.save()
	s.erase = true
	s.do(SendParties{To: s.others(), Raw: raw})
	return s.receiveEarly()
}

// pursue carries a promised session to its outcome.
func (s *Session) pursue() error {
	if err := s.follow(); err != nil {
		return err
	}
	s.gatherPromises()
	if err := s.completeDirectly(); err != nil || s.st.Phase == PhaseDone {
		return err
	}
	if s.st.Complete {
		if err := s.prepareClaim(); err != nil {
			return err
		}
		s.lodge()
		if s.backAgain && s.st.Phase != PhasePromised {
			s.askWatcher()
		}
		if err := s.release(); err != nil {
			return err
		}
		if err := s.completeDirectly(); err != nil || s.st.Phase == PhaseDone {
			return err
		}
		s.fileClaim()
	}
	return s.query()
}

// follow makes a session known whose acceptances came after this device could
// play no part in it any more, so that the jury can be asked.
func (s *Session) follow() error {
	if s.box != nil || slices.Contains(s.accepts, nil) || s.r == nil {
		return nil
	}
	pre, err := s.session()
	if err != nil {
		return nil // the roll gives no jury: there is nobody to ask
	}
	s.st.M = s.m
	s.box = newCollector(s.cfg.Algebra, pre, s.m, s.acceptances())
	s.save()
	return s.receiveEarly()
}

// gatherPromises verifies the promises once all N are here. A wrong one is
// forgotten, and its author blamed: it may still send the right one in time.
func (s *Session) gatherPromises() {
	for !s.st.Complete && !slices.ContainsFunc(s.st.Promises, func(p bls.Promise) bool { return len(p) == 0 }) {
		err := checkPromises(s.cfg.Algebra, s.pre, s.m, s.acceptances(), s.st.Promises)
		s.save()
		if err == nil {
			s.st.Complete, s.st.Promised = true, nil
			return
		}
		i, ok := guilty(err)
		if !ok || i == s.me {
			i = s.others()[0]
		}
		s.st.Promises[i] = nil
		if raw := held(s.st.Promised, i); len(raw) == 0 || s.blame(i, FaultPromise, "its promise is wrong: ", raw, err) != nil {
			s.do(Blame{Party: i, Reason: "its promise is wrong: " + sxp.Reason(err)})
		}
	}
}

// prepareClaim signs CLAIM(m) in advance.
func (s *Session) prepareClaim() error {
	if s.claim != nil {
		return nil
	}
	var err error
	s.claim, err = envelope.Sign(s.cfg.Keys, TypeClaim, &Claim{Preimage: *s.pre, Promises: s.st.Promises})
	return err
}

// lodge puts the claim into the watcher's hands, until there is a receipt.
// With a notary there is no release to protect.
func (s *Session) lodge() {
	if s.p.Mode == Notary || s.cfg.Watcher.IsZero() || len(s.st.Receipt) > 0 || s.now > s.p.Deadline || !s.due(s.lodgedAt) {
		return
	}
	s.lodgedAt = s.now
	s.do(AskWatcher{To: s.cfg.Watcher, Request: s.lodging()})
}

func (s *Session) lodging() LodgeRequest {
	return LodgeRequest{Claim: s.claim, ClaimAt: s.p.ClaimAt(), Patience: s.p.Patience}
}

// askWatcher asks the watcher for a result, at most once in Config.Retry: by
// lodging again what it holds, or by m where this device, restored from a
// backup, does not have what another one lodged. ⚠ The others may have
// completed the contract, told nobody but this watcher, which then files no
// claim, and be silent.
func (s *Session) askWatcher() {
	s.backAgain = false
	lodged := len(s.st.Receipt) > 0 && s.claim != nil
	if !lodged && (!s.st.Stale || s.p.Mode == Notary || s.pre == nil) || s.rules.watcherUnasked || !s.due(s.askedAt) {
		return
	}
	s.askedAt = s.now
	switch to := s.keeper(); {
	case to.IsZero():
	case lodged:
		s.do(AskWatcher{To: to, Request: s.lodging()})
	default:
		s.do(QueryWatcher{To: to, Request: AskRequest{M: s.st.M}})
	}
}

// keeper returns the watcher that holds the claim: the one that the own
// acceptance names where its receipt is here or another device's may exist, the
// person's present one otherwise.
func (s *Session) keeper() Contact {
	own := s.accepts[s.me]
	if own == nil || own.Watcher.IsZero() {
		return s.cfg.Watcher
	}
	if _, signer, err := envelope.Peek(s.st.Receipt); s.st.Stale || err == nil && signer == own.Watcher.ID {
		return own.Watcher
	}
	return s.cfg.Watcher
}

// due reports whether what was last tried at a moment should be tried again.
func (s *Session) due(last sxp.Time) bool { return last == 0 || s.now >= last.Add(s.cfg.Retry) }

// mayRelease is the ⚠ rule of step 3: only while the clock is before T_c − W,
// and never was later.
func (s *Session) mayRelease() bool {
	return s.now < s.p.ReleaseBefore() && (!s.st.Late || s.rules.clockForgets) || s.rules.releaseLate
}

// release signs, holding all promises and a watcher's durable receipt.
func (s *Session) release() error {
	lodged := len(s.st.Receipt) > 0 || s.rules.releaseUnlodged
	if s.st.Phase != PhasePromised || s.p.Mode == Notary || s.st.Stale || !lodged || !s.mayRelease() {
		return nil
	}
	sigma, err := s.cfg.Keys.SignSession(s.st.M)
	if err != nil {
		return err
	}
	s.st.Release, err = envelope.Sign(s.cfg.Keys, TypeRelease, &Release{Proposal: s.p.Digest, M: s.st.M, Signature: sigma})
	if err != nil {
		return err
	}
	s.st.Sigmas[s.me], s.st.Released, s.st.Phase = sigma, s.now, PhaseReleased
	s.save()
	s.sendRelease()
	return nil
}

func (s *Session) sendRelease() {
	before := s.p.ReleaseBefore()
	s.do(SendParties{To: s.others(), Raw: s.st.Release, Before: before}, TellWatchers{To: s.watchers(), Raw: s.st.Release, Before: before})
}

// watchers returns everybody's watchers, each once.
func (s *Session) watchers() []Contact {
	var out []Contact
	for _, a := range s.accepts {
		if a != nil && !a.Watcher.IsZero() && !slices.Contains(out, a.Watcher) {
			out = append(out, a.Watcher)
		}
	}
	return out
}

// completeDirectly makes the contract from the signatures of all others and
// the own, which with theirs is worth a complete contract and nothing less.
// ⚠ Not on a stale device: it does not know whether the person promised, or has
// given the same things in another session since.
func (s *Session) completeDirectly() error {
	if s.st.M.IsZero() || s.st.Stale && s.st.Sigmas[s.me] == (bls.G1{}) && !s.rules.staleSigns {
		return nil
	}
	sigmas := slices.Clone(s.st.Sigmas)
	for i := range sigmas {
		if i != s.me && sigmas[i] == (bls.G1{}) {
			return nil
		}
	}
	var err error
	if sigmas[s.me], err = s.cfg.Keys.SignSession(s.st.M); err != nil {
		return err
	}
	sum, err := aggregate(s.cfg.Algebra, s.pre, s.st.M, sigmas)
	if err == nil {
		return s.done(sum, sigmas)
	}
	for i, sig := range sigmas { // somebody's signature is wrong: forget it
		if err := s.cfg.Algebra.Session(s.pre.Parties[i].X, s.st.M, sig); err != nil && i != s.me {
			s.st.Sigmas[i] = bls.G1{}
			s.save()
			if raw := held(s.st.Signed, i); len(raw) == 0 || s.blame(i, FaultRelease, "its signature is wrong: ", raw, err) != nil {
				s.do(Blame{Party: i, Reason: "its signature is wrong: " + sxp.Reason(err)})
			}
		}
	}
	return nil
}

// done holds a verified S, and gives it to everyone if it was made here: who
// got it from another knows that the others get it too.
func (s *Session) done(sum bls.G1, sigmas []bls.G1) error {
	raw, err := envelope.Sign(s.cfg.Keys, TypeResult, &Result{Proposal: s.p.Digest, M: s.st.M, Signature: sum, Jury: s.st.ByJury})
	if err != nil {
		return err
	}
	s.st.S, s.st.Result, s.st.Signed = sum, raw, nil
	s.end(PhaseDone, "all have signed")
	if sigmas == nil {
		s.do(TellWatchers{To: s.watchers(), Raw: raw})
		return nil
	}
	s.st.Sigmas = sigmas
	s.sendResult()
	return nil
}

func (s *Session) sendResult() {
	s.do(SendParties{To: s.others(), Raw: s.st.Result}, TellWatchers{To: s.watchers(), Raw: s.st.Result})
}
