package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"tokenflex.ing/internal/server/store"
)

// Suspend implements store.Hosting.
func (s *Store) Suspend(ctx context.Context, user int64, stop bool, at time.Time) error {
	return s.hostAs(ctx, user, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT tf.suspend($1, $2)", stop, at.Unix())
		return err
	})
}

// HoldCell implements store.Hosting.
func (s *Store) HoldCell(ctx context.Context, user int64, day, source string, at time.Time) error {
	return s.hostAs(ctx, user, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT tf.hold_cell($1, $2, $3)", day, source, at.Unix())
		return err
	})
}

// Acts implements store.Hosting.
func (s *Store) Acts(ctx context.Context, user int64, limit int) ([]store.Act, error) {
	rows, err := s.pool.Query(ctx, `SELECT at, coalesce(user_id, 0), action, detail FROM tf.audit
		WHERE $1 = 0::bigint OR user_id = $1 ORDER BY id DESC LIMIT $2`, user, limit)
	return collect(rows, err, func(r pgx.Rows, a *store.Act) error {
		var at int64
		err := r.Scan(&at, &a.User, &a.Action, &a.Detail)
		a.At = time.Unix(at, 0).UTC()
		return err
	})
}
