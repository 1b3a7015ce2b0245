package postgres

import (
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// columns are rows as put_upload takes them: those that are there before the others, an array of each name, and one of all that is
// counted.
type columns struct {
	days, sources, models, tiers []string
	counts                       []int64
	known                        int
	knownDays                    []string
}

func (c *columns) add(r row, first time.Time) {
	c.days, c.sources, c.models, c.tiers = append(c.days, r.Day), append(c.sources, r.Source), append(c.models, r.Model), append(c.tiers, string(r.Tier))
	priced := int64(0)
	if r.Priced {
		priced = 1
	}
	c.counts = append(c.counts, int64(r.Band), r.Requests, r.Input, r.CacheRead, r.CacheWrite5m, r.CacheWrite1h, r.Output, r.Reasoning, int64(r.Cost), priced,
		int64(r.Parser), first.Unix())
	if r.known {
		c.known++
		if !slices.Contains(c.knownDays, r.Day) {
			c.knownDays = append(c.knownDays, r.Day)
		}
	}
}

// args are in put_upload's order.
func (c *columns) args() []any {
	return []any{c.days, c.sources, c.models, c.tiers, c.counts, c.known, c.knownDays}
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
		if k.device == u.who.Device {
			c := store.Cell{Day: k.Date, Source: k.Source}
			left[c] = append(left[c], r.Day)
		}
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
