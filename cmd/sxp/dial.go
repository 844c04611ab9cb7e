package main

import (
	"context"

	"sxp/relay"
	"sxp/relay/relayhttp"
)

// dial is the way to the node at a URL.
func dial(address string) relay.Caller {
	c, err := relayhttp.NewClient(address, relayhttp.ClientConfig{})
	if err != nil {
		return unreachable{err}
	}
	return c
}

// unreachable is the way to a node whose address is none: it says so when it
// is asked, like any other failure to reach a node.
type unreachable struct{ err error }

func (u unreachable) Call(context.Context, []byte) ([]byte, error) { return nil, u.err }
