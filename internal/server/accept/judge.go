package accept

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/server/store"
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
	j := judge{lines: &l, days: factsOf(r.Rows)}
	j.totals = totalsOf(r.Before, j.days)
	for i := range j.days {
		d := &j.days[i]
		if err := j.judgeDay(d); err != nil {
			return nil, err
		}
		j.judgeShape(d)
	}
	j.judgeShare(j.lines.Today)
	if err := j.judgeAccount(&r); err != nil {
		return nil, err
	}
	return j.holds(), nil
}

type judge struct {
	lines  *Lines
	days   []dayFacts       // rising
	totals []store.DayTotal // of these and of those before, rising
	held   map[[2]string]store.Hold
}

// totalsOf are the tokens of each day, as the facts have them and otherwise as was told before.
func totalsOf(before []store.DayTotal, days []dayFacts) []store.DayTotal {
	all := make([]store.DayTotal, 0, len(before)+len(days))
	all = append(all, before...)
	for i := range days {
		all = append(all, store.DayTotal{Day: days[i].date, Tokens: days[i].tokens.Total()})
	}
	rising := func(a, b store.DayTotal) int { return strings.Compare(a.Day, b.Day) }
	if !slices.IsSortedFunc(all, rising) {
		slices.SortStableFunc(all, rising)
	}
	n := 0
	for i := range all { // of a day that comes twice the last says what it has
		if n > 0 && all[n-1].Day == all[i].Day {
			n--
		}
		all[n] = all[i]
		n++
	}
	return all[:n]
}

func (j *judge) judgeDay(d *dayFacts) error {
	for i := range d.cells {
		if err := j.judgeSource(d, &d.cells[i]); err != nil {
			return err
		}
	}
	t := &d.tokens
	for _, c := range [...]check{
		{"user-day", "tokens of one account a day", t.Total(), j.lines.UserDay},
		{"user-month", monthTokens, j.rolling(d.date), j.lines.UserMonth},
		{"fresh-input", "uncached input and cache writes a day", t.Input + t.CacheWrite(), j.lines.FreshDay},
		{"requests", "requests a day", d.requests, j.lines.RequestsDay},
		{"cost", "micro-dollars a day", int64(d.cost), j.lines.CostDay},
		{"models", "different models a day", models(d.rows), j.lines.ModelsDay},
	} {
		passed, err := c.passed(d.date, "")
		if err != nil {
			return err
		}
		for i := range d.cells {
			if passed {
				j.holdFor(&c, d.date, d.cells[i].source)
			}
		}
	}
	return j.judgeDear(d)
}

func (j *judge) judgeSource(d *dayFacts, s *cellFacts) error {
	tool := d.tool(s)
	for _, c := range [...]check{
		{"source-day", "tokens of one tool a day", tool.Total(), j.lines.OfSource(s.source)},
		{"output-day", "output tokens of one tool a day", tool.Output, j.lines.OutputDay},
	} {
		passed, err := c.passed(d.date, s.source)
		if err != nil {
			return err
		}
		if passed {
			j.holdFor(&c, d.date, s.source)
		}
	}
	// Tools that only know a session's sum report no requests. Those with a line of their own are known to count them.
	if s.requests == 0 && s.tokens.Total() > UncountedTokens {
		if _, counts := j.lines.SourceDay[s.source]; counts {
			j.hold(d.date, s.source, "no-requests", UncountedTokens, s.tokens.Total())
		}
	}
	maker := makers[s.source]
	for _, row := range s.rows {
		j.judgeRow(row, maker)
	}
	return nil
}

func (j *judge) judgeRow(row *store.Row, maker string) {
	for i := range perRequest {
		l := &perRequest[i]
		value := l.of(&row.Tokens)
		if row.Requests <= 0 || value <= l.least*row.Requests { // of whichever model
			continue
		}
		if review := l.review(row.Model); value > review*row.Requests {
			j.hold(row.Date, row.Source, l.reason, review, value/row.Requests)
		}
	}
	j.judgeModel(row, maker)
}

var monthTokens = fmt.Sprintf("tokens of one account in %d days", store.RollingDays)

// check is one line and what is held against it.
type check struct {
	reason, what string
	value        int64
	line         Line
}

// passed reports whether a cell waits for the line. It returns *ErrImpossible where an upload is refused.
func (c *check) passed(date, source string) (bool, error) {
	if c.value > c.line.Impossible {
		return false, &ErrImpossible{date, source, fmt.Sprintf("%s above %d", c.what, c.line.Impossible)}
	}
	return c.value > c.line.Review, nil
}

func (j *judge) holdFor(c *check, date, source string) {
	j.hold(date, source, c.reason, c.line.Review, c.value)
}

func (j *judge) hold(date, source, reason string, line, value int64) {
	k := [2]string{date, source}
	if j.held == nil {
		j.held = make(map[[2]string]store.Hold)
	}
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
func (j *judge) rolling(date string) int64 {
	last, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	var sum int64
	from := last.AddDate(0, 0, 1-store.RollingDays).Format(time.DateOnly)
	at, _ := j.total(from)
	for _, t := range j.totals[at:] {
		if t.Day > date {
			break
		}
		sum += t.Tokens
	}
	return sum
}

// total finds a day among the totals: its place, or where it would be, and its tokens.
func (j *judge) total(date string) (at int, tokens int64) {
	at, found := slices.BinarySearchFunc(j.totals, date, func(t store.DayTotal, date string) int { return strings.Compare(t.Day, date) })
	if found {
		tokens = j.totals[at].Tokens
	}
	return at, tokens
}
