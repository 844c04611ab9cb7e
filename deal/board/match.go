package board

import (
	"slices"
	"strings"

	"sxp/deal/index"
	"sxp/market"
)

// A catalogue finds offers by the words of a query without looking at all of
// them. Offers are numbered by the caller; a number may be used again after
// the offer was removed.
type catalogue struct {
	docs  []*market.Document // nil where there is no offer
	words []string           // sorted
	at    map[string][]int32 // offers that have the word
}

// newCatalogue numbers the offers as they come.
func newCatalogue(offers []market.Announcement) *catalogue {
	c := &catalogue{at: make(map[string][]int32)}
	for i, a := range offers {
		d := market.NewDocument(*a.Item)
		c.docs = append(c.docs, d)
		for _, w := range d.Words() {
			c.at[w] = append(c.at[w], int32(i))
		}
	}
	for w := range c.at {
		c.words = append(c.words, w)
	}
	slices.Sort(c.words)
	return c
}

// add enters an offer under a number.
func (c *catalogue) add(i int32, d *market.Document) {
	for int(i) >= len(c.docs) {
		c.docs = append(c.docs, nil)
	}
	c.docs[i] = d
	for _, w := range d.Words() {
		list, known := c.at[w]
		if !known {
			k, _ := slices.BinarySearch(c.words, w)
			c.words = slices.Insert(c.words, k, w)
		}
		c.at[w] = append(list, i)
	}
}

// remove takes an offer out.
func (c *catalogue) remove(i int32) {
	for _, w := range c.docs[i].Words() {
		list := c.at[w]
		if k := slices.Index(list, i); k >= 0 {
			list[k] = list[len(list)-1]
			list = list[:len(list)-1]
		}
		if c.at[w] = list; len(list) > 0 {
			continue
		}
		delete(c.at, w)
		if k, ok := slices.BinarySearch(c.words, w); ok {
			c.words = slices.Delete(c.words, k, k+1)
		}
	}
	c.docs[i] = nil
}

// prefixed returns the words that start with prefix and how often they occur.
func (c *catalogue) prefixed(prefix string) (words []string, times int) {
	lo, _ := slices.BinarySearch(c.words, prefix)
	hi := lo
	for ; hi < len(c.words) && strings.HasPrefix(c.words[hi], prefix); hi++ {
		times += len(c.at[c.words[hi]])
	}
	return c.words[lo:hi], times
}

// find returns the offers that match, ascending. It looks only at those that
// have the rarest word of an alternative.
func (c *catalogue) find(m *market.Matcher) []int32 {
	var found []int32
	try := func(i int32) {
		if d := c.docs[i]; d != nil && m.Match(d) {
			found = append(found, i)
		}
	}
	if len(m.Alternatives()) == 0 {
		for i := range c.docs {
			try(int32(i))
		}
	}
	for _, all := range m.Alternatives() {
		var rarest []string
		least := -1
		for _, w := range all {
			if words, n := c.prefixed(w); least < 0 || n < least {
				rarest, least = words, n
			}
		}
		for _, w := range rarest {
			for _, i := range c.at[w] {
				try(i)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// A standing is a set of queries that finds those which an offer meets.
type standing struct {
	byWord map[string][]*asked // by one word of each alternative
	others []*asked            // without words
}

// asked is a query that somebody waits with.
type asked struct {
	query   market.Query
	matcher *market.Matcher
	key     index.Key
}

// add enters a query.
func (s *standing) add(a *asked) {
	if len(a.matcher.Alternatives()) == 0 {
		s.others = append(s.others, a)
	}
	for _, w := range a.rare() {
		s.byWord[w] = append(s.byWord[w], a)
	}
}

// remove takes a query out.
func (s *standing) remove(a *asked) {
	same := func(b *asked) bool { return a == b }
	s.others = slices.DeleteFunc(s.others, same)
	for _, w := range a.rare() {
		if s.byWord[w] = slices.DeleteFunc(s.byWord[w], same); len(s.byWord[w]) == 0 {
			delete(s.byWord, w)
		}
	}
}

// rare returns one word of each alternative: the longest, which is likely the
// rarest.
func (a *asked) rare() []string {
	var words []string
	for _, all := range a.matcher.Alternatives() {
		longest := ""
		for _, w := range all {
			if len(w) > len(longest) {
				longest = w
			}
		}
		words = append(words, longest)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// met returns the keys of the queries that the offer meets, ascending: those
// of which a word starts one of the offer's words, then whatever has no words.
func (s *standing) met(d *market.Document) []index.Key {
	var keys []index.Key
	for _, w := range d.Words() {
		for end := range w {
			for _, a := range s.byWord[w[:end]] { // a proper prefix, never empty: no word is ""
				if a.matcher.Match(d) {
					keys = append(keys, a.key)
				}
			}
		}
		for _, a := range s.byWord[w] {
			if a.matcher.Match(d) {
				keys = append(keys, a.key)
			}
		}
	}
	for _, a := range s.others {
		if a.matcher.Match(d) {
			keys = append(keys, a.key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
