package contract_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/evidence"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/vectors"
)

const (
	evidenceDir = "../vectors/evidence"
	ratingDir   = "../vectors/rating"
)

// TestEvidenceVectors reads vectors/evidence: what convicts and what does not,
// and whole files (spec/evidence.md, "Vectors").
func TestEvidenceVectors(t *testing.T) {
	if *update {
		writeFaultVectors(t)
		writeEvidenceVectors(t)
	}
	guilty := map[contract.FaultKind]bool{}
	for name, v := range readFolder(t, evidenceDir) {
		if err := readEvidence(name, v, worldOf(t, 2, 3).algebra); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
		if v.Expect == "" && strings.HasPrefix(name, "fault-") {
			_, kind, _ := strings.Cut(v.With["guilty"], " ")
			guilty[contract.FaultKind(kind)] = true
		}
	}
	for _, kind := range contract.FaultKinds() {
		if !guilty[kind] {
			t.Errorf("no vector convicts of %s", kind)
		}
	}
}

// vectorNamed reads the vector folder/name.
func vectorNamed(name string) []byte {
	var v vectors.Vector
	if err := json.Unmarshal(must(os.ReadFile("../vectors/"+name+".json")), &v); err != nil {
		panic(err)
	}
	return v.Input
}

// readEvidence reads a fault before the proposal and session that it is of, or
// a whole file.
func readEvidence(name string, v vectors.Vector, a contract.Algebra) error {
	if strings.HasPrefix(name, "file-") {
		r, err := evidence.Open(dice(), v.Input)
		if err != nil {
			return err
		}
		return same(v.With["says"], says(r))
	}
	var f contract.Fault
	if err := envelope.Unmarshal(v.Input, &f); err != nil {
		return err
	}
	var o *contract.OpenedProposal
	if named := v.With["proposal"]; named != "" {
		o = must(contract.OpenProposal(vectorNamed(named)))
	}
	var pre *contract.Preimage
	if named := v.With["session"]; named != "" {
		pre = must(contract.OpenPreimage(a, o, vectorNamed(named)))
	}
	if err := f.Check(a, o, pre); err != nil || v.With["guilty"] == "" {
		return err
	}
	return same(v.With["guilty"], f.By.String()+" "+string(f.Kind))
}

// A court writes vectors of faults of one signing.
type court struct {
	t                 *testing.T
	h                 *history
	proposal, session string
}

func (c *court) fault(name, why string, kind contract.FaultKind, by sxp.ID, raw ...[]byte) {
	c.t.Helper()
	f := contract.Fault{Kind: kind, By: by, Raw: raws(raw)}
	expect := ""
	with := []string{"guilty", by.String() + " " + string(kind)}
	if err := f.Check(c.h.w.algebra, c.h.w.p, c.h.pre); err != nil {
		expect, with = string(sxp.KindOf(err)), nil
	}
	if wants := !strings.HasPrefix(why, "innocent: "); wants != (expect == "") {
		c.t.Errorf("fault %s (%s) gives %q", name, why, expect)
	}
	add(c.t, evidenceDir, "fault-"+name, why, expect, must(envelope.Marshal(&f)), append(with, "proposal", c.proposal, "session", c.session)...)
}

// both writes a fault that convicts, the same blamed on somebody else, and one
// that shows what is right.
func (c *court) both(kind contract.FaultKind, why string, by sxp.ID, wrong, right [][]byte) {
	c.fault(string(kind)+"-valid", why, kind, by, wrong...)
	c.fault(string(kind)+"-blamed-on-another", "innocent: another signed it", kind, must(identityOf("stranger", 1)).ID(), wrong...)
	c.fault(string(kind)+"-of-the-right", "innocent: what it signed is right", kind, by, right...)
	c.fault(string(kind)+"-one-too-many", "innocent: a fault of each kind has its number of messages", kind, by, append(slices.Clone(wrong), wrong[0])...)
}

