package market_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/blocks"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../vectors/market")

// messageVectors are signed messages, and what opening them gives.
func messageVectors(tb testing.TB) []vectors.Vector {
	tb.Helper()
	issuer := newKey(9).ID()
	swap := offer(tb, alice, 1, "3 h maths lessons", "20 l beer", "12 coins of "+issuer.String(), market.ItemID{5}.String())
	need := must[market.Announcement](tb)(draft(bob).Need(market.Nonce{2}, "20 l beer | wine"))
	gift := must[market.Announcement](tb)(draft(alice).Gift(market.Nonce{3}, "a kitchen table"))
	group := market.Group{
		Market: theMarket.ID(), Owner: alice.ID(), Nonce: market.Nonce{7}, Version: 1, K: 1,
		Wants: []market.Want{{Item: market.ItemID{5}}, {Item: market.ItemID{6}}}, Created: noon, Expires: noon.Add(sxp.Day),
	}
	c := charter()
	c.Founders = []sxp.ID{alice.ID(), bob.ID()}
	half := must[[]byte](tb)(market.CountersignCharter(alice, must[[]byte](tb)(market.SignCharter(theMarket, c))))
	mail := market.Mail{Market: theMarket.ID(), From: alice.ID(), To: bob.ID(), Sealed: []byte{1, 2, 3}, Created: noon, Expires: noon.Add(sxp.Day)}
	notice := market.Notice{Market: theMarket.ID(), Item: swap.ID(), Version: 1, Reason: "stolen", Created: noon}

	all := []vectors.Vector{
		{Name: "swap", Input: signed(tb, alice, swap), Why: "a service with a duration, for goods, issued money or one announcement", With: map[string]string{"id": swap.ID().String()}},
		{Name: "need", Input: signed(tb, bob, need), Why: "a need says in its query what meets it", With: map[string]string{"id": need.ID().String()}},
		{Name: "gift", Input: signed(tb, alice, gift), Why: "a gift asks for nothing in return", With: map[string]string{"id": gift.ID().String()}},
		{Name: "withdrawal", Input: signed(tb, alice, draft(alice).Withdraw(swap)), Why: "a withdrawal has a higher version and no item", With: map[string]string{"id": swap.ID().String()}},
		{Name: "group", Input: must[[]byte](tb)(market.SignGroup(alice, group)), Why: "at most one of two", With: map[string]string{"id": group.ID().String()}},
		{Name: "charter", Input: must[[]byte](tb)(market.CountersignCharter(bob, half)), Why: "signed by the market, countersigned by both founders"},
		{Name: "charter-founder-missing", Input: half, Expect: "denied", Why: "the second founder has not countersigned"},
		{Name: "mail", Input: must[[]byte](tb)(market.SignMail(alice, mail)), Why: "sealed bytes from one person to another"},
		{Name: "notice", Input: must[[]byte](tb)(market.SignNotice(theMarket, notice)), Why: "version 1 and those before are removed"},
		{Name: "signed-by-another", Input: resign(tb, bob, market.TypeAnnouncement, swap), Expect: "denied", Why: "the owner must sign"},
		{Name: "unknown-type", Input: resign(tb, alice, "sxp.announcement/2", swap), Expect: "invalid", Why: "version 2 is not known"},
	}
	all = append(all, charterVectors(tb)...)
	return append(all, brokenVectors(tb)...)
}

// charterVectors are charters that declare deals, a policy and neighbours.
func charterVectors(tb testing.TB) []vectors.Vector {
	tb.Helper()
	var all []vectors.Vector
	for _, v := range []struct {
		name, why string
		expect    sxp.Kind
		change    func(*market.Charter)
	}{
		{"charter-rounds", "rounds, goals and caps", "", func(c *market.Charter) {
			c.Deals = market.Deals{Rhythm: market.Rounds, Every: sxp.Day, First: noon, Goals: []string{"people", "items"}, MaxRing: 3, MaxChain: 2, Reliability: 950_000, Patience: 7 * sxp.Day}
		}},
		{"charter-policy", "a levy on some kinds below a category, a guarantee, a neighbour", "", func(c *market.Charter) {
			c.Policy = market.Policy{Guarantee: "Things are what they are said to be.", Levies: []market.Levy{{Name: "VAT", Rate: "19.5", Kinds: []market.Kind{market.Good, market.Service}, Category: "home", To: "the tax office"}}}
			c.Neighbours = []market.Neighbour{{Market: alice.ID(), Name: "Over there", Node: market.Node{ID: theNode.ID(), Address: "https://node.example"}}}
		}},
		{"charter-rounds-without-interval", "rounds say how far apart they are", sxp.Invalid, func(c *market.Charter) { c.Deals.Rhythm = market.Rounds }},
		{"charter-rate-of-five-digits", "a rate has at most four digits after the point", sxp.Invalid, func(c *market.Charter) {
			c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "0.00001", To: "x"}}
		}},
		{"charter-neighbour-itself", "a neighbour is another market", sxp.Invalid, func(c *market.Charter) {
			c.Neighbours = []market.Neighbour{{Market: c.Market, Name: "here", Node: c.Node}}
		}},
	} {
		c := charter()
		v.change(&c)
		all = append(all, vectors.Vector{Name: v.name, Input: resign(tb, theMarket, market.TypeCharter, c), Expect: string(v.expect), Why: v.why})
	}
	return all
}

