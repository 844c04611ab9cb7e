package market_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/market/memstore"
)

// A published offer is found, edited, withdrawn and forgotten, and its id
// stays the same all the time.
func TestLifeOfAnAnnouncement(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	first := offer(t, alice, 1, "road bike", "tent")
	id := first.ID()
	publish := func(now sxp.Time, a market.Announcement) {
		t.Helper()
		if got, err := b.Publish(t.Context(), now, signed(t, alice, a)); err != nil || got != id {
			t.Fatalf("Publish: %v, %v, want %v", got, err, id)
		}
	}
	publish(noon, first)
	publish(noon, first) // the same bytes again
	if got := find(t, b, noon, "bike"); !slices.Equal(got, []string{"road bike"}) {
		t.Errorf("after publishing, bike finds %v", got)
	}

	later := draft(alice)
	later.Now = noon.Add(sxp.Hour)
	second := later.Edit(first)
	second.Item.Title = "red racing bike"
	publish(later.Now, second)
	if got := find(t, b, later.Now, "bike"); !slices.Equal(got, []string{"red racing bike"}) {
		t.Errorf("after the edit, bike finds %v", got)
	}
	if got := find(t, b, later.Now, "road"); len(got) != 0 {
		t.Errorf("after the edit, road finds %v", got)
	}
	_, err := b.Publish(t.Context(), later.Now, signed(t, alice, first))
	wantKind(t, "the first version again", err, sxp.Replay)

	publish(later.Now, later.Withdraw(second))
	if got := find(t, b, later.Now, ""); len(got) != 0 {
		t.Errorf("after the withdrawal, everything is %v", got)
	}
	r := must[market.Record](t)(b.Get(t.Context(), later.Now, id))
	if a := must[market.Announcement](t)(market.OpenAnnouncement(r.Raw)); !a.Withdrawn || a.Version != 3 {
		t.Errorf("the board shows %+v, want the withdrawal", a)
	}
	for _, old := range []market.Announcement{first, second} {
		_, err := b.Publish(t.Context(), later.Now, signed(t, alice, old))
		wantKind(t, "an old version after the withdrawal", err, sxp.Replay)
	}

	if n, err := b.Expire(t.Context(), second.Expires-1); n != 0 || err != nil {
		t.Errorf("Expire before the time: %d, %v", n, err)
	}
	if n, err := b.Expire(t.Context(), second.Expires); n != 1 || err != nil {
		t.Errorf("Expire: %d, %v", n, err)
	}
	_, err = b.Get(t.Context(), second.Expires, id)
	wantKind(t, "Get after expiry", err, sxp.NotFound)
	_, err = b.Publish(t.Context(), second.Expires, signed(t, alice, first))
	wantKind(t, "an old version after expiry", err, sxp.Late)
}

