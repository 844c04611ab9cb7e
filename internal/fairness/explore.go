package fairness

import (
	"fmt"
	"slices"
	"strings"

	"sxp"
)

// An Exploration is what playing every order of messages came to.
type Exploration struct {
	States  int            // of all honest members together, that differ
	Steps   int            // from a state to a state, all that are possible
	Done    int            // steps to where all honest parties have the contract, which goes no further
	Ends    int            // states in which the last deadline has passed, each with all answers of corrupt jurors
	Locals  map[string]int // states of single members, by member: so often the real machine was asked
	Results map[string]int // how the ends ended, see Results
	Broken  []string       // conversations of runs that broke a property, at most ten
	Cut     bool           // there were more states than allowed
}

// Explore plays a case in every order in which messages can be delivered, and
// lets time pass at every point where the assumptions let it.
//
// Time stands still while messages are delivered, and passes from one deadline
// to the next: the start, T_c−W, T_c, D, then once for each of the f+1 rounds of
// the jury. At each of them a machine is told the time, and between them when it
// asked for it. At any moment any message that an honest member has sent may be
// delivered, whenever it was sent and however often it was delivered before, or
// time may pass. So acceptances, promises, lodgings, releases, results, claims
// and relayed claims are delayed, repeated and overtake each other in every way.
// Two things may not be passed over: time passes no further than Δ after an
// honest juror has sent another a claim, unless that has it; and not beyond D
// after an honest party's watcher has filed, unless some honest juror has it.
//
// Corrupt members hear everything at once and say what they like, to anybody, at
// any moment and in any order, or nothing: a corrupt party its acceptance, its
// promise, its signature, S, and the claim, as soon as it can know each; a
// corrupt juror its endorsement alone or with any of those it has seen, and
// whether it answers. What they sign twice with different contents, and what
// does not verify, is left to plots.
//
// Where all honest parties have the contract nothing can be taken from them, and
// what jurors may do then they may do while the last message to a party is under
// way: so nothing is looked at after that.
//
// At the end what honest members sent is delivered and the parties ask, corrupt
// jurors answer each party with nothing, with a void or with their shares, in
// every combination, and the properties are judged.
//
// The machines are the real ones, with ideal points. A state is what all honest
// members' machines hold in memory, field by field, with what they have sent:
// two prefixes are one state only if no future can tell them apart. The same
// step of the same machine is computed once. To keep the number of states down,
// answers come at once, and an honest party's own claims reach nobody (its
// watcher's do: it is the same claim). With several jurors also: what honest
// parties tell watchers they learn at once (or, with Net.Loss, at the end only),
// and a watcher's claim gets no answer, nor do opened shares pass from juror to
// juror: the parties have to ask for them.
//
// With Case.Beyond "watcher" and "delta" time passes over what may not be passed
// over. It fails for a case that cannot be played. Beyond limit states it stops
// and says so.
func (l *Lab) Explore(c *Case, limit int) (*Exploration, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	x := newExplorer(l, c)
	x.search(limit)
	return &x.found, nil
}

// A joint is a state of all honest members: the number of each one's local
// state, in the order of explorer.members.
type joint [maxActors]uint32

// maxActors bounds the honest members of an exploration, their watchers included.
const maxActors = 8

// node is a joint state with how it was first reached.
type node struct {
	at   joint
	from int32
	by   int32 // a happening, or what passing names
}

// explorer searches one case.
type explorer struct {
	l       *Lab
	c       *Case
	w       *world
	members []Member
	index   map[Member]int
	times   []sxp.Time // by number: the deadlines, then when the parties ask
	last    int        // number of the last deadline

	happenings []*happening
	named      map[string]int32
	locals     [][]*local
	prints     []map[sxp.Hash]*local
	plan       scheme

	nodes []node
	seen  map[joint]int32
	todo  []int32 // nodes to expand, the last first
	found Exploration

	verdicts map[joint]finding
}

func newExplorer(l *Lab, c *Case) *explorer {
	x := &explorer{l: l, c: c, w: l.world(c), index: map[Member]int{}, named: map[string]int32{}, seen: map[joint]int32{}, verdicts: map[joint]finding{}}
	x.found.Results, x.found.Locals = map[string]int{}, map[string]int{}
	p := x.w.proposals[0]
	x.times = []sxp.Time{start, p.ReleaseBefore(), p.ClaimAt(), p.Deadline}
	for round := range p.F + 1 {
		x.times = append(x.times, p.Deadline.Add(sxp.Duration(round+1)*p.Delta))
	}
	x.last = len(x.times) - 1
	for round := range askings {
		x.times = append(x.times, p.VoidAfter().Add(p.Epsilon+sxp.Duration(round*round)*p.L))
	}
	for _, kind := range []Kind{Party, Watcher, Juror} {
		n := c.Parties
		if kind == Juror {
			n = c.Jurors
		}
		for i := range n {
			m := Member{kind, i + 1}
			if !x.corrupt(m) {
				x.index[m] = len(x.members)
				x.members = append(x.members, m)
			}
		}
	}
	if len(x.members) > maxActors {
		panic(fmt.Sprintf("fairness: %d members are too many to explore", len(x.members)))
	}
	x.locals = make([][]*local, len(x.members))
	x.prints = make([]map[sxp.Hash]*local, len(x.members))
	x.scheme()
	return x
}

// narrow reports whether what Explore says of several jurors holds.
func (x *explorer) narrow() bool { return x.c.Jurors > 1 }

