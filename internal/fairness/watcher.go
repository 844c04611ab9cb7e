package fairness

import (
	"fmt"
	"maps"
	"slices"

	"sxp"
	"sxp/contract"
)

// A watcher drives one contract.Watcher, that of one party.
type watcher struct {
	life
	i     int
	keys  *signer
	m     *contract.Watcher
	disk  map[sxp.Hash][]byte
	timer sxp.Time
}

func newWatcher(r *run, i int) *watcher {
	w := &watcher{i: i, keys: r.w.lab.watcher(i), disk: map[sxp.Hash][]byte{}}
	w.life = newLife(r, Member{Watcher, i + 1}, w.wake)
	w.m = contract.NewWatcher(w.config())
	return w
}

func (w *watcher) config() contract.WatcherConfig {
	return contract.WatcherConfig{Algebra: w.r.w.algebra, Signer: w.keys, Reader: &w.r.w.lab.reader}
}

func (w *watcher) contact() contract.Contact {
	return contract.Contact{ID: w.keys.ID(), Address: fmt.Sprintf("https://watcher%d.example", w.i+1)}
}

// watcherAt returns the watcher that somebody named, nil for a stranger.
func (r *run) watcherAt(c contract.Contact) *watcher {
	for _, w := range r.watchers {
		if w.keys.ID() == c.ID {
			return w
		}
	}
	return nil
}

func (w *watcher) now() sxp.Time { return w.r.now.Add(w.r.offset(w.who)) }

func (w *watcher) wake() {
	w.m, w.timer = contract.NewWatcher(w.config()), 0
	w.r.note("restart watcher")
	for _, key := range sortedKeys(w.disk) {
		if err := w.m.Restore(w.disk[key]); err != nil {
			panic("fairness: a watcher's own record: " + err.Error())
		}
	}
	w.step(contract.Start{Now: w.now()}, nil)
}

func (w *watcher) step(ev contract.Event, reply func(contract.WatchAnswer)) {
	if w.down {
		return
	}
	acts, err := w.m.Step(ev)
	if err != nil {
		w.r.refused(w.who, err)
	}
	for _, a := range acts {
		w.do(a, reply)
	}
	if w.down {
		return
	}
	if next := w.m.Next(); next != 0 && next != w.timer {
		w.timer = next
		w.r.after(next.Sub(w.now()), func() {
			if w.timer == next {
				w.timer = 0
				w.step(contract.Tick{Now: w.now()}, nil)
			}
		})
	}
}

func (w *watcher) do(a contract.Action, reply func(contract.WatchAnswer)) {
	switch a := a.(type) {
	case contract.SaveRecord:
		switch {
		case !w.effect():
		case len(a.Value) == 0:
			delete(w.disk, a.Key)
		default:
			w.disk[a.Key] = a.Value
		}
	case contract.Reply:
		if w.effect() && reply != nil {
			reply(a.Answer)
		}
	case contract.FileClaim:
		w.r.say("%s files the claim", w.who)
		w.r.note("watcher files")
		for _, to := range a.To {
			o := &out{from: w.who, to: w.r.jurorMember(to.ID), kind: claiming, raw: a.Claim, seat: to.Seat, m: a.M}
			if (!w.r.adv.holds(w.who) || w.r.adv.lets(o)) && w.effect() {
				w.r.carry(o)
			}
		}
	default:
		panic(fmt.Sprintf("fairness: a driver must do %T", a))
	}
}

// sortedKeys gives the same order in every run.
func sortedKeys(m map[sxp.Hash][]byte) []sxp.Hash {
	return slices.SortedFunc(maps.Keys(m), func(a, b sxp.Hash) int { return slices.Compare(a[:], b[:]) })
}
