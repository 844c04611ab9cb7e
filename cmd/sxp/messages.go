package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) sendCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send WHO TEXT...",
		Short: "Send a sealed message to somebody whose card you have",
		Long: `Send seals the text so that only the receiver can read it, and leaves it at
their relays. WHO is the name or id of a card that you have added.`,
		Example: `  sxp send bob "when can I fetch the barrel?"`,
		Args:    args(2, -1, "a name and a text"),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		in := agent.SendMessage{To: given[0], Text: strings.Join(given[1:], " ")}
		m, err := do[agent.MessageView](cmd.Context(), a, push, "send", in)
		if err != nil {
			return err
		}
		return a.answer(m, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Sent to %s.\n", show.Line(given[0]))
			return err
		})
	}
	return cmd
}

func (a *app) inboxCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "inbox",
		Short:   "Read your messages, newest last",
		Long:    "Inbox fetches your messages from your relays and shows them; new ones have a *.",
		Example: "  sxp inbox",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := do[[]agent.MessageView](cmd.Context(), a, pull, "inbox", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No messages.")
			}
			for _, m := range all {
				mark := "*"
				if m.Read {
					mark = " "
				}
				text := strings.ReplaceAll(show.Text(m.Text), "\n", "\n    ")
				if _, err := fmt.Fprintf(w, "%s %s  %s\n    %s\n", mark, show.Line(show.Name(m.FromName, m.From)), show.When(a.now(), m.At), text); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}
