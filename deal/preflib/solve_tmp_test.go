package preflib

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
	"syscall"

	"sxp/deal"
)

func TestTmpSolve(t *testing.T) {
	f, err := os.Open("/work/shared/data/kidney/preflib-" + os.Getenv("POOL") + ".wmd")
	if err != nil {
		t.Skip()
	}
	p, err := ReadWMD(File{os.Getenv("POOL"), f}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	g, _ := p.Graph()
	k, _ := strconv.Atoi(os.Getenv("K"))
	l, _ := strconv.Atoi(os.Getenv("L"))
	b, _ := strconv.Atoi(os.Getenv("B"))
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
	fmt.Printf("POOL %s K%d L%d problems %d altruists %d: %+v err %v listed %d complete %v bound %d optimal %v exact %v work %d  %.2fs cpu %.2f maxrss %d\n", os.Getenv("POOL"), k, l, len(p.Problems), p.Altruists(), res.Value, err, res.Listed, res.Complete, res.Bound, res.Optimal, res.Exact, res.Work, time.Since(t0).Seconds(), float64(ru.Utime.Sec-ru0.Utime.Sec)+float64(ru.Utime.Usec-ru0.Utime.Usec)/1e6, ru.Maxrss/1024)
}
