package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

func TestMain(m *testing.M) {
	cobra.EnableCommandSorting = false
	testscript.Main(m, map[string]func(){"sxp": main})
}

// TestScripts runs testdata/*.txt, in which every command is a process of its
// own. -update rewrites the golden files in them.
func TestScripts(t *testing.T) {
	dir, files := "testdata", []string(nil)
	solvers, err := filepath.Abs("../../deal/solver/remote/testdata") // of others, as examples
	if err != nil {
		t.Fatal(err)
	}
	if race {
		// Where every process takes seconds, those whose processes do many
		// things at a time.
		dir, files = "", []string{"testdata/busy.txt", "testdata/swap.txt"}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		UpdateScripts:       os.Getenv("SXP_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("SXP_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("DEADLINE", "10s") // the time to sign where a script waits for its end
			e.Setenv("SOLVERS", solvers)
			return os.WriteFile(filepath.Join(e.WorkDir, "pass"), []byte("correct horse\n"), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitfor,
			"setvar":  setvar,
		},
	})
}

// patience is how long waitfor waits for what should happen soon.
const patience = 60 * time.Second

// waitfor FILE waits until the file is there. waitfor PATTERN COMMAND... runs
// the command until it prints what the pattern matches, or with ! in front
// until it does not; the file "waited" has the output. Both fail the script
// after a while.
func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: waitfor FILE, or waitfor PATTERN COMMAND...")
	}
	var last string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if len(args) == 1 {
			if _, err := os.Stat(ts.MkAbs(args[0])); (err == nil) != neg {
				return
			}
			continue
		}
		out, err := run(ts, args[1:])
		last = fmt.Sprintf("; it last printed (%v):\n%s", err, out)
		if regexp.MustCompile("(?m)"+args[0]).MatchString(out) != neg {
			ts.Check(os.WriteFile(ts.MkAbs("waited"), []byte(out), 0o644))
			return
		}
	}
	ts.Fatalf("waited %v for %q%s", patience, args, last)
}

func run(ts *testscript.TestScript, args []string) (string, error) {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	c := exec.CommandContext(ctx, path, args[1:]...)
	c.Dir = ts.MkAbs(".")
	c.Env = append(os.Environ(), "SXP_HOME="+ts.Getenv("SXP_HOME"), "HOME="+ts.Getenv("HOME"))
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err = c.Run()
	return out.String(), err
}

// setvar NAME FILE PATTERN sets $NAME to what the pattern's group, or the
// whole of it, matches in the file; stdout and stderr are files.
func setvar(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: setvar NAME FILE [PATTERN]")
	}
	pattern := `^\s*((?s:.*?))\s*$`
	if len(args) == 3 {
		pattern = "(?m)" + args[2]
	}
	text := ts.ReadFile(args[1])
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		ts.Fatalf("no %q in %s:\n%s", pattern, args[1], text)
	}
	ts.Setenv(args[0], strings.TrimSpace(m[len(m)-1]))
}
