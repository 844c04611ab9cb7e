package bls

import "sxp"

// Limits on what comes from outside.
const (
	// MaxSeats is how many seats a promise has: the largest jury.
	MaxSeats = sxp.MaxJury

	// MaxChecks is how many promises, or parties' shares, one call verifies:
	// the largest contract.
	MaxChecks = sxp.MaxParties
)
