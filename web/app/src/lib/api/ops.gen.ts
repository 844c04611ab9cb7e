// Generated from the Go types of the operations; do not edit. To write it anew:
// go test ./cmd/sxp-wasm/internal/tstypes -update

/** An AccountState is what a relay says about one person's account. */
export type AccountState = {
  mode: RelayMode;
  write: boolean; // may write now
  expires?: Time; // when the account ends; 0 is never
  quota: Quota;
  usage: Usage;
};

/**
 * AddContact asks "contact.add" to trust a card for messages; exactly one of
 * File, Link and ID is set.
 */
export type AddContact = {
  file?: string; // content of a .sxpid file
  link?: string; // sxp:card?…, also without the card: then it is fetched
  id?: ID; // somebody met at a market, or in a deal
  market?: string; // where: by number, name, id or link
};

/** An Admission says who may announce on a market. */
export type Admission = 'open' | 'invited';

/**
 * Announce asks "offer", "need" or "gift", which has no Wants. Title is the only field that has to be set:
 * "3 h maths lessons", "20 l beer", "10 EUR".
 */
export type Announce = {
  market?: string;
  title: string;
  text?: string;
  category?: string;
  kind?: ItemKind; // empty: read from Title
  issuer?: ID; // money: who issues it
  wants?: string[]; // alternatives in return: words of a query, or an item's id
  for?: Duration; // until it expires; 0: 90 days
  place?: string; // where it is given, in words
  from?: Time; // available from; 0: at once
  until?: Time; // available until; 0: no end
  attributes?: { [key: string]: string }; // "picture" and "info" hold links
  photos?: string[]; // block URLs, from "photo.put"
  point?: Point; // where it is, roughly
  divisible?: boolean; // a part of its quantity may be given
};

/** AnnouncementRef asks "announcement" for one of anybody's. */
export type AnnouncementRef = {
  market?: string; // by number, name, id or link; empty: any joined one
  id: ItemID;
};

/** AnnouncementView is one announcement, one's own or a found one. */
export type AnnouncementView = {
  number?: number; // only for one's own
  id: ItemID;
  market: ID;
  owner: ID;
  ownerName?: string;
  direction: Direction;
  title: string; // with quantity and unit
  item: Item;
  wants?: string[];
  version: number;
  expires: Time;
  state: string; // active, expired, withdrawn, promised, swapped
  pending?: boolean; // the board could not be reached yet
  why?: string; // the board refused it, or has removed it
  source?: Source; // the contract by which its owner is to get it
  mine: boolean;
  km?: number; // how far away, where that was asked
};

/** AskReport asks "market.report" how a market treats its people. */
export type AskReport = {
  market?: string; // by number, name, id or link
  limit?: number; // people listed; 0: 50
};

/**
 * Browse asks "browse" for what a market has, newest first; nothing set but
 * Market: everything.
 */
export type Browse = {
  market?: string; // by number, name, id or link
  words?: string;
  kind?: ItemKind;
  category?: string;
  direction?: Direction;
  near?: Near;
  mine?: boolean; // only this person's
  before?: number; // Next of the page before; 0: from the newest
  limit?: number; // 0: 50
};

/** BrowsePage answers "browse". */
export type BrowsePage = {
  items: AnnouncementView[];
  next: number; // 0: there are no more
};

/**
 * Bytes is a byte string of variable length inside a message: a CBOR byte
 * string, and in the JSON view unpadded base64url (RFC 4648 section 5).
 */
export type Bytes = string;

/** CardView answers "card": what one gives to a person one meets. */
export type CardView = {
  id: ID;
  label: string;
  relays: string[];
  seq: number;
  link: string; // sxp:card?…
  short: string; // the same without the card, which its relays have: for a QR code
  file: string; // content of the .sxpid file
  card: Bytes; // the signed card
};

/** Checked asks "host.verify". */
export type Checked = {
  file: Bytes;
};

/**
 * ComposeDeal asks "propose.deal" to propose a deal made by hand to the people
 * it names: barter, a payment, part of each, a service for a thing, a gift.
 * Everybody in it gives or gets.
 */
export type ComposeDeal = {
  market?: string; // whose jury referees, and whose people can be named
  transfers: ComposeMove[];
  notes?: string; // what the parties add in their own words
  due?: Duration; // of transfers that say nothing, after the signing deadline; 0: 14 days
  within?: Duration; // time to sign; 0: the roll's
  jury?: number; // jurors, odd; 0: the market's
  notary?: boolean; // one juror completes the contract, at once and always
  accept?: boolean; // accept it at once
};

/**
 * ComposeMove is one transfer of a ComposeDeal. A person is "me", a contact,
 * a party of an earlier deal, or somebody at the market, by name or id.
 */
export type ComposeMove = {
  from?: string; // empty: me
  to?: string; // empty: me
  item: string; // "3 h maths lessons", the id of an announcement of From, or "#" and the number of an own one
  due?: Duration;
  delivery?: string;
  secret?: Bytes; // what this person sells by it: sealed, and opened by the contract; only in "propose.deal", among two
  declare?: boolean; // the contract says the secret's SHA-256
};

/**
 * ContactRef asks "contact.remove" not to hear somebody any more. What they
 * wrote stays, and the parties of a deal are heard as long as it needs them.
 */
export type ContactRef = {
  contact: string; // by name or id
};

/** ContactView is one entry of the answer of "contacts". */
export type ContactView = {
  id: ID;
  label: string;
  relays: string[];
  seq: number;
  verified: boolean; // the person has compared words with them, see PersonDetail
};

/** ContractFile answers "contract.file": the self-contained file. */
export type ContractFile = {
  name: string; // a suggestion: <id>.sxpc
  data: Bytes;
};

/**
 * CounterDeal asks "deal.counter" to propose other terms to the same people
 * than a deal that waits for this person, and to decline that one.
 */
export type CounterDeal = {
  deal: string;
  transfers: ComposeMove[]; // all; one that says who gives the same thing to whom as before keeps its due date and delivery
  notes?: string; // null: as they are
  why?: string; // told to the others
};

