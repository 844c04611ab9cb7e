package spin

import (
	"slices"
	"strings"
)

// all returns the cases of one size: every number of honest parties, every
// number of corrupt jurors up to f; those with three and more honest parties in
// the merged form. More than six honest jurors or four honest
// parties are beyond the model.
func all(n, seats, f int) []Case {
	var out []Case
	for honest := 1; honest <= min(n, 4); honest++ {
		for bad := 0; bad <= f; bad++ {
			if seats-bad <= 6 {
				out = append(out, Case{N: n, Honest: honest, Seats: seats, F: f, Bad: bad, Merged: honest > 2})
			}
		}
	}
	return out
}

// Small returns the cases of every check of a change: (2,1,0), (2,3,1) and
// (3,3,1) with all numbers of corrupt ones, the runs of honest and prompt
// people, and that every run ends.
func Small() []Case {
	out := append(append(all(2, 1, 0), all(2, 3, 1)...), all(3, 3, 1)...)
	return append(out,
		Case{N: 2, Honest: 2, Seats: 1, Prompt: true},
		Case{N: 2, Honest: 2, Seats: 3, F: 1, Bad: 1, Prompt: true},
		Case{N: 3, Honest: 3, Seats: 3, F: 1, Bad: 1, Prompt: true},
		Case{N: 2, Honest: 1, Seats: 1, Ends: true},
		Case{N: 2, Honest: 1, Seats: 3, F: 1, Bad: 1, Ends: true},
	)
}

// A Rule is a rule of the protocol that a variant of the model leaves out.
type Rule struct {
	Variant string // of sizes.pml
	Own     bool   // not one of those that were asked for
	Rule    string // what is left out, in words
	Case    Case   // where it breaks first
	Code    string // what keeps the rule in the code
	Test    string // what shows the same break on the real machines, "": none
}

// two is the smallest case with corrupt people on both sides.
var two = Case{N: 2, Honest: 1, Seats: 3, F: 1, Bad: 1}

// broken returns the case of a variant.
func broken(variant string, p Property) Case {
	c := two
	c.Variant, c.Property = variant, p
	return c
}

// Rules returns the variants, those asked for first.
func Rules() []Rule {
	honest := Case{N: 2, Honest: 2, Seats: 3, F: 1, Bad: 1, Prompt: true, Variant: "RESULT_UNTOLD", Property: Optimism}
	three := broken("FEW_PROMISES", Timeliness)
	three.N, three.Honest = 3, 2
	four := broken("ASIDE_IS_HONEST", Certificates)
	four.Seats, four.Merged = 4, true
	return append(asked(), []Rule{
		{"SEND_BEFORE_WRITE", true, "a juror writes its decision before anything of it is sent", broken("SEND_BEFORE_WRITE", Agreement), "jury.Juror.accept", "jury TestCrashesAfterEveryWrite"},
		{"SEAT_COUNTED_TWICE", true, "endorsements count once for each seat", broken("SEAT_COUNTED_TWICE", Agreement), "jury.Juror.endorsements", "jury TestWhenAClaimIsGood"},
		{"VOID_EARLY", true, "void only after D + (f+1)Δ", broken("VOID_EARLY", Agreement), "jury.Juror.query", "jury TestRulesMatter"},
		{"VOID_UNDRAINED", true, "what arrived in time is decided before a void", broken("VOID_UNDRAINED", Agreement), "jury.Queue.Pop", "jury TestQueue"},
		{"NO_MARK", true, "what was late stays late when a juror's clock is set back", broken("NO_MARK", Agreement), "jury.Juror.consider", "jury TestLateByTheHighWaterMark"},
		{"SENT_ONCE", true, "an endorsed claim is repeated around D to jurors that were down", broken("SENT_ONCE", Agreement), "jury.session.urgent", "jury TestUpFromTheDeadlineOn"},
		{"CLOCK_SET_BACK", true, "who wrote that T_c − W has passed releases by no clock", broken("CLOCK_SET_BACK", Fairness), "contract.Session.noteTime", "TestClockSetBackReleasesNothing"},
		{"WATCHER_FORGETS", true, "a watcher writes the claim before its receipt", broken("WATCHER_FORGETS", Fairness), "contract.Watcher.lodge", "TestEveryPartyCrashesAtEveryStep"},
		{"CLAIM_AT_D", true, "a watcher files at T_c, not at D", broken("CLAIM_AT_D", Fairness), "contract.Proposal.ClaimAt", "TestWatcherFilesInTime"},
		{"T_TOO_LARGE", true, "t ≤ n − f", broken("T_TOO_LARGE", Fairness), "contract.checkJurySizes", "TestThresholdsMatter"},
		{"WATCHER_UNASKED", true, "a party asks its watcher for the result", broken("WATCHER_UNASKED", Timeliness), "contract.Session.askWatcher", "TestWatcherIsAskedForTheResult"},
		{"FREE_AFTER_RELEASE", true, "a void does not free who released", broken("FREE_AFTER_RELEASE", Once), "contract.Entry.binds", "TestReleasedThenVoidStaysBound"},
		{"STALE_SIGNS", true, "a device that did not promise does not sign", broken("STALE_SIGNS", NoForgery), "contract.Session.completeDirectly", "TestStaleDeviceDoesNotSign"},
		{"FEW_PROMISES", true, "a claim holds the promises of all N parties", three, "contract.Claim.CheckForm", "TestInvalidClaimBlocksNothing"},
		{"RESULT_UNTOLD", true, "signatures and results go to the watchers too", honest, "contract.Session.sendRelease", "TestHonestRun"},
		{"SHARES_UNPASSED", true, "a juror's shares leave only after the claim was passed on", broken("SHARES_UNPASSED", Certificates), "jury.Juror.passOn, Reply.Hold", "jury TestOpensOnlyWhatWasPassedOn, TestOtherJurorsGetNoEarlyShares"},
		{"OPENS_LATE", true, "who is back later than D + (e + ½)Δ, and had not passed the claim on, stands aside", broken("OPENS_LATE", Agreement), "jury.Juror.withdraw", "jury TestOpensOnlyWhatWasPassedOn"},
		{"SERVED_LATE", true, "so does who only serves a claim then", broken("SERVED_LATE", Certificates), "jury.Juror.accept", "jury TestNobodyOpensAfterALongQueue"},
		{"ASIDE_IS_HONEST", true, "who endorsed to some only, then stands aside, is one of the f", four, "assumption 1", ""},
		{"T_IS_F", true, "f < t, seen at the certificates", broken("T_IS_F", Certificates), "contract.checkJurySizes", "TestThresholdsMatter"},
	}...)
}

