package index_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sxp"
	"sxp/market"
	"sxp/market/index"
)

// childEnv makes the test binary a process that writes to a store, or tries
// to open it, instead of running tests.
const childEnv = "SXP_INDEX_TEST_CHILD"

func TestMain(m *testing.M) {
	if job := os.Getenv(childEnv); job != "" {
		if err := child(job, os.Args[len(os.Args)-1]); err != nil {
			fmt.Println("error", sxp.KindOf(err), err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child opens the store at path; job "write" goes on to put entries for ever
// and says so after each.
func child(job, path string) error {
	s, err := index.Open(context.Background(), path)
	if err != nil {
		return err
	}
	for i := 0; job == "write"; i++ {
		if err := s.Apply(context.Background(), []market.Entry{entry(i)}, nil); err != nil {
			return err
		}
		fmt.Println("put", i)
	}
	return s.Close()
}

func start(t *testing.T, job, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", path)
	cmd.Env = append(os.Environ(), childEnv+"="+job)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

func entry(i int) market.Entry {
	e := market.Entry{
		Key: market.Key{Class: market.ClassAnnouncement}, Raw: bytes.Repeat([]byte{byte(i)}, 500), Owner: sxp.ID{byte(i)}, Version: 1,
		Expires: 1000, Keep: 1000, Direction: market.Offer, Item: &market.Item{Kind: market.Good, Title: fmt.Sprintf("bike %d", i)},
	}
	copy(e.Key.ID[:], fmt.Sprint(i))
	return e
}

// What was answered is there after the process was killed in the middle.
func TestKilledWriterLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board.sxp")
	cmd, lines := start(t, "write", path)
	last := -1
	for lines.Scan() && last < 100 {
		n, ok := strings.CutPrefix(lines.Text(), "put ")
		if !ok {
			t.Fatalf("the writer says %q", lines.Text())
		}
		last, _ = strconv.Atoi(n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it managed to say before it died
		if n, ok := strings.CutPrefix(lines.Text(), "put "); ok {
			last, _ = strconv.Atoi(n)
		}
	}
	_ = cmd.Wait() // it was killed
	s := open(t, path)
	for i := range last + 1 {
		if e, err := s.Get(t.Context(), entry(i).Key); err != nil || !bytes.Equal(e.Raw, entry(i).Raw) {
			t.Fatalf("entry %d of %d answered: %v", i, last, err)
		}
	}
	found, _, err := s.Search(t.Context(), market.Search{Query: market.Query{Words: "bike"}, Limit: 10_000})
	if err != nil || len(found) < last+1 {
		t.Errorf("the index finds %d of %d, %v", len(found), last+1, err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board.sxp")
	s, err := index.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.Open(t.Context(), path); !errors.Is(err, sxp.Busy) {
		t.Errorf("opening twice in one process: %v, want %v", err, sxp.Busy)
	}
	cmd, lines := start(t, "open", path)
	if lines.Scan(); !strings.HasPrefix(lines.Text(), "error busy") || !strings.Contains(lines.Text(), "another process") {
		t.Errorf("a second process says %q", lines.Text())
	}
	_ = cmd.Wait() // it fails
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cmd, _ = start(t, "open", path)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after closing, a second process: %v", err)
	}
}

func TestReopenGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a board?#%20.sxp") // a name that is no plain URL
	var last uint64
	for i := range 3 {
		s, err := index.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(t.Context(), []market.Entry{entry(i)}, nil); err != nil {
			t.Fatal(err)
		}
		e, err := s.Get(t.Context(), entry(i).Key)
		if err != nil || e.Seq <= last {
			t.Errorf("entry %d has seq %d after %d, %v", i, e.Seq, last, err)
		}
		last = e.Seq
		// The highest is deleted: its number must not come back.
		if err := s.Apply(t.Context(), nil, []market.Key{entry(i).Key}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file has another name: %v", err)
	}
}

// A file of the first layout, which had no points, goes on.
func TestFirstLayoutGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "board.sxp")
	s, err := index.Open(t.Context(), path)
	if err == nil {
		err = errors.Join(s.Apply(t.Context(), []market.Entry{entry(0)}, nil), s.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err == nil {
		_, err = db.Exec("DROP TABLE spot; PRAGMA user_version = 1")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for round := range 2 { // the second time it has the present layout
		s, err := index.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		placed := entry(1 + round)
		placed.Item.Point = &market.Point{Lat: 48_208, Lon: 16_373}
		if err := s.Apply(t.Context(), []market.Entry{placed}, nil); err != nil {
			t.Fatal(err)
		}
		for words, want := range map[string]int{"bike": 2 + round, "": 1 + round} {
			q := market.Query{Words: words}
			if words == "" {
				q.Near = market.Near{Lat: 48_000, Lon: 16_000, Km: 50}
			}
			if found, _, err := s.Search(t.Context(), market.Search{Query: q, Limit: 9}); err != nil || len(found) != want {
				t.Errorf("round %d: a search for %q finds %d, %v, want %d", round, words, len(found), err, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	make := func(name, statements string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		if err == nil {
			_, err = db.Exec(statements)
		}
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, tt := range map[string]struct {
		path string
		kind sxp.Kind
	}{
		"a text":             {text, sxp.Invalid},
		"another database":   {make("other", "CREATE TABLE x (y)"), sxp.Invalid},
		"a later layout":     {make("later", "CREATE TABLE x (y); PRAGMA application_id = 0x5358506d; PRAGMA user_version = 99"), sxp.Unsupported},
		"no such directory":  {filepath.Join(dir, "none", "board"), sxp.Internal},
		"a directory itself": {dir, sxp.Internal},
	} {
		s, err := index.Open(t.Context(), tt.path)
		if sxp.KindOf(err) != tt.kind {
			t.Errorf("%s: error %v (kind %q), want kind %q", name, err, sxp.KindOf(err), tt.kind)
		}
		if err == nil {
			s.Close()
		}
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "board.sxp"))
	if err := s.Apply(t.Context(), []market.Entry{entry(0)}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.LimitForTest(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	var err error
	n := 1
	for ; n < 10_000 && err == nil; n++ {
		err = s.Apply(t.Context(), []market.Entry{entry(n)}, nil)
	}
	if !errors.Is(err, sxp.Full) {
		t.Fatalf("on a full disk after %d: %v, want %v", n, err, sxp.Full)
	}
	if got, err := s.Count(t.Context(), market.Filter{}); err != nil || got != n-1 {
		t.Errorf("there are %d entries, %v, want the %d that were answered", got, err, n-1)
	}
	if err := s.LimitForTest(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), []market.Entry{entry(n)}, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
