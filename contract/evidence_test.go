package contract_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/evidence"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/market"
)

// bundleOf is what a party's machine holds, as an agent hands it over.
func bundleOf(m *contract.Session) evidence.Bundle {
	b := evidence.Bundle{Messages: m.Kept()}
	if file, err := m.File(); err == nil {
		b.File = file
	}
	if pre := m.Preimage(); pre != nil {
		b.Session = must(envelope.Marshal(pre))
	}
	for _, f := range m.View().Faults {
		b.Faults = append(b.Faults, must(envelope.Marshal(&f)))
	}
	return b
}

// honest is an honest run of two with three jurors, over.
func honest(t testing.TB, extra ...func(*contract.Proposal)) (*world, *sim) {
	w := worldOf(t, 2, 3, extra...)
	s := newSim(w, simOptions{watcher: true})
	s.run(s.end())
	return w, s
}

// dice are what many equations are made one by.
func dice() io.Reader { return seeded("evidence") }

func broke(r *evidence.Report) (kinds []contract.FaultKind) {
	for _, b := range r.Broken {
		kinds = append(kinds, b.Kind)
	}
	return kinds
}

func saidBy(r *evidence.Report, typ envelope.Type) (n int) {
	for _, l := range r.Said {
		if l.Type == typ {
			n++
		}
	}
	return n
}

// TestEvidenceOfAContract: what a party holds after an honest run proves that
// all signed and promised, and convicts nobody. There is one file for it.
func TestEvidenceOfAContract(t *testing.T) {
	t.Parallel()
	_, s := honest(t)
	b := bundleOf(s.parties[0].m)
	file := must(evidence.Build(dice(), b))
	r := must(evidence.Open(dice(), file))
	if r.Outcome != evidence.OutcomeContract || len(r.Broken) != 0 || saidBy(r, contract.TypeAcceptance) != 2 || saidBy(r, contract.TypeClaim) != 1 {
		t.Errorf("the honest contract is %+v", r)
	}
	if !slices.ContainsFunc(r.Unproven, func(s string) bool { return strings.HasPrefix(s, "Silence.") }) {
		t.Errorf("silence is not said to be unproven: %q", r.Unproven)
	}
	slices.Reverse(b.Messages)
	b.Messages = append(b.Messages, b.Messages...)
	if again := must(evidence.Build(dice(), b)); !bytes.Equal(again, file) {
		t.Error("the same messages in another order, and twice, give another file")
	}
}

// TestEvidenceOfAVoid: the certificate proves what the jury did, and says that
// it does not exclude a contract.
func TestEvidenceOfAVoid(t *testing.T) {
	t.Parallel()
	w := worldOf(t, 2, 3)
	s := newSim(w, simOptions{watcher: true, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
		return latency, contract.TypeOf(raw) != contract.TypePromise
	}})
	s.run(s.end())
	r := must(evidence.Open(dice(), must(evidence.Build(dice(), bundleOf(s.parties[0].m)))))
	if s.parties[0].phase() != contract.PhaseVoid || r.Outcome != evidence.OutcomeVoid || saidBy(r, contract.TypeVoid) == 0 {
		t.Errorf("party is %s, the evidence %+v", s.parties[0].phase(), r)
	}
	if !slices.ContainsFunc(r.Unproven, func(s string) bool { return strings.HasPrefix(s, "That no contract exists") }) {
		t.Errorf("the certificate is said to prove more than it does: %q", r.Unproven)
	}
}

