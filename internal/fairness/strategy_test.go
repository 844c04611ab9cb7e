package fairness

import (
	"bytes"
	"encoding/json"
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

// TestSlowWaysBesideAnOutage keeps two cases, as they were found and made
// small, of why TestAwayBesideCorruptJurors needs quick messages: with f
// corrupt jurors, an honest one away for a moment, and messages among jurors
// that take up to Δ, an honest juror votes void of what another has opened, so
// that corrupt ones can make both certificates. Neither is so in the same case
// once messages take half of Δ at most.
func TestSlowWaysBesideAnOutage(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		// j1 stops when it has written the claim; what it sends once it is back
		// comes after j2 has voted.
		"one of two": `{"seed":700125,"parties":2,"jurors":3,"spans":{"delta":300,"l":3000,"epsilon":900,"patience":1500,"horizon":9000},"net":{"delay":1,"quiet":13883},"clocks":{"j2":72},"crashes":[{"who":"j1","effect":2,"before":true,"back":73}],"corrupt":{"parties":[2],"jurors":[3],"plots":["seal lips","spread"]},"beyond":"slow outage"}`,

		// j4 has told one of two others when it stops; that one takes the claim
		// with f+1 endorsements and passes nothing on.
		"one of three": `{"seed":700943,"parties":2,"jurors":5,"spans":{"delta":1000,"l":2000,"epsilon":500,"patience":1000,"horizon":20000},"net":{"delay":2,"quiet":28499},"crashes":[{"who":"j4","effect":2,"back":143}],"corrupt":{"parties":[1],"jurors":[2,3],"plots":["mute","split","edge"]},"beyond":"slow outage"}`,
	} {
		var c Case
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		l := NewLab()
		if o := must(l.Play(&c, true)); !breaks(o, "agreement") {
			t.Errorf("%s: the jury agrees, so that this case shows nothing\n%s", name, o.Talk)
		}
		c.Beyond = "outage"
		if o := must(l.Play(&c, true)); breaks(o, "agreement") {
			t.Errorf("%s: %v, though messages take Δ/2 at most\n%s", name, o.Broken, o.Talk)
		}
	}
}

// TestBadRolls: without proofs of keys three of the six bad rolls are taken;
// that names and keys are distinct keeps the other three out.
func TestBadRolls(t *testing.T) {
	t.Parallel()
	c := Draw(1, Range{MaxParties: 2, MaxJurors: 3, Exact: true, Real: true})
	c.Corrupt = Corruption{Parties: []int{2}, Plots: []string{"bad roll"}}
	if o := must(NewLab().Play(c, false)); len(o.Broken) > 0 || o.Counts["roll refused"] != 6 {
		t.Errorf("%d of 6 rolls are refused: %v", o.Counts["roll refused"], o.Broken)
	}
	l := NewLab()
	unverified(lax{keys: true})(&l.off)
	if o := must(l.Play(c, false)); len(o.Broken) != 3 || o.Counts["roll refused"] != 3 {
		t.Errorf("without proofs %d of 6 rolls are refused: %v", o.Counts["roll refused"], o.Broken)
	}
}
