// Package random draws numbers for searches: the same on every machine and in
// every release. They are no secrets.
package random

import "math/bits"

// A Source is the generator SplitMix64 (Steele, Lea, Flood 2014); its value is
// the seed.
type Source uint64

// Next returns 64 bits.
func (s *Source) Next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below returns a number from 0 to n-1; n is above 0.
func (s *Source) Below(n int) int {
	hi, _ := bits.Mul64(s.Next(), uint64(n))
	return int(hi)
}

// Patience returns -log2 of a random number of (0,1), times 256: by how many
// temperatures an annealer lets its answer get worse. It uses integers only,
// since floating point would differ between machines.
func (s *Source) Patience() int64 {
	u := s.Next() | 1
	zeros := bits.LeadingZeros64(u)
	return int64(zeros)<<8 + 255 - int64(u<<(zeros+1)>>56)
}
