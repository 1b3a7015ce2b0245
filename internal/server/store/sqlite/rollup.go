package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	gosync "sync"
	"time"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// rollUp names the upload's models and notes that the sums of the changed days, and the lines made of them, wait.
func (u *upload) rollUp(ctx context.Context) error {
	if err := u.store.nameModels(ctx, u.tx, u.Families); err != nil {
		return err
	}
	return u.owe(ctx)
}

// rescore brings sums and lines up to the rows of some days, at once.
func (s *Store) rescore(ctx context.Context, tx *sql.Tx, user int64, from, to string, at time.Time) error {
	days, err := rollUp(ctx, tx, user, from, to)
	if err != nil {
		return err
	}
	rolling, err := s.rollingDay(ctx, tx, at)
	if err != nil {
		return err
	}
	return score(ctx, tx, user, days, at, rolling)
}

// nameModels says which families models belong to.
func nameModels(ctx context.Context, tx *sql.Tx, families map[string]string) error {
	for model, family := range families {
		_, err := tx.ExecContext(ctx, "INSERT INTO models VALUES (?1, ?2) ON CONFLICT DO UPDATE SET family = ?2 WHERE family <> ?2", model, family)
		if err != nil {
			return err
		}
	}
	return nil
}

// named are families by model, as they are known to be stored.
type named struct{ of gosync.Map }

func (n *named) has(model, family string) bool {
	known, _ := n.of.Load(model)
	return known == family
}

func (n *named) add(model, family string) { n.of.Store(model, family) }

// all reports whether all families are known to be stored.
func (n *named) all(families map[string]string) bool {
	for model, family := range families {
		if !n.has(model, family) {
			return false
		}
	}
	return true
}

// nameModels names those that are not known to be named. A name goes only with the database.
func (s *Store) nameModels(ctx context.Context, tx *sql.Tx, families map[string]string) error {
	for model, family := range families {
		if s.named.has(model, family) {
			continue
		}
		var kept string
		if err := tx.QueryRowContext(ctx, "SELECT family FROM models WHERE model = ?", model).Scan(&kept); err == nil && kept == family {
			s.named.add(model, family)
			continue
		}
		if err := nameModels(ctx, tx, map[string]string{model: family}); err != nil {
			return err
		}
	}
	return nil
}

// sumKey is a cell of user_day.
type sumKey struct{ day, source, family string }

// daySum is a row of user_day.
type daySum struct {
	figures [9]int64 // from requests to unpriced
	timely  bool
}

// rollUp brings user_day up to the rows of some days of an account, and returns those that changed.
func rollUp(ctx context.Context, tx *sql.Tx, user int64, from, to string) ([]string, error) {
	fresh, err := daySums(ctx, tx, `SELECT d.day, d.source, coalesce(m.family, 'other') AS family, sum(requests), sum(input), sum(cache_read),
		sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_uusd),
		coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output) FILTER (WHERE priced = 0), 0),
		min(first_seen_at) < unixepoch(d.day, '+46 days')
		FROM usage_day d LEFT JOIN models m ON m.model = d.model WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0 GROUP BY 1, 2, 3`, user, from, to)
	if err != nil {
		return nil, err
	}
	old, err := daySums(ctx, tx, `SELECT day, source, family, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_uusd,
		unpriced, timely FROM user_day WHERE user_id = ? AND day BETWEEN ? AND ?`, user, from, to)
	if err != nil {
		return nil, err
	}
	touched := make(map[string]bool)
	for k := range old {
		if _, still := fresh[k]; still {
			continue
		}
		touched[k.day] = true
		if _, err := tx.ExecContext(ctx, "DELETE FROM user_day WHERE user_id = ? AND day = ? AND source = ? AND family = ?", user, k.day, k.source, k.family); err != nil {
			return nil, err
		}
	}
	for k, sum := range fresh {
		if was, known := old[k]; known && was == sum {
			continue
		}
		touched[k.day] = true
		f := sum.figures
		_, err := tx.ExecContext(ctx, `INSERT INTO user_day VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO UPDATE SET
			requests = ?5, input = ?6, cache_read = ?7, cache_write_5m = ?8, cache_write_1h = ?9, output = ?10, reasoning = ?11, cost_uusd = ?12,
			unpriced = ?13, timely = ?14`,
			user, k.day, k.source, k.family, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], sum.timely)
		if err != nil {
			return nil, err
		}
	}
	return slices.Collect(maps.Keys(touched)), nil
}

func daySums(ctx context.Context, tx *sql.Tx, query string, args ...any) (map[sumKey]daySum, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sums := make(map[sumKey]daySum)
	for rows.Next() {
		var k sumKey
		var s daySum
		fields := []any{&k.day, &k.source, &k.family}
		for i := range s.figures {
			fields = append(fields, &s.figures[i])
		}
		if err := rows.Scan(append(fields, &s.timely)...); err != nil {
			return nil, err
		}
		sums[k] = s
	}
	return sums, rows.Err()
}

func scanFigures(row *sql.Row) (store.Figures, error) {
	var f store.Figures
	return f, row.Scan(figureFields(&f)...)
}

func figureFields(f *store.Figures) []any {
	t := &f.Tokens
	return []any{&f.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m, &t.CacheWrite1h, &t.Output, &t.Reasoning,
		&f.Cost, &f.Unpriced, &f.ActiveDays, &f.First}
}

// sumOf is what an account's days add up to, held ones left out.
func sumOf(ctx context.Context, q querier, user int64, from, to string) (store.Figures, error) {
	return scanFigures(q.QueryRowContext(ctx, "SELECT "+rowSums+" FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0", user, from, to))
}

// SumOf implements store.Days.
func (s *Store) SumOf(ctx context.Context, who store.Actor) (store.Figures, error) {
	return sumOf(ctx, s.reader, who.User, store.Always.From, store.Always.To)
}

// DeviceSum implements store.Days.
func (s *Store) DeviceSum(ctx context.Context, who store.Actor, device int64) (store.Figures, error) {
	return deviceSum(ctx, s.reader, who.User, device)
}

func deviceSum(ctx context.Context, q querier, user, device int64) (store.Figures, error) {
	return scanFigures(q.QueryRowContext(ctx, "SELECT "+rowSums+" FROM usage_day WHERE user_id = ? AND device_id = ?", user, device))
}

// DeviceDays implements store.Days.
func (s *Store) DeviceDays(ctx context.Context, who store.Actor, device int64, from, to string) ([]usage.Day, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+dayColumns+` FROM usage_day WHERE user_id = ? AND device_id = ? AND day BETWEEN ? AND ?
		ORDER BY day, source, model, band, tier`, who.User, device, from, to)
	return collect(rows, err, scanDay)
}

// DaysOf implements store.Days.
func (s *Store) DaysOf(ctx context.Context, reader store.Actor, user int64, from, to string) ([]usage.Day, error) {
	const columns = `SELECT day, source, model, band, tier, sum(requests), sum(input), sum(cache_read),
		sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(cost_uusd), priced `
	const grouped = " GROUP BY day, source, model, band, tier, priced ORDER BY day, source, model, band, tier, priced"
	if reader.User == 0 || reader.User != user {
		rows, err := s.public.QueryContext(ctx, columns+"FROM public_days WHERE user_id = ? AND day BETWEEN ? AND ?"+grouped, user, from, to)
		return collect(rows, err, scanDay)
	}
	rows, err := s.reader.QueryContext(ctx, columns+"FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0"+grouped, user, from, to)
	return collect(rows, err, scanDay)
}
