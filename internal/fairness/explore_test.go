package fairness

import (
	"fmt"
	"slices"
	"testing"
)

// smallest is a case in which nothing happens by chance.
func smallest(parties, jurors int, corrupt Corruption) *Case {
	return &Case{Parties: parties, Jurors: jurors, Corrupt: corrupt,
		Spans: Spans{Delta: 1000, L: 2000, Epsilon: 1, Patience: 1000, Horizon: 6000}, Net: Net{Delay: 1, Quiet: 6000}}
}

// TestEveryOrder: every order of deliveries in the smallest sessions, with two
// honest parties and with one corrupt; and as many states as time allows of
// (2,3,1) with a corrupt party and a juror that is silent. Lab.Explore says
// what is enumerated.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		c      *Case
		states int // 0: all there are
	}{
		{smallest(2, 1, Corruption{}), 0},
		{smallest(2, 1, Corruption{Parties: []int{2}}), 0},
		{smallest(2, 3, Corruption{Parties: []int{2}, Jurors: []int{1}, Plots: []string{"mute"}}), 1500},
	} {
		t.Run(fmt.Sprint(tt.c.Parties, tt.c.Jurors, tt.c.Corrupt), func(t *testing.T) {
			t.Parallel()
			limit := tt.states
			if limit == 0 {
				limit = 20_000
			}
			x := must(NewLab().Explore(tt.c, limit))
			t.Logf("%d states, %d runs, cut %v, %v", x.States, x.Runs, x.Cut, x.Results)
			for _, talk := range x.Broken {
				t.Error(talk)
			}
			if x.Cut != (tt.states > 0) || x.States < 1000 || !x.Cut && x.Results["jury"] == 0 {
				t.Errorf("%d states, cut %v, %v: not what was to be explored", x.States, x.Cut, x.Results)
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
			t.Parallel()
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
