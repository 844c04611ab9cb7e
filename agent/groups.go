package agent

import (
	"context"

	"sxp"
	"sxp/market"
)

const keyGroup = "group/"

// group does "group".
func (a *Agent) group(ctx context.Context, in MakeGroup) (v GroupView, err error) {
	mk, err := a.findMarket(in.Market)
	if err != nil {
		return v, err
	}
	wants, err := parseWants(in.Wants)
	if err != nil {
		return v, err
	}
	now := a.now()
	g := market.Group{Market: mk.ID, Owner: a.ID(), K: max(in.K, 1), Wants: wants, Created: now, Expires: now.Add(life(in.For))}
	if in.Group == "" {
		_, err = a.cfg.Rand.Read(g.Nonce[:])
	} else {
		err = a.nextVersion(in.Group, &g)
	}
	if err != nil {
		return v, err
	}
	g.Version++
	raw, err := market.SignGroup(a.id, g)
	if err != nil {
		return v, err
	}
	// Stored first, so that the board never has a version that is not known
	// here; where it refuses this one, the next takes the next number.
	if err := a.mem.update(func(t *tx) error { t.put(keyGroup+g.ID().String(), sxp.Bytes(raw)); return nil }); err != nil {
		return v, err
	}
	return groupView(g), a.bring(ctx, mk, raw)
}

func groupView(g market.Group) GroupView {
	v := GroupView{ID: g.ID(), K: g.K, Wants: len(g.Wants), Version: g.Version, Market: g.Market, Expires: g.Expires}
	for _, w := range g.Wants {
		v.List = append(v.List, wantText(w))
	}
	return v
}

// groups answers "groups": all own ones.
func (a *Agent) groups(context.Context, None) ([]GroupView, error) {
	out := []GroupView{}
	err := a.mem.view(func(t *tx) error {
		return scan(t, keyGroup, func(_ string, raw *sxp.Bytes) error {
			g, err := market.OpenGroup(*raw)
			if err == nil {
				out = append(out, groupView(g))
			}
			return err
		})
	})
	return out, err
}

// nextVersion fills in the nonce and version of the own group that is changed.
func (a *Agent) nextVersion(ref string, g *market.Group) error {
	return a.mem.view(func(t *tx) error {
		var raw sxp.Bytes
		if !t.get(keyGroup+ref, &raw) {
			return sxp.Errorf("agent.group", sxp.NotFound, nil, "you have no group %q", ref)
		}
		old, err := market.OpenGroup(raw)
		g.Nonce, g.Version = old.Nonce, old.Version
		return err
	})
}
