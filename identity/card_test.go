package identity_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/vectors"
)

func TestCardRoundTrip(t *testing.T) {
	t.Parallel()
	want := card()
	got, err := identity.OpenCard(signCard(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// weeks returns n keys of one week each, one after the other.
func weeks(n int) (keys []identity.KEMKey) {
	for i := range n {
		k := envelope.NewKEMSecret([32]byte{31: byte(i + 1)})
		from := now.Add(sxp.Duration(i) * identity.KEMPeriod)
		keys = append(keys, identity.KEMKey{Public: k.Public(), From: from, Until: from.Add(identity.KEMPeriod)})
	}
	return keys
}

// wrongCards are changes to a good card, and what must come of them.
func wrongCards() []struct {
	name, why string
	expect    sxp.Kind
	change    func(*identity.Card)
} {
	text := func(n int) string { return strings.Repeat("a", n) }
	return []struct {
		name, why string
		expect    sxp.Kind
		change    func(*identity.Card)
	}{
		{"good", "a card with two relays and one KEM key", "", func(*identity.Card) {}},
		{"no-relays-no-kem", "relays and KEM keys may be absent", "", func(c *identity.Card) { c.Relays, c.KEM = nil, nil }},
		{"label-64", "a label of 64 bytes", "", func(c *identity.Card) { c.Label = text(64) }},
		{"label-65", "a label of 65 bytes", sxp.TooLarge, func(c *identity.Card) { c.Label = text(65) }},
		{"label-empty", "a label is not empty", sxp.Invalid, func(c *identity.Card) { c.Label = "" }},
		{"label-space", "a label does not end with a space", sxp.Invalid, func(c *identity.Card) { c.Label = "Ann " }},
		{"label-line", "a label is one line", sxp.Invalid, func(c *identity.Card) { c.Label = "Ann\nBob" }},
		{"label-reversed", "a label has no direction override", sxp.Invalid, func(c *identity.Card) { c.Label = "Ann \u202eboB" }},
		{"label-scripts", "a label may use any script, with joiners", "", func(c *identity.Card) { c.Label = "زهرا\u200cجان 👩\u200d🌾" }},
		{"seq-0", "cards are numbered from 1", sxp.Invalid, func(c *identity.Card) { c.Seq = 0 }},
		{"seq-largest", "the largest number is 2^64-1", "", func(c *identity.Card) { c.Seq = 1<<64 - 1 }},
		{"issued-before-1970", "times are not negative", sxp.Invalid, func(c *identity.Card) { c.Issued = -1 }},
		{"relay-no-url", "a relay is an absolute URL", sxp.Invalid, func(c *identity.Card) { c.Relays = []string{"relay.example"} }},
		{"relay-ftp", "a relay is reached by http or https", sxp.Invalid, func(c *identity.Card) { c.Relays = []string{"ftp://relay.example/"} }},
		{"relay-password", "an address has no password", sxp.Invalid, func(c *identity.Card) { c.Relays = []string{"https://a:b@relay.example/"} }},
		{"relay-space", "an address is printable ASCII", sxp.Invalid, func(c *identity.Card) { c.Relays = []string{"https://relay.example/a b"} }},
		{"relay-twice", "a relay is named once", sxp.Invalid, func(c *identity.Card) { c.Relays = []string{"https://r.example/", "https://r.example/"} }},
		{"relay-long", "an address has 256 bytes at most", sxp.TooLarge, func(c *identity.Card) { c.Relays = []string{"https://" + text(250)} }},
		{"relays-9", "a card names 8 relays at most", sxp.TooLarge, func(c *identity.Card) {
			c.Relays = nil
			for i := range 9 {
				c.Relays = append(c.Relays, "https://r"+text(i+1)+"/")
			}
		}},
		{"kem-8", "eight weekly keys", "", func(c *identity.Card) { c.KEM = weeks(8) }},
		{"kem-9", "a card lists 8 keys at most", sxp.TooLarge, func(c *identity.Card) { c.KEM = weeks(9) }},
		{"kem-short", "a KEM key has 1216 bytes", sxp.Invalid, func(c *identity.Card) { c.KEM[0].Public = c.KEM[0].Public[1:] }},
		{"kem-out-of-range", "a KEM key has coefficients below q", sxp.Invalid, func(c *identity.Card) {
			c.KEM[0].Public = append(envelope.KEMPublic{0xff, 0xff, 0xff}, c.KEM[0].Public[3:]...)
		}},
		{"kem-never", "a key is valid for some time", sxp.Invalid, func(c *identity.Card) { c.KEM[0].Until = c.KEM[0].From }},
		{"kem-too-long", "a key is valid for 400 days at most", sxp.TooLarge, func(c *identity.Card) { c.KEM[0].Until = c.KEM[0].From.Add(identity.MaxKEMSpan + 1) }},
		{"kem-before-1970", "times are not negative", sxp.Invalid, func(c *identity.Card) { c.KEM[0].From = -1 }},
		{"kem-unsorted", "keys ascend by their first moment", sxp.Invalid, func(c *identity.Card) { c.KEM = weeks(2); c.KEM[0], c.KEM[1] = c.KEM[1], c.KEM[0] }},
		{"kem-twice", "a key is listed once", sxp.Invalid, func(c *identity.Card) { c.KEM = weeks(2); c.KEM[1].Public = c.KEM[0].Public }},
		{"contract-key-absent", "a card has a contract key", sxp.Invalid, func(c *identity.Card) { c.ContractKey = bls.G2{} }},
		{"contract-key-of-another", "the proof is of another contract key", sxp.Invalid, func(c *identity.Card) { c.ContractKey = root(2).Contract().Public() }},
		{"proof-of-another", "the proof was made for another identity", sxp.Invalid, func(c *identity.Card) {
			c.Proof = root(1).Contract().ProvePossession(bls.RoleParty, root(2).Signing().ID())
		}},
		{"proof-other-role", "the proof was made for another role", sxp.Invalid, func(c *identity.Card) {
			c.Proof = root(1).Contract().ProvePossession("watcher", c.ID)
		}},
		{"id-of-another", "the signer is not the identity", sxp.Invalid, func(c *identity.Card) {
			c.ID = root(2).Signing().ID()
			c.Proof = root(1).Contract().ProvePossession(bls.RoleParty, c.ID)
		}},
	}
}

func cardVectors(t *testing.T) []vectors.Vector {
	var all []vectors.Vector
	for _, w := range wrongCards() {
		c := card()
		w.change(&c)
		// SignCard would refuse: sign as somebody who does not check.
		raw, err := envelope.Sign(root(1).Signing(), identity.TypeCard, c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, vectors.Vector{Name: w.name, Why: w.why, Input: raw, Expect: string(w.expect)})
	}
	add := func(name, why string, typ envelope.Type, v any) {
		raw, err := envelope.Sign(root(1).Signing(), typ, v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, vectors.Vector{Name: name, Why: why, Input: raw, Expect: string(sxp.Invalid)})
	}
	add("other-type", "a card has the type sxp.card/1", "sxp.card/2", card())
	type more struct {
		identity.Card
		Extra int `json:"extra"`
	}
	add("field-unknown", "a card has no other fields", identity.TypeCard, more{Card: card()})
	type less struct {
		Label string `json:"label"`
		ID    sxp.ID `json:"id"`
	}
	add("fields-missing", "a card has all its fields", identity.TypeCard, less{"Ann", card().ID})
	counter, err := envelope.Countersign(root(3).Signing(), signCard(t, card()), envelope.OverMessage, map[string]string{"member": "since 2019"})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, vectors.Vector{Name: "countersigned", Why: "a tribe countersigned the card", Input: counter})
}

func TestCardVectors(t *testing.T) {
	t.Parallel()
	checkVectors(t, "identity", cardVectors(t), func(_ *testing.T, v vectors.Vector) error {
		_, err := identity.OpenCard(v.Input)
		return err
	})
}

func TestSignCardRefusesWhatOpenCardRefuses(t *testing.T) {
	t.Parallel()
	for _, w := range wrongCards() {
		t.Run(w.name, func(t *testing.T) {
			c := card()
			w.change(&c)
			_, err := identity.SignCard(root(1).Signing(), c)
			wantKind(t, err, w.expect)
		})
	}
}

func TestCardOverTheLimit(t *testing.T) {
	t.Parallel()
	_, err := identity.OpenCard(make([]byte, identity.MaxCard+1))
	wantKind(t, err, sxp.TooLarge)
}

func TestSealKey(t *testing.T) {
	t.Parallel()
	c := card()
	c.KEM = weeks(3)
	c.KEM[0].Until = c.KEM[1].From.Add(sxp.Hour) // the first overlaps the second by an hour
	c.KEM[2].From = c.KEM[2].From.Add(sxp.Day)   // and a day is not covered
	for name, tt := range map[string]struct {
		at   sxp.Time
		key  int
		want sxp.Kind
	}{
		"the first moment":                {now, 0, ""},
		"before the first":                {now - 1, 0, sxp.Early},
		"two are valid: the newer":        {c.KEM[1].From, 1, ""},
		"a moment before the newer":       {c.KEM[1].From - 1, 0, ""},
		"between two":                     {c.KEM[1].Until, 0, sxp.Late},
		"the last moment":                 {c.KEM[2].Until - 1, 2, ""},
		"until is not included":           {c.KEM[2].Until, 0, sxp.Late},
		"a clock that was never set":      {0, 0, sxp.Early},
		"a clock that is a century ahead": {now + 36500*sxp.Time(sxp.Day), 0, sxp.Late},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.SealKey(tt.at)
			wantKind(t, err, tt.want)
			if err == nil && !bytes.Equal(got, c.KEM[tt.key].Public) {
				t.Errorf("not key %d", tt.key)
			}
		})
	}
	_, err := identity.Card{}.SealKey(now)
	wantKind(t, err, sxp.NotFound)
}

