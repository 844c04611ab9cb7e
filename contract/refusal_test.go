package contract_test

import (
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/vectors"
)

// TestWrongMessagesAreRefusedOrConvict: a real session that is sent any wrong
// message of vectors/signing among parties refuses it with a kind and a reason,
// or blames whoever signed it with what convicts before anybody. What it does
// neither of is listed, with why.
func TestWrongMessagesAreRefusedOrConvict(t *testing.T) {
	t.Parallel()
	plain, secret := worldOf(t, 2, 3), secretWorld(t, 3, 0)
	for what, x := range map[string]struct {
		w       *world
		me      int
		lacking []envelope.Type
		blames  int // at least
	}{
		"acceptance": {plain, 1, []envelope.Type{contract.TypeAcceptance}, 2},
		"decline":    {plain, 0, []envelope.Type{contract.TypeAcceptance}, 0},
		"lock":       {secret, 1, []envelope.Type{contract.TypeLock}, 3},
		"promise":    {plain, 0, []envelope.Type{contract.TypePromise, contract.TypeRelease, contract.TypeResult}, 3},
		"release":    {plain, 1, []envelope.Type{contract.TypeRelease, contract.TypeResult}, 3},
		"result":     {plain, 0, []envelope.Type{contract.TypeRelease, contract.TypeResult}, 0},
		"ask":        {plain, 0, []envelope.Type{contract.TypeRelease, contract.TypeResult}, 0},
	} {
		p := stuck(x.w, x.me, x.lacking)
		refused, blamed, ignored := 0, 0, []string{}
		for name, v := range readFolder(t, signingDir) {
			if !strings.HasPrefix(name, what+"-") || v.Expect == "" {
				continue
			}
			m := must(contract.RestoreSession(p.config(), x.w.p, x.w.roll, p.state))
			acts, err := m.Step(contract.Received{Now: worldStart + 300, Raw: v.Input})
			reasoned(t, err)
			guilty := blamesOf(acts)
			switch {
			case len(guilty) > 0:
				blamed++
				checkGuilty(t, name, x.w, m, v, guilty)
			case err != nil:
				refused++
			default:
				ignored = append(ignored, name)
			}
		}
		slices.Sort(ignored)
		if blamed < x.blames || refused == 0 {
			t.Errorf("%s: %d refused, %d blamed", what, refused, blamed)
		}
		t.Logf("%s: %d refused, %d blamed, passed over: %v", what, refused, blamed, ignored)
		for _, name := range ignored {
			if passedOver[name] == "" {
				t.Errorf("%s is neither refused nor blamed", name)
			}
		}
	}
}

// passedOver are wrong messages that a session answers with nothing, and why.
var passedOver = map[string]string{
	"lock-other-m":                "its author may know another session, by two acceptances of somebody: those are compared",
	"promise-other-m":             "likewise",
	"promise-by-another-party":    "it is the reader's own, by another device",
	"release-by-another-party":    "likewise",
	"acceptance-by-another-party": "likewise",
}

// stuck is a person to whom messages of these types never come.
func stuck(w *world, me int, types []envelope.Type) *simParty {
	s := newSim(w, simOptions{watcher: true, deliver: func(_, to int, raw []byte) (sxp.Duration, bool) {
		return latency, to != me || !slices.Contains(types, contract.TypeOf(raw))
	}, tell: func(int, int) bool { return false }})
	s.run(worldStart + 200)
	return s.parties[me]
}

func blamesOf(acts []contract.Action) (out []contract.Blame) {
	for _, a := range acts {
		if b, ok := a.(contract.Blame); ok {
			out = append(out, b)
		}
	}
	return out
}

// checkGuilty: who is blamed signed the message, and what is kept convicts.
func checkGuilty(t *testing.T, name string, w *world, m *contract.Session, v vectors.Vector, blames []contract.Blame) {
	t.Helper()
	for _, b := range blames {
		if b.Fault == nil || b.Reason == "" || b.Fault.By != signerOf(v.Input) {
			t.Errorf("%s: %+v", name, b)
			continue
		}
		if err := b.Fault.Check(w.algebra, w.p, m.Preimage()); err != nil {
			t.Errorf("%s: what is kept does not convict: %v", name, err)
		}
	}
}
