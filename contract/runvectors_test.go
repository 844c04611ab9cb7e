package contract_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sxp"
	"sxp/contract"
	"sxp/contract/jury"
	"sxp/envelope"
	"sxp/internal/bls"
	"sxp/relay"
	"sxp/vectors"
)

// A runStep is one signed message of a run, when it was sent by the clock that
// all share in a vector.
type runStep struct {
	At      sxp.Time  `json:"at"`
	Message sxp.Bytes `json:"message"`
}

// A recorder keeps what goes over the wire in a simulated signing, as signed
// messages: requests to nodes and their answers too.
type recorder struct {
	s     *sim
	steps []runStep
	seen  map[string]bool
	nonce int
}

// record runs a signing to its end and returns everything that was sent.
func record(s *sim) *recorder {
	r := &recorder{s: s, seen: map[string]bool{}}
	r.add(s.w.roll.Raw)
	r.add(s.opts.p.Raw)
	s.onSend = r.add
	s.onAsk = r.request
	s.run(s.end() + sxp.Time(worldHorizon))
	return r
}

func (r *recorder) add(raw []byte) {
	if !r.seen[string(raw)] {
		r.seen[string(raw)] = true
		r.steps = append(r.steps, runStep{r.s.now, raw})
	}
}

func (r *recorder) signer(id sxp.ID) envelope.Signer {
	for _, p := range r.s.w.people {
		if p.id.ID() == id {
			return p.id
		}
	}
	for _, w := range r.s.watchers {
		if w.id.ID() == id {
			return w.id
		}
	}
	return r.s.w.jurors[id]
}

func (r *recorder) request(by, to sxp.ID, ev any) func(any) {
	switch q := ev.(type) {
	case contract.LodgeRequest:
		return recordRequest[contract.LodgeRequest, contract.WatchAnswer](r, contract.RequestLodge, by, to, q)
	case contract.TellRequest:
		return recordRequest[contract.TellRequest, contract.WatchAnswer](r, contract.RequestTell, by, to, q)
	case contract.AskRequest:
		return recordRequest[contract.AskRequest, contract.WatchAnswer](r, contract.RequestAsk, by, to, q)
	case jury.Claim:
		return recordRequest[contract.ClaimRequest, contract.Answer](r, contract.RequestClaim, by, to, q.Request)
	case jury.Forward:
		return recordRequest[contract.ForwardRequest, contract.Answer](r, contract.RequestForward, by, to, q.Request)
	case jury.Shares:
		return recordRequest[contract.SharesRequest, contract.Answer](r, contract.RequestShares, by, to, q.Request)
	case jury.Query:
		return recordRequest[contract.QueryRequest, contract.Answer](r, contract.RequestQuery, by, to, q.Request)
	}
	panic(fmt.Sprintf("no request %T", ev))
}

func recordRequest[R, A any](r *recorder, name string, by, to sxp.ID, q R) func(any) {
	r.nonce++
	raw := must(relay.Sign(r.signer(by), name, to, r.s.now, seeded("nonce %d", r.nonce), q))
	r.add(raw)
	return func(a any) {
		re := relay.Response[A]{Type: name, From: to, To: by, Timestamp: r.s.now, Re: envelope.Digest(raw), Result: a.(A)}
		r.add(must(envelope.Sign(r.signer(to), relay.ResponseType(name), &re)))
	}
}

// TestRunVectors replays the whole signings of vectors/signing/run-*.json: all
// that was sent, and the file that must come of it.
func TestRunVectors(t *testing.T) {
	if *update {
		writeRunVectors(t)
	}
	n := 0
	for name, v := range readFolder(t, signingDir) {
		if !strings.HasPrefix(name, "run-") {
			continue
		}
		n++
		if err := replayRun(v); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: error %v, want kind %q (%s)", name, err, v.Expect, v.Why)
		}
	}
	if n < 12 {
		t.Errorf("only %d runs", n)
	}
}

