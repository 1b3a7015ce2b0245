package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	wal    = "PRAGMA journal_mode=WAL"
	large  = "PRAGMA wal_autocheckpoint=0"
	create = "CREATE TABLE m (id INTEGER PRIMARY KEY, n INTEGER, at DATETIME, x)"
	one    = "INSERT INTO m VALUES (1, 10, '2026-05-01 10:00:00', 'one')"
	two    = "INSERT INTO m VALUES (2, 20, NULL, x'ff00')"
)

// read returns the rows of m, and what Close says.
func read(t *testing.T, name string) ([][]any, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	db, err := Open(context.Background(), name)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for row := range db.Query("SELECT * FROM m ORDER BY id") {
		rows = append(rows, append([]any(nil), row...))
	}
	err = db.Close()
	left, _ := os.ReadDir(os.TempDir())
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return rows, err
}

var (
	rowOne = []any{int64(1), int64(10), time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), "one"}
	rowTwo = []any{int64(2), int64(20), nil, []byte{0xff, 0}}
)

func TestEveryCommittedRowIsReadAndTheFolderIsLeftAlone(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		end   string // close, kill, or "" for a writer that stays
		want  [][]any
	}{
		{"closed, rollback journal", []string{create, one, two}, "close", [][]any{rowOne, rowTwo}},
		{"closed, log", []string{wal, create, one, two}, "close", [][]any{rowOne, rowTwo}},
		{"open, all in the log", []string{wal, large, create, one, two}, "", [][]any{rowOne, rowTwo}},
		{"open, half in the log", []string{wal, create, one, "PRAGMA wal_checkpoint(TRUNCATE)", two}, "", [][]any{rowOne, rowTwo}},
		{"open, empty log", []string{wal, create, one, "PRAGMA wal_checkpoint(TRUNCATE)"}, "", [][]any{rowOne}},
		{"killed, all in the log", []string{wal, large, create, one, two}, "kill", [][]any{rowOne, rowTwo}},
		{"in a transaction, log", []string{wal, create, one, "BEGIN IMMEDIATE", two}, "", [][]any{rowOne}},
		{"in a transaction, journal", []string{create, one, "BEGIN EXCLUSIVE", two}, "", [][]any{rowOne}},
		{"spilled transaction", []string{create, one, "PRAGMA cache_size=1", "PRAGMA cache_spill=1", "BEGIN", "DELETE FROM m",
			"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<3000) INSERT INTO m(id,x) SELECT i, hex(zeroblob(300)) FROM s"}, "", [][]any{rowOne}},
		{"killed in a spilled transaction", []string{create, one, "PRAGMA cache_size=1", "BEGIN", "DELETE FROM m",
			"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<3000) INSERT INTO m(id,x) SELECT i, hex(zeroblob(300)) FROM s"}, "kill", [][]any{rowOne}},
		{"kept journal", []string{"PRAGMA journal_mode=PERSIST", create, one, two}, "", [][]any{rowOne, rowTwo}},
		{"exclusive for ever", []string{"PRAGMA locking_mode=EXCLUSIVE", wal, create, one}, "", [][]any{rowOne}},
		{"without rowid", []string{"CREATE TABLE m (id INTEGER PRIMARY KEY, n, at DATETIME, x) WITHOUT ROWID", one}, "close", [][]any{rowOne}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "50% of #1") // names that mean something in a URI
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, "a.db")
			w := write(t, name, c.lines...)
			switch c.end {
			case "close":
				w.do("close")
			case "kill":
				w.kill()
			}
			before := tree(t, dir)
			rows, err := read(t, name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, rows); diff != "" {
				t.Error(diff)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("the folder changed\n%s\n%s", before, after)
			}
		})
	}
}

// Every transaction keeps all counters equal, so that a mixture of two states shows.
func TestAWriterThatNeverRestsIsReadInOneState(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.db")
	for _, mode := range []string{"WAL", "DELETE"} {
		w := write(t, name, "PRAGMA journal_mode="+mode, "DROP TABLE IF EXISTS half", "CREATE TABLE half (id INTEGER PRIMARY KEY, n, pad)",
			"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<400) INSERT INTO half SELECT i, 0, hex(zeroblob(400)) FROM s", "storm")
		t.Setenv("TMPDIR", t.TempDir())
		good := 0
		for range 30 {
			text, err := halves(name)
			switch {
			case errors.Is(err, ErrChanged): // said, never passed over
			case err != nil:
				t.Fatal(mode, err)
			case text != "1 400":
				t.Fatalf("%s: %s", mode, text)
			default:
				good++
			}
		}
		if mode == "WAL" && good < 10 {
			t.Errorf("%s: only %d of 30 readings succeeded", mode, good)
		}
		w.kill()
	}
}

