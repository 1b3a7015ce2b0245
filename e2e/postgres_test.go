package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/samplehome"
)

var databases atomic.Int64

// newDatabase makes a database as docs/self-host.md says, by the binary's own words.
func newDatabase(t *testing.T) (app, owner, admin string) {
	t.Helper()
	if cluster == nil {
		t.Skip("PostgreSQL is not installed")
	}
	name := fmt.Sprintf("e%d", databases.Add(1))
	cluster.Exec(t, "postgres", "CREATE DATABASE "+name)
	roles, _ := tokenflexd(t, 0, "migrate", "--roles")
	cluster.Exec(t, name, roles)
	return cluster.DSN("tf_app", name), cluster.DSN("tf_owner", name), cluster.DSN("postgres", name)
}

// The operator's way on PostgreSQL: roles, schema, doctor, two servers behind a balancer. Somebody signs in on one and
// pairs; uploads go to both; both show what the client counts.
func TestTwoServersOnPostgreSQL(t *testing.T) {
	app, owner, admin := newDatabase(t)
	if out, _ := tokenflexd(t, 0, "migrate", "--dry-run", "--db", owner); !strings.Contains(out, "0001_tables.sql\n") {
		t.Errorf("a dry run says %s", out)
	}
	if _, errs := tokenflexd(t, 1, "serve", "--listen", "127.0.0.1:0", "--db", app); !strings.Contains(errs, "tokenflexd migrate") {
		t.Errorf("without a schema: %s", errs)
	}
	tokenflexd(t, 0, "migrate", "--db", owner)
	tokenflexd(t, 0, "migrate", "--db", owner)
	if out, _ := tokenflexd(t, 0, "migrate", "--dry-run", "--db", owner); out != "0 to run\n" {
		t.Errorf("a dry run afterwards says %s", out)
	}
	tokenflexd(t, 0, "doctor", "--db", app)
	if out, _ := tokenflexd(t, 0, "doctor", "--attack", "--db", admin); !strings.Contains(out, "all refused") {
		t.Errorf("doctor --attack says %s", out)
	}
	for _, role := range []string{owner, admin} {
		if _, errs := tokenflexd(t, 1, "serve", "--listen", "127.0.0.1:0", "--db", role); !strings.Contains(errs, "not safe to serve from") {
			t.Errorf("served as %s: %s", role, errs)
		}
	}

	b := balance(t)
	args := []string{"--site", b.site(), "--trusted-proxy", "127.0.0.1", "--stop-delay", "300ms", "--limit-scale", "1000"}
	one, two := serveOn(t, app, owner, args...), serveOn(t, app, owner, args...)
	b.add(one)
	b.add(two)

	m := newMachine(t, b.site())
	if _, err := samplehome.Write(m.home, samplehome.Options{Seed: 5, Until: time.Now(), Days: 30, Sessions: 2}); err != nil {
		t.Fatal(err)
	}
	mira := one.arrive("mira")
	m.login(0, func(code string) {
		mira.post("/device/lookup", url.Values{"user_code": {code}})
		mira.host = two // the other one knows who is signed in
		mira.post("/device/decide", url.Values{"user_code": {code}, "decision": {"approve"}})
	}, "--device", "studio")
	b.only(two)
	m.run(0, "sync")
	b.only(one)
	if again := m.run(0, "sync"); !strings.Contains(again, "nothing new") || !strings.Contains(again, "on both sides") {
		t.Errorf("the second sync, by the other server, said\n%s", again)
	}
	mira.post("/settings/visibility", url.Values{"visibility": {"public"}})
	want := m.total()
	for name, h := range map[string]*host{"one": one, "two": two} {
		if board, profile := h.board(), h.profile("mira"); board != want || profile != want || want.Tokens == 0 {
			t.Errorf("server %s: board %+v, profile %+v, the client counts %+v", name, board, profile, want)
		}
	}
	noCanary(t, m, one)

	// One of the two is stopped while requests flow: none fails.
	b.only(one, two)
	flow := b.flow(t, one.admin("token", "mira", "--device", "flow"))
	flow.until(20)
	one.stop()
	flow.until(flow.done.Load() + 20)
	flow.end()
}

