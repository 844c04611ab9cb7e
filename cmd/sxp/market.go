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
)

func (a *app) marketCmd() *cobra.Command {
	return group("market", "Create, join and leave markets; sign a market's jury roll",
		`A market is a board where people announce, and a roll of jurors whom its people
trust to complete contracts. It is an identity of its own; a node hosts it.`,
		a.marketCreateCmd(), a.marketSignCmd(), a.marketFoundCmd(), a.marketJoinCmd(), a.marketLeaveCmd(), a.marketListCmd(),
		a.marketShowCmd(), a.marketRollCmd(), a.marketRulesCmd(), a.marketReportCmd(), a.marketInviteCmd(), a.marketRemoveCmd(), a.marketNoticesCmd(), a.marketDumpCmd(), a.marketAnswerCmd())
}

func (a *app) marketCreateCmd() *cobra.Command {
	var in agent.CreateMarket
	var draft string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Found a market on a node",
		Long: `Create makes the keys and the charter of a market and puts it on a node. Give
its link to people who should join, and let jurors enrol with ` + "`sxp jury enrol`" + `;
then sign them as the market's roll with ` + "`sxp market roll`" + `. Where --founder
names others, they sign the draft before you publish it with ` + "`sxp market found`" + `.`,
		Example: `  sxp market create "harbour swap" --at https://node.example#sxp1…
  sxp market create club --at https://node.example#sxp1… --invited bob
  sxp market create harbour --at https://node.example#sxp1… --founder bob --draft harbour.draft`,
		Args: args(1, 1, "a name"),
	}
	cmd.Flags().StringVar(&in.At, "at", "", "`address` of the node that hosts it")
	cmd.Flags().StringVar(&in.Text, "text", "", "what the market is for, in `words`")
	cmd.Flags().StringArrayVar(&in.Categories, "category", nil, "a `category` of announcements; may be repeated")
	cmd.Flags().StringArrayVar(&in.Invited, "invited", nil, "only who is invited may announce: name or `id`; repeat for several")
	cmd.Flags().StringArrayVar(&in.Founders, "founder", nil, "name or `id` of another founder; repeat for several")
	draftFlag(cmd, &draft)
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if in.At == "" {
			return usagef("market create needs --at ADDRESS, the node that hosts it")
		}
		if (len(in.Founders) > 0) != (draft != "") {
			return usagef("--founder ID, for each of the others, and --draft FILE, for what they sign, go together")
		}
		var err error
		if in.At, err = a.address(cmd.Context(), in.At); err != nil {
			return err
		}
		in.Name = given[0]
		m, err := do[agent.MarketView](cmd.Context(), a, push, "market.create", in)
		if err != nil {
			return err
		}
		return a.founded(m, draft, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Market %d, %s, is there. People join with:\n%s\nNext: let jurors enrol with `sxp jury enrol`, then sign them with `sxp market roll`.\n", m.Number, show.Line(m.Name), m.Link)
			return err
		})
	}
	return cmd
}

func (a *app) marketJoinCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "join LINK",
		Short:   "Join a market by its link",
		Long:    "Join fetches the market's charter and jury roll and checks their signatures.\nBy joining you trust its roll: jurors of your contracts are drawn from it.",
		Example: "  sxp market join 'sxp:market?id=sxp1…'",
		Args:    args(1, 1, "a link"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		return a.market(cmd, "market.join", agent.JoinMarket{Link: given[0]},
			"You have joined market %d, %s.\nNext: `sxp offer TITLE` and `sxp need TITLE`.\n")
	}
	return cmd
}

// market does an operation that answers with one market. human takes its
// number and name, and its link if there is a third verb.
func (a *app) market(cmd *cobra.Command, op string, in any, human string) error {
	m, err := do[agent.MarketView](cmd.Context(), a, push, op, in)
	if err != nil {
		return err
	}
	return a.answer(m, func(w io.Writer) error {
		values := []any{m.Number, show.Line(m.Name), m.Link}
		_, err := fmt.Fprintf(w, human, values[:strings.Count(human, "%")]...)
		return err
	})
}

func (a *app) marketLeaveCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "leave MARKET",
		Short:   "Leave a market",
		Long:    "Leave withdraws nothing: do that first with `sxp withdraw`. Contracts stay.",
		Example: "  sxp market leave 1",
		Args:    args(1, 1, "a market by number, name or id"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		v, err := do[agent.None](cmd.Context(), a, push, "market.leave", agent.MarketRef{Market: given[0]})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return none(w, "You have left "+show.Line(given[0])+".") })
	}
	return cmd
}

func (a *app) markets(cmd *cobra.Command) ([]agent.MarketView, error) {
	return do[[]agent.MarketView](cmd.Context(), a, pull, "markets", agent.None{})
}

func (a *app) marketListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the markets you have joined",
		Long:    "List shows the markets you have joined, with the numbers that --market takes.",
		Example: "  sxp market list",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := a.markets(cmd)
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No market yet: `sxp market join LINK`, or found one with `sxp market create`.")
			}
			var rows [][]string
			for _, m := range all {
				rows = append(rows, []string{fmt.Sprint(m.Number), m.Name, own(m), jurors(m), strings.Join(m.At, " ")})
			}
			return show.Table(w, []string{"#", "NAME", "", "JURORS", "AT"}, rows)
		})
	}
	return cmd
}

func people(all []agent.PersonView) string {
	var names []string
	for _, p := range all {
		names = append(names, show.Name(p.Name, p.ID))
	}
	return strings.Join(names, ", ")
}

