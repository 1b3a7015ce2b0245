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

// Compare orders cells by everything that tells one from another.
func (c Cell) Compare(d Cell) int {
	return cmp.Or(c.Start.Compare(d.Start), cmp.Compare(c.Source, d.Source), cmp.Compare(c.Model, d.Model),
		cmp.Compare(c.Session, d.Session), cmp.Compare(c.Project, d.Project), cmp.Compare(c.Band, d.Band), cmp.Compare(c.Tier, d.Tier))
}

// Add returns c with what was counted in d, which is told from it by nothing.
func (c Cell) Add(d Cell) Cell {
	c.Requests += d.Requests
	c.Tokens = c.Tokens.Add(d.Tokens)
	if d.First.Before(c.First) {
		c.First = d.First
	}
	if d.Last.After(c.Last) {
		c.Last = d.Last
	}
	return c
}

// Cells adds records up to cells, in an order that depends on nothing but their content.
func Cells(records []Record) []Cell {
	cells, _ := CountedCells(records)
	return cells
}

// CountedCells returns the cells of records, and how many records are in each.
func CountedCells(records []Record) ([]Cell, []int64) {
	type key struct {
		start                           int64
		source, model, session, project string
		band                            Band
		tier                            Tier
	}
	type sum struct {
		Cell
		records int64
	}
	places := make(map[key]int)
	var sums []sum
	for _, r := range records {
		one := cellOf(r)
		k := key{one.Start.Unix(), one.Source, one.Model, one.Session, one.Project, one.Band, one.Tier}
		i, ok := places[k]
		if !ok {
			places[k] = len(sums)
			sums = append(sums, sum{one, 1})
			continue
		}
		sums[i].Cell = sums[i].Add(one)
		sums[i].records++
	}
	slices.SortFunc(sums, func(a, b sum) int { return a.Compare(b.Cell) })
	cells, counts := make([]Cell, len(sums)), make([]int64, len(sums))
	for i, s := range sums {
		cells[i], counts[i] = s.Cell, s.records
	}
	return cells, counts
}

// cellOf is the cell of one record.
func cellOf(r Record) Cell {
	at := r.Time.UTC()
	if r.Tier == "" {
		r.Tier = Standard
	}
	band, requests := BandOf(r.Tokens.Prompt()), int64(1)
	if r.Sum {
		band, requests = 0, 0
	}
	return Cell{Start: at.Truncate(Slot), Source: r.Source, Model: r.Model, Band: band, Tier: r.Tier,
		Session: r.Session, Project: r.Project, Requests: requests, Tokens: r.Tokens, First: at, Last: at}
}
