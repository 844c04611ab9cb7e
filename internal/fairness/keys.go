package fairness

import (
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// A signer is an identity key that makes each signature once: Ed25519 gives
// the same one again.
type signer struct {
	key  *identity.SigningKey
	made map[sxp.Hash][]byte
}

// maxMade bounds what a signer remembers.
const maxMade = 4096

func newSigner(label string, i int) *signer {
	return signerOf(must(identity.NewSigningKey(&stream{label: fmt.Sprint(label, " ", i)})))
}

func signerOf(key *identity.SigningKey) *signer {
	return &signer{key: key, made: map[sxp.Hash][]byte{}}
}

// ID is envelope.Signer.ID.
func (s *signer) ID() sxp.ID { return s.key.ID() }

// Sign is envelope.Signer.Sign.
func (s *signer) Sign(b []byte) ([]byte, error) {
	h := sxp.Sum(b)
	if sig, ok := s.made[h]; ok {
		return sig, nil
	}
	sig, err := s.key.Sign(b)
	if err != nil {
		return nil, err
	}
	if len(s.made) >= maxMade {
		clear(s.made)
	}
	s.made[h] = sig
	return sig, nil
}

// A contractSecret is a contract key, real or ideal.
type contractSecret interface {
	public() bls.G2
	signDraw(proposal sxp.Hash) bls.G1
	signSession(m sxp.Hash) bls.G1
	commit(label sxp.Hash, t int) (bls.Commitment, []byte, error)
	promise(opening []byte, m sxp.Hash, ys []bls.G1) (bls.Promise, error)
}

// An opener is a juror's key, real or ideal.
type opener interface {
	openShare(c, u bls.G1) (bls.G1, error)
}

// partyKeys are contract.Keys of a party, made anew at each start: openings
// that were not made durable are gone then.
type partyKeys struct {
	*signer
	secret   contractSecret
	openings map[sxp.Hash][]byte
	commits  *int // how often this party committed in this run
}

var _ contract.Holder = (*partyKeys)(nil)

// ContractKey is contract.Keys.ContractKey, as the next ones are.
func (k *partyKeys) ContractKey() bls.G2 { return k.secret.public() }

// SignDraw signs the digest.
func (k *partyKeys) SignDraw(proposal sxp.Hash) (bls.G1, error) {
	return k.secret.signDraw(proposal), nil
}

// SignSession signs m.
func (k *partyKeys) SignSession(m sxp.Hash) (bls.G1, error) { return k.secret.signSession(m), nil }

// Commit draws an opening, another one each time.
func (k *partyKeys) Commit(session sxp.Hash, t int) (bls.Commitment, error) {
	id := k.ID()
	*k.commits++
	c, opening, err := k.secret.commit(sxp.Sum([]byte("sxp fairness opening"), id[:], session[:], number(*k.commits)), t)
	if err == nil {
		k.openings[session] = opening
	}
	return c, err
}

// MakePromise uses the opening.
func (k *partyKeys) MakePromise(session, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	opening, ok := k.openings[session]
	if !ok {
		return nil, sxp.Errorf("fairness.keys", sxp.NotFound, session, "no opening")
	}
	return k.secret.promise(opening, m, ys)
}

// Holds reports whether there is an opening.
func (k *partyKeys) Holds(session sxp.Hash) bool { return k.openings[session] != nil }

// jurorKeys are jury.Keys.
type jurorKeys struct {
	*signer
	opener
}

// OpenShare takes the own share out of a promise.
func (k *jurorKeys) OpenShare(c, u bls.G1) (bls.G1, error) { return k.openShare(c, u) }

// memo remembers results of real mathematics: the runs of a world have most
// facts in common.
type memo struct{ known map[sxp.Hash]any }

// maxKnown bounds a memo.
const maxKnown = 200_000

func remember[T any](m *memo, what string, args any, f func() T) T {
	b, err := envelope.Marshal(args)
	if err != nil {
		return f()
	}
	key := sxp.Sum([]byte(what), b)
	if v, ok := m.known[key]; ok {
		return v.(T)
	}
	v := f()
	if len(m.known) >= maxKnown {
		clear(m.known)
	}
	m.known[key] = v
	return v
}

// realSecret is the contract key of a party.
type realSecret struct {
	*memo
	key *bls.Secret
	x   bls.G2
}

type made[T any] struct {
	v       T
	opening []byte
	err     error
}

func (s *realSecret) public() bls.G2 { return s.x }
func (s *realSecret) signDraw(p sxp.Hash) bls.G1 {
	return remember(s.memo, "draw", signing{s.x, p}, func() bls.G1 { return s.key.SignDraw(p) })
}
func (s *realSecret) signSession(m sxp.Hash) bls.G1 {
	return remember(s.memo, "sigma", signing{s.x, m}, func() bls.G1 { return s.key.SignSession(m) })
}

type signing struct {
	X bls.G2
	M sxp.Hash
}

func (s *realSecret) commit(label sxp.Hash, t int) (bls.Commitment, []byte, error) {
	type args struct {
		X bls.G2
		L sxp.Hash
		T int
	}
	r := remember(s.memo, "commit", args{s.x, label, t}, func() made[bls.Commitment] {
		c, o, err := bls.Commit(&stream{label: string(label[:])}, s.key, t)
		if err != nil {
			return made[bls.Commitment]{err: err}
		}
		b, err := o.Marshal()
		return made[bls.Commitment]{c, b, err}
	})
	return r.v, r.opening, r.err
}

func (s *realSecret) promise(opening []byte, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	type args struct {
		X bls.G2
		O []byte
		M sxp.Hash
		Y []bls.G1
	}
	r := remember(s.memo, "promise", args{s.x, opening, m, ys}, func() made[bls.Promise] {
		o, err := bls.ParseOpening(opening)
		if err != nil {
			return made[bls.Promise]{err: err}
		}
		p, err := bls.MakePromise(s.key, o, m, ys)
		return made[bls.Promise]{v: p, err: err}
	})
	return r.v, r.err
}

// realOpener is the key of a juror.
type realOpener struct {
	*memo
	key *bls.Secret
	y   bls.G1
}

func (o *realOpener) openShare(c, u bls.G1) (bls.G1, error) {
	r := remember(o.memo, "open", []bls.G1{o.y, c, u}, func() made[bls.G1] {
		s, err := o.key.OpenShare(c, u)
		return made[bls.G1]{v: s, err: err}
	})
	return r.v, r.err
}

// memoAlgebra is the real algebra, each fact verified once.
type memoAlgebra struct {
	real contract.Algebra
	*memo
}

var _ contract.Algebra = (*memoAlgebra)(nil)

type verdict struct{ err error }

func (a *memoAlgebra) check(what string, args any, f func() error) error {
	return remember(a.memo, what, args, func() verdict { return verdict{f()} }).err
}

// Possession is contract.Algebra's, as are the next ones.
func (a *memoAlgebra) Possession(id sxp.ID, x bls.G2, proof bls.G1) error {
	type args struct {
		I sxp.ID
		X bls.G2
		P bls.G1
	}
	return a.check("possession", args{id, x, proof}, func() error { return a.real.Possession(id, x, proof) })
}

// JurorKey verifies a juror's keys.
func (a *memoAlgebra) JurorKey(id sxp.ID, y bls.G1, z bls.G2, proof bls.G1) error {
	type args struct {
		I sxp.ID
		Y bls.G1
		Z bls.G2
		P bls.G1
	}
	return a.check("juror", args{id, y, z, proof}, func() error { return a.real.JurorKey(id, y, z, proof) })
}

// Draw verifies δ.
func (a *memoAlgebra) Draw(x bls.G2, proposal sxp.Hash, draw bls.G1) error {
	type args struct {
		X bls.G2
		P sxp.Hash
		D bls.G1
	}
	return a.check("verify draw", args{x, proposal, draw}, func() error { return a.real.Draw(x, proposal, draw) })
}

// Draws verifies every party's δ: each is a fact that parties, who see them one
// by one, have mostly verified before.
func (a *memoAlgebra) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	return drawsOf(a, xs, proposal, draws)
}

