package accept

import (
	"cmp"
	"slices"
	"strings"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// dayFacts is all that an account reported for one date.
type dayFacts struct {
	date     string
	requests int64
	tokens   usage.Tokens
	cost     usage.Money
	cells    []cellFacts // by source
	rows     []*store.Row
}

// cellFacts is all that it reported of one source.
type cellFacts struct {
	source   string
	requests int64
	tokens   usage.Tokens
	rows     []*store.Row
}

// factsOf puts rows together by date and source. Rows of one source stay in their order.
func factsOf(all []store.Row) []dayFacts {
	rows := make([]*store.Row, len(all))
	for i := range all {
		rows[i] = &all[i]
	}
	byCell := func(a, b *store.Row) int {
		return cmp.Or(strings.Compare(a.Date, b.Date), strings.Compare(a.Source, b.Source))
	}
	if !slices.IsSortedFunc(rows, byCell) {
		slices.SortStableFunc(rows, byCell)
	}
	dates, sources := 0, 0
	for i, r := range rows {
		fresh := i == 0 || r.Date != rows[i-1].Date
		if fresh {
			dates++
		}
		if fresh || r.Source != rows[i-1].Source {
			sources++
		}
	}
	days, cells := make([]dayFacts, 0, dates), make([]cellFacts, 0, sources)
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Date == rows[0].Date {
			n++
		}
		d := dayFacts{date: rows[0].Date, rows: rows[:n:n]}
		from := len(cells)
		for i := 0; i < n; {
			c := cellFacts{source: rows[i].Source}
			first := i
			for ; i < n && rows[i].Source == c.source; i++ {
				c.requests += rows[i].Requests
				c.tokens = c.tokens.Add(rows[i].Tokens)
				if rows[i].Priced {
					d.cost = d.cost.Add(rows[i].Cost)
				}
			}
			c.rows = rows[first:i:i]
			cells = append(cells, c)
			d.requests += c.requests
			d.tokens = d.tokens.Add(c.tokens)
		}
		d.cells = cells[from:len(cells):len(cells)]
		days = append(days, d)
		rows = rows[n:]
	}
	return days
}

// tool sums the tokens of a source and of the other names of its tool.
func (d *dayFacts) tool(s *cellFacts) usage.Tokens {
	sum := s.tokens
	for _, other := range toolNames[s.source] {
		if c := d.cell(other); c != nil && c != s {
			sum = sum.Add(c.tokens)
		}
	}
	return sum
}

// cell is what was reported of a source; nil for nothing.
func (d *dayFacts) cell(source string) *cellFacts {
	i, found := slices.BinarySearchFunc(d.cells, source, func(c cellFacts, source string) int { return strings.Compare(c.source, source) })
	if !found {
		return nil
	}
	return &d.cells[i]
}

// models is how many different models the rows name.
func models(rows []*store.Row) int64 {
	var few [16]string
	n := 0
	for _, r := range rows {
		if slices.Contains(few[:n], r.Model) {
			continue
		}
		if n == len(few) {
			return manyModels(rows)
		}
		few[n] = r.Model
		n++
	}
	return int64(n)
}

func manyModels(rows []*store.Row) int64 {
	named := make(map[string]bool, len(rows))
	for _, r := range rows {
		named[r.Model] = true
	}
	return int64(len(named))
}
