package spin

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names of the honest parties, in the order of the model, and what is theirs.
var (
	names = []string{"Alice", "Bob", "Carol", "Dave"}
	own   = []string{"her", "his", "her", "his"}
)

// notes say of a variant what its run does not.
var notes = map[string]string{
	"STALE_SIGNS":       "Alice's device was restored from a backup: it cannot know what she promised, and does not promise.",
	"SEND_BEFORE_WRITE": "A juror writes its decision at some time after it has sent it; what it has not written a crash takes away.",
	"K_OUTSIDE_M":       "Mallory has made two promises, each with a commitment of its own; both are valid for the same m.",
	"SENT_ONCE":         "A juror sends the claim once; who is down then does not get it from this juror, as juror 2.",
	"SHARES_UNPASSED":   "A juror that has accepted shows its shares to who asks, before it has passed the claim on. Juror 1 is down after that.",
	"OPENS_LATE":        "Juror 1 is down after it has accepted.",
	"SERVED_LATE":       "A claim that came in time waits at juror 1 behind others, which Mallory files to keep it busy.",
	"ASIDE_IS_HONEST":   "Juror 1 has sent its endorsement to Mallory's juror when it goes down.",
	"WATCHER_FORGETS":   "The watcher gives its receipt before the claim is on its disk.",
}

// A teller turns the lines of a run into a conversation.
type teller struct {
	c      Case
	phase  string   // on the clocks of parties and watchers
	rounds []int    // that have passed, on the clock of each honest juror
	opened []string // honest jurors whose endorsement can be had, in the order in which they accepted
	shown  map[string]bool
	out    strings.Builder
}

// Tell returns a violation as a conversation: who does what at which time by
// its own clock, and which property broke. The same run gives the same text.
func Tell(rule Rule, run []string) string {
	t := &teller{c: rule.Case, phase: "before T_c − W", rounds: make([]int, rule.Case.Seats-rule.Case.Bad), shown: map[string]bool{}}
	fmt.Fprintf(&t.out, "Left out: %s.\n\n", rule.Rule)
	t.people()
	t.out.WriteString("\n")
	for _, line := range run {
		t.line(line)
	}
	return t.out.String()
}

// people says who takes part.
func (t *teller) people() {
	c := t.c
	who := names[:c.Honest]
	fmt.Fprintf(&t.out, "%s %s honest", strings.Join(who, " and "), map[bool]string{true: "is", false: "are"}[len(who) == 1])
	if c.N > c.Honest {
		t.out.WriteString(", Mallory is not")
	}
	fmt.Fprintf(&t.out, ". The jury has %d seats, f = %d, t = %d.", c.Seats, c.F, t.threshold())
	switch c.Bad {
	case 0:
	case 1:
		fmt.Fprintf(&t.out, " Juror %d is Mallory's.", c.Seats)
	default:
		fmt.Fprintf(&t.out, " Jurors %d to %d are Mallory's.", c.Seats-c.Bad+1, c.Seats)
	}
	t.out.WriteString("\nAll have accepted: m and the jury are known. Each has a watcher. Times are by everyone's own clock.\n")
	if note := notes[c.Variant]; note != "" {
		t.out.WriteString(note + "\n")
	}
}

// threshold is t, as sizes.pml has it.
func (t *teller) threshold() int {
	switch t.c.Variant {
	case "T_IS_F":
		return t.c.F
	case "T_TOO_LARGE":
		return t.c.Seats - t.c.F + 1
	}
	return t.c.F + 1
}

// last is the last round in which a claim can be good, as sizes.pml has it.
func (t *teller) last() int {
	if t.c.Variant == "SHORT_DEADLINE" {
		return t.c.F
	}
	return t.c.F + 1
}

// event is a line of the model: who, its number, what.
var event = regexp.MustCompile(`^(party|watcher|juror|time|broken|stands)(?: (\d+))?: (.*)$`)

func (t *teller) line(line string) {
	m := event.FindStringSubmatch(line)
	if m == nil {
		return
	}
	who := 0
	if m[2] != "" {
		who, _ = strconv.Atoi(m[2]) // the expression matches digits only
	}
	switch m[1] {
	case "time":
		t.time(m[3])
	case "party":
		t.party(who, m[3])
	case "watcher":
		t.say(t.phase, names[who]+"'s watcher "+t.words(m[3])+".")
	case "juror":
		t.juror(who, m[3])
	case "broken":
		t.broken(m[3])
	case "stands":
		t.stands(m[3])
	}
}

