package market

import "strings"

// units gives the one spelling of the units that people write after a number.
// "" is the unit of things that are counted. It is never changed.
var units = map[string]string{
	"l": "l", "liter": "l", "liters": "l", "litre": "l", "litres": "l",
	"ml": "ml", "cl": "cl", "dl": "dl", "hl": "hl",
	"g": "g", "gram": "g", "grams": "g", "mg": "mg",
	"kg": "kg", "kilo": "kg", "kilos": "kg", "t": "t", "tonne": "t", "tonnes": "t",
	"m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m", "cm": "cm", "mm": "mm", "km": "km",
	"m²": "m²", "m2": "m²", "sqm": "m²", "m³": "m³", "m3": "m³",
	"kwh": "kWh",
	"min": "min", "mins": "min", "minute": "min", "minutes": "min",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
	"d": "d", "day": "d", "days": "d", "wk": "wk", "week": "wk", "weeks": "wk",
	"x": "", "×": "", "pc": "", "pcs": "", "piece": "", "pieces": "",
}

// symbols gives the codes of signs that name one currency. "$" names many.
var symbols = map[string]string{"€": "EUR", "£": "GBP"}

// isoCodes are the codes of ISO 4217 in use in 2025, and BTC: what a person
// may write after a number to mean money. A wire message may have any code of
// three capital letters.
const isoCodes = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTC BTN BWP BYN BZD" +
	" CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD" +
	" HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD" +
	" MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG" +
	" QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD" +
	" TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG "

// isCurrency reports whether a word after a number means money: a code in
// capital letters, or one of a few in small letters that are no words.
func isCurrency(word string) bool {
	switch word {
	case "eur", "usd", "gbp", "chf":
		return true
	}
	return isCode(word) && strings.Contains(isoCodes, " "+word+" ")
}
