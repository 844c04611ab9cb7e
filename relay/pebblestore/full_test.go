package pebblestore_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"sxp"
	"sxp/relay"
	"sxp/relay/pebblestore"
	"sxp/relay/storetest"
)

// shrunk is a file system that says how much room it has.
type shrunk struct {
	vfs.FS
	free *atomic.Uint64
}

func (s shrunk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: s.free.Load(), TotalBytes: 1 << 40}, nil
}

// eventually repeats f until it succeeds, for at most ten seconds.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	var err error
	for range 100 {
		if err = f(); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s: still %v", what, err)
}

func TestWritesAreRefusedBeforeTheDiskIsFull(t *testing.T) {
	t.Parallel()
	ctx, free := t.Context(), new(atomic.Uint64)
	free.Store(1 << 30)
	s := open(t, pebblestore.Config{FS: shrunk{vfs.Default, free}})
	first, second := storetest.Entry(1, 2, 0), storetest.Entry(1, 2, 1)
	if _, err := s.Put(ctx, storetest.Noon, first, relay.Quota{}); err != nil {
		t.Fatal(err)
	}
	free.Store(pebblestore.DefaultReserve - 1)
	eventually(t, "the store notices", func() error {
		if _, err := s.Put(ctx, storetest.Noon, second, relay.Quota{}); sxp.KindOf(err) != sxp.Full {
			_ = s.Delete(ctx, storetest.Noon, second.Path)
			second.Timestamp++
			return fmt.Errorf("Put gives %w, want kind %q", err, sxp.Full)
		}
		return nil
	})
	if err := s.OpenAccount(ctx, relay.Account{ID: sxp.ID{1}}, 1); sxp.KindOf(err) != sxp.Full {
		t.Errorf("OpenAccount: %v, want kind %q", err, sxp.Full)
	}
	if _, err := s.Put(ctx, storetest.Noon, first, relay.Quota{}); err != nil {
		t.Errorf("Put of what is there: %v", err)
	}
	if _, err := s.Read(ctx, storetest.Noon, first.Path); err != nil {
		t.Errorf("Read: %v", err)
	}
	if err := s.Delete(ctx, storetest.Noon, first.Path); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := s.Expire(ctx, storetest.Noon.Add(2*sxp.Day)); err != nil {
		t.Errorf("Expire: %v", err)
	}
	free.Store(1 << 30)
	eventually(t, "Put when there is room again", func() error {
		_, err := s.Put(ctx, storetest.Noon, second, relay.Quota{})
		return err
	})
}

// TestNothingIsLostWhenTheDiskIsFull takes all room away in the middle of
// writes, several times, without a warning.
func TestNothingIsLostWhenTheDiskIsFull(t *testing.T) {
	t.Parallel()
	ctx, dir, full := t.Context(), t.TempDir(), new(atomic.Bool)
	fs := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFilePreallocate, errorfs.OpCreate:
			if full.Load() {
				return syscall.ENOSPC
			}
		}
		return nil
	}))
	s := open(t, pebblestore.Config{Dir: dir, FS: fs})
	var mu sync.Mutex
	var kept []relay.Path
	got := make(map[sxp.Kind]int)
	for round := range 3 {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 120 {
					if w == 0 && i == 40 {
						full.Store(true)
					}
					e := storetest.Entry(byte(w), byte(round), i)
					_, err := s.Put(context.Background(), storetest.Noon, e, relay.Quota{})
					mu.Lock()
					if got[sxp.KindOf(err)]++; err == nil {
						kept = append(kept, e.Path)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		full.Store(false)
		eventually(t, "Put when there is room again", func() error {
			_, err := s.Put(ctx, storetest.Noon, storetest.Entry(99, byte(round), 0), relay.Quota{})
			return err
		})
		for _, p := range kept {
			if _, err := s.Read(ctx, storetest.Noon, p); err != nil {
				t.Errorf("round %d: acknowledged, but lost: %v", round, err)
			}
		}
	}
	if got[sxp.Full] == 0 || got[""] == 0 || len(got) != 2 {
		t.Errorf("the writes gave %v, want successes and kind %q only", got, sxp.Full)
	}
	t.Logf("%d acknowledged, %d refused", got[""], got[sxp.Full])
}
