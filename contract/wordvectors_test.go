package contract_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/market"
	"sxp/vectors"
)

const rollDir = "../vectors/roll"

// TestRollVectors reads vectors/roll: what tribes, operators and jurors sign
// for a roll (spec/roll.md, "Vectors").
func TestRollVectors(t *testing.T) {
	if *update {
		writeRollVectors(t)
	}
	for name, v := range readFolder(t, rollDir) {
		if err := readWord(name, v, contract.NewAlgebra(seeded("vectors"))); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
}

// readWord reads one message of vectors/roll.
func readWord(name string, v vectors.Vector, a contract.Algebra) error {
	id := func(field string) sxp.ID { return optionalID(v.With[field]) }
	moment := func() sxp.Time { return sxp.Time(must(strconv.ParseInt(v.With["at"], 10, 64))) }
	switch what, _, _ := strings.Cut(name, "-"); what {
	case "vouch":
		e := contract.RollEntry{ID: id("juror"), Operator: id("operator")}
		if err := e.Y.UnmarshalText([]byte(v.With["y"])); err != nil {
			return err
		}
		return e.CheckWordForTest(id("by"), v.Input, moment())
	case "up":
		var nonce sxp.Hash
		if err := nonce.UnmarshalText([]byte(v.With["nonce"])); err != nil {
			return err
		}
		at, err := contract.OpenUp(v.Input, id("juror"), nonce)
		if err != nil || v.With["at"] == "" {
			return err
		}
		return same(v.With["at"], strconv.FormatInt(int64(at), 10))
	case "conduct":
		m, words, err := contract.OpenConduct(v.Input)
		if err != nil || v.With["words"] == "" {
			return err
		}
		said := m.String()
		for _, w := range words {
			said += fmt.Sprintf(" %s %t", w.Juror, w.Void)
		}
		return same(v.With["words"], said)
	case "juror":
		e, err := contract.OpenJuror(v.Input)
		if err != nil {
			return err
		}
		return e.CheckForTest(a)
	case "record":
		var r contract.JurorRecord
		if err := envelope.Unmarshal(v.Input, &r); err != nil {
			return err
		}
		return r.Check(moment())
	}
	return sxp.Errorf("readWord", sxp.Internal, nil, "nobody reads %q", name)
}

func optionalID(text string) sxp.ID {
	if text == "" {
		return sxp.ID{}
	}
	return must(sxp.ParseID(text))
}

// rollKeys sign the messages of vectors/roll.
func rollKeys() (juror, tribe, operator *identity.SigningKey) {
	return must(identityOf("word of juror", 0)), must(identityOf("word of tribe", 0)), must(identityOf("word of operator", 0))
}

func writeRollVectors(t *testing.T) {
	juror, tribe, operator := rollKeys()
	y := must(bls.NewSecret(seeded("word key")))
	until := worldStart.Add(sxp.Day)
	word := contract.Vouch{Juror: juror.ID(), Y: y.PublicG1(), Operator: operator.ID(), Until: until}
	vouch := func(name, why, expect string, raw []byte, with ...string) {
		named := map[string]string{"by": tribe.ID().String(), "juror": juror.ID().String(), "y": word.Y.String(), "operator": operator.ID().String(), "at": "1800000000000"}
		for i := 0; i < len(with); i += 2 {
			named[with[i]] = with[i+1]
		}
		var list []string
		for k, v := range named {
			if v != "" {
				list = append(list, k, v)
			}
		}
		add(t, rollDir, "vouch-"+name, why, expect, raw, list...)
	}
	good := must(contract.SignVouch(tribe, word))
	vouch("valid", "a tribe's word for a juror that an operator runs", "", good)
	vouch("run-out", "a roll that is issued then does not count it", "late", good, "at", strconv.FormatInt(int64(until), 10))
	vouch("another-operator", "the word holds for one operator", "invalid", good, "operator", tribe.ID().String())
	vouch("no-operator", "the word holds for one operator", "invalid", good, "operator", "")
	vouch("another-tribe", "each signs its own word", "invalid", good, "by", operator.ID().String())
	vouch("another-juror", "the word names its juror", "invalid", good, "juror", operator.ID().String())
	vouch("another-key", "the word names the juror's key", "invalid", good, "y", must(bls.NewSecret(seeded("other"))).PublicG1().String())
	vouch("countersigned", "a word carries no countersignatures", "invalid", countersign(good, operator))
	vouch("other-type", "the type is signed", "invalid", sign(tribe, contract.TypeUp, &word))
	vouch("cut", "bytes are missing", "invalid", good[:len(good)-1])
	own := word
	own.Operator = sxp.ID{}
	vouch("runs-itself", "a juror that names no operator", "", must(contract.SignVouch(tribe, own)), "operator", "")

	nonce := sxp.Hash{3}
	up := func(name, why, expect string, raw []byte, at string) {
		with := []string{"juror", juror.ID().String(), "nonce", nonce.String()}
		if at != "" {
			with = append(with, "at", at)
		}
		add(t, rollDir, "up-"+name, why, expect, raw, with...)
	}
	answer := must(contract.SignUp(juror, nonce, worldStart))
	up("valid", "a juror's answer, and its clock", "", answer, "1800000000000")
	up("before-1970", "what its clock says is judged by who asked", "", must(contract.SignUp(juror, nonce, -1)), "-1")
	up("another-question", "an answer names its question", "invalid", must(contract.SignUp(juror, sxp.Hash{4}, worldStart)), "")
	up("by-another", "the juror answers", "invalid", must(contract.SignUp(tribe, nonce, worldStart)), "")
	up("countersigned", "an answer carries no countersignatures", "invalid", countersign(answer, tribe), "")
	up("cut", "bytes are missing", "invalid", answer[:len(answer)-1], "")
	writeConductVectors(t, juror, tribe)
	writeJurorVectors(t, juror, tribe, y)
}

func writeConductVectors(t *testing.T, juror, other *identity.SigningKey) {
	m := sxp.Hash{7}
	void, endorse := wordsOf(juror, m)
	shares := must(contract.SignShares(jurorOf(other), m, 2, make([]bls.G1, 2)))
	report := func(name, why, expect, said string, r *contract.ConductReport) {
		var with []string
		if said != "" {
			with = []string{"words", m.String() + said}
		}
		add(t, rollDir, "conduct-"+name, why, expect, sign(other, contract.TypeConduct, r), with...)
	}
	words := func(list ...sxp.Bytes) *contract.ConductReport { return &contract.ConductReport{M: m, Words: list} }
	me, her := juror.ID().String(), other.ID().String()
	report("valid", "m, and what each word says: who, and whether it is a void", "", fmt.Sprintf(" %s true %s false %s false", me, me, her), words(void, endorse, shares))
	report("no-words", "1 to 202 words", "toolarge", "", words())
	elsewhere, _ := wordsOf(juror, sxp.Hash{8})
	report("of-two-sessions", "all words are of m", "invalid", "", words(void, elsewhere))
	report("of-a-party", "a release is no juror's word", "invalid", "", words(void, sign(other, contract.TypeRelease, &contract.Release{M: m})))
	report("forged-word", "a word is signed", "invalid", "", words(append(void[:len(void)-1:len(void)-1], void[len(void)-1]^1)))
	long := sign(other, contract.TypeShares, &contract.Shares{M: m, Seat: 1, Shares: make([]bls.G1, 20)})
	report("long-word", "a word has at most 1024 bytes", "toolarge", "", words(long))
	add(t, rollDir, "conduct-countersigned", "a report carries no countersignatures", "invalid", countersign(sign(other, contract.TypeConduct, words(void)), juror))
	fault := contract.Fault{Kind: contract.FaultContradiction, By: juror.ID(), Raw: []sxp.Bytes{void, endorse}}
	record := func(name, why, expect string, change func(*contract.JurorRecord)) {
		r := contract.JurorRecord{ID: juror.ID(), Conduct: contract.Conduct{Since: worldStart - 5, Asked: 10, Up: 9, Cases: 3}}
		r.Convict(fault)
		change(&r)
		add(t, rollDir, "record-"+name, why, expect, must(envelope.Marshal(&r)), "at", "1800000000000")
	}
	record("valid", "a juror that voided and endorsed, with the proof", "", func(*contract.JurorRecord) {})
	record("clean", "a juror without a fault", "", func(r *contract.JurorRecord) { r.Fault, r.Conduct.Faults, r.Conduct.Proof = nil, 0, sxp.Hash{} })
	record("unproved", "a fault is proved", "invalid", func(r *contract.JurorRecord) { r.Fault = nil })
	record("of-another", "the proof is about this juror", "invalid", func(r *contract.JurorRecord) { r.ID = other.ID() })
	record("another-proof", "the proof is the one that is counted", "invalid", func(r *contract.JurorRecord) { r.Conduct.Proof[0] ^= 1 })
	record("innocent", "the same word twice contradicts nothing", "invalid", func(r *contract.JurorRecord) {
		f := contract.Fault{Kind: fault.Kind, By: fault.By, Raw: []sxp.Bytes{void, void}}
		r.Fault, r.Conduct.Faults = nil, 0
		r.Convict(f)
	})
	record("more-up-than-asked", "a juror is up at most as often as it was asked", "invalid", func(r *contract.JurorRecord) { r.Conduct.Up = 11 })
	record("too-many-asked", "a figure is at most 100,000,000", "toolarge", func(r *contract.JurorRecord) { r.Conduct.Asked = contract.MaxFigure + 1 })
	record("negative", "a figure is at least 0", "toolarge", func(r *contract.JurorRecord) { r.Conduct.Cases = -1 })
	record("since-later", "conduct begins before the roll", "invalid", func(r *contract.JurorRecord) { r.Conduct.Since = worldStart + 1 })
}

// jurorOf gives a signer a key to open shares with.
func jurorOf(s *identity.SigningKey) juryman {
	return juryman{id: s, secret: must(bls.NewSecret(seeded("opens")))}
}

func writeJurorVectors(t *testing.T, juror, other *identity.SigningKey, y *bls.Secret) {
	e := rollEntry(juror.ID(), y, "https://juror.example")
	offer := func(name, why, expect string, by envelope.Signer, change func(*contract.RollEntry)) {
		v := e
		change(&v)
		add(t, rollDir, "juror-"+name, why, expect, sign(by, market.TypeJuror, &v))
	}
	offer("valid", "a juror offers to serve", "", juror, func(*contract.RollEntry) {})
	offer("by-another", "a juror signs its own entry", "invalid", other, func(*contract.RollEntry) {})
	offer("proof-of-another", "the proof is over the identity too", "invalid", other, func(v *contract.RollEntry) { v.ID = other.ID() })
	offer("z-of-another", "Y and Z have one secret", "invalid", juror, func(v *contract.RollEntry) { v.Z = must(bls.NewSecret(seeded("z"))).Public() })
	offer("no-address", "a juror has an address", "invalid", juror, func(v *contract.RollEntry) { v.Address = "" })
	offer("no-delta", "Δ_min is above 0", "invalid", juror, func(v *contract.RollEntry) { v.DeltaMin = 0 })
	offer("serves-one-party", "at least two parties", "invalid", juror, func(v *contract.RollEntry) { v.MaxParties = 1 })
	offer("nine-tribes", "at most 8 tribes", "toolarge", juror, func(v *contract.RollEntry) {
		for i := range 9 {
			v.Tribes = append(v.Tribes, sxp.ID{byte(i + 1)})
		}
	})
}
