package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/agent"
	"sxp/cmd/sxp/internal/control"
	"sxp/cmd/sxp/internal/show"
	"sxp/contract"
	"sxp/contract/jury"
)

func (a *app) juryCasesCmd() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases of the juror node on this machine",
		Long: `Cases lists what the juror that runs on this machine was asked to decide, the
newest first: which session, when, how many people, its seat, what it did, until
when a claim could come. It shows no text and no names: a juror has none.`,
		Example: "  sxp jury cases --dir /srv/juror\n  sxp jury cases --dir /srv/juror --json",
		Args:    args(0, 0, ""),
	}
	jurorDir(cmd, &dir)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := askJurorNode[[]jury.Case](cmd, dir, "cases", agent.None{})
		if err != nil {
			return err
		}
		return a.answer(all, func(w io.Writer) error {
			if len(all) == 0 {
				return none(w, "No cases yet. In an honest signing no juror hears anything.")
			}
			var rows [][]string
			for _, c := range all {
				rows = append(rows, []string{c.M.Short(), clockOr(c.At), known(c.Parties), string(c.Standing), seatOf(c), clockOr(c.Deadline),
					fmt.Sprint(len(c.Endorsed)), held(c), answered(c)})
			}
			return show.Table(w, []string{"SESSION", "DECIDED", "PEOPLE", "DID", "SEAT", "DEADLINE", "ENDORSED", "SHARES", "NOW"}, rows)
		})
	}
	return cmd
}

func (a *app) juryCaseCmd() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "case SESSION",
		Short: "Show one case of the juror node on this machine",
		Long: `Case shows one session that the juror on this machine decided, as it went: when
it decided, until when a claim could come, which seats have endorsed, opened and
answered. SESSION is its digest, or the start of it from ` + "`sxp jury cases`" + `.`,
		Example: "  sxp jury case bb583b61 --dir /srv/juror",
		Args:    args(1, 1, "a session from `sxp jury cases`"),
	}
	jurorDir(cmd, &dir)
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		all, err := askJurorNode[[]jury.Case](cmd, dir, "cases", agent.None{})
		if err != nil {
			return err
		}
		c, err := findCase(all, given[0])
		if err != nil {
			return err
		}
		return a.answer(c, func(w io.Writer) error { return printCase(w, c) })
	}
	return cmd
}

func jurorDir(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "dir", "", "data `folder` of the running node")
}

// askJurorNode asks the node that runs in dir.
func askJurorNode[A any](cmd *cobra.Command, dir, op string, in any) (out A, err error) {
	if dir == "" {
		return out, usagef("%s needs --dir DIR, the folder of the running juror node", strings.TrimPrefix(cmd.CommandPath(), "sxp "))
	}
	c, err := control.Dial(cmd.Context(), filepath.Join(dir, nodeSocket))
	if err != nil {
		return out, sxp.Errorf("sxp.jury", sxp.KindOf(err), nil, "no node runs in %s: start it with `sxp node --dir %s --roles juror`", dir, dir)
	}
	defer c.Close()
	return agent.Call[A](cmd.Context(), c, op, in)
}

// findCase finds the one case that the start of a digest names.
func findCase(all []jury.Case, ref string) (jury.Case, error) {
	const op = "sxp.jury"
	var found []jury.Case
	for _, c := range all {
		if strings.HasPrefix(c.M.String(), strings.ToLower(ref)) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return jury.Case{}, sxp.Errorf(op, sxp.NotFound, nil, "there is no case %q: `sxp jury cases` lists those there are", ref)
	case 1:
		return found[0], nil
	}
	return jury.Case{}, sxp.Errorf(op, sxp.Invalid, nil, "%d cases begin with %q: write more of it", len(found), ref)
}

func printCase(w io.Writer, c jury.Case) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Session %s\n", c.M)
	rows := [][]string{{"people", known(c.Parties)}, {"seat", seatOf(c)}, {"did", did(c)}}
	if c.Open {
		rows = append(rows, []string{"endorsed", "seats " + seats(c.Endorsed)})
	}
	if len(c.Shares) > 0 {
		rows = append(rows, []string{"shares held", "seats " + seats(c.Shares)})
	}
	show.Table(&b, nil, rows)
	b.WriteByte('\n')
	step := func(at sxp.Time, what string) {
		if at != 0 {
			fmt.Fprintf(&b, "%s  %s\n", show.Clock(at), what)
		}
	}
	if c.Standing == contract.Completed {
		step(c.At, "a good claim came: written, endorsed, opened, passed on")
	}
	step(c.Deadline, "the deadline: no claim from outside after it")
	step(c.Decides, "no claim with endorsements after it")
	if c.Standing == contract.Voided {
		step(c.At, "somebody asked, and it voided")
	}
	step(c.Until, "the exchange with the other jurors ends; it answers who asks for ever")
	_, err := io.WriteString(w, b.String())
	return err
}

func did(c jury.Case) string {
	switch c.Standing {
	case contract.Completed:
		return "completed: it opened its shares for all"
	case contract.Voided:
		return "voided: it opened nothing and never will"
	}
	return "abstains: it lost what it said before"
}

// clockOr is a time that old records do not know.
func clockOr(t sxp.Time) string {
	if t == 0 {
		return "?"
	}
	return show.Clock(t)
}

func known(n int) string {
	if n == 0 {
		return "?"
	}
	return fmt.Sprint(n)
}

func seatOf(c jury.Case) string {
	if c.Seat == 0 {
		return "?"
	}
	return fmt.Sprintf("%d of %s", c.Seat, known(c.Jury))
}

// held is how many seats' shares are here.
func held(c jury.Case) string {
	if c.Standing != contract.Completed {
		return "none"
	}
	return fmt.Sprintf("%d of %s", len(c.Shares), known(c.Jury))
}

// answered says what still goes on.
func answered(c jury.Case) string {
	if !c.Open {
		return "over"
	}
	return fmt.Sprintf("%d of %d others have answered", len(c.Heard), c.Jury-1)
}

func seats(list []int) string {
	var s []string
	for _, seat := range list {
		s = append(s, fmt.Sprint(seat))
	}
	return strings.Join(s, ", ")
}
