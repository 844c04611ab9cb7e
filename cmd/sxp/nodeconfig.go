package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"sxp"
	"sxp/cmd/sxp/internal/show"
	"sxp/node"
)

// maxConfig is the largest configuration file in bytes.
const maxConfig = 64 << 10

// defaultListen is the same after every start, because cards and rolls carry
// the node's address.
const defaultListen = "127.0.0.1:8440"

// nodeFlags are the flags of node; those that were given win over the file.
type nodeFlags struct {
	file  string
	given node.Config
	roles []string
	juror bool
	noApp bool
	delta show.Duration
}

func (n *nodeFlags) add(cmd *cobra.Command) {
	f, c := cmd.Flags(), &n.given
	f.StringVar(&n.file, "config", "", "read a TOML `file`")
	f.StringVar(&c.Dir, "dir", "", "data `folder`, made if missing")
	f.StringVar(&c.Listen, "listen", "", "`address` to listen on (default "+defaultListen+")")
	f.StringVar(&c.Public, "public", "", "`URL` that others use (default from --listen)")
	f.StringVar(&c.Label, "label", "", "`name` shown to others")
	f.StringSliceVar(&n.roles, "roles", nil, "what it does (default relay,board,watcher,finder)")
	f.BoolVar(&n.juror, "juror", false, "also be a juror")
	f.StringVar(&c.Accounts, "accounts", "", "whose records it keeps: open, invited or own (default open)")
	f.StringArrayVar(&c.Own, "own", nil, "`id` with an account here; may be repeated")
	f.StringVar(&c.Operator, "operator", "", "`id` of who runs it: one seat per operator in a jury (default the node)")
	f.IntVar(&c.QuotaRecords, "quota-records", 0, "`records` that one sender may keep here (default the release's)")
	f.IntVar(&c.QuotaMiB, "quota-mib", 0, "`MiB` of records that one sender may keep here (default the release's)")
	f.IntVar(&c.MaxMarkets, "max-markets", 0, "`markets` that people may found here (default the release's)")
	f.IntVar(&c.PhotosMiB, "photos-mib", 0, "`MiB` of all photos of announcements (default the release's)")
	f.StringVar(&c.Conduct, "conduct", "", "how often jurors of hosted markets are asked whether they are up, and cases reported; never: not (default 20m)")
	f.Var(&n.delta, "delta-min", "juror: the smallest Δ it keeps (default 10s)")
	f.IntVar(&c.MaxJury, "max-jury", 0, "juror: the largest jury it serves, in `jurors` (default 101)")
	f.BoolVar(&n.noApp, "no-app", false, "do not serve the app to browsers")
	f.StringVar(&c.TLS, "tls", "", "`source` of its certificate: none, files, acme or self (default files with --tls-cert, else none)")
	f.StringArrayVar(&c.TLSNames, "tls-name", nil, "--tls self: one more `name` or address that it is reached by; may be repeated")
	f.StringVar(&c.ACMEEmail, "acme-email", "", "--tls acme: `address` that the authority writes to in case of trouble")
	f.StringVar(&c.TLSCert, "tls-cert", "", "certificate, a PEM `file`")
	f.StringVar(&c.TLSKey, "tls-key", "", "its key, a PEM `file`")
	f.StringVar(&c.Metrics, "metrics", "", "serve figures for Prometheus at this `address`")
}

// config returns what the file says, changed by the flags, and checked.
func (n *nodeFlags) config() (node.Config, error) {
	c := node.DefaultConfig()
	c.Listen = defaultListen
	if n.file != "" {
		if err := readConfig(n.file, &c); err != nil {
			return c, err
		}
	}
	g := &n.given
	g.DeltaMin = n.delta.String()
	for _, s := range []struct{ to, from *string }{
		{&c.Dir, &g.Dir}, {&c.Listen, &g.Listen}, {&c.Public, &g.Public}, {&c.Label, &g.Label}, {&c.Accounts, &g.Accounts}, {&c.Operator, &g.Operator},
		{&c.DeltaMin, &g.DeltaMin}, {&c.Conduct, &g.Conduct}, {&c.TLS, &g.TLS}, {&c.ACMEEmail, &g.ACMEEmail}, {&c.TLSCert, &g.TLSCert}, {&c.TLSKey, &g.TLSKey}, {&c.Metrics, &g.Metrics},
	} {
		if *s.from != "" {
			*s.to = *s.from
		}
	}
	for _, n := range []struct{ to, from *int }{
		{&c.MaxJury, &g.MaxJury}, {&c.QuotaRecords, &g.QuotaRecords}, {&c.QuotaMiB, &g.QuotaMiB}, {&c.MaxMarkets, &g.MaxMarkets}, {&c.PhotosMiB, &g.PhotosMiB},
	} {
		if *n.from != 0 {
			*n.to = *n.from
		}
	}
	if g.Own != nil {
		c.Own = g.Own
	}
	if g.TLSNames != nil {
		c.TLSNames = g.TLSNames
	}
	c.App = c.App && !n.noApp
	if err := n.setRoles(&c); err != nil {
		return c, err
	}
	return c, checkConfig(&c)
}

func (n *nodeFlags) setRoles(c *node.Config) error {
	all := []struct {
		name string
		on   *bool
	}{{"relay", &c.Relay}, {"board", &c.Board}, {"watcher", &c.Watcher}, {"finder", &c.Finder}, {"juror", &c.Juror}}
	var names []string
	for _, r := range all {
		names = append(names, r.name)
		if n.roles != nil {
			*r.on = slices.Contains(n.roles, r.name)
		}
	}
	for _, r := range n.roles {
		if !slices.Contains(names, r) {
			return usagef("there is no role %q: it is one of %s", r, strings.Join(names, ", "))
		}
	}
	c.Juror = c.Juror || n.juror
	return nil
}

// checkConfig finds what a person may have mistyped, before a port or a folder
// is opened.
func checkConfig(c *node.Config) error {
	if c.Dir == "" {
		return usagef("node needs --dir DIR, where its data are")
	}
	if !slices.Contains([]string{"open", "invited", "own"}, c.Accounts) {
		return usagef("accounts is open, invited or own, not %q", c.Accounts)
	}
	if !slices.Contains([]string{"", node.TLSNone, node.TLSFiles, node.TLSACME, node.TLSSelf}, c.TLS) {
		return usagef("tls is none, files, acme or self, not %q", c.TLS)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usagef("a TLS certificate and its key go together")
	}
	if c.Operator != "" {
		if _, err := sxp.ParseID(c.Operator); err != nil {
			return usagef("operator: %s", sxp.Reason(err))
		}
	}
	for _, id := range c.Own {
		if _, err := sxp.ParseID(id); err != nil {
			return usagef("own: %s", sxp.Reason(err))
		}
	}
	return nil
}

// readConfig reads a TOML file; an unknown setting is an error that names its
// line, not a silent default.
func readConfig(file string, c *node.Config) error {
	text, err := readFile(file, maxConfig)
	if err != nil {
		return err
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return sxp.Errorf("sxp.node", sxp.Invalid, nil, "%s: %s", file, tomlReason(err))
	}
	return nil
}

// tomlReason names the line and the rule.
func tomlReason(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		line, _ := strict.Errors[0].Position()
		return fmt.Sprintf("line %d: there is no setting %q", line, strings.Join(strict.Errors[0].Key(), "."))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return fmt.Sprintf("line %d: %s", line, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return strings.TrimPrefix(err.Error(), "toml: ")
}
