package fairness

import (
	"encoding/binary"
	"math/big"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/internal/bls"
)

// realPlots need real points; most are claims of sessions that strangers make up
// among themselves with an honest juror's seat.
func realPlots() []Plot {
	return []Plot{
		{Name: "oracle", About: "a corrupt party names another key for an honest juror's seat in a session of its own, and would learn a share of an honest party's promise", Party: true, Real: true, Set: oracle},
		{Name: "zero seat", About: "a corrupt party's commitment makes the share of one seat worthless", Party: true, Real: true, Set: zeroSeat},
		{Name: "bad roll", About: "an issuer lists a corrupt juror with another's key or its opposite, with a proof that is another's or of another role, or twice", Party: true, Real: true, Set: badRoll},
		{Name: "made-up keys", About: "corrupt parties file claims of sessions with copied and opposite contract keys, and with related and replayed juror keys", Party: true, Real: true, Set: madeUpKeys},
	}
}

// stranger is a made-up party.
type stranger struct {
	*signer
	key *bls.Secret
}

func (a *adversary) stranger(i int) *stranger {
	s := newSigner("stranger", i)
	return &stranger{s, must(bls.NewSecret(&stream{label: "stranger's key " + string(rune('0'+i))}))}
}

// order is that of the groups.
var order, _ = new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)

// scalar returns the secret of a number.
func scalar(n *big.Int) *bls.Secret {
	return must(bls.ParseSecret(new(big.Int).Mod(n, order).FillBytes(make([]byte, bls.SecretSize))))
}

func numberOf(s *bls.Secret) *big.Int { return new(big.Int).SetBytes(s.Bytes()) }

// madeUp is a session of strangers with one honest juror as the only seat.
func (a *adversary) madeUp(seat contract.Seat, with []*stranger, commitment func(i int) bls.Commitment) *contract.Claim {
	p := a.proposal()
	pre := contract.Preimage{Version: contract.Version, Proposal: sxp.Sum([]byte("made up"), seat.ID[:]), T: 1, Deadline: p.Deadline, Delta: p.Delta, Roll: p.Roll, Jury: []contract.Seat{seat}}
	var draws []bls.G1
	for i, s := range with {
		v := contract.Acceptance{Proposal: pre.Proposal, Commitment: commitment(i), Draw: s.key.SignDraw(pre.Proposal)}
		pre.Parties = append(pre.Parties, contract.Signer{ID: s.ID(), X: s.key.Public(), Proof: s.key.ProvePossession(bls.RoleParty, s.ID()), Acceptance: signBy(s.signer, contract.TypeAcceptance, &v)})
		draws = append(draws, v.Draw)
	}
	pre.Seed, _ = bls.SumHash(draws)
	return &contract.Claim{Preimage: pre}
}

// honestSeat returns an honest juror's seat of the first session.
func (a *adversary) honestSeat() (contract.Seat, Member, bool) {
	if len(a.know.sessions) == 0 {
		return contract.Seat{}, Member{}, false
	}
	k := a.know.sessions[0]
	seats := a.seats(k, false)
	if len(seats) == 0 {
		return contract.Seat{}, Member{}, false
	}
	s := k.pre.Jury[seats[a.d.below(len(seats))]-1]
	return s, a.r.jurorMember(s.ID), true
}

// fileMadeUp files a claim of strangers; the juror must refuse it.
func (a *adversary) fileMadeUp(s *stranger, c *contract.Claim, juror Member) {
	a.send(&out{from: a.parties()[0], to: juror, kind: claiming, raw: signBy(s.signer, contract.TypeClaim, c), seat: 1, m: c.Preimage.M(), delay: 1, reply: a.mustRefuse(juror)})
}

