package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// exportOptions are the flags of export.
type exportOptions struct {
	format, output         string
	since, until, timezone string
	sources                []string
	home                   string
	quiet                  bool
}

func newExportCommand(app *App) *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export",
		Short: "All that was counted, for other programs.",
		Long: "A row for each day, source, model, service tier and price band, with every kind of token, and the cost in micro-dollars, all " +
			"integers; no session, no project and no path. The rows add up to what every report shows, history included that a tool has deleted.\n" +
			"JSON follows tokenflexing schema export.v1, and CSV has the same names. A name that a spreadsheet would run gets a ' before it.",
		Example: "tokenflexing export --format json --output usage.json\ntokenflexing export --timezone UTC --since 2026-11-01",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runExport(c.Context(), app, o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "csv", "`csv` or json")
	f.StringVar(&o.output, "output", "", "write to a `file` that only you can read, not to standard output")
	f.StringVar(&o.since, "since", "", "first `day`: 2026-11-01, 7d, 2w or yesterday")
	f.StringVar(&o.until, "until", "", "last `day`")
	f.StringVar(&o.timezone, "timezone", "", "IANA `zone` that days are cut by; default: the machine's")
	f.StringArrayVar(&o.sources, "source", nil, "only these sources, a `list`; !x leaves x out")
	f.BoolVar(&o.quiet, "quiet", false, "no warnings")
	f.StringVar(&o.home, "home", "", "read the data of that home, a `folder`")
	return c
}

func runExport(ctx context.Context, app *App, o exportOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	e, err := app.exported(o, s)
	if err != nil {
		return err
	}
	found, err := app.read(ctx, s, o.home, o.quiet)
	if err != nil {
		return err
	}
	e.Days = slices.DeleteFunc(usage.ByDay(found.Cells, e.Zone), func(d usage.Day) bool {
		return e.Since != "" && d.Date < e.Since || e.Until != "" && d.Date > e.Until || !report.Keeps(e.Sources, d.Source)
	})
	app.prices(s).Price(e.Days)
	var b bytes.Buffer
	if err := render.WriteExport(&b, render.Format(o.format), e); err != nil {
		return err
	}
	if o.output == "" {
		_, err = app.Out.Write(b.Bytes())
	} else {
		err = keepExport(s, o.output, b.Bytes())
	}
	if err != nil {
		return err
	}
	return app.warn(s, found.Warnings, viewOptions{quiet: o.quiet})
}

// exported is what is asked for, before there are days in it.
func (a *App) exported(o exportOptions, s settings) (*render.Export, error) {
	if o.format != string(render.CSV) && o.format != string(render.JSON) {
		return nil, usageError("--format "+o.format+" is not known", "write --format csv or --format json")
	}
	zone, err := a.zone(o.timezone, s.Timezone)
	if err != nil {
		return nil, err
	}
	e := &render.Export{Made: a.Now().In(zone), Zone: zone, PriceBook: a.prices(s).Date()}
	if e.Since, e.Until, err = report.ParseSpan(o.since, o.until, e.Made); err != nil {
		return nil, asUsage(err)
	}
	if e.Sources, err = report.ParseFilter("--source", o.sources); err != nil {
		return nil, asUsage(err)
	}
	return e, a.checkSources(e.Sources)
}

// keepExport writes a file in one step.
func keepExport(s settings, name string, b []byte) error {
	path, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	if !exists(filepath.Dir(path)) {
		return usageError("--output " + name + " is in no folder that is there")
	}
	return s.Keep(path, b)
}
