package cli

import (
	"context"
	"slices"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
)

// warnings are a scan's, as a report carries them.
func warnings(found []scan.Warning) []report.Warning {
	var all []report.Warning
	for _, w := range found {
		all = append(all, report.Warning{Code: w.Code, Message: w.Message, Details: w.Details, Hint: w.Hint})
	}
	return all
}

// warn says what the answer misses, after the answer. Its error makes the exit code that of a partial answer.
func (a *App) warn(s settings, found []scan.Warning, o viewOptions) error {
	if !o.quiet {
		style := a.style(o, s)
		style.Color = style.Color && a.errTerminal()
		if err := render.Warnings(a.Err, style, warnings(found)); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(found, func(w scan.Warning) bool { return w.Partial }) {
		return errPartial
	}
	return nil
}

// readWithProgress reads the machine, and shows how far it is on a terminal if that takes over a second.
func (a *App) readWithProgress(ctx context.Context, s settings, home string, quiet bool) (*scan.Result, error) {
	if quiet || !a.errTerminal() {
		return a.read(ctx, s, home, nil)
	}
	p := newProgress(a)
	defer p.clear()
	return a.read(ctx, s, home, p.show)
}
