package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/store"
)

func newUser(p *program) *cobra.Command {
	user := &cobra.Command{
		Use: "user", Short: "Hand out or erase everything of an account, for somebody who cannot sign in",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd user --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	export := p.forAccount("export HANDLE", "Print everything of an account as JSON, as its owner gets it", nil, p.exportUser)
	var sure bool
	var journal string
	var erase *cobra.Command
	erase = p.forAccount("erase HANDLE", "Erase an account and everything of it, for good", nil,
		func(ctx context.Context, s store.Store, u store.User, _ []string) error {
			if !sure {
				return errUsage{fmt.Errorf("this erases %s and everything of it for good: say --yes too", u.Handle)}
			}
			return p.eraseUser(ctx, s, u, journal, erase.Flags().Lookup("db").Value.String())
		})
	erase.Flags().BoolVar(&sure, "yes", false, "do it: nothing brings the account back")
	erase.Flags().StringVar(&journal, "erasure-journal", "", "`file` that serve writes erasures to (default where serve writes it; of PostgreSQL only if it is there, and else the running server notes it)")
	user.AddCommand(export, erase)
	return user
}

func (p *program) exportUser(ctx context.Context, s store.Store, u store.User, _ []string) error {
	out := bufio.NewWriter(p.out)
	return errors.Join(server.WriteExport(ctx, s, store.Actor{User: u.ID, Handle: u.Handle}, out, time.Now()), out.Flush())
}

// eraseUser notes the erasure at once: a server that does not run, or is stopped before it comes to it, would note it too late for
// whoever then restores a backup.
func (p *program) eraseUser(ctx context.Context, s store.Store, u store.User, named, db string) error {
	journal, err := p.journalOfHost(named, db)
	if err != nil {
		return err
	}
	if err := s.Erase(ctx, store.Actor{User: u.ID, Handle: u.Handle}, u.Handle, time.Now()); err != nil {
		return err
	}
	if journal == "" {
		_, err := fmt.Fprintf(p.out, "%s is erased; the running server notes it in its journal\n", u.Handle)
		return err
	}
	if err := server.KeepJournal(ctx, s, journal); err != nil {
		return fmt.Errorf("%s is erased, and a backup that is restored brings the account back until the running server has noted it: %w", u.Handle, err)
	}
	_, err = fmt.Fprintf(p.out, "%s is erased, and that is noted in %s\n", u.Handle, journal)
	return err
}
