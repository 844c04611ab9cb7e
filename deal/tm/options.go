package tm

import (
	"strconv"
	"strings"
)

// Priorities says how a want's place in its list becomes a cost.
type Priorities string

// The priority schemes; r is the rank, which starts at 1.
const (
	NoPriorities       Priorities = "none"     // always 1
	LinearPriorities   Priorities = "linear"   // r
	TrianglePriorities Priorities = "triangle" // r(r+1)/2
	SquarePriorities   Priorities = "square"   // r²
	ExplicitPriorities Priorities = "explicit" // WANT=cost, kept until the next one
)

// defaultNonTradeCost is TradeMaximizer's: above any real mean.
const defaultNonTradeCost = 1_000_000_000

// Options are the settings that a list declares about itself in its lines
// "#! …".
type Options struct {
	CaseSensitive    bool
	RequireColons    bool
	RequireUsernames bool
	AllowDummies     bool
	ShowMissing      bool
	HideRepeats      bool
	Priorities       Priorities
	SmallStep        int64 // rank between two wants
	BigStep          int64 // more rank at each semicolon
	NonTradeCost     int64 // what an item that is not traded costs
	Iterations       int64 // how often TradeMaximizer would have searched
	Shrink           int64 // how far it would have made its graph smaller
	Seed             int64
	Metric           Metric
	Favored          string // whom METRIC=FAVOR-USER names, in upper case

	// What Write shows and hides.
	HideErrors, HideLoops, HideSummary, HideNonTrades, HideStats bool
	SortByItem, ShowElapsedTime                                  bool

	Written []string // every option that is known, as written, in upper case
	Other   []string // those of them that are legal, but without effect here
}

// Metric says which of the answers with the most trades and the lowest cost is
// sought. TradeMaximizer takes the best of ITERATIONS random ones; here it is
// searched for.
type Metric string

// The metrics of TradeMaximizer 1.4a.
const (
	ChainSizes   Metric = "CHAIN-SIZES-SOS" // the least sum of squares of ring sizes
	UsersTrading Metric = "USERS-TRADING"   // the most people
	UsersSquares Metric = "USERS-SOS"       // the least sum of squares of people's trades
	FavorUser    Metric = "FAVOR-USER"      // the most trades of one person
)

func defaultOptions() Options {
	return Options{Priorities: NoPriorities, SmallStep: 1, BigStep: 9, NonTradeCost: defaultNonTradeCost, Iterations: 1, Metric: ChainSizes}
}

// option applies one word of a "#!" line.
func (p *parser) option(word string) error {
	o := &p.opt
	switch word {
	case "CASE-SENSITIVE":
		o.CaseSensitive = true
	case "REQUIRE-COLONS":
		o.RequireColons = true
	case "REQUIRE-USERNAMES":
		o.RequireUsernames = true
	case "ALLOW-DUMMIES":
		o.AllowDummies = true
	case "SHOW-MISSING":
		o.ShowMissing = true
	case "HIDE-REPEATS":
		o.HideRepeats = true
	case "LINEAR-PRIORITIES":
		o.Priorities = LinearPriorities
	case "TRIANGLE-PRIORITIES":
		o.Priorities = TrianglePriorities
	case "SQUARE-PRIORITIES":
		o.Priorities = SquarePriorities
	case "EXPLICIT-PRIORITIES":
		o.Priorities = ExplicitPriorities
	case "SCALED-PRIORITIES":
		if o.Priorities == NoPriorities {
			o.Priorities = LinearPriorities
		}
		return p.complain(ruleRetired, "SCALED-PRIORITIES was retired in TradeMaximizer 1.3c; ranks count as with LINEAR-PRIORITIES")
	case "SHRINK-VERBOSE", "VERBOSE", "DEBUG":
		o.Other = append(o.Other, word)
	default:
		if shown := p.shown(word); shown != nil {
			*shown = true
			break
		}
		return p.valued(word)
	}
	o.Written = append(o.Written, word)
	return nil
}

// shown returns the setting of an option that only changes what is written.
func (p *parser) shown(word string) *bool {
	o := &p.opt
	switch word {
	case "HIDE-ERRORS":
		return &o.HideErrors
	case "HIDE-LOOPS":
		return &o.HideLoops
	case "HIDE-SUMMARY":
		return &o.HideSummary
	case "HIDE-NONTRADES":
		return &o.HideNonTrades
	case "HIDE-STATS":
		return &o.HideStats
	case "SORT-BY-ITEM":
		return &o.SortByItem
	case "SHOW-ELAPSED-TIME":
		return &o.ShowElapsedTime
	}
	return nil
}

// valued applies an option of the form NAME=VALUE.
func (p *parser) valued(word string) error {
	o := &p.opt
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return p.complain(ruleUnknownOption, "unknown option %q is ignored", clip(word))
	}
	into, least := (*int64)(nil), int64(1)
	switch name {
	case "SMALL-STEP":
		into, least = &o.SmallStep, 0
	case "BIG-STEP":
		into, least = &o.BigStep, 0
	case "NONTRADE-COST":
		into = &o.NonTradeCost
	case "SEED":
		into = &o.Seed
	case "ITERATIONS":
		into = &o.Iterations
	case "SHRINK":
		into, least = &o.Shrink, 0
	case "METRIC":
		return p.metric(word, value)
	case "GEEKLIST", "CODE-DIGITS", "CODE-LETTERS", "YEAR", "MONTH":
		o.Other, o.Written = append(o.Other, word), append(o.Written, word)
		return nil
	default:
		return p.complain(ruleUnknownOption, "unknown option %q is ignored", clip(word))
	}
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil || int64(n) < least || n > mostOf(name) {
		return p.complain(ruleOptionValue, "%s must be an integer from %d to %d, not %q: it is ignored", name, least, mostOf(name), clip(value))
	}
	*into = int64(n)
	o.Written = append(o.Written, word)
	return nil
}

// mostOf bounds the value of an option as TradeMaximizer's types do.
func mostOf(name string) uint64 {
	switch name {
	case "SEED", "NONTRADE-COST":
		return 1<<63 - 1
	case "SHRINK":
		return 9
	}
	return 1<<31 - 1
}

// metric applies METRIC=…; one that is unknown is complained about, and the
// usual one stays.
func (p *parser) metric(word, value string) error {
	o := &p.opt
	p.metricLine = p.number
	user, favor := strings.CutPrefix(value, string(FavorUser)+"=")
	switch m := Metric(value); {
	case favor && user != "":
		o.Metric, o.Favored = FavorUser, user
	case m == ChainSizes, m == UsersTrading, m == UsersSquares:
		o.Metric = m
	default:
		return p.complain(ruleUnknownOption, "unknown metric %q is ignored", clip(value))
	}
	o.Written = append(o.Written, word)
	return nil
}
