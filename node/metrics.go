package node

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sxp"
	"sxp/contract"
	"sxp/market"
)

// metrics counts what the router does, for Prometheus, and logs what broke.
type metrics struct {
	log      *slog.Logger
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	answers  *prometheus.CounterVec
}

func newMetrics(log *slog.Logger) *metrics {
	m := &metrics{
		log:      log,
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sxp_requests_total", Help: "Requests answered, by type and kind of error (ok for none).",
		}, []string{"type", "kind"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sxp_request_bytes_total", Help: "Bytes of requests (in) and answers (out), by type.",
		}, []string{"type", "direction"}),
	}
	m.answers = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sxp_solver_answers_total", Help: "Answers of solvers about markets here, by solver (others for what was handed in) and what they were.",
	}, []string{"solver", "result"})
	m.registry.MustRegister(m.requests, m.bytes, m.answers)
	return m
}

// Handled implements relay.Observer.
func (m *metrics) Handled(typ string, kind sxp.Kind, in, out int) {
	result := string(kind)
	if result == "" {
		result = "ok"
	}
	if typ == "" {
		typ = "unreadable"
	}
	m.requests.WithLabelValues(typ, result).Inc()
	m.bytes.WithLabelValues(typ, "in").Add(float64(in))
	m.bytes.WithLabelValues(typ, "out").Add(float64(out))
	m.log.Debug("request", "type", typ, "kind", result, "in", in, "out", out)
}

// solved counts an answer of a solver. Names of others are not labels: they
// cost nothing.
func (m *metrics) solved(name, result string) {
	if strings.HasPrefix(name, handedIn) {
		name = "others"
	}
	m.answers.WithLabelValues(name, result).Inc()
}

// Failed implements relay.Observer.
func (m *metrics) Failed(typ string, err error) {
	m.log.Error("a request failed inside", "type", typ, "err", err)
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return mux
}

// watch adds the figures that are read when the page is.
func (m *metrics) watch(s *Server) {
	n, start := s.Node, time.Now()
	gauge := func(name, help string, f func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
	}
	gauge("sxp_uptime_seconds", "Seconds since the node was opened.", func() float64 { return time.Since(start).Seconds() })
	gauge("sxp_sends_waiting", "Requests to other nodes that are not answered yet.", func() float64 { return float64(n.sends.count()) })
	if s.records != nil {
		gauge("sxp_relay_bytes", "Bytes that the relay's records take on disk.", minutely(func() float64 {
			size, err := s.records.Size()
			if err != nil {
				m.log.Warn("the size of the records is not known", "err", err)
			}
			return float64(size)
		}))
	}
	if n.host != nil {
		gauge("sxp_boards", "Markets hosted.", func() float64 { return float64(len(n.host.Boards())) })
		gauge("sxp_board_entries", "Announcements and groups on all boards.", minutely(n.countEntries))
	}
	if n.cards != nil {
		gauge("sxp_cards", "People whose card is here.", func() float64 { return float64(n.cards.len()) })
	}
	if n.blocks != nil {
		gauge("sxp_blocks", "Photos kept.", minutely(func() float64 { return float64(n.storedBlocks().Blocks) }))
		gauge("sxp_block_bytes", "Bytes of photos kept.", minutely(func() float64 { return float64(n.storedBlocks().Bytes) }))
	}
	if n.watch != nil {
		gauge("sxp_sessions_watched", "Signings that the watcher holds.", func() float64 {
			n.watch.mu.Lock()
			defer n.watch.mu.Unlock()
			return float64(len(n.watch.held))
		})
	}
	if n.juror != nil {
		for _, standing := range []contract.Standing{contract.Completed, contract.Voided, contract.Abstains} {
			m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "sxp_juror_cases", Help: "Sessions that the juror has decided, by what it did.", ConstLabels: prometheus.Labels{"standing": string(standing)},
			}, minutely(func() float64 { return n.tally(standing) })))
		}
		gauge("sxp_juror_records", "Records of the juror: one for each session, one for each other juror's shares, one of its uptime.", func() float64 {
			n.juror.machine.Lock()
			defer n.juror.machine.Unlock()
			return float64(len(n.juror.held))
		})
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "sxp_juror_turned_away_total", Help: "Claims and questions of new sessions that were refused because their address had brought too many.",
		}, n.juror.intake.turnedAway))
		gauge("sxp_juror_waiting", "Requests that wait for the juror.", func() float64 {
			n.juror.mu.Lock()
			defer n.juror.mu.Unlock()
			return float64(n.juror.queue.Len())
		})
	}
}

// countEntries counts what is on all boards.
func (n *Node) countEntries() float64 {
	n.boards.mu.Lock()
	defer n.boards.mu.Unlock()
	total := 0
	for id, store := range n.boards.stores {
		k, err := store.Count(context.Background(), market.Filter{Classes: []market.Class{market.ClassAnnouncement, market.ClassGroup}})
		if err != nil {
			n.p.Log.Warn("the announcements of a board could not be counted", "market", id, "err", err)
		}
		total += k
	}
	return float64(total)
}

// minutely asks for a figure that costs something once a minute at most.
func minutely(f func() float64) func() float64 {
	var mu sync.Mutex
	var last float64
	var asked time.Time
	return func() float64 {
		mu.Lock()
		defer mu.Unlock()
		if asked.IsZero() || time.Since(asked) > time.Minute {
			last, asked = f(), time.Now()
		}
		return last
	}
}
