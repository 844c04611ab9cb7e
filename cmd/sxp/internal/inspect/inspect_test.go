package inspect_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"sxp"
	"sxp/cmd/sxp/internal/inspect"
	"sxp/envelope"
	"sxp/identity"
)

// note is a message of the test: words, and a signed message inside.
type note struct {
	Text  string    `json:"text"`
	Inner sxp.Bytes `json:"inner,omitempty"`
	At    sxp.Time  `json:"at"`
}

var types = inspect.Types{"sxp.test/1": func() any { return new(note) }}

func key(t *testing.T) *identity.SigningKey {
	t.Helper()
	k, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, k *identity.SigningKey, typ envelope.Type, n note) []byte {
	t.Helper()
	raw, err := envelope.Sign(k, typ, n)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func text(t *testing.T, v *inspect.View) string {
	t.Helper()
	var b strings.Builder
	if err := v.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLayersAreUnfolded(t *testing.T) {
	alice, bob, bank := key(t), key(t), key(t)
	inner := sign(t, bob, "sxp.test/1", note{Text: "inside", At: 5})
	outer := sign(t, alice, "sxp.test/1", note{Text: "two\nlines", Inner: inner, At: 7})
	outer, err := envelope.Countersign(bank, outer, envelope.OverMessage, map[string]string{"role": "bank"})
	if err != nil {
		t.Fatal(err)
	}
	v := inspect.Inspect(outer, types)
	if v.Problem != "" || v.Signer != alice.ID() || len(v.Counters) != 1 || v.Counters[0].Signer != bank.ID() {
		t.Errorf("the outer layer is %+v", v)
	}
	got := text(t, v)
	for _, want := range []string{
		"signed message sxp.test/1", "signed by       " + alice.ID().String() + " (verified)",
		"countersigned 1 " + bank.ID().String() + " over the message, role=bank (verified)",
		"text:\n      | two\n      | lines", "inner: signed message sxp.test/1", "signed by       " + bob.ID().String(), "text: inside", "at: 5",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	b, err := json.Marshal(v)
	if err != nil || !json.Valid(b) || !bytes.Contains(b, []byte(`"inner":{"what":"signed message"`)) {
		t.Errorf("as JSON: %v, %s", err, b)
	}
	view, err := envelope.ToJSON(outer, types)
	if err != nil {
		t.Fatal(err)
	}
	if again := inspect.Inspect(view, types); again.Digest != v.Digest || len(again.Counters) != 1 {
		t.Errorf("the JSON form is inspected as %+v", again)
	}
}

func TestWhatIsNotValidIsSaid(t *testing.T) {
	k := key(t)
	good := sign(t, k, "sxp.test/1", note{Text: "x"})
	forged := bytes.Clone(good)
	forged[len(forged)-1] ^= 1
	other, _ := envelope.Sign(k, "sxp.test/1", struct {
		A int `json:"a"`
	}{1})
	for name, tt := range map[string]struct {
		data    []byte
		problem bool
		want    string
	}{
		"a forged signature":            {forged, true, "claims to be by"},
		"fields of another type":        {other, true, "the fields are not those of sxp.test/1"},
		"a type that nobody knows":      {sign(t, k, "sxp.else/1", note{Text: "words"}), false, "does not know the type sxp.else/1"},
		"unknown types show their text": {sign(t, k, "sxp.else/1", note{Text: "words"}), false, "text: words"},
		"text":                          {[]byte("dear bob"), false, "text, 8 bytes"},
		"nothing":                       {nil, false, "0 bytes"},
		"noise":                         {[]byte{0xff, 0xfe, 0x00}, false, "bytes, 3 bytes"},
		"json with a message inside":    {[]byte(`{"a":[1,true,null,{"b":"` + encode(good) + `"}]}`), false, "b: signed message sxp.test/1"},
		"a contract file":               {armoured(t, good), false, "proposal: signed message sxp.test/1"},
		"escape sequences":              {sign(t, k, "sxp.test/1", note{Text: "a\x1b[2J"}), false, "text: a\uFFFD[2J"},
	} {
		t.Run(name, func(t *testing.T) {
			v := inspect.Inspect(tt.data, types)
			if got := text(t, v); !strings.Contains(got, tt.want) || (v.Problem != "") != tt.problem {
				t.Errorf("problem %q, want %v; no %q in\n%s", v.Problem, tt.problem, tt.want, got)
			}
		})
	}
}

// armoured is a file like those of package contract.
func armoured(t *testing.T, message []byte) []byte {
	t.Helper()
	payload, err := envelope.Marshal(map[string]sxp.Bytes{"proposal": message})
	if err != nil {
		t.Fatal(err)
	}
	return []byte("SXP CONTRACT 1\n\nwords\n-----BEGIN SXP CONTRACT-----\n" + base64.StdEncoding.EncodeToString(payload) + "\n-----END SXP CONTRACT-----\n")
}

func encode(b []byte) string {
	s, _ := sxp.Bytes(b).MarshalText()
	return string(s)
}

func TestSealedBytesNameTheirKeys(t *testing.T) {
	k, err := identity.NewKEMSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := envelope.Seal([]envelope.KEMPublic{k.Public()}, "test", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	v := inspect.Inspect(sealed, types)
	if v.What != "sealed bytes" || len(v.SealedTo) != 1 || v.SealedTo[0] != k.KeyID() {
		t.Errorf("got %+v", v)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x"]}`))
	f.Add([]byte("sxp:card?x"))
	f.Add([]byte{0xd2, 0x84, 0x40})
	f.Fuzz(func(t *testing.T, data []byte) {
		v := inspect.Inspect(data, types)
		if b, err := json.Marshal(v); err != nil || !json.Valid(b) {
			t.Errorf("no JSON: %v", err)
		}
		text(t, v)
	})
}

// A link to a market is taken apart into what it names; one of a kind that
// nobody knows is said to be unknown.
func TestLinksAreTakenApart(t *testing.T) {
	link := "sxp:market?id=" + sxp.ID{1}.String() + "&node=" + sxp.ID{2}.String() + "&at=https%3A%2F%2Fnode.example"
	v := inspect.Inspect([]byte(link), nil)
	if v.What != "link to a market" || v.Problem != "" || v.Content == nil || len(v.Content.Items) != 3 || v.Content.Items[2].Text != "https://node.example" {
		t.Errorf("a link to a market: %+v", v)
	}
	if v := inspect.Inspect([]byte("sxp:nothing"), nil); v.What != "text" || v.Note == "" {
		t.Errorf("an unknown link: %+v", v)
	}
}
