package sqlite

import (
	"context"
	"database/sql"
	"slices"
)

// monthKey is a cell of user_model.
type monthKey struct{ source, model string }

// sumMonths brings user_model up to the rows of the months that some days are in.
func sumMonths(ctx context.Context, tx *sql.Tx, user int64, days []string) error {
	var months []string
	for _, day := range days {
		months = append(months, day[:7])
	}
	slices.Sort(months)
	for _, month := range slices.Compact(months) {
		if err := sumMonth(ctx, tx, user, month); err != nil {
			return err
		}
	}
	return nil
}

func sumMonth(ctx context.Context, tx *sql.Tx, user int64, month string) error {
	fresh, err := monthSums(ctx, tx, "SELECT source, model, sum"+tokenColumns+" FROM usage_day WHERE user_id = ? AND day BETWEEN ? AND ? AND held = 0 GROUP BY 1, 2",
		user, month+"-01", month+"-31")
	if err != nil {
		return err
	}
	old, err := monthSums(ctx, tx, "SELECT source, model, tokens FROM user_model WHERE user_id = ? AND month = ?", user, month)
	if err != nil {
		return err
	}
	for k := range old {
		if _, still := fresh[k]; still {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM user_model WHERE user_id = ? AND month = ? AND source = ? AND model = ?", user, month, k.source, k.model); err != nil {
			return err
		}
	}
	for k, tokens := range fresh {
		if was, known := old[k]; known && was == tokens {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO user_model VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET tokens = ?5", user, month, k.source, k.model, tokens)
		if err != nil {
			return err
		}
	}
	return nil
}

func monthSums(ctx context.Context, tx *sql.Tx, query string, args ...any) (map[monthKey]int64, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sums := make(map[monthKey]int64)
	for rows.Next() {
		var k monthKey
		var tokens int64
		if err := rows.Scan(&k.source, &k.model, &tokens); err != nil {
			return nil, err
		}
		sums[k] = tokens
	}
	return sums, rows.Err()
}
