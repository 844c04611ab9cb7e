package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/identity"
	"sxp/vectors"
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
	if len(words)*11/2 < 44 { // two keys that give the same words are found by half of the bits
		t.Errorf("%d words are too few against somebody in between", len(words))
	}
	if got := strings.Join(words, " "); got != "orient equip rifle nuclear cancel radar course plate" {
		t.Errorf("the words of the pair are %q", got)
	}
}

// TestPairVectors fixes the words for other implementations: the input is the
// two identities, in either order.
func TestPairVectors(t *testing.T) {
	made := []vectors.Vector{}
	for _, c := range []struct {
		name, why string
		a, b      sxp.ID
	}{
		{"sorted", "the smaller identity comes first", sxp.ID{1}, sxp.ID{2}},
		{"turned", "the words do not depend on who asks", sxp.ID{2}, sxp.ID{1}},
		{"last-byte", "identities are compared bytewise, all of them", sxp.ID{31: 1}, sxp.ID{31: 0x80}},
	} {
		made = append(made, vectors.Vector{Name: c.name, Why: c.why, Input: append(c.a[:], c.b[:]...),
			With: map[string]string{"words": strings.Join(identity.PairWords(c.a, c.b), " "), "numbers": numbers(identity.PairWords(c.a, c.b))}})
	}
	checkVectors(t, "pair", made, func(t *testing.T, v vectors.Vector) error {
		if got := strings.Join(identity.PairWords(sxp.ID(v.Input[:32]), sxp.ID(v.Input[32:])), " "); got != v.With["words"] {
			t.Errorf("the words are %q, want %q", got, v.With["words"])
		}
		return nil
	})
}

// numbers returns the places of words in the list, from 0.
func numbers(words []string) string {
	list := strings.Fields(identity.English)
	var out []string
	for _, w := range words {
		out = append(out, fmt.Sprint(slices.Index(list, w)))
	}
	return strings.Join(out, " ")
}

func BenchmarkPairWords(b *testing.B) {
	for b.Loop() {
		identity.PairWords(sxp.ID{1}, sxp.ID{2})
	}
}
