package contract

import (
	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// Check verifies a claim: the preimage, then all N·n equations of the
// promises, not only one seat's. ⚠ It is a fixed function of the claim: no
// clock, no roll, no revocation, no rate limit, nor who delivered it.
func (c *Claim) Check(a Algebra) ([]Acceptance, error) {
	accepts, err := c.CheckForm()
	if err != nil {
		return nil, err
	}
	return accepts, c.CheckPoints(a, accepts)
}

// CheckForm is the cheap part of Check: sizes and Ed25519 signatures.
func (c *Claim) CheckForm() ([]Acceptance, error) {
	accepts, err := c.Preimage.CheckForm()
	if err != nil {
		return nil, err
	}
	return accepts, c.checkPromiseSizes()
}

func (c *Claim) checkPromiseSizes() error {
	const op = "contract.Claim"
	if len(c.Promises) != len(c.Preimage.Parties) {
		return sxp.Errorf(op, sxp.Invalid, nil, "a claim has a promise of each of %d parties, this has %d", len(c.Preimage.Parties), len(c.Promises))
	}
	for i := range c.Promises {
		if len(c.Promises[i]) != len(c.Preimage.Jury) {
			return &bls.BlameError{Index: i, Err: sxp.Errorf(op, sxp.Invalid, nil, "a promise has a point for each of %d seats, this has %d", len(c.Preimage.Jury), len(c.Promises[i]))}
		}
	}
	return nil
}

// CheckPoints is the expensive part of Check; accepts come from CheckForm.
func (c *Claim) CheckPoints(a Algebra, accepts []Acceptance) error {
	return c.checkPoints(a, c.Preimage.M(), accepts)
}

func (c *Claim) checkPoints(a Algebra, m sxp.Hash, accepts []Acceptance) error {
	if err := c.Preimage.checkPoints(a, accepts); err != nil {
		return err
	}
	return checkPromises(a, &c.Preimage, m, accepts, c.Promises)
}

func checkPromises(a Algebra, pre *Preimage, m sxp.Hash, accepts []Acceptance, promises []bls.Promise) error {
	_, zs := pre.jurorKeys()
	checks := make([]bls.PromiseCheck, len(promises))
	for i := range promises {
		checks[i] = bls.PromiseCheck{X: pre.Parties[i].X, Commitment: accepts[i].Commitment, Promise: promises[i]}
	}
	return a.Promises(m, zs, checks)
}

// OpenClaim verifies a signed claim's form and that a party of it signed it.
// It returns that party's index. CheckPoints of the claim is left to do.
func OpenClaim(raw []byte) (c *Claim, party int, accepts []Acceptance, err error) {
	m, err := parsePlain(raw, TypeClaim)
	if err != nil {
		return nil, 0, nil, err
	}
	return readClaimOf(m)
}

func readClaimOf(m *envelope.Message) (c *Claim, party int, accepts []Acceptance, err error) {
	c = new(Claim)
	if err = envelope.Unmarshal(m.Payload, c); err != nil {
		return nil, 0, nil, err
	}
	if party, err = c.filedBy(m.Signer); err != nil {
		return nil, 0, nil, err
	}
	accepts, err = c.CheckForm()
	return c, party, accepts, err
}

// filedBy returns the index of the party that signed the claim.
func (c *Claim) filedBy(signer sxp.ID) (int, error) {
	party := c.Preimage.Party(signer)
	if party < 0 {
		return 0, sxp.Errorf("contract.OpenClaim", sxp.Denied, signer, "a claim from outside is signed by one of its parties")
	}
	return party, nil
}
