package agent

import (
	"sort"
	"strings"

	"sxp"
)

// keyTalk holds the newest letters of a conversation for the vault, under
// "talk/<conversation>": one copy for each conversation, not for each letter.
const keyTalk = "talk/"

// talkRecord is the newest part of a conversation.
type talkRecord struct {
	Letters []talkLetter `json:"letters"` // oldest first
}

// talkLetter is a letter without what belongs to one device: the data of its
// files, and on which way it is.
type talkLetter struct {
	Key     string     `json:"key"` // where it is kept: inbox/… or sent/…
	From    sxp.ID     `json:"from,omitzero"`
	To      []sxp.ID   `json:"to,omitempty"`
	At      sxp.Time   `json:"at"`
	Text    string     `json:"text"`
	Kind    Kind       `json:"kind,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Files   []FileView `json:"files,omitempty"`
	Deal    sxp.Hash   `json:"deal,omitzero"`
}

func (l *talkLetter) size() int { return len(l.Text) + len(l.Subject) + 128*len(l.Files) }

// recordTalk adds a letter to what the vault has of its conversation.
func (a *Agent) recordTalk(t *tx, where string, l talkLetter) {
	if a.cfg.NoVault {
		return
	}
	var r talkRecord
	t.get(keyTalk+where, &r)
	r.Letters = append(r.Letters, l)
	sort.SliceStable(r.Letters, func(i, j int) bool { return moment(r.Letters[i].Key) < moment(r.Letters[j].Key) })
	size := 0
	for i := len(r.Letters) - 1; i >= 0; i-- {
		if size += r.Letters[i].size(); size > maxTalkText || len(r.Letters)-i > maxTalk {
			r.Letters = r.Letters[i+1:]
			break
		}
	}
	t.put(keyTalk+where, &r)
}

// restoreTalks fills the conversations from what the vault had of them. All of
// it counts as read, and as sent.
func (a *Agent) restoreTalks(t *tx) error {
	talks := map[string]*talkRecord{}
	if err := scan(t, keyTalk, func(key string, r *talkRecord) error {
		talks[strings.TrimPrefix(key, keyTalk)] = r
		return nil
	}); err != nil {
		return err
	}
	for where, r := range talks {
		for i := range r.Letters {
			l := &r.Letters[i]
			switch {
			case strings.HasPrefix(l.Key, keyInbox):
				t.put(l.Key, &received{From: l.From, At: l.At, Text: l.Text, Read: true, Kind: l.Kind, Subject: l.Subject, Files: l.Files, Deal: l.Deal})
			case strings.HasPrefix(l.Key, keySent):
				t.put(l.Key, &sentLetter{At: l.At, Text: l.Text, Kind: l.Kind, Subject: l.Subject, Files: l.Files, Deal: l.Deal, To: l.To})
			default:
				continue
			}
			a.index(t, where, l.Key)
		}
	}
	return nil
}
