package main

import (
	"context"
	"errors"
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

// marketFlag adds --market, which every command on a board has.
func marketFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "market", "", "`market` by number, name or id (default the only one joined)")
}

// announceCmd makes offer, need and gift, which differ in words only.
func (a *app) announceCmd(cmd *cobra.Command, op string) *cobra.Command {
	var in agent.Announce
	var kind, issuer string
	var span show.Duration
	var more details
	f := cmd.Flags()
	marketFlag(cmd, &in.Market)
	f.StringVar(&in.Text, "text", "", "what else there is to say, in `words`")
	f.StringVar(&in.Category, "category", "", "`category` of the market")
	f.StringVar(&kind, "kind", "", "`kind`: good, service, money or right (default read from the title)")
	f.StringVar(&issuer, "issuer", "", "`id` of who issues the money")
	f.Var(&span, "for", "how long it stands (default 90d)")
	more.flags(f)
	if op == "offer" {
		f.StringArrayVar(&in.Wants, "want", nil, "`words` of what you take in return, or the id of an offer; repeat for alternatives")
	}
	cmd.Args = args(1, 1, "a title")
	cmd.RunE = func(cmd *cobra.Command, given []string) (err error) {
		in.Title, in.Kind, in.For = given[0], market.Kind(kind), sxp.Duration(span)
		if err := checkAnnounce(cmd, in.Wants, kind); err != nil {
			return err
		}
		if issuer != "" {
			if in.Issuer, err = sxp.ParseID(issuer); err != nil {
				return usagef("--issuer: %s", sxp.Reason(err))
			}
		}
		if in.Place, in.From, in.Until, in.Attributes, err = more.read(); err != nil {
			return err
		}
		var v agent.AnnouncementView
		if err := a.with(cmd.Context(), push, func(d agent.Doer) (err error) {
			if in.Photos, err = more.put(cmd.Context(), d, in.Market); err != nil {
				return err
			}
			v, err = agent.Call[agent.AnnouncementView](cmd.Context(), d, op, in)
			return err
		}); err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return a.printPublished(w, v) })
	}
	return cmd
}

func (a *app) offerCmd() *cobra.Command {
	return a.announceCmd(&cobra.Command{
		Use:   "offer TITLE",
		Short: "Say what you have, and what you take in return",
		Long: `Offer publishes one thing that you would give away on the board of a market.
Quantity and unit are read from the title. Without --want, anything that meets
one of your needs is welcome in return.`,
		Example: `  sxp offer "3 h maths lessons" --want beer --want "10 EUR"
  sxp offer "road bike" --text "54 cm, blue" --for 30d --photo bike.jpg
  sxp offer "allotment" --place "by the canal" --from 2027-05-01 --until 2027-09-30 --attr sun=south`,
	}, "offer")
}

func (a *app) needCmd() *cobra.Command {
	return a.announceCmd(&cobra.Command{
		Use:   "need TITLE",
		Short: "Say what you would like to have",
		Long: `Need publishes what you are looking for. Whatever fits it counts as wanted in
return for those of your offers that name nothing themselves.`,
		Example: `  sxp need "20 l beer"
  sxp need "maths lessons" --for 2w`,
	}, "need")
}

func (a *app) giftCmd() *cobra.Command {
	return a.announceCmd(&cobra.Command{
		Use:   "gift TITLE",
		Short: "Say what you give away for nothing",
		Long: `Gift publishes one thing that you give away and want nothing for. It starts a
chain: somebody takes it for what they offer, the next one takes that, and the
last one gives nothing.`,
		Example: `  sxp gift "kitchen table" --place "by the canal"`,
	}, "gift")
}

func (a *app) reofferCmd() *cobra.Command {
	var in agent.Reoffer
	var span show.Duration
	cmd := &cobra.Command{
		Use:   "reoffer CONTRACT",
		Short: "Offer what you are to get by a contract",
		Long: `Reoffer publishes what a signed contract is to bring you, before it has come. What
is signed about it is valid only if it comes, and says so.`,
		Example: "  sxp reoffer 1 --want guitar\n  sxp reoffer 1 --transfer 2 --gift",
		Args:    args(1, 1, "the number from `sxp contracts`"),
	}
	f := cmd.Flags()
	marketFlag(cmd, &in.Market)
	f.IntVar(&in.Transfer, "transfer", 0, "`number` of the transfer, where you get several things")
	f.StringArrayVar(&in.Wants, "want", nil, "`words` of what you take in return, or the id of an offer; repeat for alternatives")
	f.BoolVar(&in.Gift, "gift", false, "give it away for nothing")
	f.Var(&span, "for", "how long it stands (default 90d)")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if in.Gift && len(in.Wants) > 0 {
			return usagef("--gift and --want exclude each other: a gift is for nothing in return")
		}
		if in.Transfer < 0 {
			return usagef("--transfer is 1 or more")
		}
		if err := checkAnnounce(cmd, in.Wants, ""); err != nil {
			return err
		}
		in.Deal, in.For = given[0], sxp.Duration(span)
		v, err := do[agent.AnnouncementView](cmd.Context(), a, push, "reoffer", in)
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return a.printPublished(w, v) })
	}
	return cmd
}

