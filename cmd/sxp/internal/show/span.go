package show

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sxp"
)

// unit is one step of a span of time.
type unit struct {
	of   sxp.Duration
	name string
}

// units are from large to small; people think in days, so there are no months.
var units = []unit{{sxp.Day, "d"}, {sxp.Hour, "h"}, {sxp.Minute, "min"}, {sxp.Second, "s"}, {sxp.Millisecond, "ms"}}

// Span returns d rounded to its largest unit, or to its two largest where the
// first one is small: "90 d", "1 d 3 h", "4 min 10 s", "250 ms".
func Span(d sxp.Duration) string {
	if d < 0 {
		d = -d
	}
	d = round(d)
	for i, u := range units {
		n := d / u.of
		if n == 0 {
			continue
		}
		s := fmt.Sprintf("%d %s", n, u.name)
		if rest := d - n*u.of; fine(i, n) && rest > 0 {
			s += fmt.Sprintf(" %d %s", rest/units[i+1].of, units[i+1].name)
		}
		return s
	}
	return "0 s"
}

// fine reports whether n of unit i need the next unit beside them.
func fine(i int, n sxp.Duration) bool { return n < 10 && i+1 < len(units)-1 }

// round rounds d to what Span shows of it.
func round(d sxp.Duration) sxp.Duration {
	for i, u := range units {
		n := d / u.of
		if n == 0 {
			continue
		}
		step := u.of
		if fine(i, n) {
			step = units[i+1].of
		}
		return (d + step/2) / step * step
	}
	return d
}

// When returns t as seen at now: "in 23 h", "5 min ago", "now" for less than a
// second either way, "never" for the zero time.
func When(now, t sxp.Time) string {
	switch d := t.Sub(now); {
	case t == 0:
		return "never"
	case d > -sxp.Second && d < sxp.Second:
		return "now"
	case d > 0:
		return "in " + Span(d)
	default:
		return Span(d) + " ago"
	}
}

// Clock returns t as a date and a time to the second, in UTC, so that people
// in several places read the same: "2026-11-20 08:47:41 UTC", "never" for the
// zero time.
func Clock(t sxp.Time) string {
	if t == 0 {
		return "never"
	}
	return t.Std().UTC().Format("2006-01-02 15:04:05 UTC")
}

// A Duration is a span as people type it; it is a pflag.Value.
type Duration sxp.Duration

// Set reads "90d", "2w", "1h30m", "250ms": weeks and days, or the units of
// time.ParseDuration. Negative spans are refused.
func (d *Duration) Set(s string) error {
	day := sxp.Duration(0)
	switch {
	case strings.HasSuffix(s, "w"):
		day = 7 * sxp.Day
	case strings.HasSuffix(s, "d"):
		day = sxp.Day
	}
	if day > 0 {
		n, err := strconv.ParseUint(s[:len(s)-1], 10, 16)
		if errors.Is(err, strconv.ErrRange) {
			return fmt.Errorf("%q is longer than anything here may last", s)
		}
		if err != nil {
			return fmt.Errorf("%q is not a span of time: write 90d, 2w, 36h, 30s or 250ms", s)
		}
		*d = Duration(sxp.Duration(n) * day)
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 || v != v.Truncate(time.Millisecond) {
		return fmt.Errorf("%q is not a span of time: write 90d, 2w, 36h, 30s or 250ms", s)
	}
	*d = Duration(sxp.DurationOf(v))
	return nil
}

// UnmarshalText is Set, for configuration files.
func (d *Duration) UnmarshalText(text []byte) error { return d.Set(string(text)) }

// String returns a form that Set reads; "" for the zero span, which stands for
// the default everywhere.
func (d *Duration) String() string {
	if *d == 0 {
		return ""
	}
	return sxp.Duration(*d).String()
}

// Type is what the help calls the value.
func (d *Duration) Type() string { return "span" }
