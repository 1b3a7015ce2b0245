package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/auth/oidctest"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

var mira = oidctest.Person{Subject: "s-1", Username: "Mira.K@corp.example", Email: "mira@corp.example", Verified: true, Groups: []string{"eng"}}

const company = "/signin/with/company"

// elsewhere runs a provider and a server that signs people in by it.
func elsewhere(t *testing.T, change ...func(*Options, *auth.ProviderConfig)) (*bench, *oidctest.Provider) {
	t.Helper()
	idp := provider(t)
	return serverOf(t, idp, change...), idp
}

// provider runs a provider that everybody is mira at.
func provider(t *testing.T) *oidctest.Provider {
	t.Helper()
	idp := oidctest.Start(t, "http://tokenflex.example"+company+"/back")
	idp.Be(mira)
	return idp
}

// serverOf is a server that signs people in by the provider.
func serverOf(t *testing.T, idp *oidctest.Provider, change ...func(*Options, *auth.ProviderConfig)) *bench {
	t.Helper()
	return newBench(t, func(o *Options) {
		c := auth.ProviderConfig{ID: "company", Name: "Company", Issuer: idp.URL, ClientID: oidctest.ClientID, Secret: oidctest.Secret}
		o.Now, o.SignUp = time.Now, auth.SignUpOpen
		for _, f := range change {
			f(o, &c)
		}
		p, err := auth.NewOIDC(c, o.Now)
		if err != nil {
			t.Fatal(err)
		}
		o.Providers = append(o.Providers, p)
	})
}

// browse is somebody's browser: it keeps cookies, and follows what leaves this site.
type browse struct {
	*bench
	cookies map[string]string
}

func (b *bench) browser() *browse { return &browse{b, make(map[string]string)} }

func (w *browse) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	var all []string
	for name, value := range w.cookies {
		all = append(all, name+"="+value)
	}
	answer := w.ask(method, path, strings.Join(all, "; "), body, headers...)
	for _, c := range answer.Result().Cookies() {
		w.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(w.cookies, c.Name)
		}
	}
	return answer
}

// away follows the answer's address elsewhere until it leads back here, and returns where.
func (w *browse) away(answer *httptest.ResponseRecorder) string {
	w.t.Helper()
	w.want(http.StatusSeeOther, answer)
	at, hop := answer.Header().Get("Location"), http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for range 5 {
		got, err := hop.Get(at)
		if err != nil {
			w.t.Fatal(err)
		}
		got.Body.Close()
		to, err := got.Location()
		if err != nil {
			w.t.Fatalf("%s answers %d: %v", at, got.StatusCode, err)
		}
		if at = to.String(); strings.HasPrefix(at, "http://tokenflex.example") {
			return strings.TrimPrefix(at, "http://tokenflex.example")
		}
	}
	w.t.Fatalf("it ends at %s", at)
	return ""
}

// goesTo checks where an answer leads.
func (w *browse) goesTo(path string, answer *httptest.ResponseRecorder) {
	w.t.Helper()
	if got := w.want(http.StatusSeeOther, answer).Header().Get("Location"); got != path {
		w.t.Fatalf("goes on to %q, want %q", got, path)
	}
}

func (w *browse) who() string { return w.actor().Handle }

// actor is who the browser is signed in as, with its session; nobody if it is not.
func (w *browse) actor() store.Actor {
	a, err := w.store.SessionActor(context.Background(), store.HashOf(w.cookies["tokenflex"]), w.s.Now())
	if err != nil {
		return store.Actor{}
	}
	return a
}

