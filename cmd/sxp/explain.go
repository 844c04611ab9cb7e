package main

import (
	"errors"
	"strings"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/relay"
)

// explain returns what a person reads of an error: the whole chain of reasons,
// without the names of functions, and the node where it is about a node. A
// peer gets less, sxp.Reason.
func explain(err error) string { return cli.Explain(err, aboutNode) }

// aboutNode says which node an error of the transport is about. What a node
// says itself stands alone.
func aboutNode(e *sxp.Error, text string) string {
	if e.On == nil || !strings.HasPrefix(e.Op, "relay.Ask") && !strings.HasPrefix(e.Op, "relayhttp.") {
		return text
	}
	if remote := (*relay.RemoteError)(nil); errors.As(e, &remote) || strings.Contains(text, e.On.String()) {
		return text
	}
	return "node " + e.On.String() + ": " + text
}
