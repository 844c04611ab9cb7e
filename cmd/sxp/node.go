package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/control"
	"sxp/market"
	"sxp/node"
	"sxp/web"
)

// nodeSocket is where a running node is served, inside its folder.
const nodeSocket = "node.sock"

func (a *app) nodeCmd() *cobra.Command {
	var n nodeFlags
	var addrFile, format string
	var debug bool
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run a node: relay, market boards, watcher, deal finder, juror",
		Long: `Node serves others until it is interrupted. It keeps sealed messages (relay),
boards of markets (board), watches over signings of people who are away
(watcher), looks for rings on its boards (finder), and completes contracts when
somebody vanishes (juror). It is trusted to be there, never with keys or text.

To browsers it serves the app, at its own address. They run it over TLS only,
but on the same machine: put the node behind a proxy with TLS, give it a
certificate (files, read anew when they change), let it have one for its public
name (acme, on port 443), or let it sign its own (self) and install what it
serves at /ca.crt on each device.

A TOML file given with --config may hold the settings dir, listen, public,
label, relay, board, watcher, finder, juror, app (true or false), accounts, own,
operator, quota_records, quota_mib, price, terms, max_markets, photos_mib,
conduct, delta_min, max_jury, tls, tls_cert, tls_key, tls_names, acme_email,
acme_directory and metrics; unknown names are errors, and flags win over the file.`,
		Example: `  sxp node --dir /srv/sxp --listen :8443 --public https://node.example --tls-cert c.pem --tls-key k.pem
  sxp node --dir /srv/sxp --listen :443 --public https://node.example --tls acme
  sxp node --dir sxp --listen 192.168.1.5:8443 --tls self
  sxp node --dir /srv/juror --listen :8444 --public https://juror.example --roles juror --operator sxp1…
  sxp node --config node.toml --log json`,
		Args: args(0, 0, ""),
	}
	n.add(cmd)
	cmd.AddCommand(a.nodeInviteCmd())
	f := cmd.Flags()
	f.StringVar(&addrFile, "addr-file", "", "write the node's address to `file` once it serves")
	f.StringVar(&format, "log", "text", "`format` of the log: text or json")
	f.BoolVar(&debug, "debug", false, "log more")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := logger(a.err, format, debug)
		if err != nil {
			return err
		}
		c, err := n.config()
		if err != nil {
			return err
		}
		c.Now, c.Log = a.now, log
		if c.Pages, err = web.Handler(); err != nil {
			return err
		}
		return a.runNode(cmd.Context(), c, addrFile)
	}
	return cmd
}

// runNode serves until ctx is done.
func (a *app) runNode(ctx context.Context, c node.Config, addrFile string) error {
	socket := filepath.Join(c.Dir, nodeSocket)
	if other, err := control.Dial(ctx, socket); err == nil {
		other.Close()
		return sxp.Errorf("sxp.node", sxp.Busy, nil, "a node runs in %s already: stop it, or use another folder", c.Dir)
	}
	s, err := node.Open(c)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := control.Listen(socket)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 2)
	go func() { defer stop(); ended <- s.Run(ctx) }()
	go func() { defer stop(); ended <- control.Serve(ctx, l, control.DoerFunc(nodeOps(s))) }()
	if addrFile != "" {
		if err = announce(addrFile, s.Address().String()); err != nil {
			stop()
		}
	}
	for range 2 {
		if e := <-ended; e != nil && !errors.Is(e, context.Canceled) {
			err = errors.Join(err, e)
		}
	}
	c.Log.Info("the node has stopped")
	return err
}

// announce writes the address whole, so that who waits for the file never
// reads half of it.
func announce(file, address string) error {
	tmp := file + ".new"
	err := os.WriteFile(tmp, []byte(address+"\n"), 0o644)
	if err == nil {
		err = os.Rename(tmp, file)
	}
	if err != nil {
		return sxp.Errorf("sxp.node", sxp.Denied, nil, "the address file: %w", err)
	}
	return nil
}

// nodeStatus answers a node's "status" and "enrol".
type nodeStatus struct {
	ID       sxp.ID   `json:"id"`
	Address  string   `json:"address"`
	Services []string `json:"services"`
}

// enrolJuror asks a node's "enrol" to offer itself to a market.
type enrolJuror struct {
	Link    string      `json:"link"`
	Vouched []sxp.Bytes `json:"vouched,omitempty"`
}

// words returns them as the node takes them.
func (e *enrolJuror) words() [][]byte {
	var out [][]byte
	for _, b := range e.Vouched {
		out = append(out, b)
	}
	return out
}

// nodeOps are the operations of a running node that commands on the same
// machine may ask for.
func nodeOps(s *node.Server) func(ctx context.Context, op string, in []byte) ([]byte, error) {
	return func(ctx context.Context, op string, in []byte) ([]byte, error) {
		switch op {
		case "enrol":
			var e enrolJuror
			if err := json.Unmarshal(in, &e); err != nil {
				return nil, sxp.Errorf("node.enrol", sxp.Invalid, nil, "%w", err)
			}
			link, err := market.ParseLink(e.Link)
			if err != nil {
				return nil, err
			}
			if err := s.Enrol(ctx, link, e.words()...); err != nil {
				return nil, err
			}
		case "card":
			raw, err := s.Card()
			if err != nil {
				return nil, err
			}
			return json.Marshal(sxp.Bytes(raw))
		case "cases":
			if _, err := s.Card(); err != nil {
				return nil, err // no juror: no cases is no answer
			}
			return json.Marshal(s.Cases())
		case "invite":
			return nodeInvite(s, in)
		case "status":
		default:
			return nil, sxp.Errorf("node.Do", sxp.Unsupported, nil, "there is no operation %q", op)
		}
		return json.Marshal(nodeStatus{s.ID(), s.Address().String(), s.Services()})
	}
}
