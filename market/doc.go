// Package market holds what people offer and need: items, announcements,
// wants, the query language, charters, and the board that keeps them.
//
// A market is an [sxp.ID] with a charter and a board; a node hosts the board
// and may be exchanged for another without changing the market. Everything on
// a board is public and signed by who wrote it, except mail, which is sealed
// to one person: the node is trusted to be there, not to be honest, so a
// reader opens every announcement again with [OpenAnnouncement]. The board
// takes no side: anybody may read all of it and compute deals.
//
// Read item.go (what is exchanged), query.go (the one language of searches and
// standing wants), announcement.go, then board.go (what is kept and refused),
// service.go and client.go (the same over a relay). Stores are in
// market/memstore and market/index and pass market/storetest. The wire formats
// are in spec/market.md.
package market