func TestCheckSuccessor(t *testing.T) {
	t.Parallel()
	with := func(change func(*identity.Card)) []byte {
		c := card()
		c.Seq = 5
		change(&c)
		return signCard(t, c)
	}
	old := with(func(*identity.Card) {})
	counter, err := envelope.Countersign(root(3).Signing(), old, envelope.OverMessage, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := identity.SignCard(root(2).Signing(), identity.NewCard(root(2), "Bob", now, now+1))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		next []byte
		want sxp.Kind
	}{
		"the same":                     {old, ""},
		"the same, countersigned":      {counter, ""},
		"a higher number":              {with(func(c *identity.Card) { c.Seq = 6 }), ""},
		"a lower number":               {with(func(c *identity.Card) { c.Seq = 4 }), sxp.Replay},
		"another with the same number": {with(func(c *identity.Card) { c.Label = "Anna" }), sxp.Conflict},
		"of another identity":          {other, sxp.Denied},
		"no card":                      {old[1:], sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) { wantKind(t, identity.CheckSuccessor(old, tt.next), tt.want) })
	}
	wantKind(t, identity.CheckSuccessor(nil, old), sxp.Invalid)
}

// TestCardInJSON: the card's view loses nothing.
func TestCardInJSON(t *testing.T) {
	t.Parallel()
	raw := signCard(t, card())
	j, err := envelope.ToJSON(raw, identity.Types())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(j, []byte(`"contractKey":"`)) {
		t.Errorf("the view has no fields: %s", j)
	}
	if back, err := envelope.FromJSON(j, identity.Types()); err != nil || !bytes.Equal(back, raw) {
		t.Errorf("%x, %v", back, err)
	}
}

// FuzzCard: what opens is what SignCard gives for its content.
func FuzzCard(f *testing.F) {
	for _, v := range vectors.All("identity") {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := identity.OpenCard(in)
		if err != nil {
			if k := sxp.KindOf(err); k != sxp.Invalid && k != sxp.TooLarge {
				t.Fatalf("kind %q", k)
			}
			return
		}
		if c.ID != root(1).Signing().ID() {
			return
		}
		again, err := identity.SignCard(root(1).Signing(), c)
		if err != nil || envelope.Digest(again) != envelope.Digest(in) {
			t.Fatalf("a second encoding: %x, %v", again, err)
		}
	})
}

func BenchmarkOpenCard(b *testing.B) {
	raw := signCard(b, card())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.OpenCard(raw); err != nil {
			b.Fatal(err)
		}
	}
}
