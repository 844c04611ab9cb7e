package blocks

import (
	"context"

	"sxp"
)

// A Holding says that somebody keeps a block. A block that several people put
// is kept once, and stays until the last of them lets go: nobody can take
// another's away.
type Holding struct {
	Owner sxp.ID
	Hash  sxp.Hash
	Until sxp.Time // looked at again from then on
}

// Usage is what blocks take.
type Usage struct {
	Blocks int64
	Bytes  int64 // of data, without what a store adds
}

// Limits is what one person and all together may have. The zero of a field is
// its default.
type Limits struct {
	OwnerBlocks int64 // DefaultOwnerBlocks
	OwnerBytes  int64 // DefaultOwnerBytes
	Bytes       int64 // of all blocks; DefaultBytes
}

// Fill returns l with its defaults.
func (l Limits) Fill() Limits {
	for _, f := range []struct {
		field *int64
		value int64
	}{{&l.OwnerBlocks, DefaultOwnerBlocks}, {&l.OwnerBytes, DefaultOwnerBytes}, {&l.Bytes, DefaultBytes}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}

// Allows fails with Full where one more block of n bytes does not fit into
// what the owner has, or (stored) into what all have together.
func (l Limits) Allows(owner, all Usage, n int, stored bool) error {
	const op = "blocks.Limits"
	switch {
	case owner.Blocks+1 > l.OwnerBlocks:
		return sxp.Errorf(op, sxp.Full, nil, "you have %d blocks on this node, which is as many as it keeps for one person: withdraw announcements with photos that you do not need", owner.Blocks)
	case owner.Bytes+int64(n) > l.OwnerBytes:
		return sxp.Errorf(op, sxp.Full, nil, "your blocks on this node take %d bytes and may take %d: withdraw announcements with photos that you do not need", owner.Bytes, l.OwnerBytes)
	case stored && all.Bytes+int64(n) > l.Bytes:
		return sxp.Errorf(op, sxp.Full, nil, "this node's room for blocks, %d bytes, is used up", l.Bytes)
	}
	return nil
}

// A Store keeps blocks and who holds them. It is safe for concurrent use; it
// neither keeps nor changes what it is given, and what it returns belongs to
// the caller. Every Store passes storetest.Run.
type Store interface {
	// Put keeps data, whose hash is h.Hash, for h.Owner, and has made it
	// durable when it returns. Where the owner holds it already, Until becomes
	// the later of the two, and limits do not count. It fails with Full beyond
	// limits, as [Limits.Allows], or where the disk has no room.
	Put(ctx context.Context, h Holding, data []byte, limits Limits) error

	// Get returns the block, or fails with NotFound. It does not check it.
	Get(ctx context.Context, hash sxp.Hash) ([]byte, error)

	// Settle sets Until of holdings, all or none; one with Until 0 ends, and
	// the block goes with its last holding. What is not held is skipped.
	Settle(ctx context.Context, list []Holding) error

	// Due returns holdings with Until at or before by, earliest first, at most
	// limit.
	Due(ctx context.Context, by sxp.Time, limit int) ([]Holding, error)

	// Usage returns what one person holds; for the zero ID what is stored,
	// each block once.
	Usage(ctx context.Context, owner sxp.ID) (Usage, error)
}