// corrupt reports whether the adversary holds a member, or the party of a watcher.
func (x *explorer) corrupt(m Member) bool {
	if m.Kind == Juror {
		return slices.Contains(x.c.Corrupt.Jurors, m.N)
	}
	return slices.Contains(x.c.Corrupt.Parties, m.N)
}

func (x *explorer) local(at joint, i int) *local { return x.locals[i][at[i]] }

// search visits every state once.
func (x *explorer) search(limit int) {
	first := joint{}
	var outs []int32
	for i, m := range x.members {
		l := x.root(i, m)
		first[i] = l.id
		outs = append(outs, l.outs...)
	}
	x.drain(&first, outs)
	x.reach(first, -1, 0)
	for len(x.todo) > 0 {
		if len(x.nodes) > limit {
			x.found.Cut = true
			break
		}
		n := x.todo[len(x.todo)-1]
		x.todo = x.todo[:len(x.todo)-1]
		x.expand(n)
	}
	x.found.States = len(x.nodes)
	for i, m := range x.members {
		x.found.Locals[m.String()] = len(x.locals[i])
	}
}

// reach notes a state.
func (x *explorer) reach(at joint, from, by int32) {
	if _, ok := x.seen[at]; ok {
		return
	}
	if x.allDone(at) {
		x.found.Done++
		return
	}
	x.seen[at] = int32(len(x.nodes))
	x.todo = append(x.todo, int32(len(x.nodes)))
	x.nodes = append(x.nodes, node{at, from, by})
}

// expand does all that can happen next in a state.
func (x *explorer) expand(n int32) {
	at, stuck := x.nodes[n].at, true
	step := func(ev int32) {
		next := at
		x.drain(&next, []int32{ev})
		if next != at {
			stuck = false
			x.found.Steps++
			x.reach(next, n, ev)
		}
	}
	for i := range x.members {
		for _, ev := range x.local(at, i).sent {
			if x.happenings[ev].kind != telling || !x.narrow() {
				step(ev)
			}
		}
	}
	known := x.knows(at)
	for _, act := range x.plan.acts {
		if act.needs&^known == 0 {
			step(act.ev)
		}
	}
	k := x.local(at, 0).time + 1
	if k > x.last {
		x.end(n)
		return
	}
	if x.mayPass(at, k) {
		next := at
		x.pass(&next, k)
		x.found.Steps++
		x.reach(next, n, passing(k))
	} else if stuck && len(x.found.Broken) < 10 {
		x.found.Broken = append(x.found.Broken, x.tell(n, "BROKEN: a claim that comes in time is not accepted\n"))
	}
}

// drain delivers happenings, and what follows from them at once.
func (x *explorer) drain(at *joint, queue []int32) {
	for n := 0; n < len(queue); n++ {
		ev := queue[n]
		if question := x.happenings[ev]; question.to < 0 {
			if ev = question.says[x.plan.mood[question.from.N-1]]; ev < 0 {
				continue
			}
		}
		i := x.happenings[ev].to
		e := x.edge(i, x.local(*at, i), ev)
		at[i] = e.to
		if len(e.outs) > 0 {
			queue = append(slices.Clip(queue), e.outs...)
		}
	}
}

// pass lets time pass for everybody.
func (x *explorer) pass(at *joint, k int) {
	var outs []int32
	for i := range x.members {
		e := x.edge(i, x.local(*at, i), passing(k))
		at[i] = e.to
		outs = append(outs, e.outs...)
	}
	x.drain(at, outs)
}

// passing names the passing of time up to a moment.
func passing(k int) int32 { return int32(-1 - k) }

// mayPass reports whether the assumptions let time pass: what honest jurors say
// to each other comes within Δ, and one of them has heard a watcher by D.
func (x *explorer) mayPass(at joint, k int) bool {
	heard, filed := false, false
	for i, m := range x.members {
		switch l := x.local(at, i); m.Kind {
		case Juror:
			heard = heard || l.standing != ""
		case Watcher:
			filed = filed || l.flags&didFile != 0 && l.flags&hasResult == 0
		}
	}
	d := x.w.proposals[0].Deadline
	if x.times[k-1] <= d && x.times[k] > d && filed && !heard && x.c.Beyond != "watcher" {
		return false
	}
	if x.c.Beyond == "delta" {
		return true
	}
	for i, m := range x.members {
		l := x.local(at, i)
		if m.Kind != Juror || l.forwarded == 0 || l.forwarded.Add(x.c.Spans.Delta) >= x.times[k] {
			continue
		}
		for j, to := range x.members {
			if to.Kind == Juror && x.local(at, j).standing == "" {
				return false
			}
		}
	}
	return true
}

// tell describes how a state was first reached, and what came of it.
func (x *explorer) tell(n int32, end string) string {
	var lines []string
	for ; n >= 0; n = x.nodes[n].from {
		by, at := x.nodes[n].by, x.nodes[n].at
		when := x.times[x.local(at, 0).time] - start
		switch {
		case x.nodes[n].from < 0:
			lines = append(lines, "all have the proposal and accept")
		case by < 0:
			lines = append(lines, fmt.Sprintf("%7d  time has passed", when))
		default:
			lines = append(lines, fmt.Sprintf("%7d  %s", when, x.happenings[by].what))
		}
	}
	slices.Reverse(lines)
	return Header(x.c) + strings.Join(lines, "\n") + "\n" + end
}

// describe names a message for people.
func describe(from, to Member, what string) string {
	return fmt.Sprintf("%s → %s: %s", from, to, what)
}
