package market_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/market"
)

func TestMail(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{MailTo: 3, MailFrom: 4})
	mail := func(from, to key, text string) []byte {
		return must[[]byte](t)(market.SignMail(from, market.Mail{
			Market: theMarket.ID(), From: from.ID(), To: to.ID(), Sealed: []byte(text), Created: noon, Expires: noon.Add(sxp.Day),
		}))
	}
	post := func(from, to key, text string) error {
		_, err := b.Post(t.Context(), noon, from.ID(), mail(from, to, text))
		return err
	}
	wantKind(t, "by another", func() error { _, err := b.Post(t.Context(), noon, bob.ID(), mail(alice, bob, "x")); return err }(), sxp.Denied)
	for i := range 4 {
		wantKind(t, fmt.Sprintf("to bob, %d", i), post(alice, bob, fmt.Sprint(i)), []sxp.Kind{"", "", "", sxp.Full}[i])
	}
	wantKind(t, "the same again", post(alice, bob, "0"), "")
	wantKind(t, "from another to bob", post(charlie, bob, "x"), sxp.Full)
	wantKind(t, "to charlie", post(alice, charlie, "x"), "")
	wantKind(t, "a fifth from alice", post(alice, charlie, "y"), sxp.Full)

	letters, _, err := b.MailFor(t.Context(), noon, bob.ID(), 0, 0)
	if err != nil || len(letters) != 3 {
		t.Fatalf("bob has %d letters, %v", len(letters), err)
	}
	var ids []sxp.Hash
	for _, l := range letters {
		ids = append(ids, envelope.Digest(l.Raw))
	}
	if err := b.DeleteMail(t.Context(), charlie.ID(), ids); err != nil {
		t.Fatal(err)
	}
	if letters, _, _ := b.MailFor(t.Context(), noon, bob.ID(), 0, 0); len(letters) != 3 {
		t.Errorf("charlie deleted bob's letters, %d are left", len(letters))
	}
	if err := b.DeleteMail(t.Context(), bob.ID(), ids); err != nil {
		t.Fatal(err)
	}
	if letters, _, _ := b.MailFor(t.Context(), noon, bob.ID(), 0, 0); len(letters) != 0 {
		t.Errorf("bob still has %d letters", len(letters))
	}
	if letters, _, _ := b.MailFor(t.Context(), noon.Add(sxp.Day), charlie.ID(), 0, 0); len(letters) != 0 {
		t.Errorf("charlie has %d letters that expired", len(letters))
	}
	all, _, err := b.Since(t.Context(), noon, 0, sxp.ID{}, 0)
	if err != nil || slices.ContainsFunc(all, func(r market.Record) bool { return r.Class == market.ClassMail }) {
		t.Errorf("the public sees mail, or %v", err)
	}
	_, _, err = b.List(t.Context(), noon, market.ClassMail, 0, 0)
	wantKind(t, "listing mail", err, sxp.Denied)
}

func TestRollsAndJurors(t *testing.T) {
	t.Parallel()
	roll := resign(t, bob, "sxp.roll/1", map[string]string{"n": "1"})
	c := charter()
	c.Roll = envelope.Digest(roll)
	b := newBoard(t, c, market.Limits{Jurors: 1})
	_, err := b.Roll(t.Context(), sxp.Hash{})
	wantKind(t, "no roll yet", err, sxp.NotFound)
	wantKind(t, "a roll nobody named", b.PutRoll(t.Context(), resign(t, bob, "sxp.roll/1", map[string]string{"n": "2"})), sxp.Denied)
	wantKind(t, "noise", b.PutRoll(t.Context(), []byte("x")), sxp.Invalid)
	for range 2 {
		wantKind(t, "the charter's roll", b.PutRoll(t.Context(), roll), "")
	}
	if got, err := b.Roll(t.Context(), sxp.Hash{}); err != nil || !slices.Equal(got, roll) {
		t.Errorf("Roll: %d bytes, %v", len(got), err)
	}
	wantKind(t, "the market's own", b.PutRoll(t.Context(), resign(t, theMarket, "sxp.roll/1", map[string]string{"n": "3"})), "")

	card := func(k key, n string) []byte { return resign(t, k, market.TypeJuror, map[string]string{"n": n}) }
	wantKind(t, "somebody else's card", b.Enrol(t.Context(), bob.ID(), card(alice, "1")), sxp.Denied)
	wantKind(t, "no juror's card", b.Enrol(t.Context(), bob.ID(), roll), sxp.Invalid)
	wantKind(t, "alice", b.Enrol(t.Context(), alice.ID(), card(alice, "1")), "")
	wantKind(t, "a later card", b.Enrol(t.Context(), alice.ID(), card(alice, "2")), "")
	wantKind(t, "one too many", b.Enrol(t.Context(), bob.ID(), card(bob, "1")), sxp.Full)
	jurors, _, err := b.List(t.Context(), noon, market.ClassJuror, 0, 0)
	if err != nil || len(jurors) != 1 || !slices.Equal(jurors[0].Raw, card(alice, "2")) {
		t.Errorf("jurors: %d, %v", len(jurors), err)
	}
	wantKind(t, "leaving", errors.Join(b.Leave(t.Context(), alice.ID()), b.Leave(t.Context(), alice.ID())), "")
	wantKind(t, "now there is room", b.Enrol(t.Context(), bob.ID(), card(bob, "1")), "")
}
