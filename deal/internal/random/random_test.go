package random_test

import (
	"testing"

	"sxp/deal/internal/random"
)

// The first numbers of SplitMix64 from the seed 1234567, as published with it.
func TestSource(t *testing.T) {
	s := random.Source(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := s.Next(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}

func TestPatience(t *testing.T) {
	s, sum := random.Source(1), int64(0)
	const n = 100_000
	for range n {
		x := s.Patience()
		if x < 0 || x >= 64<<8 {
			t.Fatalf("patience %d, want 0 to %d", x, 64<<8)
		}
		sum += x
	}
	// The mean of -log2 of a uniform number is 1/ln 2 = 1.4427, less what the
	// line between powers of two is off.
	if mean := sum * 1000 / n; mean < 350_000 || mean > 390_000 {
		t.Errorf("mean patience %d thousandths, want about 369,000", mean)
	}
}
