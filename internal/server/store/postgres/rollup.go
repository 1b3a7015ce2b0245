package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// rollUp brings an account's sums and lines up to the rows of some days, at once.
func rollUp(ctx context.Context, tx pgx.Tx, from, to string, at time.Time) error {
	_, err := tx.Exec(ctx, "SELECT tf.roll_up($1, $2, $3)", from, to, at.UTC().Format(time.DateOnly))
	return err
}

// counted are sums of usage_day.
const counted = `coalesce(sum(requests), 0)::bigint, coalesce(sum(input), 0)::bigint, coalesce(sum(cache_read), 0)::bigint,
	coalesce(sum(cache_write_5m), 0)::bigint, coalesce(sum(cache_write_1h), 0)::bigint, coalesce(sum(output), 0)::bigint,
	coalesce(sum(reasoning), 0)::bigint, coalesce(sum(cost_uusd), 0)::bigint`

// rowSums are the columns of scanFigures, over usage_day.
const rowSums = counted + `,
	coalesce(sum(input + cache_read + cache_write_5m + cache_write_1h + output) FILTER (WHERE NOT priced), 0)::bigint,
	count(DISTINCT day), coalesce(min(day), '')`

const (
	totalQuery  = "SELECT " + rowSums + " FROM tf.usage_day WHERE user_id = $1 AND NOT held"
	deviceQuery = "SELECT " + rowSums + " FROM tf.usage_day WHERE user_id = $1 AND device_id = $2"
)

func scanFigures(row pgx.Row) (store.Figures, error) {
	var f store.Figures
	return f, row.Scan(figureFields(&f)...)
}

func figureFields(f *store.Figures) []any {
	t := &f.Tokens
	return []any{&f.Requests, &t.Input, &t.CacheRead, &t.CacheWrite5m, &t.CacheWrite1h, &t.Output, &t.Reasoning,
		&f.Cost, &f.Unpriced, &f.ActiveDays, &f.First}
}

// SumOf implements store.Days.
func (s *Store) SumOf(ctx context.Context, who store.Actor) (store.Figures, error) {
	var f store.Figures
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		var err error
		f, err = scanFigures(tx.QueryRow(ctx, totalQuery, who.User))
		return err
	})
	return f, err
}

// DeviceSum implements store.Days.
func (s *Store) DeviceSum(ctx context.Context, who store.Actor, device int64) (store.Figures, error) {
	var f store.Figures
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		var err error
		f, err = scanFigures(tx.QueryRow(ctx, deviceQuery, who.User, device))
		return err
	})
	return f, err
}

// DeviceDays implements store.Days.
func (s *Store) DeviceDays(ctx context.Context, who store.Actor, device int64, from, to string) ([]usage.Day, error) {
	var all []usage.Day
	err := s.as(ctx, who, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+dayColumns+` FROM tf.usage_day WHERE user_id = $1 AND device_id = $2 AND day BETWEEN $3 AND $4
			ORDER BY day, source, model, band, tier`, who.User, device, from, to)
		all, err = collect(rows, err, scanDay)
		return err
	})
	return all, err
}

// DaysOf implements store.Days.
func (s *Store) DaysOf(ctx context.Context, reader store.Actor, user int64, from, to string) ([]usage.Day, error) {
	if reader.User == 0 || reader.User != user {
		if _, err := s.pool.Exec(ctx, "SELECT tf.settle_one($1, $2)", user, s.today()); lagging(refusal(err)) != nil {
			return nil, refusal(err)
		}
		rows, err := s.pool.Query(ctx, "SELECT * FROM tf.public_days($1, $2, $3)", user, from, to)
		return collect(rows, err, scanDay)
	}
	var all []usage.Day
	err := s.as(ctx, reader, s.now(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT day, source, model, band, tier, "+counted+`, priced
			FROM tf.usage_day WHERE user_id = $1 AND day BETWEEN $2 AND $3 AND NOT held
			GROUP BY day, source, model, band, tier, priced ORDER BY day, source, model, band, tier, priced`, user, from, to)
		all, err = collect(rows, err, scanDay)
		return err
	})
	return all, err
}