// brokenVectors are announcements that break one rule each.
func brokenVectors(tb testing.TB) []vectors.Vector {
	tb.Helper()
	var all []vectors.Vector
	for _, v := range []struct {
		name, why string
		expect    sxp.Kind
		change    func(*market.Announcement)
	}{
		{"no-item", "an announcement that stands has an item", sxp.Invalid, func(a *market.Announcement) { a.Item = nil }},
		{"gift-with-wants", "who wants something in return offers it", sxp.Invalid, func(a *market.Announcement) {
			a.Direction, a.Wants = market.Gift, []market.Want{{Item: market.ItemID{5}}}
		}},
		{"source", "what its owner is to get by a contract", "", func(a *market.Announcement) { a.Source = &market.Source{Contract: sxp.Hash{1}, Transfer: 2} }},
		{"source-of-no-transfer", "transfers are numbered from 1", sxp.Invalid, func(a *market.Announcement) { a.Source = &market.Source{Contract: sxp.Hash{1}} }},
		{"since-after-created", "the first version is not later than this one", sxp.Invalid, func(a *market.Announcement) { a.Since = a.Created + 1 }},
		{"swapped-and-there", "only what is withdrawn was swapped", sxp.Invalid, func(a *market.Announcement) { a.Swapped = true }},
		{"version-zero", "versions start at 1", sxp.Invalid, func(a *market.Announcement) { a.Version = 0 }},
		{"life-too-long", "expires is at most 400 days after created", sxp.Invalid, func(a *market.Announcement) { a.Expires = noon.Add(400*sxp.Day + 1) }},
		{"quantity-second-spelling", "1.50 is written 1.5", sxp.Invalid, func(a *market.Announcement) { a.Item.Quantity = "1.50" }},
		{"quantity-zero", "a quantity is more than 0", sxp.Invalid, func(a *market.Announcement) { a.Item.Quantity, a.Item.Unit, a.Item.Duration = "0", "", 0 }},
		{"unit-without-quantity", "a unit needs a quantity", sxp.Invalid, func(a *market.Announcement) { a.Item.Quantity, a.Item.Duration = "", 0 }},
		{"duration-contradicts", "3 h last three hours", sxp.Invalid, func(a *market.Announcement) { a.Item.Duration = sxp.Hour }},
		{"good-with-currency", "only money has a currency", sxp.Invalid, func(a *market.Announcement) { a.Item.Currency = "EUR" }},
		{"money-without-issuer", "coins that are no code name their issuer", sxp.Invalid, func(a *market.Announcement) {
			*a.Item = market.Item{Kind: market.Money, Title: "coins", Quantity: "1", Currency: "coins"}
		}},
		{"control-character", "a title shows as it is", sxp.Invalid, func(a *market.Announcement) { a.Item.Title = "maths\u001b[2J" }},
		{"text-direction-override", "controls that reorder text are refused", sxp.Invalid, func(a *market.Announcement) { a.Item.Title = "maths \u202egnp" }},
		{"title-161-bytes", "a title has at most 160 bytes", sxp.TooLarge, func(a *market.Announcement) { a.Item.Title = strings.Repeat("x", 161) }},
		{"category-capital", "a category is in lower case", sxp.Invalid, func(a *market.Announcement) { a.Item.Category = "Home" }},
		{"category-any-script", "a category may have letters that a reader's Unicode does not know", "", func(a *market.Announcement) { a.Item.Category = "जूते/\U0001e4ff-\u0378" }},
		{"category-blank", "no blanks and general punctuation in a category", sxp.Invalid, func(a *market.Announcement) { a.Item.Category = "a\u200bb" }},
		{"unit-other-digit", "a unit starts with anything but 0 to 9", "", func(a *market.Announcement) { a.Item.Duration, a.Item.Unit = 0, "٣er" }},
		{"want-empty", "a want says exactly one thing", sxp.Invalid, func(a *market.Announcement) { a.Wants = []market.Want{{}} }},
		{"want-empty-query", "an empty query means nothing", sxp.Invalid, func(a *market.Announcement) { a.Wants = []market.Want{{Query: &market.Query{}}} }},
		{"want-words-without-letter", "each side of | has a letter or a digit", sxp.Invalid, func(a *market.Announcement) { a.Wants = []market.Want{{Query: &market.Query{Words: "beer |"}}} }},
		{"want-itself", "an offer does not want itself", sxp.Invalid, func(a *market.Announcement) { a.Wants = []market.Want{{Item: a.ID()}} }},
		{"photos-and-point", "photos are URLs of blocks, a point is thousandths of a degree", "", func(a *market.Announcement) {
			a.Item.Point = &market.Point{Lat: 48_208, Lon: 16_373}
			a.Item.Photos = []string{photo("front"), photo("back")}
		}},
		{"photo-twice", "a photo stands once", sxp.Invalid, func(a *market.Announcement) { a.Item.Photos = []string{photo("front"), photo("front")} }},
		{"photo-second-spelling", "a URL of a block has one spelling", sxp.Invalid, func(a *market.Announcement) {
			a.Item.Photos = []string{strings.ReplaceAll(photo("front"), "%2F", "%2f")}
		}},
		{"photo-of-the-web", "a photo is a block", sxp.Invalid, func(a *market.Announcement) { a.Item.Photos = []string{"https://node.example/photo.jpg"} }},
		{"photos-five", "an item has at most four photos", sxp.TooLarge, func(a *market.Announcement) {
			a.Item.Photos = []string{photo("1"), photo("2"), photo("3"), photo("4"), photo("5")}
		}},
		{"point-beyond-the-pole", "a latitude is at most 90 degrees", sxp.Invalid, func(a *market.Announcement) { a.Item.Point = &market.Point{Lat: -90_001} }},
		{"point-beyond-half-a-turn", "a longitude is at most 180 degrees", sxp.Invalid, func(a *market.Announcement) { a.Item.Point = &market.Point{Lon: 180_001} }},
		{"want-near", "a want may say where", "", func(a *market.Announcement) {
			a.Wants = []market.Want{{Query: &market.Query{Words: "beer", Near: market.Near{Lat: 48_208, Lon: 16_373, Km: 10}}}}
		}},
		{"want-near-0-km", "near says how many kilometres", sxp.Invalid, func(a *market.Announcement) {
			a.Wants = []market.Want{{Query: &market.Query{Near: market.Near{Lat: 48_208, Lon: 16_373}}}}
		}},
		{"want-near-beyond-the-earth", "nothing is further than half of the way around", sxp.Invalid, func(a *market.Announcement) {
			a.Wants = []market.Want{{Query: &market.Query{Near: market.Near{Km: 20_016}}}}
		}},
		{"script", "markup is plain text", "", func(a *market.Announcement) { a.Item.Title = "<script>alert(1)</script>" }},
	} {
		a := offer(tb, alice, 1, "3 h maths lessons")
		v.change(&a)
		all = append(all, vectors.Vector{Name: v.name, Input: resign(tb, alice, market.TypeAnnouncement, a), Expect: string(v.expect), Why: v.why})
	}
	return all
}