/** Create asks "host.create" for a new person in this browser. */
export type Create = {
  label: string;
  passphrase: string;
  relays?: string[]; // addresses; none: the node that served the page
};

/** CreateMarket asks "market.create" to found a market on a node. */
export type CreateMarket = {
  name: string;
  text?: string;
  at: string; // the node's address
  categories?: string[];
  admission?: Admission; // who may announce; empty: open, or invited where somebody is
  invited?: string[]; // contacts' names or ids
  founders?: string[]; // the others, contacts' names or ids: each has to sign before it is published
};

/**
 * DealEvent is one line of a deal's history, in order of time. What is one of:
 * arrived, accepted, drawn (the jury, or the notary), promised, lodged, signed,
 * complete (all signed), jury (it completed), notary (it completed), void,
 * unsettled, ended (nobody is bound), broke (somebody broke the rules),
 * restored (from a backup); empty in records of older releases.
 */
export type DealEvent = {
  at: Time;
  what?: string;
  who?: ID; // of accepted, promised, signed, broke
  text: string;
};

/** DealHead names a deal in a list. */
export type DealHead = {
  number: number;
  id: Hash;
  title: string;
};

/** DealParty is one of the people of a deal and how far they are. */
export type DealParty = {
  id: ID;
  name: string;
  me: boolean;
  accepted: boolean;
  promised: boolean;
  signed: boolean;
};

/** DealRef names a deal or contract by number or id. */
export type DealRef = {
  deal: string;
  why?: string; // decline: told to the others
};

/**
 * DealView is one proposal, from the moment it is seen until it is a contract
 * or void. State is one of: proposed (waits for this person), accepted (waits
 * for others), declined, promised (this person is bound if all are), signed
 * (all have signed), void (nobody is bound, for ever), unsettled (this person
 * may be bound, and it is still being found out), expired (never accepted by
 * all), refused (its terms are beyond this agent's limits).
 */
export type DealView = {
  number: number;
  id: Hash; // the proposal's digest
  market: ID;
  proposer: ID;
  title: string;
  transfers: TransferView[];
  give: string[];
  get: string[];
  deadline: Time;
  attempt: number;
  jury: number;
  faults: number; // jurors that may lie or be away without harm
  proposerName: string;
  notary?: boolean; // one juror completes every contract
  risk: number; // probability that the jury fails if a fifth of its roll is corrupt, over all attempts
  worth: JuryWorth;
  warnings?: string[]; // what to know before accepting
  unusual?: string[]; // what may be overlooked in its transfers
  signBefore: Time; // until when it can be accepted and promised
  state: string;
  why?: string; // for declined, void, refused, expired; for accepted, which deal holds it up
  byJury: boolean; // the jury was needed
  text: string; // the contract in words
  events?: DealEvent[];
  m?: Hash; // the session, once known
  notes?: string; // what the parties add in their own words, part of Text
  parties: DealParty[];
  replaces?: Hash; // the proposal that this one answers
  changes?: string[]; // how it differs from that, in sentences
  differences?: Difference[]; // the same for programs
  markets?: MarketTermsView[]; // whose people meet in it, and which have a policy
};

/**
 * Deals are what a market declares about the rings that it proposes, so that
 * anybody can tell which of two choices is the better one there. Zero fields
 * mean what the reader does by itself.
 */
export type Deals = {
  rhythm?: Rhythm; // empty: continuous
  every?: Duration; // rounds only, always: between two
  first?: Time; // rounds only: when one is, and so all others
  goals?: string[]; // in their order: items, people, cost, expected; none: items, people, cost
  maxRing?: number; // items in one ring; 0: 4
  maxChain?: number; // items that a chain from a gift moves; 0: as many people as in a ring
  reliability?: number; // chance that somebody of whom nothing is known keeps their word, in millionths; 0: 900,000
  patience?: Duration; // how long people wait on average before they look elsewhere; 0: 30 days
};

/**
 * A Decimal is an exact number, zero or more, written in the one way: digits
 * without leading zeros, and after a point digits without trailing zeros
 * ("0", "3", "0.5", "12.25"). At most [MaxIntegerDigits] and
 * [MaxFractionDigits]. "" means that there is no number. Two Decimals are
 * equal exactly when their texts are. The methods require valid numbers.
 */
export type Decimal = string;

/**
 * DeviceRef asks "device.forget" to take a device off the list. It does not
 * take the words from it.
 */
export type DeviceRef = {
  id: string;
};

/**
 * DeviceView is one entry of the answer of "devices": where the same 24 words
 * are in use.
 */
export type DeviceView = {
  id: string;
  name: string;
  seen: Time; // rounded down to the hour
  this: boolean;
  warning?: string; // why two at once are a danger, where this one was used lately
};

/**
 * Difference is one change of a proposal against the one that it replaces.
 * What is one of: transfer, item (another amount or description), giver, taker,
 * due, delivery, notes, breach, conflict, law, people, jury, deadline, title,
 * unknown (the proposal that it says it replaces is not known here).
 */
export type Difference = {
  what: string;
  before?: string; // empty: was not there
  after?: string; // empty: is not there any more
  transfer?: number; // number of the transfer that it is about, from 1; 0: none of this proposal
  text: string; // the same as a sentence
};

/**
 * A Direction says whether an announcement swaps, looks for or gives away its
 * item.
 */
export type Direction = 'offer' | 'need' | 'gift';

/**
 * A DrawRule is how a roll's jurors are drawn. A roll names its rule, and a
 * proposal the roll, so that a file verifies for ever by the rule it was made
 * under (spec/roll.md, "From the seed to the seats").
 */
export type DrawRule = number;

/** A Duration is a span in milliseconds. */
export type Duration = number;

/** EditItem asks "edit" to publish a new version; an empty field stays as it is. */
export type EditItem = {
  item: string;
  title?: string;
  text?: string;
  category?: string;
  kind?: ItemKind;
  wants?: string[];
  for?: Duration;
  place?: string;
  from?: Time;
  until?: Time;
  attributes?: { [key: string]: string }; // those named change; "" takes one away
  photos?: string[]; // null: as they are; []: none
  point?: Point;
  noPoint?: boolean; // takes the point away
  divisible?: boolean;
  clear?: string[]; // what to empty: text, category, place, from, until
};

