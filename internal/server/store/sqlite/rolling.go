package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// RollOn implements store.Boards. Whoever used something on a day that comes in or goes out gets their lines again.
func (s *Store) RollOn(ctx context.Context, today string) error {
	at, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return err
	}
	const most = 200 // in one transaction, so that uploads come between
	for after, done := int64(0), false; !done; {
		err := s.anonymous(ctx, func(tx *sql.Tx) error {
			users, err := rollingUsers(ctx, tx, today, after, most)
			if err != nil {
				return err
			}
			for _, user := range users {
				after = user
				if err := s.become(ctx, tx, user, func(tx *sql.Tx) error {
					if err := s.settle(ctx, tx, user); err != nil {
						return err
					}
					return scorePeriods(ctx, tx, user, store.Rolling(at))
				}); err != nil {
					return err
				}
			}
			if done = len(users) < most; done {
				_, err = tx.ExecContext(ctx, "INSERT INTO rolling VALUES (1, ?1) ON CONFLICT DO UPDATE SET day = max(day, ?1)", today)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func rollingUsers(ctx context.Context, tx *sql.Tx, today string, after int64, most int) ([]int64, error) {
	var was sql.NullString
	if err := tx.QueryRowContext(ctx, "SELECT max(day) FROM rolling").Scan(&was); err != nil || was.Valid && was.String >= today {
		return nil, err
	}
	if !was.Valid {
		was.String = store.Always.From
	}
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT user_id FROM user_day WHERE user_id > ?1 AND (day > ?2 AND day <= ?3
		OR day >= date(?2, '-6 days') AND day < date(?3, '-6 days') OR day >= date(?2, '-29 days') AND day < date(?3, '-29 days'))
		ORDER BY user_id LIMIT ?4`, after, was.String, today, most)
	return collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
}
