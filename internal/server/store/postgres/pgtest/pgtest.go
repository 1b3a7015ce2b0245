// Package pgtest starts a PostgreSQL of its own for tests, in a folder of its own, reached by a socket there.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store/postgres"
)

// Required is the variable that turns a missing PostgreSQL from a skipped test into a failed one.
const Required = "TOKENFLEX_REQUIRE_POSTGRES"

// Cluster is a running PostgreSQL. A nil Cluster is one that is not installed.
type Cluster struct {
	dir, bin string
	tether   io.Closer     // PostgreSQL ends when this is closed, also when the tests are killed
	ended    chan struct{} // closed when it has
	made     atomic.Int64

	model    sync.Once
	migrated string // the database that others are copied from
}

// Start starts a cluster. It returns nil without an error if PostgreSQL is not installed and not required.
func Start() (*Cluster, error) {
	bin := programs()
	if bin == "" {
		if os.Getenv(Required) == "1" {
			return nil, errors.New("PostgreSQL is not installed, and " + Required + " is 1: run scripts/test-setup.sh")
		}
		fmt.Fprintln(os.Stderr, "MISSING: PostgreSQL is not installed. It is NOT tested.")
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, bin: bin}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// programs is the folder of PostgreSQL's programs, the newest if there are several.
func programs() string {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err == nil && len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if name, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(name)
	}
	return ""
}

func (c *Cluster) start() error {
	if err := c.hand(); err != nil {
		return err
	}
	initdb := asUser(filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c.Revive()
}

// Kill ends PostgreSQL as a power failure would.
func (c *Cluster) Kill() error {
	b, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// Revive starts PostgreSQL on the cluster's files, after Kill once more, and waits until it answers. As long as a process of
// the one that was killed is alive a new one refuses to start.
func (c *Cluster) Revive() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err := c.launch(); err != nil {
			return err
		}
		err := c.await(ctx)
		if !errors.Is(err, errEnded) {
			return err
		}
	}
}

// errEnded says that PostgreSQL ended before it answered.
var errEnded = errors.New("PostgreSQL ended at once")

// launch starts PostgreSQL, after the one before has ended.
func (c *Cluster) launch() error {
	c.end()
	// The shell outlives these tests if they are killed, sees its input end, and ends PostgreSQL. It ends with PostgreSQL too.
	const tethered = `exec 3<&0; "$@" 3<&- & p=$!; { cat <&3 >/dev/null; kill -QUIT $p; } & t=$!; wait $p; kill $t`
	process := asUser("sh", "-c", tethered, "sh", filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "max_connections=300", "-c", "log_min_messages=panic")
	tether, err := process.StdinPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	c.tether, c.ended = tether, make(chan struct{})
	go func() {
		defer close(c.ended)
		process.Wait() // its status is that of being ended
	}()
	return nil
}

// end ends PostgreSQL, if it was started.
func (c *Cluster) end() {
	if c.tether != nil {
		c.tether.Close()
		<-c.ended
		c.tether = nil
	}
}

// hand gives the folder to the system's user, since PostgreSQL refuses to run as root.
func (c *Cluster) hand() error {
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
	return os.Chown(c.dir, uid, -1)
}

func asUser(name string, args ...string) *exec.Cmd {
	var cmd *exec.Cmd
	if os.Geteuid() == 0 {
		cmd = exec.Command("runuser", append([]string{"-u", "postgres", "--", name}, args...)...)
	} else {
		cmd = exec.Command(name, args...)
	}
	cmd.Dir = "/"
	return cmd
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// await returns when the cluster answers.
func (c *Cluster) await(ctx context.Context) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.DSN("postgres", "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-c.ended:
			return errEnded
		case <-again.C:
		}
	}
}

// Stop ends the cluster and removes its folder.
func (c *Cluster) Stop() error {
	if c == nil {
		return nil
	}
	c.end()
	return os.RemoveAll(c.dir)
}

// DSN is the address of a database for a role. PostgreSQL's own superuser is postgres.
func (c *Cluster) DSN(role, database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", role, database, c.dir)
}

// Database makes a migrated database for one test and returns its name. It skips the test if there is no PostgreSQL.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	if c == nil {
		t.Skip("PostgreSQL is not installed")
	}
	c.model.Do(func() {
		name := c.Empty(t)
		if err := postgres.Migrate(t.Context(), c.DSN(postgres.Owner, name)); err != nil {
			t.Fatal(err)
		}
		c.migrated = name
	})
	name := fmt.Sprintf("t%d", c.made.Add(1))
	c.Exec(t, "postgres", "CREATE DATABASE "+name+" TEMPLATE "+c.migrated)
	c.Exec(t, name, postgres.Roles) // what is granted on a database is not copied
	return name
}

// Empty makes a database with the roles and nothing else.
func (c *Cluster) Empty(t testing.TB) string {
	t.Helper()
	if c == nil {
		t.Skip("PostgreSQL is not installed")
	}
	name := fmt.Sprintf("t%d", c.made.Add(1))
	c.Exec(t, "postgres", "CREATE DATABASE "+name)
	c.Exec(t, name, postgres.Roles)
	return name
}

// Clear deletes what was stored in a database, all but its keys, and counts from one again: much quicker than another database.
func (c *Cluster) Clear(t testing.TB, database string) {
	t.Helper()
	c.Exec(t, database, `DO $$ DECLARE name text; BEGIN
		SET LOCAL session_replication_role = replica; -- no trigger keeps the rows
		FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'tf'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
			AND relname NOT IN ('mac_key', 'secret') LOOP
			EXECUTE format('DELETE FROM tf.%I', name);
		END LOOP;
		PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relnamespace = 'tf'::regnamespace AND relkind = 'S';
	END $$`)
}

// Dump is everything that a database holds, as the superuser's pg_dump writes it.
func (c *Cluster) Dump(t testing.TB, database string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(c.bin, "pg_dump"), "--data-only", "--dbname="+c.DSN("postgres", database))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Exec runs SQL in a database as the superuser.
func (c *Cluster) Exec(t testing.TB, database, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.DSN("postgres", database))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
