/* state.pml: what is stored, and what can be read off it. */

/* How far a party is. What it knows is durable: it is written before anything
   that follows from it is sent. */
#define ACCEPTED 0	/* all have accepted, m is known; not promised */
#define PROMISED 1
#define HOLDS    2	/* all N promises are here and verified */
#define LODGED   3	/* the watcher's receipt is here */
#define RELEASED 4
#define DONE     5	/* holds the contract */
#define NEVER    6	/* concluded that there is none and never will be */

/* A watcher of an honest party. */
#define NOTHING 0
#define CLAIM   1	/* holds the claim */
#define OWES    2	/* held it at T_c without the contract: it must reach a juror by D */
#define RESULT  3	/* holds the contract */

/* A juror's decision. */
#define NONE   0
#define OPEN   1	/* accepted the claim */
#define VOIDED 2
#define ASIDE  3	/* accepted the claim, could not pass it on in time: abstains for ever */

typedef Party {
	unsigned is : 3;
	bit promised;	/* its promise has left */
	bit released;	/* its signature has left */
	bit late;	/* wrote down that its clock has shown T_c - W */
	bit back;	/* its clock was set back after that */
	bit again;	/* promised over the same things in another session */
	unsigned watcher : 2;
};

typedef Juror {
	unsigned is : 2;
	unsigned round : 3;
	unsigned at : 3;	/* the round in which it passed the claim on */
	unsigned ends : 3;	/* endorsements in the claim that it passes on, with its own */
	bit first;	/* accepted by D, before another one of those had passed the claim on */
	bit sent;	/* the claim was passed on to all, then the shares have left */
	bit gap;	/* was down, or had a wrong clock, between D and D + (f+1)Delta */
	bit missed;	/* was down when a round ended, so that messages may have passed it */
	bit kind;	/* of variants: which of two valid claims it accepted (K_OUTSIDE_M), it refuses (LOCAL_VALIDITY) */
	bit back;	/* of variants: its clock was set back (NO_MARK), it missed the only message (SENT_ONCE) */
};

Party p[H];
Juror j[J];
unsigned phase : 2;
bit filed;	/* some honest party or watcher has filed the claim with all jurors */
bit reached;	/* a claim was accepted by D, and passed on */
bit leaked;	/* an honest juror has accepted by an endorsement of one that had not passed the claim on */
bit refused;	/* an honest juror has refused a claim by D for a reason of its own (LOCAL_VALIDITY) */
bit over;	/* all has been asked that can be asked */
#if WITNESS == 4
bit last;	/* a claim was accepted in the last round */
#endif

byte x, u;	/* of one step: 0 between steps, so that they make no states */

/* Sums over the honest ones. */
#if H == 1
#define PARTIES(e) (e(0))
#elif H == 2
#define PARTIES(e) (e(0) + e(1))
#elif H == 3
#define PARTIES(e) (e(0) + e(1) + e(2))
#else
#define PARTIES(e) (e(0) + e(1) + e(2) + e(3))
#endif
#if J == 1
#define JURORS(e) (e(0))
#elif J == 2
#define JURORS(e) (e(0) + e(1))
#elif J == 3
#define JURORS(e) (e(0) + e(1) + e(2))
#elif J == 4
#define JURORS(e) (e(0) + e(1) + e(2) + e(3))
#elif J == 5
#define JURORS(e) (e(0) + e(1) + e(2) + e(3) + e(4))
#else
#define JURORS(e) (e(0) + e(1) + e(2) + e(3) + e(4) + e(5))
#endif

#define promised(i)  (p[i].promised)
#define released(i)  (p[i].released)
#define done(i)      (p[i].is == DONE)
#if VARIANT == SEND_BEFORE_WRITE
#define opened(k)    (j[k].sent)	/* also if it has forgotten since */
#elif VARIANT == SHARES_UNPASSED
#define opened(k)    (j[k].is == OPEN || j[k].is == ASIDE)	/* who asks sees its shares at once */
#else
#define opened(k)    (j[k].is == OPEN && j[k].sent)
#endif
/* Its endorsement may be had: to some it has left at once, perhaps. */
#if VARIANT == SEND_BEFORE_WRITE || VARIANT == SERVED_LATE
#define endorsed(k)  opened(k)
#else
#define endorsed(k)  (j[k].is == OPEN || j[k].is == ASIDE)
#endif
#define voided(k)    (j[k].is == VOIDED)
#define undecided(k) (j[k].is == NONE)
#define missed(k)    (j[k].missed)
#define gap(k)       (j[k].gap)
#define aside(k)     (j[k].is == ASIDE)
#define isFirst(k)   (j[k].first)
#define inTime(k)    (j[k].first && j[k].is == OPEN)
#define isOfKind(k)  (j[k].is == OPEN && j[k].sent && j[k].kind)

#define ALL_PROMISED (PARTIES(promised) == H)
#define ENDORSED     JURORS(endorsed)
#define OPENED       JURORS(opened)
#define VOIDS        JURORS(voided)

/* What the corrupt side knows: it sees everything that is sent to a corrupt
   party or juror. With a corrupt party it has the honest promises as soon as
   they leave; a corrupt juror has them with the first claim. What corrupt
   parties promise, sign or endorse it can make at any time. */
#if H < N
#define SEES_PROMISES 1
#else
#define SEES_PROMISES filed
#endif
#if VARIANT == FEW_PROMISES
#define CLAIMABLE (filed || (H < N && PARTIES(promised) > 0))
#else
#define CLAIMABLE (filed || (H < N && ALL_PROMISED))
#endif

/* Shares of one promise that somebody can put together: those that honest
   jurors opened, and those of corrupt jurors who hold the promise. */
#define SHARES (OPENED + (SEES_PROMISES -> BAD : 0))
#define SIGNATURE(i) (p[i].released || (p[i].promised && SHARES >= T))
/* A complete contract exists: every honest signature has left, by a release or
   from t shares; a party that holds the contract gives it away. */
#define CONTRACT (PARTIES(SIGNATURE) == H || PARTIES(done) > 0)

/* What an honest party can complete with the jury, where corrupt jurors help
   (help = BAD) or do not (help = 0). With two valid claims (K_OUTSIDE_M) the shares
   of the corrupt party's two promises do not fit together. */
#if VARIANT == K_OUTSIDE_M
#define JURY_COMPLETES(help) (ALL_PROMISED && OPENED > 0 && (JURORS(isOfKind) + help >= T || OPENED - JURORS(isOfKind) + help >= T))
#else
#define JURY_COMPLETES(help) (ALL_PROMISED && OPENED > 0 && OPENED + help >= T)
#endif
