package contract_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/vectors"
)

// tribeID and operatorID name others than the jurors.
func tribeID(i int) sxp.ID    { return sxp.ID{0xaa, byte(i + 1)} }
func operatorID(i int) sxp.ID { return sxp.ID{0xbb, byte(i >> 8), byte(i)} }

// A listed juror of a roll that is not signed: draws do not look at keys.
type listed struct {
	operator int // 0: itself
	tribes   []int
	proven   bool
	faults   int
}

func rollOf(rule contract.DrawRule, all ...listed) *contract.OpenedRoll {
	r := &contract.OpenedRoll{Digest: sxp.Hash{9}}
	r.Number, r.Issued = 1, worldStart
	if rule != contract.DrawByLot {
		r.Draw = rule
	}
	for i, l := range all {
		e := contract.RollEntry{ID: sxp.ID{1, byte(i >> 8), byte(i)}, Address: fmt.Sprint(i), Conduct: contract.Conduct{Since: worldStart - 1, Asked: 1, Faults: l.faults}}
		if l.operator > 0 {
			e.Operator = operatorID(l.operator)
		}
		if l.proven {
			e.Conduct = contract.Conduct{Since: worldStart.Add(-14 * sxp.Day), Asked: 500, Up: 450, Faults: l.faults}
		}
		for _, t := range l.tribes {
			e.Tribes = append(e.Tribes, tribeID(t))
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// jurySize is a proposal that asks for nothing but n jurors.
func jurySize(n int) *contract.OpenedProposal {
	p := new(contract.OpenedProposal)
	p.N = n
	p.F, p.T = contract.DefaultFaults(n)
	return p
}

func seatIndex(s contract.Seat) int { return int(s.ID[1])<<8 | int(s.ID[2]) }

func seedNumber(i int) sxp.Hash { return sxp.Sum([]byte(fmt.Sprint("seed ", i))) }

// repeat lists k jurors of a kind.
func repeat(k int, l listed) []listed {
	out := make([]listed, k)
	for i := range out {
		out[i] = l
	}
	return out
}

// TestStrataAreSpread: of every tribe a jury by strata has as many as its
// share, to within one seat; by lot it may have far more.
func TestStrataAreSpread(t *testing.T) {
	all := slices.Concat(repeat(30, listed{tribes: []int{0}}), repeat(20, listed{tribes: []int{1}}), repeat(10, listed{}))
	p := jurySize(15)
	worst := map[contract.DrawRule]float64{}
	for _, rule := range []contract.DrawRule{contract.DrawByLot, contract.DrawByStrata} {
		r := rollOf(rule, all...)
		for i := range 300 {
			count := map[int]float64{}
			for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
				switch k := seatIndex(s); {
				case k < 30:
					count[0]++
				case k < 50:
					count[1]++
				default:
					count[2]++
				}
			}
			for k, share := range map[int]float64{0: 7.5, 1: 5, 2: 2.5} {
				worst[rule] = max(worst[rule], math.Abs(count[k]-share))
			}
		}
	}
	// The strata share one threshold, so rounding moves a stratum by less than 2.
	if worst[contract.DrawByStrata] >= 2 {
		t.Errorf("by strata a tribe is off its share by %.1f seats", worst[contract.DrawByStrata])
	}
	if worst[contract.DrawByLot] < 2 {
		t.Errorf("by lot no tribe is off its share by more than %.1f: this test shows nothing", worst[contract.DrawByLot])
	}
}

// TestStrataAreFair: who is in a small tribe, in a large one or in none is
// seated as often as its share says.
func TestStrataAreFair(t *testing.T) {
	all := slices.Concat(repeat(12, listed{tribes: []int{0}}), repeat(10, listed{tribes: []int{1, 2}}), repeat(1, listed{tribes: []int{3}}), repeat(17, listed{}))
	r, p := rollOf(contract.DrawByStrata, all...), jurySize(7)
	const draws = 4000
	got := make([]int, len(all))
	for i := range draws {
		for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
			got[seatIndex(s)]++
		}
	}
	want := float64(draws) * 7 / float64(len(all))
	for i, k := range got {
		// Five standard deviations of a binomial, and a tenth for rounding and caps.
		if dev := math.Abs(float64(k) - want); dev > 5*math.Sqrt(want)+want/10 {
			t.Errorf("juror %d sat %d times of %d draws, want about %.0f", i, k, draws, want)
		}
	}
}

// TestManyJurorsOfOneOperator: who runs thirty of sixty nodes is drawn as often
// as who runs one. By lot it has a seat nearly always.
func TestManyJurorsOfOneOperator(t *testing.T) {
	all := slices.Concat(repeat(30, listed{operator: 1}), repeat(30, listed{}))
	seated := map[contract.DrawRule]int{}
	const draws = 1000
	for _, rule := range []contract.DrawRule{contract.DrawByLot, contract.DrawByStrata} {
		r, p := rollOf(rule, all...), jurySize(3)
		for i := range draws {
			for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
				if seatIndex(s) < 30 {
					seated[rule]++
				}
			}
		}
	}
	want := draws * 3 / 31
	if k := seated[contract.DrawByStrata]; k < want/2 || k > want*2 {
		t.Errorf("by strata the operator of 30 nodes sat %d times of %d, want about %d", k, draws, want)
	}
	if k := seated[contract.DrawByLot]; k < draws*7/10 {
		t.Errorf("by lot it sat %d times only: this test shows nothing", k)
	}
}

