package store

import (
	"fmt"
	"time"
)

// Metric is what a board is ordered by.
type Metric string

// The metrics.
const (
	ByTokens Metric = "tokens"
	ByCost   Metric = "cost" // micro-dollars
	ByOutput Metric = "output"
)

// Board names one board: a period, one source or all, and a metric.
type Board struct {
	Period string // as Periods names them
	Source string // empty: all
	Metric Metric
}

// Mark is a place in a board's order: greater values first, then later accounts first.
type Mark struct{ Value, User int64 }

// Line is one account's place on a board.
type Line struct {
	User   int64
	Handle string
	Value  int64 // of the metric
	Figures
}

// Mark returns where the line stands.
func (l Line) Mark() Mark { return Mark{l.Value, l.User} }

// Crowd is a board's sum, apart for those who are shown by name and those who are only counted.
type Crowd struct {
	Public, Aggregate           Figures
	PublicUsers, AggregateUsers int64
}

// Share is a user's tokens by one thing: a day, or a model.
type Share struct {
	User   int64
	Of     string
	Tokens int64
}

// Period is a span of UTC days that boards are kept for.
type Period struct{ Name, From, To string }

// Always is the period of all time.
var Always = Period{"all", "0001-01-01", "9999-12-31"}

// Periods returns the periods that a day belongs to: its date, ISO week, month, year and all time.
func Periods(day time.Time) []Period {
	y, m, d := day.Date()
	day = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	week := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	isoYear, isoWeek := day.ISOWeek()
	month := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return []Period{
		span(day.Format(time.DateOnly), day, day),
		span(fmt.Sprintf("%04d-W%02d", isoYear, isoWeek), week, week.AddDate(0, 0, 6)),
		span(day.Format("2006-01"), month, month.AddDate(0, 1, -1)),
		span(day.Format("2006"), time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC)),
		Always,
	}
}

func span(name string, from, to time.Time) Period {
	return Period{name, from.Format(time.DateOnly), to.Format(time.DateOnly)}
}
