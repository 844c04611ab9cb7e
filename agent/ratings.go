package agent

import (
	"context"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/market"
)

// PublishRating asks "rating.publish" to show a rating or reply that this
// person wrote at a market. ⚠ Everybody can read it, and with it who made that
// contract together.
type PublishRating struct {
	Market  string    `json:"market,omitempty"` // by number, name or id
	Message sxp.Bytes `json:"message"`          // of "rate" or "rated"
}

// RatingsOf asks "ratings" for what is said of somebody.
type RatingsOf struct {
	ID     sxp.ID `json:"id"`
	Market string `json:"market,omitempty"` // by number, name, id or link
}

// RatingsView answers "ratings": what this device has verified, of what a
// market shows and of what is kept here of own contracts. There is no score.
type RatingsView struct {
	ID        sxp.ID       `json:"id"`
	Contracts int          `json:"contracts"` // different ones that somebody rated
	Kept      int          `json:"kept"`      // of those: all who rated say that everything was given
	Broken    int          `json:"broken"`    // of those: nobody says so
	Disputed  int          `json:"disputed"`  // the others
	People    int          `json:"people"`    // different people who say it
	Known     int          `json:"known"`     // of those: contacts, and who has signed a contract with this person
	List      []RatingView `json:"list"`      // those that count, complaints first, then the newest first
	More      bool         `json:"more"`      // the market has further ones, which were not read
}

// RatingView is one rating.
type RatingView struct {
	By        sxp.ID   `json:"by"`
	ByName    string   `json:"byName"` // as their card says
	Known     bool     `json:"known"`  // as in RatingsView
	Mine      bool     `json:"mine"`   // this person wrote it
	Own       bool     `json:"own"`    // of a contract that this device holds, and checked against it
	Kept      bool     `json:"kept"`   // all that they were to give was given
	Text      string   `json:"text,omitempty"`
	Reply     string   `json:"reply,omitempty"` // of who was rated
	M         sxp.Hash `json:"m"`               // of the contract: what all signed
	Published sxp.Time `json:"published"`       // the author's clock
}

// publishRating does "rating.publish".
func (a *Agent) publishRating(ctx context.Context, in PublishRating) (none None, err error) {
	m, err := a.findMarket(in.Market)
	if err != nil {
		return none, err
	}
	client, err := a.client(m)
	if err != nil {
		return none, err
	}
	return none, client.Rate(ctx, in.Message)
}

// ratings does "ratings". What a node says is believed as far as it is signed;
// it can hide ratings, and none can be made without who is rated.
func (a *Agent) ratings(ctx context.Context, in RatingsOf) (v RatingsView, err error) {
	messages, err := a.keptRatings()
	if err != nil {
		return v, err
	}
	shown, more, err := a.ratingsAt(ctx, in)
	if err != nil {
		return v, err
	}
	v = RatingsView{ID: in.ID, List: []RatingView{}, More: more}
	var all []*rating.Opened
	seen, replies := map[sxp.Hash]bool{}, []sxp.Bytes{}
	for _, raw := range append(messages, shown...) {
		if contract.TypeOf(raw) == rating.TypeReply {
			replies = append(replies, raw)
			continue
		}
		r, err := rating.Open(raw)
		if err != nil || r.About != in.ID || seen[r.Digest] {
			continue
		}
		all, seen[r.Digest] = append(all, r), true
	}
	said, replied := map[sxp.Hash]string{}, map[sxp.Hash]bool{}
	for digest, reply := range rating.Replies(all, replies) {
		said[digest], replied[digest] = reply.Text, true
	}
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	all, own := a.fitting(all)
	t := rating.Count(in.ID, all, replied)
	v.Contracts, v.Kept, v.Broken, v.Disputed, v.People = t.Contracts, t.Kept, t.Broken, t.Disputed, t.People
	known, people := a.acquainted(), map[sxp.ID]bool{}
	latest := rating.Latest(all)
	for _, kept := range []bool{false, true} {
		for i := len(latest) - 1; i >= 0; i-- {
			r := latest[i]
			if r.Kept() != kept {
				continue
			}
			x := RatingView{By: r.By, Known: known[r.By], Mine: r.By == a.ID(), Own: own[r.M], Kept: kept, Text: r.Text, Reply: said[r.Digest], M: r.M, Published: r.Published}
			for _, c := range r.Parties {
				if c.ID == r.By {
					x.ByName = c.Label
				}
			}
			if x.Known && !people[r.By] {
				people[r.By] = true
				v.Known++
			}
			v.List = append(v.List, x)
		}
	}
	return v, nil
}

// keptRatings returns the ratings and replies that are kept here.
func (a *Agent) keptRatings() (all []sxp.Bytes, err error) {
	err = a.mem.view(func(t *tx) error {
		return scan(t, keyRating, func(_ string, raw *sxp.Bytes) error {
			all = append(all, *raw)
			return nil
		})
	})
	return all, err
}

// ratingsAt reads what a market shows, complaints first, as much as is
// verified in a moment.
func (a *Agent) ratingsAt(ctx context.Context, in RatingsOf) (all []sxp.Bytes, more bool, err error) {
	m, err := a.marketOf(ctx, in.Market)
	if err != nil {
		return nil, false, err
	}
	at, err := m.node()
	if err != nil {
		return nil, false, err
	}
	who, err := a.reader(m)
	if err != nil {
		return nil, false, err
	}
	client := market.NewClient(a.caller(at), who, at.ID, m.ID, a.now, a.cfg.Rand)
	for after := ""; ; {
		page, next, err := client.Ratings(ctx, in.ID, after)
		if err != nil {
			return nil, false, err
		}
		all = append(all, page...)
		switch {
		case len(all) > maxRatingsRead:
			return all[:maxRatingsRead], true, nil
		case next == "" || len(page) == 0:
			return all, false, nil
		}
		after = next
	}
}

// fitting leaves out the ratings of own contracts that mark what is not in
// them, and says of which contracts the others are. Each contract is verified
// once: who was in it chooses how many ratings of it a node shows.
func (a *Agent) fitting(all []*rating.Opened) (fit []*rating.Opened, own map[sxp.Hash]bool) {
	own = map[sxp.Hash]bool{}
	reports := map[sxp.Hash]*contract.Report{}
	for _, r := range all {
		report, seen := reports[r.M]
		if !seen {
			var err error
			if _, report, err = a.reportOf(r.M); err != nil {
				report = nil
			}
			reports[r.M] = report
		}
		switch {
		case report == nil:
			fit = append(fit, r)
		case r.Of(report) == nil:
			fit, own[r.M] = append(fit, r), true
		}
	}
	return fit, own
}

// acquainted returns contacts, this person, and who has signed a contract with
// them.
func (a *Agent) acquainted() map[sxp.ID]bool {
	known := map[sxp.ID]bool{a.ID(): true}
	for _, l := range a.live {
		if l.s.View().Phase == contract.PhaseDone {
			for _, c := range l.s.Proposal().Cards {
				known[c.ID] = true
			}
		}
	}
	if err := a.mem.view(func(t *tx) error {
		return scan(t, keyPeer, func(key string, p *peer) error {
			if id, err := sxp.ParseID(key[len(keyPeer):]); err == nil && p.Contact {
				known[id] = true
			}
			return nil
		})
	}); err != nil {
		a.log.Warn("who is known here cannot be read", "err", err)
	}
	return known
}
