package board

import (
	"tokenflex.ing/internal/server/store"
)

// MinCrowd is how many accounts in aggregate mode a sum must hold before it holds any. With fewer, taking the public
// lines from the sum would tell about them what they chose not to tell.
const MinCrowd = 5

// Countable returns what a public sum may hold, and whether aggregate accounts are in it: enough of them, none of whom
// makes more than half of what they add, and nobody who makes more than half of it all.
func Countable(c store.Crowd) (sum store.Figures, all bool) {
	sum = c.Public.Figures
	add := c.Aggregate
	total := c.Public.Tokens.Total() + add.Tokens.Total()
	if add.Users < MinCrowd || 2*add.Largest > add.Tokens.Total() || 2*max(c.Public.Largest, add.Largest) > total {
		return sum, false
	}
	sum.Requests += add.Requests
	sum.Tokens = sum.Tokens.Add(add.Tokens)
	sum.Cost = sum.Cost.Add(add.Cost)
	sum.Unpriced += add.Unpriced
	return sum, true
}

// Shown returns the cells that may be shown: of everybody where enough accounts make them and none is more than half of
// one, of the public accounts alone elsewhere. Cells that nobody public is in are left out then.
func Shown(all, public []store.Slice) []store.Slice {
	type key struct{ source, family string }
	open := make(map[key]store.Slice, len(public))
	for _, c := range public {
		open[key{c.Source, c.Family}] = c
	}
	var shown []store.Slice
	for _, c := range all {
		enough := c.Aggregate >= MinCrowd && 2*c.AggregateLargest <= c.AggregateTokens && 2*c.Largest <= c.Tokens
		if !enough {
			var some bool
			if c, some = open[key{c.Source, c.Family}]; !some {
				continue
			}
		}
		shown = append(shown, c)
	}
	return shown
}
