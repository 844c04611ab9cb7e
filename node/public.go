package node

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sxp"
	"sxp/envelope"
	"sxp/market"
	"sxp/relay"
	"sxp/relay/relayhttp"
)

// public answers GET requests without signature: what a market's board says is
// for everybody, in a form that a script reads line by line (spec/solvers.md).
type public struct {
	n     *Node
	dumps chan struct{} // a place for each dump under way
	lives chan struct{} // and for each live stream
	reads chan struct{} // and for each answer that is read
}

// pathMarket is under what market's pages are.
const pathMarket = relayhttp.Path + "/market/{market}"

// Public returns the handler of what anybody may read over plain HTTP: the
// boards of the markets hosted here. Its paths are below relayhttp.Path.
func (n *Node) Public() http.Handler {
	p := &public{n: n, dumps: make(chan struct{}, maxDumps), lives: make(chan struct{}, maxStreams), reads: make(chan struct{}, maxReads)}
	mux := http.NewServeMux()
	if n.host != nil {
		mux.HandleFunc("GET "+pathMarket+"/board", p.board)
	}
	if n.finder != nil {
		mux.HandleFunc("GET "+pathMarket+"/problem", p.problem)
		mux.HandleFunc("POST "+pathMarket+"/answer", p.answer)
		mux.HandleFunc("GET "+pathMarket+"/solvers", p.solvers)
	}
	mux.HandleFunc(relayhttp.Path+"/", func(w http.ResponseWriter, r *http.Request) {
		relayhttp.Refuse(w, sxp.Errorf("node.Public", sxp.NotFound, nil, "there is nothing at %.100q", r.URL.Path))
	})
	return mux
}

// on returns the board that a path names.
func (p *public) on(r *http.Request) (*market.Board, error) {
	id, err := sxp.ParseID(r.PathValue("market"))
	if err != nil {
		return nil, err
	}
	return p.n.host.Board(id)
}

// A boardHead is the first line of a dump or a stream, sxp.board/1.
type boardHead struct {
	Type   string   `json:"type"`
	Market sxp.ID   `json:"market"`
	Node   sxp.ID   `json:"node"`
	Time   sxp.Time `json:"time"`
}

// A boardLine is one record; with ?json=1 it has the message to be read too.
type boardLine struct {
	market.Record
	Message json.RawMessage `json:"message,omitempty"`
}

// A boardMark says that all up to After was sent; End that no more comes.
type boardMark struct {
	After uint64   `json:"after"`
	Time  sxp.Time `json:"time"`
	End   bool     `json:"end,omitempty"`
}

// board sends a market's public records, oldest first: those that there are,
// and with ?live=1 whatever comes as long as somebody reads.
func (p *public) board(w http.ResponseWriter, r *http.Request) {
	b, err := p.on(r)
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	q := r.URL.Query()
	after := uint64(0)
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseUint(text, 10, 63); err != nil {
			relayhttp.Refuse(w, sxp.Errorf("node.board", sxp.Invalid, nil, "after: %.40q is no place on a board, which is a number", text))
			return
		}
	}
	live := q.Get("live") == "1"
	places := p.dumps
	if live {
		places = p.lives
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		relayhttp.Refuse(w, sxp.Errorf("node.board", sxp.Busy, nil, "all %d places for readers are taken: come again", cap(places)))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	s := &boardStream{n: p.n, board: b, out: json.NewEncoder(w), control: http.NewResponseController(w), after: after}
	if q.Get("json") == "1" {
		s.types = market.Types()
	}
	s.out.SetEscapeHTML(false)
	if r.Method == http.MethodHead {
		return
	}
	_ = s.control.SetReadDeadline(time.Time{}) // the request was read; a stream may last for days
	if err := s.send(r.Context(), live); err != nil && r.Context().Err() == nil && !errors.Is(err, errReader) {
		p.n.p.Log.Warn("a board could not be sent", "market", b.Market(), "err", err)
		_ = s.out.Encode(struct {
			Error relay.Problem `json:"error"`
		}{relay.Problem{Kind: sxp.Internal, Text: "something is broken at this node; its operator's log says what"}})
	}
}

// errReader says that whoever reads a stream has left, or is too slow.
var errReader = errors.New("the reader is gone")

// A boardStream is one reader of a board.
type boardStream struct {
	n       *Node
	board   *market.Board
	out     *json.Encoder
	control *http.ResponseController
	after   uint64
	types   map[envelope.Type]func() any // of messages that are sent to be read, too; nil: none
}

func (s *boardStream) send(ctx context.Context, live bool) error {
	if err := s.lines(boardHead{"sxp.board/1", s.board.Market(), s.n.ID(), s.n.p.Now()}); err != nil {
		return err
	}
	for {
		page, next, err := s.board.Since(ctx, s.n.p.Now(), s.after, sxp.ID{}, 0)
		if err != nil {
			return err
		}
		if err := s.records(page); err != nil {
			return err
		}
		if next != 0 {
			continue
		}
		if err := s.lines(boardMark{s.after, s.n.p.Now(), !live}); err != nil || !live {
			return err
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
}

// wait sends what comes as it comes, until there was nothing for a while.
func (s *boardStream) wait(ctx context.Context) error {
	for {
		short, stop := context.WithTimeout(ctx, streamPulse.Std())
		page, _, err := s.board.AwaitSince(short, s.n.p.Now(), s.after, 0)
		stop()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errReader
		}
		if len(page) == 0 {
			return nil // a sign of life is due
		}
		if err := s.records(page); err != nil {
			return err
		}
	}
}

// records sends a page.
func (s *boardStream) records(page []market.Record) error {
	lines := make([]any, len(page))
	for i, r := range page {
		l := boardLine{Record: r}
		if s.types != nil {
			if v, err := envelope.ToJSON(r.Raw, s.types); err == nil {
				l.Message = v
			}
		}
		lines[i] = l
		s.after = max(s.after, r.Seq)
	}
	return s.lines(lines...)
}

// lines sends lines at once. A reader who takes none of them for a minute is
// left.
func (s *boardStream) lines(all ...any) error {
	if len(all) == 0 {
		return nil
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(streamPatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errReader
	}
	for _, l := range all {
		if err := s.out.Encode(l); err != nil {
			return errReader
		}
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errReader
	}
	return nil
}
