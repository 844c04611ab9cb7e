package contract

import "sxp/envelope"

// The signed messages of a signing, in the order in which they appear.
const (
	TypeRoll       envelope.Type = "sxp.roll/1"
	TypeProposal   envelope.Type = "sxp.proposal/1"
	TypeAcceptance envelope.Type = "sxp.acceptance/1"
	TypeDecline    envelope.Type = "sxp.decline/1"
	TypeLock       envelope.Type = "sxp.lock/1"
	TypePromise    envelope.Type = "sxp.promise/1"
	TypeClaim      envelope.Type = "sxp.claim/1"
	TypeLodged     envelope.Type = "sxp.lodged/1"
	TypeRelease    envelope.Type = "sxp.release/1"
	TypeResult     envelope.Type = "sxp.result/1"
	TypeAsk        envelope.Type = "sxp.ask/1"
	TypeEndorse    envelope.Type = "sxp.endorse/1"
	TypeVoid       envelope.Type = "sxp.void/1"
	TypeShares     envelope.Type = "sxp.shares/1"
	TypeVouch      envelope.Type = "sxp.vouch/1"
	TypeUp         envelope.Type = "sxp.up/1"
	TypeConduct    envelope.Type = "sxp.conduct/1"
)

// Types returns a constructor of each message's payload, for the JSON view.
func Types() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{
		TypeRoll:       func() any { return new(Roll) },
		TypeProposal:   func() any { return new(Proposal) },
		TypeAcceptance: func() any { return new(Acceptance) },
		TypeDecline:    func() any { return new(Decline) },
		TypeLock:       func() any { return new(Lock) },
		TypePromise:    func() any { return new(Promise) },
		TypeClaim:      func() any { return new(Claim) },
		TypeLodged:     func() any { return new(Lodged) },
		TypeRelease:    func() any { return new(Release) },
		TypeResult:     func() any { return new(Result) },
		TypeAsk:        func() any { return new(Ask) },
		TypeEndorse:    func() any { return new(Endorse) },
		TypeVoid:       func() any { return new(Void) },
		TypeShares:     func() any { return new(Shares) },
		TypeVouch:      func() any { return new(Vouch) },
		TypeUp:         func() any { return new(Up) },
		TypeConduct:    func() any { return new(ConductReport) },
	}
}