/** A File is sent with a letter. */
export type File = {
  name: string; // of the last part only, at most MaxFileName bytes
  type?: string; // media type, as the sender says
  data: Bytes;
};

/** FileView says what is attached to a message. */
export type FileView = {
  name: string;
  type?: string;
  size: number; // bytes
};

/** GetFile asks "inbox.file" for one file of a message; the answer is a File. */
export type GetFile = {
  message: Hash;
  file: number; // from 1
};

/**
 * GroupView is one own group: the answer of "group", and an entry of that of
 * "groups".
 */
export type GroupView = {
  id: ItemID;
  k: number;
  wants: number; // how many it lists
  version: number;
  market: ID;
  list: string[]; // the wants
  expires: Time;
};

/**
 * A Hash is a SHA-256 digest (FIPS 180-4). Its text is 64 lower-case hex
 * digits. The zero Hash names nothing.
 */
export type Hash = string;

/**
 * An ID names a person, a node, a juror or a market: it is their Ed25519
 * public key (RFC 8032), all 32 bytes. Its text is bech32m (BIP-350) with the
 * prefix "sxp", so it starts with "sxp1" and a mistyped letter is noticed.
 * The zero ID names nobody.
 */
export type ID = string;

/** Identified answers "host.identify". */
export type Identified = {
  kind: string; // card, contract, market, relay, invitation, block or unknown
  id?: string; // of the person, the contract (its M), the market, the node
  label?: string; // card: the name
  relays?: string[]; // card, market, invitation: nodes
  title?: string; // contract
  valid: boolean; // its signatures were checked and are good
  why?: string; // not valid, or unknown: why
};

/**
 * InviteToMarket asks "market.invite" to let more people announce on an own
 * market that admits only whom it lists.
 */
export type InviteToMarket = {
  market?: string;
  people: string[]; // contacts' names or ids
};

/**
 * An Item is something that one person can give to another. Only Kind and
 * Title must be said, for money also Quantity and Currency.
 */
export type Item = {
  kind: ItemKind;
  title: string; // one line, at most MaxTitle bytes
  text?: string; // lines, at most MaxText bytes, never markup
  category?: string; // "tools/garden"
  attributes?: { [key: string]: string }; // the market's schema, and the terms of money
  quantity?: Decimal; // above 0; absent: one, not counted
  unit?: string; // of Quantity; absent: pieces
  divisible?: boolean; // a part of Quantity may be given
  duration?: Duration; // services: how long all of it takes
  currency?: string; // money: ISO 4217 code, or the issuer's own name for it
  issuer?: ID; // money: who issues and redeems it
  place?: string; // where it is given, in words
  point?: Point; // where it is given, on a map
  from?: Time; // available from; 0: at once
  until?: Time; // available until; 0: no end
  photos?: string[]; // URLs of blocks (package blocks), each once, at most MaxPhotos
};

/**
 * An ItemID names an announcement, and so its item, through all its versions;
 * or a group. It is derived from the owner's ID and a nonce, so nobody can
 * take another's. Its text is 32 lower-case hex digits. The zero ItemID names
 * nothing.
 */
export type ItemID = string;

/** A Kind says what sort of thing an item is. */
export type ItemKind = 'good' | 'service' | 'money' | 'right';

/** ItemRef names one of one's own announcements by number or id. */
export type ItemRef = {
  item: string;
};

/** JoinMarket asks "market.join" with the market's link. */
export type JoinMarket = {
  link: string;
};

/**
 * JuryWorth is how far the jury of a deal can be trusted, besides DealView.Jury,
 * Faults and Risk.
 */
export type JuryWorth = {
  riskOnce: number; // DealView.Risk of one attempt alone
  riskAway: number; // DealView.Risk if of the other jurors the part Down is away when it counts
  down: number; // the part of the time that jurors of the roll are away, 0 to 1
  downKnown: boolean; // Down is what the roll recorded; else it is assumed
  maxAttempts: number; // among the same people, after which this agent refuses
  memory: Duration; // for how long a failed attempt counts
  issuer: string; // name of the market that signed the roll
  roll?: RollWorth; // absent: the roll is not here yet
};

/**
 * A Kind is the part of an error that a program may act on. Its text is its
 * wire code (spec/errors.md), so a Kind is never renamed and never reused.
 */
export type Kind = 'invalid' | 'toolarge' | 'notfound' | 'denied' | 'replay' | 'clock' | 'late' | 'early' | 'conflict' | 'full' | 'busy' | 'unavailable' | 'unsupported' | 'internal';

/** LeftOut is a juror who enrolled and is not on the roll. */
export type LeftOut = {
  id: ID;
  why: string; // "operator": it names one who has not signed for it; "faulty", "down": as PublishRoll asks
};

/** A Kind says what sort of letter it is. */
export type LetterKind = '' | 'mail' | 'file' | 'post';

/**
 * A Levy is a part of the worth of what is given that its giver owes to
 * somebody else. Nothing is collected by SXP: the contract says what is owed.
 */
export type Levy = {
  name: string; // "VAT"
  rate: Decimal; // in percent, more than 0 and at most 100, at most 4 digits after the point
  kinds?: ItemKind[]; // of items that it falls on; none: all but money
  category?: string; // that it falls on with what is below; empty: any
  to: string; // who gets it, in words
};

/** LookAtMarket asks "market.look" what a link leads to, without joining. */
export type LookAtMarket = {
  link: string;
};

/**
 * MakeGroup asks "group" for a want list that several of one's offers share:
 * of what it lists, the person takes at most K. An offer names it in its Wants
 * as "group:" and its id.
 */
export type MakeGroup = {
  market?: string;
  group?: string; // the id of an own group: change it
  k?: number; // 0: 1
  wants: string[];
  for?: Duration; // until it expires; 0: 90 days
};