func writeFaultVectors(t *testing.T) {
	h := historyOf(worldOf(t, 2, 3))
	c := &court{t, h, "contract/proposal-valid", "signing/session-valid"}
	bob, juror := h.w.people[1].id, h.w.jurors[h.pre.Jury[1].ID]
	said := h.said[bob.ID()]
	x := h.w.people[1].secret.SignSession(sxp.Hash{7})
	one := func(b []byte) [][]byte { return [][]byte{b} }
	promise := forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = slices.Clone(p.Points); p.Points[2] = p.Points[0] })
	c.both(contract.FaultTwice, "two promises of one session", bob.ID(), [][]byte{said[contract.TypePromise], promise}, [][]byte{promise, promise})
	for _, typ := range []struct {
		name string
		raw  []byte
		of   []byte
	}{
		{"acceptances", forge(h, bob, contract.TypeAcceptance, func(a *contract.Acceptance) { a.Watcher = contract.Contact{} }), said[contract.TypeAcceptance]},
		{"releases", forge(h, bob, contract.TypeRelease, func(r *contract.Release) { r.Signature = x }), said[contract.TypeRelease]},
	} {
		c.fault("twice-"+typ.name, "two "+typ.name+" of one session", contract.FaultTwice, bob.ID(), typ.of, typ.raw)
	}
	c.fault("twice-two-types", "innocent: a promise and a release", contract.FaultTwice, bob.ID(), promise, said[contract.TypeRelease])
	c.fault("twice-two-sessions", "innocent: each of its own proposal", contract.FaultTwice, bob.ID(), said[contract.TypePromise],
		forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Proposal[0] ^= 1 }))
	c.fault("twice-countersigned", "innocent: who countersigns adds to what another said", contract.FaultTwice, bob.ID(), said[contract.TypePromise], countersign(promise, juror.id))
	c.both(contract.FaultAcceptance, "its δ is of something else", bob.ID(),
		one(forge(h, bob, contract.TypeAcceptance, func(a *contract.Acceptance) { a.Draw = x })), one(said[contract.TypeAcceptance]))
	c.both(contract.FaultPromise, "a point stands at the wrong seat", bob.ID(), one(promise), one(said[contract.TypePromise]))
	c.fault("promise-short", "a promise has a point for each seat", contract.FaultPromise, bob.ID(),
		forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = p.Points[:2] }))
	c.fault("promise-of-another-session", "innocent: m is another, so nothing follows", contract.FaultPromise, bob.ID(),
		forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.M = sxp.Hash{9} }))
	c.both(contract.FaultRelease, "no signature of m", bob.ID(), one(forge(h, bob, contract.TypeRelease, func(r *contract.Release) { r.Signature = x })), one(said[contract.TypeRelease]))
	c.both(contract.FaultResult, "not the signature of all", bob.ID(), one(forge(h, bob, contract.TypeResult, func(r *contract.Result) { r.Signature = x })), one(said[contract.TypeResult]))
	claimant := signerOf(h.sim.claim)
	who := h.w.people[slices.IndexFunc(h.w.people, func(p *person) bool { return p.id.ID() == claimant })].id
	c.both(contract.FaultClaim, "a party signs a claim only after checking it", claimant,
		one(forge(h, who, contract.TypeClaim, func(c *contract.Claim) { c.Promises[0], c.Promises[1] = c.Promises[1], c.Promises[0] })), one(h.sim.claim))
	c.both(contract.FaultShares, "two shares changed places", juror.ID(),
		one(forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.Shares = []bls.G1{s.Shares[1], s.Shares[0]} })), one(h.said[juror.ID()][contract.TypeShares]))
	c.fault("shares-other-seat", "it opened for the seat of another", contract.FaultShares, juror.ID(), forge(h, juror, contract.TypeShares, func(s *contract.Shares) { s.Seat = 1 }))
	void := sign(juror, contract.TypeVoid, &contract.Void{M: h.pre.M()})
	c.both(contract.FaultContradiction, "it voided and endorsed", juror.ID(), [][]byte{void, h.said[juror.ID()][contract.TypeEndorse]}, [][]byte{void, void})
	c.fault("contradiction-opened", "it voided and opened", contract.FaultContradiction, juror.ID(), void, h.said[juror.ID()][contract.TypeShares])
	c.fault("contradiction-turned", "innocent: the void stands first", contract.FaultContradiction, juror.ID(), h.said[juror.ID()][contract.TypeEndorse], void)
	c.fault("contradiction-two-sessions", "innocent: of two sessions", contract.FaultContradiction, juror.ID(), void, sign(juror, contract.TypeEndorse, &contract.Endorse{M: sxp.Hash{9}}))
	c.fault("unknown-kind", "innocent: nobody knows this rule", "late", bob.ID(), promise)
	writeSecretFaults(t)
}

