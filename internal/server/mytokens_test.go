package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/wire"
)

func (b *bench) json(method, path, as, body string, headers ...string) *httptest.ResponseRecorder {
	return b.ask(method, path, as, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// It fails where a stale session counts as fresh, and where a device's token may do what its owner may.
func TestTokensOfOnesOwn(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Private), b.account("adam", store.Private)
	device, others := b.token(mira, "studio"), b.token(adam, "laptop")
	cookie := b.signIn(mira)
	made := decode[wire.MintedToken](b, b.want(http.StatusCreated, b.json("POST", wire.PathMyTokens, cookie, `{"name":"ci","scope":"usage:write profile:read","expires_in_s":3600}`)))
	want := wire.Token{ID: made.ID, Hint: auth.Hint(made.AccessToken), Scope: "usage:write profile:read", ExpiresAt: "2026-11-23T13:00:00Z", DeviceID: made.DeviceID,
		Device: "ci", CreatedOn: "2026-11-23"}
	if diff := cmp.Diff(want, made.Token); diff != "" || auth.CheckToken(made.AccessToken) != nil {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	listed := decode[wire.Tokens](b, b.want(200, b.json("GET", wire.PathMyTokens, made.AccessToken, "")))
	if len(listed.Items) != 2 || strings.Contains(b.json("GET", wire.PathMyTokens, cookie, "").Body.String(), made.AccessToken) {
		t.Errorf("listed %+v", listed)
	}
	ids := decode[wire.Tokens](b, b.json("GET", wire.PathMyTokens, b.signIn(adam), "")).Items
	for _, tt := range []struct {
		name, method, path, as, body string
		status                       int
		headers                      []string
	}{
		{"a list for nobody", "GET", wire.PathMyTokens, "", "", 401, nil},
		{"a list for a device", "GET", wire.PathMyTokens, device, "", 403, nil},
		{"devices for a device", "GET", wire.PathMyDevices, device, "", 403, nil},
		{"devices for a reader", "GET", wire.PathMyDevices, made.AccessToken, "", 200, nil},
		{"a token made by a device's", "POST", wire.PathMyTokens, device, `{"name":"x"}`, 403, nil},
		{"a token made by a reader's", "POST", wire.PathMyTokens, made.AccessToken, `{"name":"x"}`, 403, nil},
		{"a token made by another site", "POST", wire.PathMyTokens, cookie, `{"name":"x"}`, 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"a token and a session at once", "POST", wire.PathMyTokens, cookie, `{"name":"x"}`, 401, []string{"Authorization", "Bearer " + auth.NewToken()}},
		{"a form", "POST", wire.PathMyTokens, cookie, form("name", "x"), 415, []string{"Content-Type", formType}},
		{"no name", "POST", wire.PathMyTokens, cookie, `{}`, 400, nil},
		{"a name that lies", "POST", wire.PathMyTokens, cookie, `{"name":"x\u202ey"}`, 400, nil},
		{"a token for the account", "POST", wire.PathMyTokens, cookie, `{"name":"x","scope":"account"}`, 400, nil},
		{"a scope nobody knows", "POST", wire.PathMyTokens, cookie, `{"name":"x","scope":"admin"}`, 400, nil},
		{"a member nobody knows", "POST", wire.PathMyTokens, cookie, `{"name":"x","expires":1}`, 400, nil},
		{"a second", "POST", wire.PathMyTokens, cookie, `{"name":"x","expires_in_s":1}`, 400, nil},
		{"less than nothing", "POST", wire.PathMyTokens, cookie, `{"name":"x","expires_in_s":-60}`, 400, nil},
		{"for ever and more", "POST", wire.PathMyTokens, cookie, `{"name":"x","expires_in_s":9223372036854775807}`, 400, nil},
		{"two bodies", "POST", wire.PathMyTokens, cookie, `{"name":"x"}{}`, 400, nil},
		{"a large body", "POST", wire.PathMyTokens, cookie, `{"name":"` + strings.Repeat("x", maxForm) + `"}`, 413, nil},
		{"another's token", "DELETE", wire.PathMyTokens + "/" + ids[0].ID, cookie, "", 204, nil},
		{"a sibling of a device's", "DELETE", wire.PathMyTokens + "/" + made.ID, device, "", 403, nil},
		{"itself", "DELETE", wire.PathMyTokens + "/" + made.ID, made.AccessToken, "", 204, nil},
		{"itself again", "DELETE", wire.PathMyTokens + "/" + made.ID, cookie, "", 204, nil},
		{"another's device", "DELETE", wire.PathMyDevices + "/2", cookie, "", 404, nil},
		{"a device that is none", "DELETE", wire.PathMyDevices + "/x", cookie, "", 404, nil},
		{"a device by a device", "DELETE", wire.PathMyDevices + "/1", device, "", 403, nil},
		{"a device that forgets", "DELETE", wire.PathMyDevices + "/1?keep=nothing", cookie, "", 400, nil},
		{"a device", "DELETE", wire.PathMyDevices + "/1?keep=usage", cookie, "", 204, nil},
	} {
		if w := b.json(tt.method, tt.path, tt.as, tt.body, tt.headers...); w.Code != tt.status || tt.status == 201 && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
	}
	b.want(200, b.ask("GET", wire.PathMe, others, "")) // adam's is alive
	b.want(401, b.ask("GET", wire.PathMe, device, ""))
	b.want(401, b.ask("GET", wire.PathMe, made.AccessToken, ""))
	b.wait(store.Fresh)
	if w := b.want(403, b.json("POST", wire.PathMyTokens, cookie, `{"name":"x"}`)); !strings.Contains(w.Body.String(), "/signin?next=") {
		t.Errorf("a stale session is told %s", w.Body)
	}
	if w := b.want(303, b.ask("POST", "/settings/tokens", cookie, form("name", "x", "days", "30"))); w.Header().Get("Location") != "/signin?next=%2Fsettings%23tokens" {
		t.Errorf("goes on to %s", w.Header().Get("Location"))
	}
	page := b.want(200, b.ask("POST", "/settings/tokens", b.signIn(mira), form("name", "x", "days", "30"))).Body.String()
	if token := regexp.MustCompile(auth.TokenPattern).FindString(page); b.ask("GET", wire.PathMe, token, "").Code != 200 {
		t.Errorf("the page shows no token: %s", page)
	}
}

// Two tokens in one request are none: what stands in front may have looked at the other one.
func TestTwoTokensAtOnce(t *testing.T) {
	b := newBench(t)
	mira, adam := b.token(b.account("mira", store.Private), "studio"), b.token(b.account("adam", store.Private), "laptop")
	r := httptest.NewRequest("GET", "http://tokenflex.example"+wire.PathMe, nil)
	r.Header["Authorization"] = []string{"Bearer " + mira, "Bearer " + adam}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	b.want(http.StatusUnauthorized, w)
}

// The host bounds how long tokens live, whoever makes them and whatever they ask for.
func TestTokensEndWhenTheHostSays(t *testing.T) {
	b := newBench(t, func(o *Options) { o.TokenMaxAge = 90 * 24 * time.Hour })
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	for body, want := range map[string]string{`{"name":"a"}`: "2027-02-21T12:00:00Z", `{"name":"b","expires_in_s":315360000}`: "2027-02-21T12:00:00Z", `{"name":"c","expires_in_s":60}`: "2026-11-23T12:01:00Z"} {
		if got := decode[wire.MintedToken](b, b.json("POST", wire.PathMyTokens, cookie, body)); got.ExpiresAt != want {
			t.Errorf("%s ends %s, want %s", body, got.ExpiresAt, want)
		}
	}
	code := b.deviceCode()
	b.want(200, b.ask("POST", "/device/decide", cookie, form("user_code", code.UserCode, "decision", "approve")))
	if got := decode[wire.DeviceToken](b, b.want(200, b.poll(code))); got.ExpiresIn != 90*24*3600 {
		t.Errorf("a device's token lives %d s", got.ExpiresIn)
	}
}

// A token that has ended, one that was revoked and one that never was are told the same. Fails where the time or the revocation is
// not looked at.
func TestEndedTokensAreAllTheSame(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	short := decode[wire.MintedToken](b, b.json("POST", wire.PathMyTokens, cookie, `{"name":"short","expires_in_s":60}`))
	revoked := decode[wire.MintedToken](b, b.json("POST", wire.PathMyTokens, cookie, `{"name":"revoked"}`))
	for _, one := range []wire.MintedToken{short, revoked} {
		b.want(http.StatusOK, b.ask("GET", wire.PathMe, one.AccessToken, ""))
	}
	b.want(http.StatusNoContent, b.ask("DELETE", wire.PathMyTokens+"/"+revoked.Token.ID, cookie, ""))
	b.wait(61 * time.Second)
	for _, path := range []string{wire.PathMe, wire.PathMyDays, wire.PathMyRank, wire.PathMyTokens} {
		never := sameBut(b.ask("GET", path, auth.NewToken(), ""), "-")
		if !strings.HasPrefix(never, "401") {
			t.Errorf("%s to a stranger: %s", path, never)
		}
		for name, one := range map[string]wire.MintedToken{"ended": short, "revoked": revoked} {
			if got := sameBut(b.ask("GET", path, one.AccessToken, ""), "-"); got != never {
				t.Errorf("%s: one that was %s is told\n%s\nand one that never was\n%s", path, name, got, never)
			}
		}
	}
}

// Who has sent with a token can send no more once it is revoked, and is told what a stranger is, whatever they send. Fails where whoever was
// let in a moment ago is let in again, and where what is wrong with their upload is said first.
func TestATokenThatEndedSendsNothing(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	cookie := b.signIn(mira)
	one := decode[wire.MintedToken](b, b.json("POST", wire.PathMyTokens, cookie, `{"name":"revoked"}`))
	row := wire.Day{Day: b.now().UTC().Format(time.DateOnly), Source: "codex", Model: "gpt-5", Requests: 1, Output: 1}
	for range 3 {
		row.Input += 100
		b.put(one.AccessToken, row)
	}
	if n := b.put(one.AccessToken, row).Unchanged; n != 1 {
		t.Errorf("%d unchanged", n)
	}
	b.want(http.StatusNoContent, b.ask("DELETE", wire.PathMyTokens+"/"+one.Token.ID, cookie, ""))
	for _, body := range []string{b.body("", row), `{"v":1,"seq":1,"rows":[]}`, `{`} {
		never := sameBut(b.ask("POST", wire.PathUsage, auth.NewToken(), body), "-")
		for range 2 {
			if got := sameBut(b.ask("POST", wire.PathUsage, one.AccessToken, body), "-"); got != never || !strings.HasPrefix(got, "401") {
				t.Errorf("%s by a token that ended is told\n%s\nand by one that never was\n%s", body, got, never)
			}
		}
		other := decode[wire.MintedToken](b, b.json("POST", wire.PathMyTokens, cookie, `{"name":"revoked"}`)) // of the same device, remembered
		row.Input += 100
		b.put(other.AccessToken, row)
		b.put(other.AccessToken, row)
		b.want(http.StatusNoContent, b.ask("DELETE", wire.PathMyTokens+"/"+other.Token.ID, cookie, ""))
		one = other
	}
}

// A token that only reads, reads the rows of every device of its account, each with the device; one that sends reads its own, and
// nobody reads another account's.
func TestDaysOfAReader(t *testing.T) {
	b := newBench(t)
	mira, adam := b.account("mira", store.Private), b.account("adam", store.Private)
	studio, laptop, others := b.token(mira, "studio"), b.token(mira, "laptop"), b.token(adam, "laptop")
	b.put(studio, row("2026-11-20", "codex", 10, 1), row("2026-11-22", "codex", 11, 1))
	b.put(laptop, row("2026-11-21", "claude-code", 20, 1), row("2026-11-20", "codex", 21, 1))
	b.put(others, row("2026-11-20", "codex", 99, 1))
	read := func(token, query string) string {
		var got []string
		for _, i := range decode[wire.MyDays](b, b.want(http.StatusOK, b.ask("GET", wire.PathMyDays+query, token, ""))).Items {
			got = append(got, fmt.Sprint(i.Day.Day, " ", i.Input, " of ", i.DeviceID))
		}
		return strings.Join(got, ", ")
	}
	mint := func(scope string) string {
		return decode[wire.MintedToken](b, b.want(http.StatusCreated, b.json("POST", wire.PathMyTokens, b.signIn(mira), `{"name":"reader","scope":"`+scope+`"}`))).AccessToken
	}
	reader := mint("profile:read")
	for _, tt := range []struct{ name, token, query, want string }{
		{"a reader", reader, "", "2026-11-20 10 of 1, 2026-11-20 21 of 2, 2026-11-21 20 of 2, 2026-11-22 11 of 1"},
		{"a reader of a day", reader, "?from=2026-11-21&to=2026-11-21", "2026-11-21 20 of 2"},
		{"a device", studio, "", "2026-11-20 10 of 0, 2026-11-22 11 of 0"},
		{"a device that reads too", mint("usage:write profile:read"), "", ""},
	} {
		if got := read(tt.token, tt.query); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPatchMe(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	b.account("adam", store.Private)
	cookie := b.signIn(mira)
	for _, tt := range []struct {
		name, body string
		status     int
	}{
		{"nothing", `{}`, 200},
		{"a name", `{"display_name":"Mira A\u030angstro\u0308m"}`, 200},
		{"a long name", `{"display_name":"` + strings.Repeat("é", 40) + `"}`, 200},
		{"a longer name", `{"display_name":"` + strings.Repeat("é", 41) + `"}`, 400},
		{"a name that turns around", `{"display_name":"a\u202eb"}`, 400},
		{"a name without width", `{"display_name":"a\u200bb"}`, 400},
		{"a name of nothing", `{"display_name":"\u3164"}`, 400},
		{"a name of space", `{"display_name":" a"}`, 400},
		{"a name of lines", `{"display_name":"a\nb"}`, 400},
		{"no name", `{"display_name":""}`, 200},
		{"another's handle", `{"handle":"adam"}`, 409},
		{"a handle that is none", `{"handle":"Mira"}`, 400},
		{"a handle of the server's", `{"handle":"admin"}`, 409},
		{"a loud visibility", `{"visibility":"loud","display_name":"Eve"}`, 400},
		{"everything", `{"handle":"vera","display_name":"Vera","visibility":"public"}`, 200},
		{"another handle at once", `{"handle":"nora"}`, 409},
		{"money", `{"cost":1}`, 400},
	} {
		if w := b.json("PATCH", wire.PathMe, cookie, tt.body); w.Code != tt.status {
			t.Errorf("%s: %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
	}
	got := decode[wire.Account](b, b.json("PATCH", wire.PathMe, cookie, `{}`))
	if want := (wire.Account{Handle: "vera", DisplayName: "Vera", Visibility: "public"}); got != want {
		t.Errorf("the account is %+v", got)
	}
	b.want(200, b.ask("GET", "/u/vera", "", ""))
	b.want(404, b.ask("GET", "/u/mira", "", ""))
	b.want(401, b.json("PATCH", wire.PathMe, "", `{}`))
	b.want(403, b.json("PATCH", wire.PathMe, cookie, `{"visibility":"private"}`, "Origin", "https://evil.example"))
}

// Handles cannot be tried without end.
func TestHandlesCannotBeTried(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Limits = DefaultLimits() })
	cookie := b.signIn(b.account("mira", store.Private))
	for i := range 6 {
		w := b.json("PATCH", wire.PathMe, cookie, `{"handle":"admin"}`)
		if want := map[bool]int{true: 409, false: 429}[i < 5]; w.Code != want {
			t.Errorf("try %d: %d, want %d", i+1, w.Code, want)
		}
	}
}

// Somebody sees where they are signed in, and ends it, without proving anything anew.
func TestSessionsAreListedAndEnded(t *testing.T) {
	b := newBench(t)
	mira := b.account("mira", store.Private)
	link := b.link(mira)
	phone := b.want(303, b.ask("POST", link, "", "", "User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1")).Result().Cookies()[0]
	cookie := b.signIn(mira)
	b.wait(store.Fresh)
	text := b.want(200, b.ask("GET", "/settings", cookie, "")).Body.String()
	if !strings.Contains(text, "Safari on iOS") || strings.Contains(text, "Mozilla") || strings.Count(text, "this one") != 1 {
		t.Errorf("sessions: %s", text)
	}
	id := regexp.MustCompile(`/settings/sessions/([0-9a-f-]{36})/revoke`).FindStringSubmatch(text)
	if id == nil {
		t.Fatal("nothing to end")
	}
	other := b.signIn(b.account("adam", store.Private))
	b.want(303, b.ask("POST", id[0], other, ""))
	b.want(200, b.ask("GET", "/settings", "tokenflex="+phone.Value, ""))
	b.want(303, b.ask("POST", id[0], cookie, ""))
	b.want(303, b.ask("GET", "/settings", "tokenflex="+phone.Value, ""))
	third := b.signIn(mira)
	b.want(303, b.ask("POST", "/settings/sessions/others/revoke", third, ""))
	b.want(303, b.ask("GET", "/settings", cookie, ""))
	b.want(200, b.ask("GET", "/settings", third, ""))
	b.want(200, b.ask("GET", "/settings", other, ""))
}

// Whom to tell of a fault is there, and never out of date.
func TestSecurityTxt(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Site = "https://tokenflex.example" })
	for range 3 {
		w := b.want(200, b.ask("GET", "/.well-known/security.txt", "", ""))
		fields := make(map[string]string)
		for _, line := range strings.Split(strings.TrimSpace(w.Body.String()), "\n") {
			name, value, _ := strings.Cut(line, ": ")
			fields[name] = value
		}
		expires, err := time.Parse(time.RFC3339, fields["Expires"])
		if err != nil || expires.Before(b.now().Add(30*24*time.Hour)) || expires.After(b.now().AddDate(1, 0, 0)) {
			t.Errorf("expires %q: %v", fields["Expires"], err)
		}
		if contact, err := url.Parse(fields["Contact"]); err != nil || contact.Scheme != "mailto" || fields["Canonical"] != "https://tokenflex.example/.well-known/security.txt" {
			t.Errorf("fields %v", fields)
		}
		if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
			t.Errorf("type %s", got)
		}
		b.wait(200 * 24 * time.Hour)
	}
}

func TestAgents(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "curl/8.0": "", strings.Repeat("x", 10000): "",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                        "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                  "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":         "Safari on macOS",
	} {
		if got := agent(said); got != want {
			t.Errorf("%s is %q, want %q", strconv.Quote(said), got, want)
		}
	}
}
