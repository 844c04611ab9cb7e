package deal

// Limits on graphs and searches. Find and Check refuse what is beyond with
// sxp.TooLarge.
const (
	// MaxNodes is how many offers and groups one graph holds. The largest want
	// list published so far has 6,265 items.
	MaxNodes = 1 << 21

	// MaxArcs is how many arcs one graph holds: 8 bytes each while solving.
	MaxArcs = 1 << 25

	// MaxCost is the largest cost of one arc. A ring of MaxNodes arcs of this
	// cost still fits an int64 with room for the sums of the solver.
	MaxCost = 1 << 40

	// MaxCapacity is the largest k of a group: a person with more copies of a
	// wish than this does not need a limit.
	MaxCapacity = 1 << 20

	// MaxWeight is the most that a limit allows or a node weighs: a thousand
	// million of any currency in cents.
	MaxWeight = 100_000_000_000

	// MaxNesting is how many groups may follow one another between two offers.
	// Real want lists nest two deep.
	MaxNesting = 8

	// MaxRingCap is the largest Options.MaxRing but for "any": twelve parties
	// sign one contract, and rings beyond explode in number.
	MaxRingCap = 16

	// DefaultMaxRing is the usual longest ring in items. With 70 to 85 % of
	// the people keeping their word, four completes the most trades on real
	// want lists; longer rings break more often than they add.
	DefaultMaxRing = 4

	// DefaultBudget is the usual work of one Find in units of about 20 ns.
	DefaultBudget = 400_000_000

	// maxPool is how many rings the solver keeps at once, some 150 bytes each.
	maxPool = 1_000_000

	// maxLoads is how many notes of the kind "this ring uses up so much of that
	// limit" the solver keeps at once, 16 bytes each.
	maxLoads = 1 << 25

	// minPool is the least that Options.MaxRings can make of it.
	minPool = 20_000
)
