package contract_test

import (
	"errors"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
)

// TestLedgerBinds: what can be given once stays bound by a contract, what was
// only described is free again when its contract is complete.
func TestLedgerBinds(t *testing.T) {
	thing, act := []sxp.Hash{{1}}, []sxp.Hash{{2}}
	for name, tt := range map[string]struct {
		things, acts []sxp.Hash
		stage        contract.Stage
		want         bool
	}{
		"a thing that was promised":           {thing, nil, contract.StagePromised, true},
		"a thing that was given":              {thing, nil, contract.StageCompleted, true},
		"a thing of a void session":           {thing, nil, contract.StageVoid, false},
		"an act that was promised":            {nil, act, contract.StagePromised, true},
		"an act whose signature is out":       {nil, act, contract.StageReleased, true},
		"an act of a completed contract":      {nil, act, contract.StageCompleted, false},
		"another act":                         {nil, []sxp.Hash{{3}}, contract.StagePromised, false},
		"a thing is no act of the same bytes": {act, thing, contract.StagePromised, false},
	} {
		l := contract.NewLedger()
		l.Put(contract.Entry{Session: sxp.Hash{9}, Things: tt.things, Acts: tt.acts, Stage: tt.stage})
		if _, got := l.Blocked(contract.Entry{Session: sxp.Hash{8}, Things: thing, Acts: act}); got != tt.want {
			t.Errorf("%s: blocked %v, want %v", name, got, tt.want)
		}
	}
}

// TestTwoContractsAtOnceAreOneAttemptEach: the same people may sign about
// different things at the same time; an end without a contract counts.
func TestTwoContractsAtOnceAreOneAttemptEach(t *testing.T) {
	people := sxp.Hash{7}
	for stage, want := range map[contract.Stage]int{
		contract.StageAccepted: 0, contract.StagePromised: 0, contract.StageReleased: 0,
		contract.StageVoid: 1, contract.StageLapsed: 1,
	} {
		l := contract.NewLedger()
		l.Put(contract.Entry{Session: sxp.Hash{9}, People: people, Things: []sxp.Hash{{1}}, Stage: stage, At: 10})
		e := contract.Entry{Session: sxp.Hash{8}, People: people, Things: []sxp.Hash{{2}}, At: 11}
		if got := l.Attempts(e, 0); got != want {
			t.Errorf("%s over other things: %d attempts before, want %d", stage, got, want)
		}
		e.Things = []sxp.Hash{{1}}
		if got := l.Attempts(e, 0); got != 1 {
			t.Errorf("%s over the same thing: %d attempts before, want 1", stage, got)
		}
	}
}

// TestHiddenCharactersAreRefused: what an item or a name brings into the text
// is looked at like the clauses: people sign what they can see.
func TestHiddenCharactersAreRefused(t *testing.T) {
	w := worldOf(t, 2, 1)
	for _, hidden := range []string{"\u200b", "\u061c", "\u200f"} {
		p := w.p.Proposal
		p.Terms.Transfers = append([]contract.Transfer{}, p.Terms.Transfers...)
		p.Terms.Transfers[0].Item.Text = "not" + hidden + "hing to see"
		_, err := contract.SignProposal(must(identityOf("finder", 0)), &p)
		if !errors.Is(err, sxp.Invalid) || !strings.Contains(err.Error(), "hide or reorder") {
			t.Errorf("%q in an item's text: error %v, want %v", hidden, err, sxp.Invalid)
		}
	}
}
