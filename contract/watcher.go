package contract

import (
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"

	"sxp/contract/internal/agenda"
)

// A WatcherConfig is what a Watcher works with.
type WatcherConfig struct {
	Algebra     Algebra
	Signer      envelope.Signer
	MaxSessions int          // that are held at once, a sixteenth of them for one party; 0: no limit
	Keep        sxp.Duration // how long after D a session is kept to serve its result; 0: 30 days
	Reader      *Reader      // of others that are driven by the same thread; nil: its own
}

const defaultWatcherKeep = 30 * sxp.Day

// A Watcher is a node that is up while a party is away: it holds the party's
// claim and files it in time, unless it has seen the contract completed. It
// holds no secret, and can do no harm but to fail. It is a pure machine like
// Session, for any number of sessions, and not safe for concurrent use.
type Watcher struct {
	cfg      WatcherConfig
	sessions map[sxp.Hash]*watched
	lodged   map[sxp.ID]int // sessions by who lodged them first
	agenda   agenda.Agenda
	out      []Action
}

// watched is the durable record of one session.
type watched struct {
	Version  int         `json:"version"`
	Claim    sxp.Bytes   `json:"claim"` // signed by the first who lodged it; all parties' claims say the same
	Lodgings []lodging   `json:"lodgings"`
	Sigmas   []bls.G1    `json:"sigmas"` // by party; zero: none yet
	Result   sxp.Bytes   `json:"result"` // own signed Result
	Shares   []sxp.Bytes `json:"shares"` // by seat

	// derived
	m       sxp.Hash
	claim   *Claim
	box     *Collector
	filedAt sxp.Time // when the claim was last filed; not durable
	filed   int      // how often; not durable
}

type lodging struct {
	Party    int          `json:"party"`
	ClaimAt  sxp.Time     `json:"claimAt"`
	Patience sxp.Duration `json:"patience"`
	Released sxp.Time     `json:"released"` // when its release was seen; 0: not
	Receipt  sxp.Bytes    `json:"receipt"`
}

// NewWatcher returns a watcher that holds nothing; Restore gives it back what
// was saved.
func NewWatcher(cfg WatcherConfig) *Watcher {
	if cfg.Keep <= 0 {
		cfg.Keep = defaultWatcherKeep
	}
	if cfg.Reader == nil {
		cfg.Reader = new(Reader)
	}
	return &Watcher{cfg: cfg, sessions: map[sxp.Hash]*watched{}, lodged: map[sxp.ID]int{}}
}

// Restore takes back the Value of a SaveRecord. It fails with sxp.Invalid.
func (w *Watcher) Restore(value []byte) error {
	x := new(watched)
	if err := envelope.Unmarshal(value, x); err != nil {
		return err
	}
	if err := w.derive(x); err != nil {
		return err
	}
	w.put(x)
	w.schedule(x)
	return nil
}

func (w *Watcher) derive(x *watched) error {
	c, _, accepts, err := w.cfg.Reader.OpenClaim(x.Claim)
	if err != nil {
		return err
	}
	if len(x.Sigmas) != len(c.Preimage.Parties) || len(x.Shares) != len(c.Preimage.Jury) ||
		slices.ContainsFunc(x.Lodgings, func(l lodging) bool { return l.Party < 0 || l.Party >= len(x.Sigmas) }) {
		return sxp.Errorf("contract.Watcher", sxp.Invalid, nil, "the record does not fit its claim")
	}
	x.claim, x.m = c, w.cfg.Reader.M(&c.Preimage)
	x.box = newCollector(w.cfg.Algebra, &c.Preimage, x.m, accepts)
	for _, raw := range x.Shares {
		x.box.restore(raw, nil)
	}
	return nil
}

// Step applies one event: Start, Tick, Lodge, Told, Asked or AnsweredFor. A
// request that is refused gives an error for the asker and changes nothing.
func (w *Watcher) Step(ev Event) ([]Action, error) {
	const op = "contract.Watcher"
	w.out = nil
	var now sxp.Time
	var err error
	switch e := ev.(type) {
	case Start:
		now = e.Now
	case Tick:
		now = e.Now
	case Lodge:
		now, err = e.Now, w.lodge(e)
	case Told:
		now, err = e.Now, w.told(e)
	case Asked:
		now, err = e.Now, w.asked(e)
	case AnsweredFor:
		now, err = e.Now, w.answered(e)
	default:
		err = sxp.Errorf(op, sxp.Internal, nil, "a watcher has no event %T", ev)
	}
	if err != nil {
		return nil, err
	}
	w.work(now)
	out := w.out
	w.out = nil
	return out, nil
}

