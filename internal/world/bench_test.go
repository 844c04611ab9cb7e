package world

import (
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
)

// BenchmarkSigning measures all that three people, their watcher and fifteen
// jurors compute for one contract, messages and seals included, one machine
// after the other on one core at a time. Every machine verifies for itself.
// Disputed: one of the three stops after lodging the claim, before signing.
func BenchmarkSigning(b *testing.B) {
	for name, disputed := range map[string]bool{"honest": false, "disputed": true} {
		b.Run("parties=3/jurors=15/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				b.StopTimer()
				s := newWorld(b, TradeConfig{Seed: uint64(i), Reader: strings.NewReader("(a) A : B\n(b) B : C\n(c) C : A\n"), apart: true})
				until := s.clock.Add(longestAway + sxp.Minute)
				if disputed {
					until = until.Add(contract.DefaultPatience + sxp.Minute)
					s.folk[0].away, s.folk[0].gate.left = true, 5
				}
				s.wakeMachines()
				b.StartTimer()
				if err := s.loop(b.Context(), until, func() {}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if m, signed := s.signed(b); signed == 0 || s.net.claimed(m) != disputed {
					b.Fatalf("%d people hold the contract, the jury was asked: %t, want %t", signed, s.net.claimed(m), disputed)
				}
				b.StartTimer()
			}
		})
	}
}

// signed counts who holds the only contract.
func (s *sim) signed(b *testing.B) (m sxp.Hash, n int) {
	for _, c := range s.folk {
		r, err := s.look(b.Context(), c, s.rings[0])
		if err != nil {
			b.Fatal(err)
		}
		if r.signed {
			m = r.m
			n++
		}
	}
	return m, n
}
