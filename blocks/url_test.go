package blocks_test

import (
	"regexp"
	"strings"
	"testing"

	"sxp"
	"sxp/blocks"
	"sxp/relay"
)

// exampleURL is the one of spec/blocks.md.
const exampleURL = "sxp:block?hash=2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" +
	"&at=https%3A%2F%2Fnode.example%3A8440%23sxp1fj66ha4d08alt2auet7vy6wctnfx28k5hzzmtp5lysdwmu99hg5se44syk"

func TestURL(t *testing.T) {
	t.Parallel()
	if u := (blocks.URL{Hash: blocks.Sum([]byte("foo")), At: relay.Address{ID: newKey(1).ID(), URL: "https://node.example:8440"}}); u.String() != exampleURL {
		t.Errorf("the URL of the example is %s", u)
	}
	for _, where := range []string{
		"https://node.example", "http://127.0.0.1:8440", "https://node.example:8440/sxp/a-b_c~d.e", "https://[::1]/x", "https://[2001:db8::1]:8440", "https://xn--nd-yka.example",
	} {
		u := blocks.URL{Hash: blocks.Sum([]byte("foo")), At: relay.Address{ID: newKey(1).ID(), URL: where}}
		got, err := blocks.ParseURL(u.String())
		if err != nil || got != u {
			t.Errorf("%s: %+v, %v", u, got, err)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	t.Parallel()
	good := blocks.URL{Hash: blocks.Sum([]byte("foo")), At: relay.Address{ID: newKey(1).ID(), URL: "https://node.example:8440"}}.String()
	if _, err := blocks.ParseURL(good); err != nil {
		t.Fatal(err)
	}
	with := func(url string) string {
		return blocks.URL{Hash: blocks.Sum([]byte("foo")), At: relay.Address{ID: newKey(1).ID(), URL: url}}.String()
	}
	for name, tt := range map[string]struct {
		s    string
		kind sxp.Kind
	}{
		"empty":                {"", sxp.Invalid},
		"another scheme":       {"http" + good[3:], sxp.Invalid},
		"capital hex":          {strings.Replace(good, "2c26", "2C26", 1), sxp.Invalid},
		"63 digits":            {strings.Replace(good, "2c26", "2c2", 1), sxp.Invalid},
		"no address":           {good[:strings.Index(good, "&at=")], sxp.Invalid},
		"order of fields":      {"sxp:block?at=x&hash=y", sxp.Invalid},
		"one more field":       {good + "&x=1", sxp.Invalid},
		"lower-case escape":    {strings.Replace(good, "%3A", "%3a", 1), sxp.Invalid},
		"escape left out":      {strings.Replace(good, "%3A%2F%2F", "://", 1), sxp.Invalid},
		"escape of a letter":   {strings.Replace(good, "node", "%6eode", 1), sxp.Invalid},
		"broken escape":        {strings.Replace(good, "%3A", "%3", 1), sxp.Invalid},
		"no key":               {good[:strings.Index(good, "%23")], sxp.Invalid},
		"wrong checksum":       {good[:len(good)-1] + "q", sxp.Invalid},
		"zero hash":            {blocks.URL{At: relay.Address{ID: newKey(1).ID(), URL: "https://node.example"}}.String(), sxp.Invalid},
		"zero key":             {blocks.URL{Hash: blocks.Sum(nil), At: relay.Address{URL: "https://node.example"}}.String(), sxp.Invalid},
		"script":               {with("javascript://x"), sxp.Invalid},
		"no host":              {with("https://"), sxp.Invalid},
		"a user":               {with("https://a@node.example"), sxp.Invalid},
		"a query":              {with("https://node.example?x"), sxp.Invalid},
		"a trailing slash":     {with("https://node.example/"), sxp.Invalid},
		"a capital scheme":     {with("HTTPS://node.example"), sxp.Invalid},
		"a letter above ASCII": {with("https://nöde.example"), sxp.Invalid},
		"a bracket left open":  {with("https://[::1"), sxp.Invalid},
		"after the bracket":    {with("https://[::1]a"), sxp.Invalid},
		"empty brackets":       {with("https://[]"), sxp.Invalid},
		"letters in brackets":  {with("https://[node]"), sxp.Invalid},
		"an empty port":        {with("https://node.example:"), sxp.Invalid},
		"a port of 6 digits":   {with("https://node.example:123456"), sxp.Invalid},
		"a port of letters":    {with("https://node.example:http"), sxp.Invalid},
		"a port twice":         {with("https://node.example:1:2"), sxp.Invalid},
		"an empty name":        {with("https://node.example/a//b"), sxp.Invalid},
		"an escape in a path":  {with("https://node.example/%41"), sxp.Invalid},
		"a line end":           {with("https://node.example\n"), sxp.Invalid},
		"more than 512 bytes":  {with("https://" + strings.Repeat("a", 500)), sxp.TooLarge},
		"more than 1024 bytes": {with("https://" + strings.Repeat("a", 1000)), sxp.TooLarge},
	} {
		if _, err := blocks.ParseURL(tt.s); sxp.KindOf(err) != tt.kind {
			t.Errorf("%s: %v (kind %q), want kind %q", name, err, sxp.KindOf(err), tt.kind)
		}
	}
}

// grammar is that of spec/blocks.md.
var grammar = regexp.MustCompile(`^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$`)

// FuzzNodeURL compares which addresses fit with the grammar.
func FuzzNodeURL(f *testing.F) {
	for _, where := range []string{"https://node.example:8440/a", "http://[::1]:1", "https://[::1]/", "https://a/b/", "http:///a", "https://a:1/b", "https://[a]b:1"} {
		f.Add(where)
	}
	f.Fuzz(func(t *testing.T, where string) {
		err := blocks.URL{Hash: sxp.Hash{1}, At: relay.Address{ID: sxp.ID{1}, URL: where}}.Validate()
		if want := grammar.MatchString(where); (err == nil) != want && sxp.KindOf(err) != sxp.TooLarge {
			t.Errorf("%q: %v, the grammar says %v", where, err, want)
		}
	})
}

// FuzzURL checks that what parses has one spelling, and an address that
// relays know too.
func FuzzURL(f *testing.F) {
	for _, where := range []string{"https://node.example:8440/a", "http://[::1]:1", "https://a..b", "http://-", "https://x:99999"} {
		f.Add(blocks.URL{Hash: blocks.Sum([]byte(where)), At: relay.Address{ID: newKey(1).ID(), URL: where}}.String())
	}
	f.Add(exampleURL)
	f.Fuzz(func(t *testing.T, s string) {
		u, err := blocks.ParseURL(s)
		if err != nil {
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
				t.Errorf("%q: %v (kind %q)", s, err, k)
			}
			return
		}
		if u.String() != s {
			t.Errorf("%q is also %q", s, u)
		}
		if err := relay.CheckURL(u.At.URL); err != nil && !strings.Contains(u.At.URL, "[") {
			t.Errorf("%q: %v", s, err)
		}
	})
}
