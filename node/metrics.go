package node

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sxp"
)

// metrics counts what the router does, for Prometheus, and logs what broke.
type metrics struct {
	log      *slog.Logger
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	bytes    *prometheus.CounterVec
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
	m.registry.MustRegister(m.requests, m.bytes)
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

// Failed implements relay.Observer.
func (m *metrics) Failed(typ string, err error) {
	m.log.Error("a request failed inside", "type", typ, "err", err)
}

func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
