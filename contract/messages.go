package contract

import (
	"sxp"
	"sxp/envelope"
	"sxp/internal/bls"
)

// A Contact says where a node is that acts for somebody.
type Contact struct {
	ID      sxp.ID `json:"id"`
	Address string `json:"address"`
}

// IsZero reports whether there is nobody to contact.
func (c Contact) IsZero() bool { return c == Contact{} }

// An Acceptance is a party's agreement to a proposal, with what the session
// needs of it. Nothing binds yet. A party makes one for a proposal; two are
// evidence against it.
type Acceptance struct {
	Proposal   sxp.Hash       `json:"proposal"`         // digest of the signed proposal
	Commitment bls.Commitment `json:"commitment"`       // K
	Draw       bls.G1         `json:"draw"`             // δ, this party's share of the draw's seed
	Watcher    Contact        `json:"watcher,omitzero"` // who watches for this party, so that others can tell it
}

// A Decline says that a party does not accept.
type Decline struct {
	Proposal sxp.Hash `json:"proposal"`
	Reason   string   `json:"reason,omitempty"` // for people, at most MaxReason bytes
}

// A Promise is a party's signature of m in the form that only the jury can
// complete.
type Promise struct {
	Proposal sxp.Hash    `json:"proposal"`
	M        sxp.Hash    `json:"m"`
	Points   bls.Promise `json:"points"` // C_1..C_n
}

// A Release is a party's signature of m.
type Release struct {
	Proposal  sxp.Hash `json:"proposal"`
	M         sxp.Hash `json:"m"`
	Signature bls.G1   `json:"signature"` // σ
}

// A Result is the signature of the contract. Who signs the message does not
// matter: S proves itself.
type Result struct {
	Proposal  sxp.Hash `json:"proposal"`
	M         sxp.Hash `json:"m"`
	Signature bls.G1   `json:"signature"`      // S
	Jury      bool     `json:"jury,omitempty"` // the jury supplied what was missing: for people, it proves nothing
}

// An Ask requests a session's result from another party, or what it has of its
// own messages while there is none.
type Ask struct {
	Proposal sxp.Hash `json:"proposal"`
}

// A Claim shows the jury that all parties promised. It has one form for a
// session, since K fixes each promise. A party signs it in advance for its
// watcher; jurors look at that signature only to choose whom to serve.
type Claim struct {
	Preimage Preimage      `json:"preimage"`
	Promises []bls.Promise `json:"promises"` // in the parties' order
}

// A Lodged message is a watcher's receipt: it holds the party's claim on disk
// and will file it.
type Lodged struct {
	M     sxp.Hash `json:"m"`
	Party sxp.ID   `json:"party"` // who signed the claim
	At    sxp.Time `json:"at"`    // the watcher's clock
}

// An Endorse message is a juror's word that it has a good and valid claim, and
// opens its shares.
type Endorse struct {
	M sxp.Hash `json:"m"`
}

// A Void message is a juror's word that it has opened nothing of m and never
// will. It does not say that no contract exists.
type Void struct {
	M sxp.Hash `json:"m"`
}

// A Shares message is what one juror opened: its share of each party's
// signature. Shares prove themselves against the commitments in m's preimage.
type Shares struct {
	M      sxp.Hash `json:"m"`
	Seat   int      `json:"seat"`   // 1..n
	Shares []bls.G1 `json:"shares"` // in the parties' order
}

// An Equivocation is evidence that a party signed two acceptances of one
// proposal.
type Equivocation struct {
	Party  int       `json:"party"`
	First  sxp.Bytes `json:"first"`
	Second sxp.Bytes `json:"second"`
}

// Check verifies the evidence against the party's id: two different messages,
// both acceptances of the proposal, both signed by id. It fails with
// sxp.Invalid.
func (e *Equivocation) Check(id sxp.ID, proposal sxp.Hash) error {
	const op = "contract.Equivocation"
	if string(e.First) == string(e.Second) {
		return sxp.Errorf(op, sxp.Invalid, id, "the two acceptances are the same message")
	}
	for _, raw := range []sxp.Bytes{e.First, e.Second} {
		var a Acceptance
		signer, err := openPlain(raw, TypeAcceptance, &a)
		if err != nil {
			return sxp.Errorf(op, sxp.Invalid, id, "not evidence: %w", err)
		}
		if signer != id || a.Proposal != proposal {
			return sxp.Errorf(op, sxp.Invalid, id, "the acceptances are not both by this party of this proposal")
		}
	}
	return nil
}

// A SessionPeek tells which session a message belongs to.
type SessionPeek struct {
	Type     envelope.Type
	Signer   sxp.ID
	Proposal sxp.Hash // of messages among parties; zero for others
}

// Peek routes a message among parties to its session. It fails with
// sxp.Invalid for messages that are not of a signing or not signed by their
// signer; whether that is a party is for the session to decide.
func Peek(raw []byte) (SessionPeek, error) {
	typ, signer, err := envelope.Peek(raw)
	if err != nil {
		return SessionPeek{}, err
	}
	p := SessionPeek{Type: typ, Signer: signer}
	if typ == TypeProposal {
		p.Proposal = envelope.Digest(raw)
		return p, nil
	}
	m, err := envelope.Parse(raw)
	if err != nil {
		return SessionPeek{}, err
	}
	p.Proposal, err = sessionOf(typ, m.Payload)
	return p, err
}

// sessionOf reads the proposal that a message among parties names.
func sessionOf(typ envelope.Type, payload []byte) (sxp.Hash, error) {
	switch typ {
	case TypeAcceptance:
		return readSession[Acceptance](payload)
	case TypeDecline:
		return readSession[Decline](payload)
	case TypeLock:
		return readSession[Lock](payload)
	case TypePromise:
		return readSession[Promise](payload)
	case TypeRelease:
		return readSession[Release](payload)
	case TypeResult:
		return readSession[Result](payload)
	case TypeAsk:
		return readSession[Ask](payload)
	}
	return sxp.Hash{}, sxp.Errorf("contract.Peek", sxp.Invalid, nil, "a %s does not belong to a signing among parties", typ)
}

// ofSession is a message among parties.
type ofSession interface{ session() sxp.Hash }

func (a Acceptance) session() sxp.Hash { return a.Proposal }
func (d Decline) session() sxp.Hash    { return d.Proposal }
func (l Lock) session() sxp.Hash       { return l.Proposal }
func (p Promise) session() sxp.Hash    { return p.Proposal }
func (r Release) session() sxp.Hash    { return r.Proposal }
func (r Result) session() sxp.Hash     { return r.Proposal }
func (a Ask) session() sxp.Hash        { return a.Proposal }

func readSession[T ofSession](payload []byte) (sxp.Hash, error) {
	var v T
	err := envelope.Unmarshal(payload, &v)
	return v.session(), err
}
