package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/usage"
)

func newDoctorCommand(app *App) *cobra.Command {
	var home string
	c := &cobra.Command{
		Use:     "doctor [SOURCE]",
		Short:   "Everything wrong or odd, each with the next step.",
		Long:    "It reads what every report reads, and dials nobody.",
		Example: "tokenflexing doctor\ntokenflexing doctor claude-code",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return runDoctor(c.Context(), app, home, args) },
	}
	c.Flags().StringVar(&home, "home", "", "read the data of that home, a `folder`")
	return c
}

func runDoctor(ctx context.Context, app *App, home string, args []string) error {
	s, err := app.settings()
	if err != nil {
		return err
	}
	only := ""
	if len(args) > 0 {
		only = args[0]
	}
	if only != "" && !slices.Contains(app.sourceIDs(), only) {
		return usageError(fmt.Sprintf("%q is not a tool we know", only), "run: tokenflexing sources --all")
	}
	found, err := app.read(ctx, s, home, false)
	if err != nil {
		return err
	}
	checks := app.checkUp(s, found, only)
	if err := render.Doctor(app.Out, app.plainStyle(s), checks); err != nil {
		return err
	}
	if slices.ContainsFunc(checks, func(c report.Check) bool { return c.Health == report.Wrong }) {
		return errChecked
	}
	return nil
}

// checkUp looks at everything, or at one source.
func (a *App) checkUp(s settings, found *scan.Result, only string) []report.Check {
	checks := a.checkSourcesFound(found, only)
	for _, w := range found.Warnings {
		if only == "" || w.Source == only {
			checks = append(checks, checkOf(w))
		}
	}
	checks = append(checks, a.checkRetention(s, found, only)...)
	if only == "" {
		checks = append(checks, a.checkPrices(s, found)...)
		checks = append(checks, a.checkLedger(found)...)
		checks = append(checks, a.checkToken(s)...)
	}
	return checks
}

// checkSourcesFound says how much is measured.
func (a *App) checkSourcesFound(found *scan.Result, only string) []report.Check {
	n, last := int64(0), time.Time{}
	for _, state := range found.Sources {
		switch {
		case only == state.ID && state.Status != scan.Measured:
			return []report.Check{{Health: report.Odd, Text: fmt.Sprintf("%s is not counted: %s", state.Name, notCounted(state)), Details: state.Looked}}
		case state.Status == scan.Measured && (only == "" || only == state.ID):
			n++
			if state.Last.After(last) {
				last = state.Last
			}
		}
	}
	if n == 0 {
		return []report.Check{{Health: report.Odd, Text: "no usage was found on this machine", Run: "tokenflexing sources --all"}}
	}
	return []report.Check{{Health: report.Sound, Text: fmt.Sprintf("%s measured, newest record %s", render.Count(n, "source"), render.Ago(last, a.Now()))}}
}

func notCounted(state scan.State) string {
	if state.Reason != "" {
		return state.Reason
	}
	return "nothing of it is where it is looked for"
}

// checkOf is what a warning of the scan means: what is missing from the answer is wrong, the rest is odd.
func checkOf(w scan.Warning) report.Check {
	c := report.Check{Health: report.Odd, Text: w.Message, Details: w.Details}
	if w.Partial || w.Code == "nothing-counted" || strings.HasPrefix(w.Code, "ledger-") || w.Code == "forgotten-unreadable" {
		c.Health = report.Wrong
	}
	switch w.Code {
	case "unreadable-files", "unreadable-databases":
		c.Step = "let your user read what is named"
	case "nothing-counted", "unknown-tables", "unknown-columns", "unknown-versions":
		c.Step = "its format may have changed; a newer version of tokenflexing may know it"
	case "ledger-not-kept", "ledger-unreadable":
		c.Step = "make the state folder writable for you; until then everything is read at each call, and what tools delete is lost"
	case "ledger-set-aside":
		c.Health, c.Step = report.Odd, "nothing is to be done; what could be read of it is counted"
	}
	return c
}

// longRetention is how many days of history are enough for anybody.
const longRetention = 365

