package jury_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/contract/memo"
	"sxp/envelope"
)

// TestWhenAClaimIsGood: k endorsements of distinct other seats are good until
// D + kΔ, k at most f+1.
func TestWhenAClaimIsGood(t *testing.T) {
	for name, c := range map[string]struct {
		endorsed []int // seats; 3 is the juror itself
		at       sxp.Time
		want     contract.Standing
		err      error
	}{
		"at D":                                   {nil, deadline, contract.Completed, nil},
		"after D":                                {nil, deadline + 1, contract.Refused, nil},
		"one endorsement at D+Δ":                 {[]int{1}, deadline.Add(delta), contract.Completed, nil},
		"one endorsement after D+Δ":              {[]int{1}, deadline.Add(delta) + 1, contract.Refused, nil},
		"one seat twice counts once":             {[]int{1, 1}, deadline.Add(delta) + 1, contract.Refused, nil},
		"two at D+2Δ":                            {[]int{1, 2}, deadline.Add(2 * delta), contract.Completed, nil},
		"its own does not count":                 {[]int{1, 3}, deadline.Add(delta) + 1, contract.Refused, nil},
		"three count as f+1":                     {[]int{1, 2, 4}, deadline.Add(2*delta) + 1, contract.Completed, nil},
		"four count as f+1":                      {[]int{1, 2, 4, 5}, deadline.Add(3*delta) + 1, contract.Refused, nil},
		"only its own, without a party's name":   {[]int{3}, deadline, "", sxp.Denied},
		"more endorsements than there are seats": {[]int{1, 2, 4, 5, 1, 2}, deadline, "", sxp.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newFixture(t, 2, 5) // f = 2
			s := x.seats[2]
			var a contract.Answer
			var err error
			if c.endorsed == nil {
				a, err = x.fromParty(s, c.at)
			} else {
				a, err = x.forward(s, c.at, x.endorse(c.endorsed...)...)
			}
			if !errors.Is(err, c.err) || a.Standing != c.want {
				t.Errorf("answer %q %q, error %v; want %q, %v", a.Standing, a.Reason, err, c.want, c.err)
			}
		})
	}
}

// TestOrderOfAcceptance: the write comes first, then the endorsement to all
// others, then the answer, which waits until they were told.
func TestOrderOfAcceptance(t *testing.T) {
	x := newFixture(t, 2, 3)
	raw := must(envelope.Sign(x.parties[1], contract.TypeClaim, &x.claim))
	acts, err := x.seats[0].m.Step(jury.Claim{Now: deadline, At: deadline, Request: contract.ClaimRequest{Claim: raw}})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, a := range acts {
		order = append(order, fmt.Sprintf("%T", a))
	}
	if want := []string{"jury.Save", "jury.SendForward", "jury.Reply"}; !slices.Equal(order, want) {
		t.Fatalf("actions %v, want %v", order, want)
	}
	f := acts[1].(jury.SendForward)
	if len(f.To) != 2 || len(f.Request.Endorsements) != 1 {
		t.Errorf("the claim goes to %d jurors with %d endorsements, want 2 and 1", len(f.To), len(f.Request.Endorsements))
	}
	reply := acts[2].(jury.Reply)
	if !reply.Hold {
		t.Error("the answer leaves before the claim was passed on")
	}
	answer := reply.Answer
	box := must(contract.NewCollector(x.algebra, &x.claim.Preimage))
	if _, fresh, err := box.AddShares(answer.Shares[0]); err != nil || !fresh {
		t.Errorf("the answered shares: %v", err)
	}
}

