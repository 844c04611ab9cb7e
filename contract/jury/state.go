package jury

import (
	"encoding/binary"
	"maps"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/envelope"
)

const recordVersion = 1

// exchangeSpans is for how many Δ after D + (f+1)Δ opened shares are pushed to
// the other jurors. Later they are given to who asks.
const exchangeSpans = 10

// record is what survives a restart of one session, for ever.
type record struct {
	Version      int               `json:"version"`
	M            sxp.Hash          `json:"m"`
	Standing     contract.Standing `json:"standing"` // Completed, Voided; "": only Endorsed is known
	Endorsed     bool              `json:"endorsed"` // an own endorsement was seen that this record does not hold
	Seat         int               `json:"seat"`
	Claim        *contract.Claim   `json:"claim,omitempty"` // until Until
	Endorsements []sxp.Bytes       `json:"endorsements"`    // the own is last
	Shares       []sxp.Bytes       `json:"shares"`          // signed, by seat; in the record only the own
	Void         sxp.Bytes         `json:"void"`
	Until        sxp.Time          `json:"until"` // when pushing ends and Claim is dropped
	about

	// Unpassed: the claim is accepted, but may not have reached the others yet.
	Unpassed bool `json:"unpassed,omitempty"`
}

// keptRecord holds the shares of another seat: a record of its own, since they
// come one by one and the session's record holds the whole claim.
type keptRecord struct {
	Version int       `json:"version"`
	M       sxp.Hash  `json:"m"`
	Seat    int       `json:"seat"`
	Kept    sxp.Bytes `json:"kept"` // signed Shares message
}

// key names the record.
func (k *keptRecord) key() sxp.Hash {
	return sxp.Sum([]byte("sxp kept shares"), k.M[:], binary.BigEndian.AppendUint32(nil, uint32(k.Seat)))
}

// session is a record with what follows from it.
type session struct {
	record
	forwarded map[int]bool // seats that have answered
	shared    map[int]bool
	firstAt   sxp.Time     // when sending began, since the start of this machine; 0: not yet
	sentAt    sxp.Time     // when something was last sent
	pause     sxp.Duration // until the next repeat
}

func (s *session) derive() { s.forwarded, s.shared = map[int]bool{}, map[int]bool{} }

// sharesOwnFirst returns all Shares messages, the own one first, or only that.
func (s *session) sharesOwnFirst(only bool) []sxp.Bytes {
	n := len(s.Shares)
	if only {
		n = 1
	}
	out := make([]sxp.Bytes, 0, n)
	if s.Seat > 0 && s.Seat <= len(s.Shares) && len(s.Shares[s.Seat-1]) > 0 {
		out = append(out, s.Shares[s.Seat-1])
	}
	if only {
		return out
	}
	for i, raw := range s.Shares {
		if i != s.Seat-1 && len(raw) > 0 {
			out = append(out, raw)
		}
	}
	return out
}

func (j *Juror) save(s *session) error {
	r := s.record
	r.Shares = make([]sxp.Bytes, len(s.Shares))
	if s.Seat > 0 && s.Seat <= len(r.Shares) {
		r.Shares[s.Seat-1] = s.Shares[s.Seat-1]
	}
	return j.write(s.M, &r)
}

func (j *Juror) write(key sxp.Hash, v any) error {
	b, err := envelope.Marshal(v)
	if err != nil {
		return err
	}
	j.do(Save{Key: key, Value: b})
	return nil
}

