package world

import (
	"context"
	"io"
	"os"
	"time"

	"sxp"
	"sxp/deal/tm"
	"sxp/market"
)

// A ChurnConfig says what Churn simulates. Zero fields have the meaning that is
// given with them.
type ChurnConfig struct {
	People int           // who come, evenly over the first half of the time; 0: 40
	Span   sxp.Duration  // how long people live; 0: 7 days
	Types  int           // sorts of things, the k-th asked for in proportion to 1/k; 0: 12
	Jury   int           // jurors per contract, odd; 0: 3
	Seed   uint64        // what is random follows from it
	Deals  *market.Deals // what the market declares; nil: nothing

	Out      io.Writer // the report as one line of JSON; nil: nothing
	Progress io.Writer // what is being done; nil: os.Stderr
}

// A ChurnReport says how a market went through the coming and going of its
// people. Everything but Seconds follows from the options.
type ChurnReport struct {
	People    int `json:"people"`
	Announced int `json:"announced"` // offers, gifts and needs
	Edited    int `json:"edited"`
	Withdrawn int `json:"withdrawn"` // by their owners
	Held      int `json:"held"`      // edits and withdrawals that agents refused, because of a deal under way
	Left      int `json:"left"`      // people who left for ever, some in the middle of a signing
	Absences  int `json:"absences"`  // how often people were offline for hours

	Proposed  int `json:"proposed"`  // deals
	Chains    int `json:"chains"`    // of them from a gift
	Closed    int `json:"closed"`    // contracts
	Items     int `json:"items"`     // that changed hands by them
	Traders   int `json:"traders"`   // people in them
	Declined  int `json:"declined"`  // deals that somebody did not want
	Refused   int `json:"refused"`   // deals that an agent could not accept any more, because of an edit or withdrawal
	Expired   int `json:"expired"`   // deals that somebody did not answer
	Void      int `json:"void"`      // deals that the jury ended
	Open      int `json:"open"`      // deals without an end when the time was over
	Conflicts int `json:"conflicts"` // things that went into two contracts: must be 0
	Unfair    int `json:"unfair"`    // people who stayed and lack a contract that another holds: must be 0

	Freed  int          `json:"freed"`   // people whose deal another one declined
	Again  int          `json:"again"`   // of them, who were found for another deal
	AtOnce int          `json:"at_once"` // within a minute
	Second sxp.Duration `json:"second"`  // until that, in the middle
	Waited sxp.Duration `json:"waited"`  // from an announcement to its contract, in the middle
	Nine   sxp.Duration `json:"nine"`    // at most, for nine of ten

	Seconds float64 `json:"seconds"` // of real time
}

// Times of a life.
const (
	lifeEvery   = 10 * sxp.Hour   // between two things that somebody does, on average
	longAbsence = 24 * sxp.Hour   // nobody is offline longer and comes back
	churnD      = 6 * sxp.Hour    // D of the roll
	settleFor   = 24 * sxp.Hour   // after the last proposal, so that everything has ended
	lifeStep    = 10 * sxp.Minute // the least time between two things that somebody does
	defaultSpan = 7 * sxp.Day
	churnLife   = 20 * sxp.Day // how long an announcement stands
)

func (c *ChurnConfig) prepare() error {
	if c.People == 0 {
		c.People = 40
	}
	if c.Span == 0 {
		c.Span = defaultSpan
	}
	if c.Types == 0 {
		c.Types = 12
	}
	if c.Jury == 0 {
		c.Jury = 3
	}
	if c.Progress == nil {
		c.Progress = os.Stderr
	}
	const op = "world.Churn"
	switch {
	case c.People < 2 || c.People > 100_000:
		return sxp.Errorf(op, sxp.Invalid, nil, "2 to 100000 people make a market, not %d", c.People)
	case c.Span < sxp.Hour || c.Span > 400*sxp.Day:
		return sxp.Errorf(op, sxp.Invalid, nil, "people live for an hour to 400 days, not %v", c.Span)
	case c.Types < 2 || c.Types > 999:
		return sxp.Errorf(op, sxp.Invalid, nil, "2 to 999 sorts of things, not %d", c.Types)
	case c.Jury < 1 || c.Jury > sxp.MaxJury || c.Jury%2 == 0:
		return sxp.Errorf(op, sxp.Invalid, nil, "a jury has an odd number of 1 to %d jurors, not %d", sxp.MaxJury, c.Jury)
	}
	return nil
}

