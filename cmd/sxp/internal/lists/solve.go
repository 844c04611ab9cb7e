package lists

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/cmd/sxp/internal/problem"
	"sxp/cmd/sxp/internal/show"
	"sxp/deal"
	"sxp/deal/tm"
	"sxp/internal/peak"
)

// perSecond is the solver's work in one second, of units of about 20 ns.
const perSecond = 50_000_000

// A solving is what `sxp deals solve` was asked for.
type solving struct {
	file   problem.Settings
	caps   caps
	goals  string
	time   time.Duration
	seed   uint64
	form   string
	answer string
	each   int
	keeps  cli.Share
	memory size
}

// Caps are the limits on rings that several commands take.
type caps struct{ ring, chain int }

func (c *caps) flags(cmd *cobra.Command) {
	cmd.Flags().IntVar(&c.ring, "max-ring", deal.DefaultMaxRing, "at most `n` items in a ring, hence at most n people who sign; 0: any number")
	cmd.Flags().IntVar(&c.chain, "max-chain", 0, "at most `n` items in a chain that a gift starts; 0: one less than in a ring, -1: no chains")
}

// set puts the caps into options, where they were given or the file has none.
func (c *caps) set(cmd *cobra.Command, m *problem.Market, opt *deal.Options) {
	if cmd.Flags().Changed("max-ring") || m.Lots == nil {
		opt.MaxRing = c.ring
	}
	if cmd.Flags().Changed("max-chain") || m.Lots == nil {
		opt.MaxChain = c.chain
	}
}

func formatFlag(cmd *cobra.Command, set *problem.Settings) {
	cmd.Flags().StringVar(&set.Format, "format", problem.Auto, "`format` of the file: "+strings.Join(problem.Formats, ", "))
	cmd.Flags().BoolVar(&set.Strict, "strict", false, "refuse a file with a malformed line instead of going on without it")
	cmd.Flags().StringVar(&set.Limits, "limits", "", "a `file` of what people spend at most, a line each: NAME 250")
	cmd.Flags().BoolVar(&set.NoMoney, "no-money", false, "leave out cash bids and wants of money")
}

func (t *Tool) solveCmd() *cobra.Command {
	s := solving{}
	cmd := &cobra.Command{
		Use:   "solve FILE",
		Short: "Find the best rings in a list of wants, without a network",
		Long: `Solve reads who would give what for what and finds the rings of people that
trade the most, each of at most --max-ring items. It says whether that is proven
best, or how much better an answer could be at most. Ctrl-C stops it with the
best so far.

It reads want lists in TradeMaximizer's format, pools of kidney exchanges from
PrefLib (.wmd, .input with .ndds) and problems in JSON (spec/problem.md). Lines
that break a rule are named and left out.`,
		Example: `  sxp deals solve wants.txt
  sxp deals solve wants.txt --max-ring 0 --output trademaximizer
  sxp deals solve pool.wmd --max-ring 3 --max-chain 4 --time 20s
  sxp deals solve wants.txt --objective people,items --answer answer.json`,
		Args: cli.Args(1, 1, "a file"),
	}
	formatFlag(cmd, &s.file)
	s.caps.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.goals, "objective", "items,people,cost", "what is sought, most important first: `goals` of items, people, cost, worth, expected")
	f.DurationVar(&s.time, "time", time.Minute, "how `long` it may take")
	f.Uint64Var(&s.seed, "seed", 0, "a `number` that chooses among answers of the same worth")
	f.IntVar(&s.each, "max-items", 0, "at most `n` items of each person are traded; 0: any number")
	f.Var(&s.keeps, "reliability", "how likely everybody keeps their word, for the objective expected (95%)")
	f.Var(&s.memory, "memory", "about how much memory it may take, 128MiB or more, as 512MiB or 2GiB; rings that do not fit are left out (default 1 million rings)")
	f.StringVar(&s.form, "output", "text", "`form` of what is printed: text or trademaximizer")
	f.StringVar(&s.answer, "answer", "", "write the answer, with its proof, as JSON to this new `file` for `sxp deals check`; -: nothing else is printed")
	cmd.RunE = func(cmd *cobra.Command, given []string) error { return t.solve(cmd, given[0], s) }
	return cmd
}

