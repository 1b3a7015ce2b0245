package board

import (
	"tokenflex.ing/internal/server/store"
)

// MinCrowd is how many accounts in aggregate mode a sum must hold before it holds any. With fewer, taking the public
// lines from the sum would tell about them what they chose not to tell.
const MinCrowd = 5

// Countable returns what a public sum may hold.
func Countable(c store.Crowd) store.Figures {
	if c.AggregateUsers < MinCrowd {
		return c.Public
	}
	sum := c.Public
	sum.Requests += c.Aggregate.Requests
	sum.Tokens = sum.Tokens.Add(c.Aggregate.Tokens)
	sum.Cost = sum.Cost.Add(c.Aggregate.Cost)
	sum.Unpriced += c.Aggregate.Unpriced
	return sum
}
