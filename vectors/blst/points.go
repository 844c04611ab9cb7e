//go:build cgo

package sxpverify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	blst "github.com/supranational/blst/bindings/go"
)

// G1 and G2 are points in their compressed form (spec/bls.md, "Curve and points").
type (
	G1 [48]byte
	G2 [96]byte
)

// The tags of spec/bls.md, "Tags".
const (
	tagSession         = "SXP-V01-SESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	tagDraw            = "SXP-V01-DRAW-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	tagPossession      = "SXP-V01-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
	tagJurorPossession = "SXP-V01-JUROR-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
)

var order, _ = new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)

func (p G1) read() (*blst.P1Affine, error) {
	a := new(blst.P1Affine)
	if p[0]&0x80 == 0 || p[0]&0x40 != 0 || a.Uncompress(p[:]) == nil || !a.InG1() || !bytes.Equal(a.Compress(), p[:]) {
		return nil, fmt.Errorf("%x… is not the encoding of a point of G1", p[:4])
	}
	return a, nil
}

func (p G2) read() (*blst.P2Affine, error) {
	a := new(blst.P2Affine)
	if p[0]&0x80 == 0 || p[0]&0x40 != 0 || a.Uncompress(p[:]) == nil || !a.InG2() || !bytes.Equal(a.Compress(), p[:]) {
		return nil, fmt.Errorf("%x… is not the encoding of a point of G2", p[:4])
	}
	return a, nil
}

// pair is an argument of a pairing.
type pair struct {
	p *blst.P1Affine
	q *blst.P2Affine
}

func miller(pairs []pair) *blst.Fp12 {
	out := blst.Fp12One()
	for _, x := range pairs {
		out.MulAssign(blst.Fp12MillerLoop(x.q, x.p))
	}
	return &out
}

// equal reports whether both products of pairings are the same.
func equal(left []pair, right ...pair) bool { return blst.Fp12FinalVerify(miller(left), miller(right)) }

func g1() *blst.P1Affine { return blst.P1Generator().ToAffine() }
func g2() *blst.P2Affine { return blst.P2Generator().ToAffine() }

func hash(tag string, message ...[]byte) *blst.P1Affine {
	return blst.HashToG1(bytes.Join(message, nil), []byte(tag)).ToAffine()
}

// scalar is n modulo the order.
func scalar(n *big.Int) *blst.Scalar {
	var b [32]byte
	new(big.Int).Mod(n, order).FillBytes(b[:])
	return new(blst.Scalar).FromBEndian(b[:])
}

func times1(p *blst.P1Affine, n *big.Int) *blst.P1 {
	j := new(blst.P1)
	j.FromAffine(p)
	return j.Mult(scalar(n))
}

func times2(p *blst.P2Affine, n *big.Int) *blst.P2 {
	j := new(blst.P2)
	j.FromAffine(p)
	return j.Mult(scalar(n))
}

// verify checks a signature under a key and a tag.
func verify(tag string, x *blst.P2Affine, signature G1, message ...[]byte) error {
	s, err := signature.read()
	if err != nil {
		return err
	}
	if !equal([]pair{{s, g2()}}, pair{hash(tag, message...), x}) {
		return errors.New("not signed by this key")
	}
	return nil
}

func role(name string) []byte { return append([]byte{byte(len(name))}, name...) }

func checkPossession(name string, id [32]byte, x G2, proof G1) error {
	key, err := x.read()
	if err != nil {
		return err
	}
	if name == "juror" || name == "" {
		return errors.New("a contract key has another role")
	}
	return verify(tagPossession, key, proof, role(name), x[:], id[:])
}

func checkJurorKey(id [32]byte, y G1, z G2, proof G1) error {
	py, err := y.read()
	if err != nil {
		return err
	}
	pz, err := z.read()
	if err != nil {
		return err
	}
	if !equal([]pair{{py, g2()}}, pair{g1(), pz}) {
		return errors.New("Y and Z have two secrets")
	}
	return verify(tagJurorPossession, pz, proof, role("juror"), y[:], z[:], id[:])
}

// A commitment is K, with the key that it belongs to.
type commitment struct {
	x *blst.P2Affine
	a []*blst.P2Affine
	u *blst.P1Affine
}

// seatKey is P_j = Σ j^k·A_k.
func (c *commitment) seatKey(j int) *blst.P2Affine {
	p := new(blst.P2)
	all := append([]*blst.P2Affine{c.x}, c.a...)
	p.FromAffine(all[len(all)-1])
	for k := len(all) - 2; k >= 0; k-- {
		p = p.Mult(scalar(big.NewInt(int64(j)))).Add(all[k])
	}
	return p.ToAffine()
}