// TestJuryCompletes: one claim at one juror opens the shares of all, and t of
// them complete the contract.
func TestJuryCompletes(t *testing.T) {
	x := newFixture(t, 3, 5)
	if a, err := x.fromParty(x.seats[0], deadline); err != nil || a.Standing != contract.Completed {
		t.Fatalf("the first claim: %+v, %v", a, err)
	}
	for _, s := range x.seats {
		x.deliver(s, deadline.Add(latency))
	}
	for _, s := range x.seats {
		x.deliver(s, deadline.Add(2*latency))
	}
	a, err := x.seats[4].step(jury.Query{Now: deadline.Add(sxp.Day), At: deadline.Add(sxp.Day), Request: contract.QueryRequest{M: x.m}})
	if err != nil || len(a.Shares) < 4 {
		t.Fatalf("seat 5 holds the shares of %d jurors, error %v; the answer should outlive disks", len(a.Shares), err)
	}
	box := must(contract.NewCollector(x.algebra, &x.claim.Preimage))
	for _, raw := range a.Shares[:3] {
		if _, _, err := box.AddShares(raw); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := box.Recover(); err != nil {
		t.Errorf("three of five shares do not complete: %v", err)
	}
}

// TestInvalidClaimBlocksNothing: a wrong claim is refused, and the right one
// accepted after it.
func TestInvalidClaimBlocksNothing(t *testing.T) {
	x := newFixture(t, 2, 3)
	right := x.claim.Promises[1]
	wrong := slices.Clone(right)
	wrong[2] = wrong[1] // not seat 1's own column
	x.claim.Promises[1] = wrong
	for _, s := range x.seats {
		if a, err := x.fromParty(s, deadline-1); err != nil || a.Standing != contract.Refused {
			t.Errorf("a claim with a wrong promise: %+v, %v", a, err)
		}
	}
	x.claim.Promises[1] = right
	if a, err := x.fromParty(x.seats[0], deadline); err != nil || a.Standing != contract.Completed {
		t.Errorf("the right claim after it: %+v, %v", a, err)
	}
}

// TestRulesMatter: a corrupt seat 3 and its friends use the absence of a rule;
// with the rule they cannot.
func TestRulesMatter(t *testing.T) {
	for rule, c := range map[string]struct {
		run    func(x *fixture)
		broken func(x *fixture) bool
	}{
		// The corrupt seat endorses, hands the claim to seat 1 at the last
		// moment, and has asked seat 2 before it can hear of it.
		"void only after D + (f+1)Δ": {func(x *fixture) {
			x.forward(x.seats[0], deadline.Add(delta), x.endorse(3)...)
			x.ask(x.seats[1], deadline.Add(delta)+1)
			x.deliver(x.seats[0], deadline.Add(2*delta))
		}, func(x *fixture) bool { return x.bothOutcomes(3) }},

		// Seat 2 is down while seat 1's endorsement goes round.
		"abstain after an outage": {func(x *fixture) {
			x.forward(x.seats[0], deadline.Add(delta), x.endorse(3)...)
			x.restart(x.seats[1], deadline.Add(2*delta)+1)
			x.breakAgain(1)
			x.ask(x.seats[1], deadline.Add(3*delta))
		}, func(x *fixture) bool { return x.bothOutcomes(3) }},

		// Seat 2 accepts, loses its disk, and is asked with its own endorsement.
		"never void what was endorsed": {func(x *fixture) {
			x.fromParty(x.seats[0], deadline)
			x.fromParty(x.seats[1], deadline)
			clear(x.seats[1].disk)
			x.seats[1].disk[uptimeOf(x.seats[0])] = x.seats[0].disk[uptimeOf(x.seats[0])]
			x.restart(x.seats[1], deadline-1)
			x.breakAgain(1)
			x.ask(x.seats[1], deadline.Add(3*delta), x.endorse(2)...)
		}, func(x *fixture) bool { return x.bothOutcomes(3) }},

		// Seats 1 and 2 void; seat 1 loses its disk, its clock is set back, and
		// it is shown its own void with the claim.
		"never open what was voided": {func(x *fixture) {
			x.ask(x.seats[0], deadline.Add(3*delta))
			x.ask(x.seats[1], deadline.Add(3*delta))
			void := must(envelope.Sign(x.seats[0], contract.TypeVoid, &contract.Void{M: x.m}))
			clear(x.seats[0].disk)
			x.restart(x.seats[0], deadline-1)
			x.breakAgain(0)
			x.ask(x.seats[0], deadline-1, void)
			x.fromParty(x.seats[0], deadline)
		}, func(x *fixture) bool { return x.seats[0].m.Standing(x.m) == contract.Completed }},

		// Seat 2 would rather not open this session.
		"nothing local decides": {func(x *fixture) {
			x.forward(x.seats[0], deadline.Add(delta), x.endorse(3)...)
			x.deliver(x.seats[0], deadline.Add(delta+latency))
			x.ask(x.seats[1], deadline.Add(3*delta))
		}, func(x *fixture) bool { return x.bothOutcomes(3) }},

		// Bob's promise is right for seats 1 and 3 only.
		"check all equations": {func(x *fixture) {
			x.claim.Promises[1] = slices.Clone(x.claim.Promises[1])
			x.claim.Promises[1][1] = x.claim.Promises[1][0]
			x.fromParty(x.seats[0], deadline)
		}, func(x *fixture) bool { return x.seats[0].m.Standing(x.m) == contract.Completed }},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			for _, broken := range []string{"", rule} {
				x := newFixture(t, 2, 3)
				x.broken = broken
				for j := range 2 {
					if j == 1 || rule != "nothing local decides" {
						x.breakAgain(j)
					}
				}
				c.run(x)
				if got := c.broken(x); got != (broken != "") {
					t.Errorf("rule off %v: broken %v; seats stand %q, %q", broken != "", got, x.seats[0].m.Standing(x.m), x.seats[1].m.Standing(x.m))
				}
			}
		})
	}
}

