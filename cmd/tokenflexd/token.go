package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server/store"
)

func newTokens(p *program) *cobra.Command {
	token := &cobra.Command{
		Use: "token", Short: "List and end the tokens of devices; tokenflexd admin token makes one",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd token --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	list := p.forAccount("list HANDLE", "List the live tokens of an account: number, last four characters, device, last use", nil, p.listTokens)
	revoke := p.forAccount("revoke HANDLE NUMBER", "End a token at once; all of them with NUMBER all", []string{"NUMBER"}, p.revokeTokens)
	token.AddCommand(list, revoke)
	return token
}

func (p *program) listTokens(ctx context.Context, s store.Store, u store.User, _ []string) error {
	tokens, err := s.TokensOf(ctx, store.Actor{User: u.ID}, time.Now())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		fmt.Fprintf(p.out, "%s\t…%s\t%s\t%s\n", t.ID, t.Hint, t.Name, cmp.Or(t.UsedOn, "never used"))
	}
	return nil
}

func (p *program) revokeTokens(ctx context.Context, s store.Store, u store.User, args []string) error {
	who, now := store.Actor{User: u.ID, Handle: u.Handle}, time.Now()
	tokens, err := s.TokensOf(ctx, who, now)
	if err != nil {
		return err
	}
	if args[0] != "all" {
		tokens = slices.DeleteFunc(tokens, func(t store.Token) bool { return t.ID != args[0] })
		if len(tokens) == 0 {
			return fmt.Errorf("%s has no live token %s\nrun: tokenflexd token list %s", u.Handle, args[0], u.Handle)
		}
	}
	for _, t := range tokens {
		if err := s.RevokeToken(ctx, who, t.ID, now); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(p.out, "%d ended\n", len(tokens))
	return err
}
