package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// minMetricsToken is the shortest token that guards metrics, in characters.
const minMetricsToken = 16

// checkMetrics refuses to show figures to the network without a token.
func (o serveOptions) checkMetrics() error {
	if o.metrics == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(o.metrics)
	if err != nil {
		return fmt.Errorf("--metrics %q is not an address with a port", o.metrics)
	}
	if o.metricsToken == "" && !loopback(host) {
		return fmt.Errorf("--metrics %s can be reached from other machines: give --metrics-token too", o.metrics)
	}
	if o.metricsToken != "" && len(o.metricsToken) < minMetricsToken {
		return fmt.Errorf("--metrics-token takes %d characters or more", minMetricsToken)
	}
	return nil
}

// serveMetrics answers GET /metrics on a listener of its own until ctx ends.
func (p *program) serveMetrics(ctx context.Context, o serveOptions, log *slog.Logger, metrics http.Handler) error {
	if o.metrics == "" {
		return nil
	}
	l, err := open(ctx, o.metrics)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", guarded(o.metricsToken, metrics))
	h := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second, MaxHeaderBytes: 8 << 10, ErrorLog: silent()}
	go h.Serve(l)
	context.AfterFunc(ctx, func() { h.Close() })
	log.Info("metrics", "address", l.Addr().String())
	return nil
}

// guarded asks for the token, if there is one.
func guarded(token string, h http.Handler) http.Handler {
	if token == "" {
		return h
	}
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(said))
		if !ok || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}
