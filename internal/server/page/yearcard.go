package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// yearCard is a year as a punched card: a cell for each day up to the last.
type yearCard struct {
	Year       int
	ActiveDays int
	Tokens     int64
	BestStreak int // days in a row, inside the year
	Busiest    time.Time
	Most       int64 // tokens of the busiest day; 0: the year is empty
	Held       bool  // some cells are days under review
	Halves     []halfYear
	Months     []monthRow

	days map[time.Time]int64
	held map[time.Time]bool
	last time.Time
	cuts [3]int64 // quartiles of the active days: above none, one, two or all three
}

type halfYear struct{ Months, Cells template.HTML }

type monthRow struct {
	Month      time.Month
	ActiveDays int
	Tokens     int64
}

// Name is short, for a table.
func (m monthRow) Name() string { return m.Month.String()[:3] }

// newYearCard draws the days of the year up to now. Days outside it are left out.
func newYearCard(year int, all []usage.Day, held []HeldDay, now time.Time) *yearCard {
	c := &yearCard{Year: year, days: make(map[time.Time]int64), held: make(map[time.Time]bool),
		last: time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)}
	if today := date(now); today.Before(c.last) {
		c.last = today
	}
	for _, d := range all {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err == nil && at.Year() == year {
			c.days[at] += d.Tokens.Total()
		}
	}
	for _, h := range held {
		if at := date(h.Day); at.Year() == year {
			c.held[at], c.Held = true, true
		}
	}
	c.count()
	for half := range 2 {
		c.Halves = append(c.Halves, halfYear{c.months(half), c.cells(half)})
	}
	return c
}

// count fills in everything that is a number.
func (c *yearCard) count() {
	var active []int64
	run := 0
	for at := c.first(); !at.After(c.last); at = at.AddDate(0, 0, 1) {
		n := c.days[at]
		if at.Day() == 1 {
			c.Months = append(c.Months, monthRow{Month: at.Month()})
		}
		if n == 0 {
			run = 0
			continue
		}
		run++
		m := &c.Months[len(c.Months)-1]
		m.ActiveDays++
		m.Tokens += n
		c.ActiveDays++
		c.Tokens += n
		c.BestStreak = max(c.BestStreak, run)
		if n > c.Most {
			c.Most, c.Busiest = n, at
		}
		active = append(active, n)
	}
	slices.Sort(active)
	for i := range c.cuts {
		if len(active) > 0 {
			c.cuts[i] = active[len(active)*(i+1)/4]
		}
	}
}

func (c *yearCard) first() time.Time { return time.Date(c.Year, 1, 1, 0, 0, 0, 0, time.UTC) }

// halfWeeks is how many weeks one half of the card has. The first half has one less and leaves the last column free.
const halfWeeks = 27

// column returns the half and the column in it that a day stands in: a column for each week, Monday on top.
func (c *yearCard) column(at time.Time) (half, column int) {
	column = (days(c.first(), at) + weekday(c.first())) / 7
	if column < halfWeeks-1 {
		return 0, column
	}
	return 1, column - (halfWeeks - 1)
}

// months writes the names of the months above the columns that they begin in.
func (c *yearCard) months(half int) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="months" aria-hidden="true">`)
	for m := time.January; m <= time.December; m++ {
		h, column := c.column(time.Date(c.Year, m, 1, 0, 0, 0, 0, time.UTC))
		if h == half {
			fmt.Fprintf(&b, `<text x="%.2f%%" y=".75rem">%s</text>`, float64(column)/halfWeeks*100, m.String()[:3])
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// cells draws the days of one half.
func (c *yearCard) cells(half int) template.HTML {
	const wide, high = 12, 14
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="heat" viewBox="0 0 %d %d" aria-hidden="true">`, halfWeeks*wide, 7*high)
	for at := c.first(); !at.After(c.last); at = at.AddDate(0, 0, 1) {
		h, column := c.column(at)
		if h != half {
			continue
		}
		fmt.Fprintf(&b, `<rect%s x="%d" y="%d" width="%d" height="%d"`, classAttr(c.class(at)), column*wide+1, weekday(at)*high+1, wide-2, high-2)
		if t := c.hint(at); t != "" {
			fmt.Fprintf(&b, `><title>%s</title></rect>`, t)
		} else {
			b.WriteString(`/>`)
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// weekday counts from Monday, which is 0.
func weekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

// class is the colour of a day: its quartile among the active days, the busiest outlined, those under review dashed.
func (c *yearCard) class(at time.Time) string {
	n := c.days[at]
	class := ""
	switch {
	case c.held[at]:
		class = "ah"
	case n > 0:
		level := 1
		for _, cut := range c.cuts {
			if n > cut {
				level++
			}
		}
		class = fmt.Sprintf("a%d", level)
	}
	if n > 0 && at.Equal(c.Busiest) {
		class += " best"
	}
	return class
}

// hint is the title of the cells that the key names.
func (c *yearCard) hint(at time.Time) string {
	switch {
	case c.held[at]:
		return at.Format("Mon 2 Jan") + ": under review"
	case c.Most > 0 && at.Equal(c.Busiest):
		return at.Format("Mon 2 Jan") + ": " + exact(c.Most) + " tokens"
	}
	return ""
}

// BusiestWords names the busiest day for the key.
func (c *yearCard) BusiestWords() string { return c.Busiest.Format("Mon 2 Jan") + ", " + words(c.Most) }

// BusiestMonth returns the month with most tokens.
func (c *yearCard) BusiestMonth() monthRow {
	var best monthRow
	for _, m := range c.Months {
		if m.Tokens > best.Tokens {
			best = m
		}
	}
	return best
}
