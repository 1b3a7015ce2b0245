package sqlite

import (
	"context"
	"database/sql"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Reprice implements store.Days.
func (s *Store) Reprice(ctx context.Context, book string, price func([]usage.Day)) (int, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT DISTINCT user_id FROM usage_day WHERE book <> ?", book)
	users, err := collect(rows, err, func(r *sql.Rows, id *int64) error { return r.Scan(id) })
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, user := range users {
		err := s.as(ctx, user, func(tx *sql.Tx) error {
			n, err := repriceUser(ctx, tx, user, book, price)
			changed += n
			return err
		})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

func repriceUser(ctx context.Context, tx *sql.Tx, user int64, book string, price func([]usage.Day)) (int, error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+dayColumns+", device_id FROM usage_day WHERE user_id = ? AND book <> ?", user, book)
	stale, err := collect(rows, err, scanRow)
	if err != nil {
		return 0, err
	}
	fresh := make([]usage.Day, len(stale))
	for i, row := range stale {
		fresh[i] = row.Day
	}
	price(fresh)
	changed := 0
	for i, d := range fresh {
		if d != stale[i].Day {
			changed++
		}
		_, err := tx.ExecContext(ctx, `UPDATE usage_day SET cost_uusd = ?, priced = ?, book = ? WHERE user_id = ? AND device_id = ?
			AND day = ? AND source = ? AND model = ? AND band = ? AND tier = ?`,
			paid(d), d.Priced, book, user, stale[i].Device, d.Date, d.Source, d.Model, d.Band, d.Tier)
		if err != nil {
			return 0, err
		}
	}
	return changed, rollUp(ctx, tx, user, store.Always.From, store.Always.To)
}
