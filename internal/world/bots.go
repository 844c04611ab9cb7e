package world

import (
	"context"
	"slices"
	"sync"
	"time"

	"sxp"
	"sxp/agent"
	"sxp/market"
)

// Limits of bots.
const (
	// maxBots is how many there are at a time: each is an agent of some MB.
	maxBots = 30

	// botLinger is how long a bot stays after its ring has ended, for others
	// who have not got its signature yet.
	botLinger = 30 * time.Second

	// botIdle is how long a bot stays that nobody waits for: the proposal of
	// its ring may be on its way.
	botIdle = 15 * time.Second

	// botLife is how long a bot's offer stands where nobody takes it down: what
	// was accepted cannot be, and the world may end meanwhile. botWait is how
	// long a bot waits for a ring before another takes its place.
	botLife = 15 * sxp.Minute
	botWait = 90 * time.Second

	// botGoodbye bounds what all of them do at the end of the world.
	botGoodbye = 15 * time.Second

	// maxTries is how often bots play for the same offer of a person, when
	// nobody answered in time.
	maxTries = 3
)

// bots play the strangers who are missing: where a person's offer of one of
// the three kinds stands alone, they announce the others, accept every
// proposal that concerns them, and go when their ring has ended. They see what
// everybody sees, the public board, and are people like all others to it.
type bots struct {
	st      *stage
	roles   []botRole
	lookout *agent.Agent // reads the board
	all     []*bot
	seen    map[offerVersion]time.Time // since when people's offers stand
	tries   map[offerVersion]int       // what rings with bots they were in, weighted: maxTries is enough
	counted map[sxp.Hash]bool          // deals that are in tries
}

// A botRole is one place in the ring.
type botRole struct {
	Stranger
	thing market.Item
	want  market.Query
}

// An offerVersion is an offer as it was last edited.
type offerVersion struct {
	id      market.ItemID
	version uint64
}

// A given is what somebody gave in a ring.
type given struct {
	by   sxp.ID
	item string
}

// A bot is one agent with one offer.
type bot struct {
	role  int
	agent *agent.Agent
	id    sxp.ID
	item  market.ItemID
	born  time.Time
	busy  bool      // in a ring that is still open
	idle  time.Time // since when nobody waits for it; zero: somebody does
	ended time.Time // zero: it waits for a ring, or is in one
	down  bool      // its offer is off the board
	with  []sxp.ID  // who is in its open ring
	stop  context.CancelFunc
	done  chan struct{}
}

