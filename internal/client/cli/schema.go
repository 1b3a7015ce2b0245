package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
)

func newSchemaCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "schema [NAME]",
		Short:   "The JSON Schema of what --json prints.",
		Example: "tokenflexing schema " + strings.Join(render.Schemas(), "\ntokenflexing schema "),
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return runSchema(app, args) },
	}
}

func runSchema(app *App, args []string) error {
	if len(args) == 0 {
		_, err := fmt.Fprintln(app.Out, strings.Join(render.Schemas(), "\n"))
		return err
	}
	schema, ok := render.Schema(args[0])
	if !ok {
		return usageError(fmt.Sprintf("no schema %q", args[0]), "write "+strings.Join(render.Schemas(), " or "))
	}
	_, err := io.WriteString(app.Out, schema)
	return err
}