// TestTinyDeltaSplitsTheJury is why agents refuse a Δ below what jurors keep:
// with a Δ shorter than the way from juror to juror, the corrupt seat gets t
// shares and honest people do not.
func TestTinyDeltaSplitsTheJury(t *testing.T) {
	for _, c := range []struct {
		delay sxp.Duration
		split bool
	}{{delta / 2, false}, {delta + 1, true}} {
		x := newFixture(t, 2, 3)
		x.forward(x.seats[0], deadline.Add(delta), x.endorse(3)...)
		x.deliver(x.seats[0], deadline.Add(delta+c.delay))
		if got := x.disagree(3); got != c.split {
			t.Errorf("messages take %v with Δ %v: split %v, want %v, or this test shows nothing", c.delay, delta, got, c.split)
		}
	}
}

// TestCrashesAfterEveryWrite: a juror that crashes after any write goes on from
// its disk, and says nothing else than before.
func TestCrashesAfterEveryWrite(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	x.fromParty(s, deadline)
	x.restart(s, deadline)
	if len(s.sent) != 1 {
		t.Errorf("after a restart %d messages are repeated, want the claim", len(s.sent))
	}
	s.step(jury.Tick{Now: deadline.Add(delta)})
	x.restart(s, deadline.Add(delta+1))
	if len(s.sent) != 2 {
		t.Errorf("restarted once the claim was passed on, %d messages are repeated, want the claim and the shares", len(s.sent))
	}
	a, err := x.ask(s, deadline.Add(3*delta))
	if err != nil || a.Standing != contract.Completed || len(a.Shares) == 0 {
		t.Errorf("accepted, restarted, asked: %+v, %v", a, err)
	}
	v := x.seats[1]
	first, _ := x.ask(v, deadline.Add(3*delta))
	x.restart(v, deadline.Add(4*delta))
	second, _ := x.ask(v, deadline.Add(4*delta))
	if first.Standing != contract.Voided || !slices.Equal(first.Void, second.Void) {
		t.Errorf("voided, restarted, asked: %q then %q", first.Standing, second.Standing)
	}
	if a, _ := x.forward(v, deadline, x.endorse(3)...); a.Standing != contract.Voided {
		t.Errorf("a claim after the own void: %q, want voided", a.Standing)
	}
}

