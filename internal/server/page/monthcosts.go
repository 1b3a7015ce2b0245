package page

import (
	"html/template"
	"time"

	"tokenflex.ing/internal/usage"
)

// costs is the cost of each month of a year.
type costs struct {
	Year int
	Rows []costRow
	Note string
}

type costRow struct {
	Month string
	Bar   template.HTML
	Cost  template.HTML
}

// newCosts adds the months of a year up, from the first with usage. It is nil if there is none.
func newCosts(year int, all []usage.Day, now time.Time) *costs {
	var months [13]Sum
	first, last := 13, 12
	for _, d := range all {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		m := int(at.Month())
		months[m] = months[m].add(d)
		first = min(first, m)
	}
	if first > 12 {
		return nil
	}
	c := &costs{Year: year, Note: "At list price."}
	running := 0
	if year == now.UTC().Year() {
		last = int(now.UTC().Month())
		running = last
		c.Note = "At list price. " + time.Month(running).String() + " is not over."
	}
	most := int64(1)
	for _, m := range months {
		most = max(most, int64(m.Cost))
	}
	for m := first; m <= last; m++ {
		class := "k4"
		if m == running {
			class = "k2"
		}
		c.Rows = append(c.Rows, costRow{time.Month(m).String()[:3], plainBar(class, share(int64(months[m].Cost), most, 1000)), money(months[m], "")})
	}
	return c
}
