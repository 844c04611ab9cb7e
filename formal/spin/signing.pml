/* signing.pml: a model of fair signing with a jury (spec/signing.md, spec/jury.md),
   steps 2 to 6, for an exhaustive search by Spin. README.md says what is
   modelled, what is left out and why, and how the rules map to the code.

   One process chooses, in each state, any event that can happen next: of an
   honest party, its watcher, an honest juror, a clock. The corrupt side has no
   process; what it could show is what the guards allow. */

#include "sizes.pml"
#include "state.pml"
#include "parties.pml"
#include "jury.pml"
#include "properties.pml"

/* T_c - W, then T_c: a watcher that holds the claim and no contract files it. */
inline pass() {
	phase = (MERGED -> URGENT : phase + 1);
	if
	:: phase == WAITING -> printf("time: T_c - W\n")
	:: else ->
		printf("time: T_c\n");
		x = 0;
		do
		:: x < H && VARIANT != CLAIM_AT_D ->
			if
			:: p[x].watcher == CLAIM ->
				p[x].watcher = OWES;
				filed = 1;
				printf("watcher %d: files the claim with all jurors\n", x)
			:: else
			fi;
			x++
		:: else -> break
		od;
		x = 0
	fi
}

/* After all clocks have passed D + (f+1)Delta each honest party asks its
   watcher and all jurors, for as long as it takes. Corrupt ones say nothing. */
#define past(k) (j[k].round == PAST)
inline finish() {
	printf("time: all is asked\n");
	over = 1;
	x = 0;
	do
	:: x < J ->
		if
		:: mayVote(x) -> vote(x)
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
	do
	:: x < H ->
		if
		:: (bound(x) || p[x].is == RELEASED) && p[x].watcher == RESULT && VARIANT != WATCHER_UNASKED ->
			p[x].is = DONE;
			printf("party %d: has the contract from its watcher\n", x)
		:: (bound(x) || p[x].is == RELEASED) && !(p[x].watcher == RESULT && VARIANT != WATCHER_UNASKED) && JURY_COMPLETES(0) ->
			p[x].is = DONE;
			printf("party %d: has t shares of every signature, and so the contract\n", x)
		:: bound(x) && p[x].watcher != RESULT && !JURY_COMPLETES(0) && VOIDS >= T ->
			p[x].is = NEVER;
			printf("party %d: has a void certificate, and concludes that there is no contract\n", x)
		:: else
		fi;
		x++
	:: else -> break
	od
}

/* Parties are alike and jurors are alike: states that differ only by their
   order are one. What nobody will look at any more is put to 0: see README.md. */