// A withdrawal that expires early does not let the earlier versions back in.
func TestShortWithdrawalGuardsLongVersions(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	first := offer(t, alice, 1, "road bike")
	gone := draft(alice).Withdraw(first)
	gone.Expires = noon.Add(sxp.Minute)
	for _, a := range []market.Announcement{first, gone} {
		if _, err := b.Publish(t.Context(), noon, signed(t, alice, a)); err != nil {
			t.Fatal(err)
		}
	}
	after := noon.Add(sxp.Hour)
	if n, err := b.Expire(t.Context(), after); n != 0 || err != nil {
		t.Errorf("Expire: %d, %v", n, err)
	}
	_, err := b.Publish(t.Context(), after, signed(t, alice, first))
	wantKind(t, "the first version after the withdrawal expired", err, sxp.Replay)
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	invited := charter()
	invited.Admission, invited.Invited, invited.Categories = market.Invited, []sxp.ID{alice.ID()}, []string{"sport", "home/garden"}
	b := newBoard(t, invited, market.Limits{PerOwner: 3, Entries: 4, Life: 100 * sxp.Day})
	good := offer(t, alice, 1, "road bike")
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, good)); err != nil {
		t.Fatal(err)
	}
	change := func(f func(*market.Announcement)) []byte {
		a := offer(t, alice, 2, "tent")
		f(&a)
		return resign(t, alice, market.TypeAnnouncement, a)
	}
	flipped := signed(t, alice, good)
	flipped[len(flipped)-1] ^= 1
	big := signed(t, alice, good)
	for name, tt := range map[string]struct {
		raw  []byte
		kind sxp.Kind
		text string
	}{
		"nothing":                       {nil, sxp.Invalid, ""},
		"noise":                         {[]byte("<html>hello</html>"), sxp.Invalid, ""},
		"cut short":                     {big[:len(big)-1], sxp.Invalid, ""},
		"a byte too many":               {append(slices.Clone(big), 0), sxp.Invalid, ""},
		"too long":                      {make([]byte, market.MaxAnnouncement+1), sxp.TooLarge, ""},
		"a wrong signature":             {flipped, sxp.Invalid, ""},
		"signed by somebody else":       {resign(t, bob, market.TypeAnnouncement, good), sxp.Denied, "the owner is"},
		"another type of message":       {resign(t, alice, market.TypeMail, good), sxp.Invalid, "cannot be published"},
		"unknown fields":                {resign(t, alice, market.TypeAnnouncement, map[string]string{"x": "y"}), sxp.Invalid, ""},
		"another market":                {change(func(a *market.Announcement) { a.Market = bob.ID() }), sxp.Denied, "is for the market"},
		"no market":                     {change(func(a *market.Announcement) { a.Market = sxp.ID{} }), sxp.Invalid, "announcement.market"},
		"the same version, other bytes": {change(func(a *market.Announcement) { a.Nonce = good.Nonce }), sxp.Conflict, "version 1"},
		"a gift with a query":           {change(func(a *market.Announcement) { a.Direction, a.Query = market.Gift, &market.Query{Words: "x"} }), sxp.Invalid, "announcement.query"},
		"an offer that becomes a gift":  {change(func(a *market.Announcement) { a.Nonce, a.Version, a.Direction = good.Nonce, 2, market.Gift }), sxp.Conflict, "offer"},
		"an edit that turns it round":   {change(func(a *market.Announcement) { a.Nonce, a.Version, a.Direction = good.Nonce, 2, market.Need }), sxp.Conflict, "offer"},
		"dated in the future":           {change(func(a *market.Announcement) { a.Created = noon.Add(sxp.Day) }), sxp.Clock, "2026-09-22"},
		"expired":                       {change(func(a *market.Announcement) { a.Created, a.Expires = noon-2, noon }), sxp.Late, "expired"},
		"expires before it was created": {change(func(a *market.Announcement) { a.Expires = a.Created }), sxp.Invalid, "announcement.expires"},
		"lives too long for the board":  {change(func(a *market.Announcement) { a.Expires = noon.Add(200 * sxp.Day) }), sxp.Invalid, "expires"},
		"lives too long for anybody":    {change(func(a *market.Announcement) { a.Expires = noon.Add(500 * sxp.Day) }), sxp.Invalid, "announcement.expires"},
		"version zero":                  {change(func(a *market.Announcement) { a.Version = 0 }), sxp.Invalid, "announcement.version"},
		"no nonce":                      {change(func(a *market.Announcement) { a.Nonce = market.Nonce{} }), sxp.Invalid, "announcement.nonce"},
		"a fourth direction":            {change(func(a *market.Announcement) { a.Direction = "loan" }), sxp.Invalid, "announcement.direction"},
		"no item":                       {change(func(a *market.Announcement) { a.Item = nil }), sxp.Invalid, "announcement.item"},
		"a withdrawal with an item":     {change(func(a *market.Announcement) { a.Withdrawn = true }), sxp.Invalid, "announcement.withdrawn"},
		"a control character":           {change(func(a *market.Announcement) { a.Item.Title = "tent\x07" }), sxp.Invalid, "announcement.item.title"},
		"text that runs backwards":      {change(func(a *market.Announcement) { a.Item.Text = "a \u202e b" }), sxp.Invalid, "U+202E"},
		"a title without end":           {change(func(a *market.Announcement) { a.Item.Title = strings.Repeat("x", 161) }), sxp.TooLarge, "at most 160"},
		"a category the market lacks":   {change(func(a *market.Announcement) { a.Item.Category = "home" }), sxp.Invalid, "take one of "},
		"money without issuer": {change(func(a *market.Announcement) {
			*a.Item = market.Item{Kind: market.Money, Title: "x", Quantity: "1", Currency: "coins"}
		}), sxp.Invalid, "announcement.item.issuer"},
		"a number in the second spelling":  {change(func(a *market.Announcement) { a.Item.Quantity = "1.0" }), sxp.Invalid, "announcement.item.quantity"},
		"an offer with a query":            {change(func(a *market.Announcement) { a.Query = &market.Query{Words: "x"} }), sxp.Invalid, "announcement.query"},
		"an empty want":                    {change(func(a *market.Announcement) { a.Wants = []market.Want{{}} }), sxp.Invalid, "announcement.wants[0]"},
		"an empty query":                   {change(func(a *market.Announcement) { a.Wants = []market.Want{{Query: &market.Query{}}} }), sxp.Invalid, "announcement.wants[0].query"},
		"a want for itself":                {change(func(a *market.Announcement) { a.Wants = []market.Want{{Item: a.ID()}} }), sxp.Invalid, "itself"},
		"a want twice":                     {change(func(a *market.Announcement) { a.Wants = []market.Want{{Item: good.ID()}, {Item: good.ID()}} }), sxp.Invalid, "announcement.wants[1]"},
		"somebody who was not invited":     {signed(t, bob, offer(t, bob, 1, "tent")), sxp.Denied, "admits only"},
		"a need that nothing could answer": {change(func(a *market.Announcement) { a.Direction, a.Item.Title = market.Need, "🚲" }), sxp.Invalid, "announcement.item.title"},
	} {
		_, err := b.Publish(t.Context(), noon, tt.raw)
		wantKind(t, name, err, tt.kind)
		if err != nil && !strings.Contains(sxp.Reason(err), tt.text) {
			t.Errorf("%s: the reason is %q, want one with %q", name, sxp.Reason(err), tt.text)
		}
	}
	if got := find(t, b, noon, ""); !slices.Equal(got, []string{"road bike"}) {
		t.Errorf("after all refusals the board shows %v", got)
	}
}

