/* properties.pml: what must hold in every state, and at the end. Each has a
   number, so that one can be checked alone. */

#define AGREEMENT	1	/* no honest juror votes void where another opens; all that were up open, or none */
#define CERTIFICATES	2	/* t shares and t voids cannot both be had */
#define CONCLUSION	3	/* who concluded that there is no contract is right */
#define FAIRNESS	4	/* if a contract exists in the end, every honest party holds it */
#define NO_FORGERY	5	/* no contract exists without every honest party's promise */
#define TIMELINESS	6	/* in the end each honest party that promised has the contract or knows that there is none */
#define OPTIMISM	7	/* prompt and honest: no juror gets a message */
#define ONCE		8	/* nobody who promised the same things elsewhere finds a contract here */

#define checked(n) (ONLY == 0 || ONLY == n)

#define never(i) (p[i].is == NEVER)
#define again(i) (p[i].again)
#define unsettled(i) (p[i].promised && p[i].is != DONE && p[i].is != NEVER)
#define lacking(i) (p[i].is != DONE)
#define wrong(k) (j[k].is != OPEN && !j[k].missed)

/* Jurors that were away do not answer for the jury: with the corrupt ones they
   must not be more than f for shares, and must leave t for voids. The juror that
   a watcher has reached by D, if it owed that, is one that was not. */
#define MET     (PARTIES(owes) == 0 || reached || JURORS(inTime) > 0 || refused)
#define MANNED  (BAD + JURORS(missed) <= F && MET)
#define VOTING  (BAD + JURORS(gap) <= SEATS - T)

/* Once somebody has accepted by the endorsement of a juror that had not passed
   the claim on, those that were away for too long to pass it on count as corrupt. */
#if VARIANT == ASIDE_IS_HONEST
#define FEW true
#else
#define lost(k) (j[k].is == ASIDE || late(k))
#define FEW (!leaked || BAD + JURORS(lost) <= F)
#endif

inline broken(n) {
	printf("broken: property %d\n", n);
	tell();
	assert(false)
}

/* Things that must be able to happen, or the properties would hold for nothing:
   with WITNESS = k the search looks for the k-th instead. */
#define setBackBefore(i) (p[i].back)
#if WITNESS == 1	/* all conclude that there is no contract */
#define SEEN (over && PARTIES(never) == H)
#elif WITNESS == 2	/* the jury completes a contract in which nobody released */
#define SEEN (PARTIES(done) == H && PARTIES(released) == 0 && OPENED >= T)
#elif WITNESS == 3	/* a contract without the jury */
#define SEEN (over && PARTIES(done) == H && PARTIES(released) == H && !filed)
#elif WITNESS == 4	/* a claim is accepted in the last round */
#define SEEN (last)
#elif WITNESS == 5	/* a juror abstains, and the others' voids are enough */
#define SEEN (over && JURORS(gap) > 0 && VOIDS >= T && PARTIES(never) == H)
#elif WITNESS == 6	/* a clock is set back */
#define SEEN (PARTIES(setBackBefore) > 0)
#elif WITNESS == 7	/* a second attempt after a void */
#define SEEN (PARTIES(again) > 0 && PARTIES(never) > 0)
#elif WITNESS == 8	/* a juror misses everything, and the others' shares are enough */
#define SEEN (over && JURORS(missed) > 0 && OPENED >= T && PARTIES(done) == H)
#elif WITNESS == 9	/* a juror stands aside, and the others' shares are enough */
#define SEEN (over && JURORS(aside) > 0 && OPENED >= T && PARTIES(done) == H)
#elif WITNESS == 10	/* a juror stands aside, and the others' voids are enough */
#define SEEN (over && JURORS(aside) > 0 && VOIDS >= T && PARTIES(never) == H)
#elif WITNESS == 11	/* a juror was away after it had accepted, and is back just in time */
#define SEEN (JURORS(justInTime) > 0)
#else
#define SEEN false
#endif
#define justInTime(k) (owing(k) && late(k) && helps(k) && j[k].round == LAST)

/* One of them is enough: the search ends with the first. */
inline check() {
	if
	:: SEEN -> broken(0)
	:: checked(AGREEMENT) && FEW && VOIDS > 0 && OPENED > 0 -> broken(AGREEMENT)
	:: checked(AGREEMENT) && FEW && over && JURORS(hasAccepted) > 0 && JURORS(wrong) > 0 -> broken(AGREEMENT)
	:: checked(CERTIFICATES) && FEW && SHARES >= T && VOIDS + BAD >= T -> broken(CERTIFICATES)
	:: checked(CONCLUSION) && FEW && CONTRACT && PARTIES(never) > 0 -> broken(CONCLUSION)
	:: checked(FAIRNESS) && over && MANNED && CONTRACT && PARTIES(lacking) > 0 -> broken(FAIRNESS)
	:: checked(NO_FORGERY) && CONTRACT && !ALL_PROMISED -> broken(NO_FORGERY)
	:: checked(TIMELINESS) && over && MANNED && (JURORS(hasAccepted) > 0 || VOTING) && PARTIES(unsettled) > 0 -> broken(TIMELINESS)
	:: checked(OPTIMISM) && PROMPT && filed -> broken(OPTIMISM)
	:: checked(ONCE) && FEW && CONTRACT && PARTIES(again) > 0 -> broken(ONCE)
	:: else
	fi
}

/* How things stand, for the conversation. */
inline tell() {
	x = 0;
	do
	:: x < H ->
		printf("stands: party %d is %d released %d signature %d watcher %d\n", x, p[x].is, p[x].released, (x == 0 -> SIGNATURE(0) : 1), p[x].watcher);
		x++
	:: else -> break
	od;
	x = 0;
	do
	:: x < J ->
		printf("stands: juror %d is %d sent %d\n", x, j[x].is, j[x].sent);
		x++
	:: else -> break
	od;
	printf("stands: shares %d voids %d contract %d\n", SHARES, VOIDS + BAD, CONTRACT)
}
