package lot

import "sxp/deal"

// A meter counts work in the units of deal.Options.Budget and tells when it is
// time to stop or to show progress.
type meter struct {
	done, budget int64
	next         int64
	show         func(deal.Progress) bool
	now          deal.Progress
	stopped      bool
}

// progressEvery is the work between two calls of Progress, some 200 ms.
const progressEvery = 10_000_000

func newMeter(budget int64, show func(deal.Progress) bool) *meter {
	if budget <= 0 {
		budget = deal.DefaultBudget
	}
	return &meter{budget: budget, show: show, next: progressEvery}
}

func (w *meter) add(units int64) {
	w.done += units
	if w.done < w.next {
		return
	}
	w.next = w.done + progressEvery
	if w.show != nil && !w.stopped {
		w.now.Done, w.now.Budget = w.done, w.budget
		w.stopped = !w.show(w.now)
	}
}

func (w *meter) spent() bool { return w.stopped || w.done >= w.budget }

// within runs f with at most so much work of what is left.
func (w *meter) within(work int64, f func()) {
	whole := w.budget
	w.budget = min(whole, w.done+work)
	f()
	w.budget = whole
}

// Add and Spent make it a meter of the simplex method.
func (w *meter) Add(units int64) { w.add(units) }

// Spent is spent.
func (w *meter) Spent() bool { return w.spent() }
