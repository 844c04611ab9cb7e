package tm

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strings"

	"sxp"
)

// ReadLimits reads budgets from a file of their own, as lists whose cash bids
// were made items have it: a line per person, "NAME 250" or "(NAME) $250".
// Items called BID7-40 are bids of 40 from then on. Complaints are added to
// l.Problems; errors are those of Read.
func (l *List) ReadLimits(r io.Reader, set Settings) error {
	p := &parser{set: set, opt: l.Options, problems: l.Problems, more: l.More}
	in := bufio.NewScanner(io.LimitReader(r, MaxFile))
	for in.Scan() {
		p.number++
		if s := strings.TrimFunc(in.Text(), isBlank); s != "" && s[0] != '#' {
			if err := l.limitLine(p, s); err != nil {
				return err
			}
		}
	}
	if err := in.Err(); err != nil {
		return sxp.Errorf("tm.ReadLimits", sxp.Invalid, nil, "after line %d: %w", p.number, err)
	}
	for i := range l.Items {
		if _, amount, ok := strings.Cut(l.Items[i].Name, "-"); ok && strings.HasPrefix(l.Items[i].Name, "BID") && l.Items[i].Bid == 0 {
			l.Items[i].Bid, _ = money("$" + amount)
		}
	}
	slices.SortStableFunc(p.problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
	})
	l.Problems, l.More = p.problems, p.more
	return nil
}

// limitLine reads one budget.
func (l *List) limitLine(p *parser, s string) error {
	at := strings.LastIndexFunc(s, isSpace)
	if at < 0 {
		return p.complain(ruleLimits, "a budget is a name and an amount, not %q: it is ignored", clip(s))
	}
	name, amount := strings.TrimFunc(s[:at], isBlank), strings.TrimPrefix(s[at+1:], "$")
	name = strings.TrimSuffix(strings.TrimPrefix(name, "("), ")")
	cents, ok := money("$" + amount)
	if !ok {
		return p.complain(ruleLimits, "%q is not an amount: the budget is ignored", clip(amount))
	}
	person := -1
	for i, known := range l.People {
		if l.Named[i] && p.fold(known) == p.fold(name) {
			person = i
		}
	}
	if person < 0 {
		return p.complain(ruleLimits, "%s has no list: the budget is ignored", clip(name))
	}
	if _, twice := l.Budgets[person]; twice {
		return p.complain(ruleLimits, "%s has a budget already: this one is ignored", clip(name))
	}
	l.Budgets[person] = cents
	return nil
}
