package contract_test

import (
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
)

// lodged returns a watcher that holds the claim of party 1, the request, and
// everything that was said in the honest run.
func lodged(t *testing.T, w *world) (m *contract.Watcher, req contract.LodgeRequest, said map[envelope.Type][][]byte, record []byte) {
	t.Helper()
	said = map[envelope.Type][][]byte{}
	s := newSim(w, simOptions{watcher: true})
	s.onLodge = func(party int, r contract.LodgeRequest) {
		if party == 0 {
			req = r
		}
	}
	s.onSend = func(raw []byte) { said[contract.TypeOf(raw)] = append(said[contract.TypeOf(raw)], raw) }
	s.run(s.end())
	m = contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
	acts := must(m.Step(contract.Lodge{Now: worldStart + 100, From: w.people[0].id.ID(), Request: req}))
	return m, req, said, acts[0].(contract.SaveRecord).Value
}

func filed(acts []contract.Action) bool {
	return slices.ContainsFunc(acts, func(a contract.Action) bool { _, ok := a.(contract.FileClaim); return ok })
}

func answer(t *testing.T, acts []contract.Action) contract.WatchAnswer {
	t.Helper()
	for _, a := range acts {
		if r, ok := a.(contract.Reply); ok {
			return r.Answer
		}
	}
	t.Fatalf("no reply in %v", acts)
	return contract.WatchAnswer{}
}

func TestWatcherRefuses(t *testing.T) {
	w := worldOf(t, 2, 3)
	_, req, _, _ := lodged(t, w)
	fresh := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
	full := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0)), MaxSessions: 1})
	must(full.Step(contract.Lodge{Now: worldStart, From: w.people[0].id.ID(), Request: req}))

	var c contract.Claim
	must(envelope.Open(req.Claim, contract.TypeClaim, &c))
	c.Promises[0], c.Promises[1] = c.Promises[1], c.Promises[0]
	wrong := req
	wrong.Claim = must(envelope.Sign(w.people[0].id, contract.TypeClaim, &c))
	impatient := req
	impatient.Patience = 0
	me := w.people[0].id.ID()
	for name, x := range map[string]struct {
		ev   contract.Lodge
		want error
	}{
		"a claim with wrong promises": {contract.Lodge{Now: worldStart, From: me, Request: wrong}, sxp.Invalid},
		"another party's claim":       {contract.Lodge{Now: worldStart, From: w.people[1].id.ID(), Request: req}, sxp.Denied},
		"after D":                     {contract.Lodge{Now: w.p.Deadline + 1, From: me, Request: req}, sxp.Late},
		"no patience":                 {contract.Lodge{Now: worldStart, From: me, Request: impatient}, sxp.Invalid},
	} {
		if acts, err := fresh.Step(x.ev); !errors.Is(err, x.want) || len(acts) != 0 {
			t.Errorf("%s: %d actions, error %v, want %v", name, len(acts), err, x.want)
		}
	}
	if _, err := full.Step(contract.Lodge{Now: worldStart, From: me, Request: req}); err != nil {
		t.Errorf("a repeat at a full watcher: %v", err)
	}
	if _, err := fresh.Step(contract.Asked{Now: worldStart, From: me, M: sxp.Hash{1}}); !errors.Is(err, sxp.NotFound) {
		t.Errorf("an unknown session: %v, want notfound", err)
	}
}

