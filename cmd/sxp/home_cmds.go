package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/home"
	"sxp/cmd/sxp/internal/show"
	"sxp/identity"
)

// newHome is what init and restore ask for.
type newHome struct {
	label        string
	relays       []string
	noPassphrase bool
}

func (n *newHome) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&n.label, "label", "", "`name` that others see next to your id")
	cmd.Flags().StringArrayVar(&n.relays, "relay", nil, "`address` of a node that keeps your messages; may be repeated")
	cmd.Flags().BoolVar(&n.noPassphrase, "no-passphrase", false, "store the keys without a passphrase")
}

// resolve checks the name and finds out the keys of the relays before a person
// types anything.
func (n *newHome) resolve(ctx context.Context, a *app) (err error) {
	if len(n.label) > sxp.MaxLabel {
		return usagef("--label has at most %d bytes, this has %d", sxp.MaxLabel, len(n.label))
	}
	n.relays, err = a.addresses(ctx, n.relays)
	return err
}

// made is what init and restore print with --json.
type made struct {
	ID    sxp.ID   `json:"id"`
	Label string   `json:"label"`
	Home  string   `json:"home"`
	Words []string `json:"words,omitempty"` // only from init

	relays []string // that the new home uses
}

func (a *app) initCmd() *cobra.Command {
	var n newHome
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a home: new keys, a name, and 24 words to write down",
		Long: `Init makes your keys and prints 24 words, once. Write them on paper: with them
` + "`sxp restore`" + ` gets your identity back, and whoever else has them is you.
A passphrase protects the keys on this disk. A home that exists is never touched.`,
		Example: `  sxp init --label alice --relay https://relay.example#sxp1…
  sxp --home /tmp/try init --label try --no-passphrase`,
		Args: args(0, 0, ""),
	}
	n.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if n.label == "" {
			return usagef("init needs --label NAME, the name that others see next to your id")
		}
		if err := n.resolve(cmd.Context(), a); err != nil {
			return err
		}
		root, err := identity.NewRoot(rand.Reader)
		if err != nil {
			return err
		}
		defer root.Erase()
		m, err := a.create(cmd.Context(), root, n.noPassphrase, func(cfg agent.Config) (*agent.Agent, error) {
			return agent.Create(cfg, n.label, n.relays)
		})
		if err != nil {
			return err
		}
		m.Words, m.relays = root.Words(), n.relays
		return a.answer(m, func(w io.Writer) error { return printMade(w, m) })
	}
	return cmd
}

func (a *app) restoreCmd() *cobra.Command {
	var n newHome
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Make a home from the 24 words of an identity you have",
		Long: `Restore reads your 24 words from standard input, or asks for them, and makes a
home with the same identity. From the relays that you name it fetches what your
old home kept there: name, markets, offers, contacts, contracts. Without --relay
only the identity comes back. Deals that were unfinished cannot be signed any
more: their one-time keys were on the old disk only.`,
		Example: `  sxp restore --relay https://relay.example#sxp1…
  sxp restore --label alice --passphrase-file pass < words.txt`,
		Args: args(0, 0, ""),
	}
	n.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		dir, err := a.homeDir()
		if err != nil {
			return err
		}
		if err := home.Free(dir); err != nil {
			return err // before a person types 24 words
		}
		if err := n.resolve(cmd.Context(), a); err != nil {
			return err
		}
		words, err := a.readWords(cmd.Context())
		if err != nil {
			return err
		}
		root, err := identity.RootFromWords(words)
		if err != nil {
			return err
		}
		defer root.Erase()
		m, err := a.create(cmd.Context(), root, n.noPassphrase, func(cfg agent.Config) (*agent.Agent, error) {
			return n.restore(cmd.Context(), cfg)
		})
		if err != nil {
			return err
		}
		return a.answer(m, func(w io.Writer) error { return printMade(w, m) })
	}
	return cmd
}

// restore fetches the person's records from the relays. Where they hold none
// it begins anew, if the person gave a name for that.
func (n *newHome) restore(ctx context.Context, cfg agent.Config) (*agent.Agent, error) {
	if len(n.relays) == 0 {
		return agent.Create(cfg, n.label, nil)
	}
	g, err := agent.Restore(ctx, cfg, n.relays)
	if errors.Is(err, sxp.NotFound) && n.label != "" {
		return agent.Create(cfg, n.label, n.relays)
	}
	return g, err
}

