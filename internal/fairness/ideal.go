package fairness

import (
	"encoding/binary"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// An idealAlgebra puts objects that can be looked up in the place of points:
// what a perfect promise would be. A signature is the name of key and message;
// a promise's point says whose share of what it hides for which juror, and only
// that juror's key takes the share out; t shares of one signature name it, and
// nothing else does. Names are hashes, so that whoever was not given one does
// not have it: plots reach them through keys and answers only.
//
// It is as strict as the real one in what it accepts, and as lax: a commitment
// is accepted if it looks like one, an opened share if it is the right one.
type idealAlgebra struct {
	facts map[bls.G1]fact   // of promises and shares
	keys  map[bls.G2]bls.G1 // Y by Z
	ids   map[bls.G1]sxp.ID // who has proved to know y, by Y
}

// A fact is what a point of a promise, or a share, stands for.
type fact struct {
	share bool
	of    commitment
	m     sxp.Hash
	seat  int
	y, u  bls.G1 // of a promise's point
}

// commitment names X and K, and says t.
type commitment struct {
	x bls.G2
	k sxp.Hash
	t int
}

var _ contract.Algebra = (*idealAlgebra)(nil)

func newIdealAlgebra() *idealAlgebra {
	return &idealAlgebra{facts: map[bls.G1]fact{}, keys: map[bls.G2]bls.G1{}, ids: map[bls.G1]sxp.ID{}}
}

// pointLike starts everything that stands for a point; what starts otherwise
// is no point.
const pointLike = 0xa5

// name1 returns what stands for a point of G1.
func name1(what string, parts ...[]byte) bls.G1 {
	h := sxp.Sum(append([][]byte{[]byte("sxp ideal " + what)}, parts...)...)
	var p bls.G1
	p[0] = pointLike
	copy(p[1:], h[:])
	return p
}

// name2 returns what stands for a point of G2.
func name2(what string, parts ...[]byte) bls.G2 {
	p := name1(what, parts...)
	var q bls.G2
	copy(q[:], p[:])
	return q
}

func number(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func nameSigma(x bls.G2, m sxp.Hash) bls.G1 { return name1("sigma", x[:], m[:]) }
func nameDraw(x bls.G2, p sxp.Hash) bls.G1  { return name1("draw", x[:], p[:]) }
func nameShare(c commitment, m sxp.Hash, seat int) bls.G1 {
	return name1("share", c.x[:], c.k[:], m[:], number(seat))
}
func nameS(m sxp.Hash, sigmas []bls.G1) bls.G1 {
	parts := [][]byte{m[:]}
	for i := range sigmas {
		parts = append(parts, sigmas[i][:])
	}
	return name1("aggregate", parts...)
}

func wrong(what string) error {
	return sxp.Errorf("fairness.ideal", sxp.Invalid, nil, "%s is not what it should be", what)
}

func commitmentOf(x bls.G2, c *bls.Commitment) commitment {
	parts := [][]byte{[]byte("sxp ideal commitment"), c.U[:]}
	for i := range c.A {
		parts = append(parts, c.A[i][:])
	}
	return commitment{x, sxp.Sum(parts...), len(c.A) + 1}
}

// Possession accepts: a person's card proves it with real points.
func (a *idealAlgebra) Possession(sxp.ID, bls.G2, bls.G1) error { return nil }

// JurorKey accepts the keys that register was told of.
func (a *idealAlgebra) JurorKey(id sxp.ID, y bls.G1, z bls.G2, _ bls.G1) error {
	if a.keys[z] != y || a.ids[y] != id {
		return wrong("a juror's key")
	}
	return nil
}

// maxFacts bounds the memory of an idealAlgebra between runs.
const maxFacts = 100_000

// forget drops the facts of past runs once they are many: no run needs those of
// another.
func (a *idealAlgebra) forget() {
	if len(a.facts) > maxFacts {
		a.facts = map[bls.G1]fact{}
	}
}

func (a *idealAlgebra) register(id sxp.ID, y bls.G1, z bls.G2) {
	a.keys[z], a.ids[y] = y, id
}

// Draw verifies δ.
func (a *idealAlgebra) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	if draw != nameDraw(x, proposal) {
		return wrong("a draw share")
	}
	return nil
}

// Draws verifies every party's δ.
func (a *idealAlgebra) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	return drawsOf(a, xs, proposal, draws)
}

// Commitment accepts what looks like t−1 points A and U.
func (a *idealAlgebra) Commitment(_ bls.G2, c bls.Commitment, n, t int) error {
	if len(c.A) != t-1 || t > n || c.U[0] != pointLike {
		return wrong("a commitment")
	}
	for i := range c.A {
		if c.A[i][0] != pointLike {
			return wrong("a commitment")
		}
	}
	return nil
}

