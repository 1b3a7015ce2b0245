package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// A file that is no database of this program is named and left as it is, its mode too. Fails without ours in reserve.
func TestOthersFilesStayAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	text, foreign := filepath.Join(dir, "passwd"), filepath.Join(dir, "places.sqlite")
	if err := os.WriteFile(text, []byte("root:x:0:0:root:/root:/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE moz_places (url TEXT)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if err := os.Chmod(foreign, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{text: "is no SQLite database", foreign: "is another program's database"} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"admin", "invite", "mira"}, {"admin", "list"}, {"migrate"}} {
			code, _, errOut := command(t, environment(), append(args, "--db", file)...)
			if code != exitFailure || !strings.Contains(errOut, want) || !strings.Contains(errOut, "--db") {
				t.Errorf("%v on %s: exit %d: %s", args, filepath.Base(file), code, errOut)
			}
		}
		after, err := os.ReadFile(file)
		info, err2 := os.Stat(file)
		if err != nil || err2 != nil || string(before) != string(after) {
			t.Errorf("%s was changed: %v, %v", filepath.Base(file), err, err2)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
			t.Errorf("%s has mode %o now", filepath.Base(file), info.Mode().Perm())
		}
	}
}

// Whoever misspells a database's name is told, and finds no empty one afterwards. Fails without there in openHost.
func TestMissingDatabasesAreNotMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "misspelt.db")
	for _, args := range []string{"admin list", "admin audit", "admin ban x", "admin unban x", "admin visibility x public", "admin hold x 2026-11-20 codex",
		"admin release x 2026-11-20 codex", "token list x", "token revoke x all", "user export x", "user erase x --yes", "doctor", "backup --to " + t.TempDir()} {
		code, out, errOut := command(t, environment(), append(strings.Fields(args), "--db", file)...)
		if code != exitFailure || out != "" || !strings.Contains(errOut, "no database in "+file) {
			t.Errorf("%s: exit %d: %s%s", args, code, out, errOut)
		}
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("%s has made the database", args)
		}
	}
}

// A command line that cannot be run says what it wants, and ends with 2.
func TestCommandLinesThatCannotBeRun(t *testing.T) {
	db := filepath.Join(t.TempDir(), "x.db")
	for args, want := range map[string]string{
		"serve extra":                           "takes no arguments\nrun: tokenflexd serve --help",
		"admin invite":                          "takes one argument: HANDLE",
		"admin hold mira":                       "takes 3 arguments: HANDLE DAY SOURCE",
		"admin invite mira --site nonsense":     `--site "nonsense" is not an origin`,
		"admin token mira --db x://y":           "--db takes a file or a postgres:// address",
		"serve --site https://x.example/y":      "is not an origin",
		"serve --listen 127.0.0.1:99999":        "has no port",
		"config check --listen 127.0.0.1:99999": "has no port",
		"config check --site ftp://x":           "is not an origin",
		"migrate --roles --backup-role":         "one at a time",
		"migrate --roles --dry-run":             "one at a time",
		"serve --limit-scale many":              "run: tokenflexd serve --help",
		"restore backup.db.age":                 "--identity",
		"db copy --from x --to y":               "--from sqlite:FILE",
	} {
		fields := strings.Fields(args)
		if !strings.Contains(args, "--db") && fields[0] != "config" && fields[0] != "db" {
			fields = append(fields, "--db", db)
		}
		code, out, errOut := command(t, environment(), fields...)
		if code != exitUsage || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d: %s%s", args, code, out, errOut)
		}
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("one of them has made a database")
	}
	// A value that is no number is named with its flag, wherever it is from.
	for _, env := range [][]string{{"TOKENFLEXD_LIMIT_SCALE", "many"}, {"TOKENFLEXD_LISTEN_FILE", filepath.Join(t.TempDir(), "none")}} {
		if code, _, errOut := command(t, environment(env...), "config", "check"); code != exitUsage || !strings.Contains(errOut, env[0]) || strings.Contains(errOut, "strconv") {
			t.Errorf("%s: exit %d: %s", env[0], code, errOut)
		}
	}
	if _, out, _ := command(t, environment(), "--help"); !strings.Contains(out, "exits with 0") {
		t.Error("the help does not say what exit codes mean")
	}
}

// A day or a tool that cannot be is told from one of which there is nothing.
func TestHoldingWhatCannotBe(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	command(t, env, "admin", "token", "mira")
	for _, act := range []string{"hold", "release"} {
		for args, want := range map[string]int{"2026-13-01 codex": exitUsage, "2026-11-20 CODEX": exitUsage, "2026-11-20 codex": exitFailure} {
			if code, _, errOut := command(t, env, append([]string{"admin", act, "mira"}, strings.Fields(args)...)...); code != want || errOut == "" {
				t.Errorf("%s %s: exit %d: %s", act, args, code, errOut)
			}
		}
	}
}

// Nobody is sent to migrate by a database that a newer program has changed.
func TestNewerSchemas(t *testing.T) {
	dir := t.TempDir()
	env, file := environment("STATE_DIRECTORY", dir), filepath.Join(dir, "tokenflexd.db")
	command(t, env, "migrate")
	spoil(t, file, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	for _, args := range []string{"serve --listen 127.0.0.1:0", "admin list", "migrate", "migrate --dry-run", "doctor"} {
		code, out, errOut := command(t, env, strings.Fields(args)...)
		if code != exitFailure || !strings.Contains(out+errOut, "use the newer tokenflexd") || strings.Contains(out+errOut, "run tokenflexd migrate") {
			t.Errorf("%s: exit %d: %s%s", args, code, out, errOut)
		}
	}
}

// A handle that is held says so. Fails without a word for store.ErrTaken.
func TestInvitingAHeldHandle(t *testing.T) {
	env := environment("STATE_DIRECTORY", t.TempDir())
	command(t, env, "admin", "invite", "mira")
	command(t, env, "user", "erase", "mira", "--yes")
	if code, _, errOut := command(t, env, "admin", "invite", "mira"); code != exitFailure || !strings.Contains(errOut, "held for 90 days") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

// A journal that was named and cannot be written keeps the server from starting: erasures would be undone by the next backup.
func TestJournalThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	code, _, errOut := command(t, environment("STATE_DIRECTORY", dir), "serve", "--listen", "127.0.0.1:0", "--erasure-journal", dir)
	if code != exitFailure || !strings.Contains(errOut, "--erasure-journal") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

// A backup of the other engine is refused before anything is touched.
func TestRestoringTheOtherEnginesBackup(t *testing.T) {
	dir := t.TempDir()
	dump, file := filepath.Join(dir, "x.dump"), filepath.Join(dir, "x.db")
	if err := os.WriteFile(dump, []byte("PGDMP\x01\x0e"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := command(t, environment(), "restore", dump, "--db", file); code != exitFailure || !strings.Contains(errOut, "is a dump of PostgreSQL") {
		t.Errorf("a dump into a file: exit %d: %s", code, errOut)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the database was made all the same")
	}
	command(t, environment(), "migrate", "--db", file)
	if code, _, errOut := command(t, environment(), "restore", file, "--db", "postgres://x@127.0.0.1:1/x"); code != exitFailure || !strings.Contains(errOut, "tokenflexd db copy") {
		t.Errorf("a file into PostgreSQL: exit %d: %s", code, errOut)
	}
}
