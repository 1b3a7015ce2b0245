package server

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

// databaseFiles returns the bytes of the database and the files beside it.
func databaseFiles(t testing.TB, file string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{file, file + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func TestLinkSignsInOnceAndOnlyWhenAsked(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	link := b.link(mira)
	for range 2 {
		if w := b.want(200, b.ask("GET", link, "", "")); len(w.Result().Cookies()) != 0 {
			t.Fatal("opening the link sets a cookie")
		}
	}
	w := b.want(303, b.ask("POST", link, "", ""))
	c := w.Result().Cookies()[0]
	if c.Name != "tokenflex" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 30*24*3600 {
		t.Errorf("cookie %+v", c)
	}
	b.want(200, b.ask("GET", "/settings", c.Name+"="+c.Value, ""))
	for _, method := range []string{"GET", "POST"} {
		if w := b.want(410, b.ask(method, link, "", "")); len(w.Result().Cookies()) != 0 || strings.Contains(w.Body.String(), "mira") {
			t.Errorf("%s of a used link: %s", method, w.Body)
		}
	}
	late := b.link(mira)
	b.wait(time.Hour)
	b.want(410, b.ask("POST", late, "", ""))
}

func TestCookieOfASecureSite(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Site = "https://tokenflex.example" })
	c := b.want(303, b.ask("POST", b.link(b.account("mira", store.Private)), "", "")).Result().Cookies()[0]
	if c.Name != "__Host-tokenflex" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
}

// A session that somebody planted before the sign-in is worth nothing after it.
func TestSigningInChangesTheSession(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Private), b.account("adam", store.Private)
	old := b.signIn(adam)
	w := b.want(303, b.ask("POST", b.link(mira), old, ""))
	fresh := w.Result().Cookies()[0]
	if old == fresh.Name+"="+fresh.Value {
		t.Error("the session stayed the same")
	}
	b.want(303, b.ask("GET", "/settings", old, ""))
	if text := b.want(200, b.ask("GET", "/settings", fresh.Name+"="+fresh.Value, "")).Body.String(); !strings.Contains(text, "mira") {
		t.Error("signed in as somebody else")
	}
	planted := "tokenflex=" + strings.Repeat("A", 43)
	w = b.want(303, b.ask("POST", b.link(mira), planted, ""))
	if c := w.Result().Cookies()[0]; c.Name+"="+c.Value == planted {
		t.Error("a planted session was taken")
	}
}

// A session ends when it is not used for two weeks, after thirty days, and when its owner says so. Fails without either time.
func TestSessionsEnd(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	b.wait(13 * 24 * time.Hour)
	b.want(200, b.ask("GET", "/settings", cookie, ""))
	b.wait(14 * 24 * time.Hour)
	b.want(303, b.ask("GET", "/settings", cookie, ""))

	cookie = b.signIn(mira) // however much it is used, it ends after thirty days
	for range 2 {
		b.wait(13 * 24 * time.Hour)
		b.want(200, b.ask("GET", "/settings", cookie, ""))
	}
	b.wait(5 * 24 * time.Hour)
	b.want(303, b.ask("GET", "/settings", cookie, ""))

	cookie = b.signIn(mira)
	w := b.want(200, b.ask("POST", "/signout", cookie, ""))
	if c := w.Result().Cookies()[0]; c.MaxAge >= 0 || strings.Contains(w.Body.String(), "mira") {
		t.Errorf("cookie %+v, page %s", c, w.Body)
	}
	b.want(303, b.ask("GET", "/settings", cookie, ""))
}

// Forms of other sites change nothing; those of this site, and of programs that are no browser, do.
func TestCrossSiteForms(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	for _, tt := range []struct {
		name    string
		headers []string
		ok      bool
	}{
		{"this site", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://tokenflex.example"}, true},
		{"typed in", []string{"Sec-Fetch-Site", "none"}, true},
		{"this site, an old browser", []string{"Origin", "http://tokenflex.example"}, true},
		{"no browser", nil, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"a sibling", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://evil.tokenflex.example"}, false},
		{"another site, an old browser", []string{"Origin", "https://evil.example"}, false},
		{"a sandbox", []string{"Origin", "null"}, false},
	} {
		for _, path := range []string{"/settings/visibility", "/device/lookup", "/device/decide", "/signout", "/theme", "/settings/devices/1/rename"} {
			body := form("visibility", "aggregate", "user_code", "BBBBBBBB", "decision", "approve", "theme", "dark")
			if path == "/signout" {
				cookie = b.signIn(mira)
			}
			w := b.ask("POST", path, cookie, body, tt.headers...)
			if refused := w.Code == http.StatusForbidden; refused == tt.ok {
				t.Errorf("%s to %s: %d", tt.name, path, w.Code)
			}
			if path == "/signout" {
				cookie = b.signIn(mira)
			}
		}
	}
	// Reading is no change, and the API has no cookie to abuse.
	b.want(200, b.ask("GET", "/settings", cookie, "", "Sec-Fetch-Site", "cross-site"))
	b.want(401, b.ask("POST", wire.PathUsage, cookie, "{}", "Sec-Fetch-Site", "cross-site"))
}

func TestSettingsDoWhatTheySay(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	token, other := b.token(mira, "studio"), b.token(mira, "laptop")
	cookie := b.signIn(mira)
	b.put(token, row("2026-11-20", "codex", 1000, 10))
	b.put(other, row("2026-11-20", "codex", 500, 10))

	for _, v := range []struct {
		visibility string
		profile    int
	}{{"public", 200}, {"aggregate", 404}, {"public", 200}, {"private", 404}} {
		w := b.want(303, b.ask("POST", "/settings/visibility", cookie, form("visibility", v.visibility)))
		if w.Header().Get("Location") != "/settings?done=visibility" {
			t.Errorf("goes on to %s", w.Header().Get("Location"))
		}
		if got := b.ask("GET", "/u/mira", "", "").Code; got != v.profile {
			t.Errorf("%s: the profile answers %d", v.visibility, got)
		}
	}
	path := "/settings/devices/1"
	b.want(303, b.ask("POST", path+"/rename", cookie, form("name", "attic")))
	if got := decode[wire.Me](b, b.ask("GET", wire.PathMe, token, "")).Device.Name; got != "attic" {
		t.Errorf("renamed to %q", got)
	}
	if w := b.want(303, b.ask("POST", path+"/rename", cookie, form("name", "laptop"))); w.Header().Get("Location") != "/settings?wrong=taken" {
		t.Errorf("a name twice goes on to %s", w.Header().Get("Location"))
	}
	b.want(303, b.ask("POST", path+"/revoke", cookie, ""))
	b.want(401, b.ask("GET", wire.PathMe, token, ""))
	left := decode[wire.Me](b, b.want(200, b.ask("GET", wire.PathMe, other, "")))
	if left.Total.Tokens != 1520 {
		t.Errorf("what a revoked device sent counts: %+v", left.Total)
	}
	b.want(303, b.ask("POST", "/settings/tokens/"+left.Token.ID+"/revoke", cookie, ""))
	b.want(401, b.ask("GET", wire.PathMe, other, ""))
}

func TestThemeStaysOnThisSite(t *testing.T) {
	b := newBench(t)
	for to, want := range map[string]string{"/u/mira?year=2026": "/u/mira?year=2026", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/", "": "/"} {
		w := b.want(303, b.ask("POST", "/theme", "", form("theme", "dark", "to", to)))
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("to %q goes on to %q", to, got)
		}
	}
}
