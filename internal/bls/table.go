package bls

import (
	"crypto/subtle"
	"sync"
	"unsafe"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/ecc/bls12381/ff"
)

// circl multiplies a point by a secret scalar with 256 doublings and 64
// additions. Where one base meets many secrets (g2 in a commitment, H(m) in a
// promise) the doublings are done once, in a table, and 64 of circl's complete
// additions remain. Each addend is picked by reading the whole row, so neither
// time nor memory addresses depend on the scalar.

const (
	windowBits = 4
	windows    = 8 * ff.ScalarSize / windowBits
	rowSize    = 1 << windowBits
)

// point is what the two groups of circl share.
type point[P any] interface {
	*P
	Add(a, b *P)
	Double()
	SetIdentity()
}

// A table holds d·16^i·B for all windows i and digits d of one base B.
type table[P any, PP point[P]] struct {
	rows [windows][rowSize]P
}

func newTable[P any, PP point[P]](base *P) *table[P, PP] {
	t := new(table[P, PP])
	b := *base
	for i := range t.rows {
		row := &t.rows[i]
		PP(&row[0]).SetIdentity()
		for d := 1; d < rowSize; d++ {
			PP(&row[d]).Add(&row[d-1], &b)
		}
		for range windowBits {
			PP(&b).Double()
		}
	}
	return t
}

// mult sets out to k·B in constant time.
func (t *table[P, PP]) mult(out *P, k *ff.Scalar) {
	var addend P
	digits := scalarBytes(k)
	PP(out).SetIdentity()
	for i := range t.rows {
		d := digits[len(digits)-1-i/2] >> (windowBits * (i % 2)) & (rowSize - 1)
		pick(&addend, &t.rows[i], d)
		PP(out).Add(out, &addend)
	}
	clear(digits)
	addend = *new(P)
}

// pick sets out to row[d] and reads all of row.
func pick[P any](out *P, row *[rowSize]P, d byte) {
	dst := words(out)
	clear(dst)
	for i := range row {
		mask := -uint64(subtle.ConstantTimeByteEq(d, byte(i)))
		for w, v := range words(&row[i]) {
			dst[w] |= mask & v
		}
	}
}

// words views a point of circl as its machine words: it is made of nothing
// else (a test checks it), and circl does not export a conditional move.
func words[P any](p *P) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(p)), unsafe.Sizeof(*p)/8)
}

// g2Table returns the table of g2, 288 KiB that is computed once.
var g2Table = sync.OnceValue(func() *table[circl.G2, *circl.G2] {
	return newTable[circl.G2, *circl.G2](circl.G2Generator())
})
