package jury

import (
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/internal/agenda"
	"sxp/envelope"
	"sxp/internal/bls"
)

// Keys are a juror's secrets. They sign under the identity key, and open
// shares with y; nothing else. The machine keeps neither.
type Keys interface {
	// Signer is the identity key of the seat.
	envelope.Signer

	// OpenShare returns C − y·U; see bls.Secret.OpenShare.
	OpenShare(c, u bls.G1) (bls.G1, error)
}

// A Config is what a Juror works with.
type Config struct {
	Algebra contract.Algebra
	Keys    Keys

	// MaxGap is the longest silence of the driver, or step of its clock, that
	// does not count as an outage. It must not exceed half the Δ_min that the
	// roll entry publishes, so that a message that waited it out still comes
	// within Δ. Next asks for a Tick twice as often.
	MaxGap sxp.Duration

	// Reader is shared with others that are driven by the same thread; nil: the
	// juror has its own.
	Reader *contract.Reader
}

// An Event is something that happens to a juror. Now is the driver's clock
// when the event is applied, At when the request arrived at this machine.
type Event interface{ event() }

// Start is the first event after New and Restore.
type Start struct{ Now sxp.Time }

// Tick says that time has passed.
type Tick struct{ Now sxp.Time }

// Claim is a claim straight from outside.
type Claim struct {
	Now, At sxp.Time
	Request contract.ClaimRequest
}

// Forward is a claim with endorsements. Who delivers it does not matter.
type Forward struct {
	Now, At sxp.Time
	Request contract.ForwardRequest
}

// Shares are opened shares from another juror.
type Shares struct {
	Now, At sxp.Time
	Request contract.SharesRequest
}

// Query is anybody's question for the outcome.
type Query struct {
	Now, At sxp.Time
	Request contract.QueryRequest
}

// Delivered is another juror's answer to a SendForward or SendShares.
type Delivered struct {
	Now    sxp.Time
	M      sxp.Hash
	Seat   int  // who answered, 1..n
	Shares bool // answers a SendShares
	Answer contract.Answer
}

func (Start) event()     {}
func (Tick) event()      {}
func (Claim) event()     {}
func (Forward) event()   {}
func (Shares) event()    {}
func (Query) event()     {}
func (Delivered) event() {}

// An Action is something that the driver must do, in order; what follows a
// Save only once that is durable.
type Action interface{ action() }

// Save asks for one atomic durable write of one record. If it fails, the
// driver drops the machine and restores it from disk.
type Save struct {
	Key   sxp.Hash // opaque
	Value []byte   // holds no secret
}

// SendForward passes a claim to other jurors (contract.RequestForward). Every
// answer that is not an error returns as Delivered.
type SendForward struct {
	M       sxp.Hash
	To      []contract.SeatContact
	Request contract.ForwardRequest
}

// SendShares passes opened shares to other jurors (contract.RequestShares),
// so that the answer outlives disks.
type SendShares struct {
	M       sxp.Hash
	To      []contract.SeatContact
	Request contract.SharesRequest
}

// Reply answers the request at hand.
type Reply struct {
	Answer contract.Answer

	// Hold: the answer holds shares of a claim that is still under way to the
	// other jurors. The driver gives it to the asker after the session's Passed,
	// and not at all if the machine ends before. ⚠ A juror that showed its shares
	// and fell silent before anybody else heard of the claim would let f corrupt
	// ones complete in secret what the others void.
	Hold bool
}

// Passed says that the claim was passed on: answers that were held leave now.
type Passed struct{ M sxp.Hash }

func (Save) action()        {}
func (SendForward) action() {}
func (SendShares) action()  {}
func (Reply) action()       {}
func (Passed) action()      {}

// rules switches off a rule of spec/jury.md to show what breaks without it.
// Only tests set it.
type rules struct {
	outageMayVoid bool                  // vote void after an outage
	endorsedVoids bool                  // vote void after the own endorsement was seen
	voidedOpens   bool                  // open after the own void was seen
	shortWindow   bool                  // vote void after D + fΔ
	anyKey        bool                  // open with a key that is not the seat's
	stacked       bool                  // take endorsements with countersignatures
	sparse        bool                  // repeat with growing pauses even around D
	trustClock    bool                  // believe a clock that is behind the high-water mark
	keepSpans     bool                  // keep what was counted with a clock that was set back
	opensLate     bool                  // open what could not be passed on in time
	ownColumnOnly bool                  // check nothing but that the own share opens
	refuse        func(m sxp.Hash) bool // refuse a valid claim for a local reason
}

