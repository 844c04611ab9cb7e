package main

import (
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/plot/plotter"

	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/index"
)

func growthCmd() *cobra.Command {
	g := growth{most: 1_000_000, seconds: 60}
	cmd := &cobra.Command{
		Use:   "growth",
		Short: "How long the finder of rings takes as a market grows",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return g.run() },
	}
	f := cmd.Flags()
	f.StringVar(&g.dir, "out", "growth", "`folder` of the report")
	f.IntVar(&g.most, "most", g.most, "the largest market, in `offers`")
	f.IntVar(&g.seconds, "time", g.seconds, "`seconds` for one answer at most")
	f.Uint64Var(&g.seed, "seed", 1, "the `seed` of the markets")
	return cmd
}

// growth is a report on markets of growing size.
type growth struct {
	report
	most    int
	seconds int
	seed    uint64
}

// sizes are 1,000, 3,000, 10,000 and so on.
func (g *growth) sizes() (list []int) {
	for n := 1000; n <= g.most; n *= 10 {
		list = append(list, n)
		if 3*n <= g.most {
			list = append(list, 3*n)
		}
	}
	return list
}

func (g *growth) run() error {
	g.printf("# How the finder grows with the market\n\nMade by `go run ./cmd/sxp-lab growth --most %d --time %d --seed %d`. ", g.most, g.seconds, g.seed)
	g.printf("The markets are generated (`deal/gen`); the number of items per person, wants per list and how often an item is wanted follow published want lists. One run each; an answer that is not proven within %d s is the best so far.\n\n", g.seconds)
	if err := g.shapes(); err != nil {
		return err
	}
	if err := g.whole(); err != nil {
		return err
	}
	if err := g.arrivals(); err != nil {
		return err
	}
	return g.close()
}

// whole solves whole markets.
func (g *growth) whole() error {
	g.printf("## A whole market\n\n| offers | wants | any length: s | items | rings of 3: s | items | at most | rings of 4: s | items | at most |\n|---|---|---|---|---|---|---|---|---|---|\n")
	c := chart{title: "Solving a whole market", x: "offers", y: "seconds", logX: true, logY: true,
		lines: []series{{name: "rings of any length, most items"}, {name: "rings of up to 3"}, {name: "rings of up to 4"}}}
	gap := chart{title: "How far the answer may be from the best", x: "offers", y: "gap in %", logX: true, fromZero: true,
		lines: []series{{name: "rings of up to 3"}, {name: "rings of up to 4"}}}
	for _, n := range g.sizes() {
		market := gen.Market(n, g.seed)
		g.printf("| %d | %d ", n, market.NumArcs())
		for k, length := range []int{0, 3, 4} {
			say("%d offers, %d wants, rings of %d", n, market.NumArcs(), length)
			start := time.Now()
			until := start.Add(time.Duration(g.seconds) * time.Second)
			opt := deal.Options{MaxRing: length, MaxChain: -1, Goals: []deal.Goal{deal.Items}, Budget: int64(g.seconds) * 50_000_000,
				Progress: func(deal.Progress) bool { return time.Now().Before(until) }}
			res, err := deal.Find(market, opt)
			if err != nil {
				return err
			}
			took := time.Since(start).Seconds()
			c.lines[k].at = append(c.lines[k].at, plotter.XY{X: float64(n), Y: max(took, 0.001)})
			g.printf("| %.2f | %d ", took, res.Value.Items)
			if k == 0 {
				if !res.Optimal {
					g.printf("(of at most %d) ", res.Bound)
				}
				continue
			}
			g.printf("| %d ", res.Bound)
			if res.Value.Items > 0 {
				gap.lines[k-1].at = append(gap.lines[k-1].at, plotter.XY{X: float64(n), Y: 100 * (float64(res.Bound)/float64(res.Value.Items) - 1)})
			}
		}
		g.printf("|\n")
	}
	g.printf("\n")
	for name, ch := range map[string]chart{"whole.svg": c, "gap.svg": gap} {
		svg, err := ch.draw()
		if err != nil {
			return err
		}
		if err := g.write(name, svg); err != nil {
			return err
		}
	}
	g.printf("![Seconds to solve a whole market](whole.svg)\n\n![Gap of the answer](gap.svg)\n\n")
	return nil
}

// arrivals asks an index for the best ring through one offer.
func (g *growth) arrivals() error {
	const asks = 2000
	g.printf("## One new announcement\n\nThe index of a market in which five times as many wants as offers name one of a fifth as many kinds (Zipf), rings of up to five; %d offers are asked for.\n\n", asks)
	g.printf("| offers | MiB | at once: median ms | 99 of 100 ms | exactly: median ms | 99 of 100 ms | on a ring |\n|---|---|---|---|---|---|---|\n")
	c := chart{title: "The best ring through a new announcement", x: "offers", y: "milliseconds", logX: true, logY: true,
		lines: []series{{name: "at once, median"}, {name: "at once, 99 of 100"}, {name: "exactly, median"}, {name: "exactly, 99 of 100"}}}
	for _, n := range g.sizes() {
		say("an index of %d offers", n)
		before := heap()
		ix := index.New()
		for e := range (gen.Crowd{Offers: n, Types: max(50, n/5), Seed: g.seed}).Announcements() {
			if err := ix.Put(e); err != nil {
				return err
			}
		}
		mib := heap() - before
		quick, exact, found := make([]float64, 0, asks), make([]float64, 0, asks), 0
		for i := range asks {
			ask := index.Ask{ID: uint32(i * (n / min(n, asks)) % n), Best: 1, MaxItems: 5}
			start := time.Now()
			rings, _ := ix.Quick(ask)
			quick = append(quick, time.Since(start).Seconds()*1000)
			if len(rings) > 0 {
				found++
			}
			start = time.Now()
			ix.Through(ask)
			exact = append(exact, time.Since(start).Seconds()*1000)
		}
		runtime.KeepAlive(ix)
		figures := []float64{part(quick, 0.5), part(quick, 0.99), part(exact, 0.5), part(exact, 0.99)}
		for k, y := range figures {
			c.lines[k].at = append(c.lines[k].at, plotter.XY{X: float64(n), Y: max(y, 0.0001)})
		}
		g.printf("| %d | %.0f | %.3f | %.2f | %.3f | %.2f | %.1f %% |\n", n, mib, figures[0], figures[1], figures[2], figures[3], 100*float64(found)/asks)
	}
	g.printf("\n")
	svg, err := c.draw()
	if err != nil {
		return err
	}
	return g.picture("arrivals.svg", "Milliseconds to the best ring through a new announcement", svg)
}

// part returns the value below which so great a part of the list lies.
func part(list []float64, share float64) float64 {
	slices.Sort(list)
	return list[min(len(list)-1, int(math.Floor(share*float64(len(list)))))]
}

// heap is how much memory is in use, in MiB.
func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
