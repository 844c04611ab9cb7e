package tm_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"sxp"
	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/tm"
)

// show writes a list in one line: wants as name=cost, people in brackets.
func show(l *tm.List) string {
	var b strings.Builder
	wants := func(list []tm.Want) {
		for _, w := range list {
			if w.Dummy >= 0 {
				fmt.Fprintf(&b, " %s=%d", l.Dummies[w.Dummy].Name, w.Cost)
			} else {
				fmt.Fprintf(&b, " %s=%d", l.Items[w.Item].Name, w.Cost)
			}
		}
	}
	for _, it := range l.Items {
		fmt.Fprintf(&b, "[%s]%s:", l.People[it.Person], it.Name)
		wants(it.Wants)
		b.WriteString("; ")
	}
	for _, d := range l.Dummies {
		fmt.Fprintf(&b, "[%s]%s:", l.People[d.Person], d.Name)
		wants(d.Wants)
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestReadKeepsTheRulesOfTradeMaximizer(t *testing.T) {
	const dummies = "#! ALLOW-DUMMIES\n"
	for name, tt := range map[string]struct {
		in, want string
		rules    string // of the complaints, as line:rule
	}{
		"names are folded to upper case": {
			"(ann) a : b\n(bob) B : A", "[ann]A: B=1; [bob]B: A=1", ""},
		"unless the list is case sensitive": {
			"#! CASE-SENSITIVE\n(ann) a : B\n(bob) B : A", "[ann]a: B=1; [bob]B:", "3:unknown-item"},
		"a person's spelling of themselves does not matter": {
			"(Ann B) a : b\n(bob) b : a\n(ANN B) c : b", "[Ann B]A: B=1; [bob]B: A=1; [Ann B]C: B=1", ""},
		"an item without a named owner is its own person": {
			"a b\nb a", "[A]A: B=1; [B]B: A=1", ""},
		"colons and blanks may be missing or many": {
			"(ann)a:b   c\n(bob)  b\ta\nc : ", "[ann]A: B=1 C=1; [bob]B: A=1; [C]C:", ""},
		"comments and empty lines are skipped": {
			"# hello\n\n(ann) a : b\n#!not an option\n", "[ann]A:", "3:unknown-item 4:options-first"},
		"a byte order mark and carriage returns are no part of names": {
			"\ufeff(ann) a : b\r\n(bob) b : a\r\n", "[ann]A: B=1; [bob]B: A=1", ""},
		"linear priorities count ranks, semicolons make big steps": {
			"#! LINEAR-PRIORITIES\n(x) a : b c ; d\n(y) b :\n(y) c :\n(y) d :", "[x]A: B=1 C=2 D=12; [y]B:; [y]C:; [y]D:", ""},
		"a semicolon needs no blanks": {
			"#! LINEAR-PRIORITIES BIG-STEP=5 SMALL-STEP=2\n(x) a : b;c\n(y) b :\n(y) c :", "[x]A: B=1 C=8; [y]B:; [y]C:", ""},
		"triangle priorities": {
			"#! TRIANGLE-PRIORITIES\n(x) a : b c d\n(y) b :\n(y) c :\n(y) d :", "[x]A: B=1 C=3 D=6; [y]B:; [y]C:; [y]D:", ""},
		"square priorities": {
			"#! SQUARE-PRIORITIES\n(x) a : b c d\n(y) b :\n(y) c :\n(y) d :", "[x]A: B=1 C=4 D=9; [y]B:; [y]C:; [y]D:", ""},
		"explicit priorities hold until the next one, plus steps": {
			"#! EXPLICIT-PRIORITIES\n(x) a : b=7 c d=2\n(y) b :\n(y) c :\n(y) d :", "[x]A: B=7 C=8 D=2; [y]B:; [y]C:; [y]D:", ""},
		"explicit priorities must be asked for and be positive numbers": {
			"(x) a : b=7\n(y) b : a", "[x]A:; [y]B: A=1", "1:explicit-priority"},
		"zero, words and nothing are not positive numbers": {
			"#! EXPLICIT-PRIORITIES\n(x) a : b=0 b=x b= =4 b=99999999999999999999 b=-1 b=+1\n(y) b :", "[x]A:; [y]B:",
			"2:explicit-priority 2:explicit-priority 2:explicit-priority 2:explicit-priority 2:explicit-priority 2:explicit-priority 2:explicit-priority"},
		"dummies belong to their person and are groups": {
			dummies + "(x) %D : b c\n(x) a : %D\n(y) %D : a\n(y) b : %d\n(y) c :", "[x]A: %D=1; [y]B: %D=1; [y]C:; [x]%D: B=0 C=0; [y]%D: A=0", ""},
		"somebody else's dummy is unknown": {
			dummies + "(x) %D : b\n(y) b : %D", "[y]B:; [x]%D: B=0", "3:unknown-item"},
		"dummies need to be allowed": {
			"(x) %D : b\n(y) b : a\n(x) a : %D", "[y]B: A=1; [x]A:", "1:allow-dummies 3:unknown-item"},
		"dummies need a username": {
			dummies + "%D : b\nb : %D", "[B]B:", "2:dummy-username 3:unknown-item"},
		"the first list of an item counts": {
			"(x) a : b\n(y) b : a\n(y) a : c", "[x]A: B=1; [y]B: A=1", "3:repeated-list"},
		"a repeated want and one's own items do not advance the rank": {
			"#! LINEAR-PRIORITIES\n(x) a : a2 b b a c\n(x) a2 :\n(y) b :\n(y) c :", "[x]A: B=1 C=2; [x]A2:; [y]B:; [y]C:", "2:own-item 2:own-list 2:repeated-want"},
		"an unknown want does not advance the rank, an official one does": {
			"#! LINEAR-PRIORITIES\n!BEGIN-OFFICIAL-NAMES\na ==> \"A thing\" (from x)\nb: B thing\nc\n!END-OFFICIAL-NAMES\n(x) a : c zzz b\n(y) b :",
			"[x]A: B=2; [y]B:", "7:unknown-item"},
		"a list for an item that is not official is ignored": {
			"!begin-official-names\na\n!end-official-names\n(x) a : b\n(y) b : a", "[x]A:", "4:unknown-item 5:not-official"},
		"missing lists are remarked on where the list asks": {
			"#! SHOW-MISSING\n!BEGIN-OFFICIAL-NAMES\na\nb\n!END-OFFICIAL-NAMES\n(x) a : b", "[x]A:", "4:missing-list"},
		"repeats are hidden where the list asks": {
			"#! HIDE-REPEATS\n(x) a : b b\n(y) b :", "[x]A: B=1; [y]B:", ""},
		"unknown and retired options are warned about": {
			"#! FROBNICATE SCALED-PRIORITIES MAX=3\n(x) a : b c\n(y) b :\n(y) c :", "[x]A: B=1 C=2; [y]B:; [y]C:", "1:retired-option 1:unknown-option 1:unknown-option"},
		"money is left out with one remark": {
			"(x) $40 : b\n(y) b : $30 a\n(x) LIMIT : $90\n(x) a : b", "[y]B: A=1; [x]A: B=1", "1:money"},
		"Latin-1 in a name does not stop the reading": {
			"(J\xfcrgen) a : b\n(y) b : a", "[J\ufffdrgen]A: B=1; [y]B: A=1", ""},

		"require-usernames":                  {"#! REQUIRE-USERNAMES\na : b\n(x) b :", "[x]B:", "2:require-usernames"},
		"require-colons":                     {"#! REQUIRE-COLONS\n(x) a b\nb :", "[B]B:", "2:require-colons"},
		"no options after lists":             {"a b\nb a\n#! ALLOW-DUMMIES", "[A]A: B=1; [B]B: A=1", "3:options-first"},
		"no options after official names":    {"!BEGIN-OFFICIAL-NAMES\n#! ALLOW-DUMMIES\na\n!END-OFFICIAL-NAMES\na :", "[A]A:", "2:options-first"},
		"a number where an option wants one": {"#! BIG-STEP=x\na b ; b\nb", "[A]A: B=1; [B]B:", "1:option-value 2:repeated-want"},
		"no overflow in an option":           {"#! BIG-STEP=99999999999999 SEED=0 SHRINK=10 ITERATIONS=-1 SMALL-STEP=NaN", "", "1:option-value 1:option-value 1:option-value 1:option-value 1:option-value"},
		"no comment inside a line":           {"a b # c\nb", "[B]B:", "1:comment-at-start"},
		"no username in the middle":          {"a (x) b\nq", "[Q]Q:", "1:username"},
		"no second username":                 {"(x) (y) b\nq", "[Q]Q:", "1:username"},
		"a username must end":                {"(x a b\nq", "[Q]Q:", "1:username"},
		"a username ends once":               {"(x) a) b\nq", "[Q]Q:", "1:username"},
		"a username must begin":              {"x) a b\nq", "[Q]Q:", "1:username"},
		"a username is not empty":            {"() a b\nq", "[Q]Q:", "1:username"},
		"a username is not alone":            {"(x)\nq", "[Q]Q:", "1:username"},
		"one colon":                          {"a : b : c\nq", "[Q]Q:", "1:colon"},
		"one item before the colon":          {"a b : c\nq", "[Q]Q:", "1:colon"},
		"an item before the colon":           {"(x) : c\nq", "[Q]Q:", "1:colon"},
		"no semicolon before the colon":      {"a ; b : c\nq", "[Q]Q:", "1:semicolon"},
		"no semicolon before the item":       {"(x) ; a b\nq", "[Q]Q:", "1:semicolon"},
		"official names once":                {"!BEGIN-OFFICIAL-NAMES\nq\n!END-OFFICIAL-NAMES\n!BEGIN-OFFICIAL-NAMES\nr\n!END-OFFICIAL-NAMES\nq\nr", "[Q]Q:", "4:official-once 8:not-official"},
		"official names first":               {"a b\n!BEGIN-OFFICIAL-NAMES\nc\n!END-OFFICIAL-NAMES\nb", "[A]A: B=1; [B]B:", "2:official-first"},
		"official names end only if begun":   {"!END-OFFICIAL-NAMES\nq", "[Q]Q:", "1:official-end"},
		"an official name is defined once":   {"!BEGIN-OFFICIAL-NAMES\na\nA x\n!END-OFFICIAL-NAMES\na", "[A]A:", "3:official-name"},
		"a dummy is not official":            {"!BEGIN-OFFICIAL-NAMES\n%a\n!END-OFFICIAL-NAMES", "", "2:official-name"},
		"an official name is not a colon":    {"!BEGIN-OFFICIAL-NAMES\n: a\n!END-OFFICIAL-NAMES", "", "2:official-name"},
		"names have a limit":                 {strings.Repeat("a", tm.MaxName+1) + " b\nb " + strings.Repeat("c", tm.MaxName+1), "[B]B:", "1:limit 2:limit"},
		"a line has a limit":                 {"a b\n" + strings.Repeat("a ", tm.MaxLine) + "\nb a", "[A]A: B=1; [B]B: A=1", "2:limit"},
		"dummies that lead back to themselves": {
			dummies + "(x) %D : %E b\n(x) %E : %D\n(x) %F : %D\n(x) a : %D\n(y) b : a",
			"[x]A: %D=1; [y]B: A=1; [x]%D: %E=0 B=0; [x]%E: %D=0; [x]%F: %D=0", "2:dummy-nesting 3:dummy-nesting 4:dummy-nesting"},
		"dummies nested too deep": {
			dummies + "(x) %1 : %2\n(x) %2 : %3\n(x) %3 : %4\n(x) %4 : %5\n(x) %5 : %6\n(x) %6 : %7\n(x) %7 : %8\n(x) %8 : %9\n(x) %9 : b\nb",
			"[B]B:; [x]%1: %2=0; [x]%2: %3=0; [x]%3: %4=0; [x]%4: %5=0; [x]%5: %6=0; [x]%6: %7=0; [x]%7: %8=0; [x]%8: %9=0; [x]%9: B=0", "2:dummy-nesting"},
		"a cost that is too high": {
			"#! SQUARE-PRIORITIES BIG-STEP=2147483647\na b ; c\nb\nc", "[A]A: B=1 C=1099511627776; [B]B:; [C]C:", "2:cost"},
		"a metric that is unknown":                               {"#! METRIC=COMBINE-SHIPPING METRIC=FAVOR-USER=", "", "1:unknown-option 1:unknown-option"},
		"a favored user who is unknown":                          {"#! METRIC=FAVOR-USER=ann\n(bob) a\nann b", "[bob]A:; [ANN]ANN:", "1:metric 3:unknown-item"},
		"a person without a name is not the person of that name": {"(a) b\na b\n(b) c", "[a]B:; [A]A: B=1; [b]C:", ""},
		"official names that do not end":                         {"!BEGIN-OFFICIAL-NAMES\na\n", "", "3:official-unclosed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := tm.Read(strings.NewReader(tt.in), tm.Settings{})
			if err != nil {
				p := tm.Problem{}
				if got := fmt.Sprintf("fatal %d:%s", line(err, &p), p.Rule); got != tt.rules {
					t.Errorf("Read(%q): %v (%s), want %q", clip(tt.in), err, got, tt.rules)
				}
				return
			}
			var rules []string
			for _, p := range l.Problems {
				rules = append(rules, fmt.Sprintf("%d:%s", p.Line, p.Rule))
			}
			if got := strings.Join(rules, " "); got != tt.rules {
				t.Errorf("Read(%q): complaints %q, want %q", clip(tt.in), got, tt.rules)
			}
			if got := show(l); got != tt.want {
				t.Errorf("Read(%q): %q, want %q", clip(tt.in), got, tt.want)
			}
		})
	}
}

func line(err error, p *tm.Problem) int {
	if !errors.As(err, p) {
		return -1
	}
	return p.Line
}

func clip(s string) string { return s[:min(len(s), 80)] }

func TestStrictRefusesTheFirstProblem(t *testing.T) {
	_, err := tm.Read(strings.NewReader("a b\nb c\n"), tm.Settings{Strict: true})
	p := tm.Problem{}
	if !errors.Is(err, sxp.Invalid) || line(err, &p) != 2 {
		t.Errorf("Read: %v, want a complaint about line 2", err)
	}
}

func TestMoneyAsItems(t *testing.T) {
	in := "(x) $40 : B\n(z) $12.50 : B\n(z) $10 : B\n(y) B : A $12 A\n(y) $99 : A\n(x) A : $20\n(x) LIMIT : $90\n(x) C : $1x\n"
	l, err := tm.Read(strings.NewReader(in), tm.Settings{Money: tm.MoneyAsItems})
	if err != nil {
		t.Fatal(err)
	}
	want := "[x]BID1-40: B=1; [z]BID2-12.50: B=1; [z]BID3-10: B=1; [y]B: A=1 BID2-12.50=1 BID1-40=1; [y]BID4-99: A=1; [x]A: BID4-99=1; [x]C:"
	if got := show(l); got != want {
		t.Errorf("Read: %q, want %q", got, want)
	}
	if l.Budgets[0] != 9000 || len(l.Problems) != 2 {
		t.Errorf("budgets %v, problems %v", l.Budgets, l.Problems)
	}
}

func TestListBecomesAGraph(t *testing.T) {
	in := "#! ALLOW-DUMMIES NONTRADE-COST=2 SEED=7\n(x) %D : B C\n(x) A : %D\n(y) B : A\n(z) C : A\n"
	l, err := tm.Read(strings.NewReader(in), tm.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := l.Graph()
	if err != nil || g.Offers() != 3 || g.Len() != 4 || g.NumArcs() != 5 {
		t.Fatalf("Graph: %+v, %v", g, err)
	}
	opt := l.FindOptions()
	if opt.MaxMeanCost != 2 || opt.Seed != 7 || opt.MaxRing != deal.DefaultMaxRing {
		t.Errorf("FindOptions: %+v", opt)
	}
	res, err := deal.Find(g, opt)
	if err != nil || res.Value.Items != 2 {
		t.Errorf("Find: %+v, %v", res, err)
	}
}

func TestGeneratedListsAreRead(t *testing.T) {
	l, err := tm.Read(bytes.NewReader(gen.TradeList(500, 1)), tm.Settings{})
	if err != nil || len(l.Items) != 500 || len(l.Dummies) == 0 {
		t.Fatalf("Read: %v, %d items, %d dummies", err, len(l.Items), len(l.Dummies))
	}
	if _, err := l.Graph(); err != nil {
		t.Error(err)
	}
}

// What is read never panics, keeps its limits, and makes a legal graph, whose
// answer can be written.
func FuzzRead(f *testing.F) {
	f.Add([]byte("#! ALLOW-DUMMIES LINEAR-PRIORITIES\n(x) %D : b ; c\n(x) a : %D b=3\n(y) b : a $20\n(z) $40 : b\n"))
	f.Add([]byte("!BEGIN-OFFICIAL-NAMES\na ==> x\n!END-OFFICIAL-NAMES\na : b ; c\n"))
	f.Add([]byte("#! METRIC=FAVOR-USER=X SQUARE-PRIORITIES NONTRADE-COST=7\n(x) a b ; c\n(y) b a\n(y) c a\n(x) LIMIT : $9\n(x) $9 b\n"))
	f.Add([]byte("#! EXPLICIT-PRIORITIES\na b=9223372036854775807 c\nb a\nc =\n(q) LIMIT $\n"))
	f.Add(gen.TradeList(12, 3))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, money := range []tm.Money{tm.MoneyLeftOut, tm.MoneyAsItems} {
			l, err := tm.Read(bytes.NewReader(in), tm.Settings{Money: money})
			if err != nil {
				if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
					t.Fatalf("kind %q: %v", k, err)
				}
				continue
			}
			g, err := l.Graph()
			if err != nil {
				t.Fatalf("%q was read, but: %v", in, err)
			}
			opt := l.FindOptions()
			opt.MaxRing, opt.Budget = 0, 100_000
			r, err := deal.Find(g, opt)
			if err != nil {
				t.Fatalf("Find in %q: %v", in, err)
			}
			if err := tm.Write(io.Discard, l, r.Rings, tm.Output{}); err != nil {
				t.Fatalf("Write of %q: %v", in, err)
			}
			for _, p := range l.Problems {
				if p.Line < 1 || p.Rule == "" || p.Text == "" {
					t.Errorf("empty complaint %+v", p)
				}
			}
		}
	})
}
