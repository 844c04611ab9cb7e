package agent

import (
	"sxp"
	"sxp/market"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// The operations of people and nodes: messages, contacts, relays, devices. The
// others are in ops.go.

// SendMessage asks "send". With a subject it is a mail, with files alone they
// are sent; to nobody in particular it is a post.
type SendMessage struct {
	To      string `json:"to,omitempty"` // a contact's label or id; empty: all contacts
	Text    string `json:"text,omitempty"`
	Subject string `json:"subject,omitempty"`
	Files   []File `json:"files,omitempty"`
	Deal    string `json:"deal,omitempty"` // instead of To: all other parties of this deal, by number or id
}

// MessageView is one message: of the inbox, newest last, of a thread, or the
// answer of "send". State is of own ones: queued (not every receiver's is at a
// relay yet), sent (all are) or failed (no relay took one of them in time).
type MessageView struct {
	ID       sxp.Hash   `json:"id"`
	From     sxp.ID     `json:"from"`
	FromName string     `json:"fromName"`
	At       sxp.Time   `json:"at"` // as the sender says
	Text     string     `json:"text"`
	Read     bool       `json:"read"`           // listed before
	Kind     Kind       `json:"kind,omitempty"` // empty, mail, file or post
	Subject  string     `json:"subject,omitempty"`
	Files    []FileView `json:"files,omitempty"`

	Mine  bool     `json:"mine"`          // this person wrote it
	State string   `json:"state"`         // "" for what others wrote
	Deal  sxp.Hash `json:"deal,omitzero"` // written to the parties of this deal

	To     []PersonView `json:"to,omitempty"`     // of an own one: who gets it
	Missed []PersonView `json:"missed,omitempty"` // answer of "send": contacts whose card has expired, so nothing can be sealed to them
}

// FileView says what is attached to a message.
type FileView struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
	Size int    `json:"size"` // bytes
}

// GetFile asks "inbox.file" for one file of a message; the answer is a File.
type GetFile struct {
	Message sxp.Hash `json:"message"`
	File    int      `json:"file"` // from 1
}

// DealHead names a deal in a list.
type DealHead struct {
	Number int      `json:"number"`
	ID     sxp.Hash `json:"id"`
	Title  string   `json:"title"`
}

// ThreadView is one entry of the answer of "threads", newest first: the
// messages with one person, or among the parties of one deal.
type ThreadView struct {
	With   *PersonView  `json:"with,omitempty"`
	Deal   *DealHead    `json:"deal,omitempty"`
	People []PersonView `json:"people"` // the others
	Last   MessageView  `json:"last"`
	Unread int          `json:"unread"`
	At     sxp.Time     `json:"at"` // of Last
}

// ThreadRef asks "thread" for messages, and "thread.read" to mark them as
// read. Exactly one of With and Deal is set.
type ThreadRef struct {
	With   string   `json:"with,omitempty"`  // a contact or party, by name or id
	Deal   string   `json:"deal,omitempty"`  // by number or id
	Before sxp.Hash `json:"before,omitzero"` // thread: only older ones than this message
	Limit  int      `json:"limit,omitempty"` // thread: 0 is 50
}

// Thread answers "thread".
type Thread struct {
	With     *PersonView   `json:"with,omitempty"`
	Deal     *DealHead     `json:"deal,omitempty"`
	People   []PersonView  `json:"people"`
	Verified bool          `json:"verified"` // the words of With were compared
	Messages []MessageView `json:"messages"` // oldest first, in both directions
	More     bool          `json:"more"`     // there are older ones
}

// PersonRef asks "person" about somebody: a contact, a party of a deal, or
// somebody at a market.
type PersonRef struct {
	ID     sxp.ID `json:"id"`
	Market string `json:"market,omitempty"` // whose node knows them: by number, name, id or link
}

// PersonDetail answers "person". Words are the same on the other side: two
// people who compare them, by voice or side by side, know that nobody sits
// between them (spec/agent.md).
type PersonDetail struct {
	ID       sxp.ID   `json:"id"`
	Name     string   `json:"name"`
	Contact  bool     `json:"contact"`
	Verified bool     `json:"verified"`
	Words    []string `json:"words"` // none for this person
	Relays   []string `json:"relays"`
	Me       bool     `json:"me"`
	Link     string   `json:"link"` // sxp:card?…
}