/**
 * MarketDraft asks "market.sign", by a founder who was named, to countersign a
 * charter; then "market.found", by who made it, to publish it once all have.
 */
export type MarketDraft = {
  draft: Bytes; // the signed charter
};

/** A Node says where a board is. */
export type MarketNode = {
  id: ID;
  address: string; // http or https URL, no trailing slash
};

/**
 * MarketRef names a joined market by number, name or id; empty where only one
 * is joined.
 */
export type MarketRef = {
  market?: string;
};

/**
 * MarketReport answers "market.report", from what is public on the board. What
 * it says of trades is the owners' own word.
 */
export type MarketReport = {
  market: ID;
  name: string;
  at: Time;
  people: number; // of whom something stands or went into a contract
  traders: number; // for whom a contract came about
  never: number; // for whom none did, though something of theirs stands
  waits: Times; // how long what stands has stood
  waited: Times; // how long what went into contracts had stood
  uneven: number; // Gini coefficient of trades per person, in thousandths
  waiting: WaitingPerson[]; // who waits longest first
};

/** MarketTermsView is one of the markets that a deal names, with what it asks. */
export type MarketTermsView = {
  id: ID;
  name: string;
  policy: Policy;
};

/** MarketView is one joined market. */
export type MarketView = {
  number: number;
  id: ID;
  name: string;
  text?: string;
  link: string;
  at: string[];
  mine: boolean; // this agent holds the market's key
  jurors: number; // entries of the jury roll; 0: nothing can be signed yet
  roll: Hash;
  admission: Admission;
  admits: boolean; // this person may announce
  founders: PersonView[];
  draft?: Bytes; // a charter that is not published yet: it goes to who is missing
  missing?: PersonView[]; // founders who have not signed Draft
  deals: Deals; // when which rings are proposed there
  policy: Policy; // what contracts over its items must say
  neighbours: Neighbour[]; // markets whose juries its people trust too
  categories: string[]; // that its announcements may have; none: any
  enrolled: number; // own markets: jurors who have enrolled, of whom the roll may not know yet
  joined: boolean;
  leftOut?: LeftOut[]; // after market.roll: who enrolled and is not on it
};

/**
 * MessageView is one message: of the inbox, newest last, of a thread, or the
 * answer of "send". State is of own ones: queued (not every receiver's is at a
 * relay yet), sent (all are) or failed (no relay took one of them in time).
 */
export type MessageView = {
  id: Hash;
  from: ID;
  fromName: string;
  at: Time; // as the sender says
  text: string;
  read: boolean; // listed before
  kind?: LetterKind; // empty, mail, file or post
  subject?: string;
  files?: FileView[];
  mine: boolean; // this person wrote it
  state: string; // "" for what others wrote
  deal?: Hash; // written to the parties of this deal
  to?: PersonView[]; // of an own one: who gets it
  missed?: PersonView[]; // answer of "send": contacts whose card has expired, so nothing can be sealed to them
};

/**
 * A Near asks for what is within a distance of a point. The zero Near asks
 * for nothing.
 */
export type Near = {
  lat: number;
  lon: number;
  km: number; // kilometres on the great circle, 1 to MaxNear
};

/**
 * A Neighbour is another market whose people this market's people deal with:
 * its jury is trusted as this one's is.
 */
export type Neighbour = {
  market: ID;
  name: string; // at most sxp.MaxLabel bytes
  node: MarketNode; // where it was when the charter was signed
};

/** NewPassphrase asks "host.passphrase". */
export type NewPassphrase = {
  old: string;
  new: string;
};

/** Node answers "host.node". */
export type Node = {
  address: string; // with its key
  name?: string;
  version?: string;
  services: string[];
  time: Time;
};

/**
 * NoticeView is one notice of a market about an announcement or group, the
 * answer of "market.remove" and an entry of that of "market.notices".
 */
export type NoticeView = {
  market: ID;
  item: ItemID;
  by: ID; // the market, or the node that hosts it
  why: string;
  restored?: boolean;
  at: Time;
};

export type Offer = {
  accounts: RelayMode;
  quotaRecords?: number;
  quotaMiB?: number;
  maxTTL: Duration;
  price?: string;
  terms?: string;
};

/** Passkey asks "host.passkey" to let a passkey unlock, or none any more. */
export type Passkey = {
  on: boolean;
  prf?: Bytes; // output of the passkey's PRF extension, 32 bytes or more
  credential?: Bytes; // its public id, which the page needs to ask for it again
};

/** Passphrase asks "host.unlock", and "host.words". */
export type Passphrase = {
  passphrase: string;
};

/**
 * PersonDetail answers "person". Words are the same on the other side: two
 * people who compare them, by voice or side by side, know that nobody sits
 * between them (spec/agent.md).
 */
export type PersonDetail = {
  id: ID;
  name: string;
  contact: boolean;
  verified: boolean;
  words: string[]; // none for this person
  relays: string[];
  me: boolean;
  link: string; // sxp:card?…
};

/**
 * PersonRef asks "person" about somebody: a contact, a party of a deal, or
 * somebody at a market.
 */
export type PersonRef = {
  id: ID;
  market?: string; // whose node knows them: by number, name, id or link
};

/** PersonView is somebody, with the name that is known of them here. */
export type PersonView = {
  id: ID;
  name: string;
};

/** PhotoRef answers "photo.put" and asks "photo.get"; that answers a File. */
export type PhotoRef = {
  url: string; // sxp:block?…
};

/**
 * Phrase asks "host.parse" what the words of an offer or a need say, while they
 * are typed; the answer is a market.Item.
 */
export type Phrase = {
  text: string;
};

/**
 * A Point is a place on the earth (WGS 84) to a thousandth of a degree, some
 * 100 m: exact enough to find what is near, too coarse to be an address.
 */
export type Point = {
  lat: number; // thousandths of a degree north, -90000 to 90000
  lon: number; // thousandths of a degree east, -180000 to 180000
};

/**
 * A Policy is what a market asks of every contract over what was announced on
 * it. A contract among the people of several markets has the policy of each.
 */
