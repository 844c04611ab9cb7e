package contract_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
)

// secretOf is what a party of a test world sells.
func secretOf(party int) string {
	return fmt.Sprintf("the password of party %d: correct horse", party+1)
}

// secretWorld is a world of two in which givers give a secret each.
func secretWorld(tb testing.TB, n int, givers ...int) *world {
	tb.Helper()
	w := worldOf(tb, 2, n)
	w.secrets = map[int][]byte{}
	keys := map[int]*contract.SecretKey{}
	for _, i := range givers {
		keys[i] = must(contract.NewSecretKey(seeded("secret %d", i)))
		w.secrets[i] = keys[i].Marshal()
	}
	w.p = w.propose(n, func(p *contract.Proposal) {
		for _, i := range givers {
			p.Terms.Transfers[i].Secret = must(keys[i].Seal(p.Nonce, i, w.people[i].id.ID(), []byte(secretOf(i)), i == 0))
		}
	})
	return w
}

// checkSecrets: whoever holds the contract opens every secret in it.
func (p *simParty) checkSecrets(tb testing.TB, name string) {
	tb.Helper()
	for i := range p.s.opts.p.Terms.Transfers {
		x := &p.s.opts.p.Terms.Transfers[i]
		if x.Secret == nil {
			continue
		}
		text, err := p.m.Secret(i)
		if string(text) != secretOf(x.From) {
			tb.Errorf("unfair: %s: party %d holds the contract, but of the secret of party %d it has %q, error %v", name, p.i+1, x.From+1, text, err)
		}
	}
}

// givers are who sells a secret to whom.
var givers = map[string][]int{"the first sells": {0}, "the second sells": {1}, "both sell": {0, 1}}

// TestSecretForASignature: all sign, both have what was sold, no juror hears
// of it.
func TestSecretForASignature(t *testing.T) {
	t.Parallel()
	for name, who := range givers {
		w := secretWorld(t, 3, who...)
		s := newSim(w, simOptions{watcher: true})
		s.run(s.end())
		s.check(t, name)
		for _, p := range s.parties {
			if p.phase() != contract.PhaseDone || p.secret != nil {
				t.Errorf("%s: party %d is %s, key of the secret left: %v", name, p.i+1, p.phase(), p.secret != nil)
			}
		}
		if s.toJurors != 0 {
			t.Errorf("%s: jurors received %d messages, want 0", name, s.toJurors)
		}
	}
}

// TestSecretStopsAtEveryStep: whoever stops for ever, crashes or is away after
// whatever write or message, who holds the contract has the secret, and if
// nobody honest holds it, nobody has a signature that opens it.
func TestSecretStopsAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, who := range givers {
		for _, n := range []int{1, 3} {
			w := secretWorld(t, n, who...)
			for what, f := range map[string]func(k int) fate{
				"stops":   stopAfter,
				"crashes": func(k int) fate { return fate{stopAfter: k, restart: true} },
				"is away": func(k int) fate { return fate{stopAfter: k, restart: true, back: 3 * worldHorizon} },
			} {
				for party := range 2 {
					for k := 1; ; k++ {
						s := newSim(w, simOptions{watcher: true, party: map[int]fate{party: f(k)}, juror: deadJurors(w.p.F)})
						s.run(s.end() + 4*sxp.Time(worldHorizon))
						s.check(t, fmt.Sprintf("%s, n=%d: party %d %s after effect %d", name, n, party+1, what, k))
						if s.parties[party].effects < k {
							break
						}
					}
				}
			}
		}
	}
}

// TestSecretRandomSchedules: delays of every message and stops drawn at random.
func TestSecretRandomSchedules(t *testing.T) {
	t.Parallel()
	for name, who := range givers {
		w := secretWorld(t, 3, who...)
		completed := 0
		for seed := range 60 {
			r := rand.New(seeded("secret schedule %d", seed))
			o := simOptions{watcher: true, party: map[int]fate{}, juror: map[int]fate{1 + seed%3: stopAfter(r.IntN(8))}}
			o.party[r.IntN(2)] = fate{stopAfter: 1 + r.IntN(20), restart: r.IntN(2) == 0, back: sxp.Duration(r.IntN(30_000))}
			o.deliver = func(int, int, []byte) (sxp.Duration, bool) { return sxp.Duration(1 + r.IntN(4000)), true }
			s := newSim(w, o)
			s.run(s.end() + 3*sxp.Time(worldHorizon))
			s.check(t, fmt.Sprintf("%s, seed %d", name, seed))
			for _, p := range s.parties {
				if p.phase() == contract.PhaseDone {
					completed++
				}
			}
		}
		if completed < 20 {
			t.Errorf("%s: only %d parties completed: this test shows little", name, completed)
		}
	}
}

