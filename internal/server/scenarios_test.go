package server

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

func TestScenarios(t *testing.T) {
	b := newBench(t)
	mira, adam, zoe := b.account("mira", store.Public), b.account("adam", store.Private), b.account("zoe", store.Aggregate)
	as := map[string]string{"mira's device": b.token(mira, "studio"), "adam's device": b.token(adam, "adam-laptop"), "zoe's device": b.token(zoe, "zoe-mac"),
		"mira": b.signIn(mira), "adam": b.signIn(adam), "a forged token": "tf_live_" + strings.Repeat("0", 49)}
	b.put(as["mira's device"], row("2026-11-20", "codex", 1_000_000, 20_000))
	b.put(as["adam's device"], row("2026-11-20", "claude-code", 7_654_321, 0))
	link := b.link(mira)

	const problem, page = `"type":"http://tokenflex.example/problems/`, "<!doctype html>"
	one := `{"v":1,"seq":9000,"rows":[{"day":"2026-11-20","source":"codex","model":"gpt-5","input":1,"requests":1}]}`
	for _, tt := range []struct {
		name, method, path, as, body string
		status                       int
		contains, lacks              []string
	}{
		{"the board", "GET", "/", "", "", 200, []string{"mira", page}, []string{"adam", "zoe"}},
		{"the board, signed in", "GET", "/", "adam", "", 200, []string{"mira", "adam"}, []string{"7,654,321", "7.65"}},
		{"a board of last year", "GET", "/?period=2025", "", "", 200, []string{page}, []string{"adam"}},
		{"a board of a tool", "GET", "/?source=claude-code", "", "", 200, []string{page}, []string{"adam", "7.65"}},
		{"a board nobody knows", "GET", "/?period=fortnight", "", "", 400, []string{page}, []string{"fortnight"}},
		{"a parameter nobody knows", "GET", "/?perid=week", "", "", 400, []string{page}, nil},
		{"another board's cursor", "GET", "/?cursor=AAAA", "", "", 400, []string{page}, nil},
		{"a profile", "GET", "/u/mira", "", "", 200, []string{"mira"}, []string{"studio", "adam"}},
		{"a private profile", "GET", "/u/adam", "", "", 404, nil, []string{"adam-laptop", "7.65"}},
		{"a private profile to its owner", "GET", "/u/adam", "adam", "", 200, []string{"adam"}, nil},
		{"a private profile to another", "GET", "/u/adam", "mira", "", 404, nil, []string{"7.65"}},
		{"a badge", "GET", "/badge/mira.svg", "", "", 200, []string{"<title>tokens in Nov: #1 of 1</title>"}, nil},
		{"a badge of tokens", "GET", "/badge/mira.svg?metric=tokens&period=2026", "", "", 200, []string{"<title>tokens in 2026: 1.02M</title>"}, nil},
		{"a badge of cost", "GET", "/badge/mira.svg?metric=cost", "", "", 200, []string{"<title>tokens in Nov, list price: $5.50</title>"}, nil},
		{"a badge of a streak", "GET", "/badge/mira.svg?metric=streak", "", "", 200, []string{"<title>token streak: 0 days</title>"}, nil},
		{"a badge of a day without usage", "GET", "/badge/mira.svg?period=2026-11-21", "", "", 200, []string{"<title>tokens on 21 Nov: none yet</title>"}, nil},
		{"a private badge", "GET", "/badge/adam.svg", "", "", 200, []string{"<title>tokens: not found</title>"}, []string{"adam"}},
		{"a private badge to its owner", "GET", "/badge/adam.svg", "adam", "", 200, []string{"<title>tokens: not found</title>"}, []string{"adam"}},
		{"an aggregate badge", "GET", "/badge/zoe.svg?metric=tokens", "", "", 200, []string{"<title>tokens: not found</title>"}, []string{"zoe"}},
		{"a badge of script", "GET", "/badge/%3Cscript%3E.svg", "", "", 200, []string{"<title>tokens: not found</title>"}, []string{"<script"}},
		{"a badge of a mood", "GET", "/badge/mira.svg?metric=mood", "", "", 400, []string{problem + `malformed"`}, []string{"mood"}},
		{"a badge in another form", "GET", "/badge/mira.gif", "", "", 404, []string{problem + `not-found"`}, nil},
		{"a badge with a parameter nobody knows", "GET", "/badge/mira.svg?bust=1", "", "", 400, []string{problem + `malformed"`}, nil},
		{"a card", "GET", "/card/mira.svg", "", "", 200, []string{"<title>mira: 1.02M tokens in Nov, number 1 of 1</title>"}, []string{"adam"}},
		{"a private card", "GET", "/card/adam.svg", "adam", "", 200, []string{"<title>Nothing is printed here</title>"}, []string{"adam"}},
		{"a card as pixels", "GET", "/card/mira.png?theme=dark", "", "", 200, []string{"\x89PNG"}, nil},
		{"a card in pink", "GET", "/card/mira.png?theme=pink", "", "", 400, []string{problem + `malformed"`}, []string{"pink"}},
		{"a card of nothing", "GET", "/card/mira", "", "", 404, []string{problem + `not-found"`}, nil},
		{"a token opens no page", "GET", "/u/adam", "adam's device", "", 404, nil, []string{"7.65"}},
		{"an odd year", "GET", "/u/mira?year=x", "", "", 400, nil, nil},
		{"connect", "GET", "/connect", "", "", 200, []string{"tokenflexing"}, nil},
		{"device, a stranger", "GET", "/device?user_code=wdjb-mjht", "", "", 200, []string{"WDJB-MJHT"}, nil},
		{"device", "GET", "/device?user_code=wdjbmjht", "mira", "", 200, []string{"WDJB-MJHT"}, nil},
		{"device, a script for a code", "GET", "/device?user_code=%3Cscript%3E", "mira", "", 200, nil, []string{"<script>"}},
		{"a code that is not waiting", "POST", "/device/lookup", "mira", form("user_code", "BBBBBBBB"), 422, []string{"BBBB-BBBB"}, nil},
		{"deciding on a code that is not waiting", "POST", "/device/decide", "mira", form("user_code", "BBBBBBBB", "decision", "approve"), 422, nil, nil},
		{"looking up as a stranger", "POST", "/device/lookup", "", form("user_code", "BBBBBBBB"), 200, nil, []string{"approve"}},
		{"settings", "GET", "/settings", "mira", "", 200, []string{"studio", "public"}, []string{"adam", "tf_live_"}},
		{"settings of a stranger", "GET", "/settings", "", "", 303, nil, []string{"studio"}},
		{"a token opens no settings", "GET", "/settings", "mira's device", "", 303, nil, nil},
		{"an odd visibility", "POST", "/settings/visibility", "mira", form("visibility", "everybody"), 400, nil, nil},
		{"visibility as a stranger", "POST", "/settings/visibility", "", form("visibility", "public"), 303, nil, nil},
		{"another's device renamed", "POST", "/settings/devices/2/rename", "mira", form("name", "mine"), 404, nil, nil},
		{"another's device revoked", "POST", "/settings/devices/2/revoke", "mira", "", 404, nil, nil},
		{"no device at all", "POST", "/settings/devices/x/revoke", "mira", "", 404, nil, nil},
		{"a name that lies", "POST", "/settings/devices/1/rename", "mira", "name=%E2%80%AEx", 303, nil, nil},
		{"how to sign in", "GET", "/signin", "", "", 200, nil, nil},
		{"how to sign in, signed in", "GET", "/signin", "mira", "", 303, nil, nil},
		{"a link asks first", "GET", link, "", "", 200, []string{"mira", `method="post"`}, nil},
		{"a guessed link", "GET", "/signin/" + strings.Repeat("A", 43), "", "", 410, nil, nil},
		{"half a link", "POST", "/signin/short", "", "", 410, nil, nil},
		{"a theme", "POST", "/theme", "", form("theme", "dark", "to", "/u/mira"), 303, nil, nil},
		{"a form that is too large", "POST", "/theme", "", "theme=dark&x=" + strings.Repeat("x", maxForm), 400, []string{page}, nil},
		{"a problem's page", "GET", "/problems/stale-seq", "", "", 200, []string{page}, nil},
		{"no problem", "GET", "/problems/none", "", "", 404, nil, nil},
		{"no static file", "GET", "/static/none", "", "", 404, []string{page}, []string{"404 page not found"}},
		{"no page", "GET", "/wp-login.php", "", "", 404, []string{page}, nil},
		{"no method", "DELETE", "/settings", "mira", "", 405, []string{page}, nil},
		{"no method of the device flow", "GET", wire.PathDeviceToken, "", "", 405, []string{`"error":"invalid_request"`}, []string{page}},
		{"no method of pairing", "PUT", wire.PathDeviceCode, "", "", 405, []string{`"error":"invalid_request"`}, []string{page}},
		{"no method of ending a token", "GET", wire.PathRevoke, "", "", 405, []string{`"error":"invalid_request"`}, []string{page}},
		{"a query that cannot be read", "GET", wire.PathLeaderboard + "?period=day;metric=cost", "", "", 400, []string{problem + `malformed"`}, nil},
		{"half an escape in a query", "GET", wire.PathLeaderboard + "?%zz", "", "", 400, []string{problem + `malformed"`}, nil},
		{"a page's query that cannot be read", "GET", "/?period=day;metric=cost", "", "", 400, []string{page}, nil},
		{"a limit in another spelling", "GET", wire.PathLeaderboard + "?limit=05", "", "", 400, []string{problem + `malformed"`}, nil},
		{"alive", "GET", "/healthz", "", "", 200, []string{"ok"}, nil},
		{"ready", "GET", "/readyz", "", "", 200, []string{"ok"}, nil},

		{"me", "GET", wire.PathMe, "mira's device", "", 200, []string{`"handle":"mira"`, `"tokens":1020000`, `"name":"studio"`}, []string{"tf_live_", "adam"}},
		{"me as a stranger", "GET", wire.PathMe, "", "", 401, []string{problem + `unauthorized"`}, nil},
		{"my days", "GET", wire.PathMyDays + "?from=2026-11-20&to=2026-11-20", "mira's device", "", 200, []string{`"day":"2026-11-20","source":"codex"`, `"input":1000000`,
			`"cost_uusd":5500000,"priced":true`}, []string{"7654321", "studio"}},
		{"a private account's own days", "GET", wire.PathMyDays, "adam's device", "", 200, []string{`"input":7654321`}, []string{"codex"}},
		{"my days on a device that sent none", "GET", wire.PathMyDays, "zoe's device", "", 200, []string{`"items":[]`}, nil},
		{"my days as a stranger", "GET", wire.PathMyDays, "", "", 401, []string{problem + `unauthorized"`}, nil},
		{"my days by cookie", "GET", wire.PathMyDays, "mira", "", 401, []string{problem}, []string{"1000000"}},
		{"my days of an odd span", "GET", wire.PathMyDays + "?from=2026-11-20&to=2026-11-19", "mira's device", "", 400, []string{problem}, nil},
		{"another's days", "GET", wire.PathMyDays + "?device=1", "mira's device", "", 400, []string{problem}, nil},
		{"a cookie opens no API", "GET", wire.PathMe, "mira", "", 401, []string{problem}, []string{"mira"}},
		{"a forged token", "GET", wire.PathMe, "a forged token", "", 401, []string{problem}, nil},
		{"leaderboard", "GET", wire.PathLeaderboard, "", "", 200, []string{`"handle":"mira"`, `"value":1020000`, `"ranked":1`}, []string{"adam", "zoe"}},
		{"leaderboard by cost", "GET", wire.PathLeaderboard + "?metric=cost&period=2026", "", "", 200, []string{`"value":5500000`}, nil},
		{"leaderboard by mood", "GET", wire.PathLeaderboard + "?metric=mood", "", "", 400, []string{problem + `malformed"`}, []string{"mood"}},
		{"a long leaderboard", "GET", wire.PathLeaderboard + "?limit=101", "", "", 400, []string{problem}, nil},
		{"a parameter twice", "GET", wire.PathLeaderboard + "?limit=1&limit=2", "", "", 400, []string{problem}, nil},
		{"a user", "GET", wire.PathUsers + "mira", "", "", 200, []string{`"tokens":1020000`, `"cost_uusd":5500000`, `"usd":"5.500000"`}, []string{"studio"}},
		{"a private user", "GET", wire.PathUsers + "adam", "", "", 404, []string{problem + `not-found"`}, []string{"adam"}},
		{"a private user to itself", "GET", wire.PathUsers + "adam", "adam's device", "", 404, nil, []string{"7654321"}},
		{"an aggregate user", "GET", wire.PathUsers + "zoe", "", "", 404, []string{problem + `not-found"`}, nil},
		{"days", "GET", wire.PathUsers + "mira/days?from=2026-11-01&to=2026-11-30", "", "", 200, []string{`"day":"2026-11-20"`}, []string{"studio"}},
		{"days of the first year", "GET", wire.PathUsers + "mira/days?to=0001-01-02", "", "", 200, []string{`"from":"0001-01-01"`}, nil},
		{"too many days", "GET", wire.PathUsers + "mira/days?from=2020-01-01&to=2026-11-30", "", "", 400, []string{problem}, nil},
		{"private days", "GET", wire.PathUsers + "adam/days?from=never", "", "", 404, []string{problem + `not-found"`}, nil},
		{"prices", "GET", wire.PathPricing, "", "", 200, []string{`"claude-opus-4-5`}, nil},
		{"models", "GET", wire.PathModels, "", "", 200, []string{`{"model":"claude-opus-4-5`, `"family":"claude"`}, nil},
		{"models of a family", "GET", wire.PathModels + "?family=claude", "", "", 400, []string{problem + `malformed"`}, nil},
		{"sources", "GET", wire.PathSources, "", "", 200, []string{`{"slug":"codex","name":`, `"review_tokens":12000000000`}, nil},
		{"the API described", "GET", wire.PathOpenAPI, "", "", 200, []string{`"openapi": "3.1.0"`}, nil},
		{"discovery", "GET", wire.PathDiscovery, "", "", 200, []string{`"privacy_default":"private"`, `"rows":5000`}, nil},
		{"OAuth discovery", "GET", wire.PathOAuth, "", "", 200, []string{`"device_authorization_endpoint":"http://tokenflex.example/device/code"`,
			`"revocation_endpoint_auth_methods_supported":["none"]`}, nil},
		{"no API", "GET", "/api/v2/usage", "", "", 404, []string{problem + `not-found"`}, nil},
		{"no method of the API", "GET", wire.PathUsage, "mira's device", "", 405, []string{problem + `method"`}, nil},

		{"an upload as a stranger", "POST", wire.PathUsage, "", one, 401, []string{problem + `unauthorized"`}, nil},
		{"an upload by cookie", "POST", wire.PathUsage, "mira", one, 401, nil, nil},
		{"an upload", "POST", wire.PathUsage, "zoe's device", one, 200, []string{`"written":1`}, nil},
		{"an upload of nothing", "POST", wire.PathUsage, "mira's device", `{"v":1,"seq":9001,"rows":[]}`, 422, []string{`"pointer":"/rows"`}, nil},
		{"not JSON", "POST", wire.PathUsage, "mira's device", `{"v":1,`, 400, []string{problem + `malformed"`}, nil},
		{"a member twice", "POST", wire.PathUsage, "mira's device", `{"v":1,"v":1,"seq":1,"rows":[]}`, 400, []string{problem + `malformed"`}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := b.ask(tt.method, tt.path, as[tt.as], tt.body)
			text := w.Body.String()
			if w.Code != tt.status {
				t.Errorf("status %d, want %d: %s", w.Code, tt.status, text)
			}
			for _, c := range tt.contains {
				if !strings.Contains(text, c) {
					t.Errorf("lacks %q: %s", c, text)
				}
			}
			for _, c := range append(tt.lacks, "SELECT", "sqlite", "goroutine", ".go:") {
				if strings.Contains(text, c) {
					t.Errorf("contains %q: %s", c, text)
				}
			}
			for _, name := range []string{"X-Request-Id", "Content-Security-Policy"} {
				if w.Header().Get(name) == "" {
					t.Errorf("no %s", name)
				}
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Error("sniffing is not forbidden")
			}
			if tt.status >= 500 {
				t.Errorf("internal error: %s", b.log)
			}
		})
	}
}

