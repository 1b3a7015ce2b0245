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
	var a store.Allowance
	err := s.anonymous(ctx, func(tx *sql.Tx) error {
		was, err := untilOf(ctx, tx, q)
		if err != nil {
			return err
		}
		var until int64
		if until, a = q.Allow(was, n, at); a.Wait > 0 {
			return nil
		}
		if rand.IntN(sweepEvery) == 0 {
			if _, err := tx.ExecContext(ctx, "DELETE FROM quotas WHERE until < ?", at.UnixNano()); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO quotas VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = ?2", q.Key[:], until)
		return err
	})
	return a, err
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
