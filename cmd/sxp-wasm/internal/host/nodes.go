package host

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"sxp/relay"
	"sxp/relay/relayhttp"
)

// relays returns the addresses to use: those given, or the node that served
// the page. A plain URL is completed by the key that answers there.
func (h *Host) relays(ctx context.Context, given []string) ([]string, error) {
	if len(given) == 0 {
		given = []string{h.cfg.Served}
	}
	var all []string
	for _, text := range given {
		text = strings.TrimSpace(text)
		if strings.Contains(text, "#") {
			all = append(all, text) // the agent says what is wrong with it
			continue
		}
		n, err := h.ask(ctx, text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, n.Address) {
			all = append(all, n.Address)
		}
	}
	return all, nil
}

// ask asks the node at a URL what it is.
func (h *Host) ask(ctx context.Context, at string) (n Node, err error) {
	at = strings.TrimRight(at, "/")
	c, err := relayhttp.NewClient(at, relayhttp.ClientConfig{})
	if err != nil {
		return n, err
	}
	info, err := c.Info(ctx)
	if err != nil {
		return n, err
	}
	n = Node{Address: addressOf(at, info), Name: info.Name, Version: info.Version, Services: info.Services, Time: info.Time}
	if n.Services == nil {
		n.Services = []string{}
	}
	return n, nil
}

// addressOf returns the address of the node at a URL that others should use:
// the one that it gives itself, unless that is one of its own machine only.
func addressOf(at string, info relayhttp.Info) string {
	own := relay.Address{ID: info.ID, URL: at}
	said, err := relay.ParseAddress(info.Address)
	if err != nil || said.ID != info.ID || onMachine(said.URL) && !onMachine(at) {
		return own.String()
	}
	return said.String()
}

// onMachine reports whether a URL is of the machine that asks for it.
func onMachine(at string) bool {
	u, err := url.Parse(at)
	if err != nil {
		return false
	}
	return relayhttp.OnMachine(u.Hostname())
}
