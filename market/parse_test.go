package market_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/market"
)

func TestParseItem(t *testing.T) {
	t.Parallel()
	issuer := sxp.ID{7}
	for text, want := range map[string]market.Item{
		"20 l beer":                             {Kind: market.Good, Title: "beer", Quantity: "20", Unit: "l"},
		"20l beer":                              {Kind: market.Good, Title: "beer", Quantity: "20", Unit: "l"},
		"20 litres of beer":                     {Kind: market.Good, Title: "beer", Quantity: "20", Unit: "l"},
		"1,5 kg  apples":                        {Kind: market.Good, Title: "apples", Quantity: "1.5", Unit: "kg"},
		"3 h maths lessons":                     {Kind: market.Service, Title: "maths lessons", Quantity: "3", Unit: "h", Duration: 3 * sxp.Hour},
		"90 minutes of massage":                 {Kind: market.Service, Title: "massage", Quantity: "90", Unit: "min", Duration: 90 * sxp.Minute},
		"10 EUR":                                {Kind: market.Money, Title: "EUR", Quantity: "10", Currency: "EUR"},
		"10.50 eur":                             {Kind: market.Money, Title: "EUR", Quantity: "10.5", Currency: "EUR"},
		"€10":                                   {Kind: market.Money, Title: "EUR", Quantity: "10", Currency: "EUR"},
		"10€":                                   {Kind: market.Money, Title: "EUR", Quantity: "10", Currency: "EUR"},
		"12 coins of " + issuer.String():        {Kind: market.Money, Title: "coins", Quantity: "12", Currency: "coins", Issuer: issuer},
		"12 town coins of " + issuer.String():   {Kind: market.Money, Title: "town coins", Quantity: "12", Currency: "town coins", Issuer: issuer},
		"2 bikes":                               {Kind: market.Good, Title: "bikes", Quantity: "2"},
		"2x bikes":                              {Kind: market.Good, Title: "bikes", Quantity: "2"},
		"4x4 car":                               {Kind: market.Good, Title: "4x4 car"},
		"2 pieces of cake":                      {Kind: market.Good, Title: "cake", Quantity: "2"},
		"a road bike":                           {Kind: market.Good, Title: "road bike"},
		"service: haircut":                      {Kind: market.Service, Title: "haircut"},
		"right: parking place":                  {Kind: market.Right, Title: "parking place"},
		"kind:service category:home haircut":    {Kind: market.Service, Title: "haircut", Category: "home"},
		"3D printer":                            {Kind: market.Good, Title: "3D printer"},
		"2nd hand bike":                         {Kind: market.Good, Title: "2nd hand bike"},
		"10 EUR voucher":                        {Kind: market.Good, Title: "10 EUR voucher"},
		"3. edition of a book":                  {Kind: market.Good, Title: "3. edition of a book"},
		`"1984" by George Orwell`:               {Kind: market.Good, Title: `"1984" by George Orwell`},
		"<script>alert(1)</script>":             {Kind: market.Good, Title: "<script>alert(1)</script>"},
		"bike: red":                             {Kind: market.Good, Title: "bike: red"},
		"money: 5 hours of " + issuer.String():  {Kind: market.Money, Title: "hours", Quantity: "5", Currency: "hours", Issuer: issuer},
		"12 bottles of wine of " + "sxp1broken": {Kind: market.Good, Title: "bottles of wine of sxp1broken", Quantity: "12"},
	} {
		got, err := market.ParseItem(text)
		if err != nil {
			t.Errorf("ParseItem(%q): %v", text, err)
		} else if d := cmp.Diff(want, got); d != "" {
			t.Errorf("ParseItem(%q) (-want +got):\n%s", text, d)
		}
	}
	for text, kind := range map[string]sxp.Kind{
		"":                         sxp.Invalid,
		"   ":                      sxp.Invalid,
		"20":                       sxp.Invalid,
		"20 l":                     "", // twenty of something called l
		"0 l beer":                 sxp.Invalid,
		"1,000 EUR":                sxp.Invalid,
		"$10":                      sxp.Invalid,
		"10$":                      sxp.Invalid,
		"money: beer":              sxp.Invalid,
		"money: 5 coins":           sxp.Invalid, // no issuer
		"kind:gift bike":           sxp.Invalid,
		"category:Ä// bike":        sxp.Invalid,
		"bike\x00":                 sxp.Invalid,
		"bike \u202e gnp.exe":      sxp.Invalid,
		"bike near:90.001,0":       sxp.Invalid,
		"bike near:1,2,":           sxp.Invalid,
		strings.Repeat("9", 20):    sxp.TooLarge,
		strings.Repeat("bike", 99): sxp.TooLarge,
		strings.Repeat("b", 600):   sxp.TooLarge,
	} {
		if _, err := market.ParseItem(text); sxp.KindOf(err) != kind {
			t.Errorf("ParseItem(%.60q): error %v, want kind %q", text, err, kind)
		}
	}
}

