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
   must not be more than f for shares, and must leave t for voids. */
#define MANNED  (BAD + JURORS(missed) <= F)
#define VOTING  (BAD + JURORS(gap) <= SEATS - T)

inline broken(n) {
	printf("broken: property %d\n", n);
	tell();
	assert(false)
}

inline check() {
	if
	:: checked(AGREEMENT) && VOIDS > 0 && JURORS(hasAccepted) > 0 -> broken(AGREEMENT)
	:: checked(AGREEMENT) && over && JURORS(hasAccepted) > 0 && JURORS(wrong) > 0 -> broken(AGREEMENT)
	:: else
	fi;
	if
	:: checked(CERTIFICATES) && SHARES >= T && VOIDS + BAD >= T -> broken(CERTIFICATES)
	:: else
	fi;
	if
	:: checked(CONCLUSION) && CONTRACT && PARTIES(never) > 0 -> broken(CONCLUSION)
	:: else
	fi;
	if
	:: checked(FAIRNESS) && over && MANNED && CONTRACT && PARTIES(lacking) > 0 -> broken(FAIRNESS)
	:: else
	fi;
	if
	:: checked(NO_FORGERY) && CONTRACT && !ALL_PROMISED -> broken(NO_FORGERY)
	:: else
	fi;
	if
	:: checked(TIMELINESS) && over && MANNED && (JURORS(hasAccepted) > 0 || VOTING) && PARTIES(unsettled) > 0 -> broken(TIMELINESS)
	:: else
	fi;
	if
	:: checked(OPTIMISM) && PROMPT && filed -> broken(OPTIMISM)
	:: else
	fi;
	if
	:: checked(ONCE) && CONTRACT && PARTIES(again) > 0 -> broken(ONCE)
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
