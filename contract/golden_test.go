package contract_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

var update = flag.Bool("update", false, "rewrite the conversations in testdata")

// TestConversations compares whole runs with testdata/*.txt. A person reads the
// difference when they are rewritten with -update.
func TestConversations(t *testing.T) {
	for name, c := range map[string]struct {
		about  string
		script func(w *world) simOptions
		extra  func(s *sim)
	}{
		"honest": {"All three sign. No juror hears of it.", func(*world) simOptions { return simOptions{} }, nil},
		"vanishes": {"Charlie vanishes after his promise. The jury completes the contract for everybody.",
			func(*world) simOptions { return simOptions{party: map[int]fate{2: stopAfter(7)}} }, nil},
		"void": {"Charlie accepts and never promises. The jury certifies that nobody is bound.",
			func(*world) simOptions { return simOptions{party: map[int]fate{2: stopAfter(4)}} }, nil},
		"declines": {"Charlie declines. Nobody was bound.",
			func(*world) simOptions { return simOptions{decline: map[int]bool{2: true}} }, nil},
		"late-claim": {"Charlie vanishes after his promise, and no claim reaches a juror by D: assumption 3 is broken. Alice and Bob, who released, may not conclude that there is no contract.",
			func(*world) simOptions {
				return simOptions{party: map[int]fate{2: stopAfter(7)}}
			}, func(s *sim) {
				s.opts.toJuror = func(int) (sxp.Duration, bool) {
					d := s.opts.p.Deadline.Sub(s.now)
					return max(d, 0) + latency, d <= 0 || d > worldHorizon-1100
				}
			}},
		"late-promise": {"Charlie's promise comes a second before D: it is ignored, though a claim with it could still be good.", func(*world) simOptions {
			return simOptions{party: map[int]fate{2: stopAfter(7)}, deliver: func(from, _ int, raw []byte) (sxp.Duration, bool) {
				if from == 2 && contract.TypeOf(raw) == contract.TypePromise {
					return worldHorizon - 1000, true
				}
				return latency, true
			}}
		}, nil},
		"equivocation": {"Charlie shows Alice and Bob two different acceptances. They find out when their promises differ, and are not bound: no claim with all promises exists.",
			func(*world) simOptions { return simOptions{party: map[int]fate{2: {dead: true}}} },
			func(s *sim) { equivocate(s, 2) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, 3, 3)
			o := c.script(w)
			o.watcher = true
			s := newSim(w, o)
			var b strings.Builder
			fmt.Fprintf(&b, "# %s\n# Times are milliseconds from the proposal; Δ %d, L %d, ε %d, W %d, D %d.\n\n",
				c.about, worldDelta, worldL, worldEpsilon, worldW, worldHorizon)
			s.logf = func(format string, args ...any) {
				if at, ok := args[0].(sxp.Time); ok {
					args[0] = int64(at)
					format = strings.Replace(format, "%v", "%6d ", 1)
				}
				b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
			}
			if c.extra != nil {
				c.extra(s)
			}
			s.run(s.end() + sxp.Time(worldHorizon))
			b.WriteString("\n")
			for _, p := range s.parties {
				state := string(p.phase())
				if p.stopped {
					state = "gone"
				}
				fmt.Fprintf(&b, "party %d: %s\n", p.i+1, state)
				for _, bl := range p.blamed {
					fmt.Fprintf(&b, "  blames party %d: %s\n", bl.Party+1, bl.Reason)
				}
			}
			s.check(t, name)
			compare(t, filepath.Join("testdata", name+".txt"), b.String())
		})
	}
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the conversation differs from %s; run with -update and read the difference:\n%s", path, got)
	}
}

// equivocate sends two acceptances of one corrupt party, each to one other.
func equivocate(s *sim, corrupt int) {
	for to := range s.parties {
		if to == corrupt {
			continue
		}
		raw := s.w.acceptanceOf(corrupt, to)
		s.after(latency, func() {
			s.logf("%v party %d → party %d: %s", s.now-worldStart, corrupt+1, to+1, contract.TypeAcceptance)
			s.parties[to].get(raw)
		})
	}
}

// acceptanceOf makes the variant'th acceptance of a corrupt party.
func (w *world) acceptanceOf(i, variant int) []byte {
	who := w.people[i]
	k, _, err := bls.Commit(seeded("equivocation %d", variant), who.secret, w.p.T)
	if err != nil {
		panic(err)
	}
	return must(envelope.Sign(who.id, contract.TypeAcceptance, &contract.Acceptance{
		Proposal: w.p.Digest, Commitment: k, Draw: who.secret.SignDraw(w.p.Digest),
	}))
}

// TestEquivocationIsEvidence: two acceptances convict their author before a
// third person, and one alone does not.
func TestEquivocationIsEvidence(t *testing.T) {
	w := worldOf(t, 3, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{2: {dead: true}}})
	equivocate(s, 2)
	s.run(s.end())
	for i, p := range s.parties[:2] {
		v := p.m.View()
		if len(v.Evidence) != 1 {
			t.Fatalf("party %d holds %d pieces of evidence, want 1", i+1, len(v.Evidence))
		}
		if err := v.Evidence[0].Check(w.people[2].id.ID(), w.p.Digest); err != nil {
			t.Errorf("the evidence of party %d does not convict: %v", i+1, err)
		}
		one := v.Evidence[0]
		one.Second = one.First
		if err := one.Check(w.people[2].id.ID(), w.p.Digest); err == nil {
			t.Error("one acceptance twice convicts")
		}
		if err := v.Evidence[0].Check(w.people[0].id.ID(), w.p.Digest); err == nil {
			t.Error("the evidence convicts somebody else")
		}
	}
	if bytes.Equal(s.parties[0].m.View().Evidence[0].First, nil) {
		t.Error("empty evidence")
	}
}
