package postgres

import (
	"context"
	"time"

	"tokenflex.ing/internal/server/store"
)

// Shared implements store.Quotas.
func (s *Store) Shared() bool { return true }

// Take implements store.Quotas. Servers of one database must keep the same time: where clocks differ by more than a quota's window,
// a minute at least, too many requests are let through.
func (s *Store) Take(ctx context.Context, q store.Quota, n int, at time.Time) (store.Allowance, error) {
	var until *int64
	var taken bool
	err := s.pool.QueryRow(ctx, "SELECT o_until, o_taken FROM tf.take($1, $2, $3, $4, $5)",
		q.Key[:], int64(q.Every), q.Burst, n, at.UnixNano()).Scan(&until, &taken)
	if err != nil {
		return store.Allowance{}, refusal(err)
	}
	if until == nil {
		until = new(int64)
	}
	if taken { // what is left beside what was just counted
		_, a := q.Allow(*until, 0, at)
		return store.Allowance{Left: a.Left}, nil
	}
	_, a := q.Allow(*until, n, at)
	if a.Wait == 0 && n > 0 { // it filled up between the two statements
		a.Wait = q.Every
	}
	return a, nil
}
