package bls

import "sxp"

// Limits on what comes from outside.
const (
	// MaxSeats is how many seats a promise has: the largest jury.
	MaxSeats = sxp.MaxJury

	// MaxChecks is how many promises, or parties' shares, one call verifies:
	// the largest contract.
	MaxChecks = sxp.MaxParties

	// maxDecoded bounds the memory of a Verifier: about 400 bytes for each of
	// at most twice as many points of G2. It holds a roll of jurors and the
	// commitments of dozens of sessions.
	maxDecoded = 2048

	// maxKnownJurors bounds the memory of a Promiser: about 200 bytes for each
	// of at most twice as many points of G1.
	maxKnownJurors = 768
)
