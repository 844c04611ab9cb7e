package node

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

// tell notifies the node that a proposal is over.
func (s *someone) tell(proposal sxp.Hash, evidence []byte) error {
	_, err := ask[draft.Over, bool](s, draft.RequestOver, draft.Over{Proposal: proposal, Evidence: evidence})
	return err
}

func (s *someone) declines(proposal sxp.Hash) []byte {
	return must(envelope.Sign(s.key, contract.TypeDecline, &contract.Decline{Proposal: proposal}))
}

// triangle is a market whose best ring has all three people; without it Bob and
// Charlie can still swap. It returns the ring's proposal.
func triangle(t *testing.T, c *clock, n *Node) (m sxp.ID, people []*someone, lessons market.Announcement, p *contract.OpenedProposal) {
	t.Helper()
	f, people := strangers(t, c, n)
	m = f.key.ID()
	lessons = people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins")
	people[2].offer(t, m, "12 coins", "maths lessons", "beer")
	look(t, c, n)
	letters := people[0].letters(t, m)
	if len(letters) != 1 || len(letters[0].Cards) != 3 {
		t.Fatalf("%d proposals, want one among three", len(letters))
	}
	return m, people, lessons, letters[0]
}

// waiting says how many proposals each person has.
func waitingFor(t *testing.T, m sxp.ID, people []*someone) string {
	t.Helper()
	var n []int
	for _, p := range people {
		n = append(n, len(p.letters(t, m)))
	}
	return strings.Trim(fmt.Sprint(n), "[]")
}

func finderParts(t *testing.T, c *clock) Parts {
	return parts(t, c.now, Roles{Board: true, Juror: true, Finder: true})
}

// TestDeclinedRingIsOver: as soon as Alice says no, Bob and Charlie are found
// for each other; the ring of three comes back only when one of its offers has
// changed. All of it survives a restart.
func TestDeclinedRingIsOver(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := finderParts(t, c)
	open, boards := p.BoardStore, map[sxp.ID]market.Store{}
	p.BoardStore = func(m sxp.ID) (market.Store, error) {
		if boards[m] == nil {
			boards[m] = must(open(m))
		}
		return boards[m], nil
	}
	n := must(New(p))
	m, people, lessons, first := triangle(t, c, n)
	restart := func() {
		t.Helper()
		p.KV.Close()
		p.Dial = n.p.Dial
		n = must(New(p))
		for _, s := range people {
			s.at = relay.Local(n, c.now)
		}
		look(t, c, n)
		look(t, c, n)
	}
	c.move(sxp.Second)
	if err := people[0].tell(first.Digest, people[0].declines(first.Digest)); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Fatalf("after a decline: proposals %s, want 1 2 2", got)
	}
	second := people[1].letters(t, m)[1]
	if len(second.Cards) != 2 || second.Attempt != 1 {
		t.Errorf("the second best: %d people, attempt %d", len(second.Cards), second.Attempt)
	}
	for _, s := range people { // again, by anybody of it: nothing changes
		if err := s.tell(first.Digest, people[0].declines(first.Digest)); err != nil {
			t.Errorf("the same again: %v", err)
		}
	}
	restart()
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Fatalf("after a restart: proposals %s, want 1 2 2", got)
	}
	// Bob does not want it either: now nothing is left, whatever else moves.
	if err := people[1].tell(second.Digest, people[1].declines(second.Digest)); err != nil {
		t.Fatal(err)
	}
	restart()
	people[0].offer(t, m, "a chair", "a boat")
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Fatalf("after both rings were declined: proposals %s, want 1 2 2", got)
	}
	// Alice has thought it over and offers more.
	item := *lessons.Item
	item.Text = "with tea"
	again := market.Draft{Market: m, Owner: people[0].key.ID(), Now: c.now()}.Edit(lessons)
	again.Item = &item
	if _, err := people[0].market(m).Publish(t.Context(), must(market.SignAnnouncement(people[0].key, again))); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "2 3 3" {
		t.Fatalf("after an edit: proposals %s, want 2 3 3", got)
	}
	// What is said of the first proposal ends the second no more.
	wantKind(t, "the one before", people[0].tell(first.Digest, people[0].declines(first.Digest)), sxp.NotFound)
	n.Close()
}

