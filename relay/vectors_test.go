package relay_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/memstore"
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../vectors/relay")

// seeded is the key of the seed 00…n.
func seeded(n byte) key {
	var seed [32]byte
	seed[31] = n
	return key(ed25519.NewKeyFromSeed(seed[:]))
}

// bytesOf gives the same nonce each time.
type bytesOf byte

func (b bytesOf) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

// asking signs a request of alice's at noon.
func asking[R any](tb testing.TB, typ string, to sxp.ID, r R) []byte {
	tb.Helper()
	return must[[]byte](tb)(relay.Sign(seeded(1), typ, to, noon, bytesOf(7), r))
}

// requestVectors are requests to the node of key 3, whose clock says noon and
// whose relay is empty and open to everybody.
func requestVectors(tb testing.TB) []vectors.Vector {
	alice, bob, node := seeded(1), seeded(2), seeded(3)
	write := relay.Write{RecordID: "hello", TTL: sxp.Hour, Tag: "mail", MaxReads: 1, Content: []byte("sealed")}
	at := func(t sxp.Time) []byte {
		return must[[]byte](tb)(relay.Sign(alice, relay.TypeWrite, bob.ID(), t, bytesOf(7), write))
	}
	change := func(f func(*relay.Write)) []byte { w := write; f(&w); return asking(tb, relay.TypeWrite, bob.ID(), w) }
	good := at(noon)
	path := relay.Path{Sender: bob.ID(), Receiver: alice.ID(), RecordID: "hello"}.String()
	full := relay.Request[relay.Write]{Type: "write", From: alice.ID(), To: bob.ID(), Timestamp: noon, Nonce: relay.Nonce{7}, Request: write}
	other := func(f func(*relay.Request[relay.Write])) []byte {
		q := full
		f(&q)
		return resign(tb, alice, relay.RequestType(relay.TypeWrite), q)
	}
	return []vectors.Vector{
		{Name: "request-write", Input: good, Why: "alice writes for bob; result true", With: map[string]string{"digest": envelope.Digest(good).String()}},
		{Name: "request-write-edge-of-window", Input: at(noon - sxp.Time(sxp.ClockSkew)), Why: "two minutes behind is accepted"},
		{Name: "request-write-before-window", Input: at(noon - sxp.Time(sxp.ClockSkew) - 1), Expect: "clock", Why: "a millisecond more is not"},
		{Name: "request-write-after-window", Input: at(noon + sxp.Time(sxp.ClockSkew) + 1), Expect: "clock", Why: "nor ahead"},
		{Name: "request-write-no-ttl", Input: change(func(w *relay.Write) { w.TTL = 0 }), Expect: "invalid", Why: "a ttl is at least 1 ms"},
		{Name: "request-write-long-ttl", Input: change(func(w *relay.Write) { w.TTL = relay.MaxTTL + 1 }), Expect: "invalid", Why: "a ttl is at most 400 days"},
		{Name: "request-write-id-slash", Input: change(func(w *relay.Write) { w.RecordID = "a/b" }), Expect: "invalid", Why: "a record id has no slash"},
		{Name: "request-write-id-dot", Input: change(func(w *relay.Write) { w.RecordID = ".a" }), Expect: "invalid", Why: "a record id does not start with a dot"},
		{Name: "request-write-id-65", Input: change(func(w *relay.Write) { w.RecordID = relay.RecordID(strings.Repeat("a", 65)) }), Expect: "invalid", Why: "a record id has at most 64 bytes"},
		{Name: "request-write-tag-65", Input: change(func(w *relay.Write) { w.Tag = strings.Repeat("a", 65) }), Expect: "toolarge", Why: "a tag has at most 64 bytes"},
		{Name: "request-write-to-nobody", Input: other(func(q *relay.Request[relay.Write]) { q.To = sxp.ID{} }), Expect: "invalid", Why: "a write names its receiver"},
		{Name: "request-write-from-another", Input: other(func(q *relay.Request[relay.Write]) { q.From = bob.ID() }), Expect: "denied", Why: "from must be the signer"},
		{Name: "request-type-differs", Input: other(func(q *relay.Request[relay.Write]) { q.Type = "read" }), Expect: "invalid", Why: "the field type must be the message type's"},
		{Name: "request-mis-signed", Input: resign(tb, wrongKey{alice, bob}, relay.RequestType(relay.TypeWrite), full), Expect: "invalid", Why: "the signature must be the signer's"},
		{Name: "request-unknown-type", Input: asking(tb, "shred", node.ID(), relay.Read{Path: path}), Expect: "unsupported", Why: "nobody serves this type"},
		{Name: "request-no-request", Input: resign(tb, alice, "sxp.card/1", full), Expect: "invalid", Why: "a message of another kind is no request"},
		{Name: "request-read", Input: asking(tb, relay.TypeRead, node.ID(), relay.Read{Path: path}), Why: "nothing rests there; result null"},
		{Name: "request-read-to-another-node", Input: asking(tb, relay.TypeRead, bob.ID(), relay.Read{Path: path}), Expect: "denied", Why: "all but a write is to the node"},
		{Name: "request-read-by-sender", Input: asking(tb, relay.TypeRead, node.ID(), relay.Read{Path: relay.Path{Sender: alice.ID(), Receiver: bob.ID(), RecordID: "hello"}.String()}), Expect: "denied", Why: "only the receiver reads"},
		{Name: "request-read-no-path", Input: asking(tb, relay.TypeRead, node.ID(), relay.Read{Path: "/hello"}), Expect: "invalid", Why: "a path has four parts"},
		{Name: "request-read-field-missing", Input: asking(tb, relay.TypeRead, node.ID(), struct{}{}), Expect: "invalid", Why: "the field path is always there"},
		{Name: "request-read-field-unknown", Input: asking(tb, relay.TypeRead, node.ID(), map[string]string{"path": path, "as": "root"}), Expect: "invalid", Why: "unknown fields are refused"},
		{Name: "request-inventory", Input: asking(tb, relay.TypeInventory, node.ID(), relay.Inventory{AfterTs: noon, Limit: 10, Tag: "mail"}), Why: "an empty listing"},
		{Name: "request-inventory-negative", Input: asking(tb, relay.TypeInventory, node.ID(), relay.Inventory{AfterTs: -1}), Expect: "invalid", Why: "times are not negative"},
		{Name: "request-listen", Input: asking(tb, relay.TypeListen, node.ID(), relay.Listen{}), Why: "without wait the answer comes at once"},
		{Name: "request-delete-missing", Input: asking(tb, relay.TypeDelete, node.ID(), relay.Delete{Path: path}), Expect: "notfound", Why: "nothing rests there"},
		{Name: "request-delete-nothing", Input: asking(tb, relay.TypeDelete, node.ID(), relay.Delete{}), Expect: "invalid", Why: "a delete names a path or a record id"},
		{Name: "request-account", Input: asking(tb, relay.TypeAccount, node.ID(), relay.OpenAccount{}), Why: "the state of alice's account"},
	}
}

