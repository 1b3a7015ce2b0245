package usage

import (
	"cmp"
	"slices"
	"time"
)

// Slot is the length of time a Cell covers. Every time zone in use is a whole number of slots from UTC,
// so that cells can be added up to the days and hours of any of them.
const Slot = 15 * time.Minute

// Cell is what the records of one slot, source, model, band, tier, session and project add up to: the finest sum that
// reports are made of. Like a Record it never leaves the machine.
type Cell struct {
	Start            time.Time // of the slot, UTC
	Source, Model    string
	Band             Band
	Tier             Tier
	Session, Project string
	Requests         int64
	Tokens           Tokens
	First, Last      time.Time // of the records in it, UTC
}

// Key returns the day in the zone that the cell belongs to.
func (c Cell) Key(zone *time.Location) Key {
	return Key{Date: c.Start.In(zone).Format(time.DateOnly), Source: c.Source, Model: c.Model, Band: c.Band, Tier: c.Tier}
}

// Cells adds records up to cells, in an order that depends on nothing but their content.
func Cells(records []Record) []Cell {
	type key struct {
		start                           int64
		source, model, session, project string
		band                            Band
		tier                            Tier
	}
	sums := make(map[key]*Cell)
	for _, r := range records {
		at := r.Time.UTC()
		start := at.Truncate(Slot)
		if r.Tier == "" {
			r.Tier = Standard
		}
		band, requests := BandOf(r.Tokens.Prompt()), int64(1)
		if r.Sum {
			band, requests = 0, 0
		}
		k := key{start.Unix(), r.Source, r.Model, r.Session, r.Project, band, r.Tier}
		c := sums[k]
		if c == nil {
			c = &Cell{Start: start, Source: r.Source, Model: r.Model, Band: band, Tier: r.Tier,
				Session: r.Session, Project: r.Project, First: at, Last: at}
			sums[k] = c
		}
		c.Requests += requests
		c.Tokens = c.Tokens.Add(r.Tokens)
		if at.Before(c.First) {
			c.First = at
		}
		if at.After(c.Last) {
			c.Last = at
		}
	}
	cells := make([]Cell, 0, len(sums))
	for _, c := range sums {
		cells = append(cells, *c)
	}
	slices.SortFunc(cells, func(a, b Cell) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Model, b.Model),
			cmp.Compare(a.Session, b.Session), cmp.Compare(a.Project, b.Project), cmp.Compare(a.Band, b.Band), cmp.Compare(a.Tier, b.Tier))
	})
	return cells
}
