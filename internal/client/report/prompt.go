package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Prompt is what one line in a coding agent's prompt says.
type Prompt struct {
	Model   string // of the session, without a date
	Session Sums   // of the session that the line is in, if it is known
	Today   Sums
	Block   Sums          // of the running block of Claude Code's, which its limits are counted by
	Left    time.Duration // until that block ends; 0: there is none
	At      time.Time     // when all of it was counted, in the zone
	Old     bool          // that is long ago
}

const (
	// blockFor is how long a block of Claude Code's limits is. It begins at the full hour of its first use.
	blockFor = 5 * time.Hour
	// promptFresh is for how long figures in a prompt need no time beside them.
	promptFresh = 10 * time.Minute
)

// NewPrompt makes the line out of recent cells, counted at that time.
func NewPrompt(cells []usage.Cell, at time.Time, prices Prices, zone *time.Location, now time.Time, session, model string) Prompt {
	now = now.In(zone)
	p := Prompt{Model: usage.BareModel(model), At: at.In(zone), Old: now.Sub(at) > promptFresh}
	today := back(now, 0)
	p.Today = p.sum(cells, prices, zone, func(c usage.Cell) bool { return c.Start.In(zone).Format(time.DateOnly) == today })
	if session != "" {
		p.Session = p.sum(cells, prices, zone, func(c usage.Cell) bool { return c.Session == session })
	}
	if start := runningBlock(cells, now); !start.IsZero() {
		p.Left = start.Add(blockFor).Sub(now)
		p.Block = p.sum(cells, prices, zone, func(c usage.Cell) bool { return blocked(c) && !c.Last.Before(start) })
	}
	return p
}

// blocked reports whether a cell counts for a block.
func blocked(c usage.Cell) bool { return c.Source == "claude-code" }

func (p Prompt) sum(cells []usage.Cell, prices Prices, zone *time.Location, counts func(usage.Cell) bool) (sum Sums) {
	days := usage.ByDay(slices.DeleteFunc(slices.Clone(cells), func(c usage.Cell) bool { return !counts(c) }), zone)
	prices.Price(days)
	for _, d := range days {
		sum = sum.Add(SumOf(d))
	}
	return sum
}

// runningBlock is when the block began that now lies in; zero if there is none.
func runningBlock(cells []usage.Cell, now time.Time) (start time.Time) {
	for _, c := range cells { // in the order of time
		if blocked(c) && (start.IsZero() || !c.First.Before(start.Add(blockFor))) {
			start = c.First.Truncate(time.Hour)
		}
	}
	if now.Before(start) || !now.Before(start.Add(blockFor)) {
		return time.Time{}
	}
	return start
}
