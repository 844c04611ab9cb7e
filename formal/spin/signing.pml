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
		:: !j[x].up -> j[x].up = 1; printf("juror %d: restarts\n", x)
		:: else
		fi;
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
		swap(j[k].ends, j[l].ends); swap(j[k].sent, j[l].sent); swap(j[k].up, j[l].up);
		swap(j[k].gap, j[l].gap); swap(j[k].missed, j[l].missed); swap(j[k].kind, j[l].kind);
		swap(j[k].back, j[l].back); u = 0
	:: else
	fi
}
#define settled(k) (j[k].is != NONE || j[k].round == PAST)
#define marked(k) (j[k].sent && (j[k].ends > 0 || j[k].at > 1))
inline tidy() {
	if
	:: JURORS(settled) == J && JURORS(marked) > 0 ->
		x = 0;
		do
		:: x < J ->
			if
			:: j[x].sent -> j[x].at = (j[x].at == 0 -> 0 : 1); j[x].ends = 0
			:: else
			fi;
			x++
		:: else -> break
		od;
		x = 0
	:: else
	fi;
#if SYMMETRY
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
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 3
	orderJurors(2, 3);
#endif
#if J > 2
	orderJurors(1, 2);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#if J > 3
	orderJurors(2, 3);
#endif
#if J > 4
	orderJurors(3, 4);
#endif
#endif
	skip
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
		:: d_step { phase < URGENT && QUIET -> pass() }
		:: d_step { JURORS(past) == J -> finish(); x = 0 }
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
/* Every run ends: with a bound on restarts nothing goes round in circles. */
ltl ends { <> over }
#endif
