package tm_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sxp"
	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/tm"
)

// small is the example of TradeMaximizer's instructions with a dummy.
const small = `#! %s ALLOW-DUMMIES
(Alice A) 1 : 3 2 %%D
(Alice A) %%D : 6
(Betty) 2 : 1 6 4 3
(Craig) 3 : 6 2
(David) 4 : 2
(Ethan) 5 : 1 2 3 4 6 7
6 : 1 2
`

func readString(t testing.TB, text string, set tm.Settings) *tm.List {
	t.Helper()
	l, err := tm.Read(strings.NewReader(text), set)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func write(t testing.TB, l *tm.List, rings []deal.Ring, out tm.Output) string {
	t.Helper()
	var b bytes.Buffer
	if err := tm.Write(&b, l, rings, out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rings of small: 1 takes 3 takes 6 takes 1, 2 takes 4 takes 2.
var smallRings = []deal.Ring{{0, 2, 5}, {1, 3}}

func TestWriteIsTheFormOfTradeMaximizer(t *testing.T) {
	l := readString(t, strings.Replace(small, "%s", "LINEAR-PRIORITIES SHOW-ELAPSED-TIME", 1), tm.Settings{})
	got := write(t, l, smallRings, tm.Output{Program: "TradeMaximizer Version 1.4a", Elapsed: 1500 * time.Microsecond})
	want := `TradeMaximizer Version 1.4a
Options: LINEAR-PRIORITIES SHOW-ELAPSED-TIME ALLOW-DUMMIES

ERRORS:
**** Line 7: unknown item 7, wanted once (unknown-item)

TRADE LOOPS (5 total trades):

(ALICE A) 1 receives (CRAIG) 3
(CRAIG) 3   receives 6
6           receives (ALICE A) 1

(BETTY) 2   receives (DAVID) 4
(DAVID) 4   receives (BETTY) 2

ITEM SUMMARY (5 total trades):

(ALICE A) 1 receives (CRAIG) 3   and sends to 6
(BETTY) 2   receives (DAVID) 4   and sends to (DAVID) 4
(CRAIG) 3   receives 6           and sends to (ALICE A) 1
(DAVID) 4   receives (BETTY) 2   and sends to (BETTY) 2
(ETHAN) 5               does not trade
6           receives (ALICE A) 1 and sends to (CRAIG) 3

Num trades  = 5 of 6 items (83.3%)
Total cost  = 7 (avg 1.40)
Num groups  = 2
Group sizes = 3 2
Sum squares = 13
Elapsed time = 1ms
`
	if got != want {
		t.Errorf("Write:\n%s\nwant\n%s", got, want)
	}
}

func TestWriteElidesDummies(t *testing.T) {
	l := readString(t, strings.Replace(small, "%s", "", 1), tm.Settings{})
	got := write(t, l, []deal.Ring{{0, 6, 5}}, tm.Output{})
	if !strings.Contains(got, "\n(ALICE A) 1 receives 6\n6           receives (ALICE A) 1\n") || strings.Contains(got, "%D") {
		t.Errorf("Write:\n%s", got)
	}
}

func TestWriteObeysTheOptions(t *testing.T) {
	for option, tt := range map[string]struct{ has, lacks string }{
		"HIDE-ERRORS":                    {"", "ERRORS:\n"},
		"HIDE-LOOPS":                     {"ITEM SUMMARY", "TRADE LOOPS"},
		"HIDE-SUMMARY":                   {"TRADE LOOPS", "ITEM SUMMARY"},
		"HIDE-NONTRADES":                 {"ITEM SUMMARY", "does not trade"},
		"HIDE-STATS":                     {"Num trades  = 5 of 6 items (83.3%)\n", "Num groups"},
		"SORT-BY-ITEM":                   {"\n1 (ALICE A) receives 3 (CRAIG)   and sends to 6\n2 (BETTY) ", "\n(BETTY)"},
		"CASE-SENSITIVE":                 {"(Alice A) 1 receives", "ALICE"},
		"ITERATIONS=5":                   {"[ 13 : 3 2 ]\n", "users"},
		"METRIC=Users-Trading":           {"[ users trading = 5 ]\n", "["},
		"METRIC=USERS-SOS":               {"[ users trading = 5, sum of squares = 5 ]\n", "[ 13"},
		"METRIC=FAVOR-USER=betty":        {"[ (BETTY) trading = 1 ]\n", "users"},
		"METRIC=FAVOR-USER=ethan":        {"[ (ETHAN) trading = 0 ]\n", "users"},
		"METRIC=CHAIN-SIZES-SOS VERBOSE": {"Options: METRIC=CHAIN-SIZES-SOS VERBOSE ALLOW-DUMMIES\n", "["},
	} {
		l := readString(t, strings.Replace(small, "%s", option, 1), tm.Settings{})
		got := write(t, l, smallRings, tm.Output{})
		if !strings.Contains(got, tt.has) || tt.lacks != "[" && strings.Contains(got, tt.lacks) {
			t.Errorf("%s: it should have %q, not %q:\n%s", option, tt.has, tt.lacks, got)
		}
	}
}

func TestWriteNamesWhatIsMissing(t *testing.T) {
	l := readString(t, "#! SHOW-MISSING\n!BEGIN-OFFICIAL-NAMES\nb x\nc\na\n!END-OFFICIAL-NAMES\na : b", tm.Settings{})
	got := write(t, l, nil, tm.Output{})
	want := "SXP, in the form of TradeMaximizer\nOptions: SHOW-MISSING\n\n" +
		"**** Missing want list for official name B\n**** Missing want list for official name C\n\n" +
		"TRADE LOOPS (0 total trades):\n\nITEM SUMMARY (0 total trades):\n\nA             does not trade\n\n" +
		"Num trades  = 0 of 1 items (0.0%)\nTotal cost  = 0\nNum groups  = 0\nGroup sizes =\nSum squares = 0\n"
	if got != want {
		t.Errorf("Write:\n%s\nwant\n%s", got, want)
	}
	empty := write(t, readString(t, "", tm.Settings{}), nil, tm.Output{})
	if !strings.Contains(empty, "Num trades  = 0 of 0 items\n") {
		t.Errorf("Write:\n%s", empty)
	}
}

func TestWriteRefusesWhatIsNoAnswer(t *testing.T) {
	l := readString(t, strings.Replace(small, "%s", "", 1), tm.Settings{})
	for _, rings := range [][]deal.Ring{{{0, 3}}, {{1, 3}, {1, 5, 0}}, {{99, 1}}, {{1}}} {
		var b bytes.Buffer
		if err := tm.Write(&b, l, rings, tm.Output{}); !errors.Is(err, sxp.Invalid) || b.Len() > 0 {
			t.Errorf("Write(%v): %v, %q", rings, err, b.String())
		}
	}
}

// The digest of "\n" per list with its words, in MD5, computed elsewhere:
// printf ' (ANN#X) A B ; C\n B A\n' | md5sum.
func TestChecksumIsThatOf14a(t *testing.T) {
	l := readString(t, "# hello\n(Ann x) a : b;c\nb a\n", tm.Settings{Checksum: true})
	sum := "e372c54f2eafd3a7edd276f2f8191eda"
	for i := len(sum) - 2; i >= 0; i -= 2 { // bytes below 16 have one digit there
		if sum[i] == '0' {
			sum = sum[:i] + sum[i+1:]
		}
	}
	if l.Checksum != sum {
		t.Errorf("checksum %s, want %s", l.Checksum, sum)
	}
	if got := write(t, l, nil, tm.Output{}); !strings.Contains(got, "\nInput Checksum: "+sum+"\n") {
		t.Errorf("Write:\n%s", got)
	}
}

func TestBudgetsAreLimits(t *testing.T) {
	const in = "(x) $40 : A\n(x) $30 : B\n(x) $20 : C\n(y) A : $35\n(y) B : $30\n(y) C : $5 \n(x) LIMIT : $50\n(x) LIMIT : $70\n(z) $5 : A\n(z) $6 : A\n(z) $4 : A"
	l := readString(t, in, tm.Settings{Money: tm.MoneyAsItems, HighestBid: true})
	if l.Budgets[0] != 5000 || l.Budgets[2] != 600 || len(l.Problems) != 1 {
		t.Fatalf("budgets %v, problems %v", l.Budgets, l.Problems)
	}
	g, err := l.Graph()
	if err != nil || g.NumLimits() != 2 {
		t.Fatalf("Graph: %d limits, %v", g.NumLimits(), err)
	}
	most, nodes, weight := g.Limit(0)
	if most != 5000 || len(nodes) != 3 || weight[0] != 4000 || weight[2] != 2000 {
		t.Errorf("limit 0: %d, %v, %v", most, nodes, weight)
	}
	if _, err := deal.Check(g, []deal.Ring{{0, 3}, {1, 4}}, deal.Options{}); err == nil {
		t.Error("70 was spent of 50")
	}
	if _, err := deal.Check(g, []deal.Ring{{1, 4}, {2, 5}}, deal.Options{}); err != nil {
		t.Errorf("50 of 50: %v", err)
	}
}

func TestLimitsFromAFile(t *testing.T) {
	l := readString(t, "(Ann b) BID1-40 : C\n(bob) C : BID1-40 BID2-7.50\n(bob) D :\n(ann B) BID2-7.50 : C\n", tm.Settings{})
	set := tm.Settings{File: "x.limits"}
	if err := l.ReadLimits(strings.NewReader("# budgets\nann B 12.50\n(bob) $7\ncyd 4\nann b 3\nbob\nbob x\n"), set); err != nil {
		t.Fatal(err)
	}
	if l.Budgets[0] != 1250 || l.Budgets[1] != 700 || l.Items[0].Bid != 4000 || l.Items[3].Bid != 750 || l.Items[1].Bid != 0 {
		t.Errorf("budgets %v, items %v", l.Budgets, l.Items)
	}
	var lines []string
	for _, p := range l.Problems {
		lines = append(lines, p.String()[:10])
	}
	if got := strings.Join(lines, " "); got != "x.limits:4 x.limits:5 x.limits:6 x.limits:7" {
		t.Errorf("problems %v", l.Problems)
	}
	set.Strict = true
	if err := l.ReadLimits(strings.NewReader("dan 4\n"), set); !errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), "x.limits:1:") {
		t.Errorf("ReadLimits: %v", err)
	}
}

func TestGoalsOfALists(t *testing.T) {
	for option, want := range map[string]string{
		"":                                  "items people cost",
		"METRIC=USERS-TRADING":              "items people cost",
		"LINEAR-PRIORITIES":                 "items cost people",
		"METRIC=FAVOR-USER=BETTY":           "items cost people",
		"LINEAR-PRIORITIES NONTRADE-COST=3": "worth items people",
		"LINEAR-PRIORITIES NONTRADE-COST=1000000": "items cost people",
	} {
		l := readString(t, strings.Replace(small, "%s", option, 1), tm.Settings{})
		var names []string
		for _, g := range l.FindOptions().Goals {
			names = append(names, g.String())
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: goals %q, want %q", option, got, want)
		}
	}
}

// Who is favored decides between answers of equal cost, and only between them.
func TestFavoredUser(t *testing.T) {
	const in = "#! LINEAR-PRIORITIES METRIC=FAVOR-USER=%s\n(x) A : B C\n(y) B : A\n(z) C : A\n"
	for user, want := range map[string]string{"y": "B", "z": "B", "x": "B"} {
		l := readString(t, strings.Replace(in, "%s", user, 1), tm.Settings{})
		g, err := l.Graph()
		if err != nil {
			t.Fatal(err)
		}
		opt := l.FindOptions()
		opt.MaxRing = 0
		r, err := deal.Find(g, opt)
		if err != nil || len(r.Rings) != 1 || l.Items[r.Rings[0][1]].Name != want {
			t.Errorf("favoring %s: %v, %v; want %s to trade", user, r.Rings, err, want)
		}
		l = readString(t, strings.Replace(strings.Replace(in, "LINEAR-PRIORITIES", "", 1), "%s", user, 1), tm.Settings{})
		if g, err = l.Graph(); err != nil {
			t.Fatal(err)
		}
		r, err = deal.Find(g, opt)
		if got := l.Items[r.Rings[0][1]].Person; err != nil || user != "x" && l.People[got] != user {
			t.Errorf("favoring %s: %v, %v", user, r.Rings, err)
		}
	}
}

// An answer to a list of random people is written whole: as many lines as
// trades, each item once.
func TestWriteAGeneratedList(t *testing.T) {
	l, err := tm.Read(bytes.NewReader(gen.TradeList(200, 3)), tm.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := l.Graph()
	if err != nil {
		t.Fatal(err)
	}
	opt := l.FindOptions()
	opt.MaxRing = 0
	r, err := deal.Find(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	got := write(t, l, r.Rings, tm.Output{})
	_, summary, _ := strings.Cut(got, "ITEM SUMMARY")
	if a, b := strings.Count(summary, " and sends to "), strings.Count(summary, "does not trade"); a != r.Value.Items || a+b != len(l.Items) || a == 0 {
		t.Errorf("%d items traded, %d lines; %d not; of %d", r.Value.Items, a, b, len(l.Items))
	}
}

func TestRealLimits(t *testing.T) {
	dir := filepath.Join(dataFolder(t), "norm")
	files, err := filepath.Glob(filepath.Join(dir, "*.limits"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no limits: %v", err)
	}
	for _, name := range files {
		l := read(t, strings.TrimSuffix(name, ".limits"), tm.Settings{})
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := l.ReadLimits(f, tm.Settings{File: filepath.Base(name)}); err != nil {
			t.Fatal(err)
		}
		g, err := l.Graph()
		if err != nil || g.NumLimits() == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if len(l.Budgets) == 0 {
			t.Errorf("%s: no budgets", name)
		}
	}
}

// The example of spec/tradelist.md is what Write writes.
func TestTheExampleOfTheSpecification(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "spec", "tradelist.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := func(first string) string {
		_, rest, ok := strings.Cut(string(page), "    "+first)
		if !ok {
			t.Fatalf("no block begins with %q", first)
		}
		var b strings.Builder
		b.WriteString(first)
		for i, line := range strings.Split(rest, "\n") {
			if i > 0 && line != "" && !strings.HasPrefix(line, "    ") {
				break
			}
			b.WriteString(strings.TrimPrefix(line, "    ") + "\n")
		}
		return strings.TrimSpace(b.String())
	}
	list := strings.Replace(block("#! ALLOW-DUMMIES"), "LINEAR-PRIORITIES", "LINEAR-PRIORITIES SHOW-ELAPSED-TIME", 1)
	l := readString(t, list, tm.Settings{})
	g, err := l.Graph()
	if err != nil {
		t.Fatal(err)
	}
	opt := l.FindOptions()
	opt.MaxRing = 0
	r, err := deal.Find(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	got := write(t, l, r.Rings, tm.Output{Elapsed: time.Millisecond})
	head, tail, _ := strings.Cut(block("SXP, in the form"), "…\n")
	if !strings.HasPrefix(got, head) || !strings.HasSuffix(got, tail+"\n") {
		t.Errorf("Write:\n%s\nthe page has\n%s…\n%s", got, head, tail)
	}
}
