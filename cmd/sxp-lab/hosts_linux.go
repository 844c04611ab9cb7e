package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sxp/internal/hosts"
)

// hostsCmd lives through contracts on many hosts of this machine.
func hostsCmd() *cobra.Command {
	cfg := hosts.Config{Out: os.Stderr}
	var quick bool
	cmd := &cobra.Command{
		Use:   "hosts [SCENARIO]...",
		Short: "Live through contracts on 22 hosts with a bad network, kills and wrong clocks",
		Long: `Hosts builds the command sxp and starts it on 22 hosts: network namespaces of
this machine with a router between them that delays, loses and cuts. Three people
make one deal in each scenario, and somebody or something fails in the middle. It
tells what happens as it happens, and what came of it. It needs Linux and root.`,
		Example: "  go run ./cmd/sxp-lab hosts\n  go run ./cmd/sxp-lab hosts restarts split",
	}
	f := cmd.Flags()
	f.Uint64Var(&cfg.Seed, "seed", 1, "what the network's chance follows from")
	f.StringVar(&cfg.Dir, "dir", "", "`folder` in which all files of all hosts stay (default none stays)")
	f.BoolVar(&cfg.Race, "race", false, "build sxp with the race detector (needs a C compiler)")
	f.BoolVar(&quick, "quick", false, "only the scenarios of the usual tests")
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		return runHosts(cmd, cfg, names, quick)
	}
	return cmd
}

func runHosts(cmd *cobra.Command, cfg hosts.Config, names []string, quick bool) error {
	chosen, err := hosts.Choose(names, quick)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := hosts.Able(ctx); err != nil {
		return err
	}
	l, err := hosts.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer l.Close()
	failed := 0
	for _, s := range chosen {
		start := time.Now()
		r, err := s.Run(ctx, l)
		fmt.Printf("%-9s %s\n          %s\n          %.0f s in all\n", s.Name, s.Says, r, time.Since(start).Seconds())
		if err != nil {
			fmt.Printf("          FAILED: %v\n", err)
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d scenarios failed", failed, len(chosen))
	}
	return nil
}
