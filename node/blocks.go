package node

import (
	"context"
	"path/filepath"

	"sxp"
	"sxp/blocks"
	"sxp/blocks/kvstore"
	"sxp/internal/kv/boltkv"
)

// addBlocks keeps the photos of announcements beside the boards, for the
// people whom a market hosted here takes.
func (n *Node) addBlocks() {
	if n.p.Blocks == nil {
		return
	}
	n.blocks = blocks.Register(n.router, blocks.ServerConfig{
		Store: n.p.Blocks, Limits: n.p.BlockRoom, Named: n.namedBlocks,
		May: func(_ context.Context, _ sxp.Time, owner sxp.ID) error {
			return n.takes("node.putBlock", owner, "photos")
		},
	})
}

// namedBlocks returns which blocks a person's announcements on all boards name,
// and until when.
func (n *Node) namedBlocks(ctx context.Context, now sxp.Time, owner sxp.ID) (map[sxp.Hash]sxp.Time, error) {
	all := map[sxp.Hash]sxp.Time{}
	for _, b := range n.host.Boards() {
		named, err := b.Photos(ctx, now, owner)
		if err != nil {
			return nil, err
		}
		for hash, until := range named {
			all[hash] = max(all[hash], until)
		}
	}
	return all, nil
}

// sweepBlocks lets go of the blocks that no announcement names.
func (n *Node) sweepBlocks(ctx context.Context, now sxp.Time) {
	if n.blocks == nil {
		return
	}
	if k, err := n.blocks.Sweep(ctx, now); err != nil {
		n.p.Log.Error("photos that nothing names could not be removed", "err", err)
	} else if k > 0 {
		n.p.Log.Info("photos that nothing names removed", "photos", k)
	}
}

// storedBlocks returns what blocks take, for figures.
func (n *Node) storedBlocks() blocks.Usage {
	u, err := n.blocks.Stored(context.Background())
	if err != nil {
		n.p.Log.Warn("the room that photos take is not known", "err", err)
	}
	return u
}

// openBlocks opens the file of the photos.
func (s *Server) openBlocks() (blocks.Store, error) {
	db, err := boltkv.Open(filepath.Join(s.cfg.Dir, "blocks.db"))
	if err != nil {
		return nil, err
	}
	s.photos = db
	return kvstore.New(db), nil
}
