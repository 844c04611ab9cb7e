package contract_test

import (
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/contract"
)

// TestWordsAreOfOneOperator: a word for a juror that somebody runs is none for
// the same juror run by another. Else who got a tribe's word as a member could
// name that tribe as its operator, and take the tribe's own chance in the draw;
// and an operator of many nodes, with a tribe's word for each, could say
// afterwards that each runs by itself, and have as many chances.
func TestWordsAreOfOneOperator(t *testing.T) {
	t.Parallel()
	operator, tribe := must(identityOf("operator", 0)).ID(), must(identityOf("tribe", 0)).ID()
	for name, c := range map[string]struct {
		change func(e *contract.RollEntry)
		want   error
	}{
		"as it was signed": {func(*contract.RollEntry) {}, nil},
		"the tribe as its operator": {func(e *contract.RollEntry) {
			e.Operator, e.Tribes, e.Vouched = tribe, nil, e.Vouched[1:]
		}, sxp.Invalid},
		"by itself": {func(e *contract.RollEntry) {
			e.Operator, e.Vouched = sxp.ID{}, e.Vouched[1:]
		}, sxp.Invalid},
		"its operator as a tribe": {func(e *contract.RollEntry) {
			e.Operator, e.Tribes = sxp.ID{}, slices.Concat([]sxp.ID{operator}, e.Tribes)
		}, sxp.Invalid},
	} {
		_, _, err := strataWorld(t, func(i int, e *contract.RollEntry) {
			if i == 0 {
				vouch(e, worldStart, 0)
				operated(e, worldStart)
				c.change(e)
			}
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}
