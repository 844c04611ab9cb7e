package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// An informer is a way to a node that can also ask what it is, as
// *relayhttp.Client. Where Config.Dial gives none, less is shown of a node.
type informer interface {
	Info(ctx context.Context) (relayhttp.Info, error)
}

// Where a node is known from, as RelayView documents.
const (
	fromOwn     = "own"
	fromMarket  = "market"
	fromContact = "contact"
	fromAsked   = "asked"
)

// knownNode is a node and where it is known from.
type knownNode struct {
	at   relay.Address
	from string
}

// knownNodes lists the own relays, the nodes of joined markets and the relays
// of contacts, each once.
func (a *Agent) knownNodes() (list []knownNode, err error) {
	add := func(at relay.Address, from string) {
		if len(list) < maxRelayViews && !slices.ContainsFunc(list, func(n knownNode) bool { return n.at == at }) {
			list = append(list, knownNode{at, from})
		}
	}
	markets, err := a.memberships()
	if err != nil {
		return nil, err
	}
	err = a.mem.view(func(t *tx) error {
		var me profile
		t.get(keyProfile, &me)
		for _, at := range me.Relays {
			add(at, fromOwn)
		}
		for _, m := range markets {
			if at, err := m.node(); err == nil {
				add(at, fromMarket)
			}
		}
		return scan(t, keyPeer, func(_ string, p *peer) error {
			card, err := a.openCard(p.Card)
			if err != nil || !p.Contact {
				return err
			}
			for _, text := range card.Relays {
				if at, err := relay.ParseAddress(text); err == nil {
					add(at, fromContact)
				}
			}
			return nil
		})
	})
	return list, err
}

// relays answers "relays".
func (a *Agent) relays(ctx context.Context, _ None) ([]RelayView, error) {
	list, err := a.knownNodes()
	if err != nil {
		return nil, err
	}
	out := []RelayView{}
	for _, r := range each(a, list, func(n knownNode) (RelayView, error) { return a.lookAtNode(ctx, n), nil }) {
		out = append(out, r.value)
	}
	return out, nil
}

// lookAtRelay answers "relay.look".
func (a *Agent) lookAtRelay(ctx context.Context, in RelayRef) (v RelayView, err error) {
	text := strings.TrimSuffix(strings.TrimSpace(in.Address), "/")
	n := knownNode{from: fromAsked}
	if !strings.Contains(text, "#") {
		if n.at, err = a.askAddress(ctx, text); err != nil {
			return v, err
		}
	} else if n.at, err = relay.ParseAddress(text); err != nil {
		return v, err
	}
	list, err := a.knownNodes()
	if err != nil {
		return v, err
	}
	for _, known := range list {
		if known.at == n.at {
			n.from = known.from
		}
	}
	return a.lookAtNode(ctx, n), nil
}

// askAddress asks a URL which node it is. From then on, with the key in the
// address, nobody else can answer in its place.
func (a *Agent) askAddress(ctx context.Context, url string) (at relay.Address, err error) {
	if err := relay.CheckURL(url); err != nil {
		return at, err
	}
	at.URL = url
	info, _, err := a.info(ctx, at)
	at.ID = info.ID
	return at, err
}

// info asks a node what it is, and how long it takes to say so.
func (a *Agent) info(ctx context.Context, at relay.Address) (info relayhttp.Info, took time.Duration, err error) {
	asks, ok := a.patient(at).(informer)
	if !ok {
		return info, 0, sxp.Errorf("agent.info", sxp.Unsupported, nil, "a node cannot be asked what it is from here: give its full address, https://host#sxp1…")
	}
	ctx, stop := context.WithTimeoutCause(ctx, a.cfg.Timeout, sxp.Errorf("agent", sxp.Unavailable, nil, "%s did not answer within %v", at.URL, a.cfg.Timeout))
	defer stop()
	begin := time.Now()
	info, err = asks.Info(ctx)
	return info, time.Since(begin), err
}

// lookAtNode asks a node what it is and for the own account there. What does
// not work is part of the answer.
func (a *Agent) lookAtNode(ctx context.Context, n knownNode) RelayView {
	v := RelayView{Address: n.at.String(), URL: n.at.URL, From: n.from, InUse: n.from == fromOwn, Services: []string{}}
	isRelay := true
	info, took, err := a.info(ctx, n.at)
	switch sxp.KindOf(err) {
	case "":
		v.Reachable, v.Millis = true, took.Milliseconds()
		v.Name, v.Services, v.Offer, v.Time = cut(info.Name), cutAll(info.Services), cutOffer(info.Offer), info.Time
		isRelay = slices.Contains(v.Services, "relay")
		if info.ID != n.at.ID {
			v.Trouble = fmt.Sprintf("another node answers there: %s", info.ID)
			return v
		}
		if gap := a.now().Sub(info.Time); max(gap, -gap) > sxp.ClockSkew {
			v.Trouble = fmt.Sprintf("its clock says %v, this device's says %v: %s", info.Time, a.now(), todo(sxp.Errorf("agent", sxp.Clock, nil, "")))
		}
	case sxp.Unsupported: // nothing but requests can be sent from here
	default:
		v.Trouble = sxp.Reason(err)
		return v
	}
	if !isRelay {
		return v
	}
	begin := time.Now()
	who, known, err := a.accountAt(n)
	var s relay.AccountState
	if err == nil {
		s, err = relay.NewClient(a.caller(n.at), who, n.at.ID, a.now, a.cfg.Rand).Account(ctx, nil)
	}
	switch {
	case err == nil:
		if !v.Reachable {
			v.Reachable, v.Millis = true, time.Since(begin).Milliseconds()
		}
		if known {
			v.Account = &s
		}
	case v.Trouble == "":
		v.Trouble = sxp.Reason(err)
	}
	return v
}

// accountAt is who asks a relay for an account: this person where the relay is
// known or gave them one. Elsewhere nobody in particular asks, to see whether
// it answers: an address that somebody sent must not tell its node who looked.
func (a *Agent) accountAt(n knownNode) (who envelope.Signer, known bool, err error) {
	known = n.from != fromAsked
	if !known {
		err = a.mem.view(func(t *tx) error { t.get(keyAccount+n.at.String(), &known); return nil })
	}
	if known || err != nil {
		return a.id, known, err
	}
	who, err = a.reader(nil)
	return who, false, err
}

// cut makes one line of what a stranger says of itself.
func cut(s string) string {
	if !oneLine(s) {
		return ""
	}
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown-1]) + "…"
	}
	return s
}

// cutOffer is cut for an offer, whose terms have lines.
func cutOffer(o *relayhttp.Offer) *relayhttp.Offer {
	if o == nil {
		return nil
	}
	c := *o
	c.Accounts, c.Price = relay.Mode(cut(string(o.Accounts))), cut(o.Price)
	if len(c.Terms) > relayhttp.MaxTerms || !oneLine(strings.ReplaceAll(c.Terms, "\n", " ")) {
		c.Terms = ""
	}
	return &c
}

func cutAll(list []string) []string {
	out := []string{}
	for _, s := range list[:min(len(list), 16)] {
		out = append(out, cut(s))
	}
	return out
}