// solution is what `sxp deals solve --json` prints. Value and Bound are of the
// first goal: items, people, millionths of an item where that is expected.
type solution struct {
	Name          string      `json:"name"`
	Format        string      `json:"format"`
	People        int         `json:"people"`
	Items         int         `json:"items"`
	Wants         int         `json:"wants"`
	MaxRing       int         `json:"max_ring"`
	Objective     []string    `json:"objective"`
	ItemsTraded   int         `json:"items_traded"`
	PeopleTrading int         `json:"people_trading"`
	Cost          int64       `json:"cost"`
	Worth         int64       `json:"worth,omitempty"`
	Expected      int64       `json:"expected,omitempty"`
	Rings         int         `json:"rings"` // chains included
	Chains        int         `json:"chains,omitempty"`
	RingLengths   map[int]int `json:"ring_lengths"` // how many move so many items
	Value         int64       `json:"value"`
	Bound         int64       `json:"bound"`
	Optimal       bool        `json:"optimal"`
	Exact         bool        `json:"exact"`
	Complete      bool        `json:"complete"`
	Certified     bool        `json:"certified"` // the answer carries a proof that `sxp deals check` follows …
	Certifies     []string    `json:"certifies"` // … and that these goals, in their order, are best
	Left          string      `json:"left,omitempty"`
	Listed        int         `json:"listed"`
	Complaints    []string    `json:"complaints,omitempty"`
	Seconds       float64     `json:"seconds"`
	PeakMiB       float64     `json:"peak_mib"`
}

func (t *Tool) solve(cmd *cobra.Command, path string, s solving) error {
	start := time.Now()
	if s.form != "text" && s.form != problem.TradeMaximizer {
		return cli.Usagef("--output is text or trademaximizer, not %q", s.form)
	}
	if s.time <= 0 {
		return cli.Usagef("--time must be more than 0, as 60s or 5m")
	}
	if _, err := os.Lstat(s.answer); err == nil { // not after a long search
		return sxp.Errorf("sxp.solve", sxp.Conflict, nil, "%s is there already: remove it, or choose another name", s.answer)
	}
	m, err := problem.Read(path, s.file)
	if err != nil {
		return err
	}
	if s.form == problem.TradeMaximizer && m.List == nil {
		return cli.Usagef("--output trademaximizer is for want lists; %s is %s", m.Name, m.Format)
	}
	t.complain(m)
	opt, err := s.options(cmd, m)
	if err != nil {
		return err
	}
	bar := newSolving(cmd.Context(), t.Err, start.Add(s.time))
	opt.Progress, opt.Budget = bar.at, int64(s.time.Seconds()*perSecond)
	if s.memory > 0 {
		opt.MaxRings = int((s.memory - besides) / perRing)
		debug.SetMemoryLimit(int64(s.memory))
	}
	got, err := m.Solve(opt)
	bar.close()
	if err != nil {
		return err
	}
	var failed error // to save it; what was found is shown in any case
	if s.answer != "" {
		if failed = t.saveAnswer(s.answer, got); s.answer == "-" {
			return failed
		}
	}
	sum := summary(m, opt, got)
	sum.Seconds, sum.PeakMiB = time.Since(start).Seconds(), peak.MiB()
	if s.form == problem.TradeMaximizer && !*t.JSON {
		if !sum.Exact { // that form has no place for it
			t.note("%s", strings.TrimSpace(proof(sum)))
		}
		var text bytes.Buffer
		if err = tm.Write(&text, m.List, got.Rings, tm.Output{Elapsed: time.Since(start)}); err == nil {
			_, err = io.WriteString(t.Out, show.Text(text.String()))
		}
	} else {
		err = t.answerOf(sum, m, got)
	}
	return cmp.Or(failed, err)
}

