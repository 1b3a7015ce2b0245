package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

const defaultAddress = "127.0.0.1:8480"

// databaseFlag adds --db to a command.
func databaseFlag(cmd *cobra.Command, db *string) {
	cmd.Flags().StringVar(db, "db", "", "database `file`, or postgres://ROLE@HOST/NAME (default $STATE_DIRECTORY/tokenflexd.db, else tokenflexd/tokenflexd.db in the state folder)")
}

// isPostgres reports whether --db names a PostgreSQL database.
func isPostgres(db string) bool {
	return strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "postgresql://")
}

// openHost opens the database that --db names for the host's own commands: PostgreSQL as its owner.
func (p *program) openHost(ctx context.Context, db string) (store.Store, error) {
	if !isPostgres(db) {
		if err := p.there(db); err != nil {
			return nil, err
		}
		return p.openStore(ctx, db)
	}
	s, err := postgres.OpenHost(ctx, db, time.Now)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// there reports that a database file is not there: a command about accounts makes no empty one where a name is misspelt.
func (p *program) there(db string) error {
	file, err := p.databaseFile(db)
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no database in %s: no such file\nrun: tokenflexd serve, or name the database that it serves from with --db or --config", file)
	}
	return nil
}

// openStore opens the database that --db names, as the server does.
func (p *program) openStore(ctx context.Context, db string) (store.Store, error) {
	if isPostgres(db) {
		s, err := postgres.Open(ctx, db, time.Now)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	file, err := p.databaseFile(db)
	if err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, file, time.Now)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// databaseFile is the file that --db names, or the default.
func (p *program) databaseFile(db string) (string, error) {
	db = strings.TrimPrefix(strings.TrimPrefix(db, "sqlite:"), "//")
	switch {
	case strings.Contains(db, "://"):
		return "", errUsage{errors.New("--db takes a file or a postgres:// address")}
	case db == "":
		db = p.defaultDatabase()
	}
	if db == "" {
		return "", errUsage{errors.New("no home folder and no $STATE_DIRECTORY: give --db a file")}
	}
	return db, nil
}

// defaultDatabase is where systemd, or the XDG base folders, say that state belongs.
func (p *program) defaultDatabase() string {
	if dir, ok := p.env("STATE_DIRECTORY"); ok && dir != "" {
		first, _, _ := strings.Cut(dir, ":")
		return filepath.Join(first, "tokenflexd.db")
	}
	if dir, ok := p.env("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "tokenflexd", "tokenflexd.db")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "tokenflexd", "tokenflexd.db")
}