// A replay follows a run message by message with the readers of single
// messages, and knows what each may rest on (spec/jury.md, "Vectors").
type replay struct {
	now      sxp.Time
	roll     *contract.OpenedRoll
	p        *contract.OpenedProposal
	accepts  []sxp.Bytes
	promises []bls.Promise
	lodged   []bool
	sigmas   []bls.G1
	watchers []contract.Contact
	r        *reading
	box      *contract.Collector
	asked    map[sxp.Hash]runRequest
	claimed  map[sxp.ID]bool // nodes that a good claim was sent to
	locks    []*contract.Lock
}

type runRequest struct {
	name     string
	from, to sxp.ID
}

func replayRun(v vectors.Vector) error {
	var steps []runStep
	if err := envelope.Unmarshal(v.Input, &steps); err != nil {
		return err
	}
	x := &replay{asked: map[sxp.Hash]runRequest{}, claimed: map[sxp.ID]bool{}}
	for i, s := range steps {
		if err := x.step(s); err != nil {
			return sxp.Errorf("replayRun", sxp.KindOf(err), nil, "step %d: %w", i, err)
		}
	}
	file, err := x.file()
	if err != nil {
		return err
	}
	if hex.EncodeToString(file) != v.With["file"] {
		return refuse(sxp.Invalid, "another file comes of it")
	}
	if _, err = contract.Verify(file); err != nil {
		return err
	}
	secrets, err := x.secrets()
	return firstOf(func() error { return err }, func() error { return require(secrets == v.With["secrets"], sxp.Invalid, "other secrets") })
}

// secrets are what all locks hide, in hex and the order of who gives them, once
// there is a contract.
func (x *replay) secrets() (string, error) {
	var out []string
	for i, l := range x.locks {
		if l == nil || slices.Contains(x.sigmas, bls.G1{}) {
			continue
		}
		text, wrong, err := l.OpenSecretForTest(x.r.a, x.p, x.sigmas[i])
		if err != nil {
			return "", err
		}
		out = append(out, hex.EncodeToString(text)+wrong)
	}
	return strings.Join(out, " "), nil
}

func (x *replay) step(s runStep) error {
	if s.At < x.now {
		return refuse(sxp.Invalid, "time runs back")
	}
	x.now = s.At
	m, err := envelope.Parse(s.Message)
	if err != nil {
		return err
	}
	switch {
	case x.roll == nil:
		x.roll, err = contract.OpenRoll(contract.NewAlgebra(seeded("run")), s.Message)
		return err
	case x.p == nil:
		return x.propose(s.Message)
	case m.Type == contract.TypeAcceptance:
		return x.accept(m)
	case x.r == nil:
		return refuse(sxp.Early, "not all have accepted")
	}
	if name, ok := strings.CutPrefix(string(m.Type), "sxp.request."); ok {
		return x.request(strings.TrimSuffix(name, "/1"), m)
	}
	if name, ok := strings.CutPrefix(string(m.Type), "sxp.response."); ok {
		return x.response(strings.TrimSuffix(name, "/1"), m)
	}
	return x.message(m)
}

func (x *replay) propose(raw []byte) (err error) {
	if x.p, err = contract.OpenProposal(raw); err != nil {
		return err
	}
	n := len(x.p.Cards)
	x.accepts, x.promises, x.lodged = make([]sxp.Bytes, n), make([]bls.Promise, n), make([]bool, n)
	x.locks = make([]*contract.Lock, n)
	x.sigmas, x.watchers = make([]bls.G1, n), make([]contract.Contact, n)
	return require(x.p.Roll == x.roll.Digest, sxp.Invalid, "another roll")
}

// accept takes an acceptance; the last one gives the jury and m.
func (x *replay) accept(m *envelope.Message) error {
	i, ok := x.p.Party(m.Signer)
	if !ok {
		return refuse(sxp.Denied, "not by a party")
	}
	a, err := contract.OpenAcceptance(m.Raw, m.Signer, x.p.Digest)
	if err != nil {
		return err
	}
	if len(x.accepts[i]) > 0 {
		return refuse(sxp.Conflict, "a second acceptance")
	}
	if x.now >= x.p.ReleaseBefore() {
		return refuse(sxp.Late, "accepted when nothing can be released any more")
	}
	if err := contract.CheckAcceptancePoints(contract.NewAlgebra(seeded("run")), x.p.Cards[i].ContractKey, a, x.p.N, x.p.T); err != nil {
		return err
	}
	x.accepts[i], x.watchers[i] = m.Raw, a.Watcher
	if slices.ContainsFunc(x.accepts, func(b sxp.Bytes) bool { return len(b) == 0 }) {
		return nil
	}
	return x.begin()
}

