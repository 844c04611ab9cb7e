package relay

import (
	"context"

	"sxp"
	"sxp/envelope"
)

// A ServerConfig has what a Server depends on.
type ServerConfig struct {
	Store    Store
	Accounts Accounts
	Policy   Policy
	MaxTTL   sxp.Duration // 0 is the package's MaxTTL
}

// A Server is a relay: it keeps records and gives them to their receivers. It
// is safe for concurrent use.
type Server struct {
	self sxp.ID
	cfg  ServerConfig
	own  map[sxp.ID]bool
	hub  hub
}

// Register adds a relay to a node: it serves write, read, inventory, listen,
// delete and account. It fails with Invalid for a contradictory policy.
func Register(rt *Router, cfg ServerConfig) (*Server, error) {
	if err := cfg.Policy.Check(); err != nil {
		return nil, err
	}
	if cfg.MaxTTL <= 0 || cfg.MaxTTL > MaxTTL {
		cfg.MaxTTL = MaxTTL
	}
	s := &Server{self: rt.ID(), cfg: cfg, own: make(map[sxp.ID]bool)}
	for _, id := range cfg.Policy.Own {
		s.own[id] = true
	}
	ServeRule(rt, TypeWrite, Rule{Anyone: true, Repeatable: true, Signed: true}, s.write)
	Serve(rt, TypeRead, s.read)
	Serve(rt, TypeInventory, s.inventory)
	Serve(rt, TypeListen, s.listen)
	Serve(rt, TypeDelete, s.delete)
	Serve(rt, TypeAccount, s.account)
	return s, nil
}

// Expire frees the room of expired records; a node calls it every few minutes.
func (s *Server) Expire(ctx context.Context, now sxp.Time) (int, error) {
	return s.cfg.Store.Expire(ctx, now)
}

// write keeps a record. It may come again: the store keeps one record per path
// and remembers what was deleted.
func (s *Server) write(ctx context.Context, now sxp.Time, raw []byte, q *Request[Write]) (bool, error) {
	const op = "relay.Write"
	w := &q.Request
	if err := w.Check(); err != nil {
		return false, err
	}
	path := Path{q.From, q.To, w.RecordID}
	if w.TTL > s.cfg.MaxTTL {
		return false, sxp.Errorf(op, sxp.Invalid, path, "this relay keeps records for at most %s, the ttl is %s", s.cfg.MaxTTL, w.TTL)
	}
	expires := q.Timestamp.Add(w.TTL)
	if expires <= now {
		return false, sxp.Errorf(op, sxp.Late, path, "the record expired at %s, %s after its timestamp; now is %s", expires, w.TTL, now)
	}
	quota, err := s.mayWrite(ctx, now, q.From)
	if err != nil {
		return false, err
	}
	body, err := envelope.Marshal(w)
	if err != nil {
		return false, err
	}
	_, err = s.cfg.Store.Put(ctx, now, &Entry{
		Path: path, Body: sxp.Sum(body), Timestamp: q.Timestamp, Expires: expires,
		Tag: w.Tag, MaxReads: w.MaxReads, Message: raw, Size: uint64(len(raw)),
	}, quota)
	if err != nil {
		return false, err
	}
	s.hub.ring(q.To)
	return true, nil
}

// mayWrite returns id's quota, or fails with Denied.
func (s *Server) mayWrite(ctx context.Context, now sxp.Time, id sxp.ID) (Quota, error) {
	const op = "relay.Write"
	p := &s.cfg.Policy
	if p.Mode == Own {
		if !s.own[id] {
			return Quota{}, sxp.Errorf(op, sxp.Denied, id, "this relay is for its owners only, and %s is none of them", id)
		}
		return p.Quota, nil
	}
	a, err := s.cfg.Accounts.Account(ctx, id)
	switch {
	case sxp.KindOf(err) == sxp.NotFound:
		if p.Mode == Open {
			return p.Quota, nil
		}
		return Quota{}, sxp.Errorf(op, sxp.Denied, id, "%s has no account on this relay: open one with an invitation of its operator", id)
	case err != nil:
		return Quota{}, err
	case a.Expires != 0 && now >= a.Expires:
		if p.Mode == Open {
			return p.Quota, nil
		}
		return Quota{}, sxp.Errorf(op, sxp.Denied, id, "the account of %s expired at %s: prolong it with an invitation of the operator", id, a.Expires)
	}
	return a.Quota, nil
}

func (s *Server) read(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Read) (*Record, error) {
	p, err := ParsePath(r.Path)
	if err != nil {
		return nil, err
	}
	if p.Receiver != from {
		return nil, sxp.Errorf("relay.Read", sxp.Denied, p, "only the receiver reads a record, and %s is not", from)
	}
	e, err := s.cfg.Store.Read(ctx, now, p)
	if sxp.KindOf(err) == sxp.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Record{Message: e.Message, Stored: e.Stamp}, nil
}

func (s *Server) inventory(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Inventory) (Listing, error) {
	q := Query{Receiver: from, Tag: r.Tag, Now: now}
	if r.Outbox {
		q.Receiver, q.Sender = sxp.ID{}, from
	}
	if r.BeforeTs < 0 {
		return Listing{}, sxp.Errorf("relay.Inventory", sxp.Invalid, from, "beforeTs is negative")
	}
	q.Before = StampOf(r.BeforeTs)
	if err := q.from(r.AfterTs, r.After, r.Limit); err != nil {
		return Listing{}, err
	}
	return s.list(ctx, q)
}