// asked are the variants that the protocol's description names.
func asked() []Rule {
	return []Rule{
		{"SHORT_DEADLINE", false, "claims are good until D + (f+1)Δ, not D + fΔ", broken("SHORT_DEADLINE", Fairness), "contract.Preimage.VoidAfter", "jury TestWhenAClaimIsGood"},
		{"T_IS_F", false, "f < t", broken("T_IS_F", Fairness), "contract.checkJurySizes", "TestThresholdsMatter"},
		{"RELEASE_LATE", false, "release, and take promises, only before T_c − W", broken("RELEASE_LATE", Fairness), "contract.Session.mayRelease", "TestRulesMatter"},
		{"RELEASE_UNLODGED", false, "release only with a watcher's receipt", broken("RELEASE_UNLODGED", Fairness), "contract.Session.release", "TestRulesMatter"},
		{"K_OUTSIDE_M", false, "the commitment K_i is inside m", broken("K_OUTSIDE_M", Fairness), "contract.Preimage.M", "TestCommitmentIsInsideM"},
		{"LOCAL_VALIDITY", false, "nothing local decides whether a claim is valid", broken("LOCAL_VALIDITY", Agreement), "jury.Juror.consider", "jury TestRulesMatter"},
		{"VOID_IS_NEVER", false, "a void is not \"never\" after the own release", broken("VOID_IS_NEVER", Conclusion), "contract.Session.settle", "TestRulesMatter"},
		{"VOID_AFTER_OUTAGE", false, "a juror that was down around D abstains", broken("VOID_AFTER_OUTAGE", Agreement), "jury.uptime.covers", "jury TestUptime"},
		{"PROMISE_AGAIN", false, "no promise in a second attempt before the first is void", broken("PROMISE_AGAIN", Once), "contract.Ledger.Blocked", "TestNoSecondPromise"},
	}
}

// Name names the rule's counterexample: the variant, and the property if the
// variant is searched for more than one.
func (r Rule) Name() string {
	name := strings.ReplaceAll(strings.ToLower(r.Variant), "_", "-")
	if r.Variant == "T_IS_F" && r.Own {
		name += "-" + r.Case.Property.String()
	}
	return name
}

// File is where the counterexample is kept, from the folder of this package.
func (r Rule) File() string { return "counterexamples/" + r.Name() + ".txt" }

// Large returns the cases of a release: (2,4,1), (4,3,1), (2,5,2), (3,5,2) with
// all numbers of corrupt ones in the merged form; those of (3,3,1), (4,3,1) and
// (2,5,2) that need no more than a few minutes as they are; and of (2,7,3), merged,
// what memory allows.
func Large() []Case {
	var out []Case
	for _, c := range slices.Concat(all(2, 4, 1), all(4, 3, 1), all(2, 5, 2), all(3, 5, 2)) {
		c.Merged = true
		out = append(out, c)
	}
	for _, c := range [][5]int{ // N, honest, n, f, corrupt jurors
		{2, 1, 5, 2, 2}, {3, 3, 3, 1, 1}, {4, 3, 3, 1, 1}, {2, 1, 5, 2, 1}, {2, 2, 5, 2, 2}, {3, 3, 3, 1, 0}, {2, 1, 5, 2, 0}, {4, 4, 3, 1, 1},
		{2, 1, 7, 3, 3}, {2, 2, 7, 3, 3}, {2, 1, 7, 3, 2}, {2, 2, 7, 3, 2},
	} {
		out = append(out, Case{N: c[0], Honest: c[1], Seats: c[2], F: c[3], Bad: c[4], Merged: c[2] == 7})
	}
	return out
}
