// Package storetest checks that implementations of relay.Store and
// relay.Accounts keep their contracts, and measures them.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"sxp"
	"sxp/relay"
)

// Noon is when the tests happen.
const Noon sxp.Time = 1_790_000_000_000

// Run checks that the empty stores that open returns keep the contract of
// relay.Store.
func Run(t *testing.T, open func(*testing.T) relay.Store) {
	for name, test := range map[string]func(*testing.T, relay.Store){
		"ReadGivesWhatPutKept":                  testRoundTrip,
		"MissingIsNotFound":                     testMissing,
		"TheSameAgainChangesNothing":            testSameAgain,
		"AnotherAtATakenPathIsConflict":         testConflict,
		"StampsGrowAlsoWhenTheClockGoesBack":    testStamps,
		"ListIsOrderedAndPagesAreComplete":      testList,
		"ListSelectsByTagAndStamp":              testSelect,
		"OutboxAndInboxAreSeparate":             testBoxes,
		"ExpiredIsGoneAndFreedLater":            testExpire,
		"DeletedIsGoneAndCannotBeReplayed":      testDelete,
		"MaxReadsIsCountedAndThenRefused":       testMaxReads,
		"QuotaIsKept":                           testQuota,
		"SlicesAreNeitherKeptNorShared":         testSlices,
		"ListedOnceNothingSmallerAppears":       testNoneBetween,
		"OneOfManyConcurrentPutsAtAPathWins":    testRace,
		"LongestAndShortestNamesAndTagsAreKept": testEdges,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, open(t)) })
	}
}

// Entry returns a record of 1 KiB, numbered n, from one person to another.
func Entry(from, to byte, n int) *relay.Entry {
	msg := bytes.Repeat([]byte{byte(n), byte(n >> 8), from, to}, 256)
	return &relay.Entry{
		Path:      relay.Path{Sender: sxp.ID{from}, Receiver: sxp.ID{to}, RecordID: relay.RecordID(fmt.Sprintf("r%d", n))},
		Body:      sxp.Sum(msg),
		Timestamp: Noon,
		Expires:   Noon.Add(sxp.Day),
		Message:   msg,
		Size:      uint64(len(msg)),
	}
}

var noQuota relay.Quota

func put(t testing.TB, s relay.Store, e *relay.Entry) relay.Stamp {
	t.Helper()
	stamp, err := s.Put(t.Context(), Noon, e, noQuota)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	return stamp
}

func wantKind(t testing.TB, what string, err error, kind sxp.Kind) {
	t.Helper()
	if kind == "" && err != nil || kind != "" && !errors.Is(err, kind) {
		t.Errorf("%s: error %v, want kind %q", what, err, kind)
	}
}

func inbox(to byte) relay.Query {
	return relay.Query{Receiver: sxp.ID{to}, Now: Noon, Limit: 1000}
}

// paths lists all pages.
func paths(t testing.TB, s relay.Store, q relay.Query) []relay.RecordID {
	t.Helper()
	var ids []relay.RecordID
	for {
		l, err := s.List(context.Background(), q)
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		for _, e := range l.Entries {
			ids = append(ids, e.Path.RecordID)
		}
		if len(l.Entries) > q.Limit {
			t.Errorf("List returned %d entries, want at most %d", len(l.Entries), q.Limit)
		}
		if l.More && l.Next <= q.After {
			t.Fatalf("List has more but does not go on: Next %d, After %d", l.Next, q.After)
		}
		if l.Next < q.After {
			t.Errorf("List went back: Next %d, After %d", l.Next, q.After)
		}
		if q.After = l.Next; !l.More {
			return ids
		}
	}
}

func wantPaths(t testing.TB, what string, got []relay.RecordID, want ...relay.RecordID) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func testRoundTrip(t *testing.T, s relay.Store) {
	want := Entry(1, 2, 0)
	want.Tag = "mail"
	stamp := put(t, s, want)
	got, err := s.Read(t.Context(), Noon, want.Path)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if !bytes.Equal(got.Message, want.Message) || got.Stamp != stamp || got.Path != want.Path ||
		got.Tag != want.Tag || got.Expires != want.Expires || got.Timestamp != want.Timestamp || got.Body != want.Body || got.Size != want.Size {
		t.Errorf("Read = %+v, want %+v with stamp %d", got, want, stamp)
	}
	if stamp.Time() != Noon {
		t.Errorf("stored at %s, want %s", stamp.Time(), Noon)
	}
}