// A Juror is one juror's part in all sessions that it was drawn for. It is a
// pure machine, and not safe for concurrent use.
type Juror struct {
	cfg      Config
	rules    rules
	up       uptime
	sessions map[sxp.Hash]*session
	agenda   agenda.Agenda             // of sessions with something left to send
	early    map[sxp.Hash][]keptRecord // shares restored before their session
	out      []Action
}

// New returns a juror without memory; Restore gives it back what was saved.
func New(cfg Config) *Juror {
	if cfg.MaxGap <= 0 {
		cfg.MaxGap = contract.DefaultDelta
	}
	if cfg.Reader == nil {
		cfg.Reader = new(contract.Reader)
	}
	return &Juror{cfg: cfg, sessions: map[sxp.Hash]*session{}, early: map[sxp.Hash][]keptRecord{}}
}

// Step applies one event. A request that breaks a rule of the format gives an
// error for the asker and changes nothing; a claim that is late or invalid is
// answered as Refused and never blocks a later one.
func (j *Juror) Step(ev Event) ([]Action, error) {
	j.out = nil
	var err error
	switch e := ev.(type) {
	case Start:
		err = j.start(e.Now)
	case Tick:
		err = j.alive(e.Now)
	case Claim:
		if err = j.alive(e.Now); err == nil {
			err = j.claim(e)
		}
	case Forward:
		if err = j.alive(e.Now); err == nil {
			err = j.forward(e)
		}
	case Shares:
		if err = j.alive(e.Now); err == nil {
			err = j.shares(e.Request)
		}
	case Query:
		if err = j.alive(e.Now); err == nil {
			err = j.query(e)
		}
	case Delivered:
		if err = j.alive(e.Now); err == nil {
			err = j.delivered(e)
		}
	default:
		err = sxp.Errorf("jury.Juror", sxp.Internal, nil, "a juror has no event %T", ev)
	}
	out := j.out
	j.out = nil
	if err != nil {
		return saves(out), err
	}
	return out, nil
}

// saves keeps the writes of a request that failed: the mark of time does not
// depend on it.
func saves(out []Action) []Action {
	return slices.DeleteFunc(out, func(a Action) bool { _, ok := a.(Save); return !ok })
}

func (j *Juror) do(a ...Action) { j.out = append(j.out, a...) }

// claim is a claim with k = 0: good at τ ≤ D.
func (j *Juror) claim(e Claim) error {
	c, _, accepts, err := j.cfg.Reader.OpenClaim(e.Request.Claim)
	if err != nil {
		return err
	}
	return j.consider(e.Now, e.At, c, j.cfg.Reader.M(&c.Preimage), accepts, nil)
}

// forward is a claim with k ≥ 1 endorsements of distinct other seats: good at
// τ ≤ D + kΔ. Cheapest checks first.
func (j *Juror) forward(e Forward) error {
	const op = "jury.Forward"
	c := &e.Request.Claim
	pre := &c.Preimage
	if len(e.Request.Endorsements) > len(pre.Jury) {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a claim has at most one endorsement for each of %d seats, this has %d", len(pre.Jury), len(e.Request.Endorsements))
	}
	if len(pre.Jury) > sxp.MaxJury {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a jury has at most %d seats, this has %d", sxp.MaxJury, len(pre.Jury))
	}
	m := j.cfg.Reader.M(pre)
	if s := j.sessions[m]; s != nil && s.Standing != "" {
		return j.answer(s, toJuror)
	}
	if pre.Seat(j.cfg.Keys.ID()) == 0 {
		return sxp.Errorf(op, sxp.Denied, m, "this juror has no seat in this jury")
	}
	if e.At > pre.VoidAfter() { // no number of endorsements helps
		for _, raw := range e.Request.Endorsements {
			j.remember(m, raw)
		}
		j.refuse(m, "the claim came at "+e.At.String()+", it was good until "+pre.VoidAfter().String()+" at most")
		return nil
	}
	endorsements := j.endorsements(pre, m, e.Request.Endorsements)
	if len(endorsements) == 0 {
		return sxp.Errorf(op, sxp.Denied, m, "a claim without an endorsement by another seat is signed by a party")
	}
	accepts, err := j.cfg.Reader.CheckClaimForm(c)
	if err != nil {
		return err
	}
	return j.consider(e.Now, e.At, c, m, accepts, endorsements)
}

// endorsements returns the valid ones of distinct other seats, at most f+1. Its
// own, which it may have forgotten, bars it from voiding.
func (j *Juror) endorsements(pre *contract.Preimage, m sxp.Hash, raws []sxp.Bytes) []sxp.Bytes {
	seen := map[int]bool{}
	var out []sxp.Bytes
	for _, raw := range raws {
		signer, err := j.openEndorse(raw, m)
		seat := pre.Seat(signer)
		if err != nil || seat == 0 || seen[seat] {
			continue
		}
		if signer == j.cfg.Keys.ID() {
			j.remember(m, raw)
			continue
		}
		seen[seat] = true
		if len(out) <= pre.F {
			out = append(out, raw)
		}
	}
	return out
}

