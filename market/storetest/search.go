package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sxp"
	"sxp/market"
)

// at returns a point in thousandths of a degree.
func at(lat, lon int64) *market.Point { return &market.Point{Lat: lat, Lon: lon} }

// near returns the query for what is within km of a point.
func near(lat, lon, km int64) market.Query {
	return market.Query{Near: market.Near{Lat: lat, Lon: lon, Km: km}}
}

// testSearch checks one rule of the query language at a time.
func testSearch(t *testing.T, s market.Store) {
	issuer := sxp.ID{7}
	items := map[string]market.Item{
		"road":   {Kind: market.Good, Title: "Road bike, 28 inch", Category: "sport/bikes", Text: "Crème-coloured"},
		"ebike":  {Kind: market.Good, Title: "E-Bike", Category: "sport/bikes/electric"},
		"bikini": {Kind: market.Good, Title: "Bikini", Category: "sports", Attributes: map[string]string{"colour": "Bleu foncé"}},
		"beer":   {Kind: market.Good, Title: "Beer", Quantity: "20", Unit: "l"},
		"barrel": {Kind: market.Good, Title: "Barrel of beer", Quantity: "100.5", Unit: "l"},
		"maths":  {Kind: market.Service, Title: "Maths lessons", Quantity: "3", Unit: "h", Place: "Łódź"},
		"euro":   {Kind: market.Money, Title: "EUR", Quantity: "10", Currency: "EUR"},
		"coins":  {Kind: market.Money, Title: "coins", Quantity: "12", Currency: "coins", Issuer: issuer},
		"kanji":  {Kind: market.Good, Title: "東京タワー"},
		"script": {Kind: market.Good, Title: "<script>\"alert\"('x') OR NEAR* ^"},
		"greek":  {Kind: market.Good, Title: "ΟΔΟΣ Straße"},
		"berlin": {Kind: market.Right, Title: "hall", Point: at(52_520, 13_405)},
		"null":   {Kind: market.Right, Title: "buoy", Point: at(0, 0)},
		"fiji":   {Kind: market.Right, Title: "beach", Point: at(-16_800, 179_990)},
		"rabi":   {Kind: market.Right, Title: "beach", Point: at(-16_500, -179_990)},
		"pole":   {Kind: market.Right, Title: "flag", Point: at(90_000, 0)},
		"ice":    {Kind: market.Right, Title: "hut", Point: at(89_500, 120_000)},
		"south":  {Kind: market.Right, Title: "station", Point: at(-90_000, 45_000)},
	}
	var put []market.Entry
	for i, name := range sortedKeys(items) {
		e := announcement(i, items[name])
		e.Raw = []byte(name)
		put = append(put, e)
	}
	apply(t, s, put...)
	for name, tt := range map[string]struct {
		q    market.Query
		want string // names, sorted
	}{
		"a word":                        {market.Query{Words: "bike"}, "ebike road"},
		"case does not count":           {market.Query{Words: "BIKE"}, "ebike road"},
		"part of a word, in front":      {market.Query{Words: "bik"}, "bikini ebike road"},
		"not inside a word":             {market.Query{Words: "ike"}, ""},
		"all words":                     {market.Query{Words: "bike road"}, "road"},
		"one word twice":                {market.Query{Words: "bike bike"}, "ebike road"},
		"alternatives":                  {market.Query{Words: "bikini | barrel beer"}, "barrel bikini"},
		"a hyphen separates":            {market.Query{Words: "e-bike"}, "ebike"},
		"accents do not count":          {market.Query{Words: "creme fonce | brulee"}, ""},
		"accents in the text":           {market.Query{Words: "creme"}, "road"},
		"accents in the query":          {market.Query{Words: "bïké"}, "ebike road"},
		"attributes are searched":       {market.Query{Words: "fonce bleu"}, "bikini"},
		"places are searched":           {market.Query{Words: "lodz"}, "maths"},
		"numbers are words":             {market.Query{Words: "28"}, "road"},
		"sharp s and final sigma":       {market.Query{Words: "οδος STRASSE"}, "greek"},
		"a script without blanks":       {market.Query{Words: "タワー"}, "kanji"},
		"quotes and operators are text": {market.Query{Words: "\"alert\"* NEAR"}, "script"},
		"OR in words is a word":         {market.Query{Words: "beer OR bike"}, ""},
		"kind":                          {market.Query{Kind: market.Service}, "maths"},
		"category and below":            {market.Query{Category: "sport"}, "ebike road"},
		"category inside a path":        {market.Query{Category: "sport/bikes"}, "ebike road"},
		"quantity at least":             {market.Query{Words: "beer", Quantity: "20.5", Unit: "l"}, "barrel"},
		"quantity equal":                {market.Query{Quantity: "20", Unit: "l"}, "barrel beer"},
		"quantity longer is not more":   {market.Query{Quantity: "9", Unit: "l"}, "barrel beer"},
		"another unit":                  {market.Query{Quantity: "1", Unit: "kg"}, ""},
		"pieces are no litres":          {market.Query{Quantity: "1"}, "coins euro"},
		"unit alone":                    {market.Query{Unit: "h"}, "maths"},
		"currency":                      {market.Query{Kind: market.Money, Currency: "EUR"}, "euro"},
		"currency is exact":             {market.Query{Currency: "eur"}, ""},
		"issuer":                        {market.Query{Issuer: issuer}, "coins"},
		"near":                          {near(52_500, 13_400, 3), "berlin"},
		"near, but not enough":          {near(52_500, 13_400, 2), ""},
		"near, and a word":              {market.Query{Words: "bike", Near: near(52_500, 13_400, 3).Near}, ""},
		"0 north, 0 east":               {near(0, 0, 1), "null"},
		"over the antimeridian":         {near(-16_650, 180_000, 20), "fiji rabi"},
		"over it from the other side":   {near(-16_650, -180_000, 20), "fiji rabi"},
		"to the east only":              {near(-16_500, -179_900, 20), "rabi"},
		"over the pole":                 {near(89_800, -60_000, 80), "ice pole"},
		"at the pole":                   {near(90_000, 12_345, 1), "pole"},
		"at the pole, from 0":           {near(90_000, 0, 60), "ice pole"},
		"at the south pole":             {near(-90_000, -1, 1), "south"},
		"half the earth":                {near(0, 0, 10_010), "berlin null pole south"},
		"all of the earth":              {near(-52_520, -166_000, market.MaxNear), "berlin fiji ice null pole rabi south"},
		"another issuer":                {market.Query{Currency: "coins", Issuer: sxp.ID{8}}, ""},
	} {
		found, _, err := s.Search(t.Context(), market.Search{Query: tt.q, Limit: 100})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := raws(found)
		slices.Sort(got)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: finds %q, want %q", name, got, tt.want)
		}
		for n, it := range items {
			if want := slices.Contains(got, n); tt.q.Match(it) != want {
				t.Errorf("%s: Match of %q is %v, the store says %v", name, n, !want, want)
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// testProperty compares Search with Match on items and queries made of few
// parts, so that they often meet.
func testProperty(t *testing.T, s market.Store) {
	var items []market.Item
	var put []market.Entry
	for i, it := range rapid.SliceOfN(Items(), 150, 150).Example(1) {
		if err := it.Validate(); err != nil {
			t.Fatalf("%+v: %v", it, err)
		}
		items = append(items, it)
		e := announcement(i, it)
		e.Raw = fmt.Appendf(nil, "%d", i)
		put = append(put, e)
	}
	apply(t, s, put...)
	hits := 0
	rapid.Check(t, func(rt *rapid.T) {
		q := Queries().Draw(rt, "query")
		found, more, err := s.Search(t.Context(), market.Search{Query: q, Limit: len(items)})
		if valid := q.Validate(); valid != nil && !q.IsZero() {
			if sxp.KindOf(err) != sxp.KindOf(valid) {
				rt.Fatalf("Search: error %v, Validate says %v", err, valid)
			}
			return
		}
		if err != nil || more {
			rt.Fatalf("Search: more %v, error %v", more, err)
		}
		got := raws(found)
		var want []string
		for i := len(items) - 1; i >= 0; i-- {
			if q.IsZero() || q.Match(items[i]) {
				want = append(want, fmt.Sprint(i))
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("Search finds %v, Match %v", got, want)
		}
		hits += len(got)
	})
	if hits == 0 {
		t.Error("no generated query met any item: the test shows nothing")
	}
}

// wordParts are pieces of text that are easy to get wrong, beside plain ones.
var wordParts = []string{
	"bike", "Bik", "BEER", "be", "bière", "Straße", "strasse", "œuf", "oeuf", "ΟΔΟΣ", "οδός", "İstanbul", "ısı", "3", "28", "２８", "x²",
	"東京", "タワー", "서울", "हिंदी", "naïve", "nai\u0308ve", "ﬁne", "fine", "Å", "\u212b", "e-mail", "o'clock", "AND", "OR", "NOT", "NEAR", "\"q\"", "*", "^", "(", "🚲", "ǅ", "ẞ", "ſ", "ﷺ", "٣", "Ⅷ", "ⓐ",
}

// Items generates valid items from few parts.
func Items() *rapid.Generator[market.Item] {
	return rapid.Custom(func(t *rapid.T) market.Item {
		text := func(label string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(wordParts), 1, 4).Draw(t, label), rapid.SampledFrom([]string{" ", "-", ", "}).Draw(t, "joint"))
		}
		it := market.Item{Kind: rapid.SampledFrom(market.Kinds()).Draw(t, "kind"), Title: text("title")}
		if rapid.Bool().Draw(t, "has text") {
			it.Text = text("text")
		}
		it.Category = rapid.SampledFrom(categories).Draw(t, "category")
		if rapid.Bool().Draw(t, "has attribute") {
			it.Attributes = map[string]string{"colour": text("colour")}
		}
		if it.Kind == market.Money || rapid.Bool().Draw(t, "has quantity") {
			it.Quantity = rapid.SampledFrom(quantities).Draw(t, "quantity")
			it.Unit = rapid.SampledFrom(itemUnits).Draw(t, "unit")
		}
		if it.Kind == market.Money {
			it.Unit = ""
			it.Currency = rapid.SampledFrom([]string{"EUR", "USD", "coins"}).Draw(t, "currency")
			it.Issuer = sxp.ID{byte(rapid.IntRange(1, 2).Draw(t, "issuer"))}
		}
		if rapid.IntRange(0, 2).Draw(t, "has point") > 0 {
			p := points().Draw(t, "point")
			it.Point = &p
		}
		return it
	})
}

// points generates some places near each other, the poles and the ends of the
// map among them.
func points() *rapid.Generator[market.Point] {
	return rapid.Custom(func(t *rapid.T) market.Point {
		return market.Point{
			Lat: min(90_000, max(-90_000, rapid.SampledFrom([]int64{-90_000, -45_000, 0, 52_520, 89_990, 90_000}).Draw(t, "lat")+rapid.Int64Range(-20, 20).Draw(t, "north"))),
			Lon: min(180_000, max(-180_000, rapid.SampledFrom([]int64{-180_000, -90_000, 0, 13_405, 179_990, 180_000}).Draw(t, "lon")+rapid.Int64Range(-20, 20).Draw(t, "east"))),
		}
	})
}

var (
	categories = []string{"", "a", "ab", "a/b", "a/b/c", "a/bc", "a-b", "é/x"}
	quantities = []market.Decimal{"1", "2", "10", "9", "9.5", "9.49", "100", "0.5", "0.05", "123456789012345678.5"}
	itemUnits  = []string{"", "l", "kg", "h"}
)

// Queries generates queries, most of them valid, from the parts of Items.
func Queries() *rapid.Generator[market.Query] {
	return rapid.Custom(func(t *rapid.T) market.Query {
		var q market.Query
		if rapid.Bool().Draw(t, "has words") {
			parts := rapid.SliceOfN(rapid.SampledFrom(wordParts), 1, 3).Draw(t, "words")
			for i, p := range parts {
				runes := []rune(p)
				parts[i] = string(runes[:rapid.IntRange(1, len(runes)).Draw(t, "prefix")])
			}
			q.Words = strings.Join(parts, rapid.SampledFrom([]string{" ", " | ", "-"}).Draw(t, "joint"))
		}
		if rapid.IntRange(0, 3).Draw(t, "has kind") == 0 {
			q.Kind = rapid.SampledFrom(market.Kinds()).Draw(t, "kind")
		}
		if rapid.IntRange(0, 2).Draw(t, "has category") == 0 {
			q.Category = rapid.SampledFrom(categories).Draw(t, "category")
		}
		if rapid.IntRange(0, 2).Draw(t, "has quantity") == 0 {
			q.Quantity = rapid.SampledFrom(quantities).Draw(t, "quantity")
			q.Unit = rapid.SampledFrom(itemUnits).Draw(t, "unit")
		}
		if rapid.IntRange(0, 5).Draw(t, "has currency") == 0 {
			q.Currency = rapid.SampledFrom([]string{"EUR", "coins"}).Draw(t, "currency")
			q.Issuer = sxp.ID{byte(rapid.IntRange(0, 2).Draw(t, "issuer"))}
		}
		if rapid.IntRange(0, 2).Draw(t, "has near") == 0 {
			p := points().Draw(t, "middle")
			q.Near = market.Near{Lat: p.Lat, Lon: p.Lon, Km: rapid.SampledFrom([]int64{0, 1, 2, 3, 5, 100, 5000, 10_007, 15_000, 20_015, 20_016}).Draw(t, "km")}
		}
		return q
	})
}
