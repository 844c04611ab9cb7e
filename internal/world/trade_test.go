package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sxp"
	"sxp/deal/gen"
)

// smallList has a dozen people with 60 items and some dummies, and a few rings.
func smallList() string { return string(gen.TradeList(60, 2)) }

// testHorizon is the shortest D that lets people be away for half an hour.
const testHorizon = 50 * sxp.Minute

// trade runs a small trade.
func trade(t *testing.T, list string, cfg TradeConfig) *TradeReport {
	t.Helper()
	cfg.Reader, cfg.Progress, cfg.NoReport, cfg.horizon = strings.NewReader(list), io.Discard, cfg.Keep == "", testHorizon
	rep, err := Trade(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// checkReport verifies what must hold of every report.
func checkReport(t *testing.T, rep *TradeReport) {
	t.Helper()
	if rep.Unfair != 0 {
		t.Errorf("%d contracts are unfair: %+v", rep.Unfair, rep.Detail.Outcomes)
	}
	if sum := rep.CompletedDirect + rep.CompletedByJury + rep.Void; sum != rep.Rings {
		t.Errorf("%d direct + %d by jury + %d void are %d rings, not %d", rep.CompletedDirect, rep.CompletedByJury, rep.Void, sum, rep.Rings)
	}
	if done := rep.CompletedDirect + rep.CompletedByJury; rep.Verified != done {
		t.Errorf("%d files verify, of %d contracts", rep.Verified, done)
	}
	lengths := 0
	for _, n := range rep.RingLengths {
		lengths += n
	}
	if lengths != rep.Rings {
		t.Errorf("%d lengths of %d rings", lengths, rep.Rings)
	}
}

func TestTradeIsFair(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]TradeConfig{
		"everybody stays":                           {Jury: 3},
		"a third vanish":                            {Jury: 3, Vanish: 0.35, Seed: 1},
		"one referee decides alone":                 {Jury: 1, Vanish: 0.35, Seed: 4},
		"everybody vanishes":                        {Jury: 3, Vanish: 1, Seed: 5},
		"rings of two only, seven jurors of 15 lie": {Jury: 15, Vanish: 0.35, Corrupt: 7, MaxRing: 2, Seed: 6},
	} {
		t.Run(name, func(t *testing.T) {
			rep := trade(t, smallList(), cfg)
			checkReport(t, rep)
			if rep.Rings == 0 || rep.People == 0 || rep.Items != 60 {
				t.Errorf("%d people, %d items, %d rings; want some, 60 and some", rep.People, rep.Items, rep.Rings)
			}
			if cfg.Vanish == 0 && rep.CompletedDirect != rep.Rings {
				t.Errorf("nobody vanished, but only %d of %d contracts were signed directly", rep.CompletedDirect, rep.Rings)
			}
			t.Logf("%d direct, %d by jury, %d void", rep.CompletedDirect, rep.CompletedByJury, rep.Void)
		})
	}
}

// TestEachLieChangesNothing needs the jury in most rings; one juror of four on
// the roll lies, and three are drawn.
func TestEachLieChangesNothing(t *testing.T) {
	t.Parallel()
	for _, how := range lies() {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			s := newWorld(t, TradeConfig{Jury: 3, Corrupt: 1, lies: []lie{how}})
			s.stopBeforeSigning()
			rep := judged(t, s)
			checkReport(t, rep)
			if rep.CompletedByJury == 0 {
				t.Errorf("people stopped before they signed, and no contract needed the jury: %+v", rep.Detail.Outcomes)
			}
		})
	}
}

