package agent

import (
	"sxp"
	"sxp/contract"
	"sxp/market"
)

// The operations of an agent, as a terminal, a browser page or another program
// asks for them: a name, a JSON request, a JSON answer (Agent.Do). The names
// and fields are what `sxp --json` prints. A reference to a thing of one's own
// (an item, a deal, a contract) is its number in the agent's list, or the first
// digits of its id.

// None is the request or answer of an operation that has nothing to say.
type None struct{}

// Status answers "status": who this is and whether anything waits.
type Status struct {
	ID        sxp.ID   `json:"id"`
	Label     string   `json:"label"`
	Relays    []string `json:"relays"`
	Markets   int      `json:"markets"`
	Offers    int      `json:"offers"`
	Deals     int      `json:"deals"`     // proposals that wait for the person
	Contracts int      `json:"contracts"` // signed or in the making
	Messages  int      `json:"messages"`  // unread
	Now       sxp.Time `json:"now"`

	Trouble []TroubleView `json:"trouble,omitempty"` // nodes that do not answer as they should
}

// TroubleView is one node that cannot be used now. Where a clock differs, Kind
// is "clock" and Text says both times.
type TroubleView struct {
	Node  string   `json:"node"` // its address, or "market" and a name
	Since sxp.Time `json:"since"`
	Kind  sxp.Kind `json:"kind"`
	Text  string   `json:"text"`
	Todo  string   `json:"todo"` // what the person can do
}

// CardView answers "card": what one gives to a person one meets.
type CardView struct {
	ID     sxp.ID    `json:"id"`
	Label  string    `json:"label"`
	Relays []string  `json:"relays"`
	Seq    uint64    `json:"seq"`
	Link   string    `json:"link"`  // sxp:card?…
	Short  string    `json:"short"` // the same without the card, which its relays have: for a QR code
	File   string    `json:"file"`  // content of the .sxpid file
	Card   sxp.Bytes `json:"card"`  // the signed card
}

// AddContact asks "contact.add" to trust a card for messages; exactly one of
// File, Link and ID is set.
type AddContact struct {
	File string `json:"file,omitempty"` // content of a .sxpid file
	Link string `json:"link,omitempty"` // sxp:card?…, also without the card: then it is fetched

	ID     sxp.ID `json:"id,omitzero"`      // somebody met at a market, or in a deal
	Market string `json:"market,omitempty"` // where: by number, name, id or link
}

// SetRelays asks "relays.set" to use these nodes from now on; the new card is
// sent to all contacts over the old and the new ones.
type SetRelays struct {
	Relays []string `json:"relays"`
}

// ContactView is one entry of the answer of "contacts".
type ContactView struct {
	ID     sxp.ID   `json:"id"`
	Label  string   `json:"label"`
	Relays []string `json:"relays"`
	Seq    uint64   `json:"seq"`

	Verified bool `json:"verified"` // the person has compared words with them, see PersonDetail
}

// CreateMarket asks "market.create" to found a market on a node.
type CreateMarket struct {
	Name       string   `json:"name"`
	Text       string   `json:"text,omitempty"`
	At         string   `json:"at"` // the node's address
	Categories []string `json:"categories,omitempty"`

	Admission market.Admission `json:"admission,omitempty"` // who may announce; empty: open, or invited where somebody is
	Invited   []string         `json:"invited,omitempty"`   // contacts' names or ids
	Founders  []string         `json:"founders,omitempty"`  // the others, contacts' names or ids: each has to sign before it is published
}

// MarketDraft asks "market.sign", by a founder who was named, to countersign a
// charter; then "market.found", by who made it, to publish it once all have.
type MarketDraft struct {
	Draft sxp.Bytes `json:"draft"` // the signed charter
}

// InviteToMarket asks "market.invite" to let more people announce on an own
// market that admits only whom it lists.
type InviteToMarket struct {
	Market string   `json:"market,omitempty"`
	People []string `json:"people"` // contacts' names or ids
}

// RemoveItem asks "market.remove" to take an announcement or group off an own
// market, or to let it in again. Both are public, with the reason.
type RemoveItem struct {
	Market  string `json:"market,omitempty"`
	Item    string `json:"item"` // the id
	Why     string `json:"why"`
	Restore bool   `json:"restore,omitempty"` // it is welcome again
}

