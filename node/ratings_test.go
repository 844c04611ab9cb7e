package node

import (
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/internal/kv"
	"sxp/market"
)

// rated is what by says of about, who signed m together.
func rated(by, about *someone, m byte, at sxp.Time, kept bool) []byte {
	var sigmas []bls.G1
	for _, s := range []*someone{by, about} {
		sigmas = append(sigmas, s.root.Contract().SignSession(sxp.Hash{m}))
	}
	return must(rating.Sign(by.key, &rating.Rating{
		M: sxp.Hash{m}, S: must(contract.NewAlgebra(nil).Combine(sxp.Hash{m}, sigmas)), Cards: []sxp.Bytes{by.card, about.card},
		About: about.key.ID(), Marks: []rating.Mark{{Transfer: 1, Kept: kept}}, Published: at,
	}))
}

// TestRatingsOfAMarket: what parties say of each other is published by who says
// it, counted once for each contract, read with complaints first, and gone
// after its time.
func TestRatingsOfAMarket(t *testing.T) {
	w := newConductWorld(t)
	id, ctx := w.fair.key.ID(), t.Context()
	people := map[string]*someone{}
	for _, name := range []string{"alice", "bob", "cyd"} {
		people[name] = newSomeone(t, w.c, name, handled{w.host, w.c}, w.host.ID())
	}
	alice, bob, cyd := people["alice"], people["bob"], people["cyd"]
	shown := func(about *someone) (out []string) {
		t.Helper()
		all, next, err := cyd.market(id).Ratings(ctx, about.key.ID(), "")
		if err != nil || next != "" {
			t.Fatalf("ratings: next %q, error %v", next, err)
		}
		var last *rating.Opened
		for _, raw := range all {
			if contract.TypeOf(raw) == rating.TypeReply {
				out = append(out, "reply: "+must(rating.OpenReply(raw, last)).Text)
				continue
			}
			last = must(rating.Open(raw))
			out = append(out, map[bool]string{true: "kept", false: "broken"}[last.Kept()])
		}
		return out
	}
	want := func(what string, about *someone, list ...string) {
		t.Helper()
		if got := shown(about); strings.Join(got, ", ") != strings.Join(list, ", ") {
			t.Errorf("%s: %q, want %q", what, got, list)
		}
	}
	publish := func(s *someone, raw []byte) error { return s.market(id).Rate(ctx, raw) }
	refused := func(what string, kind sxp.Kind, err error) {
		t.Helper()
		if !errors.Is(err, kind) {
			t.Errorf("%s: %v, want %s", what, err, kind)
		}
	}
	now := w.c.now()
	good := rated(alice, bob, 1, now, true)
	want("before", bob)
	refused("somebody else's", sxp.Denied, publish(cyd, good))
	if err := errors.Join(publish(alice, good), publish(alice, good)); err != nil {
		t.Fatal(err)
	}
	want("one", bob, "kept")
	want("of another", alice)

	forged := must(rating.Open(good)).Rating
	forged.M = sxp.Hash{9}
	if _, err := rating.Sign(alice.key, &forged); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a contract that nobody signed is rated: %v", err)
	}
	refused("a broken one", sxp.Invalid, publish(alice, append(good[:len(good)-1:len(good)-1], good[len(good)-1]^1)))
	refused("one of tomorrow", sxp.Clock, publish(alice, rated(alice, bob, 3, now.Add(sxp.Day), true)))
	refused("one of long ago", sxp.Late, publish(alice, rated(alice, bob, 3, now.Add(-market.MaxLife), true)))

	if err := publish(cyd, rated(cyd, bob, 2, now, false)); err != nil {
		t.Fatal(err)
	}
	want("complaints come first", bob, "broken", "kept")
	worse := rated(alice, bob, 1, now.Add(sxp.Second), false)
	if err := publish(alice, worse); err != nil {
		t.Fatal(err)
	}
	want("a later one replaces", bob, "broken", "broken")
	refused("the earlier one again", sxp.Replay, publish(alice, good))

	to := must(rating.Open(worse))
	reply := must(rating.SignReply(bob.key, to, rating.Reply{Text: "I was ill", At: now.Add(2 * sxp.Second)}))
	refused("a reply of another's", sxp.NotFound, publish(alice, reply))
	if err := errors.Join(publish(bob, reply), publish(bob, reply)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(shown(bob), ", "); strings.Count(got, "broken") != 2 || strings.Count(got, "broken, reply: I was ill") != 1 {
		t.Errorf("with a reply: %q", got)
	}
	if err := publish(alice, rated(alice, bob, 1, now.Add(3*sxp.Second), true)); err != nil {
		t.Fatal(err)
	}
	want("the reply goes with what it answers", bob, "broken", "kept")

	w.c.move(market.MaxLife + sxp.Day)
	want("after their time", bob)
	w.host.expireAll(ctx, w.c.now())
	left := 0
	for _, prefix := range []string{keyRating, keyRatingText, keyRatingEnd, keyRatingCount} {
		if err := w.host.p.KV.View(func(tx kv.Tx) error {
			return tx.Scan(prefix, func(string, []byte) error { left++; return nil })
		}); err != nil {
			t.Fatal(err)
		}
	}
	if left != 0 {
		t.Errorf("%d records of ratings are left", left)
	}
}

