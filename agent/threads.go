package agent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"sxp"
	"sxp/envelope"
	"sxp/identity"
)

const (
	keySent = "sent/"

	// keyLetters lists the letters of one conversation, under
	// "letters/<conversation>/<key>", without content. A conversation is a
	// person's ID, or the digest of a deal's proposal.
	keyLetters = "letters/"

	// keyLength has how many those are, so that nothing has to be listed.
	keyLength = "length/"
)

// The states of an own letter, as MessageView documents them.
const (
	letterQueued = "queued"
	letterSent   = "sent"
	letterFailed = "failed"
)

// sentLetter is one letter of this person under "sent/<time>/<digest>": one
// for all its receivers, named by the first one's digest.
type sentLetter struct {
	At      sxp.Time   `json:"at"`
	Text    string     `json:"text"`
	Kind    Kind       `json:"kind,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Files   []FileView `json:"files,omitempty"`
	Deal    sxp.Hash   `json:"deal,omitzero"`
	To      []sxp.ID   `json:"to"`
	Queued  []sxp.ID   `json:"queued,omitempty"` // whose is at no relay yet
	Failed  []sxp.ID   `json:"failed,omitempty"` // whose no relay has taken
}

func (s *sentLetter) state() string {
	switch {
	case len(s.Queued) > 0:
		return letterQueued
	case len(s.Failed) > 0:
		return letterFailed
	}
	return letterSent
}

// view shows a letter that is stored under key.
func (s *sentLetter) view(a *Agent, t *tx, key string) (v MessageView, err error) {
	id, err := sxp.ParseHash(key[strings.LastIndexByte(key, '/')+1:])
	return MessageView{
		ID: id, From: a.ID(), FromName: a.nameOf(t, a.ID()), At: s.At, Text: s.Text, Read: true, Kind: s.Kind, Subject: s.Subject,
		Files: s.Files, Mine: true, State: s.state(), Deal: s.Deal, To: a.peopleViews(t, s.To),
	}, err
}

// write signs a letter to each of some people, queues them and keeps one in
// the conversations that it belongs to.
func (a *Agent) write(t *tx, to []identity.Card, l Letter, threads []string) (v MessageView, err error) {
	size := len(l.Text)
	for _, f := range l.Files {
		size += len(f.Data)
	}
	if size*len(to) > maxPost {
		return v, sxp.Errorf("agent.post", sxp.TooLarge, nil, "%d bytes to each of %d people are more than %d: send less, or a link", size, len(to), maxPost)
	}
	s := sentLetter{At: l.At, Text: l.Text, Kind: l.Kind, Subject: l.Subject, Files: fileViews(l.Files), Deal: l.Deal}
	key := ""
	for _, card := range to {
		l.To = card.ID
		if err := l.check(); err != nil {
			return v, err
		}
		raw, err := envelope.Sign(a.id, TypeLetter, &l)
		if err != nil {
			return v, err
		}
		if key == "" {
			key = fmt.Sprintf("%s%015d/%s", keySent, max(l.At, 0), envelope.Digest(raw))
		}
		if err := a.post(t, card, letter{raw: raw, key: key}); err != nil {
			return v, err
		}
		s.To, s.Queued = append(s.To, card.ID), append(s.Queued, card.ID)
	}
	t.put(key, &s)
	a.keepFiles(t, a.ID(), key, l.Files)
	for _, where := range threads {
		a.index(t, where, key)
		a.recordTalk(t, where, talkLetter{Key: key, To: s.To, At: s.At, Text: s.Text, Kind: s.Kind, Subject: s.Subject, Files: s.Files, Deal: s.Deal})
	}
	return s.view(a, t, key)
}

// noteDelivery notes in the own letter that a record carries what became of
// it.
func noteDelivery(t *tx, o *outgoing) {
	var s sentLetter
	if !t.get(o.Letter, &s) || !slices.Contains(s.Queued, o.To) {
		return
	}
	s.Queued = slices.DeleteFunc(s.Queued, func(id sxp.ID) bool { return id == o.To })
	if !o.Taken {
		s.Failed = append(s.Failed, o.To)
	}
	t.put(o.Letter, &s)
}

// index puts a letter into a conversation and lets the oldest go where it has
// grown too long.
func (a *Agent) index(t *tx, where, key string) {
	of := keyLetters + where + "/"
	t.mark(of + key)
	n := 0
	if !t.get(keyLength+where, &n) { // also of a store from before this was counted
		n = len(t.keys(of)) - 1
	}
	if n++; n <= maxLetters+lettersOver {
		t.put(keyLength+where, n)
		return
	}
	t.put(keyLength+where, maxLetters)
	list := t.conversation(where)
	for ; len(list) > maxLetters; list = list[1:] {
		old := list[0]
		from := a.ID()
		var r received
		if strings.HasPrefix(old, keyInbox) && t.get(old, &r) {
			from = r.From
		}
		t.delete(of + old)
		t.delete(keyUnread + where + "/" + old)
		t.delete(old)
		t.delete(filesKey(from, old))
	}
}

// conversation returns the keys of the letters of a conversation, oldest first.
func (t *tx) conversation(where string) []string {
	of := keyLetters + where + "/"
	list := t.keys(of)
	for i := range list {
		list[i] = strings.TrimPrefix(list[i], of)
	}
	slices.SortFunc(list, func(x, y string) int { return strings.Compare(moment(x), moment(y)) })
	return list
}

// moment is the part of a letter's key by which letters are in order of time.
func moment(key string) string { return key[strings.IndexByte(key, '/')+1:] }

// talk is what a person means by "thread": the conversation's name, and the
// head of what is answered.
func (a *Agent) talk(t *tx, in ThreadRef) (where string, v Thread, err error) {
	const op = "agent.thread"
	v.Messages, v.People = []MessageView{}, []PersonView{}
	if (in.With == "") == (in.Deal == "") {
		return "", v, sxp.Errorf(op, sxp.Invalid, nil, "say with whom, or about which deal: one of them")
	}
	if in.Deal != "" {
		d, err := findDealIn(t, in.Deal)
		if err != nil {
			return "", v, err
		}
		v.Deal, v.People, err = a.dealHead(t, d)
		return d.ID.String(), v, err
	}
	id, err := sxp.ParseID(in.With)
	if err != nil {
		card, err := a.findContact(t, in.With)
		if err != nil {
			return "", v, err
		}
		id = card.ID
	}
	var p peer
	if !t.get(keyPeer+id.String(), &p) && len(t.keys(keyLetters+id.String()+"/")) == 0 {
		return "", v, sxp.Errorf(op, sxp.NotFound, id, "you know nobody with the id %s", id.Short())
	}
	who := PersonView{ID: id, Name: a.nameOf(t, id)}
	v.With, v.People, v.Verified = &who, []PersonView{who}, p.Verified
	return id.String(), v, nil
}

// dealHead names a deal and its other people.
func (a *Agent) dealHead(t *tx, d *dealRecord) (*DealHead, []PersonView, error) {
	p, err := a.proposalOf(d)
	if err != nil {
		return nil, nil, err
	}
	people := []PersonView{}
	for _, card := range p.Cards {
		if card.ID != a.ID() {
			people = append(people, PersonView{ID: card.ID, Name: card.Label})
		}
	}
	return &DealHead{Number: d.Number, ID: d.ID, Title: p.Terms.Title}, people, nil
}

// messageAt shows the letter under key, in either direction; ok is false for
// one that is not kept any more.
func (a *Agent) messageAt(t *tx, key string) (v MessageView, ok bool, err error) {
	if strings.HasPrefix(key, keySent) {
		var s sentLetter
		if !t.get(key, &s) {
			return v, false, nil
		}
		v, err = s.view(a, t, key)
		return v, true, err
	}
	var r received
	if !t.get(key, &r) {
		return v, false, nil
	}
	v, err = r.view(key)
	v.FromName = a.nameOf(t, r.From)
	return v, true, err
}

// thread answers "thread".
func (a *Agent) thread(_ context.Context, in ThreadRef) (v Thread, err error) {
	limit := in.Limit
	if limit <= 0 {
		limit = usualPage
	}
	limit = min(limit, maxThreadPage)
	err = a.mem.view(func(t *tx) error {
		where, head, err := a.talk(t, in)
		if err != nil {
			return err
		}
		v = head
		list := t.conversation(where)
		if !in.Before.IsZero() {
			at := slices.IndexFunc(list, func(key string) bool { return strings.HasSuffix(key, "/"+in.Before.String()) })
			if at < 0 {
				return sxp.Errorf("agent.thread", sxp.NotFound, in.Before, "this message is not in the conversation, or is not kept any more")
			}
			list = list[:at]
		}
		if len(list) > limit {
			list, v.More = list[len(list)-limit:], true
		}
		for _, key := range list {
			m, ok, err := a.messageAt(t, key)
			if err != nil {
				return err
			}
			if ok {
				v.Messages = append(v.Messages, m)
			}
		}
		return nil
	})
	return v, err
}

// readThread does "thread.read".
func (a *Agent) readThread(_ context.Context, in ThreadRef) (v None, err error) {
	return v, a.mem.update(func(t *tx) error {
		where, _, err := a.talk(t, in)
		if err != nil {
			return err
		}
		of := keyUnread + where + "/"
		for _, mark := range t.keys(of) {
			key := strings.TrimPrefix(mark, of)
			var r received
			if t.get(key, &r) && !r.Read {
				r.Read = true
				t.put(key, &r)
			}
			t.delete(mark)
		}
		return nil
	})
}

// threads answers "threads".
func (a *Agent) threads(context.Context, None) ([]ThreadView, error) {
	out := []ThreadView{}
	err := a.mem.view(func(t *tx) error {
		last, unread := map[string]string{}, map[string]int{}
		for _, full := range t.keys(keyLetters) {
			where, key, _ := strings.Cut(strings.TrimPrefix(full, keyLetters), "/")
			if moment(key) > moment(last[where]) {
				last[where] = key
			}
		}
		for _, full := range t.keys(keyUnread) {
			where, _, _ := strings.Cut(strings.TrimPrefix(full, keyUnread), "/")
			unread[where]++
		}
		for where, key := range last {
			v, ok, err := a.threadView(t, where, key)
			if err != nil {
				return err
			}
			if v.Unread = unread[where]; ok {
				out = append(out, v)
			}
		}
		return nil
	})
	sort.Slice(out, func(i, j int) bool {
		x, y := &out[i], &out[j]
		return cmp.Or(cmp.Compare(y.At, x.At), strings.Compare(y.Last.ID.String(), x.Last.ID.String())) < 0
	})
	return out, err
}

// threadView shows a conversation by its last letter.
func (a *Agent) threadView(t *tx, where, key string) (v ThreadView, ok bool, err error) {
	if v.Last, ok, err = a.messageAt(t, key); err != nil || !ok {
		return v, false, err
	}
	v.At = v.Last.At
	if digits, _, _ := strings.Cut(moment(key), "/"); digits != "" {
		if at, err := strconv.ParseInt(digits, 10, 64); err == nil {
			v.At = sxp.Time(at) // not later than it came, whatever the letter says
		}
	}
	if id, err := sxp.ParseID(where); err == nil {
		who := PersonView{ID: id, Name: a.nameOf(t, id)}
		v.With, v.People = &who, []PersonView{who}
		return v, true, nil
	}
	var d dealRecord
	if !t.get(keyDeal+where, &d) {
		return v, false, nil // the deal was dropped after years; its letters go with it
	}
	v.Deal, v.People, err = a.dealHead(t, &d)
	return v, true, err
}
