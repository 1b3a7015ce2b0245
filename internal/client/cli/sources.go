package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
)

func newSourcesCommand(app *App) *cobra.Command {
	var o viewOptions
	var all bool
	c := &cobra.Command{
		Use:     "sources",
		Short:   "Which tools are counted, and why others are not.",
		Example: "tokenflexing sources\ntokenflexing sources --all",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runSources(c.Context(), app, o, all) },
	}
	o.register(c)
	c.Flags().BoolVar(&all, "all", false, "every tool, with the folders it was looked for in")
	return c
}

func runSources(ctx context.Context, app *App, o viewOptions, all bool) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	options, err := app.report(report.Daily, o, s)
	if err != nil {
		return err
	}
	options.By, options.Sort, options.Limit = []report.Field{report.Source}, report.Sort{}, 0
	found, err := app.read(ctx, s, o.home, o.quiet)
	if err != nil {
		return err
	}
	home := app.home()
	if o.home != "" {
		home = o.home
	}
	r := &report.Sources{
		Now: options.Now, Zone: options.Zone, Home: home, All: all,
		Expiring: app.expiring(s, found), SignedIn: app.syncState(s).SignedIn,
	}
	limited := options.Since != "" || options.Until != "" || len(options.Models)+len(options.Projects) > 0
	counts := counted(report.Build(found.Cells, app.prices(s), options))
	for _, state := range found.Sources {
		if !report.Keeps(options.Sources, state.ID) {
			continue
		}
		t := sourceState(state)
		if limited {
			t.Records, t.TotalTokens = counts[state.ID].Requests, counts[state.ID].Tokens.Total()
		}
		r.List = append(r.List, t)
	}
	if err := render.WriteSources(app.Out, o.format(), r, app.style(o, s)); err != nil {
		return err
	}
	return app.warn(s, found.Warnings, o)
}

// counted is what each source has within the filters.
func counted(r *report.Report) map[string]report.Sums {
	at := slices.Index(r.Labels, report.Source)
	sums := make(map[string]report.Sums)
	for _, row := range r.Rows {
		sums[row.Labels[at]] = sums[row.Labels[at]].Add(row.Sums)
	}
	return sums
}

func sourceState(s scan.State) report.SourceState {
	return report.SourceState{
		ID: s.ID, Name: s.Name, Status: report.Status(s.Status), Reason: s.Reason, Hint: s.Hint, Quality: s.Quality,
		Roots: s.Roots, Looked: s.Looked, Files: s.Files, Bytes: s.Bytes, Records: s.Records, TotalTokens: s.TotalTokens,
		First: s.First, Last: s.Last, DeletesAfterDays: s.DeletesAfterDays,
	}
}