func (x *replay) begin() error {
	p := x.p
	pre := &contract.Preimage{Version: 1, Proposal: p.Digest, T: p.T, F: p.F, Deadline: p.Deadline, Delta: p.Delta, Roll: p.Roll}
	var draws []bls.G1
	for i, raw := range x.accepts {
		card := &p.Cards[i]
		pre.Parties = append(pre.Parties, contract.Signer{ID: card.ID, X: card.ContractKey, Proof: card.Proof, Acceptance: raw})
		draws = append(draws, must(contract.OpenAcceptance(raw, card.ID, p.Digest)).Draw)
	}
	var err error
	if pre.Seed, err = bls.SumHash(draws); err != nil {
		return err
	}
	if pre.Jury, err = contract.Draw(x.roll, p, pre.Seed); err != nil {
		return err
	}
	a := contract.NewAlgebra(seeded("run"))
	x.r = &reading{a: a, pre: pre, proposal: x.p}
	if x.r.accepts, err = pre.Check(a); err != nil {
		return err
	}
	x.box, err = contract.NewCollector(a, pre)
	return err
}

func (x *replay) promised() bool {
	return !slices.ContainsFunc(x.promises, func(p bls.Promise) bool { return p == nil })
}

// message takes a message among parties.
func (x *replay) message(m *envelope.Message) error {
	what := strings.TrimSuffix(strings.TrimPrefix(string(m.Type), "sxp."), "/1")
	if !slices.Contains([]string{"decline", "promise", "release", "result", "ask", "lock"}, what) {
		return refuse(sxp.Invalid, "not among parties")
	}
	if err := x.r.read(what, m.Raw); err != nil {
		return err
	}
	switch m.Type {
	case contract.TypeLock:
		return x.lock(m)
	case contract.TypePromise:
		return x.promise(m)
	case contract.TypeRelease:
		return x.release(m)
	}
	return nil
}

func (x *replay) lock(m *envelope.Message) error {
	l := new(contract.Lock)
	if err := envelope.Unmarshal(m.Payload, l); err != nil {
		return err
	}
	i := x.r.pre.Party(m.Signer)
	if x.locks[i] != nil {
		return refuse(sxp.Conflict, "a second lock")
	}
	x.locks[i] = l
	return nil
}

func (x *replay) promise(m *envelope.Message) error {
	i := x.r.pre.Party(m.Signer)
	if x.promises[i] != nil {
		return refuse(sxp.Conflict, "a second promise")
	}
	if x.now >= x.p.ReleaseBefore() {
		return refuse(sxp.Late, "promised too late")
	}
	for k := range x.locks {
		if k != i && x.p.Terms.SecretOf(k) >= 0 && x.locks[k] == nil {
			return refuse(sxp.Early, "promised before the lock of a secret that it gets")
		}
	}
	var p contract.Promise
	err := envelope.Unmarshal(m.Payload, &p)
	x.promises[i] = p.Points
	return err
}

func (x *replay) release(m *envelope.Message) error {
	i := x.r.pre.Party(m.Signer)
	switch {
	case x.p.Mode == contract.Notary:
		return refuse(sxp.Denied, "with a notary nobody releases")
	case !x.promised() || !x.lodged[i]:
		return refuse(sxp.Early, "released before all promised and the watcher had the claim")
	case x.now >= x.p.ReleaseBefore():
		return refuse(sxp.Late, "released too late")
	}
	return x.sigma(m.Raw)
}

func (x *replay) sigma(raw []byte) error {
	var v contract.Release
	signer, err := contract.OpenPlain(raw, contract.TypeRelease, &v)
	if err == nil {
		x.sigmas[x.r.pre.Party(signer)] = v.Signature
	}
	return err
}