func TestHeadersOfEachKind(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Site = "https://tokenflex.example" })
	mira := b.account("mira", store.Public)
	for _, tt := range []struct{ path, as, header, want string }{
		{"/", "", "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"},
		{"/", "", "Strict-Transport-Security", "max-age=31536000"},
		{"/", "", "Access-Control-Allow-Origin", ""},
		{"/settings", b.signIn(mira), "Cache-Control", "no-store"},
		{"/badge/mira.svg", "", "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
		{"/badge/mira.svg", "", "Content-Type", "image/svg+xml"},
		{"/badge/mira.svg", "", "Cache-Control", "public, max-age=300"},
		{"/card/nobody.png", "", "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
		{"/card/nobody.png", "", "Content-Type", "image/png"},
		{"/card/nobody.png", "", "Cross-Origin-Resource-Policy", "cross-origin"},
		{"/card/nobody.png", b.signIn(mira), "Vary", ""},
		{wire.PathLeaderboard, "", "Access-Control-Allow-Origin", "*"},
		{wire.PathLeaderboard, "", "Access-Control-Allow-Credentials", ""},
		{wire.PathMe, b.token(mira, "x"), "Access-Control-Allow-Origin", ""},
		{wire.PathMe, b.token(mira, "x"), "Cache-Control", "no-store"},
		{wire.PathMe, "", "Www-Authenticate", `Bearer error="invalid_token"`},
	} {
		if got := b.ask("GET", tt.path, tt.as, "").Header().Get(tt.header); got != tt.want {
			t.Errorf("%s %s is %q, want %q", tt.path, tt.header, got, tt.want)
		}
	}
}

// Nobody gets a part of an answer, and no condition makes an error that is none of ours: net/http says in plain text that there is no
// such part, and nothing at all that the content is another.
func TestAnswersAreWhole(t *testing.T) {
	b := newBench(t)
	static := regexp.MustCompile(`/static/[0-9a-f]+/style\.css`).FindString(b.ask("GET", "/", "", "").Body.String())
	for _, path := range []string{wire.PathPricing, wire.PathModels, wire.PathSources, wire.PathLeaderboard, wire.PathStats, wire.PathOpenAPI, "/badge/mira.svg", "/card/mira.png", "/", static} {
		whole := b.want(http.StatusOK, b.ask("GET", path, "", ""))
		for header, value := range map[string]string{"Range": "bytes=9999999-", "If-Match": `"x"`, "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"} {
			w := b.ask("GET", path, "", "", header, value)
			if w.Code != http.StatusOK || w.Body.String() != whole.Body.String() || w.Header().Get("Accept-Ranges") != "" {
				t.Errorf("%s with %s: %d, %d bytes of %d", path, header, w.Code, w.Body.Len(), whole.Body.Len())
			}
		}
		if w := b.ask("HEAD", path, "", ""); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") != strconv.Itoa(whole.Body.Len()) {
			t.Errorf("HEAD %s: %d, %d bytes, Content-Length %s", path, w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
		}
	}
}

func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	token, cookie := b.token(mira, "studio"), b.signIn(mira)
	b.put(token, row("2026-11-20", "codex", 1000, 1))
	for _, path := range []string{wire.PathPricing, wire.PathModels, wire.PathSources, wire.PathLeaderboard, wire.PathOpenAPI, "/badge/mira.svg", "/card/mira.svg", "/card/mira.png", "/", "/u/mira", "/connect"} {
		etag := b.want(http.StatusOK, b.ask("GET", path, "", "")).Header().Get("ETag")
		if etag == "" {
			t.Errorf("%s has no ETag", path)
		}
		if w := b.ask("GET", path, "", "", "If-None-Match", etag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s: status %d with %d bytes", path, w.Code, w.Body.Len())
		}
	}
	for _, name := range []string{"*", `W/"x"`, `"x", `} {
		etag := b.ask("GET", wire.PathSources, "", "").Header().Get("ETag")
		want := http.StatusNotModified
		if name == `W/"x"` {
			want = http.StatusOK
		}
		b.want(want, b.ask("GET", wire.PathSources, "", "", "If-None-Match", strings.TrimSuffix(name, ", ")+strings.Repeat(", W/"+etag, strings.Count(name, ", "))))
	}
	before := b.ask("GET", "/", "", "").Header().Get("ETag")
	if w := b.ask("GET", "/", cookie, "", "If-None-Match", before); w.Code != http.StatusOK {
		t.Errorf("somebody signed in gets a stranger's page: %d", w.Code)
	}
	b.put(token, row("2026-11-20", "codex", 2000, 1))
	if w := b.ask("GET", "/", "", "", "If-None-Match", before); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "2,001") {
		t.Errorf("a page that has changed: %d", w.Code)
	}
	// What is nobody else's to keep has no name to ask for it by, nor has what went wrong.
	for path, as := range map[string]string{"/settings": cookie, "/signin": "", "/u/nobody": "", "/?period=x": "", wire.PathMe: token} {
		if w := b.ask("GET", path, as, ""); w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: ETag %q, Cache-Control %q", path, w.Header().Get("ETag"), w.Header().Get("Cache-Control"))
		}
	}
}
