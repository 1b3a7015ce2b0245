package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"tokenflex.ing/internal/server/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schema is the version that the migrations lead to.
var schema = store.LastMigration(migrations)

// Pending lists the files that opening the database would run. A database that is not there needs all of them.
func Pending(ctx context.Context, file string) ([]string, error) {
	db, err := openExisting(file)
	if errors.Is(err, fs.ErrNotExist) {
		return store.PendingMigrations(migrations, nil)
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied")
	if err != nil {
		return nil, fmt.Errorf("this is no database of tokenflexd: %w", err)
	}
	defer rows.Close()
	return store.PendingMigrations(migrations, rows)
}

// migrate brings the schema up to this binary's. Two processes may try at once: whoever comes second finds it done.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	const tries = 3
	for try := 1; ; try++ {
		err = migrateOnce(ctx, db, files)
		if err == nil || try == tries {
			return err
		}
	}
}

func migrateOnce(ctx context.Context, db *sql.DB, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return store.NewerSchema(have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := dropSamples(ctx, db); err != nil {
		return err
	}
	return raiseGuards(ctx, db)
}

// dropSamples drops the values that somebody's ANALYZE has sampled: with them SQLite compiles a statement again whenever another
// value is bound to it, in case that needs another plan, which takes longer than running it. What ANALYZE counted stays.
func dropSamples(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "DROP TABLE IF EXISTS sqlite_stat4")
	return err
}
