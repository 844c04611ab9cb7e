package agent

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sxp"
	"sxp/identity"
)

// A Kind says what sort of letter it is.
type Kind string

// The kinds, appended only.
const (
	KindMessage Kind = ""     // a text
	KindMail    Kind = "mail" // with a subject, perhaps with files
	KindFile    Kind = "file" // files, perhaps with a text
	KindPost    Kind = "post" // the same to all contacts of the sender
)

// A File is sent with a letter.
type File struct {
	Name string    `json:"name"`           // of the last part only, at most MaxFileName bytes
	Type string    `json:"type,omitempty"` // media type, as the sender says
	Data sxp.Bytes `json:"data"`
}

// Limits of what letters carry.
const (
	// MaxSubject is the longest subject in bytes of UTF-8: one line.
	MaxSubject = 200

	// MaxFiles is how many files one letter has.
	MaxFiles = 16

	// MaxFileBytes is how much data the files of one letter have together: a
	// photograph of a phone, and well below relay.MaxContent once sealed.
	MaxFileBytes = 512 << 10

	// MaxFileName is the longest name in bytes of UTF-8, as on most disks.
	MaxFileName = 255

	// MaxFileType is the longest media type (RFC 6838).
	MaxFileType = 127
)

// keyFiles holds the data of files, under "files/<sender>/<key in the inbox>",
// so that listing the inbox does not read them.
const keyFiles = "files/"

// fileData is the record under keyFiles.
type fileData struct {
	Files []File `json:"files"`
}

func filesKey(from sxp.ID, key string) string { return keyFiles + from.String() + "/" + key }

func fileViews(files []File) (out []FileView) {
	for _, f := range files {
		out = append(out, FileView{Name: f.Name, Type: f.Type, Size: len(f.Data)})
	}
	return out
}

// checkKind checks what a letter has beside its text.
func (l *Letter) checkKind() error {
	const op = "agent.Letter"
	switch l.Kind {
	case KindMessage, KindFile:
		if l.Subject != "" {
			return sxp.Errorf(op, sxp.Invalid, nil, "only a mail or a post has a subject")
		}
		if (len(l.Files) > 0) != (l.Kind == KindFile) {
			return sxp.Errorf(op, sxp.Invalid, nil, "a message has no files, and a letter of files has at least one")
		}
	case KindMail:
		if l.Subject == "" {
			return sxp.Errorf(op, sxp.Invalid, nil, "a mail has a subject")
		}
	case KindPost:
		if !l.Deal.IsZero() {
			return sxp.Errorf(op, sxp.Invalid, nil, "a post goes to contacts, not to the parties of a deal")
		}
	default:
		return sxp.Errorf(op, sxp.Invalid, nil, "%.40q is no kind of letter", string(l.Kind))
	}
	if len(l.Subject) > MaxSubject {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a subject has at most %d bytes, this has %d", MaxSubject, len(l.Subject))
	}
	if !oneLine(l.Subject) {
		return sxp.Errorf(op, sxp.Invalid, nil, "a subject is one line of text: %.80q", l.Subject)
	}
	return checkFiles(l.Files)
}

func checkFiles(files []File) error {
	const op = "agent.Letter"
	if len(files) > MaxFiles {
		return sxp.Errorf(op, sxp.TooLarge, nil, "a letter has at most %d files, this has %d", MaxFiles, len(files))
	}
	total := 0
	for _, f := range files {
		if err := checkFileName(f.Name); err != nil {
			return err
		}
		if len(f.Type) > MaxFileType || strings.ContainsFunc(f.Type, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return sxp.Errorf(op, sxp.Invalid, nil, "the type of %q is no media type such as image/jpeg: %.80q", f.Name, f.Type)
		}
		total += len(f.Data)
	}
	if total > MaxFileBytes {
		return sxp.Errorf(op, sxp.TooLarge, nil, "the files of a letter have at most %d bytes together, these have %d", MaxFileBytes, total)
	}
	return nil
}

// checkFileName refuses names that would be written elsewhere than a person
// says, or that look like others.
func checkFileName(name string) error {
	const op = "agent.Letter"
	switch {
	case name == "" || len(name) > MaxFileName:
		return sxp.Errorf(op, sxp.TooLarge, nil, "the name of a file has 1 to %d bytes, this has %d", MaxFileName, len(name))
	case !oneLine(name), strings.ContainsAny(name, `/\:`), name[0] == '.', strings.TrimSpace(name) != name:
		return sxp.Errorf(op, sxp.Invalid, nil, `the name of a file is one line without / \ : and no dot in front: %.80q`, name)
	}
	return nil
}

// oneLine reports whether s is text without anything that moves what is shown
// around it.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}

// keepFiles stores the files of the letter that is stored under key.
func (a *Agent) keepFiles(t *tx, from sxp.ID, key string, files []File) {
	if len(files) == 0 {
		return
	}
	t.put(filesKey(from, key), &fileData{Files: files})
	if list := t.keys(filesKey(from, "")); len(list) > maxFileLetters {
		t.delete(list[0])
	}
}

// inboxFile answers "inbox.file", for what was received and for what was sent.
func (a *Agent) inboxFile(_ context.Context, in GetFile) (f File, err error) {
	const op = "agent.inboxFile"
	err = a.mem.view(func(t *tx) error {
		from, where := a.ID(), ""
		for _, key := range slices.Concat(t.keys(keyInbox), t.keys(keySent)) {
			if strings.HasSuffix(key, "/"+in.Message.String()) {
				where = key
			}
		}
		if where == "" {
			return sxp.Errorf(op, sxp.NotFound, in.Message, "there is no such message")
		}
		var r received
		if strings.HasPrefix(where, keyInbox) && t.get(where, &r) {
			from = r.From
		}
		var d fileData
		if !t.get(filesKey(from, where), &d) {
			return sxp.Errorf(op, sxp.NotFound, in.Message, "it has no files, or they are no longer kept: those of the newest %d letters of each person are", maxFileLetters)
		}
		if in.File < 1 || in.File > len(d.Files) {
			return sxp.Errorf(op, sxp.NotFound, in.Message, "it has %d files, there is no %d", len(d.Files), in.File)
		}
		f = d.Files[in.File-1]
		return nil
	})
	return f, err
}

// sendAll writes the same to every contact, each a letter of their own.
func (a *Agent) sendAll(t *tx, in SendMessage) (v MessageView, err error) {
	const op = "agent.post"
	var to []identity.Card
	var missed []sxp.ID
	var threads []string
	if err := scan(t, keyPeer, func(_ string, p *peer) error {
		if !p.Contact {
			return nil
		}
		card, err := a.openCard(p.Card)
		if err != nil {
			return err
		}
		if _, err := card.SealKey(a.now()); err != nil {
			missed = append(missed, card.ID)
			return nil
		}
		to, threads = append(to, card), append(threads, card.ID.String())
		return nil
	}); err != nil {
		return v, err
	}
	if len(to) == 0 {
		return v, sxp.Errorf(op, sxp.NotFound, nil, "you have no contacts who can be written to: sxp card add FILE adds one")
	}
	v, err = a.write(t, to, a.compile(in), threads)
	v.Missed = a.peopleViews(t, missed)
	return v, err
}
