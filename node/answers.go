package node

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"sxp"
	"sxp/deal/solver"
	"sxp/market"
	"sxp/relay/relayhttp"
)

// handed is an answer of somebody else.
type handed struct {
	name  string // that its solver gives itself
	entry solver.Entry
	text  []byte // of an answer that waits: read, it takes 25 times as much memory
}

// read returns h with its entry.
func (h handed) read() handed {
	if h.text == nil {
		return h
	}
	e, err := solver.ReadEntry(h.text)
	e.Err = err
	return handed{name: h.name, entry: e}
}

// submissions are what was handed in and not looked at yet, and the problems that
// people asked for. It is safe for concurrent use.
type submissions struct {
	mu       sync.Mutex
	of       map[sxp.ID][]handed
	bytes    int                 // of the texts of all that waits
	wanted   map[sxp.ID]sxp.Time // until when somebody may ask for a market's problem again
	problems map[sxp.ID]problemAt
	news     chan struct{} // closed when a problem was made
}

// problemAt is a market as a problem, with what the finder holds left out.
type problemAt struct {
	text []byte // JSON
	err  error
}

// put queues an answer: one of each solver, the last; it fails with Busy where
// too many wait.
func (a *submissions) put(m sxp.ID, h handed) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[sxp.ID][]handed{}
	}
	i := slices.IndexFunc(a.of[m], func(o handed) bool { return o.name == h.name })
	more := len(h.text)
	if i >= 0 {
		more -= len(a.of[m][i].text)
	}
	switch {
	case i < 0 && len(a.of[m]) >= maxHanded:
		return sxp.Errorf("node.answer", sxp.Busy, m, "%d answers wait to be looked at: hand in again later", maxHanded)
	case a.bytes+more > maxHandedBytes:
		return sxp.Errorf("node.answer", sxp.Busy, m, "answers of %d bytes wait to be looked at: hand in again later", a.bytes)
	}
	a.bytes += more
	if i >= 0 {
		a.of[m][i] = h
	} else {
		a.of[m] = append(a.of[m], h)
	}
	return nil
}

// take returns the answers of one market.
func (a *submissions) take(m sxp.ID) []handed {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.of[m]
	for _, h := range list {
		a.bytes -= len(h.text)
	}
	delete(a.of, m)
	return list
}

// wait reports whether answers of a market wait to be looked at.
func (a *submissions) wait(m sxp.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.of[m]) > 0
}

// want notes that somebody asks for a market's problem; it returns the one that
// there is, if it is not older than the last question's span, and a channel
// that is closed when there is another.
func (a *submissions) want(m sxp.ID, now sxp.Time) (p problemAt, ok bool, news <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wanted == nil {
		a.wanted, a.problems, a.news = map[sxp.ID]sxp.Time{}, map[sxp.ID]problemAt{}, make(chan struct{})
	}
	followed := now < a.wanted[m]
	a.wanted[m] = now.Add(problemWanted)
	p, ok = a.problems[m]
	return p, ok && followed, a.news
}

// asked reports whether somebody wants a market's problem, and whether there is
// none yet.
func (a *submissions) asked(m sxp.ID, now sxp.Time) (wanted, missing bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now >= a.wanted[m] {
		delete(a.problems, m)
		return false, false
	}
	_, have := a.problems[m]
	return true, !have
}

// publish makes a problem known.
func (a *submissions) publish(m sxp.ID, p problemAt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.problems[m] = p
	close(a.news)
	a.news = make(chan struct{})
}

// answer takes what somebody found for a market: the JSON of sxp.answer/1.
func (p *public) answer(w http.ResponseWriter, r *http.Request) {
	const op = "node.answer"
	b, err := p.on(r)
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		relayhttp.Refuse(w, sxp.Errorf(op, sxp.Invalid, nil, "the content type must be application/json"))
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	switch {
	case err != nil:
		relayhttp.Refuse(w, sxp.Errorf(op, sxp.Invalid, nil, "the answer was cut off"))
		return
	case len(raw) > maxAnswer:
		relayhttp.Refuse(w, sxp.Errorf(op, sxp.TooLarge, nil, "an answer that is handed in has at most %d bytes", maxAnswer))
		return
	}
	name, err := p.nameIn(r.Context(), raw)
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	h := handed{name: name, text: raw}
	if err := p.n.finder.answers.put(b.Market(), h); err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	p.n.finder.dirty.Store(true)
	p.n.ring()
	p.json(w, http.StatusAccepted, struct {
		Solver string `json:"solver"`
		Queued bool   `json:"queued"`
	}{name, true})
}

// nameIn reads an answer as far as to see that it is one, a few at a time: read,
// each takes much memory. It returns what its solver calls itself.
func (p *public) nameIn(ctx context.Context, raw []byte) (string, error) {
	select {
	case p.reads <- struct{}{}:
		defer func() { <-p.reads }()
	case <-ctx.Done():
		return "", sxp.Errorf("node.answer", sxp.Busy, nil, "whoever handed it in has left")
	}
	e, err := solver.ReadEntry(raw)
	if err != nil {
		return "", err
	}
	return solverName(e.Solver), nil
}

// solverName is what a solver calls itself, as far as it is fit to be shown. No
// name of others can be that of one that the node runs.
func solverName(said string) string {
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, said))
	if name == "" {
		name = "nameless"
	}
	if len(name) > maxSolverName {
		name = strings.ToValidUTF8(name[:maxSolverName], "")
	}
	return handedIn + name
}

// handedIn stands before the names of solvers whose answers were handed in:
// anybody may take any name.
const handedIn = "~"

// problem sends the market as solvers read it, without what the finder holds.
func (p *public) problem(w http.ResponseWriter, r *http.Request) {
	b, err := p.on(r)
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	got, ok, news := p.n.finder.answers.want(b.Market(), p.n.p.Now())
	if !ok {
		p.n.finder.dirty.Store(true)
		p.n.ring()
		for patience := time.After(problemPatience); !ok; {
			select {
			case <-news:
				got, ok, news = p.n.finder.answers.want(b.Market(), p.n.p.Now())
			case <-patience:
				relayhttp.Refuse(w, sxp.Errorf("node.problem", sxp.Busy, nil, "the finder has not come to this market yet: ask again"))
				return
			case <-r.Context().Done():
				return
			}
		}
	}
	if got.err != nil {
		relayhttp.Refuse(w, got.err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(got.text)
}

// solvers sends how solvers have done on a market.
func (p *public) solvers(w http.ResponseWriter, r *http.Request) {
	b, err := p.on(r)
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	s, err := p.n.scoresOf(b.Market())
	if err != nil {
		relayhttp.Refuse(w, err)
		return
	}
	p.json(w, http.StatusOK, s)
}

func (p *public) json(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// snapshot makes the problem of a market anew where somebody wants it.
func (n *Node) snapshot(f *found, c market.Charter, now sxp.Time) {
	wanted, missing := n.finder.answers.asked(c.Market, now)
	if !wanted || !missing && !f.moved {
		return
	}
	f.moved = false
	var out problemAt
	p, err := f.picture(now)
	if err == nil {
		out.text, err = n.newContest(f, c, p, now).problem().Encode(c.Name)
	}
	out.err = err
	n.finder.answers.publish(c.Market, out)
}
