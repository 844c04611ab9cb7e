package contract_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
	"sxp/vectors"
)

// TestVectors reads vectors/contract as any implementation would. The name of
// a vector up to its hyphen says what Input is (spec/contract.md, "Vectors").
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	for name, v := range readVectors(t) {
		if err := readVector(name, v, contract.NewAlgebra(seeded("vectors"))); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
}

// readVectors reads the folder, not the copy in the program, so that -update
// checks what it wrote.
func readVectors(t *testing.T) map[string]vectors.Vector {
	out := map[string]vectors.Vector{}
	files, err := filepath.Glob("../vectors/contract/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, f := range files {
		var v vectors.Vector
		if err := json.Unmarshal(must(os.ReadFile(f)), &v); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[v.Name] = v
	}
	return out
}

// readVector gives a vector to the reader that it is for.
func readVector(name string, v vectors.Vector, a contract.Algebra) error {
	what, _, _ := strings.Cut(name, "-")
	switch what {
	case "file", "void":
		_, err := contract.Verify(v.Input)
		return err
	case "proposal":
		_, err := contract.OpenProposal(v.Input)
		return err
	case "roll":
		_, err := contract.OpenRoll(a, v.Input)
		return err
	case "claim":
		c, _, accepts, err := contract.OpenClaim(v.Input)
		if err != nil {
			return err
		}
		return c.CheckPoints(a, accepts)
	case "session":
		var p contract.Preimage
		if err := envelope.Unmarshal(v.Input, &p); err != nil {
			return err
		}
		return same(v.With["m"], p.M().String())
	case "draw":
		p := must(contract.OpenProposal(must(hex.DecodeString(v.With["proposal"]))))
		r := must(contract.OpenRoll(a, must(hex.DecodeString(v.With["roll"]))))
		seats, err := contract.Draw(r, p, sxp.Hash(v.Input))
		var ids []string
		for _, s := range seats {
			ids = append(ids, s.ID.String())
		}
		if err != nil {
			return err
		}
		return same(v.With["seats"], strings.Join(ids, " "))
	}
	return sxp.Errorf("TestVectors", sxp.Internal, nil, "nobody reads %q", what)
}

func same(want, got string) error {
	if want != got {
		return sxp.Errorf("TestVectors", sxp.Internal, nil, "%s, want %s", got, want)
	}
	return nil
}