// TestEvidenceConvicts: a wrong message among what was kept convicts its author
// by name of the rule, a wrong one that convicts nobody is left out, and a
// fault that is not one, or of another signing, spoils the file.
func TestEvidenceConvicts(t *testing.T) {
	t.Parallel()
	h := historyOf(worldOf(t, 2, 3))
	bob, juror := h.w.people[1].id, h.w.jurors[h.pre.Jury[1].ID]
	promise := forge(h, bob, contract.TypePromise, func(p *contract.Promise) { p.Points = slices.Clone(p.Points); p.Points[2] = p.Points[0] })
	void := must(envelope.Sign(juror, contract.TypeVoid, &contract.Void{M: h.pre.M()}))
	opened := h.said[juror.ID()][contract.TypeShares]
	encode := func(f contract.Fault) sxp.Bytes { return must(envelope.Marshal(&f)) }
	b := bundleOf(h.sim.parties[0].m)
	b.Messages = append(b.Messages, promise,
		must(envelope.Sign(bob, contract.TypeEndorse, &contract.Endorse{M: h.pre.M()})))
	b.Faults = append(b.Faults,
		encode(contract.Fault{Kind: contract.FaultContradiction, By: juror.ID(), Raw: raws([][]byte{void, opened})}),
		encode(contract.Fault{Kind: contract.FaultTwice, By: bob.ID(), Raw: raws([][]byte{h.said[bob.ID()][contract.TypePromise], promise})}))
	r := must(evidence.Open(dice(), must(evidence.Build(dice(), b))))
	got := broke(r)
	slices.Sort(got)
	if want := []contract.FaultKind{contract.FaultContradiction, contract.FaultPromise, contract.FaultTwice}; !slices.Equal(got, want) {
		t.Errorf("convicted of %v, want %v", got, want)
	}
	for _, x := range r.Broken {
		if want := map[bool]string{true: "juror 2", false: "party 2 (Bob)"}[x.By == juror.ID()]; x.Who != want {
			t.Errorf("%s is blamed for %s, want %s", x.Who, x.Kind, want)
		}
	}
	if saidBy(r, contract.TypeEndorse) != 0 {
		t.Error("an endorsement by a party is shown")
	}
	alice := h.w.people[0].id
	stranger := must(identityOf("stranger", 1))
	for name, f := range map[string]contract.Fault{
		"framed":     {Kind: contract.FaultTwice, By: alice.ID(), Raw: raws([][]byte{h.said[bob.ID()][contract.TypePromise], promise})},
		"innocent":   {Kind: contract.FaultPromise, By: bob.ID(), Raw: raws([][]byte{h.said[bob.ID()][contract.TypePromise]})},
		"not theirs": {Kind: contract.FaultTwice, By: stranger.ID(), Raw: raws([][]byte{must(envelope.Sign(stranger, contract.TypePromise, &contract.Promise{Proposal: h.w.p.Digest})), must(envelope.Sign(stranger, contract.TypePromise, &contract.Promise{Proposal: h.w.p.Digest, M: sxp.Hash{1}}))})},
		"elsewhere":  {Kind: contract.FaultTwice, By: bob.ID(), Raw: raws([][]byte{must(envelope.Sign(bob, contract.TypePromise, &contract.Promise{Proposal: sxp.Hash{1}})), must(envelope.Sign(bob, contract.TypePromise, &contract.Promise{Proposal: sxp.Hash{1}, M: sxp.Hash{1}}))})},
	} {
		bad := bundleOf(h.sim.parties[0].m)
		bad.Faults = append(bad.Faults, encode(f))
		if _, err := evidence.Build(dice(), bad); !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: somebody is convicted: %v", name, err)
		}
	}
}

// TestEvidenceIsWhole: no byte of a file can be changed, nothing can hide in
// it, and parts of two signings do not go together.
func TestEvidenceIsWhole(t *testing.T) {
	t.Parallel()
	_, s := honest(t)
	b := bundleOf(s.parties[0].m)
	file := must(evidence.Build(dice(), b))
	for i := 0; i < len(file); i += 1 + i%13 {
		bad := bytes.Clone(file)
		bad[i] ^= 0x20
		if _, err := evidence.Open(dice(), bad); err == nil {
			t.Fatalf("byte %d of %d was changed, and the file opens", i, len(file))
		}
	}
	for name, bad := range map[string][]byte{"a tail": append(bytes.Clone(file), 0), "a head": append([]byte("PK\x03\x04"), file...), "an end": file[:len(file)-1], "nothing": nil} {
		if _, err := evidence.Open(dice(), bad); err == nil {
			t.Errorf("a file with %s opens", name)
		}
	}
	if _, err := evidence.Open(dice(), squeezed(file)); !errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), "compressed") {
		t.Errorf("a compressed file: %v", err)
	}
	_, other := honest(t, func(p *contract.Proposal) { p.Nonce = market.Nonce{9} })
	mixed := b
	mixed.File = bundleOf(other.parties[0].m).File
	if _, err := evidence.Build(dice(), mixed); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a contract file of another signing: %v", err)
	}
	mixed = b
	mixed.Session = bundleOf(other.parties[0].m).Session
	if _, err := evidence.Build(dice(), mixed); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a session of another signing: %v", err)
	}
	none := b
	none.Messages = slices.DeleteFunc(slices.Clone(b.Messages), func(m sxp.Bytes) bool { return contract.TypeOf(m) == contract.TypeProposal })
	if _, err := evidence.Build(dice(), none); !errors.Is(err, sxp.Invalid) {
		t.Errorf("no proposal: %v", err)
	}
}

// squeezed is the same folder, compressed.
func squeezed(file []byte) []byte {
	in := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		must(io.Copy(must(w.Create(f.Name)), must(f.Open())))
	}
	must(0, w.Close())
	return out.Bytes()
}

// ratingOf is what a party of a complete session says of another.
func ratingOf(w *world, s *sim, by, about int, at sxp.Time, kept bool) *rating.Opened {
	v := s.parties[by].m.View()
	r := &rating.Rating{M: v.M, S: v.S, About: w.people[about].id.ID(), Published: at}
	for i, p := range w.p.Parties {
		r.Cards = append(r.Cards, p.Card)
		for j, x := range w.p.Terms.Transfers {
			if i == about && x.From == about {
				r.Marks = append(r.Marks, rating.Mark{Transfer: j + 1, Kept: kept})
			}
		}
	}
	return must(rating.Open(must(rating.Sign(w.people[by].id, r))))
}