func testMissing(t *testing.T, s relay.Store) {
	put(t, s, Entry(1, 2, 0))
	for name, p := range map[string]relay.Path{
		"another id":       Entry(1, 2, 1).Path,
		"another sender":   Entry(3, 2, 0).Path,
		"another receiver": Entry(1, 3, 0).Path,
	} {
		_, err := s.Read(t.Context(), Noon, p)
		wantKind(t, "Read of "+name, err, sxp.NotFound)
		wantKind(t, "Delete of "+name, s.Delete(t.Context(), Noon, p), sxp.NotFound)
	}
	l, err := s.List(t.Context(), relay.Query{Receiver: sxp.ID{9}, After: 77, Now: Noon, Limit: 1})
	if err != nil || len(l.Entries) != 0 || l.Next != 77 || l.More {
		t.Errorf("List of an empty inbox = %+v, %v; want Next 77 only", l, err)
	}
	u, err := s.Usage(t.Context(), sxp.ID{9})
	if err != nil || u != (relay.Usage{}) {
		t.Errorf("Usage of nobody = %+v, %v; want none", u, err)
	}
}

func testSameAgain(t *testing.T, s relay.Store) {
	e := Entry(1, 2, 0)
	first := put(t, s, e)
	again := *e
	again.Timestamp, again.Message = e.Timestamp+5, append(slices.Clone(e.Message), 1) // signed anew
	if second := put(t, s, &again); second != first {
		t.Errorf("the second stamp is %d, want %d", second, first)
	}
	got, err := s.Read(t.Context(), Noon, e.Path)
	if err != nil || !bytes.Equal(got.Message, e.Message) {
		t.Errorf("the second message replaced the first (%v)", err)
	}
	if u, _ := s.Usage(t.Context(), e.Path.Sender); u.Records != 1 || u.Bytes != e.Size {
		t.Errorf("Usage = %+v, want one record of %d bytes", u, e.Size)
	}
}

func testConflict(t *testing.T, s relay.Store) {
	e := Entry(1, 2, 0)
	put(t, s, e)
	other := *e
	other.Body = sxp.Hash{9}
	_, err := s.Put(t.Context(), Noon, &other, noQuota)
	wantKind(t, "Put", err, sxp.Conflict)
	// Once the first has expired the path is free.
	other.Timestamp, other.Expires = e.Expires+1, e.Expires+100
	_, err = s.Put(t.Context(), e.Expires+1, &other, noQuota)
	wantKind(t, "Put after expiry", err, "")
	if u, _ := s.Usage(t.Context(), e.Path.Sender); u.Records != 1 {
		t.Errorf("Usage = %+v, want one record", u)
	}
	q := inbox(2)
	q.Now = e.Expires + 1
	wantPaths(t, "List", paths(t, s, q), "r0")
}

func testStamps(t *testing.T, s relay.Store) {
	var last relay.Stamp
	for i, now := range []sxp.Time{Noon, Noon, Noon + 5, Noon - 1000, Noon + 5, Noon + 6} {
		stamp, err := s.Put(t.Context(), now, Entry(1, 2, i), noQuota)
		if err != nil {
			t.Fatal(err)
		}
		if stamp <= last || stamp < relay.StampOf(now) {
			t.Errorf("stamp %d at %s after %d", stamp, now, last)
		}
		last = stamp
	}
}

func testList(t *testing.T, s relay.Store) {
	var want []relay.RecordID
	for i := range 25 {
		e := Entry(byte(1+i%3), 2, i)
		put(t, s, e)
		want = append(want, e.Path.RecordID)
	}
	for _, limit := range []int{1, 7, 25, 26, 1000} {
		q := inbox(2)
		q.Limit = limit
		wantPaths(t, fmt.Sprintf("limit %d", limit), paths(t, s, q), want...)
	}
	for i := 0; i < 25; i += 2 {
		if err := s.Delete(t.Context(), Noon, Entry(byte(1+i%3), 2, i).Path); err != nil {
			t.Fatal(err)
		}
	}
	want = nil
	for i := 1; i < 25; i += 2 {
		want = append(want, Entry(1, 2, i).Path.RecordID)
	}
	q := inbox(2)
	q.Limit = 4
	wantPaths(t, "after deleting every other", paths(t, s, q), want...)
}

func testSelect(t *testing.T, s relay.Store) {
	var stamps []relay.Stamp
	for i := range 6 {
		e := Entry(1, 2, i)
		e.Tag = []string{"a", "b"}[i%2]
		stamps = append(stamps, put(t, s, e))
	}
	q := inbox(2)
	q.Tag = "b"
	wantPaths(t, "tag b", paths(t, s, q), "r1", "r3", "r5")
	q = inbox(2)
	q.After, q.Before = stamps[1], stamps[4]
	wantPaths(t, "between", paths(t, s, q), "r2", "r3")
	q.After, q.Before = stamps[5], 0
	wantPaths(t, "after the last", paths(t, s, q))
}

