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
)

// The roles that the administrator makes.
const (
	Owner = "tf_owner" // owns the schema; migrations and the host's commands
	App   = "tf_app"   // what the server runs as
)

// schema is the version that the migrations lead to, as tf.version says it.
const schema = 4

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
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return errors.New("the database's address cannot be read; it is like postgres://tf_owner@db.example/tokenflex")
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE "+Owner)
		return err
	}))
	defer db.Close()
	lock, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open database as %s: %w", Owner, clean(err))
	}
	defer lock.Close() // and with it the lock
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrating); err != nil {
		return err
	}
	if err := goUp(ctx, db); err != nil {
		return err
	}
	return seedKey(ctx, db)
}

func goUp(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName("tf_meta.goose_db_version"))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return fmt.Errorf("the database has schema %d and this tokenflexd knows %d: use the newer tokenflexd", have, want)
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
