package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sxp"
)

// TestClock: the clock is the machine's unless the linker said otherwise, and
// then the program says so.
func TestClock(t *testing.T) {
	if clockSkew != "" {
		t.Fatalf("this build's clock is off by %s", clockSkew)
	}
	var said strings.Builder
	now := clock(&said)
	if off := sxp.TimeOf(time.Now()).Sub(now()); off < -sxp.Second || off > sxp.Second || said.Len() > 0 {
		t.Errorf("the clock is off by %s, and says %q", off.Std(), said.String())
	}
	if testing.Short() {
		t.Skip("links the command once more")
	}
	bin := filepath.Join(t.TempDir(), "sxp")
	if out, err := exec.Command("go", "build", "-o", bin, "-ldflags", "-X main.clockSkew=48h", ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(bin, "version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "off by 48h0m0s") {
		t.Errorf("a build with a wrong clock does not say so: %v, %s", err, out)
	}
}
