package world

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
)

// verifyFile checks a contract file as `sxp verify` does: without network, and
// without anything that the simulation shares.
func verifyFile(raw []byte) error {
	r, err := contract.Verify(raw)
	if err != nil {
		return err
	}
	for _, p := range r.Parties {
		if !p.Signed {
			return sxp.Errorf("world.verify", sxp.Invalid, r.Proposal, "%s has not signed", p.Label)
		}
	}
	return nil
}

// writeJSON writes the report as one line.
func writeJSON(w io.Writer, rep any) error {
	b, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, string(b))
	return err
}

// A row is one line of the table.
type row struct{ name, value, note string }

// rows are the table of a report, for a terminal and for the page.
func rows(cfg TradeConfig, rep *TradeReport) []row {
	d := &rep.Detail
	search := fmt.Sprintf("%d items, proven best", d.Traded)
	if !d.Optimal {
		search = fmt.Sprintf("%d items, no more than %d are possible", d.Traded, d.Bound)
	}
	unfair := "nobody was cheated"
	if rep.Unfair > 0 {
		unfair = "this must be 0"
	}
	verified := "all of them"
	if rep.Verified != rep.CompletedDirect+rep.CompletedByJury {
		verified = fmt.Sprintf("of %d", rep.CompletedDirect+rep.CompletedByJury)
	}
	return []row{
		{"people", count(rep.People), fmt.Sprintf("%d of the %d in rings vanished", d.Vanished, d.Signers)},
		{"items", count(rep.Items), fmt.Sprintf("%s wants, %s groups", count(d.Wants), count(d.Groups))},
		{"rings", count(rep.Rings), search},
		{"their lengths", lengths(rep.RingLengths), "rings × items"},
		{"completed without the jury", count(rep.CompletedDirect), "no juror heard of them"},
		{"completed by the jury", count(rep.CompletedByJury), fmt.Sprintf("%d of %d jurors, %d on the roll lie", cfg.Jury, d.Roll, len(d.Lies))},
		{"void", count(rep.Void), "nobody is bound"},
		{"unfair", count(rep.Unfair), unfair},
		{"contract files verified", count(rep.Verified), verified},
		{"messages", count(int(d.Messages)), fmt.Sprintf("%.0f MB over %s of simulated time", float64(d.Bytes)/1e6, hours(d.Simulated))},
		{"time", fmt.Sprintf("%.1f s", rep.Seconds), slowestPhase(d.SpentOn)},
		{"memory", fmt.Sprintf("%.0f MiB", rep.PeakMiB), "peak"},
	}
}

// writeTable writes the table, aligned.
func writeTable(w io.Writer, cfg TradeConfig, rep *TradeReport) error {
	table := rows(cfg, rep)
	name, value := 0, 0
	for _, r := range table {
		name, value = max(name, width(r.name)), max(value, width(r.value))
	}
	var b strings.Builder
	for _, r := range table {
		fmt.Fprintf(&b, "%s  %s  %s\n", pad(r.name, name, false), pad(r.value, value, true), r.note)
	}
	if rep.Detail.ReportFile != "" {
		fmt.Fprintf(&b, "\nreport: %s\n", rep.Detail.ReportFile)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func width(s string) int { return len([]rune(s)) }

func pad(s string, n int, right bool) string {
	space := strings.Repeat(" ", max(n-width(s), 0))
	if right {
		return space + s
	}
	return s + space
}

// count writes a number with thousands apart: 277,568.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lengths writes "26×2 18×3": rings by items.
func lengths(m map[int]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%d×%d", m[k], k))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, " ")
}

func hours(d sxp.Duration) string { return fmt.Sprintf("%.1f h", float64(d)/float64(sxp.Hour)) }

// slowestPhase names where most of the time went.
func slowestPhase(phases []Phase) string {
	if len(phases) == 0 {
		return ""
	}
	most := slices.MaxFunc(phases, func(a, b Phase) int {
		if a.Seconds < b.Seconds {
			return -1
		}
		return 1
	})
	return fmt.Sprintf("%.1f s of it %s", most.Seconds, most.Name)
}

// The files of a report.
const (
	reportName  = "trade-report.html"
	pictureName = "trade-rings.svg"
)

// writeReport writes the page and the picture, and returns the page's path.
func writeReport(cfg TradeConfig, rep *TradeReport) (string, error) {
	dir := cfg.Keep
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return "", err
	}
	svg, err := picture(rep)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, pictureName), svg, fileMode); err != nil {
		return "", err
	}
	html, err := page(cfg, rep, svg)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, reportName)
	return path, os.WriteFile(path, html, fileMode)
}

// command is what repeats the run.
func command(cfg TradeConfig) string {
	s := fmt.Sprintf("sxp world --trade %s --max-ring %d --jury %d --seed %d", cfg.name(), cfg.MaxRing, cfg.Jury, cfg.Seed)
	if cfg.Vanish > 0 {
		s += fmt.Sprintf(" --vanish %g%%", 100*cfg.Vanish)
	}
	if cfg.Corrupt > 0 {
		s += fmt.Sprintf(" --corrupt %d", cfg.Corrupt)
	}
	return s
}

// Moves are the arrows of the ring in words.
func (o RingOutcome) Moves() []string {
	out := make([]string, len(o.Items))
	for i := range o.Items {
		out[i] = fmt.Sprintf("%s gives %s to %s", o.People[i], o.Items[i], o.To[i])
	}
	return out
}
