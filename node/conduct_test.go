package node

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

// A conductWorld is a node in memory that hosts a market, and jurors on its
// list, each behind an address.
type conductWorld struct {
	c       *clock
	host    *Node
	fair    *fair
	founder *someone
	peers   map[string]relay.Caller
}

// handled is the way to a node in the same process.
type handled struct {
	n *Node
	c *clock
}

func (h handled) Call(ctx context.Context, raw []byte) ([]byte, error) {
	return h.n.Handle(ctx, h.c.now(), raw), nil
}

func newConductWorld(t *testing.T) *conductWorld {
	w := &conductWorld{c: stopped(), peers: map[string]relay.Caller{}}
	p := parts(t, w.c.now, Roles{Board: true, Relay: true})
	p.Conduct = sxp.Minute
	p.Dial = w.dial
	w.host = must(New(p))
	w.peers[p.URL] = handled{w.host, w.c}
	w.founder = newSomeone(t, w.c, "founder", handled{w.host, w.c}, w.host.ID())
	w.fair = newFair(t, w.founder, p.URL)
	return w
}

// dial returns the way to an address, where at each call somebody may be.
func (w *conductWorld) dial(url string) relay.Caller { return dialed{w, url} }

type dialed struct {
	w   *conductWorld
	url string
}

func (d dialed) Call(ctx context.Context, raw []byte) ([]byte, error) {
	if c := d.w.peers[d.url]; c != nil {
		return c.Call(ctx, raw)
	}
	return nil, sxp.Errorf("test", sxp.Unavailable, nil, "nobody is there")
}

// juror makes a juror's node at an address, whose clock is off by so much, and
// puts it on the market's list.
func (w *conductWorld) juror(t *testing.T, url string, off sxp.Duration) *Node {
	c := &clock{from: w.c.from}
	c.move(off)
	p := parts(t, w.c.now, Roles{Juror: true})
	p.URL, p.Dial, p.Conduct = url, w.dial, sxp.Minute
	n := must(New(p))
	w.peers[url] = handled{n, w.c}
	if err := n.Enrol(t.Context(), w.fair.charter.Link()); err != nil {
		t.Fatal(err)
	}
	n.p.Now = c.now
	return n
}

func (w *conductWorld) records(t *testing.T) map[sxp.ID]contract.JurorRecord {
	var all []contract.JurorRecord
	if err := envelope.Unmarshal(must(w.founder.market(w.fair.key.ID()).Records(t.Context(), sxp.ID{})), &all); err != nil {
		t.Fatal(err)
	}
	out := map[sxp.ID]contract.JurorRecord{}
	for _, r := range all {
		if err := r.Check(w.c.now()); err != nil {
			t.Errorf("the record of %s: %v", r.ID.Short(), err)
		}
		out[r.ID] = r
	}
	return out
}

// TestJurorsAreAskedWhetherTheyAreUp: the market's node counts answers that the
// juror signed with a right clock, and none at all while it is cut off itself.
func TestJurorsAreAskedWhetherTheyAreUp(t *testing.T) {
	w := newConductWorld(t)
	good := w.juror(t, "http://good", 0)
	off := w.juror(t, "http://off", 2*sxp.Day)
	gone := w.juror(t, "http://gone", 0)
	delete(w.peers, "http://gone")
	liar := w.juror(t, "http://liar", 0)
	w.peers["http://liar"] = w.peers["http://good"] // another node answers for it
	for range 3 {
		must(w.host.Step(t.Context()))
		w.c.move(sxp.Minute)
	}
	got := w.records(t)
	for _, x := range []struct {
		name string
		n    *Node
		up   int
	}{{"up", good, 3}, {"a clock two days off", off, 0}, {"gone", gone, 0}, {"answered for by another", liar, 0}} {
		if c := got[x.n.ID()].Conduct; c.Asked != 3 || c.Up != x.up || c.Since != w.c.from {
			t.Errorf("%s: %+v, want 3 asked and %d up", x.name, c, x.up)
		}
	}
	host := w.peers["http://node.test"]
	clear(w.peers)
	w.peers["http://node.test"] = host
	must(w.host.Step(t.Context()))
	if c := w.records(t)[good.ID()].Conduct; c.Asked != 3 {
		t.Errorf("asked %d times: a node that is cut off blames its jurors", c.Asked)
	}
}

