package fairness

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// knowledge is what the adversary holds, and what is public.
type knowledge struct {
	r        *run
	sessions []*known
	raws     map[string]bool // looked at already
	opened   [][]byte        // shares that are public, not looked at yet
}

// A known is one session m as far as it is known.
type known struct {
	attempt  int
	m        sxp.Hash
	pre      *contract.Preimage
	accepts  []contract.Acceptance
	promises []bls.Promise // by party; nil: not known
	sigmas   []bls.G1      // by party; zero: not known
	shares   map[int]*contract.Shares
	s        bls.G1
	endorsed map[int]sxp.Bytes // by honest seat, as seen
}

// preimage notes that a session has come about.
func (k *knowledge) preimage(attempt int, pre *contract.Preimage) *known {
	if pre == nil {
		return nil
	}
	m := k.r.w.lab.reader.M(pre)
	if s := k.session(m); s != nil {
		return s
	}
	accepts, err := k.r.w.lab.reader.CheckForm(pre)
	if err != nil {
		return nil
	}
	n := len(pre.Parties)
	s := &known{attempt: attempt, m: m, pre: pre, accepts: accepts, promises: make([]bls.Promise, n), sigmas: make([]bls.G1, n), shares: map[int]*contract.Shares{}}
	k.sessions = append(k.sessions, s)
	for _, f := range k.r.adv.onSession {
		f(s)
	}
	return s
}

// session returns what is known of m, nil for nothing.
func (k *knowledge) session(m sxp.Hash) *known {
	for _, s := range k.sessions {
		if s.m == m {
			return s
		}
	}
	return nil
}

// any returns the first session's m.
func (k *knowledge) any() sxp.Hash {
	if len(k.sessions) == 0 {
		return sxp.Hash{}
	}
	return k.sessions[0].m
}

// fresh reports whether a message has not been looked at.
func (k *knowledge) fresh(raw []byte) bool {
	if k.raws == nil {
		k.raws = map[string]bool{}
	}
	if k.raws[string(raw)] {
		return false
	}
	k.raws[string(raw)] = true
	return true
}

// learn takes what a corrupt member was sent.
func (k *knowledge) learn(o *out) {
	switch o.kind {
	case toParty, telling, claiming:
		k.message(o.raw)
	case forwarding:
		if s := k.session(o.m); s == nil || s.claim() == nil {
			k.preimageOf(&o.forward.Claim)
		}
		k.noteEndorsements(o.forward, o.m)
	case sharing:
		for _, raw := range o.shares.Shares {
			k.message(raw)
		}
	case asking:
		if o.query.Preimage != nil && k.session(o.query.M) == nil {
			k.preimage(max(k.r.attemptOf(o.query.Preimage.Proposal), 0), o.query.Preimage)
		}
	case replying:
		k.answer(&o.answer)
	}
}

func (k *knowledge) answer(a *contract.Answer) {
	for _, raw := range a.Shares {
		k.message(raw)
	}
}

// public takes shares that a juror has opened to anybody.
func (k *knowledge) public(raws ...sxp.Bytes) {
	for _, raw := range raws {
		k.opened = append(k.opened, raw)
	}
}

// look takes note of all that is public.
func (k *knowledge) look() {
	for _, raw := range k.opened {
		k.message(raw)
	}
	k.opened = nil
}

// message takes one signed message.
func (k *knowledge) message(raw []byte) {
	if !k.fresh(raw) {
		return
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		return
	}
	switch m.Type {
	case contract.TypePromise:
		var p contract.Promise
		if envelope.Unmarshal(m.Payload, &p) == nil {
			if s, i := k.by(p.M, m.Signer); s != nil && i >= 0 && s.promises[i] == nil {
				s.promises[i] = p.Points
			}
		}
	case contract.TypeRelease:
		var p contract.Release
		if envelope.Unmarshal(m.Payload, &p) == nil {
			if s, i := k.by(p.M, m.Signer); s != nil && i >= 0 && s.sigmas[i] == (bls.G1{}) {
				s.sigmas[i] = p.Signature
			}
		}
	case contract.TypeResult:
		var p contract.Result
		if envelope.Unmarshal(m.Payload, &p) == nil {
			if s := k.session(p.M); s != nil && s.s == (bls.G1{}) {
				s.s = p.Signature
			}
		}
	case contract.TypeShares:
		var p contract.Shares
		if envelope.Unmarshal(m.Payload, &p) == nil {
			if s := k.session(p.M); s != nil && s.pre.Seat(m.Signer) == p.Seat && p.Seat > 0 && s.shares[p.Seat] == nil {
				s.shares[p.Seat] = &p
			}
		}
	case contract.TypeClaim:
		var c contract.Claim
		if envelope.Unmarshal(m.Payload, &c) == nil {
			k.preimageOf(&c)
		}
	}
}

