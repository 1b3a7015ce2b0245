package page

import "time"

// Metric is what a board is ordered by.
type Metric string

// The metrics, as in the API.
const (
	ByTokens Metric = "tokens"
	ByCost   Metric = "cost"
	ByOutput Metric = "output"
	ByDays   Metric = "active_days"
	ByStreak Metric = "streak"
)

// Span is the kind of a period.
type Span string

// The spans, as in the API.
const (
	Day    Span = "day"
	Week   Span = "week"
	Month  Span = "month"
	Year   Span = "year"
	All    Span = "all"
	Days7  Span = "7d"
	Days30 Span = "30d"
)

// Period is a span of UTC days on a calendar.
type Period struct {
	Span     Span
	From, To time.Time // first and last day, both inside; zero for All
}

// Board is one page of the leaderboard.
//
// Its links are GET addresses at PathBoard with the parameters period, metric, source, family and cursor. period is a Span for the
// running period or a date in the API's form for any (2026, 2026-11, 2026-W47, 2026-11-23).
type Board struct {
	Period    Period
	Final     bool // the period's lines stand still
	Prev      bool // the board of the period before can be shown
	Metric    Metric
	Source    string    // the tool asked for; empty: all
	Sources   []string  // the tools that can be asked for
	Family    string    // the family of models asked for; empty: all
	Families  []string  // the families that can be asked for
	AsOf      time.Time // up to when it holds everything
	Anybody   bool      // somebody has ever shared something here: without, the page says how to be first
	People    int64     // lines on the whole board
	Everybody *Sum      // all that may be counted in public, for the tape of the first page; nil: not known yet
	Start     int64     // position of the first line on this page; 1 on the first page
	Leader    int64     // amount of the board's first line, in the metric; bars are drawn to it
	Lines     []Line    // of this page, in order; the first three of the first page stand on the podium
	Own       *Line     // of the reader, if it is on this board but not on this page
	Ahead     *Ahead    // who stands before Own
	Next      string    // cursor of the next page; empty: this is the last
	OwnPage   string    // cursor of the page that has the reader's line; empty: no link
}

// Line is one person's line of a board.
type Line struct {
	Rank   int64
	Tied   bool  // shares the rank with somebody
	Before int64 // rank in the period before; NewLine if there was none; 0: not known, nothing is shown
	Handle string
	Sum    Sum
	Days   int    // active days in the period
	Streak int    // days in a row, inside the period
	Model  string // that most tokens went to; empty: not shown
	Spark  Spark  // tokens of each of the last 30 days
	Hidden Hidden
}

// NewLine stands in Line.Before for somebody who had no line in the period before.
const NewLine = -1

// Ahead is the line before the reader's.
type Ahead struct {
	Rank int64
	Gap  int64 // what is missing to it, in the board's metric: tokens, micro-dollars or days
}

// Hidden is what a public account keeps back. The zero value hides nothing.
type Hidden struct{ Cost, Models, Sources, Days bool }
