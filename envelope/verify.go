package envelope

import (
	"encoding/binary"
	"iter"
	"sync"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"sxp"
)

// zip215 is the one acceptance rule: https://zips.z.cash/zip-0215.
func zip215() *ed25519.Options {
	return &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}
}

// VerifyEd25519 reports whether sig is id's signature of msg under ZIP-215.
// Batch accepts exactly the same signatures. What was found good is remembered
// for a while: the same acceptances, endorsements and shares come to a juror,
// a watcher or a simulation many times.
func VerifyEd25519(id sxp.ID, msg, sig []byte) bool {
	if len(sig) != signatureSize {
		return false
	}
	name := sxp.Sum(id[:], sig, msg) // the first two have fixed lengths
	if recent.has(name) {
		return true
	}
	good := ed25519.VerifyWithOptions(id[:], msg, sig, zip215())
	if good {
		recent.add(name)
	}
	return good
}

// recent holds the last good signatures of the process: 256 KiB, whatever comes
// from outside. It changes no result, only the time that a repeat takes.
var recent verdicts

// verdicts is a table of names of facts that were verified. A name has one
// place; a later one takes it.
type verdicts struct {
	mu    sync.Mutex // guards names
	names [8192]sxp.Hash
}

// place spreads names, which are hashes, over the table.
func (v *verdicts) place(name sxp.Hash) *sxp.Hash {
	return &v.names[binary.BigEndian.Uint16(name[:])%uint16(len(v.names))]
}

func (v *verdicts) has(name sxp.Hash) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return *v.place(name) == name
}

func (v *verdicts) add(name sxp.Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	*v.place(name) = name
}

// A check is one signature to verify. What was signed is written into a buffer
// that the next check of the message reuses: 32 countersignatures of a large
// message must not take 32 times its memory.
type check struct {
	id     sxp.ID
	signed []byte
	sig    []byte
	index  int // OverMessage: the message's own, else the countersignature's
}

func (c *check) failed(op string) error {
	if c.index == OverMessage {
		return sxp.Errorf(op, sxp.Invalid, c.id, "the signature is not by this signer over these bytes")
	}
	return sxp.Errorf(op, sxp.Invalid, c.id, "countersignature %d is not by this signer over these bytes", c.index)
}

// checks yields all signatures of a message. A check is valid until the next.
func (p *parts) checks() iter.Seq[*check] {
	return func(yield func(*check) bool) {
		c := check{p.signer, appendSigned(nil, p.protected, p.payload), p.sig, OverMessage}
		if !yield(&c) {
			return
		}
		for i := range p.counter {
			k := &p.counter[i]
			c = check{k.signer, p.appendCountersigned(c.signed[:0], k.over, k.protected), k.sig, i}
			if !yield(&c) {
				return
			}
		}
	}
}

// A Batch verifies many messages at once, about twice as fast as Parse for 64
// or more, and accepts the same ones. The zero Batch is empty and ready. It is
// not safe for concurrent use.
type Batch struct {
	entries  []batchEntry
	verifier *ed25519.BatchVerifier
}

type batchEntry struct {
	message    *Message
	err        error
	signatures int
}

// Add adds a message, which must not change as long as its Message is in use.
func (b *Batch) Add(raw []byte) {
	p, err := parse("envelope.Batch", raw)
	e := batchEntry{err: err}
	if err == nil {
		if b.verifier == nil {
			b.verifier = ed25519.NewBatchVerifier()
		}
		e.message = p.message(raw)
		for c := range p.checks() {
			b.verifier.AddWithOptions(c.id[:], c.signed, c.sig, zip215())
			e.signatures++
		}
	}
	b.entries = append(b.entries, e)
}

// Len returns how many messages were added.
func (b *Batch) Len() int { return len(b.entries) }

// Verify returns for each message, in the order added, nil or the error that
// Parse would give.
func (b *Batch) Verify() []error {
	all, good := true, []bool(nil)
	if b.verifier != nil {
		all, good = b.verifier.Verify(nil) // nil: the system's secure generator
	}
	errs := make([]error, len(b.entries))
	n := 0
	for i := range b.entries {
		e := &b.entries[i]
		for j := range e.signatures {
			if !all && !good[n+j] && e.err == nil {
				e.err = e.failed(j - 1)
			}
		}
		n += e.signatures
		errs[i] = e.err
	}
	return errs
}

// failed is the error for the message's own signature, or the
// countersignature of that index.
func (e *batchEntry) failed(index int) error {
	c := check{id: e.message.Signer, index: index}
	if index != OverMessage {
		c.id = e.message.Countersignatures[index].Signer
	}
	return c.failed("envelope.Batch")
}

// Message returns the message of index i, for which Verify gave no error; nil
// for one that failed. Before Verify its signatures are not checked.
func (b *Batch) Message(i int) *Message {
	if b.entries[i].err != nil {
		return nil
	}
	return b.entries[i].message
}
