package relay_test

import (
	"testing"

	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/callertest"
)

func TestLocal(t *testing.T) {
	callertest.Run(t, func(_ *testing.T, n *callertest.Node, _ envelope.Signer) relay.Caller {
		return relay.Local(n.Router, callertest.Clock)
	})
}