func TestScriptIsPlainText(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	const title = `<script>alert("bike")</script>' OR 1=1; --`
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 1, title))); err != nil {
		t.Fatal(err)
	}
	if got := find(t, b, noon, "alert"); !slices.Equal(got, []string{title}) {
		t.Errorf("the title comes back as %q", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{PerOwner: 2, Entries: 3})
	try := func(k key, n byte) error {
		_, err := b.Publish(t.Context(), noon, signed(t, k, offer(t, k, n, "bike")))
		return err
	}
	for i := range 3 {
		wantKind(t, fmt.Sprintf("alice's offer %d", i), try(alice, byte(i+1)), []sxp.Kind{"", "", sxp.Full}[i])
	}
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, draft(alice).Edit(offer(t, alice, 1, "bike")))); err != nil {
		t.Errorf("an edit at the limit: %v", err)
	}
	wantKind(t, "bob's first", try(bob, 1), "")
	wantKind(t, "the board is full", try(bob, 2), sxp.Full)
	// All in one batch count too.
	b = newBoard(t, charter(), market.Limits{PerOwner: 2})
	var raws [][]byte
	for i := range 4 {
		raws = append(raws, signed(t, alice, offer(t, alice, byte(i+1), "bike")))
	}
	_, errs := b.PublishAll(t.Context(), noon, raws)
	for i, err := range errs {
		wantKind(t, fmt.Sprintf("of a batch, %d", i), err, []sxp.Kind{"", "", sxp.Full, sxp.Full}[i])
	}
	// What has expired makes room.
	if n, err := b.Expire(t.Context(), noon.Add(market.DefaultLife)); n != 2 || err != nil {
		t.Fatalf("Expire: %d, %v", n, err)
	}
	d := market.Draft{Market: theMarket.ID(), Owner: alice.ID(), Now: noon.Add(market.DefaultLife)}
	if _, err := b.Publish(t.Context(), d.Now, signed(t, alice, must[market.Announcement](t)(d.Offer(market.Nonce{9}, "bike")))); err != nil {
		t.Errorf("after expiry: %v", err)
	}
}

