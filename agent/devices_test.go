package agent_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/internal/kv"
)

func (v *village) devices(p *person) []agent.DeviceView {
	v.t.Helper()
	return do[[]agent.DeviceView](v, p, "devices", agent.None{})
}

// second is a person's second device, restored from the words.
func (v *village) second(p *person, name string) *person {
	v.t.Helper()
	q := &person{name: p.name + " again", root: p.root, store: new(kv.Memory), once: new(agent.MemoryOnce), device: name}
	a, err := agent.Restore(v.t.Context(), v.config(q), []string{v.market()})
	check(v.t, err)
	q.Agent = a
	v.people = append(v.people, q)
	return q
}

// TestDevicesSeeEachOther: two devices with the same words learn of each other
// and are warned; one that is forgotten is gone for both, unless it is used
// again.
func TestDevicesSeeEachOther(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	phone := v.person("alice")
	phone.device = "phone"
	v.restart(phone)
	v.run(sxp.Minute)
	if list := v.devices(phone); len(list) != 1 || !list[0].This || list[0].Name != "phone" || list[0].Seen > v.clock || list[0].Seen%sxp.Time(sxp.Hour) != 0 || list[0].Warning != "" {
		t.Errorf("the only device: %+v", list)
	}
	v.clock = v.clock.Add(sxp.Hour)
	tablet := v.second(phone, "tablet")
	v.run(2 * sxp.Hour)
	for _, p := range []*person{phone, tablet} {
		list := v.devices(p)
		if len(list) != 2 {
			t.Fatalf("%s sees %+v", p.device, list)
		}
		for _, d := range list {
			if d.This != (d.Name == p.device) || (d.Warning == "") != d.This {
				t.Errorf("%s sees %+v", p.device, d)
			}
		}
	}
	tablet.away = true
	v.skip(5 * sxp.Day)
	list := v.devices(phone)
	if list[0].Name != "phone" || list[1].Warning != "" {
		t.Errorf("after days: %+v", list)
	}
	v.fails(phone, "device.forget", agent.DeviceRef{ID: list[0].ID}, sxp.Conflict, "in your hand")
	v.fails(phone, "device.forget", agent.DeviceRef{ID: "x"}, sxp.NotFound, "no device")
	do[agent.None](v, phone, "device.forget", agent.DeviceRef{ID: list[1].ID})
	v.run(sxp.Minute)
	if list := v.devices(phone); len(list) != 1 {
		t.Errorf("after the tablet was forgotten: %+v", list)
	}
	if list := v.devices(v.second(phone, "laptop")); len(list) != 1 || list[0].Name != "phone" {
		t.Errorf("the next one restores %+v", list)
	}
	tablet.away = false
	v.run(2 * sxp.Hour)
	if list := v.devices(phone); len(list) != 3 {
		t.Errorf("the tablet is in use again: %+v", list)
	}
}

// TestRetire: nothing stays on boards or at relays, and nothing comes back.
func TestRetire(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1, "alice", "bob")
	v.found()
	alice, bob := v.person("alice"), v.person("bob")
	v.offer(bob, "a boat")
	v.offer(bob, "a car")
	do[agent.AnnouncementView](v, bob, "withdraw", agent.ItemRef{Item: "2"})
	v.run(sxp.Minute)
	got := do[agent.Retired](v, bob, "retire", agent.None{})
	if got.Withdrawn != 1 || got.Deleted == 0 || len(got.Failed) != 0 || len(got.Open) != 0 {
		t.Errorf("retired: %+v", got)
	}
	if found := v.search(alice, "boat"); len(found) != 0 {
		t.Errorf("still found: %+v", found)
	}
	v.run(2 * sxp.Hour)
	_, err := agent.Restore(t.Context(), v.config(&person{root: bob.root, store: new(kv.Memory), once: new(agent.MemoryOnce)}), []string{v.market()})
	if sxp.KindOf(err) != sxp.NotFound {
		t.Errorf("restored after that: %v", err)
	}
	v.restart(bob) // who did not erase after all
	v.run(10 * sxp.Minute)
	again, err := agent.Restore(t.Context(), v.config(&person{root: bob.root, store: new(kv.Memory), once: new(agent.MemoryOnce)}), []string{v.market()})
	if err != nil {
		t.Fatalf("who goes on has no copies: %v", err)
	}
	check(t, again.Close())
	v.offer(alice, "a barn")
	v.accept(v.swap(alice, bob).ID.String(), alice)
	v.down["http://market.test"] = true
	got = do[agent.Retired](v, alice, "retire", agent.None{})
	if got.Withdrawn != 0 || len(got.Failed) != 2 || len(got.Open) != 1 || !strings.Contains(got.Failed[0], "barn") {
		t.Errorf("with the node away: %+v", got)
	}
}

// TestChangesAreTold: whoever shows the state hears that it has changed, may
// ask from there, and hears nothing where only bookkeeping was done.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob")
	alice, bob := v.person("alice"), v.person("bob")
	v.befriend(alice, bob)
	v.run(sxp.Minute)
	var told atomic.Int64
	heard := make(chan int, 100)
	alice.changed = func() {
		told.Add(1)
		s, err := agent.Call[agent.Status](t.Context(), alice, "status", agent.None{})
		if err == nil {
			heard <- s.Messages
		}
	}
	check(t, alice.Close())
	v.restart(alice)
	v.run(sxp.Minute)
	for drained := false; !drained; { // the device's own record
		select {
		case <-heard:
		case <-time.After(100 * time.Millisecond):
			drained = true
		}
	}
	before := told.Load()
	v.run(10 * sxp.Minute)
	time.Sleep(50 * time.Millisecond)
	if n := told.Load(); n != before {
		t.Errorf("told %d times that nothing has changed", n-before)
	}
	v.send(bob, "alice", "news")
	v.run(10 * sxp.Second)
	select {
	case n := <-heard:
		if n != 1 {
			t.Errorf("told of a change with %d unread", n)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody was told of a letter")
	}
	check(t, alice.Close())
}
