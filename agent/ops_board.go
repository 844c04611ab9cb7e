package agent

import (
	"sxp"
	"sxp/market"
	"sxp/market/report"
)

// AskReport asks "market.report" how a market treats its people.
type AskReport struct {
	Market string `json:"market,omitempty"` // by number, name, id or link
	Limit  int    `json:"limit,omitempty"`  // people listed; 0: 50
}

// MarketReport answers "market.report", from what is public on the board. What
// it says of trades is the owners' own word.
type MarketReport struct {
	Market  sxp.ID       `json:"market"`
	Name    string       `json:"name"`
	At      sxp.Time     `json:"at"`
	People  int          `json:"people"`  // of whom something stands or went into a contract
	Traders int          `json:"traders"` // for whom a contract came about
	Never   int          `json:"never"`   // for whom none did, though something of theirs stands
	Waits   report.Times `json:"waits"`   // how long what stands has stood
	Waited  report.Times `json:"waited"`  // how long what went into contracts had stood
	Uneven  int          `json:"uneven"`  // Gini coefficient of trades per person, in thousandths

	Waiting []WaitingPerson `json:"waiting"` // who waits longest first
}

// WaitingPerson is one of the people of a MarketReport.
type WaitingPerson struct {
	ID     sxp.ID       `json:"id"`
	Name   string       `json:"name"`
	Me     bool         `json:"me"`
	Stands int          `json:"stands"` // announcements that stand now
	Swaps  int          `json:"swaps"`  // of what they had, what went into a contract
	Met    int          `json:"met"`    // needs that a contract met
	Waits  sxp.Duration `json:"waits"`  // how long the oldest of what stands has stood
	Waited sxp.Duration `json:"waited"` // how long what went into contracts had stood, on average
}

// WhyView answers "why": why an announcement of one's own found no ring so far,
// held against the rings that are best for all. Names are missing where the
// market's node did not tell them.
type WhyView struct {
	// Reason is traded, kept, no-wishes, not-wanted, no-ring, too-long, outbid,
	// possible, limited, unknown or nothing-to-give.
	Reason   string    `json:"reason"`
	Wishes   int       `json:"wishes"`   // offers of others that would do
	Wanted   int       `json:"wanted"`   // offers and needs whose owners would take it
	Shortest int       `json:"shortest"` // items of the shortest ring through it; 0: there is none
	MaxRing  int       `json:"maxRing"`  // items that a ring of this market has at most
	Rings    []WhyRing `json:"rings"`    // those through it that were not chosen, the best first
	More     bool      `json:"more"`     // there are more of them
	Take     []WhyTake `json:"take"`     // what would close a ring if its owner took it as well
}

// WhyRing is a ring that was not chosen.
type WhyRing struct {
	Moves  []WhyMove `json:"moves"`
	Breaks int       `json:"breaks"` // of the chosen rings, so many could not be then
}

// WhyMove is one item of it on its way.
type WhyMove struct {
	ID       market.ItemID `json:"id"`
	Item     string        `json:"item"`
	From     sxp.ID        `json:"from"`
	FromName string        `json:"fromName"`
	To       sxp.ID        `json:"to"`
	ToName   string        `json:"toName"`
}

// WhyTake is an offer or a gift that would close a ring.
type WhyTake struct {
	ID        market.ItemID `json:"id"`
	Item      string        `json:"item"`
	Owner     sxp.ID        `json:"owner"`
	OwnerName string        `json:"ownerName"`
	Items     int           `json:"items"` // of that ring
	Free      bool          `json:"free"`  // it is in no ring of the best
}