// writeVectors makes the vectors from fixed keys.
func writeVectors(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})
	s.run(s.end())
	pre := s.parties[0].m.Preimage()
	add := func(name, why, expect string, input []byte, with ...string) {
		v := vectors.Vector{Name: name, Why: why, Input: input, Expect: expect}
		for i := 0; i+1 < len(with); i += 2 {
			if v.With == nil {
				v.With = map[string]string{}
			}
			v.With[with[i]] = with[i+1]
		}
		b := append(must(json.MarshalIndent(v, "", "  ")), '\n')
		if err := os.WriteFile(filepath.Join("../vectors/contract", name+".json"), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	fileVectors(t, w, s, add)
	proposalVectors(w, add)
	photoVectors(w, add)
	add("proposal-secret", "Alice gives a secret, declared by its SHA-256", "", secretWorld(t, 3, 0).p.Raw)
	sold, _ := garbage(t)
	add("proposal-garbage", "what is sealed is garbage, which nobody sees before all have signed", "", sold.p.Raw)
	claimVectors(t, w, s, add)
	add("session-two-of-three", "m is SHA-256 of exactly these bytes", "", must(envelope.Marshal(pre)), "m", pre.M().String())
	for i, name := range []string{"draw-a", "draw-b", "draw-c"} {
		seed := sxp.Hash{byte(i)}
		var ids []string
		for _, seat := range must(contract.Draw(w.roll, w.p, seed)) {
			ids = append(ids, seat.ID.String())
		}
		add(name, "the input is the seed; seats are ids in order", "", seed[:],
			"roll", hex.EncodeToString(w.roll.Raw), "proposal", hex.EncodeToString(w.p.Raw), "seats", strings.Join(ids, " "))
	}
}

type adder func(name, why, expect string, input []byte, with ...string)

func fileVectors(t *testing.T, w *world, s *sim, add adder) {
	file := string(must(s.parties[0].m.File()))
	add("file-valid", "two parties, three jurors, one of whose seats nobody needed", "", []byte(file))
	add("file-text-changed", "the readable part is not what was signed", "invalid", []byte(strings.Replace(file, "thing of 1", "thing of 7", 1)))
	add("file-line-ends", "there is one file for the same contents", "invalid", []byte(strings.ReplaceAll(file, "\n", "\r\n")))
	pre := s.parties[0].m.Preimage()
	other := must(bls.Aggregate(pre.M(), []bls.G1{w.people[0].secret.SignSession(pre.M()), w.people[0].secret.SignSession(pre.M())}))
	add("file-signed-by-one", "Alice signed for Bob", "invalid", must(contract.Build(w.p, w.roll, pre, other)))
	wrong := *pre
	wrong.Jury = slices.Clone(pre.Jury)
	wrong.Jury[0], wrong.Jury[1] = wrong.Jury[1], wrong.Jury[0]
	sum := must(bls.Aggregate(wrong.M(), []bls.G1{w.people[0].secret.SignSession(wrong.M()), w.people[1].secret.SignSession(wrong.M())}))
	add("file-jury-not-drawn", "all signed, with a jury in another order than was drawn", "invalid", must(contract.Build(w.p, w.roll, &wrong, sum)))

	voids := func(seats ...int) []sxp.Bytes {
		var out []sxp.Bytes
		for _, j := range seats {
			out = append(out, must(envelope.Sign(w.jurors[pre.Jury[j-1].ID], contract.TypeVoid, &contract.Void{M: pre.M()})))
		}
		return out
	}
	build := func(v []sxp.Bytes) []byte { return must(contract.BuildVoid(w.p, w.roll, pre, v)) }
	add("void-valid", "t = 2 of three jurors voided", "", build(voids(1, 3)))
	add("void-one-seat-twice", "one juror counts once", "invalid", build(voids(2, 2)))
	add("void-seats-out-of-order", "there is one certificate for the same jurors", "invalid", build(voids(3, 1)))
	elsewhere := []sxp.Bytes{voids(1)[0], must(envelope.Sign(w.jurors[pre.Jury[1].ID], contract.TypeVoid, &contract.Void{M: sxp.Hash{1}}))}
	add("void-of-another-session", "a void names its session", "invalid", build(elsewhere))
	stranger := []sxp.Bytes{voids(1)[0], must(envelope.Sign(w.issuer, contract.TypeVoid, &contract.Void{M: pre.M()}))}
	add("void-by-a-stranger", "only the seats of this jury vote", "invalid", build(stranger))
}

func proposalVectors(w *world, add adder) {
	sign := func(change func(p *contract.Proposal)) []byte {
		p := w.p.Proposal
		p.Terms.Transfers = slices.Clone(p.Terms.Transfers)
		text := p.Terms.Text
		change(&p)
		if p.Terms.Text == text {
			p.Terms.Text = contract.Render(&p.Terms, w.p.Cards)
		}
		return must(envelope.Sign(w.people[0].id, contract.TypeProposal, &p))
	}
	add("proposal-valid", "two people, each gives a thing to the other", "", w.p.Raw)
	add("proposal-t-is-f", "f < t", "invalid", sign(func(p *contract.Proposal) { p.T = p.F }))
	add("proposal-t-too-large", "t ≤ n − f", "invalid", sign(func(p *contract.Proposal) { p.T = 3 }))
	add("proposal-gift", "who gives need not get, and the text says so", "", sign(func(p *contract.Proposal) { p.Terms.Transfers = p.Terms.Transfers[:1] }))
	add("proposal-nobody-gives", "every party gives or gets", "invalid", sign(func(p *contract.Proposal) { p.Terms.Transfers = nil }))
	marketVectors(sign, add)
	add("proposal-other-words", "the text is what the terms say", "invalid", sign(func(p *contract.Proposal) { p.Terms.Text += "\n" }))
	add("proposal-no-time", "D is later than created + L + ε + W", "invalid", sign(func(p *contract.Proposal) { p.Deadline = p.Created.Add(p.L + p.Epsilon + p.Patience) }))
	add("proposal-version-2", "version 1 only", "unsupported", sign(func(p *contract.Proposal) { p.Version = 2 }))
	add("proposal-hidden-order", "no character that reorders text", "invalid", sign(func(p *contract.Proposal) { p.Terms.Notes = "\u202e" }))
	add("proposal-replaces", "it answers another proposal, known or not", "", sign(func(p *contract.Proposal) { p.Replaces = sxp.Hash{1} }))
	replaced := func(by []byte) []byte {
		fields := map[string]any{}
		if err := cbor.Unmarshal(must(envelope.Marshal(&w.p.Proposal)), &fields); err != nil {
			panic(err)
		}
		fields["replaces"] = by
		return must(envelope.Sign(w.people[0].id, contract.TypeProposal, fields))
	}
	add("proposal-replaces-nothing", "a digest of zeros is left out", "invalid", replaced(make([]byte, 32)))
	add("proposal-replaces-short", "a digest has 32 bytes", "invalid", replaced(make([]byte, 31)))

	roll := func(change func(r *contract.Roll)) []byte {
		r := w.roll.Roll
		r.Entries = slices.Clone(r.Entries)
		change(&r)
		return must(envelope.Sign(w.issuer, contract.TypeRoll, &r))
	}
	add("roll-valid", "four jurors", "", w.roll.Raw)
	add("roll-one-juror-twice", "a juror stands once", "invalid", roll(func(r *contract.Roll) { r.Entries[1] = r.Entries[0] }))
	add("roll-proof-of-another", "the proof is over the juror's identity too", "invalid", roll(func(r *contract.Roll) { r.Entries[1].ID[0] ^= 1 }))
	add("roll-y-and-z-differ", "Y and Z have one secret", "invalid", roll(func(r *contract.Roll) { r.Entries[1].Z = r.Entries[0].Z }))
	add("roll-not-by-its-issuer", "the issuer signs", "invalid", roll(func(r *contract.Roll) { r.Issuer[0] ^= 1 }))
}

// marketVectors are proposals among markets and ones that rest on others.
func marketVectors(sign func(func(*contract.Proposal)) []byte, add adder) {
	here := contract.MarketTerms{Market: sxp.ID{5}, Name: "Here", Policy: market.Policy{
		Levies: []market.Levy{
			{Name: "VAT", Rate: "19", Kinds: []market.Kind{market.Good, market.Service}, To: "the tax office"},
			{Name: "book fee", Rate: "0.75", Category: "books", To: "the library"},
		},
		Guarantee: "Things are what they are said to be.\nElse the market pays.",
	}}
	there := contract.MarketTerms{Market: sxp.ID{6}, Name: "There"}
	worth := func(x contract.Transfer, value, category string) contract.Transfer {
		x.Item.Category, x.Item.Attributes, x.Market = category, map[string]string{market.AttributeValue: value}, here.Market
		return x
	}
	two := func(p *contract.Proposal) {
		p.Market, p.Terms.Markets = here.Market, []contract.MarketTerms{here, there}
		p.Terms.Transfers[0] = worth(p.Terms.Transfers[0], "19.99 EUR", "books/maths")
		p.Terms.Transfers[1].Market = there.Market
	}
	add("proposal-two-markets", "levies are rounded half up to two digits: 3.7981 and 0.149925", "", sign(two))
	add("proposal-levy-of-unknown-worth", "a value that is no decimal and a currency says nothing", "", sign(func(p *contract.Proposal) {
		two(p)
		p.Terms.Transfers[0].Item.Attributes = map[string]string{market.AttributeValue: "20.00 EUR"}
	}))
	add("proposal-market-not-listed", "the market of a transfer is listed", "invalid", sign(func(p *contract.Proposal) { two(p); p.Terms.Transfers[1].Market = sxp.ID{7} }))
	add("proposal-found-elsewhere", "the market where it was found is listed", "invalid", sign(func(p *contract.Proposal) { two(p); p.Market = sxp.ID{7} }))
	add("proposal-market-twice", "a market stands once", "invalid", sign(func(p *contract.Proposal) { two(p); p.Terms.Markets[1] = here }))
	add("proposal-levy-on-money", "no levy falls on money", "invalid", sign(func(p *contract.Proposal) {
		two(p)
		p.Terms.Markets[0].Policy.Levies = []market.Levy{{Name: "VAT", Rate: "19", Kinds: []market.Kind{market.Money}, To: "the tax office"}}
	}))
	add("proposal-levy-too-high", "a rate is at most 100 percent", "invalid", sign(func(p *contract.Proposal) {
		two(p)
		p.Terms.Markets[0].Policy.Levies = []market.Levy{{Name: "VAT", Rate: "100.0001", To: "the tax office"}}
	}))
	add("proposal-source", "it rests on another contract", "", sign(func(p *contract.Proposal) {
		p.Terms.Transfers[1].Source = &market.Source{Contract: sxp.Hash{9}, Transfer: 3}
	}))
	add("proposal-source-of-no-transfer", "transfers are numbered from 1", "invalid", sign(func(p *contract.Proposal) {
		p.Terms.Transfers[1].Source = &market.Source{Contract: sxp.Hash{9}}
	}))
}

func claimVectors(t *testing.T, w *world, s *sim, add adder) {
	var good contract.Claim
	if _, err := envelope.Open(s.claim, contract.TypeClaim, &good); err != nil {
		t.Fatal(err)
	}
	sign := func(change func(c *contract.Claim)) []byte {
		c := good
		c.Promises = slices.Clone(c.Promises)
		c.Preimage.Parties, c.Preimage.Jury = slices.Clone(c.Preimage.Parties), slices.Clone(c.Preimage.Jury)
		change(&c)
		return must(envelope.Sign(w.people[0].id, contract.TypeClaim, &c))
	}
	add("claim-valid", "both promised", "", s.claim)
	add("claim-points-swapped", "each point belongs to its seat", "invalid", sign(func(c *contract.Claim) {
		p := slices.Clone(c.Promises[1])
		p[0], p[1] = p[1], p[0]
		c.Promises[1] = p
	}))
	add("claim-one-promise", "a promise of every party", "invalid", sign(func(c *contract.Claim) { c.Promises = c.Promises[:1] }))
	add("claim-other-f", "m covers f: promises made for another do not fit", "invalid", sign(func(c *contract.Claim) { c.Preimage.F = 0 }))
	add("claim-copied-key", "keys are distinct", "invalid", sign(func(c *contract.Claim) {
		c.Preimage.Parties[1].X, c.Preimage.Parties[1].Proof = c.Preimage.Parties[0].X, c.Preimage.Parties[0].Proof
	}))
	add("claim-zero-seat", "P_1 is the identity: seat 1's share would be worthless", "invalid", sign(func(c *contract.Claim) {
		x := &c.Preimage.Parties[1]
		a := must(contract.OpenAcceptance(x.Acceptance, x.ID, c.Preimage.Proposal))
		a.Commitment.A[0] = negative(x.X)
		x.Acceptance = must(envelope.Sign(w.people[1].id, contract.TypeAcceptance, a))
	}))
	add("claim-seed-of-choice", "the seed comes from the draw shares", "invalid", sign(func(c *contract.Claim) { c.Preimage.Seed[0] ^= 1 }))
	add("claim-by-a-stranger", "a claim from outside is signed by a party", "denied", must(envelope.Sign(w.issuer, contract.TypeClaim, &good)))
}
