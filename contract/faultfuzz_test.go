package contract_test

import (
	"bytes"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/market"
	"sxp/vectors"
)

// FuzzFault: whatever is put forward as a fault convicts nobody but who signed
// all of it, has one encoding, and is refused with a reason. The same for what
// a node counts of a juror, and for single messages before a judge.
func FuzzFault(f *testing.F) {
	for _, folder := range []string{"evidence", "roll", "signing"} {
		for name, v := range vectors.All(folder) {
			if !strings.HasPrefix(name, "file-") && !strings.HasPrefix(name, "run-") {
				f.Add([]byte(v.Input))
			}
		}
	}
	o := must(contract.OpenProposal(vectorNamed("contract/proposal-valid")))
	pre := must(contract.OpenPreimage(sessionShapes{}, o, vectorNamed("signing/session-valid")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var fault contract.Fault
		if envelope.Unmarshal(raw, &fault) == nil {
			oneEncoding(t, raw, &fault)
			convicts(t, &fault, o, pre)
		}
		var record contract.JurorRecord
		if envelope.Unmarshal(raw, &record) == nil {
			oneEncoding(t, raw, &record)
			err := record.Check(worldStart)
			reasoned(t, err)
			if err == nil && record.Fault != nil && record.Fault.By != record.ID {
				t.Errorf("%s is counted guilty of what %s signed", record.ID, record.Fault.By)
			}
		}
		if p, err := contract.OpenPreimage(sessionShapes{}, o, raw); err == nil {
			oneEncoding(t, raw, p)
		} else {
			reasoned(t, err)
		}
		s, err := contract.Judge(sessionShapes{}, o, pre, raw)
		reasoned(t, err)
		if err == nil && s.By != signerOf(raw) {
			t.Errorf("%s is said to have said what %s signed", s.By, signerOf(raw))
		}
	})
}

// convicts checks that a fault that holds was signed by the guilty.
func convicts(t *testing.T, f *contract.Fault, o *contract.OpenedProposal, pre *contract.Preimage) {
	t.Helper()
	err := f.Check(sessionShapes{}, o, pre)
	reasoned(t, err)
	if err != nil {
		return
	}
	for i, raw := range f.Raw {
		if m, err := envelope.Parse(raw); (err != nil || m.Signer != f.By) && (f.Kind != contract.FaultSecret || i == 0) {
			t.Errorf("%s is convicted of %s by what another signed: %v", f.By, f.Kind, err)
		}
	}
}

// oneEncoding: what parses is what an encoder writes.
func oneEncoding(t *testing.T, raw []byte, v any) {
	t.Helper()
	if again := must(envelope.Marshal(v)); !bytes.Equal(again, raw) {
		t.Errorf("a second encoding of a %T: %x and %x", v, raw, again)
	}
}

// FuzzWords: a rating, a reply or a juror's offer has one encoding, whoever
// signs it, and is refused with a reason.
func FuzzWords(f *testing.F) {
	for _, folder := range []string{"rating", "roll"} {
		for _, v := range vectors.All(folder) {
			if m, err := envelope.Parse(v.Input); err == nil {
				f.Add(m.Payload)
			}
		}
	}
	key := must(identityOf("words", 0))
	types := rating.Types()
	types[market.TypeJuror] = func() any { return new(contract.RollEntry) }
	f.Fuzz(func(t *testing.T, payload []byte) {
		for typ, make := range types {
			v := make()
			if envelope.Unmarshal(payload, v) != nil {
				continue
			}
			oneEncoding(t, payload, v)
			raw, err := envelope.Sign(key, typ, v)
			if err != nil {
				continue
			}
			if typ == rating.Type {
				_, err = rating.Open(raw)
			} else {
				_, err = contract.OpenJuror(raw)
			}
			reasoned(t, err)
		}
	})
}

// FuzzFees: whatever is levied on whatever worth, the seats' parts are money,
// and no two differ by more than a cent.
func FuzzFees(f *testing.F) {
	f.Add("1", "1000 EUR", uint8(3))
	f.Add("0.0001", "999999999999999999 EUR", uint8(101))
	f.Add("100", "0.02 USD", uint8(7))
	f.Fuzz(func(t *testing.T, rate, worth string, n uint8) {
		levy := market.Levy{Name: contract.JuryLevy, Rate: market.Decimal(rate), To: "the jury"}
		if (market.Policy{Levies: []market.Levy{levy}}).Validate() != nil {
			return
		}
		here := contract.MarketTerms{Market: sxp.ID{5}, Name: "Here", Policy: market.Policy{Levies: []market.Levy{levy}}}
		r := &contract.Report{Kind: contract.ContractFile, Jury: make([]contract.Seat, 1+int(n)%sxp.MaxJury), Parties: []contract.ReportParty{{ID: sxp.ID{1}, Signed: true}}}
		r.Terms.Markets = []contract.MarketTerms{here}
		r.Terms.Transfers = []contract.Transfer{{Market: here.Market, Item: market.Item{Kind: market.Good, Attributes: map[string]string{market.AttributeValue: worth}}}}
		fees := must(contract.FeesOf(r))
		if len(fees.Fees) > 0 == (len(fees.Unknown) > 0) && len(fees.Fees) > 0 {
			t.Errorf("fees and an unknown worth of one transfer: %+v", fees)
		}
		for i, fee := range fees.Fees {
			if fee.Seat != i+1 || fee.Amount.Validate() != nil {
				t.Errorf("seat %d gets %q", fee.Seat, fee.Amount)
			}
			if least, err := fees.Fees[len(fees.Fees)-1].Amount.Add("0.01"); err == nil && fee.Amount.Cmp(least) > 0 {
				t.Errorf("seat %d gets %s, the last %s", fee.Seat, fee.Amount, fees.Fees[len(fees.Fees)-1].Amount)
			}
		}
	})
}

// sessionShapes knows the seed of real draw shares beside shapes.
type sessionShapes struct{ shapes }

func (sessionShapes) Seed(draws []bls.G1) (sxp.Hash, error) { return bls.SumHash(draws) }

// FuzzSecretKey: what a disk gives back is a key in its one encoding.
func FuzzSecretKey(f *testing.F) {
	f.Add(must(contract.NewSecretKey(seeded("fuzz"))).Marshal())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := contract.ParseSecretKey(b)
		if err == nil && !bytes.Equal(k.Marshal(), b) {
			t.Errorf("a second encoding of a key: %d bytes", len(b))
		}
		reasoned(t, err)
	})
}
