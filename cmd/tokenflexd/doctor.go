package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

func newDoctor(p *program) *cobra.Command {
	var db string
	var attack bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Say whether the database is safe to serve from", Args: arguments(),
		Long: `doctor looks at the database without changing it and lists what keeps it from being safe to serve from, one line each; then it
exits 1. Of a file it checks the schema, the triggers, every page and reference, the keys, who can read it and the room on its
disk. On PostgreSQL, as the server's role, it reads the catalogue: roles, row-level security, policies, grants and functions.

--attack tries it: in a transaction that is rolled back it makes two accounts and does as the server's role what must not be
possible. --db then names the cluster's administrator. Whether another engine that speaks PostgreSQL can be trusted shows here.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.doctor(cmd.Context(), db, attack) },
	}
	databaseFlag(cmd, &db)
	cmd.Flags().BoolVar(&attack, "attack", false, "try what the server's role must not be able to do, on PostgreSQL")
	return cmd
}

func (p *program) doctor(ctx context.Context, db string, attack bool) error {
	faults, said, err := p.examine(ctx, db, attack)
	if err != nil {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(p.out, f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s: do not serve from this database", counted(len(faults), "fault", "faults"))
	}
	_, err = fmt.Fprintln(p.out, said)
	return err
}

// counted is a number of things, by the words for one and for any other number.
func counted(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// examine returns what is wrong, and what to say if nothing is.
func (p *program) examine(ctx context.Context, db string, attack bool) (faults []string, said string, err error) {
	const safe = "the database is safe to serve from"
	if attack && isPostgres(db) {
		faults, tried, err := postgres.Trial(ctx, db)
		return faults, fmt.Sprintf("%d attacks tried, all refused; nothing was kept", tried), err
	}
	if attack {
		return nil, "", errUsage{fmt.Errorf("--attack is for PostgreSQL: give --db postgres://ADMINISTRATOR@HOST/NAME")}
	}
	if isPostgres(db) {
		faults, err = postgres.Faults(ctx, db)
		return faults, safe, err
	}
	file, err := p.databaseFile(db)
	if err != nil {
		return nil, "", err
	}
	faults, err = sqlite.Faults(ctx, file)
	return faults, safe, err
}
