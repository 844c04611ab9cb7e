package contract_test

import (
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
)

// wordsOf are a juror's void and endorsement of one session.
func wordsOf(key *identity.SigningKey, m sxp.Hash) (void, endorsement []byte) {
	return must(envelope.Sign(key, contract.TypeVoid, &contract.Void{M: m})), must(envelope.Sign(key, contract.TypeEndorse, &contract.Endorse{M: m}))
}

// TestConvictedByItsOwnWords: a record that counts a fault holds the proof that
// it names, about that juror; another is refused before it is signed.
func TestConvictedByItsOwnWords(t *testing.T) {
	key, other := must(identityOf("conduct", 0)), must(identityOf("conduct", 1))
	m := sxp.Hash{7}
	void, endorsement := wordsOf(key, m)
	raw := must(contract.SignConduct(other, &contract.ConductReport{M: m, Words: []sxp.Bytes{void, endorsement}}))
	got, words, err := contract.OpenConduct(raw)
	if err != nil || got != m || len(words) != 2 || !words[0].Void || words[1].Void || words[0].Juror != key.ID() {
		t.Fatalf("%+v, %v", words, err)
	}
	for _, pair := range [][2]int{{0, 1}, {1, 0}} {
		if f, ok := contract.Contradiction(words[pair[0]], words[pair[1]]); !ok || f.By != key.ID() {
			t.Errorf("%v: not convicted", pair)
		}
	}
	if _, ok := contract.Contradiction(words[0], words[0]); ok {
		t.Error("one word contradicts itself")
	}
	elsewhere, _ := wordsOf(key, sxp.Hash{8})
	if _, ok := contract.Contradiction(contract.JurorWord{Juror: key.ID(), Void: true, Raw: elsewhere}, words[1]); ok {
		t.Error("words about two sessions contradict each other")
	}
	fault, _ := contract.Contradiction(words[0], words[1])
	record := func(change func(r *contract.JurorRecord)) error {
		r := contract.JurorRecord{ID: key.ID(), Conduct: contract.Conduct{Since: 1}}
		r.Convict(fault)
		change(&r)
		return r.Check(worldStart)
	}
	if err := record(func(*contract.JurorRecord) {}); err != nil {
		t.Errorf("a proved fault: %v", err)
	}
	for name, change := range map[string]func(r *contract.JurorRecord){
		"no proof":            func(r *contract.JurorRecord) { r.Fault = nil },
		"of another juror":    func(r *contract.JurorRecord) { r.ID = other.ID() },
		"another proof":       func(r *contract.JurorRecord) { r.Conduct.Proof[0] ^= 1 },
		"a proof of no fault": func(r *contract.JurorRecord) { r.Fault.Raw[1] = r.Fault.Raw[0] },
	} {
		if err := record(change); err == nil {
			t.Errorf("%s: the record passes", name)
		}
		fault, _ = contract.Contradiction(words[0], words[1]) // a change may have reached it
	}
}

// TestUpIsAnswered: only the juror's signature over this question counts.
func TestUpIsAnswered(t *testing.T) {
	key, other := must(identityOf("conduct", 0)), must(identityOf("conduct", 1))
	raw := must(contract.SignUp(key, sxp.Hash{1}, worldStart))
	if at, err := contract.OpenUp(raw, key.ID(), sxp.Hash{1}); err != nil || at != worldStart {
		t.Errorf("%v, %v", at, err)
	}
	if _, err := contract.OpenUp(raw, key.ID(), sxp.Hash{2}); err == nil {
		t.Error("an answer to another question counts")
	}
	if _, err := contract.OpenUp(raw, other.ID(), sxp.Hash{1}); err == nil {
		t.Error("another's answer counts")
	}
}

// FuzzConduct: what a stranger sends as conduct, a word for a juror or an answer
// does not panic, and what opens is signed by who it says.
func FuzzConduct(f *testing.F) {
	key := must(identityOf("conduct", 0))
	m := sxp.Hash{7}
	void, endorsement := wordsOf(key, m)
	y := must(bls.NewSecret(seeded("conduct key"))).PublicG1()
	f.Add(must(contract.SignConduct(key, &contract.ConductReport{M: m, Words: []sxp.Bytes{void, endorsement}})))
	f.Add(must(contract.SignVouch(key, contract.Vouch{Juror: key.ID(), Y: y, Until: worldStart})))
	f.Add(must(contract.SignUp(key, m, worldStart)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if got, words, err := contract.OpenConduct(raw); err == nil {
			if len(words) == 0 || len(words) > contract.MaxWords {
				t.Errorf("%d words", len(words))
			}
			for _, w := range words {
				if _, ok := contract.Contradiction(w, w); ok {
					t.Error("one word convicts")
				}
			}
			if got.IsZero() && len(raw) == 0 {
				t.Error("nothing is a report")
			}
		}
		if v, who, err := contract.OpenVouch(raw); err == nil && (who.IsZero() || v.Y == (bls.G1{})) {
			t.Errorf("%v vouches for %v", who, v.Juror)
		}
		if _, err := contract.OpenUp(raw, key.ID(), m); err == nil && must(envelope.Parse(raw)).Signer != key.ID() {
			t.Error("another answers for a juror")
		}
	})
}
