package fairness

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// smallest is a case in which nothing happens by chance.
func smallest(parties, jurors int, corrupt Corruption) *Case {
	return &Case{Parties: parties, Jurors: jurors, Corrupt: corrupt,
		Spans: Spans{Delta: 1000, L: 2000, Epsilon: 1, Patience: 1000, Horizon: 6000}, Net: Net{Delay: 1, Quiet: 6000}}
}

var everyOrder = flag.Bool("every-order", false, "explore the orders of (2,3,1) to the end, which takes minutes and some gigabytes")

// TestEveryOrder: every order of messages of the smallest sessions, with two
// honest parties and with one corrupt, to the end; and of those with a jury of
// three, with honest members, a corrupt party, a corrupt juror and both, so many
// states that it takes seconds, or with -every-order all. Lab.Explore says what
// is enumerated.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	late := smallest(2, 3, Corruption{})
	late.Net.Loss = 1
	for _, c := range []*Case{
		smallest(2, 1, Corruption{}),
		smallest(2, 1, Corruption{Parties: []int{2}}),
		smallest(2, 3, Corruption{Parties: []int{2}}),
		smallest(2, 3, Corruption{Parties: []int{2}, Jurors: []int{1}}),
		smallest(2, 3, Corruption{Jurors: []int{1}}),
		smallest(2, 3, Corruption{}),
		late,
	} {
		t.Run(fmt.Sprint(c.Parties, c.Jurors, c.Corrupt, c.Net.Loss), func(t *testing.T) {
			limit, whole := 100_000_000, *everyOrder || c.Jurors == 1 && !testing.Short()
			if !whole {
				limit = 20_000
			}
			x := must(NewLab().Explore(c, limit))
			t.Logf("%d states, %d steps, %d to where all have the contract, %d ends, cut %v, %v, machines %v", x.States, x.Steps, x.Done, x.Ends, x.Cut, x.Results, x.Locals)
			for _, talk := range x.Broken {
				t.Error(talk)
			}
			if x.Cut && whole || x.States < 1000 || x.Ends == 0 || !x.Cut && (x.Results["jury"] == 0 || x.Results["void"] == 0) {
				t.Errorf("%d states, %d ends, cut %v, %v: not what was to be explored", x.States, x.Ends, x.Cut, x.Results)
			}
		})
	}
}

// TestOrdersBreak: an exploration finds what breaks where an assumption does not
// hold: a watcher that no juror hears, a claim that one honest juror passes on
// too late, and more corrupt jurors than f.
func TestOrdersBreak(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		beyond, want string
		c            *Case
	}{
		{"watcher", "fairness", smallest(2, 1, Corruption{Parties: []int{2}})},
		{"corrupt", "fairness", smallest(2, 1, Corruption{Parties: []int{2}, Jurors: []int{1}})},
		{"delta", "agreement", smallest(2, 3, Corruption{Parties: []int{2}})},
	} {
		t.Run(tt.beyond, func(t *testing.T) {
			tt.c.Beyond = tt.beyond
			x := must(NewLab().Explore(tt.c, 20_000))
			if !slices.ContainsFunc(x.Broken, func(talk string) bool { return strings.Contains(talk, "BROKEN: "+tt.want) }) {
				t.Errorf("%d states, cut %v, %v: %s is not broken: %v", x.States, x.Cut, x.Results, tt.want, x.Broken)
			}
		})
	}
}

// TestEveryPairOfCrashes: somebody stops for ever at every effect, or nobody;
// and with each of these another member stops at every effect, before or after
// it, and comes back.
func TestEveryPairOfCrashes(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{2, 1}, {2, 3}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			l, plays := NewLab(), 0
			for gone := 0; ; gone++ {
				any := false
				var first []Crash
				if gone > 0 {
					first = []Crash{{Who: Member{Party, size[0]}, Effect: gone}}
				}
				for _, who := range members(size) {
					for k := 1; ; k++ {
						happened := false
						for _, before := range []bool{false, true} {
							c := smallest(size[0], size[1], Corruption{})
							c.Crashes = append(slices.Clone(first), Crash{Who: who, Effect: k, Before: before, Back: 2})
							o := must(l.Play(c, false))
							plays++
							if len(o.Broken) > 0 {
								report(t, l, c, o)
								return
							}
							stopped := 0
							if slices.Contains(o.Parties, "stopped") {
								stopped, any = 1, true
							}
							happened = happened || o.Counts["crash"] > stopped
						}
						if !happened {
							break
						}
					}
				}
				if gone > 0 && !any || t.Failed() {
					break
				}
			}
			if t.Logf("%d plays", plays); plays < 200 {
				t.Errorf("only %d plays", plays)
			}
		})
	}
}

// members are those that crash in turn: one of each kind that differs.
func members(size [2]int) []Member {
	out := []Member{{Party, 1}, {Watcher, 1}, {Juror, 1}}
	if size[1] > 1 {
		out = append(out, Member{Juror, size[1]})
	}
	return out
}
