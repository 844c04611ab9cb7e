//go:build cgo

package sxpverify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// A Proposal has what a session must agree with. Its text is compared, not
// rendered from the terms.
type Proposal struct {
	Version int `cbor:"version"`
	Terms   struct {
		Text      string `cbor:"text"`
		Transfers []struct {
			From   int             `cbor:"from"`
			Secret cbor.RawMessage `cbor:"secret"`
		} `cbor:"transfers"`
	} `cbor:"terms"`
	Parties []struct {
		Card     []byte     `cbor:"card"`
		Operator [32]byte   `cbor:"operator"`
		Tribes   [][32]byte `cbor:"tribes"`
	} `cbor:"parties"`
	Roll     [32]byte `cbor:"roll"`
	Mode     string   `cbor:"mode"`
	N        int      `cbor:"n"`
	T        int      `cbor:"t"`
	F        int      `cbor:"f"`
	Created  int64    `cbor:"created"`
	Deadline int64    `cbor:"deadline"`
	Delta    int64    `cbor:"delta"`
	L        int64    `cbor:"l"`
	Epsilon  int64    `cbor:"epsilon"`
	Patience int64    `cbor:"patience"`
	Nonce    []byte   `cbor:"nonce"`

	digest  [32]byte
	cards   []card
	secrets map[int64]*sealedSecret // by transfer
}

type card struct {
	ID          [32]byte `cbor:"id"`
	ContractKey G2       `cbor:"contractKey"`
	Proof       G1       `cbor:"proof"`
}

// some reads some fields of a message.
func some(raw []byte, typ string, v any) (*message, error) {
	m, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if m.typ != typ {
		return nil, fmt.Errorf("a %s, not a %s", m.typ, typ)
	}
	return m, loose.Unmarshal(m.payload, v)
}

func openProposal(raw []byte) (*Proposal, error) {
	p := new(Proposal)
	m, err := some(raw, "sxp.proposal/1", p)
	if err != nil {
		return nil, err
	}
	p.digest = m.digest
	span := func(v int64) bool { return v >= 1 && v <= day }
	switch {
	case p.Version != 1, p.Mode != "optimistic" && p.Mode != "notary", p.Mode == "notary" && p.N != 1, len(p.Parties) < 2, len(p.Parties) > 12,
		p.F < 0, p.T <= p.F, p.N < 1, p.N > 101, p.T > p.N-p.F, p.Created < 1, p.Deadline > lastDay,
		!span(p.Delta), !span(p.L), !span(p.Epsilon), !span(p.Patience), p.Created >= p.Deadline-p.L-p.Epsilon-p.Patience:
		return nil, errors.New("a proposal out of its bounds")
	}
	ids, keys := map[[32]byte]bool{}, map[G2]bool{}
	for _, q := range p.Parties {
		var c card
		m, err := some(q.Card, "sxp.card/1", &c)
		if err != nil {
			return nil, err
		}
		if c.ID != m.signer {
			return nil, errors.New("a card is signed by its owner")
		}
		if err := checkPossession("party", c.ID, c.ContractKey, c.Proof); err != nil {
			return nil, err
		}
		ids[c.ID], keys[c.ContractKey] = true, true
		p.cards = append(p.cards, c)
	}
	if len(ids) != len(p.Parties) || len(keys) != len(p.Parties) {
		return nil, errors.New("parties are distinct")
	}
	return p, p.readSecrets()
}

// named are the ids that no juror may have or depend on.
func (p *Proposal) named() map[[32]byte]bool {
	out := map[[32]byte]bool{}
	for i, q := range p.Parties {
		out[p.cards[i].ID] = true
		if q.Operator != [32]byte{} {
			out[q.Operator] = true
		}
		for _, t := range q.Tribes {
			out[t] = true
		}
	}
	return out
}

// matches checks that a session is the one of the proposal.
func (p *Proposal) matches(s *Session) error {
	if s.Proposal != p.digest || s.Roll != p.Roll || s.T != p.T || s.F != p.F || s.Deadline != p.Deadline || s.Delta != p.Delta || len(s.Jury) != p.N || len(s.Parties) != len(p.cards) {
		return errors.New("a session of another proposal")
	}
	for i, c := range p.cards {
		if q := s.Parties[i]; q.ID != c.ID || q.X != c.ContractKey || q.Proof != c.Proof {
			return errors.New("other parties than were proposed")
		}
	}
	return nil
}