// newWorld returns a small world in which all is proposed.
func newWorld(t testing.TB, cfg TradeConfig) *sim {
	t.Helper()
	if cfg.Reader == nil {
		cfg.Reader = strings.NewReader(smallList())
	}
	cfg.Progress, cfg.horizon = io.Discard, testHorizon
	corrupt := cfg.Corrupt
	cfg.Corrupt = 0
	if err := cfg.prepare(); err != nil {
		t.Fatal(err)
	}
	cfg.Corrupt = corrupt // also more than prepare allows
	list, err := cfg.read()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSim(t.Context(), cfg, list, newProgress(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	if err := s.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// stopBeforeSigning stops whoever is in one ring only between lodging the
// claim and signing.
func (s *sim) stopBeforeSigning() {
	for _, c := range s.folk {
		if len(c.rings) == 1 {
			others := len(s.rings[c.rings[0]].parties) - 1
			c.away, c.gate.left = true, 2*others+1 // acceptances, promises, the claim
		}
	}
}

// judged lets the people of a world sign, and returns the report.
func judged(t *testing.T, s *sim) *TradeReport {
	t.Helper()
	if err := s.sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	rep, err := s.judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestTradeRepeats(t *testing.T) {
	t.Parallel()
	cfg := TradeConfig{Jury: 5, Vanish: 0.3, Corrupt: 2, Seed: 9}
	a, b := trade(t, smallList(), cfg), trade(t, smallList(), cfg)
	same := cmp.Options{
		cmpopts.IgnoreFields(TradeReport{}, "Seconds", "PeakMiB"), cmpopts.IgnoreFields(TradeDetail{}, "SpentOn"),
	}
	if diff := cmp.Diff(a, b, same); diff != "" {
		t.Errorf("the same seed gives another report (-first +second):\n%s", diff)
	}
	checkReport(t, a)
}

func TestTradeRefuses(t *testing.T) {
	t.Parallel()
	good := smallList()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, tt := range map[string]struct {
		ctx  context.Context
		list string
		cfg  TradeConfig
		want error
		says string
	}{
		"a broken list: line and rule are named": {t.Context(), "A : B\n)x( : C\n", TradeConfig{}, sxp.Invalid, "line 2"},
		"an empty list":                          {t.Context(), "", TradeConfig{}, sxp.Invalid, "no want list"},
		"an even jury":                           {t.Context(), good, TradeConfig{Jury: 4}, sxp.Invalid, "odd"},
		"more liars than f":                      {t.Context(), good, TradeConfig{Jury: 5, Corrupt: 3}, sxp.Invalid, "f = 2"},
		"a share above one":                      {t.Context(), good, TradeConfig{Vanish: 1.5}, sxp.Invalid, "0 %"},
		"rings of one":                           {t.Context(), good, TradeConfig{MaxRing: 1}, sxp.Invalid, "2 to"},
		"a stopped run":                          {stopped, good, TradeConfig{Jury: 3}, context.Canceled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tt.cfg.Reader, tt.cfg.Progress, tt.cfg.NoReport = strings.NewReader(tt.list), io.Discard, true
			_, err := Trade(tt.ctx, tt.cfg)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("error %v, want kind %v that says %q", err, tt.want, tt.says)
			}
		})
	}
	if _, err := Trade(t.Context(), TradeConfig{File: "no such file"}); !errors.Is(err, sxp.NotFound) {
		t.Errorf("a missing file: error %v, want %v", err, sxp.NotFound)
	}
}

func TestTradeKeepsFilesAndReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	rep := trade(t, smallList(), TradeConfig{Jury: 3, Keep: dir, Out: &out, Vanish: 0.2, Seed: 3})
	files, err := filepath.Glob(filepath.Join(dir, "contracts", "*.sxpc"))
	if err != nil || len(files) != rep.Verified || rep.Verified == 0 {
		t.Errorf("%d contract files kept, error %v, want %d", len(files), err, rep.Verified)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil {
			err = verifyFile(raw)
		}
		if err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for _, name := range []string{reportName, pictureName} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), "<svg") || !strings.Contains(string(text), rep.Detail.Outcomes[0].Contract.Short()) {
			t.Errorf("%s does not show the rings, error %v", name, err)
		}
	}
	for _, line := range []string{"people", "unfair", "contract files verified"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the table has no line %q:\n%s", line, out.String())
		}
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := writeJSON(&out, &TradeReport{Rings: 2, RingLengths: map[int]int{2: 1, 3: 1}}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("%q is not one line of JSON: %v", out.String(), err)
	}
	for _, key := range []string{"people", "items", "rings", "ring_lengths", "completed_direct", "completed_by_jury", "void", "unfair", "verified", "seconds", "peak_mib"} {
		if _, ok := got[key]; !ok {
			t.Errorf("the report has no %q", key)
		}
		delete(got, key)
	}
	if len(got) != 0 {
		t.Errorf("the report has more than is promised: %v", got)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 277568: "277,568", 1234567: "1,234,567"} {
		if got := count(in); got != want {
			t.Errorf("count(%d) is %s, want %s", in, got, want)
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cfg := TradeConfig{Jury: 15}
	if err := writeTable(&out, cfg, &TradeReport{People: 208, Items: 2914, Rings: 110, RingLengths: map[int]int{4: 110}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	end := strings.Index(lines[0], "208") + len("208")
	if i := strings.Index(lines[1], "2,914") + len("2,914"); i != end {
		t.Errorf("values end in columns %d and %d:\n%s", end, i, out.String())
	}
}

// TestUnfairIsNoticed breaks what the protocol assumes: every juror is corrupt.
// Who stops between lodging the claim and signing can make a contract later
// that the others lack, and the report says so.
func TestUnfairIsNoticed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) { // whom chance lets stop decides whether it hurts
		s := newWorld(t, TradeConfig{Jury: 3, Corrupt: 4, Seed: seed + 1})
		s.stopBeforeSigning()
		if rep := judged(t, s); rep.Unfair > 0 {
			return
		}
	}
	t.Error("all jurors are corrupt, and nobody was treated unfairly in twelve worlds")
}