export type Policy = {
  levies?: Levy[]; // such as value added tax
  guarantee?: string; // what the market answers for, in words
};

/**
 * ProposeDeals asks "propose" to compute rings from the whole public board and
 * to send the best ones to the people concerned. It needs no right.
 */
export type ProposeDeals = {
  market?: string;
  maxRing?: number; // items per ring; 0: what the market declares, or 4
  mine?: boolean; // only rings that this person is part of
  notary?: boolean; // one juror completes the contract, at once and always
  with?: string[]; // further markets whose people may be in the same ring: joined ones, links, or neighbours by name or id
};

/** Proposed answers "propose". */
export type Proposed = {
  rings: number;
  proposals: string[]; // "alice -> bob -> cyd", one per ring sent
  optimal: boolean; // no other choice of rings trades more
};

/**
 * PublishRating asks "rating.publish" to show a rating or reply that this
 * person wrote at a market. ⚠ Everybody can read it, and with it who made that
 * contract together.
 */
export type PublishRating = {
  market?: string; // by number, name or id
  message: Bytes; // of "rate" or "rated"
};

/**
 * PublishRoll asks "market.roll" to sign the jurors who enrolled as the
 * market's roll, with the times that suit its people.
 */
export type PublishRoll = {
  market?: string;
  size?: number; // jurors per contract, odd; 0: 15, or the largest odd number that the roll can seat
  delta?: Duration; // Δ; 0: 30 s
  l?: Duration; // L; 0: 10 min
  epsilon?: Duration; // ε; 0: 2 min
  w?: Duration; // W; 0: 5 min
  d?: Duration; // time to sign; 0: 24 h
  byLot?: boolean; // draw by lot, as rolls did before there were strata
  dropFaulty?: boolean; // leave out who is proved to have broken its word; else it is listed and never drawn
  minUp?: number; // leave out who was up in fewer percent of at least 50 questions; 0: nobody
};

/**
 * PutPhoto asks "photo.put" to keep a picture at a market's node, for an
 * announcement there.
 */
export type PutPhoto = {
  market?: string;
  data: Bytes;
  type: string; // image/jpeg, image/png or image/webp
};

/** A Quota limits what one sender has on a relay at a time. Zero is no limit. */
export type Quota = {
  records?: number;
  bytes?: number; // of signed messages
};

/**
 * RateDeal asks to say of another party of a contract whether it gave what it
 * had to give.
 */
export type RateDeal = {
  deal: string; // by number or id
  about?: string; // a party by name or id; empty where there is only one other
  broken?: number[]; // transfers, counted from 1, that it did not give as promised; it gave the others
  text?: string; // at most rating.MaxText bytes
};

/** Rated is a signed rating or reply. */
export type Rated = {
  message: Bytes;
  digest: Hash;
};

/** RatingView is one rating. */
export type RatingView = {
  by: ID;
  byName: string; // as their card says
  known: boolean; // as in RatingsView
  mine: boolean; // this person wrote it
  own: boolean; // of a contract that this device holds, and checked against it
  kept: boolean; // all that they were to give was given
  text?: string;
  reply?: string; // of who was rated
  m: Hash; // of the contract: what all signed
  published: Time; // the author's clock
};

/** RatingsOf asks "ratings" for what is said of somebody. */
export type RatingsOf = {
  id: ID;
  market?: string; // by number, name, id or link
};

/**
 * RatingsView answers "ratings": what this device has verified, of what a
 * market shows and of what is kept here of own contracts. There is no score.
 */
export type RatingsView = {
  id: ID;
  contracts: number; // different ones that somebody rated
  kept: number; // of those: all who rated say that everything was given
  broken: number; // of those: nobody says so
  disputed: number; // the others
  people: number; // different people who say it
  known: number; // of those: contacts, and who has signed a contract with this person
  list: RatingView[]; // those that count, complaints first, then the newest first
  more: boolean; // the market has further ones, which were not read
};

/**
 * RelayAccount asks "relay.account" for the state of one's account on a relay,
 * or, with an operator's invitation, opens or prolongs it. Exactly one field
 * is set.
 */
export type RelayAccount = {
  invitation?: string; // sxp:invitation?…
  relay?: string; // address
};

/** A Mode says who may write to a relay. */
export type RelayMode = 'open' | 'invited' | 'own';

/** RelayRef asks "relay.look" what is at an address, with or without its key. */
export type RelayRef = {
  address: string;
};

/**
 * RelayView is one entry of the answer of "relays", and the answer of
 * "relay.look". What the node says of itself is its own word, unsigned.
 */
export type RelayView = {
  address: string; // with its key
  url: string;
  name: string;
  inUse: boolean; // named by the own card
  reachable: boolean; // it answered just now
  millis: number; // how long that took
  services: string[]; // relay, board, watcher, juror, finder
  from: string; // how it is known: own, market, contact, served or asked
  offer?: Offer; // what it says that it offers
  account?: AccountState; // of this person there
  trouble?: string; // why it cannot be used as it is
  time?: Time; // its clock
};

/**
 * RemoveItem asks "market.remove" to take an announcement or group off an own
 * market, or to let it in again. Both are public, with the reason.
 */
export type RemoveItem = {
  market?: string;
  item: string; // the id
  why: string;
  restore?: boolean; // it is welcome again
};

/**
 * Reoffer asks "reoffer" to announce what this person is to get by a signed
 * contract. It needs nothing but Deal.
 */
export type Reoffer = {
  deal: string; // by number or id
  transfer?: number; // its number in the contract, from 1; 0: the only one that this person gets
  market?: string; // empty: the contract's
  wants?: string[]; // as for "offer"
  gift?: boolean; // for nothing in return
  for?: Duration; // until it expires; 0: 90 days
};

/**
 * Restore asks "host.restore" to bring a person back from the copies at relays.
 * Where the words are of the person who is in this browser, nothing is fetched:
 * what is here opens, and has the new passphrase from then on.
 */
export type Restore = {
  words: string; // as typed: numbers, commas and capitals do not matter
  relays?: string[]; // none: the node that served the page
  passphrase: string;
  label?: string; // begin anew under this name where the relays hold nothing
};