// Restore takes back a Save, before Start, in any order. It fails with
// sxp.Invalid for bytes that are none.
func (j *Juror) Restore(key sxp.Hash, value []byte) error {
	if key == uptimeKey {
		return envelope.Unmarshal(value, &j.up)
	}
	var k keptRecord
	if err := envelope.Unmarshal(value, &k); err == nil {
		if k.Version != recordVersion || k.key() != key {
			return sxp.Errorf("jury.Restore", sxp.Invalid, key, "the record is of another session or version")
		}
		j.early[k.M] = append(j.early[k.M], k)
		j.attach(k.M)
		return nil
	}
	s := new(session)
	if err := envelope.Unmarshal(value, &s.record); err != nil {
		return err
	}
	if s.Version != recordVersion || s.M != key {
		return sxp.Errorf("jury.Restore", sxp.Invalid, key, "the record is of another session or version")
	}
	if !s.whole() {
		return sxp.Errorf("jury.Restore", sxp.Invalid, key, "the record is damaged")
	}
	s.derive()
	j.sessions[key] = s
	j.attach(key)
	if s.Claim != nil {
		j.agenda.Add(s.wake(), s.M)
	}
	return nil
}

// whole reports whether the parts of a record fit together.
func (r *record) whole() bool {
	if r.Standing == contract.Completed && (r.Seat < 1 || r.Seat > len(r.Shares) || len(r.Shares[r.Seat-1]) == 0) {
		return false
	}
	return r.Claim == nil || r.Standing == contract.Completed && len(r.Claim.Preimage.Jury) == len(r.Shares)
}

// attach gives a restored session the shares that were kept for it.
func (j *Juror) attach(m sxp.Hash) {
	s := j.sessions[m]
	if s == nil {
		return
	}
	for _, k := range j.early[m] {
		if k.Seat >= 1 && k.Seat <= len(s.Shares) && k.Seat != s.Seat {
			s.Shares[k.Seat-1] = k.Kept
		}
	}
	delete(j.early, m)
}

// start repeats what a crash may have kept from being sent.
func (j *Juror) start(now sxp.Time) error {
	if err := j.rise(now); err != nil {
		return err
	}
	return j.work(now)
}

// maxHold bounds how long an asker waits for the others to be told.
const maxHold = 2 * sxp.Second

// passedAt returns when the claim counts as passed on, whoever has answered.
func (s *session) passedAt() sxp.Time {
	return s.firstAt.Add(min(max(s.Claim.Preimage.Delta/4, sxp.Millisecond), maxHold))
}

// passOn notes that the claim has left for every juror: all have answered, or
// it was under way for a while. From now on the shares are open, for ever.
func (j *Juror) passOn(s *session, now sxp.Time) error {
	s.Unpassed = false
	if err := j.save(s); err != nil {
		return err
	}
	j.do(Passed{s.M})
	j.send(s, now)
	return nil
}

// withdraw is what a juror does that was away after it accepted a claim, until
// its message can help nobody any more. ⚠ Nobody has seen its shares. The others
// may have voided by now; with f corrupt ones its shares would complete the
// contract in secret. It never opens, and never voids.
func (j *Juror) withdraw(now sxp.Time) error {
	now = max(now, j.up.mark())
	for _, m := range slices.SortedFunc(maps.Keys(j.sessions), func(a, b sxp.Hash) int { return slices.Compare(a[:], b[:]) }) {
		s := j.sessions[m]
		if !s.Unpassed || j.rules.opensLate {
			continue
		}
		if now <= s.helpsUntil() { // it is sent on once more, from now on for Δ
			s.firstAt = 0
			j.agenda.Add(s.wake(), s.M)
			continue
		}
		if err := j.standAside(s); err != nil {
			return err
		}
	}
	return nil
}

// standAside makes a juror abstain for ever that has a good claim and cannot
// pass it on in time: it was away, or ⚠ the claim waited until now behind others
// that somebody filed to keep it busy.
func (j *Juror) standAside(s *session) error {
	s.Standing, s.Claim, s.Endorsements, s.Unpassed = contract.Abstains, nil, nil, false
	s.Shares = make([]sxp.Bytes, len(s.Shares))
	j.sessions[s.M] = s
	return j.save(s)
}

