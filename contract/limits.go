package contract

import "sxp"

// Limits on what comes from outside. Decoders and checks refuse what is beyond
// with sxp.TooLarge.
const (
	// MaxTransfers is how many transfers one contract has: every party of the
	// largest contract may give five things.
	MaxTransfers = 5 * sxp.MaxParties

	// MaxMarkets is how many markets one contract names: that of each party.
	MaxMarkets = sxp.MaxParties

	// MaxClause is the longest free text, clause or delivery note, in bytes.
	MaxClause = 8 << 10

	// MaxTitle is the longest title of a contract in bytes.
	MaxTitle = 160

	// MaxText is the longest rendering of the terms in bytes: fits all
	// transfers and clauses at their limits.
	MaxText = 512 << 10

	// MaxSecret is the longest secret that a transfer gives, in bytes. More is a
	// file, sealed with a key that is the secret.
	MaxSecret = 4 << 10

	// MaxSecretProof is the largest file about a secret in bytes: a contract and
	// a lock.
	MaxSecretProof = MaxFile + 4<<10

	// MaxReason is the longest reason of a decline, and the longest of a juror's
	// answer that is shown, in bytes.
	MaxReason = 512

	// MaxTribes is how many tribes one party or juror names.
	MaxTribes = 8

	// MaxAddress is the longest address of a node in bytes.
	MaxAddress = 256

	// MaxRoll is how many jurors one roll lists: one signed message holds them.
	MaxRoll = 1024

	// MaxFigure is the highest count of a juror's conduct: a question each
	// minute for two hundred years.
	MaxFigure = 100_000_000

	// MaxWords is how many words of jurors one report of conduct holds: one of
	// each kind from every seat.
	MaxWords = 2 * sxp.MaxJury

	// MaxWord is the longest such word in bytes: the shares of the most parties.
	MaxWord = 1 << 10

	// MaxAttempt is the highest attempt number a proposal may carry. What one
	// agent accepts is far less: see Limits.
	MaxAttempt = 100

	// MaxSpan is the longest Δ, L, ε or W: a day. Sums of 2·MaxJury of them and
	// a deadline stay far from overflow.
	MaxSpan = sxp.Day

	// MaxTime is the latest moment a contract names, the year 9999.
	MaxTime sxp.Time = 253_402_300_799_999

	// MaxFile is the largest contract file in bytes: two messages of the
	// largest size in base64, and the text.
	MaxFile = 4 << 20

	// MaxAcceptance is the largest acceptance in bytes: 50 points of G2, two of
	// G1, an address and headers.
	MaxAcceptance = 8 << 10
)
