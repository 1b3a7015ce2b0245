package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"tokenflex.ing/internal/server/store"
)

// sweepEvery is how many counts there are, about, for each removal of the quotas that are whole.
const sweepEvery = 1000

// Shared implements store.Quotas: one server has the file.
func (s *Store) Shared() bool { return false }

// Take implements store.Quotas.
func (s *Store) Take(ctx context.Context, q store.Quota, n int, at time.Time) (store.Allowance, error) {
	if n == 0 {
		until, err := untilOf(ctx, s.reader, q)
		_, a := q.Allow(until, 0, at)
		return a, err
	}
	var a []store.Allowance
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		var err error
		a, err = charge(ctx, tx, []store.Charge{{Quota: q, N: n}}, at)
		return err
	})
	if err != nil {
		return store.Allowance{}, err
	}
	return a[0], nil
}

// charge counts all charges or, if one does not fit, none.
func charge(ctx context.Context, tx *sql.Tx, charges []store.Charge, at time.Time) ([]store.Allowance, error) {
	all := make([]store.Allowance, len(charges))
	var next []any
	for i, c := range charges {
		was, err := untilOf(ctx, tx, c.Quota)
		if err != nil {
			return nil, err
		}
		var until int64
		if until, all[i] = c.Allow(was, c.N, at); all[i].Wait > 0 {
			return all, nil
		}
		next = append(next, c.Key[:], until)
	}
	if len(charges) > 0 && rand.IntN(sweepEvery) == 0 {
		if _, err := tx.ExecContext(ctx, "DELETE FROM quotas WHERE until < ?", at.UnixNano()); err != nil {
			return nil, err
		}
	}
	for ; len(next) > 0; next = next[2:] {
		if _, err := tx.ExecContext(ctx, "INSERT INTO quotas VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = ?2", next[0], next[1]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

type rower interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func untilOf(ctx context.Context, db rower, q store.Quota) (int64, error) {
	var until int64
	err := db.QueryRowContext(ctx, "SELECT until FROM quotas WHERE k = ?", q.Key[:]).Scan(&until)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return until, err
}