/**
 * Retired answers "retire": what was done so that nothing of this person stays
 * behind, and what could not be done.
 */
export type Retired = {
  withdrawn: number; // announcements
  deleted: number; // copies at relays
  open?: number[]; // numbers of deals that still bind, or may
  failed?: string[]; // what could not be reached, in sentences
};

/** A Rhythm says when a market's node proposes rings. */
export type Rhythm = 'continuous' | 'rounds';

/**
 * RollWorth is what a roll can say for itself, for people who ask whether its
 * juries are worth their trust. Nothing in it is proved but the signatures:
 * figures of conduct are the issuer's word, and operators are as many as the
 * jurors and those who vouch for them say.
 */
export type RollWorth = {
  issuer: ID;
  number: number;
  issued: Time;
  rule: DrawRule;
  jurors: number;
  operators: number; // that run them
  tribes: number; // that sign for at least one of them; by lot, that the issuer names
  proven: number; // jurors with a record, see Conduct.Proven
  faulty: number; // jurors that are proved to have broken their word
  asked: number; // times the issuer asked whether they are up
  up: number; // of which they were
};

/** SearchMarket asks "search". At least one field but Market is set. */
export type SearchMarket = {
  market?: string;
  words?: string;
  kind?: ItemKind;
  category?: string;
  direction?: Direction;
  limit?: number; // 0: 50
};

/**
 * SecretRef asks "secret" for what a signed contract opens, and "secret.proof"
 * for the file that shows it to others.
 */
export type SecretRef = {
  deal: string; // by number or id
  transfer?: number; // its number in the contract, from 1; 0: the one that this person gets, else the one that they give
};

/** SecretView answers "secret". */
export type SecretView = {
  deal: Hash;
  transfer: number; // from 1
  item: string;
  from: ID; // who sold it
  fromName: string;
  secret?: Bytes;
  text?: string; // the same, where it is text
  wrong?: string; // why there is none: what was sealed does not open, or is not what was declared. "secret.proof" then proves it
};

/**
 * SendMessage asks "send". With a subject it is a mail, with files alone they
 * are sent; to nobody in particular it is a post.
 */
export type SendMessage = {
  to?: string; // a contact's label or id; empty: all contacts
  text?: string;
  subject?: string;
  files?: File[];
  deal?: string; // instead of To: all other parties of this deal, by number or id
};

/**
 * SetRelays asks "relays.set" to use these nodes from now on; the new card is
 * sent to all contacts over the old and the new ones.
 */
export type SetRelays = {
  relays: string[];
};

/**
 * SetRules asks "market.rules" to change what an own market declares; what is
 * null stays as it is. Where there are several founders the answer has a draft
 * that they have to sign.
 */
export type SetRules = {
  market?: string;
  deals?: Deals;
  policy?: Policy;
  neighbours?: string[]; // links of the markets, or numbers, names or ids of joined ones; []: none
};

/**
 * A Source says where its owner gets an announced thing from that they do not
 * have yet: by a transfer of a contract that is signed. What is made of the
 * announcement is valid only if that transfer is delivered.
 */
export type Source = {
  contract: Hash; // digest of the proposal
  transfer: number; // its number, from 1
};

/** Status answers "status": who this is and whether anything waits. */
export type Status = {
  id: ID;
  label: string;
  relays: string[];
  markets: number;
  offers: number;
  deals: number; // proposals that wait for the person
  contracts: number; // signed or in the making
  messages: number; // unread
  now: Time;
  trouble?: TroubleView[]; // nodes that do not answer as they should
};

/** Storage answers "host.storage". */
export type Storage = {
  used: number; // bytes of this origin
  quota: number; // bytes that it may use
  persisted: boolean;
  device: string; // a name for this browser
  records: number;
  erasable: boolean; // one-time keys lie in files that are overwritten; else the browser decides when they are gone
};

/** Switch asks "host.remember" to stay unlocked on this device, or not to. */
export type Switch = {
  on: boolean;
};

/** Thread answers "thread". */
export type Thread = {
  with?: PersonView;
  deal?: DealHead;
  people: PersonView[];
  verified: boolean; // the words of With were compared
  messages: MessageView[]; // oldest first, in both directions
  more: boolean; // there are older ones
};

/**
 * ThreadRef asks "thread" for messages, and "thread.read" to mark them as
 * read. Exactly one of With and Deal is set.
 */
export type ThreadRef = {
  with?: string; // a contact or party, by name or id
  deal?: string; // by number or id
  before?: Hash; // thread: only older ones than this message
  limit?: number; // thread: 0 is 50
};

/**
 * ThreadView is one entry of the answer of "threads", newest first: the
 * messages with one person, or among the parties of one deal.
 */
export type ThreadView = {
  with?: PersonView;
  deal?: DealHead;
  people: PersonView[]; // the others
  last: MessageView;
  unread: number;
  at: Time; // of Last
};

/**
 * A Time is a moment in milliseconds since 1970-01-01 UTC, leap seconds not
 * counted (as in POSIX). Messages carry it as a CBOR integer, JSON as a number.
 */
export type Time = number;

export type Times = {
  count: number;
  median: Duration;
  nine: Duration;
  longest: Duration;
};

/** TransferView is one arrow of a ring. */
export type TransferView = {
  item: string;
  kind: ItemKind;
  from: ID;
  fromName: string;
  to: ID;
  toName: string;
  due: Time;
  photos?: string[]; // block URLs
  mineFrom: boolean; // this person gives it
  mineTo: boolean; // this person gets it
  ref?: ItemID; // the announcement that it comes from: an Item of a ComposeMove
  delivery?: string;
  market?: ID; // of Markets: where it is announced
  levies?: string[]; // what its giver owes by that market's policy, in words
  source?: Source; // the contract by which its giver is to get it: this one is valid only if that is delivered
  secret?: boolean; // a secret is sealed in it, which its taker reads with "secret" once all have signed
  declared?: Hash; // the SHA-256 that its giver says the secret has
};

