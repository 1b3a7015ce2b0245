package cli

import (
	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/version"
)

func newManCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "The manual, as a page for man.",
		Example: "tokenflexing man | man -l -\ntokenflexing man > ~/.local/share/man/man1/tokenflexing.1",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return render.WriteManual(app.Out, manual(app, c.Root())) },
	}
}

// manual is made of the commands that there are, as their help is.
func manual(app *App, root *cobra.Command) render.Manual {
	return render.Manual{
		Name: root.Name(), Version: version.String(), Does: "what AI coding tools used, and what it cost",
		Root: rootPage(), Shared: flagsPage(app), Commands: manualPages(root),
	}
}

// manualPages are those of the commands below another, each before its own.
func manualPages(of *cobra.Command) []render.Page {
	var pages []render.Page
	for _, c := range of.Commands() {
		page := commandPage(c)
		page.Exit = nil // they are the program's
		if isReport(c) {
			page.Groups, page.Notes = nil, []string{"It takes the flags of every report."}
		}
		pages = append(append(pages, page), manualPages(c)...)
	}
	return pages
}

func isReport(c *cobra.Command) bool {
	for _, r := range reports {
		if !c.Parent().HasParent() && c.Name() == string(r.kind) {
			return true
		}
	}
	return false
}
