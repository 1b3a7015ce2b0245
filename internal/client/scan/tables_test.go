package scan

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"

	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// makeDatabase writes a database that the statements make.
func makeDatabase(t *testing.T, name string, statements ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// tabled is a source of databases, which calls during once a row.
func tabled(during func(f source.File)) source.Source {
	return source.Source{ID: "tabled", Name: "Tabled", Quality: "exact", Places: []source.Place{{Roots: []string{"~/.tabled"}, Files: []string{"*.db"}}},
		Read: func(f source.File) (p source.Part) {
			t := f.Tables()
			if !t.Has("m", "n") {
				f.Fault(source.Unfamiliar)
				return p
			}
			for row := range t.Query("SELECT n FROM m") {
				p.Entries = append(p.Entries, source.Entry{Record: usage.Record{Model: "m", Time: now.Add(-time.Hour), Tokens: usage.Tokens{Output: row.Count(0)}}})
				during(f)
			}
			return p
		}}
}

func nothing(source.File) {}

func TestTroubleWithDatabasesNamesThemAndHidesNoOther(t *testing.T) {
	home := t.TempDir()
	for name, statements := range map[string][]string{
		"good":  {"CREATE TABLE m (n)", "INSERT INTO m VALUES (5)"},
		"newer": {"CREATE TABLE m (n2)"},
		"view":  {"CREATE TABLE k (n)", "CREATE VIEW m AS SELECT n FROM k"},
		"torn":  {"CREATE TABLE m (n)", "INSERT INTO m SELECT hex(zeroblob(20000))"},
	} {
		makeDatabase(t, filepath.Join(home, ".tabled", name+".db"), statements...)
	}
	for name, content := range map[string]string{"text": "no database", "empty": ""} {
		if err := os.WriteFile(filepath.Join(home, ".tabled", name+".db"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(home, ".tabled", "torn.db"), 8192); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, Options{Home: home, Sources: []source.Source{tabled(nothing)}})
	if s := r.Sources[0]; s.Records != 1 || s.TotalTokens != 5 || s.Files != 6 || s.Skipped != 0 {
		t.Errorf("%+v", s)
	}
	want := []Warning{
		{Code: "unreadable-databases", Source: "tabled", Partial: true, Message: "2 databases of Tabled could not be read: it is damaged or not a database",
			Details: []string{"~/.tabled/text.db", "~/.tabled/torn.db"}, Hint: "tokenflexing sources"},
		{Code: "unknown-tables", Source: "tabled", Partial: true, Message: "2 databases of Tabled do not have the tables that this version knows",
			Details: []string{"~/.tabled/newer.db", "~/.tabled/view.db"}, Hint: "tokenflexing sources"},
	}
	if diff := cmp.Diff(want, r.Warnings); diff != "" {
		t.Error(diff)
	}
}

// What was read of a database before it was damaged stays, whatever its pages say by now.
func TestADamagedDatabaseChangesNothingThatWasReadOfIt(t *testing.T) {
	home := t.TempDir()
	name := filepath.Join(home, ".tabled", "a.db")
	const rows = "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 30) INSERT INTO m SELECT i, zeroblob(3000) FROM k"
	makeDatabase(t, name, "CREATE TABLE m (n, pad)", rows)
	o := Options{Home: home, Ledger: t.TempDir(), Sources: []source.Source{tabled(nothing)}}
	if s := mustRun(t, o).Sources[0]; s.TotalTokens != 465 {
		t.Fatalf("%+v", s)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	makeDatabase(t, name, "CREATE TABLE m (n, pad)", rows, "UPDATE m SET n = n * 1000")
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0x5a}, 4096), 20*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	read := 0
	o.Sources = []source.Source{tabled(func(source.File) { read++ })}
	r := mustRun(t, o)
	if s := r.Sources[0]; read == 0 || s.TotalTokens != 465 || s.Records != 30 || len(r.Warnings) != 1 || r.Warnings[0].Code != "unreadable-databases" {
		t.Errorf("%d rows read: %+v %+v", read, s, r.Warnings)
	}
}

func TestADatabaseThatChangesUnderTheReaderIsReadAnew(t *testing.T) {
	home, other := t.TempDir(), filepath.Join(t.TempDir(), "other.db")
	name := filepath.Join(home, ".tabled", "a.db")
	makeDatabase(t, name, "CREATE TABLE m (n)", "INSERT INTO m VALUES (1), (2)")
	makeDatabase(t, other, "CREATE TABLE m (n)", "INSERT INTO m VALUES (10), (20), (30)")
	changed := false
	r := mustRun(t, Options{Home: home, Sources: []source.Source{tabled(func(source.File) {
		if !changed {
			changed = true
			if err := os.Rename(other, name); err != nil {
				t.Error(err)
			}
		}
	})}})
	if s := r.Sources[0]; s.Records != 3 || s.TotalTokens != 60 || len(r.Warnings) > 0 {
		t.Errorf("%+v %+v", s, r.Warnings)
	}
}

// A folder that is moved away, or into which nobody may look any more, takes nothing with it of what was read.
func TestADatabaseThatGoesAwayUnderTheReaderIsNamed(t *testing.T) {
	home := t.TempDir()
	name := filepath.Join(home, ".tabled", "a.db")
	makeDatabase(t, name, "CREATE TABLE m (n)", "INSERT INTO m VALUES (1), (2)")
	o := Options{Home: home, Ledger: t.TempDir(), Sources: []source.Source{tabled(nothing)}}
	if s := mustRun(t, o).Sources[0]; s.TotalTokens != 3 {
		t.Fatalf("%+v", s)
	}
	makeDatabase(t, name, "INSERT INTO m VALUES (4)")
	o.Sources = []source.Source{tabled(func(source.File) {
		if err := os.Rename(filepath.Dir(name), filepath.Join(home, "moved")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})}
	r := mustRun(t, o)
	want := []Warning{{Code: "unreadable-databases", Source: "tabled", Partial: true, Message: "1 database of Tabled could not be read: the system or the engine refuses it",
		Details: []string{"~/.tabled/a.db"}, Hint: "tokenflexing sources"}}
	if diff := cmp.Diff(want, r.Warnings); diff != "" || r.Sources[0].TotalTokens != 3 {
		t.Errorf("%+v\n%s", r.Sources[0], diff)
	}
}

// A column that is missing is said again when nothing of the database is read anew.
func TestADatabaseThatLacksAColumnIsNamedEveryTime(t *testing.T) {
	home := t.TempDir()
	makeDatabase(t, filepath.Join(home, ".tabled", "a.db"), "CREATE TABLE m (n)", "INSERT INTO m VALUES (5)")
	read := 0
	o := Options{Home: home, Ledger: t.TempDir(), Sources: []source.Source{tabled(func(f source.File) {
		read++
		f.Fault(source.Lacking)
	})}}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(home, ".tabled", "a.db"), old, old); err != nil {
		t.Fatal(err)
	}
	want := []Warning{{Code: "unknown-columns", Source: "tabled", Message: "1 database of Tabled lacks columns that this version knows; what they would tell is not counted",
		Details: []string{"~/.tabled/a.db"}, Hint: "tokenflexing sources"}}
	for range 2 {
		r := mustRun(t, o)
		if diff := cmp.Diff(want, r.Warnings); diff != "" || r.Records != 1 || r.Sources[0].Skipped != 0 {
			t.Errorf("%+v\n%s", r.Sources[0], diff)
		}
	}
	if read != 1 {
		t.Errorf("it was read %d times", read)
	}
}
