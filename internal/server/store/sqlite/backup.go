package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// Backup writes a whole copy of the database, as it is at one moment, to a new file that is its owner's alone, and checks
// the copy. Reads and writes of the database go on meanwhile.
func Backup(ctx context.Context, file, to string) (err error) {
	db, err := openExisting(file)
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite fills an empty file, and leaves its mode
	if err != nil {
		return err
	}
	f.Close()
	defer func() {
		if err != nil {
			os.Remove(to)
		}
	}()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy the database: %w", full(err))
	}
	if err := Check(ctx, to); err != nil {
		return err
	}
	return sync(to)
}

// sync waits until a file is on its disk.
func sync(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// openExisting opens a database file for reading, and does not make one.
func openExisting(file string) (*sql.DB, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, &missing{file}
	} else if err != nil {
		return nil, err
	}
	db := open(file, url.Values{"mode": {"ro"}}, nil, nil)
	db.SetMaxOpenConns(1)
	return db, nil
}

// missing is a database file that is not there.
type missing struct{ file string }

func (e *missing) Error() string { return "no database in " + e.file + ": no such file" }

// Is makes it the error of a file that is not there.
func (e *missing) Is(err error) bool { return err == fs.ErrNotExist }

// Check reads a whole database file and returns what is broken in it, or that it is no database of tokenflexd.
func Check(ctx context.Context, file string) error {
	db, err := openExisting(file)
	if err != nil {
		return err
	}
	defer db.Close()
	faults, err := integrity(ctx, db)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%s is broken: %s", filepath.Base(file), faults[0])
	}
	if err == nil {
		err = known(ctx, db, file)
	}
	return err
}

// CheckBackup is Check of what is to be opened by this binary: it also refuses what a newer one has written.
func CheckBackup(ctx context.Context, file string) error {
	if err := Check(ctx, file); err != nil {
		return err
	}
	db, err := openExisting(file)
	if err != nil {
		return err
	}
	defer db.Close()
	var have int64
	if err := db.QueryRowContext(ctx, schemaOf).Scan(&have); err != nil {
		return err
	}
	if have > schema {
		return fmt.Errorf("%s has schema %d and this tokenflexd knows %d: use the newer tokenflexd", filepath.Base(file), have, schema)
	}
	return nil
}

// known reports that a file has none of tokenflexd's tables: SQLite takes one of no bytes for an empty database.
func known(ctx context.Context, db *sql.DB, file string) error {
	var tables int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('goose_db_version', 'users', 'usage_day')").Scan(&tables)
	if err == nil && tables < 3 {
		err = fmt.Errorf("%s holds no database of tokenflexd", filepath.Base(file))
	}
	return err
}

func integrity(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "PRAGMA integrity_check(5)")
	faults, err := collect(rows, err, func(r *sql.Rows, s *string) error { return r.Scan(s) })
	if err != nil {
		return nil, fmt.Errorf("check the database: %w", err)
	}
	faults = slices.DeleteFunc(faults, func(s string) bool { return s == "ok" })
	rows, err = db.QueryContext(ctx, "SELECT DISTINCT \"table\" || ' points at a row of ' || parent || ' that is not there' FROM pragma_foreign_key_check")
	loose, err := collect(rows, err, func(r *sql.Rows, s *string) error { return r.Scan(s) })
	return append(faults, loose...), err
}

// dump reads the tables of a file for another engine.
type dump struct{ db *sql.DB }

// OpenDump opens a database file to be taken in by another engine. Its schema must be this binary's.
func OpenDump(ctx context.Context, file string) (store.Dump, error) {
	there, err := openExisting(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(known(ctx, there, file), there.Close()); err != nil {
		return nil, err
	}
	s, err := Open(ctx, file, time.Now) // brings the schema up
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	db, err := openExisting(file)
	if err != nil {
		return nil, err
	}
	return dump{db}, nil
}

func (d dump) Tables(ctx context.Context) ([]string, error) {
	rows, err := d.db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND name NOT IN ('ctx', 'goose_db_version', 'tallies') ORDER BY name`)
	return collect(rows, err, func(r *sql.Rows, s *string) error { return r.Scan(s) })
}

// Columns leaves out what is about this engine's indexes.
func (d dump) Columns(ctx context.Context, table string) ([]string, error) {
	rows, err := d.db.QueryContext(ctx, "SELECT name FROM pragma_table_info(?1) WHERE (?1, name) <> ('prints', 'pending') ORDER BY cid", table)
	return collect(rows, err, func(r *sql.Rows, s *string) error { return r.Scan(s) })
}

func (d dump) Rows(ctx context.Context, table string, columns []string, row func([]any) error) error {
	names := `"` + strings.Join(columns, `", "`) + `"`
	rows, err := d.db.QueryContext(ctx, "SELECT "+names+` FROM "`+table+`" ORDER BY `+names)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d dump) Close() error { return d.db.Close() }