func TestParseWant(t *testing.T) {
	t.Parallel()
	issuer := sxp.ID{7}
	id := market.ItemID{1, 2}
	q := func(q market.Query) market.Want { return market.Want{Query: &q} }
	for text, want := range map[string]market.Want{
		id.String():                          {Item: id},
		"group:" + id.String():               {Group: id},
		"beer":                               q(market.Query{Words: "beer"}),
		"a tent":                             q(market.Query{Words: "tent"}),
		"beer | wine":                        q(market.Query{Words: "beer | wine"}),
		"20 l beer | wine":                   q(market.Query{Words: "beer | wine", Quantity: "20", Unit: "l"}),
		"10 EUR":                             q(market.Query{Kind: market.Money, Quantity: "10", Currency: "EUR"}),
		"5 coins of " + issuer.String():      q(market.Query{Kind: market.Money, Quantity: "5", Currency: "coins", Issuer: issuer}),
		"2 h babysitting":                    q(market.Query{Words: "babysitting", Kind: market.Service, Quantity: "2", Unit: "h"}),
		"category:tools/garden":              q(market.Query{Category: "tools/garden"}),
		"near:52.52,13.405,10km":             q(market.Query{Near: market.Near{Lat: 52_520, Lon: 13_405, Km: 10}}),
		"a bike near:-0.18,-78.5,3 | e-bike": q(market.Query{Words: "bike | e-bike", Near: market.Near{Lat: -180, Lon: -78_500, Km: 3}}),
		"bike near:station":                  q(market.Query{Words: "bike near:station"}),
		"kind:right category:parking":        q(market.Query{Kind: market.Right, Category: "parking"}),
	} {
		got, err := market.ParseWant(text)
		if err != nil {
			t.Errorf("ParseWant(%q): %v", text, err)
		} else if d := cmp.Diff(want, got); d != "" {
			t.Errorf("ParseWant(%q) (-want +got):\n%s", text, d)
		}
	}
	for _, text := range []string{"", "!!!", "beer |", "| beer", "10 EUR | beer", "beer | 10 EUR", "beer | 3 l wine", "group:xyz", "5",
		"bike near:52,13", "bike | beer near:52,13,5km", "near:91,0,5km", "near:0,181,5km", "near:1,2,0km", "near:1,2,20016", "near:1,2,3mi", "near:52", "near:5.,1,2", "near:1,2,3,4"} {
		if _, err := market.ParseWant(text); !errors.Is(err, sxp.Invalid) {
			t.Errorf("ParseWant(%q): error %v, want %v", text, err, sxp.Invalid)
		}
	}
}

// What a person offers in words is found by what another person wants in the
// same words.
func TestWordsMeet(t *testing.T) {
	t.Parallel()
	for offer, wants := range map[string][]string{
		"3 h maths lessons": {"maths lessons", "lessons", "math", "2 h maths lessons", "kind:service MATHS"},
		"20 l beer":         {"beer", "a beer", "20 l beer", "5 litres of beer", "wine | beer", "kind:good"},
		"10 EUR":            {"10 EUR", "9,50 eur", "kind:money"},
		"Crème brûlée":      {"creme brulee", "CRÈME", "brûl"},
	} {
		it, err := market.ParseItem(offer)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range wants {
			w, err := market.ParseWant(text)
			if err != nil {
				t.Fatal(err)
			}
			if !w.Query.Match(it) {
				t.Errorf("%q does not meet %q", offer, text)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"20 l beer", "10 EUR", "€10", "12 coins of sxp1x", "service: haircut", "a|b", "1,5 kg x", "3D", "kind:money 5 x of y", "bike near:-52.52,13.4055,10km"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if it, err := market.ParseItem(text); err == nil {
			if err := it.Validate(); err != nil {
				t.Errorf("ParseItem(%q) gives an invalid item: %v", text, err)
			}
			_ = it.String()
		}
		if n, err := market.ParseNear(text); err == nil {
			if again, err := market.ParseNear(n.String()); err != nil || again != n {
				t.Errorf("%q reads as %+v, whose text %q reads as %+v, %v", text, n, n, again, err)
			}
		}
		if w, err := market.ParseWant(text); err == nil {
			if err := w.Validate(); err != nil {
				t.Errorf("ParseWant(%q) gives an invalid want: %v", text, err)
			}
		}
	})
}

func TestParseNear(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]market.Near{
		"52.52,13.405,10km":          {Lat: 52_520, Lon: 13_405, Km: 10},
		"52.520,13.405":              {Lat: 52_520, Lon: 13_405},
		"-33,151,1":                  {Lat: -33_000, Lon: 151_000, Km: 1},
		"48.20849,16.37208":          {Lat: 48_208, Lon: 16_372}, // rounded
		"-48.2085,-16.9996,20015km":  {Lat: -48_209, Lon: -17_000, Km: 20_015},
		"90,-180":                    {Lat: 90_000, Lon: -180_000},
		"89.99999999999999999999,00": {Lat: 90_000},
		"-0.0004,0":                  {},
	} {
		got, err := market.ParseNear(text)
		if err != nil || got != want {
			t.Errorf("ParseNear(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "1,", ",1", "+1,1", "1e1,1", "90.0005,1", "1,1,-5", "1,1,5.5", "1.2.3,1", "--1,1", "1234,1", "1 ,1", "1,1,99999999999"} {
		if _, err := market.ParseNear(text); !errors.Is(err, sxp.Invalid) {
			t.Errorf("ParseNear(%q): error %v, want %v", text, err, sxp.Invalid)
		}
	}
	it, err := market.ParseItem("2 chairs near:52.52,13.405")
	if want := (market.Item{Kind: market.Good, Title: "chairs", Quantity: "2", Point: &market.Point{Lat: 52_520, Lon: 13_405}}); err != nil || !cmp.Equal(it, want) {
		t.Errorf("ParseItem gives %+v, %v, want %+v", it, err, want)
	}
	need, err := draft(alice).Need(market.Nonce{1}, "road bike near:52.52,13.405,10km")
	if err != nil || need.Item.Point == nil || need.Query.Near.Km != 10 || need.Query.Words != "road bike" {
		t.Errorf("a need near a place: %+v, %v", need, err)
	}
}
