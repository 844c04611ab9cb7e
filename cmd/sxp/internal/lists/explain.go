package lists

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/problem"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal"
	whynot "sxp/deal/explain"
)

// What the command says of itself.
const (
	explains = `Explain says why an item is not traded: nobody wants it, its owner wants nothing
that is there, its rings are too long, or what they need trades better elsewhere.
It names the rings that lost, and what the owner would have to take for a ring
to close.`
	explainsOwn = ` With a number from ` + "`sxp list`" + ` it explains an announcement of yours from
its market's board; with a file, an item of that list, held against the answer
in --answer or the best one.`
)

func (t *Tool) explainCmd() *cobra.Command {
	set, c, answer, within := problem.Settings{}, caps{}, "", time.Minute
	cmd := &cobra.Command{
		Use:     "explain FILE ITEM",
		Short:   "Tell why an item found no ring, and what would help",
		Long:    explains + ` The item is held against the answer in --answer or the best one.`,
		Example: "  sxp deals explain wants.txt LESSONS\n  sxp deals explain wants.txt LESSONS --answer answer.json",
		Args:    cli.Args(2, 2, "a file and the name of an item"),
	}
	if t.Own != nil {
		cmd.Use, cmd.Long, cmd.Example = "explain NUMBER | FILE ITEM", explains+explainsOwn, "  sxp deals explain 1\n"+cmd.Example
		cmd.Args = cli.Args(1, 2, "the number from `sxp list`, or a file and the name of an item")
	}
	formatFlag(cmd, &set)
	c.flags(cmd)
	cmd.Flags().StringVar(&answer, "answer", "", "the `file` of an answer, from `sxp deals solve --answer`")
	cmd.Flags().DurationVar(&within, "time", time.Minute, "how `long` it may look for the best answer")
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if len(given) == 1 {
			return t.Own(cmd, given[0])
		}
		m, err := problem.Read(given[0], set)
		if err != nil {
			return err
		}
		if m.Graph == nil {
			return sxp.Errorf("sxp.explain", sxp.Unsupported, nil, "%s has prices, amounts or bundles: only what is given one thing for one thing can be explained", m.Name)
		}
		n, err := m.Node(given[1])
		if err != nil {
			return err
		}
		t.complain(m)
		opt := m.Options
		c.set(cmd, m, &opt)
		rings, err := t.answered(cmd, m, opt, answer, within)
		if err != nil {
			return err
		}
		r, err := whynot.Why(m.Graph, opt, rings, n)
		if err != nil {
			return noAnswer(answer, err)
		}
		v := explained(m, rings, n, r)
		return t.answer(v, func(w io.Writer) error { return v.Print(w, opt.MaxRing) })
	}
	return cmd
}

// answered returns the rings of a file, or the best ones.
func (t *Tool) answered(cmd *cobra.Command, m *problem.Market, opt deal.Options, file string, within time.Duration) ([]deal.Ring, error) {
	if file != "" {
		data, err := cli.ReadFile(file, problem.MaxAnswer)
		if err != nil {
			return nil, err
		}
		ans, err := m.Load(data)
		if err != nil {
			return nil, noAnswer(file, err)
		}
		return ans.Rings, nil
	}
	bar := newSolving(cmd.Context(), t.Err, time.Now().Add(within))
	defer bar.close()
	opt.Progress, opt.Budget = bar.at, int64(within.Seconds()*perSecond)
	got, err := m.Solve(opt)
	if err != nil {
		return nil, err
	}
	return got.Rings, nil
}

// noAnswer says which file is no answer to the market; the name is empty where
// there is none.
func noAnswer(file string, err error) error {
	if file == "" {
		return err
	}
	return sxp.Errorf("sxp.answer", sxp.KindOf(err), nil, "%s is no answer to this: %w", file, err)
}

// An Explanation is what `sxp deals explain --json` prints.
type Explanation struct {
	Item     string     `json:"item"`
	Owner    string     `json:"owner"`
	Reason   string     `json:"reason"`
	Wishes   int        `json:"wishes"`
	Wanted   int        `json:"wanted"`              // items of others that are offered for it
	WantedBy int        `json:"wanted_by,omitempty"` // people that these are of, where that is known
	Gift     bool       `json:"gift,omitempty"`
	Shortest int        `json:"shortest"`
	Ring     string     `json:"ring,omitempty"` // that it is in
	Rings    []LostRing `json:"rings,omitempty"`
	More     bool       `json:"more,omitempty"`
	Take     []Advised  `json:"take,omitempty"`
}

// A LostRing is one that was not chosen.
type LostRing struct {
	Ring    string   `json:"ring"`
	Items   int      `json:"items"`
	Instead []string `json:"instead,omitempty"` // the rings that it would break
}

