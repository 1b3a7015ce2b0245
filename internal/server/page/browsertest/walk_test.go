package browsertest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page/browsertest"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/sqlite"
	"tokenflex.ing/internal/wire"
)

// host is a real server on a real database.
type host struct {
	*testing.T
	store store.Store
	url   string
}

func newHost(t *testing.T, change ...func(*server.Options)) *host {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "tokenflexd.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	listener := httptest.NewUnstartedServer(nil)
	origin := "http://" + listener.Listener.Addr().String()
	o := server.Options{Store: db, Prices: pricing.Embedded(), Site: origin, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Limits: server.DefaultLimits().Scale(100), Lines: accept.DefaultLines()}
	for _, c := range change {
		c(&o)
	}
	s, err := server.New(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	listener.Config.Handler = s
	listener.Start()
	t.Cleanup(listener.Close)
	return &host{t, o.Store, o.Site}
}

// invite makes an account, if there is none of the name, and returns the path of a one-time link to it.
func (h *host) invite(handle string) string {
	h.Helper()
	ctx, secret := context.Background(), auth.NewSecret()
	user, err := h.store.UserByHandle(ctx, handle)
	if err != nil {
		if user, err = h.store.AddUser(ctx, handle, time.Now()); err != nil {
			h.Fatal(err)
		}
	}
	if err := h.store.AddInvite(ctx, user.ID, store.HashOf(secret), time.Now(), time.Now().Add(time.Hour)); err != nil {
		h.Fatal(err)
	}
	return "/signin/" + secret
}

// post sends a form, as a terminal does, and decodes the answer.
func (h *host) post(path string, form url.Values, answer any) int {
	h.Helper()
	res, err := http.PostForm(h.url+path, form)
	if err != nil {
		h.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		h.Fatal(err)
	}
	return res.StatusCode
}

// upload sends one row of today and returns the account's sum.
func (h *host) upload(token string, seq int64) (wire.Sum, int) {
	h.Helper()
	body, err := json.Marshal(wire.Usage{V: 1, SyncID: "01936b2e-7a4c-7c3e-8f00-000000000001", Seq: seq, Mode: wire.Max,
		Client: wire.Client{Name: "tokenflexing", Version: "1.0.0", OS: "linux"}, Parsers: map[string]int{"claude-code": 1},
		Rows: []wire.Day{{Day: time.Now().UTC().Format(time.DateOnly), Source: "claude-code", Model: "claude-sonnet-4-5", Tier: "standard",
			Requests: 61, Input: 1042, CacheRead: 918204, CacheWrite5m: 40118, Output: 12077, Reasoning: 3310}}})
	if err != nil {
		h.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, h.url+wire.PathUsage, bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		h.Fatal(err)
	}
	if res.StatusCode == http.StatusUnprocessableEntity {
		h.Fatalf("the upload is refused: %s", answer)
	}
	var receipt wire.Receipt
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(answer, &receipt); err != nil {
			h.Fatal(err)
		}
	}
	return receipt.Total, res.StatusCode
}