// preimageOf takes a claim.
func (k *knowledge) preimageOf(c *contract.Claim) {
	s := k.preimage(max(k.r.attemptOf(c.Preimage.Proposal), 0), &c.Preimage)
	if s == nil || len(c.Promises) != len(s.promises) {
		return
	}
	for i, p := range c.Promises {
		if s.promises[i] == nil {
			s.promises[i] = p
		}
	}
}

func (k *knowledge) by(m sxp.Hash, signer sxp.ID) (*known, int) {
	s := k.session(m)
	if s == nil {
		return nil, -1
	}
	return s, s.pre.Party(signer)
}

// claim returns the session's claim, nil while a promise is missing.
func (s *known) claim() *contract.Claim {
	if slices.ContainsFunc(s.promises, func(p bls.Promise) bool { return p == nil }) {
		return nil
	}
	return &contract.Claim{Preimage: *s.pre, Promises: s.promises}
}

// complete makes S with everything that the corrupt and the stopped hold and
// what is public; ok reports whether it can.
func (s *known) complete(r *run) (bls.G1, bool) {
	xs := make([]bls.G2, len(s.pre.Parties))
	for i := range xs {
		xs[i] = s.pre.Parties[i].X
	}
	if s.s != (bls.G1{}) && r.w.algebra.Aggregate(s.m, xs, s.s) == nil {
		return s.s, true
	}
	sigmas := make([]bls.G1, len(xs))
	for i := range sigmas {
		sigma, ok := s.signature(r, i)
		if !ok {
			return bls.G1{}, false
		}
		sigmas[i] = sigma
	}
	sum, err := r.w.algebra.Combine(s.m, sigmas)
	return sum, err == nil && r.w.algebra.Aggregate(s.m, xs, sum) == nil
}

// signature returns party i's σ: by its key, as it was released, or from
// shares.
func (s *known) signature(r *run, i int) (bls.G1, bool) {
	if r.lost(i) {
		return r.w.secret(i).signSession(s.m), true
	}
	if sigma := s.sigmas[i]; sigma != (bls.G1{}) && r.w.algebra.Session(s.pre.Parties[i].X, s.m, sigma) == nil {
		return sigma, true
	}
	shares := map[int]bls.G1{}
	good := func(seat int, share bls.G1) bool {
		return r.w.algebra.Shares(s.m, []bls.SharesCheck{{X: s.pre.Parties[i].X, Commitment: s.accepts[i].Commitment, Shares: map[int]bls.G1{seat: share}}}) == nil
	}
	for seat, sh := range s.shares {
		if i < len(sh.Shares) && good(seat, sh.Shares[i]) {
			shares[seat] = sh.Shares[i]
		}
	}
	for j := range s.pre.Jury {
		n := r.w.jurorN(s.pre.Jury[j].ID)
		if p := s.promises[i]; p != nil && n > 0 && r.adv.holds(Member{Juror, n}) {
			share, err := r.w.jurors[n-1].keys.OpenShare(p[j], s.accepts[i].Commitment.U)
			if err == nil && good(j+1, share) {
				shares[j+1] = share
			}
		}
	}
	sigma, err := r.w.algebra.Recover(shares, s.pre.T)
	return sigma, err == nil
}

// lost reports whether a party's keys are in the hands of the adversary, or of
// somebody who will never be heard of again and may be anybody.
func (r *run) lost(i int) bool { return r.parties[i].corrupt || r.parties[i].stopped }