func testBoxes(t *testing.T, s relay.Store) {
	put(t, s, Entry(1, 2, 0))
	put(t, s, Entry(2, 1, 1))
	put(t, s, Entry(1, 3, 2))
	put(t, s, Entry(1, 1, 3)) // to oneself
	wantPaths(t, "inbox of 1", paths(t, s, inbox(1)), "r1", "r3")
	wantPaths(t, "inbox of 2", paths(t, s, inbox(2)), "r0")
	q := inbox(1)
	q.Sender, q.Receiver = q.Receiver, sxp.ID{}
	wantPaths(t, "outbox of 1", paths(t, s, q), "r0", "r2", "r3")
}

func testExpire(t *testing.T, s relay.Store) {
	short, long := Entry(1, 2, 0), Entry(1, 2, 1)
	short.Expires = Noon.Add(sxp.Minute)
	put(t, s, short)
	put(t, s, long)
	if _, err := s.Read(t.Context(), short.Expires-1, short.Path); err != nil {
		t.Errorf("Read just before the end: %v", err)
	}
	_, err := s.Read(t.Context(), short.Expires, short.Path)
	wantKind(t, "Read at the end", err, sxp.NotFound)
	wantKind(t, "Delete at the end", s.Delete(t.Context(), short.Expires, short.Path), sxp.NotFound)
	q := inbox(2)
	q.Now = short.Expires
	wantPaths(t, "List at the end", paths(t, s, q), "r1")
	n, err := s.Expire(t.Context(), short.Expires.Add(2*sxp.Hour))
	if err != nil || n != 1 {
		t.Errorf("Expire = %d, %v; want 1 record freed", n, err)
	}
	if u, _ := s.Usage(t.Context(), short.Path.Sender); u.Records != 1 || u.Bytes != long.Size {
		t.Errorf("Usage = %+v, want one record of %d bytes", u, long.Size)
	}
	if _, err := s.Read(t.Context(), short.Expires, long.Path); err != nil {
		t.Errorf("the record that has not expired: %v", err)
	}
	if n, err := s.Expire(t.Context(), long.Expires.Add(sxp.Day)); err != nil || n != 1 {
		t.Errorf("the second Expire = %d, %v; want 1", n, err)
	}
	if u, _ := s.Usage(t.Context(), short.Path.Sender); u != (relay.Usage{}) {
		t.Errorf("Usage = %+v, want none", u)
	}
}

func testDelete(t *testing.T, s relay.Store) {
	e := Entry(1, 2, 0)
	put(t, s, e)
	wantKind(t, "Delete", s.Delete(t.Context(), Noon, e.Path), "")
	_, err := s.Read(t.Context(), Noon, e.Path)
	wantKind(t, "Read", err, sxp.NotFound)
	wantKind(t, "second Delete", s.Delete(t.Context(), Noon, e.Path), sxp.NotFound)
	wantPaths(t, "List", paths(t, s, inbox(2)))
	if u, _ := s.Usage(t.Context(), e.Path.Sender); u != (relay.Usage{}) {
		t.Errorf("Usage = %+v, want none", u)
	}
	for _, at := range []sxp.Time{Noon, Noon.Add(relay.TombstoneTime - 1)} {
		if _, err := s.Expire(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		_, err = s.Put(t.Context(), at, e, noQuota)
		wantKind(t, "Put of the deleted message at "+at.String(), err, sxp.Replay)
	}
	anew := *e
	anew.Timestamp++
	_, err = s.Put(t.Context(), Noon, &anew, noQuota)
	wantKind(t, "Put of a message signed later", err, "")
	wantPaths(t, "List", paths(t, s, inbox(2)), "r0")
}

func testMaxReads(t *testing.T, s relay.Store) {
	e := Entry(1, 2, 0)
	e.MaxReads = 3
	put(t, s, e)
	var mu sync.Mutex
	got := map[sxp.Kind]int{}
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			_, err := s.Read(context.Background(), Noon, e.Path)
			mu.Lock()
			defer mu.Unlock()
			got[sxp.KindOf(err)]++
		})
	}
	wg.Wait()
	if got[""] != 3 || got[sxp.Denied] != 7 {
		t.Errorf("10 reads at once gave %v, want 3 successes and 7 denied", got)
	}
	free := Entry(1, 2, 1)
	put(t, s, free)
	for range 5 {
		if _, err := s.Read(t.Context(), Noon, free.Path); err != nil {
			t.Fatalf("read without limit: %v", err)
		}
	}
	l, err := s.List(t.Context(), relay.Query{Sender: sxp.ID{1}, Now: Noon, Limit: 5})
	if err != nil || len(l.Entries) != 2 || l.Entries[0].Reads != 3 || l.Entries[1].Reads != 5 {
		t.Errorf("List of the sender = %+v, %v; want 3 and 5 reads", l.Entries, err)
	}
}

