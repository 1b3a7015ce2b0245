package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/board"
	"tokenflex.ing/internal/server/kept"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Options are what a server is made of.
type Options struct {
	Store  store.Store
	Prices *pricing.Table
	Site   string // the origin that people and clients use: https://tokenflex.example
	Log    *slog.Logger
	Now    func() time.Time
	Limits Limits
	Lines  accept.Lines
	// Journal is the file that erasures are written to, apart from the database; empty: none is kept.
	Journal string
	// InactiveAfter is how long an account may be unused before it is erased; 0: for ever.
	InactiveAfter time.Duration
	Proxies       []netip.Prefix // whose X-Forwarded-For is believed
	Oldest        Oldest         // clients whose uploads are taken
	Metrics       *Metrics       // nil: counted for nobody

	Providers []auth.Provider // elsewhere, that people can sign in by
	SignUp    auth.SignUp     // who gets an account by them
	ProxyUser ProxyUser       // the proxy in front that says who somebody is
	// IdentitySecret is mixed into what is kept of identities, so that the database alone cannot tell or make one up. Without
	// the same one, nobody's identity is known any more.
	IdentitySecret string
	Passkeys       bool          // people can sign in by them, where the site has a name
	TokenMaxAge    time.Duration // after which new tokens end; 0: never
	Contact        string        // for who finds a fault: a mailto: or https: address; empty: the project's
}

// Server answers the API and the site.
type Server struct {
	Options
	secure  bool // the site is https
	key     []byte
	print   store.Print
	page    *page.Renderer
	names   board.Names
	ranks   *board.Ranks
	stats   statsCache
	besides *kept.Values[besideKey, beside]
	rasters rasters
	parts   partsCache
	journal sync.Mutex
	limiter *limiter
	lookups store.Turn // of user codes
	ways    ways
	prices  document
	// pricingKey is published; signature is of prices by its other half.
	pricingKey, signature string
	openAPI               document
	handler               http.Handler
	month                 atomic.Pointer[dayBoard] // see monthBoard
	closing               atomic.Bool
	uploaded              atomic.Int64            // when the last upload was stored, in nanoseconds since 1970
	lagging               atomic.Pointer[lagging] // see lag
}

// New returns a server. KeepHouse is what it does besides answering.
func New(ctx context.Context, o Options) (*Server, error) {
	if !ValidSite(o.Site) {
		return nil, fmt.Errorf("site %q is not an origin such as https://tokenflex.example", o.Site)
	}
	s := &Server{Options: o, secure: strings.HasPrefix(o.Site, "https:"), limiter: newLimiter(o.Limits, o.Store), besides: kept.New[besideKey, beside](maxBesides, besideFor, o.Now),
		rasters: newRasters(o.Now), lookups: store.NewTurn()}
	if s.Metrics == nil {
		s.Metrics = NewMetrics(o.Store, o.Now)
	}
	s.Lines.Prices = o.Prices
	s.ranks = board.NewRanks(o.Store, o.Now)
	s.names = board.Names{Store: o.Store, Knows: o.Prices.Knows}
	var err error
	if s.key, err = o.Store.Secret(ctx, "server"); err != nil {
		return nil, fmt.Errorf("read the server's key: %w", err)
	}
	s.print = accept.Printer(s.key)
	if s.page, err = page.New(); err != nil {
		return nil, err
	}
	if s.ways, err = s.newWays(); err != nil {
		return nil, err
	}
	if err := s.signPrices(ctx); err != nil {
		return nil, err
	}
	s.openAPI = newDocument("application/json", openAPI)
	s.handler = s.middleware(s.mux())
	return s, nil
}

// ValidSite reports whether s is an origin: a scheme, a host, and nothing behind them.
func ValidSite(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.Path == "" && u.RawQuery == ""
}

// OpenAPI is the description of the API.
func OpenAPI() []byte { return openAPI }

// price sets the days' costs by the server's own book. What a client says about money has no field to arrive in.
func (s *Server) price(days []usage.Day) {
	s.Prices.Price(days)
	for i := range days {
		if !days[i].Priced {
			days[i].Cost = 0
		}
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Drain makes every connection end with its next answer, and makes the server say that it is not ready, so that a balancer sends nobody new.
func (s *Server) Drain() { s.closing.Store(true) }
