package contract

import (
	"bytes"
	"slices"

	"sxp"
	"sxp/envelope"
)

// A Reader remembers the sessions and the claims that it read last. A jury of n
// sends the same claim about n² times, and every party and watcher files it in
// its own name: to encode, hash and decode it each time is most of what a juror
// does for a message. A Reader changes no result, only the time that a repeat
// takes: it knows again what is the same in every byte, compared with copies of
// its own.
//
// What it returns is shared with whoever reads the same, and must not be
// changed. The zero Reader is ready, and a nil one remembers nothing. It holds
// the last 8 sessions and 16 claims, each of sxp.MaxMessage bytes at most, and up to
// 2 MiB of shares. It is not safe for concurrent use.
type Reader struct {
	sessions    [8]*seenSession
	claims      [16]*seenClaim
	shares      map[string]sxp.Hash // the sessions that signed Shares messages name
	nextSession int
	nextClaim   int
}

// What a Reader remembers of Shares messages: how many, and of how many bytes.
const (
	maxReadShares = 512
	maxReadSize   = 4096
)

// seenSession is a preimage, and what follows from it alone.
type seenSession struct {
	pre     Preimage
	m       sxp.Hash
	formed  bool // CheckForm passed
	accepts []Acceptance
}

// seenClaim is a signed claim that was opened.
type seenClaim struct {
	raw, payload []byte
	party        int
	claim        *Claim
	accepts      []Acceptance
}

// M is Preimage.M.
func (r *Reader) M(p *Preimage) sxp.Hash {
	if r == nil {
		return p.M()
	}
	return r.session(p).m
}

// CheckPoints is Claim.CheckPoints.
func (r *Reader) CheckPoints(a Algebra, c *Claim, accepts []Acceptance) error {
	return c.checkPoints(a, r.M(&c.Preimage), accepts)
}

// CheckForm is Preimage.CheckForm. What did not pass is checked again.
func (r *Reader) CheckForm(p *Preimage) ([]Acceptance, error) {
	if r == nil {
		return p.CheckForm()
	}
	s := r.session(p)
	if !s.formed {
		accepts, err := p.CheckForm()
		if err != nil {
			return nil, err
		}
		s.formed, s.accepts = true, accepts
	}
	return s.accepts, nil
}

// CheckClaimForm is Claim.CheckForm.
func (r *Reader) CheckClaimForm(c *Claim) ([]Acceptance, error) {
	accepts, err := r.CheckForm(&c.Preimage)
	if err != nil {
		return nil, err
	}
	return accepts, c.checkPromiseSizes()
}

func (r *Reader) session(p *Preimage) *seenSession {
	for _, s := range r.sessions {
		if s != nil && s.pre.equal(p) {
			return s
		}
	}
	s := &seenSession{pre: p.clone(), m: p.M()}
	r.sessions[r.nextSession%len(r.sessions)] = s
	r.nextSession++
	return s
}

// OpenClaim is the function OpenClaim. What did not pass is read again.
func (r *Reader) OpenClaim(raw []byte) (c *Claim, party int, accepts []Acceptance, err error) {
	if r == nil {
		return OpenClaim(raw)
	}
	for _, k := range r.claims {
		if k != nil && bytes.Equal(k.raw, raw) {
			return k.claim, k.party, k.accepts, nil
		}
	}
	raw = slices.Clone(raw)
	m, err := parsePlain(raw, TypeClaim)
	if err != nil {
		return nil, 0, nil, err
	}
	k := &seenClaim{raw: raw, payload: m.Payload}
	if k.claim, k.party, k.accepts, err = r.claimOf(m); err != nil {
		return nil, 0, nil, err
	}
	r.claims[r.nextClaim%len(r.claims)] = k
	r.nextClaim++
	return k.claim, k.party, k.accepts, nil
}

// claimOf reads the claim in a message whose signature was verified, or takes it
// from one with the same payload.
func (r *Reader) claimOf(m *envelope.Message) (c *Claim, party int, accepts []Acceptance, err error) {
	for _, k := range r.claims {
		if k != nil && bytes.Equal(k.payload, m.Payload) {
			party, err = k.claim.filedBy(m.Signer)
			return k.claim, party, k.accepts, err
		}
	}
	return readClaimOf(m)
}

// SharesOf returns the session that a signed Shares message names. Whose seat it is
// and whether its points are right is left to verify; see OpenShares.
func (r *Reader) SharesOf(raw []byte) (sxp.Hash, error) {
	if r != nil {
		if m, ok := r.shares[string(raw)]; ok {
			return m, nil
		}
	}
	var v Shares
	if _, err := envelope.Open(raw, TypeShares, &v); err != nil {
		return sxp.Hash{}, err
	}
	if r == nil || len(raw) > maxReadSize {
		return v.M, nil
	}
	if r.shares == nil || len(r.shares) >= maxReadShares {
		r.shares = make(map[string]sxp.Hash)
	}
	r.shares[string(raw)] = v.M
	return v.M, nil
}

// clone copies a preimage with all that it points to.
func (p *Preimage) clone() Preimage {
	out := *p
	out.Jury, out.Parties = slices.Clone(p.Jury), slices.Clone(p.Parties)
	for i := range out.Parties {
		out.Parties[i].Acceptance = slices.Clone(out.Parties[i].Acceptance)
	}
	return out
}

// equal reports whether two preimages have the same encoding, and with it the
// same m. ⚠ It must look at every field.
func (p *Preimage) equal(o *Preimage) bool {
	return p.Proposal == o.Proposal && p.Seed == o.Seed && p.Roll == o.Roll && p.Version == o.Version && p.T == o.T && p.F == o.F &&
		p.Deadline == o.Deadline && p.Delta == o.Delta && slices.Equal(p.Jury, o.Jury) &&
		slices.EqualFunc(p.Parties, o.Parties, func(a, b Signer) bool {
			return a.ID == b.ID && a.X == b.X && a.Proof == b.Proof && bytes.Equal(a.Acceptance, b.Acceptance)
		})
}
