package node

import (
	"cmp"
	"slices"

	"sxp"
	"sxp/deal"
	"sxp/envelope"
	"sxp/internal/kv"
)

const keyScores = "score/" // one record for each market: how solvers have done

// A score is how one solver has done on one market.
type score struct {
	Solver  string   `json:"solver"`
	Answers int      `json:"answers"` // that came
	Wrong   int      `json:"wrong"`   // of which some part, or all, was not right, or came too late
	Best    int      `json:"best"`    // that nobody's were better than, with rings in them
	Proven  int      `json:"proven"`  // that proved that nothing is better by the first goal
	Rings   int      `json:"rings"`   // proposed
	Items   int      `json:"items"`   // in these
	Last    sxp.Time `json:"last"`    // when the last answer came
}

// scores are those of one market, sxp.solvers/1.
type scores struct {
	Type    string   `json:"type"`
	Market  sxp.ID   `json:"market"`
	Goals   []string `json:"goals"`
	MaxRing int      `json:"maxRing"`
	Solvers []score  `json:"solvers"` // most items first
}

// scoresOf reads the scores of a market.
func (n *Node) scoresOf(m sxp.ID) (*scores, error) {
	s := &scores{Type: "sxp.solvers/1", Market: m, Solvers: []score{}}
	b, err := n.host.Board(m)
	if err != nil {
		return nil, err
	}
	if c, _, err := b.Charter(); err == nil {
		s.Goals, s.MaxRing = c.Deals.Goals, c.Deals.MaxRing
	}
	if len(s.Goals) == 0 {
		for _, g := range deal.DefaultGoals() {
			s.Goals = append(s.Goals, g.String())
		}
	}
	if s.MaxRing == 0 {
		s.MaxRing = deal.DefaultMaxRing
	}
	err = n.p.KV.View(func(tx kv.Tx) error { return readScores(tx, m, &s.Solvers) })
	slices.SortFunc(s.Solvers, func(a, b score) int {
		return cmp.Or(-cmp.Compare(a.Items, b.Items), -cmp.Compare(a.Best, b.Best), cmp.Compare(a.Solver, b.Solver))
	})
	return s, err
}

func readScores(tx kv.Tx, m sxp.ID, to *[]score) error {
	raw := tx.Get(keyScores + m.String())
	if raw == nil {
		return nil
	}
	return envelope.Unmarshal(raw, to)
}

// noteContest counts what a contest showed. The node's own searches that found
// nothing are not counted: there are thousands.
func (n *Node) noteContest(x *contest, best *entered) {
	changes := map[string]score{}
	for i := range x.entered {
		e := &x.entered[i]
		if e.solver == ownFinder && len(e.rings) == 0 && e.err == nil {
			continue
		}
		s := score{Answers: 1}
		result := "right"
		switch {
		case e.err != nil:
			s.Wrong, result = 1, "failed"
		case e.wrong > 0:
			s.Wrong, result = 1, "wrong"
		}
		if best != nil && e.err == nil && len(e.rings) > 0 && e.value.Compare(best.value, x.goals()) == 0 {
			s.Best, result = 1, "best"
		}
		if e.proven {
			s.Proven = 1
		}
		changes[e.solver] = s
		if n.p.Solved != nil {
			n.p.Solved(e.solver, result)
		}
	}
	n.addScores(x.market, changes)
}

// addScores adds to the scores of a market. What cannot be written is lost:
// scores decide nothing.
func (n *Node) addScores(m sxp.ID, changes map[string]score) {
	if len(changes) == 0 {
		return
	}
	now := n.p.Now()
	err := n.p.KV.Update(func(tx kv.Tx) error {
		var all []score
		if err := readScores(tx, m, &all); err != nil {
			n.p.Log.Warn("the scores of solvers are damaged and begin anew", "market", m, "err", err)
			all = nil
		}
		for name, add := range changes {
			i := slices.IndexFunc(all, func(s score) bool { return s.Solver == name })
			if i < 0 {
				all = append(all, score{Solver: name})
				i = len(all) - 1
			}
			s := &all[i]
			s.Answers += add.Answers
			s.Wrong += add.Wrong
			s.Best += add.Best
			s.Proven += add.Proven
			s.Rings += add.Rings
			s.Items += add.Items
			s.Last = now
		}
		// The ones with least to show go first: names cost nothing.
		slices.SortFunc(all, func(a, b score) int {
			return cmp.Or(-cmp.Compare(a.Items, b.Items), -cmp.Compare(a.Best, b.Best), -cmp.Compare(a.Last, b.Last), cmp.Compare(a.Solver, b.Solver))
		})
		raw, err := envelope.Marshal(all[:min(len(all), maxScores)])
		if err != nil {
			return err
		}
		return tx.Put(keyScores+m.String(), raw)
	})
	if err != nil {
		n.p.Log.Warn("the scores of solvers could not be kept", "market", m, "err", err)
	}
}
