package store

import (
	"iter"
	"time"

	"tokenflex.ing/internal/usage"
)

// Tally is what rows add up to.
type Tally struct {
	Rows int64
	Past Past
	Figures
}

// AddUp adds up rows of whole days: of each day all that belong to the tally.
func AddUp(rows iter.Seq[*Row]) Tally {
	type dayFacts struct {
		over time.Time
		late bool
	}
	var t Tally
	days := make(map[string]*dayFacts)
	for r := range rows {
		t.Rows++
		t.Requests += r.Requests
		t.Tokens = t.Tokens.Add(r.Tokens)
		t.Cost = t.Cost.Add(r.Cost)
		if !r.Priced {
			t.Unpriced += r.Tokens.Total()
		}
		day := days[r.Date]
		if day == nil {
			at, _ := time.Parse(time.DateOnly, r.Date) // a row's day is one
			day = &dayFacts{over: at.AddDate(0, 0, 1+PastAfter)}
			days[r.Date] = day
			if t.First == "" || r.Date < t.First {
				t.First = r.Date
			}
		}
		if r.First.Before(day.over) {
			continue
		}
		if !day.late {
			day.late = true
			t.Past.Days++
		}
		t.Past.Tokens += r.Tokens.Total()
	}
	t.ActiveDays = len(days)
	return t
}

// Moved is what t is once the rows of some of its days, which added up to before, add up to now. If its first day was one of
// those and now none of them is left, which day is the first cannot be told, and known is false.
func (t Tally) Moved(before, now Tally) (moved Tally, known bool) {
	if t.First != "" && t.First == before.First && now.First == "" {
		return t, false
	}
	t.Rows += now.Rows - before.Rows
	t.Past.Days += now.Past.Days - before.Past.Days
	t.Past.Tokens += now.Past.Tokens - before.Past.Tokens
	t.Requests += now.Requests - before.Requests
	t.Tokens = usage.Tokens{
		Input:        t.Tokens.Input + now.Tokens.Input - before.Tokens.Input,
		CacheRead:    t.Tokens.CacheRead + now.Tokens.CacheRead - before.Tokens.CacheRead,
		CacheWrite5m: t.Tokens.CacheWrite5m + now.Tokens.CacheWrite5m - before.Tokens.CacheWrite5m,
		CacheWrite1h: t.Tokens.CacheWrite1h + now.Tokens.CacheWrite1h - before.Tokens.CacheWrite1h,
		Output:       t.Tokens.Output + now.Tokens.Output - before.Tokens.Output,
		Reasoning:    t.Tokens.Reasoning + now.Tokens.Reasoning - before.Tokens.Reasoning,
	}
	t.Cost += now.Cost - before.Cost
	t.Unpriced += now.Unpriced - before.Unpriced
	t.ActiveDays += now.ActiveDays - before.ActiveDays
	if t.First == "" || t.First == before.First || now.First != "" && now.First < t.First {
		t.First = now.First
	}
	return t, true
}
