package agent_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sxp"
	"sxp/agent"
	"sxp/envelope"
)

func (v *village) inbox(p *person) []agent.MessageView {
	v.t.Helper()
	return do[[]agent.MessageView](v, p, "inbox", agent.None{})
}

// TestLettersOfEveryKind: a message, a mail, files and a post arrive as what
// they are, with their files, to whom they were sent.
func TestLettersOfEveryKind(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob", "charlie", "dora")
	alice, bob, charlie, dora := v.person("alice"), v.person("bob"), v.person("charlie"), v.person("dora")
	v.befriend(alice, bob)
	v.befriend(alice, charlie)
	photo := bytes.Repeat([]byte("photo "), agent.MaxFileBytes/6)
	photo = append(photo, make([]byte, agent.MaxFileBytes-len(photo))...)
	for _, in := range []agent.SendMessage{
		{To: "bob", Text: "a message"},
		{To: "bob", Text: "a mail", Subject: "The bicycle"},
		{To: "bob", Files: []agent.File{{Name: "bicycle.jpg", Type: "image/jpeg", Data: photo}}},
		{Text: "a post", Files: []agent.File{{Name: "a.txt", Data: sxp.Bytes("a")}, {Name: "b.txt", Data: sxp.Bytes{}}}},
	} {
		got := do[agent.MessageView](v, alice, "send", in)
		if in.To == "" && (len(got.To) != 2 || len(got.Missed) != 0) {
			t.Errorf("the post goes to %+v", got.To)
		}
		v.clock = v.clock.Add(sxp.Second)
	}
	v.run(sxp.Minute)
	all := v.inbox(bob)
	if len(all) != 4 {
		t.Fatalf("bob has %+v", all)
	}
	for i, kind := range []agent.Kind{agent.KindMessage, agent.KindMail, agent.KindFile, agent.KindPost} {
		if all[i].Kind != kind {
			t.Errorf("letter %d is a %q, want %q", i+1, all[i].Kind, kind)
		}
	}
	if all[1].Subject != "The bicycle" || all[1].Text != "a mail" {
		t.Errorf("the mail: %+v", all[1])
	}
	if f := all[2].Files; len(f) != 1 || f[0] != (agent.FileView{Name: "bicycle.jpg", Type: "image/jpeg", Size: agent.MaxFileBytes}) {
		t.Errorf("the file: %+v", f)
	}
	v.restart(bob)
	if f := do[agent.File](v, bob, "inbox.file", agent.GetFile{Message: all[2].ID, File: 1}); !bytes.Equal(f.Data, photo) {
		t.Error("the photo has changed")
	}
	v.fails(bob, "inbox.file", agent.GetFile{Message: all[2].ID, File: 2}, sxp.NotFound, "1 files")
	v.fails(bob, "inbox.file", agent.GetFile{Message: all[0].ID, File: 1}, sxp.NotFound, "no files")
	v.fails(bob, "inbox.file", agent.GetFile{File: 1}, sxp.NotFound, "no such message")
	post := v.inbox(charlie)
	if len(post) != 1 || post[0].Kind != agent.KindPost || post[0].Text != "a post" || len(post[0].Files) != 2 {
		t.Fatalf("charlie has %+v", post)
	}
	if f := do[agent.File](v, charlie, "inbox.file", agent.GetFile{Message: post[0].ID, File: 1}); string(f.Data) != "a" || f.Name != "a.txt" {
		t.Errorf("charlie's file: %+v", f)
	}
	v.fails(dora, "send", agent.SendMessage{Text: "to nobody"}, sxp.NotFound, "no contacts")
}

