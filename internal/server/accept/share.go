package accept

import (
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
)

// How much of a board one account may be before its days wait.
const (
	ShareUsers   = 50 // others on the board, or there is no crowd to speak of
	SharePercent = 25 // of all tokens on the board
	ShareTimes   = 20 // times what a thousandth of the others exceed
)

// Others are what the other accounts have on the board of the last store.RollingDays days.
type Others struct {
	Users  int
	Tokens int64
	Top    int64 // of the one whom a thousandth of them exceed
}

// line is the most that one more account may have beside them.
func (o Others) line() int64 {
	const rest = 100 - SharePercent
	return min(o.Tokens/rest*SharePercent+o.Tokens%rest*SharePercent/rest, o.Top*ShareTimes)
}

// judgeShare holds what is left when one account would make up the board. Its days count in their order as far as the line; which
// those are does not depend on what came in which upload.
func (j *judge) judgeShare(today string) {
	if j.lines.Others == nil {
		return
	}
	last, err := time.Parse(time.DateOnly, today)
	own := j.rolling(today)
	others := j.lines.Others(own)
	line, counted := others.line(), int64(0)
	if err != nil || others.Users < ShareUsers || own <= line {
		return
	}
	for i := range store.RollingDays {
		date := last.AddDate(0, 0, 1+i-store.RollingDays).Format(time.DateOnly)
		if _, t := j.total(date); counted+t <= line {
			counted += t
		} else if d := j.day(date); d != nil {
			for i := range d.cells {
				j.hold(date, d.cells[i].source, "share", line, own)
			}
		}
	}
}

// day is what was reported for a date; nil for nothing.
func (j *judge) day(date string) *dayFacts {
	i, found := slices.BinarySearchFunc(j.days, date, func(d dayFacts, date string) int { return strings.Compare(d.date, date) })
	if !found {
		return nil
	}
	return &j.days[i]
}
