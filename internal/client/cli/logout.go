package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
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
	s, acc, err := app.signedIn()
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
	return render.Done(app.Out, app.plainStyle(s), "signed out", fmt.Sprintf("of %s; this machine's token is revoked", acc.site.Name()))
}
