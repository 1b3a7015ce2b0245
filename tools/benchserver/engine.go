package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// engine is a database that the server runs on, and how the host and this program reach it.
type engine struct {
	name, version string
	app, owner    string  // --db of serve and of admin
	db            *sql.DB // as whoever may do everything
	schema        string  // "tf." or nothing
	postmaster    int     // process of PostgreSQL
	run           int64   // how often the database was measured before; added to what is sent, so that nobody seems to have another's days
	first         int64   // account that sends: each run has others, for what an account sent changes what its next upload costs
	bareFirst     int64   // account that has bare upserts, as many as send
	stop          []func()
}

func newEngine(ctx context.Context, name, dir string) (*engine, error) {
	e := &engine{name: name}
	var err error
	switch name {
	case "sqlite":
		err = e.openFile(ctx, filepath.Join(dir, "tokenflexd.db"))
	case "postgres":
		err = e.openCluster(ctx, filepath.Join(dir, "pg"))
	default:
		err = errors.New("no such engine: sqlite or postgres")
	}
	if err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) close() {
	for i := len(e.stop) - 1; i >= 0; i-- {
		e.stop[i]()
	}
}

func (e *engine) openFile(ctx context.Context, file string) error {
	e.app, e.owner = file, file
	if err := tokenflexd(ctx, io.Discard, "migrate", "--db", file); err != nil {
		return err
	}
	var err error
	// It keeps what it acknowledges as the server's own connection does; the larger cache is for filling the database.
	if e.db, err = sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=cache_size(-262144)&_txlock=immediate"); err != nil {
		return err
	}
	e.stop = append(e.stop, func() { e.db.Close() })
	return e.db.QueryRowContext(ctx, "SELECT 'SQLite ' || sqlite_version()").Scan(&e.version)
}

// openCluster starts a PostgreSQL that keeps what it acknowledges, as in production.
func (e *engine) openCluster(ctx context.Context, dir string) error {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		return errors.New("PostgreSQL is not installed")
	}
	bin := bins[len(bins)-1]
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := hand(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := hand(dir); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	_, missing := os.Stat(filepath.Join(data, "PG_VERSION"))
	if missing != nil {
		if out, err := asUser(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
			return fmt.Errorf("initdb: %w\n%s", err, out)
		}
	}
	// The shell ends PostgreSQL when this program is gone.
	const tethered = `exec 3<&0; "$@" 3<&- & cat <&3 >/dev/null; kill -INT $!; wait $!`
	server := asUser("sh", append([]string{"-c", tethered, "sh", filepath.Join(bin, "postgres"), "-D", data, "-k", dir}, clusterSettings...)...)
	tether, err := server.StdinPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	e.stop = append(e.stop, func() { tether.Close(); server.Wait() })
	dsn := func(role, database string) string {
		return fmt.Sprintf("postgres://%s@/%s?host=%s", role, database, dir)
	}
	if err := await(ctx, dsn("postgres", "postgres")); err != nil {
		return err
	}
	if e.postmaster, err = readPostmaster(data); err != nil {
		return err
	}
	if e.db, err = sql.Open("pgx", dsn("postgres", "postgres")); err != nil {
		return err
	}
	if missing != nil {
		if _, err := e.db.ExecContext(ctx, "CREATE DATABASE tokenflex"); err != nil {
			return err
		}
	}
	e.db.Close()
	if e.db, err = sql.Open("pgx", dsn("postgres", "tokenflex")); err != nil {
		return err
	}
	e.stop = append(e.stop, func() { e.db.Close() })
	var roles strings.Builder
	if err := tokenflexd(ctx, &roles, "migrate", "--roles"); err != nil {
		return err
	}
	if missing != nil {
		if _, err := e.db.ExecContext(ctx, roles.String()); err != nil {
			return err
		}
	}
	e.app, e.owner, e.schema = dsn("tf_app", "tokenflex"), dsn("tf_owner", "tokenflex"), "tf."
	if err := tokenflexd(ctx, io.Discard, "migrate", "--db", e.owner); err != nil {
		return err
	}
	return e.db.QueryRowContext(ctx, "SELECT 'PostgreSQL ' || current_setting('server_version')").Scan(&e.version)
}

// clusterSettings are those of a small server, with everything on that keeps data.
var clusterSettings = []string{"-c", "listen_addresses=", "-c", "shared_buffers=2GB", "-c", "max_wal_size=8GB", "-c", "checkpoint_timeout=30min",
	"-c", "maintenance_work_mem=1GB", "-c", "work_mem=32MB", "-c", "max_connections=100", "-c", "log_min_messages=panic", "-c", "wal_compression=on",
	"-c", "jit=off"}

func await(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// hand gives a folder to PostgreSQL's user, since it refuses to run as root.
func hand(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, -1)
}

func asUser(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	if os.Geteuid() == 0 {
		cmd = exec.Command("runuser", append([]string{"-u", "postgres", "--", name}, args...)...)
	}
	cmd.Dir = "/"
	return cmd
}

// tokenflexd runs one of the host's commands.
func tokenflexd(ctx context.Context, out io.Writer, args ...string) error {
	c := exec.CommandContext(ctx, filepath.Join("bin", "tokenflexd"), args...)
	c.Stdout, c.Stderr = out, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("tokenflexd %s: %w", args[0], err)
	}
	return nil
}
