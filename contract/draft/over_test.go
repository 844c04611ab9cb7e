package draft

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
	"sxp/vectors"
)

func newKey(t *testing.T) *identity.SigningKey {
	t.Helper()
	k, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOverIsVerified(t *testing.T) {
	alice, bob, mallory := newKey(t), newKey(t), newKey(t)
	parties := []sxp.ID{alice.ID(), bob.ID()}
	of, other := sxp.Hash{1}, sxp.Hash{2}
	sign := func(k *identity.SigningKey, typ envelope.Type, v any) sxp.Bytes {
		t.Helper()
		raw, err := envelope.Sign(k, typ, v)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	no := sign(alice, contract.TypeDecline, &contract.Decline{Proposal: of})
	forged := slices.Clone(no)
	forged[len(forged)-1] ^= 1
	for _, c := range []struct {
		name     string
		from     sxp.ID
		evidence sxp.Bytes
		want     Ending
		kind     sxp.Kind
	}{
		{"the own decline", alice.ID(), no, Declined, ""},
		{"another party's decline", bob.ID(), no, Declined, ""},
		{"a party's own word", bob.ID(), nil, Left, ""},
		{"a decline, brought by a stranger", mallory.ID(), no, "", sxp.Denied},
		{"a stranger's word", mallory.ID(), nil, "", sxp.Denied},
		{"a stranger's decline", bob.ID(), sign(mallory, contract.TypeDecline, &contract.Decline{Proposal: of}), "", sxp.Invalid},
		{"a decline of something else", alice.ID(), sign(alice, contract.TypeDecline, &contract.Decline{Proposal: other}), "", sxp.Invalid},
		{"a forged decline", bob.ID(), forged, "", sxp.Invalid},
		{"another message", alice.ID(), sign(alice, contract.TypeAsk, &contract.Ask{Proposal: of}), "", sxp.Invalid},
		{"no message", alice.ID(), sxp.Bytes("no"), "", sxp.Invalid},
		{"half a file", alice.ID(), sxp.Bytes("SXP VOID CERTIFICATE 1\n"), "", sxp.Invalid},
		{"too much", alice.ID(), make(sxp.Bytes, MaxEvidence+1), "", sxp.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := (&Over{Proposal: of, Evidence: c.evidence}).Check(c.from, parties)
			if sxp.KindOf(err) != c.kind || err == nil && got != c.want {
				t.Errorf("Check: %q, %v; want %q, kind %q", got, err, c.want, c.kind)
			}
		})
	}
}

// A void certificate counts as package contract verifies it, for the proposal
// it is of, and nothing else that is a file.
func TestOverByTheJury(t *testing.T) {
	all := vectors.All("contract")
	r, err := contract.Verify(all["void-valid"].Input)
	if err != nil || !r.Drawn {
		t.Fatalf("the vector: %v", err)
	}
	parties := []sxp.ID{r.Parties[0].ID, r.Parties[1].ID}
	check := func(name string, proposal sxp.Hash) (Ending, error) {
		return (&Over{Proposal: proposal, Evidence: sxp.Bytes(all[name].Input)}).Check(parties[0], parties)
	}
	if got, err := check("void-valid", r.Proposal); got != Voided || err != nil {
		t.Errorf("a void certificate: %q, %v", got, err)
	}
	// Without the roll nobody knows whose jury it was.
	var c struct {
		Proposal sxp.Bytes         `json:"proposal"`
		Preimage contract.Preimage `json:"preimage"`
		Voids    []sxp.Bytes       `json:"voids"`
		Roll     sxp.Bytes         `json:"roll"`
	}
	text := string(all["void-valid"].Input)
	_, text, _ = strings.Cut(text, "-----BEGIN SXP VOID CERTIFICATE-----\n")
	text, _, _ = strings.Cut(text, "-----END")
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = envelope.Unmarshal(raw, &c)
	}
	if err != nil || len(c.Roll) == 0 {
		t.Fatalf("the vector: %v", err)
	}
	p, err := contract.OpenProposal(c.Proposal)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := contract.BuildVoid(p, nil, &c.Preimage, c.Voids)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := contract.Verify(bare); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Over{Proposal: p.Digest, Evidence: bare}).Check(parties[0], parties); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("without the roll: %v, want kind invalid", err)
	}
	for name, proposal := range map[string]sxp.Hash{
		"void-valid": {1}, "void-by-a-stranger": r.Proposal, "void-one-seat-twice": r.Proposal, "file-valid": r.Proposal,
	} {
		if _, err := check(name, proposal); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: %v, want kind invalid", name, err)
		}
	}
}

// TestRingsThatAreLeftOut: the second best is taken, whatever the order in
// which the ring is named, and only that ring is left out.
func TestRingsThatAreLeftOut(t *testing.T) {
	b := NewBoard(market.Charter{})
	for i, o := range [][]string{{"lessons", "beer"}, {"beer", "coins", "lessons"}, {"coins", "lessons"}} {
		it, err := market.ParseItem(o[0])
		if err != nil {
			t.Fatal(err)
		}
		a := market.Announcement{Owner: sxp.ID{byte(i + 1)}, Nonce: market.Nonce{1}, Version: 1, Direction: market.Offer, Item: &it, Created: 1, Expires: 100}
		for _, s := range o[1:] {
			w, err := market.ParseWant(s)
			if err != nil {
				t.Fatal(err)
			}
			a.Wants = append(a.Wants, w)
		}
		if err := b.Apply(market.Listing{Class: market.ClassAnnouncement, ID: a.ID(), Announcement: &a}); err != nil {
			t.Fatal(err)
		}
	}
	var not [][]Give
	for _, want := range []int{3, 2, 0} {
		f, err := b.Rings(50, Options{Not: not})
		if err != nil || want == 0 && len(f.Rings) > 0 || want > 0 && (len(f.Rings) != 1 || len(f.Rings[0]) != want) {
			t.Fatalf("Rings without %v = %+v, %v; want one of %d", not, f, err, want)
		}
		if want > 0 {
			var gives []Give
			for _, mv := range f.Rings[0] {
				gives = append([]Give{{mv.Ref, mv.To}}, gives...)
			}
			not = append(not, gives)
		}
	}
}

func TestBlames(t *testing.T) {
	a, b, c, d := sxp.ID{1}, sxp.ID{2}, sxp.ID{3}, sxp.ID{4}
	all := []sxp.ID{a, b, c, d}
	for name, x := range map[string]struct {
		words map[sxp.ID][]sxp.ID
		want  []sxp.ID
	}{
		"nobody speaks":              {nil, nil},
		"one of three names another": {map[sxp.ID][]sxp.ID{a: {b}}, nil},
		"two of three do":            {map[sxp.ID][]sxp.ID{a: {b}, c: {b, d}}, []sxp.ID{b}},
		"somebody names themself":    {map[sxp.ID][]sxp.ID{d: {d}, a: {b}}, []sxp.ID{d}},
		"a stranger's word":          {map[sxp.ID][]sxp.ID{{9}: {b}, a: {b}}, nil},
	} {
		if got := Blames(all, x.words); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
	if got := Blames([]sxp.ID{a, b}, map[sxp.ID][]sxp.ID{a: {b}}); !slices.Equal(got, []sxp.ID{b}) {
		t.Errorf("of two: %v", got)
	}
	for name, broke := range map[string][]sxp.ID{"a stranger": {{9}}, "somebody twice": {b, b}} {
		if _, err := (&Over{Proposal: sxp.Hash{1}, Broke: broke}).Check(a, all); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s is blamed: %v, want invalid", name, err)
		}
	}
}
