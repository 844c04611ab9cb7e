package node

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
	"sxp/internal/kv"
	"sxp/market"
	"sxp/relay"
)

// Of a rating the node keeps what was signed, and lists it under whom it is
// about: complaints first, so that nobody hides them behind praise of their own
// making. ⚠ The list is apart from the texts, so that a page, or a reply, costs
// what it holds and not all that strangers have said of somebody.
const (
	keyRating      = "rating/"      // market/about/broken or kept/by/m: the rating's digest
	keyRatingText  = "ratingtext/"  // market/digest: a keptRating
	keyRatingEnd   = "ratingend/"   // market/until in 16 hex digits/rest of the key above
	keyRatingCount = "ratingcount/" // market, and market/by: how many, a number
)

// keptRating is a rating and its reply, both signed.
type keptRating struct {
	Raw       sxp.Bytes `json:"raw"`
	Reply     sxp.Bytes `json:"reply,omitempty"`
	Published sxp.Time  `json:"published"` // as in the rating
	Replied   sxp.Time  `json:"replied,omitempty"`
}

func (k *keptRating) until() sxp.Time { return k.Published.Add(market.MaxLife) }

// addRatings serves what parties of contracts say of each other.
func (n *Node) addRatings() {
	relay.Serve(n.router, market.RequestRate, func(_ context.Context, now sxp.Time, from sxp.ID, _ []byte, r market.Put) (bool, error) {
		err := n.takeRating(now, from, r.Market, r.Message)
		return err == nil, err
	})
	relay.Serve(n.router, market.RequestRatings, func(_ context.Context, now sxp.Time, _ sxp.ID, _ []byte, r market.AskRatings) (market.Ratings, error) {
		if _, err := n.host.Board(r.Market); err != nil {
			return market.Ratings{}, err
		}
		return n.ratingsOf(now, r)
	})
}

// takeRating keeps a rating or a reply for whoever wrote it, if the market
// takes them: that somebody signed a contract with somebody is told by nobody
// else.
func (n *Node) takeRating(now sxp.Time, from, id sxp.ID, raw []byte) error {
	const op = "node.rating"
	b, err := n.host.Board(id)
	if err != nil {
		return err
	}
	c, _, err := b.Charter()
	if err != nil {
		return err
	}
	if c.Node.ID != n.ID() {
		return sxp.Errorf(op, sxp.Unavailable, id, "this market has moved to %s", c.Node.Address)
	}
	if !c.Admits(from) {
		return sxp.Errorf(op, sxp.Denied, from, "%q takes ratings of its people only", c.Name)
	}
	if contract.TypeOf(raw) == rating.TypeReply {
		return n.takeReply(now, from, id, raw)
	}
	r, err := rating.Open(raw)
	switch {
	case err != nil:
		return err
	case r.By != from:
		return sxp.Errorf(op, sxp.Denied, from, "who wrote a rating publishes it, this is by %s", r.By.Short())
	case r.Published > now.Add(sxp.ClockSkew):
		return sxp.Errorf(op, sxp.Clock, r.Digest, "it was written at %v, which has not come: this node's clock shows %v; set the clock that is wrong", r.Published, now)
	case r.Published.Add(market.MaxLife) <= now:
		return sxp.Errorf(op, sxp.Late, r.Digest, "ratings are shown for %d days", market.MaxLife/sxp.Day)
	}
	return n.p.KV.Update(func(tx kv.Tx) error { return putRating(tx, id, r, raw) })
}

// ratingRest is the part of a rating's key behind the market.
func ratingRest(r *rating.Opened, kept bool) string {
	return fmt.Sprintf("%s/%s/%s/%s", r.About, map[bool]string{false: "broken", true: "kept"}[kept], r.By, r.M)
}

// putRating keeps a rating in place of an earlier one by the same person of
// the same contract and party. The reply to that one goes with it.
func putRating(tx kv.Tx, id sxp.ID, r *rating.Opened, raw []byte) error {
	const op = "node.rating"
	prefix := keyRating + id.String() + "/"
	isNew := true
	for _, kept := range []bool{false, true} {
		rest := ratingRest(r, kept)
		digest, err := digestOf(tx.Get(prefix + rest))
		switch {
		case err != nil:
			return err
		case digest.IsZero():
			continue
		case digest == r.Digest:
			return nil
		}
		old, err := ratingText(tx, id, digest)
		if err != nil {
			return err
		}
		if old.Published > r.Published || old.Published == r.Published && digest.String() > r.Digest.String() {
			return sxp.Errorf(op, sxp.Replay, r.Digest, "a later one of yours is here")
		}
		if err := dropRating(tx, id, rest, digest, old); err != nil {
			return err
		}
		isNew = false
	}
	of := id.String() + "/" + r.By.String()
	all, own := ratingCount(tx, id.String()), ratingCount(tx, of)
	switch {
	case isNew && own >= maxRatingsBy:
		return sxp.Errorf(op, sxp.Full, r.By, "one person publishes at most %d ratings at a market", maxRatingsBy)
	case isNew && all >= maxRatings:
		return sxp.Errorf(op, sxp.Full, id, "this market shows %d ratings, which is as many as its node keeps", maxRatings)
	}
	k := &keptRating{Raw: raw, Published: r.Published}
	rest := ratingRest(r, r.Kept())
	if err := storeRating(tx, id, r.Digest, k); err != nil {
		return err
	}
	return errors.Join(
		tx.Put(prefix+rest, r.Digest[:]),
		tx.Put(ratingEnd(id, rest, k), nil),
		tx.Put(keyRatingCount+id.String(), fmt.Append(nil, all+1)),
		tx.Put(keyRatingCount+of, fmt.Append(nil, own+1)),
	)
}

