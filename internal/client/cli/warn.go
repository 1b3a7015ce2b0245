package cli

import (
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
