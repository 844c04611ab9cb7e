package rating_test

import (
	"crypto/rand"
	"slices"
	"testing"

	"sxp"
	"sxp/contract/rating"
	"sxp/identity"
)

// TestRepliesAreEachOpenedOnce: the latest reply counts in whatever order a node
// sends them, another's and another rating's do not; and what replies cost does
// not grow with how many ratings they could be meant for.
func TestRepliesAreEachOpenedOnce(t *testing.T) {
	bob, eve := newKey(t), newKey(t)
	var all []*rating.Opened
	for i := range 100 {
		all = append(all, &rating.Opened{Rating: rating.Rating{About: bob.ID()}, Digest: sxp.Hash{byte(i)}})
	}
	reply := func(to *rating.Opened, text string, at sxp.Time) sxp.Bytes {
		raw, err := rating.SignReply(bob, to, rating.Reply{Text: text, At: at})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	by, err := rating.SignReply(eve, &rating.Opened{Rating: rating.Rating{About: eve.ID()}, Digest: all[0].Digest}, rating.Reply{Text: "I am Bob", At: 9})
	if err != nil {
		t.Fatal(err)
	}
	messages := []sxp.Bytes{
		reply(all[0], "the first", 1), reply(all[0], "the last", 3), reply(all[0], "the second", 2), reply(all[0], "as late", 3), by,
		reply(&rating.Opened{Rating: rating.Rating{About: bob.ID()}, Digest: sxp.Hash{200}}, "of none", 4), []byte("no message"), nil,
	}
	for name, order := range map[string][]int{"as sent": {0, 1, 2, 4, 5, 6, 7}, "turned": {7, 6, 5, 4, 2, 1, 0}, "of equal ones the first": {1, 3}} {
		var list []sxp.Bytes
		for _, i := range order {
			list = append(list, messages[i])
		}
		if got := rating.Replies(all, list); len(got) != 1 || got[all[0].Digest] == nil || got[all[0].Digest].Text != "the last" {
			t.Errorf("%s: %v, want the last one to the first rating", name, got)
		}
	}
	many := slices.Repeat(messages[:1], 100)
	one := testing.AllocsPerRun(3, func() { rating.Replies(all[:1], many) })
	if more := testing.AllocsPerRun(3, func() { rating.Replies(all, many) }); more > 2*one {
		t.Errorf("100 replies take %.0f allocations where there is one rating, and %.0f where there are 100", one, more)
	}
}

func newKey(t *testing.T) *identity.SigningKey {
	key, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
