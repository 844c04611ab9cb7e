package contract

import (
	"sxp"
	"sxp/envelope"
	"sxp/market"
)

// SignJuror returns a juror's offer to serve, for the list from which a market
// makes its roll. The entry's ID is set to the signer's.
func SignJuror(a Algebra, s envelope.Signer, e RollEntry) ([]byte, error) {
	e.ID = s.ID()
	if err := e.check(a); err != nil {
		return nil, err
	}
	return envelope.Sign(s, market.TypeJuror, &e)
}

// OpenJuror reads what SignJuror gave. The key's proof is left to SignRoll and
// OpenRoll, which check every entry. It fails with Invalid unless the juror
// signed about itself.
func OpenJuror(raw []byte) (*RollEntry, error) {
	e := new(RollEntry)
	signer, err := openPlain(raw, market.TypeJuror, e)
	if err != nil {
		return nil, err
	}
	if e.ID != signer {
		return nil, sxp.Errorf("contract.OpenJuror", sxp.Invalid, signer, "a juror signs its own entry")
	}
	return e, nil
}
