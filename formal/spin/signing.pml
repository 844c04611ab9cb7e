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
	phase++;
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
		od
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
		j[x].up = 1;
		j[x].sent = (j[x].is == OPEN -> 1 : j[x].sent);
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
   order are one. Which round a juror accepted in does not matter any more once
   nobody can take its claim. */
#define partyKey(i) (p[i].is + 8 * p[i].promised + 16 * p[i].released + 32 * p[i].late + 64 * p[i].back + 128 * p[i].again + 256 * p[i].watcher)
#define jurorKey(k) (j[k].is + 4 * j[k].round + 32 * j[k].at + 256 * j[k].ends + 2048 * j[k].sent + 4096 * j[k].up + 8192 * j[k].gap + 16384 * j[k].missed + 32768 * j[k].kind + 65536 * j[k].back)
#define swap(a, b) u = a; a = b; b = u
#define settled(k) (j[k].is != NONE || j[k].round == PAST)
inline tidy() {
	if
	:: JURORS(settled) == J ->
		x = 0;
		do
		:: x < J ->
			if
			:: j[x].sent -> j[x].at = (j[x].at == 0 -> 0 : 1); j[x].ends = 0
			:: else
			fi;
			x++
		:: else -> break
		od
	:: else
	fi;
	y = 0;
	do
	:: SYMMETRY && y < H - 1 ->
		x = 0;
		do
		:: x < H - 1 ->
			if
			:: partyKey(x) > partyKey(x + 1) ->
				swap(p[x].is, p[x + 1].is); swap(p[x].promised, p[x + 1].promised); swap(p[x].released, p[x + 1].released);
				swap(p[x].late, p[x + 1].late); swap(p[x].back, p[x + 1].back); swap(p[x].again, p[x + 1].again);
				swap(p[x].watcher, p[x + 1].watcher)
			:: else
			fi;
			x++
		:: else -> break
		od;
		y++
	:: else -> break
	od;
	y = 0;
	do
	:: SYMMETRY && y < J - 1 ->
		x = 0;
		do
		:: x < J - 1 ->
			if
			:: jurorKey(x) > jurorKey(x + 1) ->
				swap(j[x].is, j[x + 1].is); swap(j[x].round, j[x + 1].round); swap(j[x].at, j[x + 1].at);
				swap(j[x].ends, j[x + 1].ends); swap(j[x].sent, j[x + 1].sent); swap(j[x].up, j[x + 1].up);
				swap(j[x].gap, j[x + 1].gap); swap(j[x].missed, j[x + 1].missed); swap(j[x].kind, j[x + 1].kind);
				swap(j[x].back, j[x + 1].back)
			:: else
			fi;
			x++
		:: else -> break
		od;
		y++
	:: else -> break
	od
}

init {
	d_step {
		x = 0;
		do
		:: x < J -> j[x].up = 1; x++
		:: else -> break
		od;
		x = 0
	}
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
		:: d_step { phase < URGENT && QUIET -> pass(); x = 0 }
		:: d_step { JURORS(past) == J -> finish(); x = 0 }
		fi;
		d_step {
			check();
			tidy();
			x = 0; y = 0; u = 0
		}
	}
	:: over -> break
	od
}

#if CRASHES
/* Every run ends: with a bound on restarts nothing goes round in circles. */
ltl ends { <> over }
#endif
