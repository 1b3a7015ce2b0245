package board

import (
	"fmt"
	"strconv"
	"time"

	"tokenflex.ing/internal/server/store"
)

// Span is the kind of a period.
type Span int

// The spans, in the order in which store.Periods returns the periods of a day, and then those of store.Rolling.
const (
	Day Span = iota
	Week
	Month
	Year
	All
	Days7
	Days30
)

var spans = [...]string{"day", "week", "month", "year", "all", "7d", "30d"}

// String returns the span's name on the wire.
func (s Span) String() string { return spans[s] }

// Period is one board's days.
type Period struct {
	Span Span
	store.Period
}

// first is the first day of the first period that can be asked for; years have four digits.
var first = time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)

// ParsePeriod returns the period of that name: a span for the one that now is in, or a day, week, month or year as
// 2026-11-23, 2026-W47, 2026-11 or 2026. 7d and 30d are the last days up to now.
func ParsePeriod(name string, now time.Time) (Period, error) {
	for s, word := range spans {
		if name == word {
			return periodOf(Span(s), now), nil
		}
	}
	for s, layout := range map[Span]string{Day: time.DateOnly, Month: "2006-01", Year: "2006"} {
		if at, err := time.Parse(layout, name); err == nil && !at.Before(first) && at.Format(layout) == name {
			return periodOf(s, at), nil
		}
	}
	if at, ok := parseWeek(name); ok {
		return periodOf(Week, at), nil
	}
	return Period{}, fmt.Errorf("no period %q", name)
}

func periodOf(s Span, at time.Time) Period {
	if s >= Days7 {
		p := store.Rolling(at)[s-Days7]
		p.Name = spans[s]
		return Period{s, p}
	}
	return Period{s, store.Periods(at.UTC())[s]}
}

// Final reports whether the period's lines stand still.
func (p Period) Final(now time.Time) bool { return p.Span < All && store.Closed(p.To, now) }

// parseWeek returns a day of an ISO week, 2026-W47.
func parseWeek(name string) (time.Time, bool) {
	if len(name) != len("2026-W47") || name[4:6] != "-W" {
		return time.Time{}, false
	}
	year, err1 := strconv.Atoi(name[:4])
	week, err2 := strconv.Atoi(name[6:])
	if err1 != nil || err2 != nil || year < first.Year() || week < 1 {
		return time.Time{}, false
	}
	// 4 January is always in the first week.
	at := time.Date(year, 1, 4+7*(week-1), 0, 0, 0, 0, time.UTC)
	p := periodOf(Week, at)
	return at, p.Name == name && len(p.To) == len(time.DateOnly) // the last week of 9999 ends in a year of five digits
}

// Before returns the period before p, and whether there is one.
func (p Period) Before() (Period, bool) {
	if p.Span >= All { // the rolling ones move on day by day, and nothing is kept of where they were
		return Period{}, false
	}
	from, _ := p.Days()
	return periodOf(p.Span, from.AddDate(0, 0, -1)), from.After(first)
}

// Days returns the first and the last day of p, both inside it, and zero times for all time.
func (p Period) Days() (from, to time.Time) {
	if p.Span == All {
		return from, to
	}
	from, _ = time.Parse(time.DateOnly, p.From)
	to, _ = time.Parse(time.DateOnly, p.To)
	return from, to
}
