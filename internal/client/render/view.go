package render

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
)

// view is a report on its way to the terminal, with what its names are called there.
type view struct {
	*report.Report
	Style
	now    time.Time
	year   string            // that all rows are in, or "" if they are in several, or in none
	bare   map[string]string // models
	ids    []string          // sessions, by row
	repeat bool              // say labels in each row, also where they are those of the row above
}

func newView(r *report.Report, s Style) view {
	return view{Report: r, Style: s, now: r.Now.In(r.Zone), year: yearOf(r), bare: bareModels(r), ids: shortSessions(r)}
}

// yearOf is the year of all rows, where rows have one.
func yearOf(r *report.Report) string {
	year, begun := "", 0
	for i := range r.Rows {
		row, y := &r.Rows[i], ""
		switch {
		case r.Kind.Timed():
			y, _, _ = strings.Cut(row.Labels[0], "-")
		case r.Kind == report.Sessions:
			at := row.First.In(r.Zone)
			if i > 0 && at.Year() == begun {
				continue
			}
			y, begun = at.Format("2006"), at.Year()
		}
		if y == "" || year != "" && y != year {
			return ""
		}
		year = y
	}
	return year
}

// bareModels hides the dates at the ends of models' names, unless the table has two dates of one.
func bareModels(r *report.Report) map[string]string {
	full := make(map[string]bool)
	at := slices.Index(r.Labels, report.Model)
	for _, row := range r.Rows {
		if at >= 0 {
			full[row.Labels[at]] = true
		}
		for _, m := range row.Models {
			full[m] = true
		}
	}
	dates := make(map[string]int)
	for m := range full {
		dates[report.BareModel(m)]++
	}
	names := make(map[string]string, len(full))
	for m := range full {
		names[m] = m
		if short := report.BareModel(m); dates[short] == 1 {
			names[m] = short
		}
	}
	return names
}

// shortSessions cuts the ids of rows to eight characters, or as many more as it takes to tell them from the others in the table.
func shortSessions(r *report.Report) []string {
	at := slices.Index(r.Labels, report.Session)
	if at < 0 {
		return nil
	}
	ids, order := make([]string, len(r.Rows)), make([]int32, len(r.Rows))
	for i := range r.Rows {
		ids[i], order[i] = r.Rows[i].Labels[at], int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) })
	short := make([]string, len(ids))
	for i := 0; i < len(order); { // in this order, what is most like an id is beside it
		id, end := ids[order[i]], i+1
		for end < len(order) && ids[order[end]] == id {
			end++
		}
		need := 8
		if i > 0 {
			need = max(need, shared(id, ids[order[i-1]])+1)
		}
		if end < len(order) {
			need = max(need, shared(id, ids[order[end]])+1)
		}
		cut := strings.ToValidUTF8(id[:min(need, len(id))], "")
		for ; i < end; i++ {
			short[order[i]] = cut
		}
	}
	return short
}

// shared counts the bytes that two texts begin with alike.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
