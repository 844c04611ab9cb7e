package identity

import "sxp"

// Limits of cards, beside sxp.MaxLabel.
const (
	// MaxRelays is how many relay addresses a card names.
	MaxRelays = 8

	// MaxRelay is the longest relay address in bytes: a URL with an onion name
	// and a path fits.
	MaxRelay = 256

	// MaxKEMKeys is how many keys a card lists: the present one, and those of
	// the weeks to come.
	MaxKEMKeys = 8

	// MaxCard is the largest signed card in bytes, countersignatures included:
	// eight KEM keys take 10 KB, 32 countersignatures most of the rest.
	MaxCard = 64 << 10

	// MaxFile is the largest .sxpid file in bytes: a card in base64 and the
	// fields beside it.
	MaxFile = 128 << 10

	// MaxKEMSpan is the longest time that a KEM key is offered for.
	MaxKEMSpan = 400 * sxp.Day

	// KEMPeriod is how long a KEM key is offered for unless its owner says
	// otherwise: what is stolen later does not open what was erased.
	KEMPeriod = 7 * sxp.Day
)