// A wordy is a juror on the list that signs what it likes.
func (w *conductWorld) wordy(t *testing.T) *identity.SigningKey {
	key := must(identity.NewSigningKey(rand.Reader))
	e := must(jury.NewKeyRing(key, rand.Reader)).Entry()
	e.Address, e.DeltaMin, e.MaxN, e.MaxParties, e.MaxHorizon = "http://nowhere", sxp.Second, 3, 2, sxp.Day
	raw := must(contract.SignJuror(contract.NewAlgebra(rand.Reader), key, e))
	if err := market.NewClient(handled{w.host, w.c}, key, w.host.ID(), w.fair.key.ID(), w.c.now, rand.Reader).Enrol(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	return key
}

func (w *conductWorld) report(t *testing.T, by envelope.Signer, m sxp.Hash, words ...[]byte) error {
	r := &contract.ConductReport{M: m}
	for _, b := range words {
		r.Words = append(r.Words, b)
	}
	raw, err := contract.SignConduct(by, r)
	if err != nil {
		return err
	}
	return market.NewClient(handled{w.host, w.c}, by, w.host.ID(), w.fair.key.ID(), w.c.now, rand.Reader).Report(t.Context(), raw)
}

func voidOf(j envelope.Signer, m sxp.Hash) []byte {
	return must(envelope.Sign(j, contract.TypeVoid, &contract.Void{M: m}))
}

func endorsementOf(j envelope.Signer, m sxp.Hash) []byte {
	return must(envelope.Sign(j, contract.TypeEndorse, &contract.Endorse{M: m}))
}

func sharesOf(j envelope.Signer, m sxp.Hash) []byte {
	return must(contract.SignShares(j, m, 1, []bls.G1{must(bls.NewSecret(rand.Reader)).PublicG1()}))
}

// TestConductIsWhatJurorsSigned: reports count by the jurors' own signatures,
// so a stranger can add nothing to a juror's name, and two words of one juror
// that contradict each other are a fault, whoever brought them and when.
func TestConductIsWhatJurorsSigned(t *testing.T) {
	w := newConductWorld(t)
	honest, liar := w.wordy(t), w.wordy(t)
	stranger := must(identity.NewSigningKey(rand.Reader))
	m1, m2, m3, m4 := sxp.Hash{1}, sxp.Hash{2}, sxp.Hash{3}, sxp.Hash{4}
	for name, err := range map[string]error{
		"a void":            w.report(t, stranger, m1, voidOf(honest, m1), voidOf(liar, m1)),
		"the same again":    w.report(t, w.founder.key, m1, voidOf(honest, m1)),
		"opened elsewhere":  w.report(t, stranger, m2, sharesOf(honest, m2)),
		"endorsed too":      w.report(t, stranger, m2, endorsementOf(honest, m2)),
		"the contradiction": w.report(t, w.founder.key, m1, endorsementOf(liar, m1)),
		"once more":         w.report(t, w.founder.key, m1, sharesOf(liar, m1)),
		"both at once":      w.report(t, stranger, m3, sharesOf(liar, m3), voidOf(liar, m3)),
		"and the other way": w.report(t, stranger, m4, voidOf(liar, m4), sharesOf(liar, m4)),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	got := w.records(t)
	if c := got[honest.ID()].Conduct; c.Cases != 2 || c.Faults != 0 {
		t.Errorf("who kept its word: %+v", c)
	}
	if r := got[liar.ID()]; r.Conduct.Faults != 3 || r.Fault == nil || r.Fault.By != liar.ID() {
		t.Errorf("who broke it: %+v", r.Conduct)
	}
	if len(got) != 2 {
		t.Errorf("%d records", len(got))
	}

	forged := must(envelope.Sign(honest, contract.TypeConduct, &contract.ConductReport{M: m1, Words: []sxp.Bytes{endorsementOf(honest, m2)}}))
	client := market.NewClient(handled{w.host, w.c}, stranger, w.host.ID(), w.fair.key.ID(), w.c.now, rand.Reader)
	wantKind(t, "a word about another session", client.Report(t.Context(), forged), sxp.Invalid)
	wantKind(t, "nothing signed", client.Report(t.Context(), must(envelope.Sign(stranger, contract.TypeConduct, &contract.ConductReport{M: m1}))), sxp.TooLarge)
	wantKind(t, "of jurors elsewhere", w.report(t, stranger, m1, voidOf(stranger, m1)), sxp.NotFound)
	if c := w.records(t)[honest.ID()].Conduct; c.Faults != 0 || c.Cases != 2 {
		t.Errorf("after all that: %+v", c)
	}
}

// TestConductRoom: a juror that signs words without end uses up its own room
// only, and what convicts it still does.
func TestConductRoom(t *testing.T) {
	w := newConductWorld(t)
	key := w.wordy(t)
	id := w.fair.key.ID()
	if err := w.host.p.KV.Update(func(tx kv.Tx) error {
		rec, err := conductAt(tx, id, key.ID(), w.c.now())
		rec.Words = maxWordsKept
		if err != nil {
			return err
		}
		return putConduct(tx, id, rec)
	}); err != nil {
		t.Fatal(err)
	}
	m := sxp.Hash{5}
	if err := w.report(t, w.founder.key, m, voidOf(key, m)); err != nil {
		t.Fatal(err)
	}
	if c := w.records(t)[key.ID()].Conduct; c.Cases != 0 {
		t.Errorf("beyond the room: %+v", c)
	}
	if err := w.report(t, w.founder.key, m, voidOf(key, m), endorsementOf(key, m)); err != nil {
		t.Fatal(err)
	}
	if c := w.records(t)[key.ID()].Conduct; c.Faults != 1 {
		t.Errorf("a contradiction beyond the room: %+v", c)
	}
}

// TestLongWordsAreRefused: a juror that signs words of half a megabyte against
// itself fills no disk of the market, and does not keep what is known of the
// others from whoever makes the next roll.
func TestLongWordsAreRefused(t *testing.T) {
	w := newConductWorld(t)
	honest := w.juror(t, "http://honest", 0)
	must(w.host.Step(t.Context()))
	for i := range 3 {
		key, m := w.wordy(t), sxp.Hash{byte(i + 1)}
		long := must(envelope.Sign(key, contract.TypeShares, &contract.Shares{M: m, Seat: 1, Shares: make([]bls.G1, 9000)}))
		raw := must(envelope.Sign(w.founder.key, contract.TypeConduct, &contract.ConductReport{M: m, Words: []sxp.Bytes{voidOf(key, m), long}}))
		if err := w.founder.market(w.fair.key.ID()).Report(t.Context(), raw); !errors.Is(err, sxp.TooLarge) {
			t.Errorf("a word of %d bytes: error %v, want toolarge", len(long), err)
		}
	}
	if c := w.records(t)[honest.ID()].Conduct; c.Asked != 1 {
		t.Errorf("what is known of the honest one: %+v", c)
	}
}

// TestRecordsOfManyFit: however many jurors convict themselves, with as long
// words as there are, all that is known of them can be asked for.
func TestRecordsOfManyFit(t *testing.T) {
	w := newConductWorld(t)
	id, m := w.fair.key.ID(), sxp.Hash{1}
	var ids []sxp.ID
	for range contract.MaxRoll {
		key := must(identity.NewSigningKey(rand.Reader))
		shares := must(envelope.Sign(key, contract.TypeShares, &contract.Shares{M: m, Seat: sxp.MaxJury, Shares: make([]bls.G1, sxp.MaxParties)}))
		f := contract.Fault{Kind: contract.FaultContradiction, By: key.ID(), Raw: []sxp.Bytes{voidOf(key, m), shares}}
		rec := conductRecord{JurorRecord: contract.JurorRecord{ID: key.ID(), Conduct: contract.Conduct{Since: w.c.now(), Asked: contract.MaxFigure, Up: contract.MaxFigure}}}
		rec.Convict(f)
		if err := w.host.p.KV.Update(func(tx kv.Tx) error { return putConduct(tx, id, &rec) }); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, key.ID())
	}
	slices.SortFunc(ids, func(a, b sxp.ID) int { return slices.Compare(a[:], b[:]) })
	seen := 0
	for after := (sxp.ID{}); ; seen++ {
		raw := must(w.host.recordsOf(id, ids, after))
		if len(raw) > sxp.MaxMessage/2 {
			t.Fatalf("an answer of %d bytes", len(raw))
		}
		var page []contract.JurorRecord
		if err := envelope.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		seen, after = seen+len(page)-1, page[len(page)-1].ID
	}
	if seen != len(ids) {
		t.Errorf("%d of %d records were answered", seen, len(ids))
	}
}

// TestJurorsReportTheirCases: a juror tells its market once what was opened
// when the exchange is over, and shows the case to its operator.
func TestJurorsReportTheirCases(t *testing.T) {
	w := newConductWorld(t)
	n := w.juror(t, "http://juror", 0)
	n.p.Now = w.c.now
	must(n.Step(t.Context()))
	s := newSigning(n, w.c.now().Add(sxp.Minute), sxp.Second, "http://a", "http://b")
	if _, err := s.fileAt(n); err != nil {
		t.Fatal(err)
	}
	cases := n.Cases()
	if len(cases) != 1 || cases[0].M != s.m || !cases[0].Open || cases[0].Jury != 3 || cases[0].Parties != 2 {
		t.Fatalf("cases: %+v", cases)
	}
	w.c.move(sxp.Second) // until it was passed on
	must(n.Step(t.Context()))
	if got := w.records(t); len(got) != 0 {
		t.Errorf("told of a case that goes on: %+v", got)
	}
	for range 3 {
		w.c.move(2 * sxp.Minute)
		must(n.Step(t.Context()))
		must(n.Step(t.Context()))
	}
	if c := w.records(t)[n.ID()].Conduct; c.Cases != 1 {
		t.Errorf("after the exchange: %+v", c)
	}
	if n.tally(contract.Completed) != 1 || n.tally(contract.Voided) != 0 {
		t.Error("the figures do not show the case")
	}
}

// TestDeadMarketHoldsUpNoReport: a market that is gone, or answers nothing for
// ever, keeps no other market from hearing of a juror's cases.
func TestDeadMarketHoldsUpNoReport(t *testing.T) {
	w := newConductWorld(t)
	n := w.juror(t, "http://juror", 0)
	n.p.Now = w.c.now
	for i := range 16 { // some come before the living one, whatever its name
		dead := market.Link{Market: sxp.ID{byte(16 * i), 1}, Node: market.Node{ID: sxp.ID{1}, Address: "http://nowhere.onion"}}
		if err := n.enrolled(dead); err != nil {
			t.Fatal(err)
		}
	}
	must(n.Step(t.Context()))
	s := newSigning(n, w.c.now().Add(sxp.Minute), sxp.Second, "http://a", "http://b")
	if _, err := s.fileAt(n); err != nil {
		t.Fatal(err)
	}
	w.c.move(sxp.Second) // until it was passed on
	must(n.Step(t.Context()))
	for range 4 {
		w.c.move(2 * sxp.Minute)
		must(n.Step(t.Context()))
		must(n.Step(t.Context()))
	}
	if c := w.records(t)[n.ID()].Conduct; c.Cases != 1 {
		t.Errorf("the living market knows of %+v", c)
	}
}
