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

// TestWordsOfAnotherOperatorTakeSeats shows what TestWordsAreOfOneOperator
// keeps out, with rolls that nobody checked: a member that names its tribe as
// its operator takes the chance of the tribe's own node, and an operator of
// twenty nodes that says of each that it runs by itself takes twenty chances.
func TestWordsOfAnotherOperatorTakeSeats(t *testing.T) {
	t.Parallel()
	const others = 20
	seats := func(of func(seat int) bool, more ...listed) (taken int) {
		honest := make([]listed, others)
		for i := range honest {
			honest[i] = listed{operator: i + 1, proven: true}
		}
		r := rollOf(contract.DrawByStrata, slices.Concat(honest, more)...)
		for i := range 200 {
			for _, s := range must(contract.Draw(r, jurySize(3), seedNumber(i))) {
				if of(seatIndex(s)) {
					taken++
				}
			}
		}
		return taken
	}
	first := func(seat int) bool { return seat == 0 }
	mine := func(seat int) bool { return seat >= others }
	alone := seats(first)
	if robbed := seats(first, listed{operator: 1, proven: true}); robbed > alone*2/3 {
		t.Errorf("the tribe's node has %d seats beside a member that names the tribe as its operator, %d without: this test shows nothing", robbed, alone)
	}
	of := func(operator int) []listed {
		return repeat(others, listed{operator: operator, proven: true})
	}
	if one, each := seats(mine, of(others+1)...), seats(mine, of(0)...); each < 5*one || one == 0 {
		t.Errorf("twenty nodes of one operator have %d seats, by themselves %d: this test shows nothing", one, each)
	}
}

// TestSilenceWouldTakeSeats shows why a juror's silence is not reported: if
// every report that a juror did not answer counted as a question without an
// answer, whoever makes up enough of them takes the record from honest jurors,
// and its own nodes have their seats.
func TestSilenceWouldTakeSeats(t *testing.T) {
	t.Parallel()
	const honest, liars = 20, 20
	seats := func(reports int) (taken int) {
		r := rollOf(contract.DrawByStrata, repeat(honest+liars, listed{proven: true})...)
		for i := range honest {
			r.Entries[i].Conduct.Asked += reports
		}
		for i := range 50 {
			for _, s := range must(contract.Draw(r, jurySize(15), seedNumber(i))) {
				if seatIndex(s) >= honest {
					taken++
				}
			}
		}
		return taken
	}
	if fair, robbed := seats(0), seats(100); fair > 50*15*6/10 || robbed < 50*10 {
		t.Errorf("the liars have %d of 750 seats, with their reports %d: want about half, and two thirds, or this test shows nothing", fair, robbed)
	}
}
