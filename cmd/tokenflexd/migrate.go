package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

func newMigrate(p *program) *cobra.Command {
	var db string
	var roles, backupRole, dry bool
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to this version", Args: arguments(),
		Long: `migrate brings the schema up to this version; costs follow while the server runs. On PostgreSQL --db names the
owner: postgres://tf_owner@HOST/NAME. A file is brought up by every command that opens it.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if roles && backupRole || dry && (roles || backupRole) {
				return errUsage{errors.New("--roles, --backup-role and --dry-run go one at a time")}
			}
			if roles {
				_, err := fmt.Fprint(p.out, postgres.Roles)
				return err
			}
			if backupRole {
				_, err := fmt.Fprint(p.out, postgres.BackupRole)
				return err
			}
			if dry {
				return p.pending(cmd.Context(), db)
			}
			return p.migrate(cmd.Context(), db)
		},
	}
	databaseFlag(cmd, &db)
	cmd.Flags().BoolVar(&roles, "roles", false, "only print what PostgreSQL's administrator runs first, once")
	cmd.Flags().BoolVar(&backupRole, "backup-role", false, "only print what PostgreSQL's administrator runs once to have a role for backups")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only print the migrations that have not been run; exit 0")
	return cmd
}

// pending prints the migrations that migrate would run.
func (p *program) pending(ctx context.Context, db string) error {
	var names []string
	var err error
	if isPostgres(db) {
		names, err = postgres.Pending(ctx, db)
	} else {
		var file string
		if file, err = p.databaseFile(db); err == nil {
			names, err = sqlite.Pending(ctx, file)
		}
	}
	if err != nil {
		return err
	}
	for _, n := range names {
		fmt.Fprintln(p.out, n)
	}
	_, err = fmt.Fprintf(p.out, "%d to run\n", len(names))
	return err
}

func (p *program) migrate(ctx context.Context, db string) error {
	if isPostgres(db) {
		if err := postgres.Migrate(ctx, db); err != nil {
			return err
		}
	}
	return p.withNewStore(ctx, db, func(store.Store) error {
		_, err := fmt.Fprintln(p.out, "up to date")
		return err
	})
}