/**
 * TroubleView is one node that cannot be used now. Where a clock differs, Kind
 * is "clock" and Text says both times.
 */
export type TroubleView = {
  node: string; // its address, or "market" and a name
  since: Time;
  kind: Kind;
  text: string;
  todo: string; // what the person can do
};

/** Unknown asks "host.identify" what a file or a text is; one field is set. */
export type Unknown = {
  file?: Bytes;
  text?: string; // of a link, or of a file
};

/** UnlockPasskey asks "host.unlockPasskey". */
export type UnlockPasskey = {
  prf: Bytes;
};

/** A Usage is what one sender has on a relay now. */
export type Usage = {
  records: number;
  bytes: number;
};

/**
 * VerifyContact asks "contact.verify" to note that the words of a contact were
 * compared, or that they were not.
 */
export type VerifyContact = {
  contact: string; // by name or id
  verified: boolean;
};

/** VerifyParty is one party of a contract file. */
export type VerifyParty = {
  id: ID;
  label: string; // the party's own choice
  accepted: boolean;
  signed: boolean;
};

/** VerifyTransfer is one obligation of a contract file. */
export type VerifyTransfer = {
  item: string;
  from: number; // index of the giver in Parties
  to: number;
  due: Time;
  delivery?: string;
};

/** VerifyView answers "host.verify": what a contract file proves. */
export type VerifyView = {
  valid: boolean;
  why?: string; // not valid; what follows is then a claim
  kind: string; // contract, or void: the jury will never complete it
  proposal: Hash;
  m: Hash; // the contract's id
  title: string;
  text: string;
  notes?: string;
  parties: VerifyParty[];
  transfers: VerifyTransfer[];
  jury: ID[];
  t: number;
  f: number; // jurors that may lie or be away without harm
  drawn: boolean; // the jury is the one that the roll in the file gives
  roll: Hash;
  rollBy?: ID;
  deadline: Time;
  attempt: number;
};

/**
 * VouchJuror asks "jury.vouch" to sign a person's word for a juror: as its
 * operator, or as a tribe that knows who runs it.
 */
export type VouchJuror = {
  card: Bytes; // the juror's signed entry, of sxp jury card
  for: Duration; // for how long from now; rolls made later do not count it
};

/** VouchView answers "jury.vouch". */
export type VouchView = {
  juror: ID;
  until: Time;
  raw: Bytes; // the signed word, for sxp jury enrol
};

/** WaitingPerson is one of the people of a MarketReport. */
export type WaitingPerson = {
  id: ID;
  name: string;
  me: boolean;
  stands: number; // announcements that stand now
  swaps: number; // of what they had, what went into a contract
  met: number; // needs that a contract met
  waits: Duration; // how long the oldest of what stands has stood
  waited: Duration; // how long what went into contracts had stood, on average
};

/** WhyMove is one item of it on its way. */
export type WhyMove = {
  id: ItemID;
  item: string;
  from: ID;
  fromName: string;
  to: ID;
  toName: string;
};

/** WhyRing is a ring that was not chosen. */
export type WhyRing = {
  moves: WhyMove[];
  breaks: number; // of the chosen rings, so many could not be then
};

/** WhyTake is an offer or a gift that would close a ring. */
export type WhyTake = {
  id: ItemID;
  item: string;
  owner: ID;
  ownerName: string;
  items: number; // of that ring
  free: boolean; // it is in no ring of the best
};

/**
 * WhyView answers "why": why an announcement of one's own found no ring so far,
 * held against the rings that are best for all. Names are missing where the
 * market's node did not tell them.
 */
export type WhyView = {
  reason: string;
  wishes: number; // offers of others that would do
  wanted: number; // offers and needs whose owners would take it
  shortest: number; // items of the shortest ring through it; 0: there is none
  maxRing: number; // items that a ring of this market has at most
  rings: WhyRing[]; // those through it that were not chosen, the best first
  more: boolean; // there are more of them
  take: WhyTake[]; // what would close a ring if its owner took it as well
};

/** WordCheck asks "host.wordCheck" whether words are right, while they are typed. */
export type WordCheck = {
  words: string;
};

/** Words answers "host.create" and "host.words". */
export type Words = {
  words: string[]; // 24, to be written down
};

/** WordsChecked answers "host.wordCheck". */
export type WordsChecked = {
  valid: boolean; // all 24 are there and fit each other
  count: number; // how many were typed
  bad: number[]; // positions from 1 of words that are not in the list; the last one may be unfinished
  suggestions?: string[]; // for the first bad word
  why?: string; // not valid: what to look at
};

