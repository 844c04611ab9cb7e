package agent

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
)

// TypeLetter is the type of a signed Letter.
const TypeLetter envelope.Type = "sxp.letter/1"

// MaxLetter is the longest text of a letter in bytes of UTF-8: a few pages.
const MaxLetter = 16 << 10

// A Letter is a message from one person to another. It names its receiver, so
// that nobody can pass it on as written to somebody else.
type Letter struct {
	To   sxp.ID   `json:"to"`
	At   sxp.Time `json:"at"` // the sender's clock
	Text string   `json:"text"`

	Kind    Kind   `json:"kind,omitempty"`
	Subject string `json:"subject,omitempty"` // of a mail always, of a post perhaps
	Files   []File `json:"files,omitempty"`   // of a mail, a file or a post

	// Deal is the proposal whose parties talk here: the same words went to each
	// of the others, as far as the writer is honest.
	Deal sxp.Hash `json:"deal,omitzero"`
}

// Types returns the constructors of this package's messages, for the JSON view.
func Types() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{TypeLetter: func() any { return new(Letter) }}
}

const (
	keyInbox = "inbox/"

	// keyUnread lists the letters that were not read, under
	// "unread/<conversation>/<key>", without content.
	keyUnread = "unread/"
)

// received is one letter under "inbox/<time>/<digest>"; its files are under
// keyFiles.
type received struct {
	From    sxp.ID     `json:"from"`
	At      sxp.Time   `json:"at"`
	Text    string     `json:"text"`
	Read    bool       `json:"read,omitempty"`
	Kind    Kind       `json:"kind,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Files   []FileView `json:"files,omitempty"`
	Deal    sxp.Hash   `json:"deal,omitzero"`
}

// view shows a letter that is stored under key.
func (r *received) view(key string) (v MessageView, err error) {
	id, err := sxp.ParseHash(key[strings.LastIndexByte(key, '/')+1:])
	return MessageView{ID: id, From: r.From, At: r.At, Text: r.Text, Read: r.Read, Kind: r.Kind, Subject: r.Subject, Files: r.Files, Deal: r.Deal}, err
}

// OpenLetter reads a signed letter and returns who wrote it. Whether it is for
// the reader, and in the deal that it names, is for the caller to see.
func OpenLetter(raw []byte) (l Letter, from sxp.ID, err error) {
	if from, err = envelope.Open(raw, TypeLetter, &l); err == nil {
		err = l.check()
	}
	return l, from, err
}

func (l *Letter) check() error {
	const op = "agent.Letter"
	if err := l.checkKind(); err != nil {
		return err
	}
	if l.Text == "" && l.Kind != KindFile || len(l.Text) > MaxLetter {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a message has 1 to %d bytes, this has %d", MaxLetter, len(l.Text))
	}
	if !utf8.ValidString(l.Text) {
		return sxp.Errorf(op, sxp.Invalid, nil, "a message is UTF-8 text")
	}
	for _, r := range l.Text {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return sxp.Errorf(op, sxp.Invalid, nil, "a message has no control characters, this has %U", r)
		}
	}
	return nil
}

// takeLetter stores a letter that arrived in a record of sender, or keeps it
// for when its deal is known and accepted.
func (a *Agent) takeLetter(t *tx, sender sxp.ID, raw []byte) error {
	const op = "agent.takeLetter"
	l, from, err := OpenLetter(raw)
	if err != nil {
		return err
	}
	if from != sender {
		return sxp.Errorf(op, sxp.Denied, sender, "the message was written by %s", from)
	}
	if l.To != a.ID() {
		return sxp.Errorf(op, sxp.Denied, from, "the message was written to %s", l.To)
	}
	var p peer
	t.get(keyPeer+from.String(), &p)
	where := from.String()
	if l.Deal.IsZero() {
		if !p.Contact && !p.Pull {
			return sxp.Errorf(op, sxp.Denied, from, "the person has neither added them nor accepted a deal with them")
		}
	} else {
		if wait, err := a.checkParty(t, from, l.Deal, p.Contact); err != nil {
			return err
		} else if wait {
			return keepEarlyLetter(t, a.now(), l.Deal, raw)
		}
		where = l.Deal.String()
	}
	// A clock that is ahead, or a liar's, does not keep a letter on top for ever.
	at := min(max(l.At, 0), a.now().Add(sxp.ClockSkew))
	digest := envelope.Digest(raw).String()
	key := fmt.Sprintf("%s%015d/%s", keyInbox, at, digest)
	if at < l.At { // where it stands depends on when it came first: a relay may give it again
		for _, old := range t.conversation(where) {
			if strings.HasPrefix(old, keyInbox) && strings.HasSuffix(old, digest) {
				key = old
			}
		}
	}
	if t.kv.Get(key) != nil {
		if t.kv.Get(filesKey(from, key)) == nil {
			a.keepFiles(t, from, key, l.Files) // restored without them
		}
		return nil
	}
	t.put(key, &received{From: from, At: l.At, Text: l.Text, Kind: l.Kind, Subject: l.Subject, Files: fileViews(l.Files), Deal: l.Deal})
	t.mark(keyUnread + where + "/" + key)
	a.keepFiles(t, from, key, l.Files)
	a.index(t, where, key)
	a.recordTalk(t, where, talkLetter{Key: key, From: from, At: l.At, Text: l.Text, Kind: l.Kind, Subject: l.Subject, Files: fileViews(l.Files), Deal: l.Deal})
	return nil
}

// send does "send".
func (a *Agent) send(_ context.Context, in SendMessage) (v MessageView, err error) {
	err = a.mem.update(func(t *tx) error {
		v, err = a.sendIn(t, in)
		return err
	})
	a.nudge()
	return v, err
}

func (a *Agent) sendIn(t *tx, in SendMessage) (v MessageView, err error) {
	switch {
	case in.Deal != "" && in.To != "":
		return v, sxp.Errorf("agent.send", sxp.Invalid, nil, "say either to whom, or in which deal: all its parties get it")
	case in.Deal != "":
		return a.sendInDeal(t, in)
	case in.To == "":
		return a.sendAll(t, in)
	}
	card, err := a.findContact(t, in.To)
	if err != nil {
		return v, err
	}
	return a.write(t, []identity.Card{card}, a.compile(in), []string{card.ID.String()})
}

// compile makes a letter of a request; to whom it goes is not in it yet.
func (a *Agent) compile(in SendMessage) Letter {
	l := Letter{At: a.now(), Text: in.Text, Subject: in.Subject, Files: in.Files}
	switch {
	case in.To == "" && in.Deal == "":
		l.Kind = KindPost
	case in.Subject != "":
		l.Kind = KindMail
	case len(in.Files) > 0:
		l.Kind = KindFile
	}
	return l
}

// findContact finds whom a person means: a contact, or a party of a deal.
func (a *Agent) findContact(t *tx, ref string) (identity.Card, error) {
	var cards []*identity.Card
	err := scan(t, keyPeer, func(_ string, p *peer) error {
		card, err := a.openCard(p.Card)
		cards = append(cards, &card)
		return err
	})
	if err != nil {
		return identity.Card{}, err
	}
	if ref == "" {
		return identity.Card{}, sxp.Errorf("agent.findContact", sxp.Invalid, nil, "say to whom: a contact's name or id")
	}
	card, err := pick("contact", ref, cards,
		func(*identity.Card) int { return 0 },
		func(c *identity.Card) string { return c.ID.String() },
		func(c *identity.Card) string { return c.Label })
	if err != nil {
		return identity.Card{}, fmt.Errorf("%w; sxp card add FILE adds a contact", err)
	}
	return *card, nil
}

// inbox answers "inbox" and marks what it lists as read.
func (a *Agent) inbox(context.Context, None) ([]MessageView, error) {
	out := []MessageView{}
	err := a.mem.update(func(t *tx) error {
		unread := map[string]*received{}
		if err := scan(t, keyInbox, func(key string, r *received) error {
			v, err := r.view(key)
			if err != nil {
				return err
			}
			v.FromName = a.nameOf(t, r.From)
			out = append(out, v)
			if !r.Read {
				unread[key] = r
			}
			return nil
		}); err != nil {
			return err
		}
		for key, r := range unread {
			r.Read = true
			t.put(key, r)
		}
		for _, key := range t.keys(keyUnread) {
			t.delete(key)
		}
		return nil
	})
	return out, err
}

// nameOf returns how a person calls themselves, or the start of their id.
func (a *Agent) nameOf(t *tx, id sxp.ID) string {
	var p peer
	if id == a.ID() {
		var me profile
		if t.get(keyProfile, &me) {
			return me.Label
		}
	} else if t.get(keyPeer+id.String(), &p) {
		if card, err := a.openCard(p.Card); err == nil {
			return card.Label
		}
	}
	return id.Short()
}
