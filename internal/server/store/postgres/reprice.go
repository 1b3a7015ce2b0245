package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/usage"
)

// Reprice implements store.Days. Other people's rows are the host's to touch: for the server's role it does nothing, and
// `tokenflexd migrate` does it.
func (s *Store) Reprice(ctx context.Context, book string, price func([]usage.Day)) (int, error) {
	if !s.host {
		return 0, nil
	}
	rows, err := s.pool.Query(ctx, "SELECT tf.priced_by_others($1)", book)
	users, err := collect(rows, err, func(r pgx.Rows, id *int64) error { return r.Scan(id) })
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, user := range users {
		n := 0
		err := s.hostAs(ctx, user, func(tx pgx.Tx) error {
			var err error
			n, err = repriceUser(ctx, tx, user, book, price)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

func repriceUser(ctx context.Context, tx pgx.Tx, user int64, book string, price func([]usage.Day)) (int, error) {
	// The account is held before its rows are read, or an upload between would be priced away.
	if _, err := tx.Exec(ctx, "SELECT tf.me()"); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, "SELECT "+dayColumns+", device_id FROM tf.usage_day WHERE user_id = $1 AND book <> $2", user, book)
	stale, err := collect(rows, err, scanRow)
	if err != nil {
		return 0, err
	}
	fresh := make([]usage.Day, len(stale))
	for i, r := range stale {
		fresh[i] = r.Day
	}
	price(fresh)
	changed, priced := 0, make([]row, len(fresh))
	for i, d := range fresh {
		if d != stale[i].Day {
			changed++
		}
		priced[i] = rowOf(d)
		priced[i].Device = stale[i].Device
	}
	_, err = tx.Exec(ctx, "SELECT tf.reprice($1, $2)", priced, book)
	return changed, err
}
