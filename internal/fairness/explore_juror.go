package fairness

import (
	"fmt"
	"slices"

	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
)

// juror takes a step of a juror, and sends what it asks for.
func (a *actor) juror(ev jury.Event, h *happening) {
	acts, err := a.j.Step(ev)
	if err != nil {
		return
	}
	for _, act := range acts {
		switch act := act.(type) {
		case jury.Save:
		case jury.Reply:
			a.reply(act, h)
		case jury.Passed:
			for _, w := range a.held {
				a.answer(w.to, w.answer, false)
			}
			a.held = nil
		case jury.SendForward:
			a.flags |= didEndorse
			if a.forwarded == 0 {
				a.forwarded = a.now
			}
			content := [][]byte{[]byte("forward")}
			for _, raw := range act.Request.Endorsements {
				content = append(content, raw)
			}
			for _, to := range act.To {
				a.send(happening{kind: forwarding, forward: act.Request, what: fmt.Sprintf("claim with %d endorsements", len(content)-1)}, a.x.jurorOf(to.Seat), content...)
			}
		case jury.SendShares:
			a.flags |= didOpen
			for _, to := range act.To {
				if a.x.narrow() {
					continue
				}
				a.give(happening{kind: sharing, shares: act.Request, what: "shares"}, a.x.jurorOf(to.Seat), act.Request.Shares[0])
			}
		default:
			panic(fmt.Sprintf("fairness: a driver must do %T", act))
		}
	}
}

// reply answers the request at hand; what somebody makes up gets no answer.
func (a *actor) reply(r jury.Reply, h *happening) {
	if h == nil || h.kind == replying {
		return
	}
	switch r.Answer.Standing {
	case contract.Completed:
		a.flags |= didEndorse
	case contract.Voided:
		a.flags |= didVoid
	}
	if a.x.corrupt(h.from) || h.from.Kind == Watcher && a.x.narrow() {
		if len(r.Answer.Shares) > 0 && !r.Hold {
			a.flags |= didOpen
		}
		return
	}
	if r.Hold {
		if !slices.ContainsFunc(a.held, func(w held) bool { return w.to == h.from }) {
			a.held = append(a.held, held{h.from, r.Answer})
			slices.SortFunc(a.held, func(x, y held) int { return compareMembers(x.to, y.to) })
		}
		return
	}
	a.answer(h.from, r.Answer, h.kind == sharing)
}

func (a *actor) answer(to Member, answer contract.Answer, ofShare bool) {
	if len(answer.Shares) > 0 {
		a.flags |= didOpen
	}
	content := must(envelope.Marshal(&answer))
	seat := a.x.plan.pre.Seat(a.x.w.jurors[a.who.N-1].keys.ID())
	a.give(happening{kind: replying, seat: seat, answer: answer, ofShare: ofShare, what: "answers " + string(answer.Standing)}, to, content)
}
