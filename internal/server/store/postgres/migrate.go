package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"tokenflex.ing/internal/server/store"
)

// The roles that the administrator makes.
const (
	Owner = "tf_owner" // owns the schema; migrations and the host's commands
	App   = "tf_app"   // what the server runs as
)

// schema is the version that the migrations lead to, as tf.version says it once all of them are done.
var schema = store.LastMigration(migrations)

// Roles is what the cluster's administrator runs once, in the new database.
//
//go:embed roles.sql
var Roles string

//go:embed migrations/*.sql
var migrations embed.FS

// migrating is the advisory lock that keeps two migrations apart.
const migrating = 0x746b666c

// Migrate brings the schema up to this binary's, as the owner. Two processes may try at once: whoever comes second
// finds it done.
func Migrate(ctx context.Context, dsn string) error {
	db, err := openOwner(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	lock, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open database as %s: %w", Owner, ownerOnly(clean(err)))
	}
	defer lock.Close() // and with it the lock
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrating); err != nil {
		return err
	}
	if err := goUp(ctx, db); err != nil {
		return err
	}
	if err := seedKey(ctx, db); err != nil {
		return err
	}
	return sayVersion(ctx, db)
}

// openOwner connects as the owner of the schema.
func openOwner(dsn string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database's address cannot be read; it is like postgres://tf_owner@db.example/tokenflex")
	}
	return stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE "+Owner)
		return err
	})), nil
}

// Pending lists the files that Migrate would run.
func Pending(ctx context.Context, dsn string) ([]string, error) {
	db, err := openOwner(dsn)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT version_id FROM tf_meta.goose_db_version WHERE is_applied")
	if code(err) == "42P01" || code(err) == "3F000" { // no book yet: nothing was run
		return store.PendingMigrations(migrations, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", clean(err))
	}
	defer rows.Close()
	return store.PendingMigrations(migrations, rows)
}

func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName("tf_meta.goose_db_version"))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

func goUp(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if code(err) == "3F000" {
		return errors.New("the database has no schema tf_meta: its administrator prepares it first\nrun: tokenflexd migrate --roles | psql -v ON_ERROR_STOP=1 -d NAME")
	}
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return store.NewerSchema(have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// seedKey gives a new database the key of its seals. Nothing but the doors can ever read it.
func seedKey(ctx context.Context, db *sql.DB) error {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "SELECT tf.first_key($1)", key)
	return err
}

// sayVersion tells the server, which cannot read the migrations' books, what the schema is. It comes last: a migration that
// was interrupted leaves the old version, with which no newer server starts.
func sayVersion(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE OR REPLACE FUNCTION tf.version() RETURNS bigint
		LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS 'SELECT %d::bigint'`, schema))
	return err
}