// TestNoPromiseBeforeTheLock: a seller that sends no lock completes the
// contract through the jury and keeps the secret, if the buyer promises all
// the same. With the rule nobody is bound.
func TestNoPromiseBeforeTheLock(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	for _, rule := range []string{"", "no promise before the lock"} {
		s := newSim(w, simOptions{watcher: true, rules: map[int]string{1: rule}, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
			return latency, contract.TypeOf(raw) != contract.TypeLock
		}})
		s.run(s.end() + sxp.Time(worldHorizon))
		seller, buyer := s.parties[0], s.parties[1]
		_, err := buyer.m.Secret(0)
		if cheated := seller.phase() == contract.PhaseDone && err != nil; cheated != (rule != "") {
			t.Errorf("rule off %v: the seller is %s, the buyer %s, and of the secret: %v", rule != "", seller.phase(), buyer.phase(), err)
		}
		if rule == "" && (seller.phase() != contract.PhaseVoid || buyer.phase() != contract.PhaseLapsed) {
			t.Errorf("without a lock the seller is %s, want void, the buyer %s, want lapsed", seller.phase(), buyer.phase())
		}
	}
}

// wrongLock runs a signing in which the buyer gets the seller's lock with a
// change first, then the right one: the changed one is refused and convicts
// its author, and the contract is signed. It returns what convicts.
func wrongLock(t *testing.T, w *world, change func(*contract.Lock)) (*sim, contract.Fault) {
	t.Helper()
	alice := w.people[0]
	changed := false
	var s *sim
	s = newSim(w, simOptions{watcher: true, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
		if contract.TypeOf(raw) != contract.TypeLock || changed {
			return latency, true
		}
		changed = true
		var l contract.Lock
		must(envelope.Open(raw, contract.TypeLock, &l))
		change(&l)
		wrong := must(envelope.Sign(alice.id, contract.TypeLock, &l))
		s.after(1, func() { s.parties[1].get(wrong) })
		s.after(500, func() {
			if ph := s.parties[1].phase(); ph != contract.PhaseAccepted {
				t.Errorf("after a wrong lock the buyer is %s, want accepted", ph)
			}
		})
		return 1000, true
	}})
	s.run(s.end())
	s.check(t, "a wrong lock, then the right one")
	v := s.parties[1].m.View()
	if v.Phase != contract.PhaseDone || len(v.Faults) != 1 || v.Faults[0].Kind != contract.FaultLock {
		t.Fatalf("the buyer is %s and holds %v, want done and a fault", v.Phase, v.Faults)
	}
	if err := v.Faults[0].Check(w.algebra, w.p, s.parties[1].m.Preimage()); err != nil {
		t.Error(err)
	}
	return s, v.Faults[0]
}

// TestWrongLockBindsNobody: a lock that does not verify is refused, convicts
// its author, and the right one is still taken.
func TestWrongLockBindsNobody(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	alice := w.people[0]
	s, fault := wrongLock(t, w, func(l *contract.Lock) { l.Lock = alice.secret.SignSession(l.M) }) // what opens nothing
	wrong := fault.Raw[0]
	right := fault
	right.Raw = []sxp.Bytes{lockOf(t, s)}
	if err := right.Check(w.algebra, w.p, s.parties[1].m.Preimage()); !errors.Is(err, sxp.Invalid) {
		t.Errorf("the right lock convicts: %v", err)
	}
	twice := contract.Fault{Kind: contract.FaultTwice, By: alice.id.ID(), Raw: []sxp.Bytes{wrong, right.Raw[0]}}
	if err := twice.Check(w.algebra, w.p, nil); err != nil {
		t.Errorf("two locks of one session: %v", err)
	}
}

// lockOf returns the lock that the first party made.
func lockOf(t *testing.T, s *sim) (raw sxp.Bytes) {
	t.Helper()
	for _, b := range s.parties[1].inbox {
		if contract.TypeOf(b) == contract.TypeLock {
			raw = b
		}
	}
	return raw
}

