package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sxp/deal"
	"sxp/deal/gen"
	"sxp/deal/tm"
)

// shapes compares generated markets with real lists, where there are some.
func (g *growth) shapes() error {
	g.printf("## What the markets look like\n\nTenth, quarter, half, three quarters, nine tenths and the most of: items of a person, other people's items that an item is given for, and people's items that are given for an item.")
	g.printf(" Real lists are read from the folder that `SXP_DATA` names (published want lists of board-game trades).\n\n| market | items | of a person | wants per item | wanted by items |\n|---|---|---|---|---|\n")
	for _, n := range []int{1000, 3000, 10_000} {
		if n <= g.most {
			g.shape(fmt.Sprintf("generated, %d", n), gen.Market(n, g.seed))
		}
	}
	files, _ := filepath.Glob(filepath.Join(os.Getenv("SXP_DATA"), "*.txt")) // no such folder: no lists
	if os.Getenv("SXP_DATA") == "" {
		files = nil
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		l, err := tm.Read(strings.NewReader(string(text)), tm.Settings{Money: tm.MoneyAsItems})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		market, err := l.Graph()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if market.Offers() >= 800 {
			g.shape(strings.TrimSuffix(filepath.Base(name), ".txt"), market)
		}
	}
	g.printf("\n")
	return nil
}

// shape writes a line on a market.
func (g *growth) shape(name string, market *deal.Graph) {
	own, wants := map[int]int{}, []int(nil)
	wanted := make([]int, market.Len())
	for n := range deal.Node(market.Len()) {
		if market.IsGroup(n) {
			continue
		}
		own[market.Owner(n)]++
		list := market.Takes(n)
		wants = append(wants, len(list))
		for _, w := range list {
			wanted[w]++
		}
	}
	var of, by []int
	for _, n := range own {
		of = append(of, n)
	}
	for n := range deal.Node(market.Len()) {
		if !market.IsGroup(n) {
			by = append(by, wanted[n])
		}
	}
	g.printf("| %s | %d | %s | %s | %s |\n", name, len(wants), parts(of), parts(wants), parts(by))
}

func parts(list []int) string {
	slices.Sort(list)
	var out []string
	for _, tenths := range []int{100, 250, 500, 750, 900} {
		out = append(out, fmt.Sprint(list[len(list)*tenths/1000]))
	}
	return strings.Join(append(out, fmt.Sprint(list[len(list)-1])), ", ")
}
