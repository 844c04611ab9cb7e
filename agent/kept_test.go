package agent_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/contract/evidence"
	"sxp/contract/rating"
)

// evidenceOf is what a stranger reads in what somebody's device holds.
func (v *village) evidenceOf(p *person) *evidence.Report {
	v.t.Helper()
	k, err := p.Kept(v.t.Context(), agent.DealRef{Deal: "1"})
	check(v.t, err)
	file, err := evidence.Build(rand.Reader, evidence.Bundle{File: k.File, Session: k.Session, Faults: k.Faults, Messages: k.Messages})
	check(v.t, err)
	r, err := evidence.Open(rand.Reader, file)
	check(v.t, err)
	return r
}

// TestEvidenceAtEveryStage: at any moment of a signing that its jury completes,
// what each device holds makes a file that verifies, and never says more than
// has happened.
func TestEvidenceAtEveryStage(t *testing.T) {
	t.Parallel()
	v := strangers(t, 3)
	v.proposed()
	v.promisesAndLeaves("bob")
	seen := map[evidence.Outcome]bool{}
	for range 3 {
		for _, p := range v.people {
			r := v.evidenceOf(p)
			seen[r.Outcome] = true
			if state := v.deals(p)[0].State; (r.Outcome == evidence.OutcomeContract) != (state == "signed") || len(r.Broken) > 0 {
				t.Errorf("%s, %s: the evidence says %s, broken %v", p.name, state, r.Outcome, r.Broken)
			}
		}
		v.run(10 * sxp.Minute)
	}
	r := v.evidenceOf(v.person("alice"))
	if v.deals(v.person("alice"))[0].State != "signed" || !seen[evidence.OutcomeOpen] || !seen[evidence.OutcomeContract] || r.Contract == nil || !r.Contract.Drawn {
		t.Errorf("outcomes %v, at last %+v", seen, r)
	}
	if !slices.ContainsFunc(r.Said, func(l evidence.Line) bool { return l.Type == contract.TypeClaim }) {
		t.Error("all promised, and no claim shows it")
	}
}

// TestRatingsAreKept: a rating needs a complete contract and one of its
// parties, stays through a restart, and one of a stranger's contract is not
// kept.
func TestRatingsAreKept(t *testing.T) {
	t.Parallel()
	v := strangers(t, 3)
	v.proposed()
	alice, bob, ctx := v.person("alice"), v.person("bob"), t.Context()
	if _, err := alice.Rate(ctx, agent.RateDeal{Deal: "1", About: "bob"}); !errors.Is(err, sxp.Early) {
		t.Errorf("a rating before there is a contract: %v", err)
	}
	v.accept("1", v.people...)
	v.until(5*sxp.Minute, "1", "signed", v.people...)
	if _, err := alice.Rate(ctx, agent.RateDeal{Deal: "1"}); !errors.Is(err, sxp.Invalid) {
		t.Errorf("a rating of nobody among two: %v", err)
	}
	said, err := alice.Rate(ctx, agent.RateDeal{Deal: "1", About: "bob", Text: "good beer"})
	check(t, err)
	r, err := rating.Open(said.Message)
	check(t, err)
	if r.By != alice.ID() || r.About != bob.ID() || !r.Kept() || len(r.Parties) != 3 {
		t.Errorf("the rating is %+v", r)
	}
	reply, err := bob.TakeRating(ctx, agent.TakeRating{Message: said.Message, Reply: "thank you"})
	check(t, err)
	_, err = alice.TakeRating(ctx, agent.TakeRating{Message: reply.Message})
	check(t, err)
	check(t, alice.Close())
	if alice.Agent, err = agent.Open(v.config(alice)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*person{alice, bob} {
		if lines := v.evidenceOf(p).Timeline(); lines[len(lines)-2].Type != rating.Type || lines[len(lines)-1].Type != rating.TypeReply {
			t.Errorf("%s's evidence ends with %+v", p.name, lines[len(lines)-2:])
		}
	}
	other := newVillage(t, 3, "dora")
	other.found()
	if _, err := other.person("dora").TakeRating(ctx, agent.TakeRating{Message: said.Message}); !errors.Is(err, sxp.NotFound) {
		t.Errorf("a stranger keeps a rating of somebody's contract: %v", err)
	}
}