// TestGarbageConvictsItsSeller: what does not open, or is not what was
// declared, the buyer shows to anybody; an honest seller nobody convicts.
func TestGarbageConvictsItsSeller(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*contract.Sealed)
		wrong string
	}{
		"the secret":     {func(*contract.Sealed) {}, ""},
		"garbage":        {func(s *contract.Sealed) { s.Sealed = bytes.Repeat([]byte{7}, 80) }, "does not open"},
		"not as claimed": {func(s *contract.Sealed) { s.Digest = sxp.Sum([]byte("something better")) }, "not what was declared"},
	} {
		w := secretWorld(t, 3, 0)
		key := must(contract.NewSecretKey(seeded("garbage")))
		w.secrets[0] = key.Marshal()
		w.p = w.propose(3, func(p *contract.Proposal) {
			p.Terms.Transfers[0].Secret = must(key.Seal(p.Nonce, 0, w.people[0].id.ID(), []byte(secretOf(0)), true))
			c.spoil(p.Terms.Transfers[0].Secret)
		})
		s := newSim(w, simOptions{watcher: true})
		s.run(s.end())
		buyer := s.parties[1].m
		if _, err := buyer.Secret(0); (err != nil) != (c.wrong != "") || err != nil && !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: error %v", name, err)
		}
		proof := must(buyer.SecretProof(0))
		r, err := contract.OpenSecretProof(proof)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(r.Wrong, c.wrong) || (r.Wrong == "") != (c.wrong == "") || r.Giver != 0 || r.Taker != 1 || r.Transfer != 0 {
			t.Errorf("%s: the file says %q of transfer %d from %d to %d", name, r.Wrong, r.Transfer, r.Giver, r.Taker)
		}
		if c.wrong == "" {
			if string(r.Text) != secretOf(0) || r.Fault != nil {
				t.Errorf("the secret is %q, convicted: %v", r.Text, r.Fault)
			}
			checkInnocent(t, w, s, proof)
			continue
		}
		if r.Fault == nil || r.Fault.Check(w.algebra, w.p, buyer.Preimage()) != nil {
			t.Errorf("%s: nobody is convicted", name)
		}
	}
}

// checkInnocent: no change of the file, and no evidence made of an honest
// sale, convicts the seller.
func checkInnocent(t *testing.T, w *world, s *sim, proof []byte) {
	t.Helper()
	m := s.parties[0].m.View().M
	sigma, other := w.people[0].secret.SignSession(m), w.people[0].secret.SignSession(sxp.Hash{1})
	for _, sig := range []bls.G1{sigma, other, {}} {
		f := contract.Fault{Kind: contract.FaultSecret, By: w.people[0].id.ID(), Raw: []sxp.Bytes{lockOf(t, s), sig[:]}}
		if err := f.Check(w.algebra, w.p, s.parties[0].m.Preimage()); !errors.Is(err, sxp.Invalid) {
			t.Errorf("an honest seller is convicted: %v", err)
		}
	}
	for i := 0; i < len(proof); i += 1 + len(proof)/400 {
		bad := bytes.Clone(proof)
		bad[i] ^= 1
		if r, err := contract.OpenSecretProof(bad); err == nil {
			t.Errorf("byte %d changed: the file still proves something: %q", i, r.Wrong)
		}
	}
}

