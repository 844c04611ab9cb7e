package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sxp"
	"sxp/blocks"
	"sxp/identity"
	"sxp/market"
)

// Render returns the contract in words: what a person reads before accepting,
// and part of what is signed. It depends on nothing but the arguments: no
// locale, no time zone, no version of this program (spec/contract.md).
func Render(t *Terms, cards []identity.Card) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CONTRACT: %s\n\nParties\n", t.Title)
	for i, c := range cards {
		fmt.Fprintf(&b, "%d. %s\n   %s\n", i+1, name(c), c.ID)
	}
	names := make([]string, len(cards))
	for i := range cards {
		names[i] = name(cards[i])
	}
	b.WriteString("\nTransfers\n")
	for i := range t.Transfers {
		renderTransfer(&b, i, &t.Transfers[i], cards)
		for _, line := range t.Levies(&t.Transfers[i]) {
			fmt.Fprintf(&b, "   %s\n", line)
		}
	}
	renderGifts(&b, t, names)
	renderConditions(&b, t, names)
	renderMarkets(&b, t.Markets)
	for _, c := range []struct{ head, text string }{
		{"Notes", t.Notes}, {"Breach", t.Breach}, {"Conflict", t.Conflict}, {"Law", t.Law},
	} {
		if c.text != "" {
			fmt.Fprintf(&b, "\n%s\n", c.head)
			indent(&b, c.text)
		}
	}
	b.WriteString("\nConsent\n   Each party declares: I have read this contract and I agree to be bound by it\n" +
		"   once all parties have signed. Until then it binds nobody.\n")
	return b.String()
}

func renderTransfer(b *strings.Builder, i int, x *Transfer, cards []identity.Card) {
	fmt.Fprintf(b, "%d. Party %d (%s) gives to party %d (%s):\n", i+1, x.From+1, name(cards[x.From]), x.To+1, name(cards[x.To]))
	fmt.Fprintf(b, "   %s\n", renderItem(&x.Item))
	for _, k := range slices.Sorted(maps.Keys(x.Item.Attributes)) {
		fmt.Fprintf(b, "   %s: %s\n", k, x.Item.Attributes[k])
	}
	if x.Item.Place != "" {
		fmt.Fprintf(b, "   place: %s\n", x.Item.Place)
	}
	if x.Item.Point != nil {
		fmt.Fprintf(b, "   point: %s\n", x.Item.Point)
	}
	for _, p := range x.Item.Photos {
		fmt.Fprintf(b, "   photo: SHA-256 %s\n", photoHash(p))
	}
	if x.Item.Text != "" {
		indent(b, x.Item.Text)
	}
	fmt.Fprintf(b, "   due: %s\n", moment(x.Due))
	if x.Delivery != "" {
		b.WriteString("   delivery:\n")
		indent(b, x.Delivery)
	}
	renderSecret(b, x, cards)
}

// renderItem returns "good: 20 l beer", "service: 3 h maths lessons", "service:
// 2 sessions yoga, lasting 1 h 30 min", "money: 10 EUR (Coins)".
func renderItem(it *market.Item) string {
	s := string(it.Kind) + ": " + it.String()
	if it.Kind == market.Money && it.Title != "" {
		s += " (" + it.Title + ")"
	}
	if it.Duration != 0 && !timed(it) {
		s += ", lasting " + span(it.Duration)
	}
	return s
}

// photoHash returns which bytes a photo is; where they rest does not matter to
// a contract. Items are validated before they are rendered.
func photoHash(url string) string {
	u, err := blocks.ParseURL(url)
	if err != nil {
		return "of no known block"
	}
	return u.Hash.String()
}

// timed reports whether the quantity says already how long the item lasts.
func timed(it *market.Item) bool {
	return it.Quantity != "" && slices.Contains([]string{"min", "h", "d", "wk"}, it.Unit)
}

// span writes a duration as hours, minutes and seconds, those that are not 0:
// "1 h 30 min", "1.25 s"; below a second "20 ms".
func span(d sxp.Duration) string {
	if d < sxp.Second {
		return fmt.Sprintf("%d ms", int64(d))
	}
	var parts []string
	if h := d / sxp.Hour; h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", int64(h)))
	}
	if m := d % sxp.Hour / sxp.Minute; m > 0 {
		parts = append(parts, fmt.Sprintf("%d min", int64(m)))
	}
	if s := d % sxp.Minute; s > 0 {
		text := strings.TrimRight(fmt.Sprintf("%d.%03d", int64(s/sxp.Second), int64(s%sxp.Second)), "0")
		parts = append(parts, strings.TrimSuffix(text, ".")+" s")
	}
	return strings.Join(parts, " ")
}

func name(c identity.Card) string {
	if c.Label == "" {
		return "no name"
	}
	return c.Label
}

func moment(t sxp.Time) string { return t.Std().Format("2006-01-02 15:04:05 UTC") }

// indent writes every line of text behind three spaces, so that a clause
// cannot imitate a heading.
func indent(b *strings.Builder, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(b, "   %s\n", line)
	}
}