// TestNewJurorsHaveAThird: who enrols many new nodes at once gets a third of
// the seats, unless the others are too few.
func TestNewJurorsHaveAThird(t *testing.T) {
	p := jurySize(15)
	fresh := func(r *contract.OpenedRoll, known int) (most int) {
		for i := range 200 {
			k := 0
			for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
				if seatIndex(s) >= known {
					k++
				}
			}
			most = max(most, k)
		}
		return most
	}
	crowd := slices.Concat(repeat(20, listed{proven: true}), repeat(200, listed{}))
	if k := fresh(rollOf(contract.DrawByStrata, crowd...), 20); k != 5 {
		t.Errorf("with 20 who have a record, the new have up to %d of 15 seats, want 5", k)
	}
	few := slices.Concat(repeat(4, listed{proven: true}), repeat(30, listed{}))
	if k := fresh(rollOf(contract.DrawByStrata, few...), 4); k < 11 || k > 15 {
		t.Errorf("with 4 who have a record the new have up to %d seats", k)
	}
	if k := fresh(rollOf(contract.DrawByLot, crowd...), 20); k <= 5 {
		t.Errorf("by lot the new have at most %d seats: this test shows nothing", k)
	}
	// Where tribes leave no other way, the new have more rather than nobody any.
	tight := slices.Concat(repeat(20, listed{proven: true, tribes: []int{0}}), repeat(20, listed{}))
	seats := must(contract.Draw(rollOf(contract.DrawByStrata, tight...), p, seedNumber(1)))
	if len(seats) != 15 {
		t.Errorf("%d seats", len(seats))
	}
}

// TestProvedFaultsAreNotDrawn keeps jurors out that broke their word.
func TestProvedFaultsAreNotDrawn(t *testing.T) {
	all := slices.Concat(repeat(3, listed{proven: true, faults: 1}), repeat(4, listed{proven: true}))
	r, p := rollOf(contract.DrawByStrata, all...), jurySize(3)
	for i := range 100 {
		for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
			if seatIndex(s) < 3 {
				t.Fatalf("seed %d seats a juror that broke its word", i)
			}
		}
	}
	if _, err := contract.Draw(rollOf(contract.DrawByStrata, all[:5]...), p, seedNumber(1)); sxp.KindOf(err) != sxp.NotFound {
		t.Errorf("two who kept theirs gave a jury of three: %v", err)
	}
}