// An Advised item is one that would close a ring.
type Advised struct {
	Item  string `json:"item"`
	Owner string `json:"owner"`
	Items int    `json:"items"`
	Free  bool   `json:"free"`
}

func explained(m *problem.Market, rings []deal.Ring, n deal.Node, r *whynot.Report) Explanation {
	v := Explanation{Item: m.Item(n), Owner: m.Person(m.Graph.Owner(n)), Reason: string(r.Reason),
		Wishes: r.Wishes, Wanted: r.Wanted, WantedBy: r.By, Gift: m.Graph.IsGift(n), Shortest: r.Shortest, More: r.More}
	if r.In >= 0 {
		v.Ring = m.Line(rings[r.In]).String()
	}
	for _, c := range r.Rings {
		lost := LostRing{Ring: m.Line(c.Ring).String(), Items: c.Items}
		for _, i := range c.Instead {
			lost.Instead = append(lost.Instead, m.Line(rings[i]).String())
		}
		v.Rings = append(v.Rings, lost)
	}
	for _, adv := range r.Advice {
		v.Take = append(v.Take, Advised{m.Item(adv.Offer), m.Person(m.Graph.Owner(adv.Offer)), adv.Items, adv.Free})
	}
	return v
}

// why says each reason in words: SHORTEST is how many items its shortest ring
// has, MOST how many a ring may have.
var why = map[whynot.Reason]string{
	"nothing-to-give": "There is something that would do, but its owner has no offer to give for it: `sxp offer` announces one.",
	whynot.Traded:     "ITEM is traded.",
	whynot.Kept:       "ITEM is kept: its owner gets a gift, for which nobody asks anything.",
	whynot.NoWishes:   "Nothing that the owner of ITEM would take is offered.",
	whynot.NotWanted:  "Nobody would take ITEM.",
	whynot.NoRing:     "No ring of any length passes ITEM: what people would take for it never leads back to those who want it.",
	whynot.TooLong:    "The shortest ring through ITEM has SHORTEST items, and rings have at most MOST.",
	whynot.Outbid:     "Rings through ITEM exist, but what they need is traded in other rings of the answer.",
	whynot.Possible:   "A ring through ITEM is free: this answer is not the best.",
	whynot.Limited:    "A ring through ITEM is free, but somebody in it has reached a limit.",
	whynot.Unknown:    "The search through the rings of ITEM ended before it found one that is short enough.",
}

// demand says who wants it, and what its owner wants, as far as the reason has
// not said so.
func (v Explanation) demand() string {
	items := Counted(v.Wanted, "item", "items")
	takers := Counted(v.WantedBy, "person", "people")
	wants := ""
	switch {
	case v.Gift && v.Wanted > 0:
		return fmt.Sprintf("It is a gift, which %s would take.\n", takers)
	case v.Gift:
		return ""
	case v.Wanted > 0 && v.WantedBy > 0:
		wants = fmt.Sprintf("%s would take it, for %s of theirs.\n", strings.ToUpper(takers[:1])+takers[1:], items)
	case v.Wanted > 0:
		wants = fmt.Sprintf("It is wanted for %s of others.\n", items)
	case v.Reason != string(whynot.NotWanted):
		wants = "Nobody would take it.\n"
	}
	if v.Wishes > 0 {
		wants += fmt.Sprintf("Its owner would take %s for it.\n", Counted(v.Wishes, "item", "items"))
	}
	return wants
}

// Print writes it for a person; rings have at most so many items.
func (v Explanation) Print(w io.Writer, maxRing int) error {
	var b strings.Builder
	words := strings.NewReplacer("ITEM", show.Line(v.Item), "SHORTEST", fmt.Sprint(v.Shortest), "MOST", fmt.Sprint(maxRing))
	text := words.Replace(why[whynot.Reason(v.Reason)])
	fmt.Fprintln(&b, strings.ToUpper(text[:1])+text[1:])
	if v.Ring != "" {
		fmt.Fprintf(&b, "  %s\n", show.Line(v.Ring))
	}
	b.WriteString(v.demand())
	for i, r := range v.Rings {
		if i == 0 {
			fmt.Fprintf(&b, "\nThe best rings through it that were not chosen:\n")
		}
		fmt.Fprintf(&b, "  %s\n", show.Line(r.Ring))
		for _, other := range r.Instead {
			fmt.Fprintf(&b, "      would break %s\n", show.Line(other))
		}
	}
	if v.More {
		fmt.Fprintf(&b, "  and more\n")
	}
	for i, t := range v.Take {
		if i == 0 {
			fmt.Fprintf(&b, "\nA ring would close if its owner took one of these as well:\n")
		}
		state := ""
		if t.Free {
			state = ", not traded now"
		}
		fmt.Fprintf(&b, "  %s of %s (a ring of %d%s)\n", show.Line(t.Item), show.Line(t.Owner), t.Items, state)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
