package agent_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
)

const licence = "narwhal-7731-licence-key"

// secretDeal lets alice propose to sell bob the licence key for 10 EUR.
func secretDeal(v *village, notary bool) agent.DealView {
	v.t.Helper()
	bob := v.person("bob").ID().String()
	return do[agent.DealView](v, v.person("alice"), "propose.deal", agent.ComposeDeal{Notary: notary, Transfers: []agent.ComposeMove{
		{To: bob, Item: "licence key", Secret: sxp.Bytes(licence), Declare: true}, {From: bob, Item: "10 EUR"}}})
}

// secretKeys counts what a device still holds to make a lock with.
func (v *village) secretKeys(p *person) (n int) {
	v.scan(p, func(key string, _ []byte) {
		if strings.HasPrefix(key, "secret/") {
			n++
		}
	})
	return n
}

// TestSecretIsSold: the buyer knows before that a secret changes hands, reads
// it once all have signed, and shows anybody what it was; neither the key nor
// the secret is left on the seller's device, in no backup, and in no store.
func TestSecretIsSold(t *testing.T) {
	t.Parallel()
	for _, notary := range []bool{false, true} {
		v := newVillage(t, 3, "alice", "bob")
		v.found()
		alice, bob := v.person("alice"), v.person("bob")
		d := secretDeal(v, notary)
		ref := agent.DealRef{Deal: d.ID.String()}
		v.until(sxp.Minute, "1", "proposed", bob)
		seen := v.newest(bob)
		if !seen.Transfers[0].Secret || seen.Transfers[0].Declared != sxp.Sum([]byte(licence)) || seen.Transfers[1].Secret ||
			len(seen.Unusual) != 1 || !strings.Contains(seen.Text, "opened by: the signature of party 1 (alice), for party 2 (bob)") {
			t.Errorf("bob sees %+v", seen)
		}
		v.fails(bob, "secret", agent.SecretRef{Deal: "1"}, sxp.Early, "once all have signed")
		v.fails(bob, "deal.counter", agent.CounterDeal{Deal: "1", Transfers: []agent.ComposeMove{{From: "alice", Item: "licence key"}, {To: "alice", Item: "1 EUR"}}}, sxp.Unsupported, "sealed for one proposal")
		v.restart(alice)
		if n := v.secretKeys(alice); n != 1 {
			t.Errorf("%d keys of secrets are kept before the lock, want 1", n)
		}
		v.accept(d.ID.String(), alice)
		v.run(sxp.Minute)
		v.restart(alice)
		v.accept("1", bob)
		v.until(3*sxp.Minute, "1", "signed", alice, bob)
		for _, p := range v.people {
			v.restart(p)
			got := do[agent.SecretView](v, p, "secret", agent.SecretRef{Deal: ref.Deal})
			if got.Text != licence || string(got.Secret) != licence || got.Transfer != 1 || got.FromName != "alice" || got.Wrong != "" {
				t.Errorf("%s reads %+v", p.name, got)
			}
			file := do[agent.ContractFile](v, p, "secret.proof", agent.SecretRef{Deal: ref.Deal, Transfer: 1})
			r, err := contract.OpenSecretProof(file.Data)
			if err != nil || string(r.Text) != licence || r.Fault != nil {
				t.Errorf("the file of %s: %+v, %v", p.name, r, err)
			}
			for _, at := range []int{2, 3} {
				v.fails(p, "secret", agent.SecretRef{Deal: ref.Deal, Transfer: at}, sxp.NotFound, "no secret")
			}
			v.scan(p, func(key string, value []byte) {
				for _, form := range [][]byte{[]byte(licence), []byte(hex.EncodeToString([]byte(licence)))} {
					if bytes.Contains(value, form) {
						t.Errorf("the secret is in the record %q of %s", key, p.name)
					}
				}
			})
		}
		if n := v.secretKeys(alice); n != 0 {
			t.Errorf("%d keys of secrets are left after the lock", n)
		}
		v.run(time10)
		bob = v.lose(bob, "http://market.test")
		v.run(sxp.Minute)
		if got := do[agent.SecretView](v, bob, "secret", agent.SecretRef{Deal: ref.Deal}); got.Text != licence {
			t.Errorf("from the backup bob reads %+v", got)
		}
	}
}

// TestSecretWhereSomebodyVanishes: whoever goes away once both have promised,
// the jury completes, and both have what they signed for. Whoever goes before
// leaves nobody bound.
func TestSecretWhereSomebodyVanishes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"alice", "bob"} {
		v := newVillage(t, 3, "alice", "bob")
		v.log = quiet
		v.found()
		alice, bob := v.person("alice"), v.person("bob")
		d := secretDeal(v, false)
		v.run(sxp.Minute)
		gone, left := alice, bob
		if name == "bob" {
			gone, left = bob, alice
		}
		v.accept(d.ID.String(), left)
		v.run(sxp.Minute)
		v.accept(d.ID.String(), gone) // sends acceptance, and what it can when the others' are here
		v.run(2 * sxp.Second)
		promised := func() bool {
			for _, p := range do[agent.DealView](v, left, "deal", agent.DealRef{Deal: d.ID.String()}).Parties {
				if !p.Promised {
					return false
				}
			}
			return true
		}
		for range 100 {
			if promised() {
				break
			}
			v.run(sxp.Second)
		}
		gone.away = true
		if !promised() {
			t.Fatalf("%s vanished too early: %s", name, v.lines(left))
		}
		v.until(26*sxp.Hour, d.ID.String(), "signed", left)
		if got := do[agent.SecretView](v, left, "secret", agent.SecretRef{Deal: d.ID.String()}); got.Text != licence {
			t.Errorf("%s is gone, %s reads %+v", name, left.name, got)
		}
		gone.away = false
		v.until(2*sxp.Hour, d.ID.String(), "signed", gone)
		if got := do[agent.SecretView](v, gone, "secret", agent.SecretRef{Deal: d.ID.String()}); got.Text != licence {
			t.Errorf("%s is back and reads %+v", name, got)
		}
	}
}

