package world

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"sxp/contract"
)

// A lastWord keeps what is written and then ends the story.
type lastWord struct {
	bytes.Buffer
	end context.CancelFunc
}

// Write implements io.Writer.
func (w *lastWord) Write(b []byte) (int, error) {
	defer w.end()
	return w.Buffer.Write(b)
}

// TestStory lives through the three swaps over HTTP and serves until it is
// told to end. It is not parallel: its jurors keep a Δ of real time.
func TestStory(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir := t.TempDir()
	ctx, end := context.WithCancel(t.Context())
	out := &lastWord{end: end}
	if err := Story(ctx, StoryConfig{Out: out, JSON: true, Keep: dir, Serve: true, slow: 4}); err != nil {
		t.Fatal(err)
	}
	var rep StoryReport
	if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	for i, want := range []struct {
		outcome string
		kind    contract.FileKind
		asked   bool // was the jury?
		opened  bool
	}{{Direct, contract.ContractFile, false, false}, {ByJury, contract.ContractFile, true, true}, {Void, contract.VoidFile, true, false}} {
		act := rep.Acts[i]
		if act.Outcome != want.outcome || act.JurorMessages > 0 != want.asked || act.Opened > 0 != want.opened {
			t.Errorf("act %d: %+v, want %+v", i+1, act, want)
		}
		raw, err := os.ReadFile(filepath.Join(dir, act.File))
		if err != nil {
			t.Fatal(err)
		}
		r, err := contract.Verify(raw)
		if err != nil || r.Kind != want.kind {
			t.Errorf("act %d: file %s is a %v, error %v, want a %v", i+1, act.File, r, err, want.kind)
		}
	}
}

func TestTeller(t *testing.T) {
	t.Parallel()
	var plain, color, quiet bytes.Buffer
	for _, tell := range []*teller{{out: &plain}, {out: &color, color: true}, {out: &quiet, quiet: true}} {
		tell.good("all hold the %s", "contract")
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(plain.String(), "all hold the contract") {
		t.Errorf("without colour: %q", plain.String())
	}
	if !strings.Contains(color.String(), "\x1b["+styleGreen+"m") {
		t.Errorf("with colour: %q", color.String())
	}
	if quiet.Len() != 0 {
		t.Errorf("a quiet teller says %q", quiet.String())
	}
}
