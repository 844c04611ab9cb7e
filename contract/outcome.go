package contract

import (
	"bytes"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A Collector gathers what jurors answer about one session until it has an
// outcome: t shares complete every signature, t voids certify that the jury
// never will. Neither depends on who delivers them. It is not safe for
// concurrent use.
type Collector struct {
	a       Algebra
	pre     *Preimage
	m       sxp.Hash
	accepts []Acceptance
	raws    []sxp.Bytes // signed Shares, by seat from 0
	points  []*Shares
	voids   []sxp.Bytes
}

// NewCollector verifies the form of the preimage and returns an empty
// collector for it.
func NewCollector(a Algebra, pre *Preimage) (*Collector, error) {
	accepts, err := pre.CheckForm()
	if err != nil {
		return nil, err
	}
	return newCollector(a, pre, pre.M(), accepts), nil
}

func newCollector(a Algebra, pre *Preimage, m sxp.Hash, accepts []Acceptance) *Collector {
	n := len(pre.Jury)
	return &Collector{a: a, pre: pre, m: m, accepts: accepts,
		raws: make([]sxp.Bytes, n), points: make([]*Shares, n), voids: make([]sxp.Bytes, n)}
}

// restore takes back what was verified before a restart.
func (c *Collector) restore(shares, void sxp.Bytes) {
	if len(shares) > 0 {
		if sh, err := OpenShares(shares, c.pre, c.m); err == nil {
			c.raws[sh.Seat-1], c.points[sh.Seat-1] = shares, sh
		}
	}
	if len(void) > 0 {
		if seat, err := openVoid(void, c.pre, c.m); err == nil {
			c.voids[seat-1] = void
		}
	}
}

// OpenShares verifies the form of a signed Shares message and that it is by
// the juror of its seat: nobody but that juror can fill the seat's place. The
// points are left to verify; see Collector.AddShares.
func OpenShares(raw []byte, pre *Preimage, m sxp.Hash) (*Shares, error) {
	const op = "contract.OpenShares"
	sh := new(Shares)
	signer, err := openPlain(raw, TypeShares, sh)
	if err != nil {
		return nil, err
	}
	if sh.M != m {
		return nil, sxp.Errorf(op, sxp.Invalid, sh.M, "the shares are of another session")
	}
	if sh.Seat < 1 || sh.Seat > len(pre.Jury) || pre.Jury[sh.Seat-1].ID != signer {
		return nil, sxp.Errorf(op, sxp.Invalid, m, "the shares are not signed by the juror of seat %d", sh.Seat)
	}
	if len(sh.Shares) != len(pre.Parties) {
		return nil, sxp.Errorf(op, sxp.Invalid, m, "seat %d opened %d shares for %d parties: a juror opens all together", sh.Seat, len(sh.Shares), len(pre.Parties))
	}
	return sh, nil
}

// AddShares verifies a signed Shares message and keeps it. It returns the
// seat, and whether it was new. A wrong share gives an error of kind Invalid
// and is forgotten.
func (c *Collector) AddShares(raw []byte) (seat int, fresh bool, err error) {
	const op = "contract.Collector"
	if _, signer, err := envelope.Peek(raw); err == nil {
		if seat := c.pre.Seat(signer); seat != 0 && c.points[seat-1] != nil {
			return seat, false, nil // what is known needs no second look
		}
	}
	sh, err := OpenShares(raw, c.pre, c.m)
	if err != nil {
		return 0, false, err
	}
	if c.points[sh.Seat-1] != nil {
		return sh.Seat, false, nil
	}
	if err := c.a.Shares(c.m, sharesChecks(c.pre, c.accepts, sh)); err != nil {
		return sh.Seat, false, sxp.Errorf(op, sxp.KindOf(err), c.m, "seat %d: %w", sh.Seat, err)
	}
	c.raws[sh.Seat-1], c.points[sh.Seat-1] = bytes.Clone(raw), sh
	return sh.Seat, true, nil
}

// AddVoid verifies a signed Void message and keeps it, as AddShares does.
func (c *Collector) AddVoid(raw []byte) (seat int, fresh bool, err error) {
	if seat, err = openVoid(raw, c.pre, c.m); err != nil {
		return 0, false, err
	}
	fresh = len(c.voids[seat-1]) == 0
	if fresh {
		c.voids[seat-1] = bytes.Clone(raw)
	}
	return seat, fresh, nil
}

// openVoid returns the seat that signed a Void of m.
func openVoid(raw []byte, pre *Preimage, m sxp.Hash) (int, error) {
	signer, err := OpenVoid(raw, m)
	if err != nil {
		return 0, err
	}
	seat := pre.Seat(signer)
	if seat == 0 {
		return 0, sxp.Errorf("contract.Void", sxp.Invalid, m, "not a void by a juror of this session")
	}
	return seat, nil
}

// OpenVoid returns who signed a Void of m, juror or not.
func OpenVoid(raw []byte, m sxp.Hash) (sxp.ID, error) {
	var v Void
	signer, err := openPlain(raw, TypeVoid, &v)
	if err == nil && v.M != m {
		err = sxp.Errorf("contract.OpenVoid", sxp.Invalid, m, "the void is of another session")
	}
	return signer, err
}

// OpenEndorse returns who signed an Endorse of m, juror or not.
func OpenEndorse(raw []byte, m sxp.Hash) (sxp.ID, error) {
	var v Endorse
	signer, err := openPlain(raw, TypeEndorse, &v)
	if err == nil && v.M != m {
		err = sxp.Errorf("contract.OpenEndorse", sxp.Invalid, m, "the endorsement is of another session")
	}
	return signer, err
}

// HasShares reports whether seat, 1..n, has opened.
func (c *Collector) HasShares(seat int) bool { return c.points[seat-1] != nil }

// HasVoid reports whether seat, 1..n, has voided.
func (c *Collector) HasVoid(seat int) bool { return len(c.voids[seat-1]) > 0 }

// SharesRaw returns the kept Shares messages in seat order.
func (c *Collector) SharesRaw() []sxp.Bytes { return present(c.raws) }

// Opened counts the seats that have opened.
func (c *Collector) Opened() int { return len(present(c.raws)) }

// Voids counts the seats that have voided.
func (c *Collector) Voids() int { return len(present(c.voids)) }

func (c *Collector) voidList() []sxp.Bytes { return present(c.voids) }

func present(list []sxp.Bytes) []sxp.Bytes {
	var out []sxp.Bytes
	for _, b := range list {
		if len(b) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// Recover completes every party's signature and the contract's. It fails with
// sxp.Early while fewer than t jurors have opened.
func (c *Collector) Recover() (sigmas []bls.G1, s bls.G1, err error) {
	sigmas = make([]bls.G1, len(c.pre.Parties))
	for i := range sigmas {
		shares := map[int]bls.G1{}
		for _, p := range c.points {
			if p != nil {
				shares[p.Seat] = p.Shares[i]
			}
		}
		if sigmas[i], err = c.a.Recover(shares, c.pre.T); err != nil {
			return nil, bls.G1{}, err
		}
	}
	s, err = aggregate(c.a, c.pre, c.m, sigmas)
	return sigmas, s, err
}

// aggregate returns S = Σ c_i·σ_i, verified.
func aggregate(a Algebra, pre *Preimage, m sxp.Hash, sigmas []bls.G1) (bls.G1, error) {
	s, err := a.Combine(m, sigmas)
	if err != nil {
		return bls.G1{}, err
	}
	return s, a.Aggregate(m, pre.keys(), s)
}

// A VoidCertificate is t jurors' word that the jury opened nothing and never
// will. ⚠ It does not say that no contract exists: after an honest direct
// completion the jury voids too. A verifying S always prevails, and only who
// did not release may conclude "never".
type VoidCertificate struct {
	Preimage Preimage    `json:"preimage"`
	Voids    []sxp.Bytes `json:"voids"` // t signed Void messages, in seat order
}

// Check verifies the certificate: exactly t distinct seats, in seat order, so
// that it has one form for a set of jurors.
func (v *VoidCertificate) Check() error {
	const op = "contract.VoidCertificate"
	if _, err := v.Preimage.CheckForm(); err != nil {
		return err
	}
	m := v.Preimage.M()
	if len(v.Voids) != v.Preimage.T {
		return sxp.Errorf(op, sxp.Invalid, m, "a void certificate has t=%d voids, this has %d", v.Preimage.T, len(v.Voids))
	}
	last := 0
	for _, raw := range v.Voids {
		seat, err := openVoid(raw, &v.Preimage, m)
		if err != nil {
			return err
		}
		if seat <= last {
			return sxp.Errorf(op, sxp.Invalid, m, "the voids must be of distinct seats in seat order")
		}
		last = seat
	}
	return nil
}

// SignShares is what a juror says with its opened shares.
func SignShares(s envelope.Signer, m sxp.Hash, seat int, shares []bls.G1) ([]byte, error) {
	return envelope.Sign(s, TypeShares, &Shares{M: m, Seat: seat, Shares: shares})
}
