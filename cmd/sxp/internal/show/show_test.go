package show_test

import (
	"strings"
	"testing"

	"sxp"
	"sxp/cmd/sxp/internal/show"
)

func TestStrangersTextIsHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"bière, 20 l":          "bière, 20 l",
		"two\nlines\tand\rtab": "two lines and tab",
		"\x1b[31mred\x07":      "\uFFFD[31mred\uFFFD",
		"abc\u202Edcb":         "abc\uFFFDdcb",
		"bad \xff utf-8":       "bad \uFFFD utf-8",
	} {
		if got := show.Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
	if got := show.Text("a\nb\x1b"); got != "a\nb\uFFFD" {
		t.Errorf("Text = %q", got)
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	show.Table(&b, []string{"#", "what", "until"}, [][]string{{"1", "bière", "in 3 d"}, {"22", "maths\nlessons", ""}})
	want := "#   what           until\n" +
		"1   bière          in 3 d\n" +
		"22  maths lessons\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestRing(t *testing.T) {
	ring := []show.Arrow{{"bob", "beer", "alice"}, {"alice", "maths lessons", "charlie"}, {"charlie", "coins", "bob"}}
	want := "bob —beer→ alice —maths lessons→ charlie —coins→ bob"
	if got := show.Ring(ring); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := show.Ring([]show.Arrow{{"a", "x", "b"}, {"c", "y", "d"}}), "a —x→ b; c —y→ d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := show.Ring(nil); got != "" {
		t.Errorf("no arrows: %q", got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[sxp.Duration]string{
		0: "0 s", 250: "250 ms", 1500: "2 s", 1499: "1 s", 59_600: "1 min", 90*sxp.Day - 20: "90 d", sxp.Day - 1: "1 d", 61 * sxp.Second: "1 min 1 s", 90 * sxp.Minute: "1 h 30 min",
		23 * sxp.Hour: "23 h", 27 * sxp.Hour: "1 d 3 h", 90 * sxp.Day: "90 d", -5 * sxp.Minute: "5 min",
	} {
		if got := show.Span(d); got != want {
			t.Errorf("Span(%d) = %q, want %q", d, got, want)
		}
	}
	for at, want := range map[sxp.Time]string{0: "never", 1000_000: "now", 1000_999: "now", 1060_000: "in 1 min", 940_000: "1 min ago"} {
		if got := show.When(1000_000, at); got != want {
			t.Errorf("When(%d) = %q, want %q", at, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[string]sxp.Duration{
		"90d": 90 * sxp.Day, "2w": 14 * sxp.Day, "1h30m": 90 * sxp.Minute, "250ms": 250, "0s": 0, "0d": 0,
		"": -1, "d": -1, "-1d": -1, "-5s": -1, "1.5d": -1, "10": -1, "1µs": -1, "99999d": -1, "next week": -1,
	} {
		var d show.Duration
		err := d.Set(in)
		if want < 0 && err == nil || want >= 0 && (err != nil || sxp.Duration(d) != want) {
			t.Errorf("Set(%q) = %v, %v, want %v", in, d, err, want)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{"short": "short", "exactly10!": "exactly10!", "more than ten": "more than…"} {
		if got := show.Cut(in, 10); got != want {
			t.Errorf("Cut(%q) = %q, want %q", in, got, want)
		}
	}
}