func storeRating(tx kv.Tx, id sxp.ID, digest sxp.Hash, k *keptRating) error {
	b, err := envelope.Marshal(k)
	if err != nil {
		return err
	}
	return tx.Put(ratingKey(id, digest), b)
}

func ratingKey(id sxp.ID, digest sxp.Hash) string {
	return keyRatingText + id.String() + "/" + digest.String()
}

// ratingText reads a rating and its reply; it fails with sxp.NotFound where
// there is none.
func ratingText(tx kv.Tx, id sxp.ID, digest sxp.Hash) (*keptRating, error) {
	b := tx.Get(ratingKey(id, digest))
	if b == nil {
		return nil, sxp.Errorf("node.rating", sxp.NotFound, digest, "no such rating is shown here")
	}
	k := new(keptRating)
	return k, envelope.Unmarshal(b, k)
}

// digestOf reads an entry of the list; zero where there is nothing.
func digestOf(b []byte) (digest sxp.Hash, err error) {
	if b != nil && copy(digest[:], b) != len(b) {
		err = sxp.Errorf("node.rating", sxp.Internal, nil, "the list of ratings is damaged")
	}
	return digest, err
}

func ratingEnd(id sxp.ID, rest string, k *keptRating) string {
	return fmt.Sprintf("%s%s/%016x/%s", keyRatingEnd, id, int64(k.until()), rest)
}

func ratingCount(tx kv.Tx, of string) (count int) {
	fmt.Sscan(string(tx.Get(keyRatingCount+of)), &count)
	return count
}

// dropRating deletes a rating with its reply, and counts.
func dropRating(tx kv.Tx, id sxp.ID, rest string, digest sxp.Hash, k *keptRating) error {
	errs := []error{tx.Delete(keyRating + id.String() + "/" + rest), tx.Delete(ratingKey(id, digest)), tx.Delete(ratingEnd(id, rest, k))}
	by := strings.Split(rest, "/")[2]
	for _, of := range []string{id.String(), id.String() + "/" + by} {
		if left := ratingCount(tx, of) - 1; left > 0 {
			errs = append(errs, tx.Put(keyRatingCount+of, fmt.Append(nil, left)))
		} else {
			errs = append(errs, tx.Delete(keyRatingCount+of))
		}
	}
	return errors.Join(errs...)
}

// takeReply keeps what somebody answers to a rating that is shown here.
func (n *Node) takeReply(now sxp.Time, from, id sxp.ID, raw []byte) error {
	const op = "node.rating"
	var said rating.Reply
	if _, err := envelope.Open(raw, rating.TypeReply, &said); err != nil {
		return err
	}
	if said.At > now.Add(sxp.ClockSkew) {
		return sxp.Errorf(op, sxp.Clock, said.Rating, "it was written at %v, which has not come: this node's clock shows %v; set the clock that is wrong", said.At, now)
	}
	find := func(tx kv.Tx) (*keptRating, error) { return ratingText(tx, id, said.Rating) }
	var k *keptRating
	err := n.p.KV.View(func(tx kv.Tx) (err error) { k, err = find(tx); return err })
	if err != nil {
		return err
	}
	to, err := rating.Open(k.Raw)
	if err != nil {
		return err
	}
	if to.About != from {
		return sxp.Errorf(op, sxp.NotFound, said.Rating, "no such rating of you is shown here: only who was rated replies")
	}
	if _, err := rating.OpenReply(raw, to); err != nil {
		return err
	}
	return n.p.KV.Update(func(tx kv.Tx) error { // nothing slow: a juror may wait to write
		k, err := find(tx)
		if err != nil || k.Replied >= said.At {
			return err // the same one again, or an earlier one
		}
		k.Reply, k.Replied = raw, said.At
		return storeRating(tx, id, said.Rating, k)
	})
}

// errEnough ends a scan.
var errEnough = errors.New("enough")

// ratingsOf answers who reads what is said of somebody, complaints first.
func (n *Node) ratingsOf(now sxp.Time, r market.AskRatings) (out market.Ratings, err error) {
	size := 0
	prefix := keyRating + r.Market.String() + "/" + r.About.String() + "/"
	err = n.p.KV.View(func(tx kv.Tx) error {
		last := ""
		return tx.Scan(prefix, func(key string, value []byte) error {
			rest := key[len(prefix):]
			if rest <= r.After {
				return nil
			}
			digest, err := digestOf(value)
			if err != nil {
				return err
			}
			k, err := ratingText(tx, r.Market, digest)
			if err != nil {
				return err
			}
			if k.until() <= now {
				return nil
			}
			if size += len(k.Raw) + len(k.Reply); size > market.MaxPageBytes && last != "" {
				out.Next = last
				return errEnough
			}
			last = rest
			out.Messages = append(out.Messages, k.Raw)
			if k.Reply != nil {
				out.Messages = append(out.Messages, k.Reply)
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

// sweepRatings deletes the ratings that are shown no longer.
func (n *Node) sweepRatings(now sxp.Time, id sxp.ID) error {
	return n.p.KV.Update(func(tx kv.Tx) error {
		var dead []string
		prefix := keyRatingEnd + id.String() + "/"
		err := tx.Scan(prefix, func(key string, _ []byte) error {
			if key[len(prefix):] > fmt.Sprintf("%016x/~", int64(now)) || len(dead) == market.MaxPage {
				return errEnough
			}
			dead = append(dead, key[len(prefix)+17:])
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		for _, rest := range dead {
			digest, err := digestOf(tx.Get(keyRating + id.String() + "/" + rest))
			if err != nil {
				return err
			}
			k, err := ratingText(tx, id, digest)
			if err != nil {
				return err
			}
			if err := dropRating(tx, id, rest, digest, k); err != nil {
				return err
			}
		}
		return nil
	})
}
