package pebblestore_test

import (
	"context"
	"testing"

	"sxp"
	"sxp/relay"
	"sxp/relay/pebblestore"
	"sxp/relay/storetest"
)

func open(tb testing.TB, cfg pebblestore.Config) *pebblestore.Store {
	tb.Helper()
	if cfg.Dir == "" {
		cfg.Dir = tb.TempDir()
	}
	s, err := pebblestore.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) relay.Store { return open(t, pebblestore.Config{}) })
	storetest.RunAccounts(t, func(t *testing.T) relay.Accounts { return open(t, pebblestore.Config{}) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) relay.Store { return open(b, pebblestore.Config{}) })
}

func TestEverythingIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	s := open(t, pebblestore.Config{Dir: dir})
	noon := storetest.Noon
	var last relay.Stamp
	for i := range 10 {
		e := storetest.Entry(1, 2, i)
		e.MaxReads = 2
		var err error
		if last, err = s.Put(ctx, noon.Add(sxp.Hour), e, relay.Quota{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(ctx, noon, e.Path); err != nil {
			t.Fatal(err)
		}
	}
	gone := storetest.Entry(1, 2, 3)
	if err := s.Delete(ctx, noon, gone.Path); err != nil {
		t.Fatal(err)
	}
	if err := s.OpenAccount(ctx, relay.Account{ID: sxp.ID{1}, Invitation: sxp.Hash{1}}, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(ctx, noon, gone.Path); sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("Read of a closed store: %v, want kind %q", err, sxp.Unavailable)
	}
	if err := s.Delete(ctx, noon, gone.Path); sxp.KindOf(err) != sxp.Unavailable {
		t.Errorf("Delete in a closed store: %v, want kind %q", err, sxp.Unavailable)
	}

	s = open(t, pebblestore.Config{Dir: dir})
	l, err := s.List(ctx, relay.Query{Receiver: sxp.ID{2}, Now: noon, Limit: 100})
	if err != nil || len(l.Entries) != 9 {
		t.Errorf("List = %d entries, %v; want 9", len(l.Entries), err)
	}
	if u, err := s.Usage(ctx, sxp.ID{1}); err != nil || u != (relay.Usage{Records: 9, Bytes: 9 * 1024}) {
		t.Errorf("Usage = %+v, %v; want 9 records of 1024 bytes", u, err)
	}
	if _, err := s.Put(ctx, noon, gone, relay.Quota{}); sxp.KindOf(err) != sxp.Replay {
		t.Errorf("Put of a deleted message: %v, want kind %q", err, sxp.Replay)
	}
	for i, want := range []sxp.Kind{"", sxp.Denied} {
		if _, err := s.Read(ctx, noon, storetest.Entry(1, 2, 0).Path); sxp.KindOf(err) != want {
			t.Errorf("read %d of 2: %v, want kind %q", i+2, err, want)
		}
	}
	if _, err := s.Account(ctx, sxp.ID{1}); err != nil {
		t.Errorf("Account: %v", err)
	}
	if err := s.OpenAccount(ctx, relay.Account{ID: sxp.ID{2}, Invitation: sxp.Hash{1}}, 1); sxp.KindOf(err) != sxp.Denied {
		t.Errorf("a second account with one invitation: %v, want kind %q", err, sxp.Denied)
	}
	if stamp, err := s.Put(ctx, noon, storetest.Entry(1, 2, 99), relay.Quota{}); err != nil || stamp <= last {
		t.Errorf("the next stamp is %d, %v; want one after %d though the clock was set back", stamp, err, last)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, pebblestore.Config{Dir: dir})
	if _, err := pebblestore.Open(pebblestore.Config{Dir: dir}); sxp.KindOf(err) != sxp.Busy {
		t.Errorf("a second Open: %v, want kind %q", err, sxp.Busy)
	}
}

func TestExpiryFreesManyRecords(t *testing.T) {
	t.Parallel()
	s := open(t, pebblestore.Config{})
	const n = 3000 // more than one step of Expire
	done := make(chan error, n)
	for i := range n {
		go func() {
			e := storetest.Entry(byte(i%5), byte(i%7), i)
			e.Expires = storetest.Noon.Add(sxp.Duration(i%20) * sxp.Hour)
			_, err := s.Put(context.Background(), storetest.Noon, e, relay.Quota{})
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	for h := range sxp.Duration(23) {
		k, err := s.Expire(t.Context(), storetest.Noon.Add(h*sxp.Hour))
		if err != nil {
			t.Fatal(err)
		}
		total += k
		if want := int(min(max(h, 0), 20)) * n / 20; total != want {
			t.Errorf("after %d h %d records were freed, want %d", h, total, want)
		}
	}
	for i := range byte(7) {
		if u, err := s.Usage(t.Context(), sxp.ID{i}); err != nil || u != (relay.Usage{}) {
			t.Errorf("Usage of %d = %+v, %v; want none", i, u, err)
		}
	}
	var l relay.List
	for i := range byte(7) {
		var err error
		if l, err = s.List(t.Context(), relay.Query{Receiver: sxp.ID{i}, Limit: 10}); err != nil || len(l.Entries) != 0 {
			t.Errorf("List = %+v, %v; want none", l, err)
		}
	}
}
