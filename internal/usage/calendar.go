package usage

import "time"

// Calendar names the days of moments in one zone. It is quick where moments of one day follow each other.
type Calendar struct {
	zone  *time.Location
	year  int
	month time.Month
	day   int
	date  string
}

// NewCalendar returns the calendar of a zone.
func NewCalendar(zone *time.Location) *Calendar { return &Calendar{zone: zone} }

// Date is the day that a moment lies in, YYYY-MM-DD.
func (c *Calendar) Date(t time.Time) string {
	t = t.In(c.zone)
	year, month, day := t.Date()
	if c.date == "" || day != c.day || month != c.month || year != c.year {
		c.year, c.month, c.day, c.date = year, month, day, t.Format(time.DateOnly)
	}
	return c.date
}

// Key returns the day that a cell belongs to.
func (c *Calendar) Key(of *Cell) Key {
	return Key{Date: c.Date(of.Start), Source: of.Source, Model: of.Model, Band: of.Band, Tier: of.Tier}
}
