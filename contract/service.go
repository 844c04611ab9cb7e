package contract

import "sxp"

// Requests that a node carries to its juror and watcher, and their answers.
// They travel as relay.Request[R] under these names.
const (
	RequestClaim   = "jury.claim"   // ClaimRequest → Answer
	RequestForward = "jury.forward" // ForwardRequest → Answer
	RequestShares  = "jury.shares"  // SharesRequest → Answer
	RequestQuery   = "jury.query"   // QueryRequest → Answer
	RequestUp      = "jury.up"      // UpRequest → signed Up
	RequestLodge   = "watch.lodge"  // LodgeRequest → WatchAnswer
	RequestTell    = "watch.tell"   // TellRequest → WatchAnswer
	RequestAsk     = "watch.ask"    // AskRequest → WatchAnswer
)

// A ClaimRequest is a claim straight from a party or its watcher.
type ClaimRequest struct {
	Claim sxp.Bytes `json:"claim"` // signed by a party
}

// A ForwardRequest is a claim with the endorsements of jurors. Anybody may
// deliver it.
type ForwardRequest struct {
	Claim        Claim       `json:"claim"`
	Endorsements []sxp.Bytes `json:"endorsements"` // signed Endorse messages by seats
}

// A SharesRequest passes opened shares to another juror.
type SharesRequest struct {
	Shares []sxp.Bytes `json:"shares"` // signed Shares messages by seats
}

// A QueryRequest asks a juror for the outcome. Without the preimage only a
// completed session can be answered.
type QueryRequest struct {
	M        sxp.Hash    `json:"m"`
	Preimage *Preimage   `json:"preimage,omitempty"`
	Seen     []sxp.Bytes `json:"seen,omitempty"` // Endorse and Void messages that the asker knows
}

// An UpRequest asks a juror whether it is up.
type UpRequest struct {
	Nonce sxp.Hash `json:"nonce"` // made up by who asks; the answer repeats it
}

// A Standing is what a juror thinks of a session.
type Standing string

// The standings, appended only.
const (
	Completed Standing = "completed" // shares are open
	Voided    Standing = "voided"    // opened nothing and never will
	Waiting   Standing = "waiting"   // no claim yet; ask again after VoidAfter
	Abstains  Standing = "abstains"  // this juror cannot say, ask the others
	Refused   Standing = "refused"   // the claim was late or invalid; Reason says which
)

// An Answer is a juror's answer to any request.
type Answer struct {
	M        sxp.Hash    `json:"m"`
	Standing Standing    `json:"standing"`
	Shares   []sxp.Bytes `json:"shares,omitempty"` // signed Shares messages: its own first, then others it holds
	Void     sxp.Bytes   `json:"void,omitempty"`   // signed Void message
	Reason   string      `json:"reason,omitempty"` // for people; shown only as Why gives it
}

// Why returns the Reason if it is text of at most MaxReason bytes that hides
// and reorders nothing, else "". An ill-made reason is dropped and not refused:
// what else is in the answer proves itself, and no share may be lost for words.
func (a *Answer) Why() string {
	if checkText("contract.Answer", "the reason", a.Reason, MaxReason) != nil {
		return ""
	}
	return a.Reason
}

// A LodgeRequest puts a claim into a watcher's hands.
type LodgeRequest struct {
	Claim    sxp.Bytes    `json:"claim"`    // signed by the party it watches for
	ClaimAt  sxp.Time     `json:"claimAt"`  // T_c: file at the latest
	Patience sxp.Duration `json:"patience"` // W: file this long after the party's release
}

// A TellRequest passes a Release or a Result to a watcher. Anybody may.
type TellRequest struct {
	Message sxp.Bytes `json:"message"`
}

// An AskRequest asks a watcher for what it knows of a session.
type AskRequest struct {
	M sxp.Hash `json:"m"`
}

// A WatchAnswer is a watcher's answer to any request.
type WatchAnswer struct {
	M       sxp.Hash  `json:"m"`
	Receipt sxp.Bytes `json:"receipt,omitempty"` // signed Lodged message, if the asker's claim is held
	Result  sxp.Bytes `json:"result,omitempty"`  // signed Result message, once there is one
}
