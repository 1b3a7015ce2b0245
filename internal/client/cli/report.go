package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// reports are the commands that print one report each. They differ in nothing but this.
var reports = []struct {
	kind  report.Kind
	short string
}{
	{report.Daily, "Usage by day."},
	{report.Weekly, "Usage by ISO week."},
	{report.Monthly, "Usage by month."},
	{report.Hourly, "Usage by hour."},
	{report.Models, "Usage by model."},
	{report.Projects, "Usage by project; names stay on this machine."},
	{report.Sessions, "Usage by session."},
	{report.InBlocks, "Usage by windows of 5 hours, as limits are counted, of each tool."},
}

func newReportCommand(app *App, kind report.Kind, short string) *cobra.Command {
	var o viewOptions
	name := string(kind)
	c := &cobra.Command{
		Use:   name,
		Short: short,
		Long:  "total = input + cache read + cache write + output\nreasoning is part of output and is not added again",
		Example: fmt.Sprintf("tokenflexing %s --since 7d\ntokenflexing %s --by source --since 2026-11-01\ntokenflexing %s --json | jq .totals",
			name, name, name),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runReport(c.Context(), app, kind, o) },
	}
	o.register(c)
	return c
}

func runReport(ctx context.Context, app *App, kind report.Kind, o viewOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	options, err := app.report(kind, o, s)
	if err != nil {
		return err
	}
	var r *report.Report
	found, err := app.readMeanwhile(ctx, s, o.home, o.quiet, func(cells []usage.Cell) { r = report.Build(cells, app.prices(s), options) })
	if err != nil {
		return err
	}
	r.Warnings = warnings(found.Warnings)
	if err := render.Write(app.Out, o.format(), r, app.style(o, s)); err != nil {
		return err
	}
	return app.warn(s, found.Warnings, o)
}