// TestStrataCorruptCoalition: whatever tribes a corrupt fifth of the operators
// joins or invents, it has more than f seats no more often than Risk says.
func TestStrataCorruptCoalition(t *testing.T) {
	const honest, corrupt, draws = 80, 20, 3000
	p := jurySize(5)
	layouts := map[string]func(i int) []int{
		"no tribes":        func(int) []int { return nil },
		"one of their own": func(i int) []int { return map[bool][]int{true: {9}, false: {i % 4}}[i >= honest] },
		"a tribe for each": func(i int) []int { return map[bool][]int{true: {10 + i - honest}, false: {i % 4}}[i >= honest] },
		"in pairs":         func(i int) []int { return map[bool][]int{true: {10 + (i-honest)/2}, false: {i % 4}}[i >= honest] },
		"among the others": func(i int) []int { return []int{i % 4} },
		"all in one":       func(i int) []int { return map[bool][]int{true: {0}, false: {i % 4}}[i >= honest] },
	}
	risk := contract.Risk(p.N, p.F, float64(corrupt)/(honest+corrupt), 1)
	limit := risk + 4*math.Sqrt(risk*(1-risk)/draws)
	for name, tribes := range layouts {
		var all []listed
		for i := range honest + corrupt {
			all = append(all, listed{tribes: tribes(i)})
		}
		r, bad := rollOf(contract.DrawByStrata, all...), 0
		for i := range draws {
			k := 0
			for _, s := range must(contract.Draw(r, p, seedNumber(i))) {
				if seatIndex(s) >= honest {
					k++
				}
			}
			if k > p.F {
				bad++
			}
		}
		if got := float64(bad) / draws; got > limit {
			t.Errorf("%s: the corrupt have a majority in %.3f of draws, the risk told is %.3f", name, got, risk)
		}
	}
}

// strataWorld is a world of two people whose roll is drawn by strata, with
// real keys and words of tribes.
func strataWorld(t *testing.T, change func(i int, e *contract.RollEntry)) (*world, []byte, error) {
	w := worldOf(t, 2, 3)
	r := w.roll.Roll
	r.Draw, r.Entries = contract.DrawByStrata, slices.Clone(r.Entries)
	for i := range r.Entries {
		e := &r.Entries[i]
		e.Conduct = contract.Conduct{Since: r.Issued.Add(-20 * sxp.Day), Asked: 1000, Up: 990, Cases: 3}
		if i < 2 {
			vouch(e, worldStart, 0)
		}
		if change != nil {
			change(i, e)
		}
	}
	raw, err := contract.SignRoll(w.algebra, w.issuer, &r)
	return w, raw, err
}

// vouch lets tribes of the tests speak for a juror.
func vouch(e *contract.RollEntry, until sxp.Time, tribes ...int) {
	e.Tribes, e.Vouched = nil, nil
	for _, k := range tribes {
		key := must(identityOf("tribe", k))
		e.Tribes = append(e.Tribes, key.ID())
		e.Vouched = append(e.Vouched, wordFor(e, key, until))
	}
}

func wordFor(e *contract.RollEntry, by *identity.SigningKey, until sxp.Time) sxp.Bytes {
	return must(contract.SignVouch(by, contract.Vouch{Juror: e.ID, Y: e.Y, Operator: e.Operator, Until: until}))
}

// operated lets an operator speak for a juror that it runs, and its tribes
// again.
func operated(e *contract.RollEntry, until sxp.Time) {
	key := must(identityOf("operator", 0))
	e.Operator = key.ID()
	var tribes []int
	for k := range 3 {
		if slices.Contains(e.Tribes, must(identityOf("tribe", k)).ID()) {
			tribes = append(tribes, k)
		}
	}
	vouch(e, until, tribes...)
	e.Vouched = slices.Concat([]sxp.Bytes{wordFor(e, key, until)}, e.Vouched)
}

