package envelope

import (
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"sxp"
)

// zip215 is the one acceptance rule: https://zips.z.cash/zip-0215.
func zip215() *ed25519.Options {
	return &ed25519.Options{Verify: ed25519.VerifyOptionsZIP_215}
}

// VerifyEd25519 reports whether sig is id's signature of msg under ZIP-215.
// Batch accepts exactly the same signatures.
func VerifyEd25519(id sxp.ID, msg, sig []byte) bool {
	return len(sig) == signatureSize && ed25519.VerifyWithOptions(id[:], msg, sig, zip215())
}

// A check is one signature to verify.
type check struct {
	id     sxp.ID
	signed []byte
	sig    []byte
	index  int // OverMessage: the message's own, else the countersignature's
}

func (c *check) verify() bool { return VerifyEd25519(c.id, c.signed, c.sig) }

func (c *check) failed(op string) error {
	if c.index == OverMessage {
		return sxp.Errorf(op, sxp.Invalid, c.id, "the signature is not by this signer over these bytes")
	}
	return sxp.Errorf(op, sxp.Invalid, c.id, "countersignature %d is not by this signer over these bytes", c.index)
}

// checks returns all signatures of a message.
func (p *parts) checks() []check {
	list := make([]check, 0, 1+len(p.counter))
	list = append(list, check{p.signer, signedBytes(p.protected, p.payload), p.sig, OverMessage})
	for i := range p.counter {
		c := &p.counter[i]
		var covered *counterPart
		if c.over != OverMessage {
			covered = &p.counter[c.over]
		}
		list = append(list, check{c.signer, p.countersigned(covered, c.protected), c.sig, i})
	}
	return list
}

// A Batch verifies many messages at once, about twice as fast as Parse
// for 64 or more, and accepts the same ones. The zero Batch is empty and ready.
// It is not safe for concurrent use.
type Batch struct {
	entries []batchEntry
	signed  int // signatures in all entries
}

type batchEntry struct {
	message *Message
	err     error
	checks  []check
}

// Add adds a message. The batch refers to raw until Verify has returned: it
// must not change.
func (b *Batch) Add(raw []byte) {
	p, err := parse("envelope.Batch", raw)
	e := batchEntry{err: err}
	if err == nil {
		e.message, e.checks = p.message(raw), p.checks()
		b.signed += len(e.checks)
	}
	b.entries = append(b.entries, e)
}

// Len returns how many messages were added.
func (b *Batch) Len() int { return len(b.entries) }

// Verify returns for each message, in the order added, nil or the error that
// Parse would give.
func (b *Batch) Verify() []error {
	v := ed25519.NewBatchVerifierWithCapacity(b.signed)
	for i := range b.entries {
		for _, c := range b.entries[i].checks {
			v.AddWithOptions(c.id[:], c.signed, c.sig, zip215())
		}
	}
	var good []bool
	all := b.signed == 0
	if !all {
		all, good = v.Verify(nil) // nil: the system's secure generator
	}
	errs := make([]error, len(b.entries))
	n := 0
	for i := range b.entries {
		e := &b.entries[i]
		for j := range e.checks {
			if !all && !good[n+j] && e.err == nil {
				e.err = e.checks[j].failed("envelope.Batch")
			}
		}
		n += len(e.checks)
		errs[i] = e.err
	}
	return errs
}

// Message returns the message of index i, for which Verify gave no error; nil
// before Verify and for one that failed.
func (b *Batch) Message(i int) *Message {
	if b.entries[i].err != nil {
		return nil
	}
	return b.entries[i].message
}
