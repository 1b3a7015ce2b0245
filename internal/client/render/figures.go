package render

import (
	"strings"

	"tokenflex.ing/internal/client/report"
)

// footers counts the lines after the rows: the total, and before it what a limit left out.
func (v view) footers() int {
	if v.Omitted.Rows > 0 {
		return 2
	}
	return 1
}

// sums calls yield with the figures of all lines of the table: rows, what was left out, the total.
func (v view) sums(yield func(int, *report.Sums) bool) {
	for i := range v.Rows {
		if !yield(i, &v.Rows[i].Sums) {
			return
		}
	}
	if v.Omitted.Rows > 0 && !yield(len(v.Rows), &v.Omitted.Sums) {
		return
	}
	yield(len(v.Rows)+v.footers()-1, &v.Totals)
}

// blank makes room for a cell in each line of the table.
func (v view) blank() []cell { return make([]cell, len(v.Rows)+v.footers()) }

func (v view) footerLabels() []cell {
	var labels []cell
	if v.Omitted.Rows > 0 {
		labels = append(labels, cell{text: exact(int64(v.Omitted.Rows)) + " more"})
	}
	noun := map[report.Kind]string{report.Daily: "day", report.Weekly: "week", report.Monthly: "month", report.Hourly: "hour",
		report.Models: "model", report.Projects: "project", report.Sessions: "session"}[v.Kind]
	n := len(v.Rows) + v.Omitted.Rows
	if v.Kind.Timed() {
		n = v.Periods
	} else if len(v.By) > 0 {
		return append(labels, cell{text: "total"})
	}
	return append(labels, cell{text: plural(int64(n), noun)})
}

func (v view) numbers(id string, of func(*report.Sums) int64) *column {
	c := &column{id: id, lower: id, cells: v.blank()}
	for i, s := range v.sums {
		n := of(s)
		c.cells[i] = cell{text: exact(n), units: units(n), role: zero(n)}
	}
	return c
}

func zero(n int64) role {
	if n == 0 {
		return muted
	}
	return plain
}

func (v view) requests() *column {
	return v.numbers("requests", func(s *report.Sums) int64 { return s.Requests })
}

func (v view) total() *column {
	return v.numbers("total", func(s *report.Sums) int64 { return s.Tokens.Total() })
}

// tokens adds a column for each kind of token.
func (v view) tokens(t *table) {
	kinds := map[string]func(*report.Sums) int64{
		"input":       func(s *report.Sums) int64 { return s.Tokens.Input },
		"cache read":  func(s *report.Sums) int64 { return s.Tokens.CacheRead },
		"cache write": func(s *report.Sums) int64 { return s.Tokens.CacheWrite() },
		"output":      func(s *report.Sums) int64 { return s.Tokens.Output },
		"reasoning":   func(s *report.Sums) int64 { return s.Tokens.Reasoning },
	}
	for _, id := range tokenColumns {
		c := v.numbers(id, kinds[id])
		if upper, lower, ok := strings.Cut(id, " "); ok {
			c.upper, c.lower, c.head = upper, lower, id
		}
		if id == "reasoning" {
			c.upper, c.head = "of it", "(reasoning)"
			v.bracket(c)
		}
		t.columns = append(t.columns, c)
	}
}

// bracket marks reasoning as a part of output, and not as a figure to add. A tool that never records it has no zero.
func (v view) bracket(c *column) {
	for i := range c.cells {
		known := v.Reasoning
		if i < len(v.Rows) {
			known = v.Rows[i].Reasoning
		}
		switch {
		case c.cells[i].text != "0":
			c.cells[i].text, c.cells[i].units = "("+c.cells[i].text+")", "("+c.cells[i].units+")"
		case !known:
			c.cells[i] = cell{text: v.draw("–"), role: muted}
		}
	}
}

func (v view) cost() *column {
	c := &column{id: "cost", lower: "cost", cells: v.blank()}
	for i, s := range v.sums {
		c.cells[i] = v.amount(*s)
	}
	return c
}

// amount is a cost with its mark. What has no price has no figure, and neither has what was not used: a bare $0.00 is
// only ever said of a price of zero.
func (s Style) amount(sums report.Sums) cell {
	c := cell{text: s.money(sums.Cost), role: money, mark: mark(sums.Priced(), sums.Unpriced)}
	switch {
	case sums.Tokens.Total() == 0:
		return cell{text: s.draw("–"), role: muted}
	case c.mark == "?":
		c.text = ""
	}
	return c
}

func (v view) perMillion() *column {
	c := &column{id: "$/1M", lower: v.perMillionHead(), cells: v.blank()}
	for i, s := range v.sums {
		one := cell{text: perMillion(v.Style, s.Cost, s.Priced()), role: money}
		if one.text == "" {
			one = cell{text: v.draw("–"), role: muted}
		}
		c.cells[i] = one
	}
	return c
}

func (s Style) perMillionHead() string { return strings.TrimSpace(s.sign()) + "/1M" }

func (v view) share() *column {
	c := &column{id: "share", lower: "share", cells: v.blank()}
	for i, s := range v.sums {
		if i < len(c.cells)-1 {
			c.cells[i].text = percent(s.Tokens.Total(), v.Totals.Tokens.Total())
		}
	}
	return c
}