// TestSecretSealedForAnotherProposal: a seller's machine gives its secret by
// the one proposal that it was sealed for, whatever a buyer copies it into.
func TestSecretSealedForAnotherProposal(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	cheaper := w.propose(3, func(p *contract.Proposal) {
		p.Terms.Transfers[0].Secret = w.p.Terms.Transfers[0].Secret
		p.Terms.Notes = "and for half the price"
	})
	keys := w.keys(0)
	keys.LoadSecret(w.p.Digest, w.secrets[0])
	for p, want := range map[*contract.OpenedProposal]error{w.p: nil, cheaper: sxp.Denied} {
		m := must(contract.NewSession(contract.Config{Algebra: w.algebra, Keys: keys, Ledger: contract.NewLedger(), Limits: w.limits()}, p, w.roll))
		if _, err := m.Step(contract.Decide{Now: worldStart, Accept: true}); !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	// The break: a device that takes every copy for its own sells at that price.
	sold := newSim(w, simOptions{watcher: true, p: cheaper})
	sold.run(sold.end())
	if text, err := sold.parties[1].m.Secret(0); string(text) != secretOf(0) || !strings.Contains(contract.Render(&cheaper.Terms, cheaper.Cards), "half the price") {
		t.Errorf("with the rule off the buyer gets %q, %v: this test shows nothing", text, err)
	}
}

// TestSecretKeyServesOnce: a device without the key of the secret, as every
// backup is, never locks or promises; one that has locked makes no other lock.
func TestSecretKeyServesOnce(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true, deliver: func(from, _ int, _ []byte) (sxp.Duration, bool) { return 5000, from == 1 }})
	s.run(worldStart + 1000) // Alice has accepted, Bob's acceptance is on its way
	p := s.parties[0]
	if p.secret == nil || p.phase() != contract.PhaseAccepted {
		t.Fatal("the key of the secret is not kept until the lock")
	}
	backup, opening := p.state, p.opening
	s.run(s.end())
	if p.secret != nil {
		t.Error("the key of the secret outlives its lock")
	}
	cfg := p.config()
	stale := w.keys(0)
	stale.Load(w.p.Digest, opening) // even with the opening
	cfg.Keys, cfg.Ledger = stale, contract.NewLedger()
	m := must(contract.RestoreSession(cfg, w.p, w.roll, backup))
	must(m.Step(contract.Start{Now: worldStart + 2000}))
	for _, raw := range p.inbox {
		for _, a := range must(m.Step(contract.Received{Now: worldStart + 2001, Raw: raw})) {
			if send, ok := a.(contract.SendParties); ok {
				if typ := contract.TypeOf(send.Raw); typ == contract.TypeLock || typ == contract.TypePromise {
					t.Errorf("a backup sends a %s", typ)
				}
			}
		}
	}
	if v := m.View(); v.Phase != contract.PhaseUnsettled {
		t.Errorf("the backup's session is %s, want unsettled", v.Phase)
	}
	ring := w.keys(0)
	ring.LoadSecret(w.p.Digest, w.secrets[0])
	must2(ring.MakeLock(w.p.Digest, sxp.Hash{1}, nil))
	must2(ring.MakeLock(w.p.Digest, sxp.Hash{1}, nil))
	if _, _, err := ring.MakeLock(w.p.Digest, sxp.Hash{2}, nil); !errors.Is(err, sxp.Conflict) {
		t.Errorf("a second lock of one key: error %v, want conflict", err)
	}
	ring.EraseSecret(w.p.Digest)
	if _, _, err := ring.MakeLock(w.p.Digest, sxp.Hash{1}, nil); !errors.Is(err, sxp.NotFound) {
		t.Errorf("a lock without its key: error %v, want notfound", err)
	}
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(err)
	}
	return a, b
}

// A restored is the buyer's machine on a device that came back from a backup of
// before the signing: it may not sign, and follows.
type restored struct {
	*contract.Session
	now sxp.Time
}

// restore makes one and gives it all acceptances, from now on.
func restore(w *world, s *sim, now sxp.Time) *restored {
	cfg := s.parties[1].config()
	cfg.Keys, cfg.Ledger = w.keys(1), contract.NewLedger()
	m := &restored{must(contract.NewSession(cfg, w.p, w.roll)), now}
	m.AssumeStale()
	for _, p := range s.parties {
		for _, raw := range p.inbox {
			if contract.TypeOf(raw) == contract.TypeAcceptance {
				m.feed(raw)
			}
		}
	}
	return m
}

// feed gives it a message a millisecond later.
func (m *restored) feed(raw []byte) []contract.Action {
	m.now++
	return must(m.Step(contract.Received{Now: m.now, Raw: raw}))
}

// TestRestoredBuyerAsksForTheLock: a device that only has the contract gets
// the lock from the seller, and opens the secret.
func TestRestoredBuyerAsksForTheLock(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	m := restore(w, s, s.now)
	result := must(envelope.Sign(w.people[0].id, contract.TypeResult, &contract.Result{Proposal: w.p.Digest, M: s.m(), Signature: s.parties[0].m.View().S}))
	m.feed(result)
	if _, err := m.Secret(0); !errors.Is(err, sxp.Early) {
		t.Fatalf("without the lock: error %v, want early", err)
	}
	var answers []contract.Action
	for _, a := range must(m.Step(contract.Start{Now: m.now})) {
		if ask, ok := a.(contract.SendParties); ok && contract.TypeOf(ask.Raw) == contract.TypeAsk {
			answers = must(s.parties[0].m.Step(contract.Received{Now: m.now, Raw: ask.Raw}))
		}
	}
	for _, a := range answers {
		if send, ok := a.(contract.SendParties); ok {
			m.feed(send.Raw)
		}
	}
	if text, err := m.Secret(0); string(text) != secretOf(0) {
		t.Errorf("after asking: %q, error %v", text, err)
	}
}

