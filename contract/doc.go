// Package contract lets people who do not trust each other sign one contract,
// so that either all honest ones end with the complete contract or nobody ever
// does. The referee is a jury of peers that hears of nothing unless somebody
// fails. Package contract/jury has the juror; spec/signing.md the protocol,
// spec/contract.md the bytes.
//
// A Session is one party's part, a Watcher acts for parties that are away,
// jury.Juror is one juror. They are pure machines: events in, actions out, time
// is an event, secrets stay outside behind Keys. Trusted is, by each party, its
// own agent, one watcher of its choice not to be cut off, and the jury not to
// hold more than f corrupt members; nobody else, and nobody with the text.
//
// # Driving a Session
//
// Shared by all sessions of a person: one Algebra, one KeyRing (or other Keys),
// one Ledger. Stored for each session: the raw proposal, the state of the last
// Save, and apart from both the opening (see Save.Keep and Save.Erase). Rolls
// are stored by digest and opened once.
//
//	p, err := contract.OpenProposal(raw)             // from a relay, a market, oneself
//	r, err := contract.OpenRoll(algebra, rollRaw)    // the trusted roll with digest p.Roll
//	err = contract.CheckProposal(p, r, limits, me, now) // tells the person why not; Warnings too
//	s, err := contract.NewSession(cfg, p, r)
//	acts, err := s.Step(contract.Start{Now: now})    // then do acts
//	acts, err = s.Step(contract.Decide{Now: now, Accept: true})
//
// From then on: every signed message from a relay whose Peek names the session
// goes in as Received; every juror's answer as Answered; a Tick whenever Next
// has come, for which the driver keeps one timer per session, asking Next again
// after each Step. A Step that fails changes nothing.
//
// Actions are done in order, and whatever follows a Save only once the Save is
// durable: a Save is one transaction that writes State under p.Digest, with
// Keep also KeyRing.Opening(p.Digest), and with Erase destroys that. If it
// fails, drop all machines and restore them. Requests that fail are forgotten:
// the machine repeats them.
//
//	Save          one atomic durable write
//	SendParties   seal to each party's card, write to its relays; a driver that
//	              retries does so until Before, if that is set
//	AskWatcher    RequestLodge; feed Receipt and Result back as Received
//	QueryWatcher  RequestAsk; likewise
//	TellWatchers  RequestTell; answers may be ignored
//	FileClaim     RequestClaim to each juror; feed the Answer back as Answered
//	QueryJury     RequestQuery to each juror; feed the Answer back as Answered
//	Blame         log it, show it
//	Concluded     tell the person; Session.File is the contract
//
// After a restart, for every session on disk: KeyRing.Load its opening if there
// is one, RestoreSession (which fills the Ledger), and only when all are
// restored Step(Start) each. A session restored from a backup or on another
// device is marked with AssumeStale first; one that has accepted and finds no
// opening in a Holder marks itself.
//
// Addresses in rolls, acceptances and cards are other people's words: a driver
// decides which it connects to, and trusts nothing that comes back. The
// machines verify every byte of an answer.
//
// A finished session still answers Ask and is never deleted: it is what keeps
// the ledger from giving the same thing twice.
//
// # Driving a Watcher
//
// One Watcher serves all sessions of a node. Each request becomes an event
// (RequestLodge: Lodge, RequestTell: Told, RequestAsk: Asked); its actions are
// SaveRecord, FileClaim (answers return as AnsweredFor) and exactly one Reply
// for each request that did not fail. Restore gives the records back.
//
// # What it does not give
//
// It is not abuse-free: between promise and deadline a promise proves its
// author's willingness to others, and leaves the last to promise an option; keep
// deadlines short. There is no withdrawing a promise before the deadline. With
// more than f corrupt jurors a party can be left bound alone; with Δ broken, honest
// jurors may disagree and a party that released may be left without what others
// hold; with a watcher cut off throughout L, the same for its party only.
// Signatures are not post-quantum. Attempts are counted per set of people: who
// has many identities can try for a jury once more with each. A party that stays
// away for longer than its watcher keeps results depends on the others and the
// jury.
package contract