// TestDeclineOverHTTP: the same where the finder runs beside requests, with real
// files, and after a restart.
func TestDeclineOverHTTP(t *testing.T) {
	t.Parallel()
	c := new(clock)
	dir := t.TempDir()
	v := serve(t, c, func(cfg *Config) { cfg.Dir, cfg.Juror = dir, true })
	founder := newSomeone(t, c, "founder", v.to(t), v.ID())
	f := newFair(t, founder, v.Address().URL)
	m := f.key.ID()
	if err := v.Enrol(t.Context(), f.charter.Link()); err != nil {
		t.Fatal(err)
	}
	f.roll(t, sxp.Hour)
	var people []*someone
	for _, name := range []string{"Alice", "Bob", "Charlie"} {
		people = append(people, newSomeone(t, c, name, v.to(t), v.ID()))
	}
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins")
	people[2].offer(t, m, "12 coins", "maths lessons", "beer")
	for _, p := range []*someone{people[1], people[0], people[2]} { // Charlie's closes both rings
		if _, err := ask[market.PutCard, bool](p, market.RequestPutCard, market.PutCard{Card: p.card}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the ring of three", func() bool { return waitingFor(t, m, people) == "1 1 1" })
	first := people[0].letters(t, m)[0]
	no := people[0].declines(first.Digest)
	for _, p := range people {
		if err := p.tell(first.Digest, no); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the second best", func() bool { return waitingFor(t, m, people) == "1 2 2" })
	v.stop()
	again := serve(t, c, func(cfg *Config) { cfg.Dir, cfg.Juror = dir, true })
	for _, p := range people {
		p.at = again.to(t)
	}
	eventually(t, "the finder rests", again.rested)
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Errorf("after a restart: proposals %s, want 1 2 2", got)
	}
}

// TestDeclinedRingOnALargeBoard: where only rings through what is new are looked
// for, what a decline frees is new, and the second best is taken.
func TestDeclinedRingOnALargeBoard(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	m, people, _, first := triangle(t, c, n)
	crowd := newSomeone(t, c, "crowd", people[0].at, n.ID())
	var raws [][]byte
	for i := range maxWhole + 10 {
		a := must(market.Draft{Market: m, Owner: crowd.key.ID(), Now: c.now()}.Offer(must(market.NewNonce(rand.Reader)), fmt.Sprintf("%d apples", i+1), "a chair"))
		raws = append(raws, must(market.SignAnnouncement(crowd.key, a)))
	}
	for part := range slices.Chunk(raws, market.MaxBatch) {
		_, errs := crowd.market(m).PublishAll(t.Context(), part)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	look(t, c, n)
	if err := people[0].tell(first.Digest, people[0].declines(first.Digest)); err != nil {
		t.Fatal(err)
	}
	for range maxWhole/perLook + 2 { // so much fits into one look
		look(t, c, n)
	}
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Errorf("after a decline: proposals %s, want 1 2 2", got)
	}
}

// TestOnlyPartiesEndARing: nobody else frees anything, and a party nothing that
// it is no part of.
func TestOnlyPartiesEndARing(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	m, people, _, first := triangle(t, c, n)
	mallory := newSomeone(t, c, "Mallory", people[0].at, n.ID())
	of := first.Digest
	no := people[0].declines(of)
	forged := append([]byte{}, no...)
	forged[len(forged)-1] ^= 1
	for _, step := range []struct {
		what     string
		who      *someone
		of       sxp.Hash
		evidence []byte
		want     sxp.Kind
	}{
		{"a stranger's word", mallory, of, nil, sxp.Denied},
		{"a party's decline, brought by a stranger", mallory, of, no, sxp.Denied},
		{"a stranger's decline", people[0], of, mallory.declines(of), sxp.Invalid},
		{"a forged decline", people[0], of, forged, sxp.Invalid},
		{"a decline of another proposal", people[0], of, people[0].declines(sxp.Hash{7}), sxp.Invalid},
		{"half a file", people[0], of, []byte("SXP VOID CERTIFICATE 1\n"), sxp.Invalid},
		{"an unknown proposal", people[0], sxp.Hash{7}, people[0].declines(sxp.Hash{7}), sxp.NotFound},
	} {
		wantKind(t, step.what, step.who.tell(step.of, step.evidence), step.want)
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Errorf("after notices that are wrong: proposals %s, want 1 1 1", got)
	}
}

// TestLapsedRing: nobody can accept any more. As long as nobody speaks all may
// have promised, and the items stay reserved until D; a party's word that it
// has not frees them, and the same people are asked once more.
func TestLapsedRing(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	m, people, _, first := triangle(t, c, n)
	c.move(first.ReleaseBefore().Sub(c.now()))
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "0 0 0" {
		t.Fatalf("between the last acceptance and D: proposals %s, want 0 0 0", got)
	}
	if c.now() >= first.Deadline {
		t.Fatal("the deadline has passed too")
	}
	if err := people[2].tell(first.Digest, nil); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Fatalf("after a party's word: proposals %s, want 1 1 1", got)
	}
	second := people[0].letters(t, m)[0]
	if len(second.Cards) != 3 || second.Attempt != 2 {
		t.Errorf("the next: %d people, attempt %d; want 3, 2", len(second.Cards), second.Attempt)
	}
	// Who leaves while there is time does not want it.
	if err := people[0].tell(second.Digest, nil); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Errorf("after Alice has left: proposals %s, want 1 2 2", got)
	}
}

