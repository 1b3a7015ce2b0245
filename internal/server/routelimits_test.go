package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// once lets one request of every kind through an hour.
func once() Limits {
	l := DefaultLimits()
	for _, each := range l.all() {
		each.Every, each.Burst = time.Hour, 1
	}
	return l
}

// inPath puts something in the place of what a route leaves open.
var inPath = strings.NewReplacer("{$}", "", "{file}", "mira.svg", "{secret}", "mira", "{id}", "mira", "{provider}", "mira", "{handle}", "mira", "{code}", "mira")

// A second request to any route is refused where the limits let one through, by whatever it counts against: an address, a token, a
// session. Only probes and static files are nobody's limit. Each limit was taken out of its route once.
func TestEveryRouteIsLimited(t *testing.T) {
	for _, r := range (&Server{}).routes() {
		if r.kind == open {
			continue
		}
		method, path, _ := strings.Cut(r.pattern, " ")
		path = inPath.Replace(path)
		b := newBench(t, func(o *Options) { o.Limits = once() })
		mira := b.account("mira", store.Public)
		token, cookie := b.token(mira, "studio"), b.signIn(mira)
		b.wait(3 * time.Hour) // what it took to get here is forgotten
		holders := []string{""}
		switch r.kind {
		case browser:
			holders = []string{"", cookie}
		case bearer:
			holders = []string{token}
		case owner:
			holders = []string{token, cookie}
		}
		for _, as := range holders {
			b.wait(3 * time.Hour)
			var codes []int
			for range 2 {
				codes = append(codes, b.ask(method, path, as, "").Code)
			}
			if codes[0] == http.StatusTooManyRequests || codes[1] != http.StatusTooManyRequests {
				t.Errorf("%s (as %.9q) is answered with %v", r.pattern, as, codes)
			}
		}
	}
}

// What can be tried is bounded apart from pages: links, accounts, answers of providers and of authenticators, exports, tokens that are
// not known. Fails where a route lacks its own limit.
func TestTriesAreLimitedApart(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, body string
		as                       string // session or token
	}{
		{"a link", "POST", "/signin/guess", "", ""},
		{"a new account", "POST", "/signin/new", form("handle", "x"), ""},
		{"an answer of a passkey", "POST", "/signin/passkey", form("flow", "x", "answer", "x"), ""},
		{"an answer of a provider", "GET", company + "/back?state=x&code=x", "", ""},
		{"an export by a page", "GET", "/settings/export", "", "session"},
		{"an export by the API", "GET", wire.PathExport, "", "session"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, func(o *Options) {
				o.Limits, o.Passkeys = once(), true
				o.Limits.Anonymous, o.Limits.Token = DefaultLimits().Anonymous, DefaultLimits().Token
				p, err := auth.NewOIDC(auth.ProviderConfig{ID: "company", Name: "Company", Issuer: "http://127.0.0.1:1", ClientID: "x", Secret: "x"}, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				o.Providers = []auth.Provider{p}
			})
			as := ""
			if tt.as == "session" {
				as = b.signIn(b.account("mira", store.Private))
				b.wait(3 * time.Hour)
			}
			first, second := b.ask(tt.method, tt.path, as, tt.body), b.ask(tt.method, tt.path, as, tt.body)
			if first.Code == http.StatusTooManyRequests || second.Code != http.StatusTooManyRequests || second.Header().Get("Retry-After") == "" {
				t.Errorf("%d, then %d", first.Code, second.Code)
			}
		})
	}
	b := newBench(t, func(o *Options) { o.Limits = once() })
	for _, tt := range [][2]string{{"GET", "/nothing"}, {"GET", "/api/v1/nothing"}, {"PUT", wire.PathUsage}, {"GET", "/u/%00"}} {
		b.wait(time.Hour)
		first, second := b.ask(tt[0], tt[1], "", ""), b.ask(tt[0], tt[1], "", "")
		if first.Code == http.StatusTooManyRequests || second.Code != http.StatusTooManyRequests {
			t.Errorf("%s %s, which is nowhere, is answered with %d, then %d", tt[0], tt[1], first.Code, second.Code)
		}
	}
	b.wait(time.Hour)
	cookie := b.signIn(b.account("mira", store.Private))
	b.wait(time.Hour)
	var w *httptest.ResponseRecorder
	for range 2 {
		b.s.Limits.Token = DefaultLimits().Token
		w = b.ask("PATCH", wire.PathMe, cookie, `{"handle":"admin"}`, "Content-Type", "application/json")
	}
	b.want(http.StatusTooManyRequests, w)
	for _, name := range []string{"Retry-After", "RateLimit", "RateLimit-Policy"} {
		if w.Header().Get(name) == "" {
			t.Errorf("too many handles tried: no %s", name)
		}
	}
	b.wait(time.Hour)
	guess := "tf_live_" + strings.Repeat("0", 49)
	b.want(http.StatusUnauthorized, b.ask("GET", wire.PathMe, guess, ""))
	b.want(http.StatusTooManyRequests, b.ask("GET", wire.PathMe, guess, ""))
}