// helpsUntil returns until when a message that leaves comes in time for
// everybody: the claim with k endorsements is good for this juror until D + kΔ
// and for the others until D + (k+1)Δ. Half of that Δ is for a start after a
// crash, half for the way: ⚠ a juror that was away for a moment may have told
// somebody, who opens and needs its share.
func (s *session) helpsUntil() sxp.Time {
	pre := &s.Claim.Preimage
	return pre.Deadline.Add(sxp.Duration(len(s.Endorsements)-1)*pre.Delta + pre.Delta/2)
}

// alive records the passing of time and repeats what was not answered.
func (j *Juror) alive(now sxp.Time) error {
	if err := j.pass(now); err != nil {
		return err
	}
	return j.work(now)
}

// work sends what is due, and drops the claims whose exchange is over.
func (j *Juror) work(now sxp.Time) error {
	for {
		m, ok := j.agenda.Due(now)
		if !ok {
			return nil
		}
		s := j.sessions[m]
		if s == nil || s.Claim == nil || s.wake() > now {
			continue // it was put down again when it changed
		}
		if now > s.Until {
			s.Claim, s.Endorsements = nil, nil
			if err := j.save(s); err != nil {
				return err
			}
			continue
		}
		if s.Unpassed && s.firstAt != 0 && now >= s.passedAt() {
			if err := j.passOn(s, now); err != nil {
				return err
			}
			continue
		}
		j.send(s, now)
	}
}

// wake returns when a session with a claim next wants attention.
func (s *session) wake() sxp.Time {
	at := s.Until + 1
	if s.pending() {
		at = min(at, s.again())
	}
	if s.Unpassed && s.firstAt != 0 {
		at = min(at, s.passedAt())
	}
	return at
}

// again returns when the session's messages are repeated: after the pause, but
// not later than the next moment from which they must be repeated often.
func (s *session) again() sxp.Time {
	if s.firstAt == 0 {
		return 1
	}
	at := s.sentAt.Add(s.pause)
	for _, from := range s.urgent() {
		if s.sentAt < from {
			at = min(at, from)
		}
	}
	return at
}

// maxPause bounds the growing pause between repeats.
const maxPause = 10 * sxp.Minute

// urgentSpans is for how many Δ messages are repeated often.
const urgentSpans = 2

// urgent returns from when on messages are repeated every Δ/4 for 2Δ: since
// they were first sent, so that all who are up have them within Δ; ⚠ from D−Δ,
// because a juror that was down before, and is up from D on, votes void unless
// it has a claim with one endorsement by D + Δ; and once more at the end, when
// voids begin.
func (s *session) urgent() [3]sxp.Time {
	pre := &s.Claim.Preimage
	return [3]sxp.Time{s.firstAt, pre.Deadline.Add(-pre.Delta), pre.VoidAfter().Add(-pre.Delta)}
}

// next chooses the pause after sending at now.
func (s *session) next(now sxp.Time, sparse bool) {
	delta := s.Claim.Preimage.Delta
	short := max(delta/4, sxp.Millisecond)
	s.sentAt = now
	s.pause = min(2*max(s.pause, short), max(delta, maxPause))
	for i, from := range s.urgent() {
		if now >= from && now < from.Add(urgentSpans*delta) && !(sparse && i > 0) {
			s.pause = short
		}
	}
}

// pending reports whether a seat has not answered.
func (s *session) pending() bool {
	others := len(s.Claim.Preimage.Jury) - 1
	return len(s.forwarded) < others || len(s.shared) < others
}

