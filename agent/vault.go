package agent

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// The vault is a copy of the agent's lasting records at the person's relays,
// sealed under a key that follows from the 24 words: who has the words and
// knows one relay has everything back, on an empty machine (spec/agent.md). In
// it is no secret of a promise, and no queue: both belong to one device.
const (
	keyDirty  = "dirty/"  // + key: changed since it was copied; not sealed, empty
	keyMirror = "mirror/" // + key: the copy at the relays

	// TagVault is the tag of vault records, which relays see.
	TagVault = "vault"

	vaultInfo = "sxp vault/1"

	// vaultPause is how long changes are gathered before they are copied.
	vaultPause = 5 * sxp.Second

	// vaultTTL is how long a copy rests; vaultAgain, after how long it is
	// written again.
	vaultTTL   = relay.MaxTTL
	vaultAgain = 100 * sxp.Day
)

// mirrored are the prefixes of the records that the vault holds.
var mirrored = []string{keyProfile, keyKEM, keyPeer, keyMarket, keyFounding, keyRoll, keyItem, keyShown, keyGroup, keyDeal, keyNumber, keyDevice, keyTalk, keyRating}

func isMirrored(key string) bool {
	return key != keyNumber+numberOutbox && slices.ContainsFunc(mirrored, func(p string) bool { return strings.HasPrefix(key, p) })
}

// A copied is the record under "mirror/<key>".
type copied struct {
	Record relay.RecordID   `json:"record"`
	At     sxp.Time         `json:"at"`
	Value  sxp.Hash         `json:"value"`         // of what was copied
	Via    []relay.Address  `json:"via,omitempty"` // relays that do not have it yet
	Old    []relay.RecordID `json:"old,omitempty"` // earlier copies, to be deleted when all have it
}

// A vaultEntry is what one vault record seals.
type vaultEntry struct {
	Key   string    `json:"key"`
	At    sxp.Time  `json:"at"`    // the newest of a key counts
	Value sxp.Bytes `json:"value"` // as stored: sealed under its key's name
	Pad   sxp.Bytes `json:"pad"`   // zeros up to a size class
}

// markDirty remembers, in the transaction that changes key, to copy it.
func (t *tx) markDirty(key string) {
	if isMirrored(key) {
		t.fail(t.kv.Put(keyDirty+key, nil))
	}
}

// copyAgain marks every record of the vault as not copied: the relays are new.
func (t *tx) copyAgain() {
	for _, prefix := range mirrored {
		for _, key := range t.keys(prefix) {
			t.markDirty(key)
		}
	}
	for _, key := range t.keys(keyMirror) {
		t.delete(key)
	}
}

// ageVault marks the copies that grow old, so that they are written again
// before relays forget them.
func (a *Agent) ageVault(t *tx, now sxp.Time) error {
	if a.cfg.NoVault {
		return nil
	}
	var old []string
	err := scan(t, keyMirror, func(key string, c *copied) error {
		if now.Sub(c.At) > vaultAgain && len(c.Via) == 0 {
			old = append(old, key)
		}
		return nil
	})
	for _, key := range old {
		t.markDirty(strings.TrimPrefix(key, keyMirror))
		var c copied
		t.get(key, &c)
		c.Value = sxp.Hash{} // anything but what it is
		t.put(key, &c)
	}
	return err
}

// backUp copies what has changed to the person's relays, deals at once, before
// what they send leaves: a promise that a backup does not know of could be
// followed by another over the same thing. What a relay does not take stays
// dirty, for the next time. It returns when that is; 0 if nothing waits.
func (a *Agent) backUp(ctx context.Context) (sxp.Time, error) {
	if a.cfg.NoVault {
		return 0, nil
	}
	var p profile
	var keys []string
	if err := a.mem.view(func(t *tx) error {
		t.get(keyProfile, &p)
		keys = t.keys(keyDirty)
		return nil
	}); err != nil || len(keys) == 0 || p.Retired {
		return 0, err
	}
	now := a.now()
	urgent := a.vaultFails == 0 && slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, keyDirty+keyDeal) })
	if now < a.vaultNext && !urgent {
		return a.vaultNext, nil
	}
	left := 0
	for _, key := range keys {
		done, err := a.backUpKey(ctx, &p, strings.TrimPrefix(key, keyDirty))
		if err != nil {
			return 0, err
		}
		if !done {
			left++
		}
	}
	a.vaultNext = now.Add(min(vaultPause<<min(a.vaultFails, 10), retryAtMost))
	if left == 0 {
		a.vaultFails = 0
		return 0, nil
	}
	a.vaultFails++
	return a.vaultNext, nil
}

