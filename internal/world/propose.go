package world

import (
	"context"
	"slices"

	"sxp"
	"sxp/contract"
	"sxp/contract/draft"
	"sxp/deal"
	"sxp/deal/board"
	"sxp/envelope"
	"sxp/identity"
	"sxp/market"
)

// A ring is one contract on its way.
type ring struct {
	digest  sxp.Hash // of the proposal
	moves   []draft.Move
	parties []*citizen
	due     struct {
		deadline sxp.Time // D
		void     sxp.Time // D + (f+1)Δ
	}
}

// lettersEach is after how many letters another stranger goes on proposing.
const lettersEach = 400

// foundRings is what the finder found.
type foundRings struct {
	board  *board.Picture
	result deal.Result
}

// find reads the whole public board over the protocol, as anybody may, and
// computes the rings.
func (s *sim) find(ctx context.Context) error {
	s.show.phase("reading the board", len(s.list.Items)+len(s.list.Dummies))
	var offers []market.Announcement
	var groups []market.Group
	_, err := s.client().Each(ctx, 0, func(l market.Listing) error {
		switch {
		case l.Announcement != nil:
			offers = append(offers, *l.Announcement)
		case l.Group != nil:
			groups = append(groups, *l.Group)
		}
		s.show.at(len(offers)+len(groups), len(s.list.Items)+len(s.list.Dummies), "messages")
		return nil
	})
	if err != nil {
		return err
	}
	if s.found.board, err = board.Build(offers, groups, s.clock); err != nil {
		return err
	}
	s.show.phase("finding rings", 100)
	opt := s.list.FindOptions()
	opt.MaxRing, opt.Seed = s.cfg.MaxRing, s.cfg.Seed
	opt.Progress = func(p deal.Progress) bool {
		s.show.at(int(100*p.Done/max(p.Budget, 1)), 100, "% of the work that may be spent")
		return ctx.Err() == nil
	}
	s.found.result, err = deal.Find(s.found.board.Graph, opt)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return err
}

// propose writes a contract for every ring and leaves it, sealed to each of
// its people, in the board's mail.
func (s *sim) propose(ctx context.Context) error {
	rings := s.found.result.Rings
	s.show.phase("proposing", len(rings))
	var ids []sxp.ID
	for _, r := range rings {
		for _, t := range s.found.board.Transfers(r) {
			if !slices.Contains(ids, t.From) {
				ids = append(ids, t.From)
			}
		}
	}
	cards, err := s.cards(ctx, ids)
	if err != nil {
		return err
	}
	for i, r := range rings {
		if err := s.proposeOne(ctx, r, cards); err != nil {
			return err
		}
		s.tick()
		s.show.at(i+1, len(rings), "rings")
	}
	return nil
}

func (s *sim) proposeOne(ctx context.Context, r deal.Ring, cards map[sxp.ID][]byte) (err error) {
	if s.letters > lettersEach {
		// A board keeps so much mail of one sender; anybody may propose.
		s.letters = 0
		if s.finder, err = identity.NewSigningKey(s.rand); err != nil {
			return err
		}
	}
	in := draft.Input{Cards: cards, Market: s.link.Market, Roll: s.roll, Jury: s.cfg.Jury, Now: s.clock, Mode: contract.Optimistic}
	if _, err := s.rand.Read(in.Nonce[:]); err != nil {
		return err
	}
	for _, t := range s.found.board.Transfers(r) {
		in.Moves = append(in.Moves, draft.Move{Item: t.Item, Ref: t.ID, From: t.From, To: t.To})
	}
	slices.Reverse(in.Moves) // who takes an item is who gives the next one
	p, err := draft.Proposal(in)
	if err != nil {
		return err
	}
	raw, err := contract.SignProposal(s.finder, p)
	if err != nil {
		return err
	}
	out := &ring{digest: envelope.Digest(raw), moves: in.Moves}
	out.due.deadline, out.due.void = p.Deadline, p.VoidAfter()
	s.rings = append(s.rings, out)
	for i := range p.Parties {
		card, err := identity.OpenCard(p.Parties[i].Card)
		if err != nil {
			return err
		}
		c := s.byID[card.ID]
		c.rings = append(c.rings, len(s.rings)-1)
		out.parties = append(out.parties, c)
		s.letters++
		sealed, err := draft.Seal(card, raw, s.clock)
		if err != nil {
			return err
		}
		if _, err := s.client().Post(ctx, card.ID, sealed, p.ReleaseBefore().Sub(s.clock)); err != nil {
			return err
		}
	}
	return nil
}

// choosePeople decides who vanishes: a share of the people who are in a ring,
// each after a number of messages drawn from those that their rings need up to
// the last signature, none at all included.
func (s *sim) choosePeople() {
	var signers []*citizen
	for _, c := range s.folk {
		if len(c.rings) > 0 {
			signers = append(signers, c)
		}
	}
	rand := newSeeded(s.cfg.Seed, "vanish")
	gone := int(s.cfg.Vanish*float64(len(signers)) + 0.5)
	for _, i := range rand.choose(gone, len(signers)) {
		c := signers[i]
		messages := 0
		for _, r := range c.rings {
			// Acceptance, promise and signature to each of the others; the claim
			// and the signature to watchers.
			messages += 3*(len(s.rings[r].parties)-1) + 2
		}
		c.gate.left = rand.below(messages)
		c.away = true
	}
	s.signers = len(signers)
}