// TestWatcherFilesInTime: at T_c without a release, W after a release, not if
// it has S; also after a restart.
func TestWatcherFilesInTime(t *testing.T) {
	w := worldOf(t, 2, 3)
	tc := w.p.ClaimAt()

	m, _, _, record := lodged(t, w)
	if filed(must(m.Step(contract.Tick{Now: tc - 1}))) {
		t.Error("files before T_c without a release")
	}
	if !filed(must(m.Step(contract.Tick{Now: tc}))) {
		t.Error("does not file at T_c")
	}
	if m.Next() <= tc || m.Next() > w.p.Deadline {
		t.Errorf("the repeat is at %v, want before D", m.Next())
	}

	restarted := contract.NewWatcher(contract.WatcherConfig{Algebra: w.algebra, Signer: must(identityOf("watcher", 0))})
	if err := restarted.Restore(record); err != nil {
		t.Fatal(err)
	}
	if !filed(must(restarted.Step(contract.Start{Now: tc + 1}))) {
		t.Error("does not file after a restart past T_c")
	}

	m, _, said, _ := lodged(t, w)
	own := bySigner(said[contract.TypeRelease], w.people[0].id.ID())
	must(m.Step(contract.Told{Now: worldStart + 200, Raw: own}))
	if filed(must(m.Step(contract.Tick{Now: worldStart + 200 + sxp.Time(worldW) - 1}))) {
		t.Error("files before W has passed since the release")
	}
	if !filed(must(m.Step(contract.Tick{Now: worldStart + 200 + sxp.Time(worldW)}))) {
		t.Error("does not file W after the release")
	}

	for name, raws := range map[string][][]byte{
		"all signatures": {own, bySigner(said[contract.TypeRelease], w.people[1].id.ID())},
		"the result":     said[contract.TypeResult][:1],
	} {
		m, _, _, _ := lodged(t, w)
		var last []contract.Action
		for _, raw := range raws {
			last = must(m.Step(contract.Told{Now: worldStart + 200, Raw: raw}))
		}
		if len(answer(t, last).Result) == 0 {
			t.Errorf("told %s, the watcher does not answer with the result", name)
		}
		if filed(must(m.Step(contract.Tick{Now: tc}))) {
			t.Errorf("told %s, the watcher files all the same", name)
		}
		if a := answer(t, must(m.Step(contract.Asked{Now: tc, From: w.people[1].id.ID(), M: contractM(w, raws[0])}))); len(a.Result) == 0 {
			t.Error("a party that asks is not given the result")
		}
	}
}

// TestWatcherIsNotFooled: signatures that are none change nothing.
func TestWatcherIsNotFooled(t *testing.T) {
	w := worldOf(t, 2, 3)
	m, _, said, _ := lodged(t, w)
	session := contractM(w, said[contract.TypeRelease][0])
	wrong := w.people[0].secret.SignSession(sxp.Hash{1})
	for name, raw := range map[string][]byte{
		"a wrong signature": must(envelope.Sign(w.people[0].id, contract.TypeRelease, &contract.Release{Proposal: w.p.Digest, M: session, Signature: wrong})),
		"a wrong result":    must(envelope.Sign(w.people[0].id, contract.TypeResult, &contract.Result{Proposal: w.p.Digest, M: session, Signature: wrong})),
		"a stranger's":      must(envelope.Sign(w.issuer, contract.TypeRelease, &contract.Release{Proposal: w.p.Digest, M: session, Signature: wrong})),
		"no point at all":   must(envelope.Sign(w.people[0].id, contract.TypeResult, &contract.Result{Proposal: w.p.Digest, M: session, Signature: bls.G1{}})),
	} {
		if _, err := m.Step(contract.Told{Now: worldStart + 200, Raw: raw}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if !filed(must(m.Step(contract.Tick{Now: w.p.ClaimAt()}))) {
		t.Error("after wrong messages the watcher does not file")
	}
}

// TestWatcherForgets: long after D a session is dropped.
func TestWatcherForgets(t *testing.T) {
	w := worldOf(t, 2, 3)
	m, _, _, _ := lodged(t, w)
	acts := must(m.Step(contract.Tick{Now: w.p.Deadline.Add(31 * sxp.Day)}))
	if len(acts) != 1 || len(acts[0].(contract.SaveRecord).Value) != 0 {
		t.Errorf("actions %v, want the record deleted", acts)
	}
	if m.Next() != 0 {
		t.Errorf("an empty watcher wants a tick at %v", m.Next())
	}
}

func bySigner(raws [][]byte, id sxp.ID) []byte {
	for _, raw := range raws {
		if _, signer, err := envelope.Peek(raw); err == nil && signer == id {
			return raw
		}
	}
	panic("nobody said it")
}

// contractM reads m from a release or a result.
func contractM(_ *world, raw []byte) sxp.Hash {
	var r contract.Release
	if contract.TypeOf(raw) == contract.TypeResult {
		var x contract.Result
		must(envelope.Open(raw, contract.TypeResult, &x))
		return x.M
	}
	must(envelope.Open(raw, contract.TypeRelease, &r))
	return r.M
}
