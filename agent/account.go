package agent

import (
	"context"

	"sxp"
	"sxp/relay"
)

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
	s, err = a.relayAt(at).Account(ctx, invitation)
	a.nudge()
	return s, err
}
