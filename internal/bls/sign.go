package bls

import (
	"io"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// The domain separation tags of RFC 9380 section 3.1, one per meaning of a
// signature. A contract key signs under the first three and nothing else, a
// juror key under the last and nothing else.
const (
	TagSession    = "SXP-V01-SESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	TagDraw       = "SXP-V01-DRAW-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	TagPossession = "SXP-V01-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	TagJuror      = "SXP-V01-JUROR-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
)

// Roles that proofs of possession name.
const (
	RoleParty = "party" // a contract key, proved over X
	RoleJuror = "juror" // a juror key, proved over Y and Z
)

// MaxRole is the longest role in bytes: its length is written in one byte.
const MaxRole = 255

// hashToG1 is hash_to_curve of RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_.
func hashToG1(msg []byte, tag string) gnark.G1Affine {
	h, err := gnark.HashToG1(msg, []byte(tag))
	if err != nil {
		panic("bls: the tags are short enough to hash: " + err.Error())
	}
	return h
}

// timesHash returns x·H(msg).
func (s *Secret) timesHash(msg []byte, tag string) (out circl.G1) {
	h := hashToG1(msg, tag)
	base := toCircl(&h)
	multiply(&out, &base, s.use())
	return out
}

// sign returns x·H(msg).
func (s *Secret) sign(msg []byte, tag string) G1 {
	p := s.timesHash(msg, tag)
	return G1(p.BytesCompressed())
}

// verify checks e(sig, g2) = e(H(msg), pub).
func verify(op, what string, pub G2, msg []byte, tag string, sig G1) error {
	return forgetful(nil).verify(op, what, pub, msg, tag, sig)
}

func (v *Verifier) verify(op, what string, pub G2, msg []byte, tag string, sig G1) error {
	x, err := v.decodeG2(op, "the key", pub)
	if err != nil {
		return err
	}
	s, err := decodeG1(op, what, sig)
	if err != nil {
		return err
	}
	_, g2 := generators()
	g2.Neg(&g2)
	if !pairingIsOne([]gnark.G1Affine{s, hashToG1(msg, tag)}, []gnark.G2Affine{g2, x}) {
		return sxp.Errorf(op, sxp.Invalid, nil, "%s was not made with the key %s", what, pub)
	}
	return nil
}

// SignSession returns σ = x·H(m), the party's signature of the contract m.
func (s *Secret) SignSession(m sxp.Hash) G1 { return s.sign(m[:], TagSession) }

// SignDraw returns δ = x·H'(proposal), the party's share of the draw's seed:
// there is exactly one for a key and a proposal.
func (s *Secret) SignDraw(proposal sxp.Hash) G1 { return s.sign(proposal[:], TagDraw) }

// VerifySession fails with sxp.Invalid unless sig is the signature of m.
func VerifySession(pub G2, m sxp.Hash, sig G1) error {
	return verify("bls.VerifySession", "the signature", pub, m[:], TagSession, sig)
}

// VerifyDraw fails with sxp.Invalid unless sig is the draw share of proposal.
// Every share is verified: a mere sum could be chosen by its last author.
func VerifyDraw(pub G2, proposal sxp.Hash, sig G1) error {
	return forgetful(nil).VerifyDraw(pub, proposal, sig)
}

// VerifyDraw is the function VerifyDraw with a memory.
func (v *Verifier) VerifyDraw(pub G2, proposal sxp.Hash, sig G1) error {
	return v.verify("bls.VerifyDraw", "the draw share", pub, proposal[:], TagDraw, sig)
}

// VerifyDraws checks every party's draw share of proposal at once, with two
// pairings: e(Σ ρ_i·δ_i, g2) = e(H(proposal), Σ ρ_i·X_i) with coefficients from
// rand as in [VerifyPromises], so that the verdict is that of [VerifyDraw] on
// each; a nil rand has each verified by itself. A bad share or key gives a
// *BlameError of kind sxp.Invalid that names the first guilty party.
func VerifyDraws(rand io.Reader, xs []G2, proposal sxp.Hash, draws []G1) error {
	return forgetful(rand).VerifyDraws(xs, proposal, draws)
}

// VerifyDraws is the function VerifyDraws with a memory.
func (v *Verifier) VerifyDraws(xs []G2, proposal sxp.Hash, draws []G1) error {
	const op = "bls.VerifyDraws"
	if len(draws) < 1 || len(draws) > MaxChecks || len(xs) != len(draws) {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the draw shares of 1 to %d parties are checked at once, not %d of %d", MaxChecks, len(draws), len(xs))
	}
	if len(draws) > 1 && v.rand != nil {
		if ok, err := v.drawsHold(op, xs, proposal, draws); err != nil || ok {
			return err
		}
	}
	for i := range draws {
		if err := v.verify(op, "the draw share", xs[i], proposal[:], TagDraw, draws[i]); err != nil {
			return &BlameError{Index: i, Err: err}
		}
	}
	if len(draws) > 1 && v.rand != nil {
		return sxp.Errorf(op, sxp.Internal, nil, "draw shares fail together but not one by one")
	}
	return nil
}

// drawsHold reports whether all of draws hold; not, if one is no point.
func (v *Verifier) drawsHold(op string, xs []G2, proposal sxp.Hash, draws []G1) (bool, error) {
	keys := make([]gnark.G2Affine, len(xs))
	shares := make([]gnark.G1Affine, len(draws))
	var h gnark.G1Affine
	var points steps
	for i := range draws {
		points.decodeG2(&keys[i], v, op, "the key", xs[i], blameNobody)
		points.decodeG1(&shares[i], op, "the draw share", draws[i], blameNobody)
	}
	points.add(func() error {
		h = hashToG1(proposal[:], TagDraw)
		return nil
	})
	if points.run() != nil {
		return false, nil
	}
	rho, err := randomCoefficients(op, v.rand, len(draws))
	if err != nil {
		return false, err
	}
	rho[0].SetOne()
	_, g2 := generators()
	g2.Neg(&g2)
	return pairingIsOne(
		[]gnark.G1Affine{sumG1(shares, rho), h},
		[]gnark.G2Affine{g2, sumG2(keys, rho)},
	), nil
}

// possession is what a proof of possession signs:
// length of role (1 byte) ‖ role ‖ keys ‖ identity key (32 bytes).
func possession(role string, keys []byte, id sxp.ID) []byte {
	b := make([]byte, 0, 1+len(role)+len(keys)+len(id))
	b = append(b, byte(len(role)))
	b = append(b, role...)
	b = append(b, keys...)
	return append(b, id[:]...)
}

// ProvePossession proves to everyone that the owner of the identity key id
// knows the secret, for one role of 1 to MaxRole bytes. With RoleJuror the
// proof is over Y and Z under TagJuror, with any other over X under
// TagPossession. It panics on a role of another length.
func (s *Secret) ProvePossession(role string, id sxp.ID) G1 {
	if err := checkRole("bls.ProvePossession", role); err != nil {
		panic(err)
	}
	z := s.Public()
	if role == RoleJuror {
		y := s.PublicG1()
		return s.sign(possession(role, append(y[:], z[:]...), id), TagJuror)
	}
	return s.sign(possession(role, z[:], id), TagPossession)
}

// VerifyPossession fails with sxp.Invalid unless proof was made for this role,
// identity and contract key. Juror keys have VerifyJurorKey.
func VerifyPossession(role string, id sxp.ID, pub G2, proof G1) error {
	const op = "bls.VerifyPossession"
	if err := checkRole(op, role); err != nil {
		return err
	}
	if role == RoleJuror {
		return sxp.Errorf(op, sxp.Invalid, id, "a contract key cannot have the role %q", role)
	}
	return verify(op, "the proof of possession", pub, possession(role, pub[:], id), TagPossession, proof)
}

func checkRole(op, role string) error {
	if len(role) == 0 || len(role) > MaxRole {
		return sxp.Errorf(op, sxp.Invalid, nil, "a role has 1 to %d bytes, not %d", MaxRole, len(role))
	}
	return nil
}