func TestModeration(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	a := offer(t, alice, 1, "road bike")
	raw := signed(t, alice, a)
	if _, err := b.Publish(t.Context(), noon, raw); err != nil {
		t.Fatal(err)
	}
	notice := market.Notice{Market: theMarket.ID(), Item: a.ID(), Version: 1, Reason: "stolen, see the police's list", Created: noon}
	for who, k := range map[string]key{"a stranger": bob, "the owner": alice} {
		wantKind(t, who, b.Remove(t.Context(), noon, must[[]byte](t)(market.SignNotice(k, notice))), sxp.Denied)
	}
	removal := must[[]byte](t)(market.SignNotice(theNode, notice))
	if err := errors.Join(b.Remove(t.Context(), noon, removal), b.Remove(t.Context(), noon, removal)); err != nil {
		t.Fatal(err)
	}
	if got := find(t, b, noon, "bike"); len(got) != 0 {
		t.Errorf("after the removal: %v", got)
	}
	_, err := b.Publish(t.Context(), noon, raw)
	wantKind(t, "published again", err, sxp.Denied)
	if !strings.Contains(sxp.Reason(err), notice.Reason) {
		t.Errorf("the owner is told %q", sxp.Reason(err))
	}
	notices, _, err := b.List(t.Context(), noon, market.ClassNotice, 0, 0)
	if err != nil || len(notices) != 1 {
		t.Errorf("notices: %d, %v", len(notices), err)
	}
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, draft(alice).Edit(a))); err != nil {
		t.Errorf("a later version, which the notice does not forbid: %v", err)
	}
	// For ever, then lifted.
	notice.Version, notice.Created = 0, noon+1
	wantKind(t, "for ever", b.Remove(t.Context(), noon, must[[]byte](t)(market.SignNotice(theMarket, notice))), "")
	_, err = b.Publish(t.Context(), noon, signed(t, alice, draft(alice).Edit(draft(alice).Edit(a))))
	wantKind(t, "any version", err, sxp.Denied)
	wantKind(t, "the earlier notice again", b.Remove(t.Context(), noon, removal), sxp.Replay)
	notice.Lifted, notice.Created = true, noon+2
	wantKind(t, "lifting", b.Remove(t.Context(), noon, must[[]byte](t)(market.SignNotice(theMarket, notice))), "")
	_, err = b.Publish(t.Context(), noon, signed(t, alice, draft(alice).Edit(a)))
	wantKind(t, "after lifting", err, "")
}

func TestChartersAndMoving(t *testing.T) {
	t.Parallel()
	c := charter()
	c.Founders = []sxp.ID{alice.ID(), bob.ID()}
	raw := must[[]byte](t)(market.SignCharter(theMarket, c))
	_, err := market.OpenCharter(raw)
	wantKind(t, "without founders", err, sxp.Denied)
	raw = must[[]byte](t)(market.CountersignCharter(alice, raw))
	_, missing, err := market.DraftCharter(raw)
	if err != nil || !slices.Equal(missing, []sxp.ID{bob.ID()}) {
		t.Errorf("missing %v, %v", missing, err)
	}
	_, err = market.CountersignCharter(charlie, raw)
	wantKind(t, "by no founder", err, sxp.Denied)
	raw = must[[]byte](t)(market.CountersignCharter(bob, raw))

	store := memstore.New()
	open := func(market sxp.ID) (*marketBoard, error) { return openBoard(t.Context(), market, store) }
	b := must[*marketBoard](t)(open(theMarket.ID()))
	_, err = b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 1, "bike")))
	wantKind(t, "before the charter", err, sxp.NotFound)
	for range 2 {
		if err := b.PutCharter(t.Context(), noon, raw); err != nil {
			t.Fatal(err)
		}
	}
	c.Name, c.Founders = "Another name", nil
	wantKind(t, "the same seq", b.PutCharter(t.Context(), noon, must[[]byte](t)(market.SignCharter(theMarket, c))), sxp.Conflict)
	wantKind(t, "by another key", b.PutCharter(t.Context(), noon, resign(t, bob, market.TypeCharter, c)), sxp.Denied)
	c.Seq, c.Node.ID = 2, bob.ID()
	moved := must[[]byte](t)(market.SignCharter(theMarket, c))
	wantKind(t, "moving", b.PutCharter(t.Context(), noon, moved), "")
	wantKind(t, "back", b.PutCharter(t.Context(), noon, raw), sxp.Replay)
	_, err = b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 1, "bike")))
	wantKind(t, "after moving", err, sxp.Unavailable)

	// The charter is still there when the board opens again, for this market only.
	b = must[*marketBoard](t)(open(theMarket.ID()))
	if got, _, err := b.Charter(); err != nil || got.Seq != 2 {
		t.Errorf("after opening again: charter %d, %v", got.Seq, err)
	}
	_, err = open(bob.ID())
	wantKind(t, "another market's store", err, sxp.Conflict)
}

