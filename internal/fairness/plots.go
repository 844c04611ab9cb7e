package fairness

import (
	"slices"

	"sxp/contract"
)

// A Plot is one thing that an adversary may do. Several go together: what one
// holds back the others do not see.
type Plot struct {
	Name  string
	About string // one line for people
	Party bool   // it needs a corrupt party
	Juror bool   // it needs a corrupt juror
	Real  bool   // it needs real points
	Set   func(a *adversary)
}

// Plots returns all plots in the order of their names.
func Plots() []Plot {
	all := slices.Concat(basicPlots(), partyPlots(), jurorPlots(), realPlots())
	slices.SortFunc(all, func(a, b Plot) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

func plotNamed(name string) *Plot {
	for _, p := range Plots() {
		if p.Name == name {
			return &p
		}
	}
	return nil
}

// basicPlots show how a plot is made; the others are in strategy*.go.
func basicPlots() []Plot {
	return []Plot{
		{Name: "selective", About: "corrupt parties send each message to whom they like", Party: true, Set: selective},
		{Name: "vanish", About: "corrupt parties fall silent at a random message", Party: true, Set: vanish},
		{Name: "edge", About: "corrupt parties keep their promises to themselves and file the claim with one juror when its clock shows D", Party: true, Set: edge},
		{Name: "mute", About: "corrupt jurors never answer", Juror: true, Set: mute},
	}
}

// selective: each receiver of each kind of message is served or not.
func selective(a *adversary) {
	withheld := map[link]bool{}
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Party || o.kind == lodging {
			return true
		}
		d := at(a.r.c.Seed, 's', uint64(o.kind), key(o.from), key(o.to), typeNumber(o.raw))
		k := link{o.from, o.to, o.kind}
		if withheld[k] = d.chance(400); withheld[k] {
			a.did("selective")
		}
		return !withheld[k]
	})
}

// typeNumber tells messages of one kind apart by their type.
func typeNumber(raw []byte) uint64 {
	n := uint64(0)
	for _, c := range contract.TypeOf(raw) {
		n = n*31 + uint64(c)
	}
	return n
}

// vanish: after so many messages nothing more is sent.
func vanish(a *adversary) {
	left := map[Member]int{}
	for _, m := range a.parties() {
		left[m] = 1 + a.d.below(4*a.r.c.Parties)
	}
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind != Party {
			return true
		}
		if left[o.from]--; left[o.from] == -1 {
			a.did("vanish")
		}
		return left[o.from] >= 0
	})
}

// edge: whoever has all promises and gave none away can have the jury complete
// the contract at the last moment, for itself as for all others.
func edge(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		typ := contract.TypeOf(o.raw)
		kept := typ == contract.TypePromise || typ == contract.TypeRelease || typ == contract.TypeResult
		return o.from.Kind != Party || !kept && o.kind != claiming && o.kind != lodging
	})
	from, d := a.parties()[0], a.proposal().Deadline
	a.at(d-2, func() {
		for _, k := range a.know.sessions {
			seats := a.seats(k, false)
			if claim := a.claim(from, k); claim != nil && k.attempt == 0 && len(seats) > 0 {
				seat := seats[a.d.below(len(seats))]
				juror := a.r.jurorMember(k.pre.Jury[seat-1].ID)
				late := a.d.span(-1, 1) // a moment before, at and after D
				a.did("edge")
				a.at(d.Add(late-1-a.r.offset(juror)), func() { a.file(from, k, seat, claim, 1) })
			}
		}
	})
}

// mute: nothing leaves a corrupt juror.
func mute(a *adversary) {
	a.onSend = append(a.onSend, func(o *out) bool {
		if o.from.Kind == Juror {
			a.did("mute")
		}
		return o.from.Kind != Juror
	})
}