// TestSecretRules lists what no secret of a proposal may be.
func TestSecretRules(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 3, 0)
	good := w.p.Terms.Transfers[0].Secret
	with := func(change func(*contract.Sealed)) func(*contract.Proposal) {
		return func(p *contract.Proposal) {
			s := *good
			change(&s)
			p.Terms.Transfers[0].Secret = &s
		}
	}
	for name, c := range map[string]struct {
		change func(*contract.Proposal)
		want   error
	}{
		"as it is":                  {with(func(*contract.Sealed) {}), nil},
		"without a proof":           {with(func(s *contract.Sealed) { s.Proof = bls.G1{} }), sxp.Invalid},
		"with the contract key's":   {with(func(s *contract.Sealed) { s.Key = w.p.Cards[0].ContractKey }), sxp.Invalid},
		"with the card's proof too": {with(func(s *contract.Sealed) { s.Key, s.Proof = w.p.Cards[0].ContractKey, w.p.Cards[0].Proof }), sxp.Invalid},
		"given by somebody else":    {func(p *contract.Proposal) { p.Terms.Transfers[1].Secret = good }, sxp.Invalid},
		"of no size":                {with(func(s *contract.Sealed) { s.Sealed = s.Sealed[:len(s.Sealed)-1] }), sxp.Invalid},
		"empty":                     {with(func(s *contract.Sealed) { s.Sealed = nil }), sxp.Invalid},
		"too long":                  {with(func(s *contract.Sealed) { s.Sealed = make([]byte, 16+4224) }), sxp.Invalid},
		"two of one giver": {func(p *contract.Proposal) {
			p.Terms.Transfers[0].Secret = good
			p.Terms.Transfers = append(p.Terms.Transfers, p.Terms.Transfers[0])
		}, sxp.Invalid},
	} {
		p := w.p.Proposal
		p.Terms.Transfers = append([]contract.Transfer(nil), w.p.Terms.Transfers...)
		p.Terms.Transfers[0].Secret = nil
		c.change(&p)
		if _, err := contract.SignProposal(w.people[0].id, &p); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	three := worldOf(t, 3, 3)
	p := three.p.Proposal
	p.Terms.Transfers = append([]contract.Transfer(nil), p.Terms.Transfers...)
	p.Terms.Transfers[0].Secret = good
	if _, err := contract.SignProposal(three.people[0].id, &p); !errors.Is(err, sxp.Invalid) {
		t.Errorf("among three: error %v, want invalid", err)
	}
}

// TestSealSizes: every length opens again, and what is sealed tells only its
// class.
func TestSealSizes(t *testing.T) {
	t.Parallel()
	w := secretWorld(t, 1, 0)
	id := w.people[0].id.ID()
	key := must(contract.NewSecretKey(seeded("sizes")))
	for n, want := range map[int]int{1: 80, 62: 80, 63: 144, 4096: 4176} {
		if s := must(key.Seal(market.Nonce{1}, 0, id, make([]byte, n), false)); len(s.Sealed) != want {
			t.Errorf("a secret of %d bytes is sealed in %d, want %d", n, len(s.Sealed), want)
		}
	}
	for n, want := range map[int]error{0: sxp.TooLarge, 4097: sxp.TooLarge} {
		if _, err := key.Seal(market.Nonce{1}, 0, id, make([]byte, n), false); !errors.Is(err, want) {
			t.Errorf("a secret of %d bytes: error %v, want %v", n, err, want)
		}
	}
	if _, err := key.Seal(market.Nonce{1}, 0, id, []byte("1234"), true); !errors.Is(err, sxp.Invalid) {
		t.Errorf("the digest of a PIN is declared: %v", err)
	}
	if _, err := contract.ParseSecretKey(key.Marshal()[1:]); !errors.Is(err, sxp.Invalid) {
		t.Errorf("half a key is read: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", key, *key, key, key); strings.Contains(text, "[") || !strings.Contains(text, "hidden") {
		t.Errorf("a key prints as %s", text)
	}
}
