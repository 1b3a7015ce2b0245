package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/accept"
)

type serveOptions struct {
	journal          string
	inactiveDays     int
	listen, db, site string
	tlsCert, tlsKey  string
	proxies          []string
	insecure         bool
	limitScale       int
	reviewScale      int
	minClient        string
	minParsers       []string
	reviewParsers    []string
	metrics          string
	metricsToken     string
	logFormat        string
	stopDelay        time.Duration
	signIn           signInOptions
}

// drain is how long requests may take to end when the server stops.
const drain = 10 * time.Second

const maxStopDelay = time.Minute

// grace is how long connections at work have to learn that they end.
const grace = 100 * time.Millisecond

func newServe(p *program) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer the API and the site", Args: arguments(),
		Long: `serve answers the API and the site until it is interrupted. It prints one line when it is ready:
listening on http://ADDRESS. Its log goes to standard error.

It speaks http unless it has a certificate. Anywhere but on loopback a proxy in front must speak https: name it with
--trusted-proxy.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), o) },
	}
	o.flags(cmd)
	return cmd
}

// flags adds the flags of serve to a command.
func (o *serveOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", defaultAddress, "`address` to listen on; port 0 takes a free one. A socket that systemd hands over comes first")
	databaseFlag(cmd, &o.db)
	f.StringVar(&o.site, "site", "", "`origin` that people use, such as https://tokenflex.example (default the address)")
	f.StringVar(&o.tlsCert, "tls-cert", "", "`file` of the certificate to speak https with; read again when it is renewed")
	f.StringVar(&o.tlsKey, "tls-key", "", "`file` of its key")
	f.StringSliceVar(&o.proxies, "trusted-proxy", nil, "`address` or network of the proxy in front, whose X-Forwarded-For is believed; may be repeated")
	f.BoolVar(&o.insecure, "insecure", false, "listen on other addresses than loopback without https and without a proxy in front")
	f.StringVar(&o.journal, "erasure-journal", "", "`file` that erasures are written to, kept apart from the database's backups (default the database file with .erasures behind it; on PostgreSQL where that file would be by default)")
	f.IntVar(&o.inactiveDays, "inactive-days", 0, "erase accounts that were not used for so many `days`; 0 for never")
	f.IntVar(&o.limitScale, "limit-scale", 1, "multiply every rate limit, for many people behind one address")
	f.IntVar(&o.reviewScale, "review-scale", 1, "multiply the review lines, for accounts that are teams")
	f.StringVar(&o.minClient, "min-client", "", "oldest `version` of tokenflexing whose uploads are taken (default any)")
	f.StringSliceVar(&o.minParsers, "min-parser", nil, "oldest `revision` of a tool's parser whose rows are taken, such as codex=3; may be repeated")
	f.StringSliceVar(&o.reviewParsers, "review-parser", nil, "days that an older `revision` of a tool's parser read wait for review, such as codex=3; may be repeated")
	f.StringVar(&o.metrics, "metrics", "", "`address` to show metrics for Prometheus on, such as 127.0.0.1:9464 (default nowhere)")
	f.StringVar(&o.metricsToken, "metrics-token", "", "`secret` that Prometheus must send as a bearer token; best by TOKENFLEXD_METRICS_TOKEN_FILE")
	f.StringVar(&o.logFormat, "log-format", "json", "json or text, one line each on standard error")
	f.DurationVar(&o.stopDelay, "stop-delay", 0, "go on answering for so long after being told to stop, with /readyz saying no, until balancers have noticed")
	o.signIn.flags(f)
}

func (p *program) serve(ctx context.Context, o serveOptions) error {
	if _, said := p.env("GOGC"); !said {
		holdGarbage(ctx)
	}
	listener, err := p.inherited()
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close()
		o.listen = listener.Addr().String()
	}
	proxies, err := o.check(o.listen)
	if err != nil {
		return errUsage{err}
	}
	db, err := p.openStore(ctx, o.db)
	if err != nil {
		return err
	}
	defer db.Close()
	if listener == nil {
		if listener, err = open(ctx, o.listen); err != nil {
			return err
		}
		defer listener.Close()
	}
	listener = netutil.LimitListener(listener, maxConnections)
	own := o.scheme() + "://" + listener.Addr().String()
	if o.tlsCert != "" {
		if listener, err = secured(listener, o.tlsCert, o.tlsKey); err != nil {
			return err
		}
	}
	if o.site == "" {
		o.site = own
	}
	o.site = strings.TrimSuffix(o.site, "/")
	logger, metrics := p.logger(o.logFormat), server.NewMetrics(db, time.Now)
	journal, err := p.journalToWrite(o.journal, o.db)
	if err != nil && o.journal != "" {
		return fmt.Errorf("--erasure-journal: %w", err)
	}
	if err != nil {
		logger.Warn("erasures go into no journal: a backup that is restored brings erased accounts back", "error", err.Error())
	}
	lines := accept.DefaultLines().Scale(int64(o.reviewScale))
	lines.Parsers, _ = revisions(o.reviewParsers) // checked above
	oldest := server.Oldest{Client: o.minClient}
	oldest.Parser, _ = revisions(o.minParsers)
	options := server.Options{
		Store: db, Prices: pricing.Embedded(), Site: o.site, Log: logger, Now: time.Now, Metrics: metrics,
		Journal: journal, InactiveAfter: time.Duration(o.inactiveDays) * 24 * time.Hour,
		Limits: server.DefaultLimits().Scale(o.limitScale), Lines: lines, Proxies: proxies, Oldest: oldest,
	}
	if err := o.signIn.apply(&options); err != nil {
		return errUsage{err}
	}
	handler, err := server.New(ctx, options)
	if err != nil {
		return err
	}
	if err := db.SetSite(ctx, o.site); err != nil {
		return err
	}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	if err := p.serveMetrics(serving, o, logger, metrics.Handler()); err != nil {
		return err
	}
	go p.watchdog(serving, db.Ready)
	var kept sync.WaitGroup
	kept.Go(func() { keepHouse(serving, handler) })
	kept.Go(func() { handler.KeepBoards(serving) })
	defer func() { end(); kept.Wait() }()
	fmt.Fprintf(p.out, "listening on %s\n", own)
	if err := p.notify("READY=1"); err != nil {
		logger.Warn("systemd cannot be told", "error", err.Error())
	}
	return p.answer(ctx, listener, handler, o.stopDelay)
}

// keepHouse does the server's own work at once and then every minute, until ctx ends.
func keepHouse(ctx context.Context, s *server.Server) {
	again := time.NewTicker(time.Minute)
	defer again.Stop()
	for {
		s.KeepHouse(ctx)
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (o serveOptions) scheme() string {
	if o.tlsCert != "" {
		return "https"
	}
	return "http"
}

func (p *program) logger(format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(p.errOut, nil))
	}
	return slog.New(slog.NewJSONHandler(p.errOut, nil))
}

// check refuses what would expose passwords, or the limits, to the network.
func (o serveOptions) check(address string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, text := range o.proxies {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q is no address or network", text)
		}
		proxies = append(proxies, p)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %q is not an address with a port", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return nil, fmt.Errorf("--listen %q has no port from 0 to 65535", address)
	}
	if o.site != "" && !server.ValidSite(strings.TrimSuffix(o.site, "/")) {
		return nil, fmt.Errorf("--site %q is not an origin such as https://tokenflex.example", o.site)
	}
	if !loopback(host) && o.tlsCert == "" && len(proxies) == 0 && !o.insecure {
		return nil, fmt.Errorf("%s can be reached from other machines and http hides nothing from them: put a proxy with https in front and name it with --trusted-proxy, or give --tls-cert", address)
	}
	if (o.tlsCert == "") != (o.tlsKey == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if err := o.checkClients(); err != nil {
		return nil, err
	}
	if o.logFormat != "json" && o.logFormat != "text" {
		return nil, fmt.Errorf("--log-format is json or text, not %q", o.logFormat)
	}
	if o.stopDelay < 0 || o.stopDelay > maxStopDelay {
		return nil, fmt.Errorf("--stop-delay is from 0 to %s", maxStopDelay)
	}
	if err := o.checkMetrics(); err != nil {
		return nil, err
	}
	if o.inactiveDays < 0 {
		return nil, errors.New("--inactive-days is not negative")
	}
	if o.limitScale < 1 || o.reviewScale < 1 || o.limitScale > 1000 || o.reviewScale > 1000 {
		return nil, errors.New("--limit-scale and --review-scale are from 1 to 1000")
	}
	return proxies, nil
}

func (o serveOptions) checkClients() error {
	if _, ok := server.ParseVersion(o.minClient); o.minClient != "" && !ok {
		return fmt.Errorf("--min-client %q is no version such as 1.2.0", o.minClient)
	}
	_, err1 := revisions(o.minParsers)
	_, err2 := revisions(o.reviewParsers)
	return errors.Join(err1, err2)
}

// revisions reads the revisions of parsers by source: codex=3.
func revisions(texts []string) (map[string]int, error) {
	all := make(map[string]int)
	for _, text := range texts {
		source, number, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || !accept.ValidSource(source) {
			return nil, fmt.Errorf("%q is no tool and revision such as codex=3", text)
		}
		all[source] = n
	}
	return all, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// maxConnections is how many connections there are at once; the next waits until one ends.
const maxConnections = 4096

// newHTTP returns a server that gives nobody more time or memory than a request can need.
func newHTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog: silent(), // it names whole addresses, and what people send that is not HTTP
	}
}

// answer serves until ctx ends, says so for a while if it is told to, then lets requests finish.
func (p *program) answer(ctx context.Context, listener net.Listener, s *server.Server, delay time.Duration) error {
	h := newHTTP(s)
	busy := newTraffic(h)
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	p.notify("STOPPING=1") // only a courtesy
	s.Drain()
	// From now on whoever is answered is told to come back by a new connection. Closing theirs at once would cut off those who
	// are just sending on it.
	wait := time.NewTimer(max(delay, grace))
	defer wait.Stop()
	select {
	case err := <-ended:
		return err
	case <-wait.C:
	}
	listener.Close()
	<-ended // and nobody more is let in
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	busy.end(last, grace)
	if err := h.Shutdown(last); err != nil {
		return h.Close()
	}
	return nil
}

func silent() *log.Logger { return log.New(io.Discard, "", 0) }
