package rows_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/contract"
	"sxp/identity"
	"sxp/internal/kv"
	"sxp/market"
	boards "sxp/market/memstore"
	"sxp/node"
	"sxp/relay"
	"sxp/relay/memstore"
)

const start sxp.Time = 1_800_000_000_000

// A town is a system in one process, each service on a node of its own, which
// remembers every byte that a node was handed and gave out.
type town struct {
	t      *testing.T
	clock  sxp.Time
	nodes  map[string]*machine
	order  []string
	people []*person
}

type machine struct {
	*node.Node
	kv    *kv.Memory
	down  bool
	bytes [][]byte        // every request and answer
	asked map[string]bool // URLs of nodes that this one asked
}

type person struct {
	*agent.Agent
	name string
	away bool
}

func newTown(t *testing.T) *town {
	return &town{t: t, clock: start, nodes: map[string]*machine{}}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add starts a node and returns its pinned address.
func (w *town) add(url string, roles node.Roles, policy relay.Policy) string {
	w.t.Helper()
	key, err := identity.NewSigningKey(rand.Reader)
	check(w.t, err)
	if policy.Mode == "" {
		policy.Mode = relay.Open
	}
	records, m := new(memstore.Store), &machine{kv: new(kv.Memory), asked: map[string]bool{}}
	m.Node, err = node.New(node.Parts{
		Key: key, URL: url, Roles: roles, Policy: policy, KV: m.kv, Records: records, Accounts: records,
		BoardStore: func(sxp.ID) (market.Store, error) { return boards.New(), nil },
		Dial:       func(to string) relay.Caller { m.asked[to] = true; return line{w, to} },
		Now:        w.now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Parallel: 1,
	})
	check(w.t, err)
	w.nodes[url] = m
	w.order = append(w.order, url)
	return m.Address().String()
}

func (w *town) now() sxp.Time { return w.clock }

// A line reaches the node at a URL.
type line struct {
	w   *town
	url string
}

func (l line) Call(ctx context.Context, raw []byte) ([]byte, error) {
	m := l.w.nodes[l.url]
	if m == nil || m.down {
		return nil, sxp.Errorf("test", sxp.Unavailable, nil, "%s does not answer", l.url)
	}
	answer, err := relay.Local(m, l.w.now).Call(ctx, bytes.Clone(raw))
	m.bytes = append(m.bytes, bytes.Clone(raw), bytes.Clone(answer))
	return answer, err
}

// move adds a person whose card names the relays.
func (w *town) move(name string, relays ...string) *person {
	w.t.Helper()
	root, err := identity.NewRoot(rand.Reader)
	check(w.t, err)
	a, err := agent.Create(agent.Config{
		Root: root, Store: new(kv.Memory), Once: new(agent.MemoryOnce), Dial: func(url string) relay.Caller { return line{w, url} },
		Now: w.now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Limits: contract.DefaultLimits(), Concurrency: 1,
	}, name, relays)
	check(w.t, err)
	p := &person{Agent: a, name: name}
	w.people = append(w.people, p)
	return p
}

// run lets all who are there do what they have to, second by second.
func (w *town) run(span sxp.Duration) {
	w.t.Helper()
	for end := w.clock.Add(span); w.clock < end; w.clock = w.clock.Add(sxp.Second) {
		for _, url := range w.order {
			if m := w.nodes[url]; !m.down {
				_, err := m.Step(w.t.Context())
				check(w.t, err)
			}
		}
		for _, p := range w.people {
			if !p.away {
				_, err := p.Step(w.t.Context())
				check(w.t, err)
			}
		}
	}
}

func do[Out any](w *town, p *person, op string, in any) Out {
	w.t.Helper()
	out, err := agent.Call[Out](w.t.Context(), p, op, in)
	if err != nil {
		w.t.Fatalf("%s %s: %v", p.name, op, err)
	}
	return out
}

// befriend gives two people each other's cards.
func (w *town) befriend(a, b *person) {
	w.t.Helper()
	for _, x := range [][2]*person{{a, b}, {b, a}} {
		do[agent.ContactView](w, x[0], "contact.add", agent.AddContact{Link: do[agent.CardView](w, x[1], "card", agent.None{}).Link})
	}
}

func (w *town) send(from *person, to, text string) {
	w.t.Helper()
	do[agent.MessageView](w, from, "send", agent.SendMessage{To: to, Text: text})
}

// inbox returns the texts of a person's letters.
func (w *town) inbox(p *person) (out []string) {
	w.t.Helper()
	for _, m := range do[[]agent.MessageView](w, p, "inbox", agent.None{}) {
		out = append(out, m.FromName+": "+m.Text)
	}
	return out
}

// found makes a market at a board of the first person, with all jurors.
func (w *town) found(board string, roll agent.PublishRoll) {
	w.t.Helper()
	m := do[agent.MarketView](w, w.people[0], "market.create", agent.CreateMarket{Name: "Square", At: board})
	link, err := market.ParseLink(m.Link)
	check(w.t, err)
	for _, url := range w.order {
		if n := w.nodes[url]; len(n.Services()) == 1 && n.Services()[0] == "juror" {
			check(w.t, n.Enrol(w.t.Context(), link))
		}
	}
	do[agent.MarketView](w, w.people[0], "market.roll", roll)
	for _, p := range w.people[1:] {
		do[agent.MarketView](w, p, "market.join", agent.JoinMarket{Link: m.Link})
	}
}

// deal returns what a person knows of their deal number 1.
func (w *town) deal(p *person) agent.DealView {
	w.t.Helper()
	d, err := agent.Call[agent.DealView](w.t.Context(), p, "deal", agent.DealRef{Deal: "1"})
	if err != nil && sxp.KindOf(err) != sxp.NotFound {
		w.t.Fatal(err)
	}
	return d
}

// until runs until all named see deal 1 in a state.
func (w *town) until(span sxp.Duration, state string, people ...*person) {
	w.t.Helper()
	for end := w.clock.Add(span); ; w.run(sxp.Second) {
		var others []string
		for _, p := range people {
			if d := w.deal(p); d.State != state {
				others = append(others, fmt.Sprintf("%s sees %q %q %v", p.name, d.State, d.Why, d.Events))
			}
		}
		if len(others) == 0 {
			return
		}
		if w.clock >= end {
			w.t.Fatalf("not %s after %v: %s", state, span, strings.Join(others, "; "))
		}
	}
}

// holds reports whether a text, in any usual form, is in what the node was
// handed, gave out or keeps. Sealed bytes are what they are; signed messages
// carry their fields as they stand.
func (m *machine) holds(t *testing.T, text string) bool {
	t.Helper()
	found := false
	forms := formsOf(text)
	look := func(b []byte) {
		b = bytes.ToLower(b)
		for _, form := range forms {
			found = found || bytes.Contains(b, form)
		}
	}
	for _, raw := range m.bytes {
		look(raw)
	}
	check(t, m.kv.View(func(tx kv.Tx) error {
		return tx.Scan("", func(key string, value []byte) error { look([]byte(key)); look(value); return nil })
	}))
	return found
}

// formsOf returns a text as it is, in hex, and in base64 at each of the three
// places where it may begin, all in lower case.
func formsOf(text string) [][]byte {
	all := [][]byte{[]byte(text), []byte(hex.EncodeToString([]byte(text)))}
	for skip := range 3 {
		padded := append(make([]byte, skip), text...)
		b := base64.RawURLEncoding.EncodeToString(padded[:len(padded)/3*3])
		all = append(all, []byte(b[(skip*8+5)/6:])) // the characters that only the text decides
	}
	for i := range all {
		all[i] = bytes.ToLower(all[i])
	}
	return all
}

func TestFormsAreFound(t *testing.T) {
	t.Parallel()
	for skip := range 5 {
		b := base64.URLEncoding.EncodeToString(append(bytes.Repeat([]byte{7}, skip), "the narwhal swims"...))
		found := false
		for _, form := range formsOf("narwhal") {
			found = found || bytes.Contains(bytes.ToLower([]byte(b)), form)
		}
		if !found {
			t.Errorf("the word is not found in %s", b)
		}
	}
}
