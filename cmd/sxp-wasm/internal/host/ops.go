package host

import (
	"maps"

	"sxp"
	"sxp/agent"
)

// The operations of the app's host: what a page can ask beside the operations
// of the agent. Names and fields are what the page's types are generated from.

// Create asks "host.create" for a new person in this browser.
type Create struct {
	Label      string   `json:"label"`
	Passphrase string   `json:"passphrase"`
	Relays     []string `json:"relays,omitempty"` // addresses; none: the node that served the page
}

// Words answers "host.create" and "host.words".
type Words struct {
	Words []string `json:"words"` // 24, to be written down
}

// Restore asks "host.restore" to bring a person back from the copies at relays.
// Where the words are of the person who is in this browser, nothing is fetched:
// what is here opens, and has the new passphrase from then on.
type Restore struct {
	Words      string   `json:"words"`            // as typed: numbers, commas and capitals do not matter
	Relays     []string `json:"relays,omitempty"` // none: the node that served the page
	Passphrase string   `json:"passphrase"`
	Label      string   `json:"label,omitempty"` // begin anew under this name where the relays hold nothing
}

// Passphrase asks "host.unlock", and "host.words".
type Passphrase struct {
	Passphrase string `json:"passphrase"`
}

// NewPassphrase asks "host.passphrase".
type NewPassphrase struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Switch asks "host.remember" to stay unlocked on this device, or not to.
type Switch struct {
	On bool `json:"on"`
}

// Passkey asks "host.passkey" to let a passkey unlock, or none any more.
type Passkey struct {
	On         bool      `json:"on"`
	PRF        sxp.Bytes `json:"prf,omitempty"`        // output of the passkey's PRF extension, 32 bytes or more
	Credential sxp.Bytes `json:"credential,omitempty"` // its public id, which the page needs to ask for it again
}

// UnlockPasskey asks "host.unlockPasskey".
type UnlockPasskey struct {
	PRF sxp.Bytes `json:"prf"`
}

// WordCheck asks "host.wordCheck" whether words are right, while they are typed.
type WordCheck struct {
	Words string `json:"words"`
}

// WordsChecked answers "host.wordCheck".
type WordsChecked struct {
	Valid       bool     `json:"valid"`                 // all 24 are there and fit each other
	Count       int      `json:"count"`                 // how many were typed
	Bad         []int    `json:"bad"`                   // positions from 1 of words that are not in the list; the last one may be unfinished
	Suggestions []string `json:"suggestions,omitempty"` // for the first bad word
	Why         string   `json:"why,omitempty"`         // not valid: what to look at
}

// Phrase asks "host.parse" what the words of an offer or a need say, while they
// are typed; the answer is a market.Item.
type Phrase struct {
	Text string `json:"text"`
}

// Checked asks "host.verify".
type Checked struct {
	File sxp.Bytes `json:"file"`
}

// Unknown asks "host.identify" what a file or a text is; one field is set.
type Unknown struct {
	File sxp.Bytes `json:"file,omitempty"`
	Text string    `json:"text,omitempty"` // of a link, or of a file
}

// Identified answers "host.identify".
type Identified struct {
	Kind   string   `json:"kind"`             // card, contract, market, relay, invitation, block or unknown
	ID     string   `json:"id,omitempty"`     // of the person, the contract (its M), the market, the node
	Label  string   `json:"label,omitempty"`  // card: the name
	Relays []string `json:"relays,omitempty"` // card, market, invitation: nodes
	Title  string   `json:"title,omitempty"`  // contract
	Valid  bool     `json:"valid"`            // its signatures were checked and are good
	Why    string   `json:"why,omitempty"`    // not valid, or unknown: why
}

// VerifyView answers "host.verify": what a contract file proves.
type VerifyView struct {
	Valid     bool             `json:"valid"`
	Why       string           `json:"why,omitempty"` // not valid; what follows is then a claim
	Kind      string           `json:"kind"`          // contract, or void: the jury will never complete it
	Proposal  sxp.Hash         `json:"proposal"`
	M         sxp.Hash         `json:"m"` // the contract's id
	Title     string           `json:"title"`
	Text      string           `json:"text"`
	Notes     string           `json:"notes,omitempty"`
	Parties   []VerifyParty    `json:"parties"`
	Transfers []VerifyTransfer `json:"transfers"`
	Jury      []sxp.ID         `json:"jury"`
	T         int              `json:"t"`
	F         int              `json:"f"`     // jurors that may lie or be away without harm
	Drawn     bool             `json:"drawn"` // the jury is the one that the roll in the file gives
	Roll      sxp.Hash         `json:"roll"`
	RollBy    sxp.ID           `json:"rollBy,omitzero"`
	Deadline  sxp.Time         `json:"deadline"`
	Attempt   int              `json:"attempt"`
}

// VerifyParty is one party of a contract file.
type VerifyParty struct {
	ID       sxp.ID `json:"id"`
	Label    string `json:"label"` // the party's own choice
	Accepted bool   `json:"accepted"`
	Signed   bool   `json:"signed"`
}

// VerifyTransfer is one obligation of a contract file.
type VerifyTransfer struct {
	Item     string   `json:"item"`
	From     int      `json:"from"` // index of the giver in Parties
	To       int      `json:"to"`
	Due      sxp.Time `json:"due"`
	Delivery string   `json:"delivery,omitempty"`
}

// Storage answers "host.storage".
type Storage struct {
	Used      int64  `json:"used"`  // bytes of this origin
	Quota     int64  `json:"quota"` // bytes that it may use
	Persisted bool   `json:"persisted"`
	Device    string `json:"device"` // a name for this browser
	Records   int    `json:"records"`
	Erasable  bool   `json:"erasable"` // one-time keys lie in files that are overwritten; else the browser decides when they are gone
}

// Node answers "host.node".
type Node struct {
	Address  string   `json:"address"` // with its key
	Name     string   `json:"name,omitempty"`
	Version  string   `json:"version,omitempty"`
	Services []string `json:"services"`
	Time     sxp.Time `json:"time"`
}

// A State is what the page is told whenever it changes.
type State struct {
	State      string    `json:"state"` // new, locked or open
	Label      string    `json:"label,omitempty"`
	Version    int64     `json:"version"` // grows with every durable change
	Remembered bool      `json:"remembered"`
	Passkey    sxp.Bytes `json:"passkey,omitempty"` // credential id of the passkey that unlocks
}

// The names of State.
const (
	StateNew    = "new"
	StateLocked = "locked"
	StateOpen   = "open"
)

// OpTypes returns the types of all operations of the app, the host's and the
// agent's.
func OpTypes() map[string]agent.OpType {
	types := agent.OpTypes()
	maps.Copy(types, (*Host)(nil).operations().Types())
	return types
}
