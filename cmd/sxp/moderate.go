package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) marketInviteCmd() *cobra.Command {
	var in agent.InviteToMarket
	var draft string
	cmd := &cobra.Command{
		Use:   "invite WHO...",
		Short: "Let more people announce on your market by invitation",
		Long: `Invite adds people to those who may announce on a market that was created with
--invited. Everybody can read it. WHO is the name or id of a card that you have,
or any id.`,
		Example: "  sxp market invite bob",
		Args:    args(1, -1, "a name or id"),
	}
	marketFlag(cmd, &in.Market)
	draftFlag(cmd, &draft)
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in.People = given
		m, err := do[agent.MarketView](cmd.Context(), a, push, "market.invite", in)
		if err != nil {
			return err
		}
		return a.founded(m, draft, func(w io.Writer) error { return none(w, "They may announce there now.") })
	}
	return cmd
}

func (a *app) marketRemoveCmd() *cobra.Command {
	var in agent.RemoveItem
	cmd := &cobra.Command{
		Use:   "remove ITEM",
		Short: "Take an announcement off your market",
		Long: `Remove takes what breaks the market's rules off its board, and --restore lets it
in again. Both stay public, with the reason. Only who founded the market can.
Deals that are under way are not touched.`,
		Example: `  sxp market remove 3f2a90c1d4e5b6a7980f1e2d3c4b5a69 --why "it was reported stolen"`,
		Args:    args(1, 1, "the id from `sxp search`"),
	}
	f := cmd.Flags()
	marketFlag(cmd, &in.Market)
	f.StringVar(&in.Why, "why", "", "the reason, in `words` that everybody can read")
	f.BoolVar(&in.Restore, "restore", false, "let it in again")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if in.Why == "" {
			return usagef("market remove needs --why WORDS: everybody can read the reason")
		}
		in.Item = given[0]
		n, err := do[agent.NoticeView](cmd.Context(), a, push, "market.remove", in)
		if err != nil {
			return err
		}
		return a.answer(n, func(w io.Writer) error {
			if n.Restored {
				return none(w, "It is welcome again: its owner publishes it with `sxp edit`.")
			}
			return none(w, "It is off the board. The reason is public: `sxp market notices`.")
		})
	}
	return cmd
}

func (a *app) marketNoticesCmd() *cobra.Command {
	var in agent.MarketRef
	cmd := &cobra.Command{
		Use:     "notices",
		Short:   "List what a market has removed, and why",
		Long:    "Notices shows what was taken off the board of a market, or let in again.",
		Example: "  sxp market notices",
		Args:    args(0, 0, ""),
	}
	marketFlag(cmd, &in.Market)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := do[[]agent.NoticeView](cmd.Context(), a, local, "market.notices", in)
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "Nothing was removed there.")
			}
			var rows [][]string
			for _, n := range all {
				what := "removed"
				if n.Restored {
					what = "restored"
				}
				rows = append(rows, []string{fmt.Sprint(n.Item), what, show.When(a.now(), n.At), n.Why})
			}
			return show.Table(w, []string{"ITEM", "WHAT", "WHEN", "WHY"}, rows)
		})
	}
	return cmd
}
