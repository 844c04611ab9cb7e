package draft

import (
	"sxp"
	"sxp/envelope"
	"sxp/identity"
)

// SealInfo separates sealed proposals from other sealed data
// (spec/contract.md).
const SealInfo = "sxp proposal/1"

// Seal seals a signed proposal to one of its people, for a board's mail. It
// fails where the card's keys have run out.
func Seal(to identity.Card, proposal []byte, now sxp.Time) ([]byte, error) {
	key, err := to.SealKey(now)
	if err != nil {
		return nil, err
	}
	return envelope.Seal([]envelope.KEMPublic{key}, SealInfo, proposal)
}
