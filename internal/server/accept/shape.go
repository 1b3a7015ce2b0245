package accept

import (
	"fmt"
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// judgeAccount draws the lines that are about the account as a whole. What it holds is of the judged days alone.
func (j *judge) judgeAccount(r store.Review) error {
	for _, c := range []check{
		{"devices", "devices of one account", int64(len(r.Devices)), j.lines.Devices},
		{"rows", "stored rows of one account", r.Stored, j.lines.Rows},
		{"past", "past days of one account", r.Past.Days, j.lines.PastDays},
		{"past", "tokens of past days of one account", r.Past.Tokens, j.lines.PastTokens},
	} {
		if c.value > c.line.Impossible {
			return &ErrImpossible{r.From, "", fmt.Sprintf("%s above %d", c.what, c.line.Impossible)}
		}
		if c.value <= c.line.Review {
			continue
		}
		for _, row := range r.Rows {
			if j.blames(c.reason, row, r) {
				j.hold(row.Date, row.Source, c.reason, c.line.Review, c.value)
			}
		}
	}
	for _, c := range r.Shared {
		j.hold(c.Day, c.Source, "shared", store.MinShared, store.MinShared)
	}
	return nil
}

// blames reports whether the row is a part of what passed the line.
func (j *judge) blames(reason string, row store.Row, r store.Review) bool {
	switch reason {
	case "devices":
		return slices.Index(r.Devices, row.Device) >= int(j.lines.Devices.Review)
	case "past":
		return past(row)
	}
	return true
}

// past reports whether the row's day was told of only when it was over.
func past(row store.Row) bool {
	day, err := time.Parse(time.DateOnly, row.Date)
	return err == nil && !row.First.Before(day.AddDate(0, 0, 1+store.PastAfter))
}

// judgeShape holds what no work looks like.
func (j *judge) judgeShape(date string, f *dayFacts, totals map[string]int64) {
	t := f.sum.Tokens
	if t.Output > OutputTokens && 100*t.Output > OutputPercent*t.Total() {
		for source := range f.sources {
			j.hold(date, source, "output-share", OutputPercent, 100*t.Output/t.Total())
		}
	}
	if t.Total() <= GrowthTokens {
		return
	}
	if m := median(date, totals); m > 0 && t.Total() > GrowthFactor*m {
		for source := range f.sources {
			j.hold(date, source, "growth", max(GrowthTokens, GrowthFactor*m), t.Total())
		}
	}
}

// median is that of one's own days before the date, of those that have usage, and 0 if they are too few.
func median(date string, totals map[string]int64) int64 {
	last, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	var active []int64
	for i := range GrowthDays {
		if n := totals[last.AddDate(0, 0, -1-i).Format(time.DateOnly)]; n > 0 {
			active = append(active, n)
		}
	}
	if len(active) < GrowthActive {
		return 0
	}
	slices.Sort(active)
	return active[len(active)/2]
}

// judgeModel holds a row whose model its tool does not use, or whose parser is known to be wrong.
func (j *judge) judgeModel(row *store.Row) {
	if j.lines.foreign(row.Key) {
		j.hold(row.Date, row.Source, "model", 0, row.Tokens.Total())
	}
	if need := j.lines.Parsers[row.Source]; row.Parser < need {
		j.hold(row.Date, row.Source, "parser", int64(need), int64(row.Parser))
	}
}

// dear sums what the day's dear models cost, and by which tools.
func (j *judge) dear(f *dayFacts) (usage.Money, []string) {
	var sum usage.Money
	sources := make(map[string]bool)
	for _, row := range f.rows {
		if j.lines.Prices == nil || !row.Priced || row.Cost == 0 {
			continue
		}
		if rates, ok := j.lines.Prices.RatesOf(row.Key); ok && rates.Output > DearOutput {
			sum = sum.Add(row.Cost)
			sources[row.Source] = true
		}
	}
	return sum, sortedKeys(sources)
}
