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
	t := &table{fixed: v.Compact, footers: 1, rows: v.lines()}
	switch {
	case v.Kind == report.Sessions:
		v.sessionColumns(t)
	case v.Kind == report.Projects:
		v.projectColumns(t)
	case v.Kind == report.InBlocks:
		v.blockColumns(t)
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
	foot := v.footerLabels()
	started := &column{id: "started", lower: "started", left: true, made: func(line int, _, short bool) cell {
		if line >= len(v.Rows) {
			return foot[line-len(v.Rows)]
		}
		at := v.Rows[line].First.In(v.Zone)
		switch {
		case short && v.year != "":
			return cell{text: at.Format("01-02 15:04")}
		case short:
			return cell{text: at.Format(time.DateOnly)}
		}
		return cell{text: at.Format("2006-01-02 15:04")}
	}}
	length := v.ofRows("lasted", func(r *report.Row) string { return lasted(r.Last.Sub(r.First)) })
	models := v.ofRows("models", func(r *report.Row) string { return v.models(r.Models) })
	models.left = true
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

// ofRows is a column of what a text says of each row.
func (v view) ofRows(id string, text func(*report.Row) string) *column {
	return &column{id: id, lower: id, steady: true, made: func(line int, _, _ bool) cell {
		if line >= len(v.Rows) {
			return cell{}
		}
		return cell{text: text(&v.Rows[line])}
	}}
}

// labelColumns adds a column for each label. Where rows are in their own order, a label that repeats is said once.
func (v view) labelColumns(t *table, labels []report.Field) {
	for n, f := range labels {
		var foot []cell
		if n == 0 && v.Kind != report.Sessions {
			foot = v.footerLabels()
		}
		at := slices.Index(v.Labels, f)
		t.columns = append(t.columns, &column{id: string(f), lower: v.labelHead(f), left: true, steady: f != report.Period, made: func(line int, _, short bool) (one cell) {
			switch below := line - len(v.Rows); {
			case below >= 0 && below < len(foot):
				one = foot[below]
			case below < 0 && (v.Kind == report.Sessions || !v.repeats(line, at)):
				one = v.label(f, line, at)
			}
			if short && one.short != "" {
				one.text = one.short
			}
			return one
		}})
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
	case report.InBlocks:
		return "window"
	}
	return "date"
}

// label is one of the labels of a row.
func (v view) label(f report.Field, row, at int) cell {
	text := v.Rows[row].Labels[at]
	switch f {
	case report.Model:
		return cell{text: v.model(text)}
	case report.Session:
		return cell{text: name(v.ids[row])}
	case report.Period:
		if v.Kind == report.InBlocks {
			return v.block(&v.Rows[row])
		}
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
	if len(full) == 1 {
		return name(v.bare[full[0]])
	}
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
