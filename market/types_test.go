package market_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/market/storetest"
)

func TestDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		out  market.Decimal
		kind sxp.Kind
	}{
		"0": {"0", ""}, "007.50": {"7.5", ""}, "0.0": {"0", ""}, "10": {"10", ""}, "0.000000000000000001": {"0.000000000000000001", ""},
		"999999999999999999": {"999999999999999999", ""}, "1000000000000000000": {"", sxp.TooLarge}, "0.0000000000000000001": {"", sxp.TooLarge},
		"": {"", sxp.Invalid}, ".5": {"", sxp.Invalid}, "5.": {"", sxp.Invalid}, "1,5": {"", sxp.Invalid}, "-1": {"", sxp.Invalid}, "+1": {"", sxp.Invalid},
		"1e3": {"", sxp.Invalid}, " 1": {"", sxp.Invalid}, "0x10": {"", sxp.Invalid}, "1.2.3": {"", sxp.Invalid}, "٣": {"", sxp.Invalid}, "NaN": {"", sxp.Invalid},
		strings.Repeat("0", 100): {"", sxp.TooLarge},
	} {
		got, err := market.ParseDecimal(in)
		if got != want.out || sxp.KindOf(err) != want.kind {
			t.Errorf("ParseDecimal(%q) = %q, %v, want %q, kind %q", in, got, err, want.out, want.kind)
		}
	}
}

