package preflib

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
	"syscall"

	"sxp/deal"
	"sxp/deal/gen"
)

func TestTmpGen(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	a, _ := strconv.Atoi(os.Getenv("A"))
	k, _ := strconv.Atoi(os.Getenv("K"))
	l, _ := strconv.Atoi(os.Getenv("L"))
	b, _ := strconv.Atoi(os.Getenv("B"))
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	raw := gen.Pool(n, a, uint64(seed))
	p, err := ReadWMD(File{"x", bytes.NewReader(raw)}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, _ := p.Graph()
	raw, p = nil, nil
	t0 := time.Now()
	var ru0, ru syscall.Rusage
	syscall.Getrusage(0, &ru0)
	res, err := deal.Find(g, deal.Options{MaxRing: k, MaxChain: l, Budget: int64(b), Progress: func(p deal.Progress) bool {
		if os.Getenv("V") != "" {
			fmt.Printf("  %s listed %d best %d bound %d done %d\n", p.Stage, p.Listed, p.Best.Items, p.Bound, p.Done)
		}
		return true
	}})
	syscall.Getrusage(0, &ru)
	fmt.Printf("GEN %d arcs %d K%d L%d: %+v err %v listed %d complete %v bound %d optimal %v exact %v work %d  %.2fs cpu %.2f maxrss %d\n", n, g.NumArcs(), k, l, res.Value, err, res.Listed, res.Complete, res.Bound, res.Optimal, res.Exact, res.Work, time.Since(t0).Seconds(), float64(ru.Utime.Sec-ru0.Utime.Sec)+float64(ru.Utime.Usec-ru0.Utime.Usec)/1e6, ru.Maxrss/1024)
}