// Promises verifies that every point hides the right share for its seat.
func (a *idealAlgebra) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	for i := range checks {
		c := commitmentOf(checks[i].X, &checks[i].Commitment)
		for j, p := range checks[i].Promise {
			want := fact{of: c, m: m, seat: j + 1, y: a.keys[zs[j]], u: checks[i].Commitment.U}
			if got, ok := a.facts[p]; !ok || got != want {
				return &bls.BlameError{Index: i, Err: wrong("a promise")}
			}
		}
	}
	return nil
}

// Shares verifies opened shares.
func (a *idealAlgebra) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	for i := range checks {
		c := commitmentOf(checks[i].X, &checks[i].Commitment)
		for seat, s := range checks[i].Shares {
			if s != nameShare(c, m, seat) {
				return &bls.BlameError{Index: i, Seat: seat, Err: wrong("a share")}
			}
		}
	}
	return nil
}

// Session verifies σ.
func (a *idealAlgebra) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	if sig != nameSigma(x, m) {
		return wrong("a signature")
	}
	return nil
}

// Aggregate verifies S.
func (a *idealAlgebra) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	sigmas := make([]bls.G1, len(xs))
	for i := range xs {
		sigmas[i] = nameSigma(xs[i], m)
	}
	if s != nameS(m, sigmas) {
		return wrong("an aggregate")
	}
	return nil
}

// Recover names the signature that t shares belong to; shares that do not fit
// each other give a point that is no signature.
func (a *idealAlgebra) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	if len(shares) < t {
		return bls.G1{}, sxp.Errorf("fairness.ideal", sxp.Early, nil, "%d shares of %d", len(shares), t)
	}
	var first fact
	used := 0
	for seat := 1; seat <= sxp.MaxJury && used < t; seat++ {
		s, ok := shares[seat]
		if !ok {
			continue
		}
		f, known := a.facts[s]
		if used == 0 {
			first = f
		}
		if !known || !f.share || f.seat != seat || f.of != first.of || f.m != first.m || f.of.t != t {
			return name1("no signature", s[:]), nil
		}
		used++
	}
	return nameSigma(first.of.x, first.m), nil
}

// Combine names S.
func (a *idealAlgebra) Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	for i := range sigmas {
		if sigmas[i][0] != pointLike {
			return bls.G1{}, &bls.BlameError{Index: i, Err: wrong("a signature")}
		}
	}
	return nameS(m, sigmas), nil
}

// Seed is a hash of all draw shares.
func (a *idealAlgebra) Seed(draws []bls.G1) (sxp.Hash, error) {
	var parts [][]byte
	for i := range draws {
		if draws[i][0] != pointLike {
			return sxp.Hash{}, &bls.BlameError{Index: i, Err: wrong("a draw share")}
		}
		parts = append(parts, draws[i][:])
	}
	return sxp.Sum(parts...), nil
}

// idealSecret is the contract key of a party as an ideal object.
type idealSecret struct {
	a *idealAlgebra
	x bls.G2
}

func (s *idealSecret) public() bls.G2                { return s.x }
func (s *idealSecret) signDraw(p sxp.Hash) bls.G1    { return nameDraw(s.x, p) }
func (s *idealSecret) signSession(m sxp.Hash) bls.G1 { return nameSigma(s.x, m) }

// commit's opening is the name of the commitment.
func (s *idealSecret) commit(label sxp.Hash, t int) (bls.Commitment, []byte, error) {
	c := bls.Commitment{U: name1("u", s.x[:], label[:]), A: make([]bls.G2, t-1)}
	for k := range c.A {
		c.A[k] = name2("a", s.x[:], label[:], number(k))
	}
	return c, append(append([]byte(nil), label[:]...), number(t)...), nil
}

func (s *idealSecret) promise(opening []byte, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	label, t := sxp.Hash(opening[:sxp.HashSize]), int(binary.BigEndian.Uint32(opening[sxp.HashSize:]))
	k, _, err := s.commit(label, t)
	if err != nil {
		return nil, err
	}
	c := commitmentOf(s.x, &k)
	p := make(bls.Promise, len(ys))
	for j := range ys {
		p[j] = name1("promise", c.x[:], c.k[:], m[:], number(j+1), ys[j][:])
		s.a.facts[p[j]] = fact{of: c, m: m, seat: j + 1, y: ys[j], u: k.U}
	}
	return p, nil
}

// idealOpener is the key of a juror as an ideal object.
type idealOpener struct {
	a *idealAlgebra
	y bls.G1
}

func (o *idealOpener) openShare(c, u bls.G1) (bls.G1, error) {
	f, ok := o.a.facts[c]
	if !ok || f.share || f.y != o.y || f.u != u {
		return name1("no share", c[:], u[:], o.y[:]), nil
	}
	s := nameShare(f.of, f.m, f.seat)
	o.a.facts[s] = fact{share: true, of: f.of, m: f.m, seat: f.seat}
	return s, nil
}
