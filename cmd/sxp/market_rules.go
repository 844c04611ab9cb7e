package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/market"
)

// rules are the flags of "market rules".
type rules struct {
	rhythm, first       string
	every, patience     show.Duration
	goals               []string
	maxRing, maxChain   int
	reliability         int
	levies, neighbours  []string
	guarantee           string
	noPolicy, noNearest bool
}

func (a *app) marketRulesCmd() *cobra.Command {
	var in agent.SetRules
	var r rules
	var draft string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Declare when which rings your market proposes, and what contracts must say",
		Long: `Rules changes what your market declares. When and which: --rhythm rounds proposes
the best choice of rings at fixed times, continuous each ring as soon as it is
worth more than waiting. What contracts must say: levies such as value added tax,
and a guarantee. Whose juries its people trust too: --neighbour.`,
		Example: `  sxp market rules --rhythm rounds --every 1d --goal people --goal items
  sxp market rules --levy "VAT: 20 % of goods and services to the tax office"
  sxp market rules --neighbour 'sxp:market?id=sxp1…'`,
		Args: args(0, 0, ""),
	}
	marketFlag(cmd, &in.Market)
	draftFlag(cmd, &draft)
	r.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := a.markets(cmd)
		if err != nil {
			return err
		}
		var ref []string
		if in.Market != "" {
			ref = []string{in.Market}
		}
		known, err := pick(all, ref)
		if err != nil {
			return err
		}
		if err := r.read(cmd, &known, &in); err != nil {
			return err
		}
		m, err := do[agent.MarketView](cmd.Context(), a, push, "market.rules", in)
		if err != nil {
			return err
		}
		return a.founded(m, draft, func(w io.Writer) error { return printRules(w, m) })
	}
	return cmd
}

func (r *rules) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.rhythm, "rhythm", "", "`when` rings are proposed: continuous or rounds")
	f.Var(&r.every, "every", "rounds: the time between two")
	f.StringVar(&r.first, "first", "", "rounds: a `date` of one of them, such as 2027-01-31 (default 1970-01-01)")
	f.StringArrayVar(&r.goals, "goal", nil, "`what` makes a choice of rings better: items, people, cost or expected; repeat, the most important first")
	f.IntVar(&r.maxRing, "max-ring", 0, "at most `n` items in a ring (default 4)")
	f.IntVar(&r.maxChain, "max-chain", 0, "at most `n` items in a chain from a gift (default one less than in a ring)")
	f.IntVar(&r.reliability, "reliability", 0, "chance in millionths that somebody keeps their word (default 900000)")
	f.Var(&r.patience, "patience", "how long people wait on average (default 30d)")
	f.StringArrayVar(&r.levies, "levy", nil, "a `levy`, such as \"VAT: 20 % of goods and services in books to the tax office\"; repeat; the list replaces the old")
	f.StringVar(&r.guarantee, "guarantee", "", "what the market answers for, in `words`")
	f.BoolVar(&r.noPolicy, "no-policy", false, "neither levies nor a guarantee any more")
	f.StringArrayVar(&r.neighbours, "neighbour", nil, "link, number or name of a `market` whose jury your people trust too; repeat; the list replaces the old")
	f.BoolVar(&r.noNearest, "no-neighbours", false, "no neighbours any more")
}

// read makes the request from what was given; the rest is as it was.
func (r *rules) read(cmd *cobra.Command, was *agent.MarketView, in *agent.SetRules) error {
	given := func(names ...string) bool { return slices.ContainsFunc(names, cmd.Flags().Changed) }
	if given("rhythm", "every", "first", "goal", "max-ring", "max-chain", "reliability", "patience") {
		d, err := r.deals(cmd, was.Deals)
		if err != nil {
			return err
		}
		in.Deals = &d
	}
	if given("levy", "guarantee", "no-policy") {
		p, err := r.policy(cmd, was.Policy)
		if err != nil {
			return err
		}
		in.Policy = &p
	}
	switch {
	case r.noNearest && given("neighbour"):
		return usagef("--neighbour and --no-neighbours exclude each other")
	case r.noNearest:
		in.Neighbours = []string{}
	case given("neighbour"):
		in.Neighbours = r.neighbours
	}
	if in.Deals == nil && in.Policy == nil && in.Neighbours == nil {
		return usagef("market rules needs to know what to change: --rhythm, --goal, --levy, --neighbour …")
	}
	return nil
}