func (a *app) editCmd() *cobra.Command {
	var in agent.EditItem
	var span show.Duration
	var more details
	cmd := &cobra.Command{
		Use:     "edit NUMBER",
		Short:   "Change an offer or need",
		Long:    "Edit publishes a new version; what you do not name stays as it is.",
		Example: `  sxp edit 2 --title "2 h maths lessons" --want beer --want wine`,
		Args:    args(1, 1, "the number from `sxp list`"),
	}
	f := cmd.Flags()
	f.StringVar(&in.Title, "title", "", "new title")
	f.StringVar(&in.Text, "text", "", "new `text`")
	f.StringVar(&in.Category, "category", "", "new `category`")
	f.StringArrayVar(&in.Wants, "want", nil, "new `words` of what you take in return; they replace the old")
	f.Var(&span, "for", "how long it stands from now")
	more.flags(f)
	cmd.RunE = func(cmd *cobra.Command, given []string) (err error) {
		if !changed(cmd) {
			return usagef("edit needs to know what to change: --title, --text, --category, --want, --for, --place …")
		}
		if err := checkAnnounce(cmd, in.Wants, ""); err != nil {
			return err
		}
		in.Item, in.For = given[0], sxp.Duration(span)
		if in.Place, in.From, in.Until, in.Attributes, err = more.read(); err != nil {
			return err
		}
		var v agent.AnnouncementView
		if err := a.with(cmd.Context(), push, func(d agent.Doer) (err error) {
			at := ""
			if len(more.photos) > 0 {
				if at, err = marketOf(cmd.Context(), d, in.Item); err != nil {
					return err
				}
			}
			if in.Photos, err = more.put(cmd.Context(), d, at); err != nil {
				return err
			}
			v, err = agent.Call[agent.AnnouncementView](cmd.Context(), d, "edit", in)
			return err
		}); err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return a.printPublished(w, v) })
	}
	return cmd
}

// marketOf returns where an own announcement stands; nothing where it is not
// found, which the agent then says in its words.
func marketOf(ctx context.Context, d agent.Doer, item string) (string, error) {
	all, err := agent.Call[[]agent.AnnouncementView](ctx, d, "list", agent.None{})
	for _, v := range all {
		if fmt.Sprint(v.Number) == item || len(item) >= 4 && strings.HasPrefix(v.ID.String(), item) {
			return v.Market.String(), nil
		}
	}
	return "", err
}

// kinds are the values of --kind.
var kinds = []string{string(market.Good), string(market.Service), string(market.Money), string(market.Right)}

// checkAnnounce finds values of flags that would silently mean something else,
// or that the agent would refuse in words of the wire.
func checkAnnounce(cmd *cobra.Command, wants []string, kind string) error {
	for _, want := range wants {
		if strings.TrimSpace(want) == "" {
			return usagef("--want is empty: say in words what you take in return")
		}
	}
	if f := cmd.Flags().Lookup("for"); f.Changed && f.Value.String() == "" {
		return usagef("--for is how long it stands, such as 30d: not 0")
	}
	return checkKind(kind)
}

func checkKind(kind string) error {
	if kind != "" && !slices.Contains(kinds, kind) {
		return usagef("--kind is %s, not %q", strings.Join(kinds, ", "), kind)
	}
	return nil
}

// changed reports whether one of edit's own flags was given.
func changed(cmd *cobra.Command) bool {
	for _, name := range []string{"title", "text", "category", "want", "for", "place", "from", "until", "attr", "picture", "about", "photo"} {
		if cmd.Flags().Changed(name) {
			return true
		}
	}
	return false
}

func (a *app) withdrawCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "withdraw NUMBER",
		Short: "Take an offer or need back",
		Long: `Withdraw takes an announcement off the board. A deal that you have promised in
already is not undone by it.`,
		Example: "  sxp withdraw 2",
		Args:    args(1, 1, "the number from `sxp list`"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		v, err := do[agent.AnnouncementView](cmd.Context(), a, push, "withdraw", agent.ItemRef{Item: given[0]})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error {
			if v.State != "withdrawn" {
				return none(w, fmt.Sprintf("%s %d is %s, and stays so: %s", title(string(v.Direction)), v.Number, v.State, show.Line(v.Title)))
			}
			_, err := fmt.Fprintf(w, "%s %d is withdrawn: %s\n", title(string(v.Direction)), v.Number, show.Line(v.Title))
			return err
		})
	}
	return cmd
}

