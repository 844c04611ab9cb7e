package node

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sxp"
	"sxp/contract/draft"
	"sxp/deal/lot"
	"sxp/deal/solver"
	"sxp/market"
)

// publicly asks a node's public pages without a port.
func publicly(n *Node, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	n.Public().ServeHTTP(w, r)
	return w
}

// problemOf asks for a market's problem while the finder looks.
func problemOf(t *testing.T, c *clock, n *Node, m sxp.ID) *lot.Problem {
	t.Helper()
	got := make(chan *httptest.ResponseRecorder)
	go func() { got <- publicly(n, "GET", "/sxp/v1/market/"+m.String()+"/problem", "") }()
	eventually(t, "the question arrives", func() bool { wanted, _ := n.finder.answers.asked(m, c.now()); return wanted })
	look(t, c, n)
	w := <-got
	if w.Code != http.StatusOK {
		t.Fatalf("the problem: %d %s", w.Code, w.Body)
	}
	return must(lot.DecodeProblem(w.Body.Bytes()))
}

func scoresNow(t *testing.T, n *Node, m sxp.ID) map[string]score {
	t.Helper()
	w := publicly(n, "GET", "/sxp/v1/market/"+m.String()+"/solvers", "")
	var s scores
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || s.Type != "sxp.solvers/1" || s.Market != m || len(s.Goals) == 0 {
		t.Fatalf("the scores: %s, %v", w.Body, err)
	}
	all := map[string]score{}
	for _, x := range s.Solvers {
		all[x.Solver] = x
	}
	return all
}

