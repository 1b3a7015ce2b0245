package accept

import (
	"slices"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// judgeAccount draws the lines that are about the account as a whole. What it holds is of the judged days alone.
func (j *judge) judgeAccount(r *store.Review) error {
	for _, c := range [...]check{
		{"devices", "devices of one account", int64(len(r.Devices)), j.lines.Devices},
		{"rows", "stored rows of one account", r.Stored, j.lines.Rows},
		{"past", "past days of one account", r.Past.Days, j.lines.PastDays},
		{"past", "tokens of past days of one account", r.Past.Tokens, j.lines.PastTokens},
	} {
		passed, err := c.passed(r.From, "")
		if err != nil {
			return err
		}
		for i := range r.Rows {
			if row := &r.Rows[i]; passed && j.blames(c.reason, row, r) {
				j.holdFor(&c, row.Date, row.Source)
			}
		}
	}
	for _, c := range r.Shared {
		j.hold(c.Day, c.Source, "shared", store.MinShared, store.MinShared)
	}
	return nil
}

// blames reports whether the row is a part of what passed the line.
func (j *judge) blames(reason string, row *store.Row, r *store.Review) bool {
	switch reason {
	case "devices":
		return slices.Index(r.Devices, row.Device) >= int(j.lines.Devices.Review)
	case "past":
		return past(*row)
	}
	return true
}

// past reports whether the row's day was told of only when it was over.
func past(row store.Row) bool {
	day, err := time.Parse(time.DateOnly, row.Date)
	return err == nil && !row.First.Before(day.AddDate(0, 0, 1+store.PastAfter))
}

// judgeShape holds what no work looks like.
func (j *judge) judgeShape(d *dayFacts) {
	t := &d.tokens
	if t.Output > OutputTokens && 100*t.Output > OutputPercent*t.Total() {
		for i := range d.cells {
			j.hold(d.date, d.cells[i].source, "output-share", OutputPercent, 100*t.Output/t.Total())
		}
	}
	if t.Total() <= GrowthTokens {
		return
	}
	if m := j.median(d.date); m > 0 && t.Total() > GrowthFactor*m {
		for i := range d.cells {
			j.hold(d.date, d.cells[i].source, "growth", max(GrowthTokens, GrowthFactor*m), t.Total())
		}
	}
}

// median is that of one's own days before the date, of those that have usage, and 0 if they are too few.
func (j *judge) median(date string) int64 {
	last, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	var active []int64
	for i := range GrowthDays {
		if _, n := j.total(last.AddDate(0, 0, -1-i).Format(time.DateOnly)); n > 0 {
			active = append(active, n)
		}
	}
	if len(active) < GrowthActive {
		return 0
	}
	slices.Sort(active)
	return active[len(active)/2]
}

// judgeModel holds a row whose model its tool, which speaks to one maker's models if maker names one, does not use, or whose parser is known
// to be wrong.
func (j *judge) judgeModel(row *store.Row, maker string) {
	if maker != "" && j.lines.foreign(&row.Key, maker) {
		j.hold(row.Date, row.Source, "model", 0, row.Tokens.Total())
	}
	if need := j.lines.Parsers[row.Source]; row.Parser < need {
		j.hold(row.Date, row.Source, "parser", int64(need), int64(row.Parser))
	}
}

// judgeDear draws the line of what the day's dear models cost, over the tools that they were used by.
func (j *judge) judgeDear(d *dayFacts) error {
	if j.lines.Prices == nil {
		return nil
	}
	var sum usage.Money
	dear := func(row *store.Row) bool {
		return row.Priced && row.Cost != 0 && j.lines.Prices.Output(&row.Key) > DearOutput
	}
	for _, row := range d.rows {
		if dear(row) {
			sum = sum.Add(row.Cost)
		}
	}
	c := check{"dear", "micro-dollars a day of models that cost most", int64(sum), j.lines.DearDay}
	passed, err := c.passed(d.date, "")
	if err != nil || !passed {
		return err
	}
	for _, row := range d.rows {
		if dear(row) {
			j.holdFor(&c, d.date, row.Source)
		}
	}
	return nil
}
