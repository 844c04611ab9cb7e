package remote_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sxp"
	"sxp/deal"
	"sxp/deal/lot"
	"sxp/deal/solver"
	"sxp/deal/solver/remote"
)

// childMode says what this test does where it runs as a solver itself.
const childMode = "SXP_TEST_SOLVER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		child(mode)
		return
	}
	goleak.VerifyTestMain(m)
}

// child is a solver of somebody else.
func child(mode string) {
	text, _ := io.ReadAll(os.Stdin)
	p, err := lot.DecodeProblem(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	switch mode {
	case "answers":
		a, _ := solver.Fast{Budget: 100_000}.Solve(context.Background(), p)
		raw, _ := a.Encode()
		os.Stdout.Write(raw)
	case "hangs":
		fmt.Fprintln(os.Stderr, "thinking")
		time.Sleep(time.Hour)
	case "leaves a child":
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childMode+"=hangs")
		c.Stdin, c.Stdout = strings.NewReader(string(text)), os.Stdout
		if err := c.Start(); err == nil {
			time.Sleep(time.Hour)
		}
	case "eats":
		var all [][]byte
		for range 1000 {
			b := make([]byte, 16<<20)
			for i := range b {
				b[i] = 1
			}
			all = append(all, b)
			time.Sleep(20 * time.Millisecond)
		}
		fmt.Println(len(all))
	case "chatters":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
				os.Exit(0)
			}
		}
	case "fails":
		fmt.Fprintln(os.Stderr, "no idea\x1b[31m")
		os.Exit(3)
	case "lies":
		fmt.Println(`{"format":"sxp.answer/1","exchanges":[{"uses":[{"bid":"nobody"}]}],"value":{"items":9,"people":9,"cost":0}}`)
	case "babbles":
		fmt.Println("hello")
	}
}

