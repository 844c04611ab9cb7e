package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

// contact finds one of the cards that were added, by name or id.
func contact(all []agent.ContactView, ref string) (found agent.ContactView, err error) {
	const op = "sxp.card"
	n := 0
	for _, c := range all {
		if c.Label == ref || c.ID.String() == ref || len(ref) >= 4 && strings.HasPrefix(c.ID.String(), ref) {
			found = c
			n++
		}
	}
	switch n {
	case 0:
		return found, sxp.Errorf(op, sxp.NotFound, nil, "you have added no card of %q: `sxp card list` shows them", ref)
	case 1:
		return found, nil
	}
	return found, sxp.Errorf(op, sxp.Invalid, nil, "%q fits %d cards: use the id", ref, n)
}

func (a *app) cardVerifyCmd() *cobra.Command {
	var same, different bool
	cmd := &cobra.Command{
		Use:   "verify WHO",
		Short: "Compare eight words with somebody, to be sure of their card",
		Long: `Verify shows eight words that depend on your card and on theirs. They see the same
ones with ` + "`sxp card verify`" + ` and your name. Compare them by voice or side by side,
not by messages: if they are the same, nobody sits between you. Say so with
--same; your agent remembers it for this person's key.`,
		Example: "  sxp card verify bob\n  sxp card verify bob --same",
		Args:    args(1, 1, "a name or an id from `sxp card list`"),
	}
	cmd.Flags().BoolVar(&same, "same", false, "the words were the same")
	cmd.Flags().BoolVar(&different, "different", false, "they were not, or you have not compared them")
	cmd.MarkFlagsMutuallyExclusive("same", "different")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		var p agent.PersonDetail
		err := a.with(cmd.Context(), local, func(d agent.Doer) error {
			all, err := agent.Call[[]agent.ContactView](cmd.Context(), d, "contacts", agent.None{})
			if err != nil {
				return err
			}
			c, err := contact(all, given[0])
			if err != nil {
				return err
			}
			if same || different {
				if _, err := agent.Call[agent.ContactView](cmd.Context(), d, "contact.verify", agent.VerifyContact{Contact: c.ID.String(), Verified: same}); err != nil {
					return err
				}
			}
			p, err = agent.Call[agent.PersonDetail](cmd.Context(), d, "person", agent.PersonRef{ID: c.ID})
			return err
		})
		if err != nil {
			return err
		}
		return a.answer(p, func(w io.Writer) error {
			name := show.Line(show.Name(p.Name, p.ID))
			state := "not compared yet"
			if p.Verified {
				state = "compared, the same"
			}
			_, err := fmt.Fprintf(w, "You and %s: %s (%s).\n", name, strings.Join(p.Words, " "), state)
			return err
		})
	}
	return cmd
}

func (a *app) cardRemoveCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove WHO",
		Short: "Do not hear somebody any more",
		Long: `Remove takes a card off your list. What they wrote stays; they are heard only as
long as a deal that you have accepted needs them.`,
		Example: "  sxp card remove bob",
		Args:    args(1, 1, "a name or an id from `sxp card list`"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		v, err := do[agent.None](cmd.Context(), a, local, "contact.remove", agent.ContactRef{Contact: given[0]})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s is removed.\n", show.Line(given[0]))
			return err
		})
	}
	return cmd
}