// backUpKey copies one record and reports whether all relays have it. Which
// copy is under way is stored before it is written, so that a relay that
// fails, or a crash, leaves no copy that nobody knows of.
func (a *Agent) backUpKey(ctx context.Context, p *profile, key string) (bool, error) {
	var c copied
	var value []byte
	if err := a.mem.update(func(t *tx) error {
		t.get(keyMirror+key, &c)
		value = t.kv.Get(key)
		if value == nil || c.Value == sxp.Sum(value) {
			return nil
		}
		id, err := relay.NewRecordID(a.cfg.Rand)
		if err != nil {
			return err
		}
		if c.Record != "" {
			c.Old = append(c.Old, c.Record)
		}
		c.Record, c.At, c.Value, c.Via = id, max(a.now(), c.At+1), sxp.Sum(value), p.Relays
		t.put(keyMirror+key, &c)
		return nil
	}); err != nil {
		return false, err
	}
	gone := c.Old
	if value == nil && c.Record != "" {
		gone, c.Via = append(gone, c.Record), nil
	} else if err := a.writeCopy(ctx, &c, vaultEntry{Key: key, At: c.At, Value: value}); err != nil {
		return false, err
	}
	if len(c.Via) == 0 || len(gone) > maxOldCopies {
		c.Old = a.dropCopies(ctx, p, gone)
	}
	done := len(c.Via) == 0 && len(c.Old) == 0
	return done, a.mem.update(func(t *tx) error {
		if value == nil && done {
			t.delete(keyMirror + key)
		} else if value != nil {
			t.put(keyMirror+key, &c)
		}
		if done && bytes.Equal(t.kv.Get(key), value) { // else it changed meanwhile
			t.delete(keyDirty + key)
		}
		return nil
	})
}

// writeCopy brings a copy to the relays that do not have it, which stay in
// c.Via where they fail.
func (a *Agent) writeCopy(ctx context.Context, c *copied, e vaultEntry) error {
	if len(c.Via) == 0 {
		return nil
	}
	content, err := a.sealEntry(e)
	if err != nil {
		return err
	}
	var left []relay.Address
	for _, at := range c.Via {
		if a.rests(at.URL) {
			left = append(left, at)
			continue
		}
		_, err := a.relayAt(at).Write(ctx, a.ID(), relay.Write{RecordID: c.Record, TTL: vaultTTL, Tag: TagVault, Content: content})
		if err != nil && !errors.Is(err, sxp.Conflict) { // Conflict: it was there before
			a.noteNode(at.URL, err)
			left = append(left, at)
		}
	}
	c.Via = left
	return nil
}

// dropCopies deletes copies that are no longer needed, and returns those that
// a relay could not delete.
func (a *Agent) dropCopies(ctx context.Context, p *profile, old []relay.RecordID) (left []relay.RecordID) {
	for _, id := range old {
		for _, at := range p.Relays {
			if a.rests(at.URL) {
				left = append(left, id)
				break
			}
			path := relay.Path{Sender: a.ID(), Receiver: a.ID(), RecordID: id}
			if err := a.relayAt(at).Delete(ctx, path); err != nil && !errors.Is(err, sxp.NotFound) {
				left = append(left, id)
				break
			}
		}
	}
	return left
}

func (a *Agent) sealEntry(e vaultEntry) ([]byte, error) {
	size := len(e.Key) + len(e.Value) + 64
	e.Pad = make([]byte, envelope.SizeClass(size)-size)
	b, err := envelope.Marshal(&e)
	if err != nil {
		return nil, err
	}
	return a.mem.key.Seal(a.cfg.Rand, []byte(vaultInfo), b)
}