func newBots(ctx context.Context, st *stage) (*bots, error) {
	b := &bots{st: st, seen: make(map[offerVersion]time.Time), tries: make(map[offerVersion]int), counted: make(map[sxp.Hash]bool)}
	for _, s := range strangers() {
		thing, err := market.ParseItem(s.Offer)
		if err != nil {
			return nil, err
		}
		want, err := market.ParseQuery(s.Want)
		if err != nil {
			return nil, err
		}
		b.roles = append(b.roles, botRole{s, thing, want})
	}
	lookout, err := st.newAgent("the lookout", nil)
	if err != nil {
		return nil, err
	}
	b.lookout = lookout
	if _, err := agent.Call[agent.MarketView](ctx, lookout, "market.join", agent.JoinMarket{Link: st.report.Market}); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// next and last are the neighbours in the ring: a role wants what the next one
// has.
func (b *bots) next(role int) int { return (role + 1) % len(b.roles) }
func (b *bots) last(role int) int { return (role + len(b.roles) - 1) % len(b.roles) }

// roleOf returns the place in the ring that an offer could take, -1 for none.
func (b *bots) roleOf(v agent.AnnouncementView) int {
	for i := range b.roles {
		if b.roles[b.last(i)].want.Match(v.Item) && slices.ContainsFunc(v.Wants, func(w string) bool {
			q, err := market.ParseQuery(w)
			return err == nil && q.Match(b.roles[b.next(i)].thing)
		}) {
			return i
		}
	}
	return -1
}

// look does one round.
func (b *bots) look(ctx context.Context) error {
	ended, err := b.answer(ctx)
	if err != nil {
		return err
	}
	board, err := b.board(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	people := b.people(board, ended, now)
	for role, n := range b.missing(people, now) {
		for ; n > 0 && len(b.all) < maxBots; n-- {
			if err := b.enter(ctx, role); err != nil {
				return err
			}
		}
	}
	b.dismiss(ctx, people, now)
	return nil
}

// answer lets every bot accept what it is asked, and returns what was given in
// rings that have ended, with what that counts.
func (b *bots) answer(ctx context.Context) (ended map[given]int, err error) {
	ended = make(map[given]int)
	for _, p := range b.all {
		if !p.ended.IsZero() {
			continue
		}
		var deals []agent.DealView
		for _, op := range []string{"deals", "contracts"} {
			some, err := agent.Call[[]agent.DealView](ctx, p.agent, op, agent.None{})
			if err != nil {
				return nil, err
			}
			deals = append(deals, some...)
		}
		p.busy, p.with = false, nil
		for _, d := range deals {
			switch d.State {
			case "proposed":
				if _, err := agent.Call[agent.DealView](ctx, p.agent, "accept", agent.DealRef{Deal: d.ID.String()}); err != nil {
					b.st.cfg.Log.Warn("a bot could not accept", "bot", b.roles[p.role].Name, "err", err)
					continue
				}
				b.st.tell.event("%s accepts: %s", botName(b.roles[p.role]), ringText(d))
				p.busy = true
			case "accepted", "promised", "unsettled":
				p.busy = true
			default: // signed, declined, void, expired, refused
				b.count(d, ended)
				b.end(ctx, p)
			}
			for _, t := range d.Transfers {
				p.with = append(p.with, t.From)
			}
		}
	}
	return ended, nil
}

// count notes what was given in a ring that has ended: bots play for it again
// only where nobody answered in time.
func (b *bots) count(d agent.DealView, ended map[given]int) {
	if b.counted[d.ID] {
		return
	}
	b.counted[d.ID] = true
	n := maxTries
	if d.State == "expired" && sxp.TimeOf(time.Now()) >= d.SignBefore { // earlier: somebody declined
		n = 1
	}
	for _, t := range d.Transfers {
		ended[given{t.From, t.Item}] += n
	}
}

// board returns the offers that could be part of the ring.
func (b *bots) board(ctx context.Context) ([]agent.AnnouncementView, error) {
	var all []agent.AnnouncementView
	for i := range b.roles {
		some, err := agent.Call[[]agent.AnnouncementView](ctx, b.lookout, "search", agent.SearchMarket{Words: b.roles[i].Want, Direction: market.Offer, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, v := range some {
			if !slices.ContainsFunc(all, func(o agent.AnnouncementView) bool { return o.ID == v.ID }) {
				all = append(all, v)
			}
		}
	}
	return all, nil
}

// A waiting is a person's offer that could take a place in the ring.
type waiting struct {
	offerVersion
	role  int
	owner sxp.ID
	since time.Time
}

// people returns the offers of people that are in no open ring with bots, and
// for which bots have not played too often.
func (b *bots) people(board []agent.AnnouncementView, ended map[given]int, now time.Time) (all []waiting) {
	stands := make(map[offerVersion]bool)
	for _, v := range board {
		if slices.ContainsFunc(b.all, func(p *bot) bool { return p.id == v.Owner }) {
			continue
		}
		role := b.roleOf(v)
		if role < 0 {
			continue
		}
		o := offerVersion{v.ID, v.Version}
		stands[o] = true
		if _, known := b.seen[o]; !known {
			b.seen[o] = now
		}
		b.tries[o] += ended[given{v.Owner, v.Title}]
		inRing := slices.ContainsFunc(b.all, func(p *bot) bool { return p.busy && slices.Contains(p.with, v.Owner) })
		if !inRing && b.tries[o] < maxTries {
			all = append(all, waiting{o, role, v.Owner, b.seen[o]})
		}
	}
	for o := range b.seen {
		if !stands[o] {
			delete(b.seen, o)
			delete(b.tries, o)
		}
	}
	return all
}

// missing returns how many bots each place needs, so that there are as many
// rings as people wait at the most wanted place. Offers of people count at
// once where they fill a place, and after a while where they ask for others.
func (b *bots) missing(people []waiting, now time.Time) []int {
	rings, there, need := 0, make([]int, len(b.roles)), make([]int, len(b.roles))
	asking := make([]int, len(b.roles))
	for _, w := range people {
		there[w.role]++
		if now.Sub(w.since) >= b.st.cfg.BotsAfter {
			asking[w.role]++
			rings = max(rings, asking[w.role])
		}
	}
	for _, p := range b.all {
		if p.ended.IsZero() && !p.busy {
			there[p.role]++
		}
	}
	for role := range need {
		need[role] = max(0, rings-there[role])
	}
	return need
}

func botName(r botRole) string { return r.Name + " (bot)" }

// enter makes a bot with keys of its own and announces its offer.
func (b *bots) enter(ctx context.Context, role int) error {
	r := b.roles[role]
	a, err := b.st.newAgent(botName(r), nil)
	if err != nil {
		return err
	}
	p := &bot{role: role, agent: a, born: time.Now(), done: make(chan struct{})}
	run, stop := context.WithCancel(ctx)
	p.stop = stop
	go func() {
		defer close(p.done)
		if err := a.Run(run); err != nil && run.Err() == nil {
			b.st.broken <- err
		}
	}()
	fail := func(err error) error {
		p.close()
		return err
	}
	if _, err := agent.Call[agent.MarketView](ctx, a, "market.join", agent.JoinMarket{Link: b.st.report.Market}); err != nil {
		return fail(err)
	}
	who, err := agent.Call[agent.Status](ctx, a, "status", agent.None{})
	if err != nil {
		return fail(err)
	}
	v, err := agent.Call[agent.AnnouncementView](ctx, a, "offer", agent.Announce{Title: r.Offer, Wants: []string{r.Want}, For: botLife})
	if err != nil {
		return fail(err)
	}
	p.id, p.item = who.ID, v.ID
	b.all = append(b.all, p)
	b.st.tell.event("%s offers %s for %s", botName(r), r.Offer, r.Want)
	return nil
}

// end takes a bot's offer off the board; again where that failed before.
func (b *bots) end(ctx context.Context, p *bot) {
	if p.ended.IsZero() {
		p.ended = time.Now()
	}
	p.busy = false
	if p.down {
		return
	}
	_, err := agent.Call[agent.AnnouncementView](ctx, p.agent, "withdraw", agent.ItemRef{Item: p.item.String()})
	if p.down = err == nil || sxp.KindOf(err) == sxp.Conflict; !p.down && ctx.Err() == nil {
		b.st.cfg.Log.Warn("a bot's offer could not be withdrawn", "bot", b.roles[p.role].Name, "err", err)
	}
}

// dismiss ends bots whom nobody waits for any more, and lets those go whose
// rings ended a while ago.
func (b *bots) dismiss(ctx context.Context, people []waiting, now time.Time) {
	for _, p := range b.all {
		switch {
		case !p.busy && now.Sub(p.born) > botWait:
			b.end(ctx, p)
		case len(people) > 0 || p.busy:
			p.idle = time.Time{}
		case p.idle.IsZero():
			p.idle = now
		case now.Sub(p.idle) > botIdle:
			b.end(ctx, p)
		}
	}
	b.all = slices.DeleteFunc(b.all, func(p *bot) bool {
		gone := !p.ended.IsZero() && now.Sub(p.ended) > botLinger
		if gone {
			p.close()
		}
		return gone
	})
}

func (p *bot) close() {
	p.stop()
	<-p.done
	_ = p.agent.Close()
}

// close takes the bots' offers down and ends the bots.
func (b *bots) close() {
	ctx, stop := context.WithTimeout(context.Background(), botGoodbye)
	defer stop()
	var all sync.WaitGroup
	for _, p := range b.all {
		all.Go(func() {
			b.end(ctx, p)
			p.close()
		})
	}
	all.Wait()
	if b.lookout != nil {
		_ = b.lookout.Close()
	}
}
