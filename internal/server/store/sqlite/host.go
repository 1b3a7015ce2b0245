package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// Suspend implements store.Hosting.
func (s *Store) Suspend(ctx context.Context, user int64, stop bool, at time.Time) error {
	state, act := 0, "unban"
	if stop {
		state, act = 2, "ban"
	}
	return s.as(ctx, user, func(tx *sql.Tx) error {
		if err := s.settle(ctx, tx, user); err != nil {
			return err
		}
		if err := touched(tx.ExecContext(ctx, "UPDATE users SET state = ? WHERE id = ?", state, user)); err != nil {
			return err
		}
		var visibility store.Visibility
		if err := tx.QueryRowContext(ctx, "SELECT visibility FROM users WHERE id = ?", user).Scan(&visibility); err != nil {
			return err
		}
		if err := restand(ctx, tx, user, visibility, at); err != nil {
			return err
		}
		if stop {
			if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE user_id = ?", user); err != nil {
				return err
			}
		}
		return note(ctx, tx, at, user, act, "")
	})
}

// HoldCell implements store.Hosting.
func (s *Store) HoldCell(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.as(ctx, user, func(tx *sql.Tx) error {
		if err := s.settle(ctx, tx, user); err != nil {
			return err
		}
		err := touched(tx.ExecContext(ctx, `INSERT INTO holds (user_id, day, source, reason, line, value, held_at)
			SELECT user_id, day, source, ?, 0, sum(input + cache_read + cache_write_5m + cache_write_1h + output), ?
			FROM usage_day WHERE user_id = ? AND day = ? AND source = ? GROUP BY user_id, day, source
			ON CONFLICT DO UPDATE SET reason = excluded.reason, line = 0, value = excluded.value, held_at = excluded.held_at, released_at = NULL`,
			store.HeldByHost, at.Unix(), user, day, source))
		if err != nil {
			return err
		}
		if err := markHeld(ctx, tx, user, day, day); err != nil {
			return err
		}
		if err := s.rescore(ctx, tx, user, day, day, at); err != nil {
			return err
		}
		if err := sumMonths(ctx, tx, user, []string{day}); err != nil {
			return err
		}
		if err := leaveClosed(ctx, tx, user, []string{day}, at); err != nil {
			return err
		}
		return note(ctx, tx, at, user, "hold", day+" "+source)
	})
}

// Acts implements store.Hosting.
func (s *Store) Acts(ctx context.Context, user int64, limit int) ([]store.Act, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT at, coalesce(user_id, 0), action, detail FROM audit
		WHERE ?1 = 0 OR user_id = ?1 ORDER BY id DESC LIMIT ?2`, user, limit)
	return collect(rows, err, func(r *sql.Rows, a *store.Act) error {
		var at int64
		err := r.Scan(&at, &a.User, &a.Action, &a.Detail)
		a.At = time.Unix(at, 0).UTC()
		return err
	})
}