// TestAnybodyMayAnswer: where the node's own search finds less, what a stranger
// found is proposed; wrong answers cost nothing but their score.
func TestAnybodyMayAnswer(t *testing.T) {
	t.Parallel()
	c := stopped()
	parts := finderParts(t, c)
	parts.FinderWork = 1 // it finds nothing
	n := must(New(parts))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins")
	people[2].offer(t, m, "12 coins", "maths lessons")
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "0 0 0" {
		t.Fatalf("the own search finds it in one step: proposals %s", got)
	}
	p := problemOf(t, c, n, m)
	if p.Title != "Fair" || len(p.Items) != 3 || p.Options.MaxRing != 4 {
		t.Fatalf("the problem: %+v", p)
	}
	a, err := solver.Exact{}.Solve(t.Context(), p)
	if err != nil || a.Value.Items != 3 {
		t.Fatalf("%+v, %v", a, err)
	}
	a.Solver = "a \x1b[31mstranger"
	path := "/sxp/v1/market/" + m.String() + "/answer"
	wrong := *a
	wrong.Solver, wrong.Exchanges = "liar", []lot.Exchange{{Uses: []lot.Use{{Bid: a.Exchanges[0].Uses[0].Bid}}}}
	for _, x := range []*lot.Answer{&wrong, a} {
		if w := publicly(n, "POST", path, string(must(x.Encode()))); w.Code != http.StatusAccepted {
			t.Fatalf("handed in: %d %s", w.Code, w.Body)
		}
	}
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Fatalf("proposals %s, want 1 1 1", got)
	}
	// Nothing is proposed twice, however often it is handed in.
	publicly(n, "POST", path, string(must(a.Encode())))
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Errorf("after the same again: proposals %s", got)
	}
	if p := problemOf(t, c, n, m); len(p.Items) != 0 {
		t.Errorf("what is in a proposal stands in the problem: %+v", p.Items)
	}
	s := scoresNow(t, n, m)
	if got := s["~a [31mstranger"]; got.Rings != 1 || got.Items != 3 || got.Best != 1 || got.Proven != 1 || got.Answers != 2 {
		t.Errorf("the stranger's score: %+v of %+v", got, s)
	}
	if got := s["~liar"]; got.Wrong != 1 || got.Rings != 0 {
		t.Errorf("the liar's score: %+v", got)
	}

	for body, want := range map[string]int{
		"{}": http.StatusBadRequest, `{"format":"sxp.answer/9","exchanges":[]}`: http.StatusNotImplemented, "no": http.StatusBadRequest, `{"format":"sxp.answer/1","exchanges":[],"value":{},"x":1}`: http.StatusBadRequest,
		strings.Repeat(" ", maxAnswer+1): http.StatusRequestEntityTooLarge,
	} {
		if w := publicly(n, "POST", path, body); w.Code != want || !bytes.Contains(w.Body.Bytes(), []byte(`"kind"`)) {
			t.Errorf("%.30q: %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
	if w := publicly(n, "GET", path, ""); w.Code == http.StatusOK {
		t.Errorf("GET of what takes answers: %d", w.Code)
	}
	for i := range maxHanded + 1 {
		a.Solver = "many " + string(rune('a'+i))
		w := publicly(n, "POST", path, string(must(a.Encode())))
		if full := w.Code == http.StatusServiceUnavailable; full != (i >= maxHanded) {
			t.Fatalf("answer %d of many names: %d", i, w.Code)
		}
	}
}

// TestAnswersToLargeBoards: an answer to a board that is not searched as a whole
// is checked against what it names, and proposed.
func TestAnswersToLargeBoards(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	b := must(n.host.Board(m))
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins")
	look(t, c, n)
	var a *lot.Answer
	func() { // as if the node had not seen it yet
		charlie := people[2].offer(t, m, "12 coins", "maths lessons")
		all := draft.NewBoard(f.charter)
		page, _, err := b.Since(t.Context(), c.now(), 0, sxp.ID{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			if err := all.Apply(must(market.OpenRecord(b, r))); err != nil {
				t.Fatal(err)
			}
		}
		p := must(draft.Picture(c.now(), draft.Options{}, all))
		x := n.newContest(&found{}, f.charter, p, c.now())
		a = must(solver.Exact{}.Solve(t.Context(), x.problem().Problem))
		if a.Value.Items != 3 || charlie.Version != 1 {
			t.Fatalf("%+v", a.Value)
		}
	}()
	board := n.finder.boards[m]
	if err := board.read(t.Context(), n, b); err != nil {
		t.Fatal(err)
	}
	if err := n.newCards(board); err != nil {
		t.Fatal(err)
	}
	wrong := *a // it names what would be found, and nothing that is right
	wrong.Exchanges = nil
	for _, u := range a.Exchanges[0].Uses {
		wrong.Exchanges = append(wrong.Exchanges, lot.Exchange{Uses: []lot.Use{u}})
	}
	if err := n.finder.answers.put(m, handed{name: "~liar", text: must(wrong.Encode())}); err != nil {
		t.Fatal(err)
	}
	if err := n.searchHanded(t.Context(), b, board, f.charter, c.now(), board.without(c.now())); err != nil {
		t.Fatal(err)
	}
	if s := scoresNow(t, n, m); s["~liar"].Wrong != 1 || s[ownFinder].Answers != 0 {
		t.Errorf("a wrong answer makes the node search: %+v", s)
	}
	if err := n.finder.answers.put(m, handed{name: "~far", entry: solver.Entry{Answer: a}}); err != nil {
		t.Fatal(err)
	}
	if err := n.searchHanded(t.Context(), b, board, f.charter, c.now(), board.without(c.now())); err != nil {
		t.Fatal(err)
	}
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Errorf("proposals %s, want 1 1 1", got)
	}
}

// TestSolversOfTheOperator: a solver on another machine is asked beside the
// node's own search, and its rings are proposed where they are better.
func TestSolversOfTheOperator(t *testing.T) {
	t.Parallel()
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		a, err := solver.Fast{Budget: 1_000_000}.Solve(r.Context(), must(lot.DecodeProblem(text)))
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(must(a.Encode()))
	}))
	defer far.Close()
	c := new(clock)
	v := serve(t, c, func(cfg *Config) {
		cfg.Juror, cfg.FinderWork, cfg.SolverTime = true, 1, "20s"
		cfg.Solvers = []SolverConfig{{Name: "far", URL: far.URL}, {Name: "missing", Command: []string{"/nowhere/solver"}}}
	})
	f := newFair(t, newSomeone(t, c, "founder", v.to(t), v.ID()), v.Address().URL)
	m := f.key.ID()
	if err := v.Enrol(t.Context(), f.charter.Link()); err != nil {
		t.Fatal(err)
	}
	f.roll(t, sxp.Hour)
	alice, bob := newSomeone(t, c, "Alice", v.to(t), v.ID()), newSomeone(t, c, "Bob", v.to(t), v.ID())
	for _, p := range []*someone{alice, bob} {
		must(ask[market.PutCard, bool](p, market.RequestPutCard, market.PutCard{Card: p.card}))
	}
	alice.offer(t, m, "3 h maths lessons", "beer")
	bob.offer(t, m, "20 l beer", "maths lessons")
	eventually(t, "the ring is proposed", func() bool { return len(bob.letters(t, m)) == 1 })
	eventually(t, "the scores are kept", func() bool {
		s, err := v.scoresOf(m)
		return err == nil && len(s.Solvers) > 1 && s.Solvers[0].Items > 0
	})
}

