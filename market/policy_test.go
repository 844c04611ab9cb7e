package market_test

import (
	"slices"
	"testing"

	"sxp"
	"sxp/market"
)

func TestLevyIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rate, amount, want market.Decimal }{
		{"19", "20", "3.8"},
		{"20", "0.02", "0"},     // 0.004
		{"20", "0.025", "0.01"}, // 0.005 is rounded up
		{"7.7", "99.99", "7.7"}, // 7.69923
		{"0.0001", "1000000", "1"},
		{"100", "999999999999999999", "999999999999999999"},
		{"33.3333", "3", "1"},
	} {
		got, err := market.Levy{Rate: c.rate}.Of(c.amount)
		if err != nil || got != c.want {
			t.Errorf("%s %% of %s = %s, %v, want %s", c.rate, c.amount, got, err, c.want)
		}
	}
}

func TestLevyFalls(t *testing.T) {
	t.Parallel()
	chair := market.Item{Kind: market.Good, Title: "chair", Category: "home/chairs"}
	coins := market.Item{Kind: market.Money, Title: "coins", Quantity: "1", Currency: "EUR"}
	for name, c := range map[string]struct {
		levy market.Levy
		item market.Item
		want bool
	}{
		"all":              {market.Levy{}, chair, true},
		"never money":      {market.Levy{}, coins, false},
		"its kind":         {market.Levy{Kinds: []market.Kind{market.Service, market.Good}}, chair, true},
		"another kind":     {market.Levy{Kinds: []market.Kind{market.Service}}, chair, false},
		"its category":     {market.Levy{Category: "home"}, chair, true},
		"another category": {market.Levy{Category: "hom"}, chair, false},
	} {
		if got := c.levy.Falls(c.item); got != c.want {
			t.Errorf("%s: Falls = %v", name, got)
		}
	}
}

func TestWorth(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"20 EUR": true, "0.5 CHF": true, "20EUR": false, "20 euros": false, "-1 EUR": false, "1.0 EUR": false, "0 EUR": false, "": false} {
		it := market.Item{Attributes: map[string]string{market.AttributeValue: text}}
		if _, _, got := it.Worth(); got != ok {
			t.Errorf("Worth of %q: %v, want %v", text, got, ok)
		}
	}
}

func TestRoundsComeOnTime(t *testing.T) {
	t.Parallel()
	d := market.Deals{Rhythm: market.Rounds, Every: sxp.Hour, First: noon}
	for now, want := range map[sxp.Time]sxp.Time{
		noon: noon.Add(sxp.Hour), noon - 1: noon, noon + 1: noon.Add(sxp.Hour),
		noon.Add(-3 * sxp.Hour): noon.Add(-2 * sxp.Hour), noon.Add(-3*sxp.Hour) - 1: noon.Add(-3 * sxp.Hour), noon.Add(30*sxp.Hour) + 1: noon.Add(31 * sxp.Hour),
	} {
		if got := d.NextRound(now); got != want {
			t.Errorf("NextRound(noon%+d) = noon%+d, want noon%+d", now-noon, got-noon, want-noon)
		}
	}
	if got := (market.Deals{}).NextRound(noon); got != 0 {
		t.Errorf("a continuous market has a round at %v", got)
	}
}

