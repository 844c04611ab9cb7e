package world

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
	"sxp/identity"
	"sxp/internal/bls"
	"sxp/relay"
)

// A lie is how a corrupt juror cheats.
type lie string

// The lies, dealt out in this order. None of them may change an outcome while
// at most f jurors of a jury are corrupt.
const (
	lieSilent    lie = "silent"    // never answers
	lieWrong     lie = "wrong"     // endorses, and opens shares that are none
	lieVoid      lie = "void"      // votes void whatever happened, and before time
	lieLate      lie = "late"      // endorses late, to half of the others, once more too late
	lieMute      lie = "mute"      // endorses, and opens nothing
	lieTwoFaced  lie = "two-faced" // says completed to some and void to others
	lieTampering lie = "tampering" // passes on claims that it has changed, with forged endorsements
)

func lies() []lie {
	return []lie{lieSilent, lieWrong, lieVoid, lieLate, lieMute, lieTwoFaced, lieTampering}
}

// A liar is a corrupt juror: it holds the juror's identity key and answers in
// its place. What does not concern juries it leaves to the honest node, so
// that it enrols and serves like any other.
type liar struct {
	how    lie
	key    *identity.SigningKey
	honest relay.Handler
	router *relay.Router
	dial   func(url string) relay.Caller
	rand   *seeded
	junk   *bls.Secret // signs what pass for shares

	now   sxp.Time
	known map[sxp.Hash]*contract.Claim // what it was handed
	jobs  []job
}

// A job is something that a liar does later.
type job struct {
	at sxp.Time
	do func(ctx context.Context)
}

func newLiar(how lie, key *identity.SigningKey, honest relay.Handler, dial func(string) relay.Caller, rand *seeded) (*liar, error) {
	var ikm [32]byte
	if _, err := rand.Read(ikm[:]); err != nil {
		return nil, err
	}
	junk, err := bls.DeriveSecret(ikm[:])
	if err != nil {
		return nil, err
	}
	l := &liar{
		how: how, key: key, honest: honest, dial: dial, rand: rand, junk: junk,
		router: relay.NewRouter(key, relay.RouterConfig{}), known: make(map[sxp.Hash]*contract.Claim),
	}
	relay.Serve(l.router, contract.RequestClaim, func(_ context.Context, _ sxp.Time, from sxp.ID, _ []byte, r contract.ClaimRequest) (contract.Answer, error) {
		claim := new(contract.Claim)
		if _, err := envelope.Open(r.Claim, contract.TypeClaim, claim); err != nil {
			return contract.Answer{}, err
		}
		return l.handed(claim, from), nil
	})
	relay.Serve(l.router, contract.RequestForward, func(_ context.Context, _ sxp.Time, from sxp.ID, _ []byte, r contract.ForwardRequest) (contract.Answer, error) {
		return l.handed(&r.Claim, from), nil
	})
	relay.Serve(l.router, contract.RequestShares, func(_ context.Context, _ sxp.Time, from sxp.ID, _ []byte, r contract.SharesRequest) (contract.Answer, error) {
		return contract.Answer{Standing: contract.Abstains}, nil
	})
	relay.Serve(l.router, contract.RequestQuery, func(_ context.Context, _ sxp.Time, from sxp.ID, _ []byte, r contract.QueryRequest) (contract.Answer, error) {
		return l.answer(r.M, from), nil
	})
	return l, nil
}

// Handle implements relay.Handler.
func (l *liar) Handle(ctx context.Context, now sxp.Time, raw []byte) []byte {
	l.now = now
	switch requestName(raw) {
	case contract.RequestClaim, contract.RequestForward, contract.RequestShares, contract.RequestQuery:
		if l.how == lieSilent {
			return nil
		}
		return l.router.Handle(ctx, now, raw)
	}
	return l.honest.Handle(ctx, now, raw)
}

// step does the jobs that are due and returns when the next one is; 0: never.
func (l *liar) step(ctx context.Context, now sxp.Time) sxp.Time {
	l.now = now
	for len(l.jobs) > 0 && l.jobs[0].at <= now {
		j := l.jobs[0]
		l.jobs = l.jobs[1:]
		j.do(ctx)
	}
	if len(l.jobs) == 0 {
		return 0
	}
	return l.jobs[0].at
}

// later adds a job, in order of time.
func (l *liar) later(at sxp.Time, do func(context.Context)) {
	i, _ := slices.BinarySearchFunc(l.jobs, at+1, func(j job, t sxp.Time) int { return int(j.at - t) })
	l.jobs = slices.Insert(l.jobs, i, job{at, do})
}

// handed takes a claim and sets the lie in motion.
func (l *liar) handed(claim *contract.Claim, from sxp.ID) contract.Answer {
	pre := &claim.Preimage
	m := pre.M()
	if pre.Seat(l.key.ID()) == 0 {
		return contract.Answer{M: m, Standing: contract.Refused, Reason: "no seat"}
	}
	if l.known[m] == nil {
		l.known[m] = claim
		l.plot(m, claim)
	}
	return l.answer(m, from)
}

