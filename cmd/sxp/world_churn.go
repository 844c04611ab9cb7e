package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/internal/world"
	"sxp/market"
)

// churnFlags are the flags of "world --churn".
type churnFlags struct {
	span, rounds  show.Duration
	people, sorts int
}

func (c *churnFlags) flags(f *pflag.FlagSet) {
	f.Var(&c.span, "churn", "let people come and go for so much simulated time")
	f.IntVar(&c.people, "people", 40, "`people` who come, with --churn")
	f.IntVar(&c.sorts, "sorts", 12, "`sorts` of things that people have and want, with --churn")
	f.Var(&c.rounds, "rounds", "with --churn: propose in rounds, so far apart (default as soon as a ring is worth more than waiting)")
}

// run lives through the coming and going.
func (c *churnFlags) run(cmd *cobra.Command, a *app, trade world.TradeConfig) error {
	f := cmd.Flags()
	for _, name := range []string{"trade", "max-ring", "vanish", "corrupt", "keep", "serve", "no-story", "jurors", "bots-after", "listen", "dir"} {
		if f.Changed(name) {
			return usagef("--%s goes without --churn", name)
		}
	}
	cfg := world.ChurnConfig{Span: sxp.Duration(c.span), People: c.people, Types: c.sorts, Seed: trade.Seed, Progress: a.err}
	if f.Changed("jury") {
		cfg.Jury = trade.Jury
	}
	if c.rounds != 0 {
		cfg.Deals = &market.Deals{Rhythm: market.Rounds, Every: sxp.Duration(c.rounds)}
	}
	r, err := world.Churn(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	if err := a.answer(r, func(w io.Writer) error { return printChurn(w, r) }); err != nil {
		return err
	}
	if r.Conflicts+r.Unfair > 0 {
		return &outcome{Text: fmt.Sprintf("%d things were given twice and %d people were treated unfairly: this must not happen, please report it with the seed", r.Conflicts, r.Unfair)}
	}
	return nil
}

func printChurn(w io.Writer, r *world.ChurnReport) error {
	return show.Table(w, nil, [][]string{
		{"people", fmt.Sprintf("%d, %d left for ever, offline %d times", r.People, r.Left, r.Absences)},
		{"announced", fmt.Sprintf("%d, edited %d, withdrawn %d; %d changes refused because of a deal", r.Announced, r.Edited, r.Withdrawn, r.Held)},
		{"proposed", fmt.Sprintf("%d deals, %d of them from gifts", r.Proposed, r.Chains)},
		{"closed", fmt.Sprintf("%d contracts, %d items, %d people", r.Closed, r.Items, r.Traders)},
		{"broken", fmt.Sprintf("%d declined, %d unanswered, %d overtaken by an edit, %d void; %d still open", r.Declined, r.Expired, r.Refused, r.Void, r.Open)},
		{"second best", fmt.Sprintf("%d of %d people whose deal was declined got another, %d of them within a minute, after %s in the middle", r.Again, r.Freed, r.AtOnce, show.Span(r.Second))},
		{"waited", fmt.Sprintf("%s in the middle, at most %s for nine of ten", show.Span(r.Waited), show.Span(r.Nine))},
		{"given twice", fmt.Sprint(r.Conflicts)},
		{"unfair", fmt.Sprint(r.Unfair)},
	})
}
