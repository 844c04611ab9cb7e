/* parties.pml: honest parties and their watchers. Messages among parties may
   be lost, late or shown to some only, so that each step is one that may come
   at any time or never. What a party does with several messages it does once
   the last is here: one step stands for all orders in which they come. */

#define isEarly(i) (phase == EARLY || p[i].back)
#define bound(i)   (p[i].is == PROMISED || p[i].is == HOLDS || p[i].is == LODGED)
#define othersReleased(i) (PARTIES(released) - p[i].released == H - 1)

/* Step 2. One write stores m and the promise; then it leaves. */
#define mayPromise(i) (p[i].is == ACCEPTED && phase == EARLY)
inline promise(i) {
	p[i].is = PROMISED;
	p[i].promised = 1;
	printf("party %d: promises\n", i)
}

/* The other promises; those that come at T_c - W or later are ignored. */
#if VARIANT == RELEASE_LATE
#define mayHold(i) (p[i].is == PROMISED && ALL_PROMISED)
#else
#define mayHold(i) (p[i].is == PROMISED && ALL_PROMISED && isEarly(i))
#endif
inline hold(i) {
	p[i].is = HOLDS;
	printf("party %d: holds all promises\n", i)
}

/* Step 3. The watcher verifies the claim and writes it, then answers. */
#define mayLodge(i) (p[i].is == HOLDS && p[i].watcher == NOTHING)
inline lodge(i) {
	p[i].watcher = CLAIM;
	printf("watcher %d: writes the claim of party %d and gives a receipt\n", i, i)
}
#define mayReceipt(i) (p[i].is == HOLDS && p[i].watcher != NOTHING)
inline receipt(i) {
	p[i].is = LODGED;
	printf("party %d: has the receipt\n", i)
}

/* Release: before T_c - W by its clock, and only if that never showed a later
   time, with all promises and a receipt. */
#if MERGED	/* with all that comes before */
#define mayRelease(i) (p[i].is == PROMISED && ALL_PROMISED && phase == EARLY)
#elif VARIANT == RELEASE_LATE
#define mayRelease(i) (p[i].is == LODGED)
#elif VARIANT == RELEASE_UNLODGED
#define mayRelease(i) ((p[i].is == HOLDS || p[i].is == LODGED) && isEarly(i) && !p[i].late)
#elif VARIANT == CLOCK_SET_BACK
#define mayRelease(i) (p[i].is == LODGED && isEarly(i))
#else
#define mayRelease(i) (p[i].is == LODGED && isEarly(i) && !p[i].late)
#endif
inline release(i) {
#if MERGED
	p[i].watcher = CLAIM;
#endif
	p[i].is = RELEASED;
	p[i].released = 1;
	printf("party %d: releases its signature\n", i)
}

/* A party whose clock shows T_c - W writes that down, unless it is away. Then it
   may restart with a clock that is behind. Other restarts change nothing: all it
   knows is durable, and what it sends again was sent before. */
#define mayNote(i) (bound(i) && phase != EARLY && !p[i].late)
inline note(i) {
	p[i].late = 1;
	printf("party %d: writes that its time to release is over\n", i)
}
#define maySetBack(i) (bound(i) && p[i].late && !p[i].back)
inline setBack(i) {
	p[i].back = 1;
	printf("party %d: restarts, and its clock shows a time before T_c - W again\n", i)
}

/* It completes with the signatures of all others and its own. */
#if VARIANT == STALE_SIGNS
#define mayComplete(i) (p[i].is <= RELEASED && othersReleased(i))
#else
#define mayComplete(i) ((bound(i) || p[i].is == RELEASED) && othersReleased(i))
#endif
inline complete(i) {
	printf("party %d: has the signatures of all others, and so the contract\n", i);
	p[i].is = DONE
}

/* Somebody shows it the contract. */
#define mayBeTold(i) ((bound(i) || p[i].is == RELEASED) && CONTRACT && !othersReleased(i))
inline told(i) {
	printf("party %d: is shown the contract\n", i);
	p[i].is = DONE
}

/* Somebody shows its watcher the contract, or all signatures: it files no more. */
#if VARIANT == RESULT_UNTOLD
#define mayTellWatcher(i) false
#else
#define mayTellWatcher(i) (p[i].watcher != NOTHING && p[i].watcher != RESULT && (CONTRACT || PARTIES(released) == H))
#endif
inline tellWatcher(i) {
	p[i].watcher = RESULT;
	printf("watcher %d: is shown the contract, and files no claim any more\n", i)
}

