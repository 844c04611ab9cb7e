package fairness

import (
	"fmt"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// An Outcome is what a case came to.
type Outcome struct {
	Broken   []Violation      `json:"broken,omitempty"` // properties that did not hold
	Result   string           `json:"result"`           // see Results
	Parties  []contract.Phase `json:"parties"`          // how each ended in the last attempt that came about; "stopped", "corrupt"
	Messages int              `json:"messages"`
	ToJurors int              `json:"toJurors"`
	Counts   map[string]int   `json:"counts"` // how often what happened, for coverage
	Talk     string           `json:"-"`      // who sent what when, if asked for
}

// Results lists what a run can come to for its honest parties: all signed with
// each other; the jury completed it; the jury voided it; nobody promised; the
// jury voided it for some who had released (unsettled by right); some are
// bound, because too many jurors were away to certify a void; there is no
// honest party left.
func Results() []string {
	return []string{"direct", "jury", "void", "lapsed", "unsettled", "open", "nobody"}
}

// Play plays a case and judges it. With talk the outcome holds the
// conversation. It fails with sxp.Invalid for a case that cannot be played.
func (l *Lab) Play(c *Case, talk bool) (*Outcome, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var b *strings.Builder
	if talk {
		b = new(strings.Builder)
	}
	r := newRun(l, c, b)
	r.play()
	return r.outcome(), nil
}

// outcome closes a run.
func (r *run) outcome() *Outcome {
	r.conclude()
	o := &Outcome{Broken: Judge(&r.facts), Messages: r.facts.Messages, ToJurors: r.facts.ToJurors, Counts: r.facts.Counts}
	o.Result = r.result()
	last := r.facts.Parties[len(r.facts.Parties)-1]
	for _, p := range last {
		switch {
		case p.Corrupt:
			o.Parties = append(o.Parties, "corrupt")
		case p.Stopped:
			o.Parties = append(o.Parties, "stopped")
		default:
			o.Parties = append(o.Parties, p.Phase)
		}
	}
	if r.talk != nil {
		for _, v := range o.Broken {
			fmt.Fprintf(r.talk, "BROKEN: %s: %s\n", v.Property, v.What)
		}
		o.Talk = r.talk.String()
	}
	return o
}

// conclude gathers the facts.
func (r *run) conclude() {
	f := &r.facts
	c := r.c
	f.Disturbed = len(c.Crashes) > 0 || c.Net.Loss > 0 || len(c.Net.Partition) > 0
	for a := range r.w.proposals {
		var list []*PartyFacts
		for _, p := range r.parties {
			pf := p.facts[a]
			pf.CanAsk = p.canAsk(a)
			pf.Stopped = p.stopped
			if p.m[a] != nil && !p.down {
				pf.Phase = p.m[a].View().Phase
			}
			list = append(list, pf)
		}
		f.Parties = append(f.Parties, list)
		var jury []int
		for _, id := range r.w.juries[a] {
			jury = append(jury, r.w.jurorN(id))
		}
		f.Juries = append(f.Juries, jury)
	}
	for _, j := range r.jurors {
		if j != nil {
			j.close()
			f.Jurors = append(f.Jurors, j.facts)
		}
	}
	for _, p := range r.parties {
		if r.lost(p.i) {
			for _, raw := range p.inbox {
				r.adv.know.message(raw)
			}
		}
	}
	r.adv.know.look()
	r.existing()
}

// canAsk reports whether a party knows of which m to ask its watcher, which has
// the contract.
func (p *party) canAsk(attempt int) (has bool) {
	if p.m[attempt] == nil || p.m[attempt].Preimage() == nil || p.own.down || p.own.m == nil {
		return false
	}
	acts, err := p.own.m.Step(contract.Asked{Now: p.own.now(), From: p.id, M: p.m[attempt].View().M})
	if err != nil {
		return false
	}
	for _, a := range acts {
		if answer, ok := a.(contract.Reply); ok {
			has = has || len(answer.Answer.Result) > 0
		}
	}
	return has
}

// close takes what a juror would tell anybody who asks after the run.
func (j *juror) close() {
	j.facts.Failing = j.r.failing(j.who.N)
	_, most := j.r.ahead(j.who)
	since := j.r.w.proposals[0].Deadline.Add(-most)
	j.facts.Up = !j.down && j.lastBack < since
	for _, k := range j.r.adv.know.sessions {
		if !j.corrupt && !j.stopped && j.m.Standing(k.m) == contract.Completed {
			j.facts.words(k.m).Opened = true
		}
	}
}

// existing finds the sessions whose contract somebody has.
func (r *run) existing() {
	xs := func(k *known) (out []bls.G2) {
		for i := range k.pre.Parties {
			out = append(out, k.pre.Parties[i].X)
		}
		return out
	}
	for _, k := range r.adv.know.sessions {
		_, ok := k.complete(r)
		for _, p := range r.facts.Parties[k.attempt] {
			if p.S != (bls.G1{}) && p.M == k.m {
				err := r.w.algebra.Aggregate(k.m, xs(k), p.S)
				if err != nil && !p.Corrupt {
					panic("fairness: a party is done with what does not verify")
				}
				ok = ok || err == nil
			}
		}
		if ok {
			r.facts.Exists = append(r.facts.Exists, Existence{k.attempt, k.m})
		}
	}
}

// result names what the run came to; where attempts differ, the best.
func (r *run) result() string {
	byJury, seen := false, map[contract.Phase]int{}
	r.facts.each(func(_ int, p *PartyFacts) {
		seen[p.Phase]++
		byJury = byJury || p.ByJury
	})
	switch {
	case len(seen) == 0:
		return "nobody"
	case seen[contract.PhaseDone] > 0 && byJury:
		return "jury"
	case seen[contract.PhaseDone] > 0:
		return "direct"
	case seen[contract.PhasePromised]+seen[contract.PhaseReleased] > 0:
		return "open"
	case seen[contract.PhaseUnsettled] > 0:
		return "unsettled"
	case seen[contract.PhaseVoid] > 0:
		return "void"
	}
	return "lapsed"
}

// Header describes a case for people, as the first lines of a conversation.
func Header(c *Case) string {
	s := c.Spans
	return fmt.Sprintf("# %d parties, %d jurors, f = %d. Times are milliseconds from the proposal; Δ %d, L %d, ε %d, W %d, T_c−W %d, T_c %d, D %d, void after %d.\n# %s\n",
		c.Parties, c.Jurors, c.F(), s.Delta, s.L, s.Epsilon, s.Patience, s.Horizon-s.L-s.Epsilon-s.Patience, s.Horizon-s.L-s.Epsilon, s.Horizon,
		s.Horizon+sxp.Duration(c.F()+1)*s.Delta, c)
}
