package contract_test

import (
	"fmt"
	"testing"

	"sxp/contract"
)

// BenchmarkSigning measures one whole signing: everything that all parties,
// their watchers and, where the last party vanishes after its promise, all
// jurors compute. Keys and cards are known before; nothing else is.
func BenchmarkSigning(b *testing.B) {
	for _, size := range [][2]int{{2, 1}, {3, 15}, {3, 51}} {
		for _, disputed := range []bool{false, true} {
			name := "honest"
			if disputed {
				name = "disputed"
			}
			b.Run(fmt.Sprintf("N=%d/n=%d/%s", size[0], size[1], name), func(b *testing.B) {
				w := worldWith(b, nil, contract.NewAlgebra(seeded("algebra")), size[0], size[1])
				bytes := map[string]int{}
				o := simOptions{watcher: true}
				if disputed {
					o.party = map[int]fate{size[0] - 1: stopAfter(vanishing(w)[2])}
				}
				var s *sim
				for b.Loop() {
					s = newSim(w, o)
					s.onSend = func(raw []byte) { bytes[string(contract.TypeOf(raw))] = len(raw) }
					s.run(s.end())
				}
				if s.parties[0].phase() != contract.PhaseDone {
					b.Fatalf("party 1 is %s", s.parties[0].phase())
				}
				file, err := s.parties[0].m.File()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(file)), "file-bytes")
				b.ReportMetric(float64(bytes["sxp.promise/1"]), "promise-bytes")
				b.ReportMetric(float64(bytes["sxp.acceptance/1"]), "acceptance-bytes")
			})
		}
	}
}

// BenchmarkVerify measures the check of a contract file, by its jury.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1, 15} {
		b.Run(fmt.Sprintf("N=3/n=%d", n), func(b *testing.B) {
			raw := signed(b, worldOf(b, 3, n))
			for b.Loop() {
				if _, err := contract.Verify(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
