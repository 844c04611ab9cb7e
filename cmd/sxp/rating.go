package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
	"sxp/contract/rating"
)

func (a *app) ratingCmd() *cobra.Command {
	return group("rating", "Say what became of a contract, and count what others say",
		`Who has signed a contract with somebody can say, signed, whether they gave what
they had to give; who was rated can reply. Only parties of a complete contract
can: the rating proves it, and tells nothing of the contract but that.

Ratings are files. You decide who gets them: the other party, a friend who asks,
or everybody at a market (`+"`sxp rating publish`"+`). There is no score: contracts are
counted (`+"`sxp rating of`"+`, `+"`sxp rating count`"+`), and the different people who rated
them. Whose word counts is yours to judge: anybody can invent people who praise
each other.`,
		a.ratingWriteCmd(), a.ratingAddCmd(), a.ratingReplyCmd(), a.ratingPublishCmd(), a.ratingOfCmd(), a.ratingCountCmd())
}

func (a *app) ratingWriteCmd() *cobra.Command {
	var in agent.RateDeal
	var file string
	cmd := &cobra.Command{
		Use:   "write NUMBER",
		Short: "Sign what became of a contract",
		Long: `Write signs that another party of a contract gave what it had to give, or with
--broken which transfers it did not. A later rating replaces an earlier one.`,
		Example: "  sxp rating write 1 --file bob.sxpr\n  sxp rating write 1 --about bob --broken 2 --text 'half of it was missing' --file bob.sxpr",
		Args:    args(1, 1, "the number from `sxp contracts`"),
	}
	cmd.Flags().StringVar(&in.About, "about", "", "the other `party`, by name or id; needed where there are several")
	cmd.Flags().IntSliceVar(&in.Broken, "broken", nil, "the `number` of a transfer that was not given as promised; may be repeated")
	cmd.Flags().StringVar(&in.Text, "text", "", "what you say about it")
	cmd.Flags().StringVar(&file, "file", "", "the `file` to write; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if file == "" {
			return usagef("rating write needs --file")
		}
		in.Deal = given[0]
		r, err := do[agent.Rated](cmd.Context(), a, pull, "rate", in)
		if err != nil {
			return err
		}
		return a.saveRating(file, r, "The rating is in %s. Give it to whom you like, first of all to who is rated: `sxp rating add %s`.\n")
	}
	return cmd
}

func (a *app) saveRating(file string, r agent.Rated, told string) error {
	if err := a.save(file, r.Message); err != nil {
		return err
	}
	return a.answer(r, func(w io.Writer) error {
		if file == "-" {
			return nil
		}
		_, err := fmt.Fprintf(w, told, file, file)
		return err
	})
}

func (a *app) ratingAddCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add FILE",
		Short: "Keep a rating of one of your contracts, or a reply",
		Long: `Add checks a rating of a contract of yours, or a reply to one, and keeps it: it is
then part of ` + "`sxp evidence`" + `.`,
		Example: "  sxp rating add bob.sxpr",
		Args:    args(1, 1, "a file of `sxp rating write` or `sxp rating reply`"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		raw, err := readFile(given[0], rating.MaxRating)
		if err != nil {
			return err
		}
		r, err := do[agent.Rated](cmd.Context(), a, pull, "rated", agent.TakeRating{Message: raw})
		if err != nil {
			return err
		}
		return a.answer(r, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "It is verified and kept.")
			return err
		})
	}
	return cmd
}

func (a *app) ratingReplyCmd() *cobra.Command {
	var text, file string
	cmd := &cobra.Command{
		Use:     "reply FILE",
		Short:   "Answer a rating of yourself",
		Long:    "Reply signs your answer to a rating of yourself. A complaint that was answered\ncounts as disputed, no more and no less.",
		Example: "  sxp rating reply bob.sxpr --text 'it was all there' --file reply.sxpr",
		Args:    args(1, 1, "a file of `sxp rating write`"),
	}
	cmd.Flags().StringVar(&text, "text", "", "what you say to it")
	cmd.Flags().StringVar(&file, "file", "", "the `file` to write; - is standard output")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if text == "" || file == "" {
			return usagef("rating reply needs --text and --file")
		}
		raw, err := readFile(given[0], rating.MaxRating)
		if err != nil {
			return err
		}
		r, err := do[agent.Rated](cmd.Context(), a, pull, "rated", agent.TakeRating{Message: raw, Reply: text})
		if err != nil {
			return err
		}
		return a.saveRating(file, r, "The reply is in %s. Whoever counts the rating should have it too: `sxp rating count FILE %s`.\n")
	}
	return cmd
}