// openEndorse returns who endorsed m. ⚠ Countersignatures, which anybody can
// add, are refused: with them a claim that fits a message would not fit once
// this juror's own endorsement is added, and reach nobody else.
func (j *Juror) openEndorse(raw []byte, m sxp.Hash) (sxp.ID, error) {
	if j.rules.stacked {
		var v contract.Endorse
		return envelope.Open(raw, contract.TypeEndorse, &v)
	}
	return contract.OpenEndorse(raw, m)
}

// consider decides on a claim of session m with k = len(endorsements). ⚠ Nothing
// but the claim, the endorsements and τ may decide.
func (j *Juror) consider(now, at sxp.Time, c *contract.Claim, m sxp.Hash, accepts []contract.Acceptance, endorsements []sxp.Bytes) error {
	pre := &c.Preimage
	s := j.sessions[m]
	if s != nil && s.Standing != "" && !(s.Standing == contract.Voided && j.rules.voidedOpens) {
		return j.answer(s, fromWhom(endorsements))
	}
	seat := pre.Seat(j.cfg.Keys.ID())
	if seat == 0 {
		return sxp.Errorf("jury.Claim", sxp.Denied, m, "this juror has no seat in this jury")
	}
	if mark := j.up.mark(); at < mark.Add(-j.cfg.MaxGap) && !j.rules.trustClock {
		at = mark // the clock was set back: nothing is in time that was late before
	}
	if limit := pre.Deadline.Add(sxp.Duration(len(endorsements)) * pre.Delta); at > limit {
		j.refuse(m, "the claim came at "+at.String()+", with its endorsements it was good until "+limit.String())
		return nil
	}
	if j.rules.refuse != nil && j.rules.refuse(m) {
		j.refuse(m, "refused for a local reason")
		return nil
	}
	if err := j.valid(c, accepts, seat); err != nil {
		j.refuse(m, sxp.Reason(err))
		return nil
	}
	return j.accept(now, m, seat, c, accepts, endorsements)
}

func (j *Juror) valid(c *contract.Claim, accepts []contract.Acceptance, seat int) error {
	if j.rules.ownColumnOnly {
		return nil
	}
	return j.cfg.Reader.CheckPoints(j.cfg.Algebra, c, accepts)
}

func (j *Juror) refuse(m sxp.Hash, reason string) {
	j.do(Reply{Answer: contract.Answer{M: m, Standing: contract.Refused, Reason: reason}})
}

// accept is the first good and valid claim: write, then endorse and send to all
// others, then answer with the opened shares of all promises together; to other
// jurors they are open once the claim has reached them.
func (j *Juror) accept(now sxp.Time, m sxp.Hash, seat int, c *contract.Claim, accepts []contract.Acceptance, endorsements []sxp.Bytes) error {
	opened, err := j.open(m, seat, c, accepts)
	if err != nil {
		return err
	}
	own, err := envelope.Sign(j.cfg.Keys, contract.TypeEndorse, &contract.Endorse{M: m})
	if err != nil {
		return err
	}
	shares, err := contract.SignShares(j.cfg.Keys, m, seat, opened)
	if err != nil {
		return err
	}
	s := &session{record: record{
		Version: recordVersion, M: m, Standing: contract.Completed, Seat: seat,
		Claim: c, Endorsements: append(slices.Clone(endorsements), own), Shares: make([]sxp.Bytes, len(c.Preimage.Jury)),
		Until: c.Preimage.VoidAfter().Add(exchangeSpans * c.Preimage.Delta), about: aboutOf(&c.Preimage, now), Unpassed: len(c.Preimage.Jury) > 1,
	}}
	s.Shares[seat-1] = shares
	s.derive()
	if s.Unpassed && len(endorsements) <= c.Preimage.F && now > s.helpsUntil() && !j.rules.opensLate {
		if err := j.standAside(s); err != nil { // it waited here for too long
			return err
		}
		return j.answer(s, fromWhom(endorsements))
	}
	if err := j.save(s); err != nil {
		return err // nothing is open that was not written
	}
	j.sessions[m] = s
	j.send(s, now)
	return j.answer(s, fromWhom(endorsements))
}

