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
	NonTradeCost     int64 // no ring whose mean cost is above
	Seed             int64
	Other            []string // legal, but without effect here, as written
}

func defaultOptions() Options {
	return Options{Priorities: NoPriorities, SmallStep: 1, BigStep: 9, NonTradeCost: defaultNonTradeCost}
}

// maxStep bounds steps and seeds as TradeMaximizer's int does.
const maxStep = 1<<31 - 1

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
	case "HIDE-ERRORS", "HIDE-LOOPS", "HIDE-SUMMARY", "HIDE-NONTRADES", "HIDE-STATS",
		"SORT-BY-ITEM", "SHOW-ELAPSED-TIME", "SHRINK-VERBOSE", "VERBOSE":
		o.Other = append(o.Other, word)
	default:
		return p.valued(word)
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
	case "ITERATIONS", "SHRINK":
		into, least = new(int64), 0
		o.Other = append(o.Other, word)
	case "METRIC", "GEEKLIST", "CODE-DIGITS", "CODE-LETTERS", "YEAR", "MONTH":
		o.Other = append(o.Other, word)
		return nil
	default:
		return p.complain(ruleUnknownOption, "unknown option %q is ignored", clip(word))
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < least || n > maxStep {
		return p.fatal(ruleOptionValue, "%s must be an integer from %d to %d, not %q", name, least, int64(maxStep), clip(value))
	}
	*into = n
	return nil
}