// halves says how many different counters there are, and how many rows.
func halves(name string) (string, error) {
	db, err := OpenCopy(context.Background(), name)
	if err != nil {
		return "", err
	}
	text := ""
	for row := range db.Query("SELECT count(DISTINCT n), count(*) FROM half") {
		text = fmt.Sprint(row...)
	}
	return text, db.Close()
}

func TestAChangeDuringTheReadingIsNoticed(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE"} {
		name := filepath.Join(t.TempDir(), "a.db")
		w := write(t, name, "PRAGMA journal_mode="+mode, create, one, "PRAGMA wal_checkpoint(TRUNCATE)")
		db, err := Open(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		w.do(two)
		if err := db.Close(); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", mode, err)
		}
		if rows, err := read(t, name); err != nil || len(rows) != 2 {
			t.Errorf("%s: %v %v", mode, rows, err)
		}
	}
}

func TestWhatIsNotADatabaseIsSaid(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	write(t, good, create, "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<3000) INSERT INTO m(id,x) SELECT i, hex(zeroblob(300)) FROM s", "close")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	torn := append([]byte(nil), whole...)
	for i := 4096; i < len(torn); i += 3 {
		torn[i] ^= 0xa5
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"text", []byte("this is no database at all, but longer than the header of one would be, to be sure that it is looked at"), ErrDamaged},
		{"half of one", whole[:len(whole)/2], ErrDamaged},
		{"torn", torn, ErrDamaged},
		{"a page's worth of nothing", make([]byte, 8192), ErrDamaged},
	} {
		name := filepath.Join(dir, c.name)
		if err := os.WriteFile(name, c.content, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, name); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := read(t, filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// A database of gigabytes is read where it lies, also with its log. Where it would have to be copied, it is said to be too large.
func TestADatabaseOfGigabytesIsReadWhereItLiesOrNotAtAll(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no holes there")
	}
	for _, c := range []struct {
		name  string
		lines []string
		end   string
		want  error
	}{
		{"closed", []string{create, one}, "close", nil},
		{"spilled transaction", []string{create, one, "PRAGMA cache_size=1", "PRAGMA cache_spill=1", "BEGIN", "DELETE FROM m",
			"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<3000) INSERT INTO m(id,x) SELECT i, hex(zeroblob(300)) FROM s"}, "", ErrLarge},
	} {
		name := filepath.Join(t.TempDir(), "a.db")
		w := write(t, name, c.lines...)
		if c.end != "" {
			w.do(c.end)
		}
		if err := os.Truncate(name, maxCopy+4096); err != nil { // a hole, which takes no room
			t.Skip(err)
		}
		rows, err := read(t, name)
		if !errors.Is(err, c.want) || c.want == nil && len(rows) != 1 {
			t.Errorf("%s: %v %v, want %v", c.name, rows, err, c.want)
		}
	}
}

func TestTablesAndColumns(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.db")
	write(t, name, create, "CREATE VIEW v AS SELECT * FROM m", "CREATE TABLE \"it's\" (a)", "close")
	db, err := Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{
		"m": db.Has("m"), "M with N": db.Has("M", "N", "at"), "m with y": db.Has("m", "n", "y"), "v": db.Has("v"), "it's": db.Has("it's", "a"), "none": db.Has("none"),
	}
	want := map[string]bool{"m": true, "M with N": true, "m with y": false, "v": false, "it's": true, "none": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.db")
	write(t, name, wal, large, create, one)
	for _, open := range []func(context.Context, string) (*DB, error){Open, OpenCopy} {
		db, err := open(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		for range db.Query("DELETE FROM m") {
		}
		if err := db.Close(); err == nil {
			t.Error("written")
		}
	}
}

func TestAbandonedCopiesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, prefix+"old"), filepath.Join(dir, prefix+"young")
	for _, private := range []string{old, young} {
		if err := os.Mkdir(private, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, then, then); err != nil {
		t.Fatal(err)
	}
	sweep(dir)
	if _, err := os.Stat(old); err == nil {
		t.Error("the old one is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error(err)
	}
}

func TestACancelledReadingEnds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.db")
	write(t, name, create, one, "close")
	ctx, cancel := context.WithCancel(context.Background())
	db, err := Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range db.Query("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s) SELECT max(i) FROM s") {
	}
	if err := db.Close(); err == nil {
		t.Error("it went on")
	}
}
