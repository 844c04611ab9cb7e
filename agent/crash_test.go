package agent_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/internal/kv"
)

// A flaky store fails at one of its updates.
type flaky struct {
	kv.Store
	left  int   // updates until it fails; negative: it does not
	keeps bool  // the failing update is done, and only its answer lost
	dies  bool  // from then on everything fails, until it is opened again
	err   error // how it fails
	dead  bool
	hit   bool
}

func (f *flaky) Update(do func(kv.Tx) error) error {
	if f.dead {
		return f.err
	}
	if f.left--; f.left != 0 {
		return f.Store.Update(do)
	}
	f.hit, f.dead = true, f.dies
	if f.keeps {
		if err := f.Store.Update(do); err != nil {
			return err
		}
	} else {
		f.Store.View(func(t kv.Tx) error { do(readOnly{t}); return nil }) // as far as it comes
	}
	return f.err
}

// readOnly lets a transaction that will be thrown away run.
type readOnly struct{ kv.Tx }

func (readOnly) Put(string, []byte) error { return nil }
func (readOnly) Delete(string) error      { return nil }

// TestSwapWhereAStoreFails lets a swap meet a failure of alice's store, and
// one of bob's, at every single update: a full disk that has room again, a
// crash before the write, a crash after it. Whatever happens, both have the
// contract in the end, and neither has ever promised or accepted twice.
func TestSwapWhereAStoreFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		keeps, dies bool
		err         error
		vault       bool // copies at the relay too, and not at every update
	}{
		{"full", false, false, sxp.Errorf("test", sxp.Full, nil, "no space left"), false},
		{"crash before", false, true, errors.New("power cut"), false},
		{"crash after", true, true, errors.New("power cut"), false},
		{"crash with copies", true, true, errors.New("power cut"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for k := 1; ; k++ {
				if k%7 != 0 && (testing.Short() || c.vault) {
					continue
				}
				if !swapWithFailure(t, k, flaky{keeps: c.keeps, dies: c.dies, err: c.err}, c.vault) {
					t.Logf("%d updates", k-1)
					return
				}
			}
		})
	}
}

// swapWithFailure reports whether there was a k-th update at all.
func swapWithFailure(t *testing.T, k int, how flaky, vault bool) bool {
	t.Helper()
	v := newVillage(t, 1, "dora", "alice", "bob")
	v.log, v.noVault = quiet, !vault
	v.found()
	v.still["http://market.test"] = true
	two := v.people[1:]
	v.offer(two[0], "bread", "eggs")
	v.offer(two[1], "eggs", "bread")
	v.run(10 * sxp.Second)
	do[agent.Proposed](v, v.people[0], "propose", agent.ProposeDeals{})
	for _, p := range two {
		f := how
		f.Store, f.left = p.store, k
		p.store, p.unlucky = &f, true
		v.restart(p)
	}
	signed := 0
	for range 240 {
		v.run(500 * sxp.Millisecond)
		signed = 0
		for _, p := range two {
			f := p.store.(*flaky)
			if f.dead {
				f.dead = false
				v.restart(p)
			}
			d, err := agent.Call[agent.DealView](t.Context(), p, "deal", agent.DealRef{})
			if err == nil && d.State == "proposed" {
				agent.Call[agent.DealView](t.Context(), p, "accept", agent.DealRef{})
			}
			if err == nil && d.State == "signed" {
				signed++
			}
		}
		if signed == 2 {
			break
		}
	}
	for _, p := range two {
		if lines := v.lines(p); signed < 2 || strings.Contains(lines, "broke the rules") {
			t.Fatalf("update %d: %s sees %s", k, p.name, lines)
		}
		v.file(p, "1")
		if s := v.item(p, 1).State; s != "swapped" {
			t.Errorf("update %d: the thing of %s is %s", k, p.name, s)
		}
		left := 0
		v.scan(p, func(key string, _ []byte) {
			if strings.HasPrefix(key, "opening/") {
				left++
			}
		})
		if _, ok, _ := p.once.Get(v.deals(p)[0].ID.String()); ok || left > 0 {
			t.Errorf("update %d: the secret of %s's promise is left", k, p.name)
		}
	}
	return two[0].store.(*flaky).hit || two[1].store.(*flaky).hit
}

// stuckOnce cannot destroy keys for a while.
type stuckOnce struct {
	*agent.MemoryOnce
	stuck *bool
}

func (o stuckOnce) Destroy(name string) error {
	if _, ok, _ := o.MemoryOnce.Get(name); ok && *o.stuck {
		return errors.New("input/output error")
	}
	return o.MemoryOnce.Destroy(name)
}

