//go:build linux

package hosts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sxp/contract"
)

// A Scenario is one deal in which something happens.
type Scenario struct {
	Name string
	Says string // in one sentence
	Long bool   // left out where time is short

	badLine bool // WAN and LongPatience, else Usual and Patience
	play    func(ctx context.Context, l *Lab, r *Result) error
	check   func(r *Result) error // what more than fairness it ends with
}

// A Result is what came of a scenario.
type Result struct {
	Outcomes  []Outcome // of the people
	Claims    int       // that jurors were sent by people and watchers; without those of jurors that were killed
	Standings map[string]contract.Standing
	Fit       int // jurors whose clock was never ahead: the others are lost until then
	Packets   Traffic
	Timeline  []Event
}

// Signed reports whether the people ended with a contract.
func (r *Result) Signed() bool { return len(r.Outcomes) > 0 && r.Outcomes[0].State == "signed" }

// String is one line: the outcome, the times and what the jurors say.
func (r *Result) String() string {
	var b strings.Builder
	for _, o := range r.Outcomes {
		fmt.Fprintf(&b, "%s %s after %.2f s", o.Person, o.State, o.After.Seconds())
		if o.ByJury {
			b.WriteString(" (jury)")
		}
		b.WriteString("; ")
	}
	count := map[contract.Standing]int{}
	for _, s := range r.Standings {
		count[s]++
	}
	for _, s := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(&b, "%d jurors: %s; ", count[s], s)
	}
	p := r.Packets
	fmt.Fprintf(&b, "%d claims; packets: %d passed, %d lost, %d twice, %d held back, %d cut", r.Claims, p.Passed, p.Lost, p.Repeated, p.Held, p.Cut)
	return b.String()
}

// Run plays the scenario in a lab that is mended before, and checks that its
// end is fair: all three have the same contract, or nobody has one and no juror
// has opened anything; and that it is the end that this scenario has. The
// Result is not nil, also with an error.
func (s Scenario) Run(ctx context.Context, l *Lab) (*Result, error) {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	r := &Result{Fit: Jurors}
	l.begin(s.Name)
	err := s.run(ctx, l, r)
	l.onClaim(nil)
	if err == nil {
		err = l.fair(ctx, r)
	}
	if err == nil {
		err = s.check(r)
	}
	err = errors.Join(err, l.defective())
	r.Timeline = l.timeline()
	return r, err
}

func (s Scenario) run(ctx context.Context, l *Lab, r *Result) error {
	if err := l.mend(ctx); err != nil {
		return err
	}
	patience := Patience
	l.line = Usual()
	if s.badLine {
		patience, l.line = LongPatience, WAN()
	}
	if err := l.roll(ctx, patience); err != nil {
		return err
	}
	before := l.router.wire.traffic()
	claims, err := l.claims()
	if err != nil {
		return err
	}
	if err := s.play(ctx, l, r); err != nil {
		return err
	}
	l.mu.Lock()
	r.Fit -= len(l.unfit)
	l.mu.Unlock()
	after, err := l.claims()
	r.Claims = more(claims, after)
	r.Packets = l.router.wire.traffic().since(before)
	return err
}

// defect keeps a line of what a process says of a failure inside.
func (l *Lab) defect(h *host, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.defects = append(l.defects, h.name+": "+line)
}

// defective fails if a process has said such a thing since the last time.
func (l *Lab) defective() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.defects) == 0 {
		return nil
	}
	err := fmt.Errorf("a process failed inside:\n%s", strings.Join(l.defects, "\n"))
	l.defects = nil
	return err
}

func (t Traffic) since(b Traffic) Traffic {
	return Traffic{t.Passed - b.Passed, t.Lost - b.Lost, t.Repeated - b.Repeated, t.Held - b.Held, t.Cut - b.Cut}
}

// mend ends all cuts and delays and starts what is down, with the right clock.
func (l *Lab) mend(ctx context.Context) error {
	l.router.wire.set(Link{})
	l.router.wire.heal()
	return together(l.all(), func(h *host) error {
		if h.alive() && h.skew() == 0 {
			return nil
		}
		h.kill()
		return h.up(ctx, l.right)
	})
}

// claims returns how many claims from outside each juror was sent since it was
// started, whatever it answered.
func (l *Lab) claims() (map[*host]int, error) {
	all := map[*host]int{}
	for _, j := range l.jurors {
		if !j.alive() {
			continue
		}
		n, err := j.metric("sxp_requests_total{", fmt.Sprintf("type=%q", contract.RequestClaim))
		if err != nil {
			return nil, err
		}
		all[j] = int(n)
	}
	return all, nil
}

// more adds up what was counted since; what a juror that was started again had
// counted before is lost.
func more(before, after map[*host]int) (sum int) {
	for j, n := range after {
		if n >= before[j] {
			n -= before[j]
		}
		sum += n
	}
	return sum
}

// fair asks the jurors, and judges.
func (l *Lab) fair(ctx context.Context, r *Result) (err error) {
	for _, o := range r.Outcomes {
		if o.M == "" || r.Standings != nil {
			continue
		}
		if r.Standings, err = l.standings(ctx, o.M); err != nil {
			return err
		}
		for _, j := range l.jurors {
			l.note(j.name, "says of the session: %s", r.Standings[j.name])
		}
	}
	return judge(r, len(l.people))
}

// judge is the claim of the whole project, on what so many people and the
// jurors have at the end: all have the same contract, or nobody has one and
// nobody ever will.
func judge(r *Result, people int) error {
	if len(r.Outcomes) != people {
		return fmt.Errorf("%d people have an outcome, want %d", len(r.Outcomes), people)
	}
	first := r.Outcomes[0]
	for _, o := range r.Outcomes[1:] {
		if (o.State == "signed") != r.Signed() {
			return fmt.Errorf("unfair: %s is %s and %s is %s", first.Person, first.State, o.Person, o.State)
		}
		if r.Signed() && (o.S != first.S || o.M != first.M) {
			return fmt.Errorf("unfair: %s and %s hold different contracts", first.Person, o.Person)
		}
	}
	if r.Signed() && (first.M == "" || first.S == "") {
		return fmt.Errorf("%s is signed, and there is no file", first.Person)
	}
	opened, voided := "", ""
	for j, s := range r.Standings {
		switch s {
		case contract.Completed:
			opened = j
		case contract.Voided:
			voided = j
		}
	}
	switch {
	case opened != "" && voided != "":
		return fmt.Errorf("the jury disagrees: %s has opened its shares and %s says void", opened, voided)
	case opened != "" && !r.Signed():
		return fmt.Errorf("unfair: %s has opened its shares and nobody has the contract", opened)
	}
	return nil
}

// want fails unless so many jurors say so in the end.
func (r *Result) want(s contract.Standing, least int) error {
	n := 0
	for _, x := range r.Standings {
		if x == s {
			n++
		}
	}
	if n < least {
		return fmt.Errorf("%d jurors are %s, want at least %d: %v", n, s, least, r.Standings)
	}
	return nil
}

// pause waits, on the machine's clock.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// limit is when a scenario is given up: longer than any takes on a machine that
// has much else to do.
const limit = 4 * time.Minute

// soon is the time to sign that scenarios have that do not wait for its end.
const soon = 2 * time.Minute

// shortly is the time to sign of those that do.
const shortly = 45 * time.Second
