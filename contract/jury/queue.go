package jury

import "sxp"

// MaxOutside is how many claims from outside, and how many questions, wait in a
// Queue; one beyond is refused with sxp.Busy, which the asker repeats. Relayed
// claims are never refused, and no number of questions keeps a claim out.
const MaxOutside = 4096

// A Queue orders the requests of a juror's node. Relayed claims have their own
// line, served first: nobody can keep jurors from hearing each other by filing
// claims. All else is served as it arrived, so that a question for the outcome
// is answered only after every claim that came before it. The zero value is
// ready; it is not safe for concurrent use.
type Queue[T any] struct {
	relayed, others []queued[T]
	questions       int // among others
}

type queued[T any] struct {
	ev  Event
	tag T
}

// Push adds an event, with whatever the driver needs to answer it.
func (q *Queue[T]) Push(ev Event, tag T) error {
	if Relayed(ev) {
		q.relayed = append(q.relayed, queued[T]{ev, tag})
		return nil
	}
	waiting := len(q.others) - q.questions
	_, question := ev.(Query)
	if question {
		waiting = q.questions
	}
	if waiting >= MaxOutside {
		return sxp.Errorf("jury.Queue", sxp.Busy, nil, "%d requests wait already", MaxOutside)
	}
	if question {
		q.questions++
	}
	q.others = append(q.others, queued[T]{ev, tag})
	return nil
}

// Pop returns what is served next.
func (q *Queue[T]) Pop() (ev Event, tag T, ok bool) {
	line := &q.relayed
	if len(*line) == 0 {
		line = &q.others
	}
	if len(*line) == 0 {
		return nil, tag, false
	}
	head := (*line)[0]
	(*line)[0] = queued[T]{}
	*line = (*line)[1:]
	if _, question := head.ev.(Query); question {
		q.questions--
	}
	return head.ev, head.tag, true
}

// Len returns how many wait.
func (q *Queue[T]) Len() int { return len(q.relayed) + len(q.others) }

// Relayed reports whether an event is what jurors say to each other.
func Relayed(ev Event) bool {
	switch ev.(type) {
	case Forward, Shares, Delivered:
		return true
	}
	return false
}

// Served returns a request that has waited in a Queue as it is to be applied
// now; when it arrived stays as it is.
func Served(ev Event, now sxp.Time) Event {
	switch e := ev.(type) {
	case Claim:
		e.Now = now
		return e
	case Forward:
		e.Now = now
		return e
	case Shares:
		e.Now = now
		return e
	case Query:
		e.Now = now
		return e
	case Delivered:
		e.Now = now
		return e
	}
	return ev
}