// contents are what a file holds behind its text (spec/contract.md, "The file").
type contents struct {
	Proposal []byte   `cbor:"proposal"`
	Preimage Preimage `cbor:"preimage"`
	S        *G1      `cbor:"s,omitempty"`
	Voids    [][]byte `cbor:"voids,omitempty"`
	Roll     []byte   `cbor:"roll,omitempty"`
}

const (
	contractKind = "CONTRACT"
	voidKind     = "VOID CERTIFICATE"
)

// frame writes a file.
func frame(kind, text string, data []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "SXP %s 1\n\n%s\n-----BEGIN SXP %s-----\n", kind, text, kind)
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(data)), 64) {
		b.Write(append(line[:len(line):len(line)], '\n'))
	}
	fmt.Fprintf(&b, "-----END SXP %s-----\n", kind)
	return b.Bytes()
}

// unframe cuts a file into its kind, its text and its contents.
func unframe(file []byte) (kind, text string, data []byte, err error) {
	for _, kind := range []string{contractKind, voidKind} {
		head := []byte("SXP " + kind + " 1\n\n")
		begin, end := []byte("\n-----BEGIN SXP "+kind+"-----\n"), []byte("-----END SXP "+kind+"-----\n")
		at := bytes.LastIndex(file, begin)
		if !bytes.HasPrefix(file, head) || at < len(head) || !bytes.HasSuffix(file, end) || at+len(begin) > len(file)-len(end) {
			continue
		}
		digits := bytes.ReplaceAll(file[at+len(begin):len(file)-len(end)], []byte("\n"), nil)
		data, err := base64.StdEncoding.Strict().DecodeString(string(digits))
		text := string(file[len(head):at])
		if err == nil && !bytes.Equal(frame(kind, text, data), file) {
			err = errors.New("there is one file for the same contents")
		}
		return kind, text, data, err
	}
	return "", "", nil, errors.New("neither a contract nor a void certificate")
}

// VerifyFile checks a contract file or a void certificate (spec/contract.md).
func VerifyFile(file []byte) error {
	_, _, _, err := openFile(file)
	return err
}

// openFile checks a file and returns what it is of.
func openFile(file []byte) (p *Proposal, s *Session, kind string, err error) {
	if len(file) > 4<<20 {
		return nil, nil, "", errors.New("a file has at most 4 MiB")
	}
	kind, text, data, err := unframe(file)
	if err != nil {
		return nil, nil, "", err
	}
	var c contents
	if err := decode(data, &c); err != nil {
		return nil, nil, "", err
	}
	if p, err = openProposal(c.Proposal); err != nil {
		return nil, nil, "", err
	}
	if p.Terms.Text != text {
		return nil, nil, "", errors.New("the readable part is not what was signed")
	}
	if s, err = checkSession(c.Preimage); err != nil {
		return nil, nil, "", err
	}
	if err := p.matches(s); err != nil {
		return nil, nil, "", err
	}
	if err := s.outcome(kind, &c); err != nil {
		return nil, nil, "", err
	}
	return p, s, kind, checkDraw(s, p, c.Roll)
}

// outcome checks S of a contract, or the voids of a certificate.
func (s *Session) outcome(kind string, c *contents) error {
	if (c.S != nil) != (kind == contractKind) || (c.Voids != nil) != (kind == voidKind) {
		return errors.New("a contract holds S, a certificate holds voids")
	}
	if c.S != nil {
		return s.checkAggregate(*c.S)
	}
	if len(c.Voids) != s.T {
		return errors.New("a certificate holds t voids")
	}
	last := 0
	for _, raw := range c.Voids {
		seat, err := s.openVote(raw, "sxp.void/1")
		if err != nil {
			return err
		}
		if seat <= last {
			return errors.New("voids are of distinct seats, in their order")
		}
		last = seat
	}
	return nil
}

// checkDraw draws the jury again; without a roll there is nothing to check.
func checkDraw(s *Session, p *Proposal, rollRaw []byte) error {
	if rollRaw == nil {
		return nil
	}
	r, digest, err := openRoll(rollRaw)
	if err != nil {
		return err
	}
	jury, err := r.draw(p.named(), p.N, p.F, s.Seed)
	if err != nil {
		return err
	}
	if digest != s.Roll || !slices.Equal(jury, s.Jury) {
		return errors.New("the jury is not the one that was drawn")
	}
	return nil
}
