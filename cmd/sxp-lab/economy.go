package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"gonum.org/v1/plot/plotter"

	"sxp/internal/economy"
)

// dear is the effort of a swap at which one medium comes about in pairs.
const dear = 300

// A study is the simulations of one report.
type study struct {
	report
	base  economy.Config
	seeds int
}

func economyCmd() *cobra.Command {
	s := study{base: economy.Defaults(), seeds: 3}
	s.base.People, s.base.Goods, s.base.Rounds, s.base.Work = 150, 30, 160, 2_000_000
	cmd := &cobra.Command{
		Use:   "economy",
		Short: "Does one good become money where people swap by rings, and do local currencies?",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return s.run() },
	}
	f := cmd.Flags()
	f.StringVar(&s.dir, "out", "economy", "`folder` of the report")
	f.IntVar(&s.base.People, "people", s.base.People, "`people` in each simulation")
	f.IntVar(&s.base.Goods, "goods", s.base.Goods, "`kinds` of goods")
	f.IntVar(&s.base.Rounds, "rounds", s.base.Rounds, "`rounds` of each simulation; the second half is measured")
	f.IntVar(&s.seeds, "seeds", s.seeds, "simulations per line, with different `seeds`")
	f.Uint64Var(&s.base.Seed, "seed", 1, "the first `seed`")
	return cmd
}

func (s *study) run() error {
	s.printf("# Money and rings\n\nMade by `go run ./cmd/sxp-lab economy --people %d --goods %d --rounds %d --seeds %d --seed %d`; the same command makes the same page. ",
		s.base.People, s.base.Goods, s.base.Rounds, s.seeds, s.base.Seed)
	s.printf("Each figure is the mean of %d simulations with its least and greatest in brackets, measured in the second half of the rounds. How the people of the model behave: `internal/economy`.\n\n", s.seeds)
	for _, part := range []func() error{s.rings, s.emergence, s.regions, s.tokens} {
		if err := part(); err != nil {
			return err
		}
	}
	return s.close()
}

// each runs a configuration with every seed.
func (s *study) each(what string, change func(*economy.Config)) ([]*economy.Result, error) {
	say("%s", what)
	all, errs := make([]*economy.Result, s.seeds), make([]error, s.seeds)
	var wait sync.WaitGroup
	for i := range s.seeds {
		c := s.base
		change(&c)
		c.Seed += uint64(i)
		wait.Go(func() { all[i], errs[i] = economy.Run(c) })
	}
	wait.Wait()
	return all, errors.Join(errs...)
}

// mean writes the mean of a figure with its range.
func mean(all []*economy.Result, of func(*economy.Result) float64) string {
	sum, least, most := 0.0, math.Inf(1), math.Inf(-1)
	for _, r := range all {
		x := of(r)
		sum, least, most = sum+x, min(least, x), max(most, x)
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", sum/float64(len(all)), least, most)
}

func consumption(r *economy.Result) float64 { return r.Consumption() }
func indirect(r *economy.Result) float64    { return r.IndirectShare() }

func mediumShare(r *economy.Result) float64 {
	_, share := r.Medium()
	return share
}

func mediumPart(r *economy.Result) float64 {
	if g, _ := r.Medium(); g >= 0 {
		return r.PartOfRings(g)
	}
	return 0
}

// rings compares trade with and without media, for rings of several lengths.
func (s *study) rings() error {
	s.printf("## Rings instead of money\n\nWhat people need and get, per person and round, with rings of so many items; without media (nobody takes what they do not need) and with them.\n\n")
	s.printf("| items per ring | without media | with media | of what changes hands, taken to be given on |\n|---|---|---|---|\n")
	c := chart{title: "Needs met per person and round", x: "items per ring", y: "needs met", fromZero: true,
		lines: []series{{name: "without media"}, {name: "with media"}}}
	for ring := 2; ring <= 5; ring++ {
		var cells []string
		var last []*economy.Result
		for k, media := range []bool{false, true} {
			all, err := s.each(fmt.Sprintf("rings of %d, media %v", ring, media), func(c *economy.Config) { c.MaxRing, c.Indirect = ring, media })
			if err != nil {
				return err
			}
			y := 0.0
			for _, r := range all {
				y += r.Consumption() / float64(len(all))
			}
			c.lines[k].at = append(c.lines[k].at, plotter.XY{X: float64(ring), Y: y})
			cells, last = append(cells, mean(all, consumption)), all
		}
		s.printf("| %d | %s | %s | %s |\n", ring, cells[0], cells[1], mean(last, indirect))
	}
	s.printf("\n")
	svg, err := c.draw()
	if err != nil {
		return err
	}
	return s.picture("rings.svg", "Needs met per person and round by ring length, with and without media", svg)
}

// emergence asks whether one good becomes the medium.
func (s *study) emergence() error {
	s.printf("## Does one good become money?\n\nEach swap costs an effort: a medium is taken only where the chance to get what one needs grows by more (in thousandths). The share of the most used medium in all that is taken to be given on (1 means that one good alone is money), and in how many of all rings it takes part as a medium. Good 1 spoils least (%.1f %% a round), the last most (%.0f %%).\n\n",
		float64(s.base.PerishLeast)/10, float64(s.base.PerishMost)/10)
	s.printf("| items per ring | effort | the most used medium | its share | takes part in rings | needs met |\n|---|---|---|---|---|---|\n")
	for _, ring := range []int{2, 3, 4} {
		for _, effort := range []int{30, 100, 200, 300, 400} {
			all, err := s.each(fmt.Sprintf("rings of %d, effort %d", ring, effort), func(c *economy.Config) { c.MaxRing, c.Effort = ring, effort })
			if err != nil {
				return err
			}
			s.printf("| %d | %d | %s | %s | %s | %s |\n", ring, effort, media(all), mean(all, mediumShare), mean(all, mediumPart), mean(all, consumption))
			if ring == 2 && effort == dear {
				if err := s.overTime(all[0]); err != nil {
					return err
				}
			}
		}
	}
	s.printf("\n![Share of the five most used media over time, pairs](media.svg)\n\nWhether what keeps well is chosen (pairs, effort %d): where all goods spoil alike (5 %% a round) the most used medium is ", dear)
	all, err := s.each("goods that spoil alike", func(c *economy.Config) {
		c.MaxRing, c.Effort, c.PerishLeast, c.PerishMost = 2, dear, 50, 50
	})
	if err != nil {
		return err
	}
	s.printf("%s, with a share of %s.\n\n", media(all), mean(all, mediumShare))
	return nil
}

// media names the most used medium of each simulation.
func media(all []*economy.Result) string {
	var names []string
	for _, r := range all {
		if g, _ := r.Medium(); g >= 0 {
			names = append(names, r.Names[g])
		} else {
			names = append(names, "none")
		}
	}
	return strings.Join(names, ", ")
}

// overTime draws how much the five most used media are used, ten rounds at a
// time.
func (s *study) overTime(r *economy.Result) error {
	sum := make([]int, len(r.Names))
	for _, x := range r.Rounds {
		for g, n := range x.Taken {
			sum[g] += n
		}
	}
	order := make([]int, len(sum))
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(a, b int) int { return sum[b] - sum[a] })
	const step = 10
	c := chart{title: "What is taken in order to be given on (pairs)", x: "round", y: "share of all takings", fromZero: true}
	for _, g := range order[:min(5, len(order))] {
		line := series{name: r.Names[g]}
		for from := 0; from+step <= len(r.Rounds); from += step {
			part, all := 0, 0
			for _, x := range r.Rounds[from : from+step] {
				part += x.Taken[g]
				for _, n := range x.Taken {
					all += n
				}
			}
			if all > 0 {
				line.at = append(line.at, plotter.XY{X: float64(from + step), Y: float64(part) / float64(all)})
			}
		}
		c.lines = append(c.lines, line)
	}
	svg, err := c.draw()
	if err != nil {
		return err
	}
	return s.write("media.svg", svg)
}

