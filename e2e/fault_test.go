package e2e

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// rounds is how often a fault is brought about: TOKENFLEX_FAULTS=100 for a long loop.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("TOKENFLEX_FAULTS")); err == nil && n > 0 {
		return n
	}
	return 3
}

// faulty sends uploads that count up until the site does not answer any more, and returns the last that was acknowledged. What
// is to happen to the site begins once one was.
func faulty(site, token string, from int64, begin func()) (acknowledged, tried int64) {
	acknowledged = from - 1
	for n := from; ; n++ {
		status, err := upload(site, token, n)
		if err != nil || status != http.StatusOK {
			return acknowledged, n
		}
		acknowledged = n
		if n == from {
			begin()
		}
	}
}

// state is what a database has of the one account, in every table that sums it up, and for how many accounts sums wait.
type state struct{ Usage, UserDay, Score, Seq, Rows, Due int64 }

func (s *state) fields() []any {
	return []any{&s.Usage, &s.UserDay, &s.Score, &s.Seq, &s.Rows, &s.Due}
}

// whole is the query of a state: with uploads of n tokens as number n, the first four say which upload was the last.
func whole(schema string) string {
	return `SELECT (SELECT coalesce(sum(input), 0) FROM ` + schema + `usage_day), (SELECT coalesce(sum(input), 0) FROM ` + schema + `user_day),
		(SELECT coalesce(max(input), 0) FROM ` + schema + `score WHERE period = 'all' AND source = ''),
		(SELECT coalesce(max(last_seq), 0) FROM ` + schema + `devices), (SELECT count(*) FROM ` + schema + `usage_day),
		(SELECT count(*) FROM ` + schema + `due)`
}

// check holds that everything acknowledged is there, and nothing by half: sums that are behind are known to be.
func (s state) check(t *testing.T, round int, acknowledged, tried int64) {
	t.Helper()
	if s.Usage < acknowledged || s.Usage > tried {
		t.Errorf("round %d: the rows are of upload %d; %d was acknowledged, %d tried", round, s.Usage, acknowledged, tried)
	}
	sums := s.Usage
	if s.Due == 1 && s.UserDay < s.Usage {
		sums = s.UserDay
	}
	if s != (state{s.Usage, sums, sums, s.Usage, 1, s.Due}) {
		t.Errorf("round %d: half an upload is visible: %+v", round, s)
	}
}

// Whenever the server is killed while uploads come, what it acknowledged is there when it is back, whole.
func TestServerKilledWhileUploadsCome(t *testing.T) {
	db := filepath.Join(t.TempDir(), "tokenflexd.db")
	h := serveOn(t, db, db, "--limit-scale", "1000")
	token := h.admin("token", "mira", "--device", "flow")
	last := int64(0)
	for round := range rounds() {
		process := h.process.Process
		acknowledged, tried := faulty(h.site, token, last+1, func() {
			time.AfterFunc(time.Duration(40+37*round%60)*time.Millisecond, func() { process.Kill() })
		})
		if acknowledged == last {
			t.Fatalf("round %d: upload %d was not taken by a server that is well", round, tried)
		}
		h.kill()
		s := stateOfFile(t, db)
		s.check(t, round, acknowledged, tried)
		last = s.Usage
		h.start("--listen", "127.0.0.1:0", "--limit-scale", "1000")
	}
	awaitSums(t, last, func() state { return stateOfFile(t, db) })
	tokenflexd(t, 0, "doctor", "--db", db)
}

// awaitSums waits until the server has brought every sum up to the last upload, which nobody asks it to.
func awaitSums(t *testing.T, last int64, now func() state) {
	t.Helper()
	want := state{last, last, last, last, 1, 0}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		s := now()
		if s == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("sums are not brought up to upload %d: %+v", last, s)
		}
	}
}

func stateOfFile(t *testing.T, db string) state {
	t.Helper()
	file, err := sql.Open("sqlite", "file:"+db+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var s state
	if err := file.QueryRow(whole("")).Scan(s.fields()...); err != nil {
		t.Fatal(err)
	}
	return s
}

// The same on PostgreSQL, where now the server is killed and now the database, which then comes back.
func TestDatabaseKilledWhileUploadsCome(t *testing.T) {
	if cluster == nil {
		t.Skip("PostgreSQL is not installed")
	}
	app, owner, admin := newDatabase(t)
	tokenflexd(t, 0, "migrate", "--db", owner)
	h := serveOn(t, app, owner, "--limit-scale", "1000")
	token := h.admin("token", "mira", "--device", "flow")
	cluster.Exec(t, "postgres", "ALTER ROLE tf_app SET synchronous_commit = on") // acknowledged is written, as in production
	h.stop()
	h.start("--listen", "127.0.0.1:0", "--limit-scale", "1000")
	last := int64(0)
	for round := range rounds() {
		killed := make(chan error, 1)
		acknowledged, tried := faulty(h.site, token, last+1, func() {
			time.AfterFunc(time.Duration(60+37*round%60)*time.Millisecond, func() {
				if round%2 == 0 {
					killed <- cluster.Kill()
					return
				}
				killed <- h.process.Process.Kill()
			})
		})
		if acknowledged == last {
			t.Fatalf("round %d: upload %d was not taken by a server that is well", round, tried)
		}
		if err := <-killed; err != nil {
			t.Fatal(err)
		}
		if round%2 == 0 {
			if status, err := upload(h.site, token, tried); err != nil || status != http.StatusServiceUnavailable && status != http.StatusOK {
				t.Errorf("round %d: while the database is away the server answers %d, %v", round, status, err)
			}
			if err := cluster.Revive(); err != nil {
				t.Fatal(err)
			}
			h.awaitReady()
		} else {
			h.kill()
			h.start("--listen", "127.0.0.1:0", "--limit-scale", "1000")
		}
		s := seen(t, admin)
		s.check(t, round, acknowledged, tried)
		last = s.Usage
	}
	awaitSums(t, last, func() state { return stateOf(t, admin) })
	tokenflexd(t, 0, "doctor", "--db", app)
}

// seen is what whoever looks at the account sees: its inbox is emptied before.
func seen(t *testing.T, dsn string) state {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "SELECT tf.empty_inbox(user_id) FROM tf.inbox"); err != nil {
		t.Fatal(err)
	}
	return stateOf(t, dsn)
}

