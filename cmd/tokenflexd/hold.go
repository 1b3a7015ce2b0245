package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/accept"
	"tokenflex.ing/internal/server/store"
)

func newHold(p *program) *cobra.Command {
	return p.forAccount("hold HANDLE DAY SOURCE", "Make a day of one source wait for review: it counts nowhere until it is released", []string{"DAY", "SOURCE"},
		func(ctx context.Context, s store.Store, u store.User, args []string) error {
			if err := checkCell(args[0], args[1]); err != nil {
				return err
			}
			err := s.HoldCell(ctx, u.ID, args[0], args[1], time.Now())
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%s has nothing of %s on %s", u.Handle, args[1], args[0])
			}
			return err
		})
}

func newRelease(p *program) *cobra.Command {
	return p.forAccount("release HANDLE DAY SOURCE", "Let a day under review count, for good", []string{"DAY", "SOURCE"},
		func(ctx context.Context, s store.Store, u store.User, args []string) error {
			if err := checkCell(args[0], args[1]); err != nil {
				return err
			}
			err := s.ReleaseHold(ctx, u.ID, args[0], args[1], time.Now())
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%s has nothing under review for %s on %s", u.Handle, args[1], args[0])
			}
			return err
		})
}

func newBan(p *program) *cobra.Command {
	return p.forAccount("ban HANDLE", "Stop an account: it is shown nowhere, sends nothing and is signed out; what it sent stays", nil,
		func(ctx context.Context, s store.Store, u store.User, _ []string) error {
			return s.Suspend(ctx, u.ID, true, time.Now())
		})
}

func newUnban(p *program) *cobra.Command {
	return p.forAccount("unban HANDLE", "Let a banned account go on", nil,
		func(ctx context.Context, s store.Store, u store.User, _ []string) error {
			return s.Suspend(ctx, u.ID, false, time.Now())
		})
}

// checkCell refuses what can be no day of a source.
func checkCell(day, source string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return errUsage{fmt.Errorf("DAY is a date such as 2026-11-23, not %q", day)}
	}
	if !accept.ValidSource(source) {
		return errUsage{fmt.Errorf("SOURCE is the id of a tool such as codex, not %q", source)}
	}
	return nil
}

// forAccount is a command that does something with the account that its first argument names; the others follow.
func (p *program) forAccount(use, short string, more []string, do func(context.Context, store.Store, store.User, []string) error) *cobra.Command {
	var db string
	cmd := &cobra.Command{
		Use: use, Short: short, Args: arguments(append([]string{"HANDLE"}, more...)...),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withStore(cmd.Context(), db, func(s store.Store) error {
				u, err := known(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				return do(cmd.Context(), s, u, args[1:])
			})
		},
	}
	databaseFlag(cmd, &db)
	return cmd
}
