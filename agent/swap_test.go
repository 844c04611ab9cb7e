package agent_test

import (
	"maps"
	"slices"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
)

// strangers is seed 000: Alice has maths lessons and wants beer, Bob has beer
// and wants coins, Charlie has coins and wants maths lessons.
func strangers(t *testing.T, jurors int) *village {
	v := newVillage(t, jurors, "alice", "bob", "charlie")
	v.found()
	do[agent.AnnouncementView](v, v.person("alice"), "offer", agent.Announce{Title: "3 h maths lessons", Wants: []string{"beer"}})
	do[agent.AnnouncementView](v, v.person("bob"), "offer", agent.Announce{Title: "20 l beer", Wants: []string{"coins"}})
	do[agent.AnnouncementView](v, v.person("charlie"), "offer", agent.Announce{Title: "12 coins"})
	do[agent.AnnouncementView](v, v.person("charlie"), "need", agent.Announce{Title: "maths lessons"})
	return v
}

// proposed waits until everybody has the ring's proposal.
func (v *village) proposed() {
	v.t.Helper()
	for range 60 {
		v.run(sxp.Second)
		ready := true
		for _, p := range v.people {
			ready = ready && len(v.deals(p)) == 1
		}
		if ready {
			return
		}
	}
	v.t.Fatal("no proposal within a minute")
}

func TestThreeStrangersSwap(t *testing.T) {
	v := strangers(t, 5)
	v.proposed()
	for _, p := range v.people {
		d := v.deals(p)[0]
		if d.State != "proposed" || len(d.Give) != 1 || len(d.Get) != 1 {
			t.Fatalf("%s sees %+v", p.name, d)
		}
		do[agent.DealView](v, p, "accept", agent.DealRef{Deal: "1"})
	}
	v.run(2 * sxp.Minute)
	var first []byte
	for _, p := range v.people {
		d := v.deals(p)[0]
		if d.State != "signed" || d.ByJury {
			t.Errorf("%s: state %s, by jury %v, want signed without the jury; %v", p.name, d.State, d.ByJury, d.Events)
			continue
		}
		told(t, d)
		f := do[agent.ContractFile](v, p, "contract.file", agent.DealRef{Deal: "1"})
		r, err := contract.Verify(f.Data)
		check(t, err)
		if first == nil {
			first = f.Data
			t.Logf("%+v", r)
		} else if string(first) != string(f.Data) {
			t.Errorf("%s has another file", p.name)
		}
	}
}

// told requires that the history of a signed deal is there for programs too.
func told(t *testing.T, d agent.DealView) {
	t.Helper()
	did := map[string]int{}
	for _, e := range d.Events {
		did[e.What]++
		if who := slices.IndexFunc(d.Parties, func(p agent.DealParty) bool { return p.ID == e.Who }); who < 0 {
			continue
		} else if p := d.Parties[who]; !p.Me && e.Text != p.Name+" "+e.What || p.Me && e.Text != "you "+e.What {
			t.Errorf("%q is told as %q of %s", e.Text, e.What, p.Name)
		}
	}
	// Whoever gets the whole contract from another does not see each signature.
	if did["signed"] < 1 || did["signed"] > 3 {
		t.Errorf("%d are told to have signed", did["signed"])
	}
	delete(did, "signed")
	want := map[string]int{"arrived": 1, "accepted": 3, "drawn": 1, "promised": 3, "lodged": 1, "complete": 1}
	if !maps.Equal(did, want) {
		t.Errorf("events %v, want %v", did, want)
	}
	for _, x := range d.Transfers {
		if x.Kind == "" {
			t.Errorf("%s is of no kind", x.Item)
		}
	}
}

func TestSecondVanishesAfterPromise(t *testing.T) {
	v := strangers(t, 5)
	v.proposed()
	for _, p := range v.people {
		do[agent.DealView](v, p, "accept", agent.DealRef{Deal: "1"})
	}
	bob := v.person("bob")
	for range 100 {
		v.run(500 * sxp.Millisecond)
		if v.deals(bob)[0].State == "promised" {
			break
		}
	}
	bob.away = true
	v.run(30 * sxp.Minute)
	for _, name := range []string{"alice", "charlie"} {
		if d := v.deals(v.person(name))[0]; d.State != "signed" {
			t.Errorf("%s: %s, want signed; %v", name, d.State, d.Events)
		}
	}
	bob.away = false
	v.restart(bob)
	v.run(sxp.Minute)
	if d := v.deals(bob)[0]; d.State != "signed" {
		t.Errorf("bob after his return: %s; %v", d.State, d.Events)
	}
}

func TestThirdNeverPromises(t *testing.T) {
	v := strangers(t, 3)
	v.proposed()
	for _, name := range []string{"alice", "bob"} {
		do[agent.DealView](v, v.person(name), "accept", agent.DealRef{Deal: "1"})
	}
	v.run(sxp.Hour)
	v.skip(2 * sxp.Day)
	for _, name := range []string{"alice", "bob"} {
		d := v.deals(v.person(name))[0]
		if d.State != "expired" {
			t.Errorf("%s: %s, want expired; %v", name, d.State, d.Events)
		}
	}
}