// TestNoticesOnAFullDisk: what is not durable frees nothing.
func TestNoticesOnAFullDisk(t *testing.T) {
	t.Parallel()
	c := stopped()
	p := finderParts(t, c)
	disk := &full{Store: p.KV}
	p.KV = disk
	n := must(New(p))
	defer n.Close()
	m, people, _, first := triangle(t, c, n)
	disk.is.Store(true)
	wantKind(t, "a full disk", people[0].tell(first.Digest, nil), sxp.Full)
	look(t, c, n)
	disk.is.Store(false)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Fatalf("proposals %s, want 1 1 1", got)
	}
	wantKind(t, "once there is room", people[0].tell(first.Digest, nil), "")
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 2 2" {
		t.Errorf("proposals %s, want 1 2 2", got)
	}
}

// TestOldRingsAreForgotten: what a running node remembers of its proposals ends
// with them, on disk too.
func TestOldRingsAreForgotten(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	m, people, _, first := triangle(t, c, n)
	if err := people[0].tell(first.Digest, nil); err != nil {
		t.Fatal(err)
	}
	look(t, c, n)
	remembered := func() (keys []string) {
		t.Helper()
		if err := n.p.KV.View(func(tx kv.Tx) error {
			return tx.Scan(keyProposal, func(key string, _ []byte) error { keys = append(keys, key); return nil })
		}); err != nil {
			t.Fatal(err)
		}
		return keys
	}
	before := remembered()
	if len(before) != 2 || len(n.finder.boards[m].rings) != 2 {
		t.Fatalf("%d proposals and %d rings, want two", len(before), len(n.finder.boards[m].rings))
	}
	c.move(ringMemory + 2*sxp.Day)
	look(t, c, n) // which proposes the best ring as if for the first time
	after := remembered()
	if len(after) != 1 || slices.Contains(before, after[0]) || len(n.finder.boards[m].rings) != 1 {
		t.Errorf("%d proposals and %d rings, want a new one", len(after), len(n.finder.boards[m].rings))
	}
	wantKind(t, "a notice about a forgotten one", people[0].tell(first.Digest, nil), sxp.NotFound)
}
