package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store"
)

const maxActs = 100_000

func newAudit(p *program) *cobra.Command {
	var db, handle string
	var limit int
	cmd := &cobra.Command{
		Use: "audit", Short: "Show who was let in, paired, held, released, banned and erased, newest first", Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > maxActs {
				return errUsage{fmt.Errorf("--limit is from 1 to %d", maxActs)}
			}
			return p.withStore(cmd.Context(), db, func(s store.Store) error { return p.audit(cmd.Context(), s, handle, limit) })
		},
	}
	databaseFlag(cmd, &db)
	cmd.Flags().StringVar(&handle, "user", "", "only what was done with the account of that `handle`")
	cmd.Flags().IntVar(&limit, "limit", 100, "lines at most")
	return cmd
}

func (p *program) audit(ctx context.Context, s store.Store, handle string, limit int) error {
	users, err := s.Users(ctx)
	if err != nil {
		return err
	}
	handles, only := make(map[int64]string, len(users)), int64(0)
	for _, u := range users {
		handles[u.ID] = u.Handle
		if u.Handle == handle {
			only = u.ID
		}
	}
	if handle != "" && only == 0 {
		return errors.New("no account " + handle)
	}
	acts, err := s.Acts(ctx, only, limit)
	if err != nil {
		return err
	}
	for _, a := range acts {
		who := handles[a.User]
		if who == "" {
			who = "-"
		}
		fmt.Fprintf(p.out, "%s\t%s\t%s\t%s\n", a.At.Format(time.RFC3339), who, a.Action, a.Detail)
	}
	return nil
}
