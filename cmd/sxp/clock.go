package main

import (
	"fmt"
	"io"
	"time"

	"sxp"
)

// clockSkew is how far this program's clock is off, as a span such as 48h or
// -24h. Only the linker sets it, to try what a node with a wrong clock does to
// others: go build -ldflags "-X main.clockSkew=48h" ./cmd/sxp. No flag, file or
// environment does, so the clock of a release is the machine's.
var clockSkew string

// clock returns what tells the time to everything that this program runs. A
// clock that is off says so on err.
func clock(err io.Writer) func() sxp.Time {
	if clockSkew == "" {
		return func() sxp.Time { return sxp.TimeOf(time.Now()) }
	}
	skew, bad := time.ParseDuration(clockSkew)
	if bad != nil {
		panic(fmt.Sprintf("built with a clock skew that is no span: %v", bad))
	}
	fmt.Fprintf(err, "sxp: for tests only: built with a clock that is off by %s\n", skew)
	return func() sxp.Time { return sxp.TimeOf(time.Now().Add(skew)) }
}