func stateOf(t *testing.T, dsn string) state {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var s state
	if err := conn.QueryRow(t.Context(), whole("tf.")).Scan(s.fields()...); err != nil {
		t.Fatal(err)
	}
	return s
}

// awaitReady waits until the server says that it can answer, without being started again.
func (h *host) awaitReady() {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		answer, err := http.Get(h.site + "/readyz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the server is not ready again: %v\n%s", err, h.log)
		}
	}
}

// While all connections are kept, whoever comes is told within seconds to come back, and afterwards everybody is served.
func TestPoolAtItsLimit(t *testing.T) {
	app, owner, admin := newDatabase(t)
	tokenflexd(t, 0, "migrate", "--db", owner)
	h := serveOn(t, app+"&pool_max_conns=2", owner, "--limit-scale", "1000")
	token := h.admin("token", "mira", "--device", "flow")
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "BEGIN; SELECT FROM tf.users FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		status int
		took   time.Duration
		err    error
	}
	answers := make(chan answer)
	const many = 8
	for n := range many {
		go func() {
			start := time.Now()
			status, err := upload(h.site, token, int64(n+1))
			answers <- answer{status, time.Since(start), err}
		}()
	}
	for range many {
		if a := <-answers; a.err != nil || a.status != http.StatusServiceUnavailable || a.took > 6*time.Second {
			t.Errorf("with every connection kept: %d after %s, %v", a.status, a.took, a.err)
		}
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if status, err := upload(h.site, token, 100); err != nil || status != http.StatusOK {
		t.Errorf("afterwards: %d, %v", status, err)
	}
}

// A full disk refuses what is new in words that say so, keeps what was stored, and is over when there is room again.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tokenflexd-test", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be made here: %s", out)
	}
	defer exec.Command("umount", "-l", dir).Run()
	db := filepath.Join(dir, "tokenflexd.db")
	h := serveOn(t, db, db, "--limit-scale", "1000")
	defer h.stop()
	token := h.admin("token", "mira", "--device", "flow")
	if status, err := upload(h.site, token, 1); err != nil || status != http.StatusOK {
		t.Fatal(status, err)
	}
	ballast := filepath.Join(dir, "ballast")
	if f, err := os.Create(ballast); err == nil {
		for _, err := f.Write(make([]byte, 4096)); err == nil; _, err = f.Write(make([]byte, 4096)) {
		}
		f.Close()
	}
	acknowledged, tried := faulty(h.site, token, 2, func() {}) // the write-ahead log may have had room
	if tried-acknowledged != 1 {
		t.Fatalf("upload %d was the last that was stored, %d was refused", acknowledged, tried)
	}
	if status, body := problem(t, h.site, token, tried); status != http.StatusServiceUnavailable || !strings.Contains(body, "storage-full") {
		t.Errorf("on a full disk: %d %s", status, body)
	}
	if answer, err := http.Get(h.site + "/readyz"); err != nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a full disk is ready: %v, %v", answer, err)
	}
	if !strings.Contains(h.get("/api/v1/leaderboard?period=all"), "items") {
		t.Error("nothing can be read")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if status, err := upload(h.site, token, tried); err != nil || status != http.StatusOK {
		t.Errorf("with room again: %d, %v", status, err)
	}
	h.stop()
	stateOfFile(t, db).check(t, 0, tried, tried)
}

// problem sends an upload and returns the answer.
func problem(t *testing.T, site, token string, n int64) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, site+"/api/v1/usage", strings.NewReader(uploadBody(n)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// A migration that is killed goes on where it was when it is run again, on both engines.
func TestMigrationKilled(t *testing.T) {
	interrupted := func(t *testing.T, db string) {
		t.Helper()
		for round := range 2 * rounds() {
			c := exec.Command(filepath.Join(bin, "tokenflexd"), "migrate", "--db", db)
			c.Env = []string{"HOME=" + t.TempDir()}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			end := time.AfterFunc(time.Duration(5+round*17)*time.Millisecond, func() { c.Process.Kill() })
			c.Wait()
			end.Stop()
		}
		tokenflexd(t, 0, "migrate", "--db", db)
	}
	file := filepath.Join(t.TempDir(), "x.db")
	interrupted(t, file)
	tokenflexd(t, 0, "doctor", "--db", file)
	app, owner, _ := newDatabase(t)
	interrupted(t, owner)
	tokenflexd(t, 0, "doctor", "--db", app)
}
