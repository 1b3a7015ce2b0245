package page

import (
	"time"

	"tokenflex.ing/internal/card"
)

// Figure is what a badge tells.
type Figure string

// The figures, as in the address of a badge. FigureRank is the place on the board by tokens.
const (
	FigureRank   Figure = "rank"
	FigureTokens Figure = "tokens"
	FigureCost   Figure = "cost"
	FigureStreak Figure = "streak"
)

// ParseFigure returns the figure of that name, and whether there is one.
func ParseFigure(name string) (Figure, bool) {
	switch f := Figure(name); f {
	case FigureRank, FigureTokens, FigureCost, FigureStreak:
		return f, true
	}
	return "", false
}

// Badge is one figure of a public account, for a page elsewhere.
type Badge struct {
	Figure   Figure
	Period   Period
	Missing  bool      // nobody shows anything by that name
	Standing *Standing // in the period; nil: on no board
	Sum      Sum       // of the period
	Streak   int       // days in a row up to today or yesterday
	Hidden   Hidden
}

// SVG draws the badge.
func (v Badge) SVG(now time.Time) []byte {
	b := card.Badge{Label: "tokens" + v.Period.during(now)}
	var nothing string
	b.Value, nothing = v.value()
	switch {
	case v.Missing:
		b.Label = "tokens"
	case v.Figure == FigureCost:
		b.Label += ", list price"
	case v.Figure == FigureStreak:
		b.Label = "token streak"
	}
	if nothing != "" {
		b.Value, b.Quiet = nothing, true
	}
	return b.SVG()
}

// value is the figure, or why there is none.
func (v Badge) value() (value, nothing string) {
	switch {
	case v.Missing:
		return "", "not found"
	case v.Figure == FigureStreak && v.Hidden.Days, v.Figure == FigureCost && v.Hidden.Cost:
		return "", "not shown"
	case v.Figure == FigureStreak:
		return count(int64(v.Streak), "day", "days"), ""
	case v.Standing == nil:
		return "", "none yet"
	case v.Figure == FigureCost:
		return moneyWords(v.Sum), ""
	case v.Figure == FigureRank:
		return "#" + v.Standing.place() + " of " + exact(v.Standing.Of), ""
	}
	return words(v.Standing.Tokens), ""
}

// place is the rank as boards print it: with a mark where it is shared.
func (s Standing) place() string {
	if s.Tied {
		return exact(s.Rank) + "="
	}
	return exact(s.Rank)
}

// during names the period behind a noun: " in Nov".
func (p Period) during(now time.Time) string {
	switch p.Span {
	case Day:
		return " on " + dayWords(p.From, now)
	case Week:
		return " in " + p.title()
	case Month:
		if p.From.Year() == now.UTC().Year() {
			return " in " + p.From.Format("Jan")
		}
		return " in " + p.From.Format("Jan 2006")
	case Year:
		return " in " + p.title()
	case Days7:
		return " in 7 days"
	case Days30:
		return " in 30 days"
	}
	return ", all time"
}
