/* jury.pml: honest jurors, their clocks, and what corrupt ones make of them.

   Each honest juror has a clock of its own that counts rounds; no two differ by
   more than one, since Delta bounds clock difference and way together. What an
   honest juror passes on in its round r is here before the receiver's round r+1
   ends, if that one is up; it may come at any earlier time.

   A restart is no event of its own: what follows from one is. A juror that is
   down when a round ends gets nothing of that round; one that has accepted and
   not passed the claim on may be down before it does, for a moment or for
   rounds; one that has decided and sent loses nothing. */

#define hasAccepted(k) (j[k].is == OPEN)

/* Distinct other seats whose endorsements can be shown to k. */
#define CAP(v) ((v) > LAST -> LAST : (v))
#if VARIANT == SEAT_COUNTED_TWICE
#define ENDORSEMENTS(k) ((BAD + ENDORSED - endorsed(k)) > 0 -> LAST : 0)
#else
#define ENDORSEMENTS(k) CAP(BAD + ENDORSED - endorsed(k))
#endif

/* The round that decides: by the high-water mark it is never earlier than what
   the juror has seen before. */
#if VARIANT == NO_MARK
#define roundOf(k) (j[k].back -> 0 : j[k].round)
#else
#define roundOf(k) (j[k].round)
#endif

/* A claim with e endorsements is good by D + e*Delta, and no later than the last
   round whatever e is. */
#define good(e, r) ((r) <= (e) && (r) <= LAST)

/* Down, or with a wrong clock, at some time of the window. */
#define inWindow(k) (j[k].round > 0 && j[k].round <= LAST)

/* On the first good and valid claim: write; what leaves follows. */
inline accept(k, have) {
	j[k].is = OPEN;
	j[k].ends = (have + 1 > LAST + 1 -> LAST + 1 : have + 1);
	j[k].first = (j[k].round == 0);
#if WITNESS == 4
	last = (j[k].round == LAST -> 1 : last);
#endif
	j[k].gap = 0;	/* who has opened never votes void, and is not missing */
	j[k].missed = 0
}

/* A claim comes, with e endorsements, from whomever. */
#if VARIANT == LOCAL_VALIDITY
#define takes(k) (!j[k].kind)
#else
#define takes(k) true
#endif
#define mayTake(k, e) (j[k].is == NONE && takes(k) && CLAIMABLE && good(e, roundOf(k)) && (e) <= ENDORSEMENTS(k))
inline take(k, have, which) {
	printf("juror %d: gets valid claim %d with %d endorsements by others, %d of them corrupt, and writes that it accepts\n", k, which + 1, have, (have < BAD -> have : BAD));
	leaked = (have > BAD + OPENED && VARIANT != SEAT_COUNTED_TWICE -> 1 : leaked);
	accept(k, have);
	j[k].kind = which
}

/* Then it endorses and passes the claim on, and its shares leave. It may have
   been down before. A claim that it took with e endorsements helps until
   D + (e + 1/2)Delta on its clock: that is in its round e+1 at the latest, and the
   way is short enough if no clock is past that. It comes within Delta. */
#define E(k) (j[k].ends - 1)
#define pastIt(k, l) (j[l].round > E(k) + 1)
#if J == 1
#define anyPast(k) pastIt(k, 0)
#elif J == 2
#define anyPast(k) (pastIt(k, 0) + pastIt(k, 1))
#elif J == 3
#define anyPast(k) (pastIt(k, 0) + pastIt(k, 1) + pastIt(k, 2))
#elif J == 4
#define anyPast(k) (pastIt(k, 0) + pastIt(k, 1) + pastIt(k, 2) + pastIt(k, 3))
#elif J == 5
#define anyPast(k) (pastIt(k, 0) + pastIt(k, 1) + pastIt(k, 2) + pastIt(k, 3) + pastIt(k, 4))
#else
#define anyPast(k) (pastIt(k, 0) + pastIt(k, 1) + pastIt(k, 2) + pastIt(k, 3) + pastIt(k, 4) + pastIt(k, 5))
#endif
#define helps(k) (roundOf(k) <= E(k) || anyPast(k) == 0)
#define owing(k) (j[k].is == OPEN && !j[k].sent)
#define maySend(k) (owing(k) && helps(k))
inline send(k) {
	printf("juror %d: endorses, passes the claim on and opens its shares\n", k);
	j[k].sent = 1;
	j[k].at = (j[k].round < E(k) -> j[k].round : E(k));
	filed = 1	/* corrupt jurors have the claim too */
}

