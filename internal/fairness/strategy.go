package fairness

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// did notes that a plot really did something, so that tables show that it
// occurs.
func (a *adversary) did(plot string) { a.r.note("plot " + plot) }

// sends adds a rule for messages of one type that corrupt parties send. The
// rule returns false for one that is not sent; it may change it.
func (a *adversary) sends(types string, rule func(o *out) bool) {
	a.onSend = append(a.onSend, func(o *out) bool {
		return o.from.Kind != Party || (o.kind != toParty && o.kind != telling) || typeName(o.raw) != types || rule(o)
	})
}

// some is true for a part of all members, the same throughout a run.
func (a *adversary) some(m Member, label byte, perMille int) bool {
	d := at(a.r.c.Seed, 'S', uint64(label), key(m))
	return d.chance(perMille)
}

// when is a moment of somebody's clock.
func (a *adversary) when(m Member, t sxp.Time) sxp.Time { return t.Add(-a.r.offset(m)) }

// moments are those at which rules change, as one member's clock shows them.
func (a *adversary) moments(m Member) []sxp.Time {
	p := a.proposal()
	out := []sxp.Time{p.ReleaseBefore(), p.ClaimAt(), p.Deadline, p.VoidAfter(), p.VoidAfter().Add(p.Epsilon)}
	for k := range p.F {
		out = append(out, p.Deadline.Add(sxp.Duration(k+1)*p.Delta))
	}
	for i := range out {
		out[i] = a.when(m, out[i])
	}
	return out
}

// edgeOf chooses a moment at which a rule changes for a member: a millisecond
// before it, at it, or after it.
func (a *adversary) edgeOf(m Member) sxp.Time {
	all := a.moments(m)
	return all[a.d.below(len(all))].Add(a.d.span(-1, 1))
}

// arrives sends a message so that it comes at a moment of true time, or at once
// if that has passed.
func (a *adversary) arrives(o *out, t sxp.Time) {
	a.at(t-1, func() {
		o.delay = 1
		a.send(o)
	})
}

// tells sends a signed message to a party so that it comes at a moment.
func (a *adversary) tells(from, to Member, attempt int, raw []byte, t sxp.Time) {
	a.arrives(&out{from: from, to: to, kind: toParty, raw: raw, attempt: attempt}, t)
}

// acceptance makes another acceptance of a corrupt party. It returns the
// opening of its commitment too.
func (a *adversary) acceptance(m Member, attempt int, label string, change func(v *contract.Acceptance)) (raw, opening []byte) {
	p, keys := a.r.w.proposals[attempt], a.keys(m)
	k, opening, err := keys.secret.commit(sxp.Sum([]byte("sxp fairness plot "+label), number(m.N), number(attempt)), p.T)
	v := &contract.Acceptance{Proposal: p.Digest, Commitment: must(k, err), Draw: keys.secret.signDraw(p.Digest), Watcher: a.r.watchers[m.N-1].contact()}
	if change != nil {
		change(v)
	}
	return a.sign(m, contract.TypeAcceptance, v), opening
}

// promise makes a corrupt party's promise of a session from an opening that it
// kept, and sends it to all honest parties that may see it.
func (a *adversary) promise(m Member, k *known, opening []byte, to func(Member) bool) {
	ys := make([]bls.G1, len(k.pre.Jury))
	for j := range ys {
		ys[j] = k.pre.Jury[j].Y
	}
	points, err := a.keys(m).secret.promise(opening, k.m, ys)
	if err != nil {
		return
	}
	k.promises[m.N-1] = points
	raw := a.sign(m, contract.TypePromise, &contract.Promise{Proposal: k.pre.Proposal, M: k.m, Points: points})
	for _, h := range a.honest() {
		if to(h) {
			a.tells(m, h, k.attempt, raw, a.r.now.Add(a.d.span(1, max(a.r.c.Net.Delay, 1))))
		}
	}
}

func anybody(Member) bool { return true }

// commitmentIs reports whether a session holds this acceptance of a party.
func (k *known) acceptedBy(i int, raw []byte) bool {
	return slices.Equal(k.pre.Parties[i].Acceptance, raw)
}

// wrongPoints are how points are wrong: see bent.
const wrongPoints = 5

// prime is that of the field of BLS12-381's coordinates.
var prime = [bls.G1Size]byte{
	0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7, 0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf,
	0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24, 0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
}

// bent returns a wrong point in the place of one: the identity, its negative,
// its second encoding (the coordinate with the prime added, where that fits;
// else the negative), a point of the curve outside of the subgroup, or bytes
// that are none.
func bent(p bls.G1, how int) bls.G1 {
	negative := p
	negative[0] ^= 0x20
	switch how % wrongPoints {
	case 0:
		return bls.G1{0xc0}
	case 1:
		return negative
	case 2:
		q, carry := p, 0
		q[0] &= 0x1f
		for i := len(q) - 1; i >= 0; i-- {
			carry += int(q[i]) + int(prime[i])
			q[i], carry = byte(carry), carry>>8
		}
		if q[0] >= 0x20 || carry > 0 {
			return negative
		}
		q[0] |= p[0] & 0xe0
		return q
	case 3:
		q := bls.G1{0x80}
		q[len(q)-1] = outsideX
		return q
	}
	q := p
	q[0] &= 0x7f
	return q
}

// outsideX is the coordinate of a point of the curve that is not in the
// subgroup; a test says so.
const outsideX = 4
