package jury_test

import (
	"math/big"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/contract/memo"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// withAndWithout runs an attack with a rule of the jury and without it.
func withAndWithout(t *testing.T, rule string, broken func(t *testing.T, x *fixture) bool, N, n int) {
	t.Helper()
	for _, off := range []string{"", rule} {
		x := newFixture(t, N, n)
		x.broken = off
		for j := range x.seats {
			x.breakAgain(j)
		}
		if got := broken(t, x); got != (off != "") {
			t.Errorf("rule %q off %v: broken %v", rule, off != "", got)
		}
	}
}

// scalar returns the secret of a number modulo the group's order.
func scalar(n *big.Int) *bls.Secret {
	order, _ := new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)
	return must(bls.ParseSecret(new(big.Int).Mod(n, order).FillBytes(make([]byte, 32))))
}

// TestOwnSeatsKeyIsChecked: Mallory names another key for the juror's seat in a
// session of her own, with the U of Alice's commitment, and computes Alice's
// signature from what the juror opens, long before any claim of Alice's session.
func TestOwnSeatsKeyIsChecked(t *testing.T) {
	withAndWithout(t, "check the own seat's key", func(t *testing.T, x *fixture) bool {
		alice := must(contract.OpenAcceptance(x.claim.Preimage.Parties[0].Acceptance, x.parties[0].ID(), x.claim.Preimage.Proposal))
		juror, fake := x.seats[0], must(bls.NewSecret(seeded("fake")))
		pre := contract.Preimage{Version: contract.Version, Proposal: sxp.Hash{7}, T: 1, Deadline: deadline, Delta: delta, Roll: sxp.Hash{2}}
		pre.Jury = []contract.Seat{{ID: juror.ID(), Y: fake.PublicG1(), Z: fake.Public(), Proof: fake.ProvePossession(bls.RoleJuror, juror.ID()), Address: "a"}}
		var draws []bls.G1
		var keys []*bls.Secret
		var ids []*identity.SigningKey
		for i := range 2 {
			id, key := must(identity.NewSigningKey(seeded("mallory %d", i))), must(bls.NewSecret(seeded("mallory key %d", i)))
			a := contract.Acceptance{Proposal: pre.Proposal, Commitment: bls.Commitment{A: []bls.G2{}, U: alice.Commitment.U}, Draw: key.SignDraw(pre.Proposal)}
			pre.Parties = append(pre.Parties, contract.Signer{ID: id.ID(), X: key.Public(), Proof: key.ProvePossession(bls.RoleParty, id.ID()), Acceptance: must(envelope.Sign(id, contract.TypeAcceptance, &a))})
			ids, keys, draws = append(ids, id), append(keys, key), append(draws, a.Draw)
		}
		pre.Seed = must(bls.SumHash(draws))
		c := contract.Claim{Preimage: pre}
		minus := scalar(new(big.Int).Neg(new(big.Int).SetBytes(fake.Bytes())))
		for _, key := range keys { // C = x'·H(m') + y'·U
			c.Promises = append(c.Promises, bls.Promise{must(minus.OpenShare(key.SignSession(pre.M()), alice.Commitment.U))})
		}
		if _, err := c.Check(x.algebra); err != nil {
			t.Fatalf("Mallory's claim is valid by the fixed function: %v", err)
		}
		raw := must(envelope.Sign(ids[0], contract.TypeClaim, &c))
		a, err := juror.step(jury.Claim{Now: deadline - 5000, At: deadline - 5000, Request: contract.ClaimRequest{Claim: raw}})
		if err != nil || len(a.Shares) == 0 {
			return false
		}
		var opened contract.Shares
		must(envelope.Open(a.Shares[0], contract.TypeShares, &opened))
		one := scalar(big.NewInt(1))
		yU := must(one.OpenShare(c.Promises[0][0], opened.Shares[0]))
		stolen := must(one.OpenShare(x.claim.Promises[0][0], yU))
		return bls.VerifySession(x.claim.Preimage.Parties[0].X, x.m, stolen) == nil
	}, 2, 1)
}

// TestEndorsementsCarryNoCountersignatures: a corrupt seat pads endorsements
// with countersignatures until the claim just fits a message. The juror that
// takes them can neither write the claim nor pass it on with its own
// endorsement; it must not open either.
func TestEndorsementsCarryNoCountersignatures(t *testing.T) {
	withAndWithout(t, "no countersignatures on endorsements", func(t *testing.T, x *fixture) bool {
		padded := x.endorse(1, 2, 4)
		size := func(e []sxp.Bytes) int {
			return len(must(envelope.Marshal(&contract.ForwardRequest{Claim: x.claim, Endorsements: e})))
		}
		for k := range 93 {
			attributes := map[string]string{}
			for i := range 16 {
				left := sxp.MaxMessage - size(padded) - 130 - 1006*i
				if n := min(left, 1000); n > 0 {
					attributes[string(rune('a'+i))] = strings.Repeat("x", n)
				}
			}
			padded[k%3] = must(envelope.Countersign(must(identity.NewSigningKey(seeded("counter %d", k))), padded[k%3], -1, attributes))
			if sxp.MaxMessage-size(padded) < 160 {
				break
			}
		}
		for n := sxp.MaxMessage - size(padded); n < 0 || n >= 160; {
			t.Fatalf("the padding leaves %d bytes", n)
		}
		s := x.seats[4]
		_, err := x.forward(s, deadline.Add(3*delta), padded...)
		if s.m.Standing(x.m) != "" {
			t.Errorf("the juror is %q without having written or sent anything", s.m.Standing(x.m))
		}
		return sxp.KindOf(err) == sxp.TooLarge // good, and cannot be written or passed on
	}, 2, 5)
}

