package solver

import "math/bits"

// A random is the generator SplitMix64 (Steele, Lea, Flood 2014): the same
// numbers on every machine and in every release.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// patience returns -log2 of a random number of (0,1), times 256, by integers
// only: how many temperatures a loss may be great.
func (r *random) patience() int64 {
	u := r.next() | 1
	zeros := bits.LeadingZeros64(u)
	return int64(zeros)<<8 + 255 - int64(u<<(zeros+1)>>56)
}