// TestSecretOfALostDevice: a seller that lost its device before the lock can
// give the secret no more; nobody is bound.
func TestSecretOfALostDevice(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	d := secretDeal(v, false)
	v.accept(d.ID.String(), alice)
	v.run(time10)
	alice.away = true
	alice = v.lose(alice, "http://market.test")
	v.accept("1", bob)
	alice.away = false
	v.until(30*sxp.Hour, d.ID.String(), "expired", bob)
	for _, p := range v.people {
		for _, e := range do[agent.DealView](v, p, "deal", agent.DealRef{Deal: d.ID.String()}).Events {
			if e.What == "promised" {
				t.Errorf("%s: %s", p.name, e.Text)
			}
		}
	}
}

// TestSecretsOfOthers: nobody seals what somebody else gives, no three sign
// over a secret, and none is too long.
func TestSecretsOfOthers(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob", "charlie")
	v.found()
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.offer(bob, "x")
	v.offer(charlie, "y")
	move := func(from, to string, secret string) agent.ComposeMove {
		return agent.ComposeMove{From: from, To: to, Item: "a key", Secret: sxp.Bytes(secret)}
	}
	v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{move("bob", "me", "s"), {To: "bob", Item: "1 EUR"}}}, sxp.Denied, "only who gives a secret")
	v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{move("me", "bob", "s"), {From: "bob", To: "charlie", Item: "1 EUR"}}}, sxp.Invalid, "contract of two")
	v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{move("me", "bob", strings.Repeat("s", contract.MaxSecret+1)), {From: "bob", Item: "1 EUR"}}}, sxp.TooLarge, "1 to 4096")
	v.fails(alice, "propose.deal", agent.ComposeDeal{Transfers: []agent.ComposeMove{move("me", "bob", "s"), move("me", "bob", "t")}}, sxp.Invalid, "two secrets")
	if n := v.secretKeys(alice); n != 0 {
		t.Errorf("%d keys of secrets that no proposal has", n)
	}
	v.fails(alice, "secret", agent.SecretRef{Deal: "1"}, sxp.NotFound, "no deal")
}

// TestSecretKeysOfNothing: the key of a proposal that came to nothing is
// destroyed.
func TestSecretKeysOfNothing(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	declined, forgotten := secretDeal(v, false), secretDeal(v, false)
	v.accept(declined.ID.String(), alice)
	v.run(sxp.Minute)
	do[agent.DealView](v, bob, "decline", agent.DealRef{Deal: declined.ID.String()})
	v.run(sxp.Minute)
	if n := v.secretKeys(alice); n != 1 {
		t.Errorf("after one was declined %d keys are left, want 1", n)
	}
	v.run(30 * sxp.Hour)
	if d := do[agent.DealView](v, alice, "deal", agent.DealRef{Deal: forgotten.ID.String()}); d.State != "expired" {
		t.Errorf("the other is %s, want expired", d.State)
	}
	if n := v.secretKeys(alice); n != 0 {
		t.Errorf("%d keys are left when both are over", n)
	}
}

// TestSecretWhereAStoreFails: whatever write of the seller's or the buyer's
// fails or is the last before a crash, the buyer gets the secret with the
// contract, and there is one lock.
func TestSecretWhereAStoreFails(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]flaky{
		"full":         {err: sxp.Errorf("test", sxp.Full, nil, "no space left")},
		"crash before": {dies: true, err: errors.New("power cut")},
		"crash after":  {keeps: true, dies: true, err: errors.New("power cut")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for k := 1; secretWithFailure(t, k, how); k++ {
				if !how.keeps || testing.Short() { // a crash after the write is the hardest
					k += 4
				}
			}
		})
	}
}

// secretWithFailure reports whether there was a k-th update at all.
func secretWithFailure(t *testing.T, k int, how flaky) bool {
	t.Helper()
	v := newVillage(t, 1, "alice", "bob")
	v.log, v.noVault = quiet, true
	v.found()
	id := secretDeal(v, false).ID.String()
	v.run(10 * sxp.Second)
	for _, p := range v.people {
		f := how
		f.Store, f.left = p.store, k
		p.store, p.unlucky = &f, true
		v.restart(p)
	}
	for range 240 {
		v.run(500 * sxp.Millisecond)
		signed := 0
		for _, p := range v.people {
			f := p.store.(*flaky)
			if f.dead {
				f.dead = false
				v.restart(p)
			}
			d, err := agent.Call[agent.DealView](t.Context(), p, "deal", agent.DealRef{Deal: id})
			if err == nil && d.State == "proposed" {
				agent.Call[agent.DealView](t.Context(), p, "accept", agent.DealRef{Deal: id})
			}
			if err == nil && d.State == "signed" {
				signed++
			}
		}
		if signed == 2 {
			break
		}
	}
	for _, p := range v.people {
		got, err := agent.Call[agent.SecretView](t.Context(), p, "secret", agent.SecretRef{Deal: id})
		if err != nil || got.Text != licence || strings.Contains(v.lines(p), "broke the rules") {
			t.Fatalf("update %d: %s reads %+v, error %v: %s", k, p.name, got, err, v.lines(p))
		}
	}
	if n := v.secretKeys(v.person("alice")); n != 0 {
		t.Errorf("update %d: %d keys of secrets are left", k, n)
	}
	return v.people[0].store.(*flaky).hit || v.people[1].store.(*flaky).hit
}
