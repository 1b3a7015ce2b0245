package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Faults looks at a database file without changing it and returns what keeps it from being safe to serve from.
func Faults(ctx context.Context, file string) ([]string, error) {
	db, err := openExisting(file)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var all []string
	for _, check := range []func(context.Context, *sql.DB) ([]string, error){standing, standingGuards, looseTables, standingSecret, integrity} {
		faults, err := check(ctx, db)
		if err != nil {
			return nil, err
		}
		all = append(all, faults...)
	}
	all = append(all, openModes(file)...)
	if err := roomBeside(file); err != nil {
		all = append(all, err.Error())
	}
	return all, nil
}

const schemaOf = "SELECT max(version_id) FROM goose_db_version WHERE is_applied"

func standing(ctx context.Context, db *sql.DB) ([]string, error) {
	var have int64
	err := db.QueryRowContext(ctx, schemaOf).Scan(&have)
	if err != nil {
		return nil, fmt.Errorf("this is no database of tokenflexd: %w", err)
	}
	if have > schema {
		return []string{fmt.Sprintf("the schema is %d and this tokenflexd knows %d: use the newer tokenflexd", have, schema)}, nil
	}
	if have < schema {
		return []string{fmt.Sprintf("the schema is %d and this tokenflexd needs %d: run tokenflexd migrate", have, schema)}, nil
	}
	return nil, nil
}

func standingGuards(ctx context.Context, db *sql.DB) ([]string, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	have, err := triggers(ctx, tx)
	if err != nil {
		return nil, err
	}
	var faults []string
	for name, text := range guards() {
		if have[name] != text {
			faults = append(faults, "the trigger "+name+" does not stand as it should: tokenflexd migrate raises it again")
		}
	}
	slices.Sort(faults)
	return faults, nil
}

func looseTables(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT 'the table ' || name || ' is not STRICT' FROM pragma_table_list
		WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version'`)
	return collect(rows, err, func(r *sql.Rows, s *string) error { return r.Scan(s) })
}

// standingSecret looks whether the server's keys are random. A new database has none yet.
func standingSecret(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT value FROM secret")
	keys, err := collect(rows, err, func(r *sql.Rows, b *[]byte) error { return r.Scan(b) })
	for _, k := range keys {
		if len(k) != 32 || bytes.Count(k, k[:1]) == len(k) {
			return []string{"a key of the server is not random"}, nil
		}
	}
	return nil, err
}

// openModes finds files that others than their owner can reach.
func openModes(file string) []string {
	if runtime.GOOS == "windows" {
		return nil
	}
	var faults []string
	for name, most := range map[string]os.FileMode{filepath.Dir(file): 0o755, file: 0o600, file + "-wal": 0o600, file + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err == nil && info.Mode().Perm()&^most != 0 {
			faults = append(faults, fmt.Sprintf("%s has mode %04o: run chmod %04o on it", filepath.Base(name), info.Mode().Perm(), most))
		}
	}
	slices.Sort(faults)
	return faults
}