// send passes the claim to the other jurors that have not answered yet, and
// once it has reached them, the opened shares.
func (j *Juror) send(s *session, now sxp.Time) {
	if s.firstAt == 0 {
		s.firstAt = now
	}
	s.next(now, j.rules.sparse)
	j.agenda.Add(s.wake(), s.M)
	var claims, shares []contract.SeatContact
	for i := range s.Claim.Preimage.Jury {
		to := contract.SeatContact{Seat: i + 1, Contact: s.Claim.Preimage.Jury[i].Contact()}
		if to.Seat == s.Seat {
			continue
		}
		if !s.forwarded[to.Seat] {
			claims = append(claims, to)
		}
		if !s.shared[to.Seat] && !s.Unpassed {
			shares = append(shares, to)
		}
	}
	if len(claims) > 0 && now <= s.Claim.Preimage.VoidAfter().Add(s.Claim.Preimage.Delta) {
		j.do(SendForward{M: s.M, To: claims, Request: contract.ForwardRequest{Claim: *s.Claim, Endorsements: s.Endorsements}})
	}
	if len(shares) > 0 {
		j.do(SendShares{M: s.M, To: shares, Request: contract.SharesRequest{Shares: []sxp.Bytes{s.Shares[s.Seat-1]}}})
	}
}

// shares takes what other jurors opened. It is kept only for a session that
// was accepted here: for others there is nothing to check it against.
func (j *Juror) shares(r contract.SharesRequest) error {
	const op = "jury.Shares"
	if len(r.Shares) == 0 || len(r.Shares) > sxp.MaxJury {
		return sxp.Errorf(op, sxp.TooLarge, nil, "1 to %d shares are passed at once, not %d", sxp.MaxJury, len(r.Shares))
	}
	m, err := j.cfg.Reader.SharesOf(r.Shares[0])
	if err != nil {
		return err
	}
	s := j.sessions[m]
	if s == nil || s.Standing != contract.Completed {
		return sxp.Errorf(op, sxp.NotFound, m, "no claim was accepted here")
	}
	if err := j.keep(s, r.Shares); err != nil {
		return err
	}
	return j.answer(s, toJuror)
}

// keep stores other jurors' shares. Their points are left for who asks to
// verify: a seat's place can be filled by its own juror only, and only once.
func (j *Juror) keep(s *session, raws []sxp.Bytes) error {
	if s.Claim == nil {
		return nil
	}
	pre := &s.Claim.Preimage
	for _, raw := range raws {
		_, signer, err := envelope.Peek(raw)
		if err != nil {
			return err
		}
		seat := pre.Seat(signer)
		if seat == s.Seat || seat > 0 && len(s.Shares[seat-1]) > 0 {
			continue
		}
		sh, err := contract.OpenShares(raw, pre, s.M)
		if err != nil {
			return err
		}
		k := keptRecord{Version: recordVersion, M: s.M, Seat: sh.Seat, Kept: slices.Clone(raw)}
		s.Shares[sh.Seat-1] = k.Kept
		if err := j.write(k.key(), &k); err != nil {
			return err
		}
	}
	return nil
}

// delivered notes that another juror has answered.
func (j *Juror) delivered(e Delivered) error {
	s := j.sessions[e.M]
	if s == nil || s.Claim == nil || e.Seat < 1 || e.Seat > len(s.Claim.Preimage.Jury) || e.Seat == s.Seat || e.Answer.M != e.M {
		return nil
	}
	if e.Shares {
		s.shared[e.Seat] = true
	} else {
		s.forwarded[e.Seat] = true
	}
	if s.Unpassed && len(s.forwarded) == len(s.Claim.Preimage.Jury)-1 {
		if err := j.passOn(s, e.Now); err != nil {
			return err
		}
	}
	j.agenda.Add(s.wake(), s.M)
	return j.keep(s, e.Answer.Shares)
}

// Next returns when the juror wants a Tick at the latest.
func (j *Juror) Next() sxp.Time {
	next := j.up.next(j.cfg.MaxGap)
	if at := j.agenda.Next(); at != 0 {
		next = min(next, at)
	}
	return next
}

// Standing returns what this juror thinks of a session; "" if it knows nothing.
func (j *Juror) Standing(m sxp.Hash) contract.Standing {
	if s := j.sessions[m]; s != nil {
		return s.Standing
	}
	return ""
}
