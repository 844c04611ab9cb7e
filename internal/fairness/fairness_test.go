package fairness

import (
	"fmt"
	"sort"
	"testing"
	"time"
)

func TestRandom(t *testing.T) {
	l := NewLab()
	results, counts := map[string]int{}, map[string]int{}
	from := time.Now()
	const n = 300
	bad := 0
	for seed := range uint64(n) {
		c := Draw(seed, Range{MaxParties: 5, MaxJurors: 15})
		o, err := l.Play(c, false)
		if err != nil {
			t.Fatal(err)
		}
		results[o.Result]++
		for k, v := range o.Counts {
			if v > 0 {
				counts[k]++
			}
		}
		if len(o.Broken) > 0 {
			bad++
			if bad < 4 {
				o, _ = l.Play(c, true)
				t.Errorf("%s%s", Header(c), o.Talk)
			}
		}
	}
	t.Log(bad, "bad", n/time.Since(from).Seconds(), "per second", results)
	var list []string
	for k, v := range counts {
		list = append(list, fmt.Sprint(k, " ", v))
	}
	sort.Strings(list)
	for _, x := range list {
		t.Log(x)
	}
}

func BenchmarkPlay(b *testing.B) {
	l := NewLab()
	for seed := range uint64(200) {
		must(l.Play(Draw(seed, Range{MaxParties: 4, MaxJurors: 5}), false))
	}
	b.ResetTimer()
	for i := range b.N {
		must(l.Play(Draw(1000+uint64(i), Range{MaxParties: 4, MaxJurors: 5}), false))
	}
}