/* Who is back only after that stands aside, for ever: its shares have not left. */
#define late(k) (owing(k) && roundOf(k) > E(k))
#define mayStandAside(k) (!PROMPT && late(k) && VARIANT != SEND_BEFORE_WRITE)
inline standAside(k) {
	printf("juror %d: stands aside\n", k);
	j[k].is = ASIDE;
	j[k].ends = 0;
	j[k].gap = 1;	/* it abstains, and is missing */
	j[k].missed = 1
}

/* Of variants: it opens nevertheless; it is down while the others hear of the
   claim for the only time; it has not written what it sent; its clock is set
   back. */
#define maySendLate(k) ((VARIANT == OPENS_LATE || VARIANT == SERVED_LATE) && late(k))
#define maySendOnce(k) (VARIANT == SENT_ONCE && maySend(k) && j[k].round == 0)
inline sendOnce(k) {
	x = 0;
	do
	:: x < J ->
		if
		:: j[x].is == NONE && j[x].round == 0 ->
			j[x].back = 1;
			printf("juror %d: is down for a moment\n", x)
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
	send(k)
}
#define mayForgetClaim(k) (VARIANT == SEND_BEFORE_WRITE && j[k].is == OPEN)
inline forgetClaim(k) {
	printf("juror %d: crashes, and restarts\n", k);
	j[k].is = NONE;
	j[k].first = 0;
	j[k].ends = 0;
	j[k].gap = inWindow(k)
}
#define mayTurnBack(k) (VARIANT == NO_MARK && j[k].is == NONE && !j[k].back && phase == URGENT)
inline turnBack(k) {
	printf("juror %d: restarts, and its clock shows a time before D\n", k);
	j[k].gap = (inWindow(k) -> 1 : j[k].gap);
	j[k].back = 1
}

/* It is down within a round: nothing has passed it, but it abstains. */
#define mayRest(k) (!PROMPT && j[k].is == NONE && inWindow(k) && !j[k].gap)
inline rest(k) {
	printf("juror %d: crashes, and restarts\n", k);
	j[k].gap = 1
}

/* Its clock comes to the end of a round. By then it has, if it is up, what
   others passed on a round before. By D the claim of a watcher that held it at
   T_c has reached one honest juror. */
#define owes(i) (p[i].watcher == OWES)
#define later(k) (j[k].round > 0)
#define REACHED (reached || JURORS(isFirst) > 0 || refused)
#if J == 1
#define slower(k) 0
#else
#define slowerThan(k, l) (j[l].round < j[k].round)
#if J == 2
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1))
#elif J == 3
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2))
#elif J == 4
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2) + slowerThan(k, 3))
#elif J == 5
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2) + slowerThan(k, 3) + slowerThan(k, 4))
#else
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2) + slowerThan(k, 3) + slowerThan(k, 4) + slowerThan(k, 5))
#endif
#endif
#define mayAdvance(k) (j[k].round < PAST && slower(k) == 0 && \
	(j[k].round > 0 || phase == URGENT && (PARTIES(owes) == 0 || REACHED || JURORS(later) < J - 1)))

#if VARIANT == VOID_UNDRAINED
#define drains(k) (j[k].round < LAST)
#elif VARIANT == SEND_BEFORE_WRITE
#define drains(k) (!j[k].sent)	/* the others have its answer, and send nothing again */
#else
#define drains(k) true
#endif
#if VARIANT == SENT_ONCE
#define repeats(k, s) (!j[k].back || j[s].at > 0)
#else
#define repeats(k, s) true
#endif
inline advance(k) {
	x = 0;
	do
	:: x < J && j[k].is == NONE && drains(k) ->
		if
		:: j[x].is == OPEN && j[x].sent && j[x].at < j[k].round && repeats(k, x) ->
			if
			:: takes(k) && good(j[x].ends, roundOf(k)) ->
				printf("juror %d: gets the claim from juror %d with %d endorsements just in time, and writes that it accepts\n", k, x, j[x].ends);
				accept(k, j[x].ends);
				j[k].kind = (VARIANT == K_OUTSIDE_M -> j[x].kind : j[k].kind)
			:: else ->
				printf("juror %d: refuses the claim from juror %d with %d endorsements\n", k, x, j[x].ends)
			fi
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
	j[k].round++;
	printf("juror %d: clock passes round %d\n", k, j[k].round - 1)
}

