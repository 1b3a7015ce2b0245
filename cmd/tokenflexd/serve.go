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
	"strings"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/accept"
)

type serveOptions struct {
	listen, db, site string
	proxies          []string
	insecure         bool
	limitScale       int
	reviewScale      int
}

// drain is how long requests may take to end when the server stops.
const drain = 10 * time.Second

func newServe(p *program) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Answer the API and the site", Args: arguments(),
		Long: `serve answers the API and the site until it is interrupted. It prints one line when it is ready:
listening on http://ADDRESS. Its log goes to standard error.

It speaks http. Anywhere but on loopback a proxy in front must speak https: name it with --trusted-proxy.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", defaultAddress, "`address` to listen on; port 0 takes a free one")
	databaseFlag(cmd, &o.db)
	f.StringVar(&o.site, "site", "", "`origin` that people use, such as https://tokenflex.example (default http://ADDRESS)")
	f.StringSliceVar(&o.proxies, "trusted-proxy", nil, "`address` or network of the proxy in front, whose X-Forwarded-For is believed; may be repeated")
	f.BoolVar(&o.insecure, "insecure", false, "listen on other addresses than loopback without a proxy in front")
	f.IntVar(&o.limitScale, "limit-scale", 1, "multiply every rate limit, for many people behind one address")
	f.IntVar(&o.reviewScale, "review-scale", 1, "multiply the review lines, for accounts that are teams")
	return cmd
}

func (p *program) serve(ctx context.Context, o serveOptions) error {
	proxies, err := o.check()
	if err != nil {
		return errUsage{err}
	}
	db, err := p.openStore(ctx, o.db)
	if err != nil {
		return err
	}
	defer db.Close()
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	if o.site == "" {
		o.site = "http://" + listener.Addr().String()
	}
	o.site = strings.TrimSuffix(o.site, "/")
	handler, err := server.New(ctx, server.Options{
		Store: db, Prices: pricing.Embedded(), Site: o.site, Log: slog.New(slog.NewJSONHandler(p.errOut, nil)), Now: time.Now,
		Limits: server.DefaultLimits().Scale(o.limitScale), Lines: accept.DefaultLines().Scale(int64(o.reviewScale)), Proxies: proxies,
	})
	if err != nil {
		return err
	}
	if err := db.SetSite(ctx, o.site); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "listening on http://%s\n", listener.Addr())
	return answer(ctx, listener, handler)
}

// check refuses what would expose passwords, or the limits, to the network.
func (o serveOptions) check() ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, text := range o.proxies {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q is no address or network", text)
		}
		proxies = append(proxies, p)
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %q is not an address with a port", o.listen)
	}
	if !loopback(host) && len(proxies) == 0 && !o.insecure {
		return nil, fmt.Errorf("%s can be reached from other machines and http hides nothing from them: put a proxy with https in front and name it with --trusted-proxy", o.listen)
	}
	if o.limitScale < 1 || o.reviewScale < 1 || o.limitScale > 1000 || o.reviewScale > 1000 {
		return nil, errors.New("--limit-scale and --review-scale are from 1 to 1000")
	}
	return proxies, nil
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

// answer serves until ctx ends, then lets requests finish.
func answer(ctx context.Context, listener net.Listener, s *server.Server) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // it names whole addresses, and what people send that is not HTTP
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.Drain()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := h.Shutdown(last); err != nil {
		return h.Close()
	}
	return nil
}