// TestOpensOnlyWhatWasPassedOn: a juror that dies between its endorsement and
// its messages to the others, with all f seats corrupt. If it opened when it is
// back, they would complete in secret what the rest of the jury voids.
func TestOpensOnlyWhatWasPassedOn(t *testing.T) {
	const rule = "open only what was passed on"
	for _, broken := range []string{"", rule} {
		x := newFixture(t, 2, 3)
		x.broken = broken
		s := x.seats[0]
		raw := must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))
		acts := must(s.m.Step(jury.Claim{Now: deadline, At: deadline, Request: contract.ClaimRequest{Claim: raw}}))
		for _, a := range acts { // it dies before any message leaves: the answer is held back
			switch a := a.(type) {
			case jury.Save:
				s.disk[a.Key] = a.Value
			case jury.Reply:
				if !a.Hold {
					t.Error("the shares leave before the claim")
				}
			}
		}
		late := deadline.Add(3 * delta)
		if a, err := x.ask(x.seats[1], late); err != nil || a.Standing != contract.Voided {
			t.Fatalf("who heard of no claim: %q, %v", a.Standing, err)
		}
		s.m, s.sent = jury.New(x.config(s)), nil
		for k, v := range s.disk {
			if err := s.m.Restore(k, v); err != nil {
				t.Fatal(err)
			}
		}
		x.breakAgain(0)
		s.step(jury.Start{Now: late})
		a, err := x.ask(s, late)
		if err != nil {
			t.Fatal(err)
		}
		if opens := len(a.Shares) > 0; opens != (broken == rule) {
			t.Errorf("rule off %q: back after the others voided, it answers %q with %d shares", broken, a.Standing, len(a.Shares))
		}
		if both := x.bothOutcomes(3); both != (broken == rule) {
			t.Errorf("rule off %q: t shares beside t voids: %v", broken, both)
		}
		if broken != "" {
			continue
		}
		x.restart(s, late.Add(delta))
		if b, _ := x.ask(s, late.Add(delta)); b.Standing != a.Standing {
			t.Errorf("after another restart it answers %q instead of %q", b.Standing, a.Standing)
		}
	}
}

// TestNobodyOpensAfterALongQueue: a claim that came in time and was served too
// late to be passed on. Somebody who can keep one juror busy, by filing others
// before it, would have this juror's share beside f corrupt ones and t voids.
func TestNobodyOpensAfterALongQueue(t *testing.T) {
	for _, c := range []struct {
		broken string
		wait   sxp.Duration
		opens  bool
	}{{"", delta / 2, true}, {"", delta/2 + 1, false}, {"open only what was passed on", 3 * delta, true}, {"", 3 * delta, false}} {
		x := newFixture(t, 2, 3)
		x.broken = c.broken
		x.breakAgain(0)
		s := x.seats[0]
		raw := must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))
		served := deadline.Add(c.wait)
		if _, err := s.step(jury.Claim{Now: served, At: deadline, Request: contract.ClaimRequest{Claim: raw}}); err != nil {
			t.Fatal(err)
		}
		x.deliver(s, served.Add(latency))
		late := deadline.Add(4 * delta)
		if _, err := x.ask(x.seats[1], late); err != nil {
			t.Fatal(err)
		}
		a, err := x.ask(s, late)
		if opens := len(a.Shares) > 0; err != nil || opens != c.opens {
			t.Errorf("rule off %q, served after %v: opens %v, %v; want %v", c.broken, c.wait, opens, err, c.opens)
		}
		if both := x.bothOutcomes(3); both != (c.broken != "") {
			t.Errorf("rule off %q, served after %v: t shares beside t voids: %v", c.broken, c.wait, both)
		}
	}
	// With f+1 endorsements one is of an honest juror, which has passed it on.
	x := newFixture(t, 2, 3)
	if a, err := x.seats[0].step(jury.Forward{Now: deadline.Add(9 * delta), At: deadline.Add(2 * delta), Request: contract.ForwardRequest{Claim: x.claim, Endorsements: x.endorse(2, 3)}}); err != nil || a.Standing != contract.Completed {
		t.Errorf("with f+1 endorsements, served late: %q, %v", a.Standing, err)
	}
}

