package store

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// migrationFiles lists an engine's migrations by number and name.
func migrationFiles(files fs.FS) (numbers []int64, names []string) {
	found, err := fs.Glob(files, "migrations/*.sql")
	if err != nil || len(found) == 0 {
		panic("no migrations are built in")
	}
	for _, f := range found {
		text, _, _ := strings.Cut(path.Base(f), "_")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			panic(f + " has no number")
		}
		numbers, names = append(numbers, n), append(names, path.Base(f))
	}
	return numbers, names
}

// LastMigration returns the number of the last of an engine's migrations, which is the schema's version.
func LastMigration(files fs.FS) int64 {
	numbers, _ := migrationFiles(files)
	return numbers[len(numbers)-1]
}

// NewerSchema is the refusal of a database that a newer program has changed.
func NewerSchema(have, known int64) error {
	return fmt.Errorf("the database has schema %d and this tokenflexd knows %d: use the newer tokenflexd", have, known)
}

// PendingMigrations returns the names of an engine's migrations that are not among the numbers that were run; nil rows are none.
func PendingMigrations(files fs.FS, run *sql.Rows) ([]string, error) {
	done := make(map[int64]bool)
	for run != nil && run.Next() {
		var n int64
		if err := run.Scan(&n); err != nil {
			return nil, err
		}
		done[n] = true
	}
	if run != nil && run.Err() != nil {
		return nil, run.Err()
	}
	var names []string
	numbers, all := migrationFiles(files)
	for n := range done {
		if last := numbers[len(numbers)-1]; n > last {
			return nil, NewerSchema(n, last)
		}
	}
	for i, n := range numbers {
		if !done[n] {
			names = append(names, all[i])
		}
	}
	return names, nil
}
