package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/wire"
)

// The drill: while uploads flow, backups are made, plain and encrypted; each restored one serves what was acknowledged before
// it began, whole, to the same tokens.
func TestRestoreDrill(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", filepath.Join(dir, "state"))
	origin, _, stop := serving(t, env, "--limit-scale", "1000")
	_, out, _ := command(t, env, "admin", "token", "mira")
	token := strings.TrimSpace(out)

	// One token more with each upload, so that a total says which uploads are in.
	var acknowledged, failed atomic.Int64
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 1; ; n++ {
			select {
			case <-end:
				return
			default:
			}
			if send(t, origin, token, today(), n, fmt.Sprint(n)) == http.StatusOK {
				acknowledged.Store(int64(n))
			} else {
				failed.Add(1)
			}
		}
	}()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity := write(t, dir, "identity", key.String()+"\n")
	backups := filepath.Join(dir, "backups")
	for acknowledged.Load() < 5 { // the first has something in it
		time.Sleep(time.Millisecond)
	}
	for _, args := range [][]string{nil, {"--recipient", key.Recipient().String(), "--rotate"}} {
		before := acknowledged.Load()
		code, out, errOut := command(t, env, append([]string{"backup", "--to", backups}, args...)...)
		after := acknowledged.Load() + 1 // one may be on its way back
		if code != 0 {
			t.Fatalf("backup: %d %s", code, errOut)
		}
		file := strings.TrimSpace(out)
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
		if b, _ := os.ReadFile(file); args != nil && strings.Contains(string(b), "usage_day") {
			t.Error("the encrypted backup is in clear")
		}
		restored := filepath.Join(dir, "restored", filepath.Base(file), "x.db")
		if code, _, errOut = command(t, env, "restore", file, "--db", restored, "--identity", identity); code != 0 {
			t.Fatalf("restore: %d %s", code, errOut)
		}
		if code, out, errOut := command(t, env, "doctor", "--db", restored); code != 0 {
			t.Errorf("doctor of the restored: %d %q %q", code, out, errOut)
		}
		elsewhere, _, stop := serving(t, env, "--db", restored)
		_, body := get(t, elsewhere+wire.PathMe, token)
		stop()
		var tokens int64
		if _, rest, ok := strings.Cut(body, `"tokens":`); !ok {
			t.Fatalf("me is %s", body)
		} else if _, err := fmt.Sscan(strings.SplitN(rest, ",", 2)[0], &tokens); err != nil {
			t.Fatal(err)
		}
		if tokens < before || tokens > after {
			t.Errorf("the backup holds upload %d; %d was acknowledged before it began and %d when it ended", tokens, before, after)
		}
		if code, _, errOut := command(t, env, "restore", file, "--db", restored, "--identity", identity); code != 1 || !strings.Contains(errOut, "is there already") {
			t.Errorf("restored over a database: %d %q", code, errOut)
		}
	}
	close(end)
	<-ended
	stop()
	if failed.Load() > 0 {
		t.Errorf("%d uploads failed while backups were made", failed.Load())
	}
	if left, _ := filepath.Glob(filepath.Join(backups, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Who erases an account after a backup was made stays erased when it is restored, and so even if nobody did before. It was
// checked with the key of the marks made at the first erasure, and with a restore that replays nothing.
func TestAnErasedAccountDoesNotComeBack(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", dir)
	for _, handle := range []string{"mira", "gone-since"} {
		command(t, env, "admin", "token", handle)
	}
	_, out, _ := command(t, env, "backup", "--to", filepath.Join(dir, "backups"))
	backup := strings.TrimSpace(out)
	if code, _, errOut := command(t, env, "user", "erase", "gone-since", "--yes"); code != 0 {
		t.Fatal(errOut)
	}
	journal := filepath.Join(dir, "tokenflexd.db"+journalSuffix)
	if _, err := os.Stat(journal); err != nil { // no server runs that could note it
		t.Error(err)
	}
	s, err := (&program{env: env}).openStore(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keeper, err := server.New(t.Context(), server.Options{Store: s, Prices: pricing.Embedded(), Site: "http://127.0.0.1", Log: slog.New(slog.DiscardHandler), Now: time.Now, Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	keeper.KeepHouse(t.Context())
	text, err := os.ReadFile(journal)
	if strings.Count(string(text), "\n") != 1 {
		t.Errorf("one erasure is noted as %q", text)
	}
	_, mark, found := strings.Cut(string(text), " ")
	if err != nil || !found {
		t.Fatalf("the journal holds %q, %v", text, err)
	}
	earlier := write(t, dir, "earlier.erasures", "86400 "+mark)

	for _, tt := range []struct {
		name, db string
		args     []string
		code     int
		says     string
		back     bool
	}{
		{"a journal that is not there", "1.db", []string{"--erasure-journal", journal + "x"}, exitFailure, "no such file", false},
		{"no journal beside it", "2.db", nil, 0, "--erasure-journal", true},
		{"the journal", "3.db", []string{"--erasure-journal", journal}, 0, "1 accounts", false},
		{"a journal from before the account", "4.db", []string{"--erasure-journal", earlier}, 0, "0 accounts", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := filepath.Join(dir, tt.db)
			code, out, errOut := command(t, env, append([]string{"restore", backup, "--db", db}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+errOut, tt.says) {
				t.Fatalf("restore: exit %d, %q %q", code, out, errOut)
			}
			if code != 0 {
				return
			}
			if _, out, _ := command(t, env, "admin", "list", "--db", db); !strings.Contains(out, "mira") || strings.Contains(out, "gone-since") != tt.back {
				t.Errorf("there are\n%s", out)
			}
		})
	}
}

// What is refused leaves nothing where the database goes, so that the right backup fits there.
func TestBackupsThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	env := environment("STATE_DIRECTORY", dir)
	foreign, newer := write(t, dir, "foreign.db", ""), filepath.Join(dir, "newer.db")
	spoil(t, foreign, "CREATE TABLE bookmarks (url TEXT)")
	if code, _, errOut := command(t, env, "migrate", "--db", newer); code != 0 {
		t.Fatal(errOut)
	}
	spoil(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"to nowhere", []string{"backup"}, exitUsage, "--to"},
		{"of nothing", []string{"backup", "--to", dir}, exitFailure, "no such file"},
		{"for nobody", []string{"backup", "--to", dir, "--recipient", "mira"}, exitUsage, "recipient"},
		{"a broken backup", []string{"restore", write(t, dir, "broken.db", "SQLite format 3\x00"+strings.Repeat("x", 5000)), "--db", filepath.Join(dir, "y.db")}, exitFailure, ""},
		{"an empty backup", []string{"restore", write(t, dir, "empty.db", ""), "--db", filepath.Join(dir, "y.db")}, exitFailure, "no database of tokenflexd"},
		{"another program's", []string{"restore", foreign, "--db", filepath.Join(dir, "y.db")}, exitFailure, "no database of tokenflexd"},
		{"of another program", []string{"backup", "--to", dir, "--db", foreign}, exitFailure, "no database of tokenflexd"},
		{"of an empty file", []string{"backup", "--to", dir, "--db", write(t, dir, "empty2.db", "")}, exitFailure, "no database of tokenflexd"},
		{"a newer one's", []string{"restore", newer, "--db", filepath.Join(dir, "y.db")}, exitFailure, "use the newer tokenflexd"},
		{"encrypted without identity", []string{"restore", write(t, dir, "x.db.age", "age"), "--db", filepath.Join(dir, "y.db")}, exitUsage, "--identity"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, _, errOut := command(t, env, tt.args...); code != tt.code || !strings.Contains(errOut, tt.says) {
				t.Errorf("exit %d, %q", code, errOut)
			}
			if _, err := os.Stat(filepath.Join(dir, "y.db")); err == nil {
				t.Error("a database was made")
			}
		})
	}
}

func TestRotation(t *testing.T) {
	last := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	var names []string
	for day := range 400 {
		names = append(names, backupName(last.AddDate(0, 0, -day), false))
	}
	names = append(names, backupName(last.Add(-time.Hour), false)+encrypted, "notes.txt", "tokenflexd.db")
	removed := stale(names)
	var kept []string
	for _, n := range names {
		if !slices.Contains(removed, n) {
			kept = append(kept, n)
		}
	}
	want := []string{"notes.txt", "tokenflexd.db"}
	for _, day := range []string{"20261125", "20261124", "20261123", "20261122", "20261121", "20261120", "20261119", // days
		"20261115", "20261108", // the last days of the weeks before; 22 November is one of the days too
		"20261031", "20260930", "20260831", "20260731", "20260630", "20260531", "20260430", "20260331", "20260228", "20260131", "20251231"} {
		want = append(want, "tokenflexd-"+day+"T030000Z.db")
	}
	slices.Sort(kept)
	slices.Sort(want)
	if !slices.Equal(kept, want) {
		t.Errorf("kept\n%s\nwant\n%s", strings.Join(kept, "\n"), strings.Join(want, "\n"))
	}
}

// A misspelt file is not copied as an empty database, nor made.
func TestNothingIsCopiedFromNothing(t *testing.T) {
	dir := t.TempDir()
	missing, empty := filepath.Join(dir, "missing.db"), write(t, dir, "empty.db", "")
	for file, says := range map[string]string{missing: "no such file", empty: "no database of tokenflexd"} {
		code, _, errOut := command(t, environment(), "db", "copy", "--from", "sqlite:"+file, "--to", "postgres://x@127.0.0.1:1/x")
		if code != exitFailure || !strings.Contains(errOut, says) {
			t.Errorf("exit %d, %q", code, errOut)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a database was made")
	}
	if info, err := os.Stat(empty); err != nil || info.Size() > 0 {
		t.Error("a database was made of an empty file")
	}
}
