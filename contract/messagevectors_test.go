package contract_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gnark "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/fxamacker/cbor/v2"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/relay"
	"sxp/vectors"
)

// add writes one vector; with holds names and values in turn.
func add(t *testing.T, dir, name, why, expect string, input []byte, with ...string) {
	t.Helper()
	v := vectors.Vector{Name: name, Why: why, Input: input, Expect: expect}
	for i := 0; i+1 < len(with); i += 2 {
		if v.With == nil {
			v.With = map[string]string{}
		}
		v.With[with[i]] = with[i+1]
	}
	b := append(must(json.MarshalIndent(v, "", "  ")), '\n')
	if err := os.WriteFile(filepath.Join(dir, name+".json"), b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// A scribe writes vectors/signing from one signing of two people and three
// jurors, in which the second vanished after the promise.
type scribe struct {
	t     *testing.T
	w     *world
	s     *sim
	pre   *contract.Preimage
	m     sxp.Hash
	claim contract.Claim
}

func writeSigningVectors(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(s.end())
	x := &scribe{t: t, w: w, s: s, pre: s.parties[0].m.Preimage()}
	x.m = x.pre.M()
	must(envelope.Open(s.claim, contract.TypeClaim, &x.claim))
	x.sessions()
	x.acceptances()
	x.declines()
	x.promises()
	x.releases()
	x.results()
	x.lodgings()
	x.votes()
	x.shares()
	x.juryRequests()
	x.watchRequests()
	x.answers()
	writeLockVectors(t)
}

func (x *scribe) add(name, why, expect string, input []byte, with ...string) {
	x.t.Helper()
	add(x.t, signingDir, name, why, expect, input, append([]string{"session", "session-valid"}, with...)...)
}

func (x *scribe) alice() *identity.SigningKey { return x.w.people[0].id }
func (x *scribe) bob() *identity.SigningKey   { return x.w.people[1].id }
func (x *scribe) watcher() envelope.Signer    { return must(identityOf("watcher", 0)) }

// juror returns the keys of a seat, 1..n.
func (x *scribe) juror(seat int) juryman { return x.w.jurors[x.pre.Jury[seat-1].ID] }

func sign(s envelope.Signer, typ envelope.Type, v any) []byte {
	return must(envelope.Sign(s, typ, v))
}

func countersign(raw []byte, by envelope.Signer) []byte {
	return must(envelope.Countersign(by, raw, envelope.OverMessage, nil))
}

// mapOf returns the fields of a payload, to break one.
func mapOf(v any, change func(map[string]any)) map[string]any {
	fields := map[string]any{}
	if err := cbor.Unmarshal(must(envelope.Marshal(v)), &fields); err != nil {
		panic(err)
	}
	change(fields)
	return fields
}

// everywhere are the ways to break any message.
func (x *scribe) everywhere(what string, typ envelope.Type, by envelope.Signer, v any, with ...string) {
	good := sign(by, typ, v)
	countersigned := countersign(good, x.w.issuer)
	x.add(what+"-countersigned", "it carries no countersignatures", "invalid", countersigned, with...)
	x.formsOf(what, typ, by, v, with...)
}

// formsOf are the ways to break a message that may be countersigned.
func (x *scribe) formsOf(what string, typ envelope.Type, by envelope.Signer, v any, with ...string) {
	good := sign(by, typ, v)
	x.add(what+"-extra-field", "unknown fields are refused", "invalid", sign(by, typ, mapOf(v, func(m map[string]any) { m["zz"] = 1 })), with...)
	for _, name := range sortedKeys(mapOf(v, func(map[string]any) {})) {
		if name != "watcher" && name != "reason" && name != "jury" && name != "seen" {
			x.add(what+"-without-"+name, "the field must be there", "invalid", sign(by, typ, mapOf(v, func(m map[string]any) { delete(m, name) })), with...)
		}
	}
	x.add(what+"-cut", "it ends too early", "invalid", good[:len(good)-1], with...)
	x.add(what+"-longer", "nothing follows", "invalid", append(slices.Clone(good), 0), with...)
	forged := slices.Clone(good)
	forged[len(forged)-1] ^= 1
	x.add(what+"-forged", "its signer did not sign it", "invalid", forged, with...)
	x.add(what+"-other-type", "the type says what it is", "invalid", sign(by, "sxp.example/1", v), with...)
}

func sortedKeys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (x *scribe) sessions() {
	plain := func(name, why, expect string, change func(p *contract.Preimage)) {
		p := *x.pre
		p.Parties, p.Jury = slices.Clone(p.Parties), slices.Clone(p.Jury)
		change(&p)
		add(x.t, signingDir, "session-"+name, why, expect, must(envelope.Marshal(&p)), "m", p.M().String())
	}
	plain("valid", "two parties, three jurors", "", func(*contract.Preimage) {})
	plain("other-deadline", "the acceptances do not name D: a valid session of another m, of no proposal", "", func(p *contract.Preimage) { p.Deadline++ })
	plain("version-2", "version 1 only", "unsupported", func(p *contract.Preimage) { p.Version = 2 })
	plain("t-is-f", "f < t", "invalid", func(p *contract.Preimage) { p.T = p.F })
	plain("t-too-large", "t ≤ n − f", "invalid", func(p *contract.Preimage) { p.T = 3 })
	plain("deadline-zero", "a deadline is after 1970", "invalid", func(p *contract.Preimage) { p.Deadline = 0 })
	plain("delta-zero", "Δ is above 0", "invalid", func(p *contract.Preimage) { p.Delta = 0 })
	plain("juror-twice", "identities of jurors are distinct", "invalid", func(p *contract.Preimage) { p.Jury[1] = p.Jury[0] })
	plain("same-juror-key", "Y are distinct", "invalid", func(p *contract.Preimage) { p.Jury[1].Y, p.Jury[1].Z = p.Jury[0].Y, p.Jury[0].Z })
	plain("party-twice", "identities of parties are distinct", "invalid", func(p *contract.Preimage) { p.Parties[1] = p.Parties[0] })
	plain("parties-reordered", "each party's acceptance stands with its keys: another order is another m", "", func(p *contract.Preimage) { p.Parties[0], p.Parties[1] = p.Parties[1], p.Parties[0] })
	plain("acceptances-swapped", "each acceptance is signed by its party", "invalid", func(p *contract.Preimage) {
		p.Parties[0].Acceptance, p.Parties[1].Acceptance = p.Parties[1].Acceptance, p.Parties[0].Acceptance
	})
	plain("proof-of-another", "each proof is of its party's keys", "invalid", func(p *contract.Preimage) { p.Parties[0].Proof = p.Parties[1].Proof })
	plain("z-of-another", "Y and Z have one secret", "invalid", func(p *contract.Preimage) { p.Jury[0].Z = p.Jury[1].Z })
	plain("address-of-two-lines", "an address is one line", "invalid", func(p *contract.Preimage) { p.Jury[0].Address = "a\nb" })
	plain("other-seed", "the seed is that of the draw shares", "invalid", func(p *contract.Preimage) { p.Seed[31] ^= 1 })
	plain("one-party", "2 to 12 parties", "toolarge", func(p *contract.Preimage) { p.Parties = p.Parties[:1] })
	plain("parties-13", "2 to 12 parties", "toolarge", func(p *contract.Preimage) { p.Parties = slices.Repeat(p.Parties[:1], 13) })
	plain("no-jury", "1 to 101 seats", "invalid", func(p *contract.Preimage) { p.Jury = p.Jury[:0] })
}

// offGroup is a point of the curve outside of the group of prime order.
func offGroup() bls.G1 {
	for i := byte(1); ; i++ {
		q := bls.G1{0: 0x80, 47: i}
		var p gnark.G1Affine
		if gnark.NewDecoder(bytes.NewReader(q[:]), gnark.NoSubgroupChecks()).Decode(&p) == nil && !p.IsInSubGroup() {
			return q
		}
	}
}

// offGroup2 is such a point of the other curve.
func offGroup2() bls.G2 {
	for i := byte(1); ; i++ {
		q := bls.G2{0: 0x80, 95: i}
		var p gnark.G2Affine
		if gnark.NewDecoder(bytes.NewReader(q[:]), gnark.NoSubgroupChecks()).Decode(&p) == nil && !p.IsInSubGroup() {
			return q
		}
	}
}

// generator is that of the group whose points have size bytes.
func generator(size int) []byte {
	_, _, g1, g2 := gnark.Generators()
	if size == bls.G1Size {
		b := g1.Bytes()
		return b[:]
	}
	b := g2.Bytes()
	return b[:]
}

// plainSum is a + b, without weights.
func plainSum(a, b bls.G1) bls.G1 {
	var p, q gnark.G1Affine
	must(p.SetBytes(a[:]))
	must(q.SetBytes(b[:]))
	p.Add(&p, &q)
	return bls.G1(p.Bytes())
}

func (x *scribe) acceptance() *contract.Acceptance {
	return must(contract.OpenAcceptance(x.pre.Parties[0].Acceptance, x.alice().ID(), x.pre.Proposal))
}

func (x *scribe) acceptances() {
	x.add("acceptance-valid", "Alice accepts, with her watcher", "", x.pre.Parties[0].Acceptance)
	change := func(name, why, expect string, by envelope.Signer, f func(a *contract.Acceptance)) {
		a := *x.acceptance()
		a.Commitment.A = slices.Clone(a.Commitment.A)
		f(&a)
		x.add("acceptance-"+name, why, expect, sign(by, contract.TypeAcceptance, &a))
	}
	change("without-watcher", "nobody needs one to accept", "", x.alice(), func(a *contract.Acceptance) { a.Watcher = contract.Contact{} })
	change("by-another-party", "the commitment is of Alice's key", "invalid", x.bob(), func(*contract.Acceptance) {})
	change("by-a-stranger", "only parties accept", "denied", x.w.issuer, func(*contract.Acceptance) {})
	change("other-proposal", "it names its proposal", "invalid", x.alice(), func(a *contract.Acceptance) { a.Proposal[0] ^= 1 })
	change("draw-of-another", "δ is the party's own", "invalid", x.alice(), func(a *contract.Acceptance) {
		a.Draw = x.w.people[1].secret.SignDraw(a.Proposal)
	})
	change("point-too-many", "exactly t − 1 points A", "invalid", x.alice(), func(a *contract.Acceptance) { a.Commitment.A = append(a.Commitment.A, a.Commitment.A[0]) })
	change("point-missing", "exactly t − 1 points A", "invalid", x.alice(), func(a *contract.Acceptance) { a.Commitment.A = a.Commitment.A[:0] })
	change("zero-seat", "P_1 is the identity: that seat's share would be worthless", "invalid", x.alice(), func(a *contract.Acceptance) {
		a.Commitment.A[0] = negative(x.pre.Parties[0].X)
	})
	change("u-identity", "U is not the identity", "invalid", x.alice(), func(a *contract.Acceptance) { a.Commitment.U = bls.G1{0xc0} })
	change("u-off-the-group", "U is in the subgroup", "invalid", x.alice(), func(a *contract.Acceptance) { a.Commitment.U = offGroup() })
	change("u-uncompressed-flag", "a point has one encoding", "invalid", x.alice(), func(a *contract.Acceptance) { a.Commitment.U[0] &= 0x7f })
	change("address-of-two-lines", "an address is one line", "invalid", x.alice(), func(a *contract.Acceptance) { a.Watcher.Address = "a\nb" })
	change("address-too-long", "at most 256 bytes", "toolarge", x.alice(), func(a *contract.Acceptance) { a.Watcher.Address = string(slices.Repeat([]byte("a"), 257)) })
	x.everywhere("acceptance", contract.TypeAcceptance, x.alice(), x.acceptance())

	second := *x.acceptance()
	second.Watcher = contract.Contact{}
	first, party := hex.EncodeToString(x.pre.Parties[0].Acceptance), x.alice().ID().String()
	x.add("equivocation-valid", "two acceptances of one proposal by one party are evidence", "", sign(x.alice(), contract.TypeAcceptance, &second), "first", first, "party", party)
	x.add("equivocation-the-same", "one acceptance, twice", "invalid", x.pre.Parties[0].Acceptance, "first", first, "party", party)
	x.add("equivocation-of-two", "of two people", "invalid", x.pre.Parties[1].Acceptance, "first", first, "party", party)
	second.Proposal = sxp.Hash{1}
	x.add("equivocation-of-two-proposals", "of two proposals", "invalid", sign(x.alice(), contract.TypeAcceptance, &second), "first", first, "party", party)
}

func (x *scribe) declines() {
	d := contract.Decline{Proposal: x.pre.Proposal, Reason: "not now"}
	x.add("decline-valid", "Bob declines and says why", "", sign(x.bob(), contract.TypeDecline, &d))
	x.add("decline-without-reason", "a reason may be left out", "", sign(x.bob(), contract.TypeDecline, &contract.Decline{Proposal: d.Proposal}))
	x.add("decline-empty-reason", "what may be left out is not there empty", "invalid", sign(x.bob(), contract.TypeDecline, mapOf(&d, func(m map[string]any) { m["reason"] = "" })))
	x.add("decline-reason-too-long", "at most 512 bytes", "toolarge", sign(x.bob(), contract.TypeDecline, &contract.Decline{Proposal: d.Proposal, Reason: string(slices.Repeat([]byte("a"), 513))}))
	x.add("decline-reason-hides", "no character that reorders text", "invalid", sign(x.bob(), contract.TypeDecline, &contract.Decline{Proposal: d.Proposal, Reason: "\u202e"}))
	x.add("decline-by-a-stranger", "only parties decline", "denied", sign(x.w.issuer, contract.TypeDecline, &d))
	x.add("decline-other-proposal", "it names its proposal", "invalid", sign(x.bob(), contract.TypeDecline, &contract.Decline{Proposal: sxp.Hash{1}}))
	x.everywhere("decline", contract.TypeDecline, x.bob(), &d)

	a := contract.Ask{Proposal: x.pre.Proposal}
	x.add("ask-valid", "Bob asks for the result", "", sign(x.bob(), contract.TypeAsk, &a))
	x.add("ask-by-a-stranger", "only parties ask", "denied", sign(x.w.issuer, contract.TypeAsk, &a))
	x.add("ask-other-proposal", "it names its proposal", "invalid", sign(x.bob(), contract.TypeAsk, &contract.Ask{Proposal: sxp.Hash{1}}))
	x.everywhere("ask", contract.TypeAsk, x.bob(), &a)
}

func (x *scribe) promises() {
	good := contract.Promise{Proposal: x.pre.Proposal, M: x.m, Points: x.claim.Promises[1]}
	change := func(name, why, expect string, by envelope.Signer, f func(p *contract.Promise)) {
		p := good
		p.Points = slices.Clone(p.Points)
		f(&p)
		x.add("promise-"+name, why, expect, sign(by, contract.TypePromise, &p))
	}
	change("valid", "Bob promises", "", x.bob(), func(*contract.Promise) {})
	change("by-another-party", "it is of Bob's commitment", "invalid", x.alice(), func(*contract.Promise) {})
	change("by-a-stranger", "only parties promise", "denied", x.w.issuer, func(*contract.Promise) {})
	change("other-m", "it names its session", "invalid", x.bob(), func(p *contract.Promise) { p.M[0] ^= 1 })
	change("other-proposal", "it names its proposal", "invalid", x.bob(), func(p *contract.Promise) { p.Proposal[0] ^= 1 })
	change("point-missing", "a point for each seat", "invalid", x.bob(), func(p *contract.Promise) { p.Points = p.Points[:2] })
	change("point-too-many", "a point for each seat", "invalid", x.bob(), func(p *contract.Promise) { p.Points = append(p.Points, p.Points[0]) })
	change("points-swapped", "each point belongs to its seat", "invalid", x.bob(), func(p *contract.Promise) { p.Points[0], p.Points[2] = p.Points[2], p.Points[0] })
	change("point-twice", "each point belongs to its seat", "invalid", x.bob(), func(p *contract.Promise) { p.Points[1] = p.Points[0] })
	change("point-negated", "the sign is part of the value", "invalid", x.bob(), func(p *contract.Promise) { p.Points[0][0] ^= 0x20 })
	change("point-identity", "the identity is never a value", "invalid", x.bob(), func(p *contract.Promise) { p.Points[0] = bls.G1{0xc0} })
	change("point-off-the-group", "points are in the subgroup", "invalid", x.bob(), func(p *contract.Promise) { p.Points[0] = offGroup() })
	change("point-uncompressed-flag", "a point has one encoding", "invalid", x.bob(), func(p *contract.Promise) { p.Points[0][0] &= 0x7f })
	change("of-another-party", "Alice's points, signed by Bob", "invalid", x.bob(), func(p *contract.Promise) { p.Points = slices.Clone(x.claim.Promises[0]) })
	x.everywhere("promise", contract.TypePromise, x.bob(), &good)

	x.add("claim-valid", "both promised", "", x.s.claim)
	x.add("claim-promises-swapped", "promises stand in the parties' order", "invalid", sign(x.alice(), contract.TypeClaim,
		&contract.Claim{Preimage: x.claim.Preimage, Promises: []bls.Promise{x.claim.Promises[1], x.claim.Promises[0]}}))
	x.everywhere("claim", contract.TypeClaim, x.alice(), &x.claim)
}

func (x *scribe) sigma(i int) bls.G1 { return x.w.people[i].secret.SignSession(x.m) }

func (x *scribe) aggregate() bls.G1 {
	return must(bls.Aggregate(x.m, []bls.G1{x.sigma(0), x.sigma(1)}))
}

func (x *scribe) releases() {
	good := contract.Release{Proposal: x.pre.Proposal, M: x.m, Signature: x.sigma(0)}
	change := func(name, why, expect string, by envelope.Signer, f func(v *contract.Release)) {
		v := good
		f(&v)
		x.add("release-"+name, why, expect, sign(by, contract.TypeRelease, &v))
	}
	change("valid", "Alice's signature", "", x.alice(), func(*contract.Release) {})
	change("by-another-party", "σ is of who signs the message", "invalid", x.bob(), func(*contract.Release) {})
	change("by-a-stranger", "only parties release", "denied", x.w.issuer, func(*contract.Release) {})
	change("other-m", "it names its session", "invalid", x.alice(), func(v *contract.Release) { v.M[0] ^= 1 })
	change("other-proposal", "it names its proposal", "invalid", x.alice(), func(v *contract.Release) { v.Proposal[0] ^= 1 })
	change("draw-share", "a draw share is no signature of the session", "invalid", x.alice(), func(v *contract.Release) { v.Signature = x.acceptance().Draw })
	change("negated", "the sign is part of the value", "invalid", x.alice(), func(v *contract.Release) { v.Signature[0] ^= 0x20 })
	change("identity", "the identity is never a value", "invalid", x.alice(), func(v *contract.Release) { v.Signature = bls.G1{0xc0} })
	change("off-the-group", "points are in the subgroup", "invalid", x.alice(), func(v *contract.Release) { v.Signature = offGroup() })
	x.everywhere("release", contract.TypeRelease, x.alice(), &good)
}

func (x *scribe) results() {
	good := contract.Result{Proposal: x.pre.Proposal, M: x.m, Signature: x.aggregate()}
	change := func(name, why, expect string, by envelope.Signer, f func(v *contract.Result)) {
		v := good
		f(&v)
		x.add("result-"+name, why, expect, sign(by, contract.TypeResult, &v))
	}
	change("valid", "the signature of both", "", x.alice(), func(*contract.Result) {})
	change("by-a-stranger", "S proves itself, whoever brings it", "", x.w.issuer, func(*contract.Result) {})
	change("by-the-jury", "the jury supplied what was missing", "", x.watcher(), func(v *contract.Result) { v.Jury = true })
	change("other-m", "it names its session", "invalid", x.alice(), func(v *contract.Result) { v.M[0] ^= 1 })
	change("other-proposal", "it names its proposal", "invalid", x.alice(), func(v *contract.Result) { v.Proposal[0] ^= 1 })
	change("of-one", "σ of one is not S of both", "invalid", x.alice(), func(v *contract.Result) { v.Signature = x.sigma(0) })
	change("plain-sum", "S is weighted with the c_i", "invalid", x.alice(), func(v *contract.Result) { v.Signature = plainSum(x.sigma(0), x.sigma(1)) })
	change("negated", "the sign is part of the value", "invalid", x.alice(), func(v *contract.Result) { v.Signature[0] ^= 0x20 })
	change("off-the-group", "points are in the subgroup", "invalid", x.alice(), func(v *contract.Result) { v.Signature = offGroup() })
	x.add("result-jury-false", "what may be left out is not there empty", "invalid", sign(x.alice(), contract.TypeResult, mapOf(&good, func(m map[string]any) { m["jury"] = false })))
	x.everywhere("result", contract.TypeResult, x.alice(), &good)
}

func (x *scribe) lodgings() {
	with := []string{"watcher", x.watcher().ID().String(), "party", x.alice().ID().String()}
	good := contract.Lodged{M: x.m, Party: x.alice().ID(), At: worldStart + 40}
	x.add("lodged-valid", "the receipt of Alice's watcher", "", sign(x.watcher(), contract.TypeLodged, &good), with...)
	x.add("lodged-by-another", "the receipt is the own watcher's", "invalid", sign(x.bob(), contract.TypeLodged, &good), with...)
	x.add("lodged-for-another", "and for who lodged", "invalid", sign(x.watcher(), contract.TypeLodged, &contract.Lodged{M: x.m, Party: x.bob().ID(), At: good.At}), with...)
	x.add("lodged-other-m", "it names its session", "invalid", sign(x.watcher(), contract.TypeLodged, &contract.Lodged{M: sxp.Hash{1}, Party: good.Party, At: good.At}), with...)
	x.everywhere("lodged", contract.TypeLodged, x.watcher(), &good, with...)
}

func (x *scribe) votes() {
	for what, typ := range map[string]envelope.Type{"endorse": contract.TypeEndorse, "void": contract.TypeVoid} {
		v := contract.Void{M: x.m} // both have the same field
		x.add(what+"-valid", "the juror of seat 2", "", sign(x.juror(2), typ, &v))
		x.add(what+"-other-m", "it names its session", "invalid", sign(x.juror(2), typ, &contract.Void{M: sxp.Hash{1}}))
		x.add(what+"-by-a-stranger", "only seats of this jury", "invalid", sign(x.w.issuer, typ, &v))
		x.add(what+"-by-a-party", "a party is no juror", "invalid", sign(x.alice(), typ, &v))
		x.everywhere(what, typ, x.juror(2), &v)
	}
}

func (x *scribe) opened(seat int) *contract.Shares {
	out := &contract.Shares{M: x.m, Seat: seat}
	for i, p := range x.claim.Promises {
		a := must(contract.OpenAcceptance(x.pre.Parties[i].Acceptance, x.pre.Parties[i].ID, x.pre.Proposal))
		out.Shares = append(out.Shares, must(x.juror(seat).OpenShare(p[seat-1], a.Commitment.U)))
	}
	return out
}

func (x *scribe) shares() {
	change := func(name, why, expect string, by envelope.Signer, f func(v *contract.Shares)) {
		v := x.opened(2)
		f(v)
		x.add("shares-"+name, why, expect, sign(by, contract.TypeShares, v))
	}
	change("valid", "seat 2 opened", "", x.juror(2), func(*contract.Shares) {})
	change("by-another-seat", "only the juror of a seat fills its place", "invalid", x.juror(1), func(*contract.Shares) {})
	change("by-a-party", "only the juror of a seat fills its place", "invalid", x.alice(), func(*contract.Shares) {})
	change("seat-zero", "seats are counted from 1", "invalid", x.juror(2), func(v *contract.Shares) { v.Seat = 0 })
	change("seat-negative", "seats are counted from 1", "invalid", x.juror(2), func(v *contract.Shares) { v.Seat = -1 })
	change("seat-beyond", "there are three seats", "invalid", x.juror(2), func(v *contract.Shares) { v.Seat = 4 })
	change("seat-of-another", "a juror has one seat", "invalid", x.juror(2), func(v *contract.Shares) { v.Seat = 1 })
	change("other-m", "it names its session", "invalid", x.juror(2), func(v *contract.Shares) { v.M[0] ^= 1 })
	change("one-missing", "a juror opens all together", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares = v.Shares[:1] })
	change("one-too-many", "one for each party", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares = append(v.Shares, v.Shares[0]) })
	change("swapped", "shares stand in the parties' order", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares[0], v.Shares[1] = v.Shares[1], v.Shares[0] })
	change("of-another-seat", "the shares of seat 1", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares = x.opened(1).Shares })
	change("one-false", "one of two is wrong", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares[1] = x.sigma(1) })
	change("identity", "the identity is never a value", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares[0] = bls.G1{0xc0} })
	change("off-the-group", "points are in the subgroup", "invalid", x.juror(2), func(v *contract.Shares) { v.Shares[0] = offGroup() })
	x.everywhere("shares", contract.TypeShares, x.juror(2), x.opened(2))
}

