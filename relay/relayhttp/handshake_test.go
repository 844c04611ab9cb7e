package relayhttp

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
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
	"sxp/vectors"
)

// With -update the files are written anew; whoever does that reads the diff.
var update = flag.Bool("update", false, "rewrite ../../vectors/relay/session-*")

type key ed25519.PrivateKey

func seeded(n byte) key {
	var seed [32]byte
	seed[31] = n
	return key(ed25519.NewKeyFromSeed(seed[:]))
}

func (k key) ID() sxp.ID                    { return sxp.ID(ed25519.PrivateKey(k).Public().(ed25519.PublicKey)) }
func (k key) Sign(m []byte) ([]byte, error) { return ed25519.Sign(ed25519.PrivateKey(k), m), nil }

const noon sxp.Time = 1_790_000_000_000

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sessionVector is one handshake with fixed keys, and the first frames.
func sessionVector(t *testing.T) vectors.Vector {
	alice, node := seeded(1), seeded(3)
	clientSeed, serverSeed := bytes.Repeat([]byte{5}, 32), bytes.Repeat([]byte{6}, 32)
	clientKey, clientPub, err := newKey(bytes.NewReader(clientSeed))
	if err != nil {
		t.Fatal(err)
	}
	serverKey, serverPub, err := newKey(bytes.NewReader(serverSeed))
	if err != nil {
		t.Fatal(err)
	}
	hello := must[[]byte](t)(envelope.Sign(node, TypeHello, Hello{Type: "hello", From: node.ID(), Timestamp: noon, Nonce: relay.Nonce{1}, Key: serverPub}))
	open := must[[]byte](t)(envelope.Sign(alice, TypeOpen, Open{Type: "open", From: alice.ID(), To: node.ID(), Timestamp: noon, Re: envelope.Digest(hello), Key: clientPub}))
	client := must[*keys](t)(derive(clientKey, serverPub, hello, open))
	server := must[*keys](t)(derive(serverKey, clientPub, hello, open))
	frame := (&part{id: 1, typ: relay.RequestType("read"), body: []byte{0xa0}}).append(nil)
	first := client.toServer.seal(frame)
	welcome := server.toClient.seal(nil)
	if got, err := server.toServer.open(first); err != nil || !bytes.Equal(got, frame) {
		t.Errorf("the server opens %x, %v; want %x", got, err, frame)
	}
	if got, err := client.toClient.open(welcome); err != nil || len(got) != 0 {
		t.Errorf("the client opens %x, %v; want nothing", got, err)
	}
	return vectors.Vector{Name: "session", Input: hello, Why: "the node's hello, an answer to it, and the first frame of each side", With: map[string]string{
		"clientSecret": hex.EncodeToString(clientSeed), "serverSecret": hex.EncodeToString(serverSeed),
		"open": hex.EncodeToString(open), "frame": hex.EncodeToString(frame),
		"toServer": hex.EncodeToString(first), "toClient": hex.EncodeToString(welcome),
	}}
}

// frameVectors are frames before encryption.
func frameVectors() []vectors.Vector {
	one := (&part{id: 1, typ: "sxp.request.read/1", body: []byte("body")}).append(nil)
	flags := bytes.Clone(one)
	flags[8] = 4
	long := (&part{id: 1, typ: envelope.Type(strings.Repeat("x", 65))}).append(nil)
	return []vectors.Vector{
		{Name: "session-frame-empty", Input: []byte{}, Why: "a frame may have no part"},
		{Name: "session-frame-two", Input: (&part{id: 2, flags: flagSigned, body: []byte{0xd2}}).append(bytes.Clone(one)), Why: "an unsigned request, then a signed one"},
		{Name: "session-frame-cut-head", Input: one[:13], Expect: "invalid", Why: "a head has 14 bytes"},
		{Name: "session-frame-cut-body", Input: one[:len(one)-1], Expect: "invalid", Why: "the body is shorter than announced"},
		{Name: "session-frame-flag", Input: flags, Expect: "invalid", Why: "flag 4 is not known"},
		{Name: "session-frame-long-type", Input: long, Expect: "invalid", Why: "a type has at most 64 bytes"},
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	written := append(frameVectors(), sessionVector(t))
	if *update {
		for _, v := range written {
			b := must[[]byte](t)(json.MarshalIndent(v, "", "  "))
			if err := os.WriteFile(filepath.Join("..", "..", "vectors", "relay", v.Name+".json"), append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all, tested := vectors.All("relay"), 0
	for _, v := range written {
		if d := cmp.Diff(v, all[v.Name]); d != "" {
			t.Errorf("%s is not what this test writes (-want +file):\n%s", v.Name, d)
		}
	}
	for name, v := range all {
		if !strings.HasPrefix(name, "session") {
			continue
		}
		tested++
		if name == "session" {
			continue // made and opened above
		}
		parts, err := parseFrame(v.Input)
		if string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s (%s): %v, want kind %q", name, v.Why, err, v.Expect)
		}
		var again []byte
		for i := range parts {
			again = parts[i].append(again)
		}
		if err == nil && !bytes.Equal(again, v.Input) {
			t.Errorf("%s has a second encoding, %x", name, again)
		}
	}
	if tested != len(written) {
		t.Errorf("%d files, want %d: run with -update", tested, len(written))
	}
}

func FuzzParseFrame(f *testing.F) {
	for _, v := range frameVectors() {
		f.Add([]byte(v.Input))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		parts, err := parseFrame(in)
		var again []byte
		for i := range parts {
			again = parts[i].append(again)
		}
		if err == nil && !bytes.Equal(again, in) {
			t.Errorf("%x has a second encoding, %x", in, again)
		}
	})
}

func TestAFrameIsFilledUpToItsLimit(t *testing.T) {
	t.Parallel()
	var queue []part
	for i := range 9 {
		queue = append(queue, part{id: uint64(i), body: make([]byte, sxp.MaxMessage)})
	}
	seen := uint64(0)
	for len(queue) > 0 {
		var frame []byte
		frame, queue = fill(queue)
		parts, err := parseFrame(frame)
		if err != nil || len(frame) > MaxFrame {
			t.Fatalf("a frame of %d bytes: %v", len(frame), err)
		}
		for _, p := range parts {
			if p.id != seen {
				t.Errorf("part %d came where %d should", p.id, seen)
			}
			seen++
		}
	}
	if seen != 9 {
		t.Errorf("%d parts were sent, want 9", seen)
	}
}