// A role that gets around row-level security may not serve, and whoever broke a rule is told which.
func TestUnsafeRolesDoNotServe(t *testing.T) {
	app, owner, admin := newDatabase(t)
	tokenflexd(t, 0, "migrate", "--db", owner)
	run := func(sql string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE ROLE tf_bypass LOGIN BYPASSRLS; GRANT tf_app TO tf_bypass")
	defer run("DROP OWNED BY tf_bypass; DROP ROLE tf_bypass")
	if _, errs := tokenflexd(t, 1, "serve", "--listen", "127.0.0.1:0", "--db", strings.Replace(app, "tf_app", "tf_bypass", 1)); !strings.Contains(errs, "not safe") && !strings.Contains(errs, "cannot be reached") && !strings.Contains(errs, "permission denied") {
		t.Errorf("served as a role with BYPASSRLS: %s", errs)
	}
	run("GRANT UPDATE ON tf.users TO tf_app; CREATE POLICY x ON tf.users FOR UPDATE TO tf_app USING (true)")
	if out, _ := tokenflexd(t, 1, "doctor", "--db", app); !strings.Contains(out, "may write a table") || !strings.Contains(out, "lets the server's role write") {
		t.Errorf("doctor says %s", out)
	}
	if out, _ := tokenflexd(t, 1, "doctor", "--attack", "--db", admin); !strings.Contains(out, "the server's role can publish an account") {
		t.Errorf("doctor --attack says %s", out)
	}
	tokenflexd(t, 1, "serve", "--listen", "127.0.0.1:0", "--db", app)
}

// A server grows from a file to PostgreSQL, and from a dump back to life: clients go on as if nothing had been.
func TestMovingHouse(t *testing.T) {
	small := serve(t)
	m := newMachine(t, small.site)
	if _, err := samplehome.Write(m.home, samplehome.Options{Seed: 9, Until: time.Now(), Days: 20, Sessions: 2}); err != nil {
		t.Fatal(err)
	}
	m.runIn(small.admin("token", "mira", "--device", "studio")+"\n", 0, "login", "--token-stdin")
	m.run(0, "sync")
	mira := small.arrive("mira")
	mira.post("/settings/visibility", url.Values{"visibility": {"public"}})
	small.admin("invite", "nobody-yet")
	small.admin("token", "gone-since")
	want := m.total()
	small.stop()

	app, owner, admin := newDatabase(t)
	tokenflexd(t, 0, "migrate", "--db", owner)
	if _, errs := tokenflexd(t, 1, "db", "copy", "--from", "sqlite:"+small.db, "--to", owner); !strings.Contains(errs, "administrator") {
		t.Errorf("copied as the owner: %s", errs)
	}
	if out, _ := tokenflexd(t, 0, "db", "copy", "--from", "sqlite:"+small.db, "--to", admin); !strings.Contains(out, "the same on both sides") {
		t.Errorf("copy says %s", out)
	}
	if _, errs := tokenflexd(t, 1, "db", "copy", "--from", "sqlite:"+small.db, "--to", admin); !strings.Contains(errs, "accounts already") {
		t.Errorf("copied twice: %s", errs)
	}
	tokenflexd(t, 0, "doctor", "--db", app)
	address := strings.TrimPrefix(small.site, "http://")
	lives := func(h *host, where string) {
		t.Helper()
		if board := h.board(); board != want {
			t.Errorf("%s the board has %+v, the client counts %+v", where, board, want)
		}
		if again := m.run(0, "sync"); !strings.Contains(again, "nothing new") || !strings.Contains(again, "on both sides") {
			t.Errorf("%s sync says %s", where, again)
		}
		if page := fetch(t, mira.http, h.site+"/settings"); !strings.Contains(page, "studio") {
			t.Errorf("%s the browser is signed out", where)
		}
		h.admin("token", "mira", "--device", "after "+where) // numbers go on
	}
	journal := filepath.Join(t.TempDir(), "journal", "erasures")
	big := serveOn(t, app, owner, "--listen", address, "--erasure-journal", journal)
	lives(big, "after moving")

	// A dump of it, restored into a new database.
	backup, _ := tokenflexd(t, 0, "migrate", "--backup-role")
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, errs := tokenflexd(t, 1, "backup", "--db", app, "--to", dir); !strings.Contains(errs, "pg_dump") {
		t.Errorf("dumped as the server's role: %s", errs)
	}
	out, _ := tokenflexd(t, 0, "backup", "--db", strings.Replace(owner, "tf_owner", "tf_backup", 1), "--to", dir)
	dump := strings.TrimSpace(out)
	if info, err := os.Stat(dump); err != nil || info.Mode().Perm() != 0o600 || filepath.Ext(dump) != ".dump" {
		t.Errorf("%s: %v %v", dump, info, err)
	}
	big.arrive("gone-since").post("/settings/erase", url.Values{"confirm": {"gone-since"}})
	big.stop()
	empty := func() string {
		t.Helper()
		name := fmt.Sprintf("r%d", databases.Add(1))
		cluster.Exec(t, "postgres", "CREATE DATABASE "+name)
		roles, _ := tokenflexd(t, 0, "migrate", "--roles")
		cluster.Exec(t, name, roles)
		return name
	}
	// Without its journal nothing is known of the erasure, and that is said.
	forgetful := empty()
	if _, errs := tokenflexd(t, 0, "restore", dump, "--db", cluster.DSN("postgres", forgetful)); !strings.Contains(errs, "--erasure-journal") {
		t.Errorf("restored without a journal: %s", errs)
	}
	if out, _ := tokenflexd(t, 0, "admin", "list", "--db", cluster.DSN("tf_owner", forgetful)); !strings.Contains(out, "gone-since") {
		t.Fatalf("the dump lacks who was erased after it:\n%s", out)
	}
	restored := empty()
	again := []string{"restore", dump, "--db", cluster.DSN("postgres", restored), "--erasure-journal"}
	if _, errs := tokenflexd(t, 1, append(again, journal+"x")...); !strings.Contains(errs, "no such file") {
		t.Errorf("restored with a journal that is not there: %s", errs)
	}
	if out, _ := tokenflexd(t, 0, append(again, journal)...); !strings.Contains(out, "1 accounts") {
		t.Errorf("restore says %s", out)
	}
	if _, errs := tokenflexd(t, 1, append(again, journal)...); !strings.Contains(errs, "already") {
		t.Errorf("restored twice: %s", errs)
	}
	if out, _ := tokenflexd(t, 0, "admin", "list", "--db", cluster.DSN("tf_owner", restored)); strings.Contains(out, "gone-since") || !strings.Contains(out, "mira") {
		t.Errorf("after restoring there are\n%s", out)
	}
	tokenflexd(t, 0, "doctor", "--db", cluster.DSN("tf_app", restored))
	lives(serveOn(t, cluster.DSN("tf_app", restored), cluster.DSN("tf_owner", restored), "--listen", address), "after restoring")
}

// balancer hands requests to whichever of its servers is ready, in turn, and tries another if one cannot be reached.
type balancer struct {
	server *httptest.Server
	mu     sync.Mutex
	hosts  []*host
	next   int
}

func balance(t *testing.T) *balancer {
	t.Helper()
	b := new(balancer)
	b.server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "balanced"})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: b,
	})
	t.Cleanup(b.server.Close)
	return b
}

