// Package tm reads want lists in the format of TradeMaximizer, which the
// "math trades" of BoardGameGeek have used since 2007: one line per item says
// who would give it for which others.
//
//	#! ALLOW-DUMMIES LINEAR-PRIORITIES
//	(alice) LESSONS : BEER %COINS
//	(alice) %COINS  : COIN-A COIN-B
//	(bob)   BEER    : COIN-A ; LESSONS
//
// The rules are those of TradeMaximizer 1.3c, read in its source, but that a
// line which ends its reading only earns a complaint here. Every complaint
// carries its line and the name of its rule (spec/tradelist.md).
// Options of 1.4a and of the Australian lists are known too. The list becomes
// a graph of package deal, where dummies are groups; Write writes an answer in
// TradeMaximizer's output form.
package tm

import (
	"fmt"
	"io"

	"sxp/deal"
)

// Limits of a want list. What is beyond is refused with sxp.TooLarge.
const (
	// MaxFile is the largest file in bytes; the largest real list has 2.8 MB.
	MaxFile = 64 << 20
	// MaxLine is the longest line in bytes; the longest real one has 6,385.
	MaxLine = 1 << 20
	// MaxLists is how many items and dummies a list has.
	MaxLists = deal.MaxNodes
	// MaxWants is how many wants a list has in sum, expanded cash bids included.
	MaxWants = 1 << 23
	// MaxName is the longest name of an item or a person in bytes.
	MaxName = 256
	// MaxProblems is how many complaints are kept; the rest is only counted.
	MaxProblems = 10_000
)

// A List is what a file says, checked and with names resolved.
type List struct {
	Options  Options
	People   []string // as first spelt; those without a name carry their item's
	Items    []Item   // with a want list, in the order of the file
	Dummies  []Dummy
	Budgets  map[int]int64 // person to the most they would spend, where given
	Official []string      // official names whose owner sent no want list
	Problems []Problem     // in the order of the lines, at most MaxProblems
	More     int           // problems beyond those

	// Named says of each of People whether the list names them; who is not
	// named is called after their item.
	Named []bool

	// Checksum is TradeMaximizer 1.4a's MD5 of the lists, with which people
	// make sure that they ran the same file; only with Settings.Checksum.
	Checksum string

	officials int // official names
}

// An Item is one thing that its owner gives away at most once.
type Item struct {
	Name   string // upper case unless CASE-SENSITIVE
	Text   string // from the official names, "" if there is none
	Person int    // index of People
	Line   int    // of its want list
	Bid    int64  // a cash bid of so much, 0 for a thing
	Wants  []Want // best first as far as priorities say
}

// A Dummy is a private group: at most one of its wants.
type Dummy struct {
	Name   string // with the percent sign
	Person int
	Line   int
	Wants  []Want
}

// A Want names an item or a dummy of the same person; the other index is -1.
type Want struct {
	Item, Dummy int32
	Cost        int64 // by the priority scheme; 0 within a dummy
}

// A Problem is a complaint about one line.
type Problem struct {
	File string // as Settings name it
	Line int    // from 1
	Rule string // name of the rule, as in spec/tradelist.md
	Text string
	Note bool // a remark on something that is legal, not an error
}

// String returns "line 7: text (rule)", or "file:7: text (rule)".
func (p Problem) String() string {
	if p.File != "" {
		return fmt.Sprintf("%s:%d: %s (%s)", p.File, p.Line, p.Text, p.Rule)
	}
	return fmt.Sprintf("line %d: %s (%s)", p.Line, p.Text, p.Rule)
}

// Error makes a Problem usable as the cause of an error.
func (p Problem) Error() string { return p.String() }

// Money says what becomes of the cash bids of Australian lists: lines
// "$40 : WANTS", wants "$35" and lines "LIMIT : $250".
type Money int

// The ways to treat money.
const (
	// MoneyLeftOut leaves out bids and wants of money, with a remark.
	MoneyLeftOut Money = iota
	// MoneyAsItems makes each bid an item of its owner, and of each want of
	// money wants for all bids of others that are as high. Budgets become
	// limits of the graph.
	MoneyAsItems
)

// Settings steer Read.
type Settings struct {
	File   string // its name, for complaints
	Money  Money
	Strict bool // the first problem that is not a remark ends the reading

	// HighestBid gives who bids cash more than once and names no LIMIT a budget
	// of the highest of these bids, as the Australian program does.
	HighestBid bool

	// Checksum asks for List.Checksum.
	Checksum bool
}

// Read reads a want list. What is wrong in a line leaves out the line, or only
// the want: the problems are in the list that it returns. It fails with TooLarge
// beyond a limit and with Unavailable where r fails; with Strict it fails with
// Invalid at the first problem. The error wraps a Problem.
func Read(r io.Reader, set Settings) (*List, error) {
	p := &parser{set: set, opt: defaultOptions(), lineOf: make(map[string]int)}
	if err := p.lines(r); err != nil {
		return nil, err
	}
	b := &builder{parser: p, list: &List{Options: p.opt, Budgets: make(map[int]int64)}}
	if err := b.build(); err != nil {
		return nil, err
	}
	return b.list, nil
}