func TestSigningInAtAnIssuer(t *testing.T) {
	b, idp := elsewhere(t)
	w := b.browser()
	if text := w.want(200, w.send("GET", "/signin", "")).Body.String(); !strings.Contains(text, `href="`+company+`"`) || !strings.Contains(text, "Company") {
		t.Error("the page does not offer the company")
	}
	w.goesTo("/signin/new", w.send("GET", w.away(w.send("GET", company+"?next=/device", "")), ""))
	if w.who() != "" {
		t.Fatal("signed in without an account")
	}
	if text := w.want(200, w.send("GET", "/signin/new", "")).Body.String(); !strings.Contains(text, `value="mira-k"`) {
		t.Errorf("suggests no handle:\n%s", text)
	}
	for _, bad := range []string{"", "Mira", "admin", "settings"} {
		w.want(422, w.send("POST", "/signin/new", form("handle", bad)))
	}
	w.goesTo("/device", w.send("POST", "/signin/new", form("handle", "mira")))
	if w.who() != "mira" {
		t.Fatalf("signed in as %q", w.who())
	}
	if w.want(303, w.send("POST", "/signin/new", form("handle", "mira-2"))); w.who() != "mira" {
		t.Error("one arrival made two accounts")
	}
	// The subject is who they are, whatever else changes.
	idp.Be(oidctest.Person{Subject: mira.Subject, Username: "renamed", Email: "x@corp.example"})
	again := b.browser()
	again.goesTo("/settings", again.send("GET", again.away(again.send("GET", company, "")), ""))
	if again.who() != "mira" {
		t.Errorf("signed in as %q", again.who())
	}
	idp.Be(oidctest.Person{Subject: "s-2", Username: mira.Username, Email: mira.Email, Verified: true})
	other := b.browser()
	other.goesTo("/signin/new", other.send("GET", other.away(other.send("GET", company, "")), ""))
	for _, secret := range []string{mira.Subject, mira.Email, mira.Username, oidctest.Secret} {
		if strings.Contains(b.raw()+b.log.String(), secret) {
			t.Errorf("%q is kept", secret)
		}
	}
}

// Each row is a way back that proves nothing. Without the comparison of the state, of the nonce, of iss or of auth_time, each
// taken out once, a row of it signs somebody in.
func TestWaysBackThatProveNothing(t *testing.T) {
	b, idp := elsewhere(t)
	idp.Be(mira)
	w := b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	for _, tt := range []struct {
		name   string
		twist  oidctest.Twist
		change func(w *browse, back string) string // of the way back
	}{
		{"another state", oidctest.Twist{}, func(_ *browse, back string) string { return swap(back, "state", auth.NewSecret()) }},
		{"no state", oidctest.Twist{}, func(_ *browse, back string) string { return swap(back, "state", "") }},
		{"a state twice", oidctest.Twist{}, func(_ *browse, back string) string { return back + "&state=x" }},
		{"no code", oidctest.Twist{}, func(_ *browse, back string) string { return swap(back, "code", "") }},
		{"a made-up code", oidctest.Twist{}, func(_ *browse, back string) string { return swap(back, "code", "x") }},
		{"another's browser", oidctest.Twist{}, func(w *browse, back string) string { w.cookies = map[string]string{}; return back }},
		{"a cookie that was changed", oidctest.Twist{}, func(w *browse, back string) string {
			old := w.cookies["tokenflex-flow"]
			w.cookies["tokenflex-flow"] = string(rune(old[0]^1)) + old[1:]
			return back
		}},
		{"another issuer's word", oidctest.Twist{}, func(_ *browse, back string) string { return back + "&iss=https%3A%2F%2Fevil.example" }},
		{"another nonce", oidctest.Twist{Nonce: "x"}, nil},
		{"another audience", oidctest.Twist{Client: "another client"}, nil},
		{"a profile of somebody else", oidctest.Twist{About: "s-2"}, nil},
		{"a token that is over", oidctest.Twist{Lifetime: -2 * time.Hour}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			idp.Lie(tt.twist)
			w := b.browser()
			back := w.away(w.send("GET", company, ""))
			if tt.change != nil {
				back = tt.change(w, back)
			}
			answer := w.want(http.StatusBadRequest, w.send("GET", back, ""))
			if w.who() != "" || !strings.Contains(answer.Body.String(), "Nobody was signed in") {
				t.Errorf("signed in as %q: %s", w.who(), answer.Body)
			}
		})
	}
}

func swap(back, name, value string) string {
	u, err := url.Parse(back)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// A way back is good once, even with the cookie that it began with, and not for long.
func TestWaysBackAreGoodOnce(t *testing.T) {
	late := time.Duration(0)
	b, _ := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.Now = func() time.Time { return time.Now().Add(late) } })
	w := b.browser()
	back := w.away(w.send("GET", company, ""))
	kept := w.cookies["tokenflex-flow"]
	w.goesTo("/signin/new", w.send("GET", back, ""))
	w.want(http.StatusBadRequest, w.send("GET", back, ""))
	w.cookies["tokenflex-flow"] = kept
	w.want(http.StatusBadRequest, w.send("GET", back, ""))

	// Nor is it good after one that was declined, though its code was never used. Fails where the flow is not spent.
	w = b.browser()
	back = w.away(w.send("GET", company, ""))
	kept = w.cookies["tokenflex-flow"]
	w.want(http.StatusForbidden, w.send("GET", swap(swap(back, "code", ""), "error", "access_denied"), ""))
	w.cookies["tokenflex-flow"] = kept
	w.want(http.StatusBadRequest, w.send("GET", back, ""))

	w = b.browser()
	back = w.away(w.send("GET", company, ""))
	late = 11 * time.Minute
	w.want(http.StatusBadRequest, w.send("GET", back, ""))
}

