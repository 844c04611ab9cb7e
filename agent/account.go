package agent

import (
	"context"

	"sxp"
	"sxp/relay"
)

// keyAccount names the relays that this person has asked for an account, under
// "account/<address>".
const keyAccount = "account/"

// relayAccount does "relay.account".
func (a *Agent) relayAccount(ctx context.Context, in RelayAccount) (s relay.AccountState, err error) {
	var at relay.Address
	var invitation []byte
	switch {
	case in.Invitation != "" && in.Relay == "":
		at, invitation, err = relay.ParseInvitationLink(in.Invitation)
	case in.Relay != "" && in.Invitation == "":
		at, err = relay.ParseAddress(in.Relay)
	default:
		err = sxp.Errorf("agent.relayAccount", sxp.Invalid, nil, "give either an invitation or the address of a relay")
	}
	if err != nil {
		return s, err
	}
	if s, err = a.relayAt(at).Account(ctx, invitation); err == nil {
		err = a.mem.update(func(t *tx) error { t.put(keyAccount+at.String(), true); return nil })
	}
	a.nudge()
	return s, err
}
