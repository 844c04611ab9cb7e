package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// receive applies one signed message.
func (s *Session) receive(raw []byte) error {
	const op = "contract.Session"
	m, err := envelope.Parse(raw)
	if err != nil {
		return err
	}
	if len(m.Countersignatures) != 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a %s carries no countersignatures", m.Type)
	}
	if m.Type == TypeLodged {
		return s.receiveReceipt(m)
	}
	from, ok := s.p.Party(m.Signer)
	if !ok && m.Type != TypeResult {
		return sxp.Errorf(op, sxp.Denied, m.Signer, "not a party of this contract")
	}
	switch m.Type {
	case TypeAcceptance:
		return s.receiveAcceptance(from, raw)
	case TypeDecline:
		return s.receiveDecline(from, m)
	case TypeLock:
		return s.receiveLock(from, m)
	case TypePromise:
		return s.receivePromise(from, m)
	case TypeRelease:
		return s.receiveRelease(from, m)
	case TypeResult:
		return s.receiveResult(m)
	case TypeAsk:
		return s.receiveAsk(from, m)
	}
	return sxp.Errorf(op, sxp.Invalid, nil, "a %s does not belong to a signing among parties", m.Type)
}

// belongs checks that a message is of this session.
func (s *Session) belongs(proposal sxp.Hash) error {
	if proposal != s.p.Digest {
		return sxp.Errorf("contract.Session", sxp.Invalid, proposal, "the message is of another session")
	}
	return nil
}

// receiveAcceptance keeps the first acceptance of each party; a different
// second one is evidence against it and ends the attempt. Who brought it does
// not matter.
func (s *Session) receiveAcceptance(from int, raw []byte) error {
	a, err := OpenAcceptance(raw, s.p.Cards[from].ID, s.p.Digest)
	if err != nil {
		return err
	}
	if first := s.st.Accepts[from]; len(first) > 0 {
		switch {
		case sameBytes(first, raw):
		case from == s.me: // another device of this person accepts too
			s.st.Stale = true
			s.save()
		default:
			s.convict(from, first, slices.Clone(raw))
		}
		return nil
	}
	if from == s.me {
		// An own acceptance that this device did not make: another device holds
		// the opening, or the state is a backup. Making another would be the
		// equivocation.
		s.st.Stale = true
		s.save()
	}
	if s.ended() {
		return nil
	}
	if err := checkAcceptancePoints(s.cfg.Algebra, s.p.Cards[from].ContractKey, a, s.p.N, s.p.T); err != nil {
		return s.blame(from, FaultAcceptance, "its acceptance is wrong: ", raw, err)
	}
	s.st.Accepts[from], s.accepts[from] = slices.Clone(raw), a
	s.save()
	return nil
}

// ended reports whether messages of the signing can no longer matter.
func (s *Session) ended() bool {
	switch s.st.Phase {
	case PhaseDeclined, PhaseLapsed, PhaseVoid, PhaseDone:
		return true
	}
	return false
}

// convict records and spreads the evidence that a party equivocated.
func (s *Session) convict(party int, first, second []byte) {
	for _, e := range s.st.Evidence {
		if e.Party == party {
			return
		}
	}
	ev := Equivocation{Party: party, First: first, Second: second}
	s.st.Evidence = append(s.st.Evidence, ev)
	f, _ := s.fault(FaultTwice, s.p.Cards[party].ID, first, second)
	s.do(Blame{Party: party, Reason: "it signed two different acceptances of one proposal", Evidence: &ev, Fault: f},
		SendParties{To: s.others(), Raw: first}, SendParties{To: s.others(), Raw: second})
	if s.st.Phase == PhaseProposed && !s.st.Stale {
		s.end(PhaseLapsed, s.name(party)+" signed two different acceptances; nothing binds you")
	}
}