/* Step 4, before T_c: W after the release. At T_c see signing.pml. */
#if MERGED
#define mayFile(i) (H == N && !filed && (p[i].watcher == CLAIM || p[i].is == RELEASED && p[i].watcher != RESULT || p[i].is == PROMISED && ALL_PROMISED && phase == URGENT))
#else
#define mayFile(i) (!filed && (bound(i) && p[i].is != PROMISED || p[i].is == RELEASED || p[i].watcher == CLAIM) && p[i].watcher != RESULT && \
	(p[i].released || phase == URGENT))
#endif
inline file(i) {
	filed = 1;
	printf("watcher %d: files the claim with all jurors\n", i)
}

/* Step 5, seen from a party: t shares, or t voids. A void certificate is
   "never" only for a party that did not release. */
#define mayBeOpened(i) ((bound(i) || p[i].is == RELEASED) && JURY_COMPLETES(BAD))
inline getShares(i) {
	p[i].is = DONE;
	printf("party %d: has t shares of every signature, and so the contract\n", i)
}
#if VARIANT == VOID_IS_NEVER
#define mayBeVoid(i) ((bound(i) || p[i].is == RELEASED) && VOIDS + BAD >= T)
#else
#define mayBeVoid(i) (bound(i) && VOIDS + BAD >= T)
#endif
inline getVoids(i) {
	p[i].is = NEVER;
	printf("party %d: has a void certificate, and concludes that there is no contract\n", i)
}

/* Another attempt over the same things: free are who never promised and no
   longer will, and who knows that there is no contract. What comes of the
   promise there is another run of this model. */
#if VARIANT == PROMISE_AGAIN
#define mayPromiseAgain(i) (!p[i].again && p[i].is >= PROMISED && p[i].is != DONE)
#elif VARIANT == FREE_AFTER_RELEASE
#define mayPromiseAgain(i) (!p[i].again && (p[i].is == NEVER || p[i].is == ACCEPTED && phase != EARLY || p[i].is == RELEASED && VOIDS + BAD >= T))
#else
#define mayPromiseAgain(i) (!p[i].again && (p[i].is == NEVER || p[i].is == ACCEPTED && phase != EARLY))
#endif
inline promiseAgain(i) {
	p[i].again = 1;
	printf("party %d: promises the same things in a second attempt\n", i)
}

/* Of variants: the watcher has not written what it gave a receipt for. */
#define mayForget(i) (VARIANT == WATCHER_FORGETS && (p[i].watcher == CLAIM || p[i].watcher == OWES))
inline forget(i) {
	p[i].watcher = NOTHING;
	printf("watcher %d: restarts, and does not know the claim any more\n", i)
}

#if MERGED
#define SINGLY(i)
#else
#define SINGLY(i) \
	:: d_step { mayHold(i) -> hold(i) } \
	:: d_step { mayLodge(i) -> lodge(i) } \
	:: d_step { mayReceipt(i) -> receipt(i) } \
	:: d_step { mayNote(i) -> note(i) } \
	:: d_step { maySetBack(i) -> setBack(i) } \
	:: d_step { mayPromiseAgain(i) -> promiseAgain(i) } \
	:: d_step { mayForget(i) -> forget(i) }
#endif
#define PARTY(i) \
	:: d_step { mayPromise(i) -> promise(i) } \
	SINGLY(i) \
	:: d_step { mayRelease(i) -> release(i) } \
	:: d_step { mayComplete(i) -> complete(i) } \
	:: d_step { mayBeTold(i) -> told(i) } \
	:: d_step { mayTellWatcher(i) -> tellWatcher(i) } \
	:: d_step { mayFile(i) && QUIET -> file(i) } \
	:: d_step { mayBeOpened(i) -> getShares(i) } \
	:: d_step { mayBeVoid(i) -> getVoids(i) }

/* Where messages are prompt, W passes only when nothing is on its way. */
#if PROMPT
#define busy(i) (mayPromise(i) || mayHold(i) || mayLodge(i) || mayReceipt(i) || mayRelease(i) || mayComplete(i) || mayBeTold(i) || mayTellWatcher(i))
#if H == 2
#define QUIET (busy(0) + busy(1) == 0)
#else
#define QUIET (busy(0) + busy(1) + busy(2) == 0)
#endif
#else
#define QUIET true
#endif
