package fairness

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
)

// An Exploration is what playing every order of messages came to.
type Exploration struct {
	States  int            // that differ
	Runs    int            // to the end
	Results map[string]int // how they ended, see Results
	Broken  []string       // conversations of runs that broke a property, at most ten
	Cut     bool           // there were more states than allowed
}

// Explore plays a case in every order in which messages can be delivered, and
// lets time pass at every point where the assumptions let it.
//
// Time stands still while messages are delivered, and passes from one deadline
// to the next: the start, T_c−W, T_c, D, then once for each of the f+1 rounds of
// the jury. Whenever messages wait, any of them may be next, or time may pass:
// then those that wait go on waiting. Two kinds may not be passed over: what
// honest jurors say to each other, and at D a watcher's claim to the one juror
// that assumption 3 gives it. At the end what honest members sent arrives in
// the order in which it was sent, and what corrupt ones sent never does: so a
// corrupt party may withhold any message from anybody, for ever or until any
// deadline.
//
// That is: acceptances, promises, releases, results, lodgings, claims and
// relayed claims in every order. To keep the number of states down, an honest
// party's own claims reach nobody (its watcher's do, which assumption 3 is
// about), what it tells watchers they learn at once (or, with Loss, never),
// whoever is corrupt hears of everything at
// once (and may keep its answer back), a corrupt party's watcher does nothing
// that the party does not do itself, answers return at once, questions and opened shares are not delayed, a
// message that waits is not sent once more, and acceptances and promises that
// have missed T_c−W wait until the end.
//
// Two prefixes are taken for the same if every member has the same on its disk
// and was given the same messages since the last deadline, and the same
// messages wait. What machines keep in memory only (when they last tried
// something) is a function of that, but for the order within one moment.
//
// It fails for a case that cannot be played. Beyond limit states it stops and
// says so.
func (l *Lab) Explore(c *Case, limit int) (*Exploration, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	x := &Exploration{Results: map[string]int{}}
	seen := map[sxp.Hash]bool{}
	todo := [][]int{nil}
	for len(todo) > 0 {
		if len(seen) > limit {
			x.Cut = true
			break
		}
		path := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		r := newRun(l, c, nil)
		p := newPicker(r)
		p.follow(path)
		for {
			n := p.choices()
			if n == 0 {
				break
			}
			h := p.fingerprint()
			if seen[h] {
				p = nil
				break
			}
			seen[h] = true
			for i := n - 1; i > 0; i-- {
				todo = append(todo, append(slices.Clone(p.path), i))
			}
			p.choose(0)
		}
		if p == nil {
			continue
		}
		o := p.finish()
		x.Runs++
		x.Results[o.Result]++
		if len(o.Broken) > 0 && len(x.Broken) < 10 {
			x.Broken = append(x.Broken, l.tell(c, p.path))
		}
	}
	x.States = len(seen)
	return x, nil
}

// tell plays one path again, with its conversation.
func (l *Lab) tell(c *Case, path []int) string {
	r := newRun(l, c, new(strings.Builder))
	p := newPicker(r)
	p.follow(path)
	return Header(c) + p.finish().Talk
}

// A picker decides which message is delivered next, in the place of time.
type picker struct {
	r       *run
	path    []int
	waiting []waiting
	open    []int           // of waiting, those that may be next
	given   map[string]bool // since the last deadline
	epochs  []sxp.Time      // deadlines that lie ahead
	over    bool
}

func newPicker(r *run) *picker {
	p := r.w.proposals[0]
	k := &picker{r: r, given: map[string]bool{}, epochs: []sxp.Time{p.ReleaseBefore(), p.ClaimAt(), p.Deadline}}
	for round := range p.F + 1 {
		k.epochs = append(k.epochs, p.Deadline.Add(sxp.Duration(round+1)*p.Delta))
	}
	r.picker = k
	k.drain()
	return k
}

// take keeps a message until it is chosen.
func (p *picker) take(r *run, o *out) bool {
	if p.over {
		return false
	}
	corrupt := r.adv.holds(o.from)
	theirs := r.adv.holds(o.to) || o.to.Kind == Watcher && r.adv.holds(Member{Party, o.to.N})
	switch {
	case o.kind == asking, o.kind == sharing, theirs, o.kind == telling && !corrupt && r.c.Net.Loss == 0:
		r.at(r.now, func() { r.arrive(o) })
		return true
	case o.kind == telling && !corrupt, o.kind == claiming && o.from.Kind == Party && !corrupt,
		o.from.Kind == Watcher && r.adv.holds(Member{Party, o.from.N}):
		return true
	}
	if name := o.name(); p.given[name] || slices.ContainsFunc(p.waiting, func(w waiting) bool { return w.name == name }) {
		return true
	} else {
		p.waiting = append(p.waiting, waiting{o, name, contract.TypeOf(o.raw)})
	}
	return true
}