func (x *replay) request(name string, m *envelope.Message) error {
	var q relay.Request[any]
	if err := envelope.Unmarshal(m.Payload, &q); err != nil {
		return err
	}
	r := *x.r
	r.with = map[string]string{"to": q.To.String()}
	read := readers()[name]
	if read == nil {
		return refuse(sxp.Unsupported, "no such request")
	}
	if err := read(&r, m.Raw); err != nil {
		return err
	}
	x.asked[envelope.Digest(m.Raw)] = runRequest{name, q.From, q.To}
	switch name {
	case contract.RequestLodge:
		return x.lodging(q.To, m)
	case contract.RequestClaim:
		return x.good(q.To, 0)
	case contract.RequestForward:
		var f relay.Request[contract.ForwardRequest]
		if err := envelope.Unmarshal(m.Payload, &f); err != nil {
			return err
		}
		seats := map[int]bool{}
		for _, raw := range f.Request.Endorsements {
			if signer, err := contract.OpenEndorse(raw, x.r.pre.M()); err == nil && x.r.pre.Seat(signer) != 0 && signer != q.To {
				seats[x.r.pre.Seat(signer)] = true
			}
		}
		return x.good(q.To, min(len(seats), x.p.F+1))
	}
	return nil
}

// good takes a claim with k endorsements at a juror.
func (x *replay) good(to sxp.ID, k int) error {
	if !x.promised() {
		return refuse(sxp.Early, "claimed before all promised")
	}
	if x.now > x.p.Deadline.Add(sxp.Duration(k)*x.p.Delta) {
		return refuse(sxp.Late, "claimed too late")
	}
	x.claimed[to] = true
	return nil
}

func (x *replay) lodging(to sxp.ID, m *envelope.Message) error {
	var q relay.Request[contract.LodgeRequest]
	if err := envelope.Unmarshal(m.Payload, &q); err != nil {
		return err
	}
	if !x.promised() {
		return refuse(sxp.Early, "lodged before all promised")
	}
	fits := q.Request.ClaimAt == x.p.ClaimAt() && q.Request.Patience == x.p.Patience && x.watchers[x.r.pre.Party(q.From)].ID == to
	return require(fits, sxp.Invalid, "lodged with other times, or with another watcher, than was agreed")
}

func (x *replay) response(name string, m *envelope.Message) error {
	var head relay.Response[any]
	if err := envelope.Unmarshal(m.Payload, &head); err != nil {
		return err
	}
	q, ok := x.asked[head.Re]
	if !ok || q.name != name {
		return refuse(sxp.Invalid, "an answer to nothing")
	}
	r := *x.r
	r.with = map[string]string{"from": q.to.String(), "to": q.from.String(), "re": head.Re.String()}
	if err := readers()[name+".answer"](&r, m.Raw); err != nil {
		return err
	}
	if strings.HasPrefix(name, "watch.") {
		if i := x.r.pre.Party(q.from); name == contract.RequestLodge && i >= 0 {
			x.lodged[i] = true
		}
		return nil
	}
	var a relay.Response[contract.Answer]
	if err := envelope.Unmarshal(m.Payload, &a); err != nil {
		return err
	}
	return x.answer(q.to, &a.Result)
}

// answer takes what a juror says: it opens only after a good claim, and votes
// void only when none can come any more; never both.
func (x *replay) answer(from sxp.ID, a *contract.Answer) error {
	seat := x.r.pre.Seat(from)
	switch {
	case a.Standing == contract.Completed && !x.claimed[from]:
		return refuse(sxp.Early, "opened without a claim")
	case a.Standing == contract.Voided && x.now <= x.r.pre.VoidAfter():
		return refuse(sxp.Early, "voided too early")
	case a.Standing == contract.Completed && x.box.HasVoid(seat), a.Standing == contract.Voided && x.box.HasShares(seat):
		return refuse(sxp.Conflict, "a juror opened and voided")
	}
	for _, raw := range a.Shares {
		if _, _, err := x.box.AddShares(raw); err != nil {
			return err
		}
	}
	if len(a.Void) == 0 {
		return nil
	}
	_, _, err := x.box.AddVoid(a.Void)
	return err
}