// TestOnlyPartiesRate: a rating proves that its author and who it is about made
// one contract; nobody else can make one, also not by another signature,
// another's card, or of oneself.
func TestOnlyPartiesRate(t *testing.T) {
	t.Parallel()
	w, s := honest(t)
	good := ratingOf(w, s, 0, 1, 1000, false)
	report := must(contract.Verify(must(s.parties[0].m.File())))
	if err := good.Of(report); err != nil {
		t.Errorf("a rating does not fit its contract: %v", err)
	}
	stranger := newPerson("Mallory")
	sign := func(by envelope.Signer, change func(*rating.Rating)) error {
		r := good.Rating
		r.Cards, r.Marks = slices.Clone(r.Cards), slices.Clone(r.Marks)
		change(&r)
		_, err := rating.Sign(by, &r)
		return err
	}
	alice := w.people[0].id
	for name, err := range map[string]error{
		"a stranger":        sign(stranger.id, func(*rating.Rating) {}),
		"a stranger's card": sign(stranger.id, func(r *rating.Rating) { r.Cards[0] = stranger.card }),
		"one more card":     sign(stranger.id, func(r *rating.Rating) { r.Cards = append(r.Cards, stranger.card) }),
		"oneself":           sign(alice, func(r *rating.Rating) { r.About = alice.ID() }),
		"another contract":  sign(alice, func(r *rating.Rating) { r.M[0] ^= 1 }),
		"no marks":          sign(alice, func(r *rating.Rating) { r.Marks = nil }),
		"a mark twice":      sign(alice, func(r *rating.Rating) { r.Marks = append(r.Marks, r.Marks[0]) }),
		"no date":           sign(alice, func(r *rating.Rating) { r.Published = 0 }),
		"hidden text":       sign(alice, func(r *rating.Rating) { r.Text = "a\u202eb" }),
	} {
		if !errors.Is(err, sxp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := *good
	wrong.Marks = []rating.Mark{{Transfer: len(w.p.Terms.Transfers) + 1}}
	if err := wrong.Of(report); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a mark of a transfer that is not there: %v", err)
	}
	if _, err := rating.SignReply(alice, good, rating.Reply{Text: "no", At: 5}); !errors.Is(err, sxp.Denied) {
		t.Errorf("somebody else replies: %v", err)
	}
	reply := must(rating.SignReply(w.people[1].id, good, rating.Reply{Text: "it was all there", At: 2000}))
	b := bundleOf(s.parties[0].m)
	b.Messages = append(b.Messages, must(rating.Sign(alice, &good.Rating)), reply)
	r := must(evidence.Open(dice(), must(evidence.Build(dice(), b))))
	if line := r.Timeline(); saidBy(r, rating.Type) != 1 || line[len(line)-1].Type != rating.TypeReply {
		t.Errorf("the evidence ends with %+v", line[len(line)-1])
	}
}

// TestRatingsAreCounted: later ratings replace earlier ones, contracts and
// people are counted once, and a complaint that was answered is disputed.
func TestRatingsAreCounted(t *testing.T) {
	t.Parallel()
	w, s := honest(t)
	_, again := honest(t, func(p *contract.Proposal) { p.Nonce = market.Nonce{9} })
	bob := w.people[1].id.ID()
	bad, good := ratingOf(w, s, 0, 1, 1000, false), ratingOf(w, s, 0, 1, 2000, true)
	second := ratingOf(w, again, 0, 1, 1500, false)
	for i, c := range []struct {
		all     []*rating.Opened
		replied map[sxp.Hash]bool
		want    string
	}{
		{nil, nil, "nobody has rated a contract of theirs"},
		{[]*rating.Opened{bad}, nil, "1 contract rated by 1 person: 1 broken"},
		{[]*rating.Opened{bad}, map[sxp.Hash]bool{bad.Digest: true}, "1 contract rated by 1 person: 1 disputed"},
		{[]*rating.Opened{good, bad, good}, nil, "1 contract rated by 1 person: 1 kept"},
		{[]*rating.Opened{good, bad, second}, nil, "2 contracts rated by 1 person: 1 kept, 1 broken"},
	} {
		if got := rating.Count(bob, c.all, c.replied).String(); got != c.want {
			t.Errorf("case %d: %q, want %q", i, got, c.want)
		}
	}
}

// FuzzEvidence: no file makes Open fail otherwise than by an error, and what
// opens is what Build would write.
func FuzzEvidence(f *testing.F) {
	_, s := honest(f)
	f.Add(must(evidence.Build(dice(), bundleOf(s.parties[0].m))))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, file []byte) {
		if r, err := evidence.Open(dice(), file); (r == nil) == (err == nil) {
			t.Errorf("report %v with error %v", r, err)
		}
	})
}

// FuzzRating: no bytes make Open fail otherwise than by an error.
func FuzzRating(f *testing.F) {
	w, s := honest(f)
	good := ratingOf(w, s, 0, 1, 1000, false)
	f.Add([]byte(must(rating.Sign(w.people[0].id, &good.Rating))))
	f.Add([]byte(must(rating.SignReply(w.people[1].id, good, rating.Reply{Text: "no", At: 5}))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := rating.Open(raw); (r == nil) == (err == nil) {
			t.Errorf("rating %v with error %v", r, err)
		}
		if r, err := rating.OpenReply(raw, good); (r == nil) == (err == nil) {
			t.Errorf("reply %v with error %v", r, err)
		}
	})
}