// save makes a record durable before what follows.
func (w *Watcher) save(x *watched) error {
	b, err := envelope.Marshal(x)
	if err != nil {
		return err
	}
	w.out = append(w.out, SaveRecord{Key: x.m, Value: b})
	w.schedule(x)
	return nil
}

// schedule puts a session on the agenda after every change.
func (w *Watcher) schedule(x *watched) { w.agenda.Add(w.wake(x), x.m) }

// wake returns when a session next wants attention: to file, or to be
// forgotten.
func (w *Watcher) wake(x *watched) sxp.Time {
	if at := x.next(); at != 0 && at <= x.claim.Preimage.Deadline {
		return at
	}
	return x.claim.Preimage.Deadline.Add(w.cfg.Keep) + 1
}

// lodge verifies the claim in full, once for a session: its form is unique if
// it is valid, so that nobody can put a wrong one in the way of a right one.
func (w *Watcher) lodge(e Lodge) error {
	const op = "contract.Watcher.Lodge"
	c, party, accepts, err := w.cfg.Reader.OpenClaim(e.Request.Claim)
	if err != nil {
		return err
	}
	pre := &c.Preimage
	if pre.Parties[party].ID != e.From {
		return sxp.Errorf(op, sxp.Denied, e.From, "a claim is lodged by the party that signed it")
	}
	m := w.cfg.Reader.M(pre)
	if x := w.sessions[m]; x != nil && (e.Now > pre.Deadline || x.receiptOf(party) != nil) {
		w.reply(x, x.receiptOf(party)) // a repeat changes nothing, and asks for the result
		return nil
	}
	if e.Now > pre.Deadline {
		return sxp.Errorf(op, sxp.Late, nil, "the claim could be filed until %v", pre.Deadline)
	}
	if pre.Deadline > e.Now.Add(maxHorizon) {
		return sxp.Errorf(op, sxp.Invalid, nil, "the deadline %v is more than %v ahead", pre.Deadline, maxHorizon)
	}
	if e.Request.ClaimAt > pre.Deadline || e.Request.ClaimAt < pre.Deadline.Add(-2*MaxSpan) || e.Request.Patience <= 0 || e.Request.Patience > MaxSpan {
		return sxp.Errorf(op, sxp.Invalid, nil, "the times of the request do not fit the deadline %v", pre.Deadline)
	}
	x := w.sessions[m]
	if x == nil {
		if err := w.room(e); err != nil {
			return err
		}
		if err := w.cfg.Reader.CheckPoints(w.cfg.Algebra, c, accepts); err != nil {
			return err
		}
		x = &watched{Version: stateVersion, Claim: slices.Clone(e.Request.Claim), m: m, claim: c, box: newCollector(w.cfg.Algebra, pre, m, accepts),
			Sigmas: make([]bls.G1, len(pre.Parties)), Shares: make([]sxp.Bytes, len(pre.Jury))}
	}
	receipt, err := w.receipt(x, party, e)
	if err != nil {
		return err
	}
	if err := w.save(x); err != nil {
		return err
	}
	w.put(x)
	w.reply(x, receipt)
	return nil
}

// maxHorizon is how far ahead a deadline may be: a made-up session must not
// keep its place for ever.
const maxHorizon = 400 * sxp.Day

// room reports whether one more session of a party can be held.
func (w *Watcher) room(e Lodge) error {
	const op = "contract.Watcher.Lodge"
	limit := w.cfg.MaxSessions
	switch {
	case limit > 0 && len(w.sessions) >= limit:
		return sxp.Errorf(op, sxp.Full, nil, "this watcher holds %d sessions, no more", limit)
	case limit > 0 && w.lodged[e.From] >= max(limit/16, 1):
		return sxp.Errorf(op, sxp.Full, e.From, "this watcher holds %d sessions for one party, no more", max(limit/16, 1))
	}
	return nil
}

// put adds a session, or keeps it.
func (w *Watcher) put(x *watched) {
	if w.sessions[x.m] == nil && len(x.Lodgings) > 0 {
		w.lodged[x.lodger()]++
	}
	w.sessions[x.m] = x
}

