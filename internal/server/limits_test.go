package server

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/wire"
)

// One request too many is refused, and let in exactly when the answer said.
func TestLimitsSayWhenToComeBack(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	token := b.token(b.account("mira", store.Public), "studio")
	for _, tt := range []struct {
		name  string
		burst int
		ask   func() (int, string)
	}{
		{"uploads", 10, func() (int, string) {
			w := b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-20", "codex", 1, 1)))
			return w.Code, w.Header().Get("Retry-After")
		}},
		{"device codes", 10, func() (int, string) {
			w := b.ask("POST", wire.PathDeviceCode, "", form("client_id", "nobody"))
			return w.Code, w.Header().Get("Retry-After")
		}},
		{"links", 10, func() (int, string) {
			w := b.ask("POST", "/signin/guess", "", "")
			return w.Code, w.Header().Get("Retry-After")
		}},
		{"pages", 120, func() (int, string) {
			w := b.ask("GET", "/connect", "", "")
			return w.Code, w.Header().Get("Retry-After")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.wait(24 * time.Hour) // whatever was asked before is forgotten
			for i := range tt.burst {
				if code, _ := tt.ask(); code == http.StatusTooManyRequests {
					t.Fatalf("request %d was refused", i+1)
				}
			}
			code, after := tt.ask()
			s, err := strconv.Atoi(after)
			if code != http.StatusTooManyRequests || err != nil || s < 1 {
				t.Fatalf("request %d: %d, Retry-After %q", tt.burst+1, code, after)
			}
			b.wait(time.Duration(s) * time.Second)
			if code, _ := tt.ask(); code == http.StatusTooManyRequests {
				t.Error("refused again after the wait")
			}
		})
	}
	if w := b.ask("GET", "/healthz", "", ""); w.Code != http.StatusOK {
		t.Errorf("probes are limited: %d", w.Code)
	}
}

// Two servers of one database keep one limit between them, and both say the same second. Fails where each counts alone.
func TestLimitsAreShared(t *testing.T) {
	cluster := postgresql(t)
	name := cluster.Database(t)
	var servers []*bench
	for range 2 {
		db, err := postgres.Open(t.Context(), cluster.DSN(postgres.App, name), func() time.Time { return noon })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		servers = append(servers, newBench(t, func(o *Options) { o.Limits, o.Store = DefaultLimits(), db }))
	}
	for _, tt := range []struct {
		name, method, path string
		burst              int
	}{{"codes", "POST", wire.PathDeviceCode, 10}, {"links", "POST", "/signin/guess", 10}, {"pages", "GET", "/connect", 120}} {
		for _, s := range servers { // whatever was asked before is forgotten
			s.wait(24 * time.Hour)
		}
		for i := range tt.burst {
			if w := servers[i%2].ask(tt.method, tt.path, "", form("client_id", "x")); w.Code == http.StatusTooManyRequests {
				t.Fatalf("%s: request %d was refused", tt.name, i+1)
			}
		}
		var after []string
		for _, s := range servers {
			w := s.ask(tt.method, tt.path, "", form("client_id", "x"))
			if w.Code != http.StatusTooManyRequests || w.Header().Get("RateLimit") == "" {
				t.Errorf("%s: request %d: status %d", tt.name, tt.burst+1, w.Code)
			}
			after = append(after, w.Header().Get("Retry-After"))
		}
		wait, err := strconv.Atoi(after[0])
		if err != nil || after[0] != after[1] {
			t.Fatalf("%s: Retry-After %v", tt.name, after)
		}
		for _, s := range servers {
			s.wait(time.Duration(wait)*time.Second - time.Millisecond)
		}
		every := map[string]time.Duration{"codes": 6 * time.Minute, "pages": time.Second / 2, "links": time.Minute}[tt.name]
		if w := servers[0].ask(tt.method, tt.path, "", form("client_id", "x")); every >= time.Second && w.Code != http.StatusTooManyRequests {
			t.Errorf("%s: let in a millisecond too early", tt.name)
		}
		for _, s := range servers {
			s.wait(time.Millisecond)
		}
		if w := servers[1].ask(tt.method, tt.path, "", form("client_id", "x")); w.Code == http.StatusTooManyRequests {
			t.Errorf("%s: refused after the wait", tt.name)
		}
	}
}

// counted is a store that others count in too, and how often it is asked to.
type counted struct {
	store.Store
	takes int
}

func (c *counted) Take(ctx context.Context, q store.Quota, n int, at time.Time) (store.Allowance, error) {
	c.takes++
	return c.Store.Take(ctx, q, n, at)
}
func (c *counted) Shared() bool { return true }

