package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/relay"
)

// run lives through the trade and judges it.
func (s *sim) run(ctx context.Context) (*TradeReport, error) {
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	s.choosePeople()
	if err := s.sign(ctx); err != nil {
		return nil, err
	}
	return s.judge(ctx)
}

// prepare lives through all that comes before the first person accepts.
func (s *sim) prepare(ctx context.Context) error {
	for _, do := range []func(context.Context) error{s.foundMarket, s.announce, s.find, s.propose} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sign wakes everybody and lets time pass until every jury may have voided and
// whoever was away has asked for the outcome.
func (s *sim) sign(ctx context.Context) error {
	s.wakeMachines()
	s.show.phase("signing", 100)
	start, end := s.clock, s.clock
	for _, r := range s.rings {
		end = max(end, r.due.void.Add(collecting))
	}
	return s.loop(ctx, end, func() {
		s.show.at(int(100*s.clock.Sub(start)/max(end.Sub(start), 1)), 100, "% of simulated time, "+s.clock.Std().Format("Mon 15:04:05"))
	})
}

// wakeMachines lets hub and jurors set their own alarms.
func (s *sim) wakeMachines() {
	for i := range len(s.jurors) + 1 {
		s.queue.schedule(i, s.clock+1)
	}
}

// wentAway reports whether a person was to vanish.
func (s *sim) wentAway(c *citizen) bool { return c.away }

// A result is what one party of a ring holds.
type result struct {
	state  string
	signed bool
	m      sxp.Hash
	why    string
}

// look asks a person's agent about a ring.
func (s *sim) look(ctx context.Context, c *citizen, r *ring) (result, error) {
	v, err := agent.Call[agent.DealView](ctx, c.agent, "deal", agent.DealRef{Deal: r.digest.String()})
	if errors.Is(err, sxp.NotFound) {
		return result{state: "never seen"}, nil // vanished before the mail came
	}
	return result{state: v.State, signed: v.State == "signed", m: v.M, why: v.Why}, err
}

// judge takes down what the honest hold, then lets those who vanished come
// back to collect what they can get, while the honest do nothing any more:
// what a vanished party could hold in secret counts as held.
func (s *sim) judge(ctx context.Context) (*TradeReport, error) {
	s.show.phase("judging", len(s.rings))
	before := make([][]result, len(s.rings))
	for i, r := range s.rings {
		for _, c := range r.parties {
			res, err := s.look(ctx, c, r)
			if err != nil {
				return nil, err
			}
			before[i] = append(before[i], res)
		}
	}
	if err := s.comeBack(ctx); err != nil {
		return nil, err
	}
	rep := s.newReport()
	files := make([][][]byte, len(s.rings))
	for i, r := range s.rings {
		out, raws, err := s.judgeRing(ctx, r, before[i])
		if err != nil {
			return nil, err
		}
		files[i] = raws
		rep.Detail.Outcomes = append(rep.Detail.Outcomes, out)
		s.show.at(i+1, len(s.rings), "rings")
	}
	if err := s.verify(rep, files); err != nil {
		return nil, err
	}
	rep.count()
	return rep, ctx.Err()
}

// comeBack turns the devices of the vanished on again.
func (s *sim) comeBack(ctx context.Context) error {
	s.frozen = true
	any := false
	for _, c := range s.folk {
		s.queue.forget(c.actor)
		if c.gate.closed() {
			any = true
			c.gate.reopen()
			s.queue.schedule(c.actor, s.clock+1)
		} else {
			c.away = false
		}
	}
	if !any {
		return nil
	}
	return s.loop(ctx, s.clock.Add(collecting), func() {})
}

// judgeRing says what became of one ring, and returns its contract files.
func (s *sim) judgeRing(ctx context.Context, r *ring, before []result) (RingOutcome, [][]byte, error) {
	out := RingOutcome{Contract: r.digest, Outcome: Void}
	for _, m := range r.moves {
		out.People = append(out.People, s.byID[m.From].name)
		out.Absent = append(out.Absent, s.byID[m.From].away)
		out.Items = append(out.Items, m.Item.Title)
		out.To = append(out.To, s.byID[m.To].name)
	}
	held, lacks := false, false
	var m sxp.Hash
	var files [][]byte
	for i, c := range r.parties {
		now, err := s.look(ctx, c, r)
		if err != nil {
			return out, nil, err
		}
		if m.IsZero() {
			m = now.m
		}
		if c.away {
			out.Gone++
		} else if !before[i].signed {
			lacks = true
		}
		if out.Why == "" && !c.away {
			out.Why = before[i].why
		}
		if !now.signed {
			continue
		}
		held = true
		f, err := agent.Call[agent.ContractFile](ctx, c.agent, "contract.file", agent.DealRef{Deal: r.digest.String()})
		if err != nil {
			return out, nil, fmt.Errorf("the file of %s: %w", c.name, err)
		}
		if !slices.ContainsFunc(files, func(b []byte) bool { return string(b) == string(f.Data) }) {
			files = append(files, f.Data)
		}
	}
	claimed := s.net.claimed(m)
	if !held && claimed {
		held = s.opened(ctx, m) > (s.cfg.Jury-1)/2
	}
	switch {
	case held && claimed:
		out.Outcome = ByJury
	case held:
		out.Outcome = Direct
	}
	out.Unfair = held && lacks
	return out, files, nil
}

// opened counts the jurors who have opened shares of a session, by asking
// them as a stranger.
func (s *sim) opened(ctx context.Context, m sxp.Hash) int {
	n := 0
	for i, j := range s.jurors {
		a, err := relay.Ask[contract.QueryRequest, contract.Answer](ctx, s.net.dial(nil)(jurorURL(i)), s.finder, j.node.ID(), s.clock, s.rand, contract.RequestQuery, contract.QueryRequest{M: m})
		if err == nil && a.Standing == contract.Completed && len(a.Shares) > 0 {
			n++
		}
	}
	return n
}

// verify checks every contract file as `sxp verify` does, on all cores, and
// keeps them where that was asked.
func (s *sim) verify(rep *TradeReport, files [][][]byte) error {
	s.show.phase("verifying files", len(files))
	outcomes := rep.Detail.Outcomes
	parallel(len(files), func(i int) {
		outcomes[i].Verified = len(files[i]) > 0
		for _, raw := range files[i] {
			if err := verifyFile(raw); err != nil {
				outcomes[i].Verified = false
				outcomes[i].Why = err.Error()
			}
		}
	})
	if s.cfg.Keep == "" {
		return nil
	}
	dir := filepath.Join(s.cfg.Keep, "contracts")
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	for i, raws := range files {
		for k, raw := range raws {
			name := outcomes[i].Contract.Short() + ".sxpc"
			if k > 0 {
				name = fmt.Sprintf("%s-%d.sxpc", outcomes[i].Contract.Short(), k+1)
			}
			if err := os.WriteFile(filepath.Join(dir, name), raw, fileMode); err != nil {
				return err
			}
		}
	}
	return nil
}

// newReport fills what is known before the rings are judged.
func (s *sim) newReport() *TradeReport {
	rep := &TradeReport{People: len(s.folk), Items: len(s.list.Items), Rings: len(s.rings), RingLengths: make(map[int]int)}
	d := &rep.Detail
	d.Name, d.Groups, d.Roll, d.Signers = s.cfg.name(), len(s.list.Dummies), len(s.jurors), s.signers
	for i := range s.list.Items {
		d.Wants += len(s.list.Items[i].Wants)
	}
	for i := range s.list.Dummies {
		d.Wants += len(s.list.Dummies[i].Wants)
	}
	for _, j := range s.jurors {
		if j.liar != nil {
			d.Lies = append(d.Lies, string(j.liar.how))
		}
	}
	for _, c := range s.folk {
		if c.away {
			d.Vanished++
		}
	}
	for _, p := range s.list.Problems {
		if len(d.Complaints) < 10 {
			d.Complaints = append(d.Complaints, p.String())
		}
	}
	d.Messages, d.Bytes, d.Simulated = s.net.calls, s.net.bytes, s.clock.Sub(simStart)
	d.Optimal, d.Bound, d.Traded = s.found.result.Optimal, int(s.found.result.Bound), s.found.result.Value.Items
	return rep
}

// count sums up the outcomes.
func (rep *TradeReport) count() {
	for i := range rep.Detail.Outcomes {
		o := &rep.Detail.Outcomes[i]
		rep.RingLengths[len(o.Items)]++
		switch o.Outcome {
		case Direct:
			rep.CompletedDirect++
		case ByJury:
			rep.CompletedByJury++
		default:
			rep.Void++
		}
		if o.Outcome != Void {
			rep.Detail.Completed += len(o.Items)
		}
		if o.Unfair {
			rep.Unfair++
		}
		if o.Verified {
			rep.Verified++
		}
	}
}
