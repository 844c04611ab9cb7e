package lot

// Limits on problems and answers from outside. What is beyond is refused with
// sxp.TooLarge.
const (
	// MaxBytes is the largest JSON text of a problem or an answer: the largest
	// want list published so far takes about 12 MB.
	MaxBytes = 64 << 20

	// MaxDepth is how deep objects and lists nest in it; the format needs 8.
	MaxDepth = 16

	// MaxID is the longest name of a person, item, bid, group or limit in bytes.
	MaxID = 256

	// MaxText is the longest text that is only shown, in bytes.
	MaxText = 4096

	// MaxPeople, MaxItems, MaxBids and MaxGroups are how many of each a problem has.
	MaxPeople = 1 << 20
	MaxItems  = 1 << 20
	MaxBids   = 1 << 20
	MaxGroups = 1 << 20

	// MaxLimits is how many limits a problem has.
	MaxLimits = 1 << 18

	// MaxOptions is how many elements all lists of a problem or an answer have
	// together: each takes about 150 bytes of memory.
	MaxOptions = 1 << 22

	// MaxPortions is how many items one option bundles: more do not fit a ring.
	MaxPortions = 16

	// MaxPick is how many options of a side are picked at once.
	MaxPick = 16

	// MaxPieces is how many steps the quantity of one item has.
	MaxPieces = 1_000_000_000

	// MaxTimes is how often one bid may be used.
	MaxTimes = 1_000_000_000

	// MaxMoney is the largest amount of money in its smallest unit, as
	// deal.MaxWeight.
	MaxMoney = 100_000_000_000

	// MaxDigits is how many digits after the point a number has: amounts of
	// items and of money.
	MaxDigits = 6

	// MaxWhole is how many digits before the point a number has: with MaxDigits
	// it fits 64 bits.
	MaxWhole = 12

	// MaxUses is how many different uses of bids one exchange has.
	MaxUses = 4096
)