type marketBoard = market.Board

func openBoard(ctx context.Context, id sxp.ID, s market.Store) (*market.Board, error) {
	return market.OpenBoard(ctx, market.Config{Market: id, Node: theNode.ID(), Store: s})
}

// Anybody can keep a copy: the pages of Since hold everything public once,
// edits again, and nothing twice.
func TestSinceIsTheWholeBoard(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	const n = 25
	for i := range n {
		if _, err := b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, byte(i+1), fmt.Sprintf("bike %d", i)))); err != nil {
			t.Fatal(err)
		}
	}
	seen := make(map[sxp.Hash]bool)
	var after uint64
	read := func() (count int) {
		for {
			page, next, err := b.Since(t.Context(), noon, after, sxp.ID{}, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				if d := envelope.Digest(r.Raw); seen[d] || r.Seq <= after {
					t.Errorf("record %d comes twice, or out of order", r.Seq)
				} else {
					seen[d] = true
				}
				after = r.Seq
				count++
			}
			if next == 0 {
				return count
			}
		}
	}
	if got := read(); got != n+1 {
		t.Errorf("read %d records, want %d and the charter", got, n)
	}
	if got := read(); got != 0 {
		t.Errorf("read %d records again", got)
	}
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, draft(alice).Edit(offer(t, alice, 3, "bike")))); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != 1 {
		t.Errorf("read %d records after an edit", got)
	}
}

// failing is a store whose writes fail, as on a full disk.
type failing struct {
	market.Store
	mu   sync.Mutex
	fail bool
}

func (f *failing) Apply(ctx context.Context, put []market.Entry, del []market.Key) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail {
		return sxp.Errorf("test.Apply", sxp.Full, nil, "no space left on device")
	}
	return f.Store.Apply(ctx, put, del)
}

func TestFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	f := &failing{Store: memstore.New()}
	b := must[*market.Board](t)(openBoard(t.Context(), theMarket.ID(), f))
	if err := b.PutCharter(t.Context(), noon, must[[]byte](t)(market.SignCharter(theMarket, charter()))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 1, "bike"))); err != nil {
		t.Fatal(err)
	}
	f.fail = true
	_, err := b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 2, "tent")))
	wantKind(t, "on a full disk", err, sxp.Full)
	if got := find(t, b, noon, ""); !slices.Equal(got, []string{"bike"}) {
		t.Errorf("the board shows %v", got)
	}
	f.fail = false
	if _, err := b.Publish(t.Context(), noon, signed(t, alice, offer(t, alice, 2, "tent"))); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// Many publish at once; each answer is right, and versions of one item are
// never mixed up.
func TestConcurrentPublishing(t *testing.T) {
	t.Parallel()
	b := newBoard(t, charter(), market.Limits{})
	base := offer(t, alice, 200, "contested")
	var wg sync.WaitGroup
	wins := make(chan int, 8)
	for i := range 8 {
		k := newKey(byte(10 + i))
		wg.Go(func() {
			for n := range 20 {
				if _, err := b.Publish(t.Context(), noon, signed(t, k, offer(t, k, byte(n+1), "bike"))); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
			a := base
			it := a.Item.Clone()
			a.Item = &it
			a.Item.Text = fmt.Sprint(i)
			if _, err := b.Publish(t.Context(), noon, signed(t, alice, a)); err == nil {
				wins <- i
			} else {
				wantKind(t, "the slower", err, sxp.Conflict)
			}
		})
	}
	wg.Wait()
	if len(wins) != 1 {
		t.Errorf("%d of 8 first versions were accepted, want one", len(wins))
	}
	if got := find(t, b, noon, ""); len(got) != 161 {
		t.Errorf("the board shows %d, want 161", len(got))
	}
}
