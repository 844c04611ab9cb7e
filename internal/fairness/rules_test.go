package fairness

import (
	"reflect"
	"testing"
	"unsafe"

	"sxp/contract"
	"sxp/contract/jury"
)

// breakRule switches off a rule of a machine that its own package keeps for its
// tests: a field of the struct rules of contract.Session or jury.Juror.
func breakRule(machine any, rule string) {
	f := reflect.ValueOf(machine).Elem().FieldByName("rules").FieldByName(rule)
	if f.Kind() != reflect.Bool {
		panic("there is no rule " + rule)
	}
	*(*bool)(unsafe.Pointer(f.UnsafeAddr())) = true
}

// sessionsWithout and jurorsWithout are all honest machines with rules off.
func sessionsWithout(names ...string) func(*rules) {
	return func(off *rules) {
		off.session = func(s *contract.Session) {
			for _, rule := range names {
				breakRule(s, rule)
			}
		}
	}
}

func jurorsWithout(rule string) func(*rules) {
	return func(off *rules) { off.juror = func(j *jury.Juror) { breakRule(j, rule) } }
}

// A usefulRule says which property breaks without it, by which plots, within how many schedules.
type usefulRule struct {
	rule     string
	off      func(*rules)
	plots    []string    // of them; none: any
	shape    func(*Case) // makes the break more likely; it stays within the assumptions
	property string
	within   uint64
}

// find returns the first case that breaks the property without the rule, and
// fails if it does so with the rule, too.
func (u *usefulRule) find(t *testing.T, rg Range) {
	with, without := NewLab(), NewLab()
	u.off(&without.off)
	rg.Plots = u.plots
	for seed := range u.within {
		c := Draw(3_000_000+seed, rg)
		if u.shape != nil {
			u.shape(c)
		}
		if c.Check() != nil || !breaks(must(without.Play(c, false)), u.property) {
			continue
		}
		if o := must(with.Play(c, true)); len(o.Broken) > 0 {
			t.Fatalf("with the rule it breaks too: %v\n%s%s", o.Broken, Header(c), o.Talk)
		}
		t.Logf("%s breaks after %d schedules: %s", u.property, seed+1, c)
		return
	}
	t.Errorf("without the rule %d schedules keep %s: these plots do not show what it is for", u.within, u.property)
}

// restoredAt has honest parties that are away come back without their disk,
// from the copy that is so many writes old.
func restoredAt(old int) func(*Case) {
	return func(c *Case) {
		for i := range c.Crashes {
			if x := &c.Crashes[i]; x.Who.Kind == Party && x.Back > 0 {
				x.Backup = old
			}
		}
	}
}

// TestRulesOfBackups: an agent that starts from a backup knows that it does, and
// has no opening of a commitment.
func TestRulesOfBackups(t *testing.T) {
	t.Parallel()
	for _, u := range []usefulRule{
		{rule: "what comes from a backup is stale: it would accept again", off: func(off *rules) { off.fresh = true },
			shape: restoredAt(6), property: "accountability", within: 500},
		{rule: "what comes from a backup is stale, and no opening is in it: it would take what it promised in for lapsed", off: func(off *rules) { off.fresh, off.copied = true, true },
			shape: restoredAt(3), property: "finality", within: 1000},
	} {
		t.Run(u.rule, func(t *testing.T) {
			t.Parallel()
			u.find(t, small())
		})
	}
}

// TestRestoredParties: honest parties that lose their disk at any write and
// message, and start from a backup of any age, keep everybody else's properties,
// are never told "never" of a contract that exists, sign nothing twice, and
// nearly always end with the contract that others have.
func TestRestoredParties(t *testing.T) {
	t.Parallel()
	l, counts := NewLab(), map[string]int{}
	for seed := range uint64(2500) {
		c := Draw(2_000_000+seed, small())
		if len(c.Crashes) == 0 || len(c.Corrupt.Parties) == 0 {
			continue
		}
		restoredAt(1 + int(seed)%3)(c)
		o := must(l.Play(c, false))
		if len(o.Broken) > 0 {
			report(t, l, c, o)
		}
		for what, n := range o.Counts {
			counts[what] += n
		}
	}
	for what, least := range map[string]int{"restored from a backup": 400, "restored proposed": 40, "restored accepted": 40, "restored promised": 40, "restored released": 20, "restored done": 10} {
		if counts[what] < least {
			t.Errorf("%q happened %d times, want at least %d", what, counts[what], least)
		}
	}
	if n := counts["restored, and others have the contract"]; n > counts["restored from a backup"]/50 {
		t.Errorf("%d of %d that were restored go without a contract that others have", n, counts["restored from a backup"])
	}
}