// A villager is a citizen who comes and goes.
type villager struct {
	*citizen
	rand  *seeded
	comes sxp.Time
	here  bool // has joined
	life  sxp.Time
	back  sxp.Time // from an absence
}

// A churn is one run of Churn.
type churn struct {
	*sim
	cfg       ChurnConfig
	villagers []*villager
	ends      sxp.Time // of lives; then everything settles
	rep       *ChurnReport
	since     map[market.ItemID]sxp.Time // announced
	declined  map[sxp.Hash]decline
}

type decline struct {
	by sxp.ID
	at sxp.Time
}

// Churn lets people come and go on a market whose node proposes rings, in
// simulated time, with the product's agents and nodes. It fails where ctx ends
// and where the simulation itself breaks; conflicts and unfair outcomes are
// figures of the report.
func Churn(ctx context.Context, cfg ChurnConfig) (*ChurnReport, error) {
	start := time.Now()
	if err := cfg.prepare(); err != nil {
		return nil, err
	}
	show := newProgress(cfg.Progress)
	defer show.close()
	trade := TradeConfig{Seed: cfg.Seed, Jury: cfg.Jury, File: "churn", Progress: cfg.Progress, horizon: churnD, finds: true, deals: cfg.Deals}
	if err := trade.prepare(); err != nil {
		return nil, err
	}
	s, err := newSim(ctx, trade, new(tm.List), show)
	if err != nil {
		return nil, err
	}
	defer s.close()
	c := &churn{sim: s, cfg: cfg, rep: &ChurnReport{People: cfg.People}, since: map[market.ItemID]sxp.Time{}, declined: map[sxp.Hash]decline{}}
	if err := c.live(ctx); err != nil {
		return nil, err
	}
	if err := c.judge(ctx); err != nil {
		return nil, err
	}
	c.rep.Seconds = time.Since(start).Seconds()
	show.close()
	if cfg.Out != nil {
		return c.rep, writeJSON(cfg.Out, c.rep)
	}
	return c.rep, nil
}

// live founds the market and lets time pass.
func (c *churn) live(ctx context.Context) error {
	if err := c.foundMarket(ctx); err != nil {
		return err
	}
	c.ends = c.clock.Add(c.cfg.Span)
	if err := c.addVillagers(ctx); err != nil {
		return err
	}
	c.wakeMachines()
	c.show.phase("living", 100)
	start, end := c.clock, c.ends.Add(settleFor)
	return c.loop(ctx, end, func() {
		c.show.at(int(100*c.clock.Sub(start)/end.Sub(start)), 100, "% of simulated time, "+c.clock.Std().Format("Mon 15:04"))
	})
}

// addVillagers makes everybody's keys; they come one after the other.
func (c *churn) addVillagers(ctx context.Context) error {
	c.show.phase("making keys", c.cfg.People)
	c.villagers = make([]*villager, c.cfg.People)
	errs := make([]error, c.cfg.People)
	parallel(c.cfg.People, func(i int) {
		cit, err := c.newCitizen(i, person{name: nameOf(i)})
		c.villagers[i], errs[i] = &villager{citizen: cit, rand: newSeeded(c.cfg.Seed, "life "+nameOf(i))}, err
	})
	for i, v := range c.villagers {
		if errs[i] != nil {
			return errs[i]
		}
		v.comes = c.clock.Add(c.cfg.Span / 2 * sxp.Duration(i) / sxp.Duration(c.cfg.People))
		v.actor = c.addActor(func(ctx context.Context) (sxp.Time, error) { return c.step(ctx, v) })
		c.byID[v.id()] = v.citizen
		c.folk = append(c.folk, v.citizen)
		c.queue.schedule(v.actor, max(v.comes, c.clock+1))
	}
	return ctx.Err()
}
