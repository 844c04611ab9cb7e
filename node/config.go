package node

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"sxp"
	"sxp/deal/solver"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// A Config is what an operator decides: the fields of a node's TOML file.
type Config struct {
	Dir      string `toml:"dir"`      // data folder, made with mode 0700
	Listen   string `toml:"listen"`   // "host:port"; port 0 picks a free one
	Public   string `toml:"public"`   // URL that others use; empty: from listen
	Label    string `toml:"label"`    // a name for people, at most sxp.MaxLabel bytes
	Operator string `toml:"operator"` // id of who runs it; a jury has one seat for each operator

	Relay   bool `toml:"relay"`   // keep records for their receivers
	Board   bool `toml:"board"`   // host markets that people found here
	Watcher bool `toml:"watcher"` // file claims for people who are away
	Juror   bool `toml:"juror"`   // referee contracts it is drawn for
	Finder  bool `toml:"finder"`  // propose the rings of hosted markets

	Accounts     string   `toml:"accounts"`      // whose records the relay keeps, and who founds markets and lodges claims: open, invited or own
	Own          []string `toml:"own"`           // ids that may write where accounts is own
	QuotaRecords int      `toml:"quota_records"` // records of one sender; 0: DefaultQuotaRecords
	QuotaMiB     int      `toml:"quota_mib"`     // MiB of one sender's records; 0: DefaultQuotaMiB
	MaxMarkets   int      `toml:"max_markets"`   // markets hosted; 0: DefaultMaxBoards
	PhotosMiB    int      `toml:"photos_mib"`    // MiB of all photos of announcements; 0: blocks.DefaultBytes

	Solvers    []SolverConfig `toml:"solvers"`     // of others, that the finder asks beside itself
	SolverTime string         `toml:"solver_time"` // how long they may take: "2s"
	FinderWork int64          `toml:"finder_work"` // steps of one search of its own; 0: deal.DefaultBudget

	Conduct  string `toml:"conduct"`   // how often jurors of hosted markets are asked whether they are up, and cases reported: "20m"; "never"; empty: DefaultConduct
	DeltaMin string `toml:"delta_min"` // juror: the smallest Δ it keeps, "10s"
	MaxJury  int    `toml:"max_jury"`  // juror: the largest jury it serves; 0: sxp.MaxJury

	App   bool   `toml:"app"`   // serve the app to browsers, where the node is a relay or has boards
	Price string `toml:"price"` // what the relay costs, in the operator's words
	Terms string `toml:"terms"` // under which terms, likewise

	TLS           string   `toml:"tls"`      // none, files, acme or self; empty: files where tls_cert is set, else none
	TLSCert       string   `toml:"tls_cert"` // PEM files
	TLSKey        string   `toml:"tls_key"`
	TLSNames      []string `toml:"tls_names"`      // self: more names and addresses under which the node is reached
	ACMEEmail     string   `toml:"acme_email"`     // acme: whom the authority tells of trouble; empty: nobody
	ACMEDirectory string   `toml:"acme_directory"` // acme: the authority; empty: Let's Encrypt
	Metrics       string   `toml:"metrics"`        // "host:port" of the Prometheus page; empty: none

	Pages http.Handler                  `toml:"-"` // the app; nil: none
	Log   *slog.Logger                  `toml:"-"` // nil logs nothing
	Now   func() sxp.Time               `toml:"-"` // nil is the machine's clock
	Dial  func(url string) relay.Caller `toml:"-"` // nil is HTTP

	acmeHTTP *http.Client // to the authority; nil: the machine's roots
}

// DefaultConfig is a small node: everything but juror, on a free port of this
// machine.
func DefaultConfig() Config {
	return Config{Listen: "127.0.0.1:0", Label: "node", Relay: true, Board: true, Watcher: true, Finder: true, App: true, Accounts: string(relay.Open)}
}

// A SolverConfig is a solver of others: either a program or a URL.
type SolverConfig struct {
	Name      string   `toml:"name"`       // for logs and scores, at most 64 bytes
	Command   []string `toml:"command"`    // a program with its arguments
	URL       string   `toml:"url"`        // takes problems by POST
	MemoryMiB int      `toml:"memory_mib"` // of a program; 0: remote.DefaultMemory
}

// settings are a Config after it was checked.
type settings struct {
	operator sxp.ID
	policy   relay.Policy
	deltaMin sxp.Duration
	conduct  sxp.Duration // 0: never
	solvers  []solver.Solver
	wait     time.Duration // for solvers; 0: the usual
	tls      *tls.Config   // of files and acme
}

