package render

import (
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
)

// reportText lays a report out as a table.
func reportText(r *report.Report, s Style) []string {
	v := newView(r, s)
	if len(r.Rows) == 0 {
		return append(v.title(""), append([]string{""}, v.nothing()...)...)
	}
	t := v.table()
	t.fit(s.width())
	if s.tiny() {
		t.hidden = allBut(t, t.columns[0].id, "total")
	}
	year := ""
	if t.short && (v.span() == "all time" || v.year != v.now.Format("2006")) {
		year = v.year
	}
	out := append(v.title(year), "")
	out = append(out, t.lines(s)...)
	if running := v.running(); len(running) > 0 {
		out = append(append(out, ""), running...)
	}
	if notes := slices.Concat(v.plans(), v.unpriced(), v.hiddenTokens(t)); len(notes) > 0 {
		out = append(append(out, ""), notes...)
	}
	return out
}

// plans compares flat prices with what was used under them, month by month.
func (v view) plans() []string {
	var out []string
	for _, p := range v.Plans {
		out = append(out, v.wrap(p.Month+"  ", strings.Repeat(" ", len(p.Month)+2), clean(p.Name)+": "+v.plan(p))...)
	}
	return out
}

// title says what this is and of what. What does not fit goes from its end.
func (v view) title(year string) []string {
	head := strings.ToUpper(string(v.Kind[:1])) + string(v.Kind[1:])
	if len(v.By) > 0 {
		var by []string
		for _, f := range v.By {
			by = append(by, string(f))
		}
		head += " by " + and(by)
	}
	scope := []string{v.span()}
	if v.Kind == report.InBlocks {
		scope = slices.Insert(scope, 0, "5-hour windows")
	}
	if year != "" {
		scope = append(scope, year)
	}
	scope = append(scope, v.filters()...)
	kept := len(scope)
	switch {
	case v.Kind == report.Projects:
		scope = append(scope, "names stay on this machine")
	case v.Kind != report.Models:
		scope = append(scope, v.Zone.String())
	}
	for len(scope) > kept && wide(head)+2+wide(strings.Join(scope, ", ")) > v.prose() {
		scope = scope[:len(scope)-1]
	}
	return v.headline(head, strings.Join(scope, ", "))
}

// headline is a title and what it is about, on one line if they fit.
func (s Style) headline(head, scope string) []string {
	scope = strings.TrimSpace(scope)
	if wide(head)+2+wide(scope) <= s.prose() {
		return []string{s.paint(strong, head) + "  " + s.paint(muted, scope)}
	}
	var out []string
	for _, l := range s.wrap("", "", head) {
		out = append(out, s.paint(strong, l))
	}
	for _, l := range s.wrap("", "", scope) {
		out = append(out, s.paint(muted, l))
	}
	return out
}

// span is the time that the report is about.
func (v view) span() string {
	today, yesterday := v.now.Format(time.DateOnly), v.now.AddDate(0, 0, -1).Format(time.DateOnly)
	since, until := v.Since, v.Until
	if until > today {
		until = today
	}
	switch {
	case since == "" && until == "":
		return "all time"
	case since == "":
		return "until " + until
	case since == today && (until == "" || until == today):
		return "today"
	case since == yesterday && until == yesterday:
		return "yesterday"
	case since == until:
		return since
	case until == "" || until == today:
		if n := daysBetween(since, today); n > 1 && n <= 92 {
			return "last " + plural(int64(n), "day")
		}
		return "since " + since
	}
	return since + " to " + until
}

func daysBetween(since, until string) int {
	a, errA := time.Parse(time.DateOnly, since)
	b, errB := time.Parse(time.DateOnly, until)
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a).Hours()/24) + 1
}

// filters are the names that a report is limited to, in words.
func (v view) filters() []string {
	var words []string
	for _, f := range []struct {
		noun  string
		names []string
	}{{"source", v.Options.Sources}, {"model", v.Options.Models}, {"project", v.Options.Projects}} {
		var in, out []string
		for _, n := range f.names {
			if rest, not := strings.CutPrefix(n, "!"); not {
				out = append(out, name(rest))
			} else {
				in = append(in, name(n))
			}
		}
		if len(in) > 0 {
			words = append(words, f.noun+" "+strings.Join(in, " or "))
		}
		if len(out) > 0 {
			words = append(words, "without "+f.noun+" "+and(out))
		}
	}
	return words
}

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// nothing says why there are no rows.
func (v view) nothing() []string {
	if len(v.Found.Sources) == 0 {
		out := []string{"No usage found yet."}
		if v.suggests("sources") && !v.Quiet {
			out = append(out, "", v.run("", "tokenflexing sources --all", "where each tool is looked for"))
		}
		return out
	}
	if len(v.filters()) == 0 {
		return []string{"No usage in this time."}
	}
	out := []string{"No usage matches."}
	for _, f := range []struct {
		noun         string
		asked, found []string
	}{{"sources", v.Options.Sources, v.Found.Sources}, {"models", v.Options.Models, v.Found.Models}, {"projects", v.Options.Projects, v.Found.Projects}} {
		if len(f.asked) > 0 {
			out = append(out, v.wrap("", "  ", f.noun+" with usage: "+few(f.found, 5))...)
		}
	}
	return out
}

// few lists the first names and counts the others.
func few(names []string, n int) string {
	var shown []string
	for _, one := range names[:min(n, len(names))] {
		shown = append(shown, name(one))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += ", " + exact(int64(more)) + " more"
	}
	return text
}

// unpriced says once what the marks at the figures mean.
func (v view) unpriced() []string {
	if len(v.Unpriced) == 0 {
		return nil
	}
	var tokens int64
	var names []string
	for _, u := range v.Unpriced {
		tokens += u.Tokens
		names = append(names, u.Model)
	}
	who := name(names[0]) + " has"
	if len(names) > 1 {
		who = plural(int64(len(names)), "model") + " have"
	}
	sign := mark(v.Totals.Priced(), v.Totals.Unpriced)
	out := v.notice(sign, who+" no price: "+units(tokens)+" tokens counted, not costed")
	indent := strings.Repeat(" ", len(sign)+1)
	if len(names) > 1 {
		out = append(out, v.wrap(indent, indent, few(names, 4))...)
	}
	if command := "tokenflexing prices show " + name(names[0]); v.suggests(command) && !v.Quiet {
		return append(out, v.run(indent, command, ""))
	}
	return append(out, v.wrap(indent, indent, "not in the price book of "+v.PriceBook)...)
}

// hiddenTokens names the kinds of token that there is no room for.
func (v view) hiddenTokens(t *table) []string {
	var missing []string
	for _, c := range t.columns {
		if slices.Contains(t.hidden, c.id) && slices.Contains(tokenColumns, c.id) {
			missing = append(missing, c.id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var out []string
	for _, l := range v.wrap("", "", "not shown at this width, still in total: "+strings.Join(missing, ", ")) {
		out = append(out, v.paint(muted, l))
	}
	return out
}

// allBut are the ids of all columns but some.
func allBut(t *table, keep ...string) []string {
	var ids []string
	for _, c := range t.columns {
		if !slices.Contains(keep, c.id) {
			ids = append(ids, c.id)
		}
	}
	return ids
}
