// Command check searches the Spin model of fair signing and prints a table.
//
//	go run ./formal/spin/check --small            # the cases of every change, then all variants
//	go run ./formal/spin/check --large            # those of a release; at most 12 GB
//	go run ./formal/spin/check --large --report   # rewrites the table of formal/spin/README.md
//	go run ./formal/spin/check --counterexamples  # rewrites formal/spin/counterexamples
//
// It is called from the root of the project.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"sxp/formal/spin"
)

const folder = "formal/spin"

// jobs are what the command was told to do.
type jobs struct {
	small, large, report, runs bool
	memory, atOnce             int
}

func main() {
	var j jobs
	flag.BoolVar(&j.small, "small", false, "the cases of every change, and all variants")
	flag.BoolVar(&j.large, "large", false, "the cases of a release")
	flag.BoolVar(&j.report, "report", false, "rewrite the tables of "+folder+"/README.md")
	flag.BoolVar(&j.runs, "counterexamples", false, "rewrite "+folder+"/counterexamples")
	flag.IntVar(&j.memory, "memory", 0, "bound of one search in MB; 0: 4000, with --large 12000")
	flag.IntVar(&j.atOnce, "at-once", 2, "how many searches run at a time; with --large one")
	flag.Parse()
	if j.large {
		j.atOnce = 1
	}
	if j.memory == 0 {
		j.memory = 4000
		if j.large {
			j.memory = 12000
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := work(ctx, j); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

func work(ctx context.Context, j jobs) error {
	if tool := spin.Missing(); tool != "" {
		return fmt.Errorf("%s is not here (Debian: apt-get install spin gcc)", tool)
	}
	if j.report {
		if err := spin.Report(folder+"/README.md", "rules", spin.RulesTable(spin.Rules())); err != nil {
			return err
		}
	}
	if j.small {
		if err := table(ctx, j, "small", spin.Small()); err != nil {
			return err
		}
	}
	if j.small || j.runs {
		if err := rules(ctx, j); err != nil {
			return err
		}
	}
	if j.large {
		return table(ctx, j, "large", spin.Large())
	}
	return nil
}

// searched is a result, or why there is none.
type searched struct {
	spin.Result
	err error
}

// searches searches cases, so many at once as the command was told, and gives
// the results in their order.
func searches(ctx context.Context, j jobs, cases []spin.Case) []chan searched {
	out := make([]chan searched, len(cases))
	room := make(chan struct{}, max(j.atOnce, 1))
	for i := range cases {
		out[i] = make(chan searched, 1)
	}
	go func() {
		for i, c := range cases {
			room <- struct{}{}
			go func() {
				defer func() { <-room }()
				r, err := search(ctx, c, j.memory)
				out[i] <- searched{r, err}
			}()
		}
	}()
	return out
}

// table searches cases with all rules kept.
func table(ctx context.Context, j jobs, name string, cases []spin.Case) error {
	lines := []string{spin.Head}
	fmt.Println(spin.Head)
	bad := 0
	for _, found := range searches(ctx, j, cases) {
		r := <-found
		if r.err != nil {
			return r.err
		}
		fmt.Println(r.Row())
		lines = append(lines, r.Row())
		if r.Verdict() != "holds" {
			bad++
			fmt.Println(strings.Join(r.Run, "\n"))
		}
		if j.report { // after each, so that a long search that is stopped leaves what it measured
			if err := spin.Report(folder+"/README.md", name, strings.Join(lines, "\n")); err != nil {
				return err
			}
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d cases were not shown to hold", bad, len(cases))
	}
	return nil
}

// rules searches the variants, and keeps their runs if it was told to.
func rules(ctx context.Context, j jobs) error {
	all := spin.Rules()
	cases := make([]spin.Case, len(all))
	for i, r := range all {
		cases[i] = r.Case
	}
	for i, ch := range searches(ctx, j, cases) {
		r, found := all[i], <-ch
		if found.err != nil {
			return found.err
		}
		if !found.Broken {
			return fmt.Errorf("left out: %s. Nothing breaks in %d states", r.Rule, found.States)
		}
		text := spin.Tell(r, found.Run)
		if !strings.Contains(text, "Broken: "+r.Case.Property.String()+".") {
			return fmt.Errorf("left out: %s. Another property than %s breaks:\n%s", r.Rule, r.Case.Property, text)
		}
		fmt.Printf("caught: %s (%s, after %d states)\n", r.Name(), r.Case.Property, found.States)
		if j.runs {
			if err := os.WriteFile(filepath.Join(folder, r.File()), []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func search(ctx context.Context, c spin.Case, memory int) (spin.Result, error) {
	dir, err := os.MkdirTemp("", "sxp-spin-")
	if err != nil {
		return spin.Result{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // only scratch files
	return spin.Check(ctx, c, dir, memory)
}
