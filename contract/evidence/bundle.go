package evidence

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"sxp"
	"sxp/contract"
	"sxp/contract/rating"
	"sxp/envelope"
)

// A Bundle is what one person holds of one signing. Nothing in it was verified.
type Bundle struct {
	File     sxp.Bytes   `json:"file,omitempty"`    // the contract file or void certificate; empty: there is none
	Session  sxp.Bytes   `json:"session,omitempty"` // the encoded contract.Preimage; empty: not all have accepted
	Faults   []sxp.Bytes `json:"faults,omitempty"`  // encoded contract.Fault
	Messages []sxp.Bytes `json:"messages"`          // signed; the proposal among them
}

// The names of the parts in the folder.
const (
	indexName    = "index.txt"
	contractName = "contract.sxpc"
	voidName     = "void.sxpc"
	sessionName  = "session.cbor"
	faultName    = "fault-%03d.cbor"
	messageName  = "message-%03d.sxp"
)

// order is that of the messages in the folder: how a signing goes.
var order = [...]envelope.Type{
	contract.TypeProposal, contract.TypeAcceptance, contract.TypeDecline, contract.TypePromise, contract.TypeClaim, contract.TypeLodged,
	contract.TypeRelease, contract.TypeEndorse, contract.TypeShares, contract.TypeResult, contract.TypeVoid, rating.Type, rating.TypeReply,
}

// Build makes the file of what somebody holds. Messages that came too early to
// be verified may be wrong: those that convict their author become faults,
// others are left out. It fails if what is left does not hold together. rand is
// as in Open.
func Build(rand io.Reader, b Bundle) ([]byte, error) {
	c, err := b.open(rand)
	if err != nil {
		return nil, err
	}
	clean := Bundle{File: b.File, Session: b.Session, Faults: slices.Clone(b.Faults)}
	b.Messages, b.Faults = slices.Clone(b.Messages), slices.Clone(b.Faults)
	b.sort()
	for _, raw := range b.Messages {
		if _, err := c.judge(raw); err == nil {
			clean.Messages = append(clean.Messages, raw)
			continue
		}
		if f := c.faultIn(raw); f != nil {
			clean.Faults = append(clean.Faults, f)
		}
	}
	clean.sort()
	file, err := clean.folder()
	if err != nil {
		return nil, err
	}
	_, err = Open(rand, file)
	return file, err
}

// sort gives the contents their one order.
func (b *Bundle) sort() {
	rank := func(raw sxp.Bytes) int { return slices.Index(order[:], contract.TypeOf(raw)) }
	slices.SortFunc(b.Messages, func(x, y sxp.Bytes) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		return bytes.Compare(x, y)
	})
	same := func(x, y sxp.Bytes) bool { return bytes.Equal(x, y) }
	b.Messages = slices.CompactFunc(b.Messages, same)
	slices.SortFunc(b.Faults, func(x, y sxp.Bytes) int { return bytes.Compare(x, y) })
	b.Faults = slices.CompactFunc(b.Faults, same)
}

// part is one file in the folder.
type part struct {
	name string
	data []byte
}

func (b *Bundle) parts() []part {
	var out []part
	if len(b.File) > 0 {
		name := contractName
		if bytes.HasPrefix(b.File, []byte("SXP "+string(contract.VoidFile))) {
			name = voidName
		}
		out = append(out, part{name, b.File})
	}
	if len(b.Session) > 0 {
		out = append(out, part{sessionName, b.Session})
	}
	for i, f := range b.Faults {
		out = append(out, part{fmt.Sprintf(faultName, i+1), f})
	}
	for i, m := range b.Messages {
		out = append(out, part{fmt.Sprintf(messageName, i+1), m})
	}
	return out
}

// index is the page for people: what lies in the folder. It claims nothing that
// a reader would have to believe.
func index(parts []part) []byte {
	var b strings.Builder
	b.WriteString("SXP EVIDENCE 1\n\n" +
		"This folder holds signed messages of the making of one contract. Anybody can\n" +
		"check it, without network and without trust in who gave it:\n\n" +
		"    sxp verify FILE\n\n" +
		"says who signed what, which rule was broken by whom, and what is not proven.\n" +
		"contract.sxpc begins with the contract in words.\n\n")
	for _, p := range parts {
		fmt.Fprintf(&b, "%-16s %9d bytes  SHA-256 %s", p.name, len(p.data), sxp.Sum(p.data))
		if typ, by, err := envelope.Peek(p.data); err == nil && strings.HasPrefix(p.name, "message-") {
			fmt.Fprintf(&b, "  %s of %s", typ, by)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// dosDay is 1 January 1980, the first day of the format: the file tells no
// time of its own.
const dosDay = 1<<5 | 1

// folder writes the zip, its index first, nothing compressed.
func (b *Bundle) folder() ([]byte, error) {
	parts := b.parts()
	parts = slices.Insert(parts, 0, part{indexName, index(parts)})
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		size := uint64(len(p.data))
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Store, CreatorVersion: 20, ReaderVersion: 20,
			//lint:ignore SA1019 Modified would add a field to the file, and CreateRaw heeds this one
			ModifiedDate: dosDay,
			CRC32:        crc32.ChecksumIEEE(p.data), CompressedSize64: size, UncompressedSize64: size,
		})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if out.Len() > MaxFile {
		return nil, sxp.Errorf("evidence", sxp.TooLarge, nil, "an evidence file has at most %d bytes, this would have %d", MaxFile, out.Len())
	}
	return out.Bytes(), nil
}

// Is reports whether a file is meant to be one of this package.
func Is(file []byte) bool { return bytes.HasPrefix(file, []byte("PK\x03\x04")) }

// read takes a file apart and refuses one that Build would write otherwise:
// nothing can hide between the parts, in a comment or under a second name.
func read(file []byte) (*Bundle, error) {
	const op = "evidence.Open"
	if len(file) > MaxFile {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "an evidence file has at most %d bytes, this has %d", MaxFile, len(file))
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "not an evidence file: %w", err)
	}
	if len(z.File) > MaxMessages+MaxFaults+3 {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "an evidence file holds at most %d messages and %d faults", MaxMessages, MaxFaults)
	}
	b := new(Bundle)
	for _, f := range z.File {
		if f.Method != zip.Store || f.UncompressedSize64 > uint64(len(file)) {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%.40q is compressed: an evidence file compresses nothing", f.Name)
		}
		data, err := readPart(f)
		if err != nil {
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "%.40q is damaged: %w", f.Name, err)
		}
		switch {
		case f.Name == indexName:
		case f.Name == contractName || f.Name == voidName:
			b.File = data
		case f.Name == sessionName:
			b.Session = data
		case strings.HasPrefix(f.Name, "fault-"):
			b.Faults = append(b.Faults, data)
		case strings.HasPrefix(f.Name, "message-"):
			b.Messages = append(b.Messages, data)
		default:
			return nil, sxp.Errorf(op, sxp.Invalid, nil, "an evidence file holds no %.40q", f.Name)
		}
	}
	if len(b.Messages) > MaxMessages || len(b.Faults) > MaxFaults {
		return nil, sxp.Errorf(op, sxp.TooLarge, nil, "an evidence file holds at most %d messages and %d faults", MaxMessages, MaxFaults)
	}
	again := Bundle{File: b.File, Session: b.Session, Faults: slices.Clone(b.Faults), Messages: slices.Clone(b.Messages)}
	again.sort()
	written, err := again.folder()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(written, file) {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "the evidence file was changed, or written by another program: its parts are not in their order, or its index is not theirs")
	}
	return b, nil
}

func readPart(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
