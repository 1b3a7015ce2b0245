package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store/postgres"
	"tokenflex.ing/internal/server/store/sqlite"
)

func newDB(p *program) *cobra.Command {
	db := &cobra.Command{
		Use: "db", Short: "Move to another engine",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd db --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	db.AddCommand(newCopy(p))
	return db
}

func newCopy(p *program) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use: "copy", Short: "Copy a stopped server's file into a new PostgreSQL database", Args: arguments(),
		Long: `copy takes everything from a SQLite file into a PostgreSQL database that was migrated and has no accounts yet: accounts, devices,
tokens, sessions, usage and the server's keys, so that every client goes on as before. All of it or nothing; at the end it compares
a checksum of each account on both sides. Stop the server first.

--to names the cluster's administrator: neither the owner nor the server may write rows of everybody.`,
		Example: "  tokenflexd db copy --from sqlite:/var/lib/tokenflexd/tokenflexd.db --to postgres://postgres@db.example/tokenflex",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.copy(cmd.Context(), from, to) },
	}
	cmd.Flags().StringVar(&from, "from", "", "sqlite:`FILE`")
	cmd.Flags().StringVar(&to, "to", "", "postgres://ADMINISTRATOR@HOST/`NAME`")
	return cmd
}

func (p *program) copy(ctx context.Context, from, to string) error {
	file, ok := strings.CutPrefix(from, "sqlite:")
	if !ok || !isPostgres(to) {
		return errUsage{errors.New("copy goes --from sqlite:FILE --to postgres://ADMINISTRATOR@HOST/NAME")}
	}
	d, err := sqlite.OpenDump(ctx, strings.TrimPrefix(file, "//"))
	if err != nil {
		return err
	}
	defer d.Close()
	accounts, rows, err := postgres.Import(ctx, to, d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "copied %d rows; %d accounts compared, the same on both sides\n", rows, accounts)
	return err
}