func own(m agent.MarketView) string {
	if m.Mine {
		return "yours"
	}
	return ""
}

// roll is the digest of a market's roll, nothing where there is none yet.
func roll(m agent.MarketView) string {
	if m.Jurors == 0 {
		return ""
	}
	return m.Roll.String()
}

func jurors(m agent.MarketView) string {
	if m.Jurors == 0 {
		return "none: nothing can be signed yet"
	}
	return fmt.Sprint(m.Jurors)
}

func (a *app) marketShowCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show [MARKET]",
		Short:   "Show one market and the link to it",
		Long:    "Show tells what a market says of itself, and the link that others join with.",
		Example: "  sxp market show 1",
		Args:    args(0, 1, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		all, err := a.markets(cmd)
		if err != nil {
			return err
		}
		m, err := pick(all, given)
		if err != nil {
			return err
		}
		return a.answer(m, func(w io.Writer) error {
			return show.Table(w, nil, slices.DeleteFunc([][]string{
				{"number", fmt.Sprint(m.Number)}, {"name", strings.TrimSpace(m.Name + "  " + own(m))}, {"text", m.Text},
				{"founders", people(m.Founders)}, {"admission", string(m.Admission)},
				{"id", m.ID.String()}, {"at", strings.Join(m.At, " ")}, {"jurors", jurors(m)},
				{"roll", roll(m)}, {"proposes", rhythm(m.Deals)}, {"policy", policy(m.Policy)}, {"neighbours", neighbours(m)}, {"link", m.Link},
			}, func(row []string) bool { return row[1] == "" }))
		})
	}
	return cmd
}

// pick finds the market that a person means: the only one, or by number, name
// or the first characters of its id.
func pick(all []agent.MarketView, given []string) (agent.MarketView, error) {
	const op = "sxp.market"
	if len(given) == 0 && len(all) == 1 {
		return all[0], nil
	}
	if len(given) == 0 {
		return agent.MarketView{}, sxp.Errorf(op, sxp.Invalid, nil, "you have joined %d markets: say which, by number or name (`sxp market list`)", len(all))
	}
	for _, m := range all {
		ref := given[0]
		if fmt.Sprint(m.Number) == ref || m.Name == ref || len(ref) >= 12 && strings.HasPrefix(m.ID.String(), ref) {
			return m, nil
		}
	}
	return agent.MarketView{}, sxp.Errorf(op, sxp.NotFound, nil, "you have not joined a market %q: `sxp market list` shows those you have", given[0])
}

func (a *app) marketRollCmd() *cobra.Command {
	var in agent.PublishRoll
	var delta, l, epsilon, w, d show.Duration
	var draft string
	cmd := &cobra.Command{
		Use:   "roll [MARKET]",
		Short: "Sign the jurors who enrolled as your market's roll",
		Long: `Roll signs all jurors who have enrolled, with the times that suit the people of
the market, and publishes the roll. Contracts draw their jury from it. Only who
created the market can. A longer Δ tolerates slower jurors. Where there are
several founders, all sign the draft before ` + "`sxp market found`" + ` publishes it.

The roll says of each juror how often it was up and whether it broke its word, as
the market's node has seen; ` + "`sxp jury show`" + ` lists it. Who broke it is never drawn.`,
		Example: "  sxp market roll\n  sxp market roll --size 15 --delta 30s --deadline 24h\n  sxp market roll --drop-faulty --min-up 90",
		Args:    args(0, 1, ""),
	}
	f := cmd.Flags()
	f.IntVar(&in.Size, "size", 0, "`jurors` per contract, odd (default 15, or what the roll can seat)")
	f.Var(&delta, "delta", "Δ: time in which a message and its check pass between honest jurors (default 30s)")
	f.Var(&l, "claim", "L: time a claim takes to reach a juror (default 10m)")
	f.Var(&epsilon, "epsilon", "ε: difference between clocks (default 2m)")
	f.Var(&w, "patience", "W: wait before the jury is asked (default 5m)")
	f.Var(&d, "deadline", "D: time to sign after a proposal (default 24h)")
	f.BoolVar(&in.DropFaulty, "drop-faulty", false, "leave out who is proved to have broken its word")
	f.IntVar(&in.MinUp, "min-up", 0, "leave out who was up in fewer `percent` of at least 50 questions")
	f.BoolVar(&in.ByLot, "by-lot", false, "draw juries by lot only, not spread over tribes")
	draftFlag(cmd, &draft)
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if len(given) == 1 {
			in.Market = given[0]
		}
		in.Delta, in.L, in.Epsilon = sxp.Duration(delta), sxp.Duration(l), sxp.Duration(epsilon)
		in.W, in.D = sxp.Duration(w), sxp.Duration(d)
		m, err := do[agent.MarketView](cmd.Context(), a, pull|push, "market.roll", in)
		if err != nil {
			return err
		}
		return a.founded(m, draft, func(w io.Writer) error {
			for _, l := range m.LeftOut {
				fmt.Fprintf(w, "Left out: juror %s, %s.\n", l.ID.Short(), leftOut(l.Why))
			}
			_, err := fmt.Fprintf(w, "%s has a roll of %s, %s.\n", show.Line(m.Name), counted(m.Jurors, "juror"), m.Roll.Short())
			return err
		})
	}
	return cmd
}

// leftOut says why a juror is not on a roll.
func leftOut(why string) string {
	switch why {
	case "operator":
		return "the operator that it names has not signed for it (`sxp jury vouch`)"
	case "faulty":
		return "it is proved to have broken its word"
	case "down":
		return "it was down too often when the market asked"
	}
	return show.Line(why)
}
