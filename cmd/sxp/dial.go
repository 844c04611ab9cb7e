package main

import (
	"context"
	"strings"

	"sxp/relay"
	"sxp/relay/relayhttp"
)

// addresses returns the full addresses of nodes that a person gave in full, or
// as a plain URL: then the node is asked for its key, and the person is told
// which it is. From then on nobody else can answer in its place.
func (a *app) addresses(ctx context.Context, given []string) ([]string, error) {
	var all []string
	for _, text := range given {
		full, err := a.address(ctx, text)
		if err != nil {
			return nil, err
		}
		all = append(all, full)
	}
	return all, nil
}

func (a *app) address(ctx context.Context, text string) (string, error) {
	plain := strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
	if !plain || strings.Contains(text, "#") {
		return text, nil // the agent says what is wrong with it
	}
	c, err := relayhttp.NewClient(text, relayhttp.ClientConfig{})
	if err != nil {
		return "", err
	}
	info, err := c.Info(ctx)
	if err != nil {
		return "", err
	}
	full := relay.Address{ID: info.ID, URL: text}.String()
	a.note("the node says that it is %s: compare with what its owner says", full)
	return full, nil
}

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
