package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"sxp/internal/fairness"
)

// campaign is what the command was asked for.
type campaign struct {
	schedules, seed uint64
	jobs            int
	rg              fairness.Range
	file            string
	plays           int
}

func fairnessCmd() *cobra.Command {
	var c campaign
	cmd := &cobra.Command{
		Use:   "fairness",
		Short: "Play signings of the real machines under random schedules and adversaries, and judge them",
		Long: `Plays schedules, one for each seed from --seed on, and prints how they ended, by size and by plot. A property that
does not hold ends the campaign: the case is made small and shown with its conversation. An interrupt prints
the table so far and the seed to go on from.

--beyond leaves an assumption and looks for the first unfair run: corrupt (f+1 jurors), delta (messages among honest
jurors take longer than Δ), watcher (watchers are cut off), clock (clocks are further apart than ε), outage (f corrupt jurors and an honest one away), slow outage (the same, with messages among jurors of up to Δ).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.file != "" {
				return c.replay()
			}
			return c.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&c.schedules, "schedules", 10_000, "how many")
	f.Uint64Var(&c.seed, "seed", 1, "the first")
	f.IntVar(&c.jobs, "jobs", 2, "how many at a time")
	f.BoolVar(&c.rg.Real, "real", false, "real points instead of ideal objects")
	f.IntVar(&c.rg.MaxParties, "parties", 0, "at most so many parties; 0: 12")
	f.IntVar(&c.rg.MaxJurors, "jurors", 0, "at most so many jurors; 0: 101")
	f.StringSliceVar(&c.rg.Plots, "plot", nil, "only these plots")
	f.StringVar(&c.rg.Beyond, "beyond", "", "leave this assumption: corrupt, delta, watcher, clock, outage or slow outage")
	f.StringVar(&c.file, "case", "", "play the case of this file, and show the conversation")
	f.IntVar(&c.plays, "shrink", 3000, "how many plays to make a failing case small")
	return cmd
}

// errFound ends a campaign.
var errFound = errors.New("a property does not hold")

func (c *campaign) run(ctx context.Context) error {
	debug.SetGCPercent(300) // a campaign holds little and makes much: fewer collections, each as short
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var next, done atomic.Uint64
	var found atomic.Pointer[fairness.Case]
	var mu sync.Mutex
	var all fairness.Figures
	var failed error
	started := time.Now()
	var wg sync.WaitGroup
	for range max(c.jobs, 1) {
		wg.Go(func() {
			lab := fairness.NewLab()
			var mine fairness.Figures
			for ctx.Err() == nil && found.Load() == nil {
				i := next.Add(1) - 1
				if i >= c.schedules {
					break
				}
				k := fairness.Draw(c.seed+i, c.rg)
				o, err := lab.Play(k, false)
				if err != nil {
					mu.Lock()
					failed = fmt.Errorf("seed %d: %w", c.seed+i, err)
					mu.Unlock()
					break
				}
				mine.Add(k, o)
				done.Add(1)
				if len(o.Broken) > 0 && (c.rg.Beyond == "" || o.Broken[0].Property == "fairness") {
					found.CompareAndSwap(nil, k)
				}
			}
			mu.Lock()
			all.Merge(&mine)
			mu.Unlock()
		})
	}
	quit := make(chan struct{})
	go progress(&done, c.schedules, started, quit)
	wg.Wait()
	close(quit)
	took := time.Since(started)
	fmt.Print(all.Table())
	fmt.Printf("\n%d schedules in %v, %.0f each second, seeds from %d\n", all.Total.Cases, took.Round(time.Millisecond), float64(all.Total.Cases)/took.Seconds(), c.seed)
	switch k := found.Load(); {
	case failed != nil:
		return failed
	case k != nil:
		return c.show(k)
	case ctx.Err() != nil:
		fmt.Printf("interrupted; go on with --seed %d --schedules %d\n", c.seed+next.Load(), c.schedules-min(next.Load(), c.schedules))
	}
	return nil
}

func progress(done *atomic.Uint64, of uint64, started time.Time, quit chan struct{}) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
			n := done.Load()
			say("%d of %d, %.0f each second", n, of, float64(n)/time.Since(started).Seconds())
		}
	}
}

// show makes a failing case small and prints it with its conversation.
func (c *campaign) show(k *fairness.Case) error {
	lab := fairness.NewLab()
	o, err := lab.Play(k, false)
	if err != nil {
		return err
	}
	if len(o.Broken) == 0 {
		return fmt.Errorf("seed %d fails in company and not alone: %s", k.Seed, k)
	}
	property := o.Broken[0].Property
	fmt.Printf("\nseed %d breaks %s after %d schedules: %s\n\nas found: %s\n\nmade small:\n", k.Seed, property, k.Seed-c.seed+1, o.Broken[0].What, k)
	small := lab.Shrink(k, property, c.plays)
	if err := talk(lab, small); err != nil && !errors.Is(err, errFound) {
		return err
	}
	if c.rg.Beyond != "" {
		return nil // that was to be found
	}
	return errFound
}

// replay plays the case of a file.
func (c *campaign) replay() error {
	b, err := os.ReadFile(c.file)
	if err != nil {
		return err
	}
	var k fairness.Case
	if err := json.Unmarshal(b, &k); err != nil {
		return fmt.Errorf("%s: %w", c.file, err)
	}
	return talk(fairness.NewLab(), &k)
}

func talk(lab *fairness.Lab, k *fairness.Case) error {
	o, err := lab.Play(k, true)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n%s\n%s: %v\n", fairness.Header(k), o.Talk, o.Result, o.Parties)
	if len(o.Broken) > 0 {
		return errFound
	}
	return nil
}
