package agent_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
	"sxp/identity"
	"sxp/vectors"
)

var update = flag.Bool("update", false, "rewrite vectors/letter")

// letterVectors are letters by a fixed key to a fixed identity, each right or
// wrong in one way (spec/agent.md, "sxp.letter/1").
func letterVectors(t *testing.T) (all []vectors.Vector) {
	t.Helper()
	key, err := identity.ParseSigningKey(bytes.Repeat([]byte{7}, 32))
	check(t, err)
	to, deal := sxp.ID(bytes.Repeat([]byte{9}, 32)), sxp.Hash(bytes.Repeat([]byte{5}, 32))
	add := func(name, why string, expect sxp.Kind, v any) {
		all = append(all, vectors.Vector{Name: name, Why: why, Expect: string(expect), Input: must(envelope.Sign(key, agent.TypeLetter, v))})
	}
	letter := func(change func(*agent.Letter)) *agent.Letter {
		l := &agent.Letter{To: to, At: start, Text: "Is the bicycle still there?"}
		change(l)
		return l
	}
	add("message", "a text to somebody, as before letters had other fields", "", letter(func(*agent.Letter) {}))
	add("in-a-deal", "to a party of a deal", "", letter(func(l *agent.Letter) { l.Deal = deal }))
	add("mail-in-a-deal", "every kind but a post may name a deal", "", letter(func(l *agent.Letter) {
		l.Kind, l.Subject, l.Deal = agent.KindMail, "The bicycle", deal
	}))
	add("file", "a file needs no text", "", letter(func(l *agent.Letter) {
		l.Kind, l.Text, l.Files = agent.KindFile, "", []agent.File{{Name: "a.txt", Type: "text/plain", Data: sxp.Bytes("a")}}
	}))
	add("post", "the same to all contacts", "", letter(func(l *agent.Letter) { l.Kind = agent.KindPost }))
	add("no-text", "a message has a text", sxp.TooLarge, letter(func(l *agent.Letter) { l.Text = "" }))
	add("text-longest", "16,384 bytes of text", "", letter(func(l *agent.Letter) { l.Text = strings.Repeat("x", agent.MaxLetter) }))
	add("text-too-long", "one byte more than 16,384", sxp.TooLarge, letter(func(l *agent.Letter) { l.Text = strings.Repeat("x", agent.MaxLetter+1) }))
	add("control-character", "no control characters but U+0009 and U+000A", sxp.Invalid, letter(func(l *agent.Letter) { l.Text = "a\x1bb" }))
	add("mail-without-subject", "a mail has a subject", sxp.Invalid, letter(func(l *agent.Letter) { l.Kind = agent.KindMail }))
	add("message-with-subject", "only a mail or a post has a subject", sxp.Invalid, letter(func(l *agent.Letter) { l.Subject = "x" }))
	add("subject-of-two-lines", "a subject is one line", sxp.Invalid, letter(func(l *agent.Letter) { l.Kind, l.Subject = agent.KindMail, "a\nb" }))
	add("file-in-a-folder", "a name has no /", sxp.Invalid, letter(func(l *agent.Letter) {
		l.Kind, l.Files = agent.KindFile, []agent.File{{Name: "../x", Data: sxp.Bytes("x")}}
	}))
	add("unknown-kind", "the kinds are fixed", sxp.Invalid, letter(func(l *agent.Letter) { l.Kind = "parcel" }))
	add("post-in-a-deal", "a post goes to contacts, not to parties", sxp.Invalid, letter(func(l *agent.Letter) { l.Kind, l.Deal = agent.KindPost, deal }))
	add("deal-of-zeros", "a deal that is none is left out", sxp.Invalid, map[string]any{"to": to[:], "at": start, "text": "x", "deal": make([]byte, 32)})
	add("deal-short", "a digest has 32 bytes", sxp.Invalid, map[string]any{"to": to[:], "at": start, "text": "x", "deal": make([]byte, 31)})
	add("unknown-field", "nothing but the fields of the page", sxp.Invalid, map[string]any{"to": to[:], "at": start, "text": "x", "cc": to[:]})
	return all
}

// TestLetterVectors compares vectors/letter with what this package writes and
// reads.
func TestLetterVectors(t *testing.T) {
	made := letterVectors(t)
	if *update {
		for _, v := range made {
			b, err := json.MarshalIndent(v, "", "  ")
			check(t, err)
			check(t, os.WriteFile(filepath.Join("..", "vectors", "letter", v.Name+".json"), append(b, '\n'), 0o644))
		}
		t.Skip("vectors written: read the diff, then run again without -update")
	}
	all := vectors.All("letter")
	if len(all) != len(made) {
		t.Errorf("%d files, want %d: run with -update", len(all), len(made))
	}
	for _, want := range made {
		v := all[want.Name]
		if !bytes.Equal(v.Input, want.Input) || v.Expect != want.Expect {
			t.Errorf("%s: the file is not what this test writes: run with -update and read the diff", want.Name)
		}
		if _, _, err := agent.OpenLetter(v.Input); string(sxp.KindOf(err)) != v.Expect {
			t.Errorf("%s: %s: error %v, want kind %q", want.Name, v.Why, err, v.Expect)
		}
	}
}
