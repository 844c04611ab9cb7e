package agent

import (
	"fmt"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/identity"
)

// differences lists what a proposal changes against an earlier one, for people:
// each as a sentence that stands alone. Times count as changed where they
// differ after what both say of the time to sign, since a later proposal has
// later dates.
func differences(old, now *contract.OpenedProposal) []Difference {
	c := &comparison{old: old, now: now, paired: make([]int, len(now.Terms.Transfers)), used: make([]bool, len(old.Terms.Transfers))}
	for i := range c.paired {
		c.paired[i] = -1
	}
	c.people()
	c.pair()
	c.transfers()
	c.rest()
	return c.out
}

type comparison struct {
	old, now *contract.OpenedProposal
	paired   []int  // for each transfer of now, the one of old that it continues; -1: none
	used     []bool // of old
	out      []Difference
}

func (c *comparison) add(d Difference, format string, args ...any) {
	d.Text = fmt.Sprintf(format, args...)
	c.out = append(c.out, d)
}

// people compares who signs.
func (c *comparison) people() {
	var before, after []string
	for _, card := range c.old.Cards {
		if _, ok := c.now.Party(card.ID); !ok {
			before = append(before, label(card))
		}
	}
	for _, card := range c.now.Cards {
		if _, ok := c.old.Party(card.ID); !ok {
			after = append(after, label(card))
		}
	}
	if len(before) > 0 {
		c.add(Difference{What: "people", Before: strings.Join(before, ", ")}, "Not in it any more: %s.", strings.Join(before, ", "))
	}
	if len(after) > 0 {
		c.add(Difference{What: "people", After: strings.Join(after, ", ")}, "New in it: %s.", strings.Join(after, ", "))
	}
}

// pair finds for each transfer the one that it continues: the closest first.
func (c *comparison) pair() {
	type test func(o, n *contract.Transfer) bool
	same := func(o, n *contract.Transfer) bool { return sameItem(o.Item, n.Item) && o.ItemRef == n.ItemRef }
	alike := func(o, n *contract.Transfer) bool {
		return !o.ItemRef.IsZero() && o.ItemRef == n.ItemRef || o.Item.Title == n.Item.Title && o.Item.Currency == n.Item.Currency && o.Item.Kind == n.Item.Kind
	}
	from := func(o, n *contract.Transfer) bool { return c.old.Cards[o.From].ID == c.now.Cards[n.From].ID }
	to := func(o, n *contract.Transfer) bool { return c.old.Cards[o.To].ID == c.now.Cards[n.To].ID }
	for _, fits := range []test{
		func(o, n *contract.Transfer) bool { return same(o, n) && from(o, n) && to(o, n) },
		func(o, n *contract.Transfer) bool { return alike(o, n) && from(o, n) && to(o, n) },
		func(o, n *contract.Transfer) bool { return same(o, n) && (from(o, n) || to(o, n)) },
		func(o, n *contract.Transfer) bool { return alike(o, n) && (from(o, n) || to(o, n)) },
	} {
		for i := range c.now.Terms.Transfers {
			for k := range c.old.Terms.Transfers {
				if c.paired[i] < 0 && !c.used[k] && fits(&c.old.Terms.Transfers[k], &c.now.Terms.Transfers[i]) {
					c.paired[i], c.used[k] = k, true
				}
			}
		}
	}
}

func (c *comparison) transfers() {
	for i := range c.now.Terms.Transfers {
		n := &c.now.Terms.Transfers[i]
		if c.paired[i] < 0 {
			line := move(n, c.now)
			c.add(Difference{What: "transfer", After: line, Transfer: i + 1}, "New: %s, due %s.", line, utc(n.Due))
			continue
		}
		c.transfer(&c.old.Terms.Transfers[c.paired[i]], n, i+1)
	}
	for k := range c.old.Terms.Transfers {
		if !c.used[k] {
			line := move(&c.old.Terms.Transfers[k], c.old)
			c.add(Difference{What: "transfer", Before: line}, "Not any more: %s.", line)
		}
	}
}

