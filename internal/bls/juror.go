package bls

import (
	"io"
	"math/big"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"sxp"
)

// A JurorKey is the pair Y = y·g1, Z = y·g2 with the proof that the identity
// ID knows y.
type JurorKey struct {
	ID    sxp.ID
	Y     G1
	Z     G2
	Proof G1
}

// VerifyJurorKey fails with sxp.Invalid unless y and z belong to one secret,
// e(Y, g2) = e(g1, Z), which the identity id has proved to know.
func VerifyJurorKey(id sxp.ID, y G1, z G2, proof G1) error {
	const op = "bls.VerifyJurorKey"
	var d decodedJuror
	if err := d.decode(op, &JurorKey{ID: id, Y: y, Z: z, Proof: proof}); err != nil {
		return err
	}
	return d.verify(op)
}

// VerifyJurorKeys checks a whole roll or jury at once, with len(keys)+2
// pairings and coefficients from rand as [VerifyPromises] does. A bad key
// gives a *BlameError of kind sxp.Invalid that names the first one. It does
// not check that the keys are distinct; [Distinct] does.
func VerifyJurorKeys(rand io.Reader, keys []JurorKey) error {
	const op = "bls.VerifyJurorKeys"
	for start := 0; start < len(keys); start += MaxSeats {
		if err := verifyJurorKeys(op, rand, start, keys[start:min(start+MaxSeats, len(keys))]); err != nil {
			return err
		}
	}
	return nil
}

// verifyJurorKeys checks one batch, which starts at position start.
func verifyJurorKeys(op string, rand io.Reader, start int, keys []JurorKey) error {
	decoded := make([]decodedJuror, len(keys))
	var points steps
	for i := range keys {
		points.add(func() error {
			if err := decoded[i].decode(op, &keys[i]); err != nil {
				return &BlameError{Index: start + i, Err: err}
			}
			return nil
		})
	}
	if err := points.run(); err != nil {
		return err
	}
	ok, err := jurorKeysHold(op, rand, decoded)
	if err != nil || ok {
		return err
	}
	for i := range decoded {
		if err := decoded[i].verify(op); err != nil {
			return &BlameError{Index: start + i, Err: err}
		}
	}
	return sxp.Errorf(op, sxp.Internal, nil, "juror keys fail together but not one by one")
}

// decodedJuror is a JurorKey as points, with the hash that the proof signs.
type decodedJuror struct {
	id       sxp.ID
	y        gnark.G1Affine
	z        gnark.G2Affine
	proof, h gnark.G1Affine
}

func (d *decodedJuror) decode(op string, k *JurorKey) error {
	var err error
	if d.y, err = decodeG1(op, "the key Y", k.Y); err != nil {
		return err
	}
	if d.z, err = decodeG2(op, "the key Z", k.Z); err != nil {
		return err
	}
	if d.proof, err = decodeG1(op, "the proof of possession", k.Proof); err != nil {
		return err
	}
	d.id = k.ID
	d.h = hashToG1(possession(RoleJuror, append(k.Y[:], k.Z[:]...), k.ID), TagJuror)
	return nil
}

func (d *decodedJuror) verify(op string) error {
	g1, g2 := generators()
	g2.Neg(&g2)
	if !pairingIsOne([]gnark.G1Affine{d.y, g1}, []gnark.G2Affine{g2, d.z}) {
		return sxp.Errorf(op, sxp.Invalid, d.id, "the keys Y and Z do not belong to one secret")
	}
	if !pairingIsOne([]gnark.G1Affine{d.proof, d.h}, []gnark.G2Affine{g2, d.z}) {
		return sxp.Errorf(op, sxp.Invalid, d.id, "the proof of possession was not made with this key by this identity")
	}
	return nil
}

// jurorKeysHold checks, with ρ_j and π_j random,
//
//	e(Σ ρ_j·Y_j + Σ π_j·proof_j, −g2) · e(g1, Σ ρ_j·Z_j) · Π_j e(π_j·H_j, Z_j) = 1.
func jurorKeysHold(op string, rand io.Reader, keys []decodedJuror) (bool, error) {
	rho, err := randomCoefficients(op, rand, 2*len(keys))
	if err != nil {
		return false, err
	}
	g1, g2 := generators()
	g2.Neg(&g2)
	n := len(keys)
	points := make([]gnark.G1Affine, 2*n)
	zs := make([]gnark.G2Affine, n)
	left := make([]gnark.G1Affine, 2, n+2)
	right := make([]gnark.G2Affine, 2, n+2)
	for j := range keys {
		points[j], points[n+j], zs[j] = keys[j].y, keys[j].proof, keys[j].z
		var h gnark.G1Affine
		left = append(left, *h.ScalarMultiplication(&keys[j].h, rho[n+j].BigInt(new(big.Int))))
		right = append(right, keys[j].z)
	}
	left[0], right[0] = sumG1(points, rho), g2
	left[1], right[1] = g1, sumG2(zs, rho[:n])
	return pairingIsOne(left, right), nil
}