// file builds what must have come of the run.
func (x *replay) file() ([]byte, error) {
	if x.r == nil {
		return nil, refuse(sxp.Early, "not all have accepted")
	}
	sigmas := x.sigmas
	if x.box.Opened() >= x.p.T {
		opened, _, err := x.box.Recover()
		if err != nil {
			return nil, err
		}
		for i, s := range x.sigmas {
			if s != (bls.G1{}) && s != opened[i] {
				return nil, refuse(sxp.Invalid, "the jury opened another signature")
			}
		}
		x.sigmas, sigmas = opened, opened
	}
	if !slices.Contains(sigmas, bls.G1{}) {
		s, err := bls.Aggregate(x.r.pre.M(), sigmas)
		if err != nil {
			return nil, err
		}
		return contract.Build(x.p, x.roll, x.r.pre, s)
	}
	if x.box.Voids() < x.p.T {
		return nil, refuse(sxp.Early, "no outcome yet")
	}
	var voids []sxp.Bytes
	for _, s := range x.r.pre.Jury {
		if x.box.HasVoid(x.r.pre.Seat(s.ID)) {
			voids = append(voids, x.box.VoidForTest(x.r.pre.Seat(s.ID)))
		}
	}
	return contract.BuildVoid(x.p, x.roll, x.r.pre, voids)
}

// runs are whole signings by name.
func runs(t *testing.T) map[string]*recorder {
	two := worldOf(t, 2, 3)
	secret, both := secretWorld(t, 3, 0), secretWorld(t, 3, 0, 1)
	notary := worldOf(t, 2, 1, func(p *contract.Proposal) { p.Mode = contract.Notary })
	return map[string]*recorder{
		"honest": record(newSim(two, simOptions{watcher: true})),
		"jury":   record(newSim(two, simOptions{watcher: true, party: map[int]fate{1: stopAfter(5)}})),
		"void":   record(newSim(two, simOptions{watcher: true, party: map[int]fate{1: stopAfter(3)}})),
		"notary": record(newSim(notary, simOptions{watcher: true})),
		"secret": record(newSim(secret, simOptions{watcher: true})),
		"secrets-jury": record(newSim(both, simOptions{watcher: true, deliver: func(_, _ int, raw []byte) (sxp.Duration, bool) {
			return latency, contract.TypeOf(raw) != contract.TypeRelease && contract.TypeOf(raw) != contract.TypeResult
		}, tell: func(int, int) bool { return false }})),
	}
}

func writeRunVectors(t *testing.T) {
	all := runs(t)
	why := map[string]string{
		"honest": "both release, and no juror hears of it",
		"jury":   "Bob promises and vanishes; the jury completes the contract",
		"void":   "Bob accepts and never promises; the jury certifies that nobody is bound",
		"notary": "one juror completes what nobody releases",
		"secret": "Alice gives a secret for Bob's signature; no juror hears of it",

		"secrets-jury": "each gives a secret, no release arrives, and the jury's shares open both",
	}
	for name, r := range all {
		add(t, signingDir, "run-"+name, why[name], "", runBytes(r.steps), append(r.secrets(), "file", hex.EncodeToString(r.file(t)))...)
	}
	for name, b := range brokenRuns(t, all) {
		steps := slices.Clone(all[b.of].steps)
		add(t, signingDir, "run-"+name, b.why, b.kind, runBytes(b.change(steps)), "file", hex.EncodeToString(all[b.of].file(t)))
	}
}

func runBytes(steps []runStep) []byte { return must(envelope.Marshal(steps)) }

// secrets are those that change hands, as a vector names them.
func (r *recorder) secrets() []string {
	var out []string
	for i := range r.s.w.people {
		if _, ok := r.s.w.secrets[i]; ok {
			out = append(out, hex.EncodeToString([]byte(secretOf(i))))
		}
	}
	if out == nil {
		return nil
	}
	return []string{"secrets", strings.Join(out, " ")}
}