// A code of one issuer is worth nothing at another's address.
func TestIssuersAreNotMixedUp(t *testing.T) {
	second := oidctest.Start(t, "http://tokenflex.example/signin/with/second/back")
	second.Be(mira)
	b, _ := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) {
		p, err := auth.NewOIDC(auth.ProviderConfig{ID: "second", Name: "Second", Issuer: second.URL, ClientID: oidctest.ClientID, Secret: oidctest.Secret}, o.Now)
		if err != nil {
			t.Fatal(err)
		}
		o.Providers = append(o.Providers, p)
	})
	w := b.browser()
	back := w.away(w.send("GET", company, ""))
	w.want(http.StatusBadRequest, w.send("GET", strings.Replace(back, "/company/", "/second/", 1), ""))
	// The same subject at two issuers is two people.
	w = b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	w = b.browser()
	w.goesTo("/signin/new", w.send("GET", w.away(w.send("GET", "/signin/with/second", "")), ""))
}

// It fails where an address that is not verified counts.
func TestListsOfAnIssuer(t *testing.T) {
	idp := provider(t)
	for _, tt := range []struct {
		name            string
		domains, groups []string
		who             oidctest.Person
		status          int
	}{
		{"of the domain", []string{"corp.example"}, nil, mira, 303},
		{"the domain in capitals", []string{"CORP.example"}, nil, mira, 303},
		{"of another domain", []string{"other.example"}, nil, mira, 403},
		{"of a domain that ends alike", []string{"orp.example"}, nil, mira, 403},
		{"of a domain below", []string{"example"}, nil, mira, 403},
		{"not verified", []string{"corp.example"}, nil, oidctest.Person{Subject: "s-1", Username: "m", Email: "mira@corp.example"}, 403},
		{"no mail", []string{"corp.example"}, nil, oidctest.Person{Subject: "s-1", Username: "m", Verified: true}, 403},
		{"in the group", nil, []string{"ops", "eng"}, mira, 303},
		{"in no group of the list", nil, []string{"ops"}, mira, 403},
		{"in no group", nil, []string{"eng"}, oidctest.Person{Subject: "s-1", Username: "m"}, 403},
		{"both", []string{"corp.example"}, []string{"eng"}, mira, 303},
		{"one of both", []string{"corp.example"}, []string{"ops"}, mira, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := serverOf(t, idp, func(o *Options, c *auth.ProviderConfig) {
				o.SignUp, c.Domains, c.Groups = auth.SignUpListed, tt.domains, tt.groups
			})
			idp.Be(tt.who)
			w := b.browser()
			w.want(tt.status, w.send("GET", w.away(w.send("GET", company, "")), ""))
		})
	}
}

// Nobody new comes in unless the policy says so, and whoever is off the list later is out.
func TestWhoGetsAnAccount(t *testing.T) {
	idp := provider(t)
	for _, tt := range []struct {
		policy auth.SignUp
		listed bool
		status int
	}{{auth.SignUpClosed, true, 403}, {auth.SignUpListed, false, 403}, {auth.SignUpListed, true, 303}, {auth.SignUpOpen, false, 303}} {
		b := serverOf(t, idp, func(o *Options, c *auth.ProviderConfig) {
			o.SignUp = tt.policy
			if tt.listed {
				c.Groups = []string{"eng"}
			}
		})
		w := b.browser()
		if got := w.send("GET", w.away(w.send("GET", company, "")), "").Code; got != tt.status {
			t.Errorf("policy %d, listed %v: %d, want %d", tt.policy, tt.listed, got, tt.status)
		}
	}
	b := serverOf(t, idp, func(_ *Options, c *auth.ProviderConfig) { c.Groups = []string{"eng"} })
	w := b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	left := mira
	left.Groups = nil
	idp.Be(left)
	w = b.browser()
	w.want(403, w.send("GET", w.away(w.send("GET", company, "")), ""))
}

