package layers

import (
	"fmt"
	"strings"
)

// A Level is one step of the import order. A package imports packages of
// lower levels, and packages of its own folder's tree on its own level.
type Level int

// The levels, from the words that all share down to the programs.
const (
	Words     Level = iota // package sxp
	Curves                 // arithmetic on curves
	Bytes                  // how bytes are signed and sealed, and the vectors
	Who                    // identities
	Transport              // where messages rest, how peers are found
	Data                   // where data rest
	Boards                 // markets, and tribes that vouch
	Deals                  // who could trade with whom
	Contracts              // what binds
	Payments               // what is paid
	Adapters               // stores, transports, files: the outside world behind an interface
	Roles                  // agent and node
	Programs               // the commands, the app, the world in one process
	Tools                  // checks on the source; imported by tests only
)

// Pure reports whether packages of the level have neither clock, network,
// disk, goroutines nor log: what they need is an argument. For goroutines see
// forks.
func (l Level) Pure() bool { return l < Adapters }

// order gives the level of each folder; a folder that is not named has the
// level of the nearest one above it. A new top folder needs a line.
var order = map[string]Level{
	".":               Words,
	"internal/bls":    Curves,
	"internal/x25519": Curves,
	"envelope":        Bytes,
	"vectors":         Bytes,
	"identity":        Who,
	"relay":           Transport,
	"discovery":       Transport,
	"blocks":          Data,
	"market":          Boards,
	"tribe":           Boards,
	"deal":            Deals,
	"contract":        Contracts,
	"escrow":          Payments,

	"internal/economy":  Payments,
	"internal/fairness": Payments,

	"identity/keyfile":   Adapters,
	"blocks/kvstore":     Adapters,
	"blocks/memstore":    Adapters,
	"blocks/storetest":   Adapters,
	"relay/memstore":     Adapters,
	"relay/pebblestore":  Adapters,
	"relay/relayhttp":    Adapters,
	"relay/storetest":    Adapters,
	"deal/solver/remote": Adapters,
	"market/memstore":    Adapters,
	"market/index":       Adapters,
	"market/storetest":   Adapters,
	"internal/kv":        Adapters,
	"internal/peak":      Adapters,
	"agent":              Roles,
	"node":               Roles,
	"internal/world":     Programs,
	"internal/rows":      Programs,
	"internal/hosts":     Programs,
	"web":                Programs,
	"cmd":                Programs,
	"internal/layers":    Tools,
	"formal":             Tools,
}

// tests are folders of helpers that import package testing: nothing that is
// shipped may import them.
func testHelper(dir string) bool {
	last := dir[strings.LastIndex(dir, "/")+1:]
	return strings.HasSuffix(last, "test")
}

// LevelOf returns the level of a folder; ok is false for one that the order
// does not know.
func LevelOf(dir string) (l Level, ok bool) {
	l, _, ok = place(dir)
	return l, ok
}

// place also returns the folder whose line decided.
func place(dir string) (Level, string, bool) {
	for d := dir; ; {
		if l, ok := order[d]; ok && (d != "." || dir == ".") {
			return l, d, true
		}
		i := strings.LastIndex(d, "/")
		if i < 0 {
			return 0, "", false
		}
		d = d[:i]
	}
}

// CheckImport says why a package in folder from must not import the one in
// folder to, or nil. Test files are not bound by the order.
func CheckImport(from, to string) error {
	lf, df, ok := place(from)
	if !ok {
		return fmt.Errorf("%s has no place in the import order: add a line to internal/layers/rules.go", from)
	}
	lt, dt, ok := place(to)
	switch {
	case !ok:
		return fmt.Errorf("%s imports %s, which has no place in the import order", from, to)
	case testHelper(to) && !testHelper(from):
		return fmt.Errorf("%s imports %s, which is for tests only", from, to)
	case lt == Tools && lf != Tools:
		return fmt.Errorf("%s imports %s, which is for tests only", from, to)
	case from == to, lt < lf:
		return nil
	case lt > lf:
		return fmt.Errorf("%s imports %s, which stands below it in the import order", from, to)
	case df == dt:
		return nil // one domain: Go itself forbids cycles
	case lf == Adapters && dt == "internal/kv", lf == Programs:
		return nil // the one store that adapters share; programs compose each other
	}
	return fmt.Errorf("%s imports %s, but the two stand side by side in the import order", from, to)
}

// impure are the standard packages that a pure package must not import.
var impure = map[string]string{
	"net":           "network",
	"net/http":      "network",
	"net/rpc":       "network",
	"os":            "disk",
	"os/exec":       "processes",
	"os/signal":     "processes",
	"os/user":       "disk",
	"path/filepath": "disk",
	"io/ioutil":     "disk",
	"database/sql":  "disk",
	"syscall":       "the machine",
	"log":           "a log",
	"log/slog":      "a log",
	"crypto/rand":   "randomness that is not an argument",
	"math/rand":     "randomness that is not an argument",
	"math/rand/v2":  "randomness that is not an argument",
	"testing":       "tests",
	"expvar":        "globals",
	"flag":          "globals",
	"plugin":        "the machine",
}

// forks are the files of pure packages that may start goroutines: mathematics
// without state, on as many cores as there are, that has ended when the call
// returns and whose result does not depend on how many.
var forks = map[string]bool{"internal/bls/fork.go": true}

// clock are the functions of package time that read or wait for the clock.
var clock = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
	"Tick": true, "NewTimer": true, "NewTicker": true,
}
