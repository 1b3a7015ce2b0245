package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/version"
)

func newVersionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "The version of this program and of its price book.",
		Example: "tokenflexing version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, _ := app.settings() // a broken config is no reason to hide the version
			_, err := fmt.Fprintf(app.Out, "tokenflexing %s, price book %s\n", version.String(), app.prices(s).Date())
			return err
		},
	}
}
