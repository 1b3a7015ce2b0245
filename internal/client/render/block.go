package render

import (
	"strings"
	"time"

	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/usage"
)

// blockColumns are those of the blocks report.
func (v view) blockColumns(t *table) {
	v.labelColumns(t, v.Labels)
	active := v.ofRows("active", func(r *report.Row) string { return lasted(r.Last.Sub(r.First)) })
	hourly := &column{id: "per hour", lower: "per hour", steady: true, made: func(line int, _, _ bool) cell {
		if line >= len(v.Rows) {
			return cell{}
		}
		return v.perHour(v.Rows[line].Sums, v.Rows[line].Last.Sub(v.Rows[line].First))
	}}
	t.columns = append(t.columns, active, v.requests(), v.total(), v.cost(), hourly)
	t.decoration = []string{"requests"}
	t.drops = oneByOne([]string{"active", "per hour"}, middle(v.Labels))
	if len(v.Labels) == 2 {
		t.drops = oneByOne([]string{"active", "per hour", string(report.Source)})
	}
}

// perHour is what some usage cost by the hour. Of less than a minute nothing can be told.
func (s Style) perHour(sums report.Sums, in time.Duration) cell {
	if in < time.Minute || sums.Priced() == 0 {
		return cell{text: s.draw("–"), role: muted}
	}
	c := s.amount(sums)
	c.text = s.money(hourlyCost(sums.Cost, in))
	return c
}

func hourlyCost(m usage.Money, in time.Duration) usage.Money {
	return usage.Money(scaled(int64(m), int64(time.Hour/time.Second), int64(in/time.Second)))
}

// block is when a row's block begins and ends: "2026-11-22 09:00–14:00". Where there is little room it is when it begins, for all are as long as
// the heading says, and without the year if that is one.
func (v view) block(r *report.Row) cell {
	begins := r.Block.In(v.Zone).Format("2006-01-02 15:04")
	c := cell{text: begins + v.draw("–") + r.Ends().In(v.Zone).Format("15:04"), short: begins}
	if v.year != "" {
		c.short = begins[len("2006-"):]
	}
	return c
}

// running draws the blocks that are not over: how far they are, and what they come to if they go on like that.
func (v view) running() []string {
	if v.Kind != report.InBlocks || len(v.By) > 0 || v.tiny() {
		return nil
	}
	var out []string
	for i := range v.Rows {
		if r := &v.Rows[i]; r.Runs(v.now) {
			if len(out) > 0 {
				out = append(out, "")
			}
			out = append(out, v.runningBlock(r)...)
		}
	}
	return out
}

func (v view) runningBlock(r *report.Row) []string {
	from, to := r.Block.In(v.Zone), r.Ends().In(v.Zone).Format("15:04")
	gone := v.now.Sub(r.Block)
	head := []string{"now  " + from.Format("15:04") + v.draw("–") + to, name(r.Labels[1]), lasted(r.Ends().Sub(v.now)) + " left"}
	out := v.spread("", head, head[:2])
	if width := min(50, v.width()-30); width >= minBar {
		out = append(out, "  time   "+v.gauge(int64(gone), int64(report.BlockLength), width))
	}
	tokens, cost := r.Tokens.Total(), v.moneyMarked(r.Cost, r.Priced(), r.Unpriced)
	pace := r.Pace(v.now)
	if pace.Tokens.Total() == 0 {
		return append(out, v.spread("  so far ", []string{exact(tokens) + " tokens", cost}, []string{units(tokens), cost})...)
	}
	var hourly []string
	if r.Priced() > 0 {
		hourly = []string{v.money(hourlyCost(r.Cost, gone)) + "/h"}
	}
	speed := units(scaled(tokens, 60, int64(gone/time.Second))) + " tokens/min"
	out = append(out, v.spread("  so far ", append([]string{exact(tokens) + " tokens", cost, speed}, hourly...), append([]string{units(tokens), cost}, hourly...))...)
	ends := v.moneyMarked(pace.Cost, pace.Priced(), pace.Unpriced) + " by " + to
	about := "about " + units(pace.Tokens.Total()) + " tokens"
	return append(out, v.spread("  at this pace ", []string{about, ends, "estimate"}, []string{ends, "estimate"})...)
}

// gauge draws how much of something is over.
func (s Style) gauge(part, whole int64, width int) string {
	done := int(scaled(int64(width), part, whole))
	return s.paint(accent, s.draw(strings.Repeat("█", done))) + s.paint(muted, s.draw(strings.Repeat("░", width-done))) + "  " + percent(part, whole)
}

// spread puts parts side by side: all of them, or the most important ones, or below each other.
func (s Style) spread(head string, all, few []string) []string {
	for _, parts := range [][]string{all, few} {
		if line := head + strings.Join(parts, "  "); wide(line) <= s.width() {
			return []string{line}
		}
	}
	return s.wrap(head, "    ", strings.Join(few, " "))
}