// ask makes a signed request with a nonce of its own.
func ask[R any](by envelope.Signer, to sxp.ID, name string, r R) []byte {
	return must(relay.Sign(by, name, to, worldStart, seeded("%s %v", name, to), r))
}

// requests adds a valid request and the ways to break any.
func requests[R any](x *scribe, name, why string, by envelope.Signer, to sxp.ID, r R) {
	good := ask(by, to, name, r)
	x.add(name+"-valid", why, "", good, "to", to.String())
	x.add(name+"-to-another", "a node answers what is asked of it", "denied", good, "to", x.w.issuer.ID().String())
	var q relay.Request[R]
	must(envelope.Open(good, relay.RequestType(name), &q))
	x.add(name+"-by-another", "who asks has signed", "denied", sign(x.w.issuer, relay.RequestType(name), &q), "to", to.String())
	x.formsOf(name, relay.RequestType(name), by, &q, "to", to.String())
	q.Type = "write"
	x.add(name+"-types-differ", "the type stands twice", "invalid", sign(by, relay.RequestType(name), &q), "to", to.String())
}

func (x *scribe) juryRequests() {
	to, me := x.juror(1).ID(), x.juror(1).ID().String()
	broken := func(name, what, why, expect string, by envelope.Signer, r any) {
		var raw []byte
		switch r := r.(type) {
		case contract.ClaimRequest:
			raw = ask(by, to, name, r)
		case contract.ForwardRequest:
			raw = ask(by, to, name, r)
		case contract.SharesRequest:
			raw = ask(by, to, name, r)
		case contract.QueryRequest:
			raw = ask(by, to, name, r)
		}
		x.add(name+"-"+what, why, expect, raw, "to", me)
	}
	endorse := func(seat int) sxp.Bytes {
		return sign(x.juror(seat), contract.TypeEndorse, &contract.Endorse{M: x.m})
	}
	requests(x, contract.RequestClaim, "a claim from outside", x.alice(), to, contract.ClaimRequest{Claim: x.s.claim})
	broken(contract.RequestClaim, "by-nobody", "a claim from outside is signed by a party", "denied", x.alice(), contract.ClaimRequest{Claim: sign(x.w.issuer, contract.TypeClaim, &x.claim)})
	broken(contract.RequestClaim, "brought-by-a-stranger", "anybody may deliver it", "", x.w.issuer, contract.ClaimRequest{Claim: x.s.claim})

	forward := contract.ForwardRequest{Claim: x.claim, Endorsements: []sxp.Bytes{endorse(2), endorse(3)}}
	requests(x, contract.RequestForward, "a claim with the endorsements of two others", x.juror(2), to, forward)
	broken(contract.RequestForward, "own-endorsement-only", "its own endorsement does not count", "denied", x.juror(2), contract.ForwardRequest{Claim: x.claim, Endorsements: []sxp.Bytes{endorse(1)}})
	broken(contract.RequestForward, "too-many", "at most n endorsements", "toolarge", x.juror(2), contract.ForwardRequest{Claim: x.claim, Endorsements: []sxp.Bytes{endorse(1), endorse(2), endorse(3), endorse(3)}})
	broken(contract.RequestForward, "one-of-two-is-none", "what is no endorsement is passed over", "", x.juror(2), contract.ForwardRequest{Claim: x.claim, Endorsements: []sxp.Bytes{{1}, endorse(2)}})
	padded := countersign(endorse(2), x.w.issuer)
	broken(contract.RequestForward, "countersigned-endorsement", "an endorsement with countersignatures is none", "denied", x.juror(2), contract.ForwardRequest{Claim: x.claim, Endorsements: []sxp.Bytes{padded}})
	swapped := contract.Claim{Preimage: x.claim.Preimage, Promises: []bls.Promise{x.claim.Promises[1], x.claim.Promises[0]}}
	broken(contract.RequestForward, "claim-of-swapped-promises", "the claim is checked in full", "invalid", x.juror(2), contract.ForwardRequest{Claim: swapped, Endorsements: forward.Endorsements})

	s2, s3 := sxp.Bytes(sign(x.juror(2), contract.TypeShares, x.opened(2))), sxp.Bytes(sign(x.juror(3), contract.TypeShares, x.opened(3)))
	requests(x, contract.RequestShares, "the shares of two seats", x.juror(2), to, contract.SharesRequest{Shares: []sxp.Bytes{s2, s3}})
	broken(contract.RequestShares, "none", "1 to 101 shares", "toolarge", x.juror(2), contract.SharesRequest{Shares: []sxp.Bytes{}})
	broken(contract.RequestShares, "by-a-party", "only the juror of a seat fills its place", "invalid", x.juror(2), contract.SharesRequest{Shares: []sxp.Bytes{sign(x.alice(), contract.TypeShares, x.opened(2))}})

	requests(x, contract.RequestQuery, "what came of m?", x.alice(), to, contract.QueryRequest{M: x.m, Preimage: x.pre, Seen: []sxp.Bytes{endorse(2)}})
	broken(contract.RequestQuery, "m-only", "without the preimage only what is known is answered", "", x.alice(), contract.QueryRequest{M: x.m})
	broken(contract.RequestQuery, "other-m", "m is the preimage's", "invalid", x.alice(), contract.QueryRequest{M: sxp.Hash{1}, Preimage: x.pre})
	broken(contract.RequestQuery, "too-much-seen", "at most 101 messages", "toolarge", x.alice(), contract.QueryRequest{M: x.m, Seen: slices.Repeat([]sxp.Bytes{{1}}, 102)})
}