// file is the one that the first person who is not gone ends with.
func (r *recorder) file(t *testing.T) []byte {
	for _, p := range r.s.parties {
		if !p.stopped {
			return must(p.m.File())
		}
	}
	t.Fatal("nobody is left")
	return nil
}

// A brokenRun is a run with one thing changed.
type brokenRun struct {
	of, why, kind string
	change        func([]runStep) []runStep
}

func brokenRuns(t *testing.T, all map[string]*recorder) map[string]brokenRun {
	p := all["honest"].s.opts.p
	typeIs := func(types ...string) func(runStep) bool {
		return func(s runStep) bool {
			typ := string(contract.TypeOf(s.Message))
			return slices.ContainsFunc(types, func(w string) bool { return strings.Contains(typ, w) })
		}
	}
	without := func(types ...string) func([]runStep) []runStep {
		return func(s []runStep) []runStep { return slices.DeleteFunc(s, typeIs(types...)) }
	}
	later := func(at sxp.Time, types ...string) func([]runStep) []runStep { // from the first such message on
		return func(s []runStep) []runStep {
			for i := slices.IndexFunc(s, typeIs(types...)); i < len(s); i++ {
				s[i].At = max(s[i].At, at)
			}
			return s
		}
	}
	swapped := func(a, b string) func([]runStep) []runStep {
		return func(s []runStep) []runStep {
			i, k := slices.IndexFunc(s, typeIs(a)), slices.IndexFunc(s, typeIs(b))
			s[i].Message, s[k].Message = s[k].Message, s[i].Message
			return s
		}
	}
	onlyOne := func(typ string) func([]runStep) []runStep {
		return func(s []runStep) []runStep {
			n := 0
			return slices.DeleteFunc(s, func(x runStep) bool {
				if typeIs(typ)(x) {
					n++
				}
				return typeIs(typ)(x) && n > 1
			})
		}
	}
	void := func(s []runStep) []runStep { // the juror of the last answer votes void too
		last := slices.IndexFunc(s, typeIs("response.jury.claim"))
		var a relay.Response[contract.Answer]
		must(envelope.Open(s[last].Message, contract.TypeOf(s[last].Message), &a))
		key, m := all["jury"].signer(a.From), a.Result.M
		a.Result = contract.Answer{M: m, Standing: contract.Voided, Void: must(envelope.Sign(key, contract.TypeVoid, &contract.Void{M: m}))}
		return append(s, runStep{p.VoidAfter() + 1, must(envelope.Sign(key, contract.TypeOf(s[last].Message), &a))})
	}
	early := func(s []runStep) []runStep {
		for i := range s {
			s[i].At = min(s[i].At, p.VoidAfter())
		}
		return s
	}
	second := func(s []runStep) []runStep {
		i := slices.IndexFunc(s, typeIs("acceptance"))
		var a contract.Acceptance
		id := must(contract.OpenPlain(s[i].Message, contract.TypeAcceptance, &a))
		a.Watcher = contract.Contact{}
		return slices.Insert(s, i+1, runStep{s[i].At, must(envelope.Sign(all["honest"].signer(id), contract.TypeAcceptance, &a))})
	}
	releases := func(s []runStep) []runStep { // Alice, to a notary's party
		w := all["notary"].s
		sig := must(w.w.keys(0).SignSession(w.m()))
		at := slices.IndexFunc(s, typeIs("request.jury.claim"))
		raw := must(envelope.Sign(w.w.people[0].id, contract.TypeRelease, &contract.Release{Proposal: w.opts.p.Digest, M: w.m(), Signature: sig}))
		return slices.Insert(s, at, runStep{s[at].At, raw})
	}
	return map[string]brokenRun{
		"two-acceptances":                 {"honest", "a party accepts once", "conflict", second},
		"promise-before-acceptances":      {"honest", "there is no m before all have accepted", "early", swapped("acceptance", "promise")},
		"promise-late":                    {"honest", "promises end at T_c − W", "late", later(p.ReleaseBefore(), "promise")},
		"lodged-before-promises":          {"honest", "a claim holds all promises", "early", swapped("promise", "request.watch.lodge")},
		"release-not-lodged":              {"honest", "a watcher's receipt comes first", "early", without("response.watch.lodge")},
		"release-late":                    {"honest", "nothing is released at T_c − W or later", "late", later(p.ReleaseBefore(), "release")},
		"time-back":                       {"honest", "messages stand in the order of time", "invalid", func(s []runStep) []runStep { s[len(s)-1].At = s[0].At - 1; return s }},
		"answer-to-nothing":               {"jury", "an answer names its request", "invalid", without("request.jury.shares")},
		"claim-late":                      {"jury", "a claim from outside is good until D", "late", later(p.Deadline+1, "request.jury.claim")},
		"shares-without-claim":            {"jury", "an answer names its request, and a juror opens for a claim", "invalid", without("request.jury.claim")},
		"opens-and-voids":                 {"jury", "a juror says one thing for ever", "conflict", void},
		"void-early":                      {"void", "no juror votes void up to D + (f+1)Δ", "early", early},
		"void-of-one":                     {"void", "t voids are a certificate, one is not", "early", onlyOne("response.jury.query")},
		"notary-and-release":              {"notary", "with a notary nobody releases", "denied", releases},
		"promise-before-the-lock":         {"secret", "nobody promises before the locks of the secrets that it gets", "early", lockAfterPromises},
		"lock-with-another-salt":          {"secret", "the proposal commits to the salt", "invalid", otherSalt(all["secret"])},
		"without-the-lock":                {"secret", "nobody promises before the locks of the secrets that it gets", "early", without("sxp.lock")},
		"proposal-first":                  {"honest", "the roll stands first", "invalid", func(s []runStep) []runStep { s[0], s[1] = s[1], s[0]; return s }},
		"without-the-releases":            {"honest", "without all signatures there is no contract yet", "early", without("release", "result", "watch.tell")},
		"message-of-another-conversation": {"honest", "a message among strangers", "denied", strangerAsks(all["honest"])},
	}
}