// TestLettersHaveLimits: what cannot be shown in a line, or written where the
// person says, is neither sent nor taken.
func TestLettersHaveLimits(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	eve := v.stranger("eve")
	v.known(eve, alice)
	file := func(name string) []agent.File { return []agent.File{{Name: name, Data: sxp.Bytes("x")}} }
	for name, l := range map[string]agent.Letter{
		"a kind that is none":         {Kind: "parcel", Text: "x"},
		"a message with a subject":    {Text: "x", Subject: "x"},
		"a message with a file":       {Text: "x", Files: file("x")},
		"a mail without a subject":    {Kind: agent.KindMail, Text: "x"},
		"a mail without a text":       {Kind: agent.KindMail, Subject: "x"},
		"a letter of no files":        {Kind: agent.KindFile, Text: "x"},
		"a post without a text":       {Kind: agent.KindPost},
		"a subject of two lines":      {Kind: agent.KindMail, Text: "x", Subject: "a\nb"},
		"a subject too long":          {Kind: agent.KindMail, Text: "x", Subject: strings.Repeat("x", agent.MaxSubject+1)},
		"a file without a name":       {Kind: agent.KindFile, Files: file("")},
		"a file in another folder":    {Kind: agent.KindFile, Files: file("../x")},
		"a file in a Windows folder":  {Kind: agent.KindFile, Files: file(`a\x`)},
		"a file on another disk":      {Kind: agent.KindFile, Files: file("c:x")},
		"a hidden file":               {Kind: agent.KindFile, Files: file(".profile")},
		"a name that runs backwards":  {Kind: agent.KindFile, Files: file("a\u202etxt.exe")},
		"a name too long":             {Kind: agent.KindFile, Files: file(strings.Repeat("x", agent.MaxFileName+1))},
		"a type that is none":         {Kind: agent.KindFile, Files: []agent.File{{Name: "x", Type: "a b"}}},
		"too much data":               {Kind: agent.KindFile, Files: []agent.File{{Name: "x", Data: make([]byte, agent.MaxFileBytes)}, {Name: "y", Data: sxp.Bytes("x")}}},
		"too many files":              {Kind: agent.KindFile, Files: make([]agent.File, agent.MaxFiles+1)},
		"a text too long with a file": {Kind: agent.KindFile, Text: strings.Repeat("x", agent.MaxLetter+1), Files: file("x")},
	} {
		l.To, l.At = alice.ID(), v.clock
		v.write(eve, alice, must(envelope.Sign(eve.key, agent.TypeLetter, &l)))
		v.run(10 * sxp.Second)
		if got := v.inbox(alice); len(got) != 0 {
			t.Fatalf("%s is taken: %+v", name, got)
		}
	}
	v.fails(alice, "send", agent.SendMessage{To: "eve", Files: file("../x")}, sxp.Invalid, "name of a file")
	v.fails(alice, "send", agent.SendMessage{To: "eve", Files: []agent.File{{Name: "x", Data: make([]byte, agent.MaxFileBytes+1)}}}, sxp.TooLarge, "together")
	l := agent.Letter{To: alice.ID(), At: v.clock, Kind: agent.KindFile, Files: file("fine name.txt")}
	v.write(eve, alice, must(envelope.Sign(eve.key, agent.TypeLetter, &l)))
	v.run(10 * sxp.Second)
	if got := v.inbox(alice); len(got) != 1 {
		t.Errorf("a good letter is not taken: %+v", got)
	}
}

// TestOldFilesGo: a contact cannot fill the disk with files.
func TestOldFilesGo(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice")
	alice := v.person("alice")
	eve := v.stranger("eve")
	v.known(eve, alice)
	const n = 103
	for i := range n {
		l := agent.Letter{To: alice.ID(), At: v.clock + sxp.Time(i), Kind: agent.KindFile, Files: []agent.File{{Name: fmt.Sprint("x", i), Data: sxp.Bytes("x")}}}
		v.write(eve, alice, must(envelope.Sign(eve.key, agent.TypeLetter, &l)))
	}
	v.run(2 * sxp.Minute)
	all := v.inbox(alice)
	if len(all) != n {
		t.Fatalf("%d letters, want %d", len(all), n)
	}
	v.fails(alice, "inbox.file", agent.GetFile{Message: all[n-101].ID, File: 1}, sxp.NotFound, "no longer kept")
	do[agent.File](v, alice, "inbox.file", agent.GetFile{Message: all[n-100].ID, File: 1})
}

// TestPostsSayWhoIsMissed: a contact who was away until the keys of their card
// had passed gets no post, and the sender is told.
func TestPostsSayWhoIsMissed(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 0, "alice", "bob", "charlie")
	alice, bob, charlie := v.person("alice"), v.person("bob"), v.person("charlie")
	v.befriend(alice, bob)
	v.befriend(alice, charlie)
	charlie.away = true
	v.clock = v.clock.Add(60 * sxp.Day)
	v.run(sxp.Minute)
	v.befriend(alice, bob)
	got := do[agent.MessageView](v, alice, "send", agent.SendMessage{Text: "a post"})
	if len(got.To) != 1 || got.To[0].Name != "bob" || len(got.Missed) != 1 || got.Missed[0].Name != "charlie" {
		t.Errorf("the post goes to %+v and misses %+v", got.To, got.Missed)
	}
}

// TestPlainLettersStayAsTheyWere: a message without the later fields has the
// bytes that it had before there were any.
func TestPlainLettersStayAsTheyWere(t *testing.T) {
	t.Parallel()
	type first struct {
		To   sxp.ID   `json:"to"`
		At   sxp.Time `json:"at"`
		Text string   `json:"text"`
	}
	to := sxp.ID{1}
	was, now := must(envelope.Marshal(first{to, start, "hello"})), must(envelope.Marshal(agent.Letter{To: to, At: start, Text: "hello"}))
	if !bytes.Equal(was, now) {
		t.Errorf("it was %x, it is %x", was, now)
	}
}