func (b *balancer) site() string { return b.server.URL }

func (b *balancer) add(h *host) { b.only(append(b.ready(), h)...) }

// only leaves these servers to send to.
func (b *balancer) only(hosts ...*host) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hosts = hosts
}

func (b *balancer) ready() []*host {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*host(nil), b.hosts...)
}

// RoundTrip asks each server whether it is ready before it is sent anything, as balancers do every second or so.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.next++
	start := b.next
	b.mu.Unlock()
	hosts := b.ready()
	for i := range hosts {
		site := hosts[(start+i)%len(hosts)].site
		answer, err := http.Get(site + "/readyz")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			continue
		}
		r.URL.Host = strings.TrimPrefix(site, "http://")
		return http.DefaultTransport.RoundTrip(r)
	}
	return nil, fmt.Errorf("none of %d servers is ready", len(hosts))
}

// flow is requests that come without end: pages, and uploads that count up.
type flow struct {
	t       *testing.T
	done    atomic.Int64
	sent    atomic.Int64 // the last upload that was acknowledged
	stop    chan struct{}
	waiting sync.WaitGroup
}

func (b *balancer) flow(t *testing.T, token string) *flow { return flowTo(t, b.site(), token) }

func flowTo(t *testing.T, site, token string) *flow {
	t.Helper()
	f := &flow{t: t, stop: make(chan struct{})}
	f.waiting.Add(2)
	go f.loop(func(int64) (int, error) {
		answer, err := http.Get(site + "/api/v1/leaderboard?period=all")
		if err != nil {
			return 0, err
		}
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode, err
	})
	go f.loop(func(n int64) (int, error) {
		status, err := upload(site, token, n)
		if status == http.StatusOK {
			f.sent.Store(n)
		}
		return status, err
	})
	return f
}

// upload sends one row of today with n tokens, as upload number n.
func upload(site, token string, n int64) (int, error) {
	r, err := http.NewRequest(http.MethodPost, site+"/api/v1/usage", strings.NewReader(uploadBody(n)))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	// An upload may be sent twice, and this tells Go's client so: it tries again when a kept connection was closed as it began to send.
	r.Header.Set("Idempotency-Key", fmt.Sprint(n))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

func uploadBody(n int64) string {
	return fmt.Sprintf(`{"v":1,"seq":%d,"rows":[{"day":%q,"source":"codex","model":"gpt-5","input":%d,"requests":1}]}`, n, time.Now().UTC().Format(time.DateOnly), n)
}

func (f *flow) loop(ask func(n int64) (int, error)) {
	defer f.waiting.Done()
	for n := int64(1); ; n++ {
		select {
		case <-f.stop:
			return
		default:
		}
		if status, err := ask(n); err != nil || status != http.StatusOK {
			f.t.Errorf("request %d of the flow: status %d, %v", n, status, err)
			return
		}
		f.done.Add(1)
	}
}

// until waits until so many requests have been answered.
func (f *flow) until(n int64) {
	f.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for f.done.Load() < n {
		if f.t.Failed() || time.Now().After(deadline) {
			f.end()
			f.t.Fatalf("only %d requests were answered", f.done.Load())
		}
		time.Sleep(time.Millisecond)
	}
}

func (f *flow) end() {
	close(f.stop)
	f.waiting.Wait()
}
