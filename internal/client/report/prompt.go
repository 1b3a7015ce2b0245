package report

import (
	"maps"
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Prompt is what one line in a coding agent's prompt says.
type Prompt struct {
	Model   string // of the session, without a date
	Session Sums   // of the session that the line is in, if it is known
	Today   Sums
	Block   Sums          // of the running block of a tool whose limits are counted by such; of several the first to end
	Left    time.Duration // until that block ends; 0: there is none
	At      time.Time     // when all of it was counted, in the zone
	Old     bool          // that is long ago
	Rank    int64         // on the month's board, as the last sync said; 0: on none
}

// promptFresh is for how long figures in a prompt need no time beside them.
const promptFresh = 10 * time.Minute

// Blocks is how long the blocks are that limits of a source are counted by, by its ID. One begins at the full hour of its first use.
type Blocks map[string]time.Duration

// NewPrompt makes the line out of recent cells, counted at that time.
func NewPrompt(cells []usage.Cell, at time.Time, prices Prices, blocks Blocks, zone *time.Location, now time.Time, session, model string) Prompt {
	now = now.In(zone)
	p := Prompt{Model: usage.BareModel(model), At: at.In(zone), Old: now.Sub(at) > promptFresh}
	today := back(now, 0)
	p.Today = p.sum(cells, prices, zone, func(c usage.Cell) bool { return c.Start.In(zone).Format(time.DateOnly) == today })
	if session != "" {
		p.Session = p.sum(cells, prices, zone, func(c usage.Cell) bool { return c.Session == session })
	}
	for _, source := range slices.Sorted(maps.Keys(blocks)) {
		length := blocks[source]
		start := runningBlock(cells, source, length, now)
		left := start.Add(length).Sub(now)
		if start.IsZero() || p.Left != 0 && p.Left <= left {
			continue
		}
		p.Left = left
		p.Block = p.sum(cells, prices, zone, func(c usage.Cell) bool { return c.Source == source && !c.Last.Before(start) })
	}
	return p
}

func (p Prompt) sum(cells []usage.Cell, prices Prices, zone *time.Location, counts func(usage.Cell) bool) (sum Sums) {
	days := usage.ByDay(slices.DeleteFunc(slices.Clone(cells), func(c usage.Cell) bool { return !counts(c) }), zone)
	prices.Price(days)
	for _, d := range days {
		sum = sum.Add(SumOf(d))
	}
	return sum
}

// runningBlock is when the block of a source began that now lies in; zero if there is none.
func runningBlock(cells []usage.Cell, source string, length time.Duration, now time.Time) (start time.Time) {
	for _, c := range cells { // in the order of time
		if c.Source == source && (start.IsZero() || !c.First.Before(start.Add(length))) {
			start = c.First.Truncate(time.Hour)
		}
	}
	if now.Before(start) || !now.Before(start.Add(length)) {
		return time.Time{}
	}
	return start
}
