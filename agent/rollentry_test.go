package agent

import (
	"crypto/rand"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/identity"
	"sxp/internal/bls"
)

// TestWhoIsOnTheRoll: a roll takes the market's figures, never the juror's own,
// leaves out whom the founder says, and who names an operator that did not sign.
func TestWhoIsOnTheRoll(t *testing.T) {
	operator, err := identity.NewSigningKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	y, err := bls.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const issued = sxp.Time(1_800_000_000_000)
	word, err := contract.SignVouch(operator, contract.Vouch{Juror: sxp.ID{1}, Y: y.PublicG1(), Operator: operator.ID(), Until: issued + 1})
	if err != nil {
		t.Fatal(err)
	}
	boast := contract.Conduct{Since: 1, Asked: 9999, Up: 9999}
	named := contract.RollEntry{ID: sxp.ID{1}, Y: y.PublicG1(), Operator: operator.ID(), Conduct: boast}
	signed := named
	signed.Vouched = []sxp.Bytes{word}
	alone := contract.RollEntry{ID: sxp.ID{1}, Y: y.PublicG1(), Conduct: boast}
	down := contract.Conduct{Since: 1, Asked: 50, Up: 44}
	faulty := contract.Conduct{Since: 1, Asked: 50, Up: 50, Faults: 1, Proof: sxp.Hash{1}}
	for _, x := range []struct {
		name string
		e    contract.RollEntry
		c    contract.Conduct
		in   PublishRoll
		why  string
		want contract.Conduct
	}{
		{"unknown", alone, contract.Conduct{}, PublishRoll{MinUp: 90, DropFaulty: true}, "", contract.Conduct{}},
		{"the market's figures", alone, down, PublishRoll{}, "", down},
		{"down too often", alone, down, PublishRoll{MinUp: 90}, "down", contract.Conduct{}},
		{"asked too seldom to tell", alone, contract.Conduct{Since: 1, Asked: 49}, PublishRoll{MinUp: 90}, "", contract.Conduct{Since: 1, Asked: 49}},
		{"broke its word, listed", alone, faulty, PublishRoll{}, "", faulty},
		{"broke its word, left out", alone, faulty, PublishRoll{DropFaulty: true}, "faulty", contract.Conduct{}},
		{"its operator is silent", named, down, PublishRoll{}, "operator", contract.Conduct{}},
		{"its operator signed", signed, down, PublishRoll{}, "", down},
		{"by lot a name is enough", named, down, PublishRoll{ByLot: true}, "", contract.Conduct{}},
	} {
		roll := &contract.Roll{Issued: issued}
		why := enter(roll, &x.e, x.c, x.in)
		if why != x.why || (why == "") != (len(roll.Entries) == 1) {
			t.Errorf("%s: left out as %q with %d on the roll, want %q", x.name, why, len(roll.Entries), x.why)
			continue
		}
		if why == "" && roll.Entries[0].Conduct != x.want {
			t.Errorf("%s: the roll says %+v, want %+v", x.name, roll.Entries[0].Conduct, x.want)
		}
	}
}