// Restore brings a person back from the copies at relays into an empty store.
// It fails with NotFound where the relays hold none, with Conflict where the
// store has a person already. What the restored deals did meanwhile is not
// known: they never promise or sign again, but fetch what became of them.
func Restore(ctx context.Context, cfg Config, relays []string) (*Agent, error) {
	const op = "agent.Restore"
	addresses, err := parseAddresses(relays)
	if err != nil {
		return nil, err
	}
	a := newAgent(cfg)
	if err := a.mem.view(func(t *tx) error {
		if t.kv.Get(keyProfile) != nil {
			return sxp.Errorf(op, sxp.Conflict, nil, "there is a person in this home already: use another home")
		}
		return nil
	}); err != nil {
		return nil, err
	}
	entries := map[string]found{}
	var unreachable error
	for _, at := range addresses {
		if err := a.readVault(ctx, at, entries); err != nil {
			unreachable = err
		}
	}
	if _, ok := entries[keyProfile]; !ok {
		if unreachable != nil {
			return nil, unreachable
		}
		return nil, sxp.Errorf(op, sxp.NotFound, nil, "these relays hold nothing of this person: check the words and the relays")
	}
	if err := a.fill(entries); err != nil {
		return nil, err
	}
	return a.begun()
}

// found is a copy that Restore read.
type found struct {
	vaultEntry
	record relay.RecordID
}

// readVault gathers the newest copy of each record. One that is damaged does
// not keep the others from being read.
func (a *Agent) readVault(ctx context.Context, at relay.Address, entries map[string]found) error {
	c := a.relayAt(at)
	for path, err := range c.All(ctx, relay.Inventory{Tag: TagVault}) {
		if err != nil {
			return err
		}
		if path.Sender != a.ID() || path.Receiver != a.ID() {
			continue // somebody else may write anything to this person
		}
		rec, err := c.Read(ctx, path)
		if unreachable(err) {
			return err
		}
		if err == nil {
			var e vaultEntry
			if e, err = a.openEntry(rec.Write.Content); err == nil {
				if old, ok := entries[e.Key]; isMirrored(e.Key) && (!ok || old.At < e.At) {
					entries[e.Key] = found{e, path.RecordID}
				}
				continue
			}
		}
		if !errors.Is(err, sxp.NotFound) {
			a.log.Warn("a copy cannot be read", "relay", at.URL, "path", path, "err", err)
		}
	}
	return nil
}

func (a *Agent) openEntry(sealed []byte) (e vaultEntry, err error) {
	b, err := a.mem.key.Open([]byte(vaultInfo), sealed)
	if err == nil {
		err = envelope.Unmarshal(b, &e)
	}
	return e, err
}

// seqAhead is by how much the number of the first card after a Restore passes
// the one of the copy, which may be older than the newest card that others
// have.
const seqAhead = 16

// fill stores the entries as they were, marks the deals as of a backup, and
// sends a new card to those who are known.
func (a *Agent) fill(entries map[string]found) error {
	return a.mem.update(func(t *tx) error {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			e := entries[key]
			t.putSealed(key, e.Value)
			t.put(keyMirror+key, &copied{Record: e.record, At: e.At, Value: sxp.Sum(e.Value)})
		}
		if err := a.restoreTalks(t); err != nil {
			return err
		}
		var deals []*dealRecord
		if err := scan(t, keyDeal, func(_ string, d *dealRecord) error {
			deals = append(deals, d)
			return nil
		}); err != nil {
			return err
		}
		for _, d := range deals {
			d.Stale = true
			d.note(a.now(), DealEvent{What: "restored", Text: "restored from a backup"})
			t.put(keyDeal+d.ID.String(), d)
		}
		var p profile
		if !t.get(keyProfile, &p) {
			return t.err
		}
		p.Seq += seqAhead
		if err := a.renewCard(t, &p); err != nil {
			return err
		}
		return a.tellCard(t, &p, nil)
	})
}
