package agent

import "sxp"

// Bounds of what the agent keeps, so that nobody fills a person's device, and
// the oldest goes where something has to.
const (
	// maxWaiting and maxRefused are how many proposals are kept that have no
	// answer, and that were refused at sight; maxEvents is how long a deal's
	// history is: a quarrelsome one keeps its latest lines.
	maxWaiting = 500
	maxRefused = 100
	maxEvents  = 200

	// maxEarlyOf and maxEarly are how many messages wait for their proposal, of
	// one deal and in all: a deal has a few from each of its people.
	maxEarlyOf = 64
	maxEarly   = 1024

	// maxEarlyOfWriter and maxEarlyLetters are the bytes of letters among
	// them, of one writer and in all: they have files, and name any deal they
	// like.
	maxEarlyOfWriter = 2 << 20
	maxEarlyLetters  = 16 << 20

	// maxLetters is how many letters of one conversation are kept. The oldest
	// go, lettersOver at a time.
	maxLetters  = 2000
	lettersOver = 100

	// maxFileLetters is of how many letters of one person the files are kept:
	// at most 50 MB. Their letters stay.
	maxFileLetters = 100

	// maxTalk and maxTalkText are the letters of one conversation, and their
	// bytes of text, that the vault has.
	maxTalk     = 100
	maxTalkText = 24 << 10

	// maxOwnPhotos and maxSeenPhotos are the photos that are kept: 16 MB and
	// 12 MB of the largest.
	maxOwnPhotos  = 128
	maxSeenPhotos = 96

	// maxOldCopies is how many earlier copies of a record rest while a relay
	// does not take the newest one.
	maxOldCopies = 8

	// maxOpened is how many opened cards are in memory, some 10 KB each;
	// maxTroubles, how many nodes that fail; maxLooked, how many nodes of
	// markets that were looked at without joining.
	maxOpened   = 1024
	maxTroubles = 256
	maxLooked   = 64
)

// Bounds of one operation.
const (
	// usualPage is how much a list shows where the request does not say, and
	// maxThreadPage how many messages "thread" answers at most.
	usualPage     = 50
	maxThreadPage = 200

	// maxPost is the bytes that one post queues, all receivers together.
	maxPost = 64 << 20

	// maxDeviceReads is how many records one look for other devices reads:
	// copies, most of which are of other things.
	maxDeviceReads = 200

	// maxRelayViews is how many nodes "relays" asks.
	maxRelayViews = 64

	// maxShown is how many letters of what a node says of itself are shown, and
	// maxQuoted how many of a text a sentence quotes.
	maxShown  = 120
	maxQuoted = 120

	// maxRatingsRead is how many ratings and replies of one person are read at a
	// market: each costs a pairing.
	maxRatingsRead = 200

	// maxRatingsOf is how many ratings and replies are kept of one contract:
	// each of the largest about each other one, with changes of mind.
	maxRatingsOf = 2 * sxp.MaxParties * sxp.MaxParties
)
