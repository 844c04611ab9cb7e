package deal

// A Certificate lets anybody check what a search claims about the goals of an
// answer without searching again: see [Verify] and spec/certificate.md. It
// holds one proof for each goal that is bounded, in the order of the goals.
// Numbers of nodes, limits and people are those of the graph.
type Certificate struct {
	Proofs []Proof `json:"proofs,omitempty"`
}

// A Proof shows that no answer that equals the given one in all goals before
// has more of this goal than Bound (less, where the goal is Cost).
//
// Its measure of an answer is the sum of its goals so far, each earlier one
// times its weight, the last one times 1, costs counted below 0. Weights are
// such that a whole unit of an earlier goal is never given up for later ones.
type Proof struct {
	Goal     string   `json:"goal"`
	Bound    int64    `json:"bound"`
	Weights  []int64  `json:"weights,omitempty"` // of the goals before, 0 or more
	Cuts     []Cut    `json:"cuts,omitempty"`
	Branches []Branch `json:"branches,omitempty"` // rings of limited length; the first is the root

	// Potentials prove rings of any length instead of Branches.
	Potentials *Potentials `json:"potentials,omitempty"`
}

// A Branch is one case of a proof. Each of its prices in turn must leave none
// of the rings that are left with a surplus, and rules out the rings that no
// better answer can hold; where the prices allow no better answer at all, the
// case is closed. Else it is split in two: Arc is used, or not; or Ring is
// taken, or not. With and Without are the places of the two cases, which come
// later in Proof.Branches.
type Branch struct {
	Prices  []Prices `json:"prices,omitempty"`
	Arc     []Node   `json:"arc,omitempty"`  // from, to
	Ring    Ring     `json:"ring,omitempty"` // its nodes
	With    int      `json:"with,omitempty"`
	Without int      `json:"without,omitempty"`
}

// A Price is a number of something, and the price of it, 0 or more.
type Price [2]int64

// Prices are a dual solution in whole numbers: Scale units are worth one of the
// proof's measure. A ring pays for every node that it passes, each time; for
// its part of the limits, rounded down; for the cuts; for its part of earlier
// goals; and for each of its people, at most what their trading counts. Its
// surplus is its measure times Scale, less what it pays. What is not listed
// costs nothing. A ring that the branch takes for good may receive something,
// which all prices together pay. Lists are in the order of their numbers.
type Prices struct {
	Scale  int64   `json:"scale"`
	Nodes  []Price `json:"nodes,omitempty"`
	Limits []Price `json:"limits,omitempty"` // of the whole limit
	Cuts   []Price `json:"cuts,omitempty"`   // by their place in Proof.Cuts
	People []Price `json:"people,omitempty"` // of a person's trading at all
	Goals  []Price `json:"goals,omitempty"`  // of a unit of an earlier goal, by its place
	Taken  []Price `json:"taken,omitempty"`  // the branch that was split by a ring, what that ring receives
}

// A Cut is a row that every answer obeys because it is whole: the sum of rows,
// each times a number, divided and rounded down (Gomory 1958, Chvátal 1973).
// The row of a node says that it is passed at most as often as its capacity;
// the row of a limit is the limit.
type Cut struct {
	Nodes  []Price `json:"nodes,omitempty"`  // node, times
	Limits []Price `json:"limits,omitempty"` // limit, times
	Cuts   []Price `json:"cuts,omitempty"`   // earlier cut, times
	By     int64   `json:"by"`               // 2 or more
}

// Potentials are a dual solution of the assignment of what is given to what is
// taken: Scale units are worth one of the proof's measure. Out and In have one
// number for each node.
type Potentials struct {
	Scale  int64   `json:"scale"`
	Out    []int64 `json:"out,omitempty"`
	In     []int64 `json:"in,omitempty"`
	Limits []Price `json:"limits,omitempty"`
	People []Price `json:"people,omitempty"`
}
