package fairness

import (
	"slices"

	"sxp"
)

// A Range says which cases Draw draws. The zero Range is of everything within
// the assumptions.
type Range struct {
	MaxParties int      // 0: 12
	MaxJurors  int      // 0: 101
	Exact      bool     // not at most so many, but exactly
	Real       bool     // real points
	Plots      []string // these only; none: all
	Beyond     string   // leave this assumption, see Beyond
}

// Draw draws the case of a seed. Small juries and few parties are most likely:
// their runs are quick, and every rule shows in them.
func Draw(seed uint64, rg Range) *Case {
	d := at(seed, 'c')
	c := &Case{Seed: seed, Real: rg.Real, Beyond: rg.Beyond, Clocks: map[Member]sxp.Duration{}}
	c.size(&d, rg)
	spans := spans()
	c.Spans = spans[d.below(len(spans))]
	c.Notary = c.Jurors == 1 && d.chance(100)
	c.network(&d)
	c.people(&d)
	c.clocks(&d)
	c.clockSets()
	c.corrupt(&d, rg)
	c.stops(&d)
	if o := at(seed, 'o'); c.Beyond == "" && o.chance(30) {
		if c.Outside = Outside()[o.below(len(Outside()))]; !c.canBeOutside() {
			c.Outside = "delta"
		}
	}
	if len(c.Clocks) == 0 {
		c.Clocks = nil
	}
	return c
}

// spans are those of the proposals that are drawn: tight ones, in which a
// message may take a good part of everything, and wide ones.
func spans() []Spans {
	return []Spans{
		{Delta: 1000, L: 2000, Epsilon: 500, Patience: 1000, Horizon: 20_000},
		{Delta: 400, L: 1000, Epsilon: 300, Patience: 500, Horizon: 6000},
		{Delta: 300, L: 3000, Epsilon: 900, Patience: 1500, Horizon: 9000},
	}
}

func (c *Case) size(d *dice, rg Range) {
	maxN, maxJ := rg.MaxParties, rg.MaxJurors
	if maxN == 0 {
		maxN = sxp.MaxParties
	}
	if maxJ == 0 {
		maxJ = sxp.MaxJury
	}
	c.Parties = 2 + d.below(3)
	if d.chance(30) {
		c.Parties = 2 + d.below(maxN-1)
	}
	c.Jurors = []int{1, 3, 3, 5}[d.below(4)]
	switch {
	case d.chance(2):
		c.Jurors = 1 + 2*d.below((maxJ+1)/2)
	case d.chance(20):
		c.Jurors = 7 + 2*d.below(5)
	}
	big := at(c.Seed, 'b') // of a million: some hundred of every n, thousands of every N, and both together
	if big.chance(40) {
		c.Parties = 2 + big.below(maxN-1)
	}
	if big.chance(5) {
		c.Jurors = 1 + 2*big.below((maxJ+1)/2)
		if big.chance(300) {
			c.Parties = 2 + big.below(maxN-1)
		}
	}
	c.Parties, c.Jurors = min(c.Parties, maxN), min(c.Jurors, maxJ)
	if rg.Exact {
		c.Parties, c.Jurors = maxN, maxJ
	}
}

func (c *Case) network(d *dice) {
	s := c.Spans
	delays := []sxp.Duration{10, 10, s.Delta / 4, s.Delta, 3 * s.Delta, s.Horizon / 4}
	c.Net.Delay = delays[d.below(len(delays))]
	if d.chance(400) {
		c.Net.Loss = []int{20, 100, 300, 500}[d.below(4)]
	}
	if d.chance(300) {
		c.Net.Double = 50 + d.below(300)
	}
	if d.chance(300) {
		c.Net.Replay = 50 + d.below(300)
	}
	if d.chance(150) {
		c.Net.Service = d.span(1, max(s.Delta/sxp.Duration(12*(c.Jurors+2*c.Parties)), 1))
	}
	end := s.Horizon + sxp.Duration(c.F()+1)*s.Delta
	for d.chance(200) && len(c.Net.Partition) < 3 {
		from := d.span(0, s.Horizon)
		p := Partition{From: from, To: from + d.span(1, s.Horizon)}
		for i := range c.Parties {
			if d.chance(500) {
				p.Off = append(p.Off, i+1)
			}
		}
		c.Net.Partition = append(c.Net.Partition, p)
		end = max(end, p.To)
	}
	c.Net.Quiet = end + d.span(0, s.Horizon/2)
	if d.chance(150) {
		c.Gap = s.Delta / 2
	}
}

