package relay_test

import (
	"testing"

	"sxp/envelope"
	"sxp/relay"
	"sxp/relay/callertest"
	"sxp/relay/memstore"
)

func TestLocal(t *testing.T) {
	callertest.Run(t, empty, func(_ *testing.T, n *callertest.Node, _ envelope.Signer) relay.Caller {
		return relay.Local(n.Router, callertest.Clock)
	})
}

func empty() callertest.Storage { return new(memstore.Store) }