func (x *scribe) watchRequests() {
	to := x.watcher().ID()
	lodge := func(what, why, expect string, by envelope.Signer, change func(r *contract.LodgeRequest)) {
		r := contract.LodgeRequest{Claim: x.s.claim, ClaimAt: x.w.p.ClaimAt(), Patience: x.w.p.Patience}
		change(&r)
		x.add(contract.RequestLodge+"-"+what, why, expect, ask(by, to, contract.RequestLodge, r), "to", to.String())
	}
	mine := sxp.Bytes(sign(x.alice(), contract.TypeClaim, &x.claim))
	requests(x, contract.RequestLodge, "Alice lodges her claim", x.alice(), to, contract.LodgeRequest{Claim: mine, ClaimAt: x.w.p.ClaimAt(), Patience: x.w.p.Patience})
	lodge("of-another", "a claim is lodged by who signed it", "denied", x.bob(), func(r *contract.LodgeRequest) { r.Claim = mine })
	lodge("after-the-deadline", "T_c is before D", "invalid", x.alice(), func(r *contract.LodgeRequest) { r.Claim, r.ClaimAt = mine, x.pre.Deadline+1 })
	lodge("long-before", "T_c is at most two days before D", "invalid", x.alice(), func(r *contract.LodgeRequest) {
		r.Claim, r.ClaimAt = mine, x.pre.Deadline.Add(-2*sxp.Day)-1
	})
	lodge("no-patience", "W is above 0", "invalid", x.alice(), func(r *contract.LodgeRequest) { r.Claim, r.Patience = mine, 0 })
	lodge("too-patient", "W is at most a day", "invalid", x.alice(), func(r *contract.LodgeRequest) { r.Claim, r.Patience = mine, sxp.Day+1 })

	release := contract.Release{Proposal: x.pre.Proposal, M: x.m, Signature: x.sigma(0)}
	requests(x, contract.RequestTell, "Alice's release, shown to a watcher", x.bob(), to, contract.TellRequest{Message: sign(x.alice(), contract.TypeRelease, &release)})
	tell := func(what, why, expect string, message []byte) {
		x.add(contract.RequestTell+"-"+what, why, expect, ask(x.bob(), to, contract.RequestTell, contract.TellRequest{Message: message}), "to", to.String())
	}
	result := contract.Result{Proposal: x.pre.Proposal, M: x.m, Signature: x.aggregate()}
	tell("result", "a result", "", sign(x.w.issuer, contract.TypeResult, &result))
	tell("a-promise", "releases and results only", "invalid", sign(x.bob(), contract.TypePromise, &contract.Promise{Proposal: x.pre.Proposal, M: x.m, Points: x.claim.Promises[1]}))
	tell("countersigned", "a release carries no countersignatures", "invalid", countersign(sign(x.alice(), contract.TypeRelease, &release), x.w.issuer))
	release.Proposal[0] ^= 1
	tell("other-proposal", "it names its proposal", "invalid", sign(x.alice(), contract.TypeRelease, &release))
	result.Signature = x.sigma(0)
	tell("false-result", "S proves itself", "invalid", sign(x.bob(), contract.TypeResult, &result))

	requests(x, contract.RequestAsk, "Alice asks her watcher", x.alice(), to, contract.AskRequest{M: x.m})
	x.add(contract.RequestAsk+"-by-a-stranger", "only parties ask", "denied", ask(x.w.issuer, to, contract.RequestAsk, contract.AskRequest{M: x.m}), "to", to.String())
	x.add(contract.RequestAsk+"-other-m", "not held", "notfound", ask(x.alice(), to, contract.RequestAsk, contract.AskRequest{M: sxp.Hash{1}}), "to", to.String())
}