#define partyKey(i) (p[i].is + 8 * p[i].promised + 16 * p[i].released + 32 * p[i].late + 64 * p[i].back + 128 * p[i].again + 256 * p[i].watcher)
#define jurorKey(k) (j[k].is + 4 * j[k].round + 32 * j[k].at + 256 * j[k].ends + 2048 * j[k].sent + 4096 * j[k].first + 8192 * j[k].gap + 16384 * j[k].missed + 32768 * j[k].kind + 65536 * j[k].back)
#define swap(a, b) u = a; a = b; b = u
inline orderParties(i, l) {
	if
	:: partyKey(i) > partyKey(l) ->
		swap(p[i].is, p[l].is); swap(p[i].promised, p[l].promised); swap(p[i].released, p[l].released);
		swap(p[i].late, p[l].late); swap(p[i].back, p[l].back); swap(p[i].again, p[l].again);
		swap(p[i].watcher, p[l].watcher); u = 0
	:: else
	fi
}
inline orderJurors(k, l) {
	if
	:: jurorKey(k) > jurorKey(l) ->
		swap(j[k].is, j[l].is); swap(j[k].round, j[l].round); swap(j[k].at, j[l].at);
		swap(j[k].ends, j[l].ends); swap(j[k].sent, j[l].sent); swap(j[k].first, j[l].first);
		swap(j[k].gap, j[l].gap); swap(j[k].missed, j[l].missed); swap(j[k].kind, j[l].kind);
		swap(j[k].back, j[l].back); u = 0
	:: else
	fi
}
#define settled(k) (j[k].is != NONE || j[k].round == PAST)
#define unsure(k) (owing(k) || aside(k))
#define sure(k) (j[k].first && j[k].is == OPEN && j[k].sent)
inline tidyJurors() {
	/* Who has passed on a claim that it had by D will be there in the end; and
	   after T_c it matters only if a watcher then owed it. */
	reached = (reached || JURORS(sure) > 0);
	u = (reached || phase == URGENT && PARTIES(owes) == 0);
	reached = (phase == URGENT && PARTIES(owes) == 0 -> 0 : reached);
	leaked = (JURORS(unsure) > 0 -> leaked : 0);
	x = 0;
	do
	:: x < J ->
		j[x].first = (u -> 0 : j[x].first);
		if
		:: j[x].sent && JURORS(settled) == J -> j[x].at = 0; j[x].ends = 0	/* nobody can take its claim */
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0;
	u = 0
}
inline tidyParties() {
#if H < N && !PROMPT && WITNESS == 0
	filed = ALL_PROMISED;	/* corrupt parties have what a claim shows */
#endif
	x = 0;
	do
	:: x < H ->
		if
		:: p[x].is >= RELEASED -> p[x].late = 0; p[x].back = 0	/* it releases no more */
		:: else
		fi;
		if
		:: p[x].is == DONE && WITNESS == 0 -> p[x].released = 0	/* the contract can be had by all */
		:: else
		fi;
#if MERGED
		if
		:: p[x].is == DONE && (filed || H < N) || reached && phase == URGENT && p[x].watcher == OWES -> p[x].watcher = NOTHING
		:: else
		fi;
#endif
		if
		:: (p[x].is == DONE || p[x].is == NEVER) && (p[x].watcher == RESULT || p[x].watcher == CLAIM && phase == URGENT && (filed || H < N)) -> p[x].watcher = NOTHING
		:: else
		fi;
		x++
	:: else -> break
	od;
#if MERGED
	reached = (phase == URGENT -> 0 : reached);
#endif
	x = 0
}
inline tidy() {
#if SYMMETRY
	tidyJurors();
	tidyParties();
#if H > 3
	orderParties(2, 3);
#endif
#if H > 2
	orderParties(1, 2);
#endif
#if H > 1
	orderParties(0, 1);
#endif
#if H > 3
	orderParties(2, 3);
#endif
#if H > 2
	orderParties(1, 2);
#endif
#if H > 3
	orderParties(2, 3);
#endif
#if J > 5
	orderJurors(4, 5);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 3
	orderJurors(2, 3);
#endif
#if J > 2
	orderJurors(1, 2);
#endif
#if J > 1
	orderJurors(0, 1);
#endif
#if J > 5
	orderJurors(4, 5);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 3
	orderJurors(2, 3);
#endif
#if J > 2
	orderJurors(1, 2);
#endif
#if J > 5
	orderJurors(4, 5);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 3
	orderJurors(2, 3);
#endif
#if J > 5
	orderJurors(4, 5);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 5
	orderJurors(4, 5);
#endif
#endif
	skip
}

init {
	do
	:: atomic {
		!over ->
		if
		PARTY(0)
#if H > 1
		PARTY(1)
#endif
#if H > 2
		PARTY(2)
#endif
#if H > 3
		PARTY(3)
#endif
		JUROR(0)
#if J > 1
		JUROR(1)
#endif
#if J > 2
		JUROR(2)
#endif
#if J > 3
		JUROR(3)
#endif
#if J > 4
		JUROR(4)
#endif
#if J > 5
		JUROR(5)
#endif
		:: d_step { phase < URGENT && QUIET -> pass() }
		:: d_step { JURORS(past) == J && JURORS(owing) == 0 -> finish(); x = 0 }
#if RESTARTS
		:: true -> skip	/* somebody restarts */
#endif
		fi;
		d_step {
			check();
			tidy()
		}
	}
	:: over -> break
	od
}

#if ENDS
/* Every run ends: nothing goes round in circles. */
ltl ends { <> over }
#endif
