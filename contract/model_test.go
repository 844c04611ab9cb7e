package contract_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
)

// TestProposalRules lists what a proposal may not be, whoever reads it.
func TestProposalRules(t *testing.T) {
	w := worldOf(t, 3, 3)
	for name, c := range map[string]struct {
		change func(*contract.Proposal)
		want   error
	}{
		"as it is":                    {func(*contract.Proposal) {}, nil},
		"one party":                   {func(p *contract.Proposal) { p.Parties = p.Parties[:1] }, sxp.TooLarge},
		"one person twice":            {func(p *contract.Proposal) { p.Parties[1] = p.Parties[0] }, sxp.Invalid},
		"a party that gives nothing":  {func(p *contract.Proposal) { p.Terms.Transfers[1].From = 0 }, nil},
		"a party that gets nothing":   {func(p *contract.Proposal) { p.Terms.Transfers[1].To = 0 }, nil},
		"a chain from a gift":         {func(p *contract.Proposal) { p.Terms.Transfers = p.Terms.Transfers[:2] }, nil},
		"a party in no transfer":      {func(p *contract.Proposal) { p.Terms.Transfers = p.Terms.Transfers[:1] }, sxp.Invalid},
		"no transfers":                {func(p *contract.Proposal) { p.Terms.Transfers = nil }, sxp.Invalid},
		"a source of no contract":     {func(p *contract.Proposal) { p.Terms.Transfers[0].Source = &market.Source{Transfer: 1} }, sxp.Invalid},
		"a market that is not listed": {func(p *contract.Proposal) { p.Terms.Transfers[0].Market = sxp.ID{5} }, sxp.Invalid},
		"a market twice": {func(p *contract.Proposal) {
			p.Terms.Markets = []contract.MarketTerms{{Market: sxp.ID{5}, Name: "Here"}, {Market: sxp.ID{5}, Name: "Here"}}
		}, sxp.Invalid},
		"a market without a name": {func(p *contract.Proposal) { p.Terms.Markets = []contract.MarketTerms{{Market: sxp.ID{5}}} }, sxp.Invalid},
		"a market that hides text": {func(p *contract.Proposal) {
			p.Terms.Markets = []contract.MarketTerms{{Market: sxp.ID{5}, Name: "a\u200bb"}}
		}, sxp.Invalid},
		"the levy of a market is wrong": {func(p *contract.Proposal) {
			p.Terms.Markets = []contract.MarketTerms{{Market: sxp.ID{5}, Name: "Here", Policy: market.Policy{Levies: []market.Levy{{}}}}}
		}, sxp.Invalid},
		"found at a market not listed": {func(p *contract.Proposal) {
			p.Market = sxp.ID{6}
			p.Terms.Markets = []contract.MarketTerms{{Market: sxp.ID{5}, Name: "Here"}}
		}, sxp.Invalid},
		"a transfer to oneself":           {func(p *contract.Proposal) { p.Terms.Transfers[1].To = 1 }, sxp.Invalid},
		"a transfer to a stranger":        {func(p *contract.Proposal) { p.Terms.Transfers[1].To = 3 }, sxp.Invalid},
		"a transfer from nobody":          {func(p *contract.Proposal) { p.Terms.Transfers[1].From = -1 }, sxp.Invalid},
		"a transfer without a date":       {func(p *contract.Proposal) { p.Terms.Transfers[0].Due = 0 }, sxp.Invalid},
		"a transfer due before the deal":  {func(p *contract.Proposal) { p.Terms.Transfers[0].Due = worldStart - 1 }, sxp.Invalid},
		"no title":                        {func(p *contract.Proposal) { p.Terms.Title = "" }, sxp.Invalid},
		"a title of two lines":            {func(p *contract.Proposal) { p.Terms.Title = "a\nb" }, sxp.Invalid},
		"text that runs backwards":        {func(p *contract.Proposal) { p.Terms.Notes = "pay \u202e001" }, sxp.Invalid},
		"text with terminal commands":     {func(p *contract.Proposal) { p.Terms.Breach = "\x1b[2J" }, sxp.Invalid},
		"an endless clause":               {func(p *contract.Proposal) { p.Terms.Law = strings.Repeat("x", contract.MaxClause+1) }, sxp.TooLarge},
		"t = f":                           {func(p *contract.Proposal) { p.T = p.F }, sxp.Invalid},
		"t > n − f":                       {func(p *contract.Proposal) { p.T = p.N - p.F + 1 }, sxp.Invalid},
		"no jury":                         {func(p *contract.Proposal) { p.N, p.T, p.F = 0, 0, 0 }, sxp.Invalid},
		"a notary of three":               {func(p *contract.Proposal) { p.Mode = contract.Notary }, sxp.Invalid},
		"a mode of the future":            {func(p *contract.Proposal) { p.Mode = "telepathic" }, sxp.Unsupported},
		"attempt 0":                       {func(p *contract.Proposal) { p.Attempt = 0 }, sxp.Invalid},
		"no Δ":                            {func(p *contract.Proposal) { p.Delta = 0 }, sxp.Invalid},
		"a deadline that leaves no time":  {func(p *contract.Proposal) { p.Deadline = p.Created.Add(p.L + p.Epsilon + p.Patience) }, sxp.Invalid},
		"a deadline beyond all calendars": {func(p *contract.Proposal) { p.Deadline = math.MaxInt64 - 1 }, sxp.Invalid},
		"no roll":                         {func(p *contract.Proposal) { p.Roll = sxp.Hash{} }, sxp.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.p.Proposal
			p.Parties, p.Terms.Transfers = slices.Clone(p.Parties), slices.Clone(p.Terms.Transfers)
			c.change(&p)
			if _, err := contract.SignProposal(w.people[0].id, &p); !errors.Is(err, c.want) {
				t.Errorf("SignProposal: error %v, want %v", err, c.want)
			}
			// A stranger's program may sign it all the same.
			raw, err := envelope.Sign(w.people[0].id, contract.TypeProposal, &p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := contract.OpenProposal(raw); !errors.Is(err, c.want) {
				t.Errorf("OpenProposal: error %v, want %v", err, c.want)
			}
		})
	}
}

