/* sizes.pml: what one case is, all by -D, and the broken variants.

   N     parties, of which the first H are honest
   SEATS jurors (n), of which the last BAD are corrupt
   F, T  the thresholds f and t
   Parties with their watchers, and jurors, are alike: which of them are
   corrupt does not matter, only how many. */

#ifndef N
#define N 2
#endif
#ifndef H
#define H 1
#endif
#ifndef SEATS
#define SEATS 3
#endif
#ifndef F
#define F 1
#endif
#ifndef BAD
#define BAD F
#endif
#ifndef SYMMETRY
#define SYMMETRY 1	/* 0: keep names, for counterexamples */
#endif
#ifndef MERGED
#define MERGED 0	/* 1: without what other runs cover, for large cases; see README.md */
#endif
#ifndef PROMPT
#define PROMPT 0	/* 1: everybody honest, and messages faster than W */
#endif
#ifndef ONLY
#define ONLY 0		/* a property's number: check no other */
#endif
#ifndef RESTARTS
#define RESTARTS 0	/* 1: restarts that change nothing are events too, and a run need not end */
#endif
#ifndef ENDS
#define ENDS 0		/* 1: the formula that every run ends */
#endif
#ifndef WITNESS
#define WITNESS 0	/* look for something that must be able to happen, see properties.pml */
#endif
#ifndef VARIANT
#define VARIANT 0
#endif

#define J (SEATS - BAD)	/* honest jurors */

/* The variants: nine of signing.md (it names release late and before lodging in
   one breath), then our own. 0: all rules are kept. */
#define SHORT_DEADLINE 1
#define T_IS_F 2
#define RELEASE_LATE 3
#define RELEASE_UNLODGED 4
#define K_OUTSIDE_M 5
#define LOCAL_VALIDITY 6
#define VOID_IS_NEVER 7
#define VOID_AFTER_OUTAGE 8
#define PROMISE_AGAIN 9
#define SEND_BEFORE_WRITE 10
#define SEAT_COUNTED_TWICE 11
#define VOID_EARLY 12
#define VOID_UNDRAINED 13
#define NO_MARK 14
#define CLOCK_SET_BACK 15
#define WATCHER_FORGETS 16
#define T_TOO_LARGE 17
#define WATCHER_UNASKED 18
#define SENT_ONCE 19
#define STALE_SIGNS 20
#define RESULT_UNTOLD 21
#define CLAIM_AT_D 22
#define FREE_AFTER_RELEASE 23
#define FEW_PROMISES 24
#define SHARES_UNPASSED 25
#define OPENS_LATE 26
#define SERVED_LATE 27
#define ASIDE_IS_HONEST 28

#ifndef T
#if VARIANT == T_IS_F
#define T F
#elif VARIANT == T_TOO_LARGE
#define T (SEATS - F + 1)
#else
#define T (F + 1)
#endif
#endif

/* Rounds on a juror's own clock. Round 0 ends at D, round r at D + r*Delta. The
   last in which a claim can be good is LAST, then voids begin. */
#if VARIANT == SHORT_DEADLINE
#define LAST F
#else
#define LAST (F + 1)
#endif
#define PAST (LAST + 1)

/* Phases on the clocks of parties and watchers. */
#define EARLY	0	/* before T_c - W */
#define WAITING	1	/* from T_c - W on */
#define URGENT	2	/* from T_c on */
