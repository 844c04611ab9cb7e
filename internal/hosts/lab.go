//go:build linux

package hosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sxp"
	"sxp/relay"
)

// Sizes and times of the lab. The times are long against what a machine with
// two busy cores needs for all the processes, and short against a day.
const (
	Jurors  = 15 // hosts of jurors; a jury has them all
	Faults  = 7  // f
	Delta   = 4 * sxp.Second
	Claim   = 8 * sxp.Second // L
	Epsilon = 2 * sxp.Second

	// Patience is W where the jury is needed, LongPatience where it should not
	// be although the line is bad.
	Patience     = 3 * sxp.Second
	LongPatience = 40 * sxp.Second

	metricsPort = "9100"
	nodePort    = "8440"
)

// Config says where a lab is and who is told.
type Config struct {
	Dir  string    // for all files; made if missing; "": a folder of its own, removed by Close
	Out  io.Writer // the timeline as it happens; nil: nobody
	Seed uint64    // of the wire's chance
	Race bool      // build with the race detector (needs a C compiler)
}

// A Lab is a router, Jurors jurors, a node with a market, and three people,
// each with a node that relays and watches for them: 22 hosts.
type Lab struct {
	cfg    Config
	dir    string
	remove bool
	certs  *certs
	router *router

	right, fast, slow build // the command, and with clocks off by fastSkew and slowSkew

	hub      *host   // market, relay, finder
	watchers []*host // of the people, in their order
	people   []*host
	jurors   []*host
	link     string       // of the market
	made     byte         // hosts
	deals    int          // proposed so far
	line     Link         // of the scenario, from when all have its proposal
	patience sxp.Duration // of the market's newest roll

	mu      sync.Mutex
	began   time.Time
	lines   []Event
	claimed func(h *host) // told of each juror that endorses a claim
	heardOf map[*host]bool
	unfit   map[*host]bool // see misled
	defects []string       // what processes said of data races and panics, in this scenario
}

// An Event is a line of a timeline.
type Event struct {
	At   time.Duration // since the scenario began
	Host string        // "" is the lab itself
	Text string
}

// String is the line.
func (e Event) String() string { return fmt.Sprintf("%8.3f  %-9s %s", e.At.Seconds(), e.Host, e.Text) }

// Clocks of the two wrong builds.
const (
	fastSkew = 48 * time.Hour
	slowSkew = -24 * time.Hour
)

// Open builds the command, starts all hosts and has the market's roll signed.
// Close the lab.
func Open(ctx context.Context, cfg Config) (l *Lab, err error) {
	l = &Lab{cfg: cfg, dir: cfg.Dir, began: time.Now(), heardOf: map[*host]bool{}, unfit: map[*host]bool{}}
	if l.dir == "" {
		if l.dir, err = os.MkdirTemp("", "sxp-hosts-"); err != nil {
			return nil, err
		}
		l.remove = true
	}
	defer func() {
		if err != nil {
			l.Close()
			l = nil
		}
	}()
	if l.dir, err = filepath.Abs(l.dir); err == nil {
		err = os.MkdirAll(l.dir, 0o700)
	}
	if err != nil {
		return l, err
	}
	for _, step := range []func(context.Context) error{l.build, l.wireUp, l.startNodes, l.found, l.meet} {
		if err := step(ctx); err != nil {
			return l, err
		}
	}
	l.note("", "%d hosts are up", 1+len(l.watchers)+len(l.people)+len(l.jurors))
	return l, nil
}

// Close kills all processes and removes everything.
func (l *Lab) Close() error {
	for _, h := range l.all() {
		h.kill()
		h.close()
	}
	if l.router != nil {
		l.router.close()
	}
	if l.remove {
		return os.RemoveAll(l.dir)
	}
	return nil
}

func (l *Lab) all() []*host {
	all := slices.Concat(l.watchers, l.people, l.jurors)
	if l.hub != nil {
		all = append(all, l.hub)
	}
	return all
}

// build makes the command, as it is and with two wrong clocks.
func (l *Lab) build(ctx context.Context) error {
	for _, b := range []struct {
		to   *build
		name string
		skew time.Duration
	}{{&l.right, "sxp", 0}, {&l.fast, "sxp-fast", fastSkew}, {&l.slow, "sxp-slow", slowSkew}} {
		*b.to = build{filepath.Join(l.dir, b.name), b.skew}
		flags, args := "-s -w", []string{"build", "-o", b.to.path, "-buildvcs=false"} // what tests have compiled already is used
		if b.skew != 0 {
			flags += " -X main.clockSkew=" + b.skew.String()
		}
		if l.cfg.Race {
			args = append(args, "-race")
		}
		cmd := exec.CommandContext(ctx, "go", append(args, "-ldflags", flags, "sxp/cmd/sxp")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w: %s", err, out)
		}
	}
	return nil
}

// wireUp makes the namespaces and their links.
func (l *Lab) wireUp(ctx context.Context) (err error) {
	if l.certs, err = newCerts(l.dir); err != nil {
		return err
	}
	if l.router, err = newRouter(context.WithoutCancel(ctx), l.cfg.Seed); err != nil {
		return err
	}
	add := func(name string, args ...string) *host {
		if err != nil {
			return nil
		}
		var h *host
		h, err = l.newHost(name, args)
		return h
	}
	l.hub = add("hub", "--roles", "relay,board,watcher,finder")
	for _, name := range []string{"alice", "bob", "charlie"} {
		l.watchers = append(l.watchers, add("w-"+name, "--roles", "relay,watcher"))
		l.people = append(l.people, add(name))
	}
	for i := range Jurors {
		l.jurors = append(l.jurors, add(fmt.Sprintf("juror%d", i+1), "--roles", "juror", "--delta-min", "1s", "--metrics", "127.0.0.1:"+metricsPort))
	}
	if err != nil {
		l.watchers, l.people, l.jurors = whole(l.watchers), whole(l.people), whole(l.jurors)
	}
	return err
}

