package hub

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"redstation/kiosk"
	"redstation/sync/wire"
)

// metrics are the hub's own figures, in a registry of its own. What can be read
// from the store is read when somebody asks: see census.
type metrics struct {
	registry *prometheus.Registry

	accepted  *prometheus.CounterVec // records, by lane
	repeated  *prometheus.CounterVec
	batches   *prometheus.CounterVec
	refusals  *prometheus.CounterVec // answers to booths, by trouble
	urgent    prometheus.Histogram
	answer    prometheus.Histogram // of the urgent lane
	commits   prometheus.Histogram
	rows      *prometheus.CounterVec // sent to pullers, by format
	attempts  *prometheus.CounterVec // at webhooks, by result
	durations *prometheus.HistogramVec
	inFlight  prometheus.Gauge
}

const namespace = "redstation_hub"

func newMetrics(version string) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		accepted: counter("records_accepted_total", "Records of booths that were stored.", "lane"),
		repeated: counter("records_repeated_total", "Records that came again and were there already.", "lane"),
		batches:  counter("batches_accepted_total", "Batches of booths that were acknowledged.", "lane"),
		refusals: counter("refusals_total", "Answers to booths that asked for something else than to go on; trouble says what: need, fork, signature and so on.", "trouble"),
		rows:     counter("pulled_records_total", "Records that were sent to pullers.", "format"),
		attempts: counter("webhook_attempts_total", "Attempts to send a message to a webhook.", "result"),
		urgent: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "urgent_pullable_seconds",
			Help: "From when a batch of the urgent lane was read to when its records can be pulled; on a database that several hubs share, to when they are committed, which is a moment earlier.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}),
		answer: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "urgent_answered_seconds",
			Help: "From when a request of the urgent lane reached this program, waiting to be read, to its acknowledgement.", Buckets: prometheus.ExponentialBuckets(0.001, 1.25, 48)}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: "commit_requests",
			Help: "Requests that shared one commit; a database that several hubs share does that by itself, and nothing is told here.", Buckets: prometheus.ExponentialBuckets(1, 2, 7)}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "http_request_duration_seconds",
			Help: "How long requests took, by route and status. Pulls that wait for news are in it with their wait.", Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12)}, []string{"route", "code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "http_requests_in_flight", Help: "Requests that are being served."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "redstation", Name: "build_info",
		Help: "Always 1; the label says which program this is.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.accepted, m.repeated, m.batches, m.refusals, m.rows, m.attempts, m.urgent, m.answer, m.commits, m.durations, m.inFlight, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, lane := range kiosk.Lanes() { // so that they are there from the start, as 0
		m.accepted.WithLabelValues(lane.String())
		m.repeated.WithLabelValues(lane.String())
		m.batches.WithLabelValues(lane.String())
	}
	return m
}

// took counts a batch that was acknowledged.
func (m *metrics) took(c *checked, a answer, begun time.Time) {
	if a.status != http.StatusOK {
		return
	}
	lane, fresh := c.Stream.Lane.String(), 0
	if c.pos != 0 {
		fresh = len(c.records) - c.fresh
	}
	m.batches.WithLabelValues(lane).Inc()
	m.accepted.WithLabelValues(lane).Add(float64(fresh))
	m.repeated.WithLabelValues(lane).Add(float64(len(c.records) - fresh))
	if c.Stream.Lane == kiosk.LaneUrgent && fresh > 0 {
		m.urgent.Observe(time.Since(begun).Seconds())
	}
}

// cameKey is where the time is that Came was told.
type cameKey struct{}

// Came returns a context of a request that reached this program at that time, before
// its handler could be called: it may have waited for others.
func Came(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, cameKey{}, at)
}

// acknowledged notes how long an alarm took; begun is when its handler began.
func (m *metrics) acknowledged(ctx context.Context, begun time.Time) {
	if at, ok := ctx.Value(cameKey{}).(time.Time); ok {
		begun = at
	}
	m.answer.Observe(time.Since(begun).Seconds())
}

// answered counts what a booth is told that is no acknowledgement.
func (m *metrics) answered(message any) {
	if p, ok := message.(*wire.Problem); ok && p.Trouble != "" {
		m.refusals.WithLabelValues(string(p.Trouble)).Inc()
	}
}

// attempted counts an attempt at a webhook.
func (m *metrics) attempted(done posted) {
	result := "received"
	if done.err != nil {
		result = "failed"
	}
	m.attempts.WithLabelValues(result).Inc()
}

// measure notes how long each request takes.
func (m *metrics) measure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, s := time.Now(), &statusWriter{ResponseWriter: w}
		m.inFlight.Inc()
		defer func() {
			m.inFlight.Dec()
			route, code := r.Pattern, strconv.Itoa(max(s.status, http.StatusOK))
			if route == "" {
				route = "none"
			}
			m.durations.WithLabelValues(route, code).Observe(time.Since(begun).Seconds())
		}()
		h.ServeHTTP(s, r)
	})
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// MetricsHandler serves the hub's figures in the format of Prometheus to whoever
// asks: it belongs on an address that only the monitoring reaches.
func (h *Hub) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(h.metrics.registry, promhttp.HandlerOpts{Registry: h.metrics.registry, MaxRequestsInFlight: 4})
}

// serveMetrics answers GET /api/v1/metrics, to a token of the scope metrics.
func (h *Hub) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	t, err := h.bearer(r.Context(), r.Header.Get("Authorization"), ScopeMetrics)
	if err != nil {
		return err
	}
	if err := h.pulls.admit(t.Name); err != nil {
		return err
	}
	h.MetricsHandler().ServeHTTP(w, r)
	return nil
}