// regions asks whether regions come to different media.
func (s *study) regions() error {
	const regions = 4
	s.printf("## Do regions come to media of their own?\n\nFour regions of %d people; so many people in a thousand look at another region's board each round. How many different most used media the four regions have (4: each its own); swaps of two, effort 300.\n\n", s.base.People)
	s.printf("| travel | different media | share of the most used in its region | needs met |\n|---|---|---|---|\n")
	for _, travel := range []int{0, 20, 100, 300} {
		all, err := s.each(fmt.Sprintf("%d regions, travel %d", regions, travel), func(c *economy.Config) {
			c.MaxRing, c.Regions, c.Travel, c.People, c.Effort = 2, regions, travel, c.People*regions, dear
		})
		if err != nil {
			return err
		}
		s.printf("| %d | %s | %s | %s |\n", travel, mean(all, different), mean(all, localShare), mean(all, consumption))
	}
	s.printf("\n")
	return nil
}

// different counts the different most used media of the regions.
func different(r *economy.Result) float64 {
	seen := map[int]bool{}
	for i := range r.ByRegion {
		if g, _ := r.MediumOf(i); g >= 0 {
			seen[g] = true
		}
	}
	return float64(len(seen))
}

func localShare(r *economy.Result) float64 {
	sum := 0.0
	for i := range r.ByRegion {
		_, share := r.MediumOf(i)
		sum += share
	}
	return sum / float64(len(r.ByRegion))
}

// tokens asks whether promises of people in each region become currencies.
func (s *study) tokens() error {
	const regions = 4
	s.printf("## Do local currencies come about?\n\nIn each of the four regions some people may issue tokens, all alike: each of these people gives a unit of what they make for one. Tokens do not spoil. Tokens of all that is taken to be given on, the part of tokens that is taken in their own region, and needs met; effort 200, 100 in a thousand travel.\n\n")
	s.printf("| items per ring | issuers per region | tokens each | tokens among media | taken at home | needs met |\n|---|---|---|---|---|---|\n")
	for _, ring := range []int{2, 4} {
		for _, k := range []struct{ issuers, credit int }{{0, 0}, {1, 10}, {15, 10}, {45, 10}, {90, 10}} {
			all, err := s.each(fmt.Sprintf("rings of %d, %d issuers", ring, k.issuers), func(c *economy.Config) {
				c.MaxRing, c.Regions, c.Travel, c.Issuers, c.Credit, c.People = ring, regions, 100, k.issuers, k.credit, c.People*regions
			})
			if err != nil {
				return err
			}
			s.printf("| %d | %d | at most %d | %s | %s | %s |\n", ring, k.issuers, k.credit, mean(all, tokenShare), mean(all, atHome), mean(all, consumption))
		}
	}
	s.printf("\n")
	return nil
}

func tokenShare(r *economy.Result) float64 {
	tokens, all := 0, 0
	for _, region := range r.ByRegion {
		for g, n := range region {
			all += n
			if g >= r.Config.Goods {
				tokens += n
			}
		}
	}
	return float64(tokens) / float64(max(1, all))
}

// atHome is the part of tokens that is taken in the region of their issuer.
func atHome(r *economy.Result) float64 {
	home, all := 0, 0
	for i, region := range r.ByRegion {
		for g := r.Config.Goods; g < len(region); g++ {
			all += region[g]
			if g-r.Config.Goods == i {
				home += region[g]
			}
		}
	}
	return float64(home) / float64(max(1, all))
}
