package contract_test

import (
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/relay"
)

// TestWatcherAgreesWithVectors: a real watcher that holds the claim takes each
// message of vectors/signing/watch.tell-* that is valid, and no other.
func TestWatcherAgreesWithVectors(t *testing.T) {
	all := readFolder(t, signingDir)
	a := worldOf(t, 2, 3).algebra
	n := 0
	for name, v := range all {
		var q relay.Request[contract.TellRequest]
		m, err := envelope.Parse(v.Input)
		if !strings.HasPrefix(name, contract.RequestTell+"-") || err != nil || envelope.Unmarshal(m.Payload, &q) != nil {
			continue
		}
		var l relay.Request[contract.LodgeRequest]
		must(envelope.Open(all[contract.RequestLodge+"-valid"].Input, relay.RequestType(contract.RequestLodge), &l))
		w := contract.NewWatcher(contract.WatcherConfig{Algebra: a, Signer: must(identityOf("watcher", 0))})
		must(w.Step(contract.Lodge{Now: worldStart, From: l.From, Request: l.Request}))
		n++
		r, err := newReading(all, v, a)
		if err != nil {
			t.Fatal(err)
		}
		want := sxp.KindOf(r.watchTell(&q)) // the request around the message is the router's to judge
		if _, err := w.Step(contract.Told{Now: worldStart + 1, Raw: q.Request.Message}); sxp.KindOf(err) != want {
			t.Errorf("%s: the watcher says %v, want %q", name, err, want)
		}
	}
	if n < 8 {
		t.Errorf("only %d messages were told", n)
	}
}

// TestSessionAgreesWithVectors: no refused promise or result moves a real
// session that lacks only that, and the valid one does.
func TestSessionAgreesWithVectors(t *testing.T) {
	all := readFolder(t, signingDir)
	w := worldOf(t, 2, 3)
	lacking := func(types ...envelope.Type) *simParty { // Alice, to whom Bob's messages of these types never come
		s := newSim(w, simOptions{watcher: true, deliver: func(_, to int, raw []byte) (sxp.Duration, bool) {
			return latency, to != 0 || !slices.Contains(types, contract.TypeOf(raw))
		}, tell: func(int, int) bool { return false }})
		s.run(worldStart + 200)
		return s.parties[0]
	}
	for what, c := range map[string]struct {
		p     *simParty
		moved func(m *contract.Session) bool
	}{
		"promise": {lacking(contract.TypePromise, contract.TypeRelease, contract.TypeResult), (*contract.Session).CompleteForTest},
		"result":  {lacking(contract.TypeRelease, contract.TypeResult), func(m *contract.Session) bool { return m.View().Phase == contract.PhaseDone }},
	} {
		n := 0
		for name, v := range all {
			if !strings.HasPrefix(name, what+"-") {
				continue
			}
			n++
			m := must(contract.RestoreSession(c.p.config(), w.p, w.roll, c.p.state))
			_, err := m.Step(contract.Received{Now: worldStart + 300, Raw: v.Input})
			if c.moved(m) != (v.Expect == "") {
				t.Errorf("%s (%s): the session is %s with %v", name, v.Expect, m.View().Phase, err)
			}
		}
		if n < 15 {
			t.Errorf("only %d vectors of a %s", n, what)
		}
	}
}