func isIdentity(compressed []byte) bool { return compressed[0]&0x40 != 0 }

func openCommitment(x G2, a []G2, u G1, n, t int) (*commitment, error) {
	if t < 1 || t > n || n > 101 || len(a) != t-1 {
		return nil, errors.New("a commitment has exactly t−1 points A")
	}
	c := new(commitment)
	var err error
	if c.x, err = x.read(); err != nil {
		return nil, err
	}
	for _, p := range a {
		q, err := p.read()
		if err != nil {
			return nil, err
		}
		c.a = append(c.a, q)
	}
	if c.u, err = u.read(); err != nil {
		return nil, err
	}
	for j := 1; j <= n; j++ {
		if isIdentity(c.seatKey(j).Compress()) {
			return nil, fmt.Errorf("P_%d is the identity", j)
		}
	}
	return c, nil
}

// checkPromise is e(C_j, g2) = e(H(m), P_j)·e(U, Z_j) for all seats, one by one.
func (c *commitment) checkPromise(m [32]byte, zs []*blst.P2Affine, points []G1) error {
	if len(points) != len(zs) {
		return errors.New("a promise has a point for each seat")
	}
	h := hash(tagSession, m[:])
	for j, p := range points {
		q, err := p.read()
		if err != nil {
			return err
		}
		if !equal([]pair{{q, g2()}}, pair{h, c.seatKey(j + 1)}, pair{c.u, zs[j]}) {
			return fmt.Errorf("C_%d is not what was committed to", j+1)
		}
	}
	return nil
}

func (c *commitment) checkShare(m [32]byte, seat int, share G1) error {
	s, err := share.read()
	if err != nil {
		return err
	}
	if seat < 1 || seat > 101 || !equal([]pair{{s, g2()}}, pair{hash(tagSession, m[:]), c.seatKey(seat)}) {
		return errors.New("not the share of this seat")
	}
	return nil
}

// coefficient is c_i.
func coefficient(m [32]byte, i int) *big.Int {
	h := sha256.Sum256(binary.BigEndian.AppendUint32(append([]byte("sxp aggregate"), m[:]...), uint32(i)))
	return new(big.Int).SetBytes(h[:16])
}

func checkAggregate(m [32]byte, keys []G2, s G1) error {
	if len(keys) < 1 || len(keys) > 12 {
		return errors.New("a contract has 1 to 12 parties")
	}
	var sum *blst.P2
	for i, k := range keys {
		x, err := k.read()
		if err != nil {
			return err
		}
		p := times2(x, coefficient(m, i))
		if sum == nil {
			sum = p
		} else {
			sum = sum.Add(p)
		}
	}
	x := sum.ToAffine()
	if isIdentity(x.Compress()) {
		return errors.New("the keys cancel")
	}
	return verify(tagSession, x, s, m[:])
}

// aggregate is S = Σ c_i·σ_i.
func aggregate(m [32]byte, sigmas []G1) (G1, error) {
	return weighted(sigmas, func(i int) *big.Int { return coefficient(m, i) })
}

// weighted is the sum of w(i)·p_i.
func weighted(points []G1, w func(i int) *big.Int) (out G1, err error) {
	var sum *blst.P1
	for i, p := range points {
		q, err := p.read()
		if err != nil {
			return out, err
		}
		if x := times1(q, w(i)); sum == nil {
			sum = x
		} else {
			sum = sum.Add(x)
		}
	}
	if sum == nil {
		return out, errors.New("a sum of nothing")
	}
	copy(out[:], sum.ToAffine().Compress())
	return out, nil
}

// recover completes a signature from the shares of distinct seats.
func recoverSignature(seats []int, shares []G1) (G1, error) {
	return weighted(shares, func(k int) *big.Int {
		up, down := big.NewInt(1), big.NewInt(1)
		for _, i := range seats {
			if i != seats[k] {
				up.Mul(up, big.NewInt(int64(i)))
				down.Mul(down, big.NewInt(int64(i-seats[k])))
			}
		}
		return up.Mul(up, new(big.Int).ModInverse(down.Mod(down, order), order))
	})
}

// seed is that of the draw.
func seed(draws []G1) ([32]byte, error) {
	sum, err := weighted(draws, func(int) *big.Int { return big.NewInt(1) })
	if err == nil && isIdentity(sum[:]) {
		err = errors.New("the sum of the draw shares is the identity")
	}
	return sha256.Sum256(sum[:]), err
}