// TestTribesVouch: a roll by strata names no tribe that did not sign for this
// juror and key, now.
func TestTribesVouch(t *testing.T) {
	good := func(i int, e *contract.RollEntry) {
		if vouch(e, worldStart, 0, 1); i == 0 {
			operated(e, worldStart)
		}
	}
	w, raw, err := strataWorld(t, good)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range must(contract.OpenRoll(w.algebra, raw)).Entries {
		tribes := slices.Clone(e.Tribes)
		if !e.ForStrata(worldStart-1000) || !slices.Equal(e.Tribes, tribes) {
			t.Errorf("an entry of a roll is not fit for one: %v", e.Tribes)
		}
		words := slices.Clone(e.Vouched)
		e.Vouched[len(words)-1] = e.Vouched[0]
		if ok := e.ForStrata(worldStart - 1000); !ok || len(e.Tribes) != 1 || len(e.Vouched) != len(words)-1 {
			t.Errorf("a tribe whose word is another's stays: %v, %v", ok, e.Tribes)
		}
		if ok := e.ForStrata(worldStart); ok != e.Operator.IsZero() || len(e.Tribes) != 0 {
			t.Errorf("words that have run out: fit %v, tribes %v", ok, e.Tribes)
		}
	}
	for name, change := range map[string]func(i int, e *contract.RollEntry){
		"a name alone":               func(_ int, e *contract.RollEntry) { e.Vouched = nil; e.Tribes = []sxp.ID{tribeID(1)} },
		"another tribe's":            func(_ int, e *contract.RollEntry) { vouch(e, worldStart, 0); e.Tribes[0] = tribeID(1) },
		"of another juror":           func(_ int, e *contract.RollEntry) { id := e.ID; e.ID[0] ^= 1; vouch(e, worldStart, 0); e.ID = id },
		"of another key":             func(_ int, e *contract.RollEntry) { y := e.Y; e.Y[5] ^= 1; vouch(e, worldStart, 0); e.Y = y },
		"run out":                    func(_ int, e *contract.RollEntry) { vouch(e, worldStart-1000, 0) },
		"said twice":                 func(_ int, e *contract.RollEntry) { vouch(e, worldStart, 0, 0) },
		"an operator's name alone":   func(_ int, e *contract.RollEntry) { e.Operator = operatorID(1) },
		"an operator's word run out": func(_ int, e *contract.RollEntry) { operated(e, worldStart-1000) },
		"the operator's word as a tribe's": func(_ int, e *contract.RollEntry) {
			operated(e, worldStart)
			e.Tribes = []sxp.ID{e.Operator}
			e.Operator = operatorID(1)
		},
		"without a tribe":  func(_ int, e *contract.RollEntry) { vouch(e, worldStart, 0); e.Tribes = nil },
		"up too often":     func(_ int, e *contract.RollEntry) { e.Conduct.Up = e.Conduct.Asked + 1 },
		"a fault unproved": func(_ int, e *contract.RollEntry) { e.Conduct.Faults = 1 },
		"a proof of none":  func(_ int, e *contract.RollEntry) { e.Conduct.Proof = sxp.Hash{1} },
		"from tomorrow":    func(_ int, e *contract.RollEntry) { e.Conduct.Since = worldStart },
		"beyond counting":  func(_ int, e *contract.RollEntry) { e.Conduct.Asked = contract.MaxFigure + 1 },
	} {
		if _, _, err := strataWorld(t, change); err == nil {
			t.Errorf("%s: the roll was signed", name)
		}
	}
	for name, change := range map[string]func(r *contract.Roll){
		"rule 1 is left out":     func(r *contract.Roll) { r.Draw = 1 },
		"rule 3 is not known":    func(r *contract.Roll) { r.Draw = 3 },
		"by lot nobody vouches":  func(r *contract.Roll) { vouch(&r.Entries[0], worldStart, 0) },
		"by lot without conduct": func(r *contract.Roll) { r.Entries[0].Conduct = contract.Conduct{Since: 1} },
	} {
		r := w.roll.Roll
		r.Entries = slices.Clone(r.Entries)
		change(&r)
		raw := must(envelope.Sign(w.issuer, contract.TypeRoll, &r))
		if _, err := contract.OpenRoll(w.algebra, raw); err == nil {
			t.Errorf("%s: the roll was opened", name)
		}
	}
}

