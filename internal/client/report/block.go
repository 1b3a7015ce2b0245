package report

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// BlockLength is how long the blocks of the blocks report are: the time that Claude's limits are counted by, after which others go by too.
const BlockLength = 5 * time.Hour

// minute is the label of a block: when it began, in the report's zone.
const minute = "2006-01-02T15:04"

// blocksOf are the starts of the blocks of each source, the oldest first. One begins at the full hour of the first use, and the next
// one with the first use after its end. Which cells a report is about moves none.
func blocksOf(cells []usage.Cell) map[string][]time.Time {
	uses := make(map[string][]time.Time)
	for i := range cells {
		uses[cells[i].Source] = append(uses[cells[i].Source], cells[i].First)
	}
	for source, all := range uses {
		slices.SortFunc(all, time.Time.Compare)
		starts := all[:0]
		for _, at := range all {
			if len(starts) == 0 || !at.Before(starts[len(starts)-1].Add(BlockLength)) {
				starts = append(starts, at.Truncate(time.Hour))
			}
		}
		uses[source] = starts
	}
	return uses
}

// blockOf is when the block began that a piece lies in.
func (g *grouper) blockOf(p *piece) time.Time {
	starts := g.blocks[p.key.Source]
	i, exact := slices.BinarySearchFunc(starts, p.first, time.Time.Compare)
	if !exact {
		i--
	}
	return starts[max(i, 0)]
}

// Ends is when the row's block ends.
func (r *Row) Ends() time.Time { return r.Block.Add(BlockLength) }

// Runs reports whether the row's block is not over.
func (r *Row) Runs(now time.Time) bool { return !now.Before(r.Block) && now.Before(r.Ends()) }

// Pace is what a running block will have used at its end, if it goes on as it did since it began. It is zero within the first minute.
func (r *Row) Pace(now time.Time) Sums {
	spent := uint64(max(0, now.Sub(r.Block)) / time.Second)
	if spent < 60 {
		return Sums{}
	}
	grown := func(n int64) int64 { // held at the largest int64
		high, low := bits.Mul64(uint64(max(0, n)), uint64(BlockLength/time.Second))
		if high >= spent {
			return math.MaxInt64
		}
		times, _ := bits.Div64(high, low, spent)
		return int64(min(times, math.MaxInt64))
	}
	t := r.Tokens
	return Sums{
		Requests: grown(r.Requests), Cost: usage.Money(grown(int64(r.Cost))), Unpriced: grown(r.Unpriced),
		Tokens: usage.Tokens{Input: grown(t.Input), CacheRead: grown(t.CacheRead), CacheWrite5m: grown(t.CacheWrite5m),
			CacheWrite1h: grown(t.CacheWrite1h), Output: grown(t.Output), Reasoning: grown(t.Reasoning)},
	}
}
