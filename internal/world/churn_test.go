package world

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sxp"
	"sxp/market"
)

func churned(t *testing.T, cfg ChurnConfig) *ChurnReport {
	t.Helper()
	cfg.Progress = io.Discard
	rep, err := Churn(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *rep)
	if rep.Conflicts != 0 || rep.Unfair != 0 {
		t.Errorf("%d conflicts, %d treated unfairly", rep.Conflicts, rep.Unfair)
	}
	if sum := rep.Closed + rep.Declined + rep.Refused + rep.Expired + rep.Void + rep.Open; sum != rep.Proposed {
		t.Errorf("%d endings of %d deals", sum, rep.Proposed)
	}
	return rep
}

// TestChurn: people come, change their minds, withdraw, are offline and leave
// for ever, also in the middle of signing. Deals close all the same, nothing is
// given twice, and nobody is left without a contract that another holds.
func TestChurn(t *testing.T) {
	t.Parallel()
	rep := churned(t, ChurnConfig{People: 8, Span: 36 * sxp.Hour, Types: 4, Jury: 1, Seed: 1})
	if rep.Closed == 0 || rep.Traders < 2 || rep.Edited == 0 || rep.Withdrawn == 0 || rep.Absences == 0 || rep.Waited == 0 {
		t.Errorf("hardly anything happened: %+v", rep)
	}
}

// TestChurnIsRepeatable: the same seed, the same market.
func TestChurnIsRepeatable(t *testing.T) {
	t.Parallel()
	cfg := ChurnConfig{People: 4, Span: 8 * sxp.Hour, Types: 2, Jury: 1, Seed: 3}
	first := churned(t, cfg)
	var line bytes.Buffer
	cfg.Out = &line
	second := churned(t, cfg)
	if d := cmp.Diff(first, second, cmpopts.IgnoreFields(ChurnReport{}, "Seconds")); d != "" {
		t.Errorf("two runs differ:\n%s", d)
	}
	var read ChurnReport
	if err := json.Unmarshal(line.Bytes(), &read); err != nil || read.Proposed != second.Proposed {
		t.Errorf("the line says %+v, %v", read, err)
	}
	cfg.Out, cfg.Seed = nil, 4
	if d := cmp.Diff(first, churned(t, cfg), cmpopts.IgnoreFields(ChurnReport{}, "Seconds")); d == "" {
		t.Error("another seed gives the same market")
	}
}

// TestChurnInRounds: with rounds rings are proposed at their times only.
func TestChurnInRounds(t *testing.T) {
	t.Parallel()
	rep := churned(t, ChurnConfig{People: 6, Span: sxp.Day, Types: 3, Jury: 1, Seed: 2, Deals: &market.Deals{Rhythm: market.Rounds, Every: 8 * sxp.Hour}})
	if rep.Proposed == 0 {
		t.Errorf("nothing is proposed in rounds: %+v", rep)
	}
}

func TestChurnRefuses(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]ChurnConfig{
		"one person": {People: 1}, "no time": {Span: 1}, "one sort": {Types: 1}, "an even jury": {Jury: 2},
	} {
		cfg.Progress = io.Discard
		if _, err := Churn(t.Context(), cfg); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}
