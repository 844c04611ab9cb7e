// Package spin searches the Promela model of fair signing (signing.pml) with
// the model checker Spin: all its states for a case without a broken rule, the
// shortest run to a broken property for a variant with one. README.md says what
// the model is; command check runs everything.
//
// It needs spin 6.5, gcc and a C preprocessor; Missing says what is not here.
package spin

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// model is the text of the model.
//
//go:embed *.pml
var model embed.FS

// A Case is one instance of the model: its sizes and what is off. Parties are
// alike and jurors are alike, so that only the number of corrupt ones counts.
type Case struct {
	N, Honest int      // parties, and how many of them are honest; 1 ≤ Honest ≤ N, Honest ≤ 4
	Seats     int      // jurors, of which at most 6 are honest
	F, Bad    int      // the threshold f, and how many jurors are corrupt; Bad ≤ F
	Merged    bool     // without the runs that others cover (README.md, The merged form)
	Prompt    bool     // everybody honest and fast: is a juror asked?
	Ends      bool     // does every run come to its end?
	Variant   string   // of sizes.pml; "": all rules are kept
	Property  Property // of a variant: the one that must break

	witness int  // look for something that must be able to happen; see properties.pml
	endless bool // with Ends: restarts that change nothing are events too, so that a run need not end
}

// A Property is what must hold; its number is that of properties.pml.
type Property int

// The properties.
const (
	Agreement Property = iota + 1
	Certificates
	Conclusion
	Fairness
	NoForgery
	Timeliness
	Optimism
	Once
)

// String returns the property's name.
func (p Property) String() string {
	if p < Agreement || p > Once {
		return "none"
	}
	return [...]string{"agreement", "certificates", "conclusion", "fairness", "no forgery", "timeliness", "optimism", "once"}[p-1]
}

// says is the property in words.
func (p Property) says() string {
	return [...]string{
		"",
		"no honest juror votes void where another opens, and all that were up open or none does",
		"t shares and t voids cannot both be had",
		"who concluded that there is no contract is right",
		"if a contract exists in the end, every honest party holds it",
		"no contract exists without every honest party's promise",
		"in the end each honest party that promised holds the contract or knows that there is none",
		"where all are honest and prompt no juror gets a message",
		"nobody who promised the same things elsewhere finds a contract here",
	}[p]
}

// String names the case as a reader of a table wants it.
func (c Case) String() string {
	s := fmt.Sprintf("(%d,%d,%d), corrupt: %d of %d parties, %d of %d jurors", c.N, c.Seats, c.F, c.N-c.Honest, c.N, c.Bad, c.Seats)
	switch {
	case c.Merged:
		s += ", merged"
	case c.Prompt:
		s += ", prompt"
	case c.Ends:
		s += ", every run ends"
	}
	return s
}

// defines are the case's options for the preprocessor. Names are kept apart
// (SYMMETRY=0) only where a run is to be told.
func (c Case) defines() []string {
	d := []string{
		fmt.Sprintf("-DN=%d", c.N), fmt.Sprintf("-DH=%d", c.Honest), fmt.Sprintf("-DSEATS=%d", c.Seats),
		fmt.Sprintf("-DF=%d", c.F), fmt.Sprintf("-DBAD=%d", c.Bad),
	}
	if c.Merged {
		d = append(d, "-DMERGED=1")
	}
	if c.Prompt {
		d = append(d, "-DPROMPT=1")
	}
	if c.Ends {
		d = append(d, "-DENDS=1", fmt.Sprintf("-DRESTARTS=%d", map[bool]int{true: 1}[c.endless]))
	}
	if c.witness > 0 {
		d = append(d, fmt.Sprintf("-DWITNESS=%d", c.witness), "-DONLY=99")
	}
	if c.Variant != "" {
		d = append(d, "-DVARIANT="+c.Variant, fmt.Sprintf("-DONLY=%d", c.Property), "-DSYMMETRY=0")
	}
	return d
}

// A Result is what a search found. Complete is false if it ended before all
// states were seen, without having found a violation.
type Result struct {
	Case        Case
	States      int64
	Transitions int64
	Depth       int
	MemoryMB    float64 // as the search reports it, its hash table included
	Seconds     float64 // of processor time, for the search alone
	Broken      bool    // a property is violated
	Complete    bool
	Run         []string // of a violation: the lines that the model printed on the way
}

// Verdict says in a word or two what came out.
func (r Result) Verdict() string {
	switch {
	case r.Broken:
		return "broken"
	case !r.Complete:
		return "not exhaustive"
	}
	return "holds"
}