// photo returns the URL of a block at a node.
func photo(data string) string {
	return blocks.URL{Hash: blocks.Sum([]byte(data)), At: relay.Address{ID: theNode.ID(), URL: "https://node.example"}}.String()
}

// matchVectors are items (the input, in CBOR), queries (in JSON) and whether
// they meet.
func matchVectors(tb testing.TB) []vectors.Vector {
	tb.Helper()
	bike := market.Item{Kind: market.Good, Title: "Vélo de course, 28\"", Category: "sport/bikes"}
	beer := market.Item{Kind: market.Good, Title: "Weißbier", Quantity: "20", Unit: "l"}
	near := func(lat, lon, km int64) market.Query {
		return market.Query{Near: market.Near{Lat: lat, Lon: lon, Km: km}}
	}
	at := func(lat, lon int64) market.Item {
		return market.Item{Kind: market.Right, Title: "a place to sleep", Point: &market.Point{Lat: lat, Lon: lon}}
	}
	var all []vectors.Vector
	for _, v := range []struct {
		name, why string
		item      market.Item
		query     market.Query
		meet      string
	}{
		{"match-folded", "case and accents do not count", bike, market.Query{Words: "VELO"}, "true"},
		{"match-prefix", "a part of a word, from its start", bike, market.Query{Words: "cour"}, "true"},
		{"match-inside", "not from its middle", bike, market.Query{Words: "ourse"}, "false"},
		{"match-all-words", "all words must be there", bike, market.Query{Words: "velo rouge"}, "false"},
		{"match-alternatives", "one alternative is enough", bike, market.Query{Words: "voiture | velo 28"}, "true"},
		{"match-sharp-s", "ß is ss", beer, market.Query{Words: "WEISSBIER"}, "true"},
		{"match-category-below", "a category holds what is below", bike, market.Query{Category: "sport"}, "true"},
		{"match-category-prefix", "a part of a name is no category", bike, market.Query{Category: "sport/bike"}, "false"},
		{"match-quantity", "as much or more", beer, market.Query{Quantity: "9.5", Unit: "l"}, "true"},
		{"match-quantity-less", "not less", beer, market.Query{Quantity: "20.000000000000000001", Unit: "l"}, "false"},
		{"match-unit", "units are not converted", beer, market.Query{Quantity: "1", Unit: "hl"}, "false"},
		{"match-near-no-point", "what says no point is nowhere near", beer, near(0, 0, market.MaxNear), "false"},
		{"match-near-equator-in", "99.96 km on the equator", at(0, 899), near(0, 0, 100), "true"},
		{"match-near-equator-out", "100.07 km on the equator", at(0, 900), near(0, 0, 100), "false"},
		{"match-near-berlin-in", "Vienna is 523.4 km from Berlin", at(48_208, 16_373), near(52_520, 13_405, 524), "true"},
		{"match-near-berlin-out", "Vienna is 523.4 km from Berlin", at(48_208, 16_373), near(52_520, 13_405, 523), "false"},
		{"match-near-antimeridian", "180 degrees east is 180 degrees west", at(-16_500, -180_000), near(-16_500, 180_000, 1), "true"},
		{"match-near-over-the-pole", "77.8 km over the north pole", at(89_500, 120_000), near(89_800, -60_000, 78), "true"},
		{"match-near-pole", "at a pole every longitude is the same place", at(-90_000, 17_000), near(-90_000, -120_000, 1), "true"},
		{"match-near-south-west-in", "2354.05 km, all signs below 0", at(-181, -78_467), near(-12_345, -61_001, 2355), "true"},
		{"match-near-south-west-out", "2354.05 km, all signs below 0", at(-181, -78_467), near(-12_345, -61_001, 2354), "false"},
		{"match-near-opposite", "no two points are more than 20,015 km apart", at(-52_520, -166_595), near(52_520, 13_405, 20_015), "true"},
		{"match-empty", "an empty query is met by nothing", beer, market.Query{}, "false"},
	} {
		q := must[[]byte](tb)(json.Marshal(v.query))
		with := map[string]string{"query": string(q), "meet": v.meet}
		if v.item.Point != nil && !v.query.Near.IsZero() {
			with["vector"], with["chord"] = fmt.Sprint(v.item.Point.Vector()), fmt.Sprint(v.query.Near.Cap().Chord)
		}
		all = append(all, vectors.Vector{Name: v.name, Input: must[[]byte](tb)(envelope.Marshal(v.item)), Why: v.why, With: with})
	}
	return all
}

