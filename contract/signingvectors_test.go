package contract_test

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
	"sxp/relay"
	"sxp/vectors"
)

const signingDir = "../vectors/signing"

// TestSigningVectors reads vectors/signing: every message of a signing, alone
// (spec/jury.md, "Vectors").
func TestSigningVectors(t *testing.T) {
	if *update {
		writeSigningVectors(t)
	}
	all := readFolder(t, signingDir)
	for name, v := range all {
		if strings.HasPrefix(name, "run-") {
			continue // TestRunVectors
		}
		if err := readSigning(all, name, v, contract.NewAlgebra(seeded("vectors"))); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
}

// TestEveryMessageHasVectors: a message of a signing, a roll or a rating without a vector that is
// accepted and one that is refused is a gap in what others can test against.
func TestEveryMessageHasVectors(t *testing.T) {
	good, bad := map[string]bool{}, map[string]bool{}
	for _, dir := range []string{signingDir, "../vectors/contract", "../vectors/secret", rollDir, ratingDir} {
		for name, v := range readFolder(t, dir) {
			what, _, _ := strings.Cut(name, "-")
			if v.Expect == "" {
				good[what] = true
			} else {
				bad[what] = true
			}
		}
	}
	var want []string
	types := slices.Collect(maps.Keys(contract.Types()))
	for _, typ := range append(slices.AppendSeq(types, maps.Keys(rating.Types())), market.TypeJuror) {
		want = append(want, strings.TrimSuffix(strings.TrimPrefix(string(typ), "sxp."), "/1"))
	}
	for _, name := range requestNames {
		want = append(want, name, name+".answer")
	}
	for _, what := range want {
		if !good[what] || !bad[what] {
			t.Errorf("%s: a valid vector %v, a refused one %v", what, good[what], bad[what])
		}
	}
}

var requestNames = []string{contract.RequestClaim, contract.RequestForward, contract.RequestShares, contract.RequestQuery,
	contract.RequestLodge, contract.RequestTell, contract.RequestAsk}

func readFolder(t *testing.T, dir string) map[string]vectors.Vector {
	t.Helper()
	out := map[string]vectors.Vector{}
	files, err := filepath.Glob(dir + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", dir, err)
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

// A reading is what a message is read against: one session.
type reading struct {
	a       contract.Algebra
	pre     *contract.Preimage
	accepts []contract.Acceptance
	with    map[string]string

	proposal *contract.OpenedProposal // nil: that which with names is read
}

func newReading(all map[string]vectors.Vector, v vectors.Vector, a contract.Algebra) (*reading, error) {
	r := &reading{a: a, with: v.With}
	name := v.With["session"]
	if name == "" {
		return r, nil
	}
	r.pre = new(contract.Preimage)
	if err := envelope.Unmarshal(all[name].Input, r.pre); err != nil {
		return nil, sxp.Errorf("newReading", sxp.Internal, nil, "%s: %w", name, err)
	}
	var err error
	r.accepts, err = r.pre.CheckForm()
	return r, err
}

// readSigning gives a vector to the reader that it is for.
func readSigning(all map[string]vectors.Vector, name string, v vectors.Vector, a contract.Algebra) error {
	r, err := newReading(all, v, a)
	if err != nil {
		return err
	}
	what, _, _ := strings.Cut(name, "-")
	return r.read(what, v.Input)
}

func (r *reading) read(what string, raw []byte) error {
	if what == "session" {
		var p contract.Preimage
		if err := envelope.Unmarshal(raw, &p); err != nil {
			return err
		}
		if _, err := p.Check(r.a); err != nil {
			return err
		}
		if want, ok := r.with["m"]; ok {
			return same(want, p.M().String())
		}
		return nil
	}
	if f := readers()[what]; f != nil {
		return f(r, raw)
	}
	return sxp.Errorf("reading", sxp.Internal, nil, "nobody reads %q", what)
}

func readers() map[string]func(*reading, []byte) error {
	return map[string]func(*reading, []byte) error{
		"acceptance": (*reading).acceptance, "decline": (*reading).decline, "promise": (*reading).promise, "release": (*reading).release,
		"result": (*reading).result, "ask": (*reading).ask, "lodged": (*reading).lodged, "endorse": (*reading).endorse,
		"lock": (*reading).lock, "void": (*reading).void, "shares": (*reading).shares, "claim": (*reading).claim, "equivocation": (*reading).equivocation,

		contract.RequestClaim:   request(contract.RequestClaim, (*reading).juryClaim),
		contract.RequestForward: request(contract.RequestForward, (*reading).juryForward),
		contract.RequestShares:  request(contract.RequestShares, (*reading).juryShares),
		contract.RequestQuery:   request(contract.RequestQuery, (*reading).juryQuery),
		contract.RequestLodge:   request(contract.RequestLodge, (*reading).watchLodge),
		contract.RequestTell:    request(contract.RequestTell, (*reading).watchTell),
		contract.RequestAsk:     request(contract.RequestAsk, (*reading).watchAsk),

		contract.RequestClaim + ".answer":   response(contract.RequestClaim, (*reading).openAnswer),
		contract.RequestForward + ".answer": response(contract.RequestForward, (*reading).jurorsAnswer),
		contract.RequestShares + ".answer":  response(contract.RequestShares, (*reading).jurorsAnswer),
		contract.RequestQuery + ".answer":   response(contract.RequestQuery, (*reading).openAnswer),
		contract.RequestLodge + ".answer":   response(contract.RequestLodge, (*reading).watchAnswer),
		contract.RequestTell + ".answer":    response(contract.RequestTell, (*reading).watchAnswer),
		contract.RequestAsk + ".answer":     response(contract.RequestAsk, (*reading).watchAnswer),
	}
}

func refuse(kind sxp.Kind, why string) error { return sxp.Errorf("reading", kind, nil, "%s", why) }

// firstOf returns the first error.
func firstOf(checks ...func() error) error {
	for _, c := range checks {
		if err := c(); err != nil {
			return err
		}
	}
	return nil
}

func require(ok bool, kind sxp.Kind, why string) error {
	if !ok {
		return refuse(kind, why)
	}
	return nil
}

// byParty opens a message that only a party may sign.
func (r *reading) byParty(raw []byte, typ envelope.Type, v any) (party int, err error) {
	m, err := envelope.Parse(raw)
	if err != nil {
		return 0, err
	}
	if m.Type != typ || len(m.Countersignatures) != 0 {
		return 0, refuse(sxp.Invalid, "another type, or countersigned")
	}
	if party = r.pre.Party(m.Signer); party < 0 {
		return 0, refuse(sxp.Denied, "not by a party")
	}
	return party, envelope.Unmarshal(m.Payload, v)
}

func (r *reading) of(proposal sxp.Hash) error {
	return require(proposal == r.pre.Proposal, sxp.Invalid, "of another proposal")
}

func (r *reading) sessionIs(m sxp.Hash) error {
	return require(m == r.pre.M(), sxp.Invalid, "of another session")
}

func (r *reading) acceptance(raw []byte) error {
	i, err := r.byParty(raw, contract.TypeAcceptance, new(contract.Acceptance))
	if err != nil {
		return err
	}
	s := &r.pre.Parties[i]
	a, err := contract.OpenAcceptance(raw, s.ID, r.pre.Proposal)
	if err != nil {
		return err
	}
	return contract.CheckAcceptancePoints(r.a, s.X, a, len(r.pre.Jury), r.pre.T)
}

func (r *reading) equivocation(raw []byte) error {
	first := must(hex.DecodeString(r.with["first"]))
	e := contract.Equivocation{First: first, Second: raw}
	return e.Check(must(sxp.ParseID(r.with["party"])), r.pre.Proposal)
}

func (r *reading) decline(raw []byte) error {
	var d contract.Decline
	if _, err := r.byParty(raw, contract.TypeDecline, &d); err != nil {
		return err
	}
	return firstOf(func() error { return r.of(d.Proposal) },
		func() error { return contract.CheckPlainText("reading", "the reason", d.Reason, contract.MaxReason) })
}

func (r *reading) promise(raw []byte) error {
	var p contract.Promise
	i, err := r.byParty(raw, contract.TypePromise, &p)
	if err != nil {
		return err
	}
	var zs []bls.G2
	for _, s := range r.pre.Jury {
		zs = append(zs, s.Z)
	}
	return firstOf(func() error { return r.of(p.Proposal) }, func() error { return r.sessionIs(p.M) },
		func() error { return require(len(p.Points) == len(zs), sxp.Invalid, "a point for each seat") },
		func() error {
			return r.a.Promises(p.M, zs, []bls.PromiseCheck{{X: r.pre.Parties[i].X, Commitment: r.accepts[i].Commitment, Promise: p.Points}})
		})
}

func (r *reading) release(raw []byte) error {
	var v contract.Release
	i, err := r.byParty(raw, contract.TypeRelease, &v)
	if err != nil {
		return err
	}
	return firstOf(func() error { return r.of(v.Proposal) }, func() error { return r.sessionIs(v.M) },
		func() error { return r.a.Session(r.pre.Parties[i].X, v.M, v.Signature) })
}

func (r *reading) result(raw []byte) error {
	var v contract.Result
	if _, err := contract.OpenPlain(raw, contract.TypeResult, &v); err != nil {
		return err
	}
	var xs []bls.G2
	for _, p := range r.pre.Parties {
		xs = append(xs, p.X)
	}
	return firstOf(func() error { return r.of(v.Proposal) }, func() error { return r.sessionIs(v.M) },
		func() error { return r.a.Aggregate(v.M, xs, v.Signature) })
}

func (r *reading) ask(raw []byte) error {
	var v contract.Ask
	if _, err := r.byParty(raw, contract.TypeAsk, &v); err != nil {
		return err
	}
	return r.of(v.Proposal)
}

func (r *reading) lodged(raw []byte) error {
	var v contract.Lodged
	signer, err := contract.OpenPlain(raw, contract.TypeLodged, &v)
	if err != nil {
		return err
	}
	ok := signer.String() == r.with["watcher"] && v.Party.String() == r.with["party"]
	return firstOf(func() error { return require(ok, sxp.Invalid, "of another watcher or party") }, func() error { return r.sessionIs(v.M) })
}

func (r *reading) seat(signer sxp.ID, err error) error {
	if err == nil && r.pre.Seat(signer) == 0 {
		return refuse(sxp.Invalid, "not by a seat of this jury")
	}
	return err
}

func (r *reading) endorse(raw []byte) error { return r.seat(contract.OpenEndorse(raw, r.pre.M())) }

func (r *reading) void(raw []byte) error {
	_, err := contract.OpenSeatVoid(raw, r.pre, r.pre.M())
	return err
}

func (r *reading) shares(raw []byte) error {
	_, _, err := must(contract.NewCollector(r.a, r.pre)).AddShares(raw)
	return err
}

func (r *reading) claim(raw []byte) error {
	c, _, accepts, err := contract.OpenClaim(raw)
	if err != nil {
		return err
	}
	return c.CheckPoints(r.a, accepts)
}

// request reads a signed request to a node (spec/request.md) and what it holds.
func request[R any](name string, check func(*reading, *relay.Request[R]) error) func(*reading, []byte) error {
	return func(r *reading, raw []byte) error {
		m, err := envelope.Parse(raw)
		if err != nil {
			return err
		}
		var q relay.Request[R]
		return firstOf(
			func() error { return require(m.Type == relay.RequestType(name), sxp.Invalid, "another request") },
			func() error { return envelope.Unmarshal(m.Payload, &q) },
			func() error { return require(q.Type == name, sxp.Invalid, "the types differ") },
			func() error { return require(q.From == m.Signer, sxp.Denied, "not signed by who asks") },
			func() error { return require(q.To.String() == r.with["to"], sxp.Denied, "to another node") },
			func() error { return check(r, &q) })
	}
}

// response reads a node's signed answer to the request of digest with["re"].
func response[A any](name string, check func(*reading, sxp.ID, *A) error) func(*reading, []byte) error {
	return func(r *reading, raw []byte) error {
		m, err := envelope.Parse(raw)
		if err != nil {
			return err
		}
		var p relay.Response[A]
		return firstOf(
			func() error { return require(m.Type == relay.ResponseType(name), sxp.Invalid, "another answer") },
			func() error { return envelope.Unmarshal(m.Payload, &p) },
			func() error {
				ok := p.Type == name && p.From == m.Signer && p.From.String() == r.with["from"] && p.To.String() == r.with["to"] && p.Re.String() == r.with["re"]
				return require(ok, sxp.Invalid, "not the answer to this request by who was asked")
			},
			func() error { return check(r, p.From, &p.Result) })
	}
}

func (r *reading) juryClaim(q *relay.Request[contract.ClaimRequest]) error {
	return r.claim(q.Request.Claim)
}

// juryForward needs one endorsement by another seat than the receiver's; what
// else stands there is passed over.
func (r *reading) juryForward(q *relay.Request[contract.ForwardRequest]) error {
	c := &q.Request.Claim
	if len(q.Request.Endorsements) > len(c.Preimage.Jury) {
		return refuse(sxp.TooLarge, "at most one endorsement for each seat")
	}
	m := c.Preimage.M()
	endorsed := slices.ContainsFunc(q.Request.Endorsements, func(raw sxp.Bytes) bool {
		signer, err := contract.OpenEndorse(raw, m)
		return err == nil && c.Preimage.Seat(signer) != 0 && signer != q.To
	})
	if c.Preimage.Seat(q.To) == 0 || !endorsed {
		return refuse(sxp.Denied, "no seat, or no endorsement by another")
	}
	_, err := c.Check(r.a)
	return err
}

func (r *reading) juryShares(q *relay.Request[contract.SharesRequest]) error {
	if n := len(q.Request.Shares); n < 1 || n > sxp.MaxJury {
		return refuse(sxp.TooLarge, "1 to 101 shares")
	}
	for _, raw := range q.Request.Shares {
		if err := r.shares(raw); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) juryQuery(q *relay.Request[contract.QueryRequest]) error {
	pre := q.Request.Preimage
	switch {
	case pre != nil && pre.M() != q.Request.M:
		return refuse(sxp.Invalid, "the preimage is of another session")
	case len(q.Request.Seen) > sxp.MaxJury:
		return refuse(sxp.TooLarge, "more was seen than there are seats")
	case pre == nil:
		return nil
	case pre.Seat(q.To) == 0:
		return refuse(sxp.Denied, "no seat in this jury")
	}
	_, err := pre.CheckForm()
	return err
}

// watchLodge: the claim is the asker's, and the times fit.
func (r *reading) watchLodge(q *relay.Request[contract.LodgeRequest]) error {
	c, party, accepts, err := contract.OpenClaim(q.Request.Claim)
	if err != nil {
		return err
	}
	d := c.Preimage.Deadline
	return firstOf(
		func() error {
			return require(c.Preimage.Parties[party].ID == q.From, sxp.Denied, "lodged by another than signed it")
		},
		func() error {
			at, w := q.Request.ClaimAt, q.Request.Patience
			return require(at <= d && at >= d.Add(-2*contract.MaxSpan) && w > 0 && w <= contract.MaxSpan, sxp.Invalid, "times that do not fit")
		},
		func() error { return c.CheckPoints(r.a, accepts) })
}

func (r *reading) watchTell(q *relay.Request[contract.TellRequest]) error {
	if contract.TypeOf(q.Request.Message) == contract.TypeRelease {
		return r.release(q.Request.Message)
	}
	return r.result(q.Request.Message)
}

func (r *reading) watchAsk(q *relay.Request[contract.AskRequest]) error {
	return firstOf(func() error { return require(q.Request.M == r.pre.M(), sxp.NotFound, "not held") },
		func() error { return require(r.pre.Party(q.From) >= 0, sxp.Denied, "not by a party") })
}

// openAnswer is a juror's answer to who files a claim or asks.
func (r *reading) openAnswer(from sxp.ID, a *contract.Answer) error {
	return r.juryAnswer(from, a, false)
}

// jurorsAnswer is one to another juror, which may come before any share is open.
func (r *reading) jurorsAnswer(from sxp.ID, a *contract.Answer) error {
	return r.juryAnswer(from, a, true)
}

// juryAnswer: everything that a juror says of a session verifies.
func (r *reading) juryAnswer(from sxp.ID, a *contract.Answer, early bool) error {
	if len(a.Shares) > len(r.pre.Jury) {
		return refuse(sxp.TooLarge, "more shares than seats")
	}
	known := []contract.Standing{contract.Completed, contract.Voided, contract.Waiting, contract.Abstains, contract.Refused}
	open := len(a.Shares) > 0 || early && a.Standing == contract.Completed
	fits := slices.Contains(known, a.Standing) && (a.Standing == contract.Completed) == open && (a.Standing == contract.Voided) == (len(a.Void) > 0)
	if err := firstOf(func() error { return r.sessionIs(a.M) },
		func() error { return require(fits, sxp.Invalid, "the standing is not what the answer shows") }); err != nil {
		return err
	}
	for i, raw := range a.Shares {
		if err := r.shares(raw); err != nil {
			return err
		}
		if own := must(envelope.Parse(raw)).Signer == from; i == 0 && !own {
			return refuse(sxp.Invalid, "its own shares stand first")
		}
	}
	if len(a.Void) == 0 {
		return nil
	}
	signer, err := contract.OpenVoid(a.Void, a.M)
	return firstOf(func() error { return r.seat(signer, err) },
		func() error { return require(signer == from, sxp.Invalid, "another juror's void") })
}

func (r *reading) watchAnswer(from sxp.ID, a *contract.WatchAnswer) error {
	return firstOf(func() error { return r.sessionIs(a.M) },
		func() error {
			if len(a.Receipt) == 0 {
				return nil
			}
			r := *r
			r.with = map[string]string{"watcher": from.String(), "party": r.with["to"]}
			return r.lodged(a.Receipt)
		},
		func() error {
			if len(a.Result) == 0 {
				return nil
			}
			return r.result(a.Result)
		})
}
