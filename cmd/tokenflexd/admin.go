package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"tokenflex.ing/internal/server"
	"tokenflex.ing/internal/server/auth"
	"tokenflex.ing/internal/server/page"
	"tokenflex.ing/internal/server/store"
)

// inviteLife is how long a sign-in link can be used.
const inviteLife = 7 * 24 * time.Hour

func newAdmin(p *program) *cobra.Command {
	admin := &cobra.Command{
		Use: "admin", Short: "Make accounts, links and tokens, review and ban; works while the server runs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return errUsage{fmt.Errorf("unknown command %q\nrun: tokenflexd admin --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	admin.AddCommand(newCreate(p), newInvite(p), newToken(p), newVisibility(p), newList(p), newHold(p), newRelease(p), newBan(p), newUnban(p), newAudit(p))
	return admin
}

// withStore runs f on the database.
func (p *program) withStore(ctx context.Context, db string, f func(store.Store) error) error {
	s, err := p.openHost(ctx, db)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// withNewStore runs f on the database, and makes the file if it is not there.
func (p *program) withNewStore(ctx context.Context, db string, f func(store.Store) error) error {
	if isPostgres(db) {
		return p.withStore(ctx, db, f)
	}
	s, err := p.openStore(ctx, db)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

func newCreate(p *program) *cobra.Command {
	var db string
	cmd := &cobra.Command{
		Use: "create HANDLE", Short: "Make an account, private; invite makes the link that signs in", Args: arguments("HANDLE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withNewStore(cmd.Context(), db, func(s store.Store) error { return p.create(cmd.Context(), s, args[0]) })
		},
	}
	databaseFlag(cmd, &db)
	return cmd
}

func (p *program) create(ctx context.Context, s store.Store, handle string) error {
	_, err := s.UserByHandle(ctx, handle)
	if err == nil {
		return fmt.Errorf("%s has an account already\nrun: tokenflexd admin invite %s", handle, handle)
	}
	if store.ValidHandle(handle) && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, err = p.account(ctx, s, handle)
	return err
}

func newInvite(p *program) *cobra.Command {
	var db, site string
	cmd := &cobra.Command{
		Use: "invite HANDLE", Short: "Print a link that signs in once, within 7 days; makes the account if it is new", Args: arguments("HANDLE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if site != "" && !server.ValidSite(strings.TrimSuffix(site, "/")) {
				return errUsage{fmt.Errorf("--site %q is not an origin such as https://tokenflex.example", site)}
			}
			return p.withNewStore(cmd.Context(), db, func(s store.Store) error { return p.invite(cmd.Context(), s, args[0], site) })
		},
	}
	databaseFlag(cmd, &db)
	cmd.Flags().StringVar(&site, "site", "", "`origin` that people use (default the one that serve last had)")
	return cmd
}

func (p *program) invite(ctx context.Context, s store.Store, handle, site string) error {
	u, err := p.account(ctx, s, handle)
	if err != nil {
		return err
	}
	if u.Suspended {
		return fmt.Errorf("%s is banned, and a link would open nothing\nrun: tokenflexd admin unban %s", handle, handle)
	}
	if site == "" {
		if site, err = lastSite(ctx, s); err != nil {
			return err
		}
	}
	secret, now := auth.NewSecret(), time.Now()
	if err := s.AddInvite(ctx, u.ID, store.HashOf(secret), now, now.Add(inviteLife)); err != nil {
		return err
	}
	fmt.Fprintf(p.errOut, "whoever opens this link is signed in as %s; it works once, until %s\n", handle, now.Add(inviteLife).UTC().Format("2 Jan 2006 15:04 UTC"))
	_, err = fmt.Fprintln(p.out, strings.TrimSuffix(site, "/")+page.PathSignInLink+secret)
	return err
}

// lastSite returns the origin that the server last used.
func lastSite(ctx context.Context, s store.Store) (string, error) {
	site, err := s.Site(ctx)
	if errors.Is(err, store.ErrNotFound) { // it has never run
		return "http://" + defaultAddress, nil
	}
	return site, err
}

// account returns the account of that handle, and makes it if it is new.
func (p *program) account(ctx context.Context, s store.Store, handle string) (store.User, error) {
	if !store.ValidHandle(handle) {
		return store.User{}, errUsage{fmt.Errorf("%q is no handle: 1 to 39 of a-z, 0-9 and inner dashes", handle)}
	}
	u, err := s.UserByHandle(ctx, handle)
	if errors.Is(err, store.ErrNotFound) {
		if u, err = s.AddUser(ctx, handle, time.Now()); err == nil {
			fmt.Fprintf(p.errOut, "made the account %s, private\n", handle)
		}
	}
	if errors.Is(err, store.ErrTaken) {
		err = fmt.Errorf("the handle %s was somebody's who renamed or erased the account, and is held for 90 days: take another", handle)
	}
	return u, err
}

// known returns the account of that handle.
func known(ctx context.Context, s store.Store, handle string) (store.User, error) {
	u, err := s.UserByHandle(ctx, handle)
	if errors.Is(err, store.ErrNotFound) {
		return u, fmt.Errorf("no account %s\nrun: tokenflexd admin invite %s", handle, handle)
	}
	return u, err
}

func newToken(p *program) *cobra.Command {
	var db, device string
	cmd := &cobra.Command{
		Use: "token HANDLE", Short: "Print a device token, for machines without a browser; makes the account if it is new", Args: arguments("HANDLE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withNewStore(cmd.Context(), db, func(s store.Store) error { return p.token(cmd.Context(), s, args[0], device) })
		},
	}
	databaseFlag(cmd, &db)
	cmd.Flags().StringVar(&device, "device", "", "`name` of the device that the token is for; tokens of one name share one device (default a new device)")
	return cmd
}

func (p *program) token(ctx context.Context, s store.Store, handle, device string) error {
	u, err := p.account(ctx, s, handle)
	if err != nil {
		return err
	}
	if device != "" && !server.ValidDeviceName(device) {
		return errUsage{errors.New("--device takes 1 to 64 printable characters")}
	}
	token := auth.NewToken()
	t, err := s.AddToken(ctx, u.ID, device, server.NewToken(token, time.Now()))
	if errors.Is(err, store.ErrTooMany) {
		return fmt.Errorf("%s has %d devices or tokens already: revoke some on the settings page", handle, store.MaxTokens)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.errOut, "a token for %s's device %q, shown this once\n", handle, t.Name)
	_, err = fmt.Fprintln(p.out, token)
	return err
}

func newVisibility(p *program) *cobra.Command {
	var db string
	cmd := &cobra.Command{
		Use: "visibility HANDLE private|aggregate|public", Short: "Set who sees an account", Args: arguments("HANDLE", "VISIBILITY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, ok := store.ParseVisibility(args[1])
			if !ok {
				return errUsage{fmt.Errorf("%q is not private, aggregate or public", args[1])}
			}
			return p.withStore(cmd.Context(), db, func(s store.Store) error {
				u, err := known(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				return s.SetVisibility(cmd.Context(), store.Actor{User: u.ID, Handle: u.Handle}, v)
			})
		},
	}
	databaseFlag(cmd, &db)
	return cmd
}

func newList(p *program) *cobra.Command {
	var db string
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts and what of theirs is under review", Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStore(cmd.Context(), db, func(s store.Store) error { return p.list(cmd.Context(), s) })
		},
	}
	databaseFlag(cmd, &db)
	return cmd
}

func (p *program) list(ctx context.Context, s store.Store) error {
	users, err := s.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		banned := ""
		if u.Suspended {
			banned = "\tbanned"
		}
		fmt.Fprintf(p.out, "%s\t%s\tsince %s%s\n", u.Handle, u.Visibility, u.CreatedAt.Format(time.DateOnly), banned)
		holds, err := s.HoldsOf(ctx, store.Actor{User: u.ID})
		if err != nil {
			return err
		}
		for _, h := range holds {
			fmt.Fprintf(p.out, "%s\theld %s %s: %s, %s\n", u.Handle, h.Day, h.Source, h.Reason, why(h))
		}
	}
	return nil
}

// why says what holds a day, beside the reason.
func why(h store.Hold) string {
	switch {
	case h.Reason != store.ReasonCopy:
		return fmt.Sprintf("%d over %d", h.Value, h.Line)
	case h.Share == 0:
		return fmt.Sprintf("%q has the same counts as %q", h.Device, h.Original)
	}
	return fmt.Sprintf("%q shares %d %% with %q", h.Device, h.Share, h.Original)
}