// TestUpFromTheDeadlineOn: a juror that was down until D, and up from then on,
// has the claim that another accepted long before in time, so that it does not
// vote void.
func TestUpFromTheDeadlineOn(t *testing.T) {
	withAndWithout(t, "repeat often around D", func(_ *testing.T, x *fixture) bool {
		early := deadline - sxp.Time(30*sxp.Minute)
		s, v := x.seats[0], x.seats[1]
		s.m = jury.New(x.config(s))
		x.breakAgain(0)
		s.step(jury.Start{Now: early})
		x.fromParty(s, early)
		up := false
		for now := early; now < deadline.Add(3*delta); now = s.m.Next() {
			s.sent = nil
			s.step(jury.Tick{Now: now})
			if now < deadline {
				continue
			}
			if !up {
				up = true
				x.restart(v, deadline)
				x.breakAgain(1)
			}
			for _, a := range s.sent {
				if f, ok := a.(jury.SendForward); ok {
					v.step(jury.Forward{Now: now.Add(latency), At: now.Add(latency), Request: f.Request})
				}
			}
		}
		x.ask(v, deadline.Add(3*delta))
		return x.bothOutcomes(3)
	}, 2, 3)
}

// TestTrafficOfASilentJuror: a juror that never answers costs each other one a
// few hundred messages in a day, not thousands.
func TestTrafficOfASilentJuror(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	early := deadline - sxp.Time(sxp.Day)
	s.m = jury.New(x.config(s))
	s.step(jury.Start{Now: early})
	x.fromParty(s, early)
	s.step(jury.Delivered{Now: early + 1, M: x.m, Seat: 2, Answer: contract.Answer{M: x.m, Standing: contract.Refused}})
	forwards, first := 0, 0
	for now := early; now < deadline.Add(20*delta); now = s.m.Next() {
		s.step(jury.Tick{Now: now})
		for _, a := range s.sent {
			if f, ok := a.(jury.SendForward); ok {
				forwards++
				if len(f.To) == 2 {
					first++
				}
				if now < early.Add(delta) {
					continue
				}
				if len(f.To) != 1 || f.To[0].Seat != 3 {
					t.Fatalf("a seat that has answered is sent the claim again at %v", now)
				}
			}
		}
		s.sent = nil
	}
	if forwards < 20 || forwards > 220 {
		t.Errorf("%d times in a day the claim is sent, want some 180", forwards)
	}
	if first > 1 {
		t.Errorf("the claim is sent %d times to who has answered", first)
	}
}

// TestUptimeOfAWrongClock: what a clock counted that was set back later does
// not say that the juror was up when the time really came.
func TestUptimeOfAWrongClock(t *testing.T) {
	withAndWithout(t, "forget what a wrong clock counted", func(_ *testing.T, x *fixture) bool {
		s := x.seats[0]
		early := deadline - sxp.Time(5*sxp.Hour)
		s.m, s.disk = jury.New(x.config(s)), map[sxp.Hash][]byte{}
		x.breakAgain(0)
		s.step(jury.Start{Now: early})
		s.step(jury.Tick{Now: deadline - 1000}) // the clock runs ahead
		s.step(jury.Tick{Now: deadline.Add(40 * sxp.Minute)})
		for now := early + 1000; now < deadline-sxp.Time(sxp.Hour); now = now.Add(20 * sxp.Minute) {
			s.step(jury.Tick{Now: now}) // it is right again
		}
		x.restart(s, deadline.Add(5*delta)) // it was down when the time came
		x.breakAgain(0)
		a, _ := x.ask(s, deadline.Add(6*delta))
		return a.Standing == contract.Voided
	}, 2, 3)
}

// TestLateByTheHighWaterMark: a juror whose clock is set back does not take for
// good what was late, and what others have voided.
func TestLateByTheHighWaterMark(t *testing.T) {
	withAndWithout(t, "the high-water mark", func(_ *testing.T, x *fixture) bool {
		x.ask(x.seats[1], deadline.Add(3*delta))
		s := x.seats[0]
		s.step(jury.Tick{Now: deadline.Add(sxp.Hour)})
		x.restart(s, deadline-sxp.Time(2*sxp.Hour))
		x.breakAgain(0)
		x.fromParty(s, deadline-sxp.Time(2*sxp.Hour)+1)
		return x.bothOutcomes(3)
	}, 2, 3)
}

