package server

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// Metrics are the server's figures for Prometheus. A label's value is one of a closed list: a route of the table, a status, a
// code, the name of a limit. Handles, models, sources, devices and addresses are none.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	rows     *prometheus.CounterVec
	rejects  *prometheus.CounterVec
	auth     *prometheus.CounterVec
	limited  *prometheus.CounterVec
	ignored  prometheus.Counter
	// What every answer counts is looked up once: by its labels takes a good part of a microsecond.
	answers sync.Map              // of answer to figures
	became  [3]prometheus.Counter // rowsWritten, rowsUnchanged and rowsHeld
}

// answer is what answers are counted by.
type answer struct {
	route  string
	status int
}

type figures struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// What became of a row of an upload.
const (
	rowsWritten   = "written"
	rowsUnchanged = "unchanged"
	rowsHeld      = "held"
	rowsRejected  = "rejected"
)

// NewMetrics returns the figures of a server on that store, by that clock.
func NewMetrics(s store.Store, now func() time.Time) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tokenflexd_" + name, Help: help}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("http_requests_total", "Answers by route and status.", "route", "code"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tokenflexd_http_duration_seconds", Help: "Time to answer.",
			Buckets: []float64{.001, .0025, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route"}),
		rows:    counter("ingest_rows_total", "Rows of uploads by what became of them.", "result"),
		rejects: counter("ingest_rejects_total", "Uploads that were refused, by code.", "code"),
		auth:    counter("auth_failures_total", "Secrets that were refused, by their kind.", "kind"),
		limited: counter("ratelimited_total", "Requests over a limit, by its name.", "bucket"),
		ignored: prometheus.NewCounter(prometheus.CounterOpts{Name: "tokenflexd_ingest_ignored_members_total",
			Help: "Members of uploads that this server does not know."}),
	}
	// What has not happened yet is 0, not absent: a rate needs a figure before the first.
	for _, result := range []string{rowsWritten, rowsUnchanged, rowsHeld, rowsRejected} {
		m.rows.WithLabelValues(result)
	}
	m.became = [...]prometheus.Counter{m.rows.WithLabelValues(rowsWritten), m.rows.WithLabelValues(rowsUnchanged), m.rows.WithLabelValues(rowsHeld)}
	limits := DefaultLimits()
	for _, l := range limits.all() {
		m.limited.WithLabelValues(l.Name)
	}
	m.auth.WithLabelValues("token")
	m.registry.MustRegister(m.requests, m.seconds, m.rows, m.rejects, m.auth, m.limited, m.ignored, storeState{s, now},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// answered counts an answer. A path without a route is one label for all.
func (m *Metrics) answered(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	known, ok := m.answers.Load(answer{route, status})
	if !ok { // there are no more than routes and statuses
		known, _ = m.answers.LoadOrStore(answer{route, status}, figures{m.requests.WithLabelValues(route, strconv.Itoa(status)), m.seconds.WithLabelValues(route)})
	}
	c := known.(figures)
	c.requests.Inc()
	c.seconds.Observe(took.Seconds())
}

// stored counts the rows of an upload that was taken.
func (m *Metrics) stored(r store.Receipt) {
	if r.Replayed {
		return
	}
	for i, n := range [...]int{r.Written, r.Unchanged, len(r.Held)} {
		m.became[i].Add(float64(n))
	}
}

// refused counts why a request was not done.
func (m *Metrics) refused(q *request, e *refusal) {
	if q.route == "POST "+wire.PathUsage {
		m.rejects.WithLabelValues(string(e.code)).Inc()
		m.rows.WithLabelValues(rowsRejected).Add(float64(len(e.errors)))
	}
	switch {
	case e.code == wire.Unauthorized:
		m.auth.WithLabelValues("token").Inc()
	case e.limit != "":
		m.limited.WithLabelValues(e.limit).Inc()
	}
}

// storeState is read from the store at each scrape.
type storeState struct {
	store.Store
	now func() time.Time
}

var (
	poolMax    = prometheus.NewDesc("tokenflexd_db_pool_max", "Connections to the database at most.", []string{"pool"}, nil)
	poolInUse  = prometheus.NewDesc("tokenflexd_db_pool_in_use", "Connections at work.", []string{"pool"}, nil)
	poolIdle   = prometheus.NewDesc("tokenflexd_db_pool_idle", "Connections that wait for work.", []string{"pool"}, nil)
	poolWaits  = prometheus.NewDesc("tokenflexd_db_pool_waits_total", "Times that a request waited for a connection.", []string{"pool"}, nil)
	poolWaited = prometheus.NewDesc("tokenflexd_db_pool_wait_seconds_total", "Time that requests waited for a connection.", []string{"pool"}, nil)
	boardsAge  = prometheus.NewDesc("tokenflexd_board_snapshot_age_seconds", "How long ago the oldest upload came that boards do not hold yet; 0: they hold all.", nil, nil)
	migration  = prometheus.NewDesc("tokenflexd_migration_version", "The schema's version; absent while the database is silent.", nil, nil)
)

// Describe implements prometheus.Collector.
func (storeState) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolMax, poolInUse, poolIdle, poolWaits, poolWaited, boardsAge, migration} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s storeState) Collect(out chan<- prometheus.Metric) {
	for _, p := range s.Pools() {
		out <- prometheus.MustNewConstMetric(poolMax, prometheus.GaugeValue, float64(p.Max), p.Name)
		out <- prometheus.MustNewConstMetric(poolInUse, prometheus.GaugeValue, float64(p.InUse), p.Name)
		out <- prometheus.MustNewConstMetric(poolIdle, prometheus.GaugeValue, float64(p.Idle), p.Name)
		out <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(p.Waits), p.Name)
		out <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, p.Waited.Seconds(), p.Name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if b, err := s.Behind(ctx); err == nil {
		age := 0.0
		if !b.Since.IsZero() {
			age = max(0, s.now().Sub(b.Since).Seconds())
		}
		out <- prometheus.MustNewConstMetric(boardsAge, prometheus.GaugeValue, age)
	}
	if n, err := s.Version(ctx); err == nil {
		out <- prometheus.MustNewConstMetric(migration, prometheus.GaugeValue, float64(n))
	}
}