func (s *Session) receiveDecline(from int, m *envelope.Message) error {
	var d Decline
	if err := envelope.Unmarshal(m.Payload, &d); err != nil {
		return err
	}
	if err := s.belongs(d.Proposal); err != nil {
		return err
	}
	if err := checkText("contract.Decline", "the reason", d.Reason, MaxReason); err != nil {
		return err
	}
	if s.ended() || slices.Contains(s.st.Declined, from) {
		return nil
	}
	s.st.Declined = append(s.st.Declined, from)
	s.save()
	early := s.st.Phase == PhaseProposed || s.st.Phase == PhaseAccepted
	if early && (!s.st.Stale || s.rules.staleLapses) { // ⚠ another device may have promised
		why := ""
		if d.Reason != "" {
			why = " (" + d.Reason + ")"
		}
		s.end(PhaseLapsed, s.name(from)+" declined"+why+"; nothing binds you")
	}
	return nil
}

// receivePromise keeps a promise for m. ⚠ One that arrives at T_c − W or later
// is ignored.
func (s *Session) receivePromise(from int, m *envelope.Message) error {
	const op = "contract.Session"
	var p Promise
	if err := envelope.Unmarshal(m.Payload, &p); err != nil {
		return err
	}
	if err := s.belongs(p.Proposal); err != nil {
		return err
	}
	if len(p.Points) != s.p.N {
		return sxp.Errorf(op, sxp.Invalid, nil, "a promise has a point for each of %d seats, this has %d", s.p.N, len(p.Points))
	}
	if s.ended() || from == s.me {
		return nil
	}
	if s.st.Complete || len(s.st.Promises[from]) > 0 {
		s.differs(from, held(s.st.Promised, from), m)
		return nil
	}
	if s.now >= s.p.ReleaseBefore() && !s.rules.releaseLate {
		return sxp.Errorf(op, sxp.Late, nil, "the promise of %s came after %v", describeParty(from), s.p.ReleaseBefore())
	}
	if slices.Contains(s.accepts, nil) {
		return s.keepEarly(m)
	}
	if _, err := s.session(); err != nil {
		return err
	}
	if p.M != s.m {
		s.compareAcceptances(from)
		return nil
	}
	s.st.Promises[from] = p.Points
	hold(&s.st.Promised, len(s.accepts), from, m.Raw)
	s.save()
	return nil
}

// keepEarly keeps a promise or signature that has overtaken the acceptances,
// one of each type for a party.
func (s *Session) keepEarly(m *envelope.Message) error {
	for _, raw := range s.st.Early {
		typ, signer, err := envelope.Peek(raw)
		if err == nil && typ == m.Type && signer == m.Signer {
			return nil
		}
	}
	s.st.Early = append(s.st.Early, slices.Clone(m.Raw))
	s.save()
	return nil
}

// receiveEarly applies what keepEarly kept. What does not fit was never worth
// anything.
func (s *Session) receiveEarly() error {
	early := s.st.Early
	s.st.Early = nil
	for _, raw := range early {
		if err := s.receive(raw); err != nil {
			continue
		}
	}
	return nil
}

// compareAcceptances sends a party that has computed another m all acceptances
// that are held here, once: one of the two holds evidence then.
func (s *Session) compareAcceptances(with int) {
	if s.scolded[with] {
		return
	}
	s.scolded[with] = true
	for _, raw := range s.st.Accepts {
		if len(raw) > 0 {
			s.do(SendParties{To: []int{with}, Raw: raw})
		}
	}
}

func (s *Session) receiveRelease(from int, m *envelope.Message) error {
	var r Release
	if err := envelope.Unmarshal(m.Payload, &r); err != nil {
		return err
	}
	if err := s.belongs(r.Proposal); err != nil {
		return err
	}
	if s.ended() || from == s.me {
		return nil
	}
	if s.st.Sigmas[from] != (bls.G1{}) {
		s.differs(from, held(s.st.Signed, from), m)
		return nil
	}
	if s.st.M.IsZero() {
		return s.keepEarly(m)
	}
	if r.M != s.st.M {
		return sxp.Errorf("contract.Session", sxp.Invalid, r.M, "a signature of something else than was promised here")
	}
	s.st.Sigmas[from] = r.Signature
	hold(&s.st.Signed, len(s.accepts), from, m.Raw)
	s.save()
	return nil
}