// transfer compares one transfer with the one that it continues.
func (c *comparison) transfer(o, n *contract.Transfer, number int) {
	giver, taker := label(c.now.Cards[n.From]), label(c.now.Cards[n.To])
	item := n.Item.String()
	if was := o.Item.String(); was != item {
		c.add(Difference{What: "item", Before: was, After: item, Transfer: number}, "%s gives %s to %s, instead of %s.", giver, item, taker, was)
	} else if !sameItem(o.Item, n.Item) || o.ItemRef != n.ItemRef {
		c.add(Difference{What: "item", Before: was, After: item, Transfer: number}, "What is said of %q, which %s gives to %s, is not the same: read it again.", item, giver, taker)
	}
	if was := c.old.Cards[o.From]; was.ID != c.now.Cards[n.From].ID {
		c.add(Difference{What: "giver", Before: label(was), After: giver, Transfer: number}, "%s gives %s to %s, instead of %s.", giver, item, taker, label(was))
	}
	if was := c.old.Cards[o.To]; was.ID != c.now.Cards[n.To].ID {
		c.add(Difference{What: "taker", Before: label(was), After: taker, Transfer: number}, "%s gives %s to %s, instead of to %s.", giver, item, taker, label(was))
	}
	if before, after := o.Due.Sub(c.old.Deadline), n.Due.Sub(c.now.Deadline); apart(before, after) {
		c.add(Difference{What: "due", Before: utc(o.Due), After: utc(n.Due), Transfer: number},
			"%s gives %s to %s by %s, instead of by %s.", giver, item, taker, utc(n.Due), utc(o.Due))
	}
	if o.Delivery != n.Delivery {
		c.clause("delivery", fmt.Sprintf("The delivery of %s from %s to %s", item, giver, taker), o.Delivery, n.Delivery, number)
	}
}

// rest compares what is not in the transfers.
func (c *comparison) rest() {
	o, n := &c.old.Terms, &c.now.Terms
	if o.Title != n.Title {
		c.add(Difference{What: "title", Before: o.Title, After: n.Title}, "It is called %q, instead of %q.", n.Title, o.Title)
	}
	for _, x := range []struct{ what, subject, before, after string }{
		{"notes", "The notes", o.Notes, n.Notes},
		{"breach", "The clause about breach", o.Breach, n.Breach},
		{"conflict", "The clause about conflict", o.Conflict, n.Conflict},
		{"law", "The clause about law", o.Law, n.Law},
	} {
		if x.before != x.after {
			c.clause(x.what, x.subject, x.before, x.after, 0)
		}
	}
	if before, after := referee(c.old), referee(c.now); before != after {
		c.add(Difference{What: "jury", Before: before, After: after}, "It is refereed by %s, instead of by %s.", after, before)
	}
	if before, after := c.old.Deadline.Sub(c.old.Created), c.now.Deadline.Sub(c.now.Created); apart(before, after) {
		c.add(Difference{What: "deadline", Before: before.String(), After: after.String()}, "The time to sign is %v, instead of %v.", after, before)
	}
}

// clause says how a text changed. Quoted in full only where both are short:
// the contract itself is there to be read.
func (c *comparison) clause(what, subject, before, after string, number int) {
	d := Difference{What: what, Before: before, After: after, Transfer: number}
	switch {
	case before == "":
		c.add(d, "%s: new: %q.", subject, short(after))
	case after == "":
		c.add(d, "%s: not there any more: %q.", subject, short(before))
	default:
		c.add(d, "%s: now %q, instead of %q.", subject, short(after), short(before))
	}
}

// referee says who completes the contract when somebody vanishes.
func referee(p *contract.OpenedProposal) string {
	switch {
	case p.Mode == contract.Notary:
		return "one notary"
	case p.N == 1:
		return "one juror"
	}
	return fmt.Sprintf("a jury of %d", p.N)
}

// apart reports whether two spans differ by so much that people care.
func apart(a, b sxp.Duration) bool { return max(a-b, b-a) >= sxp.Minute }

// move says who gives what to whom.
func move(x *contract.Transfer, p *contract.OpenedProposal) string {
	return fmt.Sprintf("%s gives %s to %s", label(p.Cards[x.From]), x.Item.String(), label(p.Cards[x.To]))
}

func label(c identity.Card) string {
	if c.Label == "" {
		return c.ID.Short()
	}
	return c.Label
}

func utc(t sxp.Time) string { return t.Std().Format("2006-01-02 15:04 UTC") }

func short(s string) string {
	if r := []rune(s); len(r) > maxQuoted {
		return string(slices.Concat(r[:maxQuoted-1], []rune("…")))
	}
	return s
}
