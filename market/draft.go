package market

import (
	"io"

	"sxp"
)

// DefaultLife is how long an announcement stands where its owner says nothing.
const DefaultLife = 90 * sxp.Day

// NewNonce draws the nonce of a new announcement or group.
func NewNonce(rand io.Reader) (Nonce, error) {
	var n Nonce
	if _, err := io.ReadFull(rand, n[:]); err != nil {
		return Nonce{}, sxp.Errorf("market.NewNonce", sxp.Internal, nil, "no randomness: %w", err)
	}
	return n, nil
}

// A Draft has what is the same for everything that one person announces on
// one market.
type Draft struct {
	Market sxp.ID
	Owner  sxp.ID
	Now    sxp.Time
	Life   sxp.Duration // 0: DefaultLife
}

// Offer returns an announcement of an item in the words of a person, and of
// what is accepted in return: see [ParseItem] and [ParseWant]. Without wants
// it is exchanged for anything that meets one of the owner's needs.
func (d Draft) Offer(nonce Nonce, item string, wants ...string) (Announcement, error) {
	it, err := ParseItem(item)
	if err != nil {
		return Announcement{}, err
	}
	a := d.start(Offer, nonce, it)
	for _, text := range wants {
		w, err := ParseWant(text)
		if err != nil {
			return Announcement{}, err
		}
		a.Wants = append(a.Wants, w)
	}
	return a, a.Validate()
}

// Gift returns an announcement of an item, in the words of a person, that its
// owner gives away for nothing: see [ParseItem].
func (d Draft) Gift(nonce Nonce, item string) (Announcement, error) {
	it, err := ParseItem(item)
	if err != nil {
		return Announcement{}, err
	}
	a := d.start(Gift, nonce, it)
	return a, a.Validate()
}

// Need returns an announcement of what a person needs, in their words: see
// [ParseQuery]. Unless the words say otherwise, any kind of item meets it.
func (d Draft) Need(nonce Nonce, text string) (Announcement, error) {
	q, err := ParseQuery(text)
	if err != nil {
		return Announcement{}, err
	}
	it, err := ParseItem(text)
	if err != nil {
		return Announcement{}, err
	}
	a := d.start(Need, nonce, it)
	a.Query = &q
	return a, a.Validate()
}

func (d Draft) start(dir Direction, nonce Nonce, it Item) Announcement {
	return Announcement{
		Market: d.Market, Owner: d.Owner, Nonce: nonce, Version: 1, Direction: dir, Item: &it,
		Created: d.Now, Expires: d.Now.Add(d.life()),
	}
}

func (d Draft) life() sxp.Duration {
	if d.Life == 0 {
		return DefaultLife
	}
	return d.Life
}

// Edit returns the next version of an announcement, to be changed and signed.
// It starts a new life.
func (d Draft) Edit(a Announcement) Announcement {
	a.Version++
	a.Since, a.Created, a.Expires = a.First(), d.Now, d.Now.Add(d.life())
	if a.Item != nil {
		it := a.Item.Clone()
		a.Item = &it
	}
	a.Wants = append([]Want(nil), a.Wants...)
	if a.Source != nil {
		s := *a.Source
		a.Source = &s
	}
	return a
}

// Withdraw returns the version that takes an announcement back. It stands
// until the announcement would have expired.
func (d Draft) Withdraw(a Announcement) Announcement {
	a.Version++
	a.Item, a.Query, a.Wants, a.Source, a.Withdrawn = nil, nil, nil, nil, true
	a.Since = a.First()
	a.Created, a.Expires = d.Now, max(a.Expires, d.Now.Add(sxp.Day))
	return a
}

// WithdrawGroup is Withdraw for a group.
func (d Draft) WithdrawGroup(g Group) Group {
	g.Version++
	g.K, g.Wants, g.Withdrawn = 0, nil, true
	g.Created, g.Expires = d.Now, max(g.Expires, d.Now.Add(sxp.Day))
	return g
}