// checkRetention says which tools delete what they left, and how to keep them from it.
func (a *App) checkRetention(s settings, found *scan.Result, only string) (checks []report.Check) {
	soon := make(map[string]report.Expiring)
	for _, e := range a.expiring(s, found) {
		soon[e.Source] = e
	}
	for _, state := range found.Sources {
		if state.Status != scan.Measured || only != "" && only != state.ID {
			continue
		}
		if state.DeletesAfterDays > 0 {
			checks = append(checks, a.retention(state, soon[state.ID], found.Kept))
		}
		if state.Trimmed != "" {
			checks = append(checks, report.Check{Health: report.Odd, Text: state.Trimmed + safety(found.Kept)})
		}
	}
	return checks
}

// retention says how long one tool keeps its history, by whose settings, and where to write what keeps it longer.
func (a *App) retention(state scan.State, soon report.Expiring, kept bool) report.Check {
	c := report.Check{Health: report.Odd, Text: fmt.Sprintf("%s deletes its history after %s", state.ID, render.Count(int64(state.DeletesAfterDays), "day"))}
	if state.SaidIn != "" {
		c.Text += " by " + a.tilde(state.SaidIn)
	}
	if soon.Tokens > 0 && soon.Days > 0 {
		c.Text += fmt.Sprintf(", %s tokens of it within %s", render.Tokens(soon.Tokens), render.Count(int64(soon.Days), "day"))
	} else if soon.Tokens > 0 {
		c.Text += fmt.Sprintf(", %s tokens of it today", render.Tokens(soon.Tokens))
	}
	if state.Overdue > 0 {
		c.Text += ", " + render.Count(int64(state.Overdue), "file") + " at its next start"
	}
	c.Text += safety(kept)
	i := slices.IndexFunc(a.Sources, func(of source.Source) bool { return of.ID == state.ID })
	r := a.Sources[i].Retention
	switch {
	case state.DeletesAfterDays >= longRetention:
		c.Health = report.Sound
	case state.Managed:
		c.Step = "only whoever manages this machine can raise that"
	case state.SaidIn != "":
		c.Step = "set " + r.Longer + " in " + a.tilde(state.SaidIn)
	case len(state.Own) > 0:
		c.Step = "set " + r.Longer + " in " + a.tilde(filepath.Join(state.Own[0], r.Settings[len(r.Settings)-1]))
	}
	return c
}

// safety says whether the ledger holds what a tool deletes.
func safety(kept bool) string {
	if kept {
		return "; what was counted is in the ledger"
	}
	return ""
}

func (a *App) checkPrices(s settings, found *scan.Result) (checks []report.Check) {
	if _, err := a.storedBook(s); err != nil {
		checks = append(checks, report.Check{Health: report.Odd,
			Text: fmt.Sprintf("the price book that was taken from your site cannot be used: %v; the book of %s is used", err, a.book(s).Date()),
			Run:  "tokenflexing prices update"})
	}
	for _, u := range a.prices(s).Price(usage.ByDay(found.Cells, time.UTC)) {
		if u.Tokens > 0 {
			checks = append(checks, report.Check{Health: report.Odd, Text: fmt.Sprintf("%s has no price: %s tokens", u.Model, render.Tokens(u.Tokens)),
				Run: "tokenflexing prices override " + u.Model})
		}
	}
	return checks
}

func (a *App) checkLedger(found *scan.Result) []report.Check {
	if !found.Kept {
		return nil // a warning says why
	}
	return []report.Check{{Health: report.Sound, Text: "the ledger is sound and up to date"}}
}

func (a *App) checkToken(s settings) []report.Check {
	acc, err := a.account(s)
	var not *failure
	switch {
	case err == nil && acc.env:
		return []report.Check{{Health: report.Sound, Text: "signed in by TOKENFLEX_TOKEN"}}
	case err == nil:
		return []report.Check{{Health: report.Sound, Text: "signed in to " + acc.site.Name() + "; only you can read the token file"}}
	case errors.As(err, &not) && not.code == exitNotSignedIn:
		return []report.Check{{Health: report.Sound, Text: "not signed in: nothing leaves this machine"}}
	}
	_, lines := outcome(err)
	c := report.Check{Health: report.Wrong, Text: lines[0]}
	if len(lines) > 1 {
		c.Step = strings.Join(lines[1:], "; ")
	}
	return []report.Check{c}
}
