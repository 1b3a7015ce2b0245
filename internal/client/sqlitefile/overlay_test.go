package sqlitefile

import (
	"bytes"
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

// rest makes the database look as if nothing had been written to it for an hour.
func rest(t *testing.T, name string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("logs are copied there")
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(name, old, old); err != nil {
		t.Fatal(err)
	}
}

const many = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i<300) INSERT INTO m(id,x) SELECT i, hex(zeroblob(100+i)) FROM s"

func TestALogIsReadWhereItLies(t *testing.T) {
	spill := []string{"PRAGMA cache_size=1", "PRAGMA cache_spill=1"}
	for name, lines := range map[string][]string{
		"all in the log":         {wal, large, create, one, two},
		"half in the log":        {wal, large, create, one, "PRAGMA wal_checkpoint(TRUNCATE)", two},
		"all of it written back": {wal, large, create, one, two, "PRAGMA wal_checkpoint(PASSIVE)"},
		"begun anew":             {wal, large, create, many, "DELETE FROM m WHERE id > 2", "PRAGMA wal_checkpoint(RESTART)", "UPDATE m SET n = 7 WHERE id = 1"},
		"uncommitted pages":      append([]string{wal, large, create, one}, append(spill, "BEGIN", "DELETE FROM m", many)...),
		"rolled back":            append([]string{wal, large, create, one}, append(spill, "BEGIN", "DELETE FROM m", many, "ROLLBACK", two)...),
		"made smaller":           {wal, large, create, many, "PRAGMA wal_checkpoint(TRUNCATE)", "DELETE FROM m WHERE id > 3", "VACUUM"},
		"other pages":            {"PRAGMA page_size=512", wal, large, create, many, "UPDATE m SET n = id"},
		"largest pages":          {"PRAGMA page_size=65536", wal, large, create, many, "UPDATE m SET n = id"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "a.db")
			write(t, file, lines...)
			rest(t, file)
			before := tree(t, dir)
			db, err := Open(context.Background(), file)
			if err != nil {
				t.Fatal(err)
			}
			if db.overlay == nil {
				t.Error("it was copied")
			}
			got := rowsOf(db)
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			copied, err := OpenCopy(context.Background(), file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rowsOf(copied), got); diff != "" || len(got) == 0 {
				t.Error(len(got), diff)
			}
			if err := copied.Close(); err != nil {
				t.Error(err)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("the folder changed\n%s\n%s", before, after)
			}
		})
	}
}

func rowsOf(db *DB) (rows []string) {
	for row := range db.Query("SELECT id, n, length(x) FROM m ORDER BY id") {
		rows = append(rows, fmt.Sprint(row...))
	}
	return rows
}

// A log that broke off or was damaged holds what the engine finds in it.
func TestADamagedLogIsReadAsTheEngineReadsIt(t *testing.T) {
	from := filepath.Join(t.TempDir(), "a.db")
	w := write(t, from, wal, large, create, one, "PRAGMA wal_checkpoint(TRUNCATE)", two, "UPDATE m SET n = 8", "DELETE FROM m WHERE id = 1", "INSERT INTO m VALUES (3, 30, NULL, zeroblob(9000))")
	w.kill()
	base, log := content(t, from), content(t, from+"-wal")
	for i := range 40 {
		name := filepath.Join(t.TempDir(), "b.db")
		damaged := bytes.Clone(log)
		if at := i * len(log) / 40; i%2 == 0 {
			damaged = damaged[:at]
		} else {
			damaged[at] ^= 0x40
		}
		for file, bytes := range map[string][]byte{name: base, name + "-wal": damaged} {
			if err := os.WriteFile(file, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rest(t, name)
		var rows [2][]string
		for k, open := range []func(context.Context, string) (*DB, error){Open, OpenCopy} {
			db, err := open(context.Background(), name)
			if err != nil {
				t.Fatal(i, err)
			}
			rows[k] = rowsOf(db)
			if err := db.Close(); err != nil {
				t.Fatal(i, err)
			}
		}
		if diff := cmp.Diff(rows[1], rows[0]); diff != "" {
			t.Errorf("damage %d: %s", i, diff)
		}
	}
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestALogThatIsWrittenBackMeanwhileIsSaid(t *testing.T) {
	for _, lines := range [][]string{
		{"PRAGMA wal_checkpoint(PASSIVE)"},
		{two, "PRAGMA wal_checkpoint(TRUNCATE)", "UPDATE m SET n = 9"},
	} {
		name := filepath.Join(t.TempDir(), "a.db")
		w := write(t, name, wal, large, create, one)
		rest(t, name)
		db, err := Open(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		rowsOf(db)
		w.do(lines...)
		if err := db.Close(); !errors.Is(err, ErrChanged) {
			t.Errorf("after %q: %v", lines, err)
		}
	}
	name := filepath.Join(t.TempDir(), "a.db")
	w := write(t, name, wal, large, create, one)
	rest(t, name)
	db, err := Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	w.do(two)
	if rows := rowsOf(db); len(rows) != 1 {
		t.Errorf("a row that was added meanwhile is of another state: %v", rows)
	}
	if err := db.Close(); err != nil {
		t.Errorf("what is added to the log changes nothing that was read: %v", err)
	}
}

func FuzzWAL(f *testing.F) {
	name := filepath.Join(f.TempDir(), "a.db")
	f.Add([]byte(nil))
	f.Add(append(bytes.Clone(walBytes(f, name)), 0))
	f.Fuzz(func(t *testing.T, log []byte) {
		x, err := readWAL(bytes.NewReader(log))
		if err != nil {
			return
		}
		for page, at := range x.frames {
			if page == 0 || at < walHeaderSize || at+x.pageSize > int64(len(log)) || x.size <= 0 {
				t.Errorf("page %d at %d of %d", page, at, len(log))
			}
		}
	})
}
