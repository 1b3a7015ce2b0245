package cli

import (
	"context"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
)

func runOverview(ctx context.Context, app *App, o viewOptions) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	options, err := app.report(report.KindOverview, o, s)
	if err != nil {
		return err
	}
	found, err := app.read(ctx, s, o.home, o.quiet)
	if err != nil {
		return err
	}
	v := report.NewOverview(found.Cells, app.prices(s), options)
	v.Warnings = warnings(found.Warnings)
	v.Looked, v.Home = len(found.Sources), app.home()
	if o.home != "" {
		v.Home = o.home
	}
	v.Expiring = app.expiring(s, found)
	v.Sync = app.syncState(s)
	if err := render.WriteOverview(app.Out, o.format(), v, app.style(o, s)); err != nil {
		return err
	}
	return app.warn(s, found.Warnings, o)
}

// syncState is what this machine knows of its syncing, without asking anybody.
func (a *App) syncState(s settings) report.Sync {
	acc, err := a.account(s)
	if err != nil {
		return report.Sync{}
	}
	return report.Sync{SignedIn: true, Site: acc.site.Name(), Handle: acc.device.Handle, At: s.Synced(acc.site).At}
}

// expiring is what tools are about to delete that was not synced, and whether it is safe here.
func (a *App) expiring(s settings, found *scan.Result) []report.Expiring {
	all := report.Expire(found.Cells, keeps(found), a.Now(), a.syncState(s).At)
	for i := range all {
		all[i].Kept = found.Kept
	}
	return all
}

// keeps is how many days each tool keeps its history, where it deletes it.
func keeps(found *scan.Result) map[string]int {
	days := make(map[string]int)
	for _, state := range found.Sources {
		days[state.ID] = state.DeletesAfterDays
	}
	return days
}
