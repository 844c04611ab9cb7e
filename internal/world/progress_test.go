package world

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressWithoutTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&out)
		p.phase("signing", 100)
		p.at(1, 100, "% of simulated time")
		if out.Len() != 0 {
			t.Errorf("within %s it says %q, want nothing", lineEvery, out.String())
		}
		time.Sleep(lineEvery)
		p.at(7, 100, "% of simulated time")
		p.at(8, 100, "% of simulated time")
		if got, want := out.String(), "signing: 7 of 100 % of simulated time\n"; got != want {
			t.Errorf("after %s it says %q, want %q", lineEvery, got, want)
		}
		p.phase("judging", 1)
		p.close()
		if got := p.phases(); len(got) != 2 || got[0].Name != "signing" || got[0].Seconds != lineEvery.Seconds() {
			t.Errorf("phases %v, want signing of %s, then judging", got, lineEvery)
		}
	})
}
