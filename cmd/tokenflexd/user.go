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
	erase := p.forAccount("erase HANDLE", "Erase an account and everything of it, for good", nil,
		func(ctx context.Context, s store.Store, u store.User, _ []string) error {
			return p.eraseUser(ctx, s, u, sure)
		})
	erase.Flags().BoolVar(&sure, "yes", false, "do it: nothing brings the account back")
	user.AddCommand(export, erase)
	return user
}

func (p *program) exportUser(ctx context.Context, s store.Store, u store.User, _ []string) error {
	out := bufio.NewWriter(p.out)
	return errors.Join(server.WriteExport(ctx, s, store.Actor{User: u.ID, Handle: u.Handle}, out, time.Now()), out.Flush())
}

func (p *program) eraseUser(ctx context.Context, s store.Store, u store.User, sure bool) error {
	if !sure {
		return errUsage{fmt.Errorf("this erases %s and everything of it for good: say --yes too", u.Handle)}
	}
	if err := s.Erase(ctx, store.Actor{User: u.ID, Handle: u.Handle}, u.Handle, time.Now()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "%s is erased; the running server notes it in its journal\n", u.Handle)
	return err
}
