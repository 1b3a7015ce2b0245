package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

func (b *bench) deviceCode(pairs ...string) wire.DeviceCode {
	b.t.Helper()
	w := b.ask("POST", wire.PathDeviceCode, "", form(append([]string{"client_id", wire.ClientID}, pairs...)...))
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Pragma") != "no-cache" {
		b.t.Errorf("somebody may keep it: %v", w.Header())
	}
	return decode[wire.DeviceCode](b, b.want(http.StatusOK, w))
}

func (b *bench) poll(code wire.DeviceCode) *httptest.ResponseRecorder {
	return b.ask("POST", wire.PathDeviceToken, "", form("grant_type", wire.GrantType, "device_code", code.DeviceCode, "client_id", wire.ClientID))
}

// refused checks an OAuth error.
func (b *bench) refused(w *httptest.ResponseRecorder, status int, code string) {
	b.t.Helper()
	if got := decode[wire.OAuthError](b, w); w.Code != status || got.Code != code {
		b.t.Errorf("answer %d %s, want %d %s", w.Code, got.Code, status, code)
	}
}

func TestPairing(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	code := b.deviceCode("device_name", "studio", "client_version", "1.4.0", "os", "linux", "scope", wire.ScopeUsageWrite)
	if !regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`).MatchString(code.UserCode) || len(code.DeviceCode) != 43 ||
		code.VerificationURI != "http://tokenflex.example/device" || code.VerificationURIComplete != code.VerificationURI+"?user_code="+code.UserCode ||
		code.ExpiresIn != 600 || code.Interval != 5 {
		t.Errorf("code %+v", code)
	}
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)

	// Opening the address approves nothing.
	b.want(200, b.ask("GET", strings.TrimPrefix(code.VerificationURIComplete, "http://tokenflex.example"), cookie, ""))
	b.wait(5 * time.Second)
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)

	typed := form("user_code", " "+strings.ToLower(strings.Replace(code.UserCode, "-", " ", 1)))
	compare := b.want(200, b.ask("POST", "/device/lookup", cookie, typed)).Body.String()
	for _, shown := range []string{"studio", "1.4.0", "mira"} {
		if !strings.Contains(compare, shown) {
			t.Errorf("the comparison does not show %s", shown)
		}
	}
	b.wait(5 * time.Second)
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)
	b.want(200, b.ask("POST", "/device/decide", cookie, typed+"&decision=approve"))

	token := decode[wire.DeviceToken](b, b.want(200, b.poll(code)))
	if auth.CheckToken(token.AccessToken) != nil || token.TokenType != "Bearer" || token.Scope != wire.ScopeUsageWrite || token.Handle != "mira" || token.Device != "studio" {
		t.Errorf("token %+v", token)
	}
	b.refused(b.poll(code), 400, wire.ErrInvalidGrant)
	me := decode[wire.Me](b, b.want(200, b.ask("GET", wire.PathMe, token.AccessToken, "")))
	if me.Handle != "mira" || me.Token.ID != token.TokenID || me.Device.ID != token.DeviceID {
		t.Errorf("me %+v", me)
	}

	for range 2 { // the second time it is not known any more, which is not told
		b.want(200, b.ask("POST", wire.PathRevoke, "", form("token", token.AccessToken)))
	}
	b.want(401, b.ask("GET", wire.PathMe, token.AccessToken, ""))
}

// What was approved by mistake is taken back: the code before it was used, and the token after it was.
func TestThisWasNotMe(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie, other := b.signIn(mira), b.signIn(b.account("adam", store.Private))
	for _, used := range []bool{false, true} {
		code := b.deviceCode()
		typed := form("user_code", code.UserCode)
		if text := b.want(200, b.ask("POST", "/device/decide", cookie, typed+"&decision=approve")).Body.String(); !strings.Contains(text, "This was not me") {
			t.Error("nothing to press")
		}
		token := ""
		if used {
			token = decode[wire.DeviceToken](b, b.want(200, b.poll(code))).AccessToken
		}
		b.want(404, b.ask("POST", "/device/disown", other, typed))
		b.want(200, b.ask("POST", "/device/disown", cookie, typed))
		b.refused(b.poll(code), 400, wire.ErrAccessDenied)
		if used {
			b.want(401, b.ask("GET", wire.PathMe, token, ""))
		}
	}
}

// A token for the account is approved by somebody who has just signed in, lives ten minutes, and sends no usage.
func TestAccountTokens(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	device := b.token(mira, "studio")
	cookie := b.signIn(mira)
	code := b.deviceCode("scope", wire.ScopeAccount, "device_name", "studio")
	typed := form("user_code", code.UserCode, "decision", "approve")
	if text := b.want(200, b.ask("POST", "/device/lookup", cookie, typed)).Body.String(); !strings.Contains(text, "whatever you may") {
		t.Error("the comparison does not say what it asks for")
	}
	b.wait(store.Fresh)
	code = b.deviceCode("scope", wire.ScopeAccount, "device_name", "studio")
	typed = form("user_code", code.UserCode, "decision", "approve")
	w := b.want(303, b.ask("POST", "/device/decide", cookie, typed))
	if got := w.Header().Get("Location"); got != "/signin?next=%2Fdevice%3Fuser_code%3D"+code.UserCode {
		t.Errorf("goes on to %s", got)
	}
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)
	cookie = b.signIn(mira)
	b.want(200, b.ask("POST", "/device/decide", cookie, typed))
	b.wait(5 * time.Second)
	got := decode[wire.DeviceToken](b, b.want(200, b.poll(code)))
	if got.Scope != wire.ScopeAccount || got.ExpiresIn != 600 || got.Device != "studio" {
		t.Errorf("token %+v", got)
	}
	b.want(403, b.ask("POST", wire.PathUsage, got.AccessToken, b.body(wire.Max, row("2026-11-20", "codex", 10, 1))))
	b.want(200, b.ask("PATCH", wire.PathMe, got.AccessToken, `{"display_name":"Mira"}`, "Content-Type", "application/json"))
	b.want(403, b.ask("PATCH", wire.PathMe, device, `{"display_name":"Eve"}`, "Content-Type", "application/json"))
	b.wait(store.AccountLife)
	b.want(401, b.ask("GET", wire.PathMe, got.AccessToken, ""))
	b.want(200, b.ask("GET", wire.PathMe, device, ""))
}

func TestDenied(t *testing.T) {
	b := newBench(t)
	cookie := b.signIn(b.account("mira", store.Private))
	code := b.deviceCode()
	b.want(200, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "deny")))
	b.refused(b.poll(code), 400, wire.ErrAccessDenied)
	b.want(422, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "approve")))
	b.refused(b.poll(code), 400, wire.ErrAccessDenied)
}

func TestExpired(t *testing.T) {
	b := newBench(t)
	cookie := b.signIn(b.account("mira", store.Private))
	code := b.deviceCode()
	b.wait(10 * time.Minute)
	b.want(422, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "approve")))
	b.refused(b.poll(code), 400, wire.ErrExpiredToken)
}

func TestSlowDown(t *testing.T) {
	b := newBench(t)
	code := b.deviceCode()
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)
	b.wait(4 * time.Second)
	b.refused(b.poll(code), 400, wire.ErrSlowDown)
	b.wait(9 * time.Second)
	b.refused(b.poll(code), 400, wire.ErrSlowDown)
	b.wait(15 * time.Second)
	b.refused(b.poll(code), 400, wire.ErrAuthorizationPending)
}

func TestMalformedFlows(t *testing.T) {
	b := newBench(t)
	code := b.deviceCode().DeviceCode
	long := strings.Repeat("x", 65)
	for _, tt := range []struct {
		name, path, body string
		status           int
		code             string
	}{
		{"no client", wire.PathDeviceCode, "", 400, wire.ErrInvalidRequest},
		{"another client", wire.PathDeviceCode, form("client_id", "curl"), 401, wire.ErrInvalidClient},
		{"another scope", wire.PathDeviceCode, form("client_id", wire.ClientID, "scope", "admin"), 400, "invalid_scope"},
		{"the account among others", wire.PathDeviceCode, form("client_id", wire.ClientID, "scope", "usage:write account"), 400, "invalid_scope"},
		{"client twice", wire.PathDeviceCode, "client_id=" + wire.ClientID + "&client_id=" + wire.ClientID, 400, wire.ErrInvalidRequest},
		{"a long name", wire.PathDeviceCode, form("client_id", wire.ClientID, "device_name", long), 400, wire.ErrInvalidRequest},
		{"a name that turns around", wire.PathDeviceCode, form("client_id", wire.ClientID, "device_name", "x\u202ey"), 400, wire.ErrInvalidRequest},
		{"a name of lines", wire.PathDeviceCode, form("client_id", wire.ClientID, "device_name", "x\ny"), 400, wire.ErrInvalidRequest},
		{"no grant", wire.PathDeviceToken, form("client_id", wire.ClientID, "device_code", code), 400, wire.ErrInvalidRequest},
		{"another grant", wire.PathDeviceToken, form("grant_type", "password", "client_id", wire.ClientID), 400, wire.ErrUnsupportedGrantType},
		{"no device code", wire.PathDeviceToken, form("grant_type", wire.GrantType, "client_id", wire.ClientID), 400, wire.ErrInvalidRequest},
		{"a guessed device code", wire.PathDeviceToken, form("grant_type", wire.GrantType, "client_id", wire.ClientID, "device_code", "x"), 400, wire.ErrInvalidGrant},
		{"polling as another client", wire.PathDeviceToken, form("grant_type", wire.GrantType, "client_id", "x", "device_code", code), 401, wire.ErrInvalidClient},
		{"revoking nothing", wire.PathRevoke, "", 400, wire.ErrInvalidRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			b.refused(b.ask("POST", tt.path, "", tt.body), tt.status, tt.code)
		})
	}
	b.t = t
	b.refused(b.ask("POST", wire.PathDeviceCode, "", `{"client_id":"x"}`, "Content-Type", "application/json"), 400, wire.ErrInvalidRequest)
	b.want(200, b.ask("POST", wire.PathRevoke, "", form("token", "not a token")))
}

func TestFiftyPollsOneToken(t *testing.T) {
	b := newBench(t)
	cookie := b.signIn(b.account("mira", store.Private))
	code := b.deviceCode()
	b.want(200, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "approve")))
	answers := make([]*httptest.ResponseRecorder, 50)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = b.poll(code) })
	}
	wg.Wait()
	tokens := 0
	for _, w := range answers {
		if w.Code == http.StatusOK {
			tokens++
			continue
		}
		b.refused(w, 400, wire.ErrInvalidGrant)
	}
	if tokens != 1 {
		t.Errorf("%d of 50 polls got a token", tokens)
	}
}

// Five wrong codes lock an account out, for everybody who tries with it and for the right code too.
func TestGuessingCodes(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	cookie := b.signIn(b.account("mira", store.Private))
	code := b.deviceCode()
	for i := range 5 {
		if w := b.ask("POST", "/device/lookup", cookie, form("user_code", fmt.Sprint("BBBBBBB", string("CDFGH"[i])))); w.Code != 422 {
			t.Errorf("guess %d: %d", i+1, w.Code)
		}
	}
	for _, path := range []string{"/device/lookup", "/device/decide"} {
		w := b.ask("POST", path, cookie, form("user_code", code.UserCode, "decision", "approve"))
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s after five guesses: %d", path, w.Code)
		}
	}
	b.wait(2 * time.Minute)
	b.want(200, b.ask("POST", "/device/lookup", cookie, form("user_code", code.UserCode)))
}

// An address that guesses with one account after the other is stopped too, for an hour's worth of guesses.
func TestGuessingCodesWithManyAccounts(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	var cookies []string
	for _, handle := range []string{"mira", "adam", "vera"} {
		cookies = append(cookies, b.signIn(b.account(handle, store.Private)))
	}
	for i := range 10 {
		if w := b.ask("POST", "/device/lookup", cookies[i/5], form("user_code", "BBBBBBB"+string("CDFGH"[i%5]))); w.Code != 422 {
			t.Errorf("guess %d: %d", i+1, w.Code)
		}
	}
	w := b.ask("POST", "/device/lookup", cookies[2], form("user_code", b.deviceCode().UserCode))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "360" {
		t.Errorf("another account at the same address: %d, %s", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestLiveCodesAreBounded(t *testing.T) {
	b := newBench(t)
	for range 5 {
		b.deviceCode()
	}
	w := b.ask("POST", wire.PathDeviceCode, "", form("client_id", wire.ClientID))
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("the sixth code of an address: %d %s", w.Code, w.Body)
	}
}

// No answer but the one that gives it, no log line and no byte of the database holds a token or a code.
func TestSecretsAreNotKept(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Public)
	link := b.link(mira)
	w := b.want(303, b.ask("POST", link, "", ""))
	session := w.Result().Cookies()[0]
	cookie := session.Name + "=" + session.Value
	code := b.deviceCode()
	b.want(200, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "approve")))
	token := decode[wire.DeviceToken](b, b.want(200, b.poll(code))).AccessToken
	b.put(token, row("2026-11-20", "codex", 10, 1))
	for _, path := range []string{"/", "/u/mira", "/settings", wire.PathMe, link} {
		b.ask("GET", path, cookie, "", "X-Forwarded-For", "203.0.113.77")
		b.ask("GET", path, token, "")
	}
	kept := b.raw() + b.log.String()
	for name, secret := range map[string]string{"token": token, "any token": auth.TokenPrefix, "session": session.Value,
		"link": strings.TrimPrefix(link, "/signin/"), "device code": code.DeviceCode, "user code": code.UserCode,
		"bare user code": strings.ReplaceAll(code.UserCode, "-", ""), "address": "203.0.113.77", "address of the connection": "192.0.2.1"} {
		if strings.Contains(kept, secret) {
			t.Errorf("the %s is kept", name)
		}
	}
}

// Of many wrong codes at once no more are answered than of as many one after the other. Fails where a code is looked up before those at
// the same time are counted: then each is a guess.
func TestGuessesAtOnceAreCounted(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	b.s.limiter.quotas = slowly{b.store}
	cookie := b.signIn(b.account("mira", store.Private))
	var answered, refused atomic.Int64
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			switch w := b.ask("POST", "/device/lookup", cookie, form("user_code", "BBBBBBBB")); {
			case w.Code == http.StatusUnprocessableEntity:
				answered.Add(1)
			case w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" && w.Header().Get("RateLimit") != "":
				refused.Add(1)
			default:
				t.Errorf("status %d: %v", w.Code, w.Header())
			}
		})
	}
	all.Wait()
	if answered.Load() != 5 || refused.Load() != 25 {
		t.Errorf("%d guesses were answered and %d refused, want 5 and 25", answered.Load(), refused.Load())
	}
}

// While more codes are guessed than people mistype, by everybody together, new ones have two letters more; those pair as well.
func TestCodesAreLongerWhileManyAreGuessed(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits.AllCodes = Limit{"all-codes", time.Minute, 6, false} })
	mira, adam := b.signIn(b.account("mira", store.Private)), b.signIn(b.account("adam", store.Private))
	length := func() int { return len(b.deviceCode().UserCode) }
	for i := range 6 {
		if i == 5 {
			if n := length(); n != len("WDJB-MJHT") {
				t.Fatalf("after %d guesses a code has %d characters", i, n)
			}
		}
		as := mira
		if i%2 == 0 {
			as = adam
		}
		b.want(http.StatusUnprocessableEntity, b.ask("POST", "/device/lookup", as, form("user_code", "BBBBBBBB")))
		b.wait(time.Millisecond)
	}
	code := b.deviceCode()
	if len(code.UserCode) != len("WDJBM-JHTXZ") || !strings.HasSuffix(code.VerificationURIComplete, code.UserCode) {
		t.Fatalf("after six guesses the code is %s, %s", code.UserCode, code.VerificationURIComplete)
	}
	if w := b.want(http.StatusOK, b.ask("POST", "/device/lookup", mira, form("user_code", strings.ToLower(code.UserCode)))); !strings.Contains(w.Body.String(), code.UserCode) {
		t.Error("the long code is not shown for comparison")
	}
	b.want(http.StatusOK, b.ask("POST", "/device/decide", mira, form("user_code", code.UserCode, "decision", "approve")))
	b.wait(time.Minute)
	if n := length(); n != len("WDJB-MJHT") {
		t.Errorf("a minute later a code has %d characters", n)
	}
}