// lodger returns the party that lodged first.
func (x *watched) lodger() sxp.ID { return x.claim.Preimage.Parties[x.Lodgings[0].Party].ID }

// drop forgets a session.
func (w *Watcher) drop(x *watched) {
	delete(w.sessions, x.m)
	if len(x.Lodgings) == 0 {
		return
	}
	if id := x.lodger(); w.lodged[id] > 1 {
		w.lodged[id]--
	} else {
		delete(w.lodged, id)
	}
}

// receiptOf returns the receipt of a party's lodging, nil if there is none.
func (x *watched) receiptOf(party int) sxp.Bytes {
	for _, l := range x.Lodgings {
		if l.Party == party {
			return l.Receipt
		}
	}
	return nil
}

// receipt makes the receipt of a new lodging.
func (w *Watcher) receipt(x *watched, party int, e Lodge) (sxp.Bytes, error) {
	receipt, err := envelope.Sign(w.cfg.Signer, TypeLodged, &Lodged{M: x.m, Party: e.From, At: e.Now})
	if err != nil {
		return nil, err
	}
	x.Lodgings = append(x.Lodgings, lodging{Party: party, ClaimAt: e.Request.ClaimAt, Patience: e.Request.Patience, Receipt: receipt})
	return receipt, nil
}

func (w *Watcher) reply(x *watched, receipt sxp.Bytes) {
	w.out = append(w.out, Reply{WatchAnswer{M: x.m, Receipt: receipt, Result: x.Result}})
}

// told takes a Release or a Result.
func (w *Watcher) told(e Told) error {
	const op = "contract.Watcher.Tell"
	m, err := envelope.Parse(e.Raw)
	if err != nil {
		return err
	}
	if len(m.Countersignatures) != 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "a %s carries no countersignatures", m.Type)
	}
	switch m.Type {
	case TypeRelease:
		var r Release
		if err := envelope.Unmarshal(m.Payload, &r); err != nil {
			return err
		}
		return w.toldRelease(e.Now, m.Signer, r)
	case TypeResult:
		var r Result
		if err := envelope.Unmarshal(m.Payload, &r); err != nil {
			return err
		}
		return w.toldResult(r)
	}
	return sxp.Errorf(op, sxp.Invalid, nil, "a watcher is told releases and results, not a %s", m.Type)
}

func (w *Watcher) find(m sxp.Hash) (*watched, error) {
	if x := w.sessions[m]; x != nil {
		return x, nil
	}
	return nil, sxp.Errorf("contract.Watcher", sxp.NotFound, m, "this watcher does not hold this session")
}

// names checks that a message of session m names m's proposal too.
func (x *watched) names(proposal sxp.Hash) error {
	if proposal != x.claim.Preimage.Proposal {
		return sxp.Errorf("contract.Watcher.Tell", sxp.Invalid, proposal, "the message names another proposal than its session")
	}
	return nil
}

func (w *Watcher) toldRelease(now sxp.Time, signer sxp.ID, r Release) error {
	const op = "contract.Watcher.Tell"
	x, err := w.find(r.M)
	if err != nil {
		return err
	}
	party := x.claim.Preimage.Party(signer)
	if party < 0 {
		return sxp.Errorf(op, sxp.Denied, signer, "not a party of this contract")
	}
	if err := x.names(r.Proposal); err != nil {
		return err
	}
	defer w.reply(x, nil)
	if len(x.Result) > 0 || x.Sigmas[party] != (bls.G1{}) {
		return nil
	}
	if err := w.cfg.Algebra.Session(x.claim.Preimage.Parties[party].X, x.m, r.Signature); err != nil {
		return err
	}
	x.Sigmas[party] = r.Signature
	for i := range x.Lodgings {
		if x.Lodgings[i].Party == party {
			x.Lodgings[i].Released = now
		}
	}
	if !slices.Contains(x.Sigmas, bls.G1{}) {
		sum, err := aggregate(w.cfg.Algebra, &x.claim.Preimage, x.m, x.Sigmas)
		if err != nil {
			return err
		}
		return w.done(x, sum, false)
	}
	return w.save(x)
}

func (w *Watcher) toldResult(r Result) error {
	x, err := w.find(r.M)
	if err != nil {
		return err
	}
	if err := x.names(r.Proposal); err != nil {
		return err
	}
	if len(x.Result) == 0 {
		if err := w.cfg.Algebra.Aggregate(x.m, x.claim.Preimage.keys(), r.Signature); err != nil {
			return err
		}
		if err := w.done(x, r.Signature, r.Jury); err != nil {
			return err
		}
	}
	w.reply(x, nil)
	return nil
}