func (a *app) listCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List your own offers and needs",
		Long:    "List shows what you have announced, with the numbers that edit and withdraw take.",
		Example: "  sxp list",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := do[[]agent.AnnouncementView](cmd.Context(), a, pull, "list", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "Nothing yet: say what you have with `sxp offer`, what you look for with `sxp need`.")
			}
			var rows [][]string
			for _, v := range all {
				rows = append(rows, []string{fmt.Sprint(v.Number), string(v.Direction), show.Cut(v.Title, 48), strings.Join(v.Wants, " or "), announced(v), show.When(a.now(), v.Expires)})
			}
			return detailed(w, 3, []string{"#", "WHAT", "TITLE", "IN RETURN FOR", "STATE", "ENDS"}, rows, all)
		})
	}
	return cmd
}

// announced is the state of an own announcement, and what its board says.
func announced(v agent.AnnouncementView) string {
	switch {
	case v.Why != "":
		return "refused by the board: " + v.Why
	case v.Pending:
		return v.State + ", not on the board yet"
	}
	return v.State
}

func (a *app) searchCmd() *cobra.Command {
	var in agent.SearchMarket
	var kind string
	var offers, needs, gifts, ratings bool
	cmd := &cobra.Command{
		Use:   "search [WORDS...]",
		Short: "Look for offers and needs of others",
		Long: `Search looks through the board of a market by words, kind and category. The
word near:LAT,LON,KM finds what says that it is within so many kilometres of a
place in degrees north and east; so do wants. An offer says where it is by the
word near:LAT,LON.`,
		Example: "  sxp search beer\n  sxp search --kind service --offers\n  sxp search bike near:52.52,13.405,10km",
		Args:    cobra.ArbitraryArgs,
	}
	f := cmd.Flags()
	marketFlag(cmd, &in.Market)
	f.StringVar(&kind, "kind", "", "`kind`: good, service, money or right")
	f.StringVar(&in.Category, "category", "", "`category` of the market")
	f.BoolVar(&offers, "offers", false, "only offers")
	f.BoolVar(&needs, "needs", false, "only needs")
	f.BoolVar(&gifts, "gifts", false, "only gifts")
	f.IntVar(&in.Limit, "limit", 0, "at most `n` results (default 50)")
	f.BoolVar(&ratings, "ratings", false, "say too what parties of contracts say of who offers it")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in.Words, in.Kind = strings.Join(given, " "), market.Kind(kind)
		switch {
		case in.Limit < 0:
			return usagef("--limit is 1 or more")
		case checkKind(kind) != nil:
			return checkKind(kind)
		case offers && needs || offers && gifts || needs && gifts:
			return usagef("--offers, --needs and --gifts exclude each other; without them you get all")
		case offers:
			in.Direction = market.Offer
		case needs:
			in.Direction = market.Need
		case gifts:
			in.Direction = market.Gift
		}
		var all []agent.AnnouncementView
		var rated []ratedAnnouncement
		var me agent.Status
		err := a.with(cmd.Context(), local, func(d agent.Doer) (err error) {
			if all, err = agent.Call[[]agent.AnnouncementView](cmd.Context(), d, "search", in); err != nil {
				return err
			}
			if ratings {
				if rated, err = withRatings(cmd.Context(), d, all); err != nil {
					return err
				}
			}
			me, err = agent.Call[agent.Status](cmd.Context(), d, "status", agent.None{})
			return err
		})
		if err != nil {
			return err
		}
		if !ratings {
			return a.answer(all, func(w io.Writer) error { return a.printFound(w, all, me.ID) })
		}
		return a.answer(rated, func(w io.Writer) error { return errors.Join(a.printFound(w, all, me.ID), printRated(w, rated)) })
	}
	return cmd
}

func (a *app) printFound(w io.Writer, all []agent.AnnouncementView, me sxp.ID) error {
	if len(all) == 0 {
		return none(w, "Nothing fits. Say that you need it: `sxp need TITLE`.")
	}
	var rows [][]string
	for _, v := range all {
		by := show.Name(v.OwnerName, v.Owner)
		if v.Owner == me {
			by = "you"
		}
		rows = append(rows, []string{string(v.Direction), show.Cut(v.Title, 48), by,
			strings.Join(v.Wants, " or "), show.When(a.now(), v.Expires), v.ID.String()})
	}
	return detailed(w, 2, []string{"WHAT", "TITLE", "BY", "IN RETURN FOR", "ENDS", "ID"}, rows, all)
}

func (a *app) printPublished(w io.Writer, v agent.AnnouncementView) error {
	in := ""
	if len(v.Wants) > 0 {
		in = ", in return for " + strings.Join(v.Wants, " or ")
	}
	is, next := "is published", "`sxp deals` shows who could swap with you"
	switch {
	case v.Why != "":
		is, next = "was refused by the board ("+show.Line(v.Why)+")", fmt.Sprintf("change it with `sxp edit %d`", v.Number)
	case v.Pending:
		is, next = "is kept", "the board cannot be reached now; `sxp agent` publishes it when it can"
	}
	_, err := fmt.Fprintf(w, "%s %d %s: %s%s (ends %s).\nNext: %s.\n",
		title(string(v.Direction)), v.Number, is, show.Line(v.Title), show.Line(in), show.When(a.now(), v.Expires), next)
	return err
}

// title writes the first letter, which is ASCII, large.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
