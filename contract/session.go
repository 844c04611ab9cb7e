package contract

import (
	"bytes"
	"slices"

	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A Phase is how far a session is, as its person sees it.
type Phase string

// The phases, appended only.
const (
	PhaseProposed  Phase = "proposed"  // waits for the person
	PhaseAccepted  Phase = "accepted"  // waits for the other people's acceptances; nothing binds
	PhasePromised  Phase = "promised"  // bound until the outcome
	PhaseReleased  Phase = "released"  // signed; waits for the other signatures
	PhaseDone      Phase = "done"      // a contract that all have signed
	PhaseVoid      Phase = "void"      // the jury certified that it never will be, and nothing was released here
	PhaseUnsettled Phase = "unsettled" // void after the own release, or only another device knows: somebody may hold a contract, it is asked for
	PhaseLapsed    Phase = "lapsed"    // ended before the own promise; nothing binds
	PhaseDeclined  Phase = "declined"  // this person said no
)

// A Config is what a Session works with. Everything but Limits is shared by
// all sessions of a person.
type Config struct {
	Algebra Algebra
	Keys    Keys
	Ledger  *Ledger
	Limits  Limits
	Watcher Contact      // the own watcher; without one nothing is released, and only claims complete
	Retry   sxp.Duration // between repeats of a request; 0: a twentieth of L, at least 1 ms
}

// A Session is one person's part in one signing: a pure machine that turns
// events into actions. It is not safe for concurrent use. See the package
// documentation for how to drive it.
type Session struct {
	cfg   Config
	p     *OpenedProposal
	r     *OpenedRoll
	me    int
	entry Entry // without its stage
	st    state
	rules rules

	// derived from st
	pre     *Preimage
	m       sxp.Hash // of pre
	accepts []*Acceptance
	box     *Collector

	// not durable: when something was last tried
	lodgedAt, claimedAt, queriedAt, heldUpAt sxp.Time
	askedAt                                  sxp.Time // the watcher, for a result
	queries, claims                          int
	claim                                    []byte
	scolded                                  map[int]bool
	servedAt                                 map[int]sxp.Time // answers to Ask, by party
	backAgain                                bool             // started, and the watcher not asked since

	// of the step at hand
	now   sxp.Time
	dirty bool
	keep  bool
	erase bool
	spend bool
	out   []Action
}

// rules switches off a rule of spec/signing.md to show what breaks without it.
// Only tests set it.
type rules struct {
	releaseLate     bool // release after T_c − W
	releaseUnlodged bool // release before a watcher's receipt
	promiseTwice    bool // promise although an earlier session binds the same things
	voidMeansNever  bool // read a void as "never" after the own release
	anyProposal     bool // accept outside of the limits
	watcherUnasked  bool // do not ask the watcher for a result
	staleSigns      bool // complete with the own signature on a stale device
	staleLapses     bool // let a decline end what another device may have promised
	clockForgets    bool // release by a clock that was set back to before T_c − W
	unlocked        bool // promise before the locks of the secrets that one gets
}

// state is what survives a restart. It holds no secret: the own signature only
// after the decision to release it.
type state struct {
	Version  int            `json:"version"`
	Proposal sxp.Hash       `json:"proposal"`
	Phase    Phase          `json:"phase"`
	Reason   string         `json:"reason,omitempty"`
	Accepts  []sxp.Bytes    `json:"accepts"`  // signed, by party; empty: none yet
	Declined []int          `json:"declined"` // parties
	Evidence []Equivocation `json:"evidence"`
	Faults   []Fault        `json:"faults,omitempty"`   // what signatures prove against others, one of a kind for each of them
	M        sxp.Hash       `json:"m,omitzero"`         // once promised
	Promises []bls.Promise  `json:"promises"`           // by party; empty: none yet
	Promised []sxp.Bytes    `json:"promised,omitempty"` // by party: what brought Promises, until those are verified
	Signed   []sxp.Bytes    `json:"signed,omitempty"`   // by party: what brought Sigmas, until those are verified
	Complete bool           `json:"complete"`           // all promises are here in time, and verified
	Early    []sxp.Bytes    `json:"early"`              // promises and signatures that came before all acceptances
	Locks    []sxp.Bytes    `json:"locks,omitempty"`    // by giver of a secret: signed, verified; empty: none yet
	Promise  sxp.Bytes      `json:"promise"`            // the own, signed
	Receipt  sxp.Bytes      `json:"receipt"`            // of the watcher, signed
	Release  sxp.Bytes      `json:"release"`            // the own, signed
	Released sxp.Time       `json:"released"`           // when it was decided; 0: not
	Sigmas   []bls.G1       `json:"sigmas"`             // by party; zero: none yet
	S        bls.G1         `json:"s,omitzero"`
	ByJury   bool           `json:"byJury,omitempty"` // the jury supplied S, as far as is known
	Result   sxp.Bytes      `json:"result"`           // own signed Result with S
	Shares   []sxp.Bytes    `json:"shares"`           // verified, by seat
	Voids    []sxp.Bytes    `json:"voids"`            // verified, by seat
	Stale    bool           `json:"stale"`
	Late     bool           `json:"late,omitzero"`       // T_c − W has passed
	Accepted sxp.Time       `json:"acceptedAt,omitzero"` // when the person accepted
}

const stateVersion = 1

// NewSession starts a session for a proposal that has come in. The roll is the
// one the proposal names, or nil if it is not known here: then the session can
// only be declined. It fails with sxp.Denied if the person is not a party.
func NewSession(cfg Config, p *OpenedProposal, r *OpenedRoll) (*Session, error) {
	s, err := newSession(cfg, p, r)
	if err != nil {
		return nil, err
	}
	n := len(p.Cards)
	s.st = state{
		Version:  stateVersion,
		Proposal: p.Digest,
		Phase:    PhaseProposed,
		Accepts:  make([]sxp.Bytes, n),
		Promises: make([]bls.Promise, n),
		Sigmas:   make([]bls.G1, n),
		Shares:   make([]sxp.Bytes, p.N),
		Voids:    make([]sxp.Bytes, p.N),
	}
	return s, s.derive()
}

// RestoreSession continues from the State of any Save, with the same proposal
// and roll. It fails with sxp.Invalid for bytes that are not its state.
func RestoreSession(cfg Config, p *OpenedProposal, r *OpenedRoll, saved []byte) (*Session, error) {
	const op = "contract.RestoreSession"
	s, err := newSession(cfg, p, r)
	if err != nil {
		return nil, err
	}
	if err := envelope.Unmarshal(saved, &s.st); err != nil {
		return nil, sxp.Errorf(op, sxp.KindOf(err), p.Digest, "the saved session cannot be read: %w", err)
	}
	n := len(p.Cards)
	if s.st.Version != stateVersion || s.st.Proposal != p.Digest || len(s.st.Accepts) != n || len(s.st.Promises) != n ||
		len(s.st.Sigmas) != n || len(s.st.Shares) != p.N || len(s.st.Voids) != p.N {
		return nil, sxp.Errorf(op, sxp.Invalid, p.Digest, "the saved session belongs to another proposal or version")
	}
	if err := s.st.whole(s.me); err != nil {
		return nil, err
	}
	if err := s.derive(); err != nil {
		return nil, err
	}
	cfg.Ledger.Put(s.Entry())
	return s, nil
}

// whole reports whether the parts of a saved state fit together.
func (st *state) whole(me int) error {
	const op = "contract.RestoreSession"
	missing := slices.ContainsFunc(st.Accepts, func(b sxp.Bytes) bool { return len(b) == 0 })
	switch st.Phase {
	case PhaseProposed, PhaseLapsed, PhaseDeclined, PhaseUnsettled:
		missing = missing && !st.M.IsZero()
	case PhaseAccepted:
		missing = len(st.Accepts[me]) == 0 || missing && !st.M.IsZero()
	case PhasePromised, PhaseReleased, PhaseDone, PhaseVoid:
		missing = missing || st.M.IsZero()
	default:
		return sxp.Errorf(op, sxp.Unsupported, st.Proposal, "the phase %.40q is not known here", string(st.Phase))
	}
	if missing {
		return sxp.Errorf(op, sxp.Invalid, st.Proposal, "the saved session is %s, but its parts are missing", st.Phase)
	}
	return nil
}

func newSession(cfg Config, p *OpenedProposal, r *OpenedRoll) (*Session, error) {
	const op = "contract.NewSession"
	me, ok := p.Party(cfg.Keys.ID())
	if !ok {
		return nil, sxp.Errorf(op, sxp.Denied, p.Digest, "you are not a party of this contract")
	}
	if r != nil && r.Digest != p.Roll {
		r = nil
	}
	if cfg.Retry <= 0 {
		cfg.Retry = max(p.L/20, sxp.Millisecond)
	}
	entry := Entry{Session: p.Digest, People: peopleOf(p), At: p.Created}
	entry.Things, entry.Acts = givenBy(p, me)
	return &Session{cfg: cfg, p: p, r: r, me: me, entry: entry, scolded: map[int]bool{}, servedAt: map[int]sxp.Time{}}, nil
}

// derive computes what follows from the state.
func (s *Session) derive() error {
	s.accepts = make([]*Acceptance, len(s.p.Cards))
	s.pre, s.box, s.claim = nil, nil, nil
	for i, raw := range s.st.Accepts {
		if len(raw) == 0 {
			continue
		}
		a, err := OpenAcceptance(raw, s.p.Cards[i].ID, s.p.Digest)
		if err != nil {
			return err
		}
		s.accepts[i] = a
	}
	if s.st.M.IsZero() {
		return nil
	}
	pre, err := s.session()
	if err != nil {
		return err
	}
	s.box = newCollector(s.cfg.Algebra, pre, s.m, s.acceptances())
	for j := range s.st.Shares {
		s.box.restore(s.st.Shares[j], s.st.Voids[j])
	}
	return nil
}

// session returns the preimage of m, once all acceptances are here.
func (s *Session) session() (*Preimage, error) {
	if s.pre != nil {
		return s.pre, nil
	}
	if s.r == nil {
		return nil, sxp.Errorf("contract.Session", sxp.NotFound, s.p.Roll, "the roll of the jury is not known here")
	}
	var err error
	if s.pre, err = buildPreimage(s.cfg.Algebra, s.p, s.r, s.st.Accepts, s.accepts); err != nil {
		return nil, err
	}
	s.m = s.pre.M()
	return s.pre, nil
}

func (s *Session) acceptances() []Acceptance {
	out := make([]Acceptance, len(s.accepts))
	for i, a := range s.accepts {
		out[i] = *a
	}
	return out
}

// AssumeStale marks a session restored from a backup, or on another device:
// what happened since is unknown. It never promises or releases, and never
// concludes that no contract exists. The next Save makes the mark durable.
func (s *Session) AssumeStale() {
	s.st.Stale = true
	s.cfg.Ledger.Put(s.Entry())
}

// Step applies one event. On error the state is unchanged and there is nothing
// to do; the driver logs it, and answers a peer with its kind. To apply an
// event twice is to apply it once.
func (s *Session) Step(ev Event) ([]Action, error) {
	before := s.st.clone()
	s.out, s.dirty, s.keep, s.erase, s.spend = nil, false, false, false, false
	err := s.handle(ev)
	if err != nil {
		s.rollBack(before)
		return nil, sxp.Errorf("contract.Session", sxp.KindOf(err), s.p.Digest, "%w", err)
	}
	return s.finish()
}

// rollBack undoes a step that failed, with what was derived in it.
func (s *Session) rollBack(before state) {
	s.st, s.out = before, nil
	if !s.dirty {
		return
	}
	if err := s.derive(); err != nil {
		panic("contract: a state that was derived before is derived again: " + err.Error())
	}
}

// finish puts the Save before everything else.
func (s *Session) finish() ([]Action, error) {
	out := s.out
	s.out = nil
	if !s.dirty {
		return out, nil
	}
	b, err := envelope.Marshal(&s.st)
	if err != nil {
		return nil, err
	}
	s.cfg.Ledger.Put(s.Entry())
	return append([]Action{Save{State: b, Keep: s.keep, Erase: s.erase, Spend: s.spend}}, out...), nil
}

func (st *state) clone() state {
	c := *st
	c.Accepts = slices.Clone(st.Accepts)
	c.Early = slices.Clone(st.Early)
	c.Declined = slices.Clone(st.Declined)
	c.Evidence = slices.Clone(st.Evidence)
	c.Faults = slices.Clone(st.Faults)
	c.Promised = slices.Clone(st.Promised)
	c.Locks = slices.Clone(st.Locks)
	c.Signed = slices.Clone(st.Signed)
	c.Promises = slices.Clone(st.Promises)
	c.Sigmas = slices.Clone(st.Sigmas)
	c.Shares = slices.Clone(st.Shares)
	c.Voids = slices.Clone(st.Voids)
	return c
}

// A View is what a person sees of a session.
type View struct {
	Session  sxp.Hash // digest of the proposal
	Me       int      // own index among the parties
	Phase    Phase
	Reason   string         // of the end, for people
	ByJury   bool           // the jury supplied the contract, as far as is known
	M        sxp.Hash       // once promised
	Jury     []Seat         // once all have accepted
	Accepted []bool         // by party
	Locked   []bool         // by party: its lock is here, or it gives no secret
	Promised []bool         // by party
	Released []bool         // by party; the own only once released
	Lodged   bool           // a watcher holds the claim
	Blocked  sxp.Hash       // an earlier session that binds the same things; zero: none
	Evidence []Equivocation // against other parties
	Faults   []Fault        // what signatures prove against parties and jurors
	S        bls.G1         // the contract's signature, when Done
}

// View returns a copy for display.
func (s *Session) View() View {
	v := View{Session: s.p.Digest, Me: s.me, Phase: s.st.Phase, Reason: s.st.Reason, ByJury: s.st.ByJury, M: s.st.M,
		Lodged: len(s.st.Receipt) > 0, Evidence: slices.Clone(s.st.Evidence), Faults: slices.Clone(s.st.Faults), S: s.st.S}
	if s.pre != nil {
		v.Jury = slices.Clone(s.pre.Jury)
	}
	for i := range s.p.Cards {
		v.Accepted = append(v.Accepted, len(s.st.Accepts[i]) > 0)
		v.Locked = append(v.Locked, s.p.Terms.SecretOf(i) < 0 || len(held(s.st.Locks, i)) > 0)
		v.Promised = append(v.Promised, len(s.st.Promises[i]) > 0)
		v.Released = append(v.Released, s.st.Sigmas[i] != bls.G1{})
	}
	if s.st.Phase == PhaseAccepted {
		v.Blocked, _ = s.cfg.Ledger.Blocked(s.Entry())
	}
	return v
}

// Proposal returns what the session is about. It is read only.
func (s *Session) Proposal() *OpenedProposal { return s.p }

// Preimage returns m's preimage, once all have accepted; else nil. It is read
// only.
func (s *Session) Preimage() *Preimage { return s.pre }

// Entry returns what the ledger needs to know of the session.
func (s *Session) Entry() Entry {
	e := s.entry
	e.Stage = s.stage()
	if s.st.Accepted != 0 {
		e.At = s.st.Accepted
	}
	return e
}

func (s *Session) stage() Stage {
	switch {
	case s.st.Phase == PhaseDone:
		return StageCompleted
	case s.st.Released != 0:
		return StageReleased
	case s.st.Phase == PhaseVoid:
		return StageVoid
	case s.st.Phase == PhaseDeclined && s.accepted(), s.st.Phase == PhaseLapsed && len(s.st.Accepts[s.me]) > 0:
		return StageLapsed // whoever declines counts the attempt like those who had accepted
	case s.st.Phase == PhaseDeclined, s.st.Phase == PhaseLapsed:
		return StageProposed
	case s.st.Stale:
		return StageReleased // for all this device knows
	case s.st.Phase == PhasePromised:
		return StagePromised
	case s.st.Phase == PhaseAccepted:
		return StageAccepted
	}
	return StageProposed
}

// accepted reports whether an acceptance of somebody is here. Where none is,
// nobody can know whom the jury would have been, and to say no, or to answer
// with other terms, is no attempt.
func (s *Session) accepted() bool {
	return slices.ContainsFunc(s.st.Accepts, func(b sxp.Bytes) bool { return len(b) > 0 })
}

// File returns the self-contained contract, or the certificate that the jury
// voided it. It fails with sxp.Early while there is neither.
func (s *Session) File() ([]byte, error) {
	switch {
	case s.st.Phase == PhaseDone:
		return Build(s.p, s.r, s.pre, s.st.S)
	case s.box != nil && s.box.Voids() >= s.p.T:
		return BuildVoid(s.p, s.r, s.pre, s.box.voidList())
	}
	return nil, sxp.Errorf("contract.Session.File", sxp.Early, s.p.Digest, "there is no contract yet")
}

// save marks the state as changed.
func (s *Session) save() { s.dirty = true }

// do appends actions.
func (s *Session) do(a ...Action) { s.out = append(s.out, a...) }

// name returns how a party calls itself, for people.
func (s *Session) name(i int) string { return s.p.Cards[i].Label }

// others returns the indexes of all other parties.
func (s *Session) others() []int {
	var out []int
	for i := range s.p.Cards {
		if i != s.me {
			out = append(out, i)
		}
	}
	return out
}

func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) }
