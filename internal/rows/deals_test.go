package rows_test

import (
	"fmt"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/node"
	"sxp/relay"
)

// square is a town with one node that has every service, and jurors.
func square(t *testing.T, jurors int, names ...string) *town {
	t.Helper()
	w := newTown(t)
	at := w.add("http://square.test", node.Roles{Relay: true, Board: true, Watcher: true}, relay.Policy{})
	for i := range jurors {
		w.add(fmt.Sprintf("http://j%d.test", i+1), node.Roles{Juror: true}, relay.Policy{})
	}
	for _, name := range names {
		w.move(name, at)
	}
	w.found(at, agent.PublishRoll{Size: jurors})
	for i, p := range w.people {
		do[agent.AnnouncementView](w, p, "offer", agent.Announce{Title: fmt.Sprintf("thing %d", i)})
	}
	return w
}

// jurorsHeard counts the requests that jurors had.
func (w *town) jurorsHeard() (n int) {
	for _, url := range w.order {
		if services := w.nodes[url].Services(); len(services) == 1 && services[0] == "juror" {
			n += len(w.nodes[url].bytes)
		}
	}
	return n
}

// TestLongRings: a contract of five people, and of as many as there may be, is
// signed by all alike: without the jury when all stay, by the jury when the
// last one vanishes with the promise.
func TestLongRings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		people int
		vanish bool
	}{{5, false}, {5, true}, {sxp.MaxParties, true}} {
		t.Run(fmt.Sprintf("%d people, vanish %v", c.people, c.vanish), func(t *testing.T) {
			t.Parallel()
			if testing.Short() && c.people > 5 {
				t.Skip("long")
			}
			var names []string
			for i := range c.people {
				names = append(names, fmt.Sprintf("person%d", i+1))
			}
			w := square(t, 3, names...)
			var ring []agent.ComposeMove
			for i := range names {
				ring = append(ring, agent.ComposeMove{From: names[i], To: names[(i+1)%len(names)], Item: fmt.Sprintf("ware %d", i)})
			}
			ring[0].From, ring[len(ring)-1].To = "", ""
			do[agent.DealView](w, w.people[0], "propose.deal", agent.ComposeDeal{Accept: true, Transfers: ring})
			w.until(sxp.Minute, "proposed", w.people[1:]...)
			before := w.jurorsHeard()
			for i, p := range w.people[1:] {
				w.run(2 * sxp.Second)
				do[agent.DealView](w, p, "accept", agent.DealRef{Deal: "1"})
				if i == len(w.people)-2 && c.vanish {
					w.run(sxp.Second)
					p.away = true
				}
			}
			stay := w.people
			if c.vanish {
				stay = stay[:len(stay)-1]
			}
			w.until(sxp.Hour, "signed", stay...)
			file := do[agent.ContractFile](w, w.people[0], "contract.file", agent.DealRef{Deal: "1"})
			if _, err := contract.Verify(file.Data); err != nil {
				t.Error(err)
			}
			if asked := w.jurorsHeard() > before; asked != c.vanish {
				t.Errorf("the jury was asked: %v, want %v: %v", asked, c.vanish, w.deal(w.people[0]).Events)
			}
			if by := w.deal(w.people[0]).ByJury; by != c.vanish {
				t.Errorf("by the jury: %v, want %v: %v", by, c.vanish, w.deal(w.people[0]).Events)
			}
			w.people[len(w.people)-1].away = false
			w.until(30*sxp.Minute, "signed", w.people...)
		})
	}
}