// open opens the own shares of all promises, and verifies them before anybody
// sees one. ⚠ They verify only if y is the key of the seat. Whoever names
// another key for it, of which it knows the secret y', can take U from an
// honest party's acceptance and file a valid claim with C = p'(j)·H(m') + y'·U:
// C − y·U would give it y·U, and with that the honest party's share.
func (j *Juror) open(m sxp.Hash, seat int, c *contract.Claim, accepts []contract.Acceptance) ([]bls.G1, error) {
	opened := make([]bls.G1, len(c.Promises))
	checks := make([]bls.SharesCheck, len(c.Promises))
	for i := range opened {
		var err error
		if opened[i], err = j.cfg.Keys.OpenShare(c.Promises[i][seat-1], accepts[i].Commitment.U); err != nil {
			return nil, err
		}
		checks[i] = bls.SharesCheck{X: c.Preimage.Parties[i].X, Commitment: accepts[i].Commitment, Shares: map[int]bls.G1{seat: opened[i]}}
	}
	if j.rules.anyKey || j.rules.ownColumnOnly {
		return opened, nil
	}
	if err := j.cfg.Algebra.Shares(m, checks); err != nil {
		return nil, sxp.Errorf("jury.Claim", sxp.Denied, m, "the key of seat %d is not this juror's", seat)
	}
	return opened, nil
}

// query answers whoever asks. VOID(m) only to who shows m's preimage, after
// D + (f+1)Δ, and only if this juror was up throughout.
func (j *Juror) query(e Query) error {
	const op = "jury.Query"
	m, pre := e.Request.M, e.Request.Preimage
	if pre != nil && j.cfg.Reader.M(pre) != m {
		return sxp.Errorf(op, sxp.Invalid, m, "the preimage is of another session")
	}
	if len(e.Request.Seen) > sxp.MaxJury {
		return sxp.Errorf(op, sxp.TooLarge, m, "a question shows at most %d messages, this shows %d", sxp.MaxJury, len(e.Request.Seen))
	}
	for _, raw := range e.Request.Seen {
		j.remember(m, raw)
	}
	s := j.sessions[m]
	switch {
	case s != nil && s.Standing != "":
		return j.answer(s, toAsker)
	case pre == nil:
		return sxp.Errorf(op, sxp.NotFound, m, "no claim has come; to ask whether one still can, show the preimage")
	}
	seat := pre.Seat(j.cfg.Keys.ID())
	if seat == 0 {
		return sxp.Errorf(op, sxp.Denied, m, "this juror has no seat in this jury")
	}
	if _, err := j.cfg.Reader.CheckForm(pre); err != nil {
		return err
	}
	end := pre.VoidAfter()
	if j.rules.shortWindow {
		end = end.Add(-pre.Delta)
	}
	switch {
	case e.At <= end:
		j.do(Reply{Answer: contract.Answer{M: m, Standing: contract.Waiting, Reason: "a claim can still come until " + end.String()}})
		return nil
	case s != nil && s.Endorsed && !j.rules.endorsedVoids:
		j.do(Reply{Answer: contract.Answer{M: m, Standing: contract.Abstains, Reason: "this juror has endorsed a claim that it no longer holds"}})
		return nil
	case !j.up.covers(pre.Deadline, end) && !j.rules.outageMayVoid:
		j.do(Reply{Answer: contract.Answer{M: m, Standing: contract.Abstains, Reason: "this juror was not up throughout, a claim may have passed it"}})
		return nil
	}
	return j.void(m, seat, aboutOf(pre, e.Now))
}

// void votes, durably before anybody hears of it.
func (j *Juror) void(m sxp.Hash, seat int, of about) error {
	raw, err := envelope.Sign(j.cfg.Keys, contract.TypeVoid, &contract.Void{M: m})
	if err != nil {
		return err
	}
	s := &session{record: record{Version: recordVersion, M: m, Standing: contract.Voided, Seat: seat, Void: raw, about: of}}
	if err := j.save(s); err != nil {
		return err
	}
	j.sessions[m] = s
	return j.answer(s, toAsker)
}

// remember takes an own message that somebody shows: a juror that has lost its
// disk must not contradict what it said before.
func (j *Juror) remember(m sxp.Hash, raw []byte) {
	s := j.sessions[m]
	if s != nil && (s.Standing != "" || s.Endorsed) {
		return
	}
	typ, signer, err := envelope.Peek(raw)
	if err != nil || signer != j.cfg.Keys.ID() {
		return
	}
	next := &session{record: record{Version: recordVersion, M: m}}
	switch typ {
	case contract.TypeEndorse:
		if _, err := contract.OpenEndorse(raw, m); err != nil {
			return
		}
		next.Endorsed = true
	case contract.TypeVoid:
		if _, err := contract.OpenVoid(raw, m); err != nil {
			return
		}
		next.Standing, next.Void = contract.Voided, slices.Clone(raw)
	default:
		return
	}
	j.sessions[m] = next
	if err := j.save(next); err != nil {
		delete(j.sessions, m)
	}
}
