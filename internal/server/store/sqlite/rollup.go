package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// rollUp brings user_day and score up to the rows of the days whose standing may have changed.
func (u *upload) rollUp(ctx context.Context) error {
	if len(u.Cells()) == 0 {
		return nil
	}
	from, to := u.touched()
	return rollUp(ctx, u.tx, u.who.User, from, to)
}

// rollUp recomputes rather than adds: a sum made again from its parts cannot drift.
func rollUp(ctx context.Context, tx *sql.Tx, user int64, from, to string) error {
	days, err := usedDays(ctx, tx, user, from, to)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM user_day WHERE user_id = ? AND day BETWEEN ? AND ?", user, from, to); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO user_day SELECT user_id, day, source, sum(requests), sum(input), sum(cache_read),
		sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_uusd),
		coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output) FILTER (WHERE priced = 0), 0)
		FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0 GROUP BY user_id, day, source`, user, from, to)
	if err != nil {
		return err
	}
	return score(ctx, tx, user, days)
}

// usedDays returns the days that have, or had until now, something to count.
func usedDays(ctx context.Context, tx *sql.Tx, user int64, from, to string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT day FROM usage_day WHERE user_id = ?1 AND day BETWEEN ?2 AND ?3
		UNION SELECT day FROM user_day WHERE user_id = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY 1`, user, from, to)
	return collect(rows, err, func(r *sql.Rows, day *string) error { return r.Scan(day) })
}

// sums are the columns of scanFigures, over user_day.
const sums = `coalesce(sum(requests), 0), coalesce(sum(input), 0), coalesce(sum(cache_read), 0), coalesce(sum(cache_write_5m), 0),
	coalesce(sum(cache_write_1h), 0), coalesce(sum(output), 0), coalesce(sum(reasoning), 0), coalesce(sum(cost_uusd), 0),
	coalesce(sum(unpriced), 0), count(DISTINCT day), coalesce(min(day), '')`

func scanFigures(row *sql.Row) (store.Figures, error) {
	var f store.Figures
	return f, row.Scan(figureFields(&f)...)
}

func figureFields(f *store.Figures) []any {
	t := &f.Tokens
	return []any{&f.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m, &t.CacheWrite1h, &t.Output, &t.Reasoning,
		&f.Cost, &f.Unpriced, &f.ActiveDays, &f.First}
}

// total is the account's line of all time.
func total(ctx context.Context, q querier, user int64) (store.Figures, error) {
	f, err := scanFigures(q.QueryRowContext(ctx, `SELECT requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
		cost_uusd, unpriced, active_days, first_day FROM score WHERE user_id = ? AND period = ? AND source = ''`, user, store.Always.Name))
	if errors.Is(err, sql.ErrNoRows) {
		return store.Figures{}, nil
	}
	return f, err
}

// SumOf implements store.Days.
func (s *Store) SumOf(ctx context.Context, who store.Actor) (store.Figures, error) {
	return total(ctx, s.reader, who.User)
}

// DeviceSum implements store.Days.
func (s *Store) DeviceSum(ctx context.Context, who store.Actor, device int64) (store.Figures, error) {
	return deviceSum(ctx, s.reader, who.User, device)
}

func deviceSum(ctx context.Context, q querier, user, device int64) (store.Figures, error) {
	return scanFigures(q.QueryRowContext(ctx, `SELECT coalesce(sum(requests), 0), coalesce(sum(input), 0), coalesce(sum(cache_read), 0),
		coalesce(sum(cache_write_5m), 0), coalesce(sum(cache_write_1h), 0), coalesce(sum(output), 0), coalesce(sum(reasoning), 0),
		coalesce(sum(cost_uusd), 0),
		coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output) FILTER (WHERE priced = 0), 0),
		count(DISTINCT day), coalesce(min(day), '') FROM usage_day WHERE user_id = ? AND device_id = ?`, user, device))
}

// DeviceDays implements store.Days.
func (s *Store) DeviceDays(ctx context.Context, who store.Actor, device int64, from, to string) ([]usage.Day, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+dayColumns+` FROM usage_day WHERE user_id = ? AND device_id = ? AND day BETWEEN ? AND ?
		ORDER BY day, source, model, band, tier`, who.User, device, from, to)
	return collect(rows, err, scanDay)
}

// DaysOf implements store.Days.
func (s *Store) DaysOf(ctx context.Context, reader store.Actor, user int64, from, to string) ([]usage.Day, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT day, source, model, band, tier, sum(requests), sum(input), sum(cache_read),
		sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_uusd), priced
		FROM usage_day WHERE user_id = ?1 AND day BETWEEN ?3 AND ?4 AND held = 0
		AND (?1 = ?2 OR EXISTS (SELECT 1 FROM users WHERE id = ?1 AND visibility = 2 AND state = 0))
		GROUP BY day, source, model, band, tier, priced ORDER BY day, source, model, band, tier, priced`, user, reader.User, from, to)
	return collect(rows, err, scanDay)
}