// textVectors are texts of paths and addresses.
func textVectors() []vectors.Vector {
	a, b := seeded(1).ID(), seeded(2).ID()
	path := relay.Path{Sender: a, Receiver: b, RecordID: "A-z_0.9"}.String()
	address := relay.Address{ID: a, URL: "https://relay.example:8443/people"}.String()
	text := func(name, s string, expect sxp.Kind, why string) vectors.Vector {
		return vectors.Vector{Name: name, Input: []byte(s), Expect: string(expect), Why: why}
	}
	return []vectors.Vector{
		text("path", path, "", "sender, outbox, receiver, record id"),
		text("path-inbox", strings.Replace(path, "outbox", "inbox", 1), sxp.Invalid, "the third word is outbox"),
		text("path-relative", path[1:], sxp.Invalid, "a path starts with a slash"),
		text("path-upper-case", strings.ToUpper(path), sxp.Invalid, "IDs are in lower case"),
		text("path-trailing-slash", path+"/", sxp.Invalid, "a path has no fifth part"),
		text("address", address, "", "a node's URL and key"),
		text("address-no-key", strings.Split(address, "#")[0], sxp.Invalid, "the key is part of the address"),
		text("address-trailing-slash", "https://relay.example/#"+a.String(), sxp.Invalid, "the URL has no trailing slash"),
		text("address-password", "https://me:secret@relay.example#"+a.String(), sxp.Invalid, "the URL has no user"),
		text("address-other-scheme", "ftp://relay.example#"+a.String(), sxp.Invalid, "the URL is http or https"),
	}
}

// handle gives a request to a fresh node of key 3.
func handle(t *testing.T, raw []byte) sxp.Kind {
	t.Helper()
	rt, st := relay.NewRouter(seeded(3), relay.RouterConfig{}), new(memstore.Store)
	if _, err := relay.Register(rt, relay.ServerConfig{Store: st, Accounts: st, Policy: relay.Policy{Mode: relay.Open}}); err != nil {
		t.Fatal(err)
	}
	return kindOf(t, rt.Handle(context.Background(), noon, raw))
}

func TestVectors(t *testing.T) {
	t.Parallel()
	written := append(requestVectors(t), textVectors()...)
	if *update {
		for _, v := range written {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(v); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("..", "vectors", "relay", v.Name+".json"), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All("relay")
	for _, v := range written {
		if d := cmp.Diff(v, all[v.Name]); d != "" {
			t.Errorf("%s is not what this test writes (-want +file):\n%s", v.Name, d)
		}
	}
	tested := 0
	for name, v := range all {
		var got sxp.Kind
		var err error
		switch {
		case strings.HasPrefix(name, "request-"):
			got = handle(t, v.Input)
			if want, ok := v.With["digest"]; ok && envelope.Digest(v.Input).String() != want {
				t.Errorf("%s: digest %s, want %s", name, envelope.Digest(v.Input), want)
			}
		case strings.HasPrefix(name, "path"):
			var p relay.Path
			if p, err = relay.ParsePath(string(v.Input)); err == nil && p.String() != string(v.Input) {
				t.Errorf("%s: second spelling %s", name, p)
			}
			got = sxp.KindOf(err)
		case strings.HasPrefix(name, "address"):
			var a relay.Address
			if a, err = relay.ParseAddress(string(v.Input)); err == nil && a.String() != string(v.Input) {
				t.Errorf("%s: second spelling %s", name, a)
			}
			got = sxp.KindOf(err)
		default:
			continue // sessions are tested in relayhttp
		}
		if tested++; string(got) != v.Expect {
			t.Errorf("%s (%s): kind %q, want %q", name, v.Why, got, v.Expect)
		}
	}
	if tested != len(written) {
		t.Errorf("%d files, want %d: run with -update", tested, len(written))
	}
}

func TestEveryMessageHasAJSONView(t *testing.T) {
	t.Parallel()
	for _, v := range requestVectors(t) {
		if v.Expect != "" {
			continue
		}
		view, err := envelope.ToJSON(v.Input, relay.Types())
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if back, err := envelope.FromJSON(view, relay.Types()); err != nil || !bytes.Equal(back, v.Input) {
			t.Errorf("%s: the view %s does not lead back (%v)", v.Name, view, err)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("https://relay.example#" + seeded(1).ID().String())
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := relay.ParseAddress(s); err == nil && a.String() != s {
			t.Errorf("%q has a second spelling, %q", s, a)
		}
	})
}
