package main

import (
	"errors"
	"strings"

	"sxp"
	"sxp/relay"
)

// explain returns what a person reads of an error: the whole chain of reasons,
// without the names of functions, and the node where it is about a node. A
// peer gets less, sxp.Reason.
func explain(err error) string {
	e := (*sxp.Error)(nil)
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := string(e.Kind)
	if e.Err != nil {
		text = e.Err.Error()
		inner := (*sxp.Error)(nil)
		if errors.As(e.Err, &inner) {
			text = strings.Replace(text, inner.Error(), explain(inner), 1)
		}
	}
	if err != error(e) { // words around it
		text = strings.Replace(err.Error(), e.Error(), text, 1)
	}
	return aboutNode(e, text)
}

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