// Nobody else's page begins a sign-in here, and nobody's account gets an identity but by its owner's press. It fails without
// the look at Sec-Fetch-Site and without the ticket's session, each taken out once.
func TestForgedBeginnings(t *testing.T) {
	b, _ := elsewhere(t)
	w := b.browser()
	for _, from := range []string{"cross-site", "same-site"} {
		w.goesTo("/signin", w.send("GET", company, "", "Sec-Fetch-Site", from))
	}
	adam := b.account("adam", store.Private)
	cookie := strings.SplitN(b.signIn(adam), "=", 2)
	w.cookies[cookie[0]] = cookie[1]
	settings := w.want(200, w.send("GET", "/settings", "")).Body.String()
	i := strings.Index(settings, company+"?link=")
	link := settings[i : i+strings.Index(settings[i:], `"`)]

	victim := b.browser()
	other := strings.SplitN(b.signIn(b.account("vera", store.Private)), "=", 2)
	victim.cookies[other[0]] = other[1]
	victim.goesTo("/signin?next=%2Fsettings%23ways", victim.send("GET", link, "")) // a ticket of adam's
	victim.goesTo("/signin?next=%2Fsettings%23ways", victim.send("GET", company+"?link=x", ""))

	w.goesTo("/settings?done=linked#ways", w.send("GET", w.away(w.send("GET", link, "")), ""))
	fresh := b.browser()
	fresh.goesTo("/settings", fresh.send("GET", fresh.away(fresh.send("GET", company, "")), ""))
	if fresh.who() != "adam" {
		t.Errorf("the linked identity signs in as %q", fresh.who())
	}
	// The same identity for another account.
	settings = victim.want(200, victim.send("GET", "/settings", "")).Body.String()
	i = strings.Index(settings, company+"?link=")
	link = settings[i : i+strings.Index(settings[i:], `"`)]
	victim.goesTo("/settings?wrong=linked#ways", victim.send("GET", victim.away(victim.send("GET", link, "")), ""))
	identities, err := b.store.IdentitiesOf(t.Context(), fresh.actor())
	if err != nil || len(identities) != 1 {
		t.Fatal(identities, err)
	}
	fresh.goesTo("/settings?wrong=last#ways", fresh.send("POST", "/settings/ways/"+identities[0].ID+"/revoke", ""))
}

// Where somebody goes on to stays on this site.
func TestNextStaysHere(t *testing.T) {
	b, _ := elsewhere(t)
	w := b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	for next, want := range map[string]string{"/u/mira?year=2026": "/u/mira?year=2026", "//evil.example": "/settings", "https://evil.example": "/settings",
		`/\evil.example`: "/settings", "/\tx": "/settings", "": "/settings"} {
		w := b.browser()
		w.goesTo(want, w.send("GET", w.away(w.send("GET", company+"?"+form("next", next), "")), ""))
	}
}

// Signing in changes the session, and proving it once more does too. It fails where the session before lives on.
func TestSigningInElsewhereChangesTheSession(t *testing.T) {
	late := time.Duration(0)
	b, idp := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.Now = func() time.Time { return time.Now().Add(late) } })
	w := b.browser()
	w.cookies["tokenflex"] = strings.Repeat("A", 43)
	planted := w.cookies["tokenflex"]
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	first := w.cookies["tokenflex"]
	if first == planted {
		t.Error("a planted session was taken")
	}
	late = 11 * time.Minute
	w.goesTo("/signin?next=%2Fsettings%23ways", w.send("POST", "/settings/ways/x/revoke", ""))
	if text := w.want(200, w.send("GET", "/signin?next=%2Fsettings%23ways", "")).Body.String(); !strings.Contains(text, "Still you?") || !strings.Contains(text, "mira") {
		t.Error("it does not ask again")
	}
	// Somebody who has been signed in there for long proves nothing anew.
	idp.Lie(oidctest.Twist{AuthTime: time.Now().Add(-time.Hour)})
	w.want(http.StatusBadRequest, w.send("GET", w.away(w.send("GET", company+"?next=/settings%23ways", "")), ""))
	idp.Lie(oidctest.Twist{AuthTime: time.Now().Add(late)})
	w.goesTo("/settings#ways", w.send("GET", w.away(w.send("GET", company+"?next=/settings%23ways", "")), ""))
	if w.cookies["tokenflex"] == first {
		t.Error("proving it once more kept the session")
	}
	old := b.browser()
	old.cookies["tokenflex"] = first
	if old.who() != "" {
		t.Error("the session before is alive")
	}
}

