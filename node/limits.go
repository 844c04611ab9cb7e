package node

import (
	"time"

	"sxp"
)

// Limits of what a node takes on. Where a Config or Parts field has the same
// meaning, this is its default.
const (
	// DefaultMaxBoards is how many markets one node hosts: each is a database
	// with open files and caches of its own.
	DefaultMaxBoards = 100

	// DefaultParallel is how many requests to other nodes are under way at a
	// time.
	DefaultParallel = 1024

	// DefaultQuotaRecords and DefaultQuotaMiB are what one sender may have on
	// a relay.
	DefaultQuotaRecords = 100_000
	DefaultQuotaMiB     = 1024

	// MaxCards is how many people's cards the directory keeps: some 400 MB.
	MaxCards = 100_000

	// maxWatched is how many sessions a watcher holds at once: with a jury of
	// 15 each takes some 20 KB of memory.
	maxWatched = 20_000

	// maxAbandoned is how many requests a juror goes on with whose askers have
	// left: claims are served even so, but must not fill the memory.
	maxAbandoned = 256

	// newCases is how many new sessions one network address may bring at once to
	// a juror, by claims or questions: as many as an honest watcher holds, so
	// that one that files all it has is never turned away. newCasesPerSecond is
	// how fast room comes back, and maxOrigins how many addresses are remembered.
	newCases          = maxWatched
	newCasesPerSecond = 1
	maxOrigins        = 20_000

	// perTarget is how many requests to one node are under way at a time, and
	// maxWaiting how many more wait; what is beyond is repeated by the machine
	// that wanted it.
	perTarget  = 4
	maxWaiting = 4096

	// slowShare is which part of Parts.Parallel nodes may hold that did not
	// answer last time.
	slowShare = 8

	// maxTargets is how many nodes that did not answer are remembered.
	maxTargets = 10_000

	// maxCallers is how many ways to other nodes are kept.
	maxCallers = 1024

	// maxWhole is up to which number of announcements a board is searched as a
	// whole after each change; on larger boards, what is new is searched
	// through.
	maxWhole = 1000

	// On large boards, perLook is how many items are looked around at a time,
	// and maxRegion how many items the part of the board has that is searched.
	perLook   = 100
	maxRegion = 400

	// maxAttempts is how often the same ring is proposed.
	maxAttempts = 2

	// maxHanded is how many answers of others wait for the finder at a time on
	// one market, one of each name, and maxAnswer their largest size in bytes.
	maxHanded = 16
	maxAnswer = 1 << 20

	// maxHandedBytes is how large all answers are together that wait, on all
	// markets, and maxReads how many are read at a time: read, an answer takes
	// up to 25 times as much memory.
	maxHandedBytes = 64 << 20
	maxReads       = 4

	// proofWork is the work spent on checking one certificate, half a second.
	proofWork = 25_000_000

	// maxNamed is how many announcements an answer to a large board names.
	maxNamed = 4096

	// maxSolvers is how many solvers an operator lets the finder ask.
	maxSolvers = 8

	// maxScores is of how many solvers one market remembers how they did, and
	// maxSolverName the longest name of one in bytes.
	maxScores     = 256
	maxSolverName = 64

	// maxDumps and maxStreams are how many read a board as a whole, or live,
	// at a time: each holds one page, at most market.MaxPageBytes.
	maxDumps   = 32
	maxStreams = 512

	// maxAsked is how many jurors are asked at a time whether they are up.
	maxAsked = 16

	// maxWordsKept is how many signed words of one juror a market's node keeps,
	// to find contradictions: 300 bytes and 50 for each party.
	maxWordsKept = 512

	// maxRecords is how many jurors one answer tells of: with the proofs of
	// their faults, of 2 KB at most, half a message.
	maxRecords = 200
)

// Spans.
const (
	// expireEvery is how often what has expired is removed from the stores.
	expireEvery = 5 * sxp.Minute

	// DefaultConduct is how often a market's jurors are asked whether they are
	// up: 500 answers, which a record takes, are a week.
	DefaultConduct = 20 * sxp.Minute

	// sendTimeout bounds one request to a juror: what is not answered by then
	// is asked again by the machine that wanted it.
	sendTimeout = 10 * sxp.Second

	// minTimeout is the least time that a juror is given to answer.
	minTimeout = sxp.Second

	// restorePause is how long a machine whose disk failed stays dropped.
	restorePause = sxp.Second

	// finderPause is the least time between two looks at a board: what arrives
	// together is matched together.
	finderPause = 500 * sxp.Millisecond

	// failedPause is how long a ring that cannot be proposed is left alone.
	failedPause = sxp.Hour

	// withdrawnGrace is how long the other items of a ring stay reserved when
	// one was withdrawn: it may have been swapped, and theirs follow.
	withdrawnGrace = 10 * sxp.Minute

	// DefaultSolverTime is how long solvers that the finder asks may take.
	DefaultSolverTime = 2 * time.Second

	// arrivedLately is how new an announcement is that tells how busy a market
	// is, and waitingPause how long a ring waits that is worth more later.
	arrivedLately = sxp.Hour
	waitingPause  = sxp.Minute

	// problemWanted is how long after somebody asked for a market's problem it
	// is made anew after each change, and problemPatience how long they wait
	// for the first.
	problemWanted   = 10 * sxp.Minute
	problemPatience = 10 * time.Second

	// streamPulse is how long a live stream is silent at most, and
	// streamPatience how long its reader may take for one write.
	streamPulse    = 20 * sxp.Second
	streamPatience = time.Minute

	// avoidFor is how long people by whom a deal ended are avoided where others
	// can do without them.
	avoidFor = 6 * sxp.Hour

	// maxRatings is how many ratings a market shows, and maxRatingsBy how many
	// of one person; each has at most rating.MaxRating bytes.
	maxRatings   = 20_000
	maxRatingsBy = 200

	// ringMemory is how long after its deadline a ring's attempts are counted.
	ringMemory = 30 * sxp.Day
)