func (t *teller) say(when, what string) {
	pad := strings.Repeat(" ", max(0, 26-len([]rune(when))))
	fmt.Fprintf(&t.out, "%s%s%s\n", when, pad, what)
}

func (t *teller) time(what string) {
	switch what {
	case "T_c - W":
		t.phase = "from T_c − W on"
	case "T_c":
		t.phase = "from T_c on"
	default:
		t.phase = "at last"
		t.say(t.phase, "All honest parties have asked their watchers and all jurors. Those of Mallory say nothing.")
	}
}

// words puts names for the numbers of a line.
func (t *teller) words(s string) string {
	s = regexp.MustCompile(`party (\d+)`).ReplaceAllStringFunc(s, func(p string) string {
		i, _ := strconv.Atoi(strings.TrimPrefix(p, "party ")) // digits only
		return names[i]
	})
	return strings.ReplaceAll(s, "T_c - W", "T_c − W")
}

// party tells what an honest party does, and what Mallory did before.
func (t *teller) party(i int, what string) {
	name := names[i]
	if t.c.N > t.c.Honest {
		switch {
		case what == "holds all promises":
			t.say(t.phase, "Mallory promises to "+name+".")
		case strings.HasPrefix(what, "has the signatures of all others"):
			t.say(t.phase, "Mallory sends "+name+" her signature.")
		}
	}
	t.say(t.when(), name+" "+strings.ReplaceAll(t.words(what), "its ", own[i]+" ")+".")
}

// when is the time of parties, once some juror's clock is past D.
func (t *teller) when() string {
	if t.phase == "from T_c on" && slices.Max(t.rounds) > 0 {
		return "after D"
	}
	return t.phase
}

// delta is the end of a round.
func delta(r int) string {
	switch r {
	case 0:
		return "D"
	case 1:
		return "D + Δ"
	}
	return fmt.Sprintf("D + %dΔ", r)
}

// round says what time it is on a juror's clock.
func (t *teller) round(k int) string {
	r := t.rounds[k]
	switch {
	case r > t.last():
		return "after " + delta(r-1)
	case r > 0:
		return "by " + delta(r)
	}
	return "by D"
}

// Lines of jurors that need more than names.
var (
	reTakes = regexp.MustCompile(`^gets valid claim (\d) with (\d+) endorsements by others, (\d+) of them corrupt, and writes that it accepts$`)
	reFrom  = regexp.MustCompile(`^(gets|refuses) the claim from juror (\d+) with (\d+) endorsements(.*)$`)
)

func (t *teller) juror(k int, what string) {
	if strings.HasPrefix(what, "clock passes") {
		t.rounds[k]++
		return
	}
	who := fmt.Sprintf("Juror %d", k+1)
	if t.c.Variant == "SEND_BEFORE_WRITE" {
		what = strings.Replace(what, "crashes", "crashes, and has written nothing", 1)
	}
	if m := reTakes.FindStringSubmatch(what); m != nil {
		defer t.endorses(who)
		t.say(t.round(k), t.showing(m)+" juror "+strconv.Itoa(k+1)+" "+t.claim(m)+", which "+t.accepts()+".")
		return
	}
	if m := reFrom.FindStringSubmatch(what); m != nil {
		from, _ := strconv.Atoi(m[2]) // digits only
		rest := ""
		if m[1] == "gets" {
			t.endorses(who)
			rest = ", and " + t.accepts()
		}
		t.say(t.round(k), fmt.Sprintf("%s %s the claim from juror %d with %s%s.", who, m[1], from+1, plural(m[3], "endorsement"), rest))
		return
	}
	switch what {
	case "is down then":
		t.say("at "+delta(t.rounds[k]), who+" is down.")
		return
	case "is late":
		return // the next line says what it does
	}
	t.say(t.round(k), who+" "+what+".")
}