// lockAfterPromises sends the lock when both have promised.
func lockAfterPromises(s []runStep) []runStep {
	typeIs := func(typ envelope.Type) func(runStep) bool {
		return func(x runStep) bool { return contract.TypeOf(x.Message) == typ }
	}
	i := slices.IndexFunc(s, typeIs(contract.TypeLock))
	lock := s[i]
	s = slices.Delete(s, i, i+1)
	i = slices.IndexFunc(s, typeIs(contract.TypePromise))
	i += 1 + slices.IndexFunc(s[i+1:], typeIs(contract.TypePromise))
	lock.At = s[i].At
	return slices.Insert(s, i+1, lock)
}

// otherSalt lets the seller lock with a salt that it chose later.
func otherSalt(r *recorder) func([]runStep) []runStep {
	return func(s []runStep) []runStep {
		i := slices.IndexFunc(s, func(x runStep) bool { return contract.TypeOf(x.Message) == contract.TypeLock })
		var l contract.Lock
		id := must(contract.OpenPlain(s[i].Message, contract.TypeLock, &l))
		l.Salt[0] ^= 1
		s[i].Message = must(envelope.Sign(r.signer(id), contract.TypeLock, &l))
		return s
	}
}

// strangerAsks lets the roll's issuer ask for the result.
func strangerAsks(r *recorder) func([]runStep) []runStep {
	return func(s []runStep) []runStep {
		raw := must(envelope.Sign(r.s.w.issuer, contract.TypeAsk, &contract.Ask{Proposal: r.s.opts.p.Digest}))
		return append(s, runStep{s[len(s)-1].At, raw})
	}
}

// TestRunsAreWhatTheMachinesSend: the vectors of whole runs are what the
// machines of this package say today, byte for byte.
func TestRunsAreWhatTheMachinesSend(t *testing.T) {
	written := readFolder(t, signingDir)
	for name, r := range runs(t) {
		v := written["run-"+name]
		if !bytes.Equal(v.Input, runBytes(r.steps)) || v.With["file"] != hex.EncodeToString(r.file(t)) {
			t.Errorf("run-%s is not what is sent today; read the difference, then -update", name)
		}
	}
}
