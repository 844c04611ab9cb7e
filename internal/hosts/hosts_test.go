//go:build linux

package hosts

import (
	"io"
	"os"
	"strings"
	"testing"

	"sxp/contract"
)

// TestHosts lives through the scenarios in one lab, without the Long ones.
// SXP_HOSTS=all plays all, SXP_HOSTS=split,few only these. With SXP_HOSTS_RACE=1
// the hosts look for data races too.
func TestHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts 22 processes and waits for them")
	}
	if err := Able(t.Context()); err != nil {
		t.Skip(err)
	}
	var names []string
	wanted := os.Getenv("SXP_HOSTS")
	if wanted != "" && wanted != "all" {
		names = strings.Split(wanted, ",")
	}
	chosen, err := Choose(names, wanted == "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Seed: 1, Race: os.Getenv("SXP_HOSTS_RACE") != ""}
	if testing.Verbose() {
		cfg.Out = os.Stderr
	}
	l, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, s := range chosen {
		t.Run(s.Name, func(t *testing.T) {
			r, err := s.Run(t.Context(), l)
			t.Logf("%s\n%s", s.Says, r)
			if err == nil {
				return
			}
			if cfg.Out == nil {
				for _, e := range r.Timeline {
					t.Log(e)
				}
			}
			t.Fatal(err)
		})
	}
}

// TestDefectsAreFailures: a scenario in which a process reports a data race or
// panics has failed, whatever its end.
func TestDefectsAreFailures(t *testing.T) {
	for says, want := range map[string]bool{
		"==================\nWARNING: DATA RACE\nWrite at 0x00c0 by goroutine 7:\n": true,
		"panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\n":         true,
		"fatal error: concurrent map writes\n":                                      true,
		`{"level":"ERROR","msg":"the juror failed inside","err":"panic: x"}` + "\n": false,
	} {
		l := &Lab{heardOf: map[*host]bool{}}
		h := &host{space: &space{name: "juror1"}, lab: l}
		h.listen(strings.NewReader(says), io.Discard)
		if err := l.defective(); (err != nil) != want {
			t.Errorf("%q: %v, want a failure: %v", says, err, want)
		}
		if err := l.defective(); err != nil {
			t.Errorf("the next scenario fails too: %v", err)
		}
	}
}

// TestJudge: what is unfair is called so.
func TestJudge(t *testing.T) {
	people := func(states ...string) (all []Outcome) {
		for i, s := range states {
			o := Outcome{Person: string(rune('a' + i)), State: s}
			if s == "signed" {
				o.M, o.S = "m", "s"
			}
			all = append(all, o)
		}
		return all
	}
	another := people("signed", "signed", "signed")
	another[2].S = "x"
	no := map[string]contract.Standing{}
	opened := map[string]contract.Standing{"j1": contract.Completed}
	torn := map[string]contract.Standing{"j1": contract.Completed, "j2": contract.Voided}
	for name, c := range map[string]struct {
		r    Result
		want string
	}{
		"all signed":                {Result{Outcomes: people("signed", "signed", "signed"), Standings: opened}, ""},
		"nobody":                    {Result{Outcomes: people("void", "void", "expired"), Standings: no}, ""},
		"one has it alone":          {Result{Outcomes: people("signed", "void", "void"), Standings: no}, "unfair"},
		"one lacks it":              {Result{Outcomes: people("void", "signed", "signed"), Standings: no}, "unfair"},
		"the last lacks it":         {Result{Outcomes: people("signed", "signed", "expired"), Standings: no}, "unfair"},
		"different contracts":       {Result{Outcomes: another, Standings: no}, "different"},
		"signed without a file":     {Result{Outcomes: []Outcome{{State: "signed"}, {State: "signed"}, {State: "signed"}}}, "no file"},
		"opened, and nobody has it": {Result{Outcomes: people("void", "void", "void"), Standings: opened}, "unfair"},
		"opened and void":           {Result{Outcomes: people("signed", "signed", "signed"), Standings: torn}, "disagrees"},
		"somebody is missing":       {Result{Outcomes: people("signed", "signed")}, "2 people"},
	} {
		err := judge(&c.r, 3)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