// from sets where q starts and how many it wants.
func (q *Query) from(afterTs sxp.Time, after Stamp, limit uint32) error {
	const op = "relay.Inventory"
	if afterTs < 0 {
		return sxp.Errorf(op, sxp.Invalid, nil, "afterTs is negative")
	}
	if len(q.Tag) > MaxTag {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a tag has at most %d bytes, this has %d", MaxTag, len(q.Tag))
	}
	q.After = after
	if first := StampOf(afterTs); first > 0 {
		q.After = max(after, first-1)
	}
	q.Limit = MaxListing
	if limit > 0 {
		q.Limit = int(min(limit, MaxListing))
	}
	return nil
}

func (s *Server) list(ctx context.Context, q Query) (Listing, error) {
	l, err := s.cfg.Store.List(ctx, q)
	if err != nil {
		return Listing{}, err
	}
	paths := make([]string, len(l.Entries))
	var coder pathCoder
	for i := range l.Entries {
		paths[i] = coder.format(l.Entries[i].Path)
	}
	return Listing{Paths: paths, Next: l.Next, More: l.More}, nil
}

// listen first subscribes, then looks: what is stored in between rings the bell.
func (s *Server) listen(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Listen) (Listing, error) {
	q := Query{Receiver: from, Tag: r.Tag, Now: now}
	if err := q.from(r.AfterTs, r.After, r.Limit); err != nil {
		return Listing{}, err
	}
	if r.Wait < 0 {
		return Listing{}, sxp.Errorf("relay.Listen", sxp.Invalid, from, "wait is negative")
	}
	ctx, stop := context.WithTimeout(ctx, min(r.Wait, MaxWait).Std())
	defer stop()
	for {
		bell := s.hub.hear(from)
		l, err := s.list(context.WithoutCancel(ctx), q)
		if err != nil || len(l.Paths) > 0 || r.Wait == 0 {
			s.hub.leave(from, bell)
			return l, err
		}
		q.After = l.Next
		if l.More {
			s.hub.leave(from, bell)
			continue
		}
		select {
		case <-bell.rung:
		case <-ctx.Done():
			s.hub.leave(from, bell)
			return l, nil
		}
	}
}

func (s *Server) delete(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r Delete) (bool, error) {
	const op = "relay.Delete"
	if (r.Path == "") == (r.RecordID == "") {
		return false, sxp.Errorf(op, sxp.Invalid, from, "give either a path or a recordId")
	}
	if r.Path != "" {
		p, err := ParsePath(r.Path)
		if err != nil {
			return false, err
		}
		if p.Sender != from && p.Receiver != from {
			return false, sxp.Errorf(op, sxp.Denied, p, "only its sender and its receiver delete a record, and %s is neither", from)
		}
		err = s.cfg.Store.Delete(ctx, now, p)
		return err == nil, err
	}
	if err := r.RecordID.Check(); err != nil {
		return false, err
	}
	return s.deleteAll(ctx, now, from, r.RecordID)
}

// deleteAll deletes the records with one id in an outbox.
func (s *Server) deleteAll(ctx context.Context, now sxp.Time, sender sxp.ID, id RecordID) (bool, error) {
	var found []Path
	q := Query{Sender: sender, Now: now, Limit: MaxListing}
	for {
		l, err := s.cfg.Store.List(ctx, q)
		if err != nil {
			return false, err
		}
		for i := range l.Entries {
			if p := l.Entries[i].Path; p.RecordID == id {
				found = append(found, p)
			}
		}
		if q.After = l.Next; !l.More {
			break
		}
	}
	for _, p := range found {
		if err := s.cfg.Store.Delete(ctx, now, p); err != nil && sxp.KindOf(err) != sxp.NotFound {
			return false, err
		}
	}
	if len(found) == 0 {
		return false, sxp.Errorf("relay.Delete", sxp.NotFound, sender, "no record %q rests in the outbox of %s", id, sender)
	}
	return true, nil
}

func (s *Server) account(ctx context.Context, now sxp.Time, from sxp.ID, _ []byte, r OpenAccount) (AccountState, error) {
	const op = "relay.Account"
	if len(r.Invitation) > 0 {
		if s.cfg.Policy.Mode == Own {
			return AccountState{}, sxp.Errorf(op, sxp.Unsupported, from, "this relay is for its owners only and takes no invitations")
		}
		inv, err := s.cfg.Policy.openInvitation(r.Invitation, s.self, from, now)
		if err != nil {
			return AccountState{}, err
		}
		a := Account{ID: from, Opened: now, Quota: inv.Quota, Invitation: envelope.Digest(r.Invitation)}
		if inv.Lasts > 0 {
			a.Expires = now.Add(inv.Lasts)
		}
		if err := s.cfg.Accounts.OpenAccount(ctx, a, inv.Uses); err != nil {
			return AccountState{}, err
		}
	}
	state := AccountState{Mode: s.cfg.Policy.Mode}
	quota, err := s.mayWrite(ctx, now, from)
	switch sxp.KindOf(err) {
	case "":
		state.Write, state.Quota = true, quota
	case sxp.Denied:
	default:
		return AccountState{}, err
	}
	if a, err := s.cfg.Accounts.Account(ctx, from); err == nil {
		state.Expires = a.Expires
	}
	state.Usage, err = s.cfg.Store.Usage(ctx, from)
	return state, err
}
