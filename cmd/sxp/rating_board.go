package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract/rating"
)

func (a *app) ratingPublishCmd() *cobra.Command {
	var in agent.PublishRating
	cmd := &cobra.Command{
		Use:   "publish FILE",
		Short: "Show a rating or reply of yours to everybody at a market",
		Long: `Publish lets a market's node show what you wrote next to what the other offers.
Everybody can read it, and with it who made that contract together. Only you
can publish it. Another rating of the same contract replaces it; after 400 days
it goes.`,
		Example: "  sxp rating publish bob.sxpr",
		Args:    args(1, 1, "a file of `sxp rating write` or `sxp rating reply`"),
	}
	marketFlag(cmd, &in.Market)
	cmd.RunE = func(cmd *cobra.Command, given []string) (err error) {
		if in.Message, err = readFile(given[0], rating.MaxRating); err != nil {
			return err
		}
		if _, err := do[agent.None](cmd.Context(), a, local, "rating.publish", in); err != nil {
			return err
		}
		return a.answer(agent.None{}, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "It is shown at the market now.")
			return err
		})
	}
	return cmd
}

func (a *app) ratingOfCmd() *cobra.Command {
	var in agent.RatingsOf
	cmd := &cobra.Command{
		Use:   "of NAME",
		Short: "Read what parties of contracts say of somebody at a market",
		Long: `Of reads what a market shows of somebody, and what you keep of own contracts,
verifies each and counts. Known are those whose word you can judge: contacts, and
who has signed a contract with you. The node can hide ratings, and make none up.`,
		Example: "  sxp rating of bob",
		Args:    args(1, 1, "a contact's name, a name at the market, or an id"),
	}
	marketFlag(cmd, &in.Market)
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		var v agent.RatingsView
		err := a.with(cmd.Context(), local, func(d agent.Doer) (err error) {
			if in.ID, err = somebody(cmd.Context(), d, given[0], in.Market); err != nil {
				return err
			}
			v, err = agent.Call[agent.RatingsView](cmd.Context(), d, "ratings", in)
			return err
		})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error { return printRatings(w, given[0], v) })
	}
	return cmd
}

// somebody finds who is meant by an id, a contact's name, or a name at a market.
func somebody(ctx context.Context, d agent.Doer, ref, at string) (sxp.ID, error) {
	if id, err := sxp.ParseID(ref); err == nil {
		return id, nil
	}
	found := map[sxp.ID]bool{}
	contacts, err := agent.Call[[]agent.ContactView](ctx, d, "contacts", agent.None{})
	if err != nil {
		return sxp.ID{}, err
	}
	for _, c := range contacts {
		if c.Label == ref {
			found[c.ID] = true
		}
	}
	if len(found) == 0 {
		all, err := agent.Call[[]agent.AnnouncementView](ctx, d, "search", agent.SearchMarket{Market: at})
		if err != nil {
			return sxp.ID{}, err
		}
		for _, x := range all {
			if x.OwnerName == ref {
				found[x.Owner] = true
			}
		}
	}
	for id := range found {
		if len(found) == 1 {
			return id, nil
		}
	}
	if len(found) > 1 {
		return sxp.ID{}, sxp.Errorf("rating.of", sxp.Conflict, nil, "%d people are named %q: take the id, which `sxp search --json` shows", len(found), ref)
	}
	return sxp.ID{}, sxp.Errorf("rating.of", sxp.NotFound, nil, "nobody is named %q among your contacts or at the market", ref)
}

func printRatings(w io.Writer, name string, v agent.RatingsView) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", show.Line(name), tally(v))
	for _, r := range v.List {
		word := map[bool]string{true: "kept", false: "not given as promised"}[r.Kept]
		for _, is := range []struct {
			so   bool
			what string
		}{{r.Mine, "you wrote it"}, {r.Known && !r.Mine, "you know them"}, {r.Own, "of a contract that you hold"}} {
			if is.so {
				word += ", " + is.what
			}
		}
		fmt.Fprintf(&b, "  %s  %s, contract %s: %s. %s\n", show.Clock(r.Published), show.Name(r.ByName, r.By), r.M.Short(), word, show.Line(strings.ReplaceAll(r.Text, "\n", " ")))
		if r.Reply != "" {
			fmt.Fprintf(&b, "    reply: %s\n", show.Line(strings.ReplaceAll(r.Reply, "\n", " ")))
		}
	}
	if v.More {
		b.WriteString("  The market shows more, complaints first; those were read.\n")
	}
	if v.People > v.Known {
		b.WriteString("\nWho invents people can praise themselves: only the word of people whom you know costs something.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// tally is what is said of somebody in one line.
func tally(v agent.RatingsView) string {
	t := rating.Tally{Contracts: v.Contracts, Kept: v.Kept, Broken: v.Broken, Disputed: v.Disputed, People: v.People}
	if v.Contracts == 0 {
		return t.String()
	}
	return fmt.Sprintf("%s (%d of them you know)", t, v.Known)
}

// ratedAnnouncement is one line of search --ratings --json.
type ratedAnnouncement struct {
	agent.AnnouncementView
	Ratings agent.RatingsView `json:"ratings"`
}

// withRatings reads what is said of each owner.
func withRatings(ctx context.Context, d agent.Doer, all []agent.AnnouncementView) ([]ratedAnnouncement, error) {
	out := make([]ratedAnnouncement, 0, len(all))
	of := map[sxp.ID]agent.RatingsView{}
	for _, x := range all {
		v, ok := of[x.Owner]
		if !ok {
			var err error
			if v, err = agent.Call[agent.RatingsView](ctx, d, "ratings", agent.RatingsOf{ID: x.Owner, Market: x.Market.String()}); err != nil {
				return nil, err
			}
			of[x.Owner] = v
		}
		out = append(out, ratedAnnouncement{x, v})
	}
	return out, nil
}

// printRated lists who is said what of, below what was found.
func printRated(w io.Writer, all []ratedAnnouncement) error {
	var b strings.Builder
	seen := map[sxp.ID]bool{}
	b.WriteString("\n")
	for _, x := range all {
		if !seen[x.Owner] {
			seen[x.Owner] = true
			fmt.Fprintf(&b, "%s: %s\n", show.Name(x.OwnerName, x.Owner), tally(x.Ratings))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