// whole leaves out hosts that could not be made.
func whole(list []*host) []*host {
	return slices.DeleteFunc(list, func(h *host) bool { return h == nil })
}

// newHost makes a host for a node with the arguments, or for a person.
func (l *Lab) newHost(name string, args []string) (*host, error) {
	s, err := newSpace(name)
	if err != nil {
		return nil, err
	}
	l.made++
	h := &host{space: s, lab: l, k: l.made, dir: filepath.Join(l.dir, name)}
	err = os.MkdirAll(h.dir, 0o700)
	if err == nil {
		err = l.router.link(s, h.k)
	}
	at := address(h.k) + ":" + nodePort
	if len(args) == 0 {
		h.args = []string{"agent", "--log", "json"}
	} else {
		h.args = append([]string{"node", "--dir", "node", "--listen", at, "--public", "https://" + at, "--tls-cert", "cert.pem", "--tls-key", "key.pem",
			"--no-app", "--log", "json", "--label", name}, args...)
		if err == nil {
			err = l.certs.issue(h.dir, address(h.k))
		}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return h, nil
}

// startNodes starts everything that is not a person, and learns its address.
func (l *Lab) startNodes(ctx context.Context) error {
	return together(slices.Concat([]*host{l.hub}, l.watchers, l.jurors), func(h *host) error {
		if err := h.up(ctx, l.right); err != nil {
			return err
		}
		s, err := ask[struct {
			Address string `json:"address"`
		}](ctx, h, "status", struct{}{})
		if err != nil {
			return err
		}
		h.self, err = relay.ParseAddress(s.Address)
		return err
	})
}

// found makes the people and the market, which the first of them founds, and
// has the jurors enrol and their roll signed.
func (l *Lab) found(ctx context.Context) error {
	if err := together(l.people, func(h *host) error {
		own := l.watcherOf(h)
		_, err := h.sxp(ctx, "init", "--label", h.name, "--no-passphrase", "--relay", own.self.String(), "--relay", l.hub.self.String())
		return err
	}); err != nil {
		return err
	}
	out, err := l.people[0].sxp(ctx, "--json", "market", "create", "harbour", "--at", l.hub.self.String())
	if err != nil {
		return err
	}
	var m struct{ Link string }
	if err := json.Unmarshal(out, &m); err != nil || m.Link == "" {
		return fmt.Errorf("no link of the market in %s", out)
	}
	l.link = m.Link
	if err := together(l.jurors, func(h *host) error {
		_, err := h.sxp(ctx, "jury", "enrol", "--dir", "node", l.link)
		return err
	}); err != nil {
		return err
	}
	return l.roll(ctx, Patience)
}

// roll has the market's roll signed anew, with a patience.
func (l *Lab) roll(ctx context.Context, patience sxp.Duration) error {
	if l.patience == patience {
		return nil
	}
	l.patience = patience
	_, err := l.people[0].sxp(ctx, "market", "roll", "--size", fmt.Sprint(Jurors), "--delta", Delta.Std().String(), "--claim", Claim.Std().String(),
		"--epsilon", Epsilon.Std().String(), "--patience", patience.Std().String(), "--deadline", "5m")
	return err
}

// meet brings the people online, into the market and into each other's books.
func (l *Lab) meet(ctx context.Context) error {
	if err := together(l.people, func(h *host) error {
		if err := h.up(ctx, l.right); err != nil {
			return err
		}
		if h != l.people[0] {
			if _, err := h.sxp(ctx, "market", "join", l.link); err != nil {
				return err
			}
		}
		_, err := h.sxp(ctx, "card", "--file", filepath.Join(l.dir, h.name+".sxpid"))
		return err
	}); err != nil {
		return err
	}
	return together(l.people, func(h *host) error {
		for _, other := range l.people {
			if other != h {
				if _, err := h.sxp(ctx, "card", "add", filepath.Join(l.dir, other.name+".sxpid")); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (l *Lab) watcherOf(person *host) *host { return l.watchers[slices.Index(l.people, person)] }

// together calls f for all at once and joins the errors.
func together(list []*host, f func(*host) error) error {
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, h := range list {
		wg.Go(func() { errs[i] = f(h) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// note adds a line to the timeline.
func (l *Lab) note(who, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := Event{time.Since(l.began), who, fmt.Sprintf(format, args...)}
	l.lines = append(l.lines, e)
	if l.cfg.Out != nil {
		fmt.Fprintln(l.cfg.Out, e)
	}
}

// endorsed tells a scenario that waits for it that a juror has endorsed a
// claim. Jurors say it again whenever they repeat it to others.
func (l *Lab) endorsed(h *host) (first bool) {
	l.mu.Lock()
	first = !l.heardOf[h]
	l.heardOf[h] = true
	f := l.claimed
	l.mu.Unlock()
	if first && f != nil {
		f(h)
	}
	return first
}

// onClaim has f called when a juror endorses a claim; nil ends it.
func (l *Lab) onClaim(f func(h *host)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claimed, l.heardOf = f, map[*host]bool{}
}

// timeline returns what happened since the scenario began.
func (l *Lab) timeline() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// begin starts a timeline.
func (l *Lab) begin(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began, l.lines = time.Now(), nil
	if l.cfg.Out != nil {
		fmt.Fprintf(l.cfg.Out, "%s %s\n", name, strings.Repeat("-", max(3, 60-len(name))))
	}
}

// numbers are the hosts' numbers on the wire.
func numbers(list ...*host) (all []byte) {
	for _, h := range list {
		all = append(all, h.k)
	}
	return all
}
