// Package relayhttp carries requests to nodes over HTTPS, one POST each, and
// over WebSocket, many in one session.
//
// A POST carries one signed request and its signed answer, so nothing depends
// on TLS but secrecy. A session starts with one signature of each end over a
// fresh X25519 key; then both ends encrypt with the shared secret, so requests
// and answers need no signature each, and nobody between, TLS proxies included,
// reads or changes them.
//
// Client and Session are the two relay.Callers; Server is the other end of
// both. spec/relay.md has the bytes.
package relayhttp

import (
	"net/netip"
	"net/url"
	"strings"

	"sxp"
	"sxp/envelope"
	"sxp/relay"
)

// The wire names.
const (
	Path        = "/sxp/v1"          // POST: a request; GET: Info
	SessionPath = "/sxp/v1/ws"       // WebSocket
	MediaType   = "application/cose" // of signed requests and answers (RFC 9052 section 2)
	Subprotocol = "sxp.1"            // of the WebSocket
)

// Limits of connections.
const (
	// MaxFrame is the largest frame of a session before encryption, in bytes:
	// four of the largest messages. Its parts' heads are included.
	MaxFrame = 4 * sxp.MaxMessage

	// MaxInFlight is how many requests of one session a node works on at a
	// time, answers that are not sent yet included; more wait.
	MaxInFlight = 256

	// MaxInFlightBytes is how many bytes of requests of one session a node
	// holds at a time.
	MaxInFlightBytes = 2 * MaxFrame

	// MaxInfo is the largest Info in bytes of JSON.
	MaxInfo = 64 << 10
)

// Info is what a node says about itself to whoever asks, unsigned: a hint.
type Info struct {
	ID       sxp.ID   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Address  string   `json:"address,omitempty"` // what it gives to others: relay.Address
	Version  string   `json:"version,omitempty"`
	Services []string `json:"services,omitempty"`
	App      bool     `json:"app,omitempty"` // its root path serves the app to browsers
	Offer    *Offer   `json:"offer,omitempty"`
	Time     sxp.Time `json:"time"`
}

// An Offer is what a relay's operator gives to whom, so that people can choose
// among relays. Like the rest of Info it is a hint; price and terms are the
// operator's own words.
type Offer struct {
	Accounts     relay.Mode   `json:"accounts"`
	QuotaRecords uint64       `json:"quotaRecords,omitempty"` // of one sender; 0: no limit
	QuotaMiB     uint64       `json:"quotaMiB,omitempty"`
	MaxTTL       sxp.Duration `json:"maxTTL"` // how long a record rests at most
	Price        string       `json:"price,omitempty"`
	Terms        string       `json:"terms,omitempty"`
}

// Limits of an Offer's texts, in bytes.
const (
	MaxPrice = 200
	MaxTerms = 4000
)

// A problem is the JSON body of an answer to what is no request.
type problem struct {
	Kind sxp.Kind `json:"kind"`
	Text string   `json:"text"`
}

// TypeHello and TypeOpen are the types of the two messages that open a session.
const (
	TypeHello envelope.Type = "sxp.hello/1"
	TypeOpen  envelope.Type = "sxp.open/1"
)

// Types returns the constructors of this package's messages, for the JSON view.
func Types() map[envelope.Type]func() any {
	return map[envelope.Type]func() any{
		TypeHello: func() any { return new(Hello) },
		TypeOpen:  func() any { return new(Open) },
	}
}

// OnMachine reports whether a host's name or address means the machine that
// asks for it, whoever says so: "127.evil.example" is a name like others.
func OnMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// parseAddress reads a node's address: https://host, with a port and a path
// before /sxp/v1 if need be. Plain http is for this machine and onion services,
// whose ways are secret without TLS, unless plain allows it everywhere.
func parseAddress(address string, plain bool) (*url.URL, error) {
	const op = "relayhttp.Address"
	u, err := url.Parse(address)
	if err != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%.200q is not a node's address: %w", address, err)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%.200q is not a node's address: it must read like https://host or https://host:port", address)
	}
	host := u.Hostname()
	local := OnMachine(host) || strings.HasSuffix(host, ".onion")
	if u.Scheme == "http" && !local && !plain {
		return nil, sxp.Errorf(op, sxp.Invalid, nil, "%.200q would show others with whom you talk: use https", address)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}
