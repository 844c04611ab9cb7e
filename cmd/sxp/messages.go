package main

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/show"
)

func (a *app) sendCmd() *cobra.Command {
	var in agent.SendMessage
	var files []string
	cmd := &cobra.Command{
		Use:   "send [WHO] [TEXT...]",
		Short: "Send a sealed message or files to somebody whose card you have",
		Long: `Send seals the text so that only the receiver can read it, and leaves it at your
own relays, from where the receiver fetches it. WHO is the name or id of a card
that you have added; they must have added yours. Files have 512 KiB together.
With --deal, all other parties of a deal get it: then there is no WHO.`,
		Example: `  sxp send bob "when can I fetch the barrel?"
  sxp send bob "it has 20 litres" --subject "The barrel" --attach barrel.jpg
  sxp send --deal 1 "shall we meet at the pier?"`,
		Args: args(0, -1, "a name and a text"),
	}
	letterFlags(cmd, &in, &files)
	cmd.Flags().StringVar(&in.Deal, "deal", "", "to the parties of the deal with this `number`")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if in.Deal != "" {
			return a.write(cmd, in, files, given)
		}
		if len(given) < 2 && len(files) == 0 {
			return usagef("send needs a name and a text, or a file: see the example in `sxp send --help`")
		}
		in.To = given[0]
		return a.write(cmd, in, files, given[1:])
	}
	return cmd
}

func (a *app) postCmd() *cobra.Command {
	var in agent.SendMessage
	var files []string
	cmd := &cobra.Command{
		Use:   "post TEXT...",
		Short: "Send the same message to all your contacts",
		Long: `Post seals a message to each person whose card you have added. Nobody sees who
else gets it.`,
		Example: `  sxp post "the harbour swap is on Saturday" --subject "Swap day"`,
		Args:    args(1, -1, "a text"),
	}
	letterFlags(cmd, &in, &files)
	cmd.RunE = func(cmd *cobra.Command, given []string) error { return a.write(cmd, in, files, given) }
	return cmd
}

// letterFlags adds what a letter can have beside its text.
func letterFlags(cmd *cobra.Command, in *agent.SendMessage, files *[]string) {
	cmd.Flags().StringVar(&in.Subject, "subject", "", "what it is about, in one `line`")
	cmd.Flags().StringArrayVar(files, "attach", nil, "a `file` to send with it; repeat for several")
}

// write sends a letter with files from the disk.
func (a *app) write(cmd *cobra.Command, in agent.SendMessage, files, words []string) error {
	if in.Text = strings.Join(words, " "); strings.TrimSpace(in.Text) == "" && len(files) == 0 {
		return usagef("the message is empty")
	}
	for _, name := range files {
		data, err := readFile(name, agent.MaxFileBytes)
		if err != nil {
			return err
		}
		kind, _, _ := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(name)))
		in.Files = append(in.Files, agent.File{Name: filepath.Base(name), Type: kind, Data: data})
	}
	m, err := do[agent.MessageView](cmd.Context(), a, push, "send", in)
	if err != nil {
		return err
	}
	return a.answer(m, func(w io.Writer) error {
		text := "Sent to %s.\n"
		if len(a.told) > 0 { // not every node answers
			text = "Kept for %s: what could not leave now, `sxp agent` sends when it can.\n"
		}
		if _, err := fmt.Fprintf(w, text, show.Line(people(m.To))); err != nil || len(m.Missed) == 0 {
			return err
		}
		_, err := fmt.Fprintf(w, "Not to %s: their cards have expired. Ask them for new ones.\n", show.Line(people(m.Missed)))
		return err
	})
}

func (a *app) inboxCmd() *cobra.Command {
	var dir string
	var thread agent.ThreadRef
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "Read your messages, newest last",
		Long: `Inbox fetches your messages from the relays of those who wrote them and shows
them; new ones have a *. With --save, the files that came with them are written
to a folder, each under the start of its message's id and its name. With --with or
--deal it shows one conversation, with what you wrote.`,
		Example: "  sxp inbox\n  sxp inbox --save received\n  sxp inbox --with bob\n  sxp inbox --deal 1",
		Args:    args(0, 0, ""),
	}
	cmd.Flags().StringVar(&dir, "save", "", "write the files that came with messages to this `folder`")
	cmd.Flags().StringVar(&thread.With, "with", "", "only what you and this `person` wrote to each other")
	cmd.Flags().StringVar(&thread.Deal, "deal", "", "only what the parties of the deal with this `number` wrote")
	cmd.MarkFlagsMutuallyExclusive("with", "deal")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := a.messages(cmd, thread)
		if err != nil {
			return err
		}
		if dir != "" {
			if err := a.saveFiles(cmd, dir, all); err != nil {
				return err
			}
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No messages.")
			}
			for _, m := range all {
				if err := a.printMessage(w, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return cmd
}

// messages returns the inbox, or the newest of one conversation, and marks them
// as read.
func (a *app) messages(cmd *cobra.Command, in agent.ThreadRef) (all []agent.MessageView, err error) {
	if in.With == "" && in.Deal == "" {
		return do[[]agent.MessageView](cmd.Context(), a, pull, "inbox", agent.None{})
	}
	in.Limit = 200
	err = a.with(cmd.Context(), pull, func(d agent.Doer) error {
		t, err := agent.Call[agent.Thread](cmd.Context(), d, "thread", in)
		if err != nil {
			return err
		}
		all = t.Messages
		_, err = agent.Call[agent.None](cmd.Context(), d, "thread.read", in)
		return err
	})
	return all, err
}

func (a *app) printMessage(w io.Writer, m agent.MessageView) error {
	mark := "*"
	if m.Read {
		mark = " "
	}
	name := show.Line(show.Name(m.FromName, m.From))
	if m.Mine {
		name = "you"
	}
	head := []string{name, show.When(a.now(), m.At)}
	if m.Mine && m.State != "sent" {
		head = append(head, m.State)
	}
	if !m.Deal.IsZero() {
		head = append(head, "in the deal "+m.Deal.Short())
	}
	if m.Kind == agent.KindPost {
		head = append(head, "to all contacts")
	}
	if m.Subject != "" {
		head = append(head, show.Line(m.Subject))
	}
	lines := []string{mark + " " + strings.Join(head, "  ")}
	if m.Text != "" {
		lines = append(lines, strings.Split(show.Text(m.Text), "\n")...)
	}
	for _, f := range m.Files {
		lines = append(lines, fmt.Sprintf("[%s, %d bytes: sxp inbox --save DIR]", show.Line(f.Name), f.Size))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n    "))
	return err
}

// saveFiles writes the files of messages to a folder, except those that are
// there from before.
func (a *app) saveFiles(cmd *cobra.Command, dir string, all []agent.MessageView) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return sxp.Errorf("sxp.save", sxp.Denied, nil, "%w", err)
	}
	for _, m := range all {
		for i, f := range m.Files {
			name := filepath.Join(dir, m.ID.Short()+"-"+f.Name)
			if _, err := os.Lstat(name); err == nil {
				continue
			}
			got, err := do[agent.File](cmd.Context(), a, local, "inbox.file", agent.GetFile{Message: m.ID, File: i + 1})
			if errors.Is(err, sxp.NotFound) {
				a.note("%s of %s is not kept any more", show.Line(f.Name), show.Line(m.FromName))
				continue
			}
			if err == nil {
				err = a.save(name, got.Data)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
