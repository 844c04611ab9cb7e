package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sxp"
	"sxp/cmd/sxp/internal/cli"
	"sxp/internal/world"
	"sxp/web"
)

func (a *app) worldCmd() *cobra.Command {
	cfg := world.TradeConfig{}
	var vanish cli.Share
	var come churnFlags
	cmd := &cobra.Command{
		Use:   "world",
		Short: "Live through whole swaps among strangers on this machine",
		Long: `World starts a node, jurors and three strangers in this process, and tells how
they swap maths lessons, beer and coins: first all stay, then one vanishes after
the promise and the jury completes, then one never promises and nobody is bound.
On a terminal, or with --serve, it goes on serving until Ctrl-C: it prints the
address of the app and a link for each of the three, to be opened in browser
profiles of their own. Who is missing is played by bots. On a terminal the market
stays for the next start, so that an installed app finds its node again.

With --trade it reads a real want list (TradeMaximizer's format), makes every
person an agent with keys of their own, carries every ring to a contract over
simulated time while some vanish and some jurors lie, and reports who was
treated unfairly: it must be nobody.

With --churn people come to a market whose node proposes rings, change their
minds, withdraw, are offline and leave for ever, also in the middle of signing,
for so much simulated time; it reports what closed, what broke, how long people
waited, and what was given twice: it must be nothing.`,
		Example: `  sxp world
  sxp world --serve --no-story --jurors 15 --bots-after 2s
  sxp world --trade wants.txt --vanish 10% --corrupt 7 --keep out
  sxp world --churn 7d --people 40 --rounds 1d`,
		Args: args(0, 0, ""),
	}
	f := cmd.Flags()
	f.StringVar(&cfg.File, "trade", "", "a want `file` in TradeMaximizer's format")
	f.IntVar(&cfg.MaxRing, "max-ring", 4, "at most `n` items in a ring")
	f.IntVar(&cfg.Jury, "jury", 15, "`jurors` per contract, odd")
	f.Uint64Var(&cfg.Seed, "seed", 1, "what chance follows from: the same `number` gives the same report")
	f.Var(&vanish, "vanish", "people who stop for ever at a random step")
	f.IntVar(&cfg.Corrupt, "corrupt", 0, "`jurors` that are silent or lie")
	f.StringVar(&cfg.Keep, "keep", "", "`folder` for the contract files and the report")
	come.flags(f)
	live := world.StoryConfig{Out: a.out}
	f.BoolVar(&live.Serve, "serve", false, "go on serving, also without a terminal")
	f.BoolVar(&live.NoStory, "no-story", false, "serve at once, without the three swaps")
	f.IntVar(&live.Jurors, "jurors", 7, "`nodes` that referee the story and the market for people, odd")
	f.DurationVar(&live.BotsAfter, "bots-after", 5*time.Second, "bots join after a person's offer stood alone for this `time`; 0: no bots")
	f.StringVar(&live.Dir, "dir", "", "`folder` in which the world that serves on stays (default on a terminal sxp/world among your caches, else none)")
	f.StringVar(&live.Listen, "listen", "", "`address` of the hub (default "+world.FriendlyAddress+" if it serves on and that is free)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.Changed("churn") {
			return come.run(cmd, a, cfg)
		}
		for _, name := range []string{"people", "sorts", "rounds"} {
			if f.Changed(name) {
				return usagef("--%s goes with --churn SPAN", name)
			}
		}
		if cfg.File == "" {
			for _, name := range []string{"max-ring", "jury", "seed", "vanish", "corrupt"} {
				if f.Changed(name) {
					return usagef("--%s goes with --trade FILE", name)
				}
			}
			return a.story(cmd.Context(), live, cfg.Keep)
		}
		for _, name := range []string{"serve", "no-story", "jurors", "bots-after", "listen", "dir"} {
			if f.Changed(name) {
				return usagef("--%s goes without --trade", name)
			}
		}
		cfg.Vanish, cfg.JSON, cfg.Out, cfg.Progress = float64(vanish), a.json, a.out, a.err
		r, err := world.Trade(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		if r.Unfair > 0 {
			return &outcome{Text: fmt.Sprintf("%d contracts were unfair: this must not happen, please report it with the seed", r.Unfair)}
		}
		return nil
	}
	return cmd
}

// story tells the story, and serves on where somebody sits in front of it.
func (a *app) story(ctx context.Context, cfg world.StoryConfig, keep string) (err error) {
	if cfg.Jurors < 1 || cfg.Jurors%2 == 0 || cfg.Jurors > sxp.MaxJury {
		return usagef("--jurors is an odd number up to %d, not %d", sxp.MaxJury, cfg.Jurors)
	}
	if cfg.BotsAfter < 0 {
		return usagef("--bots-after is a time such as 5s, or 0 for no bots")
	}
	_, terminal := a.terminal()
	terminal = terminal && term.IsTerminal(int(os.Stdout.Fd()))
	if terminal && !cfg.Serve && cfg.Dir == "" {
		if caches, err := os.UserCacheDir(); err == nil {
			cfg.Dir, cfg.DirIfFree = filepath.Join(caches, "sxp", "world"), true
		}
	}
	cfg.Serve = cfg.Serve || terminal
	if cfg.Dir != "" && !cfg.Serve {
		return usagef("--dir goes with --serve")
	}
	if cfg.NoStory && !cfg.Serve {
		return usagef("--no-story goes with --serve")
	}
	cfg.JSON, cfg.Keep, cfg.Color = a.json, keep, terminal && a.getenv("NO_COLOR") == ""
	if cfg.Pages, err = web.Handler(); err != nil {
		return err
	}
	return world.Story(ctx, cfg)
}