/* Or it is down then, and nothing of that has come. */
#define mayMiss(k) (!PROMPT && j[k].is == NONE && mayAdvance(k))
inline miss(k) {
	printf("juror %d: is down then\n", k);
	j[k].missed = 1;
	j[k].gap = 1;
	j[k].round++;
	printf("juror %d: clock passes round %d\n", k, j[k].round - 1)
}

/* Somebody asks after the last round: without a good claim, and up all the
   time, it votes void, durably before the answer. */
#if VARIANT == VOID_EARLY
#define voidRound LAST
#else
#define voidRound PAST
#endif
#if VARIANT == VOID_AFTER_OUTAGE
#define abstains(k) false
#else
#define abstains(k) (j[k].gap)
#endif
#define mayVote(k) (j[k].is == NONE && !(VARIANT == NO_MARK && j[k].back) && j[k].round >= voidRound && !abstains(k))
inline vote(k) {
	j[k].is = VOIDED;
	printf("juror %d: is asked, and votes void\n", k)
}

/* Of variants: a juror refuses for a reason of its own. */
#define mayRefuse(k) (VARIANT == LOCAL_VALIDITY && j[k].is == NONE && !j[k].kind && CLAIMABLE)
inline refuse(k) {
	j[k].kind = 1;
	refused = (j[k].round == 0 -> 1 : refused);
	printf("juror %d: refuses the claim for a reason of its own\n", k)
}

#if VARIANT == K_OUTSIDE_M
#define SECOND(k) \
	:: d_step { mayTake(k, 0) -> take(k, 0, 1) } \
	:: d_step { mayTake(k, 1) -> take(k, 1, 1) }
#else
#define SECOND(k)
#endif
#if LAST == 4
#define THIRD(k) \
	:: d_step { mayTake(k, 2) -> take(k, 2, 0) } \
	:: d_step { mayTake(k, 3) -> take(k, 3, 0) } \
	:: d_step { mayTake(k, 4) -> take(k, 4, 0) }
#elif LAST == 3
#define THIRD(k) \
	:: d_step { mayTake(k, 2) -> take(k, 2, 0) } \
	:: d_step { mayTake(k, 3) -> take(k, 3, 0) }
#elif LAST == 2
#define THIRD(k) \
	:: d_step { mayTake(k, 2) -> take(k, 2, 0) }
#else
#define THIRD(k)
#endif

#define JUROR(k) \
	:: d_step { mayTake(k, 0) -> take(k, 0, 0) } \
	:: d_step { mayTake(k, 1) -> take(k, 1, 0) } \
	THIRD(k) \
	SECOND(k) \
	:: d_step { maySend(k) -> send(k) } \
	:: d_step { mayStandAside(k) -> standAside(k) } \
	:: d_step { mayAdvance(k) -> advance(k) } \
	:: d_step { mayMiss(k) -> miss(k) } \
	:: d_step { mayRest(k) -> rest(k) } \
	:: d_step { mayVote(k) -> vote(k) } \
	VARIED(k)
#if VARIANT == LOCAL_VALIDITY
#define VARIED(k) :: d_step { mayRefuse(k) -> refuse(k) }
#elif VARIANT == SENT_ONCE
#define VARIED(k) :: d_step { maySendOnce(k) -> sendOnce(k) }
#elif VARIANT == SEND_BEFORE_WRITE
#define VARIED(k) :: d_step { mayForgetClaim(k) -> forgetClaim(k) }
#elif VARIANT == NO_MARK
#define VARIED(k) :: d_step { mayTurnBack(k) -> turnBack(k) }
#elif VARIANT == OPENS_LATE || VARIANT == SERVED_LATE
#define VARIED(k) :: d_step { maySendLate(k) -> printf("juror %d: is late\n", k); send(k) }
#else
#define VARIED(k)
#endif
