package fairness

import (
	"encoding/binary"

	"sxp"
)

// dice are random numbers that follow from a seed, the same on every machine
// and with every release of Go: splitmix64 (Steele, Lea, Flood 2014). They
// choose schedules, never keys.
type dice struct{ state uint64 }

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	return scramble(d.state)
}

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n−1; 0 for n < 2.
func (d *dice) below(n int) int {
	if n < 2 {
		return 0
	}
	return int(d.next() % uint64(n))
}

// chance is true in perMille of 1,000 cases.
func (d *dice) chance(perMille int) bool { return d.below(1000) < perMille }

// span returns a span from lo to hi.
func (d *dice) span(lo, hi sxp.Duration) sxp.Duration {
	if hi <= lo {
		return lo
	}
	return lo + sxp.Duration(d.next()%uint64(hi-lo+1))
}

// perm returns the numbers 0..n−1 in random order.
func (d *dice) perm(n int) []int {
	out := make([]int, n)
	for i := range out {
		k := d.below(i + 1)
		out[i] = out[k]
		out[k] = i
	}
	return out
}

// at returns dice for one thing of a run: what happens to it does not depend
// on what else happens, so that a case keeps failing while it is shrunk.
func at(seed uint64, parts ...uint64) dice {
	z := seed
	for _, p := range parts {
		z = scramble(z + 0x9e3779b97f4a7c15 + p)
	}
	return dice{z}
}

// stream is an endless source of bytes for keys of a simulation.
type stream struct {
	label string
	n     uint64
	rest  []byte
}

// Read fills p; it never fails.
func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			h := sxp.Sum([]byte("sxp fairness "+s.label), binary.BigEndian.AppendUint64(nil, s.n))
			s.n++
			s.rest = h[:]
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}
