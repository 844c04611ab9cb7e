package fairness

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
)

// An adversary is one mind that holds all corrupt parties and jurors: their
// keys, and every message that anybody sends to them. What a corrupt member
// does by itself is what an honest one would do (a puppet, the real machine);
// plots change, hold back and add to that.
//
// It may delay and repeat what its members send as it likes; what honest
// members send to each other is the schedule's.
type adversary struct {
	r    *run
	know knowledge
	d    dice
	hold map[Member]bool

	onSend []func(o *out) bool // false: it is not sent
	onHear []func(o *out) bool // false: the puppet does not see it

	onSession []func(k *known) // somebody knows a session for the first time
	twice     bool             // corrupt parties forget what they give elsewhere
	idle      map[Member]bool  // no puppet: the member does what plots do
}

func newAdversary(r *run) *adversary {
	a := &adversary{r: r, d: at(r.c.Seed, 'a'), hold: map[Member]bool{}, idle: map[Member]bool{}}
	a.know.r = r
	for _, i := range r.c.Corrupt.Parties {
		a.hold[Member{Party, i}], a.hold[Member{Watcher, i}] = true, true
	}
	for _, j := range r.c.Corrupt.Jurors {
		a.hold[Member{Juror, j}] = true
	}
	return a
}

// setUp starts all plots of the case that have whom they need.
func (a *adversary) setUp() {
	a.acceptOutside()
	for _, name := range a.r.c.Corrupt.Plots {
		p := plotNamed(name)
		if (!p.Party || len(a.parties()) > 0) && (!p.Juror || len(a.jurors()) > 0) && (!p.Real || a.r.c.Real) {
			p.Set(a)
		}
	}
}

// holds reports whether a member is corrupt, as the watcher of a corrupt party is.
func (a *adversary) holds(m Member) bool { return a.hold[m] }

// plays reports whether a corrupt member's machine acts by itself.
func (a *adversary) plays(m Member) bool { return !a.idle[m] }

// lets asks all plots about a message of a corrupt member; they may change it.
func (a *adversary) lets(o *out) bool {
	a.know.learn(o)
	for _, f := range a.onSend {
		if !f(o) {
			return false
		}
	}
	return true
}

// hears tells all plots of a message to a corrupt member.
func (a *adversary) hears(o *out) bool {
	a.know.learn(o)
	for _, f := range a.onHear {
		if !f(o) {
			return false
		}
	}
	return a.plays(o.to)
}

// parties returns the corrupt parties, jurors the corrupt jurors, in order.
func (a *adversary) parties() []Member { return a.all(Party) }
func (a *adversary) jurors() []Member  { return a.all(Juror) }

func (a *adversary) all(k Kind) []Member {
	var out []Member
	for m := range a.hold {
		if m.Kind == k {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(x, y Member) int { return x.N - y.N })
	return out
}

// honest returns the honest parties.
func (a *adversary) honest() []Member {
	var out []Member
	for i := range a.r.c.Parties {
		if m := (Member{Party, i + 1}); !a.hold[m] {
			out = append(out, m)
		}
	}
	return out
}

// proposal returns the first attempt's.
func (a *adversary) proposal() *contract.OpenedProposal { return a.r.w.proposals[0] }

// keys returns the keys of a corrupt party.
func (a *adversary) keys(m Member) *partyKeys { return a.r.parties[m.N-1].keys }

// signer returns the identity key of a corrupt member.
func (a *adversary) signer(m Member) *signer {
	if !a.hold[m] {
		panic("fairness: " + m.String() + " is not corrupt")
	}
	if m.Kind == Party {
		return a.r.w.lab.person(m.N - 1).signer
	}
	return a.r.w.jurors[m.N-1].keys.signer
}

// sign makes a message of a corrupt member.
func (a *adversary) sign(m Member, typ envelope.Type, v any) []byte {
	return signBy(a.signer(m), typ, v)
}

func signBy(s *signer, typ envelope.Type, v any) []byte { return must(envelope.Sign(s, typ, v)) }

// at does something at a moment of true time.
func (a *adversary) at(t sxp.Time, do func()) { a.r.at(t, do) }

// send puts a message of a corrupt member on its way; no plot is asked. What
// comes back from a juror goes to o.reply, and into what is known.
func (a *adversary) send(o *out) {
	if !a.hold[o.from] {
		panic("fairness: " + o.from.String() + " is not corrupt")
	}
	a.r.carry(o)
}

// file sends a claim to the juror of a seat of a session.
func (a *adversary) file(from Member, k *known, seat int, claim []byte, delay sxp.Duration) {
	a.send(&out{from: from, to: a.r.jurorMember(k.pre.Jury[seat-1].ID), kind: claiming, raw: claim, seat: seat, m: k.m, attempt: k.attempt, delay: delay, reply: func(contract.Answer) {}})
}

// endorse passes a claim with endorsements to the juror of a seat.
func (a *adversary) endorse(from Member, k *known, seat int, req *contract.ForwardRequest, delay sxp.Duration) {
	a.send(&out{from: from, to: a.r.jurorMember(k.pre.Jury[seat-1].ID), kind: forwarding, forward: req, seat: seat, m: k.m, attempt: k.attempt, delay: delay, reply: func(contract.Answer) {}})
}

// claim returns the session's claim signed by a corrupt party, nil while a
// promise is missing.
func (a *adversary) claim(from Member, k *known) []byte {
	c := k.claim()
	if c == nil {
		return nil
	}
	return a.sign(from, contract.TypeClaim, c)
}

// seats returns the seats of a session that are held, or that are not.
func (a *adversary) seats(k *known, held bool) []int {
	var out []int
	for j := range k.pre.Jury {
		if a.hold[a.r.jurorMember(k.pre.Jury[j].ID)] == held {
			out = append(out, j+1)
		}
	}
	return out
}