func (c *Case) people(d *dice) {
	s := c.Spans
	c.Tap = []sxp.Duration{0, 0, s.Patience, s.Horizon / 2}[d.below(4)]
	if d.chance(30) {
		c.Decline = []int{1 + d.below(c.Parties)}
	}
	if d.chance(100) {
		c.Second = d.span(1, s.Horizon-s.L-s.Epsilon-s.Patience)
	}
}

// clocks are within ε of each other, and those of jurors within Δ/3.
func (c *Case) clocks(d *dice) {
	s := c.Spans
	e, apart := s.Epsilon/2, s.Delta/6
	if d.chance(400) && c.Beyond != "clock" {
		return
	}
	apart = min(apart, e)
	base := d.span(-(e - apart), e-apart)
	if c.Beyond == "clock" { // jurors take what is in time for late
		base = d.span(s.L+s.Epsilon, s.Horizon-s.L)
	}
	for i := range c.Parties {
		c.Clocks[Member{Party, i + 1}] = d.span(-e, e)
		c.Clocks[Member{Watcher, i + 1}] = d.span(-e, e)
	}
	for j := range c.Jurors + spare {
		c.Clocks[Member{Juror, j + 1}] = base + d.span(-apart, apart)
	}
}

// clockSets has clocks that are off be set again and again, forwards and
// backwards, by no more than they may be off: often around the moments at which
// rules change. One step of a juror's clock is less than Δ/4: a longer one looks
// like an outage to a juror that must be heard of every Δ/2, and it abstains.
func (c *Case) clockSets() {
	d := at(c.Seed, 'k')
	if len(c.Clocks) == 0 || c.Beyond == "clock" || d.chance(500) {
		return
	}
	s := c.Spans
	e, edges := s.Epsilon/2, []sxp.Duration{s.Horizon - s.L - s.Epsilon - s.Patience, s.Horizon - s.L - s.Epsilon, s.Horizon}
	for k := range c.F() + 1 {
		edges = append(edges, s.Horizon+sxp.Duration(k+1)*s.Delta)
	}
	for _, m := range c.clocked() {
		for range d.below(5) {
			ahead := d.span(-e, e)
			if m.Kind == Juror {
				own, step := c.Clocks[m], s.Delta/8-2
				ahead = c.Clocks[Member{Juror, 1 + d.below(c.Jurors)}] // near enough to all others
				ahead = min(max(ahead, own-step), own+step)
			}
			t := d.span(0, s.Horizon+sxp.Duration(c.F()+2)*s.Delta)
			if d.chance(600) {
				t = edges[d.below(len(edges))] + d.span(-2*e, 2*e)
			}
			c.Sets = append(c.Sets, ClockSet{m, max(t, 0), ahead})
		}
	}
}

