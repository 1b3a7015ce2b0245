package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newLogoutCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "logout",
		Short:   "End this machine's token, on the site and here.",
		Long:    "What was synced stays on the site; its settings page removes it.",
		Example: "tokenflexing logout",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runLogout(c.Context(), app) },
	}
}

func runLogout(ctx context.Context, app *App) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	acc, err := app.account(s)
	if err != nil {
		return err
	}
	revoked := acc.remote.Revoke(ctx)
	if !acc.env {
		if err := s.ForgetDevice(acc.site); err != nil {
			return err
		}
	}
	if revoked != nil {
		return failureError(
			"the token is gone from this machine, but "+revoked.Error(),
			fmt.Sprintf("revoke it at %s/settings", acc.site))
	}
	fmt.Fprintf(app.Out, "signed out of %s; this machine's token is revoked\n", acc.site.Name())
	return nil
}
