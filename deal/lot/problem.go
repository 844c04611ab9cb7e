package lot

import "sxp/deal"

// ProblemFormat and AnswerFormat name the formats in their first field.
const (
	ProblemFormat = "sxp.problem/1"
	AnswerFormat  = "sxp.answer/1"
)

// A Problem is a market at one moment: who has what and would trade it for
// what. Names are unique among their kind. The zero values of optional fields
// are what absent ones mean, but for Options: see Options.
type Problem struct {
	Format  string   `json:"format"` // ProblemFormat
	Title   string   `json:"title,omitempty"`
	Options Options  `json:"options"`
	Money   Money    `json:"money,omitzero"`
	People  []Person `json:"people"`
	Items   []Item   `json:"items"`
	Groups  []Group  `json:"groups,omitempty"`
	Bids    []Bid    `json:"bids"`
	Limits  []Limit  `json:"limits,omitempty"`
}

// Options say what is sought. Where JSON leaves out a field it is as
// DefaultOptions has it.
type Options struct {
	// MaxRing is how many items change hands in one exchange at most, and how
	// many people sign it: 2 to deal.MaxRingCap, or 0 for any number.
	MaxRing int `json:"max_ring"`

	// MaxChain is the same for exchanges in which somebody takes without
	// giving: so many items, one person more. 0: MaxRing-1; below 0: none.
	MaxChain int `json:"max_chain"`

	// Goals are the names of deal.Goal in their order, none twice; none means
	// items, people, cost.
	Goals []string `json:"goals,omitempty"`

	// MaxMeanCost leaves out exchanges whose cost per item is above it; 0: none.
	MaxMeanCost int64 `json:"max_mean_cost,omitempty"`

	// Top is what an item is worth before its cost, for the goal worth.
	Top int64 `json:"top,omitempty"`

	// Seed chooses among searches of equal quality.
	Seed uint64 `json:"seed,omitempty"`

	// Seconds is within which time an answer is wanted; "": any. Solve has no
	// clock: whoever calls it from a program stops it.
	Seconds Decimal `json:"seconds,omitempty"`
}

// DefaultOptions are rings of four items.
func DefaultOptions() Options { return Options{MaxRing: deal.DefaultMaxRing} }

// Money says what amounts of money are in: one currency for all.
type Money struct {
	Currency string `json:"currency,omitempty"` // for people
	Digits   int    `json:"digits"`             // after the point, 0 to MaxDigits: 2 for cents
}

// A Person owns items and makes bids.
type Person struct {
	ID          string  `json:"id"`
	Name        string  `json:"name,omitempty"`        // for people
	Reliability Decimal `json:"reliability,omitempty"` // how likely they keep their word, 0 to 1; "": 1
	Budget      Decimal `json:"budget,omitempty"`      // of what their bids would pay at most, in all; "": anything
	MaxItems    int     `json:"max_items,omitempty"`   // how many items they take at most; 0: any number
}

// An Item is something that its owner has, in one piece or in several.
type Item struct {
	ID       string  `json:"id"`
	Owner    string  `json:"owner"`
	Title    string  `json:"title,omitempty"`    // for people
	Kind     string  `json:"kind,omitempty"`     // good, service, money, right: for people
	Unit     string  `json:"unit,omitempty"`     // of the quantity: for people
	Quantity Decimal `json:"quantity,omitempty"` // more than 0; "": 1
	Step     Decimal `json:"step,omitempty"`     // one piece; divides Quantity; "": all of it
	Gift     bool    `json:"gift,omitempty"`     // given for nothing; no bid gives it
}

// A Portion is so much of an item.
type Portion struct {
	Item   string  `json:"item"`
	Amount Decimal `json:"amount,omitempty"` // a multiple of the item's step; "": one step
}

// An Option is one thing that may be picked: an item, several together, or
// (where something is taken) one of a group. Exactly one of Item, Items and
// Group is there.
type Option struct {
	Item   string    `json:"item,omitempty"`
	Amount Decimal   `json:"amount,omitempty"` // of Item; "": one step
	Items  []Portion `json:"items,omitempty"`  // all of these; none twice
	Group  string    `json:"group,omitempty"`
	Cost   int64     `json:"cost,omitempty"` // 0 to deal.MaxCost, less is better
	Pay    Decimal   `json:"pay,omitempty"`  // so much more is paid at most where this is picked
	Get    Decimal   `json:"get,omitempty"`  // so much more is to be got at least
}

// A Side is what a bid gives or takes: exactly Pick different ones of the options.
type Side struct {
	Pick int      `json:"pick,omitempty"` // 0 means 1
	Of   []Option `json:"of"`
}

// A Bid is what a person would do: give this, take that. Whatever of the
// things given nobody takes stays with its owner. A bid that names an amount of
// money, if only 0, takes part in payments: it pays at most the sum of Pay less
// the sum of Get of itself and its options, or gets at least the difference. A
// bid without amounts neither pays nor gets.
type Bid struct {
	ID    string  `json:"id"`
	By    string  `json:"by"`
	Give  Side    `json:"give,omitzero"` // own items; nothing: a need, or a cash bid
	Take  Side    `json:"take,omitzero"` // items of others; nothing: an ask, which must name what it gets
	Pay   Decimal `json:"pay,omitempty"`
	Get   Decimal `json:"get,omitempty"`
	Times int64   `json:"times,omitempty"` // how often it may be used; 0 means once
}

// A Group is a private condition of its owner: bids and other groups that name
// it take at most Most of its options in all. Groups do not form cycles.
type Group struct {
	ID   string   `json:"id"`
	By   string   `json:"by"`
	Most int64    `json:"most,omitempty"` // 0 means 1
	Of   []Option `json:"of"`             // taken; what they cost adds to what led here
}

// A Limit bounds the sum of what uses of bids and pieces of gifts weigh.
type Limit struct {
	ID   string   `json:"id"`
	Most int64    `json:"most"` // 0 to deal.MaxWeight
	Of   []Weight `json:"of"`
}

// A Weight is what each use of a bid, or each piece of a gift that is taken,
// uses up of a limit. Exactly one of Bid and Item is there.
type Weight struct {
	Bid    string `json:"bid,omitempty"`
	Item   string `json:"item,omitempty"`
	Weight int64  `json:"weight"` // 0 to deal.MaxWeight
}