// decimals generates numbers in the one way of writing.
func decimals() *rapid.Generator[market.Decimal] {
	return rapid.Custom(func(t *rapid.T) market.Decimal {
		d, err := market.ParseDecimal(rapid.StringMatching(`[0-9]{1,18}(\.[0-9]{1,18})?`).Draw(t, "digits"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

// The arithmetic agrees with exact fractions, and nothing is rounded.
func TestDecimalIsExact(t *testing.T) {
	t.Parallel()
	rat := func(d market.Decimal) *big.Rat { r, _ := new(big.Rat).SetString(string(d)); return r }
	rapid.Check(t, func(t *rapid.T) {
		a, b := decimals().Draw(t, "a"), decimals().Draw(t, "b")
		if got, want := a.Cmp(b), rat(a).Cmp(rat(b)); got != want {
			t.Fatalf("%s.Cmp(%s) = %d, want %d", a, b, got, want)
		}
		if (a == b) != (rat(a).Cmp(rat(b)) == 0) {
			t.Fatalf("%s and %s: two spellings of one number", a, b)
		}
		for name, op := range map[string]struct {
			got  func(market.Decimal) (market.Decimal, error)
			want *big.Rat
		}{
			"+": {a.Add, new(big.Rat).Add(rat(a), rat(b))},
			"-": {a.Sub, new(big.Rat).Sub(rat(a), rat(b))},
			"*": {a.Mul, new(big.Rat).Mul(rat(a), rat(b))},
		} {
			got, err := op.got(b)
			fits := op.want.Sign() >= 0 && op.want.Cmp(rat("1000000000000000000")) < 0 &&
				new(big.Rat).Mul(op.want, rat("1000000000000000000")).IsInt()
			if fits != (err == nil) {
				t.Fatalf("%s %s %s: error %v, the result fits: %v", a, name, b, err, fits)
			}
			if err == nil && (rat(got).Cmp(op.want) != 0 || got.Validate() != nil) {
				t.Fatalf("%s %s %s = %s", a, name, b, got)
			}
		}
	})
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Crème brûlée":         "creme brulee",
		"STRASSE Straße ẞ":     "strasse strasse ss",
		"e-bike, 28\"":         "e bike 28",
		"Łódź Ørsted Œuf Þing": "lodz orsted oeuf thing",
		"ΟΔΟΣ οδός":            "οδοσ οδοσ",
		"ﬁne ２８ x²":            "fine 28 x2",
		"東京 bike":              "東 京 bike",
		"\u0000\u202e!!!":      "",
	} {
		if got := strings.Join(market.Fold(in), " "); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	l := charter().Link()
	l.Node.Address = "https://node.example:8443/böse pfad&x=1"
	for _, address := range []string{"https://node.example", "http://127.0.0.1:8080", "https://node.example/a/b"} {
		l.Node.Address = address
		got, err := market.ParseLink(l.String())
		if err != nil || got != l {
			t.Errorf("ParseLink(%q) = %+v, %v", l, got, err)
		}
	}
	good := l.String()
	for name, tt := range map[string]struct {
		in   string
		kind sxp.Kind
	}{
		"nothing":                  {"", sxp.Invalid},
		"another scheme":           {strings.Replace(good, "sxp:", "https:", 1), sxp.Invalid},
		"another thing":            {strings.Replace(good, "market", "card", 1), sxp.Invalid},
		"a field more":             {good + "&x=1", sxp.Invalid},
		"a field twice":            {good + "&id=" + theMarket.ID().String(), sxp.Invalid},
		"a field less":             {good[:strings.Index(good, "&at=")], sxp.Invalid},
		"no id":                    {strings.Replace(good, "id=sxp1", "id=", 1), sxp.Invalid},
		"a mistyped id":            {strings.Replace(good, "id=sxp1", "id=sxp1q", 1), sxp.Invalid},
		"a file":                   {strings.Replace(good, "https", "file", 1), sxp.Invalid},
		"a script":                 {good[:strings.Index(good, "&at=")] + "&at=javascript%3Aalert(1)", sxp.Invalid},
		"a password":               {strings.Replace(good, "node.example", "u:p%40node.example", 1), sxp.Invalid},
		"another percent encoding": {strings.Replace(good, "%3A", "%3a", 1), ""},
		"another order":            {"sxp:market?at=https://node.example&id=" + theMarket.ID().String() + "&node=" + theNode.ID().String(), ""},
		"a query in the address":   {good + "%3Fx", sxp.Invalid},
		"without end":              {good + strings.Repeat("a", market.MaxLink), sxp.TooLarge},
	} {
		if _, err := market.ParseLink(tt.in); sxp.KindOf(err) != tt.kind {
			t.Errorf("%s: error %v, want kind %q", name, err, tt.kind)
		}
	}
}

func TestCharterRules(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*market.Charter)
		kind   sxp.Kind
		text   string
	}{
		"good":                    {func(*market.Charter) {}, "", ""},
		"no name":                 {func(c *market.Charter) { c.Name = "" }, sxp.Invalid, "charter.name"},
		"a long name":             {func(c *market.Charter) { c.Name = strings.Repeat("x", 65) }, sxp.TooLarge, "charter.name"},
		"no admission":            {func(c *market.Charter) { c.Admission = "" }, sxp.Invalid, "charter.admission"},
		"open, with a guest list": {func(c *market.Charter) { c.Invited = []sxp.ID{{1}} }, sxp.Invalid, "charter.invited"},
		"a founder twice":         {func(c *market.Charter) { c.Founders = []sxp.ID{{1}, {1}} }, sxp.Invalid, "charter.founders"},
		"nobody as founder":       {func(c *market.Charter) { c.Founders = []sxp.ID{{}} }, sxp.Invalid, "charter.founders"},
		"too many founders":       {func(c *market.Charter) { c.Founders = make([]sxp.ID, 33) }, sxp.TooLarge, "charter.founders"},
		"a category twice":        {func(c *market.Charter) { c.Categories = []string{"a", "a"} }, sxp.Invalid, "charter.categories"},
		"a category in capitals":  {func(c *market.Charter) { c.Categories = []string{"Tools"} }, sxp.Invalid, "charter.categories"},
		"an even jury":            {func(c *market.Charter) { c.Terms.N = 4 }, sxp.Invalid, "charter.terms.n"},
		"a huge jury":             {func(c *market.Charter) { c.Terms.N = 103 }, sxp.Invalid, "charter.terms.n"},
		"more shares than jurors": {func(c *market.Charter) { c.Terms.N, c.Terms.T = 3, 4 }, sxp.Invalid, "charter.terms.t"},
		"a jury of fifteen":       {func(c *market.Charter) { c.Terms = market.Terms{N: 15, T: 8, F: 7, Horizon: sxp.Day} }, "", ""},
		"an address with a query": {func(c *market.Charter) { c.Node.Address = "https://x/?a" }, sxp.Invalid, "charter.node.address"},
		"no seq":                  {func(c *market.Charter) { c.Seq = 0 }, sxp.Invalid, "charter.seq"},
	} {
		c := charter()
		tt.change(&c)
		_, err := market.SignCharter(theMarket, c)
		wantKind(t, name, err, tt.kind)
		if err != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v, want text with %q", name, err, tt.text)
		}
	}
	_, err := market.SignCharter(alice, charter())
	wantKind(t, "by another key", err, sxp.Denied)
}

// Every message type has one JSON form that gives back the same bytes.
func TestJSONForm(t *testing.T) {
	t.Parallel()
	c := charter()
	c.Founders = []sxp.ID{alice.ID()}
	issuer := bob.ID()
	for name, raw := range map[string][]byte{
		"announcement": signed(t, alice, offer(t, alice, 1, "3 h maths lessons", "beer", "12 coins of "+issuer.String(), market.ItemID{5}.String())),
		"need":         signed(t, alice, must[market.Announcement](t)(draft(alice).Need(market.Nonce{2}, "20 l beer"))),
		"withdrawal":   signed(t, alice, draft(alice).Withdraw(offer(t, alice, 1, "bike"))),
		"charter":      must[[]byte](t)(market.CountersignCharter(alice, must[[]byte](t)(market.SignCharter(theMarket, c)))),
		"notice":       must[[]byte](t)(market.SignNotice(theMarket, market.Notice{Market: theMarket.ID(), Item: market.ItemID{1}, Reason: "spam", Created: noon})),
	} {
		j, err := envelope.ToJSON(raw, market.Types())
		if err != nil || !json.Valid(j) || bytes.Contains(j, []byte(`"cbor"`)) {
			t.Errorf("%s: ToJSON: %s, %v", name, j, err)
			continue
		}
		back, err := envelope.FromJSON(j, market.Types())
		if err != nil || !bytes.Equal(back, raw) {
			t.Errorf("%s: FromJSON gives other bytes, %v", name, err)
		}
	}
}

func TestItemsSurviveSigning(t *testing.T) {
	t.Parallel()
	items := storetest.Items()
	rapid.Check(t, func(rt *rapid.T) {
		it := items.Draw(rt, "item")
		a := market.Announcement{Market: theMarket.ID(), Owner: alice.ID(), Nonce: market.Nonce{1}, Version: 1, Direction: market.Offer, Item: &it, Created: noon, Expires: noon + 1}
		raw, err := market.SignAnnouncement(alice, a)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := market.OpenAnnouncement(raw)
		if d := cmp.Diff(a, got); d != "" || err != nil {
			rt.Fatalf("error %v, (-signed +opened):\n%s", err, d)
		}
	})
}

func TestIDsAreTheOwners(t *testing.T) {
	t.Parallel()
	n := market.Nonce{1}
	ids := []market.ItemID{market.NewItemID(alice.ID(), n), market.NewItemID(bob.ID(), n), market.NewGroupID(alice.ID(), n), market.NewItemID(alice.ID(), market.Nonce{2})}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			t.Errorf("id %d stands twice", i)
		}
		if got, err := market.ParseItemID(id.String()); err != nil || got != id {
			t.Errorf("ParseItemID(%s) = %s, %v", id, got, err)
		}
	}
	for _, bad := range []string{"", "xyz", strings.ToUpper(ids[0].String()), ids[0].String()[1:], ids[0].String() + "00"} {
		if _, err := market.ParseItemID(bad); sxp.KindOf(err) != sxp.Invalid && bad != ids[0].String() {
			t.Errorf("ParseItemID(%q): error %v", bad, err)
		}
	}
}