func TestCharterOfDealsAndPolicy(t *testing.T) {
	t.Parallel()
	levy := market.Levy{Name: "VAT", Rate: "19", To: "the tax office"}
	other := market.Neighbour{Market: alice.ID(), Name: "Over there", Node: market.Node{ID: theNode.ID(), Address: "https://node.example"}}
	for name, c := range map[string]struct {
		change func(*market.Charter)
		kind   sxp.Kind
	}{
		"all of it": {func(c *market.Charter) {
			c.Deals = market.Deals{Rhythm: market.Rounds, Every: sxp.Day, First: noon, Goals: []string{"people", "items"}, MaxRing: 5, MaxChain: 4, Reliability: 800_000, Patience: sxp.Day}
			c.Policy = market.Policy{Levies: []market.Levy{levy, {Name: "VAT", Rate: "7.5", Category: "books", Kinds: []market.Kind{market.Good}, To: "the tax office"}}, Guarantee: "Things are what they are said to be."}
			c.Neighbours = []market.Neighbour{other}
		}, ""},
		"an unknown rhythm":           {func(c *market.Charter) { c.Deals.Rhythm = "weekly" }, sxp.Invalid},
		"rounds without an interval":  {func(c *market.Charter) { c.Deals.Rhythm = market.Rounds }, sxp.Invalid},
		"continuous with an interval": {func(c *market.Charter) { c.Deals.Every = sxp.Day }, sxp.Invalid},
		"a goal that boards lack":     {func(c *market.Charter) { c.Deals.Goals = []string{"worth"} }, sxp.Invalid},
		"a goal twice":                {func(c *market.Charter) { c.Deals.Goals = []string{"items", "items"} }, sxp.Invalid},
		"a ring too long to sign":     {func(c *market.Charter) { c.Deals.MaxRing = market.MaxRingItems + 1 }, sxp.Invalid},
		"a ring of one":               {func(c *market.Charter) { c.Deals.MaxRing = 1 }, sxp.Invalid},
		"a chain too long to sign":    {func(c *market.Charter) { c.Deals.MaxChain = market.MaxRingItems }, sxp.Invalid},
		"more than certain":           {func(c *market.Charter) { c.Deals.Reliability = 1_000_001 }, sxp.Invalid},
		"a levy without a name":       {func(c *market.Charter) { c.Policy.Levies = []market.Levy{{Rate: "1", To: "x"}} }, sxp.Invalid},
		"a levy to nobody":            {func(c *market.Charter) { c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "1"}} }, sxp.Invalid},
		"a levy of nothing":           {func(c *market.Charter) { c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "0", To: "x"}} }, sxp.Invalid},
		"a levy of more than all":     {func(c *market.Charter) { c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "100.1", To: "x"}} }, sxp.Invalid},
		"a levy of five digits":       {func(c *market.Charter) { c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "1.00001", To: "x"}} }, sxp.Invalid},
		"a levy on money": {func(c *market.Charter) {
			c.Policy.Levies = []market.Levy{{Name: "VAT", Rate: "1", To: "x", Kinds: []market.Kind{market.Money}}}
		}, sxp.Invalid},
		"a levy twice":    {func(c *market.Charter) { c.Policy.Levies = []market.Levy{levy, levy} }, sxp.Invalid},
		"too many levies": {func(c *market.Charter) { c.Policy.Levies = make([]market.Levy, market.MaxLevies+1) }, sxp.TooLarge},
		"itself as a neighbour": {func(c *market.Charter) {
			other := other
			other.Market = c.Market
			c.Neighbours = []market.Neighbour{other}
		}, sxp.Invalid},
		"a neighbour twice": {func(c *market.Charter) { c.Neighbours = []market.Neighbour{other, other} }, sxp.Invalid},
		"a neighbour at no address": {func(c *market.Charter) {
			other := other
			other.Node.Address = "here"
			c.Neighbours = []market.Neighbour{other}
		}, sxp.Invalid},
	} {
		ch := charter()
		c.change(&ch)
		err := ch.Validate()
		if sxp.KindOf(err) != c.kind {
			t.Errorf("%s: error %v, want kind %q", name, err, c.kind)
		}
		if err == nil && c.kind == "" {
			raw := must[[]byte](t)(market.SignCharter(theMarket, ch))
			back := must[market.Charter](t)(market.OpenCharter(raw))
			if back.Deals.Every != ch.Deals.Every || len(back.Policy.Levies) != 2 || !slices.Equal(back.Neighbours, ch.Neighbours) {
				t.Errorf("%s: a signed charter says %+v", name, back)
			}
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		direction market.Direction
		source    market.Source
		kind      sxp.Kind
	}{
		"an offer":            {market.Offer, market.Source{Contract: sxp.Hash{1}, Transfer: 1}, ""},
		"a gift":              {market.Gift, market.Source{Contract: sxp.Hash{1}, Transfer: 60}, ""},
		"a need":              {market.Need, market.Source{Contract: sxp.Hash{1}, Transfer: 1}, sxp.Invalid},
		"no contract":         {market.Offer, market.Source{Transfer: 1}, sxp.Invalid},
		"no transfer":         {market.Offer, market.Source{Contract: sxp.Hash{1}}, sxp.Invalid},
		"a transfer too many": {market.Offer, market.Source{Contract: sxp.Hash{1}, Transfer: 61}, sxp.Invalid},
	} {
		a := offer(t, alice, 1, "a bicycle")
		a.Direction, a.Source = c.direction, &c.source
		if err := a.Validate(); sxp.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want kind %q", name, err, c.kind)
		}
	}
}
