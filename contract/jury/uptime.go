package jury

import (
	"sxp"
	"sxp/envelope"
)

// maxSpans is how many spans of uptime are remembered; for moments before the
// oldest a juror abstains.
const maxSpans = 1024

// uptimeKey is the record of a juror's uptime; it is no session's m.
var uptimeKey = sxp.Sum([]byte("sxp juror uptime"))

// uptime is the durable high-water mark of a juror's clock: the spans in which
// it was up and its clock ran on. ⚠ A juror votes void only if one span covers
// the whole window of a session: otherwise a claim may have passed it.
type uptime struct {
	Spans []span `json:"spans"` // ascending; the last is the present one

	saved sxp.Time // To when it was last saved
}

type span struct {
	From sxp.Time `json:"from"`
	To   sxp.Time `json:"to"`
}

// mark is the latest moment that was recorded.
func (u *uptime) mark() sxp.Time {
	if len(u.Spans) == 0 {
		return 0
	}
	return u.Spans[len(u.Spans)-1].To
}

// open starts a span. After a clock that went back it starts behind the mark,
// and ⚠ what was counted of the moments between is forgotten: another clock
// counted them, and this juror may be down when they come.
func (u *uptime) open(now sxp.Time, keep bool) {
	from := max(now, u.mark()+1)
	for !keep && len(u.Spans) > 0 && u.Spans[len(u.Spans)-1].From > now {
		u.Spans = u.Spans[:len(u.Spans)-1]
	}
	if n := len(u.Spans); !keep && n > 0 {
		u.Spans[n-1].To = min(u.Spans[n-1].To, now)
	}
	u.Spans = append(u.Spans, span{from, from})
	if len(u.Spans) > maxSpans {
		u.Spans = u.Spans[len(u.Spans)-maxSpans:]
	}
}

// covers reports whether the juror was up from one moment to the other.
func (u *uptime) covers(from, to sxp.Time) bool {
	for _, s := range u.Spans {
		if s.From <= from && s.To >= to {
			return true
		}
	}
	return false
}

// next returns when the driver must be heard of again.
func (u *uptime) next(gap sxp.Duration) sxp.Time { return u.mark().Add(max(gap/2, sxp.Millisecond)) }

// rise opens a span at a start: what happened since the mark is unknown.
func (j *Juror) rise(now sxp.Time) error {
	j.up.open(now, j.rules.keepSpans)
	if err := j.withdraw(now); err != nil {
		return err
	}
	return j.saveUptime()
}

// pass extends the present span, or opens another after a silence or a step of
// the clock of more than MaxGap.
func (j *Juror) pass(now sxp.Time) error {
	mark := j.up.mark()
	switch gap := now.Sub(mark); {
	case len(j.up.Spans) == 0, gap > j.cfg.MaxGap, gap < -j.cfg.MaxGap:
		if n := len(j.up.Spans); n > 0 && j.up.Spans[n-1].From > now && (j.up.Spans[n-1].From == j.up.Spans[n-1].To || j.rules.keepSpans) {
			return nil // still behind the mark
		}
		return j.rise(now)
	case gap > 0:
		j.up.Spans[len(j.up.Spans)-1].To = now
	}
	if j.up.mark().Sub(j.up.saved) < j.cfg.MaxGap/2 {
		return nil
	}
	return j.saveUptime()
}

func (j *Juror) saveUptime() error {
	b, err := envelope.Marshal(&j.up)
	if err != nil {
		return err
	}
	j.up.saved = j.up.mark()
	j.do(Save{Key: uptimeKey, Value: b})
	return nil
}
