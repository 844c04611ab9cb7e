package identity_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
)

// TestFileFields: the unsigned form has exactly the fields of the format that
// people published before there were cards.
func TestFileFields(t *testing.T) {
	t.Parallel()
	f := identity.File{Label: "Ann", ID: root(1).Signing().ID(), Relays: []string{"https://relay.example/?a=1&b=2"}}
	got, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "type": "Identity",
  "label": "Ann",
  "pubkey": "` + f.ID.String() + `",
  "relays": [
    "https://relay.example/?a=1&b=2"
  ]
}
`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	back, err := identity.ParseFile(got)
	if d := cmp.Diff(f, back); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	f.Relays = nil
	if got, err := f.Marshal(); err != nil || !bytes.Contains(got, []byte(`"relays": []`)) {
		t.Errorf("no relays: %s, %v", got, err)
	}
}

func TestSignedFile(t *testing.T) {
	t.Parallel()
	raw := signCard(t, card())
	data, err := identity.MarshalFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	f, err := identity.ParseFile(data)
	if err != nil {
		t.Fatal(err)
	}
	c := card()
	want := identity.File{Label: c.Label, ID: c.ID, Relays: c.Relays, Card: raw}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
	again, err := f.Marshal()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("%s, %v", again, err)
	}
	_, err = identity.MarshalFile(raw[1:])
	wantKind(t, err, sxp.Invalid)
}

func TestParseFileRefuses(t *testing.T) {
	t.Parallel()
	good, err := identity.MarshalFile(signCard(t, card()))
	if err != nil {
		t.Fatal(err)
	}
	other := root(2).Signing().ID().String()
	edit := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("the file has no %s", old)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	for name, tt := range map[string]struct {
		in   string
		want sxp.Kind
	}{
		"nothing":                     {"", sxp.Invalid},
		"not JSON":                    {"Identity", sxp.Invalid},
		"a list":                      {"[]", sxp.Invalid},
		"an empty object":             {"{}", sxp.Invalid},
		"another type":                {edit(`"Identity"`, `"Invoice"`), sxp.Invalid},
		"an unknown field":            {edit(`"label"`, `"age": 7, "label"`), sxp.Invalid},
		"another label than the card": {edit(`"Ann"`, `"Anna"`), sxp.Invalid},
		"another key than the card":   {edit(card().ID.String(), other), sxp.Invalid},
		"another relay than the card": {edit("https://relay.example/", "https://evil.example/"), sxp.Invalid},
		"a key in upper case":         {edit(`"pubkey": "sxp1`, `"pubkey": "SXP1`), sxp.Invalid},
		"an empty card":               {`{"type":"Identity","label":"Ann","pubkey":"` + other + `","relays":[],"card":""}`, sxp.Invalid},
		"a field twice":               {edit(`"label"`, `"label": "Ann", "label"`), sxp.Invalid},
		"a field in another case":     {edit(`"label"`, `"Label"`), sxp.Invalid},
		"null":                        {"null", sxp.Invalid},
		"no key":                      {`{"type":"Identity","label":"Ann","relays":[]}`, sxp.Invalid},
		"a relay that is no URL":      {`{"type":"Identity","label":"Ann","pubkey":"` + other + `","relays":["relay"]}`, sxp.Invalid},
		"two files":                   {string(good) + string(good), sxp.Invalid},
		"beyond the limit":            {strings.Repeat(" ", identity.MaxFile+1), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := identity.ParseFile([]byte(tt.in))
			wantKind(t, err, tt.want)
		})
	}
}

func TestLargestCardFitsIntoAFile(t *testing.T) {
	t.Parallel()
	c := card()
	c.KEM = weeks(8)
	raw := signCard(t, c)
	for i := range sxp.MaxCountersignatures {
		attrs := map[string]string{"": strings.Repeat("v", 1000)}
		next, err := envelope.Countersign(root(byte(i+2)).Signing(), raw, envelope.OverMessage, attrs)
		if err != nil {
			t.Fatal(err)
		}
		raw = next
	}
	data, err := identity.MarshalFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.ParseFile(data); err != nil {
		t.Errorf("a card of %d bytes, a file of %d: %v", len(raw), len(data), err)
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	c := card()
	c.Label = "Ann & Bob = 50% +"
	f, err := identity.FileOf(signCard(t, c))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]identity.File{
		"with card":    f,
		"without card": {Label: f.Label, ID: f.ID, Relays: f.Relays},
		"no relays":    {Label: f.Label, ID: f.ID},
	} {
		t.Run(name, func(t *testing.T) {
			link, err := f.Link()
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(link, " \"<>") || !strings.HasPrefix(link, "sxp:card?id=sxp1") {
				t.Errorf("the link %s", link)
			}
			if len(link) > 2953 { // bytes in the largest QR code
				t.Errorf("%d characters do not fit into a QR code", len(link))
			}
			got, err := identity.ParseLink(link)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(f, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParseLinkRefuses(t *testing.T) {
	t.Parallel()
	f, err := identity.FileOf(signCard(t, card()))
	if err != nil {
		t.Fatal(err)
	}
	link, err := f.Link()
	if err != nil {
		t.Fatal(err)
	}
	id := f.ID.String()
	for name, tt := range map[string]struct {
		in   string
		want sxp.Kind
	}{
		"nothing":          {"", sxp.Invalid},
		"another scheme":   {"https://example/card?id=" + id, sxp.Invalid},
		"another thing":    {"sxp:market?id=" + id + "&label=x", sxp.Invalid},
		"no id":            {"sxp:card?label=Ann", sxp.Invalid},
		"two ids":          {"sxp:card?label=Ann&id=" + id + "&id=" + id, sxp.Invalid},
		"a wrong id":       {"sxp:card?label=Ann&id=" + id[:61] + "q", sxp.Invalid},
		"no label":         {"sxp:card?id=" + id, sxp.Invalid},
		"an unknown field": {"sxp:card?label=Ann&id=" + id + "&x=1", sxp.Invalid},
		"a bad escape":     {"sxp:card?label=%zz&id=" + id, sxp.Invalid},
		"a semicolon":      {"sxp:card?label=Ann;id=" + id, sxp.Invalid},
		"another label":    {strings.Replace(link, "label=Ann", "label=Bob", 1), sxp.Invalid},
		"a card cut short": {link[:len(link)-4], sxp.Invalid},
		"beyond the limit": {"sxp:card?label=" + strings.Repeat("a", identity.MaxFile), sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := identity.ParseLink(tt.in)
			wantKind(t, err, tt.want)
		})
	}
	// Order and escaping belong to whoever carried the link.
	other := "sxp:card?label=" + url.PathEscape("Ann B") + "&id=" + id
	if got, err := identity.ParseLink(other); err != nil || got.Label != "Ann B" {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzFile: what parses is written and read again without change.
func FuzzFile(f *testing.F) {
	raw, err := identity.SignCard(root(1).Signing(), card())
	if err != nil {
		f.Fatal(err)
	}
	data, err := identity.MarshalFile(raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"type":"Identity","label":"Ann","pubkey":"` + card().ID.String() + `","relays":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := identity.ParseFile(in)
		if err != nil {
			return
		}
		out, err := file.Marshal()
		if err != nil || !json.Valid(out) {
			t.Fatal(err)
		}
		again, err := identity.ParseFile(out)
		if d := cmp.Diff(len(file.Relays), len(again.Relays)); err != nil || d != "" || again.ID != file.ID || again.Label != file.Label || !bytes.Equal(again.Card, file.Card) {
			t.Fatalf("%v: %+v became %+v", err, file, again)
		}
		link, err := file.Link()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := identity.ParseLink(link); err != nil {
			t.Fatal(err)
		}
	})
}
