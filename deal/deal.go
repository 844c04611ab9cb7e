// Package deal finds out who could trade with whom.
//
// A [Graph] holds offers, each owned by a person, and arcs "the owner of this
// would take that for it". A ring is a closed walk over offers: each owner
// gives one item and gets the next. A chain begins with a gift and ends with
// somebody who gives nothing. [Find] returns rings and chains that share no
// offer and are best by the [Options]' goals one after another; by default as
// many items as possible are traded, then as many people as possible trade,
// then they like what they get. It is exact where it can prove so, otherwise
// the best it found together with a bound that is proven; [Verify] checks the
// proof. [FindCapped] is for who has no use for rings of any length. [Check]
// verifies any such answer, whoever computed it, in time linear in its size.
// Package deal/index answers at once which rings a new announcement closes.
//
// Groups are the private conditions of one person: "at most k of these". An
// arc leads from the person's offers to the group and from the group to what
// it stands for; a group may lead to other groups of the same person. Want
// lists of the TradeMaximizer family call them dummies (package deal/tm).
//
// Everything here is pure: no clock, no network, no goroutine. The same graph
// and the same [Options] give the same answer on every machine. Read graph.go,
// then find.go. The algorithms are explained in spec/deal.md.
package deal
