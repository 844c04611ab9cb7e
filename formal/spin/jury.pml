/* jury.pml: honest jurors, their clocks, and what corrupt ones make of them.

   Each honest juror has a clock of its own that counts rounds; no two differ by
   more than one, since Delta bounds clock difference and way together. What an
   honest juror sends in its round r is here before the receiver's round r+1
   ends, if that one is up; it may come at any earlier time. */

#define hasAccepted(k) (j[k].is == OPEN)

/* Distinct other seats whose endorsements can be shown to k. */
#define CAP(v) ((v) > LAST -> LAST : (v))
#if VARIANT == SEAT_COUNTED_TWICE
#define ENDORSEMENTS(k) ((BAD + OPENED - opened(k)) > 0 -> LAST : 0)
#else
#define ENDORSEMENTS(k) CAP(BAD + OPENED - opened(k))
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

/* On the first good and valid claim: write; what leaves follows. */
inline accept(k, have) {
	j[k].is = OPEN;
	j[k].at = j[k].round;
	j[k].ends = (have + 1 > LAST + 1 -> LAST + 1 : have + 1);
	j[k].gap = 0;	/* who has opened never votes void, and is not missing */
	j[k].missed = 0
}

/* A claim comes, with e endorsements, from whomever. */
#if VARIANT == LOCAL_VALIDITY
#define takes(k) (!j[k].kind)
#else
#define takes(k) true
#endif
#define mayTake(k, e) (j[k].up && j[k].is == NONE && takes(k) && CLAIMABLE && good(e, roundOf(k)) && (e) <= ENDORSEMENTS(k))
inline take(k, have, which) {
	printf("juror %d: gets valid claim %d with %d endorsements by others, %d of them corrupt, and writes that it accepts\n", k, which + 1, have, (have < BAD -> have : BAD));
	accept(k, have);
	j[k].kind = which
}

/* Then it endorses, passes the claim on and opens its shares. */
#define maySend(k) (j[k].up && j[k].is == OPEN && !j[k].sent)
inline send(k) {
	printf("juror %d: endorses, passes the claim on and opens its shares\n", k);
	j[k].sent = 1;
#if VARIANT == SENT_ONCE
	x = 0;
	do
	:: x < J ->
		if
		:: !j[x].up -> j[x].back = 1
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
#endif
	filed = 1	/* corrupt jurors have the claim too */
}

/* A juror crashes and restarts. Once it has decided, written and sent, that
   changes nothing: only before is it modelled. */
#if VARIANT == SEND_BEFORE_WRITE
#define open2(k) (j[k].is == OPEN)
#else
#define open2(k) (j[k].is == OPEN && !j[k].sent)
#endif
#define mayCrash(k) (!PROMPT && j[k].up && (CRASHES == 0 || crashes < CRASHES) && \
	(open2(k) || j[k].is == NONE && phase == URGENT && (j[k].round <= LAST || VARIANT == NO_MARK && !j[k].back)))
inline crash(k) {
	printf("juror %d: crashes\n", k);
	j[k].up = 0;
#if VARIANT == SEND_BEFORE_WRITE
	j[k].is = NONE;
	j[k].at = 0;
	j[k].ends = 0;
#endif
	j[k].gap = (j[k].is == NONE && j[k].round > 0 && j[k].round <= LAST -> 1 : j[k].gap);
	crashes = (CRASHES == 0 -> 0 : crashes + 1)
}
#define mayRestart(k) (!j[k].up)
inline restart(k) {
	j[k].up = 1;
#if VARIANT == NO_MARK
	j[k].back = 1;
	printf("juror %d: restarts, and its clock shows a time before D\n", k)
#else
	printf("juror %d: restarts\n", k)
#endif
}

/* Its clock comes to the end of a round. By then it has, if it is up, what
   others sent a round before. By D the claim of a watcher that held it at T_c
   has reached one honest juror. */
#define owes(i) (p[i].watcher == OWES)
#define before(k) (j[k].round == 0)
#define later(k) (j[k].round > 0)
#define REACHED (JURORS(inTime) > 0 || refused)
#define mustSend(k) (j[k].is == OPEN && !j[k].sent)
#define behind(k) (j[k].round < r_)
#if J == 1
#define slower(k) 0
#define unsent(k) 0
#else
#define slowerThan(k, l) (j[l].round < j[k].round)
#define unsentTo(k, l) (j[l].is == OPEN && !j[l].sent && j[l].at < j[k].round)
#if J == 2
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1))
#define unsent(k) (unsentTo(k, 0) + unsentTo(k, 1))
#elif J == 3
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2))
#define unsent(k) (unsentTo(k, 0) + unsentTo(k, 1) + unsentTo(k, 2))
#elif J == 4
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2) + slowerThan(k, 3))
#define unsent(k) (unsentTo(k, 0) + unsentTo(k, 1) + unsentTo(k, 2) + unsentTo(k, 3))
#else
#define slower(k) (slowerThan(k, 0) + slowerThan(k, 1) + slowerThan(k, 2) + slowerThan(k, 3) + slowerThan(k, 4))
#define unsent(k) (unsentTo(k, 0) + unsentTo(k, 1) + unsentTo(k, 2) + unsentTo(k, 3) + unsentTo(k, 4))
#endif
#endif
#define mayAdvance(k) (j[k].round < PAST && slower(k) == 0 && unsent(k) == 0 && \
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
	:: x < J && j[k].up && j[k].is == NONE && drains(k) ->
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
	if
	:: !j[k].up && j[k].is == NONE -> j[k].missed = 1
	:: else
	fi;
	j[k].round++;
	if
	:: !j[k].up && j[k].is == NONE && j[k].round <= LAST -> j[k].gap = 1
	:: else
	fi;
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
#define mayVote(k) (j[k].up && j[k].is == NONE && !(VARIANT == NO_MARK && j[k].back) && j[k].round >= voidRound && !abstains(k))
inline vote(k) {
	j[k].is = VOIDED;
	printf("juror %d: is asked, and votes void\n", k)
}

/* Of variants: a juror refuses for a reason of its own. */
#define mayRefuse(k) (VARIANT == LOCAL_VALIDITY && j[k].up && j[k].is == NONE && !j[k].kind && CLAIMABLE)
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
#if LAST >= 3
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
	:: d_step { mayCrash(k) -> crash(k) } \
	:: d_step { mayRestart(k) -> restart(k) } \
	:: d_step { mayAdvance(k) -> advance(k) } \
	:: d_step { mayVote(k) -> vote(k) } \
	:: d_step { mayRefuse(k) -> refuse(k) }
