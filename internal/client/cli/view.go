package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tokenflex.ing/internal/client/render"
	"tokenflex.ing/internal/client/report"
)

// viewOptions are the flags that every report takes.
type viewOptions struct {
	json, csv, markdown            bool
	since, until                   string
	today, week, month, year       bool
	timezone                       string
	sources, models, projects, by  []string
	sort                           string
	limit                          int
	noColor, ascii, compact, quiet bool
	home                           string
}

func (o *viewOptions) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.since, "since", "", "first `day`: 2026-11-01, 7d, 2w or yesterday")
	f.StringVar(&o.until, "until", "", "last `day`")
	f.BoolVar(&o.today, "today", false, "only today")
	f.BoolVar(&o.week, "week", false, "this week, from Monday")
	f.BoolVar(&o.month, "month", false, "this month")
	f.BoolVar(&o.year, "year", false, "this year")
	f.StringVar(&o.timezone, "timezone", "", "IANA `zone` that days are cut by; default: the machine's")
	f.StringArrayVar(&o.sources, "source", nil, "only these sources, a `list`; !x leaves x out")
	f.StringArrayVar(&o.models, "model", nil, "only these models, a `list`; !x leaves x out")
	f.StringArrayVar(&o.projects, "project", nil, "only these projects, a `list`; !x leaves x out")
	f.StringArrayVar(&o.by, "by", nil, "further `columns`: source,model,project,session,tier")
	f.StringVar(&o.sort, "sort", "", "order by a `column`; -column turns it round")
	f.IntVar(&o.limit, "limit", 0, "at most `N` rows")
	o.registerLook(c)
}

// registerLook registers the flags that sources takes too.
func (o *viewOptions) registerLook(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.csv, "csv", false, "print CSV")
	f.BoolVar(&o.markdown, "markdown", false, "print Markdown")
	f.BoolVar(&o.noColor, "no-color", false, "no colours")
	f.BoolVar(&o.ascii, "ascii", false, "plain characters only")
	f.BoolVar(&o.compact, "compact", false, "rounded figures, no bars")
	f.BoolVar(&o.quiet, "quiet", false, "no warnings and no suggestions")
	f.StringVar(&o.home, "home", "", "read the data of that home, a `folder`")
}

func (o *viewOptions) format() render.Format {
	switch {
	case o.json:
		return render.JSON
	case o.csv:
		return render.CSV
	case o.markdown:
		return render.Markdown
	}
	return render.Table
}

// report turns the flags into what is asked of package report, or the usage error that says what is wrong with them.
func (a *App) report(kind report.Kind, o viewOptions, s settings) (report.Options, error) {
	if err := oneOf(flag{"--json", o.json}, flag{"--csv", o.csv}, flag{"--markdown", o.markdown}); err != nil {
		return report.Options{}, err
	}
	zone, err := a.zone(o.timezone, s.Timezone)
	if err != nil {
		return report.Options{}, err
	}
	r := report.Options{Kind: kind, Zone: zone, Now: a.Now().In(zone), Limit: o.limit, Plans: plans(s)}
	if r.Since, r.Until, err = o.span(r.Now); err != nil {
		return r, err
	}
	if o.limit < 0 {
		return r, usageError(fmt.Sprintf("--limit %d is below zero", o.limit), "write --limit 10")
	}
	if r.By, err = report.ParseBy(o.by); err != nil {
		return r, asUsage(err)
	}
	if r.Sort, err = report.ParseSort(kind, r.By, o.sort); err != nil {
		return r, asUsage(err)
	}
	for _, f := range []struct {
		to     *[]string
		flag   string
		values []string
	}{{&r.Sources, "--source", o.sources}, {&r.Models, "--model", o.models}, {&r.Projects, "--project", o.projects}} {
		if *f.to, err = report.ParseFilter(f.flag, f.values); err != nil {
			return r, asUsage(err)
		}
	}
	if err := a.checkPlans(s); err != nil {
		return r, err
	}
	return r, a.checkSources(r.Sources)
}

// span is the first and the last day: of --since and --until, or of one of the words for a span.
func (o *viewOptions) span(now time.Time) (since, until string, err error) {
	words := []struct {
		flag
		since func(time.Time) string
	}{{flag{"--today", o.today}, report.Today}, {flag{"--week", o.week}, report.ThisWeek},
		{flag{"--month", o.month}, report.ThisMonth}, {flag{"--year", o.year}, report.ThisYear}}
	flags := make([]flag, len(words))
	word := ""
	for i, w := range words {
		flags[i] = w.flag
		if w.set {
			word, since = w.name, w.since(now)
		}
	}
	if err := oneOf(flags...); err != nil {
		return "", "", err
	}
	if word != "" && (o.since != "" || o.until != "") {
		return "", "", usageError(word+" does not go with --since or --until", "write one or the other")
	}
	if word != "" {
		return since, "", nil
	}
	since, until, err = report.ParseSpan(o.since, o.until, now)
	return since, until, asUsage(err)
}

// flag is a switch that may have been set.
type flag struct {
	name string
	set  bool
}

// oneOf refuses more than one of some flags.
func oneOf(flags ...flag) error {
	var set []string
	for _, f := range flags {
		if f.set {
			set = append(set, f.name)
		}
	}
	if len(set) > 1 {
		return usageError(strings.Join(set, " and ")+" do not go together", "write one of them")
	}
	return nil
}

// checkSources refuses the name of a tool that nobody knows: it would only ever give an empty answer.
func (a *App) checkSources(names []string) error {
	var ids []string
	for _, s := range a.Sources {
		ids = append(ids, s.ID)
	}
	for _, name := range names {
		id := strings.ToLower(strings.TrimPrefix(name, "!"))
		if !slices.Contains(ids, id) {
			return usageError("--source "+id+" is not a tool we know", "run: tokenflexing sources --all")
		}
	}
	return nil
}

// asUsage makes what the person wrote wrong a usage error.
func asUsage(err error) error {
	if wrong, ok := err.(*report.Error); ok {
		if wrong.Hint == "" {
			return usageError(wrong.What)
		}
		return usageError(wrong.What, wrong.Hint)
	}
	return err
}

// plainStyle is the style of what takes no flags about its look.
func (a *App) plainStyle(s settings) render.Style { return a.style(viewOptions{}, s) }

func (a *App) style(o viewOptions, s settings) render.Style {
	return render.Style{Width: a.width(), Color: a.color(o.noColor), ASCII: a.ascii(o.ascii, s), Compact: o.compact, Quiet: o.quiet, Commands: a.commandNames(),
		Currency: render.Currency{Code: s.Prices.Currency, Rate: s.Prices.Rate.Millionths}}
}