func TestDurationFollowsQuantity(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		quantity market.Decimal
		unit     string
		duration sxp.Duration
		want     sxp.Kind
	}{
		"equal to the quantity":              {"3", "h", 3 * sxp.Hour, ""},
		"other than the quantity":            {"3", "h", 2 * sxp.Hour, sxp.Invalid},
		"a quantity below a millisecond":     {"0.0000001", "h", 5, sxp.Invalid},
		"a quantity beyond the longest time": {"100000", "h", 5, sxp.Invalid},
		"a unit that is no time":             {"2", "session", 90 * sxp.Minute, ""},
		"no duration said":                   {"100000", "h", 0, ""},
	} {
		it := market.Item{Kind: market.Service, Title: "lessons", Quantity: tt.quantity, Unit: tt.unit, Duration: tt.duration}
		if err := it.Validate(); sxp.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %q", name, err, tt.want)
		}
	}
}

// Who names a category that the market lacks learns which there are.
func TestCheckCategory(t *testing.T) {
	t.Parallel()
	c := charter()
	for i := range 25 {
		c.Categories = append(c.Categories, fmt.Sprintf("c%02d", i))
	}
	for category, kind := range map[string]sxp.Kind{"": "", "c03": "", "c03/below": "", "c0": sxp.Invalid, "c25": sxp.Invalid} {
		wantKind(t, category, c.CheckCategory(category), kind)
	}
	if err := c.CheckCategory("toys"); !strings.Contains(sxp.Reason(err), `"toys": take one of c00, c01, `) || !strings.Contains(sxp.Reason(err), " and 5 more, one below, or none") {
		t.Errorf("the reason is %q", sxp.Reason(err))
	}
	c.Categories = nil
	wantKind(t, "any category", c.CheckCategory("toys"), "")
}