// TestRounds: a market in rounds proposes the best choice at its times, not
// before, and again in the next round.
func TestRounds(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	f.charter.Seq++
	f.charter.Deals = market.Deals{Rhythm: market.Rounds, Every: sxp.Hour, First: c.now().Add(-sxp.Minute), Goals: []string{"people", "items"}, MaxRing: 3}
	if err := f.founder.market(m).PutCharter(t.Context(), must(market.SignCharter(f.key, f.charter))); err != nil {
		t.Fatal(err)
	}
	people[0].offer(t, m, "3 h maths lessons", "beer")
	people[1].offer(t, m, "20 l beer", "coins", "maths lessons")
	look(t, c, n)
	people[2].offer(t, m, "12 coins", "maths lessons")
	for range 3 {
		look(t, c, n)
		c.move(10 * sxp.Minute)
	}
	if got := waitingFor(t, m, people); got != "0 0 0" {
		t.Fatalf("before the round: proposals %s", got)
	}
	if p := problemOf(t, c, n, m); len(p.Items) != 3 || p.Options.MaxRing != 3 || p.Options.Goals[0] != "people" {
		t.Errorf("the problem before the round: %+v", p.Options)
	}
	c.move(30 * sxp.Minute)
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Fatalf("at the round: proposals %s, want 1 1 1", got)
	}
	if letters := people[0].letters(t, m); len(letters[0].Cards) != 3 {
		t.Errorf("the ring has %d people, want 3", len(letters[0].Cards))
	}
}

// TestGiftsBecomeChains: a gift goes to whom it helps most, and who gets
// something for nothing is asked too.
func TestGiftsBecomeChains(t *testing.T) {
	t.Parallel()
	c := stopped()
	n := must(New(finderParts(t, c)))
	defer n.Close()
	f, people := strangers(t, c, n)
	m := f.key.ID()
	put := func(p *someone, a market.Announcement) {
		t.Helper()
		if _, err := p.market(m).Publish(t.Context(), must(market.SignAnnouncement(p.key, a))); err != nil {
			t.Fatal(err)
		}
	}
	put(people[0], must(market.Draft{Market: m, Owner: people[0].key.ID(), Now: c.now()}.Gift(must(market.NewNonce(n.p.Rand)), "a chair")))
	people[1].offer(t, m, "20 l beer", "chair")
	put(people[2], must(market.Draft{Market: m, Owner: people[2].key.ID(), Now: c.now()}.Need(must(market.NewNonce(n.p.Rand)), "beer")))
	look(t, c, n)
	if got := waitingFor(t, m, people); got != "1 1 1" {
		t.Fatalf("proposals %s, want one for each of the chain", got)
	}
	if p := problemOf(t, c, n, m); len(p.Items) != 0 || len(p.Bids) != 0 {
		t.Errorf("what the chain holds is free: %+v %+v", p.Items, p.Bids)
	}
}

// TestWaitingAnswersAreBounded: what strangers hand in to all markets together
// takes no more memory than is set aside for it, and is forgotten when read.
func TestWaitingAnswersAreBounded(t *testing.T) {
	t.Parallel()
	var a submissions
	text := make([]byte, maxAnswer)
	put := func(m, name byte, size int) error {
		return a.put(sxp.ID{m}, handed{name: string([]byte{handedIn[0], name}), text: text[:size]})
	}
	n := 0
	for m := byte(1); put(m, byte('a'+n%maxHanded), maxAnswer) == nil; n++ {
		if n%maxHanded == maxHanded-1 {
			m++
		}
	}
	if n*maxAnswer != maxHandedBytes {
		t.Errorf("%d answers wait, want %d", n, maxHandedBytes/maxAnswer)
	}
	if err := put(1, 'a', 1); err != nil {
		t.Errorf("a smaller one in place of another: %v", err)
	}
	if err := put(99, 'a', maxAnswer); sxp.KindOf(err) != sxp.Busy {
		t.Errorf("one more: %v, want kind busy", err)
	}
	for m := byte(1); m < 99; m++ {
		a.take(sxp.ID{m})
	}
	if a.bytes != 0 {
		t.Errorf("%d bytes are counted where nothing waits", a.bytes)
	}
	for _, text := range []string{"", "{", `{"format":"sxp.answer/1","exchanges":[]}`} {
		if h := (handed{name: "~x", text: []byte(text)}).read(); (h.entry.Err == nil) != (len(text) > 1) || h.name != "~x" {
			t.Errorf("%q read again: %+v", text, h.entry)
		}
	}
}
