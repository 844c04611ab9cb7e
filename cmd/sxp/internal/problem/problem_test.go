package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
)

// list has rings of two and three items; at most five items can be traded.
const list = `(ann) 1 : 2 4
(bob) 2 : 3
(cyd) 3 : 1
(dan) 4 : 5 1
(eve) 5 : 4 9
(eve) 6 : 1
`

func read(t *testing.T, name, text string) *Market {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Read(path, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// answered solves a market and returns the answer as others get it.
func answered(t *testing.T, m *Market) (*Solved, []byte) {
	t.Helper()
	got, err := m.Solve(m.Options)
	if err != nil {
		t.Fatal(err)
	}
	a, err := got.Answer()
	if err != nil {
		t.Fatal(err)
	}
	data, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return got, data
}

// TestChangedAnswersAreRefused changes every byte of an answer with its proof:
// what is accepted all the same is worth what is said, and proves nothing that
// is wrong.
func TestChangedAnswersAreRefused(t *testing.T) {
	m := read(t, "list.txt", list)
	best, data := answered(t, m)
	if !best.Exact || best.Value.Items != 5 {
		t.Fatalf("the best is %+v", best.Value)
	}
	accepted, refused := 0, 0
	for i := range data {
		for _, c := range []byte("0159[]{},\"a ") {
			if data[i] == c {
				continue
			}
			changed := bytes.Clone(data)
			changed[i] = c
			s, err := m.Load(changed)
			if err != nil {
				refused++
				continue
			}
			v, err := m.Verify(m.Options, s)
			if err != nil {
				refused++
				continue
			}
			accepted++
			real, err := deal.Check(m.Graph, s.Rings, m.Options)
			if err != nil {
				t.Fatalf("byte %d as %q: accepted, but %v", i, c, err)
			}
			if real != v.Value || v.Bounded && v.Bound < 5 || v.Optimal && real.Items != 5 || v.Exact && real.Compare(best.Value, m.Options.Goals) != 0 {
				t.Errorf("byte %d as %q: said to be worth %+v, at most %d, optimal %t, exact %t; it is worth %+v",
					i, c, v.Value, v.Bound, v.Optimal, v.Exact, real)
			}
			if n := s.Proven(m.Options.Goals, v); n > 0 && !v.Optimal || n == 3 && !v.Exact {
				t.Errorf("byte %d as %q: %d goals proven by %+v", i, c, n, v)
			}
		}
	}
	if accepted == 0 || refused < 10*accepted {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

// TestClaimsOfAnAnswer: an answer may leave out what it is worth, but not say
// something else.
func TestClaimsOfAnAnswer(t *testing.T) {
	m := read(t, "list.txt", list)
	_, data := answered(t, m)
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		value any
		err   string
	}{
		{"nothing", map[string]any{}, ""},
		{"items only", map[string]any{"items": 5}, ""},
		{"more items", map[string]any{"items": 6}, "its items are 6, and they are 5"},
		{"fewer people", map[string]any{"items": 5, "people": 4}, "its people are 4, and they are 5"},
		{"another cost", map[string]any{"items": 5, "cost": 99}, "its cost are 99, and they are 5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fields["value"] = c.value
			changed, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			s, err := m.Load(changed)
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Verify(m.Options, s)
			if c.err == "" && err != nil || c.err != "" && (!errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %v, want %q", err, c.err)
			}
		})
	}
}

const rich = `{"format": "sxp.problem/1", "options": {"max_ring": 0},
 "money": {"currency": "EUR", "digits": 2},
 "people": [{"id": "ann"}, {"id": "bob"}],
 "items": [{"id": "lamp", "owner": "ann"}, {"id": "flour", "owner": "bob", "quantity": 4, "step": 0.5, "unit": "kg"}, {"id": "seed", "owner": "bob", "gift": true}],
 "bids": [{"id": "a", "by": "ann", "give": {"of": [{"item": "lamp"}]}, "get": 20},
          {"id": "b", "by": "bob", "take": {"of": [{"item": "lamp"}]}, "pay": 21},
          {"id": "s", "by": "ann", "take": {"of": [{"item": "seed"}]}},
          {"id": "c", "by": "ann", "take": {"of": [{"item": "flour", "amount": 1.5}]}, "pay": 4, "times": 2},
          {"id": "d", "by": "bob", "give": {"of": [{"item": "flour", "amount": 1.5}]}, "get": 2, "times": 2}]}`

// TestRichLines: amounts, units, payments, gifts and repetitions are in words.
func TestRichLines(t *testing.T) {
	m := read(t, "rich.json", rich)
	got, _ := answered(t, m)
	var lines []string
	for _, l := range got.Lines {
		s := l.String()
		if l.Times > 1 {
			s += " ×" + string(rune('0'+l.Times))
		}
		if l.Chain {
			s = "chain: " + s
		}
		lines = append(lines, s)
	}
	want := "ann —lamp→ bob; bob pays ann 20.50 EUR | chain: bob —seed→ ann | bob —1.5 kg flour→ ann; ann pays bob 3.00 EUR ×2"
	if text := strings.Join(lines, " | "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// TestAsk: what is asked for takes the place of what the problem says itself.
func TestAsk(t *testing.T) {
	m := read(t, "rich.json", rich)
	if m.Options.MaxRing != 0 || !m.Certain() {
		t.Fatalf("options %+v, certain %t", m.Options, m.Certain())
	}
	opt := m.Options
	opt.MaxRing, opt.Goals = 2, []deal.Goal{deal.Expected, deal.People}
	if err := m.Ask(opt, 900_000, 1); err != nil {
		t.Fatal(err)
	}
	if m.Certain() || m.Options.MaxRing != 2 || m.Options.Goals[0] != deal.Expected {
		t.Errorf("options %+v, certain %t", m.Options, m.Certain())
	}
	got, _ := answered(t, m)
	if got.Value.Items != 2 { // one for each
		t.Errorf("%d items, want 2", got.Value.Items)
	}
	opt.MaxRing = 99
	if err := m.Ask(opt, 0, 0); !errors.Is(err, sxp.Invalid) {
		t.Errorf("rings of 99: %v", err)
	}
}

// TestArrange puts moves behind one another.
func TestArrange(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"ab", "a —x→ b"},
		{"ab cd bc", "a —x→ b —x→ c —x→ d"},
		{"bc ca ab", "b —x→ c —x→ a —x→ b"},
		{"bc ab", "a —x→ b —x→ c"},
		{"ab cd", "a —x→ b; c —x→ d"},
		{"ab ba ab", "a —x→ b —x→ a —x→ b"},
	} {
		var l Line
		for _, f := range strings.Fields(c.in) {
			l.Moves = append(l.Moves, Move{f[:1], "x", f[1:]})
		}
		if l.arrange(); l.String() != c.want {
			t.Errorf("%q: %q, want %q", c.in, l, c.want)
		}
	}
}

// TestReadRefuses names what a file is instead of reading it as a list.
func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"folder": "", "empty": "", "picture": "\x89PNG\r\n\x1a\n\x00\x00", "wide": "\xff\xfe(\x00a\x00)\x00", "comment": "# nothing\n", "wrong": "(ann 1 : 2\n",
	} {
		path := filepath.Join(dir, name)
		if name == "folder" {
			path = dir
		} else if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"folder": "is a folder", "empty": "no want list", "picture": "it is no text", "wide": "UTF-16", "comment": "no want list", "wrong": "wrong:1: ')' is missing"}[name]
		if _, err := Read(path, Settings{}); !errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := Read("", Settings{}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("no name: %v", err)
	}
}
