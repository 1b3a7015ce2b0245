package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/sqlite"
	"tokenflex.ing/internal/server/store/storetest"
	"tokenflex.ing/internal/wire"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bench is a whole server on a store of its own, with a clock that is set by hand.
type bench struct {
	t     testing.TB
	s     *Server
	store store.Store
	file  string        // of the database; empty on PostgreSQL
	raw   func() string // what the database holds, down to its bytes
	log   *logBook
	mu    sync.Mutex
	at    time.Time
	seq   int64
}

type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var template = storetest.Template(func(file string) error {
	db, err := sqlite.Open(context.Background(), file, time.Now)
	if err != nil {
		return err
	}
	return db.Close()
})

func newBench(t testing.TB, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, at: noon, log: &logBook{}}
	o := Options{Store: b.open(), Prices: pricing.Embedded(), Site: "http://tokenflex.example", Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		Now: b.now, Limits: DefaultLimits().Scale(1000), Lines: accept.DefaultLines()}
	for _, c := range change {
		c(&o)
	}
	b.at = o.Now()
	var err error
	if b.s, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	b.s.ranks.Every = 0 // a test's uploads come one right after the other, and each is to see the one before
	return b
}

// open makes the database of the bench, on the engine that the test is of, and returns what the server has of it.
func (b *bench) open() store.Store {
	if strings.HasPrefix(b.t.Name(), "TestOnPostgreSQL/") {
		return b.openShared()
	}
	b.file = filepath.Join(b.t.TempDir(), "tokenflexd.db")
	template(b.t, b.file)
	db, err := sqlite.Open(b.t.Context(), b.file, b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { db.Close() })
	b.store, b.raw = db, func() string { return databaseFiles(b.t, b.file) }
	return db
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

// ask sends one request. as is a token, a session's cookie, or nobody.
func (b *bench) ask(method, path, as, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://tokenflex.example"+path, strings.NewReader(body))
	switch {
	case strings.HasPrefix(as, auth.TokenPrefix):
		r.Header.Set("Authorization", "Bearer "+as)
	case as != "":
		r.Header.Set("Cookie", as)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", formType)
		if strings.HasPrefix(path, "/api/") {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	return w
}

// want fails the test unless the answer has the status, and returns it.
func (b *bench) want(status int, w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	b.t.Helper()
	if w.Code != status {
		b.t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	return w
}

func decode[T any](b *bench, w *httptest.ResponseRecorder) T {
	b.t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		b.t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

// account makes an account and returns it with its visibility set.
func (b *bench) account(handle string, v store.Visibility) store.User {
	b.t.Helper()
	u, err := b.store.AddUser(b.t.Context(), handle, b.now())
	if err == nil {
		err = b.store.SetVisibility(b.t.Context(), store.Actor{User: u.ID}, v)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// token pairs a device of the account.
func (b *bench) token(u store.User, device string) string {
	b.t.Helper()
	token := auth.NewToken()
	if _, err := b.store.AddToken(b.t.Context(), u.ID, device, NewToken(token, b.now())); err != nil {
		b.t.Fatal(err)
	}
	return token
}

// device pairs one and returns its number.
func (b *bench) device(u store.User) int64 {
	b.t.Helper()
	who, err := b.store.TokenActor(b.t.Context(), store.HashOf(b.token(u, "device")), b.now())
	if err != nil {
		b.t.Fatal(err)
	}
	return who.Device
}

// link returns the path of a one-time link.
func (b *bench) link(u store.User) string {
	b.t.Helper()
	secret := auth.NewSecret()
	if err := b.store.AddInvite(b.t.Context(), u.ID, store.HashOf(secret), b.now(), b.now().Add(time.Hour)); err != nil {
		b.t.Fatal(err)
	}
	return "/signin/" + secret
}

// signIn returns the cookie of a new session.
func (b *bench) signIn(u store.User) string {
	b.t.Helper()
	w := b.want(http.StatusSeeOther, b.ask("POST", b.link(u), "", ""))
	c := w.Result().Cookies()[0]
	return c.Name + "=" + c.Value
}

// row is one claimed day: a million tokens of it cost 5 dollars in, 25 out.
func row(day, source string, input, output int64) wire.Day {
	return wire.Day{Day: day, Source: source, Model: "claude-opus-4-5", Tier: "standard", Requests: 1 + (input+output)/100_000, Input: input, Output: output}
}

// body returns an upload with a number higher than the last.
func (b *bench) body(mode wire.Mode, rows ...wire.Day) string {
	b.seq++
	text, err := json.Marshal(wire.Usage{V: 1, SyncID: fmt.Sprint("sync-", b.seq), Seq: b.seq, Mode: mode,
		Client: wire.Client{Name: "tokenflexing", Version: "1.0.0", OS: "linux"}, Rows: rows})
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// put uploads rows and returns the receipt.
func (b *bench) put(token string, rows ...wire.Day) wire.Receipt {
	b.t.Helper()
	return decode[wire.Receipt](b, b.want(http.StatusOK, b.ask("POST", wire.PathUsage, token, b.body(wire.Max, rows...))))
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

var requestID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// sameBut returns the text of an answer without what differs from one request to the next.
func sameBut(w *httptest.ResponseRecorder, names ...string) string {
	text := requestID.ReplaceAllString(w.Body.String(), "ID")
	for _, n := range names {
		text = strings.ReplaceAll(text, n, "NAME")
	}
	return fmt.Sprint(w.Code, w.Header().Get("Content-Type"), w.Header().Get("Cache-Control"), text)
}
