package usage

import (
	"cmp"
	"slices"
	"time"
)

// Key is what usage is counted by. It has no room for a path, a session or a word.
type Key struct {
	Date          string // YYYY-MM-DD, in the zone the days were made for; UTC on the wire
	Source, Model string
	Band          Band
	Tier          Tier
}

// Compare orders keys by date, source, model, band and tier.
func (k Key) Compare(l Key) int {
	return cmp.Or(cmp.Compare(k.Date, l.Date), cmp.Compare(k.Source, l.Source), cmp.Compare(k.Model, l.Model),
		cmp.Compare(k.Band, l.Band), cmp.Compare(k.Tier, l.Tier))
}

// Day is what one Key adds up to: the row that is reported, synced, stored and ranked.
type Day struct {
	Key
	Requests int64
	Tokens   Tokens
	Cost     Money // set by pricing; meaningless while Priced is false
	Priced   bool  // false: the model has no known price, which is not the same as costing nothing
}

// ByDay adds cells up to days in the zone, sorted by Key. It is where sessions and projects end.
func ByDay(cells []Cell, zone *time.Location) []Day {
	days, _ := DaysOf(cells, zone)
	return days
}

// DaysOf is ByDay, and for every cell the place of the day that it is in.
func DaysOf(cells []Cell, zone *time.Location) (days []Day, of []int32) {
	places := make(map[Key]int32)
	calendar := NewCalendar(zone)
	met, of := make([]Day, 0), make([]int32, len(cells))
	at := int32(-1)
	for i := range cells {
		c := &cells[i]
		k := calendar.Key(c)
		if at < 0 || met[at].Key != k { // cells of a day often follow each other
			place, ok := places[k]
			if !ok {
				place = int32(len(met))
				places[k] = place
				if len(met) == cap(met) { // a year has thousands, which are not to be copied by every quarter more
					met = slices.Grow(met, max(64, len(met)))
				}
				met = append(met, Day{Key: k})
			}
			at = place
		}
		met[at].Requests += c.Requests
		met[at].Tokens = met[at].Tokens.Add(c.Tokens)
		of[i] = at
	}
	order := make([]int32, len(met))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return met[a].Key.Compare(met[b].Key) })
	days, ranks := make([]Day, len(met)), make([]int32, len(met))
	for rank, place := range order {
		days[rank], ranks[place] = met[place], int32(rank)
	}
	for i, place := range of {
		of[i] = ranks[place]
	}
	return days, of
}
