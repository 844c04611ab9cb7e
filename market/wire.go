package market

import (
	"maps"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// The types of the requests that a board's node answers (spec/market.md).
// Every request names the market, because a node hosts several.
const (
	RequestMarkets    = "market.markets"
	RequestCharter    = "market.charter"
	RequestPutCharter = "market.charter.put"
	RequestPublish    = "market.publish"
	RequestGet        = "market.get"
	RequestSearch     = "market.search"
	RequestSince      = "market.since"
	RequestList       = "market.list"
	RequestRemove     = "market.remove"
	RequestRoll       = "market.roll"
	RequestPutRoll    = "market.roll.put"
	RequestEnrol      = "market.enrol"
	RequestLeave      = "market.leave"
	RequestPost       = "market.post"
	RequestMail       = "market.mail"
	RequestDeleteMail = "market.mail.delete"

	// The node answers these itself: what they carry is package contract's.
	RequestConduct = "market.conduct"
	RequestRecords = "market.records"
	RequestRate    = "market.rate"
	RequestRatings = "market.ratings"
)

// AskMarkets asks which markets the node hosts; the answer is [][]byte, their
// charters in the order of the markets' IDs.
type AskMarkets struct {
	After sxp.ID `json:"after,omitzero"` // only those with a higher ID
}

// AskMarket names a market: for its charter (the answer is its signed bytes),
// and to leave its list of jurors (the answer is true).
type AskMarket struct {
	Market sxp.ID `json:"market"`
}

// AskRecords asks what is known of a market's jurors; the answer is an encoded
// list of contract.JurorRecord in the order of their IDs, empty where there are
// no more.
type AskRecords struct {
	Market sxp.ID `json:"market"`
	After  sxp.ID `json:"after,omitzero"` // only those with a higher ID
}

// AskRatings asks what parties of contracts say of somebody at a market.
type AskRatings struct {
	Market sxp.ID `json:"market"`
	About  sxp.ID `json:"about"`
	After  string `json:"after,omitempty"` // Next of the page before
}

// Ratings answers AskRatings. Whoever reads them opens them again.
type Ratings struct {
	Messages []sxp.Bytes `json:"messages,omitempty"` // signed ratings, complaints first, each followed by its reply if there is one
	Next     string      `json:"next,omitempty"`     // the cursor for more; absent: there is none
}

// Put carries one signed message: a charter, a roll, a juror's card, what
// jurors did, a rating, a notice or mail. The answer is true; for mail, its digest.
type Put struct {
	Market  sxp.ID    `json:"market"`
	Message sxp.Bytes `json:"message"`
}

// PutMany carries announcements and groups; the answer is []Outcome.
type PutMany struct {
	Market   sxp.ID      `json:"market"`
	Messages []sxp.Bytes `json:"messages"` // at most MaxBatch
}

// An Outcome says what became of one message.
type Outcome struct {
	ID    ItemID         `json:"id,omitzero"`
	Error *relay.Problem `json:"error,omitempty"` // absent: it is on the board
}

// AskItem asks for one announcement or group; the answer is a Record.
type AskItem struct {
	Market sxp.ID `json:"market"`
	ID     ItemID `json:"id"`
}

// AskSearch is [Board.Find]; the answer is a Page.
type AskSearch struct {
	Market    sxp.ID    `json:"market"`
	Query     *Query    `json:"query,omitempty"` // absent: everything
	Direction Direction `json:"direction,omitempty"`
	Before    uint64    `json:"before,omitempty"`
	Limit     int       `json:"limit,omitempty"`
}

// AskPage is [Board.Since] (Owner, or Wait), [Board.List] (Class) or
// [Board.MailFor] (Wait); the answer is a Page.
type AskPage struct {
	Market sxp.ID       `json:"market"`
	After  uint64       `json:"after,omitempty"`
	Owner  sxp.ID       `json:"owner,omitzero"`
	Class  Class        `json:"class,omitempty"`
	Limit  int          `json:"limit,omitempty"`
	Wait   sxp.Duration `json:"wait,omitempty"` // where there is nothing: answer when there is, or after this, at most relay.MaxWait
}

// A Page is a part of a board.
type Page struct {
	Records []Record `json:"records,omitempty"`
	Next    uint64   `json:"next,omitempty"` // the cursor for more; absent: there is none now
}

// AskRoll asks for a jury roll; the answer is its signed bytes.
type AskRoll struct {
	Market sxp.ID   `json:"market"`
	Digest sxp.Hash `json:"digest,omitzero"` // absent: the charter's
}

// DropMail names mail that was fetched; the answer is true.
type DropMail struct {
	Market sxp.ID     `json:"market"`
	IDs    []sxp.Hash `json:"ids"` // at most MaxPage
}

// requestTypes returns the constructors of requests and answers, for JSON views.
func requestTypes() map[envelope.Type]func() any {
	all := make(map[envelope.Type]func() any)
	for _, m := range []map[envelope.Type]func() any{
		relay.TypesOf[AskMarkets, []sxp.Bytes](RequestMarkets),
		relay.TypesOf[AskMarket, sxp.Bytes](RequestCharter),
		relay.TypesOf[Put, bool](RequestPutCharter),
		relay.TypesOf[PutMany, []Outcome](RequestPublish),
		relay.TypesOf[AskItem, Record](RequestGet),
		relay.TypesOf[AskSearch, Page](RequestSearch),
		relay.TypesOf[AskPage, Page](RequestSince),
		relay.TypesOf[AskPage, Page](RequestList),
		relay.TypesOf[Put, bool](RequestRemove),
		relay.TypesOf[AskRoll, sxp.Bytes](RequestRoll),
		relay.TypesOf[Put, bool](RequestPutRoll),
		relay.TypesOf[Put, bool](RequestEnrol),
		relay.TypesOf[AskMarket, bool](RequestLeave),
		relay.TypesOf[Put, sxp.Hash](RequestPost),
		relay.TypesOf[AskPage, Page](RequestMail),
		relay.TypesOf[DropMail, bool](RequestDeleteMail),
		relay.TypesOf[PutCard, bool](RequestPutCard),
		relay.TypesOf[GetCards, Cards](RequestGetCards),
		relay.TypesOf[Put, bool](RequestRate),
		relay.TypesOf[AskRatings, Ratings](RequestRatings),
	} {
		maps.Copy(all, m)
	}
	return all
}