// oracle is stopped by verifying the own opened share before anybody sees it.
func oracle(a *adversary) {
	a.onSession = append(a.onSession, func(k *known) {
		a.r.after(1, func() {
			seat, juror, ok := a.honestSeat()
			if !ok || len(a.honest()) == 0 {
				return
			}
			u := k.accepts[a.honest()[0].N-1].Commitment.U
			fake := must(bls.NewSecret(&stream{label: "a fake juror's key"}))
			seat.Y, seat.Z, seat.Proof = fake.PublicG1(), fake.Public(), fake.ProvePossession(bls.RoleJuror, seat.ID)
			two := []*stranger{a.stranger(0), a.stranger(1)}
			c := a.madeUp(seat, two, func(int) bls.Commitment { return bls.Commitment{A: []bls.G2{}, U: u} })
			minus := scalar(new(big.Int).Neg(numberOf(fake)))
			for _, s := range two { // C = x'·H(m') + y'·U
				c.Promises = append(c.Promises, bls.Promise{must(minus.OpenShare(s.key.SignSession(c.Preimage.M()), u))})
			}
			a.did("oracle")
			a.fileMadeUp(two[0], c, juror)
		})
	})
}

// zeroSeat is stopped by refusing commitments in which some P_j is the
// identity.
func zeroSeat(a *adversary) {
	m, p := a.parties()[0], a.proposal()
	if p.T < 2 {
		return
	}
	seat := int64(1 + a.d.below(p.N))
	x := numberOf(a.r.w.lab.person(m.N - 1).secret)
	opening := binary.BigEndian.AppendUint16([]byte{1}, uint16(p.T)) // as bls.Opening.Marshal
	r := must(bls.NewSecret(&stream{label: "zero seat r"}))
	opening = append(opening, r.Bytes()...)
	k := bls.Commitment{U: r.PublicG1(), A: make([]bls.G2, p.T-1)}
	sum, power := x, big.NewInt(seat)
	rest := make([]*bls.Secret, p.T-1)
	for i := 1; i < len(rest); i++ {
		rest[i] = must(bls.NewSecret(&stream{label: "zero seat " + string(rune('0'+i%10))}))
		power = new(big.Int).Mul(power, big.NewInt(seat))
		sum = new(big.Int).Add(sum, new(big.Int).Mul(power, numberOf(rest[i])))
	}
	inverse := new(big.Int).ModInverse(big.NewInt(seat), order)
	rest[0] = scalar(new(big.Int).Neg(new(big.Int).Mul(sum, inverse)))
	for i := range rest {
		k.A[i] = rest[i].Public()
		opening = append(opening, rest[i].Bytes()...)
	}
	raw, _ := a.acceptance(m, 0, "zero", func(v *contract.Acceptance) { v.Commitment = k })
	a.sends("acceptance", func(o *out) bool {
		if o.from == m && o.attempt == 0 {
			o.raw = raw
			a.did("zero seat")
		}
		return true
	})
	a.onSession = append(a.onSession, func(s *known) {
		if s.acceptedBy(m.N-1, raw) {
			a.promise(m, s, opening, anybody)
		}
	})
}

// madeUpKeys is stopped by proofs of possession over role, keys and identity,
// by distinct keys, and by checking them in every claim. All else of the claims
// is right as far as the keys allow.
func madeUpKeys(a *adversary) {
	a.onSession = append(a.onSession, func(k *known) {
		a.r.after(1, func() {
			seat, juror, ok := a.honestSeat()
			if !ok {
				return
			}
			for way := range 4 {
				two := []*stranger{a.stranger(0), a.stranger(1)}
				var openings []*bls.Opening
				c := a.madeUp(seat, two, func(i int) bls.Commitment {
					u, o, err := bls.Commit(&stream{label: "made up r " + string(rune('0'+i))}, two[i].key, 1)
					openings = append(openings, o)
					return must(u, err)
				})
				a.wrongKeys(way, c, k, seat)
				m := c.Preimage.M()
				ys := make([]bls.G1, len(c.Preimage.Jury))
				for j := range ys {
					ys[j] = c.Preimage.Jury[j].Y
				}
				for i, s := range two {
					c.Promises = append(c.Promises, must(bls.MakePromise(s.key, openings[i], m, ys)))
				}
				a.did("made-up keys")
				a.fileMadeUp(two[0], c, juror)
			}
		})
	})
}