// check reads the fields before a file or a port is opened. Errors name the
// field.
func (c *Config) check() (s settings, err error) {
	const op = "node.Open"
	if c.Dir == "" {
		return s, sxp.Errorf(op, sxp.Invalid, nil, "dir: a node needs a folder for its data")
	}
	if len(c.Label) > sxp.MaxLabel {
		return s, sxp.Errorf(op, sxp.TooLarge, nil, "label: at most %d bytes, not %d", sxp.MaxLabel, len(c.Label))
	}
	if err := c.checkAddresses(); err != nil {
		return s, err
	}
	if c.Operator != "" {
		if s.operator, err = sxp.ParseID(c.Operator); err != nil {
			return s, sxp.Errorf(op, sxp.Invalid, nil, "operator: %w", err)
		}
	}
	for _, f := range []struct {
		name       string
		value, max int
	}{{"quota_records", c.QuotaRecords, 1 << 40}, {"quota_mib", c.QuotaMiB, 1 << 40}, {"max_markets", c.MaxMarkets, 10_000}, {"photos_mib", c.PhotosMiB, 1 << 40}, {"max_jury", c.MaxJury, sxp.MaxJury}} {
		if f.value < 0 || f.value > f.max {
			return s, sxp.Errorf(op, sxp.Invalid, nil, "%s: 0 (the default) to %d, not %d", f.name, f.max, f.value)
		}
	}
	if c.DeltaMin != "" {
		d, err := time.ParseDuration(c.DeltaMin)
		if err != nil || d < time.Millisecond {
			return s, sxp.Errorf(op, sxp.Invalid, nil, "delta_min: %q is not a span such as 10s, of at least 1ms", c.DeltaMin)
		}
		s.deltaMin = sxp.DurationOf(d)
	}
	switch c.Conduct {
	case "":
		s.conduct = DefaultConduct
	case "never":
	default:
		d, err := time.ParseDuration(c.Conduct)
		if err != nil || d < 100*time.Millisecond {
			return s, sxp.Errorf(op, sxp.Invalid, nil, "conduct: %q is neither never nor a span such as 20m, of at least 100ms", c.Conduct)
		}
		s.conduct = sxp.DurationOf(d)
	}
	if err := c.checkSolvers(&s); err != nil {
		return s, err
	}
	if err := c.checkOffer(); err != nil {
		return s, err
	}
	if err := c.checkTLS(&s); err != nil {
		return s, err
	}
	if c.Relay {
		return s, c.checkPolicy(&s)
	}
	return s, nil
}

func (c *Config) checkAddresses() error {
	const op = "node.Open"
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return sxp.Errorf(op, sxp.Invalid, nil, "listen: %q is not host:port, such as 127.0.0.1:8440", c.Listen)
	}
	if c.Public != "" {
		if err := relay.CheckURL(c.Public); err != nil {
			return sxp.Errorf(op, sxp.Invalid, nil, "public: %w", err)
		}
		return nil
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return sxp.Errorf(op, sxp.Invalid, nil, "public: give the URL under which others reach this node; %q listens everywhere and names no host", c.Listen)
	}
	return nil
}

// checkOffer bounds what the operator tells people about the relay.
func (c *Config) checkOffer() error {
	for _, f := range []struct {
		name, text string
		max        int
		lines      bool
	}{{"price", c.Price, relayhttp.MaxPrice, false}, {"terms", c.Terms, relayhttp.MaxTerms, true}} {
		if len(f.text) > f.max {
			return sxp.Errorf("node.Open", sxp.TooLarge, nil, "%s: at most %d bytes, not %d", f.name, f.max, len(f.text))
		}
		for _, r := range f.text {
			joiner := r == '\u200c' || r == '\u200d' // of Persian, and of emoji
			if r == utf8.RuneError || !unicode.IsGraphic(r) && !joiner && !(f.lines && r == '\n') {
				return sxp.Errorf("node.Open", sxp.Invalid, nil, "%s: %q is no character that people read", f.name, r)
			}
		}
	}
	return nil
}

// offer is what a relay's operator gives to whom.
func (c *Config) offer(p relay.Policy) *relayhttp.Offer {
	if !c.Relay {
		return nil
	}
	return &relayhttp.Offer{
		Accounts: p.Mode, QuotaRecords: p.Quota.Records, QuotaMiB: p.Quota.Bytes >> 20, MaxTTL: relay.MaxTTL, Price: c.Price, Terms: c.Terms,
	}
}

func (c *Config) checkPolicy(s *settings) error {
	s.policy = relay.Policy{Mode: relay.Mode(c.Accounts), Quota: relay.Quota{Records: DefaultQuotaRecords, Bytes: DefaultQuotaMiB << 20}}
	if c.QuotaRecords > 0 {
		s.policy.Quota.Records = uint64(c.QuotaRecords)
	}
	if c.QuotaMiB > 0 {
		s.policy.Quota.Bytes = uint64(c.QuotaMiB) << 20
	}
	for _, text := range c.Own {
		id, err := sxp.ParseID(text)
		if err != nil {
			return sxp.Errorf("node.Open", sxp.Invalid, nil, "own: %w", err)
		}
		s.policy.Own = append(s.policy.Own, id)
	}
	p := s.policy
	p.Operator = sxp.ID{1} // the node's own where nobody else is named
	if err := p.Check(); err != nil {
		return sxp.Errorf("node.Open", sxp.Invalid, nil, "accounts: %w", err)
	}
	return nil
}

// listen opens a port; what names the field.
func listen(what, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, sxp.Errorf("node.Open", sxp.Busy, nil, "%s: another process listens on %s: stop it, or take another port", what, address)
	case errors.Is(err, syscall.EACCES):
		return nil, sxp.Errorf("node.Open", sxp.Denied, nil, "%s: this user may not listen on %s: take a port from 1024", what, address)
	}
	return nil, sxp.Errorf("node.Open", sxp.Invalid, nil, "%s: cannot listen on %s: %w", what, address, err)
}
