package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/usage"
)

// forgetOptions are the flags of forget.
type forgetOptions struct {
	sources      []string
	since, until string
	timezone     string
	home         string
	all, quiet   bool
	server       bool
}

func newForgetCommand(app *App) *cobra.Command {
	var o forgetOptions
	c := &cobra.Command{
		Use:   "forget",
		Short: "Count something no more.",
		Long: "What is forgotten is not counted again, also where the tool's files still tell it; of files that the tool deleted it is " +
			"deleted here too. The tools' own files stay as they are, and so does what was synced, unless --server takes away what this " +
			"device sent of these days, whole UTC days of it; what still counts of them is sent again.\n" +
			"Without --until it is everything up to now; what comes later counts.",
		Example: "tokenflexing forget --since 2w --server\ntokenflexing forget --since 2026-11-01 --until 2026-11-03",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runForget(c.Context(), app, o) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.sources, "source", nil, "only these sources, a `list`")
	f.StringVar(&o.since, "since", "", "first `day`: 2026-11-01, 7d, 2w or yesterday")
	f.StringVar(&o.until, "until", "", "last `day`")
	f.StringVar(&o.timezone, "timezone", "", "IANA `zone` that days are cut by; default: the machine's")
	f.BoolVar(&o.all, "all", false, "everything up to now")
	f.BoolVar(&o.server, "server", false, "also what this device has sent of it to your site")
	f.BoolVar(&o.quiet, "quiet", false, "say nothing but errors")
	f.StringVar(&o.home, "home", "", "of the data of that home, a `folder`")
	return c
}

func runForget(ctx context.Context, app *App, o forgetOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	what, err := app.forgotten(o, s)
	if err != nil {
		return err
	}
	var acc account
	if o.server {
		if acc, err = app.account(s); err != nil {
			return err
		}
		if err := acc.identify(ctx); err != nil {
			return err
		}
	}
	options, err := app.scanOptions(s, o.home)
	if err != nil {
		return err
	}
	found, err := app.scan(ctx, s, options, o.quiet)
	if err != nil {
		return err
	}
	for _, one := range what {
		if err := ledger.Forget(ctx, options.Ledger, one); err != nil {
			return failureError(fmt.Sprintf("nothing was forgotten: %v", err))
		}
	}
	options.Purge = true
	after, err := app.scan(ctx, s, options, o.quiet)
	if err != nil {
		return err
	}
	said := lostText(found, what)
	if o.server {
		there, err := app.forgetThere(ctx, s, acc, what, app.rows(s, after), app.sketching(s, acc, o.home, after))
		if err != nil {
			return stillThere(acc, err)
		}
		said += "; " + there
	}
	if !o.quiet {
		if err := render.Done(app.Out, app.plainStyle(s), "forgotten", said); err != nil {
			return err
		}
	}
	return app.warn(s, after.Warnings, viewOptions{quiet: o.quiet})
}

// forgotten turns the flags into what is to be forgotten.
func (a *App) forgotten(o forgetOptions, s settings) ([]ledger.Forgotten, error) {
	zone, err := a.zone(o.timezone, s.Timezone)
	if err != nil {
		return nil, err
	}
	now := a.Now().In(zone)
	since, until, err := report.ParseSpan(o.since, o.until, now)
	if err != nil {
		return nil, asUsage(err)
	}
	sources, err := report.ParseFilter("--source", o.sources)
	if err != nil {
		return nil, asUsage(err)
	}
	for _, id := range sources {
		if !slices.Contains(a.sourceIDs(), id) {
			return nil, usageError(fmt.Sprintf("%q is not a tool we know", id), "run: tokenflexing sources --all")
		}
	}
	if named := since != "" || until != "" || len(sources) > 0; named == o.all {
		return nil, usageError("what is to be forgotten?", "write --source codex, --since 7d, or --all")
	}
	one := ledger.Forgotten{Until: now.Truncate(usage.Slot).Add(usage.Slot).UTC()}
	if since != "" {
		one.From = midnight(since, 0, zone)
	}
	if until != "" {
		one.Until = midnight(until, 1, zone)
	}
	if len(sources) == 0 {
		sources = []string{""}
	}
	var all []ledger.Forgotten
	for _, one.Source = range sources {
		all = append(all, one)
	}
	return all, nil
}

// midnight is when the day begins that lies days after a date.
func midnight(date string, days int, zone *time.Location) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil {
		return time.Time{} // it was checked before
	}
	return time.Date(day.Year(), day.Month(), day.Day()+days, 0, 0, 0, 0, zone).UTC()
}

// lostText says how much of what was found is forgotten.
func lostText(found *scan.Result, what []ledger.Forgotten) string {
	var sum usage.Tokens
	sources := make(map[string]bool)
	for _, c := range found.Cells {
		if slices.ContainsFunc(what, func(f ledger.Forgotten) bool { return f.Has(c.Source, c.Start) }) {
			sum = sum.Add(c.Tokens)
			sources[c.Source] = true
		}
	}
	if sum.Total() == 0 {
		return "nothing was counted of it; it will not be"
	}
	return fmt.Sprintf("%s tokens of %s", render.Tokens(sum.Total()), render.Count(int64(len(sources)), "source"))
}
