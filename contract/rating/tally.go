package rating

import (
	"fmt"
	"slices"
	"strings"

	"sxp"
)

// A Tally counts what is said of one person.
type Tally struct {
	About     sxp.ID `json:"about"`
	Contracts int    `json:"contracts"` // different ones that somebody rated
	Kept      int    `json:"kept"`      // of those: all who rated say that everything was given
	Broken    int    `json:"broken"`    // of those: nobody says that everything was given
	Disputed  int    `json:"disputed"`  // of those: some say so and some do not, or who was rated replied to a complaint
	People    int    `json:"people"`    // different people who said it
}

// Latest returns the ratings that count, by date, then digest: of several by
// the same person about the same person and contract the last.
func Latest(all []*Opened) []*Opened {
	type pair struct {
		m         sxp.Hash
		by, about sxp.ID
	}
	last := map[pair]*Opened{}
	later := func(x, y *Opened) int {
		if x.Published != y.Published {
			return int(max(-1, min(1, x.Published.Sub(y.Published))))
		}
		return strings.Compare(x.Digest.String(), y.Digest.String())
	}
	for _, r := range all {
		k := pair{r.M, r.By, r.About}
		if old := last[k]; old == nil || later(r, old) > 0 {
			last[k] = r
		}
	}
	var out []*Opened
	for _, r := range last {
		out = append(out, r)
	}
	slices.SortFunc(out, later)
	return out
}

// Count counts what is said of a person, by verified ratings and the digests
// of those that the person replied to.
func Count(about sxp.ID, all []*Opened, replied map[sxp.Hash]bool) Tally {
	t := Tally{About: about}
	type said struct{ kept, broken, answered bool }
	contracts, people := map[sxp.Hash]*said{}, map[sxp.ID]bool{}
	for _, r := range Latest(all) {
		if r.About != about {
			continue
		}
		people[r.By] = true
		c := contracts[r.M]
		if c == nil {
			c = new(said)
			contracts[r.M] = c
		}
		c.kept = c.kept || r.Kept()
		c.broken = c.broken || !r.Kept()
		c.answered = c.answered || !r.Kept() && replied[r.Digest]
	}
	t.Contracts, t.People = len(contracts), len(people)
	for _, c := range contracts {
		switch {
		case c.kept && !c.broken:
			t.Kept++
		case c.kept || c.answered:
			t.Disputed++
		default:
			t.Broken++
		}
	}
	return t
}

// String is the tally in words: "12 contracts rated by 9 people: 11 kept, 1 disputed".
func (t Tally) String() string {
	if t.Contracts == 0 {
		return "nobody has rated a contract of theirs"
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{t.Kept, "kept"}, {t.Broken, "broken"}, {t.Disputed, "disputed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Sprintf("%s rated by %s: %s", count(t.Contracts, "contract", "contracts"), count(t.People, "person", "people"), strings.Join(parts, ", "))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
