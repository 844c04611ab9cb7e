package deal

// A meter counts work and tells when it is time to stop or to show progress.
type meter struct {
	done, budget int64
	next         int64 // call show at this much work
	show         func(Progress) bool
	now          Progress
	stopped      bool // by show
}

// progressEvery is the work between two calls of Progress, some 200 ms.
const progressEvery = 10_000_000

func newMeter(opt Options) *meter {
	m := &meter{budget: opt.Budget, show: opt.Progress, next: progressEvery}
	if m.budget <= 0 {
		m.budget = DefaultBudget
	}
	return m
}

// Add and Spent make the meter one of the simplex method.
func (m *meter) Add(n int64) { m.add(n) }

// Spent is spent.
func (m *meter) Spent() bool { return m.spent() }

func (m *meter) add(n int64) {
	m.done += n
	if m.done >= m.next {
		m.report()
	}
}

// report calls the caller's Progress.
func (m *meter) report() {
	m.next = m.done + progressEvery
	if m.show == nil || m.stopped {
		return
	}
	m.now.Done, m.now.Budget = m.done, m.budget
	m.stopped = !m.show(m.now)
}

// spent reports whether the search must end.
func (m *meter) spent() bool { return m.stopped || m.done >= m.budget }

// stage names what is being done now.
func (m *meter) stage(name string) { m.now.Stage = name }

// within runs f with at most so much work, of what is left.
func (m *meter) within(work int64, f func()) {
	whole := m.budget
	m.budget = min(whole, m.done+work)
	f()
	m.budget = whole
}