// status asks for a page as a stranger without a browser.
func (h *host) status(path string) (int, string) {
	h.Helper()
	res, err := http.Get(h.url + path)
	if err != nil {
		h.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// Signing in, letting a device in, choosing who sees the page and leaving again are plain links and forms: they work the same
// without script as with it.
func TestTheWalksWorkWithAndWithoutScript(t *testing.T) {
	browser := browsertest.Start(t)
	for _, script := range []bool{false, true} {
		t.Run(fmt.Sprintf("script=%v", script), func(t *testing.T) {
			h := newHost(t)
			tab := browser.Open(t, h.url, script)
			tab.Look(320, "light")
			w := &walk{h, tab, script}
			w.signIn()
			token := w.approve()
			w.goPublic(token)
			w.goPrivate()
			w.chooseColours()
			w.revoke(token)
			w.signOut()
			for _, f := range tab.Faults("410 (Gone)", "422 (Unprocessable Entity)") { // of the spent link and the wrong code
				t.Error(f)
			}
		})
	}
}

// walk is somebody with a browser.
type walk struct {
	*host
	tab    *browsertest.Tab
	script bool
}

const walker = "jo-writes-code"

// expect fails unless what the selector finds says the words.
func (w *walk) expect(selector, words string) {
	w.Helper()
	if got := w.tab.Text(selector); !strings.Contains(strings.ToLower(got), strings.ToLower(words)) {
		w.Fatalf("%s: %s says %q, want %q", w.tab.Path(), selector, got, words)
	}
}

func (w *walk) signIn() {
	w.Helper()
	w.tab.Go("/settings")
	w.expect("h1", "Sign in by a link")
	link := w.invite(walker)
	w.tab.Go(link)
	w.expect("h1", "Sign in as "+walker)
	w.tab.Go("/settings") // opening the link has signed nobody in
	w.expect("h1", "Sign in by a link")
	w.tab.Go(link)
	w.tab.Press("main form button")
	w.expect("h1", "Your place")
	w.tab.Go(link)
	w.expect("h1", "spent")
}

// approve lets a device in and returns its token.
func (w *walk) approve() string {
	w.Helper()
	var asked wire.DeviceCode
	if status := w.post(wire.PathDeviceCode, url.Values{"client_id": {wire.ClientID}, "device_name": {"linux-2"}, "os": {"linux"}}, &asked); status != http.StatusOK {
		w.Fatalf("device code: %d", status)
	}
	w.tab.Go("/device")
	w.tab.Type("#uc", "bcdf bcdf")
	w.tab.Press("main form button")
	w.expect("[role=alert]", "not waiting for anybody")

	w.tab.Go("/device")
	w.tab.Type("#uc", strings.ToLower(strings.ReplaceAll(asked.UserCode, "-", "")))
	w.tab.Press("main form button")
	w.expect("h1", "Is this your terminal?")
	w.expect(".term", asked.UserCode)
	w.expect(".facts", "linux-2")
	w.tab.Press("button[value=approve]")
	w.expect("h1", "linux-2 is connected")

	var minted wire.DeviceToken
	form := url.Values{"grant_type": {wire.GrantType}, "device_code": {asked.DeviceCode}, "client_id": {wire.ClientID}}
	if status := w.post(wire.PathDeviceToken, form, &minted); status != http.StatusOK || minted.Handle != walker {
		w.Fatalf("token: %d for %q", status, minted.Handle)
	}
	return minted.AccessToken
}

// goPublic syncs, shares, and looks for the same total on the page, on the board and in the receipt.
func (w *walk) goPublic(token string) {
	w.Helper()
	w.tab.Go("/u/" + walker)
	w.expect(".tag:not(.you)", "Private")
	total, status := w.upload(token, 1)
	if status != http.StatusOK || total.Tokens != 971441 {
		w.Fatalf("upload: %d, total %d", status, total.Tokens)
	}
	if status, _ := w.status("/u/" + walker); status != http.StatusNotFound {
		w.Fatalf("a private page answers a stranger with %d", status)
	}
	w.tab.Go("/settings")
	w.tab.Tick("label[for=v-public]")
	w.tab.Press("#privacy button")
	w.expect("[role=status]", "Saved")
	for _, path := range []string{"/", "/u/" + walker} {
		status, body := w.status(path)
		for _, want := range []string{`<data value="971441">971,441</data>`, walker, fmt.Sprintf("<data value=\"%d.%06d\"", total.CostUUSD/1e6, total.CostUUSD%1e6)} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				w.Fatalf("%s: %d, lacks %s", path, status, want)
			}
		}
	}
	for _, path := range []string{"/", "/u/" + walker, "/settings"} {
		w.tab.Go(path)
		if wide := w.tab.TooWide(); wide != "" {
			w.Errorf("%s: wider than the window: %s", path, wide)
		}
		if !w.script { // axe is one
			continue
		}
		for _, v := range w.tab.Violations() {
			w.Errorf("%s: %s", path, v)
		}
	}
}

func (w *walk) goPrivate() {
	w.Helper()
	w.tab.Go("/settings")
	w.tab.Tick("label[for=v-private]")
	w.tab.Press("#privacy button")
	w.expect("[role=status]", "Saved")
	status, private := w.status("/u/" + walker)
	missing, nobody := w.status("/u/nobody-at-all")
	if status != http.StatusNotFound || missing != status || private != nobody {
		w.Errorf("a private page and none differ: %d and %d", status, missing)
	}
	if _, board := w.status("/"); strings.Contains(board, walker) {
		w.Error("the board still has the private account")
	}
}

func (w *walk) chooseColours() {
	w.Helper()
	w.tab.Go("/connect")
	w.tab.Press("button[value=dark]")
	if got := w.tab.Path(); got != "/connect" {
		w.Errorf("the theme led to %s", got)
	}
	w.expect("html[data-theme=dark] h1", "Connect a machine")
	w.tab.Press("button[value=auto]")
	w.expect("html:not([data-theme]) h1", "Connect a machine")
}

func (w *walk) revoke(token string) {
	w.Helper()
	w.tab.Go("/settings")
	w.tab.Tick("#devices summary")
	w.tab.Type("#devices input[name=name]", "work-machine")
	w.tab.Press("#devices form[action$='/rename'] button")
	w.expect("#devices b", "work-machine")
	w.tab.Tick("#devices summary")
	w.tab.Press("#devices form[action$='/revoke'] button")
	w.expect("#devices", "revoked")
	if _, status := w.upload(token, 2); status != http.StatusUnauthorized {
		w.Errorf("a revoked token is answered with %d", status)
	}
}

func (w *walk) signOut() {
	w.Helper()
	w.tab.Go("/settings")
	w.tab.Press("form[action='/signout'] button")
	w.expect("h1", "Signed out")
	w.tab.Go("/settings")
	w.expect("h1", "Sign in by a link")
}
