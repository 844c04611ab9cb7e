package spin

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory bounds one search of these tests, in MB; two run at a time.
const memory = 1500

// here skips where the tools are missing.
func here(t *testing.T) {
	t.Helper()
	if tool := Missing(); tool != "" {
		t.Skipf("the model is not searched: %s is not here (Debian: apt-get install spin gcc)", tool)
	}
	if testing.Short() {
		t.Skip("searches of seconds to a minute")
	}
}

// atOnce bounds how many searches run.
var atOnce = make(chan struct{}, 2)

func search(t *testing.T, c Case) Result {
	t.Helper()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	r, err := Check(ctx, c, t.TempDir(), memory)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSmallCases: with all rules kept every property holds in every state.
func TestSmallCases(t *testing.T) {
	here(t)
	for _, c := range Small() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			r := search(t, c)
			if v := r.Verdict(); v != "holds" {
				t.Errorf("%s: %s\n%s", c, v, strings.Join(r.Run, "\n"))
			}
			t.Logf("%d states, depth %d, %.1f s", r.States, r.Depth, r.Seconds)
		})
	}
}

// TestRulesMatter: without a rule the property breaks that the variant names,
// and the shortest run to it is the conversation that is kept.
func TestRulesMatter(t *testing.T) {
	here(t)
	version, err := Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range Rules() {
		t.Run(rule.Name(), func(t *testing.T) {
			t.Parallel()
			r := search(t, rule.Case)
			if !r.Broken {
				t.Fatalf("left out: %s. Nothing breaks in %d states, so this rule shows nothing", rule.Rule, r.States)
			}
			got := Tell(rule, r.Run)
			if !strings.Contains(got, "Broken: "+rule.Case.Property.String()+".") {
				t.Errorf("another property broke:\n%s", got)
			}
			want, err := os.ReadFile(rule.File())
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) && strings.Contains(version, "6.5.2") {
				t.Errorf("%s differs from the run that was found (go run ./formal/spin/check --counterexamples rewrites it):\n%s", rule.File(), got)
			}
		})
	}
}

// ofParties are the variants of rules that the merged form leaves out or takes
// for granted.
var ofParties = []string{"RELEASE_LATE", "RELEASE_UNLODGED", "PROMISE_AGAIN", "CLOCK_SET_BACK", "WATCHER_FORGETS", "CLAIM_AT_D", "FREE_AFTER_RELEASE", "STALE_SIGNS", "RESULT_UNTOLD"}

// TestMergedBreaksToo: what the merged form leaves out hides no break of the
// other rules.
func TestMergedBreaksToo(t *testing.T) {
	here(t)
	for _, rule := range Rules() {
		if rule.Case.Merged || slices.Contains(ofParties, rule.Variant) {
			continue
		}
		t.Run(rule.Name(), func(t *testing.T) {
			t.Parallel()
			rule.Case.Merged = true
			if r := search(t, rule.Case); !r.Broken {
				t.Errorf("left out: %s. Merged, nothing breaks in %d states", rule.Rule, r.States)
			}
		})
	}
}

// witnesses is how many things properties.pml lists that must be able to happen.
const witnesses = 11

// TestWhatCanHappen: the properties do not hold for want of runs: all conclude
// "never", the jury completes, a claim comes in the last round, and so on.
func TestWhatCanHappen(t *testing.T) {
	here(t)
	for k := 1; k <= witnesses; k++ {
		t.Run(strconv.Itoa(k), func(t *testing.T) {
			t.Parallel()
			c := Case{N: 2, Honest: 1, Seats: 3, F: 1, witness: k}
			if r := search(t, c); !r.Broken {
				t.Errorf("it cannot happen in %d states", r.States)
			}
		})
	}
}

// TestEndIsNotAssumed: where jurors crash and restart for ever a run has no
// end, and the search says so.
func TestEndIsNotAssumed(t *testing.T) {
	here(t)
	t.Parallel()
	if r := search(t, Case{N: 2, Honest: 1, Seats: 1, Ends: true, endless: true}); !r.Broken {
		t.Errorf("every run ends, in %d states: the formula says nothing", r.States)
	}
}

// TestEveryPropertyCanBreak: a property that no variant breaks would show
// nothing, and a variant that nobody searches neither.
func TestEveryPropertyCanBreak(t *testing.T) {
	seen, variants := map[Property]bool{}, map[string]bool{}
	for _, r := range Rules() {
		seen[r.Case.Property] = true
		variants[r.Variant] = true
	}
	for p := Agreement; p <= Once; p++ {
		if !seen[p] {
			t.Errorf("no variant breaks %s", p)
		}
	}
	sizes, err := os.ReadFile("sizes.pml")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sizes)) {
		f := strings.Fields(line)
		if len(f) == 3 && f[0] == "#define" && strings.Trim(f[2], "0123456789") == "" && strings.Contains(f[1], "_") && !variants[f[1]] {
			t.Errorf("sizes.pml has a variant %s that is not searched", f[1])
		}
	}
}

// TestKeptConversations: each file is of a rule.
func TestKeptConversations(t *testing.T) {
	files, err := filepath.Glob("counterexamples/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		known[filepath.FromSlash(r.File())] = true
	}
	for _, f := range files {
		if !known[f] {
			t.Errorf("%s is of no variant", f)
		}
		delete(known, f)
	}
	for f := range known {
		t.Errorf("%s is missing", f)
	}
}

// TestSearchesThatSayNothing: what a search prints when it was cut short is no
// success.
func TestSearchesThatSayNothing(t *testing.T) {
	const good = "State-vector 28 byte, depth reached 13, errors: 0\n 33579 states, stored\n 152392 transitions (= stored+matched)\n 36.004\ttotal actual memory usage\npan: elapsed time 0.07 seconds\n"
	for name, c := range map[string]struct {
		out  string
		want string
	}{
		"whole":   {good, "holds"},
		"deep":    {"error: max search depth too small\n" + good, "not exhaustive"},
		"memory":  {"pan: reached -DMEMLIM bound\nout of memory\n" + good, "not exhaustive"},
		"a break": {strings.Replace(good, "errors: 0", "errors: 1", 1), "broken"},
	} {
		var r Result
		if err := r.read(c.out); err != nil || r.Verdict() != c.want {
			t.Errorf("%s: %s, error %v, want %s", name, r.Verdict(), err, c.want)
		}
	}
	if err := new(Result).read("segmentation fault"); err == nil {
		t.Error("a search that crashed is taken for one")
	}
}

// BenchmarkSearch is one small case, spin and gcc included.
func BenchmarkSearch(b *testing.B) {
	if Missing() != "" {
		b.Skip(Missing() + " is not here")
	}
	var once sync.Once
	for b.Loop() {
		r, err := Check(b.Context(), two, b.TempDir(), memory)
		if err != nil {
			b.Fatal(err)
		}
		once.Do(func() { b.ReportMetric(float64(r.States), "states") })
	}
}
