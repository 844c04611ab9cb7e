package lists

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/problem"
	"sxp/deal"
	"sxp/deal/svg"
)

func (t *Tool) drawCmd() *cobra.Command {
	set, c, answer, wants, within := problem.Settings{}, caps{}, "", false, time.Minute
	cmd := &cobra.Command{
		Use:   "draw FILE PICTURE",
		Short: "Draw the rings of a list, or who wants what, as SVG",
		Long: `Draw makes a picture of the best rings of a list, or of the answer in --answer.
With --wants it draws who would take what: a few items as a circle of arrows, a
market of many as a table of people, in which what is traded stands out. The
picture is plain SVG for any browser; - writes it to standard output.`,
		Example: "  sxp deals draw wants.txt rings.svg\n  sxp deals draw wants.txt wants.svg --wants --max-ring 3",
		Args:    cli.Args(2, 2, "a file and the name of the picture"),
	}
	formatFlag(cmd, &set)
	c.flags(cmd)
	cmd.Flags().StringVar(&answer, "answer", "", "the `file` of an answer, from `sxp deals solve --answer`")
	cmd.Flags().BoolVar(&wants, "wants", false, "draw who would take what")
	cmd.Flags().DurationVar(&within, "time", time.Minute, "how `long` it may look for the best answer")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		m, err := problem.Read(given[0], set)
		if err != nil {
			return err
		}
		if m.Graph == nil {
			return sxp.Errorf("sxp.draw", sxp.Unsupported, nil, "%s has prices, amounts or bundles: only what is given one thing for one thing can be drawn", m.Name)
		}
		t.complain(m)
		opt := m.Options
		if _, err := os.Lstat(given[1]); err == nil { // not after a long search
			return sxp.Errorf("sxp.draw", sxp.Conflict, nil, "%s is there already: remove it, or choose another name", given[1])
		}
		c.set(cmd, m, &opt)
		rings, err := t.answered(cmd, m, opt, answer, within)
		if err != nil {
			return err
		}
		v, err := deal.Check(m.Graph, rings, opt)
		if err != nil {
			return noAnswer(answer, err)
		}
		chains := 0
		for _, r := range rings {
			if m.Graph.IsChain(r) {
				chains++
			}
		}
		lines := []string{
			fmt.Sprintf("%s, %s, %s", Counted(m.People(), "person", "people"), Counted(m.Items(), "item", "items"), Counted(m.Wants, "want", "wants")),
			fmt.Sprintf("%s in %s; %s", changeHands(v.Items), inRings(len(rings), chains), trade(v.People)),
		}
		var picture bytes.Buffer
		if wants {
			err = svg.Wants(&picture, wantsOf(m, rings, lines))
		} else {
			err = svg.Overview(&picture, overviewOf(m, rings, lines))
		}
		if err != nil {
			return err
		}
		if given[1] == "-" {
			_, err := t.Out.Write(picture.Bytes())
			return err
		}
		if err := t.save(given[1], picture.Bytes()); err != nil {
			return err
		}
		out := map[string]any{"picture": given[1], "rings": len(rings)}
		return t.answer(out, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s: %s\n", given[1], lines[1])
			return err
		})
	}
	return cmd
}

func overviewOf(m *problem.Market, rings []deal.Ring, lines []string) svg.Report {
	r := svg.Report{Title: m.Name, Lines: lines, Found: true}
	for i, ring := range rings {
		l := m.Line(ring)
		one := svg.Ring{Name: fmt.Sprint(i + 1), Chain: l.Chain}
		for _, mv := range l.Moves {
			one.Steps = append(one.Steps, svg.Step{From: mv.From, To: mv.To, Item: mv.Item})
		}
		r.Rings = append(r.Rings, one)
	}
	return r
}

// wantsOf is the market without its groups: what leads through them leads from
// item to item.
func wantsOf(m *problem.Market, rings []deal.Ring, lines []string) svg.Market {
	g := m.Graph
	out := svg.Market{Title: m.Name, Lines: lines}
	at := make([]int, g.Len())
	for n := range deal.Node(g.Len()) {
		if at[n] = -1; !g.IsGroup(n) {
			at[n] = len(out.Items)
			out.Items = append(out.Items, svg.Thing{Name: m.Item(n), Person: m.Person(g.Owner(n))})
		}
	}
	type pair struct{ give, take deal.Node }
	used := map[pair]bool{}
	for _, r := range rings {
		for _, s := range g.Steps(r) {
			used[pair{s.For, s.Item}] = true
		}
	}
	for n := range deal.Node(g.Len()) {
		if g.IsGroup(n) {
			continue
		}
		for _, w := range g.Takes(n) {
			out.Wants = append(out.Wants, svg.Want{For: at[n], Take: at[w], Used: used[pair{n, w}]})
		}
	}
	return out
}
