package identity_test

import (
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/identity"
)

// TestPairWords: both sides see the same words, another person gives others,
// and what was published once stays: people may have them on paper.
func TestPairWords(t *testing.T) {
	a, b, c := sxp.ID{1}, sxp.ID{2}, sxp.ID{3}
	words := identity.PairWords(a, b)
	if len(words) != identity.PairWordCount || !slices.Equal(words, identity.PairWords(b, a)) {
		t.Errorf("one side sees %q, the other %q", words, identity.PairWords(b, a))
	}
	if other := identity.PairWords(a, c); slices.Equal(words, other) {
		t.Errorf("two pairs have the words %q", other)
	}
	if got := strings.Join(words, " "); got != "clerk sustain happy cash correct faith" {
		t.Errorf("the words of the pair are %q", got)
	}
}

func BenchmarkPairWords(b *testing.B) {
	for b.Loop() {
		identity.PairWords(sxp.ID{1}, sxp.ID{2})
	}
}
