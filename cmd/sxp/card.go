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

func (a *app) cardCmd() *cobra.Command {
	var file string
	var link bool
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Show your card, keep it as a file, add the cards of others",
		Long: `Your card is what you give to people you meet: your id, name, keys and where
to reach you, signed by you. Give them the .sxpid file, or the link, which is
long, and add theirs with ` + "`sxp card add`" + `: then you can send each other messages.`,
		Example: `  sxp card
  sxp card --file alice.sxpid
  sxp card --link
  sxp card add bob.sxpid`,
		Args: args(0, 0, ""),
	}
	run := func(cmd *cobra.Command, _ []string) error {
		c, err := do[agent.CardView](cmd.Context(), a, local, "card", agent.None{})
		if err != nil {
			return err
		}
		if file != "" {
			if err := a.save(file, []byte(c.File)); err != nil {
				return err
			}
		}
		return a.answer(c, func(w io.Writer) error {
			if link {
				return none(w, c.Link)
			}
			if file == "-" {
				return nil
			}
			if file != "" {
				_, err := fmt.Fprintf(w, "Your card is in %s. Give it to people you meet; they add it with `sxp card add %s`.\n", file, file)
				return err
			}
			return printCard(w, c)
		})
	}
	cmd.RunE = run
	cmd.Flags().StringVar(&file, "file", "", "write the .sxpid `file`; - is standard output")
	cmd.Flags().BoolVar(&link, "link", false, "print the link")
	cmd.MarkFlagsMutuallyExclusive("file", "link")
	showCmd := &cobra.Command{Use: "show", Short: "Show your card", Long: cmd.Long, Example: "  sxp card show", Args: args(0, 0, ""), RunE: run}
	cmd.AddCommand(showCmd, a.cardAddCmd(), a.cardListCmd(), a.cardVerifyCmd(), a.cardRemoveCmd(), a.cardRelaysCmd(), a.cardAccountCmd())
	return cmd
}

func printCard(w io.Writer, c agent.CardView) error {
	if err := show.Table(w, nil, [][]string{
		{"name", c.Label},
		{"id", c.ID.String()},
		{"relays", list(c.Relays, "none: `sxp card relays ADDRESS`")},
		{"version", fmt.Sprint(c.Seq)},
	}); err != nil {
		return err
	}
	return none(w, "\nNext: `sxp card --file NAME.sxpid` writes the file that you give to others; `sxp card --link` prints it as a link.")
}

func (a *app) cardAddCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add FILE|LINK",
		Short: "Add somebody's card, so that you can write to each other",
		Long: `Add checks the signature of a card and keeps it. It proves which keys belong
together, not who the person is: take cards from people you know.`,
		Example: "  sxp card add bob.sxpid\n  sxp card add 'sxp:card?…'",
		Args:    args(1, 1, "a .sxpid file or a link"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in := agent.AddContact{Link: given[0]}
		if !strings.HasPrefix(given[0], "sxp:") {
			text, err := readFile(given[0], sxp.MaxMessage)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
				return sxp.Errorf("sxp.card", sxp.Invalid, nil, "%s is not a card: a card is a .sxpid file, or a link that starts with sxp:card?", given[0])
			}
			in = agent.AddContact{File: string(text)}
		}
		c, err := do[agent.ContactView](cmd.Context(), a, push, "contact.add", in)
		if err != nil {
			return err
		}
		return a.answer(c, func(w io.Writer) error {
			name := show.Line(show.Name(c.Label, c.ID))
			_, err := fmt.Fprintf(w, "%s (%s) is added. Write with `sxp send %s TEXT`.\n", name, c.ID.Short(), name)
			return err
		})
	}
	return cmd
}

func (a *app) cardListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the cards you have added",
		Long:    "List shows the people whose cards you have.",
		Example: "  sxp card list",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := do[[]agent.ContactView](cmd.Context(), a, pull, "contacts", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No cards yet: add one with `sxp card add FILE`.")
			}
			var rows [][]string
			for _, c := range all {
				words := "not compared"
				if c.Verified {
					words = "compared"
				}
				rows = append(rows, []string{c.Label, c.ID.Short(), words, fmt.Sprint(c.Seq), list(c.Relays, "none")})
			}
			return show.Table(w, []string{"NAME", "ID", "WORDS", "VERSION", "RELAYS"}, rows)
		})
	}
	return cmd
}

func (a *app) cardRelaysCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "relays ADDRESS...",
		Short: "Use other nodes for your messages from now on",
		Long: `Relays replaces the nodes that keep your messages and tells all your contacts
the new ones, over the old and the new.`,
		Example: "  sxp card relays https://relay.example#sxp1…",
		Args:    args(1, -1, "the address of a node"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		given, err := a.addresses(cmd.Context(), given)
		if err != nil {
			return err
		}
		v, err := do[agent.None](cmd.Context(), a, push, "relays.set", agent.SetRelays{Relays: given})
		if err != nil {
			return err
		}
		return a.answer(v, func(w io.Writer) error {
			return none(w, "Your messages use the new relays; your contacts are told. Give others your new card: `sxp card`.")
		})
	}
	return cmd
}

// none writes the line that stands for an empty list.
func none(w io.Writer, text string) error {
	_, err := fmt.Fprintln(w, text)
	return err
}