// options are what the file asks for and the flags change.
func (s *solving) options(cmd *cobra.Command, m *problem.Market) (deal.Options, error) {
	opt := m.Options
	s.caps.set(cmd, m, &opt)
	if cmd.Flags().Changed("seed") {
		opt.Seed = s.seed
	}
	if cmd.Flags().Changed("objective") || len(opt.Goals) == 0 {
		opt.Goals = nil
		for name := range strings.SplitSeq(s.goals, ",") {
			g, ok := deal.GoalOf(strings.TrimSpace(name))
			if !ok || slices.Contains(opt.Goals, g) {
				return opt, cli.Usagef("--objective %q: goals are items, people, cost, worth and expected, each once, with commas", s.goals)
			}
			opt.Goals = append(opt.Goals, g)
		}
	}
	if slices.Contains(opt.Goals, deal.Expected) && !cmd.Flags().Changed("reliability") && m.Certain() {
		return opt, cli.Usagef("the objective expected needs to know how likely people keep their word: say --reliability 90%%")
	}
	if s.each < 0 {
		return opt, cli.Usagef("--max-items is 1 or more, or 0 for any number")
	}
	keeps := int64(math.Round(float64(s.keeps) * deal.Certain))
	if cmd.Flags().Changed("reliability") && keeps == 0 {
		return opt, cli.Usagef("--reliability must be above 0%%: nobody trades with who never keeps their word")
	}
	if m.Lots != nil {
		err := m.Ask(opt, keeps, s.each)
		return m.Options, err
	}
	if keeps > 0 {
		m.SetReliability(keeps)
	}
	if s.each > 0 {
		return opt, m.LimitItems(s.each)
	}
	return opt, nil
}

// complain names the malformed lines, a few of them.
func (t *Tool) complain(m *problem.Market) {
	const shown = 10
	for i, c := range m.Complaints {
		if i == shown {
			t.note("and %d complaints more; --json lists them", len(m.Complaints)-shown+m.More)
			return
		}
		t.note("%s", show.Line(c))
	}
}

// summary computes the figures.
func summary(m *problem.Market, opt deal.Options, got *problem.Solved) solution {
	sum := solution{
		Name: m.Name, Format: m.Format, People: m.People(), Items: m.Items(), Wants: m.Wants, MaxRing: opt.MaxRing,
		ItemsTraded: got.Value.Items, PeopleTrading: got.Value.People, Cost: got.Value.Cost, Worth: got.Value.Worth, Expected: got.Value.Expected,
		RingLengths: map[int]int{}, Value: got.Value.Of(opt.Goals[0]), Bound: got.Bound,
		Optimal: got.Optimal, Exact: got.Exact || got.Optimal && len(opt.Goals) == 1, Complete: got.Complete, Certified: got.Certified(), Left: got.Left, Listed: got.Listed, Complaints: m.Complaints,
	}
	if m.Graph != nil && !got.Complete && !sum.Exact && sum.Left == "" { // where it is exact, none of them matters
		sum.Left = fmt.Sprintf("rings beyond the time or the memory; %s were weighed", group3(int64(got.Listed)))
	}
	for _, g := range opt.Goals {
		sum.Objective = append(sum.Objective, g.String())
	}
	sum.Certifies = sum.Objective[:got.Proven(opt.Goals, deal.Verdict{Value: got.Value, Bounded: true})]
	for _, l := range got.Lines {
		times := int(max(l.Times, 1))
		sum.Rings += times
		sum.RingLengths[len(l.Moves)] += times
		if l.Chain {
			sum.Chains += times
		}
	}
	return sum
}