// TestNoPromiseLeavesBeforeItsSecretIsGone: where the one-time key cannot be
// destroyed, the promise stays here.
func TestNoPromiseLeavesBeforeItsSecretIsGone(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	cfg := v.config(alice)
	stuck := true
	cfg.Once = stuckOnce{alice.once, &stuck}
	a, err := agent.Open(cfg)
	check(t, err)
	alice.Agent, alice.unlucky = a, true
	v.swap(alice, bob)
	v.run(time10)
	v.accept("1", alice, bob)
	v.run(sxp.Minute)
	for _, e := range v.deals(bob)[0].Events {
		if strings.Contains(e.Text, "alice promised") {
			t.Fatalf("bob has the promise: %s", v.lines(bob))
		}
	}
	stuck = false
	v.until(2*sxp.Minute, "1", "signed", alice, bob)
}

// TestLossOfADevice: the words and a relay bring back who one is, what one
// has, and every contract; what was written meanwhile arrives; what was under
// way is never gone on with.
func TestLossOfADevice(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.befriend(alice, bob)
	v.offer(alice, "a red bicycle")
	v.swap(alice, bob)
	v.run(10 * sxp.Second)
	v.accept("1", alice, bob)
	v.until(2*sxp.Minute, "1", "signed", alice, bob)
	under := v.swap(alice, charlie)
	v.accept("2", alice)
	v.run(time10)
	before := v.file(alice, "1")
	id := alice.ID()

	alice.away = true
	v.send(bob, "alice", "where are you?")
	v.run(sxp.Minute)
	alice = v.lose(alice, "http://market.test")
	alice.away = false
	v.run(sxp.Minute)

	if alice.ID() != id {
		t.Fatal("somebody else came back")
	}
	s := do[agent.Status](v, alice, "status", agent.None{})
	if s.Label != "alice" || s.Markets != 1 || s.Offers != 1 || s.Messages != 1 || s.Contracts != 1 {
		t.Errorf("status: %+v", s)
	}
	if got := v.texts(alice); len(got) != 1 || got[0] != "bob: where are you?" {
		t.Errorf("the inbox says %q", got)
	}
	if !bytes.Equal(before, v.file(alice, "1")) {
		t.Error("the contract is another one")
	}
	v.send(alice, "bob", "I am back")
	v.run(sxp.Minute)
	if got := v.texts(bob); len(got) != 1 {
		t.Errorf("bob reads %q", got)
	}
	// Charlie accepts now: the restored alice must not promise.
	do[agent.DealView](v, charlie, "accept", agent.DealRef{Deal: under.ID.String()})
	v.run(sxp.Minute)
	d := do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: under.ID.String()})
	if d.State == "promised" || d.State == "signed" {
		t.Errorf("a deal of a backup went on: %s", v.lines(alice))
	}
	if m := do[[]agent.MarketView](v, alice, "markets", agent.None{}); len(m) != 1 || !m[0].Mine {
		t.Errorf("markets: %+v", m)
	}
	// What was restored works: an edit of the offer, and a deal.
	do[agent.AnnouncementView](v, alice, "edit", agent.EditItem{Item: "1", Title: "a blue bicycle"})
	if got := v.search(bob, "blue bicycle"); len(got) != 1 {
		t.Errorf("bob finds %+v", got)
	}
	third := do[agent.DealView](v, alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{
		{To: "bob", Item: "#1"}, {From: "bob", Item: "20 EUR"}}})
	v.run(10 * sxp.Second)
	ref := third.ID.String()
	v.accept(ref, alice, bob)
	v.until(2*sxp.Minute, ref, "signed", alice, bob)
}

const time10 = 10 * sxp.Second

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	v.run(sxp.Minute)
	at := []string{v.market()}
	if _, err := agent.Restore(t.Context(), v.config(alice), at); sxp.KindOf(err) != sxp.Conflict {
		t.Errorf("into a home with a person: %v", err)
	}
	if _, err := agent.Create(v.config(alice), "again", at); sxp.KindOf(err) != sxp.Conflict {
		t.Errorf("create where somebody is: %v", err)
	}
	other := &person{name: "other", root: v.stranger("x").root, store: new(kv.Memory), once: new(agent.MemoryOnce)}
	if _, err := agent.Restore(t.Context(), v.config(other), at); sxp.KindOf(err) != sxp.NotFound || !strings.Contains(err.Error(), "words") {
		t.Errorf("words that nobody has used: %v", err)
	}
	if _, err := agent.Open(v.config(other)); sxp.KindOf(err) != sxp.NotFound {
		t.Errorf("open of an empty home: %v", err)
	}
	other.store = alice.store
	if _, err := agent.Open(v.config(other)); sxp.KindOf(err) != sxp.Denied {
		t.Errorf("open with other words: %v", err)
	}
	v.down["http://market.test"] = true
	other.store = new(kv.Memory)
	if _, err := agent.Restore(t.Context(), v.config(other), at); sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("restore from a relay that is down: %v", err)
	}
}