// corrupt draws who is corrupt and what they do.
func (c *Case) corrupt(d *dice, rg Range) {
	if d.chance(150) && c.Beyond != "corrupt" && !c.away() {
		return // all are honest
	}
	if d.chance(750) || c.Beyond == "corrupt" || c.away() {
		order, k := d.perm(c.Parties), 1+d.below(c.Parties-1)
		for _, i := range order[:k] {
			c.Corrupt.Parties = append(c.Corrupt.Parties, i+1)
		}
	}
	k := 0
	if f := c.F(); f > 0 && d.chance(650) {
		k = 1 + d.below(f)
	}
	switch {
	case c.Beyond == "corrupt":
		k = c.F() + 1
	case c.away():
		k = c.F()
	}
	for _, j := range d.perm(c.Jurors)[:k] {
		c.Corrupt.Jurors = append(c.Corrupt.Jurors, j+1)
	}
	slices.Sort(c.Corrupt.Parties)
	slices.Sort(c.Corrupt.Jurors)
	var fit []string
	for _, p := range Plots() {
		ok := (!p.Party || len(c.Corrupt.Parties) > 0) && (!p.Juror || len(c.Corrupt.Jurors) > 0) && (!p.Real || c.Real)
		if ok && (len(rg.Plots) == 0 || slices.Contains(rg.Plots, p.Name)) {
			fit = append(fit, p.Name)
		}
	}
	for _, i := range d.perm(len(fit))[:min(len(fit), 1+d.below(3))] {
		c.Corrupt.Plots = append(c.Corrupt.Plots, fit[i])
	}
	if c.Second == 0 && (slices.Contains(c.Corrupt.Plots, "attempts") || slices.Contains(c.Corrupt.Plots, "reuse")) {
		s := c.Spans
		c.Second = d.span(1, s.Horizon-s.L-s.Epsilon-s.Patience)
	}
	if c.Second == 0 && slices.Contains(c.Corrupt.Plots, "grind") { // friends on the roll that the honest draw passes over
		for j := range spare {
			c.Corrupt.Jurors = append(c.Corrupt.Jurors, c.Jurors+j+1)
		}
	}
}

// stops draws who is away when.
func (c *Case) stops(d *dice) {
	s := c.Spans
	if c.away() {
		c.outage(d)
		return
	}
	if d.chance(350) {
		return
	}
	b := at(c.Seed, 'b')
	for i := range c.Parties {
		if d.chance(350) {
			crash := Crash{Who: Member{Party, i + 1}, Effect: 1 + d.below(6+6*c.Parties), Before: d.chance(500)}
			switch d.below(4) {
			case 0: // for ever
			case 1:
				crash.Back = 1
			default:
				crash.Back = d.span(1, 2*s.Horizon)
			}
			if b.chance(250) && crash.Back > 0 {
				crash.Backup = 1 + b.below(5)
			}
			c.Crashes = append(c.Crashes, crash)
		}
		if d.chance(250) {
			c.Crashes = append(c.Crashes, Crash{Who: Member{Watcher, i + 1}, Effect: 1 + d.below(8), Before: d.chance(500), Back: d.span(1, s.L/8)})
		}
	}
	budget := c.F()
	for _, j := range c.Corrupt.Jurors {
		if j <= c.Jurors {
			budget--
		}
	}
	for j := range c.Jurors {
		if slices.Contains(c.Corrupt.Jurors, j+1) || !d.chance(300) {
			continue
		}
		crash := Crash{Who: Member{Juror, j + 1}, Effect: 1 + d.below(4+2*c.Jurors), Before: d.chance(500), Back: d.span(1, shortCrash)}
		if budget > 0 && d.chance(400) {
			budget--
			crash.Back = []sxp.Duration{0, d.span(1, 2*s.Delta), d.span(1, s.Horizon)}[d.below(3)]
		}
		c.Crashes = append(c.Crashes, crash)
	}
}

// outage takes one honest juror away beside the f corrupt ones, at an effect
// that is likely to be between its write of a claim and its messages.
func (c *Case) outage(d *dice) {
	for _, j := range d.perm(c.Jurors) {
		if !slices.Contains(c.Corrupt.Jurors, j+1) {
			longest := c.Spans.Horizon
			if c.Beyond == "slow outage" {
				longest = c.Spans.Delta // it comes back to pass on what it took
			}
			back := d.span(shortCrash+1, longest)
			c.Crashes = append(c.Crashes, Crash{Who: Member{Juror, j + 1}, Effect: 1 + d.below(3+c.Jurors), Before: d.chance(500), Back: back})
			return
		}
	}
}
