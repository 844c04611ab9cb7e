package agent

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"sxp"
	"sxp/envelope"
	"sxp/internal/kv"
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
var mirrored = []string{keyProfile, keyKEM, keyPeer, keyMarket, keyRoll, keyItem, keyShown, keyGroup, keyDeal, "counter/"}

func isMirrored(key string) bool {
	return slices.ContainsFunc(mirrored, func(p string) bool { return strings.HasPrefix(key, p) })
}

// A copied is the record under "mirror/<key>".
type copied struct {
	Record relay.RecordID `json:"record"`
	At     sxp.Time       `json:"at"`
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
		if err := t.kv.Put(keyDirty+key, nil); err != nil {
			t.fail(err)
		}
	}
}

// backUp copies what has changed to the person's relays. A relay that cannot
// be reached leaves the record dirty, for the next time.
func (a *Agent) backUp(ctx context.Context) error {
	now := a.now()
	if a.cfg.NoVault || now < a.vaultNext {
		return nil
	}
	p, err := a.profile()
	if err != nil {
		return err
	}
	var keys []string
	if err := a.mem.view(func(t *tx) error {
		return t.kv.Scan(keyDirty, func(key string, _ []byte) error {
			keys = append(keys, strings.TrimPrefix(key, keyDirty))
			return nil
		})
	}); err != nil {
		return err
	}
	if len(keys) == 0 {
		return nil
	}
	a.vaultNext = now.Add(vaultPause)
	for _, key := range keys {
		if err := a.backUpKey(ctx, &p, key); err != nil {
			if isLocal(err) {
				return err
			}
			a.log.Debug("a record is not backed up yet", "err", err)
			return nil
		}
	}
	return nil
}

func (a *Agent) backUpKey(ctx context.Context, p *profile, key string) error {
	var old copied
	var value []byte
	if err := a.mem.view(func(t *tx) error {
		t.get(keyMirror+key, &old)
		value = t.kv.Get(key)
		return nil
	}); err != nil {
		return errors.Join(errLocal, err)
	}
	fresh := copied{At: max(a.now(), old.At+1)}
	if value != nil {
		content, err := a.sealEntry(vaultEntry{Key: key, At: fresh.At, Value: value})
		if err != nil {
			return err
		}
		if fresh.Record, err = relay.NewRecordID(a.cfg.Rand); err != nil {
			return err
		}
		for _, at := range p.Relays {
			if _, err := a.relayAt(at).Write(ctx, a.ID(), relay.Write{RecordID: fresh.Record, TTL: vaultTTL, Tag: TagVault, Content: content}); err != nil {
				return err
			}
		}
	}
	if old.Record != "" {
		for _, at := range p.Relays {
			path := relay.Path{Sender: a.ID(), Receiver: a.ID(), RecordID: old.Record}
			if err := a.relayAt(at).Delete(ctx, path); err != nil && !errors.Is(err, sxp.NotFound) {
				a.log.Debug("an old copy stays at a relay", "relay", at.URL, "err", err)
			}
		}
	}
	err := a.mem.update(func(t *tx) error {
		if value == nil {
			t.delete(keyMirror + key)
		} else {
			t.put(keyMirror+key, &fresh)
		}
		if bytes.Equal(t.kv.Get(key), value) { // else it changed meanwhile
			t.delete(keyDirty + key)
		}
		return nil
	})
	if err != nil {
		return errors.Join(errLocal, err)
	}
	return nil
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
	entries := map[string]vaultEntry{}
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
	return a, a.reload()
}

// readVault gathers the newest copy of each record.
func (a *Agent) readVault(ctx context.Context, at relay.Address, entries map[string]vaultEntry) error {
	c := a.relayAt(at)
	for path, err := range c.All(ctx, relay.Inventory{Tag: TagVault}) {
		if err != nil {
			return err
		}
		if path.Sender != a.ID() {
			continue // somebody else may write anything to this person
		}
		rec, err := c.Read(ctx, path)
		if errors.Is(err, sxp.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		b, err := a.mem.key.Open([]byte(vaultInfo), rec.Write.Content)
		if err != nil {
			return err
		}
		var e vaultEntry
		if err := envelope.Unmarshal(b, &e); err != nil {
			return err
		}
		if old, ok := entries[e.Key]; isMirrored(e.Key) && (!ok || old.At < e.At) {
			entries[e.Key] = e
			a.copies[e.Key] = copied{Record: path.RecordID, At: e.At}
		}
	}
	return nil
}

// fill stores the entries as they were, and marks the deals as of a backup.
func (a *Agent) fill(entries map[string]vaultEntry) error {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return a.mem.update(func(t *tx) error {
		for _, key := range keys {
			if err := t.kv.Put(key, entries[key].Value); err != nil {
				return err
			}
			c := a.copies[key]
			t.put(keyMirror+key, &c)
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
			d.note(a.now(), "restored from a backup")
			t.put(keyDeal+d.ID.String(), d)
		}
		var p profile
		if !t.get(keyProfile, &p) {
			return t.err
		}
		return a.renewCard(t, &p)
	})
}

// refreshVault marks copies that grow old, so that they are written again
// before relays forget them.
func (a *Agent) refreshVault() error {
	now := a.now()
	if a.cfg.NoVault || now < a.vaultLook {
		return nil
	}
	a.vaultLook = now.Add(sxp.Day)
	var old []string
	if err := a.mem.view(func(t *tx) error {
		return scan(t, keyMirror, func(key string, c *copied) error {
			if now.Sub(c.At) > vaultAgain {
				old = append(old, strings.TrimPrefix(key, keyMirror))
			}
			return nil
		})
	}); err != nil || len(old) == 0 {
		return err
	}
	return a.mem.store.Update(func(k kv.Tx) error {
		for _, key := range old {
			if err := k.Put(keyDirty+key, nil); err != nil {
				return err
			}
		}
		return nil
	})
}