// drawsOf verifies draw shares one by one.
func drawsOf(a contract.Algebra, xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	for i := range draws {
		if err := a.Draw(xs[i], proposal, draws[i]); err != nil {
			return &bls.BlameError{Index: i, Err: err}
		}
	}
	return nil
}

// Commitment verifies K.
func (a *memoAlgebra) Commitment(x bls.G2, c bls.Commitment, n, t int) error {
	type args struct {
		X    bls.G2
		C    bls.Commitment
		N, T int
	}
	return a.check("commitment", args{x, c, n, t}, func() error { return a.real.Commitment(x, c, n, t) })
}

// Promises verifies promises.
func (a *memoAlgebra) Promises(m sxp.Hash, zs []bls.G2, checks []bls.PromiseCheck) error {
	type args struct {
		M sxp.Hash
		Z []bls.G2
		C []bls.PromiseCheck
	}
	return a.check("promises", args{m, zs, checks}, func() error { return a.real.Promises(m, zs, checks) })
}

// Shares verifies opened shares.
func (a *memoAlgebra) Shares(m sxp.Hash, checks []bls.SharesCheck) error {
	type args struct {
		M sxp.Hash
		C []bls.SharesCheck
	}
	return a.check("shares", args{m, checks}, func() error { return a.real.Shares(m, checks) })
}

// Session verifies σ.
func (a *memoAlgebra) Session(x bls.G2, m sxp.Hash, sig bls.G1) error {
	type args struct {
		X bls.G2
		M sxp.Hash
		S bls.G1
	}
	return a.check("session", args{x, m, sig}, func() error { return a.real.Session(x, m, sig) })
}

// Aggregate verifies S.
func (a *memoAlgebra) Aggregate(m sxp.Hash, xs []bls.G2, s bls.G1) error {
	type args struct {
		M sxp.Hash
		X []bls.G2
		S bls.G1
	}
	return a.check("aggregate", args{m, xs, s}, func() error { return a.real.Aggregate(m, xs, s) })
}

// Recover puts shares together.
func (a *memoAlgebra) Recover(shares map[int]bls.G1, t int) (bls.G1, error) {
	type args struct {
		S map[int]bls.G1
		T int
	}
	r := remember(a.memo, "recover", args{shares, t}, func() made[bls.G1] {
		s, err := a.real.Recover(shares, t)
		return made[bls.G1]{v: s, err: err}
	})
	return r.v, r.err
}

// Combine puts signatures together.
func (a *memoAlgebra) Combine(m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	type args struct {
		M sxp.Hash
		S []bls.G1
	}
	r := remember(a.memo, "combine", args{m, sigmas}, func() made[bls.G1] {
		s, err := a.real.Combine(m, sigmas)
		return made[bls.G1]{v: s, err: err}
	})
	return r.v, r.err
}

// Seed adds draw shares.
func (a *memoAlgebra) Seed(draws []bls.G1) (sxp.Hash, error) {
	r := remember(a.memo, "seed", draws, func() made[sxp.Hash] {
		s, err := a.real.Seed(draws)
		return made[sxp.Hash]{v: s, err: err}
	})
	return r.v, r.err
}

// must is for what can fail only by a mistake in this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic("fairness: " + err.Error())
	}
	return v
}
