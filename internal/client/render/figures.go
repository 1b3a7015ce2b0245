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

func (v view) footerLabels() []cell {
	var labels []cell
	if v.Omitted.Rows > 0 {
		labels = append(labels, cell{text: exact(int64(v.Omitted.Rows)) + " more"})
	}
	noun := map[report.Kind]string{report.Daily: "day", report.Weekly: "week", report.Monthly: "month", report.Hourly: "hour",
		report.Models: "model", report.Projects: "project", report.Sessions: "session", report.InBlocks: "block"}[v.Kind]
	n := len(v.Rows) + v.Omitted.Rows
	if v.Kind.Timed() && v.Kind != report.InBlocks {
		n = v.Periods
	} else if len(v.By) > 0 {
		return append(labels, cell{text: "total"})
	}
	return append(labels, cell{text: plural(int64(n), noun)})
}

// sumsOf are the figures of one line.
func (v view) sumsOf(line int) *report.Sums {
	switch {
	case line < len(v.Rows):
		return &v.Rows[line].Sums
	case line < v.lines()-1:
		return &v.Omitted.Sums
	}
	return &v.Totals
}

// lines is how many there are: rows, what was left out, the total.
func (v view) lines() int { return len(v.Rows) + v.footers() }

func (v view) numbers(id string, of func(*report.Sums) int64) *column {
	return &column{id: id, lower: id,
		made: func(line int, rounded, _ bool) cell {
			n := of(v.sumsOf(line))
			return cell{text: count(n, rounded), role: zero(n)}
		},
		wide: func(rounded bool) (most int) {
			for _, s := range v.sums {
				most = max(most, countWidth(of(s), rounded))
			}
			return most
		}}
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
	number := c.made
	c.wide = nil
	c.made = func(line int, rounded, short bool) cell {
		one, known := number(line, rounded, short), v.Reasoning
		if line < len(v.Rows) {
			known = v.Rows[line].Reasoning
		}
		switch {
		case one.text != "0":
			one.text = "(" + one.text + ")"
		case !known:
			one = cell{text: v.draw("–"), role: muted}
		}
		return one
	}
}

func (v view) cost() *column {
	return &column{id: "cost", lower: "cost", steady: true, made: func(line int, _, _ bool) cell { return v.amount(*v.sumsOf(line)) }}
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
	return &column{id: "$/1M", lower: v.perMillionHead(), steady: true, made: func(line int, _, _ bool) cell {
		s := v.sumsOf(line)
		if text := perMillion(v.Style, s.Cost, s.Priced()); text != "" {
			return cell{text: text, role: money}
		}
		return cell{text: v.draw("–"), role: muted}
	}}
}

func (s Style) perMillionHead() string { return strings.TrimSpace(s.sign()) + "/1M" }

func (v view) share() *column {
	return &column{id: "share", lower: "share", steady: true, made: func(line int, _, _ bool) cell {
		if line == v.lines()-1 {
			return cell{}
		}
		return cell{text: percent(v.sumsOf(line).Tokens.Total(), v.Totals.Tokens.Total())}
	}}
}
