package sqlite

import (
	"context"
	"database/sql"
	"time"

	"tokenflex.ing/internal/server/store"
)

// judged returns the days whose standing the upload can change: its own, and those after them whose rolling lines
// reach back to it.
func (u *upload) judged() (from, to string) {
	for _, d := range u.Days {
		if from == "" || d.Date < from {
			from = d.Date
		}
		to = max(to, d.Date)
	}
	return from, shift(to, store.RollingDays-1)
}

func shift(day string, by int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, by).Format(time.DateOnly)
}

// review asks the judge which cells wait and marks them. What was released stays released.
func (u *upload) review(ctx context.Context) error {
	if len(u.Days) == 0 {
		return nil
	}
	from, to := u.judged()
	seen, err := u.account(ctx, from, to)
	if err != nil {
		return err
	}
	holds, err := u.Judge(seen)
	if err != nil {
		return err
	}
	waiting, err := u.setHolds(ctx, from, to, holds)
	if err != nil {
		return err
	}
	named := u.cells()
	for _, h := range waiting {
		if named[cell{h.Day, h.Source}] {
			u.receipt.Held = append(u.receipt.Held, h)
		}
	}
	return nil
}

func (u *upload) account(ctx context.Context, from, to string) (store.Review, error) {
	seen := store.Review{From: from, To: to}
	rows, err := u.tx.QueryContext(ctx, "SELECT "+dayColumns+", device_id FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ?", u.who.User, from, to)
	seen.Rows, err = collect(rows, err, scanRow)
	if err != nil {
		return seen, err
	}
	rows, err = u.tx.QueryContext(ctx, `SELECT day, sum(input + cache_read + cache_write_5m + cache_write_1h + output)
		FROM usage_day WHERE user_id = ? AND day >= ? AND day < ? GROUP BY day ORDER BY day`,
		u.who.User, shift(from, 1-store.RollingDays), from)
	seen.Before, err = collect(rows, err, func(r *sql.Rows, d *store.DayTotal) error { return r.Scan(&d.Day, &d.Tokens) })
	return seen, err
}

// setHolds makes exactly these cells of the days wait, but for the released ones and those that the host holds, and
// returns those that wait.
func (u *upload) setHolds(ctx context.Context, from, to string, holds []store.Hold) ([]store.Hold, error) {
	user := u.who.User
	if _, err := u.tx.ExecContext(ctx, "DELETE FROM holds WHERE user_id = ? AND day BETWEEN ? AND ? AND released_at IS NULL AND reason <> ?", user, from, to, store.HeldByHost); err != nil {
		return nil, err
	}
	for _, h := range holds {
		_, err := u.tx.ExecContext(ctx, `INSERT INTO holds (user_id, day, source, reason, line, value, held_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, user, h.Day, h.Source, h.Reason, h.Line, h.Value, u.At.Unix())
		if err != nil {
			return nil, err
		}
	}
	if err := markHeld(ctx, u.tx, user, from, to); err != nil {
		return nil, err
	}
	return holdsOf(ctx, u.tx, user, from, to)
}

// markHeld copies the state of the holds to the rows.
func markHeld(ctx context.Context, tx *sql.Tx, user int64, from, to string) error {
	const waits = `EXISTS (SELECT 1 FROM holds h WHERE h.user_id = usage_day.user_id AND h.day = usage_day.day
		AND h.source = usage_day.source AND h.released_at IS NULL)`
	_, err := tx.ExecContext(ctx, "UPDATE usage_day SET held = "+waits+" WHERE user_id = ? AND day BETWEEN ? AND ? AND held <> "+waits, user, from, to)
	return err
}

// HoldsOf implements store.Days.
func (s *Store) HoldsOf(ctx context.Context, who store.Actor) ([]store.Hold, error) {
	return holdsOf(ctx, s.reader, who.User, store.Always.From, store.Always.To)
}

func holdsOf(ctx context.Context, q querier, user int64, from, to string) ([]store.Hold, error) {
	rows, err := q.QueryContext(ctx, `SELECT h.day, h.source, h.reason, h.line, h.value,
		(SELECT coalesce(sum(d.input + d.cache_read + d.cache_write_5m + d.cache_write_1h + d.output), 0)
			FROM usage_day d WHERE d.user_id = h.user_id AND d.day = h.day AND d.source = h.source)
		FROM holds h WHERE h.user_id = ? AND h.day BETWEEN ? AND ? AND h.released_at IS NULL ORDER BY h.day, h.source`, user, from, to)
	return collect(rows, err, func(r *sql.Rows, h *store.Hold) error {
		return r.Scan(&h.Day, &h.Source, &h.Reason, &h.Line, &h.Value, &h.Tokens)
	})
}

// ReleaseHold implements store.Days.
func (s *Store) ReleaseHold(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.as(ctx, user, func(tx *sql.Tx) error {
		err := touched(tx.ExecContext(ctx, `UPDATE holds SET released_at = ?
			WHERE user_id = ? AND day = ? AND source = ? AND released_at IS NULL`, at.Unix(), user, day, source))
		if err != nil {
			return err
		}
		if err := markHeld(ctx, tx, user, day, day); err != nil {
			return err
		}
		if err := rollUp(ctx, tx, user, day, day); err != nil {
			return err
		}
		return note(ctx, tx, at, user, "release", day+" "+source)
	})
}
