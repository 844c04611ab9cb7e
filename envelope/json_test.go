package envelope_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/envelope"
)

func TestJSONLosesNothing(t *testing.T) {
	t.Parallel()
	wide := aThing()
	wide.Count = 1<<63 - 1 // more than a double holds
	for name, raw := range map[string][]byte{
		"a message":             signed(t, aThing()),
		"a large number":        signed(t, wide),
		"countersignatures":     stacked(t),
		"a tower":               towerOf(8),
		"a payload of no type":  signed(t, []int{1, 2, 3}),
		"an empty payload":      signed(t, thing{}),
		"control characters":    signed(t, thing{Name: "\x00\u2028\u2029\"\\\ufffd<"}),
		"a payload of one byte": signed(t, 0),
	} {
		for kind, types := range map[string]map[envelope.Type]func() any{"known": thingTypes(), "unknown": nil} {
			t.Run(name+", "+kind, func(t *testing.T) {
				j, err := envelope.ToJSON(raw, types)
				if err != nil {
					t.Fatal(err)
				}
				var pretty bytes.Buffer
				if err := json.Indent(&pretty, j, "", "  "); err != nil {
					t.Fatal(err)
				}
				for _, text := range [][]byte{j, pretty.Bytes()} {
					back, err := envelope.FromJSON(text, types)
					if err != nil || !bytes.Equal(back, raw) {
						t.Errorf("%s\ngives %x, %v\nwant  %x", text, back, err, raw)
					}
				}
			})
		}
	}
}

func towerOf(n int) []byte {
	d := newDraft()
	d.unprotected = tower(d, n)
	return d.raw()
}

// TestJSONView shows the form that spec/envelope.md describes.
func TestJSONView(t *testing.T) {
	t.Parallel()
	raw := countersign(t, 2, signed(t, thing{Name: "<b>"}), envelope.OverMessage, map[string]string{"vat": "paid"})
	got, err := envelope.ToJSON(raw, thingTypes())
	if err != nil {
		t.Fatal(err)
	}
	cut := func(s, from, to string) string { // a signature is not the point here
		head, tail, _ := strings.Cut(s, from)
		_, tail, _ = strings.Cut(tail, to)
		return head + from + "…" + to + tail
	}
	want := `{"type":"sxp.thing/1","signer":"` + key(1).ID().String() + `","payload":{"name":"<b>","fixed":"` + strings.Repeat("0", 64) +
		`","list":[],"bytes":"","count":0},"signature":"…","countersignatures":[{"signer":"` + key(2).ID().String() + `","attributes":{"vat":"paid"},"signature":"…"}]}`
	s := cut(string(got), `"signature":"`, `","counter`)
	s = cut(s, `"paid"},"signature":"`, `"}]`)
	if s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestFromJSONRefuses(t *testing.T) {
	t.Parallel()
	raw := stacked(t)
	good, err := envelope.ToJSON(raw, thingTypes())
	if err != nil {
		t.Fatal(err)
	}
	edit := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("the view has no %s", old)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	var nested strings.Builder
	for range 20_000 {
		nested.WriteString(`{"countersignatures":[`)
	}
	for name, tt := range map[string]struct {
		in   string
		want sxp.Kind
	}{
		"nothing":                        {"", sxp.Invalid},
		"another JSON value":             {"[]", sxp.Invalid},
		"an empty object":                {"{}", sxp.Invalid},
		"a payload that was edited":      {edit("three lessons", "four lessons"), sxp.Invalid},
		"an attribute that was edited":   {edit(`"rating":"A"`, `"rating":"AAA"`), sxp.Invalid},
		"a signature that was cut":       {edit(`"signature":"`, `"signature":"AAAA`), sxp.Invalid},
		"an unknown field":               {edit(`{"type"`, `{"extra":1,"type"`), sxp.Invalid},
		"an unknown field of a payload":  {edit(`{"name"`, `{"extra":1,"name"`), sxp.Invalid},
		"a value of another sort":        {edit(`"count":-4611686018427387904`, `"count":"7"`), sxp.Invalid},
		"a float":                        {edit(`"count":-4611686018427387904`, `"count":0.5`), sxp.Invalid},
		"two views":                      {string(good) + string(good), sxp.Invalid},
		"both payload and cbor":          {edit(`"payload"`, `"cbor":"AA","payload"`), sxp.Invalid},
		"neither payload nor cbor":       {`{"type":"sxp.thing/1","signer":"` + key(1).ID().String() + `","signature":""}`, sxp.Invalid},
		"a type that is not known":       {edit("sxp.thing/1", "sxp.thing/2"), sxp.Unsupported},
		"no type":                        {edit("sxp.thing/1", "thing"), sxp.Invalid},
		"a signer that is not canonical": {edit(`"signer":"sxp1`, `"signer":"SXP1`), sxp.Invalid},
		"more than a view may have":      {strings.Repeat(" ", envelope.MaxView+1), sxp.TooLarge},
		"nesting without end":            {nested.String(), sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := envelope.FromJSON([]byte(tt.in), thingTypes()); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestToJSONRefusesWhatParseRefuses(t *testing.T) {
	t.Parallel()
	raw := signed(t, aThing())
	raw[len(raw)-1] ^= 1
	if _, err := envelope.ToJSON(raw, thingTypes()); !errors.Is(err, sxp.Invalid) {
		t.Errorf("error %v, want %v", err, sxp.Invalid)
	}
}