// NoticeView is one notice of a market about an announcement or group, the
// answer of "market.remove" and an entry of that of "market.notices".
type NoticeView struct {
	Market   sxp.ID        `json:"market"`
	Item     market.ItemID `json:"item"`
	By       sxp.ID        `json:"by"` // the market, or the node that hosts it
	Why      string        `json:"why"`
	Restored bool          `json:"restored,omitempty"`
	At       sxp.Time      `json:"at"`
}

// PersonView is somebody, with the name that is known of them here.
type PersonView struct {
	ID   sxp.ID `json:"id"`
	Name string `json:"name"`
}

// JoinMarket asks "market.join" with the market's link.
type JoinMarket struct {
	Link string `json:"link"`
}

// MarketRef names a joined market by number, name or id; empty where only one
// is joined.
type MarketRef struct {
	Market string `json:"market,omitempty"`
}

// MarketView is one joined market.
type MarketView struct {
	Number int      `json:"number"`
	ID     sxp.ID   `json:"id"`
	Name   string   `json:"name"`
	Text   string   `json:"text,omitempty"`
	Link   string   `json:"link"`
	At     []string `json:"at"`
	Mine   bool     `json:"mine"`   // this agent holds the market's key
	Jurors int      `json:"jurors"` // entries of the jury roll; 0: nothing can be signed yet
	Roll   sxp.Hash `json:"roll"`

	Admission market.Admission `json:"admission"`
	Admits    bool             `json:"admits"` // this person may announce
	Founders  []PersonView     `json:"founders"`
	Draft     sxp.Bytes        `json:"draft,omitempty"`   // a charter that is not published yet: it goes to who is missing
	Missing   []PersonView     `json:"missing,omitempty"` // founders who have not signed Draft

	Deals      market.Deals       `json:"deals"`      // when which rings are proposed there
	Policy     market.Policy      `json:"policy"`     // what contracts over its items must say
	Neighbours []market.Neighbour `json:"neighbours"` // markets whose juries its people trust too

	Categories []string `json:"categories"` // that its announcements may have; none: any
	Enrolled   int      `json:"enrolled"`   // own markets: jurors who have enrolled, of whom the roll may not know yet
	Joined     bool     `json:"joined"`

	LeftOut []LeftOut `json:"leftOut,omitempty"` // after market.roll: who enrolled and is not on it
}

// LookAtMarket asks "market.look" what a link leads to, without joining.
type LookAtMarket struct {
	Link string `json:"link"`
}

// Announce asks "offer", "need" or "gift", which has no Wants. Title is the only field that has to be set:
// "3 h maths lessons", "20 l beer", "10 EUR".
type Announce struct {
	Market   string       `json:"market,omitempty"`
	Title    string       `json:"title"`
	Text     string       `json:"text,omitempty"`
	Category string       `json:"category,omitempty"`
	Kind     market.Kind  `json:"kind,omitempty"`  // empty: read from Title
	Issuer   sxp.ID       `json:"issuer,omitzero"` // money: who issues it
	Wants    []string     `json:"wants,omitempty"` // alternatives in return: words of a query, or an item's id
	For      sxp.Duration `json:"for,omitempty"`   // until it expires; 0: 90 days

	Place      string            `json:"place,omitempty"`      // where it is given, in words
	From       sxp.Time          `json:"from,omitempty"`       // available from; 0: at once
	Until      sxp.Time          `json:"until,omitempty"`      // available until; 0: no end
	Attributes map[string]string `json:"attributes,omitempty"` // "picture" and "info" hold links

	Photos []string      `json:"photos,omitempty"` // block URLs, from "photo.put"
	Point  *market.Point `json:"point,omitempty"`  // where it is, roughly

	Divisible bool `json:"divisible,omitempty"` // a part of its quantity may be given

	source *market.Source // of what is announced anew by "reoffer"
}

// Reoffer asks "reoffer" to announce what this person is to get by a signed
// contract. It needs nothing but Deal.
type Reoffer struct {
	Deal     string       `json:"deal"`               // by number or id
	Transfer int          `json:"transfer,omitempty"` // its number in the contract, from 1; 0: the only one that this person gets
	Market   string       `json:"market,omitempty"`   // empty: the contract's
	Wants    []string     `json:"wants,omitempty"`    // as for "offer"
	Gift     bool         `json:"gift,omitempty"`     // for nothing in return
	For      sxp.Duration `json:"for,omitempty"`      // until it expires; 0: 90 days
}

