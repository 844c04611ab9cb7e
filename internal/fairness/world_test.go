package fairness

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp/contract"
)

// TestWorldsHaveProposals: what worlds make without verifying the cards again is
// what anybody opens.
func TestWorldsHaveProposals(t *testing.T) {
	t.Parallel()
	l := NewLab()
	for seed := range uint64(20) {
		c := Draw(seed, Range{MaxJurors: 15})
		for i, p := range l.world(c).proposals {
			opened, err := contract.OpenProposal(p.Raw)
			if err != nil {
				t.Fatalf("seed %d, attempt %d: %v", seed, i+1, err)
			}
			if diff := cmp.Diff(opened, p); diff != "" {
				t.Errorf("seed %d, attempt %d: %s", seed, i+1, diff)
			}
		}
	}
}
