package render

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
)

// tokenColumns are the kinds of token, in the order they are shown.
var tokenColumns = []string{"input", "cache read", "cache write", "output", "reasoning"}

// tokenDrops is the order in which they make room: what stays visible adds up as long as it can.
var tokenDrops = []string{"reasoning", "cache write", "cache read", "input", "output"}

// table chooses the columns of a report.
func (v view) table() *table {
	t := &table{fixed: v.Compact, footers: 1}
	switch {
	case v.Kind == report.Sessions:
		v.sessionColumns(t)
	case v.Kind == report.Projects:
		v.projectColumns(t)
	default:
		v.usageColumns(t)
	}
	return t
}

// usageColumns are those of every report on kinds of token: daily and its like, and models.
func (v view) usageColumns(t *table) {
	timed, grouped := v.Kind.Timed(), len(v.Labels) > 1
	v.labelColumns(t, v.Labels)
	if timed && !grouped && v.Kind == report.Daily {
		t.columns = append(t.columns, v.weekdays())
		t.decoration = []string{"requests", "weekday"}
	} else {
		t.decoration = []string{"requests", "share", "$/1M"}
	}
	if !timed || !grouped {
		t.columns = append(t.columns, v.requests())
	}
	v.tokens(t)
	t.columns = append(t.columns, v.total(), v.cost())
	if v.Kind == report.Models {
		t.columns = append(t.columns, v.perMillion(), v.share())
	}
	t.drops = oneByOne(tokenDrops, middle(v.Labels))
	if timed && !grouped {
		t.bars = v.bars()
	}
}

// projectColumns are those of the projects report.
func (v view) projectColumns(t *table) {
	v.labelColumns(t, v.Labels)
	sources := &column{id: "sources", lower: "sources", left: true}
	sessions := &column{id: "sessions", lower: "sessions"}
	last := &column{id: "last", lower: "last", left: true}
	var count int64
	for _, r := range v.Rows {
		sources.cells = append(sources.cells, cell{text: first(r.Sources, 2)})
		sessions.cells = append(sessions.cells, cell{text: exact(int64(r.Sessions))})
		last.cells = append(last.cells, cell{text: clock(r.Last, v.now)})
		count += int64(r.Sessions)
	}
	blank := make([]cell, v.footers())
	sources.cells, last.cells = append(sources.cells, blank...), append(last.cells, blank...)
	sessions.cells = append(sessions.cells, blank...)
	if v.Omitted.Rows == 0 && len(v.By) == 0 {
		sessions.cells[len(v.Rows)].text = exact(count)
	}
	t.columns = append(t.columns, sources, sessions, last, v.total(), v.cost())
	t.drops = oneByOne([]string{"sources", "sessions"}, middle(v.Labels), []string{"last"})
	t.names = append(t.names, "sources")
	t.bars = v.bars()
}

// sessionColumns are those of the sessions report: the time first, because it is what a session is known by.
func (v view) sessionColumns(t *table) {
	started := &column{id: "started", lower: "started", left: true, cells: v.blank()}
	length := &column{id: "lasted", lower: "lasted", cells: v.blank()}
	models := &column{id: "models", lower: "models", left: true, cells: v.blank()}
	short := v.year != ""
	for i := range v.Rows {
		r := &v.Rows[i]
		at := r.First.In(v.Zone)
		c := cell{text: at.Format("2006-01-02 15:04")}
		c.short = c.text[:len(time.DateOnly)]
		if short {
			c.short = at.Format("01-02 15:04")
		}
		started.cells[i] = c
		length.cells[i].text = lasted(r.Last.Sub(r.First))
		models.cells[i].text = v.models(r.Models)
	}
	copy(started.cells[len(v.Rows):], v.footerLabels())
	t.columns = []*column{started, length}
	v.labelColumns(t, []report.Field{report.Source, report.Project, report.Session})
	v.labelColumns(t, v.Labels[3:])
	t.columns = append(t.columns, models, v.requests(), v.total(), v.cost())
	t.decoration = []string{"requests"}
	t.drops = oneByOne([]string{"models", "lasted", "session", "source", "project"}, fieldIDs(v.Labels[3:max(3, len(v.Labels)-1)]))
	t.names = append(t.names, "models")
	if slices.Contains(v.By, report.Model) {
		t.columns = slices.DeleteFunc(t.columns, func(c *column) bool { return c == models })
	}
}