// TestTextIsWhatTheTermsSay: a proposal whose words differ from its terms is
// invalid.
func TestTextIsWhatTheTermsSay(t *testing.T) {
	w := worldOf(t, 2, 1)
	p := w.p.Proposal
	p.Terms.Text = strings.Replace(p.Terms.Text, "thing of 1", "thing of 2", 1)
	raw := must(envelope.Sign(w.people[0].id, contract.TypeProposal, &p))
	if _, err := contract.OpenProposal(raw); !errors.Is(err, sxp.Invalid) {
		t.Errorf("another text: error %v, want invalid", err)
	}
}

// TestRenderingOfEveryKind fixes the words of a mixed contract: an item and a
// part payment for a service and a right (requirements 59 to 63).
func TestRenderingOfEveryKind(t *testing.T) {
	w := worldOf(t, 2, 1, func(p *contract.Proposal) {
		due := worldStart.Add(sxp.Day)
		p.Terms = contract.Terms{
			Title: "Lessons for a bicycle", Notes: "Alice may bring a friend.\nPARTIES\nNobody else.", Breach: "Who does not deliver owes 20 EUR.", Conflict: "A friend of both decides.", Law: "Austria.",
			Transfers: []contract.Transfer{
				{Item: market.Item{Kind: market.Good, Title: "road bike", Text: "used\nblue", Attributes: map[string]string{"size": "56", "brand": "none"}, Place: "Vienna"}, From: 0, To: 1, Due: due, Delivery: "Bob fetches it."},
				{Item: market.Item{Kind: market.Money, Title: "part payment", Quantity: "10.5", Currency: "EUR"}, From: 0, To: 1, Due: due},
				{Item: market.Item{Kind: market.Service, Title: "maths lessons", Quantity: "3", Unit: "h", Duration: 3 * sxp.Hour}, From: 1, To: 0, Due: due},
				{Item: market.Item{Kind: market.Right, Title: "a seat in the concert"}, From: 1, To: 0, Due: due},
			},
		}
	})
	compare(t, "testdata/mixed-contract.txt", w.p.Terms.Text)
}

