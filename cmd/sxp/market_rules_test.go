package main

import (
	"reflect"
	"testing"

	"sxp/market"
)

func TestLeviesAreRead(t *testing.T) {
	for text, want := range map[string]*market.Levy{
		"VAT: 20 % to the tax office":                              {Name: "VAT", Rate: "20", To: "the tax office"},
		"VAT: 7.50% of goods, services in books to the tax office": {Name: "VAT", Rate: "7.5", Kinds: []market.Kind{market.Good, market.Service}, Category: "books", To: "the tax office"},
		"fee: 1 % of rights and goods to those who need it":        {Name: "fee", Rate: "1", Kinds: []market.Kind{market.Right, market.Good}, To: "those who need it"},
		"VAT 20 % to the tax office":                               nil,
		"VAT: 20 to the tax office":                                nil,
		"VAT: 20 % of goods":                                       nil,
		"VAT: -1 % to the tax office":                              nil,
		"VAT: 20 % of money to the tax office":                     nil,
		"VAT: 20 % of everything to the tax office":                nil,
		"VAT: 20 % in  to the tax office":                          nil,
	} {
		got, err := readLevy(text)
		if (err == nil) != (want != nil) || want != nil && !reflect.DeepEqual(got, *want) {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
}
