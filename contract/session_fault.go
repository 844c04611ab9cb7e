package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
)

// fault keeps what signatures prove against somebody, one fault of a kind for
// each, so that a flood of wrong messages fills no disk. It reports whether it
// is new. Nobody collects evidence against themselves.
func (s *Session) fault(kind FaultKind, by sxp.ID, raw ...[]byte) (*Fault, bool) {
	f := Fault{Kind: kind, By: by}
	for _, b := range raw {
		f.Raw = append(f.Raw, slices.Clone(b))
	}
	known := func(o Fault) bool { return o.Kind == kind && o.By == by }
	if by == s.cfg.Keys.ID() || slices.ContainsFunc(s.st.Faults, known) {
		return &f, false
	}
	s.st.Faults = append(s.st.Faults, f)
	s.save()
	return &f, true
}

// blame records what a signed message of a party proves and tells the driver.
// A repeat of a fault that is known already only fails, with why.
func (s *Session) blame(party int, kind FaultKind, what string, raw []byte, why error) error {
	f, fresh := s.fault(kind, s.p.Cards[party].ID, raw)
	if !fresh || sxp.KindOf(why) != sxp.Invalid {
		return why
	}
	s.do(Blame{Party: party, Reason: what + sxp.Reason(why), Fault: f})
	return nil
}

// blameJuror is blame for what a juror's answer proves. It returns whether it
// is new.
func (s *Session) blameJuror(seat int, kind FaultKind, raw ...[]byte) bool {
	f, fresh := s.fault(kind, s.pre.Jury[seat-1].ID, raw...)
	if fresh {
		s.do(Blame{Party: -1, Seat: seat, Reason: f.String(), Fault: f})
	}
	return fresh
}

// hold keeps the signed message that brought a promise or a signature, until
// that is verified: what is wrong then convicts its author.
func hold(list *[]sxp.Bytes, parties, i int, raw []byte) {
	if *list == nil {
		*list = make([]sxp.Bytes, parties)
	}
	(*list)[i] = slices.Clone(raw)
}

// held returns what hold kept, nil if nothing.
func held(list []sxp.Bytes, i int) []byte {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// differs blames a party whose second message of a session says something else
// than its first: nobody honest has two. What is not held any more, or says
// the same, is no fault.
func (s *Session) differs(party int, first []byte, second *envelope.Message) {
	if len(first) == 0 || sameBytes(first, second.Raw) {
		return
	}
	m, err := envelope.Parse(first)
	if err != nil {
		return
	}
	if _, why := contradict(m, second); why != "" {
		return
	}
	if f, fresh := s.fault(FaultTwice, second.Signer, first, second.Raw); fresh {
		s.do(Blame{Party: party, Reason: f.String(), Fault: f})
	}
}

// contradicts blames the juror of a seat that has both voided and opened.
func (s *Session) contradicts(seat int) {
	if s.box.HasShares(seat) && s.box.HasVoid(seat) {
		s.blameJuror(seat, FaultContradiction, s.box.voids[seat-1], s.box.raws[seat-1])
	}
}

// wrongShares blames a juror for shares that it signed and that do not verify.
func (s *Session) wrongShares(raw []byte) bool {
	_, signer, err := envelope.Peek(raw)
	if err != nil {
		return false
	}
	seat := s.pre.Seat(signer)
	if seat == 0 {
		return false
	}
	f := &Fault{Kind: FaultShares, By: signer, Raw: []sxp.Bytes{raw}}
	return f.checkShares(s.cfg.Algebra, s.pre, s.acceptances()) == nil && s.blameJuror(seat, FaultShares, raw)
}
