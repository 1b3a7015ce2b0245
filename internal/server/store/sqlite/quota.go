package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"strings"
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
	if len(charges) == 0 {
		return all, nil
	}
	was, err := untils(ctx, tx, charges)
	if err != nil {
		return nil, err
	}
	var next []any
	for i, c := range charges {
		var until int64
		if until, all[i] = c.Allow(was[c.Key], c.N, at); all[i].Wait > 0 {
			return all, nil
		}
		next = append(next, c.Key[:], until)
	}
	if rand.IntN(sweepEvery) == 0 {
		if _, err := tx.ExecContext(ctx, "DELETE FROM quotas WHERE until < ?", at.UnixNano()); err != nil {
			return nil, err
		}
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO quotas VALUES (?, ?)"+strings.Repeat(", (?, ?)", len(charges)-1)+" ON CONFLICT DO UPDATE SET until = excluded.until", next...)
	return all, err
}

// untils are when the quotas of the charges are whole again, as far as they were counted.
func untils(ctx context.Context, tx *sql.Tx, charges []store.Charge) (map[store.Hash]int64, error) {
	keys := make([]any, len(charges))
	for i := range charges {
		keys[i] = charges[i].Key[:]
	}
	rows, err := tx.QueryContext(ctx, "SELECT k, until FROM quotas WHERE k IN (?"+strings.Repeat(", ?", len(keys)-1)+")", keys...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	was := make(map[store.Hash]int64, len(charges))
	for rows.Next() {
		var k sql.RawBytes
		var until int64
		if err := rows.Scan(&k, &until); err != nil {
			return nil, err
		}
		was[store.Hash(k)] = until
	}
	return was, rows.Err()
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