// wrongKeys changes keys of a made-up session.
func (a *adversary) wrongKeys(way int, c *contract.Claim, k *known, seat contract.Seat) {
	other := &k.pre.Jury[a.d.below(len(k.pre.Jury))]
	for i := range k.pre.Jury {
		if s := &k.pre.Jury[i]; other.ID == seat.ID && s.ID != seat.ID {
			other = s
		}
	}
	switch way {
	case 0: // a copied contract key, with the proof that its owner made
		owner := k.pre.Parties[a.d.below(len(k.pre.Parties))]
		c.Preimage.Parties[1].X, c.Preimage.Parties[1].Proof = owner.X, owner.Proof
	case 1: // the juror itself once more, under another name
		twice := seat
		twice.ID = a.stranger(2).ID()
		c.Preimage.Jury = append(c.Preimage.Jury, twice)
	case 2: // a second seat with a key and a proof of another juror
		replayed := seat
		replayed.ID, replayed.Y, replayed.Z, replayed.Proof = a.stranger(2).ID(), other.Y, other.Z, other.Proof
		c.Preimage.Jury = append(c.Preimage.Jury, replayed)
	case 3: // Y of one juror and Z of another
		c.Preimage.Jury[0].Z = must(bls.NewSecret(&stream{label: "mixed"})).Public()
	}
}

// badRoll is stopped by opening a roll as whole as it comes: each key with its
// own proof over role, keys and identity, no key and no name twice. Who listed a key
// of the right relation to another would have the signatures for the promises
// alone (bls TestBreakRelatedJurorKey); who is listed twice has two seats.
func badRoll(a *adversary) {
	for way, what := range []string{"a related key", "a replayed key", "another juror's proof", "a contract key's proof", "one juror under two names", "one name with two keys"} {
		roll := a.r.w.roll.Roll
		roll.Entries = slices.Clone(roll.Entries)
		own := must(bls.NewSecret(&stream{label: "bad roll"}))
		s := newSigner("bad juror", 0)
		e := contract.RollEntry{ID: s.ID(), Address: "https://bad.example", DeltaMin: 1, MaxN: sxp.MaxJury, MaxParties: sxp.MaxParties, MaxHorizon: sxp.Day}
		e.Y, e.Z, e.Proof = own.PublicG1(), own.Public(), own.ProvePossession(bls.RoleJuror, e.ID)
		victim := &roll.Entries[a.d.below(len(roll.Entries))]
		switch way {
		case 0: // anybody can compute the opposite of a key, and so any multiple
			e.Y, e.Z = victim.Y, victim.Z
			e.Y[0] ^= 0x20
			e.Z[0] ^= 0x20
		case 1:
			e.Y, e.Z, e.Proof = victim.Y, victim.Z, victim.Proof
		case 2:
			e.Proof = victim.Proof
		case 3:
			e.Proof = own.ProvePossession(bls.RoleParty, e.ID)
		case 4: // each with a proof of its own
			twin := e
			twin.ID = newSigner("bad juror", 1).ID()
			twin.Proof = own.ProvePossession(bls.RoleJuror, twin.ID)
			roll.Entries = append(roll.Entries, twin)
		case 5:
			twin, other := e, must(bls.NewSecret(&stream{label: "bad roll twice"}))
			twin.Y, twin.Z, twin.Proof = other.PublicG1(), other.Public(), other.ProvePossession(bls.RoleJuror, e.ID)
			roll.Entries = append(roll.Entries, twin)
		}
		roll.Entries = append(roll.Entries, e)
		a.did("bad roll")
		if _, err := contract.OpenRoll(a.r.w.algebra, signBy(a.r.w.issuer, contract.TypeRoll, &roll)); err == nil {
			a.r.facts.Taken = append(a.r.facts.Taken, what)
		} else {
			a.r.note("roll refused")
		}
	}
}