// waiting is a message that may be next.
type waiting struct {
	*out
	name string
	typ  envelope.Type
}

// name tells messages apart.
func (o *out) name() string {
	h := sxp.Sum(o.raw, o.lodge.Claim)
	if o.forward != nil {
		h = sxp.Hash{byte(len(o.forward.Endorsements))}
	}
	return fmt.Sprint(o.from, o.to, o.kind, h)
}

// drain does all that happens at this moment.
func (p *picker) drain() { p.until(p.r.now) }

func (p *picker) until(t sxp.Time) {
	for p.r.queue.Len() > 0 && p.r.queue[0].at <= t {
		j := heap.Pop(&p.r.queue).(job)
		p.r.now = j.at
		j.do()
	}
	p.r.now = t
}

// choices counts what may come next: each message that waits, and the passing
// of time as the last; 0 when all deadlines have passed.
func (p *picker) choices() int {
	p.open = p.open[:0]
	if len(p.epochs) == 0 {
		return 0
	}
	due := false
	late := p.r.now >= p.r.w.proposals[0].ReleaseBefore()
	for i, o := range p.waiting {
		if late && (o.typ == contract.TypeAcceptance || o.typ == contract.TypePromise) {
			continue
		}
		p.open = append(p.open, i)
		due = due || p.due(o.out)
	}
	if due {
		return len(p.open)
	}
	return len(p.open) + 1
}

// due reports whether a message has to be delivered before time passes.
func (p *picker) due(o *out) bool {
	r := p.r
	if o.from.Kind == Juror && o.to.Kind == Juror {
		return !r.failing(o.from.N) && !r.failing(o.to.N)
	}
	return o.from.Kind == Watcher && o.kind == claiming && r.now >= r.w.proposals[0].Deadline &&
		!r.adv.holds(Member{Party, o.from.N}) && r.lifeline(o) == o.to.N
}

// choose takes one of the choices.
func (p *picker) choose(i int) {
	p.path = append(p.path, i)
	if i < len(p.open) {
		o := p.waiting[p.open[i]]
		p.waiting = slices.Delete(p.waiting, p.open[i], p.open[i]+1)
		p.given[o.name] = true
		p.r.arrive(o.out)
		p.drain()
		return
	}
	next := p.epochs[0]
	p.epochs = p.epochs[1:]
	clear(p.given)
	p.until(next)
}

func (p *picker) follow(path []int) {
	for _, i := range path {
		p.choices()
		p.choose(i)
	}
}

// fingerprint names the state.
func (p *picker) fingerprint() sxp.Hash {
	parts := [][]byte{number(len(p.epochs))}
	for _, x := range p.r.parties {
		parts = append(parts, number(boolean(x.down)))
		parts = append(parts, x.state...)
	}
	disk := func(d map[sxp.Hash][]byte) {
		for _, key := range sortedKeys(d) {
			parts = append(parts, key[:], d[key])
		}
	}
	for _, x := range p.r.watchers {
		parts = append(parts, number(boolean(x.down)))
		disk(x.disk)
	}
	for _, x := range p.r.jurors {
		if x != nil {
			parts = append(parts, number(x.who.N))
			disk(x.disk)
		}
	}
	var names []string
	for _, o := range p.waiting {
		names = append(names, "w"+o.name)
	}
	for n := range p.given {
		names = append(names, "g"+n)
	}
	slices.Sort(names)
	for _, n := range names {
		parts = append(parts, []byte(n))
	}
	for i := range parts { // each with its length: no two states are one string
		parts[i] = append(number(len(parts[i])), parts[i]...)
	}
	return sxp.Sum(parts...)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// finish delivers what honest members sent and lets the run end.
func (p *picker) finish() *Outcome {
	p.over = true
	for _, o := range p.waiting {
		if !p.r.adv.holds(o.from) && !(o.from.Kind == Watcher && p.r.adv.holds(Member{Party, o.from.N})) {
			p.r.at(p.r.now+1, func() { p.r.arrive(o.out) })
		}
	}
	p.r.quiet = p.r.now
	p.r.facts.Scheduled = true
	p.r.play()
	return p.r.outcome()
}