// receiveResult takes a verifying S from anybody, whatever the jury said.
func (s *Session) receiveResult(m *envelope.Message) error {
	const op = "contract.Session"
	var r Result
	if err := envelope.Unmarshal(m.Payload, &r); err != nil {
		return err
	}
	if err := s.belongs(r.Proposal); err != nil {
		return err
	}
	if s.st.Phase == PhaseDone {
		return nil
	}
	if slices.Contains(s.accepts, nil) {
		return sxp.Errorf(op, sxp.Early, nil, "a result before all acceptances are here")
	}
	if _, err := s.session(); err != nil {
		return err
	}
	if r.M != s.m {
		return sxp.Errorf(op, sxp.Invalid, r.M, "the result is of another session")
	}
	if err := s.cfg.Algebra.Aggregate(r.M, s.pre.keys(), r.Signature); err != nil {
		if from, party := s.p.Party(m.Signer); party {
			return s.blame(from, FaultResult, "what it gave as the contract's signature is none: ", m.Raw, err)
		}
		return err
	}
	s.st.M, s.st.ByJury = r.M, r.Jury
	if _, party := s.p.Party(m.Signer); !party {
		// From a watcher or the jury's side: the other parties may not have it.
		return s.done(r.Signature, s.st.Sigmas)
	}
	return s.done(r.Signature, nil)
}

// receiveAsk serves the result to a party that asks, or repeats the own
// messages to it.
func (s *Session) receiveAsk(from int, m *envelope.Message) error {
	var a Ask
	if err := envelope.Unmarshal(m.Payload, &a); err != nil {
		return err
	}
	if err := s.belongs(a.Proposal); err != nil {
		return err
	}
	if from == s.me {
		return nil
	}
	if last, ok := s.servedAt[from]; ok && s.now < last.Add(s.cfg.Retry) {
		return nil // it has just been sent all of it
	}
	s.servedAt[from] = s.now
	to := []int{from}
	if s.st.Phase == PhaseDone {
		for _, raw := range s.st.Accepts { // who has lost its memory needs them to read the result
			s.do(SendParties{To: to, Raw: raw})
		}
		if raw := held(s.st.Locks, s.me); len(raw) > 0 {
			s.do(SendParties{To: to, Raw: raw})
		}
		s.do(SendParties{To: to, Raw: s.st.Result})
		return nil
	}
	if !s.mayRelease() {
		return nil // nothing of it would help any more
	}
	for _, raw := range []sxp.Bytes{s.st.Accepts[s.me], held(s.st.Locks, s.me), s.st.Promise} {
		if len(raw) > 0 {
			s.do(SendParties{To: to, Raw: raw})
		}
	}
	if len(s.st.Release) > 0 {
		s.do(SendParties{To: to, Raw: s.st.Release, Before: s.p.ReleaseBefore()})
	}
	return nil
}

// receiveReceipt takes the own watcher's word that it holds the claim.
func (s *Session) receiveReceipt(m *envelope.Message) error {
	const op = "contract.Session"
	var l Lodged
	if err := envelope.Unmarshal(m.Payload, &l); err != nil {
		return err
	}
	if m.Signer != s.cfg.Watcher.ID || l.Party != s.cfg.Keys.ID() || s.st.M.IsZero() || l.M != s.st.M {
		return sxp.Errorf(op, sxp.Invalid, nil, "not a receipt of your watcher for this session")
	}
	if len(s.st.Receipt) == 0 {
		s.st.Receipt = slices.Clone(m.Raw)
		s.save()
	}
	if s.st.Phase == PhaseDone { // the watcher held nothing yet when it was told, and would file a claim
		s.do(TellWatchers{To: []Contact{s.cfg.Watcher}, Raw: s.st.Result})
	}
	return nil
}