// TestOtherJurorsGetNoEarlyShares: whoever passes on a claim learns the shares
// only when all others have heard of it, or Δ/4 later.
func TestOtherJurorsGetNoEarlyShares(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	if a, err := x.forward(s, deadline, x.endorse(3)...); err != nil || a.Standing != contract.Completed || len(a.Shares) != 0 {
		t.Fatalf("at once: %q with %d shares, %v", a.Standing, len(a.Shares), err)
	}
	s.step(jury.Delivered{Now: deadline.Add(1), M: x.m, Seat: 3, Answer: contract.Answer{M: x.m, Standing: contract.Completed}})
	s.step(jury.Tick{Now: deadline.Add(delta/4 - 1)})
	if a, _ := x.forward(s, deadline.Add(delta/4-1), x.endorse(3)...); len(a.Shares) != 0 {
		t.Error("the shares are open while a juror has not answered")
	}
	s.sent = nil
	s.step(jury.Tick{Now: deadline.Add(delta / 4)})
	if a, _ := x.forward(s, deadline.Add(delta/4), x.endorse(3)...); len(a.Shares) != 1 || len(s.sent) == 0 {
		t.Errorf("after Δ/4: %d shares, %d messages", len(a.Shares), len(s.sent))
	}
}

// TestAnswersForEver: long after the exchange the claim is dropped, the shares
// are not.
func TestAnswersForEver(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	x.fromParty(s, deadline)
	s.step(jury.Tick{Now: deadline.Add(delta)})
	before := len(s.disk[x.m])
	late := deadline.Add(30 * sxp.Day)
	s.step(jury.Tick{Now: late})
	if after := len(s.disk[x.m]); after >= before/2 {
		t.Errorf("the record has %d bytes, before the end of the exchange %d", after, before)
	}
	x.restart(s, late)
	a, err := s.step(jury.Query{Now: late, At: late, Request: contract.QueryRequest{M: x.m}})
	if err != nil || len(a.Shares) != 1 {
		t.Errorf("asked a month later: %d shares, %v", len(a.Shares), err)
	}
}

// TestQuestions: what a juror answers before and without a claim.
func TestQuestions(t *testing.T) {
	x := newFixture(t, 2, 3)
	s := x.seats[0]
	if a, err := x.ask(s, deadline.Add(2*delta)); err != nil || a.Standing != contract.Waiting {
		t.Errorf("at D+(f+1)Δ: %q, %v; want waiting", a.Standing, err)
	}
	if _, err := s.step(jury.Query{Now: deadline.Add(3 * delta), At: deadline.Add(3 * delta), Request: contract.QueryRequest{M: x.m}}); !errors.Is(err, sxp.NotFound) {
		t.Errorf("without the preimage: %v, want notfound", err)
	}
	pre := x.claim.Preimage
	if _, err := s.step(jury.Query{Now: deadline.Add(3 * delta), At: deadline.Add(3 * delta), Request: contract.QueryRequest{M: sxp.Hash{1}, Preimage: &pre}}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("with another's preimage: %v, want invalid", err)
	}
	pre.Jury = pre.Jury[1:]
	pre.F, pre.T = 0, 1
	if _, err := s.step(jury.Query{Now: deadline.Add(3 * delta), At: deadline.Add(3 * delta), Request: contract.QueryRequest{M: pre.M(), Preimage: &pre}}); !errors.Is(err, sxp.Denied) {
		t.Errorf("of a jury it is not in: %v, want denied", err)
	}
	if a, err := x.ask(s, deadline.Add(2*delta)+1); err != nil || a.Standing != contract.Voided {
		t.Errorf("after D+(f+1)Δ: %q, %v; want voided", a.Standing, err)
	}
}

