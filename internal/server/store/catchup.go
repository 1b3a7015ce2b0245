package store

import (
	"context"
	"sync/atomic"
	"time"
)

// Catching lets one reader bring boards up to date for all who ask meanwhile.
type Catching struct {
	one   chan struct{} // holds something while somebody does
	begun atomic.Int64  // how often somebody did
}

// NewCatching returns a Catching that nobody uses.
func NewCatching() *Catching { return &Catching{one: make(chan struct{}, 1)} }

// Do runs catchUp, unless somebody begins and ends it while this call waits for its turn: what was there before the call is then done.
// Nobody waits for longer than most; boards are then read as they stand.
func (c *Catching) Do(ctx context.Context, most time.Duration, catchUp func() error) error {
	return c.do(ctx, most, c.begun.Load(), catchUp)
}

func (c *Catching) do(ctx context.Context, most time.Duration, before int64, catchUp func() error) error {
	wait := time.NewTimer(Patience(ctx, most))
	defer wait.Stop()
	select {
	case c.one <- struct{}{}:
		defer func() { <-c.one }()
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.begun.Load() > before {
		return nil
	}
	c.begun.Add(1)
	return catchUp()
}