// plot decides what to tell the other jurors, and when.
func (l *liar) plot(m sxp.Hash, claim *contract.Claim) {
	pre := &claim.Preimage
	own := l.sign(contract.TypeEndorse, &contract.Endorse{M: m})
	half, all := func(seat int) bool { return seat%2 == 0 }, func(int) bool { return true }
	truth := contract.ForwardRequest{Claim: *claim, Endorsements: []sxp.Bytes{own}}
	switch l.how {
	case lieWrong:
		l.later(l.now+1, func(ctx context.Context) {
			l.forward(ctx, pre, all, truth)
			for _, s := range l.others(pre, all) {
				l.ask(ctx, s, contract.RequestShares, contract.SharesRequest{Shares: []sxp.Bytes{l.falseShares(m, claim)}})
			}
		})
	case lieMute:
		l.later(l.now+1, func(ctx context.Context) { l.forward(ctx, pre, all, truth) })
	case lieLate:
		l.later(pre.Deadline.Add(pre.Delta)-1, func(ctx context.Context) { l.forward(ctx, pre, half, truth) })
		l.later(pre.Deadline.Add(pre.Delta)+1, func(ctx context.Context) { l.forward(ctx, pre, all, truth) })
	case lieTwoFaced:
		l.later(l.now+1, func(ctx context.Context) { l.forward(ctx, pre, half, truth) })
	case lieTampering:
		l.later(l.now+1, func(ctx context.Context) { l.forward(ctx, pre, all, l.tampered(m, claim, own)) })
	}
}

// answer is what the liar says to whoever asks about m.
func (l *liar) answer(m sxp.Hash, from sxp.ID) contract.Answer {
	claim := l.known[m]
	void := func() contract.Answer {
		return contract.Answer{M: m, Standing: contract.Voided, Void: l.sign(contract.TypeVoid, &contract.Void{M: m})}
	}
	switch l.how {
	case lieWrong:
		if claim != nil {
			return contract.Answer{M: m, Standing: contract.Completed, Shares: []sxp.Bytes{l.falseShares(m, claim)}}
		}
	case lieVoid:
		return void()
	case lieMute:
		if claim != nil {
			return contract.Answer{M: m, Standing: contract.Completed}
		}
	case lieTwoFaced:
		if from[0]%2 == 0 {
			return void()
		}
		return contract.Answer{M: m, Standing: contract.Completed}
	case lieTampering:
		return contract.Answer{M: m, Standing: contract.Refused, Reason: "the claim is invalid"}
	}
	return contract.Answer{M: m, Standing: contract.Waiting}
}

// tampered returns the claim with one promise exchanged for another and
// endorsements in the names of honest jurors.
func (l *liar) tampered(m sxp.Hash, claim *contract.Claim, own []byte) contract.ForwardRequest {
	promises := slices.Clone(claim.Promises)
	promises[0] = slices.Clone(promises[0])
	promises[0][0] = l.junk.SignSession(m)
	forged := []sxp.Bytes{own}
	for range claim.Preimage.F {
		b := slices.Clone(own)
		b[len(b)-1-l.rand.below(32)] ^= 1
		forged = append(forged, b)
	}
	return contract.ForwardRequest{Claim: contract.Claim{Preimage: claim.Preimage, Promises: promises}, Endorsements: forged}
}

// falseShares are signed, of the right number, and points of the curve; but no
// shares.
func (l *liar) falseShares(m sxp.Hash, claim *contract.Claim) []byte {
	points := make([]bls.G1, len(claim.Promises))
	for i := range points {
		points[i] = l.junk.SignSession(sxp.Sum(m[:], []byte{byte(i)}))
	}
	raw, err := contract.SignShares(l.key, m, claim.Preimage.Seat(l.key.ID()), points)
	if err != nil {
		return nil
	}
	return raw
}

func (l *liar) sign(typ envelope.Type, v any) []byte {
	raw, err := envelope.Sign(l.key, typ, v)
	if err != nil {
		return nil // nothing is a lie too
	}
	return raw
}

// others returns the other seats that pass, as contacts.
func (l *liar) others(pre *contract.Preimage, pass func(seat int) bool) []contract.Contact {
	var out []contract.Contact
	for j := range pre.Jury {
		if pre.Jury[j].ID != l.key.ID() && pass(j+1) {
			out = append(out, pre.Jury[j].Contact())
		}
	}
	return out
}

func (l *liar) forward(ctx context.Context, pre *contract.Preimage, pass func(int) bool, r contract.ForwardRequest) {
	for _, to := range l.others(pre, pass) {
		l.ask(ctx, to, contract.RequestForward, r)
	}
}

// ask sends a request; what comes back does not interest a liar.
func (l *liar) ask(ctx context.Context, to contract.Contact, typ string, r any) {
	raw, err := signRequest(l, to.ID, typ, r)
	if err == nil {
		_, _ = l.dial(to.Address).Call(ctx, raw)
	}
}

func signRequest(l *liar, to sxp.ID, typ string, r any) ([]byte, error) {
	switch r := r.(type) {
	case contract.ForwardRequest:
		return relay.Sign(l.key, typ, to, l.now, l.rand, r)
	case contract.SharesRequest:
		return relay.Sign(l.key, typ, to, l.now, l.rand, r)
	}
	return nil, sxp.Errorf("world.liar", sxp.Internal, nil, "a liar sends no %T", r)
}
