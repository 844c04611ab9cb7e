package identity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"sxp"
)

// FileExtension is the extension of identity files, and MediaType what they
// are served as.
const (
	FileExtension = ".sxpid"
	MediaType     = "application/vnd.sxp.identity+json"
)

// fileType is the value of "type" in an identity file.
const fileType = "Identity"

// linkStart opens every link to a card.
const linkStart = "sxp:card?"

// A File is what people hand to each other to get in touch: as a .sxpid file
// or as a link. Without Card nothing in it is proven but that the owner of ID
// will be the one who can read.
type File struct {
	Label  string    // as Card.Label
	ID     sxp.ID    // "pubkey" in the file
	Relays []string  // as Card.Relays
	Card   sxp.Bytes // the signed card, nil if the file is not signed
}

// fileJSON has the fields of the file, in their order.
type fileJSON struct {
	Type   string    `json:"type"`
	Label  string    `json:"label"`
	Pubkey sxp.ID    `json:"pubkey"`
	Relays []string  `json:"relays"`
	Card   sxp.Bytes `json:"card,omitempty"`
}

// FileOf returns the file of a signed card. It fails like OpenCard.
func FileOf(rawCard []byte) (File, error) {
	c, err := OpenCard(rawCard)
	if err != nil {
		return File{}, err
	}
	return File{Label: c.Label, ID: c.ID, Relays: c.Relays, Card: bytes.Clone(rawCard)}, nil
}

// MarshalFile returns the .sxpid file of a signed card. It fails like OpenCard.
func MarshalFile(rawCard []byte) ([]byte, error) {
	f, err := FileOf(rawCard)
	if err != nil {
		return nil, err
	}
	return f.Marshal()
}

// Marshal returns the .sxpid file: JSON with a line per field. It fails like
// ParseFile for a file that ParseFile would refuse.
func (f File) Marshal() ([]byte, error) {
	const op = "identity.File"
	if err := f.check(op); err != nil {
		return nil, err
	}
	relays := f.Relays
	if relays == nil {
		relays = []string{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(fileJSON{fileType, f.Label, f.ID, relays, f.Card}); err != nil {
		return nil, sxp.Errorf(op, sxp.Internal, f.ID, "%w", err)
	}
	return b.Bytes(), nil
}

// ParseFile reads a .sxpid file, signed or not. It fails with Invalid for
// anything else, unknown fields, a card that is not valid, or fields that
// differ from the card's, and with TooLarge beyond a limit.
func ParseFile(data []byte) (File, error) {
	const op = "identity.ParseFile"
	if len(data) > MaxFile {
		return File{}, sxp.Errorf(op, sxp.TooLarge, nil, "an identity file has at most %d bytes, this has %d", MaxFile, len(data))
	}
	var j fileJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "not an identity file: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "something follows the identity file")
	}
	if err := exactFields(data); err != nil {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "not an identity file: %w", err)
	}
	if j.Type != fileType {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "the type of an identity file is %q, not %.40q", fileType, j.Type)
	}
	f := File{Label: j.Label, ID: j.Pubkey, Relays: j.Relays, Card: j.Card}
	return f, f.check(op)
}

// exactFields refuses what encoding/json lets pass: a field twice, of which
// readers would take one or the other, and a name in another case.
func exactFields(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok || strings.ToLower(name) != name {
			return fmt.Errorf("the field %.40q is not known", t)
		}
		if seen[name] {
			return fmt.Errorf("the field %q stands twice", name)
		}
		seen[name] = true
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}

// check verifies the fields, and that they are those of the card.
func (f *File) check(op string) error {
	if f.ID.IsZero() {
		return sxp.Errorf(op, sxp.Invalid, nil, "the pubkey is missing")
	}
	if err := checkLabel(op, f.Label); err != nil {
		return err
	}
	if err := checkRelays(op, f.Relays); err != nil {
		return err
	}
	if f.Card == nil {
		return nil
	}
	c, err := OpenCard(f.Card)
	if err != nil {
		return err
	}
	if c.ID != f.ID || c.Label != f.Label || !slices.Equal(c.Relays, f.Relays) {
		return sxp.Errorf(op, sxp.Invalid, f.ID, "label, pubkey and relays must be those of the card")
	}
	return nil
}

// Link returns the link form: "sxp:card?id=…&label=…&at=…&card=…". With one
// KEM key a signed card makes about 2,700 characters, which a QR code still
// holds; without Card it is short, and whoever follows it fetches the card from
// the relays. It fails like File.Marshal.
func (f File) Link() (string, error) {
	if err := f.check("identity.Link"); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(linkStart + "id=" + f.ID.String() + "&label=" + url.QueryEscape(f.Label))
	for _, r := range f.Relays {
		b.WriteString("&at=" + url.QueryEscape(r))
	}
	if f.Card != nil {
		text, err := f.Card.MarshalText()
		if err != nil {
			return "", err
		}
		b.WriteString("&card=" + string(text))
	}
	return b.String(), nil
}

// ParseLink reads what Link wrote, however its characters are escaped. It fails
// like ParseFile.
func ParseLink(link string) (File, error) {
	const op = "identity.ParseLink"
	if len(link) > MaxFile {
		return File{}, sxp.Errorf(op, sxp.TooLarge, nil, "a link has at most %d bytes, this has %d", MaxFile, len(link))
	}
	query, ok := strings.CutPrefix(link, linkStart)
	if !ok {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "%.40q is not the link to a card: it must start with %q", link, linkStart)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return File{}, sxp.Errorf(op, sxp.Invalid, nil, "not the link to a card: %w", err)
	}
	var f File
	for key, v := range values {
		if key != "at" && len(v) != 1 {
			return File{}, sxp.Errorf(op, sxp.Invalid, nil, "the link has %q %d times", key, len(v))
		}
		err = nil
		switch key {
		case "id":
			f.ID, err = sxp.ParseID(v[0])
		case "label":
			f.Label = v[0]
		case "at":
			f.Relays = v
		case "card":
			err = f.Card.UnmarshalText([]byte(v[0]))
		default:
			err = sxp.Errorf(op, sxp.Invalid, nil, "the link has a field %.40q that is not known", key)
		}
		if err != nil {
			return File{}, err
		}
	}
	return f, f.check(op)
}

// checkRelays wants absolute URLs, each once, that print as they are.
func checkRelays(op string, relays []string) error {
	if len(relays) > MaxRelays {
		return sxp.Errorf(op, sxp.TooLarge, nil, "at most %d relays can be named, not %d", MaxRelays, len(relays))
	}
	for i, r := range relays {
		if len(r) > MaxRelay {
			return sxp.Errorf(op, sxp.TooLarge, nil, "the address of a relay has at most %d bytes, this has %d", MaxRelay, len(r))
		}
		u, err := url.Parse(r)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			return sxp.Errorf(op, sxp.Invalid, nil, "%q is not the address of a relay: it must be a URL like https://host/", r)
		}
		if strings.ContainsFunc(r, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return sxp.Errorf(op, sxp.Invalid, nil, "the address %q has characters that a URL cannot have", r)
		}
		if slices.Contains(relays[:i], r) {
			return sxp.Errorf(op, sxp.Invalid, nil, "the relay %s is named twice", r)
		}
	}
	return nil
}