// writeSecretFaults are those of who gives a secret.
func writeSecretFaults(t *testing.T) {
	w := secretWorld(t, 3, 0)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	alice := w.people[0].id
	raw := lockOf(t, s)
	c := &court{t, &history{w: w, pre: s.parties[1].m.Preimage()}, "contract/proposal-secret", "signing/session-secret"}
	var l contract.Lock
	must(envelope.Open(raw, contract.TypeLock, &l))
	sigma := w.people[0].secret.SignSession(l.M)
	good := l
	l.Lock = sigma
	wrong := sign(alice, contract.TypeLock, &l)
	c.both(contract.FaultLock, "its point is not D + σ", alice.ID(), [][]byte{wrong}, [][]byte{raw})
	c.fault("twice-locks", "two locks of one secret give its signature away", contract.FaultTwice, alice.ID(), raw, wrong)
	good.Salt[0] ^= 1
	c.fault("lock-other-salt", "the salt is not the proposal's", contract.FaultLock, alice.ID(), sign(alice, contract.TypeLock, &good))
	c.fault("secret-given", "innocent: the secret opens as declared", contract.FaultSecret, alice.ID(), raw, sigma[:])
	w, s = garbage(t)
	raw, sigma = lockOf(t, s), w.people[0].secret.SignSession(s.m())
	c = &court{t, &history{w: w, pre: s.parties[1].m.Preimage()}, "contract/proposal-garbage", "signing/session-garbage"}
	c.fault("secret-valid", "what was sealed does not open", contract.FaultSecret, alice.ID(), raw, sigma[:])
	other := w.people[1].secret.SignSession(s.m())
	c.fault("secret-other-signature", "innocent: not σ of who sealed it", contract.FaultSecret, alice.ID(), raw, other[:])
	c.fault("secret-cut", "innocent: a signature has 48 bytes", contract.FaultSecret, alice.ID(), raw, sigma[:47])
	c.fault("secret-blamed-on-the-buyer", "innocent: who sealed it signed the lock", contract.FaultSecret, w.people[1].id.ID(), raw, sigma[:])
}

// says is what a file must tell: the outcome, and who broke which rule.
func says(r *evidence.Report) string {
	out := string(r.Outcome)
	for _, b := range r.Broken {
		out += " " + b.By.String() + " " + string(b.Kind)
	}
	return out
}