// ratingCount is what rating count prints with --json.
type ratingCount struct {
	Tallies []personTally `json:"people"`
	Ratings []ratingView  `json:"ratings"`
}

// personTally is what is said of one person.
type personTally struct {
	rating.Tally
	Label string `json:"label"` // of the newest card in the ratings; proves nothing
}

// ratingView is one rating that counts.
type ratingView struct {
	By        sxp.ID        `json:"by"`
	ByLabel   string        `json:"byLabel"`
	About     sxp.ID        `json:"about"`
	M         sxp.Hash      `json:"m"`
	Marks     []rating.Mark `json:"marks"`
	Text      string        `json:"text,omitempty"`
	Reply     string        `json:"reply,omitempty"`
	Published sxp.Time      `json:"published"`
}

func (a *app) ratingCountCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "count FILE...",
		Short: "Check ratings and count them for each person, without network and without a home",
		Long: `Count verifies ratings and replies from anywhere: that who rates and who is rated
have signed a contract together. It counts, for each person, different contracts
and the different people who rated them. Of several ratings by the same person of
the same contract the latest counts.`,
		Example: "  sxp rating count alice.sxpr reply.sxpr bob.sxpr",
		Args:    args(1, maxRatingFiles, "files of `sxp rating write` and `sxp rating reply`"),
	}
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		c, err := countFiles(given)
		if err != nil {
			return err
		}
		return a.answer(c, func(w io.Writer) error { return printCount(w, c) })
	}
	return cmd
}

// maxRatingFiles is how many files one count takes: each costs a pairing for
// every party.
const maxRatingFiles = 10_000

func countFiles(names []string) (*ratingCount, error) {
	var all []*rating.Opened
	var replies []sxp.Bytes
	for _, name := range names {
		raw, err := readFile(name, rating.MaxRating)
		if err != nil {
			return nil, err
		}
		if contract.TypeOf(raw) == rating.TypeReply {
			replies = append(replies, raw)
			continue
		}
		r, err := rating.Open(raw)
		if err != nil {
			return nil, sxp.Errorf("rating", sxp.KindOf(err), nil, "%s: %w", name, err)
		}
		all = append(all, r)
	}
	said, replied := map[sxp.Hash]string{}, map[sxp.Hash]bool{}
	for digest, reply := range rating.Replies(all, replies) {
		said[digest], replied[digest] = reply.Text, true
	}
	c := &ratingCount{Tallies: []personTally{}, Ratings: []ratingView{}}
	labels, seen := labelsOf(all), map[sxp.ID]bool{}
	for _, r := range rating.Latest(all) {
		if !seen[r.About] {
			seen[r.About] = true
			c.Tallies = append(c.Tallies, personTally{rating.Count(r.About, all, replied), labels[r.About]})
		}
		c.Ratings = append(c.Ratings, ratingView{By: r.By, ByLabel: labels[r.By], About: r.About, M: r.M, Marks: r.Marks, Text: r.Text,
			Reply: said[r.Digest], Published: r.Published})
	}
	return c, nil
}

// labelsOf returns what people call themselves in their newest cards.
func labelsOf(all []*rating.Opened) map[sxp.ID]string {
	labels, seq := map[sxp.ID]string{}, map[sxp.ID]uint64{}
	for _, r := range all {
		for _, c := range r.Parties {
			if c.Seq > seq[c.ID] {
				labels[c.ID], seq[c.ID] = c.Label, c.Seq
			}
		}
	}
	return labels
}

func printCount(w io.Writer, c *ratingCount) error {
	var b strings.Builder
	for _, t := range c.Tallies {
		fmt.Fprintf(&b, "%s %s\n  %s\n", show.Name(t.Label, t.About), t.About, t.Tally)
		for _, r := range c.Ratings {
			if r.About != t.About {
				continue
			}
			var broken []string
			for _, m := range r.Marks {
				if !m.Kept {
					broken = append(broken, fmt.Sprint(m.Transfer))
				}
			}
			word := "kept"
			if len(broken) > 0 {
				word = "not given: transfer " + strings.Join(broken, ", ")
			}
			fmt.Fprintf(&b, "  %s  %s, contract %s: %s. %s\n", show.Clock(r.Published), show.Name(r.ByLabel, r.By), r.M.Short(), word, show.Line(strings.ReplaceAll(r.Text, "\n", " ")))
			if r.Reply != "" {
				fmt.Fprintf(&b, "    reply: %s\n", show.Line(strings.ReplaceAll(r.Reply, "\n", " ")))
			}
		}
	}
	b.WriteString("\nNames are people's own choice, dates are their clocks', and who invents people can praise themselves.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
