package postgres

import (
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// columns are rows as put_upload takes them: an array of each column.
type columns struct {
	days, sources, models, tiers                                                          []string
	bands, parsers                                                                        []int32
	requests, inputs, cacheReads, cacheWrites5m, cacheWrites1h, outputs, reasoning, costs []int64
	priced                                                                                []bool
	firsts                                                                                []int64
}

func (c *columns) add(r row, first time.Time) {
	c.days, c.sources, c.models, c.tiers = append(c.days, r.Day), append(c.sources, r.Source), append(c.models, r.Model), append(c.tiers, string(r.Tier))
	c.bands, c.parsers = append(c.bands, int32(r.Band)), append(c.parsers, int32(r.Parser))
	c.requests, c.inputs, c.cacheReads = append(c.requests, r.Requests), append(c.inputs, r.Input), append(c.cacheReads, r.CacheRead)
	c.cacheWrites5m, c.cacheWrites1h = append(c.cacheWrites5m, r.CacheWrite5m), append(c.cacheWrites1h, r.CacheWrite1h)
	c.outputs, c.reasoning, c.costs = append(c.outputs, r.Output), append(c.reasoning, r.Reasoning), append(c.costs, int64(r.Cost))
	c.priced, c.firsts = append(c.priced, r.Priced), append(c.firsts, first.Unix())
}

// args are in put_upload's order.
func (c *columns) args() []any {
	return []any{c.days, c.sources, c.models, c.bands, c.tiers, c.requests, c.inputs, c.cacheReads, c.cacheWrites5m, c.cacheWrites1h, c.outputs, c.reasoning,
		c.costs, c.priced, c.parsers, c.firsts}
}

// cellPrints are prints and sketches of what the device has in the upload's cells.
type cellPrints struct {
	days, sources    []string
	prints, sketches [][]byte
}

// of fills them in. It reports whether every cell has a print.
func (p *cellPrints) of(u *upload) bool {
	if u.Print == nil {
		return true
	}
	left := make(map[store.Cell][]usage.Day)
	for k, r := range u.rows {
		c := store.Cell{Day: k.Date, Source: k.Source}
		left[c] = append(left[c], r.Day)
	}
	for c := range u.cells {
		hash := u.Print(left[c])
		if hash == (store.Hash{}) {
			return false
		}
		p.days, p.sources, p.prints, p.sketches = append(p.days, c.Day), append(p.sources, c.Source), append(p.prints, hash[:]), append(p.sketches, u.Sketches[c])
	}
	return true
}
