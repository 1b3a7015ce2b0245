package source

import (
	"context"
	"database/sql"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"

	"tokenflex.ing/internal/client/sqlitefile"
)

// asSQL is the suffix of a fixture that says how a database is made, so that it can be read by people.
const asSQL = ".sql"

// made holds the databases that have been made, by their statements.
var made sync.Map

// MakeDatabase returns the file that the statements make.
func MakeDatabase(t testing.TB, statements string) []byte {
	t.Helper()
	if known, ok := made.Load(statements); ok {
		return known.([]byte)
	}
	name := filepath.Join(t.TempDir(), "made.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;" + statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	made.Store(statements, file)
	return file
}

// MakeHome returns the home, or a copy of it in which the databases are made.
func MakeHome(t testing.TB, home string) string {
	t.Helper()
	statements := make(map[string]string)
	err := filepath.WalkDir(home, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != asSQL {
			return err
		}
		text, err := os.ReadFile(name)
		statements[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(statements) == 0 {
		return home
	}
	made := filepath.Join(t.TempDir(), "home")
	if err := os.CopyFS(made, os.DirFS(home)); err != nil {
		t.Fatal(err)
	}
	for name, text := range statements {
		below, err := filepath.Rel(home, name)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(made, below)
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(name, asSQL), MakeDatabase(t, text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// memoryTables is a text read as a database. Without one it has no tables.
type memoryTables struct {
	db  *sqlitefile.DB
	dir string
}

func (m *memory) Tables() Tables {
	if m.tables != nil {
		return m.tables
	}
	m.tables = &memoryTables{}
	dir, err := os.MkdirTemp("", "memory-")
	if err != nil {
		return m.tables
	}
	m.tables.dir = dir
	name := filepath.Join(dir, "file.db")
	if os.WriteFile(name, m.text, 0o600) == nil {
		m.tables.db, _ = sqlitefile.Open(context.Background(), name)
	}
	return m.tables
}

func (t *memoryTables) Has(table string, columns ...string) bool {
	return t.db != nil && t.db.Has(table, columns...)
}

func (t *memoryTables) Query(sql string) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		if t.db == nil {
			return
		}
		for row := range t.db.Query(sql) {
			if !yield(row) {
				return
			}
		}
	}
}

func (t *memoryTables) close() {
	if t != nil && t.db != nil {
		_ = t.db.Close()
	}
	if t != nil {
		_ = os.RemoveAll(t.dir)
	}
}
