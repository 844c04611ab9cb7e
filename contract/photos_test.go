package contract_test

import (
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/contract"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
)

// photo returns the URL of a photo at a node.
func photo(data, url string) string {
	return blocks.URL{Hash: blocks.Sum([]byte(data)), At: relay.Address{ID: sxp.ID{9}, URL: url}}.String()
}

// TestRenderingOfPhotosAndPoints: people sign which photos and which place.
func TestRenderingOfPhotosAndPoints(t *testing.T) {
	w := worldOf(t, 2, 1, func(p *contract.Proposal) {
		p.Terms.Transfers = slices.Clone(p.Terms.Transfers)
		p.Terms.Transfers[0].Item = market.Item{
			Kind: market.Good, Title: "road bike", Text: "used", Place: "Quito", Point: &market.Point{Lat: -181, Lon: -78_467},
			Photos: []string{photo("front", "https://node.example"), photo("back", "http://127.0.0.1:8440")},
		}
		p.Terms.Transfers[1].Item.Point = &market.Point{}
	})
	text := w.p.Terms.Text
	for _, want := range []string{
		"   good: road bike\n   place: Quito\n   point: 0.181 S, 78.467 W\n" +
			"   photo: SHA-256 " + blocks.Sum([]byte("front")).String() + "\n   photo: SHA-256 " + blocks.Sum([]byte("back")).String() + "\n   used\n",
		"   good: thing of 2\n   point: 0.000 N, 0.000 E\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the contract does not say\n%s\nbut\n%s", want, text)
		}
	}
}

// photoVectors are proposals of items with photos and points.
func photoVectors(w *world, add adder) {
	sign := func(change func(it *market.Item)) []byte {
		p := w.p.Proposal
		p.Terms.Transfers = slices.Clone(p.Terms.Transfers)
		it := p.Terms.Transfers[0].Item.Clone()
		it.Point = &market.Point{Lat: 48_208, Lon: 16_373}
		it.Photos = []string{photo("front", "https://node.example"), photo("back", "http://[::1]:8440/a-b_c")}
		change(&it)
		p.Terms.Transfers[0].Item = it
		p.Terms.Text = contract.Render(&p.Terms, w.p.Cards)
		return must(envelope.Sign(w.people[0].id, contract.TypeProposal, &p))
	}
	add("proposal-photos-and-point", "photos and a point are part of what is signed", "", sign(func(*market.Item) {}))
	add("proposal-point-zero", "0 north, 0 east is a place", "", sign(func(it *market.Item) { it.Point = &market.Point{} }))
	add("proposal-point-corner", "the south pole, on the antimeridian", "", sign(func(it *market.Item) { it.Point = &market.Point{Lat: -90_000, Lon: 180_000} }))
	add("proposal-point-beyond-the-pole", "no latitude above 90 degrees", "invalid", sign(func(it *market.Item) { it.Point.Lat = 90_001 }))
	add("proposal-point-beyond-half-a-turn", "no longitude below -180 degrees", "invalid", sign(func(it *market.Item) { it.Point.Lon = -180_001 }))
	add("proposal-category-any-script", "a category may have letters that a reader's Unicode does not know", "", sign(func(it *market.Item) { it.Category = "जूते/\U0001e4ff-\u0378" }))
	add("proposal-category-hidden", "no blanks and general punctuation in a category", "invalid", sign(func(it *market.Item) { it.Category = "a\u200bb" }))
	add("proposal-photos-five", "at most four photos", "toolarge", sign(func(it *market.Item) {
		for _, s := range []string{"3", "4", "5"} {
			it.Photos = append(it.Photos, photo(s, "https://node.example"))
		}
	}))
	for _, v := range []struct{ name, why, url string }{
		{"twice", "a photo stands once", photo("front", "https://node.example")},
		{"lower-case-escape", "a URL has one spelling", strings.ReplaceAll(photo("x", "https://node.example"), "%3A", "%3a")},
		{"escaped-letter", "a letter is not escaped", strings.ReplaceAll(photo("x", "https://node.example"), "node", "%6Eode")},
		{"zero-hash", "a hash names something", blocks.URL{At: relay.Address{ID: sxp.ID{9}, URL: "https://node.example"}}.String()},
		{"nobody", "a node is somebody", blocks.URL{Hash: sxp.Hash{1}, At: relay.Address{URL: "https://node.example"}}.String()},
		{"web", "a photo is no page of the web", "https://node.example/photo.png"},
		{"slash", "an address ends without a slash", photo("x", "https://node.example/")},
		{"script", "an address is http or https", photo("x", "javascript://node.example")},
		{"port", "a port has at most five digits", photo("x", "https://node.example:123456")},
	} {
		add("proposal-photo-"+v.name, v.why, "invalid", sign(func(it *market.Item) { it.Photos = append(it.Photos, v.url) }))
	}
}
