package relay

import (
	"encoding/hex"
	"io"
	"strings"

	"sxp"
)

// A RecordID names a record among those of one sender for one receiver: 1 to
// MaxRecordID letters, digits, dots, underscores and hyphens (ASCII), not
// starting with a dot. The sender chooses it.
type RecordID string

// NewRecordID draws a record id: 32 hex digits.
func NewRecordID(rand io.Reader) (RecordID, error) {
	n, err := NewNonce(rand)
	return RecordID(hex.EncodeToString(n[:])), err
}

// Check fails with Invalid if id breaks the rule.
func (id RecordID) Check() error {
	ok := len(id) > 0 && len(id) <= MaxRecordID && id[0] != '.'
	for i := 0; ok && i < len(id); i++ {
		c := id[i]
		ok = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-'
	}
	if !ok {
		return sxp.Errorf("relay.RecordID", sxp.Invalid, nil, "%.80q is not a record id: it must be 1 to %d letters, digits, dots, underscores and hyphens, not starting with a dot", string(id), MaxRecordID)
	}
	return nil
}

// A Path names a record on a relay. Its text is
// "/sender/outbox/receiver/recordId" with both IDs as sxp1… (seed 004).
type Path struct {
	Sender   sxp.ID
	Receiver sxp.ID
	RecordID RecordID
}

const outbox = "outbox"

// A pathCoder converts paths of which neighbours often have the same people:
// reading or writing an ID costs more than all the rest.
type pathCoder struct {
	ids   [2]sxp.ID // of the path before: sender, receiver
	texts [2]string
}

func (c *pathCoder) text(which int, id sxp.ID) string {
	if c.ids[which] != id || c.texts[which] == "" {
		c.ids[which], c.texts[which] = id, id.String()
	}
	return c.texts[which]
}

func (c *pathCoder) id(which int, s string) (sxp.ID, error) {
	if c.texts[which] != s || s == "" {
		id, err := sxp.ParseID(s)
		if err != nil {
			return id, err
		}
		c.ids[which], c.texts[which] = id, s
	}
	return c.ids[which], nil
}

// format is Path.String.
func (c *pathCoder) format(p Path) string {
	return "/" + c.text(0, p.Sender) + "/" + outbox + "/" + c.text(1, p.Receiver) + "/" + string(p.RecordID)
}

// ParsePath reads the text form; anything else fails with Invalid.
func ParsePath(s string) (Path, error) { return new(pathCoder).parse(s) }

// parse is ParsePath.
func (c *pathCoder) parse(s string) (Path, error) {
	const op = "relay.ParsePath"
	if len(s) > 2*sxp.MaxIDText+MaxRecordID+len(outbox)+4 {
		return Path{}, sxp.Errorf(op, sxp.TooLarge, nil, "a path is shorter than %d bytes", len(s))
	}
	part := strings.Split(s, "/")
	if len(part) != 5 || part[0] != "" || part[2] != outbox {
		return Path{}, sxp.Errorf(op, sxp.Invalid, nil, "%q is not a path: it must read /sender/outbox/receiver/recordId", s)
	}
	var p Path
	var err error
	if p.Sender, err = c.id(0, part[1]); err != nil {
		return Path{}, sxp.Errorf(op, sxp.Invalid, nil, "the sender of %q: %w", s, err)
	}
	if p.Receiver, err = c.id(1, part[3]); err != nil {
		return Path{}, sxp.Errorf(op, sxp.Invalid, nil, "the receiver of %q: %w", s, err)
	}
	p.RecordID = RecordID(part[4])
	return p, p.RecordID.Check()
}

// String returns the text form.
func (p Path) String() string { return new(pathCoder).format(p) }

// MarshalText returns the text form.
func (p Path) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePath.
func (p *Path) UnmarshalText(text []byte) error {
	v, err := ParsePath(string(text))
	if err == nil {
		*p = v
	}
	return err
}
