package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
)

func newWhoamiCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "whoami",
		Short:   "Whose account this machine syncs to.",
		Example: "tokenflexing whoami",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runWhoami(c.Context(), app, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print it for a program")
	return c
}

func runWhoami(ctx context.Context, app *App, asJSON bool) error {
	s, acc, err := app.signedIn()
	if err != nil {
		return err
	}
	me, err := acc.remote.Me(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(app.Out).Encode(map[string]any{
			"schema": "tokenflexing.whoami.v1", "site": acc.site.String(), "handle": me.Handle, "device": me.Device.Name, "visibility": me.Visibility,
		})
	}
	return render.Done(app.Out, app.plainStyle(s), "@"+me.Handle, fmt.Sprintf("on %s, device %q", acc.site.Name(), me.Device.Name))
}