// TestDraw: the rules of the seats, and that every juror can be drawn.
func TestDraw(t *testing.T) {
	w := worldOf(t, 2, 3)
	party := w.people[0].id.ID()
	tribe := sxp.ID{7}
	entries := make([]contract.RollEntry, 9)
	for i := range entries {
		entries[i] = contract.RollEntry{ID: sxp.ID{byte(i + 1), 1}, Address: "a"}
	}
	entries[0].Operator = party        // a party's own juror
	entries[1].Operator = sxp.ID{3, 1} // run by juror 3
	for i := 3; i < 6; i++ {
		entries[i].Tribes = []sxp.ID{tribe}
	}
	roll := &contract.OpenedRoll{Roll: contract.Roll{Entries: entries}}
	p := *w.p
	p.N, p.F, p.T = 5, 2, 3
	seen := map[sxp.ID]int{}
	for i := range 400 {
		seats, err := contract.Draw(roll, &p, sxp.Hash{byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		again, _ := contract.Draw(roll, &p, sxp.Hash{byte(i), byte(i >> 8)})
		if !slices.Equal(seats, again) {
			t.Fatal("one seed gives two juries")
		}
		inTribe, byThree := 0, 0
		for _, s := range seats {
			seen[s.ID]++
			switch s.ID[0] {
			case 1:
				t.Fatal("a party's own juror was drawn")
			case 2, 3:
				byThree++
			case 4, 5, 6:
				inTribe++
			}
		}
		if inTribe > p.F || byThree > 1 {
			t.Fatalf("%d jurors of one tribe and %d of one operator, at most %d and 1 are allowed", inTribe, byThree, p.F)
		}
	}
	for i := 1; i < 9; i++ {
		if n := seen[entries[i].ID]; n < 60 {
			t.Errorf("juror %d was drawn %d times in 400", i+1, n)
		}
	}
	p.N, p.F, p.T = 7, 3, 4
	if _, err := contract.Draw(roll, &p, sxp.Hash{}); err != nil {
		t.Errorf("seven of eight with one pair of one operator: %v", err)
	}
	p.N, p.F, p.T = 9, 4, 5
	if _, err := contract.Draw(roll, &p, sxp.Hash{}); !errors.Is(err, sxp.NotFound) {
		t.Errorf("more seats than the roll can give: error %v, want notfound", err)
	}
}

// TestPreimageRefuses: what a juror refuses in a session, by what was done to
// it. Each case re-signs what it must, as a corrupt party would.
func TestPreimageRefuses(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	good := s.parties[0].m.Preimage()
	if _, err := good.Check(w.algebra); err != nil {
		t.Fatal(err)
	}
	accept := func(i int, change func(*contract.Acceptance)) []byte {
		a := must(contract.OpenAcceptance(good.Parties[i].Acceptance, good.Parties[i].ID, good.Proposal))
		change(a)
		return must(envelope.Sign(w.people[i].id, contract.TypeAcceptance, a))
	}
	for name, change := range map[string]func(p *contract.Preimage){
		"t = f":                      func(p *contract.Preimage) { p.T = p.F },
		"two seats of one juror":     func(p *contract.Preimage) { p.Jury[1] = p.Jury[0] },
		"a copied contract key":      func(p *contract.Preimage) { p.Parties[1].X, p.Parties[1].Proof = p.Parties[0].X, p.Parties[0].Proof },
		"a key without proof":        func(p *contract.Preimage) { p.Parties[1].Proof = p.Parties[0].Proof },
		"another's juror key":        func(p *contract.Preimage) { p.Jury[1].ID = sxp.ID(w.issuer.ID()) },
		"Y without its Z":            func(p *contract.Preimage) { p.Jury[1].Z = p.Jury[0].Z },
		"another seed":               func(p *contract.Preimage) { p.Seed[0] ^= 1 },
		"an acceptance of the other": func(p *contract.Preimage) { p.Parties[1].Acceptance = p.Parties[0].Acceptance },
		"an acceptance of another proposal": func(p *contract.Preimage) {
			p.Parties[1].Acceptance = accept(1, func(a *contract.Acceptance) { a.Proposal = sxp.Hash{1} })
		},
		"a seat whose share is worthless": func(p *contract.Preimage) {
			// p(1) = x + a_1 = 0: the key's negative is A_1.
			p.Parties[1].Acceptance = accept(1, func(a *contract.Acceptance) { a.Commitment.A[0] = negative(p.Parties[1].X) })
		},
		"a draw share chosen to fit": func(p *contract.Preimage) {
			p.Parties[1].Acceptance = accept(1, func(a *contract.Acceptance) { a.Draw = bls.G1(w.people[1].secret.SignSession(sxp.Hash{9})) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := *good
			p.Parties, p.Jury = slices.Clone(p.Parties), slices.Clone(p.Jury)
			change(&p)
			if _, err := p.Check(w.algebra); !errors.Is(err, sxp.Invalid) {
				t.Errorf("Check: error %v, want invalid", err)
			}
		})
	}
}

// negative returns −X: in the compressed form only the sign bit differs.
func negative(x bls.G2) bls.G2 {
	x[0] ^= 0x20
	return x
}

func TestRisk(t *testing.T) {
	for _, c := range []struct {
		n, f     int
		attempts int
		want     float64
	}{{3, 1, 1, 0.104}, {15, 7, 1, 0.0042}, {51, 25, 1, 8e-7}, {3, 1, 2, 0.208}} {
		if got := contract.Risk(c.n, c.f, 0.2, c.attempts); !(math.Abs(got-c.want) <= c.want/10) { // NaN is near nothing
			t.Errorf("Risk(%d, %d, 0.2, %d) = %.3g, want %.3g", c.n, c.f, c.attempts, got, c.want)
		}
	}
}

// TestNoJuryStaysNone: a roll that gives no jury gives none the second time
// either; a session without jurors would wait for ever.
func TestNoJuryStaysNone(t *testing.T) {
	t.Parallel()
	s := newSim(worldOf(t, 2, 3), simOptions{watcher: true})
	s.run(s.end())
	for i, p := range s.parties {
		if first, second := p.m.JurorlessForTest(); !errors.Is(first, sxp.NotFound) || !errors.Is(second, sxp.NotFound) {
			t.Errorf("party %d: %v, then %v; want %v twice", i, first, second, sxp.NotFound)
		}
	}
}

// TestRiskAtItsEnds: nobody corrupt and everybody corrupt are probabilities too.
func TestRiskAtItsEnds(t *testing.T) {
	for _, c := range []struct {
		n, f          int
		corrupt, down float64
		want          float64
	}{{1, 0, 0, 0, 0}, {1, 0, 1, 0, 1}, {15, 7, 0, 0, 0}, {15, 7, 1, 0, 1}, {15, 7, 0, 1, 1}, {15, 7, 0.2, 1, 1}, {15, 7, 1, 1, 1}, {3, 3, 1, 1, 0}} {
		if got := contract.RiskAway(c.n, c.f, c.corrupt, c.down, 1); got != c.want {
			t.Errorf("RiskAway(%d, %d, %g, %g) = %g, want %g", c.n, c.f, c.corrupt, c.down, got, c.want)
		}
	}
}

// TestRiskAway: the figures of docs/limits-and-caveats.md, and what a roll tells
// of its jurors' absence.
func TestRiskAway(t *testing.T) {
	for _, c := range []struct {
		n, f int
		down float64
		want float64
	}{
		{3, 1, 0, 0.104}, {3, 1, 0.01, 0.112}, {15, 7, 0.01, 0.0055}, {31, 15, 0.01, 1.4e-4}, {51, 25, 0.01, 1.8e-6},
		{3, 1, 0.05, 0.145}, {15, 7, 0.05, 0.0135}, {51, 25, 0.05, 2.9e-5}, {3, 1, 1, 1},
	} {
		if got := contract.RiskAway(c.n, c.f, 0.2, c.down, 1); !(math.Abs(got-c.want) <= c.want/10) {
			t.Errorf("RiskAway(%d, %d, 0.2, %g) = %.3g, want %.3g", c.n, c.f, c.down, got, c.want)
		}
	}
	for _, c := range []struct {
		asked, up int
		down      float64
		known     bool
	}{
		{0, 0, contract.UsualDown, false}, {499, 499, contract.UsualDown, false}, {498, 0, contract.UsualDown, false},
		{998, 998, 0.001, true}, {9998, 9899, 0.01, true}, {998, 0, 0.999, true},
	} {
		w := contract.RollWorth{Asked: c.asked, Up: c.up}
		if down, known := w.Down(); math.Abs(down-c.down) > 1e-9 || known != c.known {
			t.Errorf("asked %d times, up %d: away %g, known %v; want %g, %v", c.asked, c.up, down, known, c.down, c.known)
		}
	}
}

// TestNotary: one juror completes every contract, and nobody releases.
func TestNotary(t *testing.T) {
	w := worldOf(t, 2, 1, func(p *contract.Proposal) { p.Mode = contract.Notary })
	for _, silent := range []bool{false, true} {
		o := simOptions{}
		if silent {
			o.party = map[int]fate{1: stopAfter(5)} // vanishes once it has promised
		}
		s := newSim(w, o)
		s.run(s.end())
		s.check(t, "notary")
		if s.parties[0].phase() != contract.PhaseDone || s.toJurors == 0 || len(s.parties[0].sigmaTo) != 0 {
			t.Errorf("party 1 is %s after %d messages to the notary and %d releases", s.parties[0].phase(), s.toJurors, len(s.parties[0].sigmaTo))
		}
	}
	s := newSim(w, simOptions{party: map[int]fate{1: stopAfter(3)}})
	s.run(s.end())
	if ph := s.parties[0].phase(); ph != contract.PhaseVoid {
		t.Errorf("without the other's promise: %s, want void", ph)
	}
}

// TestAttemptsAreCounted: after two failures among the same people an agent
// refuses to try again.
func TestAttemptsAreCounted(t *testing.T) {
	w := worldOf(t, 2, 1)
	ledger := contract.NewLedger()
	for i, c := range []struct {
		about   string
		attempt int
		want    error
	}{
		{"the first", 1, nil},
		{"a second that calls itself the first", 1, sxp.Denied},
		{"the second", 2, nil},
		{"a third that calls itself the second", 2, sxp.Denied},
	} {
		p := w.propose(1, func(p *contract.Proposal) { p.Attempt, p.Nonce = c.attempt, market.Nonce{byte(i + 1)} })
		cfg := contract.Config{Algebra: w.algebra, Keys: w.keys(0), Ledger: ledger, Limits: w.limits()}
		s := must(contract.NewSession(cfg, p, w.roll))
		if _, err := s.Step(contract.Decide{Now: worldStart, Accept: true}); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.about, err, c.want)
		}
	}
}