func testQuota(t *testing.T, s relay.Store) {
	two := relay.Quota{Records: 2}
	bytes := relay.Quota{Bytes: 2500}
	for i, quota := range []relay.Quota{two, bytes} {
		from := byte(1 + i)
		for n := range 2 {
			if _, err := s.Put(t.Context(), Noon, Entry(from, 9, n), quota); err != nil {
				t.Fatalf("Put within %+v: %v", quota, err)
			}
		}
		_, err := s.Put(t.Context(), Noon, Entry(from, 9, 2), quota)
		wantKind(t, fmt.Sprintf("Put beyond %+v", quota), err, sxp.Full)
		_, err = s.Put(t.Context(), Noon, Entry(from, 9, 1), quota)
		wantKind(t, "Put of what is there", err, "")
		_, err = s.Put(t.Context(), Noon, Entry(from+10, 9, 2), quota)
		wantKind(t, "Put by another", err, "")
		if err := s.Delete(t.Context(), Noon, Entry(from, 9, 0).Path); err != nil {
			t.Fatal(err)
		}
		_, err = s.Put(t.Context(), Noon, Entry(from, 9, 2), quota)
		wantKind(t, "Put after a Delete", err, "")
	}
}

func testSlices(t *testing.T, s relay.Store) {
	e := Entry(1, 2, 0)
	want := slices.Clone(e.Message)
	put(t, s, e)
	e.Message[0] ^= 1
	for range 2 {
		got, err := s.Read(t.Context(), Noon, e.Path)
		if err != nil || !bytes.Equal(got.Message, want) {
			t.Fatalf("Read gives a slice that somebody else changed (%v)", err)
		}
		got.Message[1] ^= 1
	}
}

// testNoneBetween follows an inbox by Next while many write to it.
func testNoneBetween(t *testing.T, s relay.Store) {
	const writers, each = 8, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				e := Entry(byte(10+w), 2, i)
				if _, err := s.Put(context.Background(), Noon, e, noQuota); err != nil {
					t.Errorf("Put: %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	seen := map[relay.Path]int{}
	q := inbox(2)
	q.Limit = 13
	for last := false; ; {
		l, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range l.Entries {
			seen[e.Path]++
		}
		if q.After = l.Next; l.More {
			continue
		}
		if last {
			break
		}
		select {
		case <-done:
			last = true // all are stored: look once more
		default:
		}
	}
	for p, n := range seen {
		if n != 1 {
			t.Errorf("%s was listed %d times, want once", p, n)
		}
	}
	if len(seen) != writers*each {
		t.Errorf("%d records were listed, want %d", len(seen), writers*each)
	}
}

func testRace(t *testing.T, s relay.Store) {
	var mu sync.Mutex
	got := map[sxp.Kind]int{}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			e := Entry(1, 2, 0)
			e.Body = sxp.Hash{byte(i % 2), 7}
			_, err := s.Put(context.Background(), Noon, e, noQuota)
			mu.Lock()
			defer mu.Unlock()
			got[sxp.KindOf(err)]++
		})
	}
	wg.Wait()
	if got[""] != 8 || got[sxp.Conflict] != 8 {
		t.Errorf("16 puts of two bodies gave %v, want 8 successes and 8 conflicts", got)
	}
	if u, _ := s.Usage(t.Context(), sxp.ID{1}); u.Records != 1 {
		t.Errorf("Usage = %+v, want one record", u)
	}
}

func testEdges(t *testing.T, s relay.Store) {
	long := Entry(0xff, 0xff, 0)
	for i := range long.Path.Sender {
		long.Path.Sender[i], long.Path.Receiver[i] = 0xff, 0xff
	}
	long.Path.RecordID = relay.RecordID(bytes.Repeat([]byte("z"), relay.MaxRecordID))
	long.Tag = string(bytes.Repeat([]byte("t"), relay.MaxTag))
	long.MaxReads = 1<<32 - 1
	short := Entry(1, 2, 0)
	short.Path.RecordID = "a"
	short.Message, short.Size = []byte{}, 0
	for _, e := range []*relay.Entry{long, short} {
		put(t, s, e)
		got, err := s.Read(t.Context(), Noon, e.Path)
		if err != nil || !bytes.Equal(got.Message, e.Message) || got.Tag != e.Tag || got.MaxReads != e.MaxReads {
			t.Errorf("Read of %s: %v", e.Path, err)
		}
		l, err := s.List(t.Context(), relay.Query{Receiver: e.Path.Receiver, Now: Noon, Limit: 5})
		if err != nil || len(l.Entries) != 1 || l.Entries[0].Path != e.Path || l.Entries[0].Tag != e.Tag {
			t.Errorf("List of %s = %+v, %v", e.Path.Receiver, l, err)
		}
	}
}