// labelColumns adds a column for each label. Where rows are in their own order, a label that repeats is said once.
func (v view) labelColumns(t *table, labels []report.Field) {
	for n, f := range labels {
		at := slices.Index(v.Labels, f)
		c := &column{id: string(f), lower: v.labelHead(f), left: true, cells: v.blank()}
		for i := range v.Rows {
			if v.Kind == report.Sessions || !v.repeats(i, at) {
				c.cells[i] = v.label(f, v.Rows[i].Labels[at])
			}
		}
		if n == 0 && v.Kind != report.Sessions {
			copy(c.cells[len(v.Rows):], v.footerLabels())
		}
		t.columns = append(t.columns, c)
		if f != report.Period {
			t.names = append(t.names, string(f))
		}
	}
}

// repeats reports whether a row's labels up to one are those of the row above it.
func (v view) repeats(row, label int) bool {
	return row > 0 && label < len(v.Labels)-1 && !v.repeat && v.Sort.Column == "" && slices.Equal(v.Rows[row].Labels[:label+1], v.Rows[row-1].Labels[:label+1])
}

// oneByOne are the sets of columns to drop where each step drops one more.
func oneByOne(orders ...[]string) [][]string {
	var sets [][]string
	all := slices.Concat(orders...)
	for n := range all {
		sets = append(sets, all[:n+1])
	}
	return sets
}

// middle are the labels that may be dropped: neither the first nor the last.
func middle(labels []report.Field) []string {
	if len(labels) < 3 {
		return nil
	}
	return fieldIDs(labels[1 : len(labels)-1])
}

func fieldIDs(labels []report.Field) []string {
	var ids []string
	for _, f := range labels {
		ids = append(ids, string(f))
	}
	return ids
}

func (v view) labelHead(f report.Field) string {
	if f != report.Period {
		return string(f)
	}
	switch v.Kind {
	case report.Weekly:
		return "week"
	case report.Monthly:
		return "month"
	case report.Hourly:
		return "hour"
	}
	return "date"
}

func (v view) label(f report.Field, text string) cell {
	switch f {
	case report.Model:
		return cell{text: v.model(text)}
	case report.Session:
		return cell{text: name(v.ids[text])}
	case report.Period:
		return v.period(text)
	}
	return cell{text: name(text)}
}

func (v view) period(text string) cell {
	c := cell{text: strings.Replace(text, "T", " ", 1)}
	if v.year != "" && v.Kind != report.Monthly && len(text) > len("2006-") {
		c.short = c.text[len("2006-"):]
	}
	return c
}

// model hides the date at the end of a model's name, unless the table has two dates of it.
func (v view) model(full string) string { return clean(v.bare[full]) }

func (v view) models(full []string) string {
	var names []string
	for _, m := range full {
		names = append(names, v.bare[m])
	}
	return first(names, 1)
}

// first lists the first names and counts the others: "codex, opencode +1".
func first(names []string, n int) string {
	var shown []string
	for _, one := range names[:min(n, len(names))] {
		shown = append(shown, name(one))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return text
}

func (v view) weekdays() *column {
	c := &column{id: "weekday", left: true, gap: 1}
	for _, r := range v.Rows {
		text := ""
		if d, err := time.Parse(time.DateOnly, r.Labels[0]); err == nil {
			text = d.Format("Mon")
		}
		c.cells = append(c.cells, cell{text: text})
	}
	c.cells = append(c.cells, make([]cell, v.footers())...)
	return c
}

func (v view) bars() []int64 {
	tokens := make([]int64, len(v.Rows))
	for i := range v.Rows {
		tokens[i] = v.Rows[i].Tokens.Total()
	}
	return tokens
}
