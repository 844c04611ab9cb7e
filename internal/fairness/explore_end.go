package fairness

import (
	"fmt"
	"strings"

	"sxp"
	"sxp/contract"
)

// askings is how often parties ask the jury at the end of an exploration.
const askings = 4

// end lets a state in which the last deadline has come run out, with all that
// corrupt jurors can answer.
func (x *explorer) end(n int32) {
	at := x.nodes[n].at
	x.eachMood(at, func() {
		last := at
		for k := x.last + 1; k < len(x.times) && !x.over(last); k++ {
			x.settle(&last)
			x.pass(&last, k)
		}
		x.settle(&last)
		x.found.Ends++
		v, ok := x.verdicts[last]
		if !ok {
			v = x.judge(last)
			x.verdicts[last] = v
		}
		x.found.Results[v.result]++
		if v.broken != "" && len(x.found.Broken) < 10 {
			x.found.Broken = append(x.found.Broken, x.tell(n, v.broken))
		}
	})
}

// A finding is what the judge says of an end.
type finding struct{ result, broken string }

// over reports whether all parties have a last word.
func (x *explorer) over(at joint) bool {
	for i, m := range x.members {
		if m.Kind == Party {
			switch x.local(at, i).facts.Phase {
			case contract.PhaseDone, contract.PhaseVoid, contract.PhaseLapsed, contract.PhaseDeclined:
			default:
				return false
			}
		}
	}
	return true
}

// allDone reports whether every honest party has the contract, so that nothing
// can be taken from any of them. What else jurors may do they may do as well
// while the last message to a party is still under way.
func (x *explorer) allDone(at joint) bool {
	for i, m := range x.members {
		if m.Kind == Party && x.local(at, i).facts.Phase != contract.PhaseDone {
			return false
		}
	}
	return true
}

// settle delivers all that honest members have sent until nothing changes.
func (x *explorer) settle(at *joint) {
	for before := *at; ; before = *at {
		for i := range x.members {
			for _, ev := range x.local(*at, i).sent {
				x.drain(at, []int32{ev})
			}
		}
		if before == *at {
			return
		}
	}
}

// judge holds the properties against an end.
func (x *explorer) judge(at joint) finding {
	p := x.w.proposals[0]
	query := p.VoidAfter().Add(p.Epsilon)
	r := run{c: x.c, w: x.w, facts: Facts{Case: x.c, Counts: map[string]int{}, Scheduled: true, QueryFrom: query, Quiet: query}}
	parties := make([]*PartyFacts, x.c.Parties)
	for i := range parties {
		parties[i] = &PartyFacts{Party: i + 1, Corrupt: x.corrupt(Member{Party, i + 1})}
	}
	exists, opened := x.knows(at)&knowsS != 0, 0
	for i, m := range x.members {
		l := x.local(at, i)
		switch m.Kind {
		case Party:
			parties[m.N-1] = &l.facts
			exists = exists || l.facts.Phase == contract.PhaseDone
		case Juror:
			w := &Words{Endorsed: l.flags&didEndorse != 0, Opened: l.flags&didOpen != 0 || l.standing == contract.Completed, Voided: l.flags&didVoid != 0}
			if w.Opened { // to anybody who asks later
				opened++
			}
			r.facts.Jurors = append(r.facts.Jurors, &JurorFacts{Juror: m.N, Up: true, Said: map[sxp.Hash]*Words{x.plan.m: w}})
		}
	}
	for _, n := range x.c.Corrupt.Jurors {
		r.facts.Jurors = append(r.facts.Jurors, &JurorFacts{Juror: n, Corrupt: true, Failing: true, Said: map[sxp.Hash]*Words{}})
		if x.knows(at)&knowsClaim != 0 {
			opened++
		}
	}
	if exists || opened >= x.plan.pre.T {
		r.facts.Exists = []Existence{{0, x.plan.m}}
	}
	r.facts.Parties = [][]*PartyFacts{parties}
	r.facts.Juries = [][]int{{}}
	for seat := range x.plan.pre.Jury {
		r.facts.Juries[0] = append(r.facts.Juries[0], x.jurorOf(seat+1).N)
	}
	var bad strings.Builder
	for _, v := range Judge(&r.facts) {
		fmt.Fprintf(&bad, "BROKEN: %s: %s\n", v.Property, v.What)
	}
	return finding{r.result(), bad.String()}
}
