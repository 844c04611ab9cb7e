package economy_test

import (
	"reflect"
	"testing"

	"sxp/internal/economy"
)

// small is a simulation of a second.
func small() economy.Config {
	c := economy.Defaults()
	c.People, c.Goods, c.Rounds, c.Work = 40, 6, 30, 200_000
	return c
}

func run(t *testing.T, c economy.Config) *economy.Result {
	t.Helper()
	r, err := economy.Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheSameSeedGivesTheSameWorld(t *testing.T) {
	c := small()
	c.Rounds = 12
	a, b := run(t, c), run(t, c)
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs differ")
	}
	c.Seed++
	if reflect.DeepEqual(a.Rounds, run(t, c).Rounds) {
		t.Error("another seed makes the same world")
	}
}

// TestNothingComesFromNowhere: units are made, consumed, spoil or are there.
func TestNothingComesFromNowhere(t *testing.T) {
	for name, change := range map[string]func(*economy.Config){
		"a village":    func(*economy.Config) {},
		"no media":     func(c *economy.Config) { c.Indirect = false },
		"pairs":        func(c *economy.Config) { c.MaxRing = 2 },
		"two regions":  func(c *economy.Config) { c.Regions, c.Travel = 2, 100 },
		"with tokens":  func(c *economy.Config) { c.Regions, c.Credit, c.Issuers, c.Travel = 2, 8, 3, 50 },
		"all spoils":   func(c *economy.Config) { c.PerishLeast, c.PerishMost = 1000, 1000 },
		"all explore":  func(c *economy.Config) { c.Explore = 1000 },
		"nothing does": func(c *economy.Config) { c.PerishLeast, c.PerishMost = 0, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			c := small()
			change(&c)
			r := run(t, c)
			stock, consumed := 0, 0
			for n, x := range r.Rounds {
				stock += x.Made - x.Spoiled - consumedGoods(x)
				consumed += x.Consumed
				if c.Credit == 0 && stock != x.Stock {
					t.Fatalf("round %d: %d units, want %d", n, x.Stock, stock)
				}
				taken := 0
				for _, k := range x.Taken {
					taken += k
				}
				if c.Credit == 0 && taken+x.Consumed != x.Items {
					t.Fatalf("round %d: %d taken and %d consumed of %d", n, taken, x.Consumed, x.Items)
				}
				if !c.Indirect && taken > 0 {
					t.Fatalf("round %d: %d were taken as a medium", n, taken)
				}
			}
			if consumed == 0 && name != "all spoils" {
				t.Error("nobody got what they needed")
			}
		})
	}
}

func consumedGoods(r economy.Round) int { return r.Consumed }

// TestLongerRingsServeMore is what rings are for: without any medium, rings of
// four serve more needs than swaps of two.
func TestLongerRingsServeMore(t *testing.T) {
	c := small()
	c.Indirect = false
	c.MaxRing = 2
	two := run(t, c).Consumption()
	c.MaxRing = 4
	if four := run(t, c).Consumption(); four <= two {
		t.Errorf("%.3f with rings of four, %.3f with pairs", four, two)
	}
}

// TestMoneyEmerges: where each swap costs an effort, people who swap in pairs
// come to one medium; where none does, to many. This village is as it is by its
// seed; others are in the report.
func TestMoneyEmerges(t *testing.T) {
	c := economy.Defaults()
	c.People, c.Goods, c.Rounds, c.MaxRing, c.Work = 100, 20, 150, 2, 500_000
	c.Effort = 300
	_, dear := run(t, c).Medium()
	c.Effort = 30
	_, cheap := run(t, c).Medium()
	if dear < 0.5 || cheap > 0.3 {
		t.Errorf("the most used medium has %.2f of all takings where swaps are dear, %.2f where they are cheap", dear, cheap)
	}
}

func TestBadConfigs(t *testing.T) {
	for name, change := range map[string]func(*economy.Config){
		"nobody":        func(c *economy.Config) { c.People = 0 },
		"two goods":     func(c *economy.Config) { c.Goods = 2 },
		"no region":     func(c *economy.Config) { c.Regions = 0 },
		"empty regions": func(c *economy.Config) { c.Regions = c.People + 1 },
		"no round":      func(c *economy.Config) { c.Rounds = 0 },
		"rings of one":  func(c *economy.Config) { c.MaxRing = 1 },
		"half spoils":   func(c *economy.Config) { c.PerishLeast, c.PerishMost = 500, 400 },
		"no effort":     func(c *economy.Config) { c.Effort = -1 },
		"debts":         func(c *economy.Config) { c.Credit = -1 },
	} {
		c := small()
		change(&c)
		if _, err := economy.Run(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
