package agent

import (
	"context"
	"encoding/hex"
	"sort"
	"strings"

	"sxp"
	"sxp/relay"
)

const (
	// keyDevice holds what each device with the same words says of itself,
	// under "device/<id>", with a copy in the vault.
	keyDevice = "device/"

	// keyThis is the id of this device; it is in no copy.
	keyThis = "this"

	// deviceEvery is how often a device says that it is in use; deviceLook, how
	// often it looks for others.
	deviceEvery = 6 * sxp.Hour
	deviceLook  = sxp.Hour

	// deviceLately is how long after its last use another device is a danger.
	deviceLately = 2 * sxp.Day

	// keyLooked is when and how far a relay's list of copies was looked
	// through, under "looked/<address>".
	keyLooked = "looked/"
)

type looked struct {
	At    sxp.Time    `json:"at"`
	After relay.Stamp `json:"after,omitempty"`
}

// deviceRecord is one device.
type deviceRecord struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Seen sxp.Time `json:"seen"` // rounded down to the hour
}

// thisDevice returns this device's id, and draws one the first time.
func (a *Agent) thisDevice(t *tx) (id string, err error) {
	if t.get(keyThis, &id) {
		return id, nil
	}
	var b [8]byte
	if _, err := a.cfg.Rand.Read(b[:]); err != nil {
		return "", sxp.Errorf("agent.device", sxp.Internal, nil, "no randomness: %w", err)
	}
	id = hex.EncodeToString(b[:])
	t.put(keyThis, id)
	return id, nil
}

// noteDevice says in the vault that this device is in use, and looks for
// others that are.
func (a *Agent) noteDevice(ctx context.Context) error {
	now := a.now()
	if a.cfg.NoVault || now < a.deviceNext {
		return nil
	}
	a.deviceNext = now.Add(deviceLook)
	err := a.mem.update(func(t *tx) error {
		id, err := a.thisDevice(t)
		if err != nil {
			return err
		}
		var was deviceRecord
		if t.get(keyDevice+id, &was) && was.Name == a.cfg.Device && now.Sub(was.Seen) < deviceEvery && was.Seen <= now {
			return nil
		}
		t.put(keyDevice+id, &deviceRecord{ID: id, Name: a.cfg.Device, Seen: now - now%sxp.Time(sxp.Hour)})
		return nil
	})
	if err != nil {
		return err
	}
	p, err := a.profile()
	if err != nil {
		return err
	}
	for _, at := range p.Relays {
		if a.rests(at.URL) {
			continue
		}
		err := a.findDevices(ctx, at)
		if isLocal(err) {
			return err
		}
		if err == nil {
			return nil // all devices write to all relays
		}
		a.log.Debug("a relay could not be asked for other devices", "relay", at.URL, "err", err)
	}
	return nil
}

// findDevices takes what other devices with the same words say of themselves
// from the copies at a relay.
func (a *Agent) findDevices(ctx context.Context, at relay.Address) error {
	var last looked
	known := map[relay.RecordID]bool{}
	if err := a.mem.view(func(t *tx) error {
		t.get(keyLooked+at.String(), &last)
		return scan(t, keyMirror, func(_ string, c *copied) error {
			known[c.Record] = true
			for _, id := range c.Old {
				known[id] = true
			}
			return nil
		})
	}); err != nil {
		return err
	}
	if since := a.now().Sub(last.At); since >= 0 && since < deviceLook {
		return nil // by an earlier process of this device
	}
	last.At = a.now()
	c := a.relayAt(at)
	for reads := 0; reads < maxDeviceReads; {
		page, err := c.Inventory(ctx, relay.Inventory{Tag: TagVault, After: last.After})
		if err != nil {
			return err
		}
		for _, path := range page.Paths {
			if path.Sender != a.ID() || path.Receiver != a.ID() || known[path.RecordID] {
				continue
			}
			reads++
			if err := a.readDevice(ctx, c, path); err != nil {
				return err
			}
		}
		done := page.Next <= last.After || !page.More
		last.After = max(last.After, page.Next)
		if err := a.mem.update(func(t *tx) error { t.put(keyLooked+at.String(), &last); return nil }); err != nil || done {
			return err
		}
	}
	return nil
}

// readDevice reads a copy that this device has not made, and keeps it where it
// is a device's. Like one that was restored, it is known where it rests, so
// that it can be deleted.
func (a *Agent) readDevice(ctx context.Context, c *relay.Client, path relay.Path) error {
	rec, err := c.Read(ctx, path)
	if err != nil {
		if unreachable(err) {
			return err
		}
		return nil // replaced meanwhile, or not what it should be
	}
	e, err := a.openEntry(rec.Write.Content)
	if err != nil || !strings.HasPrefix(e.Key, keyDevice) {
		return nil
	}
	return a.mem.update(func(t *tx) error {
		var d deviceRecord
		var was copied
		id, err := a.thisDevice(t)
		if err != nil || e.Key == keyDevice+id || t.open(e.Key, e.Value, &d) != nil || keyDevice+d.ID != e.Key {
			return err
		}
		if t.get(keyMirror+e.Key, &was) && was.At >= e.At {
			return nil
		}
		t.putSealed(e.Key, e.Value)
		t.put(keyMirror+e.Key, &copied{Record: path.RecordID, At: e.At, Value: sxp.Sum(e.Value)})
		return nil
	})
}

// devices answers "devices", the one last seen first.
func (a *Agent) devices(context.Context, None) ([]DeviceView, error) {
	out := []DeviceView{}
	err := a.mem.view(func(t *tx) error {
		var this string
		t.get(keyThis, &this)
		return scan(t, keyDevice, func(_ string, d *deviceRecord) error {
			v := DeviceView{ID: d.ID, Name: cut(d.Name), Seen: d.Seen, This: d.ID == this}
			if v.Name == "" {
				v.Name = "a device"
			}
			if !v.This && a.now().Sub(d.Seen) < deviceLately {
				v.Warning = "This device was in use lately, with the same 24 words. Use one at a time: a deal that is under way on one is not continued on the other, and a deal restored from a copy never promises again, but waits for its outcome."
			}
			out = append(out, v)
			return nil
		})
	})
	sort.Slice(out, func(i, j int) bool {
		if out[i].Seen != out[j].Seen {
			return out[i].Seen > out[j].Seen
		}
		return out[i].ID < out[j].ID
	})
	return out, err
}

// forgetDevice does "device.forget".
func (a *Agent) forgetDevice(_ context.Context, in DeviceRef) (v None, err error) {
	const op = "agent.device"
	err = a.mem.update(func(t *tx) error {
		var this string
		t.get(keyThis, &this)
		switch {
		case in.ID == "" || t.kv.Get(keyDevice+in.ID) == nil:
			return sxp.Errorf(op, sxp.NotFound, nil, "there is no device %q", in.ID)
		case in.ID == this:
			return sxp.Errorf(op, sxp.Conflict, nil, "this is the device in your hand")
		}
		t.delete(keyDevice + in.ID)
		return nil
	})
	a.nudge()
	return v, err
}