// done keeps a verified S: no claim is filed any more.
func (w *Watcher) done(x *watched, s bls.G1, jury bool) error {
	raw, err := envelope.Sign(w.cfg.Signer, TypeResult, &Result{Proposal: x.claim.Preimage.Proposal, M: x.m, Signature: s, Jury: jury})
	if err != nil {
		return err
	}
	x.Result = raw
	return w.save(x)
}

func (w *Watcher) asked(e Asked) error {
	x, err := w.find(e.M)
	if err != nil {
		return err
	}
	party := x.claim.Preimage.Party(e.From)
	if party < 0 {
		return sxp.Errorf("contract.Watcher.Ask", sxp.Denied, e.From, "not a party of this contract")
	}
	w.reply(x, x.receiptOf(party))
	return nil
}

// answered takes what a juror answered to a claim filed from here.
func (w *Watcher) answered(e AnsweredFor) error {
	x, err := w.find(e.M)
	if err != nil {
		return err
	}
	if len(x.Result) > 0 {
		return nil
	}
	if len(e.Answer.Shares) > len(x.Shares) {
		return sxp.Errorf("contract.Watcher", sxp.TooLarge, e.M, "an answer holds at most %d shares, one for each seat", len(x.Shares))
	}
	fresh := false
	for _, raw := range e.Answer.Shares {
		if seat, ok, err := x.box.AddShares(raw); err == nil && ok {
			x.Shares[seat-1], fresh = raw, true
		}
	}
	if !fresh {
		return nil
	}
	if x.box.Opened() < x.claim.Preimage.T {
		return w.save(x)
	}
	_, sum, err := x.box.Recover()
	if err != nil {
		return err
	}
	return w.done(x, sum, true)
}

// work files what is due and forgets what nobody will ask for.
func (w *Watcher) work(now sxp.Time) {
	for {
		m, ok := w.agenda.Due(now)
		if !ok {
			return
		}
		x := w.sessions[m]
		if x == nil || w.wake(x) > now {
			continue // it was put down again when it changed
		}
		d := x.claim.Preimage.Deadline
		if now > d.Add(w.cfg.Keep) {
			w.drop(x)
			w.out = append(w.out, SaveRecord{Key: m})
			continue
		}
		if slices.ContainsFunc(x.Lodgings, func(l lodging) bool { return x.filedAt < l.ClaimAt && l.ClaimAt <= now }) {
			x.filed = 0 // from T_c on it is urgent again
		}
		x.filedAt = now
		x.filed++
		if now <= d {
			w.file(x)
		}
		w.schedule(x)
	}
}

// file files the claim with the jurors that have not opened.
func (w *Watcher) file(x *watched) {
	file := FileClaim{M: x.m, Claim: x.Claim}
	for j := range x.claim.Preimage.Jury {
		if !x.box.HasShares(j + 1) {
			file.To = append(file.To, SeatContact{Seat: j + 1, Contact: x.claim.Preimage.Jury[j].Contact()})
		}
	}
	w.out = append(w.out, file)
}

// next returns when the claim is filed next: a patience after a release that
// was lodged here, at each party's T_c, and again after a pause; 0: never.
// ⚠ No party's times delay what another's demand.
func (x *watched) next() sxp.Time {
	if len(x.Result) > 0 {
		return 0
	}
	d := x.claim.Preimage.Deadline
	at, window, urgent := MaxTime, 2*MaxSpan, false
	for _, l := range x.Lodgings {
		if x.filedAt < l.ClaimAt {
			at = min(at, l.ClaimAt)
		} else {
			urgent = true
			window = min(window, d.Sub(l.ClaimAt))
		}
		if due := l.Released.Add(l.Patience); l.Released != 0 && x.filedAt < due {
			at = min(at, due)
		}
	}
	if x.filedAt == 0 {
		return at
	}
	if !urgent {
		for _, l := range x.Lodgings {
			window = min(window, d.Sub(l.ClaimAt))
		}
	}
	return min(at, x.filedAt.Add(claimPause(window, x.filed, urgent)))
}

// Next returns when the watcher wants a Tick at the latest; 0: it waits for
// events only.
func (w *Watcher) Next() sxp.Time { return w.agenda.Next() }
