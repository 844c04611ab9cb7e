package sxp

// Limits on everything that comes from outside. A decoder refuses what is
// beyond with TooLarge before it allocates for it. They may grow in later
// releases, never shrink. Limits of one format stand in that package's own
// limits.go; here are those that several share.
const (
	// MaxMessage is the largest signed message in bytes, signature and headers
	// included: a claim for 12 parties and a jury of 101 takes about 300 KiB.
	MaxMessage = 1 << 20

	// MaxDepth is how deep arrays and maps nest in one CBOR item.
	MaxDepth = 16

	// MaxItems is how many elements or pairs one CBOR array or map has.
	MaxItems = 65_536

	// MaxCountersignatures is how many countersignatures one message carries,
	// nested ones included.
	MaxCountersignatures = 32

	// MaxIDText is the longest text that ParseID looks at, in bytes.
	MaxIDText = 90

	// MaxLabel is the longest name of a person, node or market in bytes of
	// UTF-8: fits one line of a phone.
	MaxLabel = 64

	// MaxParties is how many people sign one contract: the largest ring that
	// the simulator covers.
	MaxParties = 12

	// MaxJury is how many jurors one contract has; odd sizes only.
	MaxJury = 101

	// ClockSkew is by how much the timestamp of a request may differ from the
	// node's clock, in milliseconds either way. A wider window would make the
	// memory against replays larger, a narrower one would lock out phones.
	ClockSkew = 2 * Minute
)
