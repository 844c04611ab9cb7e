package node

import (
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
)

// rivals is a market with a ring of three, and two of two that exclude each
// other: Bob likes what Alice has better than what Charlie has.
func rivals(t *testing.T, c *clock, n *Node) (m sxp.ID, people []*someone, first *contract.OpenedProposal) {
	t.Helper()
	f, people := strangers(t, c, n)
	m = f.key.ID()
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "lessons", "coins")
	people[2].offer(t, m, "12 coins", "lessons", "beer")
	look(t, c, n)
	letters := people[1].letters(t, m)
	if len(letters) != 1 || len(letters[0].Cards) != 3 {
		t.Fatalf("%d proposals, want one among three", len(letters))
	}
	return m, people, letters[0]
}

// TestWhoBrokeADealIsAvoided: Alice does not answer, Bob and Charlie say so. They
// are found for each other, although Bob would rather have what she has.
func TestWhoBrokeADealIsAvoided(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		blame func(people []*someone, of sxp.Hash) error
		with  int // whom Bob's next proposal is with
	}{
		"nobody is blamed": {func(p []*someone, of sxp.Hash) error { return p[1].tell(of, nil) }, 0},
		"both blame her": {func(p []*someone, of sxp.Hash) error {
			for _, by := range p[1:] {
				if _, err := ask[draft.Over, bool](by, draft.RequestOver, draft.Over{Proposal: of, Broke: []sxp.ID{p[0].key.ID()}}); err != nil {
					return err
				}
			}
			return nil
		}, 2},
		"she declines": {func(p []*someone, of sxp.Hash) error { return p[0].tell(of, p[0].declines(of)) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := stopped()
			n := must(New(finderParts(t, c)))
			m, people, first := rivals(t, c, n)
			if err := x.blame(people, first.Digest); err != nil {
				t.Fatal(err)
			}
			look(t, c, n)
			letters := people[1].letters(t, m)
			if len(letters) != 2 {
				t.Fatalf("bob has %d proposals, want a second", len(letters))
			}
			i := slices.IndexFunc(letters, func(p *contract.OpenedProposal) bool { return p.Digest != first.Digest })
			if _, with := letters[i].Party(people[x.with].key.ID()); !with || len(letters[i].Cards) != 2 {
				t.Errorf("bob's second proposal: %q", letters[i].Terms.Title)
			}
		})
	}
}
