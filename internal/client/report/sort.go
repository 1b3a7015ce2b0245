package report

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Sort says what the rows are ordered by. The zero value is the report's own order: time, oldest first; else tokens, most first.
type Sort struct {
	Column  string // a name from ParseSort, or ""
	Reverse bool
}

// numbers are the columns that sort with the largest first.
var numbers = map[string]func(*Row) int64{
	"requests":    func(r *Row) int64 { return r.Requests },
	"input":       func(r *Row) int64 { return r.Tokens.Input },
	"cache-read":  func(r *Row) int64 { return r.Tokens.CacheRead },
	"cache-write": func(r *Row) int64 { return r.Tokens.CacheWrite() },
	"output":      func(r *Row) int64 { return r.Tokens.Output },
	"reasoning":   func(r *Row) int64 { return r.Tokens.Reasoning },
	"total":       func(r *Row) int64 { return r.Tokens.Total() },
	"cost":        func(r *Row) int64 { return int64(r.Cost) },
}

// ParseSort reads the value of --sort: a column of the report, "-" before it turns the order round. Numbers sort with the
// largest first, times with the oldest first, names by letter.
func ParseSort(kind Kind, by []Field, s string) (Sort, error) {
	if s == "" {
		return Sort{}, nil
	}
	name, reverse := strings.CutPrefix(strings.ToLower(strings.TrimSpace(s)), "-")
	name = strings.NewReplacer("_", "-", " ", "-").Replace(name)
	if name == "date" && kind.Timed() {
		name = string(Period)
	}
	columns := sortable(kind, by)
	if !slices.Contains(columns, name) {
		return Sort{}, &Error{"--sort " + s + " is not a column of this report", "write " + strings.Join(columns[:len(columns)-1], ", ") + " or " + columns[len(columns)-1]}
	}
	return Sort{name, reverse}, nil
}

func sortable(kind Kind, by []Field) []string {
	var columns []string
	for _, f := range kind.labels(by) {
		columns = append(columns, string(f))
	}
	switch kind {
	case Sessions:
		columns = append(columns, "started")
	case Projects:
		columns = append(columns, "last")
	}
	return append(columns, "requests", "input", "cache-read", "cache-write", "output", "reasoning", "total", "cost")
}

// oldestFirst reports whether the rows are in the order of time.
func (g *grouper) oldestFirst() bool {
	switch g.Sort.Column {
	case "":
		return g.Kind.Timed() || g.Kind == Sessions
	case string(Period), "started", "last":
		return !g.Sort.Reverse
	}
	return false
}

// sort puts the rows in their order.
func (g *grouper) sort() {
	own := g.ownOrder()
	ranks := make([]placed, len(g.rows))
	for i, row := range g.rows {
		ranks[i].Row = &row.Row
	}
	g.begin(ranks)
	slices.SortFunc(ranks, own)
	if by := g.column(); by != nil {
		slices.SortStableFunc(ranks, func(a, b placed) int {
			if g.Sort.Reverse {
				a, b = b, a
			}
			return by(a.Row, b.Row)
		})
	}
	g.Rows = make([]Row, len(ranks))
	for i := range ranks {
		g.Rows[i] = *ranks[i].Row
	}
}

// placed is a row with what it is put in order by.
type placed struct {
	*Row
	started time.Time // of the session
}

// begin sets when the sessions of the rows started, which may have several.
func (g *grouper) begin(ranks []placed) {
	if g.Kind != Sessions {
		return
	}
	if len(g.By) == 0 { // each has one row
		for i := range ranks {
			ranks[i].started = ranks[i].First
		}
		return
	}
	started := make(map[string]time.Time, len(ranks))
	for i := range ranks {
		k := session(ranks[i].Row)
		if first, ok := started[k]; !ok || ranks[i].First.Before(first) {
			started[k] = ranks[i].First
		}
	}
	for i := range ranks {
		ranks[i].started = started[session(ranks[i].Row)]
	}
}

// column is the order asked for, or nil.
func (g *grouper) column() func(a, b *Row) int {
	name := g.Sort.Column
	if n := numbers[name]; n != nil {
		return func(a, b *Row) int { return cmp.Compare(n(b), n(a)) }
	}
	switch name {
	case "":
		return nil
	case "started":
		return func(a, b *Row) int { return a.First.Compare(b.First) }
	case "last":
		return func(a, b *Row) int { return a.Last.Compare(b.Last) }
	}
	i := slices.Index(g.Report.Labels, Field(name))
	return func(a, b *Row) int { return cmp.Compare(a.Labels[i], b.Labels[i]) }
}

// ownOrder keeps rows together that share their first labels, and orders those groups: spans of time and sessions from the
// oldest, everything else from the most tokens.
func (g *grouper) ownOrder() func(a, b placed) int {
	tokens := make([]map[string]int64, len(g.Report.Labels))
	of := func(r *Row, last int) int64 {
		if last == len(r.Labels)-1 { // no other row has all of its labels
			return r.Tokens.Total()
		}
		if tokens[last] == nil {
			tokens[last] = g.tokensByPrefix(last)
		}
		return tokens[last][prefix(r, last)]
	}
	return func(a, b placed) int {
		if c := a.started.Compare(b.started); c != 0 {
			return c
		}
		for i := range a.Labels {
			if a.Labels[i] == b.Labels[i] {
				continue
			}
			if i == 0 && g.Kind.Timed() {
				return cmp.Compare(a.Labels[i], b.Labels[i])
			}
			return mostThenName(of(a.Row, i), of(b.Row, i), a.Labels[i], b.Labels[i])
		}
		return 0
	}
}

// tokensByPrefix adds up the rows that share their labels up to one.
func (g *grouper) tokensByPrefix(last int) map[string]int64 {
	tokens := make(map[string]int64, len(g.rows))
	for _, row := range g.rows {
		tokens[prefix(&row.Row, last)] += row.Tokens.Total()
	}
	return tokens
}

// session identifies what a row of the sessions report is about.
func session(r *Row) string { return prefix(r, min(1, len(r.Labels)-1)) }

func prefix(r *Row, last int) string { return strings.Join(r.Labels[:last+1], "\x00") }

func mostThenName(m, n int64, a, b string) int {
	return cmp.Or(cmp.Compare(n, m), cmp.Compare(a, b))
}