func writeEvidenceVectors(t *testing.T) {
	file := func(name, why, expect string, b []byte) {
		var with []string
		r, err := evidence.Open(dice(), b)
		if err == nil {
			with = []string{"says", says(r)}
		}
		if string(sxp.KindOf(err)) != expect {
			t.Errorf("file %s: %v, want %q", name, err, expect)
		}
		add(t, evidenceDir, "file-"+name, why, expect, b, with...)
	}
	w, s := honest(t)
	rated := bundleOf(s.parties[0].m)
	r := ratingOf(w, s, 0, 1, 1000, false)
	rated.Messages = append(rated.Messages, must(rating.Sign(w.people[0].id, &r.Rating)), must(rating.SignReply(w.people[1].id, r, rating.Reply{Text: "it was all there", At: 2000})))
	good := must(evidence.Build(dice(), rated))
	file("contract", "an honest contract, with a rating and a reply", "", good)

	h := historyOf(worldOf(t, 2, 3))
	bob, juror := h.w.people[1].id, h.w.jurors[h.pre.Jury[1].ID]
	void := sign(juror, contract.TypeVoid, &contract.Void{M: h.pre.M()})
	broken := bundleOf(h.sim.parties[0].m)
	encode := func(f contract.Fault) sxp.Bytes { return must(envelope.Marshal(&f)) }
	broken.Messages = append(broken.Messages, forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = slices.Clone(p.Points); p.Points[2] = p.Points[0] }))
	broken.Faults = append(broken.Faults, encode(contract.Fault{Kind: contract.FaultContradiction, By: juror.ID(), Raw: raws([][]byte{void, h.said[juror.ID()][contract.TypeShares]})}))
	guilty := must(evidence.Build(dice(), broken))
	file("faults", "the jury completed it; a party and a juror broke their word", "", guilty)
	ws := newSim(worldOf(t, 2, 3), simOptions{watcher: true, party: map[int]fate{1: stopAfter(3)}})
	ws.run(ws.end())
	file("void", "nobody is bound, as far as the jury knows", "", must(evidence.Build(dice(), bundleOf(ws.parties[0].m))))

	file("cut", "its end is missing", "invalid", good[:len(good)-1])
	file("longer", "bytes follow", "invalid", append(slices.Clone(good), 0))
	file("compressed", "nothing is compressed", "invalid", squeezed(good))
	parts := func(change func([]vecPart) []vecPart) []byte { return pack(change(unpack(good))) }
	file("without-proposal", "nothing can be judged without it", "invalid", parts(func(p []vecPart) []vecPart {
		return slices.DeleteFunc(p, func(x vecPart) bool { return contract.TypeOf(x.data) == contract.TypeProposal })
	}))
	file("turned", "parts stand in one order", "invalid", parts(func(p []vecPart) []vecPart { slices.Reverse(p); return p }))
	file("other-index", "the index is that of the parts", "invalid", parts(func(p []vecPart) []vecPart { p[0].data = append(p[0].data, '\n'); return p }))
	file("unknown-part", "a part has a known name", "invalid", parts(func(p []vecPart) []vecPart { return append(p, vecPart{"readme.txt", []byte("trust me")}) }))
	file("bit", "a part is damaged", "invalid", flipLast(good, []byte("trust")))
	// What follows has the right form, and shows what is not so.
	build := func(change func(b *evidence.Bundle)) []byte {
		b := evidence.Bundle{File: rated.File, Session: rated.Session}
		b.Messages = slices.Clone(rated.Messages)
		change(&b)
		return folder(good, b)
	}
	alice := w.people[0].id
	file("wrong-message", "half a file proves nothing", "invalid", build(func(b *evidence.Bundle) {
		b.Messages = append(b.Messages, sign(alice, contract.TypeEndorse, &contract.Endorse{M: s.m()}))
	}))
	file("lock", "a lock opens the secret that a contract sells", "invalid", build(func(b *evidence.Bundle) {
		b.Messages = append(b.Messages, sign(alice, contract.TypeLock, &contract.Lock{Proposal: w.p.Digest, M: s.m()}))
	}))
	file("without-session", "a contract file comes with its session", "invalid", build(func(b *evidence.Bundle) { b.Session = nil }))
	file("other-session", "the session is that of the contract file", "invalid", build(func(b *evidence.Bundle) {
		b.File = vectorNamed("contract/void-valid")
		b.File = bytes.Replace(b.File, []byte("thing of 1"), []byte("thing of 9"), 1)
	}))
	file("innocent", "a fault convicts", "invalid", build(func(b *evidence.Bundle) {
		b.Faults = append(b.Faults, encode(contract.Fault{Kind: contract.FaultPromise, By: bob.ID(), Raw: raws([][]byte{h.said[bob.ID()][contract.TypePromise]})}))
	}))
	stranger := must(identityOf("stranger", 1))
	theirs, said := wordsOf(stranger, sxp.Hash{7})
	file("fault-of-a-stranger", "a fault is of a party or juror here", "invalid", build(func(b *evidence.Bundle) {
		b.Faults = append(b.Faults, encode(contract.Fault{Kind: contract.FaultContradiction, By: stranger.ID(), Raw: raws([][]byte{theirs, said})}))
	}))
	file("rating-without-contract", "a rating is judged by the contract", "invalid", build(func(b *evidence.Bundle) { b.File = nil }))
	file("reply-to-nothing", "a reply is to a rating here", "invalid", build(func(b *evidence.Bundle) {
		b.Messages = slices.DeleteFunc(b.Messages, func(m sxp.Bytes) bool { return contract.TypeOf(m) == rating.Type })
	}))
	file("too-many-faults", "at most 32 faults", "toolarge", build(func(b *evidence.Bundle) {
		for i := range 33 {
			b.Faults = append(b.Faults, encode(contract.Fault{Kind: contract.FaultKind(strings.Repeat("x", i+1)), By: bob.ID(), Raw: raws([][]byte{{1}})}))
		}
	}))
}

