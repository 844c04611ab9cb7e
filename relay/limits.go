package relay

import "sxp"

// Limits of requests and records, beside sxp.MaxMessage and sxp.ClockSkew.
const (
	// MaxRequestType is the longest type of a request in bytes, so that
	// "sxp.response." and the version fit into envelope.MaxType.
	MaxRequestType = 48

	// MaxProblemText is the longest text of an error that a node sends, in
	// bytes of UTF-8: a few lines on a phone.
	MaxProblemText = 1024

	// MaxRecordID is the longest record id in bytes.
	MaxRecordID = 64

	// MaxTag is the longest tag of a record in bytes of UTF-8.
	MaxTag = 64

	// MaxContent is the largest content of one record in bytes: a message less
	// what its headers, names and countersignatures can take. Larger things
	// are blocks.
	MaxContent = sxp.MaxMessage - 128<<10

	// MaxTTL is how long a record rests at most, in milliseconds from its
	// timestamp: what must last longer is written again.
	MaxTTL = 400 * sxp.Day

	// MaxListing is how many paths one answer to inventory or listen has.
	MaxListing = 1000

	// MaxWait is how long a node holds a listen request that has nothing to
	// tell, in milliseconds: proxies cut silent requests after a minute.
	MaxWait = 50 * sxp.Second

	// MaxNonces is how many requests a Router remembers to refuse replays:
	// 2,200 a second over four minutes, about 40 MB when full. Beyond it says
	// Busy. Requests inside a session are not counted.
	MaxNonces = 1 << 20

	// MaxBatch is how many signatures are verified together: more gains less
	// than 10 % and makes the first of them wait.
	MaxBatch = 256
)
