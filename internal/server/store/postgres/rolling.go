package postgres

import "context"

// RollOn implements store.Boards.
func (s *Store) RollOn(ctx context.Context, today string) error {
	var after int64
	for {
		const most = 500
		var last *int64
		var done int
		if err := s.pool.QueryRow(ctx, "SELECT o_last, o_done FROM tf.roll_on($1, $2, $3)", today, after, most).Scan(&last, &done); err != nil {
			return refusal(err)
		}
		if done < most || last == nil {
			return nil
		}
		after = *last
	}
}
