package node

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"sxp"
	"sxp/market"
)

// A line is any line of a dump.
type line struct {
	Type    string          `json:"type"`
	Market  sxp.ID          `json:"market"`
	Seq     uint64          `json:"seq"`
	Class   market.Class    `json:"class"`
	Raw     sxp.Bytes       `json:"raw"`
	Message json.RawMessage `json:"message"`
	After   uint64          `json:"after"`
	End     bool            `json:"end"`
}

func nextLine(t *testing.T, in *bufio.Scanner) (l line) {
	t.Helper()
	if !in.Scan() {
		t.Fatalf("the stream ends: %v", in.Err())
	}
	if err := json.Unmarshal(in.Bytes(), &l); err != nil {
		t.Fatalf("%v in %s", err, in.Bytes())
	}
	return l
}

// TestBoardForEverybody: whoever knows a market's address reads its board as
// lines, all that is there and what comes, and can verify each line.
func TestBoardForEverybody(t *testing.T) {
	t.Parallel()
	c := new(clock)
	v := serve(t, c, func(*Config) {})
	founder := newSomeone(t, c, "founder", v.to(t), v.ID())
	f := newFair(t, founder, v.Address().URL)
	m := f.key.ID()
	alice := newSomeone(t, c, "Alice", v.to(t), v.ID())
	alice.offer(t, m, "3 h maths lessons", "beer")
	url := v.Address().URL + "/sxp/v1/market/" + m.String() + "/board"
	tr := newTransport()
	t.Cleanup(tr.CloseIdleConnections)
	get := func(path string) *http.Response {
		t.Helper()
		res, err := newHTTP(tr).Get(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}

	dump := bufio.NewScanner(get(url + "?json=1").Body)
	if l := nextLine(t, dump); l.Type != "sxp.board/1" || l.Market != m {
		t.Fatalf("the first line: %+v", l)
	}
	var classes []string
	last := line{}
	for !last.End {
		if last = nextLine(t, dump); last.End {
			break
		}
		classes = append(classes, string(last.Class))
		if _, err := market.OpenRecord(founder.market(m), market.Record{Seq: last.Seq, Class: last.Class, Raw: last.Raw}); err != nil {
			t.Errorf("line %d does not verify: %v", last.Seq, err)
		}
		if len(last.Message) == 0 {
			t.Errorf("line %d cannot be read without CBOR", last.Seq)
		}
	}
	if got := strings.Join(classes, " "); got != "charter announcement" {
		t.Errorf("the dump has %s", got)
	}
	if dump.Scan() {
		t.Errorf("after the end comes %s", dump.Bytes())
	}

	live := bufio.NewScanner(get(url + "?live=1&after=" + jsonNumber(last.After)).Body)
	nextLine(t, live)
	if l := nextLine(t, live); l.After != last.After || l.End {
		t.Fatalf("nothing is new, but: %+v", l)
	}
	a := alice.offer(t, m, "20 l beer", "coins")
	l := nextLine(t, live)
	got, err := market.OpenRecord(founder.market(m), market.Record{Seq: l.Seq, Class: l.Class, Raw: l.Raw})
	if err != nil || got.ID != a.ID() || l.Message != nil {
		t.Errorf("the stream has %+v, %v; want the new announcement", l, err)
	}

	for path, want := range map[string]int{
		url + "?after=x": http.StatusBadRequest,
		v.Address().URL + "/sxp/v1/market/" + alice.key.ID().String() + "/board": http.StatusNotFound,
		v.Address().URL + "/sxp/v1/market/sxp1x/board":                           http.StatusBadRequest,
		v.Address().URL + "/sxp/v1/other":                                        http.StatusNotFound,
	} {
		res := get(path)
		text, err := io.ReadAll(res.Body)
		if res.StatusCode != want || err != nil || !strings.Contains(string(text), `"kind"`) {
			t.Errorf("%s: %s %s", path, res.Status, text)
		}
		if res.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: no page may read it", path)
		}
	}
}

func jsonNumber(n uint64) string {
	raw, _ := json.Marshal(n)
	return string(raw)
}
