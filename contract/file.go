package contract

import (
	"sxp"
	"sxp/internal/bls"
)

// Build returns the self-contained contract file of a completed session. The
// roll is included if it is not nil and small enough, so that the draw can be
// verified too.
func Build(p *OpenedProposal, r *OpenedRoll, pre *Preimage, s bls.G1) ([]byte, error) {
	return nil, sxp.Errorf("contract.Build", sxp.Unsupported, nil, "not built yet")
}

// BuildVoid returns the certificate that the jury will never complete the
// session, with the proposal it is about.
func BuildVoid(p *OpenedProposal, pre *Preimage, voids []sxp.Bytes) ([]byte, error) {
	return nil, sxp.Errorf("contract.BuildVoid", sxp.Unsupported, nil, "not built yet")
}
