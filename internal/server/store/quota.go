package store

import (
	"context"
	"fmt"
	"time"
)

// Quotas count requests, for all servers of a store together.
type Quotas interface {
	// Take counts n requests if they fit into the quota, and otherwise none. With n of 0 it counts nothing and says whether
	// one more would fit.
	Take(ctx context.Context, q Quota, n int, at time.Time) (Allowance, error)
	// Shared reports whether other servers may count in the same store.
	Shared() bool
}

// Quota lets Burst requests of a subject through at once and then one every Every.
type Quota struct {
	Key   Hash // of the quota's name and its subject
	Every time.Duration
	Burst int
}

// Charge is n requests that count against a quota.
type Charge struct {
	Quota
	N int
}

// ErrLimited refuses an upload that a quota has no room for.
type ErrLimited struct {
	Charge int // which of the upload's
	Wait   time.Duration
}

func (e *ErrLimited) Error() string { return fmt.Sprintf("limited: try again in %s", e.Wait) }

// Allowance is what a quota has left.
type Allowance struct {
	Left int
	Wait time.Duration // until what was asked for fits; 0: it did
}

// Allow works out the generic cell rate algorithm: until is the time at which the quota is whole again, in nanoseconds since
// 1970. It returns the next one. A time further ahead than a quota reaches is of a clock that has gone back since: what is asked for
// is let through, and uses the quota up.
func (q Quota) Allow(until int64, n int, at time.Time) (next int64, a Allowance) {
	now, every := at.UnixNano(), int64(q.Every)
	most := now + int64(q.Burst)*every
	if until > most {
		until = most - int64(max(n, 1))*every
	}
	until = max(until, now)
	next = until + int64(max(n, 1))*every
	if next > most {
		return until, Allowance{Left: int((most - until) / every), Wait: time.Duration(next - most)}
	}
	if n == 0 {
		next = until
	}
	return next, Allowance{Left: int((most - next) / every)}
}
