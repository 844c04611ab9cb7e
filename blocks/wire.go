package blocks

import (
	"maps"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// The requests that a [Server] answers, in the envelope of package relay.
const (
	RequestPut  = "block.put"  // Put → sxp.Hash
	RequestGet  = "block.get"  // Get → sxp.Bytes
	RequestDrop = "block.drop" // Get → bool
)

// Put asks to keep a block for the asker. The answer is its hash, after it is
// durable. The same again is no error.
type Put struct {
	Data sxp.Bytes `json:"data"` // 1 to MaxBlock bytes
}

// Get asks for a block, or (block.drop) that the asker's hold on it ends.
type Get struct {
	Hash sxp.Hash `json:"hash"`
}

// Types returns the constructors of requests and answers, for JSON views.
func Types() map[envelope.Type]func() any {
	all := relay.TypesOf[Put, sxp.Hash](RequestPut)
	maps.Copy(all, relay.TypesOf[Get, sxp.Bytes](RequestGet))
	maps.Copy(all, relay.TypesOf[Get, bool](RequestDrop))
	return all
}