// A provider that is down, or answers nonsense, is a page that says so.
func TestProvidersThatFail(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"down": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"another issuer": func(w http.ResponseWriter, _ *http.Request) {
			json.NewEncoder(w).Encode(map[string]string{"issuer": "https://evil.example"})
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for range 65 {
				w.Write(make([]byte, 1<<16))
			}
		},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there", http.StatusFound) },
	} {
		broken := httptest.NewServer(answer)
		defer broken.Close()
		b := newBench(t, func(o *Options) {
			p, err := auth.NewOIDC(auth.ProviderConfig{ID: "company", Name: "Company", Issuer: broken.URL, ClientID: "x", Secret: "y"}, o.Now)
			if err != nil {
				t.Fatal(err)
			}
			o.Providers = []auth.Provider{p}
		})
		if w := b.ask("GET", company, "", ""); w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "No answer from there") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// The proxy's header is the proxy's alone. It fails where any peer will do.
func TestProxyUser(t *testing.T) {
	for _, tt := range []struct {
		name   string
		from   string
		header []string
		status int
	}{
		{"the proxy", "192.0.2.0/24", []string{"Remote-User", "mira@corp.example"}, 303}, // httptest's requests come from 192.0.2.1
		{"somebody else", "198.51.100.0/24", []string{"Remote-User", "mira@corp.example"}, 404},
		{"through somebody else", "198.51.100.0/24", []string{"Remote-User", "mira", "X-Forwarded-For", "198.51.100.7"}, 404},
		{"nobody", "192.0.2.0/24", nil, 404},
		{"another header", "192.0.2.0/24", []string{"X-Remote-User", "mira"}, 404},
	} {
		b := newBench(t, func(o *Options) {
			o.SignUp = auth.SignUpOpen
			o.ProxyUser = ProxyUser{Header: "Remote-User", Name: "Single sign-on", From: []netip.Prefix{netip.MustParsePrefix(tt.from)}}
		})
		w := b.browser()
		text := w.want(200, w.send("GET", "/signin", "", tt.header...)).Body.String()
		if strings.Contains(text, page.PathSignInUser) != (tt.status == 303) {
			t.Errorf("%s: the page offers it, or not: %s", tt.name, text)
		}
		if got := w.send("POST", "/signin/user", "", tt.header...).Code; got != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.status)
		}
		if tt.status == 303 {
			w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
			again := b.browser()
			again.goesTo("/device", again.send("POST", "/signin/user", form("next", "/device"), tt.header...))
			if again.who() != "mira" {
				t.Errorf("signed in as %q", again.who())
			}
			if b.browser().send("POST", "/signin/user", "", append(tt.header, "Sec-Fetch-Site", "cross-site")...).Code != 403 {
				t.Error("another site signs somebody in")
			}
		}
	}
}

// Every cookie of a secure site is this host's alone, travels by https alone, is hidden from scripts and from requests of other sites,
// also when it is taken away: sessions, what is kept on the way to an issuer, and colours.
func TestCookiesOfASecureSite(t *testing.T) {
	b, _ := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.Site = "https://tokenflex.example" })
	mira := b.account("mira", store.Private)
	w := b.browser()
	seen := make(map[string]bool)
	for _, answer := range []*httptest.ResponseRecorder{
		w.send("POST", b.link(mira), ""), w.send("GET", company, ""), w.send("GET", company+"/back?state=x", ""),
		w.send("POST", "/theme", form("theme", "dark")), w.send("POST", "/theme", form("theme", "auto")), w.send("POST", "/signout", ""),
	} {
		for _, c := range answer.Result().Cookies() {
			seen[fmt.Sprint(c.Name, c.MaxAge > 0)] = true
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge == 0 {
				t.Errorf("%s", c)
			}
			if c.Name != page.ThemeCookie && !strings.HasPrefix(c.Name, "__Host-tokenflex") {
				t.Errorf("%s is not bound to this host", c.Name)
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("seen were %v", seen)
	}
}

// Whoever came while accounts were to be had gets none once they are not. Fails where only arriving looks at the policy.
func TestSignUpClosesMeanwhile(t *testing.T) {
	b, _ := elsewhere(t)
	w := b.browser()
	w.goesTo("/signin/new", w.send("GET", w.away(w.send("GET", company, "")), ""))
	b.s.SignUp = auth.SignUpClosed
	w.want(http.StatusForbidden, w.send("POST", "/signin/new", form("handle", "mira")))
	if _, err := b.store.UserByHandle(t.Context(), "mira"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the account was made: %v", err)
	}
}

// Two users in one request are none, and nobody's name is endless: a client that smuggles a header past the proxy adds one.
func TestProxyUsersAreOne(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.SignUp = auth.SignUpOpen
		o.ProxyUser = ProxyUser{Header: "Remote-User", Name: "Single sign-on", From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	})
	for _, tt := range []struct {
		users  []string
		status int
	}{
		{[]string{strings.Repeat("m", 255)}, 303}, {[]string{"admin", "mira"}, 404}, {[]string{"mira", "mira"}, 404}, {[]string{strings.Repeat("m", 256)}, 404}, {[]string{""}, 404},
	} {
		r := httptest.NewRequest("POST", "http://tokenflex.example/signin/user", nil)
		r.Header["Remote-User"] = tt.users
		w := httptest.NewRecorder()
		b.s.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%d users of %d letters: %d", len(tt.users), len(tt.users[0]), w.Code)
		}
	}
}