// answerOf prints the rings and what they are worth.
func (t *Tool) answerOf(sum solution, m *problem.Market, got *problem.Solved) error {
	return t.answer(sum, func(w io.Writer) error {
		var b strings.Builder
		for i, l := range got.Lines {
			kind, times := "ring", ""
			switch {
			case m.Graph == nil:
				kind = "exchange"
			case l.Chain:
				kind = "chain"
			}
			if l.Times > 1 {
				times = fmt.Sprintf(" (%d times)", l.Times)
			}
			fmt.Fprintf(&b, "%s %d%s: %s\n", kind, i+1, times, show.Line(l.String()))
		}
		if len(got.Lines) > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s, %s, %s\n", show.Line(sum.Name), Counted(sum.People, "person", "people"), Counted(sum.Items, "item", "items"), Counted(sum.Wants, "want", "wants"))
		if sum.Rings == 0 {
			b.WriteString("nothing changes hands\n")
		} else {
			rings := inRings(sum.Rings, sum.Chains)
			if m.Graph == nil {
				rings = Counted(sum.Rings, "exchange", "exchanges")
			}
			fmt.Fprintf(&b, "%s in %s%s; %s\n", changeHands(sum.ItemsTraded), rings, lengths(sum), trade(sum.PeopleTrading))
		}
		b.WriteString(proof(sum))
		fmt.Fprintf(&b, "%.2f s, %.0f MiB\n", sum.Seconds, sum.PeakMiB)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// inRings counts rings, of which some are chains.
func inRings(n, chains int) string {
	switch chains {
	case 0:
		return Counted(n, "ring", "rings")
	case n:
		return Counted(n, "chain", "chains")
	}
	return Counted(n-chains, "ring", "rings") + " and " + Counted(chains, "chain", "chains")
}

func changeHands(n int) string {
	if n == 1 {
		return "1 item changes hands"
	}
	return fmt.Sprintf("%s items change hands", group3(int64(n)))
}

func trade(n int) string {
	if n == 1 {
		return "1 person trades"
	}
	return fmt.Sprintf("%s people trade", group3(int64(n)))
}

// lengths says how many rings there are of each length.
func lengths(sum solution) string {
	if sum.Rings == 0 {
		return ""
	}
	var parts []string
	for _, n := range slices.Sorted(maps.Keys(sum.RingLengths)) {
		parts = append(parts, fmt.Sprintf("%d×%d", sum.RingLengths[n], n))
	}
	const most = 12
	if len(parts) > most {
		parts = append(parts[:most], "…")
	}
	return " (" + strings.Join(parts, " ") + ")"
}

// proof says how good the answer is, in words.
func proof(sum solution) string {
	first := sum.Objective[0]
	var b strings.Builder
	switch {
	case sum.Exact:
		fmt.Fprintf(&b, "proven: no choice is better in %s\n", strings.Join(sum.Objective, ", then in "))
	case sum.Optimal:
		fmt.Fprintf(&b, "proven: no choice is better in %s; %s not proven\n", first, strings.Join(sum.Objective[1:], " and ")+isAre(len(sum.Objective)-1))
	case first == "cost":
		fmt.Fprintf(&b, "not proven best: the least cost is between %s and %s\n", amountOf(first, sum.Bound), amountOf(first, sum.Value))
	default:
		gap := 0.0
		if sum.Value > 0 {
			gap = 100 * float64(sum.Bound-sum.Value) / float64(sum.Value)
		}
		fmt.Fprintf(&b, "not proven best: the most in %s is between %s and %s (gap %.2f %%); a longer --time may close it\n", first, amountOf(first, sum.Value), amountOf(first, sum.Bound), gap)
	}
	if first == "expected" {
		fmt.Fprintf(&b, "%s items are expected to change hands\n", amountOf(first, sum.Value))
	}
	if sum.Left != "" {
		fmt.Fprintf(&b, "left out: %s\n", show.Line(sum.Left))
	}
	switch {
	case !sum.Optimal || len(sum.Certifies) == len(sum.Objective):
	case len(sum.Certifies) > 0:
		fmt.Fprintf(&b, "the proof that others can check (--answer) is of %s\n", strings.Join(sum.Certifies, " and "))
	default:
		b.WriteString("there is no proof of that which others could check: who doubts it solves it again\n")
	}
	return b.String()
}

// amountOf writes how much of a goal there is; what is expected is counted in
// millionths.
func amountOf(goal string, n int64) string {
	if goal != deal.Expected.String() {
		return group3(n)
	}
	return group3(n/deal.Certain) + strings.TrimRight(fmt.Sprintf(".%06d", n%deal.Certain), "0.")
}

func isAre(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// Counted writes a number with its noun.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group3(int64(n)) + " " + many
}

// group3 writes an integer with commas.
func group3(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func (t *Tool) saveAnswer(name string, got *problem.Solved) error {
	ans, err := got.Answer()
	if err != nil {
		return err
	}
	data, err := ans.Encode()
	if err != nil {
		return err
	}
	return t.save(name, data)
}
