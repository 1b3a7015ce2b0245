package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Metric is what a board is ordered by.
type Metric string

// The metrics.
const (
	ByTokens     Metric = "tokens"
	ByCost       Metric = "cost" // micro-dollars
	ByOutput     Metric = "output"
	ByActiveDays Metric = "active_days"
	ByStreak     Metric = "streak" // days in a row, inside the period
)

// Metrics lists every metric.
var Metrics = []Metric{ByTokens, ByCost, ByOutput, ByActiveDays, ByStreak}

// Board names one board: a period, one source or all, one family of models or all, and a metric.
type Board struct {
	Period string // as Periods names them
	Source string // empty: all
	Family string // empty: all
	Metric Metric
}

// Mark is a place in a board's order: greater values first, then later accounts first.
type Mark struct{ Value, User int64 }

// Compare orders marks as a board does.
func (m Mark) Compare(o Mark) int {
	return cmp.Or(cmp.Compare(o.Value, m.Value), cmp.Compare(o.User, m.User))
}

// Line is one account's place on a board.
type Line struct {
	User   int64
	Handle string
	Value  int64  // of the metric
	Hidden Hidden // what the account keeps back; the figures that tell it are zero
	Streak int    // days in a row, inside the period
	Figures
}

// Mark returns where the line stands.
func (l Line) Mark() Mark { return Mark{l.Value, l.User} }

// Crowd is a board's sum, apart for those who are shown by name and those who are only counted. The costs of public
// accounts that hide them are left out.
type Crowd struct{ Public, Aggregate Part }

// Part is one side of a crowd.
type Part struct {
	Users   int64
	Largest int64 // tokens of the one with most
	Figures
}

// Slice is what everybody who may be counted used of one source, of one family, or of all. Nobody adds more to it than the
// one does whom only a thousandth exceed.
type Slice struct {
	Source, Family string
	Users          int64
	Largest        int64 // tokens of the one with most
	Tokens         int64
	Cost           usage.Money // of those who show it
	// Of Users those in aggregate mode, with their sum and the most that one of them has.
	Aggregate, AggregateTokens, AggregateLargest int64
}

// Winsor is the share of a slice's accounts that what each adds is cut down to.
const Winsor = 0.999

// Behind is what lines do not hold yet: changes of so many accounts, FreshWithin+1 for any more, the oldest of which came then.
type Behind struct {
	Accounts int
	Since    time.Time // zero: they hold everything
}

// Page is a part of a board.
type Page struct {
	Lines  []Line // in order
	Own    []Line // that of the user who was asked for, if it is on the board
	Behind        // what they do not hold yet
}

// BesideAsk is what to read beside lines: models by the tokens of some days, which are those of the lines; tokens by day of others,
// and places on the same board of another period. What has no name is left out.
type BesideAsk struct {
	Models Period
	Days   Period
	Before string
	Names  bool // how the accounts call themselves
}

// Beside is what is shown beside lines.
type Beside struct {
	Models []Share           // of those who show their models
	Days   map[int64][]int64 // by user, of those who show their days: tokens of each day that was asked for, the first one first
	Before []Mark            // of those who have a line there
	Names  map[int64]string  // by user, of those who gave one
}

// Share is a user's tokens by one thing, such as a model.
type Share struct {
	User   int64
	Of     string
	Tokens int64
}

// Period is a span of UTC days that boards are kept for.
type Period struct{ Name, From, To string }

// Dates numbers the days of the period from 0 on.
func (p Period) Dates() map[string]int {
	at := make(map[string]int)
	first, err1 := time.Parse(time.DateOnly, p.From)
	last, err2 := time.Parse(time.DateOnly, p.To)
	for day := first; err1 == nil && err2 == nil && !day.After(last); day = day.AddDate(0, 0, 1) {
		at[day.Format(time.DateOnly)] = len(at)
	}
	return at
}

// Always is the period of all time.
var Always = Period{"all", "0001-01-01", "9999-12-31"}

// Periods returns the periods of the calendar that a day belongs to: its date, ISO week, month, year and all time.
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

// Rolling returns the periods that end with a day and move on with it: the last seven days and the last thirty.
func Rolling(today time.Time) []Period {
	y, m, d := today.UTC().Date()
	last := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return []Period{span("7d", last.AddDate(0, 0, -6), last), span("30d", last.AddDate(0, 0, -29), last)}
}

// ClosedAfter is how long after its last day a period takes what comes late: two days. Then its lines stand still.
const ClosedAfter = 2

// Closed reports whether lines of a period that ends with the day stand still at that time.
func Closed(last string, at time.Time) bool {
	return last <= at.UTC().AddDate(0, 0, -1-ClosedAfter).Format(time.DateOnly)
}

// LateAfter is how many days after its day a cell is late. Late days make no streak.
const LateAfter = 45

// WholeMonths reports whether the days are all of some months.
func WholeMonths(from, to string) bool {
	if from == Always.From && to == Always.To {
		return true
	}
	last, err := time.Parse(time.DateOnly, to)
	return err == nil && len(from) == len(time.DateOnly) && from[8:] == "01" && last.AddDate(0, 0, 1).Day() == 1
}

// BoardParts splits the (source, family) pairs of a board into the sources and the families that it can be filtered by.
func BoardParts(pairs [][2]string) (sources, families []string) {
	for _, p := range pairs {
		if p[0] != "" && p[1] == "" {
			sources = append(sources, p[0])
		}
		if p[1] != "" && p[0] == "" {
			families = append(families, p[1])
		}
	}
	slices.Sort(sources)
	slices.Sort(families)
	return sources, families
}

func span(name string, from, to time.Time) Period {
	return Period{name, from.Format(time.DateOnly), to.Format(time.DateOnly)}
}
