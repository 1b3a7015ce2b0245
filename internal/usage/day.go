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
	places := make(map[Key]int)
	calendar := NewCalendar(zone)
	days := make([]Day, 0)
	at := -1
	for i := range cells {
		c := &cells[i]
		k := calendar.Key(c)
		if at < 0 || days[at].Key != k { // cells of a day often follow each other
			place, ok := places[k]
			if !ok {
				place = len(days)
				places[k] = place
				days = append(days, Day{Key: k})
			}
			at = place
		}
		days[at].Requests += c.Requests
		days[at].Tokens = days[at].Tokens.Add(c.Tokens)
	}
	slices.SortFunc(days, func(a, b Day) int { return a.Key.Compare(b.Key) })
	return days
}