// A question to authenticators is good once, whatever was answered to it: those of passkeys that are synchronised count nothing, by
// which a second use would show. Fails where it is not spent.
func TestQuestionsToAuthenticatorsAreGoodOnce(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Passkeys = true })
	text := b.want(http.StatusOK, b.ask("GET", "/signin", "", "")).Body.String()
	_, flow, _ := strings.Cut(text, `name="flow" value="`)
	flow, _, _ = strings.Cut(flow, `"`)
	for i, spent := range []bool{false, true} {
		before := len(b.log.String())
		b.want(http.StatusBadRequest, b.ask("POST", "/signin/passkey", "", form("flow", flow, "answer", "{}")))
		if why := b.log.String()[before:]; strings.Contains(why, store.ErrSpent.Error()) != spent {
			t.Errorf("answer %d: %s", i+1, why)
		}
	}
}

// With a secret that the database does not hold, the database cannot tell who somebody is elsewhere: what it keeps is of no
// use to a server without it.
func TestIdentitiesNeedTheHostsSecret(t *testing.T) {
	b, _ := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.IdentitySecret = strings.Repeat("a", 32) })
	w := b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	o := b.s.Options
	for secret, want := range map[string]string{strings.Repeat("a", 32): "/settings", strings.Repeat("b", 32): "/signin/new", "": "/signin/new"} {
		o.IdentitySecret = secret
		s, err := New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		b.s = s
		w := b.browser()
		w.goesTo(want, w.send("GET", w.away(w.send("GET", company, "")), ""))
	}
}

// Whoever fails again and again waits; whoever comes in is not counted, however many share an address.
func TestFailingToSignIn(t *testing.T) {
	b, _ := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.Limits = DefaultLimits() })
	w := b.browser()
	w.send("GET", w.away(w.send("GET", company, "")), "")
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	for range 15 {
		w := b.browser()
		w.goesTo("/settings", w.send("GET", w.away(w.send("GET", company, "")), ""))
	}
	for i := range 12 {
		answer := b.browser().send("GET", company+"/back?code=x&state=x", "")
		if want := map[bool]int{true: 400, false: 429}[i < b.s.Limits.SignIn.Burst-1]; answer.Code != want { // making the account counted too
			t.Errorf("failure %d: %d, want %d", i+1, answer.Code, want)
		}
	}
}

// The browser carries the flow, so any instance on the same database takes it back; but one of them only.
func TestAnyInstanceTakesAWayBack(t *testing.T) {
	b, _ := elsewhere(t)
	first := b.s
	second, err := New(t.Context(), first.Options)
	if err != nil {
		t.Fatal(err)
	}
	w := b.browser()
	back := w.away(w.send("GET", company, ""))
	kept := w.cookies["tokenflex-flow"]
	b.s = second
	w.goesTo("/signin/new", w.send("GET", back, ""))
	b.s = first
	w.goesTo("/settings", w.send("POST", "/signin/new", form("handle", "mira")))
	w.cookies["tokenflex-flow"] = kept
	w.want(http.StatusBadRequest, w.send("GET", back, ""))
}
