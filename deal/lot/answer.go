package lot

import (
	"encoding/json"

	"sxp/deal"
)

// An Answer says which bids are used together. What it says of itself (Value
// and what follows) is a claim: Check computes the value anew.
type Answer struct {
	Format    string     `json:"format"` // AnswerFormat
	Solver    string     `json:"solver,omitempty"`
	Exchanges []Exchange `json:"exchanges"`

	Value deal.Value `json:"value"`

	// Bound, if there, claims that no answer is worth more by the first goal
	// (less, where that is cost).
	Bound *int64 `json:"bound,omitempty"`

	Optimal  bool  `json:"optimal,omitempty"`  // the first goal is proven best
	Exact    bool  `json:"exact,omitempty"`    // all goals are
	Complete bool  `json:"complete,omitempty"` // every exchange up to the cap was weighed
	Listed   int   `json:"listed,omitempty"`   // so many were
	Work     int64 `json:"work,omitempty"`     // in units of deal.Options.Budget

	// Left says in words what was left out where the answer is not complete.
	Left string `json:"left,omitempty"`

	// Certificate proves Bound where the problem is one of package deal: the
	// JSON form of spec/certificate.md about the graph that Graph makes.
	Certificate json.RawMessage `json:"certificate,omitempty"`
}

// An Exchange is a set of uses that happen together or not at all. Of each
// item at least as much is given by them as is taken; what is taken of a gift
// needs nobody's bid.
type Exchange struct {
	Uses  []Use `json:"uses"`
	Times int64 `json:"times,omitempty"` // how often all of this happens; 0 means once

	// Transfers and Payments follow from the uses and are there for readers;
	// payments may be split in another way as long as they sum to 0 and nobody
	// pays more, or gets less, than their bids say. Both are for one time.
	Transfers []Transfer `json:"transfers,omitempty"`
	Payments  []Payment  `json:"payments,omitempty"`
}

// A Use is a bid with what was picked.
type Use struct {
	Bid   string `json:"bid"`
	Times int64  `json:"times,omitempty"` // within one exchange; 0 means once

	// Give holds the places (from 0) of the options given, Take those of the
	// options taken, each with the places within the groups it leads through.
	// Either may be absent where the bid leaves no choice.
	Give []int   `json:"give,omitempty"`
	Take [][]int `json:"take,omitempty"`
}

// A Transfer is so much of an item that goes from its owner to another person.
type Transfer struct {
	Item   string  `json:"item"`
	Amount Decimal `json:"amount"`
	From   string  `json:"from"`
	To     string  `json:"to"`
}

// A Payment is what a person pays into an exchange, or gets out of it.
// Exactly one of Pays and Gets is there.
type Payment struct {
	Person string  `json:"person"`
	Pays   Decimal `json:"pays,omitempty"`
	Gets   Decimal `json:"gets,omitempty"`
}
