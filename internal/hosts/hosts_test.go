//go:build linux

package hosts

import (
	"os"
	"strings"
	"testing"
)

// TestHosts lives through the scenarios in one lab, without the Long ones.
// SXP_HOSTS=all plays all, SXP_HOSTS=split,few only these.
func TestHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts 22 processes and waits for them")
	}
	if err := Able(t.Context()); err != nil {
		t.Skip(err)
	}
	var names []string
	wanted := os.Getenv("SXP_HOSTS")
	if wanted != "" && wanted != "all" {
		names = strings.Split(wanted, ",")
	}
	chosen, err := Choose(names, wanted == "")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Seed: 1}
	if testing.Verbose() {
		cfg.Out = os.Stderr
	}
	l, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, s := range chosen {
		t.Run(s.Name, func(t *testing.T) {
			r, err := s.Run(t.Context(), l)
			t.Logf("%s\n%s", s.Says, r)
			if err == nil {
				return
			}
			if cfg.Out == nil {
				for _, e := range r.Timeline {
					t.Log(e)
				}
			}
			t.Fatal(err)
		})
	}
}
