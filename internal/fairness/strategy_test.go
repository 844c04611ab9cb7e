package fairness

import (
	"bytes"
	"strings"
	"testing"

	"sxp/internal/bls"
)

// TestRealPlots: the plots that need real points do what they are for, and no
// juror takes what they file.
func TestRealPlots(t *testing.T) {
	t.Parallel()
	rg := small()
	rg.Real = true
	for _, p := range Plots() {
		if p.Real {
			rg.Plots = append(rg.Plots, p.Name)
		}
	}
	f := campaign(t, 400_000, 40, rg)
	for _, name := range rg.Plots {
		if n := f.Counts["plot "+name]; n < 3 {
			t.Errorf("plot %q did something in %d schedules, want at least 3", name, n)
		}
	}
}

// TestWrongPoints: each kind of wrong point is wrong for a reason of its own.
func TestWrongPoints(t *testing.T) {
	t.Parallel()
	key := must(bls.NewSecret(&stream{label: "wrong points"}))
	m, other := [32]byte{1}, bls.G1{}
	for i := byte(0); ; i++ { // one whose second encoding fits
		m[1] = i
		if other = key.SignSession(m); !bytes.Equal(encoded(other, 2), encoded(other, 1)) {
			break
		}
	}
	for how, want := range []string{"identity", "", "invalid fp.Element", "subgroup", "compressed"} {
		err := bls.VerifySession(key.Public(), m, bent(other, how))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wrong point %d: %v, want %q", how, err, want)
		}
	}
}

func encoded(p bls.G1, how int) []byte {
	q := bent(p, how)
	return q[:]
}