func (r *rules) deals(cmd *cobra.Command, d market.Deals) (market.Deals, error) {
	changed := cmd.Flags().Changed
	if changed("rhythm") {
		d.Rhythm = market.Rhythm(r.rhythm)
		if d.Rhythm == market.Continuous {
			d.Every, d.First = 0, 0
		}
	}
	if changed("every") {
		d.Every = sxp.Duration(r.every)
	}
	if changed("first") {
		var err error
		if d.First, err = date("first", r.first, false); err != nil {
			return d, err
		}
	}
	if changed("goal") {
		d.Goals = r.goals
	}
	if changed("max-ring") {
		d.MaxRing = r.maxRing
	}
	if changed("max-chain") {
		d.MaxChain = r.maxChain
	}
	if changed("reliability") {
		d.Reliability = r.reliability
	}
	if changed("patience") {
		d.Patience = sxp.Duration(r.patience)
	}
	return d, nil
}

func (r *rules) policy(cmd *cobra.Command, p market.Policy) (market.Policy, error) {
	if r.noPolicy {
		if cmd.Flags().Changed("levy") || cmd.Flags().Changed("guarantee") {
			return p, usagef("--no-policy takes neither --levy nor --guarantee")
		}
		return market.Policy{}, nil
	}
	if cmd.Flags().Changed("guarantee") {
		p.Guarantee = r.guarantee
	}
	if !cmd.Flags().Changed("levy") {
		return p, nil
	}
	p.Levies = nil
	for _, text := range r.levies {
		l, err := readLevy(text)
		if err != nil {
			return p, err
		}
		p.Levies = append(p.Levies, l)
	}
	return p, nil
}

// readLevy reads "VAT: 20 % of goods and services in books to the tax office".
func readLevy(text string) (l market.Levy, err error) {
	wrong := usagef("--levy %q: write it as \"VAT: 20 %% of goods and services in CATEGORY to the tax office\"", text)
	name, rest, ok := strings.Cut(text, ":")
	rate, rest, ok2 := strings.Cut(rest, "%")
	what, to, ok3 := strings.Cut(rest, " to ")
	if !ok || !ok2 || !ok3 {
		return l, wrong
	}
	l.Name, l.To = strings.TrimSpace(name), strings.TrimSpace(to)
	if l.Rate, err = market.ParseDecimal(strings.TrimSpace(rate)); err != nil {
		return l, usagef("--levy %q: %s", text, sxp.Reason(err))
	}
	words := strings.Fields(what)
	for i := 0; i < len(words); i++ {
		switch word := strings.TrimRight(words[i], ","); word {
		case "of", "and":
		case "in":
			if i++; i == len(words) {
				return l, wrong
			}
			l.Category = words[i]
		default:
			kind := market.Kind(strings.TrimSuffix(word, "s"))
			if kind == market.Money || !slices.Contains(market.Kinds(), kind) {
				return l, wrong
			}
			l.Kinds = append(l.Kinds, kind)
		}
	}
	return l, nil
}

// printRules says what a market declares.
func printRules(w io.Writer, m agent.MarketView) error {
	_, err := fmt.Fprintf(w, "%s proposes rings %s.\n", show.Line(m.Name), rhythm(m.Deals))
	if err != nil {
		return err
	}
	for _, l := range m.Policy.Levies {
		if _, err := fmt.Fprintf(w, "Contracts say: %s, %s %%, to %s.\n", show.Line(l.Name), l.Rate, show.Line(l.To)); err != nil {
			return err
		}
	}
	if m.Policy.Guarantee != "" {
		if _, err := fmt.Fprintf(w, "It answers for: %s\n", show.Line(m.Policy.Guarantee)); err != nil {
			return err
		}
	}
	for _, n := range m.Neighbours {
		if _, err := fmt.Fprintf(w, "Its people deal with those of %s.\n", show.Line(n.Name)); err != nil {
			return err
		}
	}
	return nil
}

