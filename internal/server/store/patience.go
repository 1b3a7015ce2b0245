package store

import (
	"context"
	"sync/atomic"
	"time"
)

type patienceKey struct{}

// WithPatience bounds how long everything that is asked of a store with the context waits for connections, all together. After it,
// what does not get one at once is ErrBusy.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	left := &atomic.Int64{}
	left.Store(int64(d))
	return context.WithValue(ctx, patienceKey{}, left)
}

// Patience returns how long to wait for a connection: as long as is left of the context's patience, and no longer than most.
func Patience(ctx context.Context, most time.Duration) time.Duration {
	const atOnce = 20 * time.Millisecond // to get one that is free
	left, bounded := ctx.Value(patienceKey{}).(*atomic.Int64)
	if !bounded {
		return most
	}
	return min(most, max(time.Duration(left.Load()), atOnce))
}

// Waited takes a wait for a connection off the context's patience.
func Waited(ctx context.Context, d time.Duration) {
	if left, bounded := ctx.Value(patienceKey{}).(*atomic.Int64); bounded {
		left.Add(-int64(d))
	}
}

// Turn lets one at a time do something.
type Turn chan struct{}

// NewTurn returns a turn that nobody has.
func NewTurn() Turn { return make(Turn, 1) }

// Try takes the turn if nobody has it.
func (t Turn) Try() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// Take waits for the turn as long as the context's patience lasts, and is ErrBusy after that.
func (t Turn) Take(ctx context.Context) error {
	if t.Try() {
		return nil
	}
	begun := time.Now()
	defer func() { Waited(ctx, time.Since(begun)) }()
	end := time.NewTimer(Patience(ctx, time.Minute))
	defer end.Stop()
	select {
	case t <- struct{}{}:
		return nil
	case <-end.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave lets the next one have the turn.
func (t Turn) Leave() { <-t }