// SetRules asks "market.rules" to change what an own market declares; what is
// null stays as it is. Where there are several founders the answer has a draft
// that they have to sign.
type SetRules struct {
	Market     string         `json:"market,omitempty"`
	Deals      *market.Deals  `json:"deals,omitempty"`
	Policy     *market.Policy `json:"policy,omitempty"`
	Neighbours []string       `json:"neighbours,omitzero"` // links of the markets, or numbers, names or ids of joined ones; []: none
}

// EditItem asks "edit" to publish a new version; an empty field stays as it is.
type EditItem struct {
	Item     string       `json:"item"`
	Title    string       `json:"title,omitempty"`
	Text     string       `json:"text,omitempty"`
	Category string       `json:"category,omitempty"`
	Kind     market.Kind  `json:"kind,omitempty"`
	Wants    []string     `json:"wants,omitempty"`
	For      sxp.Duration `json:"for,omitempty"`

	Place      string            `json:"place,omitempty"`
	From       sxp.Time          `json:"from,omitempty"`
	Until      sxp.Time          `json:"until,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // those named change; "" takes one away

	Photos  []string      `json:"photos,omitzero"` // null: as they are; []: none
	Point   *market.Point `json:"point,omitempty"`
	NoPoint bool          `json:"noPoint,omitempty"` // takes the point away

	Divisible *bool    `json:"divisible,omitempty"`
	Clear     []string `json:"clear,omitempty"` // what to empty: text, category, place, from, until
}

// ItemRef names one of one's own announcements by number or id.
type ItemRef struct {
	Item string `json:"item"`
}

// AnnouncementView is one announcement, one's own or a found one.
type AnnouncementView struct {
	Number    int              `json:"number,omitempty"` // only for one's own
	ID        market.ItemID    `json:"id"`
	Market    sxp.ID           `json:"market"`
	Owner     sxp.ID           `json:"owner"`
	OwnerName string           `json:"ownerName,omitempty"`
	Direction market.Direction `json:"direction"`
	Title     string           `json:"title"` // with quantity and unit
	Item      market.Item      `json:"item"`
	Wants     []string         `json:"wants,omitempty"`
	Version   uint64           `json:"version"`
	Expires   sxp.Time         `json:"expires"`
	State     string           `json:"state"`             // active, expired, withdrawn, promised, swapped
	Pending   bool             `json:"pending,omitempty"` // the board could not be reached yet
	Why       string           `json:"why,omitempty"`     // the board refused it, or has removed it

	Source *market.Source `json:"source,omitempty"` // the contract by which its owner is to get it

	Mine bool   `json:"mine"`
	Km   *int64 `json:"km,omitempty"` // how far away, where that was asked
}

// SearchMarket asks "search". At least one field but Market is set.
type SearchMarket struct {
	Market    string           `json:"market,omitempty"`
	Words     string           `json:"words,omitempty"`
	Kind      market.Kind      `json:"kind,omitempty"`
	Category  string           `json:"category,omitempty"`
	Direction market.Direction `json:"direction,omitempty"`
	Limit     int              `json:"limit,omitempty"` // 0: 50
}

// TransferView is one arrow of a ring.
type TransferView struct {
	Item     string      `json:"item"`
	Kind     market.Kind `json:"kind"`
	From     sxp.ID      `json:"from"`
	FromName string      `json:"fromName"`
	To       sxp.ID      `json:"to"`
	ToName   string      `json:"toName"`
	Due      sxp.Time    `json:"due"`

	Photos   []string      `json:"photos,omitempty"` // block URLs
	MineFrom bool          `json:"mineFrom"`         // this person gives it
	MineTo   bool          `json:"mineTo"`           // this person gets it
	Ref      market.ItemID `json:"ref,omitzero"`     // the announcement that it comes from: an Item of a ComposeMove
	Delivery string        `json:"delivery,omitempty"`

	Market sxp.ID         `json:"market,omitzero"`  // of Markets: where it is announced
	Levies []string       `json:"levies,omitempty"` // what its giver owes by that market's policy, in words
	Source *market.Source `json:"source,omitempty"` // the contract by which its giver is to get it: this one is valid only if that is delivered

	Secret   bool     `json:"secret,omitempty"`  // a secret is sealed in it, which its taker reads with "secret" once all have signed
	Declared sxp.Hash `json:"declared,omitzero"` // the SHA-256 that its giver says the secret has
}

// MarketTermsView is one of the markets that a deal names, with what it asks.
type MarketTermsView struct {
	ID     sxp.ID        `json:"id"`
	Name   string        `json:"name"`
	Policy market.Policy `json:"policy"`
}

// DealView is one proposal, from the moment it is seen until it is a contract
// or void. State is one of: proposed (waits for this person), accepted (waits
// for others), declined, promised (this person is bound if all are), signed
// (all have signed), void (nobody is bound, for ever), unsettled (this person
// may be bound, and it is still being found out), expired (never accepted by
// all), refused (its terms are beyond this agent's limits).
type DealView struct {
	Number    int            `json:"number"`
	ID        sxp.Hash       `json:"id"` // the proposal's digest
	Market    sxp.ID         `json:"market"`
	Proposer  sxp.ID         `json:"proposer"`
	Title     string         `json:"title"`
	Transfers []TransferView `json:"transfers"`
	Give      []string       `json:"give"`
	Get       []string       `json:"get"`
	Deadline  sxp.Time       `json:"deadline"`
	Attempt   int            `json:"attempt"`
	Jury      int            `json:"jury"`
	Faults    int            `json:"faults"` // jurors that may lie or be away without harm

	ProposerName string    `json:"proposerName"`
	Notary       bool      `json:"notary,omitempty"` // one juror completes every contract
	Risk         float64   `json:"risk"`             // probability that the jury fails if a fifth of its roll is corrupt, over all attempts
	Worth        JuryWorth `json:"worth"`
	Warnings     []string  `json:"warnings,omitempty"` // what to know before accepting
	Unusual      []string  `json:"unusual,omitempty"`  // what may be overlooked in its transfers
	SignBefore   sxp.Time  `json:"signBefore"`         // until when it can be accepted and promised

	State  string      `json:"state"`
	Why    string      `json:"why,omitempty"` // for declined, void, refused, expired; for accepted, which deal holds it up
	ByJury bool        `json:"byJury"`        // the jury was needed
	Text   string      `json:"text"`          // the contract in words
	Events []DealEvent `json:"events,omitempty"`
	M      sxp.Hash    `json:"m,omitzero"` // the session, once known

	Notes       string       `json:"notes,omitempty"` // what the parties add in their own words, part of Text
	Parties     []DealParty  `json:"parties"`
	Replaces    sxp.Hash     `json:"replaces,omitzero"`     // the proposal that this one answers
	Changes     []string     `json:"changes,omitempty"`     // how it differs from that, in sentences
	Differences []Difference `json:"differences,omitempty"` // the same for programs

	Markets []MarketTermsView `json:"markets,omitempty"` // whose people meet in it, and which have a policy
}

// DealParty is one of the people of a deal and how far they are.
type DealParty struct {
	ID       sxp.ID `json:"id"`
	Name     string `json:"name"`
	Me       bool   `json:"me"`
	Accepted bool   `json:"accepted"`
	Promised bool   `json:"promised"`
	Signed   bool   `json:"signed"`
}

// Difference is one change of a proposal against the one that it replaces.
// What is one of: transfer, item (another amount or description), giver, taker,
// due, delivery, notes, breach, conflict, law, people, jury, deadline, title,
// unknown (the proposal that it says it replaces is not known here).
type Difference struct {
	What     string `json:"what"`
	Before   string `json:"before,omitempty"`   // empty: was not there
	After    string `json:"after,omitempty"`    // empty: is not there any more
	Transfer int    `json:"transfer,omitempty"` // number of the transfer that it is about, from 1; 0: none of this proposal
	Text     string `json:"text"`               // the same as a sentence
}

// CounterDeal asks "deal.counter" to propose other terms to the same people
// than a deal that waits for this person, and to decline that one.
type CounterDeal struct {
	Deal      string        `json:"deal"`
	Transfers []ComposeMove `json:"transfers"`       // all; one that says who gives the same thing to whom as before keeps its due date and delivery
	Notes     *string       `json:"notes,omitempty"` // null: as they are
	Why       string        `json:"why,omitempty"`   // told to the others
}

// DealEvent is one line of a deal's history, in order of time. What is one of:
// arrived, accepted, drawn (the jury, or the notary), promised, lodged, signed,
// complete (all signed), jury (it completed), notary (it completed), void,
// unsettled, ended (nobody is bound), broke (somebody broke the rules),
// restored (from a backup); empty in records of older releases.
type DealEvent struct {
	At   sxp.Time `json:"at"`
	What string   `json:"what,omitempty"`
	Who  sxp.ID   `json:"who,omitzero"` // of accepted, promised, signed, broke
	Text string   `json:"text"`
}

// ProposeDeals asks "propose" to compute rings from the whole public board and
// to send the best ones to the people concerned. It needs no right.
type ProposeDeals struct {
	Market  string `json:"market,omitempty"`
	MaxRing int    `json:"maxRing,omitempty"` // items per ring; 0: what the market declares, or 4
	Mine    bool   `json:"mine,omitempty"`    // only rings that this person is part of
	Notary  bool   `json:"notary,omitempty"`  // one juror completes the contract, at once and always

	With []string `json:"with,omitempty"` // further markets whose people may be in the same ring: joined ones, links, or neighbours by name or id
}

// ComposeDeal asks "propose.deal" to propose a deal made by hand to the people
// it names: barter, a payment, part of each, a service for a thing, a gift.
// Everybody in it gives or gets.
type ComposeDeal struct {
	Market    string        `json:"market,omitempty"` // whose jury referees, and whose people can be named
	Transfers []ComposeMove `json:"transfers"`
	Notes     string        `json:"notes,omitempty"`  // what the parties add in their own words
	Due       sxp.Duration  `json:"due,omitempty"`    // of transfers that say nothing, after the signing deadline; 0: 14 days
	Within    sxp.Duration  `json:"within,omitempty"` // time to sign; 0: the roll's
	Jury      int           `json:"jury,omitempty"`   // jurors, odd; 0: the market's
	Notary    bool          `json:"notary,omitempty"` // one juror completes the contract, at once and always
	Accept    bool          `json:"accept,omitempty"` // accept it at once

	clauses *contract.Terms // of ComposeClauses; nil: none
}

// ComposeMove is one transfer of a ComposeDeal. A person is "me", a contact,
// a party of an earlier deal, or somebody at the market, by name or id.
type ComposeMove struct {
	From     string       `json:"from,omitempty"` // empty: me
	To       string       `json:"to,omitempty"`   // empty: me
	Item     string       `json:"item"`           // "3 h maths lessons", the id of an announcement of From, or "#" and the number of an own one
	Due      sxp.Duration `json:"due,omitempty"`
	Delivery string       `json:"delivery,omitempty"`

	Secret  sxp.Bytes `json:"secret,omitempty"`  // what this person sells by it: sealed, and opened by the contract; only in "propose.deal", among two
	Declare bool      `json:"declare,omitempty"` // the contract says the secret's SHA-256
}

// Proposed answers "propose".
type Proposed struct {
	Rings     int      `json:"rings"`
	Proposals []string `json:"proposals"` // "alice -> bob -> cyd", one per ring sent
	Optimal   bool     `json:"optimal"`   // no other choice of rings trades more
}

// DealRef names a deal or contract by number or id.
type DealRef struct {
	Deal string `json:"deal"`
	Why  string `json:"why,omitempty"` // decline: told to the others
}

// ContractFile answers "contract.file": the self-contained file.
type ContractFile struct {
	Name string    `json:"name"` // a suggestion: <id>.sxpc
	Data sxp.Bytes `json:"data"`
}

// MakeGroup asks "group" for a want list that several of one's offers share:
// of what it lists, the person takes at most K. An offer names it in its Wants
// as "group:" and its id.
type MakeGroup struct {
	Market string       `json:"market,omitempty"`
	Group  string       `json:"group,omitempty"` // the id of an own group: change it
	K      int          `json:"k,omitempty"`     // 0: 1
	Wants  []string     `json:"wants"`
	For    sxp.Duration `json:"for,omitempty"` // until it expires; 0: 90 days
}

// GroupView is one own group: the answer of "group", and an entry of that of
// "groups".
type GroupView struct {
	ID      market.ItemID `json:"id"`
	K       int           `json:"k"`
	Wants   int           `json:"wants"` // how many it lists
	Version uint64        `json:"version"`

	Market  sxp.ID   `json:"market"`
	List    []string `json:"list"` // the wants
	Expires sxp.Time `json:"expires"`
}
