package accept

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// ErrImpossible refuses an upload after which a day would be more than anybody can use.
type ErrImpossible struct {
	Day, Source string // Source is empty if the line is drawn over all of them
	Detail      string
}

func (e *ErrImpossible) Error() string { return fmt.Sprintf("%s %s: %s", e.Day, e.Source, e.Detail) }

// Judge returns which cells of the days wait for review, or *ErrImpossible. Lines are drawn over all devices, models and
// uploads together, so that splitting evades none. Each cell is held for the first line that it passed.
func (l Lines) Judge(r store.Review) ([]store.Hold, error) {
	j := judge{lines: l, days: make(map[string]*dayFacts), held: make(map[[2]string]store.Hold)}
	for i := range r.Rows {
		j.add(&r.Rows[i])
	}
	totals := make(map[string]int64, len(r.Before)+len(j.days))
	for _, b := range r.Before {
		totals[b.Day] = b.Tokens
	}
	for date, d := range j.days {
		totals[date] = d.sum.Tokens.Total()
	}
	for _, date := range sortedKeys(j.days) {
		if err := j.judgeDay(date, rolling(date, totals)); err != nil {
			return nil, err
		}
		j.judgeShape(date, j.days[date], totals)
	}
	j.judgeShare(j.lines.Today, totals)
	if err := j.judgeAccount(r); err != nil {
		return nil, err
	}
	return j.holds(), nil
}

// dayFacts is all that an account reported for one date.
type dayFacts struct {
	sum     usage.Day
	models  map[string]bool
	sources map[string]*usage.Day
	rows    []*store.Row
}

type judge struct {
	lines Lines
	days  map[string]*dayFacts
	held  map[[2]string]store.Hold
}

func (j *judge) add(d *store.Row) {
	f := j.days[d.Date]
	if f == nil {
		f = &dayFacts{models: make(map[string]bool), sources: make(map[string]*usage.Day)}
		j.days[d.Date] = f
	}
	s := f.sources[d.Source]
	if s == nil {
		s = &usage.Day{Key: usage.Key{Date: d.Date, Source: d.Source}}
		f.sources[d.Source] = s
	}
	for _, sum := range []*usage.Day{&f.sum, s} {
		sum.Requests += d.Requests
		sum.Tokens = sum.Tokens.Add(d.Tokens)
		if d.Priced {
			sum.Cost = sum.Cost.Add(d.Cost)
		}
	}
	f.models[d.Model] = true
	f.rows = append(f.rows, d)
}

func (j *judge) judgeDay(date string, month int64) error {
	f := j.days[date]
	t, sources := f.sum.Tokens, sortedKeys(f.sources)
	for _, source := range sources {
		if err := j.judgeSource(date, source, f); err != nil {
			return err
		}
	}
	for _, c := range [...]check{
		{"user-day", "tokens of one account a day", t.Total(), j.lines.UserDay},
		{"user-month", monthTokens, month, j.lines.UserMonth},
		{"fresh-input", "uncached input and cache writes a day", t.Input + t.CacheWrite(), j.lines.FreshDay},
		{"requests", "requests a day", f.sum.Requests, j.lines.RequestsDay},
		{"cost", "micro-dollars a day", int64(f.sum.Cost), j.lines.CostDay},
		{"models", "different models a day", int64(len(f.models)), j.lines.ModelsDay},
	} {
		if err := j.draw(c, date, "", sources); err != nil {
			return err
		}
	}
	dear, by := j.dear(f)
	return j.draw(check{"dear", "micro-dollars a day of models that cost most", int64(dear), j.lines.DearDay}, date, "", by)
}

func (j *judge) judgeSource(date, source string, f *dayFacts) error {
	s, tool := f.sources[source], f.tool(source)
	for _, c := range [...]check{
		{"source-day", "tokens of one tool a day", tool.Total(), j.lines.OfSource(source)},
		{"output-day", "output tokens of one tool a day", tool.Output, j.lines.OutputDay},
	} {
		if err := j.draw(c, date, source, []string{source}); err != nil {
			return err
		}
	}
	// Tools that only know a session's sum report no requests. Those with a line of their own are known to count them.
	if _, counts := j.lines.SourceDay[source]; counts && s.Requests == 0 && s.Tokens.Total() > UncountedTokens {
		j.hold(date, source, "no-requests", UncountedTokens, s.Tokens.Total())
	}
	for _, row := range f.rows {
		if row.Source == source {
			j.judgeRow(row)
		}
	}
	return nil
}

// tool sums the tokens of a source and of the other names of its tool.
func (f *dayFacts) tool(source string) usage.Tokens {
	sum := f.sources[source].Tokens
	for _, other := range toolNames[source] {
		if s := f.sources[other]; s != nil && other != source {
			sum = sum.Add(s.Tokens)
		}
	}
	return sum
}

func (j *judge) judgeRow(row *store.Row) {
	for i := range perRequest {
		l := &perRequest[i]
		review := l.review(row.Model)
		if value := l.of(&row.Tokens); row.Requests > 0 && value > review*row.Requests {
			j.hold(row.Date, row.Source, l.reason, review, value/row.Requests)
		}
	}
	j.judgeModel(row)
}

var monthTokens = fmt.Sprintf("tokens of one account in %d days", store.RollingDays)

// check is one line and what is held against it.
type check struct {
	reason, what string
	value        int64
	line         Line
}

func (j *judge) draw(c check, date, source string, cells []string) error {
	if c.value > c.line.Impossible {
		return &ErrImpossible{date, source, fmt.Sprintf("%s above %d", c.what, c.line.Impossible)}
	}
	if c.value <= c.line.Review {
		return nil
	}
	for _, cell := range cells {
		j.hold(date, cell, c.reason, c.line.Review, c.value)
	}
	return nil
}

func (j *judge) hold(date, source, reason string, line, value int64) {
	k := [2]string{date, source}
	if _, already := j.held[k]; !already {
		j.held[k] = store.Hold{Day: date, Source: source, Reason: reason, Line: line, Value: value}
	}
}

func (j *judge) holds() []store.Hold {
	var all []store.Hold
	for _, h := range j.held {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b store.Hold) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Source, b.Source)) })
	return all
}

// rolling sums the days up to a date that store.RollingDays reaches back to.
func rolling(date string, totals map[string]int64) int64 {
	last, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	var sum int64
	from := last.AddDate(0, 0, 1-store.RollingDays).Format(time.DateOnly)
	for day, n := range totals {
		if from <= day && day <= date {
			sum += n
		}
	}
	return sum
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
