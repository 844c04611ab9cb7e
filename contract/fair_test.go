package contract_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sxp"
	"sxp/contract"
)

// TestHonestRun: all sign, and no juror receives a single message.
func TestHonestRun(t *testing.T) {
	for _, size := range [][2]int{{2, 1}, {2, 3}, {3, 3}, {4, 5}} {
		w := worldOf(t, size[0], size[1])
		s := newSim(w, simOptions{watcher: true})
		s.logf = t.Logf
		s.run(s.end())
		s.check(t, "honest run")
		for _, p := range s.parties {
			if p.phase() != contract.PhaseDone {
				t.Errorf("N=%d n=%d: party %d is %s, want done", size[0], size[1], p.i+1, p.phase())
			}
		}
		if s.toJurors != 0 {
			t.Errorf("N=%d n=%d: jurors received %d messages in an honest run, want 0", size[0], size[1], s.toJurors)
		}
	}
}

// sizes are the sizes that fairness is tested for at every step.
func sizes(f func(N, n int)) {
	for _, N := range []int{2, 3, 4} {
		for _, n := range []int{1, 3, 5} {
			if !underRace || N < 4 && n == 3 {
				f(N, n)
			}
		}
	}
}

// TestEveryPartyStopsAtEveryStep: whatever party stops for ever after whatever
// write or message, with all jurors up or f of them down for ever.
func TestEveryPartyStopsAtEveryStep(t *testing.T) {
	sizes(func(N, n int) {
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			down := deadJurors(w.p.F)
			for party := range N {
				for k := 0; ; k++ {
					s := newSim(w, simOptions{watcher: true, party: map[int]fate{party: stopAfter(k)}, juror: down})
					s.run(s.end())
					s.check(t, fmt.Sprintf("party %d stops after effect %d", party+1, k))
					if !s.parties[party].stopped {
						break // it had no k effects
					}
				}
			}
		})
	})
}

// TestEveryPartyCrashesAtEveryStep: a party that comes back from its disk
// changes nothing but time.
func TestEveryPartyCrashesAtEveryStep(t *testing.T) {
	sizes(func(N, n int) {
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			for k := 1; ; k++ {
				s := newSim(w, simOptions{watcher: true, party: map[int]fate{0: {stopAfter: k, restart: true}}})
				s.run(s.end())
				s.check(t, fmt.Sprintf("party 1 crashes after effect %d", k))
				for _, p := range s.parties {
					if p.phase() != contract.PhaseDone {
						t.Errorf("party 1 crashes after effect %d: party %d is %s, want done", k, p.i+1, p.phase())
					}
				}
				if s.parties[0].effects < k {
					break
				}
			}
		})
	})
}

// TestJurorsStopAtEveryStep: the last party vanishes once it has promised to
// some, so that the jury has to decide; f jurors stop for ever after each
// effect, and the others crash after the same one and come back.
func TestJurorsStopAtEveryStep(t *testing.T) {
	sizes(func(N, n int) {
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			for _, vanish := range vanishing(w) {
				for k := 1; k <= 3*n+4; k++ {
					fates := map[int]fate{}
					for seat := 1; seat <= n; seat++ {
						fates[seat] = fate{stopAfter: k, restart: seat > w.p.F}
					}
					s := newSim(w, simOptions{watcher: true, party: map[int]fate{N - 1: stopAfter(vanish)}, juror: fates})
					s.run(s.end() + 20*sxp.Time(worldDelta))
					s.check(t, fmt.Sprintf("party %d stops after effect %d, jurors after %d", N, vanish, k))
				}
			}
		})
	})
}

// vanishing returns after which effects of the last party it has sent its
// promise to nobody, to one, to all.
func vanishing(w *world) []int {
	N := len(w.people)
	acceptance := 2 + N - 1   // two writes, N−1 messages
	promise := acceptance + 1 // one write
	return []int{promise, promise + 1, promise + N - 1}
}

func stopAfter(k int) fate { return fate{stopAfter: k, dead: k == 0} }

// deadJurors are the first f seats, down from the start.
func deadJurors(f int) map[int]fate {
	out := map[int]fate{}
	for seat := 1; seat <= f; seat++ {
		out[seat] = fate{dead: true}
	}
	return out
}

// TestPartyComesBackLate: whoever was away from any step until long after the
// end learns the same outcome as everybody else.
func TestPartyComesBackLate(t *testing.T) {
	sizes(func(N, n int) {
		if N == 3 || n == 5 {
			return // the two steps between add nothing
		}
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			down := deadJurors(w.p.F)
			for k := 1; ; k++ {
				away := fate{stopAfter: k, restart: true, back: 3 * worldHorizon}
				s := newSim(w, simOptions{watcher: true, party: map[int]fate{0: away}, juror: down})
				s.run(s.end() + 4*sxp.Time(worldHorizon))
				s.check(t, fmt.Sprintf("party 1 is away after effect %d", k))
				if s.parties[0].effects < k {
					break
				}
			}
		})
	})
}

// TestRandomSchedules: clocks, delays, and who stops when are drawn at random
// within the assumptions.
func TestRandomSchedules(t *testing.T) {
	sizes(func(N, n int) {
		t.Run(fmt.Sprintf("N=%d n=%d", N, n), func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, N, n)
			for seed := range 20 {
				r := rand.New(seeded("schedule %d", seed))
				o := simOptions{watcher: true, party: map[int]fate{}, juror: map[int]fate{}}
				for i := range N {
					switch r.IntN(4) {
					case 0:
						o.party[i] = stopAfter(r.IntN(20))
					case 1:
						o.party[i] = fate{stopAfter: 1 + r.IntN(20), restart: true, back: sxp.Duration(r.IntN(30_000))}
					}
				}
				for seat := 1; seat <= w.p.F; seat++ {
					o.juror[1+(seat+seed)%n] = stopAfter(r.IntN(8))
				}
				clocks := map[string]sxp.Duration{}
				o.offset = func(kind string, i int) sxp.Duration {
					key := fmt.Sprint(kind, i)
					if _, ok := clocks[key]; !ok {
						clocks[key] = sxp.Duration(r.IntN(int(worldEpsilon))) - worldEpsilon/2
					}
					return clocks[key]
				}
				o.deliver = func(int, int, []byte) (sxp.Duration, bool) { return sxp.Duration(1 + r.IntN(4000)), true }
				o.toJuror = func(int) (sxp.Duration, bool) { return sxp.Duration(1 + r.IntN(300)), true }
				s := newSim(w, o)
				s.run(s.end() + 3*sxp.Time(worldHorizon))
				s.check(t, fmt.Sprintf("seed %d", seed))
			}
		})
	})
}