// TestRatingsHaveRoom: one person cannot fill a market's ratings, and who
// changes their mind needs no further room.
func TestRatingsHaveRoom(t *testing.T) {
	w := newConductWorld(t)
	id := w.fair.key.ID()
	alice := newSomeone(t, w.c, "alice", handled{w.host, w.c}, w.host.ID())
	bob := newSomeone(t, w.c, "bob", handled{w.host, w.c}, w.host.ID())
	now := w.c.now()
	open := func(m byte, at sxp.Time) (*rating.Opened, []byte) {
		raw := rated(alice, bob, m, at, true)
		return must(rating.Open(raw)), raw
	}
	put := func(m byte, at sxp.Time) error {
		r, raw := open(m, at)
		return w.host.p.KV.Update(func(tx kv.Tx) error { return putRating(tx, id, r, raw) })
	}
	r, raw := open(1, now)
	for i := range maxRatingsBy {
		r.M = sxp.Hash{0, byte(i), 1} // as if each were of another contract
		r.Digest = sxp.Hash{0, byte(i), 2}
		if err := w.host.p.KV.Update(func(tx kv.Tx) error { return putRating(tx, id, r, raw) }); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := put(2, now); !errors.Is(err, sxp.Full) {
		t.Errorf("one more than there is room for: %v", err)
	}
	if err := w.host.sweepRatings(now.Add(market.MaxLife+1), id); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(put(2, now), put(2, now.Add(1))); err != nil {
		t.Errorf("room after the time of the others: %v", err)
	}
	if err := w.host.p.KV.View(func(tx kv.Tx) error {
		if all, own := ratingCount(tx, id.String()), ratingCount(tx, id.String()+"/"+alice.key.ID().String()); all != 1 || own != 1 {
			t.Errorf("counted %d and %d, there is one", all, own)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRatingsCostWhatIsAsked: neither a further page nor a reply reads the texts
// of other ratings, of which strangers can make as many as the market holds.
func TestRatingsCostWhatIsAsked(t *testing.T) {
	w := newConductWorld(t)
	id, ctx := w.fair.key.ID(), t.Context()
	alice := newSomeone(t, w.c, "alice", handled{w.host, w.c}, w.host.ID())
	bob := newSomeone(t, w.c, "bob", handled{w.host, w.c}, w.host.ID())
	now := w.c.now()
	var rests []string
	var last *rating.Opened
	for m := range byte(3) {
		raw := rated(alice, bob, m+1, now, true)
		if err := alice.market(id).Rate(ctx, raw); err != nil {
			t.Fatal(err)
		}
		last = must(rating.Open(raw))
		rests = append(rests, ratingRest(last, true))
	}
	if err := w.host.p.KV.Update(func(tx kv.Tx) error { // whoever reads one of these fails
		for _, rest := range rests[:2] {
			digest := must(digestOf(tx.Get(keyRating + id.String() + "/" + rest)))
			if err := tx.Put(ratingKey(id, digest), []byte("damaged")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := bob.market(id).Ratings(ctx, bob.key.ID(), ""); err == nil {
		t.Error("a page with damaged ratings is shown")
	}
	after := strings.TrimPrefix(rests[1], bob.key.ID().String()+"/")
	if all, next, err := bob.market(id).Ratings(ctx, bob.key.ID(), after); err != nil || next != "" || len(all) != 1 || envelope.Digest(all[0]) != last.Digest {
		t.Errorf("the page after them: %d ratings, %v; want the third", len(all), err)
	}
	if err := bob.market(id).Rate(ctx, must(rating.SignReply(bob.key, last, rating.Reply{Text: "thanks", At: now}))); err != nil {
		t.Errorf("a reply to the third: %v", err)
	}
}