// answered adds a valid answer by from to Alice and the ways to break any.
func answered[A any](x *scribe, name, what, why, expect string, from envelope.Signer, a A) {
	p := relay.Response[A]{Type: name, From: from.ID(), To: x.alice().ID(), Timestamp: worldStart + 10, Re: sxp.Hash{7}, Result: a}
	with := []string{"from", from.ID().String(), "to", x.alice().ID().String(), "re", p.Re.String()}
	typ := relay.ResponseType(name)
	x.add(name+".answer-"+what, why, expect, sign(from, typ, &p), with...)
	if what != "valid" {
		return
	}
	x.formsOf(name+".answer", typ, from, &p, with...)
	x.add(name+".answer-by-another", "the node that was asked answers", "invalid", sign(x.w.issuer, typ, &p), with...)
	p.Re[0] ^= 1
	x.add(name+".answer-to-another-request", "it names its request", "invalid", sign(from, typ, &p), with...)
}

func (x *scribe) answers() {
	j := x.juror(2)
	own, other := sxp.Bytes(sign(j, contract.TypeShares, x.opened(2))), sxp.Bytes(sign(x.juror(3), contract.TypeShares, x.opened(3)))
	void := func(seat int) sxp.Bytes { return sign(x.juror(seat), contract.TypeVoid, &contract.Void{M: x.m}) }
	open := contract.Answer{M: x.m, Standing: contract.Completed, Shares: []sxp.Bytes{own}}
	for _, name := range []string{contract.RequestClaim, contract.RequestForward, contract.RequestShares, contract.RequestQuery} {
		answered(x, name, "valid", "the juror of seat 2 has opened", "", j, open)
		answered(x, name, "refused", "the claim was late", "", j, contract.Answer{M: x.m, Standing: contract.Refused, Reason: "late"})
	}
	q := contract.RequestQuery
	answered(x, q, "voided", "seat 2 votes void", "", j, contract.Answer{M: x.m, Standing: contract.Voided, Void: void(2)})
	answered(x, q, "waiting", "no claim yet", "", j, contract.Answer{M: x.m, Standing: contract.Waiting, Reason: "later"})
	answered(x, q, "with-others", "its own shares, then others'", "", j, contract.Answer{M: x.m, Standing: contract.Completed, Shares: []sxp.Bytes{own, other}})
	answered(x, q, "own-not-first", "its own shares stand first", "invalid", j, contract.Answer{M: x.m, Standing: contract.Completed, Shares: []sxp.Bytes{other, own}})
	answered(x, q, "void-of-another", "each juror votes for itself", "invalid", j, contract.Answer{M: x.m, Standing: contract.Voided, Void: void(3)})
	answered(x, q, "opened-and-voided", "a juror says one thing", "invalid", j, contract.Answer{M: x.m, Standing: contract.Voided, Void: void(2), Shares: []sxp.Bytes{own}})
	answered(x, q, "other-m", "it names its session", "invalid", j, contract.Answer{M: sxp.Hash{1}, Standing: contract.Completed, Shares: []sxp.Bytes{own}})
	answered(x, q, "completed-without-shares", "who completed shows its shares", "invalid", j, contract.Answer{M: x.m, Standing: contract.Completed})
	answered(x, q, "unknown-standing", "the standings are five", "invalid", j, contract.Answer{M: x.m, Standing: "perhaps"})

	w := x.watcher()
	receipt := sxp.Bytes(sign(w, contract.TypeLodged, &contract.Lodged{M: x.m, Party: x.alice().ID(), At: worldStart + 5}))
	result := sxp.Bytes(sign(w, contract.TypeResult, &contract.Result{Proposal: x.pre.Proposal, M: x.m, Signature: x.aggregate(), Jury: true}))
	for _, name := range []string{contract.RequestLodge, contract.RequestTell, contract.RequestAsk} {
		answered(x, name, "valid", "the receipt and the result", "", w, contract.WatchAnswer{M: x.m, Receipt: receipt, Result: result})
		answered(x, name, "empty", "neither", "", w, contract.WatchAnswer{M: x.m})
		answered(x, name, "receipt-of-another", "the receipt is the watcher's", "invalid", w, contract.WatchAnswer{M: x.m, Receipt: sign(x.bob(), contract.TypeLodged, &contract.Lodged{M: x.m, Party: x.alice().ID(), At: 1})})
	}
}
