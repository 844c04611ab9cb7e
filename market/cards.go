package market

import "sxp"

// The card directory of a board's node: whoever finds a deal needs the parties'
// signed cards (package identity) to propose it. Cards are public and prove
// themselves; the node keeps the newest of each person.
const (
	RequestPutCard  = "card.put" // PutCard → bool
	RequestGetCards = "card.get" // GetCards → Cards
)

// MaxCards is how many cards one GetCards names: with 10 KB each they fit into
// one message.
const MaxCards = 64

// PutCard asks to keep the asker's own card in place of an older one.
type PutCard struct {
	Card sxp.Bytes `json:"card"` // signed, "sxp.card/1"
}

// GetCards asks for the cards of people.
type GetCards struct {
	IDs []sxp.ID `json:"ids"` // at most MaxCards
}

// Cards answers GetCards: what is known, in the order asked; unknown people
// are left out.
type Cards struct {
	Cards []sxp.Bytes `json:"cards"`
}
