package lot

import (
	"fmt"
	"slices"
	"strconv"
	"unicode"

	"sxp"
	"sxp/deal"
)

// Validate checks every rule that does not need a search. It fails with
// Invalid, TooLarge or Unsupported (another format), naming the place and the
// rule. All else in this package does it, too.
func (p *Problem) Validate() error {
	_, err := newModel(p)
	return err
}

// at writes the place of an element: "bids[3]".
func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// bad is an error about a place.
func bad(place, format string, args ...any) error {
	return sxp.Errorf("lot.Validate", sxp.Invalid, nil, "%s: %s", place, fmt.Sprintf(format, args...))
}

// within puts a place before what is wrong there.
func within(place string, err error) error {
	return sxp.Errorf("lot.Validate", sxp.KindOf(err), nil, "%s: %s", place, sxp.Reason(err))
}

// checkID checks a name.
func checkID(place, id string) error {
	switch {
	case id == "":
		return bad(place, "a name is missing")
	case len(id) > MaxID:
		return bad(place, "a name of %d bytes, at most %d are allowed", len(id), MaxID)
	}
	for _, r := range id {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return bad(place, "%q: a name has no control characters", clip(id))
		}
	}
	return nil
}

// checkOptions checks what concerns the whole problem.
func (p *Problem) checkOptions() error {
	o := p.Options
	switch {
	case p.Format != ProblemFormat:
		return sxp.Errorf("lot.Validate", sxp.Unsupported, nil, "format: %q, only %q is known", clip(p.Format), ProblemFormat)
	case o.MaxRing == 1 || o.MaxRing < 0 || o.MaxRing > deal.MaxRingCap:
		return bad("options.max_ring", "%d: must be 2 to %d, or 0 for any number", o.MaxRing, deal.MaxRingCap)
	case o.MaxChain > deal.MaxRingCap:
		return bad("options.max_chain", "%d: must be at most %d", o.MaxChain, deal.MaxRingCap)
	case o.MaxMeanCost < 0 || o.MaxMeanCost > deal.MaxCost:
		return bad("options.max_mean_cost", "%d is not within 0 and %d", o.MaxMeanCost, int64(deal.MaxCost))
	case o.Top < 0 || o.Top > deal.MaxCost:
		return bad("options.top", "%d is not within 0 and %d", o.Top, int64(deal.MaxCost))
	case p.Money.Digits < 0 || p.Money.Digits > MaxDigits:
		return bad("money.digits", "%d is not within 0 and %d", p.Money.Digits, MaxDigits)
	case len(p.Title) > MaxText || len(p.Money.Currency) > MaxText:
		return bad("title", "more than %d bytes of text", MaxText)
	case len(p.People) > MaxPeople || len(p.Items) > MaxItems || len(p.Bids) > MaxBids || len(p.Groups) > MaxGroups || len(p.Limits) > MaxLimits:
		return sxp.Errorf("lot.Validate", sxp.TooLarge, nil, "more than %d people, items, bids or groups, or %d limits", MaxPeople, MaxLimits)
	}
	for i, name := range o.Goals {
		if _, ok := deal.GoalOf(name); !ok {
			return bad(at("options.goals", i), "%q is no goal: items, people, cost, worth, expected are", clip(name))
		}
		if slices.Contains(o.Goals[:i], name) {
			return bad(at("options.goals", i), "%q stands twice", name)
		}
	}
	if o.Seconds != "" {
		if _, err := o.Seconds.parse(); err != nil {
			return within("options.seconds", err)
		}
	}
	return nil
}

// goals returns the goals in their order.
func (o Options) goals() []deal.Goal {
	if len(o.Goals) == 0 {
		return deal.DefaultGoals()
	}
	var goals []deal.Goal
	for _, name := range o.Goals {
		g, _ := deal.GoalOf(name)
		goals = append(goals, g)
	}
	return goals
}

// chain is how many items an exchange moves in which somebody takes without
// giving; below 0: any number, 0: there is none.
func (o Options) chain() int {
	switch {
	case o.MaxChain < 0:
		return 0
	case o.MaxChain > 0:
		return o.MaxChain
	case o.MaxRing == 0:
		return -1
	}
	return o.MaxRing - 1
}
