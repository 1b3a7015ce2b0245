package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/server/store/postgres"
)

func newDoctor(p *program) *cobra.Command {
	var db string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Say whether the database is safe to serve from", Args: arguments(),
		Long: `doctor opens the database as serve would and lists what keeps it from being safe, one line each; then it exits 1.
On PostgreSQL it reads the catalogue: roles, row-level security, policies, grants and functions.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context(), db) },
	}
	databaseFlag(cmd, &db)
	return cmd
}

func (p *program) doctor(ctx context.Context, db string) error {
	var faults []string
	var err error
	if isPostgres(db) {
		faults, err = postgres.Faults(ctx, db)
	} else {
		err = p.withStore(ctx, db, func(s store.Store) error { return s.Ready(ctx) })
	}
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(p.out, f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults: do not serve from this database", len(faults))
	}
	_, err = fmt.Fprintln(p.out, "the database is safe to serve from")
	return err
}