// rhythm says when rings are proposed and which are better.
func rhythm(d market.Deals) string {
	s := "as soon as they are worth more than waiting"
	if d.Rhythm == market.Rounds {
		s = "every " + show.Span(d.Every)
	}
	if len(d.Goals) > 0 {
		s += ", for " + strings.Join(d.Goals, ", then ")
	}
	if d.MaxRing != 0 {
		s += fmt.Sprintf(", of at most %d items", d.MaxRing)
	}
	return s
}

func (a *app) marketReportCmd() *cobra.Command {
	var in agent.AskReport
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Say how a market treats its people: who waits, who never trades",
		Long: `Report reads the public board and says how long things have stood, how long those
had that went into contracts, and who waits longest. What went into a contract is
its owner's own word.`,
		Example: "  sxp market report\n  sxp market report --limit 10",
		Args:    args(0, 0, ""),
	}
	marketFlag(cmd, &in.Market)
	cmd.Flags().IntVar(&in.Limit, "limit", 0, "at most `n` people (default 50)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if in.Limit < 0 {
			return usagef("--limit is 1 or more")
		}
		r, err := do[agent.MarketReport](cmd.Context(), a, pull, "market.report", in)
		if err != nil {
			return err
		}
		return a.answer(r, func(w io.Writer) error { return printFairness(w, r) })
	}
	return cmd
}

func printFairness(w io.Writer, r agent.MarketReport) error {
	if r.People == 0 {
		return none(w, "Nothing stands on this board, and nothing went into a contract.")
	}
	fmt.Fprintf(w, "%s: %d people, %d have traded, %d never.\n", show.Line(r.Name), r.People, r.Traders, r.Never)
	if r.Waits.Count > 0 {
		fmt.Fprintf(w, "What stands: %d, for %s in the middle, at most %s for nine of ten, %s the longest.\n", r.Waits.Count, show.Span(r.Waits.Median), show.Span(r.Waits.Nine), show.Span(r.Waits.Longest))
	}
	if r.Waited.Count > 0 {
		fmt.Fprintf(w, "What was swapped: %d, after %s in the middle, at most %s for nine of ten, %s the longest.\n", r.Waited.Count, show.Span(r.Waited.Median), show.Span(r.Waited.Nine), show.Span(r.Waited.Longest))
	}
	fmt.Fprintf(w, "Trades per person are uneven by %d.%03d (0: all the same, 1: one person has them all).\n\n", r.Uneven/1000, r.Uneven%1000)
	var rows [][]string
	for _, p := range r.Waiting {
		name := show.Name(p.Name, p.ID)
		if p.Me {
			name = "you"
		}
		waits := ""
		if p.Stands > 0 {
			waits = show.Span(p.Waits)
		}
		rows = append(rows, []string{name, fmt.Sprint(p.Stands), waits, fmt.Sprint(p.Swaps), fmt.Sprint(p.Met)})
	}
	return show.Table(w, []string{"WHO", "STANDS", "WAITS", "SWAPPED", "NEEDS MET"}, rows)
}

// policy says what contracts over a market's items must say.
func policy(p market.Policy) string {
	var parts []string
	for _, l := range p.Levies {
		parts = append(parts, fmt.Sprintf("%s %s %%", l.Name, l.Rate))
	}
	if p.Guarantee != "" {
		parts = append(parts, "a guarantee: "+p.Guarantee)
	}
	return strings.Join(parts, ", ")
}

// neighbours names the markets that a market's people deal with.
func neighbours(m agent.MarketView) string {
	var names []string
	for _, n := range m.Neighbours {
		names = append(names, n.Name)
	}
	return strings.Join(names, ", ")
}
