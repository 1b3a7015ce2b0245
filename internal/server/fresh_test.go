package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/auth/oidctest"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// What is dangerous wants somebody who has just signed in, each act of it, to the second. Each line fails where its handler takes any
// session.
func TestDangerousActsWantAFreshSession(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Passkeys = true })
	mira := b.account("mira", store.Private)
	for _, tt := range []struct {
		name, method, path, body string
		fresh, stale             int
		to                       string // where a stale one is sent
	}{
		{"a token by the form", "POST", "/settings/tokens", form("name", "x", "days", "1"), 200, 303, "/signin?next=%2Fsettings%23tokens"},
		{"a token by the API", "POST", wire.PathMyTokens, `{"name":"x"}`, 201, 403, ""},
		{"a passkey", "POST", "/settings/passkeys", form("name", "key", "flow", "x", "answer", "x"), 400, 303, "/signin?next=%2Fsettings%23ways"},
		{"taking a way in away", "POST", "/settings/ways/x/revoke", "", 404, 303, "/signin?next=%2Fsettings%23ways"},
		{"erasing by the form", "POST", "/settings/erase", form("confirm", "nobody"), 303, 303, "/signin?next=%2Fsettings%23data"},
		{"erasing by the API", "DELETE", wire.PathMe, `{"confirm":"nobody"}`, 400, 403, ""},
		{"a token for the account", "POST", "/device/decide", "CODE", 200, 303, "/signin?next=%2Fdevice%3Fuser_code%3DCODE"},
	} {
		cookie := b.signIn(mira)
		ask := func() (int, string) {
			var headers []string
			if strings.HasPrefix(tt.path, "/api/") {
				headers = []string{"Content-Type", "application/json"}
			}
			code, body := "none", tt.body
			if body == "CODE" { // which lives no longer than a session is fresh
				code = b.deviceCode("scope", "account").UserCode
				body = form("user_code", code, "decision", "approve")
			}
			w := b.ask(tt.method, tt.path, cookie, body, headers...)
			return w.Code, strings.ReplaceAll(w.Header().Get("Location"), code, "CODE")
		}
		b.wait(store.Fresh - time.Second)
		if status, to := ask(); status != tt.fresh || strings.Contains(to, "/signin") {
			t.Errorf("%s a second before: %d to %q", tt.name, status, to)
		}
		b.wait(time.Second)
		if status, to := ask(); status != tt.stale || to != tt.to {
			t.Errorf("%s after ten minutes: %d to %q", tt.name, status, to)
		}
	}
}

// Every route that changes something for the holder of a cookie refuses what another site's page sends, whatever the route is.
func TestEveryChangeByACookieIsThisSites(t *testing.T) {
	b := newBench(t)
	cookie := b.signIn(b.account("mira", store.Private))
	n := 0
	for _, r := range b.s.routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		if method == http.MethodGet || r.kind != browser && r.kind != owner {
			continue
		}
		n++
		for _, name := range []string{"{secret}", "{id}", "{provider}"} {
			path = strings.ReplaceAll(path, name, "1")
		}
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
			if w := b.ask(method, path, cookie, "", headers...); w.Code != http.StatusForbidden {
				t.Errorf("%s with %v: %d", r.pattern, headers, w.Code)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d routes were knocked at", n)
	}
	b.want(http.StatusOK, b.ask("GET", "/settings", cookie, "")) // they are still signed in
}

// An identity is linked to who began, while they have just signed in: not to somebody who has since signed in in the same browser, nor
// after ten minutes. Fails without either look, at the beginning and at the end.
func TestLinkingEndsWithWhoBeganIt(t *testing.T) {
	late := time.Duration(0)
	b, idp := elsewhere(t, func(o *Options, _ *auth.ProviderConfig) { o.Now = func() time.Time { return time.Now().Add(late) } })
	adam, vera := b.account("adam", store.Private), b.account("vera", store.Private)
	become := func(w *browse, u store.User) {
		c := strings.SplitN(b.signIn(u), "=", 2)
		w.cookies[c[0]] = c[1]
	}
	link := func(w *browse) string {
		settings := w.want(http.StatusOK, w.send("GET", "/settings", "")).Body.String()
		i := strings.Index(settings, company+"?link=")
		return settings[i : i+strings.Index(settings[i:], `"`)]
	}
	const again = "/signin?next=%2Fsettings%23ways"
	none := func(when string) {
		t.Helper()
		for _, u := range []store.User{adam, vera} {
			w := b.browser()
			become(w, u)
			if all, err := b.store.IdentitiesOf(t.Context(), w.actor()); err != nil || len(all) > 0 {
				t.Errorf("%s: %s has %v, %v", when, u.Handle, all, err)
			}
		}
	}

	w := b.browser()
	become(w, adam)
	back := w.away(w.send("GET", link(w), ""))
	become(w, vera)
	w.goesTo(again, w.send("GET", back, ""))
	none("somebody else came back")

	become(w, adam)
	late = 9 * time.Minute
	ticket := link(w)
	late = 11 * time.Minute
	w.goesTo(again, w.send("GET", ticket, ""))
	late = 9 * time.Minute
	back = w.away(w.send("GET", link(w), ""))
	late = 11 * time.Minute
	idp.Lie(oidctest.Twist{AuthTime: time.Now().Add(late)}) // there they did prove it just now
	w.goesTo(again, w.send("GET", back, ""))
	none("they came back too late")

	become(w, adam)
	ticket = link(w)
	elsewhere := b.browser()
	become(elsewhere, adam)
	elsewhere.goesTo(again, elsewhere.send("GET", ticket, "")) // a ticket is of the session that it was shown to
}
