package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
)

// The whole help, as a person reads it. SXP_UPDATE=1 rewrites the file.
func TestHelpIsReviewed(t *testing.T) {
	var out bytes.Buffer
	for _, c := range append([]string{""}, "solve", "check", "explain", "draw", "convert", "help") {
		args := append(strings.Fields(c), "--help")
		out.WriteString("$ sxp-deals " + strings.Join(args, " ") + "\n")
		if code := run(context.Background(), args, &out, &out); code != cli.ExitOK {
			t.Errorf("%v exits %d", args, code)
		}
		out.WriteString("\n")
	}
	const name = "testdata/help.golden"
	if os.Getenv("SXP_UPDATE") != "" {
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v: run with SXP_UPDATE=1", err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); d != "" {
		t.Errorf("the help has changed; if that is meant, run with SXP_UPDATE=1 (-reviewed +now):\n%s", d)
	}
	if strings.Contains(out.String(), "sxp deals ") {
		t.Error("the help names a command that this program has not")
	}
}

// TestSolveAndCheck: the program finds an answer, holds it for right, and ends
// with the exit codes of sxp.
func TestSolveAndCheck(t *testing.T) {
	list, answer := filepath.Join(t.TempDir(), "wants.txt"), filepath.Join(t.TempDir(), "answer.json")
	if err := os.WriteFile(list, []byte("(ann) 1 : 2\n(bob) 2 : 3\n(cyd) 3 : 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"solve", list, "--answer", answer}, cli.ExitOK, "3 items change hands in 1 ring"},
		{[]string{"check", list, answer}, cli.ExitOK, "The answer holds"},
		{[]string{"check", list, answer, "--max-ring", "2"}, cli.ExitFailure, "sxp-deals: the answer does not hold"},
		{[]string{"explain", list, "1"}, cli.ExitOK, "1 is traded"},
		{[]string{"explain", "1"}, cli.ExitUsage, "needs a file and the name of an item"},
		{[]string{"offer"}, cli.ExitUsage, `no command "offer"`},
	} {
		var out bytes.Buffer
		if code := run(context.Background(), c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v exits %d, want %d: %q lacks %q", c.args, code, c.code, out.String(), c.want)
		}
	}
	var out, errs bytes.Buffer
	failed := cli.Failure{}
	if code := run(context.Background(), []string{"solve", "--json", list + "x"}, &out, &errs); code != cli.ExitFailure {
		t.Errorf("a file that is not there: exit code %d, want 1", code)
	}
	if err := json.Unmarshal(out.Bytes(), &failed); err != nil || failed.Error.Kind != sxp.NotFound {
		t.Errorf("--json of an error: %q, %v", out.String(), err)
	}
}