// swap is a problem of two people.
func swap(t *testing.T) *lot.Problem {
	t.Helper()
	g := new(deal.Graph)
	a, b := g.AddOffer(0), g.AddOffer(1)
	for _, arc := range [][2]deal.Node{{a, b}, {b, a}} {
		if err := g.AddArc(arc[0], arc[1], 1); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := lot.FromGraph(g, deal.Defaults(), nil, nil)
	return p
}

// TestPrograms: a program that answers is heard; one that hangs, eats memory,
// chatters, fails or babbles is ended, and the error says which it was.
func TestPrograms(t *testing.T) {
	p := swap(t)
	for _, c := range []struct {
		mode, says string
		kind       sxp.Kind
		change     func(*remote.Command)
	}{
		{"answers", "", "", nil},
		{"hangs", "thinking", sxp.Late, func(c *remote.Command) { c.Time = 500 * time.Millisecond }},
		{"leaves a child", "took more than", sxp.Late, func(c *remote.Command) { c.Time = 500 * time.Millisecond }},
		{"eats", "96 MiB", sxp.Full, func(c *remote.Command) { c.Memory = 96 << 20 }},
		{"chatters", "1000000 bytes", sxp.TooLarge, func(c *remote.Command) { c.Answer = 1_000_000 }},
		{"fails", "no idea", sxp.Unavailable, nil},
		{"babbles", "its answer", sxp.Invalid, nil},
	} {
		t.Run(c.mode, func(t *testing.T) {
			if c.mode == "eats" && runtime.GOOS != "linux" {
				t.Skip("memory is limited on Linux only")
			}
			t.Setenv(childMode, c.mode)
			cmd := &remote.Command{Label: "child", Args: []string{os.Args[0]}, Time: 20 * time.Second}
			if c.change != nil {
				c.change(cmd)
			}
			a, err := cmd.Solve(t.Context(), p)
			if sxp.KindOf(err) != c.kind {
				t.Fatalf("error %v (kind %q), want kind %q", err, sxp.KindOf(err), c.kind)
			}
			if err == nil {
				if v, best := solver.Judge(p, []solver.Entry{{Answer: a}}); best != 0 || v[0].Value.Items != 2 {
					t.Errorf("its answer: %+v", v)
				}
				return
			}
			if text := err.Error(); !strings.Contains(text, c.says) || strings.ContainsAny(text, "\x1b\n") {
				t.Errorf("the error says %q, want %q on one clean line", text, c.says)
			}
		})
	}
}

// TestContest: the best of all wins, and those who lie, hang or are not there
// cost nothing but their time.
func TestContest(t *testing.T) {
	t.Setenv(childMode, "lies")
	p := swap(t)
	down := httptest.NewServer(http.NotFoundHandler())
	url := down.URL
	down.Close()
	entries := remote.Run(t.Context(), p, []solver.Solver{
		&remote.Command{Label: "liar", Args: []string{os.Args[0]}},
		&remote.Command{Label: "missing", Args: []string{"/nowhere/solver"}},
		&remote.HTTP{Label: "down", URL: url},
		solver.Exact{},
	}, 20*time.Second, nil)
	verdicts, best := solver.Judge(p, entries)
	if best != 3 || verdicts[3].Value.Items != 2 {
		t.Errorf("best is %d of %+v", best, verdicts)
	}
	for i, want := range []sxp.Kind{sxp.Invalid, sxp.Unavailable, sxp.Unavailable, ""} {
		if sxp.KindOf(verdicts[i].Err) != want {
			t.Errorf("%s: %v, want kind %q", entries[i].Solver, verdicts[i].Err, want)
		}
	}
}

// TestHTTPSolvers: what comes over HTTP is bounded in time and size.
func TestHTTPSolvers(t *testing.T) {
	p := swap(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /good", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		p, err := lot.DecodeProblem(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a, _ := solver.Exact{}.Solve(r.Context(), p)
		raw, _ := a.Encode()
		w.Header().Set("Content-Type", "application/json")
		w.Write(raw)
	})
	mux.HandleFunc("POST /slow", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the asker left
		<-r.Context().Done()
	})
	mux.HandleFunc("POST /long", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("POST /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/good", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("POST /page", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<p>hello") })
	s := httptest.NewServer(mux)
	defer s.Close()
	for _, c := range []struct {
		path string
		kind sxp.Kind
	}{{"/good", ""}, {"/slow", sxp.Late}, {"/long", sxp.TooLarge}, {"/away", sxp.Unavailable}, {"/page", sxp.Unavailable}, {"/none", sxp.Unavailable}} {
		h := &remote.HTTP{Label: "far", URL: s.URL + c.path, Time: 20 * time.Second, Answer: 1 << 20}
		if c.path == "/slow" {
			h.Time = 200 * time.Millisecond
		}
		if _, err := h.Solve(t.Context(), p); sxp.KindOf(err) != c.kind {
			t.Errorf("%s: error %v (kind %q), want kind %q", c.path, err, sxp.KindOf(err), c.kind)
		}
	}
	for _, bad := range []string{"", "solver.example", "ftp://x/", "http://u:p@x/", "file:///etc/passwd"} {
		if err := remote.CheckURL(bad); sxp.KindOf(err) != sxp.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestAnotherLanguage: the example in Python understands problems with groups,
// and what it answers is right.
func TestAnotherLanguage(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	g := new(deal.Graph)
	for u := range 6 {
		g.AddOffer(u / 2)
	}
	group := g.AddGroup(0, 1)
	for _, a := range [][2]deal.Node{{0, group}, {1, group}, {group, 2}, {group, 4}, {2, 0}, {4, 1}, {3, 5}, {5, 3}} {
		if err := g.AddArc(a[0], a[1], 0); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := lot.FromGraph(g, deal.Defaults(), nil, nil)
	entries := remote.Run(t.Context(), p, []solver.Solver{
		&remote.Command{Label: "greedy", Args: []string{python, "testdata/greedy.py"}}, solver.Exact{},
	}, 60*time.Second, nil)
	verdicts, _ := solver.Judge(p, entries)
	if verdicts[0].Err != nil || verdicts[0].Value.Items != 4 || verdicts[1].Value.Items != 4 {
		t.Errorf("greedy: %+v, exact: %+v; want 4 items each", verdicts[0], verdicts[1])
	}
}