// TestRedraw computes the draw of a file again, with the roll in it and with
// one from elsewhere, and sees where it was not followed.
func TestRedraw(t *testing.T) {
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	file := must(s.parties[0].m.File())
	d, err := contract.Redraw(file, nil)
	if err != nil || !d.Matches || len(d.Jury) != 3 || len(d.Parties) != 2 || d.Trace.Rule != contract.DrawByLot {
		t.Fatalf("%+v, %v", d, err)
	}
	seated := 0
	for _, step := range d.Trace.Steps {
		if step.Seat > 0 {
			seated++
			if d.Jury[step.Seat-1] != step.ID {
				t.Errorf("seat %d is %v in the steps, %v in the jury", step.Seat, step.ID, d.Jury[step.Seat-1])
			}
		}
	}
	if seated != 3 {
		t.Errorf("the steps seat %d", seated)
	}
	pre := s.parties[0].m.Preimage()
	sign := func(pre *contract.Preimage) []byte {
		m := pre.M()
		sum := must(bls.Aggregate(m, []bls.G1{w.people[0].secret.SignSession(m), w.people[1].secret.SignSession(m)}))
		return must(contract.Build(w.p, nil, pre, sum))
	}
	bare := sign(pre)
	if _, err := contract.Redraw(bare, nil); sxp.KindOf(err) != sxp.NotFound {
		t.Errorf("without a roll: %v", err)
	}
	if d, err := contract.Redraw(bare, w.roll.Raw); err != nil || !d.Matches {
		t.Errorf("with the roll from elsewhere: %v", err)
	}
	other := w.roll.Roll
	other.Number++
	if _, err := contract.Redraw(bare, must(contract.SignRoll(w.algebra, w.issuer, &other))); sxp.KindOf(err) != sxp.Invalid {
		t.Errorf("with another roll: %v", err)
	}
	wrong := *pre
	wrong.Jury = slices.Clone(pre.Jury)
	wrong.Jury[0], wrong.Jury[1] = wrong.Jury[1], wrong.Jury[0]
	if d, err := contract.Redraw(sign(&wrong), w.roll.Raw); err != nil || d.Matches {
		t.Errorf("a jury in another order matches: %v", err)
	}
	if _, err := contract.Redraw(bytes.ReplaceAll(file, []byte("CONTRACT"), []byte("contract")), nil); err == nil {
		t.Error("a damaged file is drawn again")
	}
}

// TestStrataVectors keeps vectors/contract/draw-strata-*.json, which other
// implementations read too.
func TestStrataVectors(t *testing.T) {
	w := worldOf(t, 2, 3)
	list := w.roll.Roll
	list.Draw, list.Entries = contract.DrawByStrata, nil
	for i := range 14 {
		e := newJuryman(i).entry(fmt.Sprintf("https://juror%d.example", i))
		e.Conduct = contract.Conduct{Since: list.Issued.Add(-20 * sxp.Day), Asked: 1000, Up: 990, Cases: i}
		switch {
		case i < 3:
			vouch(&e, worldStart, 0)
		case i < 6:
			vouch(&e, worldStart, 1, 0)
		case i < 8:
			vouch(&e, worldStart, 2)
		case i < 10:
			vouch(&e, worldStart, 2)
			operated(&e, worldStart)
		case i == 10:
			e.Conduct.Faults, e.Conduct.Proof = 1, sxp.Hash{1}
		default:
			e.Conduct = contract.Conduct{}
		}
		list.Entries = append(list.Entries, e)
	}
	raw := must(contract.SignRoll(w.algebra, w.issuer, &list))
	r := must(contract.OpenRoll(w.algebra, raw))
	p := w.p.Proposal
	p.Roll, p.N = r.Digest, 5
	p.F, p.T = contract.DefaultFaults(p.N)
	proposal := must(contract.SignProposal(w.people[0].id, &p))
	o := must(contract.OpenProposal(proposal))
	for i, name := range []string{"draw-strata-a", "draw-strata-b", "draw-strata-c"} {
		seed := seedNumber(i)
		var ids []string
		for _, seat := range must(contract.Draw(r, o, seed)) {
			ids = append(ids, seat.ID.String())
		}
		v := vectors.Vector{Name: name, Why: "rule 2: the input is the seed; seats are ids in order", Input: seed[:],
			With: map[string]string{"roll": hex.EncodeToString(raw), "proposal": hex.EncodeToString(proposal), "seats": strings.Join(ids, " ")}}
		b := append(must(json.MarshalIndent(v, "", "  ")), '\n')
		file := filepath.Join("../vectors/contract", name+".json")
		if *update {
			if err := os.WriteFile(file, b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(must(os.ReadFile(file)), b) {
			t.Errorf("%s differs: run with -update", file)
		}
	}
}
