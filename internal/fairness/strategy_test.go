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

// TestAwayBesideCorruptJurors: outside the assumptions, with f corrupt jurors
// and an honest one that stops at any write or message, before it or after it,
// an honest party may go without an outcome. But while messages among jurors
// take half of Δ at most, as spec/jury.md counts, nobody is told "never" of a
// contract that exists, and no two certificates contradict each other: what was
// not passed on is not opened.
func TestAwayBesideCorruptJurors(t *testing.T) {
	t.Parallel()
	l := NewLab()
	crashed, opened, open := 0, 0, 0
	for seed := range uint64(500) {
		c := Draw(700_000+seed, Range{MaxParties: 2 + int(seed%2), MaxJurors: 3 + 2*int(seed%3%2), Exact: true, Beyond: "outage"})
		o := must(l.Play(c, false))
		for _, v := range o.Broken {
			if v.Property == "fairness" {
				open++
			}
			if v.Property != "fairness" && v.Property != "timeliness" {
				report(t, l, c, &Outcome{Broken: []Violation{v}})
			}
		}
		if o.Counts["crash"] > 0 {
			crashed++
		}
		if o.Counts["restart juror completed"] > 0 || o.Counts["restart juror abstains"] > 0 {
			opened++
		}
	}
	if crashed < 100 || opened < 20 || open == 0 {
		t.Errorf("%d of 500 jurors were away, %d with an accepted claim, %d runs unfair: this test shows nothing", crashed, opened, open)
	}
}