func TestVectors(t *testing.T) {
	t.Parallel()
	written := append(messageVectors(t), matchVectors(t)...)
	if *update {
		for _, v := range written {
			b := must[[]byte](t)(json.MarshalIndent(v, "", "  "))
			if err := os.WriteFile(filepath.Join("..", "vectors", "market", v.Name+".json"), append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All("market")
	if len(all) != len(written) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(written))
	}
	for _, v := range written {
		if d := cmp.Diff(v, all[v.Name]); d != "" {
			t.Errorf("%s is not what this test writes (-want +file):\n%s", v.Name, d)
		}
	}
	for name, v := range all {
		if meet, ok := v.With["meet"]; ok {
			var it market.Item
			var q market.Query
			if err := envelope.Unmarshal(v.Input, &it); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := json.NewDecoder(bytes.NewReader([]byte(v.With["query"]))).Decode(&q); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := q.Match(it); got != (meet == "true") {
				t.Errorf("%s (%s): Match says %v", name, v.Why, got)
			}
			continue
		}
		got, err := open(v.Input)
		if string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s (%s): error %v, want kind %q", name, v.Why, err, v.Expect)
		}
		if id, ok := got.(interface{ ID() market.ItemID }); ok && v.With["id"] != "" && id.ID().String() != v.With["id"] {
			t.Errorf("%s: the id is %s, want %s", name, id.ID(), v.With["id"])
		}
	}
}