// A vecPart is one file in a folder.
type vecPart struct {
	name string
	data []byte
}

func unpack(file []byte) (out []vecPart) {
	for _, f := range must(zip.NewReader(bytes.NewReader(file), int64(len(file)))).File {
		out = append(out, vecPart{f.Name, must(io.ReadAll(must(f.Open())))})
	}
	return out
}

// pack writes parts as an evidence file has them.
func pack(parts []vecPart) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w := must(z.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Store, CreatorVersion: 20, ReaderVersion: 20,
			//lint:ignore SA1019 Modified would add a field to the file, and CreateRaw heeds this one
			ModifiedDate: 1<<5 | 1,
			CRC32:        crc32.ChecksumIEEE(p.data), CompressedSize64: uint64(len(p.data)), UncompressedSize64: uint64(len(p.data)),
		}))
		must(w.Write(p.data))
	}
	must(0, z.Close())
	return out.Bytes()
}

// folder writes a file of the right form, whatever its parts are: Build would
// leave out what is wrong. The first lines of the index are those of good.
func folder(good []byte, b evidence.Bundle) []byte {
	kinds := []envelope.Type{"sxp.proposal/1", "sxp.acceptance/1", "sxp.decline/1", "sxp.promise/1", "sxp.claim/1", "sxp.lodged/1", "sxp.release/1",
		"sxp.endorse/1", "sxp.shares/1", "sxp.result/1", "sxp.void/1", "sxp.rating/1", "sxp.reply/1"}
	rank := func(m sxp.Bytes) int { return slices.Index(kinds, contract.TypeOf(m)) }
	slices.SortFunc(b.Messages, func(x, y sxp.Bytes) int { return cmp.Or(rank(x)-rank(y), bytes.Compare(x, y)) })
	slices.SortFunc(b.Faults, func(x, y sxp.Bytes) int { return bytes.Compare(x, y) })
	var parts []vecPart
	if len(b.File) > 0 {
		name := map[bool]string{true: "void.sxpc", false: "contract.sxpc"}[bytes.HasPrefix(b.File, []byte("SXP VOID"))]
		parts = append(parts, vecPart{name, b.File})
	}
	if len(b.Session) > 0 {
		parts = append(parts, vecPart{"session.cbor", b.Session})
	}
	for i, f := range b.Faults {
		parts = append(parts, vecPart{fmt.Sprintf("fault-%03d.cbor", i+1), f})
	}
	for i, m := range b.Messages {
		parts = append(parts, vecPart{fmt.Sprintf("message-%03d.sxp", i+1), m})
	}
	index, _, _ := strings.Cut(string(unpack(good)[0].data), "contract.sxpc   ")
	for _, p := range parts {
		index += fmt.Sprintf("%-16s %9d bytes  SHA-256 %s", p.name, len(p.data), sxp.Sum(p.data))
		if strings.HasPrefix(p.name, "message-") {
			typ, by, err := envelope.Peek(p.data)
			must(typ, err)
			index += fmt.Sprintf("  %s of %s", typ, by)
		}
		index += "\n"
	}
	return pack(slices.Insert(parts, 0, vecPart{"index.txt", []byte(index)}))
}