/** All operations by name: what goes in, what comes out. */
export type Ops = {
  'accept': { in: DealRef; out: DealView };
  'announcement': { in: AnnouncementRef; out: AnnouncementView };
  'browse': { in: Browse; out: BrowsePage };
  'card': { in: Record<string, never>; out: CardView };
  'contact.add': { in: AddContact; out: ContactView };
  'contact.remove': { in: ContactRef; out: Record<string, never> };
  'contact.verify': { in: VerifyContact; out: ContactView };
  'contacts': { in: Record<string, never>; out: ContactView[] };
  'contract.file': { in: DealRef; out: ContractFile };
  'contracts': { in: Record<string, never>; out: DealView[] };
  'deal': { in: DealRef; out: DealView };
  'deal.counter': { in: CounterDeal; out: DealView };
  'deals': { in: Record<string, never>; out: DealView[] };
  'decline': { in: DealRef; out: DealView };
  'device.forget': { in: DeviceRef; out: Record<string, never> };
  'devices': { in: Record<string, never>; out: DeviceView[] };
  'edit': { in: EditItem; out: AnnouncementView };
  'gift': { in: Announce; out: AnnouncementView };
  'group': { in: MakeGroup; out: GroupView };
  'groups': { in: Record<string, never>; out: GroupView[] };
  'host.create': { in: Create; out: Words };
  'host.erase': { in: Record<string, never>; out: Record<string, never> };
  'host.identify': { in: Unknown; out: Identified };
  'host.lock': { in: Record<string, never>; out: Record<string, never> };
  'host.node': { in: Record<string, never>; out: Node };
  'host.online': { in: Record<string, never>; out: Record<string, never> };
  'host.parse': { in: Phrase; out: Item };
  'host.passkey': { in: Passkey; out: Record<string, never> };
  'host.passphrase': { in: NewPassphrase; out: Record<string, never> };
  'host.remember': { in: Switch; out: Record<string, never> };
  'host.restore': { in: Restore; out: Record<string, never> };
  'host.storage': { in: Record<string, never>; out: Storage };
  'host.unlock': { in: Passphrase; out: Record<string, never> };
  'host.unlockPasskey': { in: UnlockPasskey; out: Record<string, never> };
  'host.verify': { in: Checked; out: VerifyView };
  'host.wordCheck': { in: WordCheck; out: WordsChecked };
  'host.words': { in: Passphrase; out: Words };
  'inbox': { in: Record<string, never>; out: MessageView[] };
  'inbox.file': { in: GetFile; out: File };
  'jury.vouch': { in: VouchJuror; out: VouchView };
  'list': { in: Record<string, never>; out: AnnouncementView[] };
  'market.create': { in: CreateMarket; out: MarketView };
  'market.found': { in: MarketDraft; out: MarketView };
  'market.invite': { in: InviteToMarket; out: MarketView };
  'market.join': { in: JoinMarket; out: MarketView };
  'market.leave': { in: MarketRef; out: Record<string, never> };
  'market.look': { in: LookAtMarket; out: MarketView };
  'market.notices': { in: MarketRef; out: NoticeView[] };
  'market.remove': { in: RemoveItem; out: NoticeView };
  'market.report': { in: AskReport; out: MarketReport };
  'market.roll': { in: PublishRoll; out: MarketView };
  'market.rules': { in: SetRules; out: MarketView };
  'market.sign': { in: MarketDraft; out: MarketView };
  'markets': { in: Record<string, never>; out: MarketView[] };
  'need': { in: Announce; out: AnnouncementView };
  'offer': { in: Announce; out: AnnouncementView };
  'person': { in: PersonRef; out: PersonDetail };
  'photo.get': { in: PhotoRef; out: File };
  'photo.put': { in: PutPhoto; out: PhotoRef };
  'propose': { in: ProposeDeals; out: Proposed };
  'propose.deal': { in: ComposeDeal; out: DealView };
  'rate': { in: RateDeal; out: Rated };
  'rating.publish': { in: PublishRating; out: Record<string, never> };
  'ratings': { in: RatingsOf; out: RatingsView };
  'relay.account': { in: RelayAccount; out: AccountState };
  'relay.look': { in: RelayRef; out: RelayView };
  'relays': { in: Record<string, never>; out: RelayView[] };
  'relays.set': { in: SetRelays; out: Record<string, never> };
  'reoffer': { in: Reoffer; out: AnnouncementView };
  'retire': { in: Record<string, never>; out: Retired };
  'search': { in: SearchMarket; out: AnnouncementView[] };
  'secret': { in: SecretRef; out: SecretView };
  'secret.proof': { in: SecretRef; out: ContractFile };
  'send': { in: SendMessage; out: MessageView };
  'status': { in: Record<string, never>; out: Status };
  'thread': { in: ThreadRef; out: Thread };
  'thread.read': { in: ThreadRef; out: Record<string, never> };
  'threads': { in: Record<string, never>; out: ThreadView[] };
  'why': { in: ItemRef; out: WhyView };
  'withdraw': { in: ItemRef; out: AnnouncementView };
};

/** Where answers hold lists, which the worker may write as null: paths with '*' for every element. */
export const lists: { [op: string]: string[] } = {
  'accept': ['transfers', 'give', 'get', 'parties'],
  'browse': ['items'],
  'card': ['relays'],
  'contact.add': ['relays'],
  'contact.verify': ['relays'],
  'contacts': ['', '*.relays'],
  'contracts': ['', '*.transfers', '*.give', '*.get', '*.parties'],
  'deal': ['transfers', 'give', 'get', 'parties'],
  'deal.counter': ['transfers', 'give', 'get', 'parties'],
  'deals': ['', '*.transfers', '*.give', '*.get', '*.parties'],
  'decline': ['transfers', 'give', 'get', 'parties'],
  'devices': [''],
  'group': ['list'],
  'groups': ['', '*.list'],
  'host.create': ['words'],
  'host.node': ['services'],
  'host.verify': ['parties', 'transfers', 'jury'],
  'host.wordCheck': ['bad'],
  'host.words': ['words'],
  'inbox': [''],
  'list': [''],
  'market.create': ['at', 'founders', 'neighbours', 'categories'],
  'market.found': ['at', 'founders', 'neighbours', 'categories'],
  'market.invite': ['at', 'founders', 'neighbours', 'categories'],
  'market.join': ['at', 'founders', 'neighbours', 'categories'],
  'market.look': ['at', 'founders', 'neighbours', 'categories'],
  'market.notices': [''],
  'market.report': ['waiting'],
  'market.roll': ['at', 'founders', 'neighbours', 'categories'],
  'market.rules': ['at', 'founders', 'neighbours', 'categories'],
  'market.sign': ['at', 'founders', 'neighbours', 'categories'],
  'markets': ['', '*.at', '*.founders', '*.neighbours', '*.categories'],
  'person': ['words', 'relays'],
  'propose': ['proposals'],
  'propose.deal': ['transfers', 'give', 'get', 'parties'],
  'ratings': ['list'],
  'relay.look': ['services'],
  'relays': ['', '*.services'],
  'search': [''],
  'status': ['relays'],
  'thread': ['people', 'messages'],
  'threads': ['', '*.people'],
  'why': ['rings', 'rings.*.moves', 'take'],
};

/** What the agent refuses beyond: bytes, but for the numbers of files and photos. */
export const limits = {
  block: 131072,
  contract: 4194304,
  fileBytes: 524288,
  fileName: 255,
  files: 16,
  label: 64,
  letter: 16384,
  photos: 4,
  subject: 200,
} as const;