// endorses notes that a juror's endorsement can be had.
func (t *teller) endorses(who string) {
	if !slices.Contains(t.opened, strings.ToLower(who)) {
		t.opened = append(t.opened, strings.ToLower(who))
	}
}

// accepts says what a juror does with a good claim.
func (t *teller) accepts() string {
	switch t.c.Variant {
	case "SEND_BEFORE_WRITE":
		return "accepts"
	case "SERVED_LATE":
		return "has not the time to look at it"
	}
	return "writes that it accepts"
}

// showing says by whom a claim comes.
func (t *teller) showing(m []string) string {
	if m[2] == "0" && t.c.N == t.c.Honest {
		return "The claim reaches"
	}
	return "Mallory shows"
}

// claim says which claim, endorsed by whom.
func (t *teller) claim(m []string) string {
	if t.showing(m) != "Mallory shows" {
		return "without endorsements"
	}
	s := "the claim"
	if t.c.Variant == "K_OUTSIDE_M" {
		s = "the claim with her " + map[string]string{"1": "first", "2": "second"}[m[1]] + " promise"
	}
	if m[2] == "0" {
		return s
	}
	if t.c.Variant == "SEAT_COUNTED_TWICE" {
		return s + " with one endorsement, " + m[2] + " times"
	}
	all, _ := strconv.Atoi(m[2]) // digits only
	bad, _ := strconv.Atoi(m[3])
	var by []string
	for i := range bad {
		by = append(by, fmt.Sprintf("juror %d", t.c.Seats-i))
	}
	by = append(by, t.opened[:min(max(0, all-bad), len(t.opened))]...)
	return s + " endorsed by " + strings.Join(by, " and ")
}

func plural(n, what string) string {
	if n == "1" {
		return "1 " + what
	}
	return n + " " + what + "s"
}

func (t *teller) broken(what string) {
	n, _ := strconv.Atoi(strings.TrimPrefix(what, "property ")) // digits only
	p := Property(n)
	fmt.Fprintf(&t.out, "\nBroken: %s. It says: %s.\nHow it stands:\n", p, p.says())
}

// States of the model, in words.
var (
	partyIs = []string{"has promised nothing", "has promised", "has promised", "has promised", "has released and waits for the contract", "has the contract", "has concluded that there is no contract"}
	jurorIs = []string{"has decided nothing", "has accepted", "has voted void"}
	reParty = regexp.MustCompile(`^party (\d+) is (\d) released (\d) signature (\d) watcher (\d)$`)
	reJuror = regexp.MustCompile(`^juror (\d+) is (\d) sent (\d)$`)
	reSum   = regexp.MustCompile(`^shares (\d+) voids (\d+) contract (\d)$`)
)

// stands tells the state at the end, each thing once.
func (t *teller) stands(what string) {
	at := func(m []string, i int) int { n, _ := strconv.Atoi(m[i]); return n } // digits only
	line := ""
	if m := reParty.FindStringSubmatch(what); m != nil {
		line = fmt.Sprintf("  %s %s.", names[at(m, 1)], partyIs[at(m, 2)])
		if at(m, 3) == 1 && at(m, 2) > 4 { // done, or concluded
			line = fmt.Sprintf("  %s has released and %s.", names[at(m, 1)], partyIs[at(m, 2)])
		}
	}
	if m := reJuror.FindStringSubmatch(what); m != nil {
		line = fmt.Sprintf("  Juror %d %s.", at(m, 1)+1, jurorIs[at(m, 2)])
	}
	if m := reSum.FindStringSubmatch(what); m != nil {
		line = fmt.Sprintf("  With Mallory's jurors %s of each promise and %s can be had, t = %d.", plural(m[1], "share"), plural(m[2], "void"), t.threshold())
		if t.c.Variant == "K_OUTSIDE_M" {
			line = fmt.Sprintf("  With Mallory's jurors %s of Alice's promise can be had, t = %d; but the honest jurors opened two\n  different promises of Mallory's, and shares of two promises do not make one signature.", plural(m[1], "share"), t.threshold())
		}
		if at(m, 3) == 1 {
			line += " A complete contract exists."
		} else {
			line += " No complete contract exists."
		}
	}
	if line != "" && !t.shown[line] {
		t.shown[line] = true
		t.out.WriteString(line + "\n")
	}
}