// Who reads a lot costs a shared store a statement for every tenth request, and gets no more for that than the limit, whenever they ask.
// Fails where each request is counted there, or what was taken ahead lasts for ever.
func TestReadersAreCountedAhead(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	c := &counted{Store: b.store}
	b.s.limiter.quotas = c
	read := func() bool { return b.ask("GET", "/connect", "", "").Code == http.StatusOK }
	for i := range 120 {
		if !read() {
			t.Fatalf("request %d was refused", i+1)
		}
	}
	if c.takes != 12 {
		t.Errorf("%d statements for 120 requests", c.takes)
	}
	if read() {
		t.Error("more than the limit were let through")
	}
	b.wait(time.Minute)
	if !read() { // takes ten, nine of which nobody uses
		t.Fatal("refused after a minute")
	}
	b.wait(5 * time.Second) // in which they would have come back
	n := 0
	for read() {
		n++
	}
	if n != 120 {
		t.Errorf("%d were let through at once, want 120", n)
	}
}

// slowly is a store that takes its time to count.
type slowly struct{ store.Store }

func (s slowly) Take(ctx context.Context, q store.Quota, n int, at time.Time) (store.Allowance, error) {
	time.Sleep(5 * time.Millisecond)
	return s.Store.Take(ctx, q, n, at)
}
func (slowly) Shared() bool { return true }

// Of many who read at once as many are let in as of those who read one after the other. Fails where each of them takes ahead for itself:
// of 100 at once half were refused.
func TestReadersAtOnceGetTheWholeLimit(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	b.s.limiter.quotas = slowly{b.store}
	var let atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if b.ask("GET", "/connect", "", "").Code == http.StatusOK {
				let.Add(1)
			}
		})
	}
	all.Wait()
	if n := let.Load(); n != 120 {
		t.Errorf("%d of 200 were let in at once, want 120", n)
	}
	b.wait(time.Minute)
	late := b.at
	b.want(http.StatusOK, b.ask("GET", "/connect", "", ""))
	b.wait(-time.Millisecond) // whoever was asked before, and comes after: what was taken then is for them too
	b.want(http.StatusOK, b.ask("GET", "/connect", "", ""))
	if left := b.s.limiter.advances[bucket{"anonymous", "192.0.2.1/32"}].left; left != 8 {
		t.Errorf("of ten taken at %s %d are left for two", late, left)
	}
	if n := len(b.s.limiter.takers); n > 0 {
		t.Errorf("%d still wait for their turn", n)
	}
}

// silent is a store that can count nothing.
type silent struct{ store.Store }

func (silent) Take(context.Context, store.Quota, int, time.Time) (store.Allowance, error) {
	return store.Allowance{}, store.ErrBusy
}
func (silent) Shared() bool { return true }

// PutDays counts and writes at once, or not at all.
func (s silent) PutDays(ctx context.Context, who store.Actor, up store.Upload) (store.Receipt, error) {
	if len(up.Charges) > 0 {
		return store.Receipt{}, store.ErrBusy
	}
	return s.Store.PutDays(ctx, who, up)
}

// Where the store cannot count, people go on reading, and nobody signs in, pairs or uploads. Fails if either is let go the other way.
func TestLimitsWithoutAStore(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	token, cookie, link := b.token(mira, "studio"), b.signIn(mira), b.link(mira)
	b.s.limiter.quotas, b.s.Store = silent{b.store}, silent{b.store}
	b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard, "", ""))
	b.want(http.StatusOK, b.ask("GET", wire.PathMe, token, ""))
	b.want(http.StatusServiceUnavailable, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, row("2026-11-20", "codex", 1, 1))))
	b.want(http.StatusServiceUnavailable, b.ask("POST", link, "", ""))
	if w := b.ask("POST", wire.PathDeviceCode, "", form("client_id", wire.ClientID)); w.Code == http.StatusOK {
		t.Error("a code was given out")
	}
	if w := b.ask("POST", "/device/lookup", cookie, form("user_code", "BBBBBBBB")); w.Code == http.StatusUnprocessableEntity {
		t.Error("a guess was answered")
	}
}

// Once its history is there, an account sends no more rows than a day can have. Fails without takeRows.
func TestRowsOfADay(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits.Rows = Limit{"rows", time.Hour, 3, false} })
	token := b.token(b.account("mira", store.Private), "studio")
	rows := func(n int) string {
		var all []wire.Day
		for i := range n {
			all = append(all, row("2026-11-20", "codex", 1000*b.seq, 1))
			all[i].Model = "m" + strconv.Itoa(i)
		}
		return b.body(wire.Max, all...)
	}
	for range 3 {
		b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, rows(3))) // new devices have a history
	}
	b.wait(NewDevice)
	b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, rows(3)))
	w := b.want(http.StatusTooManyRequests, b.ask("POST", wire.PathUsage, token, rows(2)))
	if w.Header().Get("Retry-After") != "7200" {
		t.Errorf("Retry-After %s", w.Header().Get("Retry-After"))
	}
	b.wait(2 * time.Hour)
	b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, rows(2)))
}

