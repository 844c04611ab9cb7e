package pebblestore_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sxp"
	"sxp/relay"
	"sxp/relay/pebblestore"
	"sxp/relay/storetest"
)

// TestPowerCutLosesNothingAcknowledged cuts the power of a disk that forgets
// what was not synced, in the middle of writes.
func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for _, percent := range []int{0, 50} { // of what was not synced, so much survives
		fs := vfs.NewCrashableMem()
		s := open(t, pebblestore.Config{Dir: "relay", FS: fs})
		var mu sync.Mutex
		var kept []relay.Path
		var after *vfs.MemFS
		var expected int
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 100 {
					e := storetest.Entry(byte(w), 7, i)
					if _, err := s.Put(context.Background(), storetest.Noon, e, relay.Quota{}); err != nil {
						t.Errorf("Put: %v", err)
						return
					}
					mu.Lock()
					if kept = append(kept, e.Path); len(kept) == 400 {
						expected = len(kept)
						after = fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, 2))})
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		again := open(t, pebblestore.Config{Dir: "relay", FS: after})
		for _, p := range kept[:expected] {
			if _, err := again.Read(t.Context(), storetest.Noon, p); err != nil {
				t.Errorf("%d %% of unsynced bytes survive: acknowledged, but lost: %v", percent, err)
			}
		}
		u, err := again.Usage(t.Context(), sxp.ID{3})
		l, lerr := again.List(t.Context(), relay.Query{Sender: sxp.ID{3}, Now: storetest.Noon, Limit: 1000})
		if err != nil || lerr != nil || u.Records != uint64(len(l.Entries)) {
			t.Errorf("usage %+v (%v), but %d records are listed (%v)", u, err, len(l.Entries), lerr)
		}
	}
}