// TestUptime: which gaps and clocks let a juror vote.
func TestUptime(t *testing.T) {
	const gap = 3_600_000
	for name, c := range map[string]struct {
		events []jury.Event
		want   contract.Standing
	}{
		"up throughout":                     {nil, contract.Voided},
		"a short silence":                   {[]jury.Event{jury.Tick{Now: deadline + gap - 10_000}}, contract.Voided},
		"a silence that is an outage":       {[]jury.Event{jury.Tick{Now: deadline + gap}}, contract.Abstains},
		"a clock set forward":               {[]jury.Event{jury.Tick{Now: deadline - 9000}, jury.Tick{Now: deadline + 2*gap}}, contract.Abstains},
		"a clock set forward and back":      {[]jury.Event{jury.Tick{Now: deadline + 2*gap}, jury.Tick{Now: deadline}}, contract.Abstains},
		"a clock that steps back a little":  {[]jury.Event{jury.Tick{Now: deadline - 5000}, jury.Tick{Now: deadline - 5100}}, contract.Voided},
		"a restart before the window":       {[]jury.Event{jury.Start{Now: deadline - 1}}, contract.Voided},
		"a restart within the window":       {[]jury.Event{jury.Start{Now: deadline + 1}}, contract.Abstains},
		"a restart after the whole window":  {[]jury.Event{jury.Tick{Now: deadline + 3000}, jury.Start{Now: deadline + 4000}}, contract.Voided},
		"a restart with an earlier clock":   {[]jury.Event{jury.Tick{Now: deadline - 5000}, jury.Start{Now: deadline - 9000}}, contract.Voided},
		"a restart with a clock far behind": {[]jury.Event{jury.Tick{Now: deadline + 500}, jury.Start{Now: deadline - 9000}}, contract.Abstains},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newFixture(t, 2, 1)
			for _, ev := range c.events {
				x.seats[0].step(ev)
			}
			at := deadline + 2*gap + 20_000
			for now := deadline + 5000; now < at; now += gap / 2 {
				x.seats[0].step(jury.Tick{Now: now})
			}
			if a, err := x.ask(x.seats[0], at); err != nil || a.Standing != c.want {
				t.Errorf("%q %q, %v; want %q", a.Standing, a.Reason, err, c.want)
			}
		})
	}
}

// TestQueue: relayed claims overtake; a question waits for claims before it.
func TestQueue(t *testing.T) {
	var q jury.Queue[int]
	for i, ev := range []jury.Event{jury.Claim{}, jury.Query{}, jury.Forward{}, jury.Claim{}, jury.Shares{}} {
		if err := q.Push(ev, i); err != nil {
			t.Fatal(err)
		}
	}
	var got []int
	for {
		_, tag, ok := q.Pop()
		if !ok {
			break
		}
		got = append(got, tag)
	}
	if want := []int{2, 4, 0, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("served in the order %v, want %v", got, want)
	}
	for range jury.MaxOutside {
		if err := q.Push(jury.Claim{}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Push(jury.Query{}, 0); err != nil {
		t.Errorf("a question beside as many claims as can wait: %v", err)
	}
	if err := q.Push(jury.Claim{}, 0); !errors.Is(err, sxp.Busy) {
		t.Errorf("a claim beyond the limit: %v, want busy", err)
	}
	if err := q.Push(jury.Forward{}, 0); err != nil {
		t.Errorf("a relayed claim beyond the limit: %v", err)
	}
}

// FuzzRecord: a record has one encoding.
func FuzzRecord(f *testing.F) {
	x := newFixture(f, 2, 1)
	x.algebra = memo.Algebra(memo.New(4096), x.algebra) // what fuzzing leaves as it was costs no pairing again
	x.fromParty(x.seats[0], deadline)
	for _, v := range x.seats[0].disk {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		j := jury.New(jury.Config{Algebra: x.algebra, Keys: x.seats[0]})
		_ = j.Restore(x.m, raw) // must not panic
	})
}

// BenchmarkClaim measures one juror's whole work on a claim of N = 3.
func BenchmarkClaim(b *testing.B) {
	for _, n := range []int{1, 15, 51} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			x := newFixture(b, 3, n)
			raw := must(envelope.Sign(x.parties[0], contract.TypeClaim, &x.claim))
			b.ReportMetric(float64(len(raw)), "claim-bytes")
			for b.Loop() {
				s := x.seats[0]
				s.m = jury.New(x.config(s))
				if a, err := s.step(jury.Claim{Now: deadline, At: deadline, Request: contract.ClaimRequest{Claim: raw}}); err != nil || a.Standing != contract.Completed {
					b.Fatal(a, err)
				}
			}
		})
	}
}
