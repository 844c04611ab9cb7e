package fairness

import (
	"fmt"

	"sxp"
	"sxp/contract"
	"sxp/contract/memo"
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

// maxKnown is how many results of real mathematics a Lab remembers: the runs of
// a world have most of them in common.
const maxKnown = 200_000

// realSecret is the contract key of a party.
type realSecret struct {
	known *memo.Table
	key   *bls.Secret
	x     bls.G2
}

func (s *realSecret) public() bls.G2 { return s.x }
func (s *realSecret) signDraw(p sxp.Hash) bls.G1 {
	return memo.Of(s.known, "draw", signing{s.x, p}, func() bls.G1 { return s.key.SignDraw(p) })
}
func (s *realSecret) signSession(m sxp.Hash) bls.G1 {
	return memo.Of(s.known, "sigma", signing{s.x, m}, func() bls.G1 { return s.key.SignSession(m) })
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
	type committed struct {
		c       bls.Commitment
		opening []byte
	}
	r, err := memo.Try(s.known, "commit", args{s.x, label, t}, func() (committed, error) {
		c, o, err := bls.Commit(&stream{label: string(label[:])}, s.key, t)
		if err != nil {
			return committed{}, err
		}
		b, err := o.Marshal()
		return committed{c, b}, err
	})
	return r.c, r.opening, err
}

func (s *realSecret) promise(opening []byte, m sxp.Hash, ys []bls.G1) (bls.Promise, error) {
	type args struct {
		X bls.G2
		O []byte
		M sxp.Hash
		Y []bls.G1
	}
	return memo.Try(s.known, "promise", args{s.x, opening, m, ys}, func() (bls.Promise, error) {
		o, err := bls.ParseOpening(opening)
		if err != nil {
			return nil, err
		}
		return bls.MakePromise(s.key, o, m, ys)
	})
}

// realOpener is the key of a juror.
type realOpener struct {
	known *memo.Table
	key   *bls.Secret
	y     bls.G1
}

func (o *realOpener) openShare(c, u bls.G1) (bls.G1, error) {
	return memo.Try(o.known, "open", []bls.G1{o.y, c, u}, func() (bls.G1, error) { return o.key.OpenShare(c, u) })
}

// drawByDraw is an Algebra that verifies draw shares one by one: where results
// are remembered each is a fact that parties, who see them one by one, have
// mostly verified before.
type drawByDraw struct{ contract.Algebra }

// Draws is contract.Algebra's.
func (a drawByDraw) Draws(xs []bls.G2, proposal sxp.Hash, draws []bls.G1) error {
	return drawsOf(a.Algebra, xs, proposal, draws)
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

// must is for what can fail only by a mistake in this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic("fairness: " + err.Error())
	}
	return v
}
