package market

// OpenRecord verifies one record of a board, as the Client does for what it
// reads over the network: for who keeps a copy of the board beside it.
func OpenRecord(b *Board, r Record) (Listing, error) {
	all, _ := (&Client{market: b.market, node: b.node}).open([]Record{r})
	if len(all) == 1 {
		return all[0], nil
	}
	return Listing{}, invalid("record", "%d is not what a board may hold", r.Seq)
}
