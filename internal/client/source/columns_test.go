package source_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

// What a database lacks may change what is counted, but never silently: something names the file.
func TestADatabaseThatLacksAColumnThatCountsIsNamed(t *testing.T) {
	known := map[string]bool{ // before version 1.50 there were none: the cached tokens are counted inside the input
		`goose: ALTER TABLE "sessions" DROP COLUMN "accumulated_cache_read_tokens"`:  true,
		`goose: ALTER TABLE "sessions" DROP COLUMN "accumulated_cache_write_tokens"`: true,
	}
	const enough = 6 // databases of which each column is taken
	tried := make(map[string]int)
	counting := make(map[string]bool) // columns that something changed without
	sources := make(map[string]bool)
	for _, s := range source.All() {
		homes, err := filepath.Glob(filepath.Join("testdata", s.ID, "*", "home"))
		if err != nil {
			t.Fatal(err)
		}
		for _, home := range homes {
			for _, name := range databases(t, home) {
				made := source.MakeHome(t, dated(t, filepath.Dir(home)))
				whole := counts(scanHome(t, made, []source.Source{s}))
				file := filepath.Join(made, name)
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, change := range lacks(t, file) {
					column := s.ID + ": " + change
					if tried[column]++; counting[column] || known[column] || tried[column] > enough || !exec(t, file, change) {
						continue
					}
					less := scanHome(t, made, []source.Source{s})
					if err := os.WriteFile(file, text, 0o600); err != nil {
						t.Fatal(err)
					}
					if counts(less) == whole {
						continue
					}
					counting[column], sources[s.ID] = true, true
					if !slices.ContainsFunc(less.Warnings, func(w scan.Warning) bool { return slices.Contains(w.Details, "~/"+filepath.ToSlash(name)) }) {
						t.Errorf("%s: %s: %s: %v becomes %v without a word: %v", home, name, change, whole, counts(less), less.Warnings)
					}
				}
			}
		}
	}
	if len(sources) < 12 || len(counting) < 60 {
		t.Errorf("only %d columns of %d sources count", len(counting), len(sources))
	}
}

// counts are the tokens of all cells.
func counts(r *scan.Result) (sum usage.Tokens) {
	for _, c := range r.Cells {
		sum = sum.Add(c.Tokens)
	}
	return sum
}

// databases returns the names below the home of the databases that are written down there.
func databases(t *testing.T, home string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(home, func(name string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".sql" {
			below, err := filepath.Rel(home, name[:len(name)-len(".sql")])
			names = append(names, below)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// lacks returns statements that each take one column of a database away.
func lacks(t *testing.T, name string) (changes []string) {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.pk = 0" +
		" AND (SELECT count(*) FROM pragma_table_info(t.name)) > 1 ORDER BY 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		changes = append(changes, fmt.Sprintf("ALTER TABLE %q DROP COLUMN %q", table, column))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return changes
}

// exec reports whether the statement, which takes a column, could: of some something else is made.
func exec(t *testing.T, name, statement string) bool {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, failed := db.Exec(statement)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return failed == nil
}