// VerifyContact asks "contact.verify" to note that the words of a contact were
// compared, or that they were not.
type VerifyContact struct {
	Contact  string `json:"contact"` // by name or id
	Verified bool   `json:"verified"`
}

// ContactRef asks "contact.remove" not to hear somebody any more. What they
// wrote stays, and the parties of a deal are heard as long as it needs them.
type ContactRef struct {
	Contact string `json:"contact"` // by name or id
}

// Browse asks "browse" for what a market has, newest first; nothing set but
// Market: everything.
type Browse struct {
	Market    string           `json:"market,omitempty"` // by number, name, id or link
	Words     string           `json:"words,omitempty"`
	Kind      market.Kind      `json:"kind,omitempty"`
	Category  string           `json:"category,omitempty"`
	Direction market.Direction `json:"direction,omitempty"`
	Near      *market.Near     `json:"near,omitempty"`
	Mine      bool             `json:"mine,omitempty"`   // only this person's
	Before    uint64           `json:"before,omitempty"` // Next of the page before; 0: from the newest
	Limit     int              `json:"limit,omitempty"`  // 0: 50
}

// BrowsePage answers "browse".
type BrowsePage struct {
	Items []AnnouncementView `json:"items"`
	Next  uint64             `json:"next"` // 0: there are no more
}

// AnnouncementRef asks "announcement" for one of anybody's.
type AnnouncementRef struct {
	Market string        `json:"market,omitempty"` // by number, name, id or link; empty: any joined one
	ID     market.ItemID `json:"id"`
}

// PutPhoto asks "photo.put" to keep a picture at a market's node, for an
// announcement there.
type PutPhoto struct {
	Market string    `json:"market,omitempty"`
	Data   sxp.Bytes `json:"data"`
	Type   string    `json:"type"` // image/jpeg, image/png or image/webp
}

// PhotoRef answers "photo.put" and asks "photo.get"; that answers a File.
type PhotoRef struct {
	URL string `json:"url"` // sxp:block?…
}

// RelayAccount asks "relay.account" for the state of one's account on a relay,
// or, with an operator's invitation, opens or prolongs it. Exactly one field
// is set.
type RelayAccount struct {
	Invitation string `json:"invitation,omitempty"` // sxp:invitation?…
	Relay      string `json:"relay,omitempty"`      // address
}

// RelayView is one entry of the answer of "relays", and the answer of
// "relay.look". What the node says of itself is its own word, unsigned.
type RelayView struct {
	Address   string   `json:"address"` // with its key
	URL       string   `json:"url"`
	Name      string   `json:"name"`
	InUse     bool     `json:"inUse"`     // named by the own card
	Reachable bool     `json:"reachable"` // it answered just now
	Millis    int64    `json:"millis"`    // how long that took
	Services  []string `json:"services"`  // relay, board, watcher, juror, finder
	From      string   `json:"from"`      // how it is known: own, market, contact, served or asked

	Offer   *relayhttp.Offer    `json:"offer,omitempty"`   // what it says that it offers
	Account *relay.AccountState `json:"account,omitempty"` // of this person there
	Trouble string              `json:"trouble,omitempty"` // why it cannot be used as it is
	Time    sxp.Time            `json:"time,omitempty"`    // its clock
}

// RelayRef asks "relay.look" what is at an address, with or without its key.
type RelayRef struct {
	Address string `json:"address"`
}

// DeviceView is one entry of the answer of "devices": where the same 24 words
// are in use.
type DeviceView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Seen    sxp.Time `json:"seen"` // rounded down to the hour
	This    bool     `json:"this"`
	Warning string   `json:"warning,omitempty"` // why two at once are a danger, where this one was used lately
}

// DeviceRef asks "device.forget" to take a device off the list. It does not
// take the words from it.
type DeviceRef struct {
	ID string `json:"id"`
}

// Retired answers "retire": what was done so that nothing of this person stays
// behind, and what could not be done.
type Retired struct {
	Withdrawn int      `json:"withdrawn"`        // announcements
	Deleted   int      `json:"deleted"`          // copies at relays
	Open      []int    `json:"open,omitempty"`   // numbers of deals that still bind, or may
	Failed    []string `json:"failed,omitempty"` // what could not be reached, in sentences
}
