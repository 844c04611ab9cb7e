package agent

import (
	"context"
	"errors"
	"fmt"

	"sxp"
	"sxp/relay"
)

// retire does "retire": it takes back what this person has said at markets and
// deletes the copies at relays, before a device erases what is left. What binds
// goes on binding: the others and the jury complete it.
func (a *Agent) retire(ctx context.Context, _ None) (v Retired, err error) {
	end, err := a.begin()
	if err != nil {
		return v, err
	}
	defer end()
	for _, l := range a.liveDeals() {
		if open(l) {
			v.Open = append(v.Open, l.number)
		}
	}
	if err := a.withdrawAll(ctx, &v); err != nil {
		return v, err
	}
	// First no copy is made any more, then those that are there are deleted.
	var p profile
	if err := a.mem.update(func(t *tx) error {
		t.get(keyProfile, &p)
		p.Retired = true
		t.put(keyProfile, &p)
		return nil
	}); err != nil {
		return v, err
	}
	for _, at := range p.Relays {
		n, err := a.dropVault(ctx, at)
		v.Deleted += n
		if isLocal(err) {
			return v, err
		}
		if err != nil {
			v.Failed = append(v.Failed, fmt.Sprintf("The copies at %s could not all be deleted: %s. They are sealed, and are forgotten there after %d days.", at.URL, sxp.Reason(err), int64(vaultTTL/sxp.Day)))
		}
	}
	return v, nil
}

// withdrawAll takes down what stands on boards.
func (a *Agent) withdrawAll(ctx context.Context, v *Retired) error {
	items, err := a.items()
	if err != nil {
		return err
	}
	for _, it := range items {
		if st := it.state(a.now()); st != itemActive {
			continue
		}
		view, err := a.itemView(it)
		if err != nil {
			return err
		}
		err = a.takeDown(ctx, it)
		if isLocal(err) {
			return err
		}
		if err == nil {
			if it, err = a.findItem(it.ID.String()); err == nil && it.Pending {
				err = sxp.Errorf("agent.retire", sxp.Unavailable, nil, "its market cannot be reached")
			}
		}
		if err != nil {
			v.Failed = append(v.Failed, fmt.Sprintf("%q could not be withdrawn: %s. It ends by itself on %s.", view.Title, sxp.Reason(err), view.Expires.Std().Format("2006-01-02")))
			continue
		}
		v.Withdrawn++
	}
	return nil
}

// dropVault deletes the copies at a relay and returns how many there were.
func (a *Agent) dropVault(ctx context.Context, at relay.Address) (n int, err error) {
	c := a.relayAt(at)
	for path, err := range c.All(ctx, relay.Inventory{Tag: TagVault}) {
		if err != nil {
			return n, err
		}
		if path.Sender != a.ID() || path.Receiver != a.ID() {
			continue
		}
		if err := c.Delete(ctx, path); err != nil && !errors.Is(err, sxp.NotFound) {
			return n, err
		}
		n++
	}
	return n, nil
}

// stay is for somebody who has retired and goes on all the same: who opens this
// home again, or says yes to a deal. Copies are made anew, since without them
// what was promised would be forgotten with this device.
func (t *tx) stay() {
	var p profile
	if t.get(keyProfile, &p) && p.Retired {
		p.Retired = false
		t.put(keyProfile, &p)
		t.copyAgain()
	}
}
