package jury

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
)

// A Case is one session as its juror's records tell it, for people who look at
// their own node. It holds no text and names no party: a juror never knew more
// than keys, and need not show those.
type Case struct {
	M        sxp.Hash          `json:"m"`
	Standing contract.Standing `json:"standing"` // Completed, Voided; Abstains: an own word was seen that is lost here
	Seat     int               `json:"seat"`     // this juror's, 1..n; 0: not known any more
	Jury     int               `json:"jury"`     // n; 0: not known any more
	Parties  int               `json:"parties"`  // how many; 0: not known any more
	At       sxp.Time          `json:"at"`       // when the juror decided; 0: not known
	Deadline sxp.Time          `json:"deadline"` // D; 0: not known any more
	Decides  sxp.Time          `json:"decides"`  // D + (f+1)Δ: no claim is good after it; 0: not known any more
	Until    sxp.Time          `json:"until"`    // when the exchange with the other jurors ends; 0: there is none
	Open     bool              `json:"open"`     // the exchange goes on

	Endorsed []int `json:"endorsed"` // seats whose endorsement is here, the own with them; while the exchange goes on
	Shares   []int `json:"shares"`   // seats whose opened shares are here
	Heard    []int `json:"heard"`    // other seats that have answered since this node was started; while the exchange goes on
}

// Cases returns all sessions that the juror has a record of, the newest first.
// It changes nothing.
func (j *Juror) Cases() []Case {
	out := make([]Case, 0, len(j.sessions))
	for _, s := range j.sessions {
		out = append(out, s.view())
	}
	slices.SortFunc(out, func(a, b Case) int {
		if a.At != b.At {
			return int(max(-1, min(1, b.At-a.At)))
		}
		return slices.Compare(a.M[:], b.M[:])
	})
	return out
}

// Tally counts the sessions by standing.
func (j *Juror) Tally() map[contract.Standing]int {
	out := map[contract.Standing]int{contract.Completed: 0, contract.Voided: 0, contract.Abstains: 0}
	for _, s := range j.sessions {
		out[s.standing()]++
	}
	return out
}

func (s *session) standing() contract.Standing {
	if s.Standing == "" {
		return contract.Abstains
	}
	return s.Standing
}

func (s *session) view() Case {
	c := Case{
		M: s.M, Standing: s.standing(), Seat: s.Seat, Jury: s.Jury, Parties: s.Parties, At: s.At, Deadline: s.Deadline, Decides: s.Decides, Until: s.Until,
		Open: s.Claim != nil, Endorsed: []int{}, Shares: []int{}, Heard: []int{},
	}
	for i, raw := range s.Shares {
		if len(raw) > 0 {
			c.Shares = append(c.Shares, i+1)
		}
	}
	if s.Claim == nil {
		return c
	}
	pre := &s.Claim.Preimage
	for _, raw := range s.Endorsements {
		if _, signer, err := envelope.Peek(raw); err == nil {
			c.Endorsed = append(c.Endorsed, pre.Seat(signer))
		}
	}
	slices.Sort(c.Endorsed)
	for seat := range pre.Jury {
		if seat+1 != s.Seat && (s.forwarded[seat+1] || s.shared[seat+1]) {
			c.Heard = append(c.Heard, seat+1)
		}
	}
	return c
}

// Words returns the signed messages about a session that this juror may show to
// whoever signs its roll, for contract.ConductReport: shares that it and others
// opened, or its void; nothing while the exchange goes on.
func (j *Juror) Words(m sxp.Hash) []sxp.Bytes {
	s := j.sessions[m]
	switch {
	case s == nil || s.Claim != nil:
		return nil
	case s.Standing == contract.Voided:
		return []sxp.Bytes{s.Void}
	}
	return s.sharesOwnFirst(false)
}

// about is what a record keeps of a session for Cases.
type about struct {
	At       sxp.Time `json:"at,omitempty"` // when it was decided
	Jury     int      `json:"jury,omitempty"`
	Parties  int      `json:"parties,omitempty"`
	Deadline sxp.Time `json:"deadline,omitempty"`
	Decides  sxp.Time `json:"decides,omitempty"`
}

func aboutOf(pre *contract.Preimage, now sxp.Time) about {
	return about{At: now, Jury: len(pre.Jury), Parties: len(pre.Parties), Deadline: pre.Deadline, Decides: pre.VoidAfter()}
}
