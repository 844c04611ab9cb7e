package evidence

import "sxp/contract"

// Limits on what comes from outside. Open refuses what is beyond with
// sxp.TooLarge.
const (
	// MaxMessages is how many signed messages one file holds: of each party and
	// each juror all kinds, the largest session has 12·6 + 101·3.
	MaxMessages = 400

	// MaxFaults is how many faults one file holds. Each costs pairings to check.
	MaxFaults = 32

	// MaxFile is the largest file in bytes: a contract file, and as much again
	// for the session and the messages.
	MaxFile = 3 * contract.MaxFile
)