// Missing returns the name of a needed program that is not here, or "".
func Missing() string {
	for _, tool := range []string{"spin", "gcc", "cpp"} {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// Version returns the words in which Spin gives its version.
func Version(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "spin", "-V").Output()
	return strings.TrimSpace(string(out)), err
}

// Check searches a case in folder dir, which must be empty, with at most
// memoryMB of memory. An error means that the search could not be made; a
// violation is none.
func Check(ctx context.Context, c Case, dir string, memoryMB int) (Result, error) {
	r := Result{Case: c}
	if err := unpack(dir); err != nil {
		return r, err
	}
	if _, _, err := run(ctx, dir, "spin", append(append([]string{"-a"}, c.defines()...), "signing.pml")...); err != nil {
		return r, err
	}
	slots := 22 // of the hash table, as a power of two; 8 bytes each
	switch {
	case c.Seats > 5:
		slots = 27
	case c.large():
		slots = 24
	}
	gcc := []string{"-O" + c.effort(), "-w", fmt.Sprintf("-DMEMLIM=%d", memoryMB), "-o", "pan", "pan.c"}
	pan := []string{"-m1000000", fmt.Sprintf("-w%d", slots)}
	switch {
	case c.Variant != "":
		gcc, pan = append(gcc, "-DSAFETY", "-DNOCLAIM", "-DBFS"), []string{"-w20"}
	case c.Ends:
		pan = append(pan, "-a", "-N", "ends")
	default:
		gcc = append(gcc, "-DSAFETY", "-DNOCLAIM", "-DCOLLAPSE")
	}
	if _, _, err := run(ctx, dir, "gcc", gcc...); err != nil {
		return r, err
	}
	out, seconds, err := run(ctx, dir, "./pan", pan...)
	if err != nil {
		return r, err
	}
	if err := r.read(out); err != nil {
		return r, err
	}
	r.Seconds = seconds
	if r.Broken && !c.Ends {
		r.Run, err = replay(ctx, c, dir)
	}
	return r, err
}

// effort is how well the search is compiled: that takes longer than to walk the
// few states of a variant.
func (c Case) effort() string {
	switch {
	case c.Variant != "", c.witness > 0:
		return "0"
	case c.large():
		return "2"
	}
	return "1"
}

// large reports whether a case may have more than a million states.
func (c Case) large() bool { return c.Seats > 3 || c.N > 3 }

// unpack writes the model into a folder.
func unpack(dir string) error {
	entries, err := model.ReadDir(".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := model.ReadFile(e.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// run returns what a program printed, and the seconds of processor time it took.
func run(ctx context.Context, dir, name string, args ...string) (string, float64, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return "", 0, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(out.String()))
	}
	return out.String(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), nil
}

// tail keeps of a long output what is worth reading.
func tail(s string) string { return s[max(0, len(s)-2000):] }

// What a search prints.
var (
	reErrors      = regexp.MustCompile(`depth reached (\d+), errors: (\d+)`)
	reStates      = regexp.MustCompile(`(?m)^\s*([\d.e+]+) states, stored`)
	reTransitions = regexp.MustCompile(`(?m)^\s*([\d.e+]+) transitions`)
	reMemory      = regexp.MustCompile(`(?m)^\s*([\d.]+)\s+total actual memory usage`)
)

// cut are the words with which a search says that it did not see everything.
var cut = []string{"max search depth too small", "out of memory", "Search not completed", "memory limit", "aborting"}

// read takes the figures from what a search printed.
func (r *Result) read(out string) error {
	number := func(re *regexp.Regexp, group int) float64 {
		m := re.FindStringSubmatch(out)
		if m == nil {
			return -1
		}
		v, err := strconv.ParseFloat(m[group], 64)
		if err != nil {
			return -1
		}
		return v
	}
	failed := number(reErrors, 2)
	r.Depth, r.States, r.Transitions = int(number(reErrors, 1)), int64(number(reStates, 1)), int64(number(reTransitions, 1))
	r.MemoryMB = number(reMemory, 1)
	if failed < 0 || r.States <= 0 {
		return errors.New("the search printed no result:\n" + tail(out))
	}
	r.Broken, r.Complete = failed > 0, failed == 0
	for _, words := range cut {
		r.Complete = r.Complete && !strings.Contains(out, words)
	}
	return nil
}

// told are the lines of a run that tell what happens; all else is Spin's own.
var told = regexp.MustCompile(`^(party|watcher|juror) \d+: |^(time|broken|stands): `)

// replay lets Spin walk the run that it found, and returns what it prints.
func replay(ctx context.Context, c Case, dir string) ([]string, error) {
	out, _, err := run(ctx, dir, "spin", append(append([]string{"-t"}, c.defines()...), "signing.pml")...)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); told.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
