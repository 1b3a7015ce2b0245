package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Overview is what the command without a name shows.
type Overview struct {
	*Report           // a row a source, over everything the options are about
	Windows []Window  // today, 7 days, 30 days, all time
	Strip   []DayUsed // the last StripDays days, oldest first, days without use too
	Sources []Row     // of the last 30 days; one label
	Models  []Row     // of the last 30 days; one label
	// Window30 is what Sources and Models add up to.
	Window30 Sums
	// Sync, Expiring and Looked are for the caller to set.
	Sync     Sync
	Expiring []Expiring
	Looked   int    // how many tools were looked for
	Home     string // where
}

// StripDays is how many days the strip has.
const StripDays = 60

// Window is a span of days that ends today.
type Window struct {
	Name  string // "today", "7 days", "30 days", "all time"
	Since string // "" for all time
	Sums
	// Before is what was used in as many days before it; nothing for today and all time.
	Before Sums
}

// DayUsed is a day's tokens.
type DayUsed struct {
	Date   string
	Tokens int64
}

// Sync is what this machine knows of its own syncing.
type Sync struct {
	SignedIn   bool
	Site       string // host
	Handle     string // without the @
	Visibility string // private, aggregate, public; or "" if not known
	At         time.Time
	Next       time.Time // zero if nothing is planned
}

// NewOverview makes the overview out of cells. The options' own kind, labels, order and limit are not used.
func NewOverview(cells []usage.Cell, prices Prices, o Options) *Overview {
	o.Kind, o.By, o.Sort, o.Limit = KindOverview, nil, Sort{}, 0
	r, days := build(cells, prices, o)
	v := &Overview{Report: r}
	now := o.Now.In(o.Zone)
	r.Plans = planMonths(days, o, []string{now.Format("2006-01")})
	for _, w := range []struct {
		name string
		days int
	}{{"today", 1}, {"7 days", 7}, {"30 days", 30}, {"all time", 0}} {
		v.Windows = append(v.Windows, window(days, now, w.name, w.days))
	}
	v.Strip = strip(days, now)
	recent := slices.DeleteFunc(days, func(d usage.Day) bool { return d.Date < back(now, 29) || d.Date > back(now, 0) })
	sources := rank(recent, KindOverview)
	v.Sources, v.Window30, v.Models = sources.Rows, sources.Totals, rank(recent, Models).Rows
	return v
}

// rank adds priced days up by the one label of a report.
func rank(days []usage.Day, kind Kind) *Report {
	g := grouper{Report: &Report{Options: Options{Kind: kind}, Labels: kind.labels(nil)}}
	g.group(wholeDays(days))
	return g.Report
}

func window(all []usage.Day, now time.Time, name string, n int) Window {
	w := Window{Name: name}
	today, before := back(now, 0), back(now, 2*n-1)
	if n > 0 {
		w.Since = back(now, n-1)
	}
	for _, d := range all {
		switch {
		case n == 0:
			w.Sums = w.Sums.Add(SumOf(d))
		case d.Date >= w.Since && d.Date <= today:
			w.Sums = w.Sums.Add(SumOf(d))
		case n > 1 && d.Date >= before && d.Date < w.Since:
			w.Before = w.Before.Add(SumOf(d))
		}
	}
	return w
}

func strip(all []usage.Day, now time.Time) []DayUsed {
	tokens := make(map[string]usage.Tokens)
	for _, d := range all {
		tokens[d.Date] = tokens[d.Date].Add(d.Tokens)
	}
	used := make([]DayUsed, StripDays)
	for i := range used {
		date := back(now, StripDays-1-i)
		used[i] = DayUsed{date, tokens[date].Total()}
	}
	return used
}

// Expiring is usage that a tool is about to delete.
type Expiring struct {
	Source string
	Tokens int64
	Days   int  // until the last of it is gone; 0 is today
	Kept   bool // the ledger holds it; for the caller to set
}

// expiresWithin is how many days ahead a deletion is worth a line.
const expiresWithin = 7

// Expire says what tools will delete within a week, by the number of days that each keeps its files. A session is deleted as a whole, that
// many days after it was last used, and one that was not used since it was synced is safe.
func Expire(cells []usage.Cell, keeps map[string]int, now, synced time.Time) []Expiring {
	type session struct{ source, id string }
	last := make(map[session]time.Time) // use of the sessions that may be meant
	days := func(c *usage.Cell, at time.Time) int { return keeps[c.Source] - int(now.Sub(at)/(24*time.Hour)) }
	soon := func(n int) bool { return n >= 0 && n <= expiresWithin }
	kept := func(yield func(*usage.Cell) bool) { // cells of tools that delete
		source, deletes := "", false
		for i := range cells {
			c := &cells[i]
			if c.Source != source || i == 0 {
				source, deletes = c.Source, keeps[c.Source] > 0
			}
			if deletes && !yield(c) {
				return
			}
		}
	}
	for c := range kept {
		if c.Session != "" && soon(days(c, c.Last)) {
			last[session{c.Source, c.Session}] = c.Last
		}
	}
	for c := range kept {
		if c.Session == "" || days(c, c.Last) < 0 {
			continue // there is no later use than those above
		}
		if at, ok := last[session{c.Source, c.Session}]; ok && c.Last.After(at) {
			last[session{c.Source, c.Session}] = c.Last
		}
	}
	for s, at := range last {
		if !soon(keeps[s.source]-int(now.Sub(at)/(24*time.Hour))) || !at.After(synced) {
			delete(last, s)
		}
	}
	tokens, within := make(map[string]usage.Tokens), make(map[string]int)
	for c := range kept {
		at, ok := c.Last, c.Session == "" && soon(days(c, c.Last)) && c.Last.After(synced)
		if c.Session != "" && len(last) > 0 {
			at, ok = last[session{c.Source, c.Session}]
		}
		if ok {
			within[c.Source] = max(within[c.Source], days(c, at))
			tokens[c.Source] = tokens[c.Source].Add(c.Tokens)
		}
	}
	totals := make(map[string]int64)
	for source, t := range tokens {
		totals[source] = t.Total()
	}
	var all []Expiring
	for _, source := range mostFirst(totals) {
		all = append(all, Expiring{Source: source, Tokens: totals[source], Days: within[source]})
	}
	return all
}
