package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	viewOptions
	server bool
}

func newExplainCommand(app *App) *cobra.Command {
	var o explainOptions
	c := &cobra.Command{
		Use:   "explain DAY [SOURCE]",
		Short: "One day, from file to price.",
		Long: "Which files tell of it, what was kept and dropped and why, and tokens times price.\n" +
			"--server compares it with what your site has of this machine, by UTC days.",
		Example: "tokenflexing explain yesterday\ntokenflexing explain 2026-11-19 claude-code\ntokenflexing explain 2026-11-19 --server --json",
		RunE:    func(c *cobra.Command, args []string) error { return runExplain(c.Context(), app, o, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.server, "server", false, "compare with what the site has")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.noColor, "no-color", false, "no colours")
	f.BoolVar(&o.ascii, "ascii", false, "plain characters only")
	f.BoolVar(&o.quiet, "quiet", false, "no warnings and no suggestions")
	f.StringVar(&o.home, "home", "", "read the data of that home, a `folder`")
	f.StringVar(&o.timezone, "timezone", "", "IANA `zone` that days are cut by; default: the machine's")
	return c
}

func runExplain(ctx context.Context, app *App, o explainOptions, args []string) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	zone, err := app.zone(o.timezone, s.Timezone)
	if err != nil {
		return err
	}
	date, id, err := app.explained(args, app.Now().In(zone))
	if err != nil {
		return err
	}
	var acc account
	if o.server {
		if acc, err = app.account(s); err != nil {
			return err
		}
	}
	found, err := app.trace(ctx, s, o.home, o.quiet, func(at time.Time) bool { return at.In(zone).Format(time.DateOnly) == date })
	if err != nil {
		return err
	}
	e := report.Explain(found.Cells, app.prices(s), date, id, zone)
	for i := range e.Sources {
		traced(&e.Sources[i], found.Traces)
	}
	if o.server {
		if err := compare(ctx, acc, app.rows(s, found), app.prices(s).Book(), e, id); err != nil {
			return err
		}
	}
	if err := render.WriteExplained(app.Out, o.format(), e, app.home(), app.style(o.viewOptions, s)); err != nil {
		return err
	}
	return app.warn(s, found.Warnings, o.viewOptions)
}

// explained reads the day and the source that are asked for.
func (a *App) explained(args []string, now time.Time) (date, id string, err error) {
	const good = "write tokenflexing explain 2026-11-19 claude-code"
	switch {
	case len(args) == 0:
		return "", "", usageError("which day?", good)
	case len(args) > 2:
		return "", "", usageError(fmt.Sprintf("one day and one source, not %q", strings.Join(args, " ")), good)
	case len(args) == 2:
		id = args[1]
		if !slices.Contains(a.sourceIDs(), id) {
			return "", "", usageError(fmt.Sprintf("%q is not a tool we know", id), "run: tokenflexing sources --all")
		}
	}
	switch args[0] {
	case "today":
		return now.Format(time.DateOnly), id, nil
	case "yesterday":
		return now.AddDate(0, 0, -1).Format(time.DateOnly), id, nil
	}
	if _, err := time.Parse(time.DateOnly, args[0]); err != nil {
		return "", "", usageError(fmt.Sprintf("%q is not a day", args[0]), "write 2026-11-19, today or yesterday")
	}
	return args[0], id, nil
}

func (a *App) sourceIDs() []string {
	var ids []string
	for _, s := range a.Sources {
		ids = append(ids, s.ID)
	}
	return ids
}

// traced says what became of the responses of one source.
func traced(s *report.ExplainedSource, traces []scan.Trace) {
	for _, t := range traces {
		if t.Source != s.Source {
			continue
		}
		s.Told, s.Kept = t.Told, t.Kept
		for _, f := range t.Files {
			s.Files = append(s.Files, report.ExplainedFile{Name: f.Name, Bytes: f.Size, Told: f.Told, Gone: f.Gone})
		}
		s.Dropped = dropped(t)
	}
}

func dropped(t scan.Trace) []report.Dropped {
	all := []report.Dropped{{N: t.Again, Reason: "same response, told again in its file, most often while it grew"}}
	for _, c := range t.Copied {
		reason := "told in another file too"
		if c.Session != "" {
			reason = "told by session " + shortSession(c.Session) + " too, where it is counted"
		}
		all = append(all, report.Dropped{N: c.N, Reason: reason})
	}
	all = append(all, report.Dropped{N: t.Elsewhere, Reason: "told by another tool too, where it is counted"},
		report.Dropped{N: t.Other, Reason: "a part or a copy of what is counted already"})
	return slices.DeleteFunc(all, func(d report.Dropped) bool { return d.N == 0 })
}

// shortSession is enough of an id to find it by.
func shortSession(id string) string {
	runes := []rune(id)
	return string(runes[:min(8, len(runes))])
}

// compare asks the site what it has of this device on the same UTC date. Both sides go by the price book alone.
func compare(ctx context.Context, acc account, rows []wire.Day, book *pricing.Table, e *report.Explained, id string) error {
	answer, err := acc.remote.MyDays(ctx, e.Date, e.Date)
	if err != nil {
		return err
	}
	here := payload.Days(rows)
	book.Price(here)
	for _, d := range answer.Items { // what the tools have deleted here
		known := func(s report.ExplainedSource) bool { return s.Source == d.Source }
		if (id == "" || id == d.Source) && !slices.ContainsFunc(e.Sources, known) {
			e.Sources = append(e.Sources, report.ExplainedSource{Source: d.Source})
		}
	}
	for i := range e.Sources {
		s := &e.Sources[i]
		day := report.ServerDay{Date: e.Date, Site: acc.site.Name()}
		for _, d := range here {
			if d.Date == e.Date && d.Source == s.Source {
				day.Here = day.Here.Add(report.SumOf(d))
			}
		}
		for _, d := range answer.Items {
			if d.Source == s.Source {
				day.There = day.There.Add(report.SumOf(stored(d)))
			}
		}
		s.Server = &day
	}
	return nil
}

// stored is a row of the site's with the site's cost.
func stored(d wire.MyDay) usage.Day {
	row := payload.Days([]wire.Day{d.Day})[0]
	row.Cost, row.Priced = usage.Money(d.CostUUSD), d.Priced
	return row
}