// create makes the home with an agent in it.
func (a *app) create(ctx context.Context, root *identity.Root, noPassphrase bool, start func(agent.Config) (*agent.Agent, error)) (m made, err error) {
	if m.Home, err = a.homeDir(); err != nil {
		return m, err
	}
	if err := home.Free(m.Home); err != nil {
		return m, err // before a person types a passphrase
	}
	passphrase, err := a.newPassphrase(ctx, noPassphrase)
	if err != nil {
		return m, err
	}
	defer clear(passphrase)
	err = home.Create(m.Home, root, passphrase, func(h *home.Home) error {
		g, err := start(a.config(h, discard()))
		if err != nil {
			return err
		}
		defer g.Close()
		s, err := agent.Call[agent.Status](ctx, g, "status", agent.None{})
		m.ID, m.Label = s.ID, s.Label
		return err
	})
	return m, err
}

func printMade(w io.Writer, m made) error {
	var b strings.Builder
	fmt.Fprintf(&b, "You are %s (%s). Your home is %s.\n", show.Line(show.Name(m.Label, m.ID)), m.ID, m.Home)
	if m.Words != nil {
		b.WriteString("\nWrite these 24 words on paper. They are shown this once. Whoever has them is you.\n\n")
		for i, word := range m.Words {
			fmt.Fprintf(&b, "  %2d %-10s", i+1, word)
			if i%4 == 3 {
				b.WriteByte('\n')
			}
		}
	}
	switch {
	case m.Words == nil:
		b.WriteString("\nNext: `sxp status` shows what came back.\n")
	case len(m.relays) == 0:
		b.WriteString("\nNext: name a node that keeps your messages, without which nobody hears you: `sxp card relays ADDRESS`.\n" +
			"Then join a market with `sxp market join LINK`, or give your card to a friend: `sxp card`.\n")
	default:
		b.WriteString("\nNext: join a market with `sxp market join LINK`, or give your card to a friend: `sxp card`.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxWords is the longest input that can be 24 words, in bytes.
const maxWords = 1024

// readWords reads the words from standard input. Numbers between them are left
// out, so that the list of init can be pasted as it is.
func (a *app) readWords(ctx context.Context) ([]string, error) {
	const op = "sxp.restore"
	var text []byte
	var err error
	if fd, ok := a.terminal(); ok {
		fmt.Fprintln(a.err, "Type your 24 words on one line; they are not shown:")
		text, err = a.secret(ctx, fd)
	} else {
		text, err = io.ReadAll(io.LimitReader(a.in, maxWords+1))
	}
	defer clear(text)
	if err != nil {
		return nil, err
	}
	if len(text) > maxWords {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "24 words have at most %d bytes: this is something else", maxWords)
	}
	var words []string
	for _, w := range strings.Fields(strings.ToLower(string(text))) {
		if strings.Trim(w, "0123456789.") != "" {
			words = append(words, w)
		}
	}
	return words, nil
}

func (a *app) statusCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Say who you are and what waits for you",
		Long:    "Status shows your id, your relays, and what waits for you.",
		Example: "  sxp status",
		Args:    args(0, 0, ""),
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		a.quiet = !a.json // the table has a line for each
		s, err := do[agent.Status](cmd.Context(), a, pull, "status", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(s, func(w io.Writer) error {
			fmt.Fprintf(w, "%s  %s\n", show.Line(show.Name(s.Label, s.ID)), s.ID)
			rows := [][]string{
				{"relays", list(s.Relays, "none: `sxp card relays ADDRESS`")},
				{"markets", count(s.Markets, "`sxp market join LINK`")},
				{"offers and needs", count(s.Offers, "`sxp offer TITLE`")},
				{"deals that wait", fmt.Sprint(s.Deals)},
				{"contracts", fmt.Sprint(s.Contracts)},
				{"unread messages", fmt.Sprint(s.Messages)},
			}
			for _, t := range distinct(s.Trouble) {
				rows = append(rows, []string{"trouble", trouble(t) + " (since " + show.When(s.Now, t.Since) + ")"})
			}
			return show.Table(w, nil, rows)
		})
	}
	return cmd
}

// list joins what there is, or says what to do.
func list(items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	return strings.Join(items, "  ")
}

func count(n int, none string) string {
	if n == 0 {
		return "none: " + none
	}
	return fmt.Sprint(n)
}