// TestStoreShowsNoSecrets: neither words of people nor secrets are in the
// bytes of a store, nor in what the relay has.
func TestStoreShowsNoSecrets(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice-of-the-mill", "bob-the-brewer")
	v.found()
	alice, bob := v.people[0], v.people[1]
	v.befriend(alice, bob)
	v.offer(alice, "zebra saddle", "narwhal horn")
	v.send(alice, "bob-the-brewer", "meet me at midnight")
	v.swap(alice, bob)
	v.run(10 * sxp.Second)
	v.accept("1", alice)
	var seed []byte
	opening, ok, err := alice.once.Get(v.deals(alice)[0].ID.String())
	check(t, err)
	if !ok {
		t.Fatal("there is no one-time key while the promise is not made")
	}
	seed = opening[:]
	v.run(sxp.Minute)
	v.skip(8 * sxp.Day)
	secrets := map[string][]byte{
		"an item's title": []byte("zebra"), "a want": []byte("narwhal"), "a letter": []byte("midnight"),
		"the own name": []byte("alice-of-the-mill"), "a contact's name": []byte("bob-the-brewer"), "a market's name": []byte("Village"),
		"a deal": []byte("loaves"), "a one-time key": seed,
	}
	for i, w := range alice.root.Words() {
		if len(w) > 6 {
			secrets[fmt.Sprintf("word %d", i)] = []byte(w)
		}
	}
	for _, p := range v.people {
		v.scan(p, func(key string, value []byte) {
			for name, secret := range secrets {
				for _, form := range [][]byte{secret, []byte(hex.EncodeToString(secret))} {
					if bytes.Contains(value, form) || strings.Contains(key, string(form)) {
						t.Errorf("%s is in the record %q of %s", name, key, p.name)
					}
				}
			}
		})
	}
}

// TestCloseEndsRun: an agent that is closed while it runs ends quietly, and
// refuses what comes later.
func TestCloseEndsRun(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	done := make(chan error)
	go func() { done <- alice.Run(context.Background()) }()
	do[agent.Status](v, alice, "status", agent.None{})
	check(t, alice.Close())
	if err := <-done; err != nil && sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("Run: %v", err)
	}
	if _, err := alice.Step(t.Context()); sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("Step after Close: %v", err)
	}
	check(t, alice.Close())
}

// TestManyAtOnce: two agents run by themselves, and whatever a person asks for
// meanwhile is answered. The race detector does the rest.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.log = quiet // Run outlives its last line
	v.found()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, p := range v.people {
		cfg := v.config(p)
		cfg.Concurrency = 4
		a, err := agent.Open(cfg)
		check(t, err)
		p.Agent = a
		all.Go(func() { a.Run(ctx) })
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				for _, op := range []string{"status", "list", "deals", "contracts", "markets", "inbox", "contacts", "card"} {
					if _, err := a.Do(ctx, op, nil); err != nil && ctx.Err() == nil {
						t.Errorf("%s: %v", op, err)
						return
					}
				}
				agent.Call[agent.AnnouncementView](ctx, a, "offer", agent.Announce{Title: fmt.Sprintf("thing %d", i)})
				agent.Call[agent.AnnouncementView](ctx, a, "withdraw", agent.ItemRef{Item: fmt.Sprint(i)})
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	alice, bob := v.people[0], v.people[1]
	d := v.swap(alice, bob)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		signed := 0
		for _, p := range v.people {
			ref := agent.DealRef{Deal: d.ID.String()}
			got, err := agent.Call[agent.DealView](ctx, p, "deal", ref)
			if err == nil && got.State == "proposed" {
				do[agent.DealView](v, p, "accept", ref)
			}
			if err == nil && got.State == "signed" {
				signed++
			}
		}
		if signed == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("alice sees %s, bob %s", v.lines(alice), v.lines(bob))
			break
		}
	}
	check(t, bob.Close()) // while it runs
	cancel()
	all.Wait()
}
