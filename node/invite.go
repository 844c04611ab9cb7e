package node

import (
	"sxp"
	"sxp/relay"
)

// invitationLife is how long an invitation can be used.
const invitationLife = 30 * sxp.Day

// Invite returns a link with which uses people can each open an account on
// this relay within 30 days; an account lasts as long as said, 0 without end.
// It fails with Invalid where the relay does not keep accounts by invitation.
func (n *Node) Invite(uses uint32, lasts sxp.Duration) (string, error) {
	const op = "node.Invite"
	if !n.p.Roles.Relay || n.p.Policy.Mode != relay.Invited {
		return "", sxp.Errorf(op, sxp.Invalid, nil, "this node takes no invitations: start it with the relay's role and accounts = %q", relay.Invited)
	}
	if n.p.Policy.Operator != n.ID() {
		return "", sxp.Errorf(op, sxp.Denied, nil, "invitations to this relay are signed by %s", n.p.Policy.Operator)
	}
	nonce, err := relay.NewNonce(n.p.Rand)
	if err != nil {
		return "", err
	}
	raw, err := relay.Invite(n.p.Key, relay.Invitation{
		Relay: n.ID(), Nonce: nonce, Uses: uses, Expires: n.p.Now().Add(invitationLife), Lasts: lasts, Quota: n.p.Policy.Quota,
	})
	if err != nil {
		return "", err
	}
	return relay.InvitationLink(n.Address(), raw), nil
}
