package contract

import "sxp"

// What readers of single messages in tests compose.
var (
	OpenPlain             = openPlain
	OpenSeatVoid          = openVoid
	CheckAcceptancePoints = checkAcceptancePoints
	CheckPlainText        = checkText
)

// VoidForTest returns the kept Void message of a seat, 1..n.
func (c *Collector) VoidForTest(seat int) []byte { return c.voids[seat-1] }

// CheckForTest verifies an entry as a roll's issuer does.
func (e *RollEntry) CheckForTest(a Algebra) error { return e.check(a) }

// CheckWordForTest verifies the word of a tribe or operator for this juror.
func (e *RollEntry) CheckWordForTest(who sxp.ID, raw []byte, at sxp.Time) error {
	return e.checkWordOf(who, raw, at)
}

// OpenLockForTest reads and verifies a lock of the session m, and returns the
// index of who gives the secret.
func OpenLockForTest(raw []byte, o *OpenedProposal, m sxp.Hash) (*Lock, int, error) {
	l, giver, err := openLock(raw, o, m)
	if err == nil {
		err = l.verify(o)
	}
	return l, giver, err
}

// OpenSecretForTest opens what a verified lock and its author's signature open.
func (l *Lock) OpenSecretForTest(a Algebra, o *OpenedProposal, sigma [48]byte) (text []byte, wrong string, err error) {
	return judge(a, o, l, sigma)
}

// FaultKinds are all of them.
func FaultKinds() []FaultKind {
	return []FaultKind{FaultTwice, FaultAcceptance, FaultPromise, FaultLock, FaultRelease, FaultResult, FaultClaim, FaultSecret, FaultContradiction, FaultShares}
}