// flipLast flips a bit of the last occurrence of something.
func flipLast(b, what []byte) []byte {
	out := slices.Clone(b)
	out[bytes.LastIndex(out, what)] ^= 1
	return out
}

// TestRatingVectors reads vectors/rating (spec/rating.md, "Vectors").
func TestRatingVectors(t *testing.T) {
	if *update {
		writeRatingVectors(t)
	}
	for name, v := range readFolder(t, ratingDir) {
		if err := readRating(name, v); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
}

func readRating(name string, v vectors.Vector) error {
	switch what, _, _ := strings.Cut(name, "-"); what {
	case "rating":
		r, err := rating.Open(v.Input)
		if err != nil || v.With["contract"] == "" {
			return err
		}
		return r.Of(must(contract.Verify(vectorNamed(v.With["contract"]))))
	case "reply":
		_, err := rating.OpenReply(v.Input, must(rating.Open(must(hex.DecodeString(v.With["rating"])))))
		return err
	case "tally":
		var list []sxp.Bytes
		if err := envelope.Unmarshal(v.Input, &list); err != nil {
			return err
		}
		var all []*rating.Opened
		for _, raw := range list {
			r, err := rating.Open(raw)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		replied := map[sxp.Hash]bool{}
		for _, text := range strings.Fields(v.With["replied"]) {
			var h sxp.Hash
			if err := h.UnmarshalText([]byte(text)); err != nil {
				return err
			}
			replied[h] = true
		}
		return same(v.With["says"], rating.Count(optionalID(v.With["about"]), all, replied).String())
	}
	return sxp.Errorf("readRating", sxp.Internal, nil, "nobody reads %q", name)
}

func writeRatingVectors(t *testing.T) {
	w, s := honest(t)
	alice, bob, stranger := w.people[0].id, w.people[1].id, newPerson("Mallory")
	good := ratingOf(w, s, 0, 1, 1000, false)
	signed := func(by envelope.Signer, change func(r *rating.Rating)) []byte {
		r := good.Rating
		r.Cards, r.Marks = slices.Clone(r.Cards), slices.Clone(r.Marks)
		change(&r)
		return sign(by, rating.Type, &r)
	}
	one := func(name, why, expect string, by envelope.Signer, change func(r *rating.Rating), with ...string) {
		add(t, ratingDir, "rating-"+name, why, expect, signed(by, change), with...)
	}
	none := func(*rating.Rating) {}
	of := []string{"contract", "contract/file-valid"}
	one("valid", "Alice says that Bob kept nothing", "", alice, none, of...)
	one("text", "a text of two lines", "", alice, func(r *rating.Rating) { r.Text = "half of it\nwas missing" }, of...)
	one("of-another-contract", "the rating is of the contract with its m", "invalid", alice, none, "contract", "contract/void-valid")
	one("of-what-alice-gives", "only what the rated person gives is marked", "invalid", alice, func(r *rating.Rating) { r.Marks[0].Transfer = 1 }, of...)
	one("by-a-stranger", "a party of the contract rates", "invalid", stranger.id, none)
	one("card-of-a-stranger", "S is of the keys on the cards", "invalid", alice, func(r *rating.Rating) { r.Cards[1] = stranger.card; r.About = stranger.id.ID() })
	one("one-more-card", "S is of the keys on the cards", "invalid", stranger.id, func(r *rating.Rating) { r.Cards = append(r.Cards, stranger.card) })
	one("cards-turned", "cards stand in the order of the proposal: c_i counts them", "invalid", alice, func(r *rating.Rating) { slices.Reverse(r.Cards) })
	one("a-card-twice", "identities and keys are distinct", "invalid", alice, func(r *rating.Rating) { r.Cards[1] = r.Cards[0] })
	one("one-card", "2 to 12 parties", "invalid", alice, func(r *rating.Rating) { r.Cards = r.Cards[:1] })
	one("oneself", "nobody rates themselves", "invalid", alice, func(r *rating.Rating) { r.About = alice.ID() })
	one("other-m", "S is over m", "invalid", alice, func(r *rating.Rating) { r.M[0] ^= 1 })
	one("signed-by-one", "S is of all parties", "invalid", alice, func(r *rating.Rating) { r.S = w.people[0].secret.SignSession(r.M) })
	one("no-marks", "1 to 60 marks", "invalid", alice, func(r *rating.Rating) { r.Marks = nil })
	one("mark-twice", "each transfer once", "invalid", alice, func(r *rating.Rating) { r.Marks = append(r.Marks, r.Marks[0]) })
	one("mark-zero", "transfers are numbered from 1", "invalid", alice, func(r *rating.Rating) { r.Marks[0].Transfer = 0 })
	one("mark-61", "a contract has at most 60 transfers", "invalid", alice, func(r *rating.Rating) { r.Marks[0].Transfer = 61 })
	one("no-date", "a rating has a date", "invalid", alice, func(r *rating.Rating) { r.Published = 0 })
	one("text-reordered", "no character that reorders text", "invalid", alice, func(r *rating.Rating) { r.Text = "a\u202eb" })
	one("text-too-long", "at most 1000 bytes", "toolarge", alice, func(r *rating.Rating) { r.Text = strings.Repeat("é", 500) + "x" })
	raw := signed(alice, none)
	add(t, ratingDir, "rating-countersigned", "a rating carries no countersignatures", "invalid", countersign(raw, bob))
	add(t, ratingDir, "rating-cut", "bytes are missing", "invalid", raw[:len(raw)-1])
	add(t, ratingDir, "rating-other-type", "the type is signed", "invalid", sign(alice, rating.TypeReply, &good.Rating))

	digest := must(rating.Open(raw)).Digest
	reply := func(name, why, expect string, by envelope.Signer, r rating.Reply) {
		add(t, ratingDir, "reply-"+name, why, expect, sign(by, rating.TypeReply, &r), "rating", hex.EncodeToString(raw))
	}
	reply("valid", "Bob replies", "", bob, rating.Reply{Rating: digest, Text: "it was all there", At: 2000})
	reply("by-the-author", "who was rated replies", "invalid", alice, rating.Reply{Rating: digest, Text: "no", At: 2000})
	reply("to-another", "a reply names its rating", "invalid", bob, rating.Reply{Rating: sxp.Hash{1}, Text: "no", At: 2000})
	reply("no-text", "a reply says something", "invalid", bob, rating.Reply{Rating: digest, At: 2000})
	reply("no-date", "a reply has a date", "invalid", bob, rating.Reply{Rating: digest, Text: "no"})
	reply("text-too-long", "at most 1000 bytes", "toolarge", bob, rating.Reply{Rating: digest, Text: strings.Repeat("x", 1001), At: 2000})

	later := signed(alice, func(r *rating.Rating) { r.Published, r.Marks[0].Kept = 2000, true })
	tally := func(name, why, replied string, list ...[]byte) {
		var all []*rating.Opened
		answered := map[sxp.Hash]bool{}
		for _, raw := range list {
			all = append(all, must(rating.Open(raw)))
		}
		with := []string{"about", bob.ID().String()}
		if replied != "" {
			answered[digest], with = true, append(with, "replied", replied)
		}
		with = append(with, "says", rating.Count(bob.ID(), all, answered).String())
		add(t, ratingDir, "tally-"+name, why, "", must(envelope.Marshal(raws(list))), with...)
	}
	tally("none", "of nobody nothing is said", "")
	tally("broken", "a complaint", "", raw)
	tally("answered", "a complaint with a reply is disputed", digest.String(), raw)
	tally("later", "of one author about one contract the last counts", "", later, raw, later)
	tally("of-the-author", "what Bob says of Alice is not about Bob", "", sign(bob, rating.Type, &ratingOf(w, s, 1, 0, 5, true).Rating))
}
