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
func (c *Cell) Compare(d *Cell) int {
	if n := c.Start.Compare(d.Start); n != 0 {
		return n
	}
	for _, s := range [...][2]*string{{&c.Source, &d.Source}, {&c.Model, &d.Model}, {&c.Session, &d.Session}, {&c.Project, &d.Project}} {
		if n := cmp.Compare(*s[0], *s[1]); n != 0 {
			return n
		}
	}
	return cmp.Or(cmp.Compare(c.Band, d.Band), cmp.Compare(c.Tier, d.Tier))
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
	var n Counter
	for i := range records {
		n.Add(&records[i])
	}
	cells := make([]Cell, 0, n.Len())
	for c := range n.Cells {
		cells = append(cells, *c)
	}
	return cells
}

// Counter adds records up to cells one after another. The zero value has none.
type Counter struct {
	keys   []cellKey       // of the sums, while there are few
	places map[cellKey]int // of them, once there are more; empty before
	sums   []counted
	last   cellKey // of the last record, which is in this sum
	at     int
}

type cellKey struct {
	start                           int64
	source, model, session, project string
	band                            Band
	tier                            Tier
}

type counted struct {
	Cell
	records int64
}

// Add adds one record, which is not kept.
func (n *Counter) Add(r *Record) {
	const slot = int64(Slot / time.Second)
	k := cellKey{r.Time.Unix(), r.Source, r.Model, r.Session, r.Project, BandOf(r.Tokens.Prompt()), r.Tier}
	k.start -= (k.start%slot + slot) % slot
	if k.tier == "" {
		k.tier = Standard
	}
	if r.Sum {
		k.band = 0
	}
	if len(n.sums) == 0 || k != n.last { // records of a session follow each other
		n.last, n.at = k, n.place(k, r.Time.UTC())
	}
	n.sums[n.at].count(r)
	n.sums[n.at].records++
}

// fewCells are looked through, the last first, as a session has most often.
const fewCells = 16

// place returns the sum that a record belongs to.
func (n *Counter) place(k cellKey, when time.Time) int {
	if len(n.places) == 0 {
		for i := len(n.keys) - 1; i >= 0; i-- {
			if n.keys[i] == k {
				return i
			}
		}
	} else if place, ok := n.places[k]; ok {
		return place
	}
	place := len(n.sums)
	n.sums = append(n.sums, counted{Cell: Cell{Start: time.Unix(k.start, 0).UTC(), Source: k.source, Model: k.model, Band: k.band, Tier: k.tier,
		Session: k.session, Project: k.project, First: when, Last: when}})
	switch {
	case len(n.places) > 0:
		n.places[k] = place
	case place < fewCells:
		n.keys = append(n.keys, k)
	default:
		if n.places == nil {
			n.places = make(map[cellKey]int, 2*fewCells)
		}
		for i, k := range n.keys {
			n.places[k] = i
		}
		n.places[k] = place
	}
	return place
}

// Len is how many cells there are.
func (n *Counter) Len() int { return len(n.sums) }

// Cells calls yield with the cells in their order, and how many records are in each. They are not the caller's to keep.
func (n *Counter) Cells(yield func(c *Cell, records int64) bool) {
	slices.SortFunc(n.sums, func(a, b counted) int { return a.Compare(&b.Cell) })
	for i := range n.sums {
		if !yield(&n.sums[i].Cell, n.sums[i].records) {
			return
		}
	}
}

// Reset forgets all cells, to count others in the same memory. What many have taken is let go of.
func (n *Counter) Reset() {
	const many = 1024
	if cap(n.sums) > many {
		*n = Counter{}
		return
	}
	clear(n.sums)
	clear(n.keys)
	clear(n.places)
	*n = Counter{keys: n.keys[:0], places: n.places, sums: n.sums[:0]}
}

// count adds one record.
func (c *Cell) count(r *Record) {
	if !r.Sum {
		c.Requests++
	}
	c.Tokens = c.Tokens.Add(r.Tokens)
	if r.Time.Before(c.First) {
		c.First = r.Time.UTC()
	}
	if r.Time.After(c.Last) {
		c.Last = r.Time.UTC()
	}
}
