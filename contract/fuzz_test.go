package contract_test

import (
	"testing"

	"sxp/contract"
	"sxp/envelope"
)

// FuzzReceived: whatever arrives, a session neither panics nor changes on an
// error.
func FuzzReceived(f *testing.F) {
	w := worldOf(f, 2, 1)
	s := newSim(w, simOptions{watcher: true})
	s.onSend = func(raw []byte) { f.Add(raw) }
	s.run(s.end())
	f.Fuzz(func(t *testing.T, raw []byte) {
		cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger(), Limits: w.limits()}
		m := must(contract.NewSession(cfg, w.p, w.roll))
		must(m.Step(contract.Start{Now: worldStart}))
		before := m.View()
		acts, err := m.Step(contract.Received{Now: worldStart, Raw: raw})
		if err != nil && (len(acts) != 0 || m.View().Phase != before.Phase) {
			t.Errorf("error %v, but %d actions and phase %s", err, len(acts), m.View().Phase)
		}
	})
}

// FuzzDecoders: no reader of outside bytes panics.
func FuzzDecoders(f *testing.F) {
	w := worldOf(f, 2, 1)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(s.end())
	for _, raw := range [][]byte{w.p.Raw, w.roll.Raw, s.claim, s.parties[0].state} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = contract.OpenProposal(raw)
		_, _ = contract.OpenRoll(w.algebra, raw)
		_, _, _, _ = contract.OpenClaim(raw)
		_, _ = contract.Peek(raw)
		cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: contract.NewLedger()}
		if m, err := contract.RestoreSession(cfg, w.p, w.roll, raw); err == nil {
			_, _ = m.Step(contract.Start{Now: worldStart})
			_ = m.View()
		}
		_ = contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra}).Restore(raw)
		if p, err := envelope.Parse(raw); err == nil {
			for typ, make := range contract.Types() {
				if p.Type == typ {
					_ = envelope.Unmarshal(p.Payload, make())
				}
			}
		}
	})
}
