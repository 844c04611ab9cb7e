package blocks

import (
	"context"
	"sync"

	"sxp"
	"sxp/relay"
)

// A ServerConfig has what a Server depends on.
type ServerConfig struct {
	Store  Store
	Limits Limits

	// May fails, with Denied, for those whose blocks this node does not keep.
	May func(ctx context.Context, now sxp.Time, owner sxp.ID) error

	// Named returns which blocks the owner's announcements on this node name,
	// and until when the last of them stands.
	Named func(ctx context.Context, now sxp.Time, owner sxp.ID) (map[sxp.Hash]sxp.Time, error)
}

// A Server answers the requests of this package. It is safe for concurrent
// use.
type Server struct {
	cfg ServerConfig

	// Sweep holds settling while it decides about blocks, so that it ends no
	// holding that somebody was just told to have.
	settling sync.RWMutex
}

// Register lets the router answer requests about blocks. Anybody may read.
func Register(rt *relay.Router, cfg ServerConfig) *Server {
	cfg.Limits = cfg.Limits.Fill()
	s := &Server{cfg: cfg}
	relay.Serve(rt, RequestPut, func(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Put) (sxp.Hash, error) {
		return s.put(ctx, now, from, r.Data)
	})
	relay.Serve(rt, RequestGet, func(ctx context.Context, _ sxp.Time, _ sxp.ID, _ []byte, r Get) (sxp.Bytes, error) {
		return s.get(ctx, r.Hash)
	})
	relay.Serve(rt, RequestDrop, func(ctx context.Context, _ sxp.Time, from sxp.ID, _ []byte, r Get) (bool, error) {
		u, err := cfg.Store.Usage(ctx, from)
		if err == nil && u.Blocks > 0 { // strangers do not make the disk write
			err = cfg.Store.Settle(ctx, []Holding{{Owner: from, Hash: r.Hash}})
		}
		return err == nil, err
	})
	return s
}

func (s *Server) put(ctx context.Context, now sxp.Time, from sxp.ID, data []byte) (sxp.Hash, error) {
	if err := checkBlock("blocks.Put", data); err != nil {
		return sxp.Hash{}, err
	}
	if err := s.cfg.May(ctx, now, from); err != nil {
		return sxp.Hash{}, err
	}
	s.settling.RLock()
	defer s.settling.RUnlock()
	h := Holding{Owner: from, Hash: Sum(data), Until: now.Add(Grace)}
	return h.Hash, s.cfg.Store.Put(ctx, h, data, s.cfg.Limits)
}

// get also checks the block, so that a damaged disk is noticed here and not
// only by readers.
func (s *Server) get(ctx context.Context, hash sxp.Hash) ([]byte, error) {
	data, err := s.cfg.Store.Get(ctx, hash)
	if err != nil {
		return nil, err
	}
	if Sum(data) != hash {
		return nil, sxp.Errorf("blocks.Get", sxp.Internal, hash, "the stored block is not what its hash says: the disk is damaged")
	}
	return data, nil
}

// perSweep is how many holdings are looked at in one transaction.
const perSweep = 256

// Sweep looks again at every block whose time has come: one that an
// announcement of its owner names stays until that expires, but is looked at
// again after [Grace] at the latest, so that withdrawals and moderation count
// soon; another one is let go. It returns how many ended. A node calls it every
// few minutes; one at a time.
func (s *Server) Sweep(ctx context.Context, now sxp.Time) (ended int, err error) {
	for {
		looked, n, err := s.sweep(ctx, now)
		if ended += n; err != nil || looked == 0 {
			return ended, err
		}
	}
}

// sweep is one transaction of Sweep: how many holdings it looked at, and how
// many of them ended.
func (s *Server) sweep(ctx context.Context, now sxp.Time) (looked, ended int, err error) {
	s.settling.Lock()
	defer s.settling.Unlock()
	due, err := s.cfg.Store.Due(ctx, now, perSweep)
	if err != nil || len(due) == 0 {
		return 0, 0, err
	}
	named := map[sxp.ID]map[sxp.Hash]sxp.Time{}
	for i := range due {
		h := &due[i]
		if _, known := named[h.Owner]; !known {
			if named[h.Owner], err = s.cfg.Named(ctx, now, h.Owner); err != nil {
				return 0, 0, err
			}
		}
		if until := named[h.Owner][h.Hash]; until > now {
			h.Until = min(until, now.Add(Grace))
		} else {
			h.Until = 0
			ended++
		}
	}
	return len(due), ended, s.cfg.Store.Settle(ctx, due)
}

// Stored returns what all blocks take, for figures.
func (s *Server) Stored(ctx context.Context) (Usage, error) {
	return s.cfg.Store.Usage(ctx, sxp.ID{})
}
