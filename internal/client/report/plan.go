package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Plan is a flat price that is paid every month for what some tools use.
type Plan struct {
	Name        string
	Price       usage.Money // a month
	Sources     []string    // ids; empty is every tool
	From, Until string      // days in the first and the last month it is paid for, YYYY-MM-DD; "" is open
}

// PlanMonth is what a plan cost in one calendar month, and what was used under it at the prices of the book.
type PlanMonth struct {
	Name  string
	Month string // YYYY-MM
	Paid  usage.Money
	Used  Sums
}

// covers reports whether the plan was paid for in a month.
func (p Plan) covers(month string) bool {
	return (p.From == "" || p.From[:len("2006-01")] <= month) && (p.Until == "" || month <= p.Until[:len("2006-01")])
}

// planMonths compares plans with whole months of use, oldest month first. A month that the options show only a part of is left
// out, and so is everything where only some sources, models or projects are shown: the price is of all of it.
func planMonths(days []usage.Day, o Options, months []string) []PlanMonth {
	if len(o.Sources)+len(o.Models)+len(o.Projects) > 0 {
		return nil
	}
	var all []PlanMonth
	for _, month := range months {
		if !o.whole(month) {
			continue
		}
		for _, p := range o.Plans {
			if p.covers(month) {
				all = append(all, p.in(month, days))
			}
		}
	}
	return all
}

func (p Plan) in(month string, days []usage.Day) PlanMonth {
	m := PlanMonth{Name: p.Name, Month: month, Paid: p.Price}
	for _, d := range days {
		if d.Date[:len("2006-01")] == month && (len(p.Sources) == 0 || slices.Contains(p.Sources, d.Source)) {
			m.Used = m.Used.Add(SumOf(d))
		}
	}
	return m
}

// whole reports whether the options show a month from its first day on, to its last or as far as it has come.
func (o Options) whole(month string) bool {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return false
	}
	last := first.AddDate(0, 1, -1).Format(time.DateOnly)
	return (o.Since == "" || o.Since <= first.Format(time.DateOnly)) && (o.Until == "" || o.Until >= min(last, back(o.Now.In(o.Zone), 0)))
}

// monthsOf are the months that have use, the oldest first.
func monthsOf(days []usage.Day) []string {
	var months []string
	for _, d := range days {
		months = append(months, d.Date[:len("2006-01")])
	}
	slices.Sort(months)
	return slices.Compact(months)
}
