package fairness

import (
	"slices"

	"sxp"
)

// Shrink returns the smallest case it finds that still breaks the property of
// a case that does, within so many plays. What happens to one message does not
// depend on others, so most faults can be taken away one by one.
func (l *Lab) Shrink(c *Case, property string, plays int) *Case {
	fails := func(try *Case) bool {
		if plays <= 0 {
			return false
		}
		plays--
		o, err := l.Play(try, false)
		return err == nil && slices.ContainsFunc(o.Broken, func(v Violation) bool { return v.Property == property })
	}
	best := c.clone()
	for again := true; again; {
		again = false
		for _, smaller := range best.smaller() {
			if fails(smaller) {
				best, again = smaller, true
				break
			}
		}
	}
	return best
}

func (c *Case) clone() *Case {
	x := *c
	x.Net.Partition = slices.Clone(c.Net.Partition)
	x.Decline, x.Crashes = slices.Clone(c.Decline), slices.Clone(c.Crashes)
	x.Corrupt = Corruption{slices.Clone(c.Corrupt.Parties), slices.Clone(c.Corrupt.Jurors), slices.Clone(c.Corrupt.Plots)}
	x.Clocks = map[Member]sxp.Duration{}
	x.Sets = slices.Clone(c.Sets)
	for k, v := range c.Clocks {
		x.Clocks[k] = v
	}
	return &x
}

// smaller returns cases with one thing less, the largest steps first.
func (c *Case) smaller() []*Case {
	var all []*Case
	add := func(change func(x *Case)) {
		x := c.clone()
		change(x)
		if x.Check() == nil && !x.wilder(c) && x.String() != c.String() {
			all = append(all, x)
		}
	}
	add(func(x *Case) { x.Crashes = nil })
	add(func(x *Case) { x.Sets = nil })
	add(func(x *Case) { x.Clocks = map[Member]sxp.Duration{} })
	add(func(x *Case) { x.Net.Partition = nil })
	add(func(x *Case) { x.Net.Loss, x.Net.Double, x.Net.Replay = 0, 0, 0 })
	add(func(x *Case) { x.dropJurors() })
	for i := c.Parties; i >= 1; i-- {
		add(func(x *Case) { x.dropParty(i) })
	}
	for i := range c.Corrupt.Plots {
		add(func(x *Case) { x.Corrupt.Plots = slices.Delete(x.Corrupt.Plots, i, i+1) })
	}
	for i := range c.Crashes {
		add(func(x *Case) { x.Crashes = slices.Delete(x.Crashes, i, i+1) })
	}
	for i := range c.Net.Partition {
		add(func(x *Case) { x.Net.Partition = slices.Delete(x.Net.Partition, i, i+1) })
	}
	for i := range c.Corrupt.Parties {
		add(func(x *Case) { x.Corrupt.Parties = slices.Delete(x.Corrupt.Parties, i, i+1) })
	}
	for i := range c.Corrupt.Jurors {
		add(func(x *Case) { x.Corrupt.Jurors = slices.Delete(x.Corrupt.Jurors, i, i+1) })
	}
	for i := range c.Sets {
		add(func(x *Case) { x.Sets = slices.Delete(x.Sets, i, i+1) })
	}
	add(func(x *Case) { x.Second = 0 })
	add(func(x *Case) { x.Decline = nil })
	add(func(x *Case) { x.Outside = "" })
	add(func(x *Case) { x.Notary = false })
	add(func(x *Case) { x.Gap = 0 })
	add(func(x *Case) { x.Tap /= 2 })
	add(func(x *Case) { x.Net.Service = 0 })
	add(func(x *Case) { x.Net.Loss = 0 })
	add(func(x *Case) { x.Net.Double = 0 })
	add(func(x *Case) { x.Net.Replay = 0 })
	add(func(x *Case) { x.Net.Delay = max(x.Net.Delay/4, 1) })
	for _, m := range c.clocked() {
		add(func(x *Case) { delete(x.Clocks, m) })
	}
	for i := range c.Crashes {
		add(func(x *Case) {
			x.Crashes[i].Backup = 0
		})
		add(func(x *Case) {
			if x.Crashes[i].Back > 1 {
				x.Crashes[i].Back /= 2
			}
		})
	}
	return all
}

// clocked returns the members whose clocks are off, in order.
func (c *Case) clocked() []Member {
	var out []Member
	for m := range c.Clocks {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Member) int { return int(a.Kind)*10_000 + a.N - int(b.Kind)*10_000 - b.N })
	return out
}

// dropParty takes a party away; those after it move up.
func (c *Case) dropParty(i int) {
	c.Parties--
	move := func(list []int) (out []int) {
		for _, p := range list {
			switch {
			case p < i:
				out = append(out, p)
			case p > i:
				out = append(out, p-1)
			}
		}
		return out
	}
	c.Corrupt.Parties, c.Decline = move(c.Corrupt.Parties), move(c.Decline)
	for k := range c.Net.Partition {
		c.Net.Partition[k].Off = move(c.Net.Partition[k].Off)
	}
	var crashes []Crash
	for _, x := range c.Crashes {
		if x.Who.Kind != Juror && x.Who.N > i {
			x.Who.N--
		} else if x.Who.Kind != Juror && x.Who.N == i {
			continue
		}
		crashes = append(crashes, x)
	}
	c.Crashes = crashes
	c.Sets = slices.DeleteFunc(c.Sets, func(s ClockSet) bool { return s.Who.Kind != Juror && s.Who.N == i })
	for k := range c.Sets {
		if s := &c.Sets[k]; s.Who.Kind != Juror && s.Who.N > i {
			s.Who.N--
		}
	}
	clocks := map[Member]sxp.Duration{}
	for m, d := range c.Clocks {
		switch {
		case m.Kind == Juror || m.N < i:
			clocks[m] = d
		case m.N > i:
			clocks[Member{m.Kind, m.N - 1}] = d
		}
	}
	c.Clocks = clocks
}

// dropJurors takes the last two seats away.
func (c *Case) dropJurors() {
	c.Jurors -= 2
	c.Corrupt.Jurors = slices.DeleteFunc(c.Corrupt.Jurors, func(j int) bool { return j > c.Jurors })
	c.Crashes = slices.DeleteFunc(c.Crashes, func(x Crash) bool { return x.Who.Kind == Juror && x.Who.N > c.Jurors })
	c.Sets = slices.DeleteFunc(c.Sets, func(s ClockSet) bool { return s.Who.Kind == Juror && s.Who.N > c.Jurors+spare })
	for m := range c.Clocks {
		if m.Kind == Juror && m.N > c.Jurors+spare {
			delete(c.Clocks, m)
		}
	}
}

// beyond counts by how many jurors a case is outside the assumptions, as far as
// it can be told without playing it: corrupt ones beyond f, and those that are
// corrupt or away for long.
func (c *Case) beyond() (corrupt, failing int) {
	all := map[int]bool{}
	for _, j := range c.Corrupt.Jurors {
		if j <= c.Jurors { // others have no seat
			all[j] = true
		}
	}
	corrupt = max(len(all)-c.F(), 0)
	for _, x := range c.Crashes {
		if x.Who.Kind == Juror && (x.Back == 0 || x.Back > shortCrash) {
			all[x.Who.N] = true
		}
	}
	return corrupt, max(len(all)-c.F(), 0)
}

// wilder reports whether a case is further outside the assumptions.
func (c *Case) wilder(than *Case) bool {
	a, b := c.beyond()
	x, y := than.beyond()
	return a > x || b > y
}