// TestForwardIsBounded: what a juror looks at before it knows of a seat is
// small.
func TestForwardIsBounded(t *testing.T) {
	x := newFixture(t, 2, 3)
	huge := x.claim
	huge.Preimage.Jury = make([]contract.Seat, sxp.MaxJury+1)
	_, err := x.seats[0].step(jury.Forward{Now: deadline, At: deadline, Request: contract.ForwardRequest{Claim: huge}})
	if sxp.KindOf(err) != sxp.TooLarge {
		t.Errorf("a jury of %d: error %v, want toolarge", len(huge.Preimage.Jury), err)
	}
	stranger := x.claim
	stranger.Preimage.Jury = stranger.Preimage.Jury[1:]
	_, err = x.seats[0].step(jury.Forward{Now: deadline, At: deadline, Request: contract.ForwardRequest{Claim: stranger}})
	if sxp.KindOf(err) != sxp.Denied {
		t.Errorf("a jury without this juror: error %v, want denied", err)
	}
}

// TestDamagedRecord: a record whose parts do not fit is refused at once, not
// found out by a panic later.
func TestDamagedRecord(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	x.fromParty(s, deadline)
	type record struct {
		Version      int               `json:"version"`
		M            sxp.Hash          `json:"m"`
		Standing     contract.Standing `json:"standing"`
		Endorsed     bool              `json:"endorsed"`
		Seat         int               `json:"seat"`
		Claim        *contract.Claim   `json:"claim,omitempty"`
		Endorsements []sxp.Bytes       `json:"endorsements"`
		Shares       []sxp.Bytes       `json:"shares"`
		Void         sxp.Bytes         `json:"void"`
		Until        sxp.Time          `json:"until"`
		At           sxp.Time          `json:"at"`
		Jury         int               `json:"jury"`
		Parties      int               `json:"parties"`
		Deadline     sxp.Time          `json:"deadline"`
		Decides      sxp.Time          `json:"decides"`
		Unpassed     bool              `json:"unpassed,omitempty"`
	}
	for name, damage := range map[string]func(*record){
		"no seat":       func(r *record) { r.Seat = 0 },
		"a seat beyond": func(r *record) { r.Seat = 4 },
		"no own shares": func(r *record) { r.Shares[0] = nil },
		"fewer places":  func(r *record) { r.Shares = r.Shares[:2] },
	} {
		var r record
		if err := envelope.Unmarshal(s.disk[x.m], &r); err != nil {
			t.Fatal(err)
		}
		damage(&r)
		if err := jury.New(x.config(s)).Restore(x.m, must(envelope.Marshal(&r))); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%s: error %v, want invalid", name, err)
		}
	}
}

// FuzzRequests: whatever a node decodes, its juror does not panic, and answers
// an error or one reply.
func FuzzRequests(f *testing.F) {
	x := newFixture(f, 2, 3)
	x.algebra = memo.Algebra(memo.New(4096), x.algebra) // what fuzzing leaves as it was costs no pairing again
	f.Add(must(envelope.Marshal(&contract.ForwardRequest{Claim: x.claim, Endorsements: x.endorse(2)})))
	f.Add(must(envelope.Marshal(&contract.ClaimRequest{Claim: must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))})))
	f.Add(must(envelope.Marshal(&contract.QueryRequest{M: x.m, Preimage: &x.claim.Preimage, Seen: x.endorse(1)})))
	f.Add(must(envelope.Marshal(&contract.SharesRequest{Shares: x.endorse(1)})))
	f.Add(must(envelope.Marshal(&contract.Answer{M: x.m, Standing: contract.Refused})))
	now := deadline.Add(3 * delta)
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := x.seats[0]
		s.m = jury.New(x.config(s))
		s.step(jury.Start{Now: deadline - 1000})
		var events []jury.Event
		var claim contract.ClaimRequest
		if envelope.Unmarshal(raw, &claim) == nil {
			events = append(events, jury.Claim{Now: deadline, At: deadline, Request: claim})
		}
		var forward contract.ForwardRequest
		if envelope.Unmarshal(raw, &forward) == nil {
			events = append(events, jury.Forward{Now: deadline, At: deadline, Request: forward})
		}
		var shares contract.SharesRequest
		if envelope.Unmarshal(raw, &shares) == nil {
			events = append(events, jury.Shares{Now: deadline, At: deadline, Request: shares})
		}
		var query contract.QueryRequest
		if envelope.Unmarshal(raw, &query) == nil {
			events = append(events, jury.Query{Now: now, At: now, Request: query})
		}
		for _, ev := range events {
			acts, err := s.m.Step(ev)
			replies := 0
			for _, a := range acts {
				if _, ok := a.(jury.Reply); ok {
					replies++
				}
			}
			if err == nil && replies != 1 || err != nil && replies != 0 {
				t.Errorf("%T: %d replies, error %v", ev, replies, err)
			}
		}
		var answer contract.Answer
		if envelope.Unmarshal(raw, &answer) == nil {
			x.fromParty(s, deadline)
			_, _ = s.m.Step(jury.Delivered{Now: now, M: x.m, Seat: 2, Answer: answer})
		}
		_ = s.m.Restore(uptimeOf(s), raw)
	})
}