func TestAddresses(t *testing.T) {
	proxy := netip.MustParsePrefix("10.0.0.0/8")
	for _, tt := range []struct {
		name, peer, forwarded string
		proxies               []netip.Prefix
		want                  address
	}{
		{"IPv4", "203.0.113.9:1", "", nil, address{"203.0.113.9/32", "203.0.113.0/24"}},
		{"IPv6: a customer has a /64", "[2001:db8:1:2:3:4:5:6]:1", "", nil, address{"2001:db8:1:2::/64", "2001:db8:1::/48"}},
		{"IPv4 written as IPv6", "[::ffff:203.0.113.9]:1", "", nil, address{"203.0.113.9/32", "203.0.113.0/24"}},
		{"anybody can claim to be forwarded", "203.0.113.9:1", "198.51.100.1", nil, address{"203.0.113.9/32", "203.0.113.0/24"}},
		{"a proxy is believed", "10.0.0.1:1", "198.51.100.1", []netip.Prefix{proxy}, address{"198.51.100.1/32", "198.51.100.0/24"}},
		{"a chain of proxies", "10.0.0.1:1", "6.6.6.6, 198.51.100.1, 10.0.0.2", []netip.Prefix{proxy}, address{"198.51.100.1/32", "198.51.100.0/24"}},
		{"a proxy that writes ports", "10.0.0.1:1", "6.6.6.6, 198.51.100.1:4711", []netip.Prefix{proxy}, address{"198.51.100.1/32", "198.51.100.0/24"}},
		{"a proxy that writes ports behind IPv6", "10.0.0.1:1", "[2001:db8:1:2:3:4:5:6]:4711", []netip.Prefix{proxy}, address{"2001:db8:1:2::/64", "2001:db8:1::/48"}},
		{"a proxy that writes brackets", "10.0.0.1:1", "[2001:db8:1:2:3:4:5:6]", []netip.Prefix{proxy}, address{"2001:db8:1:2::/64", "2001:db8:1::/48"}},
		{"a proxy that says nothing", "10.0.0.1:1", "", []netip.Prefix{proxy}, address{"10.0.0.1/32", "10.0.0.0/24"}},
		{"a proxy that passes nonsense", "10.0.0.1:1", "unknown", []netip.Prefix{proxy}, address{"10.0.0.1/32", "10.0.0.0/24"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Server{Options: Options{Proxies: tt.proxies}}
			r, err := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.RemoteAddr = tt.peer
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			if got := s.addressOf(r); got != tt.want {
				t.Errorf("address %+v, want %+v", got, tt.want)
			}
		})
	}
}

// With every place taken, requests are turned away at once; probes are not.
func TestTooManyAtOnce(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits.InFlight = 1 })
	b.s.limiter.enter(public)
	if w := b.ask("GET", wire.PathLeaderboard, "", ""); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d", w.Code)
	}
	b.want(http.StatusOK, b.ask("GET", "/readyz", "", ""))
	b.s.limiter.leave()
	b.want(http.StatusOK, b.ask("GET", wire.PathLeaderboard, "", ""))
}

// Those who are refused in one moment, since there is too much to do, come back in several.
func TestTheBusyAreSpread(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits.InFlight = 0 })
	waits := make(map[int]bool)
	for range 60 {
		w := b.want(http.StatusServiceUnavailable, b.ask("GET", wire.PathSources, "", ""))
		s, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if err != nil || s < 1 || s > 5 {
			t.Fatalf("Retry-After %q", w.Header().Get("Retry-After"))
		}
		waits[s] = true
	}
	if len(waits) < 3 {
		t.Errorf("all come back after %v seconds", waits)
	}
}

func TestDrainingServersAreNotReady(t *testing.T) {
	b := newBench(t)
	b.s.Drain()
	b.want(http.StatusServiceUnavailable, b.ask("GET", "/readyz", "", ""))
	b.want(http.StatusOK, b.ask("GET", "/healthz", "", ""))
}

// A handler that panics costs its own request alone, and its answer says nothing but the request's id.
func TestPanics(t *testing.T) {
	b := newBench(t)
	mux := http.NewServeMux()
	mux.Handle("GET /boom", b.s.serve(route{"GET /boom", public, func(http.ResponseWriter, *http.Request) error { panic("secret") }, nil}))
	b.s.handler = b.s.middleware(mux)
	p := decode[wire.Problem](b, b.want(http.StatusInternalServerError, b.ask("GET", "/boom", "", "")))
	if p.Code != wire.Internal || p.Detail != "" || p.Instance == "" {
		t.Errorf("problem %+v", p)
	}
}
